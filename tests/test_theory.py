"""Theories as data: slots become queries, the queries are what judges, and a further theory needs no code."""

from __future__ import annotations

import ast
import csv
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import oracle
import pyoxigraph as ox
import pytest
import rdflib
from drawn import drawn, some
from hypothesis import HealthCheck, given, settings
from strategies import bundles, write
from test_verdicts import as_oracle

from kgtools import query as query_module
from kgtools import vocabulary
from kgtools.derive import COLUMNS, derive
from kgtools.errors import OntologyError
from kgtools.pipeline import Job, derive_all
from kgtools.query import compile_query
from kgtools.read import read_bundle
from kgtools.theory import Proposition, Slot, Theory, read_theories
from kgtools.view import view
from kgtools.vocabulary import local, theory_files

CASES = Path(__file__).parent / "cases"
HABIT = CASES / "theory/habit.ttl"
QUERIES = Path(__file__).parents[1] / "queries/proposition"


def all_propositions() -> list[tuple[Theory, Proposition]]:
    """The bundled propositions and those of the made-up theory."""
    return [(theory, proposition) for theory in read_theories([HABIT]) for proposition in theory.propositions]


@pytest.mark.parametrize(("theory", "proposition"), all_propositions()[:28], ids=lambda one: getattr(one, "id", ""))
def test_query_files_are_fresh(theory: Theory, proposition: Proposition) -> None:
    """Each query file is what `make queries` would write now, is small (a chain's less so: it holds at any length), and
    names where it comes from."""
    text = (QUERIES / theory.id / f"{proposition.id}.rq").read_text("utf-8")
    body = [line for line in text.splitlines() if line and not line.startswith(("#", "PREFIX"))]

    assert compile_query(proposition, theory) == text
    assert text.startswith(f"# {proposition.id}: ")
    assert proposition.source in text.replace("\n#   ", "")
    assert len(body) <= (180 if proposition.of_chains else 90)


def test_no_query_file_is_left_over() -> None:
    """There is a query file for each proposition and no other."""
    written = {(path.parent.name, path.stem) for path in QUERIES.glob("*/*.rq")}

    assert {(theory.id, proposition.id) for theory, proposition in all_propositions()[:28]} == written


def test_queries_are_plain() -> None:
    """No query has a property path, a word on coders, or anything beyond SPARQL 1.1 that rdflib would not parse."""
    for theory, proposition in all_propositions():
        text = compile_query(proposition, theory)
        body = "\n".join(line for line in text.splitlines() if not line.startswith(("#", "PREFIX")))

        rdflib.Graph().query(text)
        assert "coder" not in body
        assert not any(path in body for path in ("/view:", "/evco:", "*", "+ ", "^"))


