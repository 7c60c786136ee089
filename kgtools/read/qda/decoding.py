"""Texts of coding programs: bytes go in, characters come out, with the encoding that they were in."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before that of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII = bytes(range(128))
_MOSTLY = 10
"""So many characters beyond ASCII to each broken one, and a text is UTF-8 all the same."""


def decode(data: bytes) -> tuple[str, str, bool]:
    """Bytes as text without a byte order mark, their encoding, and whether they had such a mark.

    What has no mark and is no UTF-8 is left to charset-normalizer (it gets a MB around the first odd byte), and is else
    taken for cp1252. Bytes that cannot be decoded become U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, errors="replace")
            return text, encoding.removesuffix("-le").removesuffix("-be"), True
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", errors="replace")
        lost = text.count("\ufffd")
        if _MOSTLY * lost < len(data.translate(None, delete=_ASCII)) // 2:
            return text, "utf-8", False
        from charset_normalizer import from_bytes

        best = from_bytes(data[max(0, error.start - 2**19) : error.start + 2**19]).best()
        encoding = "cp1252" if best is None else best.encoding.replace("_", "-")
        return data.decode(encoding, errors="replace"), encoding, False
