"""The page on agreement is true: its commands run and print what it says. Run as a program, it writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import BLOCK, lay_files, printed, write_anew

from kgtools.agreement.coded import COMPARED_SETS, NAMED
from kgtools.agreement.estimates import MASI, MEASURES
from kgtools.agreement.told import COLUMNS
from kgtools.cli import app
from kgtools.report.agreed import CODES

PAGE = Path(__file__).parents[1] / "docs" / "agreement.md"


def lay(folder: Path) -> None:
    """The files that the page shows."""
    lay_files(PAGE, folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place to run commands in, with the files of the page."""
    made = tmp_path_factory.mktemp("agreement")
    lay(made)
    return made


@pytest.mark.parametrize("block", BLOCK.findall(PAGE.read_text("utf-8")), ids=lambda block: block.splitlines()[0][2:])
def test_commands_print_what_the_page_shows(block: str, folder: Path) -> None:
    """Each command of the page runs, and prints the lines that follow it there."""
    assert block == printed(block, folder)


def test_every_measure_column_and_limit_is_told() -> None:
    """The page names the measures, the columns, the choices of the command and the limits."""
    page = PAGE.read_text("utf-8")
    told = [*MEASURES, MASI, *(name for name in COLUMNS if name not in ("low", "high"))]

    assert [] == [name for name in told if f"`{name}`" not in page and f"`{name}," not in page]
    assert {"--by", "--coder"} <= {name for option in app.commands["agreement"].params for name in option.opts}
    for words in (f"Beyond {NAMED} coders", f"more than {COMPARED_SETS:,} of them", f"the {CODES} codes"):
        assert words in page


if __name__ == "__main__":
    write_anew(PAGE, lay)
