"""Class expressions of propositions, and the cross-check: SPARQL over the view and HermiT find the same incidents.

Java is started once for all: incidents do not touch each other, so all cases, random bundles and sets of coders, with
the expressions as they are and with some that have a fault planted, are one question to the reasoner.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import pytest
import rdflib
from hypothesis import HealthCheck, Phase, given, settings
from oracle import PROPOSITIONS, ROLES, ActorRow, Bundle, CodingRow, IncidentRow
from rdflib import OWL
from strategies import bundles, write
from test_oracle import table

from kgtools import pipeline
from kgtools.cli import main
from kgtools.cli.crosscheck import lines_of, values_of
from kgtools.errors import EngineError, InputError, KgError, NoIncidentError
from kgtools.expression import Expression, NoExpression, exclude, expression_of
from kgtools.pipeline import Checked, Job
from kgtools.pipeline.crosscheck import Crosscheck, expressions
from kgtools.read import read_bundle
from kgtools.reason import Answer
from kgtools.theory import Proposition
from kgtools.vocabulary import EVCO, local

CASES = Path(__file__).parent / "cases"
HABIT = CASES / "theory/habit.ttl"
FORMS = ("sparql", "turtle", "manchester")
CODERS = ("any", "majority", "all", "c1", "c2")

# DESIGN 4 and 5: of incidents, no order, no filler that could be two.
HAVE = [
    *("Z-delight", "Z-valued", "Z-incentive", "Z-helpful", "Z-empathetic", "Z-polite", "Z-responsive", "Z-rude"),
    *("Z-indifference", "Z-confrontation", "Z-techfailure", "Z-nooutlet", "Z-revenge"),
    *("J-resources", "J-system", "J-ownership", "J-improve", "J-expectation", "J-offering", "J-reach"),
]
ORDERED = ["Z-reciprocity", "Z-feedback", "Z-recovery", "J-access", "J-empower"]
CHAINS = ["J-recognition", "J-cycle", "J-relational"]


@pytest.fixture(scope="module")
def job() -> Job:
    """The bundled theories."""
    return Job()


def proposition(id: str, job: Job) -> Proposition:
    """A proposition by its id."""
    return next(one for theory in job.theories for one in theory.propositions if one.id == id)


def with_slot(whole: Proposition, id: str, **facts: object) -> Proposition:
    """A proposition with a slot that asks for something else."""
    return replace(whole, slots=tuple(replace(one, **facts) if one.id == id else one for one in whole.slots))  # type: ignore[arg-type]  # facts of a slot


def test_which_propositions_have_one(job: Job) -> None:
    """Those on incidents, without an order, have a class expression; the others say why not."""
    found = expressions(job)
    reasons = {id: one.reason for id, one in found.items() if isinstance(one, NoExpression)}

    assert set(HAVE) == found.keys() - reasons.keys()
    assert {*ORDERED} == {id for id, reason in reasons.items() if reason.startswith("it asks for an order: ")}
    assert {*CHAINS} == {
        id for id, reason in reasons.items() if reason.startswith("it is on chains of incidents and asks")
    }


@pytest.mark.parametrize("path", sorted((CASES / "expressions").glob("*.omn")), ids=lambda path: path.stem)
def test_both_syntaxes(path: Path, job: Job) -> None:
    """An expression is written as the files have it; the OWL API was found to read both as the same class."""
    expression = expression_of(proposition(path.stem, job), job.vocabulary)

    assert isinstance(expression, Expression)
    assert path.read_text("utf-8") == expression.manchester() + "\n"
    assert path.with_suffix(".ttl").read_text("utf-8") == expression.turtle()


def test_what_makes_a_circle_or_could_be_shared_has_none(job: Job) -> None:
    """Two slots that one element could fill, and antecedents of one bearer, are beyond a class expression."""
    habit = Job((HABIT,))
    resources = proposition("J-resources", job)
    bound = with_slot(resources, "C", same_bearer=("B",))
    shared = with_slot(resources, "C", classes=(EVCO + "Complaint",))
    thrice = with_slot(proposition("H-thrice", habit), "A3", after=())

    def reason(one: Proposition) -> str:
        expression = expression_of(one, habit.vocabulary)
        return expression.reason if isinstance(expression, NoExpression) else ""

    assert reason(bound).startswith("C must have the bearer of B, and what is claimed is compared with both; ")
    assert reason(shared) == (
        "B and C need two different elements, but one element could fill both, and an OWL class cannot tell whether "
        "it is one or two"
    )
    assert reason(thrice).startswith("A2 must have the bearer of A1")
    assert reason(proposition("H-aid", habit)) == "it asks for an order: O comes after A"
    assert reason(proposition("H-return", habit)).startswith("it is on chains")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"classes": (EVCO + "Delight",)}, {}, True),
        ({"classes": (EVCO + "Delight", EVCO + "Review")}, {}, False),
        ({"valence": EVCO + "positive"}, {"valence": EVCO + "negative"}, False),
        ({"valence": EVCO + "positive", "never": EVCO + "mixed"}, {"valence": EVCO + "negative"}, True),
        ({"bearers": (EVCO + "Business",)}, {"not_bearers": (EVCO + "OtherStakeholder",)}, True),
        ({"bearers": (EVCO + "Business", EVCO + "Firm")}, {"not_bearers": (EVCO + "OtherStakeholder",)}, False),
    ],
)
def test_what_excludes(one: dict[str, object], other: dict[str, object], expected: bool, job: Job) -> None:
    """Slots exclude each other by class, by valence (an element may be mixed), or by whose it must not be."""
    slot = proposition("J-reach", job).by_id["A"]
    this, that = (replace(slot, **facts) for facts in (one, other))  # type: ignore[arg-type]  # facts of a slot

    assert expected == exclude(this, that, job.vocabulary) == exclude(that, this, job.vocabulary)


# Both routes


def story(folder: Path) -> Bundle:
    """A case's tables."""
    actors = folder / "actors.csv"
    return Bundle(
        table(folder / "codings.csv", CodingRow),
        table(folder / "incidents.csv", IncidentRow),
        table(actors, ActorRow) if actors.is_file() else (),
    )


