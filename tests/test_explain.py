"""Explanations: nothing in them is invented; each change that they name does what it says, by another route."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import oracle
import pytest
from drawn import drawn, some
from hypothesis import HealthCheck, given, settings
from oracle import ActorRow, CodingRow, IncidentRow
from pydantic import TypeAdapter
from rdflib import RDF, Graph, URIRef
from strategies import EDGES, bundles, write

from kgtools.cli import main
from kgtools.derive import SAYING, derive
from kgtools.explain import Explained, explain, telling
from kgtools.explain.account import Account
from kgtools.explain.prov import as_turtle
from kgtools.explain.situation import Situation, before_each
from kgtools.explain.text import as_json, as_markdown, escaped
from kgtools.explain.whatif import Change, changes, edited
from kgtools.pipeline import Job
from kgtools.read import Chunk, read_bundle
from kgtools.view import view
from kgtools.vocabulary import EVCO, folder, local

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
EXAMPLE = ROOT / "examples/online-service"
HABIT = CASES / "theory/habit.ttl"
Captured = pytest.CaptureFixture[str]


@lru_cache
def job(coders: str = "any", theory: Path | None = None) -> Job:
    """The bundled theories, and another one if it is named."""
    return Job(coders=coders, every=True, theory_files=(theory,) if theory else ())


def situations(folder: Path, asked: Job, *, few: int | None = None) -> Iterator[Situation]:
    """Every unit of a bundle before every proposition, or before so many that have something to say or to lack."""
    for chunk in read_bundle(folder, asked.vocabulary).chunks(1):
        chosen = [
            situation
            for number, incident in enumerate(chunk.incidents)
            for situation in before_each(chunk, incident.id, asked.questions, asked)
            if number == 0 or not situation.proposition.of_chains
        ]
        if few is not None:
            chosen.sort(key=lambda one: (one.verdict.verdict not in SAYING, -len(one.verdict.uses), one.verdict.unit))
        yield from chosen[:few]


# The changes, by another route


def told_again(chunk: Chunk, mark: str) -> oracle.Bundle:
    """A chain as the rows of tables, its incidents and codings renamed."""

    def named(id: str) -> str:
        return f"{mark}-{id}"

    roles = {iri: word for word, iri in job().vocabulary.roles.items()}
    codings = [
        CodingRow(
            incident=named(row.incident),
            code=row.code if row.term is None else row.term.removeprefix(EVCO),
            id=named(row.id),
            element=row.element,
            presence="absent" if row.absent else "present",
            valence=row.valence,
            bearer=row.bearer,
            toward=row.toward,
            step=None if row.step is None else str(row.step),
            leads_to=";".join(map(named, row.leads_to)),
            coder=row.coder,
        )
        for rows in chunk.codings.values()
        for row in rows
    ]
    incidents = [
        IncidentRow(
            named(one.id),
            channel=local(one.channel) if one.channel else None,
            follows=named(one.follows) if one.follows else None,
            told_by=one.told_by,
        )
        for one in chunk.incidents
    ]
    actors = [ActorRow(one.id, ";".join(sorted(roles[role] for role in one.roles))) for one in chunk.actors.values()]
    return oracle.Bundle(codings, incidents, actors)


Outcomes = dict[tuple[str, str, str, str], tuple[str, str]]


def derived(folder: Path, coders: str, theory: Path | None, propositions: set[str]) -> Outcomes:
    """Verdict and grade of every unit on some propositions, from tables."""
    asked = job(coders, theory)
    questions = [one for one in asked.questions if one.proposition.id in propositions]
    found: Outcomes = {}
    for chunk in read_bundle(folder, asked.vocabulary).chunks():
        seen = view(chunk, coders, asked.vocabulary, asked.named)
        for one in derive(seen, coders, questions, every=True):
            found[coders, one.unit_type, one.unit, one.proposition] = (one.verdict, one.grade)
    return found


def check_changes(tried: list[tuple[Situation, list[Change]]], theory: Path | None = None) -> int:
    """Write every changed chain down as tables, read and derive them anew, and ask the oracle too."""
    expected: Outcomes = {}
    rows: dict[str, list[oracle.Bundle]] = {}
    for situation, found in tried:
        for change in found:
            assert (change.verdict, change.grade) != (situation.verdict.verdict, situation.verdict.grade)
            assert change.ways or change.coders
            ways = [(way, situation.coders) for way in change.ways] + [((), coders) for coders in change.coders]
            for way, coders in ways:
                mark = f"w{len(expected)}"
                rows.setdefault(coders, []).append(told_again(edited(situation.chunk, way), mark))
                verdict = situation.verdict
                unit = f"{mark}-{verdict.unit}"
                expected[coders, verdict.unit_type, unit, verdict.proposition] = (change.verdict, change.grade)
    found_again: Outcomes = {}
    by_oracle: Outcomes = {}
    for coders, told in rows.items():
        whole = oracle.Bundle(
            [row for one in told for row in one.codings],
            [row for one in told for row in one.incidents],
            list({row.actor: row for one in told for row in one.actors}.values()),
        )
        with tempfile.TemporaryDirectory() as place:
            write(whole, Path(place) / "again")
            found_again |= derived(Path(place) / "again", coders, theory, {key[3] for key in expected})
        if theory is None:
            named = [one for one in oracle.PROPOSITIONS if one.id in {key[3] for key in expected}]
            for one in oracle.verdicts(whole, coders, named):
                by_oracle[coders, one.unit_type, one.unit, one.proposition] = (one.verdict, one.grade)

    assert expected == {key: found_again[key] for key in expected}
    if theory is None:
        assert expected == {key: by_oracle[key] for key in expected}
    return len(expected)


@pytest.mark.parametrize("coders", some(["any", "all", "marc"], 3))
def test_changes_of_the_example_hold(coders: str) -> None:
    """Every change that is named for the example does what it says when the changed tables are read and derived."""
    tried = [(one, changes(one)) for one in situations(EXAMPLE, job(coders), few=5)]

    assert check_changes(tried) > 100


@pytest.mark.parametrize("coders", some(["any", "majority", "c1"], 2))
def test_changes_of_worked_cases_hold(coders: str) -> None:
    """The same on the design's worked cases: on each unit for the propositions that speak to it."""
    tried = [(one, changes(one)) for one in situations(CASES / "verdicts", job(coders), few=1)]

    assert check_changes(tried) > 100