def test_editing_a_query_changes_the_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The query computes the verdict: a word changed in one .rq by hand comes out of `derive`."""
    copy = tmp_path / "queries"
    shutil.copytree(QUERIES.parent, copy)
    edited = copy / "proposition/zhang2018/Z-delight.rq"
    edited.write_text(edited.read_text("utf-8").replace("view:is evco:Delight", "view:is evco:FeelingValued"), "utf-8")
    real = vocabulary.folder
    monkeypatch.setattr(query_module, "folder", lambda name: copy if name == "queries" else real(name))

    _, verdicts = derive_all([CASES / "verdicts"], Job())

    assert [] == [one for one in verdicts if one.proposition == "Z-delight"]


@pytest.mark.parametrize("coders", some(["any", "majority"], 2))
def test_oxigraph_and_rdflib_give_the_same_rows(coders: str) -> None:
    """The same text gives the same rows in Oxigraph and in rdflib, bundled and made-up theories alike."""
    job = Job((HABIT,), coders)
    for folder in (CASES / "verdicts", CASES / "theory/habit"):
        for chunk in read_bundle(folder, job.vocabulary).chunks():
            lines = view(chunk, coders, job.vocabulary, job.named).lines
            store, graph = ox.Store(), rdflib.Graph()
            store.load("\n".join(lines).encode(), ox.RdfFormat.N_TRIPLES)
            graph.parse(data="\n".join(lines), format="nt")
            for question in job.questions:
                fast = store.query(question.query)
                assert isinstance(fast, ox.QuerySolutions)
                quick = {_row({name: row[name].value for name in COLUMNS}) for row in fast}
                answers = graph.query(question.query).bindings
                slow = {_row({name: str(row[rdflib.Variable(name)]) for name in COLUMNS}) for row in answers}

                assert slow == quick


def _row(cells: dict[str, str]) -> tuple[object, ...]:
    """A row, with its lists of words as sets: SPARQL does not say in which order GROUP_CONCAT goes."""
    return tuple(
        frozenset(cell.split()) if name in ("fillers", "missing", "opposed") else cell for name, cell in cells.items()
    )


def test_a_further_theory() -> None:
    """A theory in a Turtle file, with classes of its own, is judged without code, beside those that come along."""
    with (CASES / "theory/habit/expected.csv").open(encoding="utf-8", newline="") as file:
        expected = {tuple(row.values()) for row in csv.DictReader(file)}

    _, verdicts = derive_all([CASES / "theory/habit"], Job((HABIT,)))
    _, every = derive_all([CASES / "theory/habit"], Job((HABIT,), every=True))

    assert expected == {
        (one.unit_type, one.unit, one.proposition, one.verdict, one.grade) for one in verdicts if one.theory == "habit"
    }
    assert {"habit", "zhang2018", "jaakkola2014"} == {one.theory for one in every}


def as_oracle_slot(slot: Slot) -> oracle.Slot:
    """A slot in the oracle's form."""

    def names(iris: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(local, iris))

    def name(iri: str | None) -> str | None:
        return local(iri) if iri else None

    return oracle.Slot(
        slot.id,
        slot.role,
        names(slot.classes),
        name(slot.valence),
        name(slot.opposing),
        name(slot.never),
        names(slot.bearers),
        names(slot.not_bearers),
        names(slot.towards),
        names(slot.absences),
        slot.after,
        slot.same_bearer[0] if slot.same_bearer else None,
    )


MADE_UP = next(theory for theory in read_theories([HABIT]) if theory.id == "habit")
AS_ORACLE = [
    oracle.Proposition(
        one.id,
        "chain" if one.of_chains else "incident",
        tuple(map(as_oracle_slot, one.slots)),
        local(one.scope) if one.scope else None,
    )
    for one in MADE_UP.propositions
]
TREE: oracle.Classes = {**oracle.CLASSES, "Habit": ("State",), "Nostalgia": ("Habit",)}


def test_bundled_slots_are_those_of_the_design() -> None:
    """The propositions read from Turtle are those that the oracle transcribed from the design."""
    mine = {
        one.id: (
            one.of_chains,
            one.scope and local(one.scope),
            {_comparable(as_oracle_slot(slot)) for slot in one.slots},
        )
        for _, one in all_propositions()[:28]
    }
    designed = {
        one.id: (one.unit == "chain", one.scope, {_comparable(slot) for slot in one.slots})
        for one in oracle.PROPOSITIONS
    }

    assert designed == mine


def _comparable(slot: oracle.Slot) -> tuple[object, ...]:
    """A slot with what is a set as a set."""
    return tuple(frozenset(value) if isinstance(value, tuple) else value for value in vars(slot).values())


