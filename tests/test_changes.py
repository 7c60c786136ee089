"""Changes between two states of the ontology: each is found, and called what it is to those who use it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from kgtools.changes import KINDS, as_text, changes, current_files, release, releases, state
from kgtools.cli import main
from kgtools.errors import OntologyError
from kgtools.vocabulary import EVCO, folder

HEAD = """@prefix evco: <https://w3id.org/evco#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
SMALL = (
    HEAD
    + """<https://w3id.org/evco> a owl:Ontology ; owl:versionInfo "1.0.0" .
evco:Act a owl:Class ; rdfs:label "act"@en ; skos:definition "Something done."@en .
evco:State a owl:Class ; rdfs:label "state"@en .
evco:Deed a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:unionOf ( evco:Act evco:State ) ] .
evco:Old a owl:Class ; owl:deprecated true ; dcterms:isReplacedBy evco:Act .
[] a owl:AllDisjointClasses ; owl:members ( evco:Act evco:State ) .
"""
)


def found(tmp_path: Path, *swaps: tuple[str, str]) -> list[tuple[str, str]]:
    """What is said of the small ontology after some words in it are put otherwise."""
    text = SMALL
    for before, after in swaps:
        assert before in text
        text = text.replace(before, after)
    old, new = tmp_path / "old.ttl", tmp_path / "new.ttl"
    old.write_text(SMALL, "utf-8")
    new.write_text(text, "utf-8")
    return [(one.kind, one.term.removeprefix(EVCO)) for one in changes([old], [new])]


def test_what_is_written_otherwise_is_no_change(tmp_path: Path) -> None:
    """The order of statements, of the parts of a union and of what is disjoint does not matter."""
    lines = SMALL.removeprefix(HEAD).splitlines(keepends=True)
    swap = ("".join(lines), "".join(reversed(lines)).replace("( evco:Act evco:State )", "( evco:State evco:Act )"))

    assert [] == found(tmp_path, swap)


@pytest.mark.parametrize(
    ("expected", "swap"),
    [
        ([("added", "New")], ("evco:State a", "evco:New a owl:Class . evco:State a")),
        ([("wording", "State")], ('"state"@en', '"condition"@en')),
        ([("definition", "Act")], ('"Something done."@en', '"Something done on purpose."@en')),
        ([("meaning", "State")], ('rdfs:label "state"@en', 'rdfs:label "state"@en ; rdfs:subClassOf evco:Deed')),
        ([("meaning", "Deed")], ("owl:unionOf", "owl:intersectionOf")),
        ([("meaning", "Act"), ("meaning", "State")], ("[] a owl:AllDisjointClasses ; owl:members", "[] rdf:value")),
        ([("retired", "Old")], ("evco:Old a owl:Class ; owl:deprecated true ; dcterms:isReplacedBy evco:Act .", "")),
        (
            [("deprecated", "Deed")],
            (
                "evco:Deed a owl:Class ;",
                "evco:Deed a owl:Class ; owl:deprecated true ; dcterms:isReplacedBy evco:Act ;",
            ),
        ),
    ],
    ids=lambda value: value[0][0] if isinstance(value, list) else "",
)
def test_each_change_is_called_by_what_it_does(
    expected: list[tuple[str, str]], swap: tuple[str, str], tmp_path: Path
) -> None:
    """New terms, other words, other definitions, other axioms (of terms, or among several) and deprecation."""
    assert expected == found(tmp_path, swap)


