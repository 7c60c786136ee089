"""The page on other ontologies is true: its commands print what it says. Run as a program, it writes them anew."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
from pages import BLOCK, lay_files, write_anew
from test_readme import ROOT

from kgtools.align import alignments
from kgtools.cli import main

PAGE = ROOT / "docs" / "alignment.md"


def lay(folder: Path) -> None:
    """The files that the page shows, and the examples."""
    (folder / "examples").symlink_to(ROOT / "examples")
    lay_files(PAGE, folder)


def run(command: str, folder: Path) -> str:
    """What a command prints, stdout and stderr as they come on a terminal; in this process, which is quicker."""
    said = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        assert main(shlex.split(command)[1:]) in (0, 1)
    said.seek(0)
    return said.read()


def printed(block: str, folder: Path) -> str:
    """A block of commands, each with what it prints; a block that ends in `...` has no more lines than it had."""
    said = "".join(f"$ {command}\n{run(command, folder)}" for command in re.findall(r"^\$ (.*)$", block, re.M))
    if not block.endswith("...\n"):
        return said
    shown = max(block.count("\n") - 1, 8)
    return "".join(said.splitlines(keepends=True)[:shown]) + "...\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place to run commands in, with the files of the page."""
    made = tmp_path_factory.mktemp("alignment")
    lay(made)
    return made


@pytest.mark.parametrize("block", BLOCK.findall(PAGE.read_text("utf-8")), ids=lambda block: block.splitlines()[0][2:])
def test_commands_print_what_the_page_shows(block: str, folder: Path) -> None:
    """Each command of the page runs, and prints the lines that follow it there."""
    assert block == printed(block, folder)


def test_every_alignment_is_on_the_page() -> None:
    """Each alignment that comes along stands in the page's table, and no other."""
    text = PAGE.read_text("utf-8")
    table = text[text.index("## Which ontologies") : text.index("## How to read a table")]

    listed = {word for line in table.splitlines() if line.startswith("| ") for word in re.findall(r"`([\w-]+)`", line)}

    assert {one.id for one in alignments()} == listed


def test_links_lead_somewhere() -> None:
    """Every picture and page that the page links to is there."""
    linked = re.findall(r"\]\(([^):]+)\)", PAGE.read_text("utf-8"))

    assert "alignment.svg" in linked
    assert [] == [name for name in linked if not (PAGE.parent / name).exists()]


if __name__ == "__main__":
    write_anew(PAGE, lay, printed)
