"""Agreement between coders: cases with what they must yield, the rules read once more, and the command."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgtools.agreement import coded as coded_module
from kgtools.agreement.estimates import MASI, Estimate
from kgtools.agreement.measures import krippendorff_alpha, masi
from kgtools.agreement.told import COLUMNS, said
from kgtools.cli import main
from kgtools.errors import InputError
from kgtools.pipeline import BY, Job, agreement_of, derive_all, facts_of
from kgtools.report import write_report

CASES = sorted((Path(__file__).parent / "cases" / "agreement").iterdir())
JOB = Job()
Captured = pytest.CaptureFixture[str]
Row = tuple[str, str, str, str]
"""Incident, code, presence, coder."""


def bundle(rows: Sequence[Row], folder: Path) -> Path:
    """A bundle of codings, as a file."""
    path = folder / "codings.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("incident", "code", "presence", "coder"), *rows])
    return path


def estimated(paths: Sequence[Path], by: Sequence[str] = ("overall", "code"), only: Sequence[str] = ()) -> Any:
    """What is estimated of some data."""
    return agreement_of(paths, JOB, by, only)[1]


def values(estimates: Sequence[Estimate]) -> dict[tuple[str, str, tuple[str, ...], str], float | None]:
    """The estimates by what they are of."""
    return {(one.by, one.of, one.coders, one.measure): one.value for one in estimates}


def test_there_are_cases() -> None:
    """The glob finds them."""
    assert [folder.name for folder in CASES if (folder / "expected.csv").is_file()]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_cases_yield_what_they_say(folder: Path) -> None:
    """Each case yields the estimates, intervals and reasons beside it."""
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = [*csv.DictReader(file)]
    found = [
        {
            "by": one.by,
            "of": one.of,
            "coders": ";".join(one.coders),
            "measure": one.measure,
            "value": "undefined" if one.value is None else f"{one.value:.3f}",
            "interval": "" if one.low is None else f"{one.low:.3f} {one.high:.3f}",
            "units": str(one.units),
        }
        for one in estimated([folder / "codings.csv"]).estimates
    ]

    assert expected == found


# The rules, read once more, in plain Python.


def oracle(rows: Sequence[Row]) -> dict[tuple[str, str, tuple[str, ...], str], float | None]:
    """Percent agreement, the kappa of two coders, and alpha, judgment by judgment as their definitions say."""
    coders = sorted({row[3] for row in rows})
    judged = {id: sorted({row[3] for row in rows if row[0] == id}) for id in {row[0] for row in rows}}
    shared = sorted(id for id, those in judged.items() if len(those) > 1)
    yes = {(row[0], row[1], row[3]) for row in rows if row[2] != "absent"}
    codes = sorted({row[1] for row in rows if row[0] in shared and row[2] != "absent"})
    by_code = {code: [{who: (id, code, who) in yes for who in judged[id]} for id in shared] for code in codes}
    sets = [{who: frozenset(code for code in codes if (id, code, who) in yes) for who in judged[id]} for id in shared]
    found: dict[tuple[str, str, tuple[str, ...], str], float | None] = {}
    every = {("code", code): units for code, units in by_code.items()}
    every["overall", "all codes"] = [unit for units in by_code.values() for unit in units]
    for (by, of), units in every.items():
        key = (by, of, tuple(coders))
        shares = [_mean([one == other for one, other in combinations(unit.values(), 2)]) for unit in units]
        found[*key, "percent-agreement"] = _mean(shares)
        kappas = [
            _kappa([(unit[one], unit[other]) for unit in units if {one, other} <= unit.keys()])
            for one, other in combinations(coders, 2)
        ]
        defined = [kappa for kappa in kappas if kappa is not None]
        found[*key, "cohen-kappa"] = _mean(defined) if defined else None
        found[*key, "krippendorff-alpha"] = _alpha(units, lambda one, other: one != other)
    found["overall", "sets of codes", tuple(coders), MASI] = _alpha(sets, masi)
    return found


def _mean(given_: Sequence[Any]) -> float | None:
    return sum(given_) / len(given_) if given_ else None


def _kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    if not pairs:
        return None
    observed = sum(one == other for one, other in pairs) / len(pairs)
    first, second = (sum(side) / len(pairs) for side in zip(*pairs, strict=True))
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else (observed - chance) / (1 - chance)


def _alpha(units: Sequence[Mapping[str, Any]], distance: Any) -> float | None:
    """1 less the mean distance within units, each judgment weighing alike, by that between any two judgments."""
    every = [value for unit in units for value in unit.values()]
    within = sum(
        sum(distance(*pair) for pair in permutations(unit.values(), 2)) / (len(unit) - 1) for unit in units
    ) / max(len(every), 1)
    between = [distance(one, other) for one, other in permutations(every, 2)]
    return None if not any(between) else 1 - within / (sum(between) / len(between))


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["I1", "I2", "I3", "I4", "I5"]),
        st.sampled_from(["Delight", "Review", "unheard of", "Boycott"]),
        st.sampled_from(["", "", "", "present", "absent"]),
        st.sampled_from(["ana", "ben", "cem"]),
    ),
    min_size=4,
    max_size=40,
)


@settings(max_examples=drawn(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_the_tables_are_read_as_the_rules_say(tmp_path: Path, rows: list[Row]) -> None:
    """What SQL counts gives the coefficients that plain Python gets judgment by judgment."""
    try:
        found = values(estimated([bundle(rows, tmp_path)]).estimates)
    except InputError:
        judges = Counter(id for id, _ in {(row[0], row[3]) for row in rows})

        assert max(judges.values()) == 1 or len({row[3] for row in rows}) == 1
        return
    expected = oracle(rows)

    assert {key: value for key, value in expected.items() if value is None} == {
        key: None for key in expected if found[key] is None
    }
    assert {key: value for key, value in expected.items() if value is not None} == pytest.approx(
        {key: found[key] for key in expected if found[key] is not None}, abs=1e-6
    )


def test_an_incident_that_a_coder_did_not_code_is_missing(tmp_path: Path) -> None:
    """An incident that one coder alone coded changes nothing; one in which a coder found something else does."""
    rows = [("I1", "Delight", "", "ana"), ("I1", "Delight", "", "ben"), ("I2", "Review", "", "ana")]
    rows += [("I2", "Delight", "", "ben"), ("I3", "Review", "", "ana"), ("I3", "Review", "", "ben")]
    before = values(estimated([bundle(rows, tmp_path)]).estimates)
    alone = values(estimated([bundle([*rows, ("I4", "Delight", "", "ana")], tmp_path)]).estimates)
    other = [*rows, ("I4", "Delight", "", "ana"), ("I4", "Review", "", "ben")]

    assert before == alone
    assert before != values(estimated([bundle(other, tmp_path)]).estimates)


def test_intervals_take_incidents_not_codes_as_what_was_sampled(tmp_path: Path) -> None:
    """Codes that always come together tell no more than one of them: the interval over both is that of each."""
    yes = {"ana": [1, 1, 0, 0, 1, 0, 1, 1], "ben": [1, 0, 0, 0, 1, 1, 1, 1]}
    rows = [("I" + str(at), "Trust", "absent", who) for who, those in yes.items() for at in range(len(those))]
    for who, those in yes.items():
        rows += [(f"I{at}", code, "", who) for at, said in enumerate(those) if said for code in ("Delight", "Review")]
    found = estimated([bundle(rows, tmp_path)]).estimates
    whole = {one.measure: (one.low, one.high) for one in found if one.of == "all codes"}
    single = {one.measure: (one.low, one.high) for one in found if one.of == "Review"}

    for measure, ends in single.items():
        if measure != "krippendorff-alpha":  # which allows for the number of judgments
            assert ends == pytest.approx(whole[measure], abs=1e-6)


def test_many_coders_are_counted_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """With more coders than are told apart there is no kappa of pairs, and all else stays the same."""
    path = CASES[[folder.name for folder in CASES].index("three-coders")] / "codings.csv"
    before = values(estimated([path]).estimates)
    monkeypatch.setattr(coded_module, "NAMED", 2)
    monkeypatch.setattr("kgtools.agreement.estimates.NAMED", 2)

    assert {key: value for key, value in before.items() if key[3] != "cohen-kappa"} == values(
        estimated([path]).estimates
    )


def test_of_very_many_incidents_some_sets_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more sets than are compared, a part of the incidents is taken, the same each time, and told."""
    rows = [(f"I{at}", "Delight" if at % 3 else "Review", "", who) for at in range(50) for who in ("ana", "ben")]
    monkeypatch.setattr(coded_module, "COMPARED_SETS", 40)
    path = bundle([*rows, ("I7", "Trust", "", "ana")], tmp_path)
    first, second = (estimated([path], ["overall"]) for _ in range(2))

    assert (20, 50) == (first.sets_of, first.shared)
    assert values(first.estimates) == values(second.estimates)


