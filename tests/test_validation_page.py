"""The page on validation is true: its commands run and print what it says. Run as a program, it writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import BLOCK, lay_files, write_anew
from test_readme import run

from kgtools.cli import app
from kgtools.validate.formats import FORMATS

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"
LONGEST_LINE = 300


def lay(folder: Path) -> None:
    """The files that the page shows."""
    lay_files(PAGE, folder)


def printed(block: str, folder: Path) -> str:
    """A block of commands, each with what it prints; long lines are cut."""
    said = ""
    for command in re.findall(r"^\$ (.*)$", block, re.M):
        lines = run(command, folder).splitlines()
        cut = (line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 3] + "..." for line in lines)
        said += f"$ {command}\n" + "".join(f"{line}\n" for line in cut)
    return said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place to run commands in, with the files of the page."""
    made = tmp_path_factory.mktemp("validation")
    lay(made)
    return made


@pytest.mark.parametrize("block", BLOCK.findall(PAGE.read_text("utf-8")), ids=lambda block: block.splitlines()[0][2:])
def test_commands_print_what_the_page_shows(block: str, folder: Path) -> None:
    """Each command of the page runs, and prints the lines that follow it there (long lines are cut)."""
    assert block == printed(block, folder)


def test_every_choice_is_told() -> None:
    """The page names every format, and every option of the command that only it has."""
    page = PAGE.read_text("utf-8")
    own = {"--shapes", "--ours", "--format", "--group-by", "--limit", "--fail-on", "--quiet"}

    assert own <= {name for option in app.commands["validate"].params for name in option.opts}
    for name in (*own, *(f"`{form}`" for form in FORMATS)):
        assert name in page


if __name__ == "__main__":
    write_anew(PAGE, lay, printed)
