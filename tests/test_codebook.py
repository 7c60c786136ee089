"""The codebook for coding programs: what it lists, in which form, and that it is recognized when it comes back."""

from __future__ import annotations

import doctest
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from kgtools import codebook
from kgtools.cli import main
from kgtools.codebook import (
    ELEMENT,
    NAMESPACE,
    as_qdc,
    guid_of,
    modifiers_by_guid,
    modifiers_by_path,
    name_of,
    terms_by_guid,
    terms_by_path,
)
from kgtools.read import read_bundle
from kgtools.read.qda.refi import read_refi
from kgtools.theory import read_theories
from kgtools.vocabulary import EVCO, Vocabulary

HERE = Path(__file__).parent
HABIT = HERE / "cases" / "theory" / "habit.ttl"
SCHEMA = HERE.parent.parent / "shared" / "data" / "refi-qda" / "Codebook-mrt2019.xsd"

CLASH = """
    @prefix c: <https://example.org/clash#> .
    @prefix evco: <https://w3id.org/evco#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    c:Delight a owl:Class ; rdfs:subClassOf evco:State ; skos:definition "Another delight, with \\u0007 < & >."@en ;
        rdfs:label "Freude"@de , "other delight"@en .
    c:Bearer a owl:Class ; rdfs:subClassOf evco:Element .
    c:mixed a owl:Class ; rdfs:subClassOf evco:Effect .
    c:Both a owl:Class ; rdfs:subClassOf evco:Element , evco:State , evco:Trust , c:Delight .
    c:Won a owl:Class ; rdfs:subClassOf evco:CoCreatedValue .
"""
"""Classes with names that are taken, with several parents, and below one that is inferred."""


def written(*theories: Path) -> bytes:
    return as_qdc(Vocabulary.read(theories), read_theories(theories))


def codes(xml: bytes) -> Iterator[tuple[tuple[str, ...], etree._Element]]:
    """The codes of a codebook, each with its path."""

    def walk(above: etree._Element, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], etree._Element]]:
        for code in above.findall(f"{{{NAMESPACE}}}Code"):
            here = (*path, said(code, "name"))
            yield here, code
            yield from walk(code, here)

    top = etree.fromstring(xml).find(f"{{{NAMESPACE}}}Codes")
    assert top is not None
    yield from walk(top, ())


def said(code: etree._Element, attribute: str) -> str:
    return str(code.attrib[attribute])


def description(code: etree._Element) -> str:
    return code.findtext(f"{{{NAMESPACE}}}Description") or ""


@pytest.fixture(name="clash")
def _clash(tmp_path: Path) -> Path:
    path = tmp_path / "clash.ttl"
    path.write_text(CLASH, "utf-8")
    return path


@pytest.mark.parametrize("theories", [(), (HABIT,)])
def test_it_is_valid(theories: tuple[Path, ...]) -> None:
    """The codebook is what the standard's schema asks for, with a user's theory too."""
    if not SCHEMA.exists():
        pytest.skip(f"{SCHEMA} is absent")
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))

    schema.assertValid(etree.fromstring(written(*theories)))


def test_same_bytes() -> None:
    """The same terms give the same bytes, in UTF-8 with plain line feeds."""
    first, second = written(HABIT), written(HABIT)

    assert first == second
    assert first.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
    assert b"\r" not in first


@pytest.mark.parametrize("theories", [(), (HABIT,)])
def test_each_term_once(theories: tuple[Path, ...]) -> None:
    """Each class that can be coded is one code, by the name that tables call it by; `Element` itself is none."""
    vocabulary = Vocabulary.read(theories)
    terms = terms_by_guid(vocabulary)
    listed = [(terms.get(said(code, "guid")), said(code, "name")) for _, code in codes(written(*theories))]

    assert sorted(vocabulary.elements - {ELEMENT}) == sorted(iri for iri, _ in listed if iri)
    assert all(vocabulary.resolve(name) == iri for iri, name in listed if iri)


@pytest.mark.parametrize("theories", [(), (HABIT,)])
def test_names_and_guids_are_unique(theories: tuple[Path, ...]) -> None:
    """No two codes share a GUID or a name, however it is capitalized, wherever they stand."""
    xml = written(*theories)
    guids = re.findall(r'<(?:Code|Set) guid="([^"]+)"', xml.decode())
    names = [path[-1].casefold() for path, _ in codes(xml)]

    assert 1 == max(Counter(guids).values())
    assert 1 == max(Counter(names).values())