def test_bundles_are_taken_together(tmp_path: Path) -> None:
    """Incidents of two bundles are as many units, and a coder of the same name is the same one."""
    rows = [("I1", "Delight", "", "ana"), ("I1", "Delight", "", "ben"), ("I2", "Review", "", "ana")]
    rows += [("I2", "Delight", "", "ben")]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    paths = [bundle(rows, tmp_path / name) for name in ("a", "b")]
    twice = bundle([*rows, *((f"again {row[0]}", *row[1:]) for row in rows)], tmp_path)
    together = estimated([path.parent for path in paths])

    assert estimated([twice]).estimates == together.estimates


def test_some_coders_only() -> None:
    """`only` compares the coders named, and the codes that these found."""
    path = CASES[[folder.name for folder in CASES].index("three-coders")] / "codings.csv"
    whole = values(estimated([path], ["overall"]).estimates)
    pair = values(estimated([path], ["overall"], ["cem", "ana"]).estimates)

    assert (
        whole["pair", "all codes", ("ana", "cem"), "cohen-kappa"]
        == pair["overall", "all codes", ("ana", "cem"), "cohen-kappa"]
    )


# Propositions.


def test_coders_agree_in_what_their_own_codings_yield() -> None:
    """What is compared for a proposition is the verdict of `derive --coders NAME`, in units that both coded whole."""
    path = Path(__file__).parents[1] / "examples" / "online-service"
    with (path / "codings.csv").open(encoding="utf-8", newline="") as file:
        who = {(row["incident"], row["coder"]) for row in csv.DictReader(file)}
    names = sorted({coder for _, coder in who})
    said: dict[tuple[str, str, str], dict[str, str]] = {}
    for coder in names:
        for one in derive_all([path], Job(coders=coder, every=True))[1]:
            said.setdefault((one.proposition, one.unit_type, one.unit), {})[coder] = one.verdict
    chains: dict[str, set[str]] = {}
    for incident in (one for chunk in JOB.read([path])[0].chunks() for one in chunk.incidents):
        chains.setdefault(incident.chain, set()).add(incident.id)
    expected: dict[str, Counter[tuple[str, ...]]] = {}
    for (proposition, unit_type, unit), verdicts in said.items():
        members = chains[unit] if unit_type == "chain" else {unit}
        if all((id, coder) in who for id in members for coder in names) and "not-applicable" not in verdicts.values():
            expected.setdefault(proposition, Counter())[tuple(verdicts[coder] for coder in names)] += 1
    estimates = [one for one in estimated([path], ["proposition"]).estimates if one.measure == "krippendorff-alpha"]

    assert {key: units.total() for key, units in expected.items()} == {one.of: one.units for one in estimates}
    assert {key: krippendorff_alpha(units).value for key, units in expected.items()} == pytest.approx(
        {one.of: one.value for one in estimates}, abs=1e-6
    )


