"""Exchange projects and codebooks (REFI-QDA): what is read of each, whatever program wrote it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kgtools.read.qda.archive import is_project
from kgtools.read.qda.project import Project
from kgtools.read.qda.refi import read_refi

SHARED = Path(__file__).parents[2] / "shared/data/refi-qda"
SAMPLES = SHARED / "samples"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample projects are not in `../shared`")


def shapes(project: Project) -> dict[str, int]:
    """How many findings there are of each kind, those of the schema aside."""
    return dict(Counter(found.shape for found in project.findings if not found.shape.startswith("refi:schema")))


@needs_samples
def test_a_project_of_qc() -> None:
    """158 selections with 205 codings, 262 codes seven deep, texts found without a scheme in their paths."""
    project = read_refi(SAMPLES / "qc-demo.qdpx")

    assert (262, 158, 205) == (len(project.codes), len(project.selections), len(project.codings))
    assert max(len(code.path) for code in project.codes) == 7
    assert ["board_2017.txt", "admin-1.txt"] == [source.name for source in project.sources]
    assert [52543, 31906] == [len(source.text or b"") for source in project.sources]
    assert {"cp"} == {coding.coder for coding in project.codings}
    assert all(selection.words is None for selection in project.selections)  # their names are line numbers
    assert {} == shapes(project)


@needs_samples
def test_the_annex_of_the_standard() -> None:
    """Of 16 elements `Coding` two are mirror images of others, in the text of a PDF: 14 codings, on 13 selections."""
    project = read_refi(SAMPLES / "atlasti8-annex.qdpx")

    assert (14, 12, 13, 14) == tuple(map(len, (project.codes, project.sources, project.selections, project.codings)))
    both = [selection for selection in project.selections if selection.start is not None and selection.fragment]
    assert [(297, 498, "page=1&viewrect=18,45,559,189"), (62, 69, "page=1&viewrect=335,367,150,53")] == [
        (selection.start, selection.end, selection.fragment) for selection in both
    ]
    assert ["ATLAS.ti", "Friedrich Markgraf", "Sebastian Petrausch"] == project.coders
    assert {"Friedrich Markgraf"} == {coding.coder for coding in project.codings}
    assert ("gender: male", "Simon", "Text files", "age: 67") == next(
        source.groups for source in project.sources if source.name == "Simon.docx"
    )
    assert ["Feelings", "negative feelings", "Breakfast food", "<3", "positive feelings"] == [
        name for name, _ in project.code_sets
    ]
    assert {"refi:text-absent": 8, "refi:left": 1} == shapes(project)


@needs_samples
def test_words_of_the_annex() -> None:
    """ATLAS.ti's names of selections are their words, cut off or not; a name that the user gave is none."""
    words = [selection.words for selection in read_refi(SAMPLES / "atlasti8-annex.qdpx").selections]

    assert "Oh, that was great. See you tomorrow? Eleven thirty. Mm." == words[0]
    assert str(words[1]).endswith("However, I am really bad…")
    assert words[3] is None  # "damage done by fatty foods", on 219 characters
    assert "granola" == words[10]


@needs_samples
@pytest.mark.parametrize(
    ("name", "codes", "deep", "sets"),
    [("atlasti9-codebook", 5, 2, 2), ("spec-annex-codebook", 6, 1, 0), ("taguette-codebook", 3, 1, 0)],
)
def test_codebooks(name: str, codes: int, deep: int, sets: int) -> None:
    """A codebook is read as a project that has codes and sets alone, whatever its namespace and its GUIDs' braces."""
    project = read_refi(SAMPLES / f"{name}.qdc")

    assert (codes, deep, sets) == (
        len(project.codes),
        max(len(code.path) for code in project.codes),
        len(project.code_sets),
    )
    assert [] == project.sources + project.codings
    assert not any(character in code.key for code in project.codes for character in "{}ABCDEF")
    assert {} == shapes(project)


@needs_samples
def test_nobody_s_home_directory_gets_in() -> None:
    """`basePath` names a home directory; nothing of it is in the values."""
    project = read_refi(SAMPLES / "atlasti8-annex.qdpx")

    assert "sebpe" not in repr(project)


@needs_samples
@pytest.mark.parametrize("name", ["atlasti8-annex.qdpx", "qc-demo.qdpx", "taguette-codebook.qdc"])
def test_projects_are_known_by_what_is_in_them(name: str, tmp_path: Path) -> None:
    """A project is one under any name."""
    other = tmp_path / "export.dat"
    other.write_bytes((SAMPLES / name).read_bytes())

    assert is_project(other)