def test_codes_are_nested_by_subclass() -> None:
    """A code stands below that of the class above it, a theory's after the ontology's."""
    paths = [" > ".join(path) for path, _ in codes(written(HABIT)) if path[0] == "State"]

    assert "State > RelationalState > Trust" in paths
    assert ["State > ValueExpectation", "State > Habit", "State > Habit > Nostalgia"] == paths[-3:]


def test_names_that_are_taken(clash: Path) -> None:
    """A name that another class or a group has gets its prefix, and resolves to the right class."""
    vocabulary = Vocabulary.read((clash,))
    names = [
        name_of(f"https://example.org/clash#{name}", vocabulary) for name in ("Delight", "Bearer", "mixed", "Both")
    ]

    assert ["c:Delight", "c:Bearer", "c:mixed", "Both"] == names
    assert "Delight" == name_of(EVCO + "Delight", vocabulary)


def test_several_parents(clash: Path) -> None:
    """A class of several stands once, below the nearest that can be coded: the ontology's first, then by name."""
    paths = [path for path, _ in codes(written_without_set(clash))]

    assert [("State", "RelationalState", "Trust", "Both")] == [path for path in paths if path[-1] == "Both"]
    assert [("ValueOutcome", "Won")] == [path for path in paths if path[-1] == "Won"]


def written_without_set(path: Path) -> bytes:
    return as_qdc(Vocabulary.read((path,)), [])


def test_description(clash: Path) -> None:
    """A code says what coders need: label, definition and source, in English where there are several languages."""
    texts = {path[-1]: description(code) for path, code in codes(written_without_set(clash))}

    assert "other delight: Another delight, with \ufffd < & >." == texts["c:Delight"]
    assert texts["FeelingValued"].startswith("feeling valued: The sense of mattering to the firm or its people")
    assert texts["FeelingValued"].endswith("\nSource: https://doi.org/10.1108/JSM-01-2017-0027")
    assert "segment" in texts["positive"]
    assert all(texts[name] for name in texts if ":" not in name and name not in ("Both", "Won"))


def test_colors() -> None:
    """Each part of the ontology has a color of its own, which all codes below it share."""
    vocabulary = Vocabulary.read()
    terms = terms_by_guid(vocabulary)
    colors: dict[str, set[str]] = {}
    for path, code in codes(written()):
        if said(code, "guid") in terms:
            colors.setdefault(path[0], set()).add(said(code, "color"))

    assert [1] * 6 == [len(found) for found in colors.values()]
    assert 6 == len(set.union(*colors.values()))


def test_a_set_for_each_theory() -> None:
    """A theory's set has what its slots name and all below, in the order of the codes, and nothing else."""
    terms = terms_by_guid(Vocabulary.read((HABIT,)))
    found = {
        said(one, "name"): [terms[said(member, "guid")].rpartition("#")[2] for member in one.iter("{*}MemberCode")]
        for one in etree.fromstring(written(HABIT)).iter("{*}Set")
    }

    assert 3 == len(found)
    assert all(found.values())
    assert {"Habit", "Nostalgia", "Boycott"} <= set(found["A made-up framework of habit"])
    assert "RelationalState" not in found["A made-up framework of habit"]
    zhang = next(members for name, members in found.items() if name.startswith("Zhang"))
    assert {"Delight", "ServiceRecovery", "Review", "EmotionalValue"} <= set(zhang)
    assert not {"Ownership", "OfferingChange", "ResourceGrant", "Habit"} & set(zhang)


def test_what_is_said_beside_a_term() -> None:
    """Valence, bearer, toward and presence are codes too, recognized by GUID and by path; their groups only group."""
    by_path, by_guid = modifiers_by_path(Vocabulary.read()), modifiers_by_guid(Vocabulary.read())
    found = {path: code for path, code in codes(written()) if path[0] in ("Valence", "Bearer", "Toward", "Presence")}
    groups = {path: said(code, "isCodable") for path, code in found.items() if len(path) == 1}

    assert {("Valence",): "false", ("Bearer",): "false", ("Toward",): "false", ("Presence",): "false"} == groups
    assert {path: by_path[path] for path in found if len(path) == 2} == {
        path: by_guid[said(code, "guid")] for path, code in found.items() if len(path) == 2
    }
    assert ("valence", "positive") == by_path["Valence", "positive"]
    assert ("toward", "firm") == by_path["Toward", "toward firm"] == by_path["Toward", "firm"]
    assert ("bearer", "firm") == by_path["Bearer", "by firm"] == by_path["Bearer", "firm"]
    assert ("presence", "absent") == by_path["Presence", "absent"]
    assert 4 + 7 + 7 + 1 == len(by_guid) == len([path for path in found if len(path) == 2])