def test_where_a_proposition_does_not_apply_nobody_judged(tmp_path: Path) -> None:
    """An incident on a channel that is not in a proposition's scope is no unit of it, nor a chain coded in part."""
    (tmp_path / "incidents.csv").write_text(
        "incident,channel,follows\nI1,Forum,\nI2,OfflineChannel,\nI3,Forum,I1\n", "utf-8"
    )
    rows = [(id, "Delight", "", who) for id in ("I1", "I2") for who in ("ana", "ben")]
    bundle([*rows, ("I3", "Delight", "", "ana")], tmp_path)
    units = {one.of: (one.unit, one.units) for one in estimated([tmp_path], ["proposition"]).estimates}

    assert ("incident", 1) == units["Z-delight"]
    assert ("incident", 2) == units["J-access"]
    assert ("chain", 1) == units["J-cycle"]


# The report.


def report_of(path: Path) -> str:
    """The page on some data."""
    facts, about, _ = facts_of([path], JOB)
    file = io.BytesIO()
    write_report(facts, about, file)
    return file.getvalue().decode()


def test_the_report_tells_and_draws_it(tmp_path: Path) -> None:
    """The page has the command's numbers in a table and in the picture's words, of 30 codes at most, names escaped."""
    names = [f"<b>code</b> {at}" for at in range(34)]
    rows = [(f"I{at}", name, "", who) for at, name in enumerate(names) for who in ("ana", "ben")]
    rows += [(f"I{at}", names[0], "", "ana") for at in range(9)] + [(f"I{at}", names[0], "", "ben") for at in (2, 30)]
    path = bundle(rows, tmp_path)
    page = report_of(path)
    alpha = next(one for one in estimated([path]).estimates if one.of == names[0] and one.measure.endswith("alpha"))

    told = page[page.index('<figure id="agreement">') :]
    told = told[: told.index("</figure>")]

    assert page == report_of(path)
    assert f"&lt;b&gt;code&lt;/b&gt; 0: {said(alpha)}. " in told
    assert '<th scope="row">&lt;b&gt;code&lt;/b&gt; 0</th><td class="n">10</td>' in told
    assert f"<td>{said(alpha).replace(', ', ',' + chr(160))}</td>" in told
    assert 30 == told.count('<th scope="row">&lt;b&gt;code')
    assert "4 more are not shown" in told
    assert "<b>code" not in page


