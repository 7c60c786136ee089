"""Text: a file goes in, the text that it holds comes out, or one line on why there is none."""

from __future__ import annotations

from pathlib import Path

from kgtools.errors import InputError


def text_of(path: Path, wanted: str) -> str:
    """The text of a file in UTF-8, without a byte order mark.

    Args:
        wanted: what should have been named, to end the message with.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error}); name {wanted}", path) from error
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8; save it as UTF-8", path) from error