def test_changes_hold_for_a_theory_of_ones_own(tmp_path: Path) -> None:
    """The same for a theory that Python knows nothing of."""
    write(
        oracle.Bundle(
            [
                CodingRow("I1", "Review", "a", bearer="anna", step="1", coder="c1"),
                CodingRow("I1", "Review", "b", bearer="anna", step="2", coder="c1"),
                CodingRow("I2", "PeerSupport", "c", bearer="anna", toward="customer", coder="c1"),
                CodingRow("I2", "EmotionalValue", "d", valence="negative", bearer="ben", coder="c1"),
            ],
            [IncidentRow("I1", "Forum"), IncidentRow("I2", "Forum")],
            [ActorRow("anna", "customer"), ActorRow("ben", "customer")],
        ),
        tmp_path / "habits",
    )
    asked = job("any", HABIT)
    tried = [
        (one, changes(one)) for one in situations(tmp_path / "habits", asked) if one.proposition.id.startswith("H-")
    ]
    words = {(one.proposition.id, one.verdict.unit): [change.words for change in found] for one, found in tried}

    assert check_changes(tried, HABIT) >= 4
    assert words["H-thrice", "I1"][0].startswith("another Review")


@pytest.mark.parametrize("bundle", EDGES.values(), ids=EDGES)
def test_changes_hold_at_the_edges(bundle: oracle.Bundle, tmp_path: Path) -> None:
    """The same on bundles made by hand for rules that random ones seldom reach."""
    write(bundle, tmp_path / "edge")
    check_changes([(one, changes(one)) for one in situations(tmp_path / "edge", job(), few=8)])