@pytest.mark.parametrize("who", [("ana", "ana"), ("ana", "ben")])
def test_without_two_coders_of_an_incident_the_report_draws_nothing(who: tuple[str, str], tmp_path: Path) -> None:
    """Where no two coders coded the same incident, the page says nothing of their agreement."""
    page = report_of(bundle([("I1", "Delight", "", who[0]), ("I2", "Delight", "", who[1])], tmp_path))

    assert 'id="agreed-title"' not in page


# The command.

TWO: list[Row] = [("I1", "Delight", "", "ana"), ("I1", "Delight", "", "ben")]


def test_it_is_written_for_people_spreadsheets_and_programs(capsys: Captured) -> None:
    """The same estimates stand in csv and json, and an undefined one is undefined in the table, with the reason."""
    path = str(CASES[[folder.name for folder in CASES].index("one-category")] / "codings.csv")

    assert main(["agreement", path, "--by", "code", "--format", "csv"]) == 0
    table = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert main(["agreement", path, "--by", "code", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["agreement", path, "--by", "code"]) == 0
    text = capsys.readouterr().out

    assert list(COLUMNS) == list(table[0])
    assert [row["value"] for row in table] == [
        "" if one["value"] is None else str(one["value"]) for one in told["estimates"]
    ]
    assert [{"name": "ana", "incidents": 2}, {"name": "ben", "incidents": 2}] == told["coders"]
    assert "undefined: all judgments are of one category, so nothing tells agreement from chance (Delight)" in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize(
    ("rows", "arguments", "told"),
    [
        ([("I1", "Delight", "", "ana")], [], "agreement takes two coders or more, and there is only `ana`"),
        ([("I1", "Delight", "", "")], [], "no row names its coder (column `coder`)"),
        ([("I1", "Delight", "", "ana"), ("I2", "Delight", "", "ben")], [], "no incident was coded by two"),
        ([(*row[:2], "absent", row[3]) for row in TWO], [], "the coders recorded only absences"),
        (TWO, ["--coder", "eve"], "no coder `eve`; there are ana, ben"),
        (TWO, ["--coder", "ana"], "there is only `ana`"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_in_one_line(
    rows: list[Row], arguments: list[str], told: str, tmp_path: Path, capsys: Captured
) -> None:
    """Too few coders, or nothing that two coded: one line, exit code 2, and nothing on stdout."""
    assert main(["agreement", str(bundle(rows, tmp_path)), *arguments]) == 2
    out, err = capsys.readouterr()

    assert "" == out
    assert told in err
    assert 1 == err.count("\n")


def test_rows_left_out_end_in_exit_code_1(tmp_path: Path, capsys: Captured) -> None:
    """A row that is wrong is told as everywhere, and the others are compared."""
    rows = [("I1", "Delight", "perhaps", "ana"), ("I1", "Review", "", "ana"), ("I1", "Review", "", "ben")]

    assert main(["agreement", str(bundle(rows, tmp_path)), "--by", "overall"]) == 1
    assert "`perhaps` is no presence" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["overall", "code"])
def test_a_graph_gives_what_its_tables_give(by: str, tmp_path: Path, capsys: Captured) -> None:
    """Coders agree as far in RDF as in the tables that it was lifted from."""
    path, graph = CASES[[folder.name for folder in CASES].index("two-coders")], tmp_path / "codings.nq"

    assert main(["import", str(path), "-o", str(graph)]) == 0
    capsys.readouterr()
    assert main(["agreement", str(path), "--by", by, "--format", "csv"]) == 0
    expected = capsys.readouterr().out
    assert main(["agreement", str(graph), "--by", by, "--format", "csv"]) == 0
    assert expected == capsys.readouterr().out
    assert set(BY) == {"overall", "code", "proposition"}


def test_a_code_that_says_something_of_others_is_none_to_agree_on(tmp_path: Path) -> None:
    """`Valence > positive` tells of what else is coded on the same words, so it counts for no agreement."""
    rows: list[Row] = [(f"I{n}", code, "", coder) for n in (1, 2) for code in ("Delight", "Trust") for coder in "ab"]
    beside = bundle([*rows, ("I1", "Valence > positive", "", "a")], tmp_path)
    with_it = values(estimated([beside]).estimates)
    without = values(estimated([bundle(rows, tmp_path)]).estimates)

    assert without == with_it