def compare(bundle: oracle.Bundle) -> None:
    """Both routes agree on the made-up theory."""
    folder = Path(tempfile.mkdtemp())
    job = Job((HABIT,), every=True)
    # `evco:` before a class of another namespace is no term; the oracle knows names without namespaces only.
    codings = [replace(row, code=row.code.replace("evco:", "") if row.code else row.code) for row in bundle.codings]
    bundle = replace(bundle, codings=tuple(codings))
    try:
        write(bundle, folder)
        mine = set()
        for chunk in read_bundle(folder, job.vocabulary).chunks():
            seen = view(chunk, "any", job.vocabulary, job.named)
            asked = [question for question in job.questions if question.proposition.theory == "habit"]
            mine |= {as_oracle(one, seen.elements) for one in derive(seen, "any", asked, every=True)}

        assert set(oracle.verdicts(bundle, "any", AS_ORACLE, TREE)) == mine
    finally:
        shutil.rmtree(folder)


@settings(max_examples=drawn(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(bundles(AS_ORACLE))
def test_two_routes_agree_on_a_further_theory(bundle: oracle.Bundle) -> None:
    """SPARQL and the plain-Python reading agree on a theory that neither was written for."""
    compare(bundle)


@pytest.mark.slow
@settings(max_examples=drawn(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(bundles(AS_ORACLE))
def test_two_routes_agree_on_a_further_theory_at_length(bundle: oracle.Bundle) -> None:
    """The same on many more bundles."""
    compare(bundle)


FAULTS = [
    ('skos:notation "H-thrice" ;', "", "no skos:notation"),
    ("evco:unit evco:Incident ;", "evco:unit evco:Act ;", "evco:unit is evco:Incident or evco:IncidentChain"),
    ("evco:slotClass h:Nostalgia ;", "", "no evco:slotClass"),
    ('skos:notation "A1" ;', 'skos:notation "the first" ;', "a capital letter"),
    ('skos:notation "A2" ;', 'skos:notation "A1" ;', "two slots of one skos:notation"),
    (
        "evco:comesAfter h:thrice_A1 .",
        "evco:comesAfter h:thrice_C .",
        "is an antecedent and refers to the consequent `C`",
    ),
    ("evco:comesAfter h:thrice_A1 .", "evco:comesAfter h:return_N .", "no other slot of its proposition"),
    (
        "evco:sharesBearerWith h:return_N .\nh:return_O",
        "evco:comesAfter h:return_O .\nh:return_O",
        "comes after itself",
    ),
    (
        'a evco:AntecedentSlot ; skos:notation "N"',
        'a evco:ConsequentSlot ; skos:notation "N"',
        "needs an evco:AntecedentSlot",
    ),
    ("a owl:Ontology , evco:Theory ;", "a owl:Ontology ;", "describes one evco:Theory"),
    ('skos:notation "habit" ;', 'skos:notation "zhang2018" ;', "give the theory another skos:notation"),
    ('skos:notation "H-aid"', 'skos:notation "Z-rude"', "`Z-rude` is"),
    ("evco:slot h:aid_A", "evco:slot h:aid_A ,,", "not Turtle"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), FAULTS, ids=[said for _, _, said in FAULTS])
def test_a_wrong_theory_is_refused(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    """A theory file that cannot be judged is refused in one line that names the file and what is wrong."""
    text = HABIT.read_text("utf-8")
    assert right in text
    path = tmp_path / "theory.ttl"
    path.write_text(text.replace(right, wrong, 1), "utf-8")

    with pytest.raises(OntologyError) as caught:
        read_theories([path])

    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_implications_rest_on_propositions() -> None:
    """Each implication of the two sources rests on propositions of its theory."""
    for theory in read_theories():
        known = {proposition.iri for proposition in theory.propositions}

        assert theory.implications
        for implication in theory.implications:
            assert implication.statement
            assert implication.rests_on
            assert set(implication.rests_on) <= known


def test_only_theory_files_name_propositions() -> None:
    """No theory in Python: no module of the package names a proposition, but in the examples of a docstring."""
    ids = [proposition.id for _, proposition in all_propositions()]
    for path in (Path(__file__).parents[1] / "kgtools").rglob("*.py"):
        module = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(module):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
                node.body[:1] = [ast.Pass()]

        text = ast.unparse(module)
        assert [] == [id for id in ids if id in text]
    assert theory_files()