def test_a_term_that_goes_without_a_word_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told first, and the command ends with exit code 1; what it hung on has another meaning."""
    swap = ('evco:State a owl:Class ; rdfs:label "state"@en .\n', "")

    assert [("removed", "State")] == found(tmp_path, swap, ('"Something done."@en', '"A deed."@en'))[:1]
    assert 1 == main(["diff", str(tmp_path / "old.ttl"), str(tmp_path / "new.ttl"), "--format", "csv"])
    assert ["removed", "evco:State"] == list(csv.reader(io.StringIO(capsys.readouterr().out)))[1][:2]
    assert 0 == main(["diff", str(tmp_path / "new.ttl"), str(tmp_path / "old.ttl")])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("evco:State a owl:Class ;", "evco:State a owl:Class ; owl:deprecated true ;"),
        ("evco:State a owl:Class ;", "evco:State a owl:DatatypeProperty ;"),
    ],
    ids=["deprecated and not replaced", "another kind"],
)
def test_what_leaves_users_without_a_way_breaks(before: str, after: str, tmp_path: Path) -> None:
    """A term that nothing replaces, or that is no longer what it was, is as bad as one that goes."""
    found(tmp_path, (before, after))

    assert 1 == main(["diff", str(tmp_path / "old.ttl"), str(tmp_path / "new.ttl")])


def test_what_was_said_to_stay_cannot_go(tmp_path: Path) -> None:
    """`owl:deprecated false` announces nothing."""
    old, new = tmp_path / "a.ttl", tmp_path / "b.ttl"
    old.write_text(SMALL.replace("owl:deprecated true", "owl:deprecated false"), "utf-8")
    new.write_text(
        SMALL.replace("evco:Old a owl:Class ; owl:deprecated true ; dcterms:isReplacedBy evco:Act .", ""), "utf-8"
    )

    assert ["removed"] == [one.kind for one in changes([old], [new])]


def test_the_same_told_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Table, csv, json and Markdown name the same terms."""
    found(tmp_path, ('"state"@en', '"condition"@en'), ("evco:Deed a", "evco:New a owl:Class . evco:Deed a"))
    told = changes([tmp_path / "old.ttl"], [tmp_path / "new.ttl"])
    main(["diff", str(tmp_path / "old.ttl"), str(tmp_path / "new.ttl")])
    table = capsys.readouterr().out

    assert [("added", "evco:New"), ("wording", "evco:State")] == [
        (one["change"], one["term"]) for one in json.loads(as_text(told, "json"))
    ]
    assert '    - rdfs:label "state"@en\n    + rdfs:label "condition"@en\n' in table
    assert as_text(told, "markdown").splitlines() == [
        f"- added ({KINDS['added']}): `evco:New`",
        f"- wording ({KINDS['wording']}): `evco:State`",
    ]


def test_things_without_a_name_in_a_circle_are_told_too(tmp_path: Path) -> None:
    """No OWL has such circles, but RDF may: what stands in one that nothing owns is compared all the same."""
    old, new = tmp_path / "a.ttl", tmp_path / "b.ttl"
    old.write_text(SMALL, "utf-8")
    new.write_text(SMALL + "[] evco:p _:a . _:a evco:q _:a , evco:Act .", "utf-8")

    assert [("meaning", EVCO + "Act")] == [(one.kind, one.term) for one in changes([old], [new])]


def test_a_release_is_one_state_for_ever(tmp_path: Path) -> None:
    """The release's file says what the ontology's files say; another state is refused under its name."""
    path = release(tmp_path)

    assert [] == changes([path], current_files())
    assert path == release(tmp_path)
    path.write_text(SMALL, "utf-8")
    with pytest.raises(OntologyError, match="raise owl:versionInfo"):
        release(tmp_path)


def test_nothing_of_the_last_release_went_without_a_word() -> None:
    """Whoever used a term of the last release can use it, or was told what replaces it."""
    assert releases()
    assert [] == [one.term for one in changes([releases()[-1]], current_files()) if one.breaks]


def test_a_folder_is_a_state(tmp_path: Path) -> None:
    """The ontology's folder, as it lies in a checkout, is compared whole, with its theories."""
    shutil.copytree(folder("ontology"), tmp_path / "ontology")
    theory = tmp_path / "ontology" / "theory" / "zhang2018.ttl"
    theory.write_text(
        theory.read_text("utf-8").replace("evco:slotClass evco:Delight", "evco:slotClass evco:Trust"), "utf-8"
    )

    assert {"meaning"} == {one.kind for one in changes(state(folder("ontology")), state(tmp_path / "ontology"))}


@pytest.mark.parametrize("place", ["nowhere", "empty"])
def test_a_wrong_place_is_one_line(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No such file, or a folder without Turtle: exit code 2, and what would be right."""
    (tmp_path / "empty").mkdir()

    assert 2 == main(["diff", str(tmp_path / place)])
    assert "name an ontology's folder, or one file" in capsys.readouterr().err