def changes_hold(bundle: oracle.Bundle) -> None:
    """All changes named for a bundle hold, for several sets of coders; and explanations keep to the verdict."""
    with tempfile.TemporaryDirectory() as place:
        write(bundle, Path(place) / "drawn")
        coders = sorted({row.coder for row in bundle.codings if row.coder})
        for who in ("any", "all", *coders[:1]):
            chosen = [*situations(Path(place) / "drawn", job(who), few=2)]
            for situation in chosen:
                keeps_to_the_verdict(situation)
            check_changes([(one, changes(one)) for one in chosen])


@settings(max_examples=drawn(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(bundles())
def test_changes_hold(bundle: oracle.Bundle) -> None:
    """Every change named for a random bundle holds by the tables and by the oracle."""
    changes_hold(bundle)


@pytest.mark.slow
@settings(max_examples=drawn(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(bundles())
def test_changes_hold_at_length(bundle: oracle.Bundle) -> None:
    """The same on many more bundles."""
    changes_hold(bundle)


# Nothing more and nothing less than the verdict


def keeps_to_the_verdict(situation: Situation) -> None:
    """What the verdict uses stands in its slot and is no near miss; what it does not use has a reason."""
    verdict, states = situation.verdict, situation.slots
    shown = {one.iri for state in states.values() for one in (*state.fills, *state.opposes)}

    assert set(verdict.evidence_iris) == shown
    for state in states.values():
        used = {one.iri for one in (*state.fills, *state.opposes)}
        assert not used & {miss.element.iri for miss in state.near}
        assert all(miss.reasons for miss in state.near)
        if state.slot.role == "consequent" and not set(verdict.missing) & {
            slot.id for slot in situation.proposition.antecedents
        }:
            waits = {other for other in state.slot.after if not states[other].fills}
            assert waits or not (state.ready or state.ready_opposing), f"{state.slot.id} is judged otherwise"


@pytest.mark.parametrize("coders", ["any", "majority", "all", "c1", "c2"])
def test_reasons_agree_with_the_query(coders: str) -> None:
    """On the worked cases the reasons for what is left out never contradict what the query takes in."""
    for situation in situations(CASES / "verdicts", job(coders)):
        keeps_to_the_verdict(situation)


def test_all_evidence_is_shown() -> None:
    """Each coding in the evidence of a verdict is shown in a slot, with its quote, coder and row."""
    rows = (EXAMPLE / "codings.csv").read_text("utf-8").splitlines()
    for incident in read_bundle(EXAMPLE, job().vocabulary).incidents():
        explained = explain(EXAMPLE, incident, job())
        for verdict, one in zip(explained.verdicts, explained.account.explanations, strict=True):
            told = [
                coding for slot in one.slots for use in (*slot.fills, *slot.opposes) for coding in use.element.codings
            ]

            assert {coding.id for coding in told} == set(verdict.evidence)
            for coding in told:
                assert coding.row is not None
                line = rows[coding.row - 1]
                assert line.startswith(f"{coding.id},")
                assert str(coding.coder) in line
                assert (coding.quote or "") in line.replace('""', '"')


NEAR = {
    ("V05", "Z-delight", "any"): {},
    ("V10", "Z-delight", "any"): {"B": ["neutral valence, and positive is asked for"]},
    ("V16", "Z-recovery", "any"): {
        "F": ["recorded after k048 (ServiceRecovery)"],
        "R": ["recorded before k047 (TechnologicalFailure)"],
    },
    ("V17", "Z-feedback", "any"): {"B": ["recorded at the same step as k051 (FeedbackSolicitation)"]},
    ("V22", "Z-delight", "any"): {"B": ["has another bearer than k066 (Delight)"]},
    ("V25", "Z-helpful", "any"): {"A": ["negative valence, and it must not be negative"]},
    ("V28", "J-ownership", "any"): {
        "B": ["its absence is narrower than that of EngagementBehavior, and opposes nothing"]
    },
    ("V02", "Z-delight", "c2"): {
        "A": ["coded by c1, not by c2"],
        "B": ["coded by c1, not by c2"],
        "O": ["coded by c1, not by c2"],
    },
}


@pytest.mark.parametrize(("unit", "proposition", "coders"), NEAR)
def test_reasons_of_near_misses(unit: str, proposition: str, coders: str) -> None:
    """What comes near and does not fit is told with what is wrong with it."""
    (one,) = explain(CASES / "verdicts", unit, job(coders), proposition).account.explanations
    found = {
        slot.id: [reason for miss in slot.near for reason in miss.reasons]
        for slot in one.slots
        if slot.near and not slot.fills
    }

    assert NEAR[unit, proposition, coders] == found


# Forms


def everything(theory: Path | None = None) -> Iterator[Explained]:
    """The explanations of the example's units, in full."""
    for incident in ("I01", "I04", "I06", "I09", "I10"):
        yield explain(EXAMPLE, incident, job("any", theory), in_full=incident == "I10")


def test_json_has_the_structure_that_is_documented() -> None:
    """JSON holds the objects that `kgtools.explain.account` describes, and nothing else."""
    strict = TypeAdapter(Account)
    for explained in everything():
        text = as_json(explained.account)

        assert explained.account == strict.validate_json(text, strict=False)
        assert json.loads(text) == json.loads(strict.dump_json(explained.account))


def test_turtle_says_what_the_verdict_says() -> None:
    """The Turtle names the verdict, its evidence, which element stands in which slot, and the rows behind it."""
    prov = "http://www.w3.org/ns/prov#"
    declared = Graph()
    for path in (*folder("ontology").glob("*.ttl"), *folder("ontology").glob("theory/*.ttl")):
        declared.parse(path)
    known = {term for term in declared.subjects() if isinstance(term, URIRef)}
    for explained in everything():
        graph = Graph().parse(data=as_turtle(explained, job()), format="turtle")
        assessments = {str(one) for one in graph.subjects(RDF.type, URIRef(EVCO + "Assessment"))}
        full = [
            verdict
            for verdict, one in zip(explained.verdicts, explained.account.explanations, strict=True)
            if one.in_full
        ]

        assert len(full) == len(assessments)
        assert {p for p in graph.predicates() if str(p).startswith((EVCO, prov))} <= known
        assert {c for c in graph.objects(None, RDF.type) if str(c).startswith((EVCO, prov))} <= known
        assert all(isinstance(node, URIRef) for node in graph.subjects())
        for verdict in full:
            (this,) = graph.subjects(URIRef(EVCO + "onProposition"), URIRef(verdict.proposition_iri))
            uses = {
                (str(graph.value(use, URIRef(EVCO + "ofSlot"))).rpartition("_")[2], sign == "opposedBy", str(element))
                for use in graph.objects(this, URIRef(EVCO + "hasSlotUse"))
                for sign in ("filledBy", "opposedBy")
                for element in graph.objects(use, URIRef(EVCO + sign))
            }
            rows = set(graph.objects(this, URIRef(prov + "wasDerivedFrom")))
            (made,) = graph.objects(this, URIRef(prov + "wasGeneratedBy"))
            plans = [
                str(text)
                for plan in graph.objects(made, URIRef(prov + "used"))
                for text in graph.objects(plan, URIRef(prov + "value"))
            ]

            assert {(use.slot, use.opposes, use.element) for use in verdict.uses} == uses
            assert {f"codings.csv#row={n}" for n in evidence_rows(explained, set(verdict.evidence))} == {
                str(row).rpartition("/")[2] for row in rows if "#row=" in str(row)
            }
            assert [job_query(verdict.proposition)] == plans


def evidence_rows(explained: Explained, ids: set[str]) -> set[int | None]:
    """The rows of codings."""
    return {row.place.row for rows in explained.chunk.codings.values() for row in rows if row.id in ids}


def job_query(proposition: str) -> str:
    """The query of a proposition."""
    return next(one.query for one in job().questions if one.proposition.id == proposition)


GOLDEN = sorted((CASES / "explain").iterdir())


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden_case(case: Path, capsys: Captured) -> None:
    """A case's call prints its expected Markdown, to the letter."""
    call = (case / "call.txt").read_text("utf-8").split()
    code = main(["explain", str(case / call[0]), *call[1:], "--format", "markdown"])
    printed = capsys.readouterr().out

    assert code == 0
    assert (case / "expected.md").read_text("utf-8") == printed


def test_what_people_wrote_is_shown_as_they_wrote_it(tmp_path: Path, capsys: Captured) -> None:
    """Quotes with the markup of a terminal or of Markdown are printed literally, on one line."""
    quote = "it was [bold]*so*[/bold] `<b>good</b>` | # & _me_\n- [x](http://e.org)"
    write(
        oracle.Bundle(
            [
                CodingRow("I[1]", "Ownership", "a", bearer="customer", coder="[red]c1", segment=quote),
                CodingRow("I[1]", "Review", "b", bearer="customer", coder="[red]c1", segment=":smile:"),
            ],
            [IncidentRow("I[1]", "Forum")],
        ),
        tmp_path / "odd",
    )
    assert main(["explain", str(tmp_path / "odd"), "I[1]", "J-ownership"]) == 0
    table = capsys.readouterr().out
    assert main(["explain", str(tmp_path / "odd"), "I[1]", "J-ownership", "--format", "markdown"]) == 0
    markdown = capsys.readouterr().out

    assert " ".join(quote.split()) in " ".join(table.split())
    assert "[red]c1: “:smile:”" in table
    assert escaped(quote) in markdown
    assert re.sub(r"\\(.)", r"\1", escaped(quote)) == " ".join(quote.split())


def test_the_same_bytes_each_time() -> None:
    """An explanation, in any form, does not depend on Python's hash seed."""
    forms = ("table", "json", "markdown", "turtle")
    script = f"""
from kgtools.cli import main
for form in {forms}:
    assert main(["explain", {str(EXAMPLE)!r}, "I06", "--all", "--format", form]) == 0
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "77")
    }

    assert 1 == len(texts)
    assert all(word in next(iter(texts)) for word in (b"# I06", b'"unit"', b"prov:"))


@pytest.mark.parametrize("ending", ["nq", "ttl", "store"])
def test_the_same_from_rdf(ending: str, tmp_path: Path) -> None:
    """A bundle that was imported to RDF or a store is explained as the tables are, but for the names of files."""
    target = tmp_path / f"online-service.{ending}"
    option = "--store" if ending == "store" else "-o"
    assert main(["import", str(EXAMPLE), option, str(target), "--quiet"]) == 0

    tables, graph = (as_json(explain(path, "I06", job(), "J-cycle").account) for path in (EXAMPLE, target))

    assert tables == graph


# Long chains


def long_chain(folder: Path, length: int) -> Path:
    """A bundle of one chain, in each incident of which somebody reviews and gains."""
    incidents = [
        IncidentRow(f"I{n:03}", "Forum", follows=f"I{n - 1:03}" if n > 1 else None) for n in range(1, length + 1)
    ]
    codings = [
        row
        for n in range(1, length + 1)
        for row in (
            CodingRow(f"I{n:03}", "Review", f"a{n}", valence="positive", bearer="customer", step="1", coder="c1"),
            CodingRow(f"I{n:03}", "SocialValue", f"b{n}", valence="positive", bearer="customer", step="2", coder="c1"),
            CodingRow(f"I{n:03}", "Trust", f"c{n}", valence="positive", bearer="customer", step="3", coder="c1"),
        )
    ]
    write(oracle.Bundle(codings, incidents), folder)
    return folder


def test_of_a_long_chain_not_all_is_shown(tmp_path: Path, capsys: Captured) -> None:
    """A chain of 60: the table shows the first of each list and counts the rest; JSON and Turtle have all of it."""
    folder = long_chain(tmp_path / "long", 60)
    explained = explain(folder, "I030", job(), "J-cycle")
    (one,) = explained.account.explanations
    (verdict,) = explained.verdicts
    assert main(["explain", str(folder), "I030", "J-cycle"]) == 0
    table = capsys.readouterr().out
    markdown = as_markdown(explained.account)

    assert ("chain", "I001", "supports", 60) == (one.unit_type, one.unit, one.verdict, len(one.incidents))
    assert set(verdict.evidence) == {use.element.name for slot in one.slots for use in slot.fills}
    assert 118 < len(verdict.evidence)
    for text in (table, markdown):
        assert "I012" in text
        assert 1 == text.count("… and 48 more (")  # of the incidents
        assert "I013 no date" not in text
        assert "I055 comes after" not in text
    assert set(verdict.evidence) == {
        str(node).rpartition("/")[2]
        for node in Graph()
        .parse(data=as_turtle(explained, job()), format="turtle")
        .objects(None, URIRef("http://www.w3.org/ns/prov#wasDerivedFrom"))
        if "/coding/" in str(node)
    }


def test_few_changes_are_tried_on_a_long_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a chain of 60 few changes are tried, which is said, and each holds; on a much longer one none is."""
    asked = job()
    (question,) = [one for one in asked.questions if one.proposition.id == "J-cycle"]
    (chunk,) = read_bundle(long_chain(tmp_path / "long", 60), asked.vocabulary).chunks()
    (situation,) = before_each(chunk, "I001", [question], asked)
    found = changes(situation)
    words = telling.told(situation, in_full=True).untried
    monkeypatch.setattr("kgtools.explain.whatif._WORTH", 180**3 - 1)
    none = telling.told(situation, in_full=True)

    assert ["links", "counter"] == list(dict.fromkeys(change.kind for change in found))
    assert 1 == check_changes([(situation, [change for change in found if change.kind == "links"])])
    assert "only 51 were tried, since the chain has many elements (180)" == words
    assert ((), "") == (none.changes, none.no_change)
    assert "none was tried, since the chain has many elements (180)" == none.untried


def test_an_incident_of_a_long_chain_is_tried_without_the_others(tmp_path: Path) -> None:
    """For a proposition on incidents the chain matters by who tells it alone, so all changes are tried, and hold."""
    asked = job()
    chosen = [one for one in asked.questions if one.proposition.id in ("J-ownership", "Z-valued", "J-system")]
    (chunk,) = read_bundle(long_chain(tmp_path / "long", 60), asked.vocabulary).chunks()
    tried = [(one, changes(one)) for one in before_each(chunk, "I030", chosen, asked)]

    assert check_changes(tried) >= 3


# Finding the unit


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["S"], "no incident `S`; did you mean S1, S2?"),
        (["s01"], "no incident `s01`; did you mean S1?"),
        (["elephant"], "no incident `elephant`; there are S1, S2"),
        (["S1", "Z-recover"], "no proposition `Z-recover`; did you mean Z-recovery?"),
        (["S1", "P7"], "no proposition `P7`; there are J-access,"),
        (["S1", "--coders", "nobody"], "no coder `nobody`; there are any, majority, all, ada, ben"),
        (["other/S1"], "no incident `other/S1`; did you mean S1"),
    ],
    ids=["near name", "zeros", "far name", "near proposition", "far proposition", "coder", "bundle"],
)
def test_a_wrong_name_ends_in_one_line(arguments: list[str], said: str, capsys: Captured) -> None:
    """An unknown unit, proposition or coder is one line that says what there is, and exit code 2."""
    code = main(["explain", str(CASES / "explain/one-coder-only"), *arguments])
    error = capsys.readouterr().err

    assert code == 2
    assert said in error
    assert error.count("\n") == 1


def test_bundles_are_told_apart(tmp_path: Path, capsys: Captured) -> None:
    """Where several bundles of a store have an incident of one name, the bundle's name goes before it."""
    for name in ("one", "two"):
        write(oracle.Bundle([CodingRow("I1", "Delight", "a", coder=name)]), tmp_path / name)
    store = str(tmp_path / "store")
    assert main(["import", str(tmp_path / "one"), str(tmp_path / "two"), "--store", store, "--quiet"]) == 0

    assert main(["explain", store, "I1"]) == 2
    assert "is in several bundles; write one/I1 or two/I1" in capsys.readouterr().err
    assert explain(Path(store), "two/I1", job()).account.explanations[0].coded_by == ("two",)


def test_any_incident_of_a_chain_explains_it() -> None:
    """An incident's explanation holds the chain that it is in, and says which."""
    for incident in ("I05", "I06", "I07"):
        account = explain(EXAMPLE, incident, job()).account
        (cycle,) = [one for one in account.explanations if one.proposition == "J-cycle"]

        assert (incident, "I05") == (account.unit, account.chain)
        assert ("chain", "I05", "supports") == (cycle.unit_type, cycle.unit, cycle.verdict)
        assert ["I05", "I06", "I07"] == [one.id for one in cycle.incidents]


def test_a_chain_is_read_alone() -> None:
    """`chain_of` yields one chain as `chunks` does, also between two chunks, and None for what there is not."""
    bundle = read_bundle(EXAMPLE, job().vocabulary)
    walked = []
    for chunk in bundle.chunks(1):
        assert bundle.chain_of("I06") is not None
        walked.append(chunk)
    alone = [bundle.chain_of(chunk.incidents[-1].id) for chunk in walked if len(chunk.incidents) == 1]

    assert [replace(chunk) for chunk in walked if len(chunk.incidents) == 1] == alone
    assert bundle.chain_of("I99") is None


def test_left_out_rows_of_the_unit_are_told(tmp_path: Path) -> None:
    """A row of the unit that could not be taken in is told with its explanation; those of other units are not."""
    write(
        oracle.Bundle(
            [
                CodingRow("I1", "Delight", "a", coder="c1"),
                CodingRow("I1", "Review", "b", valence="good", coder="c1"),
                CodingRow("I2", "Review", "c", valence="bad", coder="c1"),
            ]
        ),
        tmp_path / "faulty",
    )
    findings = explain(tmp_path / "faulty", "I1", job()).account.findings

    assert [("violation", "codings.csv", 3, "I1")] == [(f.severity, f.file, f.row, f.incident) for f in findings]


def test_caveats_are_told(tmp_path: Path) -> None:
    """What the method demands is said: attribution, the theory's own corpus, that no counter-instance refutes."""
    write(
        oracle.Bundle(
            [
                CodingRow("I1", "Delight", "a", bearer="customer", coder="c1"),
                CodingRow("I1", "Review", "b", valence="positive", bearer="customer", coder="c1"),
                CodingRow("I1", "EconomicValue", "c", valence="positive", bearer="firm", coder="c1"),
                CodingRow("I2", "Delight", "d", bearer="customer", coder="c1"),
                CodingRow("I2", "Review", "e", valence="negative", bearer="customer", coder="c1"),
            ],
            [IncidentRow("I1", "Forum", corpus="zhang2018"), IncidentRow("I2", "Forum")],
        ),
        tmp_path / "some",
    )
    told = {
        unit: explain(tmp_path / "some", unit, job(), "Z-delight").account.explanations[0].caveats
        for unit in ("I1", "I2")
    }

    assert ["EconomicValue of firm (c)", "It is from the corpus"] == [
        text[: len(start)]
        for text, start in zip(told["I1"], ("EconomicValue of firm (c)", "It is from the corpus"), strict=True)
    ]
    assert ("A counter-instance does not refute a claim that says what may happen.",) == told["I2"]


def test_what_fills_and_opposes_is_told(tmp_path: Path) -> None:
    """What is of mixed valence, and so fills a slot and opposes it, is told once, with that, and turned as a change."""
    write(
        oracle.Bundle(
            [
                CodingRow("I1", "Delight", "a", bearer="customer", coder="c1"),
                CodingRow("I1", "Review", "b", valence="mixed", bearer="customer", coder="c1"),
                CodingRow("I1", "EmotionalValue", "c", valence="positive", bearer="customer", coder="c1"),
            ],
            [IncidentRow("I1", "Forum")],
        ),
        tmp_path / "some",
    )
    (one,) = explain(tmp_path / "some", "I1", job(), "Z-delight").account.explanations
    told = {slot.id: [use.why for use in slot.fills] for slot in one.slots}

    assert {"A": [""], "B": ["mixed, so that it opposes too"], "O": [""]} == told
    assert ("mixed", "Review (b) coded as positive, not mixed") == (one.verdict, one.changes[0].words)
    assert "supports" == one.changes[0].verdict


def test_purpose_is_reported_where_the_slot_asks() -> None:
    """A slot that reports purposes shows those that coders gave."""
    (one,) = explain(EXAMPLE, "I05", job(), "J-improve").account.explanations
    told = {coding.purpose for slot in one.slots for use in slot.fills for coding in use.element.codings}

    assert {"collective"} == told
    assert "purpose collective" in as_markdown(explain(EXAMPLE, "I05", job(), "J-improve").account)
