"""Coefficients of agreement: what is published, what another library gives, and what must hold of any of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations, permutations
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgtools.agreement.interval import STILL, interval, t_quantile
from kgtools.agreement.measures import (
    ALIKE,
    NOBODY,
    Coefficient,
    Units,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    masi,
    mean_kappa,
    percent_agreement,
)

EXAMPLES = Path(__file__).parents[2] / "shared/data/agreement/worked_examples.json"
needs_examples = pytest.mark.skipif(not EXAMPLES.is_file(), reason="the worked examples are not in `../shared`")
BEYOND_CHANCE = (mean_kappa, fleiss_kappa, krippendorff_alpha, gwet_ac1)
MEASURES = (percent_agreement, *BEYOND_CHANCE)
ABSTRACTORS: Units = {(0, 0): 13, (1, 1): 20, (1, 2): 7, (2, 1): 4, (2, 2): 56}
"""Two coders of 100 records into three categories (Gwet's data set of abstractors)."""

Measure = Callable[[Units], Coefficient]
Row = tuple[Any, ...]


def example(name: str) -> Any:
    """One of the worked examples."""
    return json.loads(EXAMPLES.read_text("utf-8"))[name]


def by_coder(rows: Sequence[Sequence[Any]]) -> Units:
    """Units of a table with a row a coder."""
    return Counter(zip(*rows, strict=True))


def two_by_two(cells: Sequence[int]) -> Units:
    """Units of two coders, from how many are yes and yes, yes and no, no and yes, no and no."""
    return dict(zip([(1, 1), (1, 0), (0, 1), (0, 0)], cells, strict=True))


def around(one: Coefficient, units: Units) -> tuple[float, float] | str:
    """The interval of a coefficient, each unit a cluster."""
    assert one.value is not None
    return interval(one.value, [(one.influence.get(kind, 0), count) for kind, count in units.items()])


def standard_error(one: Coefficient, units: Units) -> float:
    """The root of a coefficient's variance, each unit a cluster."""
    n = sum(units.values())
    return sqrt(sum(count * one.influence.get(kind, 0) ** 2 for kind, count in units.items()) * n / (n - 1))


@needs_examples
@pytest.mark.parametrize(
    "name", ["krippendorff_C_4x12", "wikipedia_3x15", "krippendorff2011_A_binary", "krippendorff2011_B_nominal"]
)
def test_alpha_is_the_published_one(name: str) -> None:
    """Nominal alpha is, to three decimals, what the sources print, with judgments missing too."""
    given_ = example(name)

    assert given_["expected"]["alpha_nominal"] == pytest.approx(
        krippendorff_alpha(by_coder(given_["raters"])).value, abs=5e-4
    )


@needs_examples
def test_kappas_and_ac1_are_the_published_ones() -> None:
    """Cohen's and Fleiss' kappa, and AC1 where the two kappas go wrong, are to three decimals what sources print."""
    paradox = example("kappa_paradox_118_5_2_0")
    odd = two_by_two(paradox["cells"])
    table = example("fleiss_wikipedia_10x5_14raters")
    fourteen = Counter(tuple(k for k, n in enumerate(row) for _ in range(n)) for row in table["table"])
    second = example("krippendorff2011_B_nominal")
    four = by_coder(example("krippendorff_C_4x12")["raters"])
    published = example("irrCAC_raw_4raters")
    expected = [
        *(one["kappa"] for one in example("cohen_2x2")),
        second["expected"]["cohen_kappa"],
        *(paradox[name] for name in ("cohen_kappa", "gwet_AC1", "krippendorff_alpha")),
        table["fleiss_kappa"],
        *(published[name] for name in ("gwet", "fleiss", "krippendorff")),
    ]
    found = [
        *(cohen_kappa(two_by_two(one["cells"])).value for one in example("cohen_2x2")),
        cohen_kappa(by_coder(second["raters"])).value,
        *(measure(odd).value for measure in (cohen_kappa, gwet_ac1, krippendorff_alpha)),
        fleiss_kappa(fourteen).value,
        *(measure(four).value for measure in (gwet_ac1, fleiss_kappa, krippendorff_alpha)),
    ]

    assert expected == pytest.approx(found, abs=5e-4)


def test_standard_errors_are_those_of_others() -> None:
    """The delta method gives, for complete data, the standard errors that irrCAC prints; alpha's differ in 1/n."""
    expected = {"cohen": (0.79641, 0.05921), "fleiss": (0.79624, 0.05935), "gwet": (0.84933, 0.04344)}
    found = {
        name: (one.value, standard_error(one, ABSTRACTORS))
        for name, measure in (("cohen", cohen_kappa), ("fleiss", fleiss_kappa), ("gwet", gwet_ac1))
        for one in (measure(ABSTRACTORS),)
    }
    alpha = krippendorff_alpha(ABSTRACTORS)

    for name, pair in expected.items():
        assert pair == pytest.approx(found[name], abs=5e-6)
    assert (0.79726, 0.05935) == pytest.approx((alpha.value, standard_error(alpha, ABSTRACTORS)), abs=4e-4)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.7062), (2, 4.3027), (5, 2.5706), (30, 2.0423), (200, 1.97190), (1000, 1.96234)]
)
def test_students_t(freedom: int, quantile: float) -> None:
    """The quantiles of t are those of the tables, on both sides of where the way to them changes."""
    assert quantile == pytest.approx(t_quantile(freedom), abs=6e-5)