def test_terms_by_path() -> None:
    """A table without GUIDs is recognized too: by the whole path that a code has in the codebook."""
    by_path = terms_by_path(Vocabulary.read((HABIT,)))

    assert EVCO + "Trust" == by_path["State", "RelationalState", "Trust"]
    assert "https://example.org/habit#Nostalgia" == by_path["State", "Habit", "Nostalgia"]
    assert ("Valence", "positive") not in by_path
    assert len(terms_by_guid(Vocabulary.read((HABIT,)))) - 1 == len(by_path)


def test_guids_stay() -> None:
    """GUIDs are made of IRIs alone: what coders have in their projects is recognized by every later version."""
    assert "2dde7d9a-413f-5e98-aa82-278c95eb8086" == guid_of(EVCO + "Delight")
    assert ("valence", "positive") == modifiers_by_guid(Vocabulary.read())["a77b2549-26fe-547e-a123-7d463f173c9d"]
    assert 0 == doctest.testmod(codebook).failed


def test_command(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """`kgtools codebook` writes it to a file or to stdout, with a theory of the user's."""
    file = tmp_path / "evco.qdc"

    assert 0 == main(["codebook", "-o", str(file), "--theory", str(HABIT)])
    assert 0 == main(["codebook", "--theory", str(HABIT)])
    assert written(HABIT) == file.read_bytes() == capsysbinary.readouterr().out


def test_round_trip(tmp_path: Path) -> None:
    """What is written is read back by our own reader of the format: the same codes, each a term or beside one."""
    file = tmp_path / "evco.qdc"
    file.write_bytes(written(HABIT))
    project = read_refi(file)
    vocabulary = Vocabulary.read((HABIT,))
    known = {**terms_by_guid(vocabulary), **modifiers_by_guid(vocabulary)}

    assert [(said(code, "guid"), path) for path, code in codes(file.read_bytes())] == [
        (code.key, code.path) for code in project.codes
    ]
    assert [("Valence",), ("Bearer",), ("Toward",), ("Presence",)] == [
        code.path for code in project.codes if code.key not in known
    ]
    assert [] == project.findings


def test_a_role_of_a_theory_of_the_user(tmp_path: Path) -> None:
    """A role that only a theory of the user's knows is understood too, by its code's path or, renamed, by its GUID."""
    theory = tmp_path / "theory.ttl"
    role = """
        <https://example.org/habit#Mediator> a owl:Class ; rdfs:subClassOf evco:Actor ; skos:notation "mediator" .
    """
    theory.write_text(HABIT.read_text("utf-8") + role, "utf-8")
    vocabulary = Vocabulary.read((theory,))
    key = next(guid for guid, said in modifiers_by_guid(vocabulary).items() if said == ("bearer", "mediator"))
    table, project = tmp_path / "table.csv", tmp_path / "project.qde"
    table.write_text("incident,code,segment\nI1,Delight,so glad\nI1,My codes > Bearer > by mediator,so glad\n", "utf-8")
    codings = "".join(
        f'<Coding guid="{n}"><CodeRef targetGUID="{code}"/></Coding>' for n, code in enumerate(("d", key))
    )
    project.write_text(
        f"""<Project xmlns="urn:QDA-XML:project:1.0" name="P"><CodeBook><Codes>
              <Code guid="d" name="Delight" isCodable="true"/><Code guid="{key}" name="Vermittler" isCodable="true"/>
            </Codes></CodeBook><Sources><TextSource guid="s" name="I1"><PlainTextContent>so glad</PlainTextContent>
              <PlainTextSelection guid="p" startPosition="0" endPosition="7">{codings}</PlainTextSelection>
            </TextSource></Sources></Project>""",
        "utf-8",
    )

    for path in (table, project):
        (chunk,) = read_bundle(path, vocabulary).chunks()

        assert [(EVCO + "Delight", "mediator")] == [
            (coding.term, coding.bearer) for coding in chunk.codings["I1"] if coding.term
        ]