def drawn(count: int) -> list[Bundle]:
    """Random bundles near the edges of the propositions that have an expression."""
    found: list[Bundle] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(bundles([one for one in PROPOSITIONS if one.id in HAVE]))
    def draw(bundle: Bundle) -> None:
        found.append(bundle)

    draw()
    return found


NAMES = ("bearer", "toward", "told_by", "actor")


def together(named: dict[str, Bundle]) -> Bundle:
    """Bundles as one, their incidents, actors and codings called apart."""

    def apart(row: CodingRow | IncidentRow | ActorRow, mark: str) -> dict[str, str]:
        def called(column: str, value: str) -> str:
            if column in ("incident", "id", "follows") or (column in NAMES and value not in ROLES):
                return f"{mark}.{value}"
            return ";".join(f"{mark}.{one}" for one in value.split(";")) if column == "leads_to" else value

        columns = (field.name for field in fields(row))
        return {column: called(column, getattr(row, column)) for column in columns if getattr(row, column)}

    return Bundle(
        [replace(row, **apart(row, mark)) for mark, one in named.items() for row in one.codings],
        [replace(row, **apart(row, mark)) for mark, one in named.items() for row in one.incidents],
        [replace(row, **apart(row, mark)) for mark, one in named.items() for row in one.actors],
    )


def planted(job: Job) -> dict[str, Expression]:
    """Expressions with a fault: what they are made from is not what the query was made from."""

    def changed(id: str, slot: str, **facts: object) -> Proposition:
        return with_slot(proposition(id, job), slot, **facts)

    faults = {
        "another class": changed("Z-delight", "A", classes=(EVCO + "Trust",)),
        "a class above": changed("Z-delight", "A", classes=(EVCO + "State",)),
        "a class below": changed("J-reach", "E", classes=(EVCO + "ActionChange",)),
        "no valence": changed("J-offering", "E", valence=None),
        "the contrary valence": changed("J-offering", "E", valence=EVCO + "negative"),
        "never forgotten": changed("J-ownership", "A", never=None),
        "bearer forgotten": changed("J-resources", "C", bearers=()),
        "bearer not ruled out": changed("J-system", "O2", not_bearers=()),
        "bearer not shared": changed("J-ownership", "B", same_bearer=()),
        "bearer shared": changed("J-reach", "E", same_bearer=("A",)),
        "no scope": replace(proposition("Z-delight", job), scope=None),
        "another scope": replace(proposition("Z-delight", job), scope=EVCO + "ReviewSite"),
        "a slot forgotten": replace(proposition("Z-delight", job), slots=proposition("Z-delight", job).slots[:-1]),
    }
    found = {}
    for name, whole in faults.items():
        expression = expression_of(replace(whole, iri=f"urn:fault:{name.replace(' ', '-')}"), job.vocabulary)
        assert isinstance(expression, Expression)
        found[name] = expression
    return found


