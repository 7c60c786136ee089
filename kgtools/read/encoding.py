"""Encodings: a text in whatever encoding goes in, the same text comes out, and which encoding that was.

A document is decoded at once (`decode`), a table, which may be large, as a stream (`as_utf8`).

Why not by a detector alone: a table has few letters outside ASCII, too few for statistics. So what counts first is how
much of the table's header makes sense (`score`, by whoever knows what should stand there), then whether letters stand
where letters are likely, and only then how a detector ranks the encodings.
"""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from kgtools.errors import InputError

_PIECE = 2**20
_SAMPLE = 2**18

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_LEGACY = (
    *("cp1252", "cp1250", "latin_1", "iso8859_2", "iso8859_15", "cp1251", "cp1253", "cp1254", "cp1257", "koi8_r"),
    *("mac_roman", "cp932", "gb18030", "big5", "euc_kr"),
)
"""Encodings that programs for spreadsheets and coding write where they do not write Unicode, the likeliest first."""

_ENOUGH = 40
"""Bytes that are not ASCII, so that a detector may know better than that order."""

_TO_EACH_BROKEN = 4
"""So many characters beyond ASCII to each broken one, and a text is UTF-8 all the same."""

_TYPOGRAPHIC = frozenset("“”„‟‘’‚‹›«»–—…€•●·°§©®™\xa0。、「」，！？：；（）")
_MARKED = re.compile(r"(?<=(.))([^\x00-\x7f])", re.DOTALL)
"""What is not ASCII, with what stands before it."""


def decode(data: bytes) -> tuple[str, str, bool]:
    """A document without its byte order mark, its encoding, and whether it had such a mark.

    What has no mark and is no UTF-8 is left to charset-normalizer (it gets a MB around the first odd byte), and is else
    taken for cp1252. Bytes that cannot be decoded become U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding.removesuffix("-sig"), True
    try:
        return data.decode(), "utf-8", False
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        right, wrong = _beyond_ascii(text)
        if right >= _TO_EACH_BROKEN * wrong:
            return text, "utf-8", False
        from charset_normalizer import from_bytes

        best = from_bytes(data[max(0, error.start - 2**19) : error.start + 2**19]).best()
        encoding = "cp1252" if best is None else best.encoding.replace("_", "-")
        return data.decode(encoding, "replace"), encoding, False


@contextmanager
def as_utf8(path: Path, score: Callable[[str], int]) -> Iterator[tuple[BinaryIO, str]]:
    """Open a text file as UTF-8 without a byte order mark, and say which encoding it was taken to be in.

    A file that is UTF-8 but for a few bytes stays as it is: the rows that hold these are told one by one.

    Args:
        score: how much the beginning of the text looks like what is expected; the higher the better.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with path.open("rb") as file, tempfile.TemporaryFile() as text:
            for encoding in _encodings(file, score):
                file.seek(0)
                text.seek(0)
                text.truncate()
                if _recoded(file, text, encoding):
                    text.seek(0)
                    yield text, encoding
                    return
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error


def _encodings(file: BinaryIO, score: Callable[[str], int]) -> Iterator[str]:
    """The encodings that a file may be in, the likeliest first; the last takes any bytes."""
    sample = file.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            yield encoding
            yield "utf-8"
            return
    half = len(sample) // 2 or 1
    if sample[1::2].count(0) > 0.3 * half and sample[::2].count(0) < 0.05 * half:
        yield "utf-16-le"
    elif sample[::2].count(0) > 0.3 * half and sample[1::2].count(0) < 0.05 * half:
        yield "utf-16-be"
    file.seek(0)
    if _mostly_utf8(file):
        yield "utf-8"
        return
    ranked = _ranked(sample)
    beginnings = {encoding: sample.decode(encoding, "replace") for encoding in ranked}
    if sum(byte > 127 for byte in sample) < _ENOUGH:
        ranked = list(_LEGACY)
    yield from sorted(ranked, key=lambda encoding: (-score(beginnings[encoding]), -_likely(beginnings[encoding])))
    yield "latin_1"


def _mostly_utf8(file: BinaryIO) -> bool:
    """Whether most of what is not ASCII is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    right = wrong = 0
    for piece in iter(lambda: file.read(_PIECE), b""):
        good, bad = _beyond_ascii(decoder.decode(piece))
        right, wrong = right + good, wrong + bad
    return right >= _TO_EACH_BROKEN * wrong


def _beyond_ascii(text: str) -> tuple[int, int]:
    """How many characters beyond ASCII were decoded, and how many could not be."""
    bad = text.count("\ufffd")
    return len(text) - bad - len(text.encode("ascii", "ignore")), bad


def _ranked(sample: bytes) -> list[str]:
    """Encodings that a sample can be in, as a detector ranks them; those that it does not, behind."""
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=list(_LEGACY), enable_fallback=False)
    ranked: dict[str, None] = {}
    for match in found:
        same = {match.encoding, *match.could_be_from_charset}  # they make the same text of the sample
        ranked.update(dict.fromkeys(name for name in _LEGACY if name in same))
    return [*ranked, *(name for name in _LEGACY if name not in ranked)]


def _likely(text: str) -> int:
    """How many letters stand where they are likely, less what is not.

    Unlikely are signs and capitals within words, Latin letters with marks side by side, and words in two scripts.
    """
    right = wrong = 0
    for found in _MARKED.finditer(text):
        before, sign = found[1], found[2]
        latin, lettered = sign <= "\u024f", before.isalpha()
        if sign in _TYPOGRAPHIC:
            right += 1
        elif not sign.isalpha() or "\uff61" <= sign <= "\uff9f":  # the latter: katakana of half width
            wrong += 3 if lettered or not sign.isprintable() else 1
        elif lettered and ((before.islower() and sign.isupper()) or before.isascii() != latin):
            wrong += 1
        else:
            right += 1 if sign < "\u2e80" else 2  # from here on, Chinese and Japanese, of two bytes each
    return right - 2 * wrong


def _recoded(file: BinaryIO, text: BinaryIO, encoding: str) -> bool:
    """Write a file anew as UTF-8, a piece at a time; whether all of it could be decoded.

    Bytes that are no UTF-8 stay what they are where that is the encoding. Carriage returns become line feeds where the
    beginning has no other line ends, as old Macs wrote them.
    """
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    alone: bool | None = None
    try:
        for piece in chain(iter(lambda: file.read(_PIECE), b""), [b""]):
            decoded = decoder.decode(piece, not piece)
            if alone is None:
                alone = "\r" in decoded and "\n" not in decoded
            if alone:
                decoded = decoded.replace("\r", "\n")
            text.write(decoded.encode("utf-8", "surrogateescape" if errors != "strict" else "replace"))
    except UnicodeError:
        return False
    return True
