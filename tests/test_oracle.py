"""The second reading of DESIGN 5 against the worked cases, and against itself."""

from __future__ import annotations

import csv
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import ROLES, ActorRow, Bundle, CodingRow, Element, IncidentRow, Verdict, verdicts
from strategies import EDGES, bundles, write

R = TypeVar("R", CodingRow, IncidentRow, ActorRow)

HERE = Path(__file__).parent
PLACES = (HERE / "cases" / "verdicts", HERE.parent.parent / "shared" / "cases" / "verdicts")
CASES = next((place for place in PLACES if place.is_dir()), None)
CODER_SETS = ("any", "majority", "all", "c1", "c2")
TOLD = ("supports", "contradicts", "mixed")

slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def table(path: Path, kind: type[R]) -> tuple[R, ...]:
    """The rows of a table; columns that the kind does not know are left."""
    names = {field.name for field in fields(kind)}
    with path.open(encoding="utf-8", newline="") as file:
        found: list[dict[str, Any]] = [
            {name: cell for name, cell in row.items() if name in names} for row in csv.DictReader(file)
        ]
    return tuple(kind(**row) for row in found)


def read(folder: Path) -> Bundle:
    return Bundle(
        table(folder / "codings.csv", CodingRow),
        table(folder / "incidents.csv", IncidentRow),
        table(folder / "actors.csv", ActorRow),
    )


@pytest.fixture(scope="module")
def cases() -> Path:
    if CASES is None:
        pytest.skip("neither tests/cases/verdicts nor ../shared/cases/verdicts is there")
    return CASES


