"""The page on coding programs is true: its commands run and print what it says. As a program, it writes them anew."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import interviews
import pytest
from pages import BLOCK, lay_files, printed, write_anew
from pyoxigraph import RdfFormat, Store
from test_readme import ROOT, run

from kgtools.vocabulary import PREFIXES

PAGE = ROOT / "docs" / "coding-programs.md"
READERS = ROOT / "kgtools/read/qda"
EXAMPLE = "examples/interviews/interviews.qdpx"
_FINDING = re.compile(r"[\"'](?:refi|file|text|selection|project|taguette|qualcoder):[a-z-]+")
_OFFSETS = re.compile(r"^\|[^|]*\| `(.+?); CRLF as (.+?); BOM (.+?)` \| (\d+) \| (\d+) \|$", re.M)


def lay(folder: Path) -> None:
    """The files that the page shows, and the examples."""
    (folder / "examples").symlink_to(ROOT / "examples")
    lay_files(PAGE, folder)


def module(name: str) -> ModuleType:
    """A module of the readers, in whichever folder."""
    (path,) = READERS.rglob(f"{name}.py")
    return importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


@pytest.fixture(scope="module")
def graph(folder: Path) -> Store:
    """The example's graph."""
    run(f"kgtools import {EXAMPLE} -o example.nq --quiet", folder)
    store = Store()
    store.load(path=folder / "example.nq", format=RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place to run commands in, with the files of the page."""
    made = tmp_path_factory.mktemp("coding-programs")
    lay(made)
    return made


@pytest.mark.parametrize("block", BLOCK.findall(PAGE.read_text("utf-8")), ids=lambda block: block.splitlines()[0][2:])
def test_commands_print_what_the_page_shows(block: str, folder: Path) -> None:
    """Each command of the page runs, and prints the lines that follow it there."""
    assert block == printed(block, folder)


def test_the_example_is_what_its_maker_makes() -> None:
    """The project in `examples/` is the one that `tests/interviews.py` writes."""
    assert interviews.FILE == ROOT / EXAMPLE
    assert interviews.made() == interviews.FILE.read_bytes()


def test_every_quote_of_the_example_is_found(graph: Store) -> None:
    """Each place is that of the words marked, in code points of the narrative, though the file counts otherwise."""
    rows = graph.query(
        """SELECT ?incident ?words ?start ?end {
             ?target oa:hasSource ?report ; oa:hasSelector [ oa:exact ?words ] , [ oa:start ?start ; oa:end ?end ] .
             ?incident evco:reportedIn ?report }""",
        prefixes=dict(PREFIXES),
        use_default_graph_as_union=True,
    )
    found = {tuple(term.value for term in row) for row in rows}  # type: ignore[union-attr]
    expected = set()
    for name, (_, paragraphs, marked) in interviews.STORIES.items():
        text = "\n\n".join(paragraphs)
        for _, words, _ in marked:
            start = text.index(words)
            incident = f"urn:evco:data:interviews/incident/{name.replace(' ', '%20')}"
            expected.add((incident, words, str(start), str(start + len(words))))

    assert expected == found


def test_the_excerpt_is_in_the_graph(graph: Store) -> None:
    """Each statement of the Turtle that the page shows is one of the example's graph."""
    found = re.search(r"<!-- excerpt -->\n```turtle\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert found is not None
    prefixes = "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in PREFIXES.items())
    shown = Store()
    shown.load((prefixes + found[1]).encode(), format=RdfFormat.TURTLE)
    stated = {(quad.subject, quad.predicate, quad.object) for quad in graph}

    assert len(shown) > 15
    assert [] == [str(quad) for quad in shown if (quad.subject, quad.predicate, quad.object) not in stated]


def test_offsets_are_counted_as_the_page_says() -> None:
    """The table of offsets holds for the two lines above it, with a byte order mark, and CRLF at their ends."""
    page = PAGE.read_text("utf-8")
    lines = re.findall(r"^    (\S.*)$", page[: page.index("<!-- offsets -->")], re.M)[-2:]
    rows = _OFFSETS.findall(page)

    assert len(rows) == 5
    for unit, crlf, mark, *shown in rows:
        ends = "\r\n" if crlf == "two" else "\n"
        text = "".join(f"{line}{ends}" for line in lines)
        encoding, width = {"code point": ("utf-32-le", 4), "utf-16": ("utf-16-le", 2), "byte": ("utf-8", 1)}[unit]
        before = ("\ufeff" if mark == "counted" else "") + text[: text.index("delighted")]
        expected = [len(said.encode(encoding)) // width for said in (before, f"{before}delighted")]

        assert expected == [int(offset) for offset in shown]


def test_every_finding_of_the_readers_is_told() -> None:
    """The page tells each finding that only files of coding programs have."""
    page = PAGE.read_text("utf-8")
    sources = [path.read_text("utf-8") for path in READERS.rglob("*.py")]
    named = {name[1:] for source in sources for name in _FINDING.findall(source)}

    assert len(named) > 20
    assert [] == sorted(name for name in named if f"`{name}" not in page)


def test_limits_are_told() -> None:
    """The page gives the limits that the readers have."""
    page = " ".join(PAGE.read_text("utf-8").split())
    archive, sqlite = module("archive"), module("sqlite")

    assert f"At most {archive.MOST_MEMBERS:,} members, {archive.LARGEST_READ >> 20} MiB of any" in page
    assert f"{archive.LARGEST_ALL >> 20} MiB in all" in page
    assert f"At most {sqlite.LARGEST >> 30} GiB, {sqlite.LARGEST_CELL >> 20} MiB a cell" in page
    assert sqlite.PATIENCE == 300
    assert "five minutes" in page


if __name__ == "__main__":
    write_anew(PAGE, lay)