# What must hold of any of them.

CELLS = st.sampled_from(["a", "b", "c", None])


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[Any] = CELLS, least: int = 0) -> list[Row]:
    """Units, each with a judgment, or None, of two to four coders."""
    coders = draw(st.integers(2, 4))
    return draw(st.lists(st.tuples(*[cells] * coders), min_size=least, max_size=12))


def close(one: float | None, other: float | None) -> bool:
    return one is other is None or (one is not None and other is not None and abs(one - other) < 1e-9)


@given(tables(), st.data())
def test_names_and_orders_do_not_matter(rows: list[Row], data: st.DataObject) -> None:
    """Other names of categories, another order of coders or of units: the same coefficient and the same interval."""
    order = data.draw(st.permutations(range(len(rows[0]) if rows else 2)))
    names = dict(zip("abc", data.draw(st.permutations("xyz")), strict=True))
    names_too: dict[Any, Any] = {**names, None: None}
    others = [tuple(names_too[row[at]] for at in order) for row in data.draw(st.permutations(rows))]
    before, after = Counter(rows), Counter(others)
    for measure in MEASURES:
        one, other = measure(before), measure(after)

        assert close(one.value, other.value)
        assert (one.units, one.reason) == (other.units, other.reason)
        if one.value is not None and one.units > 2:
            first, second = around(one, before), around(other, after)
            assert first == second if isinstance(first, str) else first == pytest.approx(second, abs=1e-6)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(2, 4)), min_size=1, max_size=10))
def test_perfect_agreement_is_one_or_undefined(drawn: list[tuple[str, int]]) -> None:
    """Where all agree, on two categories or more, coefficients are 1 without an interval; on one they are undefined."""
    units = Counter((category,) * coders + (None,) * (4 - coders) for category, coders in drawn)
    expected = 1.0 if len({category for category, _ in drawn}) > 1 else None
    for measure in (fleiss_kappa, krippendorff_alpha, gwet_ac1):
        one = measure(units)

        assert expected == one.value
        assert expected is None or around(one, units) == STILL
    assert expected == mean_kappa(units).value  # the first two coders judged every unit
    assert 1.0 == percent_agreement(units).value


@pytest.mark.parametrize("measure", BEYOND_CHANCE)
def test_one_category_is_undefined(measure: Measure) -> None:
    """Who only ever says no agrees by necessity: neither 0 nor 1, but undefined, and it says why."""
    assert Coefficient(None, 7, reason=ALIKE) == measure({(0, 0): 7})


@pytest.mark.parametrize("measure", MEASURES)
def test_nobody_judged_the_same(measure: Measure) -> None:
    """Without a unit that two judged there is no coefficient."""
    assert Coefficient(None, reason=NOBODY) == measure({(1, None): 3, (None, 0): 2})
    assert Coefficient(None, reason=NOBODY) == measure({})


@given(tables())
def test_an_interval_holds_its_estimate(rows: list[Row]) -> None:
    """An interval is around its estimate, and within what the measure can be."""
    units = Counter(rows)
    for measure in MEASURES:
        one = measure(units)
        found = around(one, units) if one.value is not None and rows else STILL
        if not isinstance(found, str):
            assert one.value is not None
            assert found[0] <= one.value <= found[1] <= 1


@given(tables(), CELLS)
def test_a_unit_with_one_judgment_tells_nothing(rows: list[Row], category: Any) -> None:
    """A unit that one coder judged, or none, changes neither alpha, percent agreement nor any pair's kappa."""
    alone: Row = (category, *(None,) * (len(rows[0]) - 1 if rows else 1))
    for measure in (percent_agreement, mean_kappa, krippendorff_alpha):
        one, other = measure(Counter(rows)), measure(Counter([*rows, alone]))

        assert close(one.value, other.value)