def both_routes(folder: Path, count: int, faults: dict[str, Expression]) -> dict[str, Checked]:
    """What both routes find in all cases, and in some random bundles, for each set of coders.

    The cases of propositions have one coder, so there all sets are alike.
    """
    job = Job()
    alone = {id: story(CASES / "propositions" / id) for id in HAVE}
    coded = {"verdicts": story(CASES / "verdicts")}
    coded |= {f"random{number}": bundle for number, bundle in enumerate(drawn(count))}
    write(together(alone), folder / "alone")
    write(together(coded), folder / "coded")
    work = Crosscheck(job, {**expressions(job), **faults}, most=2_000)
    for name, sets in (("alone", CODERS[:1]), ("coded", CODERS)):
        for coders in sets:
            for chunk in read_bundle(folder / name, job.vocabulary, base=f"urn:{coders}:").chunks():
                work.add(chunk, coders, f"{coders}/")
    return {one.proposition: one for one in work.checked()}


def differing(checked: dict[str, Checked], names: Sequence[str]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Where the routes differ: what only the query, and what only the reasoner finds."""
    return {
        name: (checked[name].only_queried, checked[name].only_reasoned) for name in names if not checked[name].agrees
    }


def test_both_routes_find_the_same(tmp_path: Path, job: Job) -> None:
    """For every proposition that has an expression, HermiT's instances are the incidents where SPARQL finds all slots
    filled, on every case, on random bundles, and for each set of coders: support fills them, opposition takes nothing
    away, one fact short does not. An expression that is made from other slots than the query differs somewhere.

    One test, so that no two processes start Java for it.
    """
    faults = planted(job)

    checked = both_routes(tmp_path, 15, faults)

    assert {} == differing(checked, HAVE)
    assert all(len(checked[id].queried) > 2 for id in HAVE)
    assert set(faults) == set(differing(checked, [*faults]))

    system = {*checked["J-system"].reasoned}
    rows = (CASES / "propositions/J-system/expected.csv").read_text("utf-8").splitlines()

    assert {f"any/J-system.{row.split(',')[2]}" for row in rows if ",J-system,supports," in row} <= system
    assert {"any/verdicts.V04", "all/verdicts.V11"} <= {*checked["Z-delight"].reasoned}  # mixed: value gained and lost
    assert not any("near-miss" in name for name in system if name.startswith("any/J-system."))


# Commands


def test_propositions_shows_the_class_or_why_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """`kgtools propositions ID` has the class in Manchester syntax, as comments above the query, or the reason."""
    shown = {id: (main(["propositions", id]), capsys.readouterr().out) for id in ("J-reach", "J-access")}
    start = "# OWL class of incidents that fill all slots (ja:J-reach_filled):\n#   evco:Incident\n#   and (evco:hasEl"

    assert [0, 0] == [code for code, _ in shown.values()]
    assert start in shown["J-reach"][1]
    assert "\n# OWL class: none, for it asks for an order: B comes after A\n# J-access: " in shown["J-access"][1]


def test_the_class_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """`--format` writes the class alone: as Turtle that parses and says what to load beside it, or as plain Manchester
    syntax. A proposition without a class, or none at all, is one line, and ends with 2."""
    shown = {form: (main(["propositions", "J-reach", "--format", form]), capsys.readouterr().out) for form in FORMS}
    plain = main(["propositions", "J-reach"]), capsys.readouterr().out
    graph = rdflib.Graph().parse(data=shown["turtle"][1], format="turtle")
    without = main(["propositions", "J-access", "--format", "turtle"]), capsys.readouterr()
    unnamed = main(["propositions", "--format", "turtle"]), capsys.readouterr()

    assert (0, (CASES / "expressions/J-resources.omn").read_text("utf-8")) == (
        main(["propositions", "J-resources", "--format", "manchester"]),
        capsys.readouterr().out,
    )
    assert plain == shown["sparql"]
    assert [0, 0, 0] == [code for code, _ in shown.values()]
    assert {"J-reach_filled"} == {local(str(one)) for one in graph.subjects(OWL.equivalentClass)}
    assert "ontology/view.ttl" in shown["turtle"][1].partition("@prefix")[0]
    assert (2, "", 1) == (without[0], without[1].out, without[1].err.count("\n"))
    assert "J-access has no OWL class: it asks for an order: B comes after A" in without[1].err
    assert (2, "", 1) == (unnamed[0], unnamed[1].out, unnamed[1].err.count("\n"))


def test_the_cross_check_in_lines() -> None:
    """What is said of the routes: counts where they agree, incidents where they differ, or why there is no class."""
    found = [
        Checked("J-reach", queried=("I1", "I2"), reasoned=("I1", "I2")),
        Checked("J-cycle", reason="it is on chains"),
        Checked("Z-delight", queried=tuple(f"I{number:02}" for number in range(12)), reasoned=("I00", "I99")),
    ]

    assert [
        "incidents that fill all slots, by query (SPARQL) and by class (OWL): 1 proposition of 2 differs",
        "  J-reach        2      2",
        "  J-cycle    no class, for it is on chains",
        "  Z-delight     12      2  differ",
        "    only by SPARQL: I01, I02, I03, I04, I05, I06, I07, I08, I09, I10 and 1 more",
        "    only by OWL: I99",
    ] == lines_of(found)
    assert lines_of(found[:2])[0].endswith(": the same for 1 proposition")
    assert lines_of([Checked("J-reach")])[0].endswith(
        "1 proposition, but no incident fills any, so that this says little"
    )
    assert [2, None, 12] == [one.get("sparql") for one in values_of(found)]


def test_reason_ends_with_the_cross_check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`kgtools reason DATA` ends with what both routes found in it."""
    monkeypatch.setattr(pipeline, "reason_over", lambda *_, **__: ([], Answer(True, (), 1, ())))
    case = CASES / "propositions/J-reach"
    verdicts = [row.split(",")[3:5] for row in (case / "expected.csv").read_text("utf-8").splitlines()]
    filled = sum(row in (["J-reach", "supports"], ["J-reach", "mixed"]) for row in verdicts)  # one consequent

    code, lines = main(["reason", str(case)]), capsys.readouterr().out.splitlines()

    assert code == 0
    assert lines[1].endswith("by query (SPARQL) and by class (OWL): the same for 20 propositions")
    assert f"  J-reach         {filled:6} {filled:6}" in lines


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (EngineError("the reasoner was not done"), 2, "kgtools: the reasoner was not done\n"),
        (InputError("cannot be read", "data"), 2, "kgtools: data: cannot be read\n"),
        (
            NoIncidentError("holds none", "data"),
            0,
            "no cross-check, for there are no incidents to read: data: holds none\n",
        ),
    ],
    ids=["reasoner", "input", "none"],
)
def test_the_answer_is_told_whatever_becomes_of_the_cross_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: KgError, code: int, said: str
) -> None:
    """What the reasoner said of all stays, in each form; that there are no incidents is no error, all else is."""

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(pipeline, "reason_over", lambda *_, **__: ([], Answer(True, (), 1, ())))
    monkeypatch.setattr(pipeline, "crosscheck", fails)

    assert code == main(["reason", "data"])
    assert ("consistent (1 triples)\n", said) == capsys.readouterr()
    assert code == main(["reason", "data", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["consistent"]


def test_a_difference_is_a_finding(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the routes differ, `reason` says in which incidents, in JSON too, and ends with 1."""
    answer = Answer(True, (), 1, ())
    found = [Checked("J-reach", queried=("I1",))]
    monkeypatch.setattr(pipeline, "reason_over", lambda *_, **__: ([], answer))
    monkeypatch.setattr(pipeline, "crosscheck", lambda *_, **__: found)

    assert main(["reason", "data"]) == 1
    assert capsys.readouterr().out.endswith("differ\n    only by SPARQL: I1\n")
    assert main(["reason", "data", "--format", "json"]) == 1
    assert [["I1"]] == [one["only_sparql"] for one in json.loads(capsys.readouterr().out)["crosscheck"]]
    assert main(["reason", "data", "--no-crosscheck"]) == 0