@pytest.mark.parametrize("coders", CODER_SETS)
def test_worked_cases(cases: Path, coders: str) -> None:
    """The worked cases yield the verdicts and grades listed for a coder set, and no others."""
    with (cases / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = [tuple(row.values())[1:] for row in csv.DictReader(file) if row["coders"] == coders]

    actual = [tuple(row[:5]) for row in verdicts(read(cases), coders) if row.verdict in TOLD]

    assert sorted(expected) == actual


@pytest.mark.parametrize(
    ("unit", "verdict"), [("V05", "silent"), ("V07", "silent"), ("V08", "not-applicable"), ("V09", "silent")]
)
def test_worked_silence(cases: Path, unit: str, verdict: str) -> None:
    """A story from an offline channel is none for Z-delight; one with no channel, or too little, is silent."""
    actual = [row.verdict for row in verdicts(read(cases)) if row.unit == unit and row.proposition == "Z-delight"]

    assert [verdict] == actual


def test_worked_slots(cases: Path) -> None:
    """What is neither filled nor opposed is missing; what must come after an unfilled, opposed slot is opposed."""
    rows = {(row.unit, row.proposition): row for row in verdicts(read(cases))}

    half, ended = rows["V06", "Z-delight"], rows["V47", "J-cycle"]

    assert (frozenset("O"), frozenset("B")) == (half.missing, half.opposed)
    assert (frozenset(), frozenset({"B2", "O2"})) == (ended.missing, ended.opposed)


def test_worked_evidence(cases: Path) -> None:
    """The evidence is what completed readings hold: anna's ownership and review, and the friends' own two."""
    row = next(row for row in verdicts(read(cases)) if (row.unit, row.proposition) == ("V66", "J-ownership"))

    actual = {(element.code, element.bearer) for element in row.evidence}

    assert {(code, who) for code in ("Ownership", "Review") for who in ("anna", "friends")} == actual


@pytest.mark.parametrize(
    ("edge", "proposition", "expected"),
    [
        ("linked in two readings", "Z-recovery", "supports linked"),
        ("ordered in two readings", "Z-recovery", "supports ordered"),
        ("filled and opposed hands nothing on", "J-cycle", "mixed B2"),
        ("a detour against the steps", "J-access", "supports ordered"),
        ("a detour by another chain", "J-access", "supports unordered"),
        ("whoever told it last", "J-relational", "supports ordered"),
    ],
)
def test_edges(edge: str, proposition: str, expected: str) -> None:
    """What holds in some reading need not hold in one; what is dropped or overruled leaves the rest."""
    row = next(row for row in verdicts(EDGES[edge]) if row.proposition == proposition)

    assert expected == " ".join(filter(None, [row.verdict, row.grade, *sorted(row.opposed)]))


@slow
@given(bundle=bundles())
def test_write_and_read(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A bundle written to a folder reads back with the same verdicts."""
    folder = tmp_path_factory.mktemp("bundle")
    write(bundle, folder)

    assert verdicts(bundle) == verdicts(read(folder))


@slow
@given(bundle=bundles(), coders=st.sampled_from(CODER_SETS))
def test_every_unit_is_judged_once(bundle: Bundle, coders: str) -> None:
    """Each unit has one verdict a proposition; a grade goes with support alone, evidence with what is told."""
    rows = verdicts(bundle, coders)

    assert len(rows) == len({row[:3] for row in rows})
    assert [row.verdict == "supports" for row in rows] == [row.grade != "" for row in rows]
    assert [row.verdict in TOLD for row in rows] == [row.evidence != frozenset() for row in rows]


@slow
@given(data=st.data(), bundle=bundles(repeated_ids=False), coders=st.sampled_from(CODER_SETS))
def test_row_order(data: st.DataObject, bundle: Bundle, coders: str) -> None:
    """The order of rows does not matter."""
    shuffled = Bundle(
        data.draw(st.permutations(bundle.codings)),
        data.draw(st.permutations(bundle.incidents)),
        data.draw(st.permutations(bundle.actors)),
    )

    assert verdicts(bundle, coders) == verdicts(shuffled, coders)


@slow
@given(bundle=bundles(repeated_ids=False))
def test_a_second_coder_of_the_same(bundle: Bundle) -> None:
    """For `any`, a coder who codes all that was coded before, links too, changes nothing."""
    again = [replace(row, id="", coder="echo") for row in bundle.codings]

    assert verdicts(bundle) == verdicts(replace(bundle, codings=[*bundle.codings, *again]))


@slow
@given(bundle=bundles(repeated_ids=False))
def test_one_coder_is_everybody(bundle: Bundle) -> None:
    """Where all rows are one coder's, any, majority, all and the coder's name agree."""
    alone = replace(bundle, codings=[replace(row, coder="c1") for row in bundle.codings])

    assert [verdicts(alone, "any")] * 3 == [verdicts(alone, coders) for coders in ("majority", "all", "c1")]


def renamed(name: str | None) -> str:
    """Another name that sorts the other way round; what means something by itself stays."""
    if not name or name in ROLES:
        return name or ""
    return "x" + "".join(chr(0x7F - ord(letter) + 0x20) for letter in name if letter != ";") + "x"


def renamed_row(row: Verdict) -> Verdict:
    return row._replace(unit=renamed(row.unit), evidence=frozenset(map(renamed_element, row.evidence)))


def renamed_element(element: Element) -> Element:
    return element._replace(
        incident=renamed(element.incident), bearer=renamed(element.bearer), toward=renamed(element.toward)
    )


@slow
@given(bundle=bundles(), coders=st.sampled_from(CODER_SETS))
def test_names_mean_nothing(bundle: Bundle, coders: str) -> None:
    """Other names for incidents, actors and codings give the same verdicts under the other names."""
    other = Bundle(
        [
            replace(
                row,
                incident=renamed(row.incident),
                id=renamed(row.id),
                bearer=renamed(row.bearer),
                toward=renamed(row.toward),
                leads_to=";".join(map(renamed, (row.leads_to or "").split(";"))),
            )
            for row in bundle.codings
        ],
        [
            replace(row, incident=renamed(row.incident), follows=renamed(row.follows), told_by=renamed(row.told_by))
            for row in bundle.incidents
        ],
        [replace(row, actor=renamed(row.actor)) for row in bundle.actors],
    )

    assert sorted(map(renamed_row, verdicts(bundle, coders))) == sorted(verdicts(other, coders))
