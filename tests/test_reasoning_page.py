"""The page on reasoning is true: its commands run and print what it says. Run as a program, it writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import BLOCK, lay_files, printed, write_anew

from kgtools.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "reasoning.md"


def lay(folder: Path) -> None:
    """The files that the page shows."""
    lay_files(PAGE, folder)


@pytest.mark.parametrize("block", BLOCK.findall(PAGE.read_text("utf-8")), ids=lambda block: block.splitlines()[0][2:])
def test_commands_print_what_the_page_shows(block: str, tmp_path: Path) -> None:
    """Each command of the page runs, and prints the lines that follow it there."""
    lay(tmp_path)

    assert block == printed(block, tmp_path)


def test_every_choice_is_told() -> None:
    """The page names every option of the command that only it has, and every format."""
    page = PAGE.read_text("utf-8")
    command = app.commands["reason"]
    common = {"--output", "--crosswalk", "--base", "--format", "--profile", "--classify", "--crosscheck"}

    for option in command.params:
        for name in {*option.opts, *option.secondary_opts} - common:
            assert not name.startswith("--") or name in page


def test_owlready2_opens_the_ontology_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of Python on the page run, and print what stands behind the last of them."""
    (script,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), flags=re.S)
    (tmp_path / "ontology").symlink_to(PAGE.parents[1] / "ontology")
    monkeypatch.chdir(tmp_path)
    exec(script, {})

    assert f"# {capsys.readouterr().out}" == script.rpartition("  ")[2]


if __name__ == "__main__":
    write_anew(PAGE, lay)
