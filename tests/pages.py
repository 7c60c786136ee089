"""Pages that show commands: a page of `docs/` goes in; its files, and what its commands print now, come out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from test_readme import run

BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.S)
"""A block of commands, each with what it prints."""


def lay_files(page: Path, folder: Path) -> None:
    """The files that a page shows."""
    for name, content in re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", page.read_text("utf-8"), re.S):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, "utf-8")


def printed(block: str, folder: Path) -> str:
    """A block of commands, each with what it prints."""
    return "".join(f"$ {command}\n{run(command, folder)}" for command in re.findall(r"^\$ (.*)$", block, re.M))


def write_anew(page: Path, lay: Callable[[Path], None], told: Callable[[str, Path], str] = printed) -> None:
    """Put into a page what its commands print now."""
    with tempfile.TemporaryDirectory() as place:
        lay(Path(place))
        text = BLOCK.sub(lambda block: told(block[0], Path(place)), page.read_text("utf-8"))
    page.write_text(text, "utf-8")
