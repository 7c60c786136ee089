"""Pieces: whatever the order, the syntax and the size, pieces of whole chains tell what the whole graph tells."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from drawn import drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from test_validate import CASES, EXAMPLE, STATEMENTS, VERDICTS, lifted, triples

from kgtools.errors import InputError
from kgtools.pipeline import Job, validate_all
from kgtools.read.pieces import cut
from kgtools.store import Store
from kgtools.validate import Result, results
from kgtools.vocabulary import EVCO


def written(lines: list[str], path: Path) -> Path:
    """Lines as a file."""
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def found_in_pieces(path: Path, size: int) -> list[Result]:
    """What shapes find in a file piece by piece, each result once."""
    with cut(path) as data:
        found = {one for _, piece in data.pieces(size) for one in results(piece, engine="shacl-rust")}
    return sorted(found)


@cache
def found_in_all(bundle: Path) -> list[Result]:
    """What shapes find in a lifted bundle as a whole."""
    return results(lifted(bundle), engine="shacl-rust")


@pytest.mark.parametrize("size", [1, 300, 40_000])
@pytest.mark.parametrize("order", ["lifted", "sorted", "shuffled"])
@pytest.mark.parametrize("bundle", [EXAMPLE, VERDICTS], ids=lambda bundle: bundle.name)
def test_pieces_tell_what_the_whole_tells(bundle: Path, order: str, size: int, tmp_path: Path) -> None:
    """However small the pieces are, and however the lines lie, the results are those of the graph in one piece."""
    lines = [*lifted(bundle)]
    if order == "sorted":
        lines.sort()
    elif order == "shuffled":
        Random(0).shuffle(lines)

    assert found_in_all(bundle) == found_in_pieces(written(lines, tmp_path / "graph.nq"), size)


def test_each_mistake_is_found_in_pieces(tmp_path: Path) -> None:
    """All cases of shapes in one file: each mistake is found in it as it is by itself."""
    lines: list[str] = []
    for number, case in enumerate(CASES):
        for line in triples((case / "data.ttl").read_text("utf-8")):
            lines.append(line.replace("urn:evco:data:case", f"urn:evco:data:{number}").replace("_:", f"_:n{number}"))
    path = written(lines, tmp_path / "graph.nt")

    found = found_in_pieces(path, 1)

    assert [one for one in results(lines, engine="shacl-rust") if "_:" not in str(one)] == [
        one for one in found if "_:" not in str(one)
    ]
    assert len(found) > len(CASES)


@settings(max_examples=drawn(25), deadline=None)
@given(st.lists(STATEMENTS, min_size=5, max_size=60, unique=True), st.sampled_from([1, 20]))
def test_pieces_of_anything(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, str]], size: int
) -> None:
    """Graphs that make no sense give the same results in pieces too."""
    lines = [" ".join(one) + " ." for one in said]
    path = written(lines, tmp_path_factory.mktemp("pieces") / "graph.nt")

    assert results(lines, engine="shacl-rust") == found_in_pieces(path, size)


def test_a_piece_has_about_its_size(tmp_path: Path) -> None:
    """Pieces are cut where a chain ends, no line is lost, and each is counted once."""
    lines = lifted(EXAMPLE)
    with cut(written([*lines], tmp_path / "graph.nq")) as data:
        found = [*data.pieces(500)]
        count = data.count()

    assert {re.sub(r" <[^<> ]*> \.$", " .", line) for line in lines} == {
        line for _, piece in found for line in piece.split("\n") if line
    }
    assert len(lines) == count
    assert len(lines) == sum(lines for lines, _ in found)
    assert len(found) > 3


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n{}\t{} \t{}   .\n",
        "{} {} {} .\r\n",
        "\n{}{}{}.\n\n",
        "{} {} {} <urn:g> . # said there\n",
    ],
    ids=["tabs", "CRLF", "no space", "remark"],
)
def test_quads_need_not_be_canonical(text: str, tmp_path: Path) -> None:
    """N-Quads with other white space, and with comments, are taken as what they say."""
    path = tmp_path / "graph.nq"
    path.write_bytes(
        text.format("<urn:i>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", f"<{EVCO}Incident>").encode()
    )

    assert {"urn:i"} == {one.focus for one in validate_all([path], Job())}


@pytest.mark.parametrize("ending", ["ttl", "nt", "nq", "trig", "rdf", "jsonld", "n3"])
def test_every_syntax_is_validated(ending: str, tmp_path: Path) -> None:
    """The same incidents in any syntax give the same findings, but for the lines."""
    form = ox.RdfFormat.from_extension(ending)
    assert form is not None
    path = tmp_path / f"graph.{ending}"
    quads = ox.parse("\n".join(line for line in lifted(EXAMPLE)), ox.RdfFormat.N_QUADS)
    said = ((quad if form.supports_datasets else quad.triple) for quad in quads)
    ox.serialize(said, str(path), form)

    found = [*validate_all([path], Job())]

    assert found_in_all(EXAMPLE) == sorted(one.result for one in found if one.result)


def test_a_store_is_validated(tmp_path: Path) -> None:
    """So they do from a store."""
    store = Store(tmp_path / "store")
    store.add(lifted(EXAMPLE))
    del store

    assert len(found_in_all(EXAMPLE)) == len([*validate_all([tmp_path / "store"], Job())])


def test_a_finding_on_rdf_names_the_line(tmp_path: Path) -> None:
    """Where data knows no row of a table, a finding has the line in which its focus node is described."""
    path = tmp_path / "graph.ttl"
    path.write_text(f"@prefix evco: <{EVCO}> .\n\n<urn:i> a evco:Incident .\n", "utf-8")

    assert {("graph.ttl", 3)} == {(one.file, one.row) for one in validate_all([path], Job())}


def test_processes_find_the_same(tmp_path: Path) -> None:
    """Two processes find what one finds."""
    path = written([*lifted(EXAMPLE)], tmp_path / "graph.nq")

    assert [*validate_all([path], Job(), jobs=1)] == [*validate_all([path], Job(), jobs=2)]


def test_broken_quads_are_an_error(tmp_path: Path) -> None:
    """A line that is no N-Quads is told by its number, wherever it is."""
    lines = [*lifted(EXAMPLE)]
    lines.insert(1000, '<urn:a> <urn:b> "c .')
    path = written(lines, tmp_path / "graph.nq")

    with pytest.raises(InputError, match=r"graph\.nq:1001: "):
        validate_all([path], Job())