@given(tables(st.sampled_from("abc"), 1))
def test_alpha_is_what_its_definition_says(rows: list[Row]) -> None:
    """Alpha is 1 less the mean distance within units by that between any two judgments, counted one by one."""
    every = [value for row in rows for value in row]
    within = [(one != other) for row in rows for one, other in permutations(row, 2)]
    between = [(one != other) for one, other in permutations(every, 2)]
    if any(between):
        expected = 1 - (sum(within) / len(within)) / (sum(between) / len(between))

        assert expected == pytest.approx(krippendorff_alpha(Counter(rows)).value)


SETS = st.frozensets(st.sampled_from("abcd"), max_size=3)


@settings(deadline=None)  # the other library takes a while to load
@given(tables(SETS, 3))
def test_another_library_gives_the_same(rows: list[Row]) -> None:
    """NLTK gives the same alpha with MASI (whose thirds it rounds to hundredths), and the same kappa of a pair."""
    from nltk.metrics.agreement import AnnotationTask

    def close_to(one: frozenset[str], other: frozenset[str]) -> float:
        return masi(one, other)

    data = [(f"c{coder}", unit, value) for unit, row in enumerate(rows) for coder, value in enumerate(row)]
    units = Counter(rows)
    alpha = krippendorff_alpha(units, masi)
    if alpha.value is not None:
        assert AnnotationTask(data=data, distance=close_to).alpha() == pytest.approx(alpha.value)
    for first, second in combinations(range(len(rows[0])), 2):
        kappa = cohen_kappa(units, first, second)
        if kappa.value is not None:
            assert AnnotationTask(data=data).kappa_pairwise(f"c{first}", f"c{second}") == pytest.approx(kappa.value)


@settings(deadline=None)
@given(SETS, SETS)
def test_masi_is_that_of_another_library(one: frozenset[str], other: frozenset[str]) -> None:
    """The distance of two sets is NLTK's, but for its rounding."""
    from nltk.metrics import masi_distance

    if one or other:
        assert masi_distance(one, other) == pytest.approx(masi(one, other), abs=4e-3)


@given(tables(least=1), st.data())
def test_an_influence_is_what_one_more_unit_adds(rows: list[Row], data: st.DataObject) -> None:
    """The influence of a unit is the slope of the coefficient in how often units are judged like it."""
    kind = data.draw(st.sampled_from(rows))
    units = Counter(rows)
    more: dict[Row, Any] = {**units, kind: units[kind] + 1e-7}
    for measure in MEASURES:
        one, other = measure(units), measure(more)
        if one.value is not None and other.value is not None:
            slope = (other.value - one.value) / 1e-7

            assert slope == pytest.approx(one.influence.get(kind, 0.0), abs=1e-5)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_variance_is_near_that_of_leaving_out_one(measure: Measure) -> None:
    """The delta method comes near the jackknife on middling data of three coders, some of whom skip units."""
    from random import Random

    random = Random(8)
    rows: list[Row] = []
    while len(rows) < 120:
        true = random.choice("aab")
        row = tuple(
            None if random.random() < 0.2 else true if random.random() < 0.8 else random.choice("abc") for _ in range(3)
        )
        if row.count(None) < 2:
            rows.append(row)
    without = [measure(Counter(rows[:at] + rows[at + 1 :])).value or 0 for at in range(len(rows))]
    mean = sum(without) / len(rows)
    jackknife = sqrt((len(rows) - 1) / len(rows) * sum((one - mean) ** 2 for one in without))

    assert jackknife == pytest.approx(standard_error(measure(Counter(rows)), Counter(rows)), rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(("incidents", "least"), [(30, 0.90), (150, 0.92)])
def test_intervals_hold_the_truth_as_often_as_they_say(incidents: int, least: float) -> None:
    """Of samples from a known truth, nearly 95 in a hundred intervals hold it; three coders skip units now and then."""
    from random import Random

    random = Random(20)

    def sample(size: int) -> Units:
        rows: list[Row] = []
        while len(rows) < size:
            true = random.random() < 0.3
            said = (true if random.random() < 0.75 else random.random() < 0.3 for _ in range(3))
            row = tuple(one if random.random() < 0.85 else None for one in said)
            if row.count(None) < 2:
                rows.append(row)
        return Counter(rows)

    whole = sample(300_000)
    truth = {measure: measure(whole).value or 0 for measure in MEASURES}
    held: Counter[Measure] = Counter()
    for _ in range(800):
        units = sample(incidents)
        for measure in MEASURES:
            found = around(measure(units), units)
            held[measure] += not isinstance(found, str) and found[0] <= truth[measure] <= found[1]

    assert [] == [(one.__name__, held[one] / 800) for one in MEASURES if not least <= held[one] / 800 <= 0.98]
