"""What the texts of a project tell each other about how their offsets count, and what is said of it."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_positions import BOM, RULES, offset, quotes, spans, texts

from kgtools.read.qda.counted import UNITS, Rule, Text
from kgtools.read.qda.positions import Placed, Span, place, place_all
from kgtools.read.qda.project import Coded, Project, Selection, Source, Unit
from kgtools.read.qda.staging import stage_project
from kgtools.vocabulary import Vocabulary

Stored = tuple[bytes, list[Span], Unit | None]

NVIVO = Rule("utf-16", "two", "dropped")
ATLAS = Rule("code point", "one", "dropped")

WORDS = (
    *("ich", "war", "sehr", "froh", "als", "der", "Händler", "mir", "gestern", "zurück", "schrieb", "und", "alles"),
    *("für", "mich", "regelte", "weil", "die", "Größe", "nicht", "passte", "also", "rief", "sie", "an", "im", "Laden"),
)


def report(chance: random.Random, *, rich: bool) -> str:
    """A short text; if rich, of lines that end in CRLF and hold emoji."""
    sentences = []
    for _ in range(chance.randint(3, 6)):
        words = chance.choices(WORDS, k=chance.randint(5, 12))
        if rich:
            words.insert(chance.randrange(len(words)), chance.choice(("😀", "🎉🎉", "😞")))
        sentences.append(" ".join(words))
    return (".\r\n" if rich else ". ").join(sentences)


def reports(
    rules: Sequence[Rule], *, each: int = 1, seed: int = 5, sloppy: float = 0.0
) -> tuple[list[Stored], list[list[str]]]:
    """A project of short texts, a rule each, with some selections of whole words; and what these are.

    Args:
        each: selections a text.
        sloppy: how many of the selections begin inside of a word.
    """
    chance = random.Random(seed)
    project: list[Stored] = []
    expected = []
    for index, rule in enumerate(rules):
        raw = report(chance, rich=index % 2 == 1)
        words = [one.span() for one in re.finditer(r"\w+", raw)]
        asked, said = [], []
        for _ in range(each):
            first = chance.randrange(len(words) - 2)
            start, end = words[first][0], words[first + 2][1]
            start += chance.random() < sloppy
            asked.append(Span(offset(raw, start, rule), offset(raw, end, rule)))
            said.append(raw[start:end].replace("\r\n", "\n"))
        project.append((BOM + raw.encode(), asked, None))
        expected.append(said)
    return project, expected


def alone(project: Sequence[Stored]) -> list[Placed]:
    return [place(*one) for one in project]


def wrong(placed: Sequence[Placed], expected: Sequence[list[str]]) -> list[tuple[str | None, str]]:
    """What is cut, and is not what was selected."""
    pairs = [pair for one, said in zip(placed, expected, strict=True) for pair in zip(quotes(one), said, strict=True)]
    return [(quote, said) for quote, said in pairs if quote not in (None, said)]


def missing(placed: Sequence[Placed]) -> int:
    return sum(cut is None for one in placed for cut in one.cuts)


@pytest.mark.parametrize("rule", [NVIVO, ATLAS, *RULES], ids=str)
def test_one_selection_each(rule: Rule) -> None:
    """Forty short texts of one selection each tell together how all count, and each is then cut exactly."""
    project, expected = reports([rule] * 40)
    placed = place_all(project)

    assert expected == [quotes(one) for one in placed]
    assert missing(alone(project)) > 20
    assert "" == "".join(one.remark for one in placed)


def test_named_as_in_the_project() -> None:
    """A text that others told of has the rule that the project follows, and that is marked on it."""
    project, _ = reports([NVIVO] * 40)
    placed, by_itself = place_all(project), alone(project)
    told = [one for one in placed if one.pooled]

    assert {"utf-16; CRLF as two; BOM dropped", "code point; BOM dropped"} == {str(one.rule) for one in told}
    assert [one.rule is None for one in by_itself] == [one.pooled for one in placed]
    assert [one.score for one in by_itself] == [one.score for one in placed]


def test_two_halves() -> None:
    """Of a project merged from two that count differently, nothing is cut in the wrong place."""
    for seed in range(5):
        project, expected = reports([NVIVO] * 20 + [ATLAS] * 20, seed=seed, each=1 + seed % 3)

        assert [] == wrong(place_all(project), expected)


def test_few_of_another_rule() -> None:
    """One text in eight that clearly counts otherwise is enough that nothing is told where it matters."""
    project, expected = reports([ATLAS if index % 8 == 7 else NVIVO for index in range(40)], each=6)
    short = [(data, spans[:1], unit) for data, spans, unit in project[::3]]
    told = place_all(project + short)

    assert [] == wrong(told, expected + [one[:1] for one in expected[::3]])
    assert missing(told[40:]) > 5


def test_sloppy_selections() -> None:
    """That one selection in ten is not of whole words keeps the project from nothing."""
    project, expected = reports([NVIVO] * 60, each=3, sloppy=0.1)
    placed = place_all(project)

    assert [] == wrong(placed, expected)
    assert missing(placed) < 10 < missing(alone(project)) - 50


def test_own_evidence() -> None:
    """A text that fits another rule better by itself does not follow the project's, but stays open."""
    project, _ = reports([NVIVO] * 40)
    raw = "😀 one two three"
    at = Span(offset(raw, raw.index("two"), Rule("code point")), offset(raw, raw.index("two") + 3, Rule("code point")))
    placed = place_all([*project, (raw.encode(), [at], None)])[-1]

    assert (None, [None], False) == (placed.rule, quotes(placed), placed.pooled)


def test_copies() -> None:
    """Copies of a text with the same selections tell no more than one of them."""
    raw = "one two 😀 " + "aa " * 9
    project: list[Stored] = [(raw.encode(), [Span(0, 3), Span(13, 15)], None)] * 5

    assert alone(project) == place_all(project)


def test_known_unit() -> None:
    """Texts whose unit is known say nothing of those whose unit is not."""
    project, _ = reports([NVIVO] * 40)
    known: list[Stored] = [(data, spans, "utf-16") for data, spans, _ in project]
    open_ = [one for one in project if place(*one).rule is None][:1]

    assert place(*open_[0]) == place_all([*known, *open_])[-1]


def test_words_before_the_project() -> None:
    """A selection whose words a text found by another rule than the project's stays there."""
    project, _ = reports([NVIVO] * 40)
    raw = "😀 one two 🎉 three and 😞 x y z v w"
    asked = spans(raw, ["x"], Rule("utf-16"), words=True) + spans(raw, ["v"], Rule("code point"), words=True)
    both: Stored = (raw.encode(), asked, None)
    placed = place_all([*project, both])[-1]

    assert ["x", "v"] == quotes(place(*both)) == quotes(placed)
    assert placed.pooled


def test_clear_texts_of_another_rule() -> None:
    """However many selections one rule has: a text in ten that is clearly by another keeps it from being told."""
    project, _ = reports([NVIVO] * 20, each=30)
    other, _ = reports([Rule("code point", "two", "dropped")] * 4, each=8)
    tie: Stored = ("😀 a b c d".encode(), [Span(4, 5)], None)

    assert [None] == quotes(place_all([*project, *other, tie])[-1])
    assert Rule("utf-16") == place_all([*project, tie])[-1].rule


def test_changed_later() -> None:
    """That a single selection does not fit its text any more does not keep the project from the rule."""
    project, expected = reports([NVIVO] * 70)
    changed: Stored = ("😀 one two".encode(), [Span(1, 6)], None)

    assert expected == [quotes(one) for one in place_all([*project, changed])][:-1]


def test_hardly_any_whole_words() -> None:
    """Where the selections of all texts hardly ever begin or end with a word, no rule is told."""
    project: list[Stored] = [
        (f"😀 {'abcdefgh ' * 5}{number}".encode(), [Span(4, 10), Span(15, 18)], None) for number in range(10)
    ]

    assert alone(project) == place_all(project)


def test_room_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of characters in quotes is of all texts of a project together."""
    monkeypatch.setattr("kgtools.read.qda.positions.LONGEST_QUOTES", 30)
    placed = place_all([(b"one two three four", [Span(0, 18)], None)] * 2)

    assert [["one two three four"], [None]] == [quotes(one) for one in placed]


@pytest.mark.parametrize("crlf", ["two", "one"])
def test_bytes_that_are_no_utf8(crlf: str) -> None:
    """Where bytes are broken, those of the file count, not those of what is read in their place."""
    raw = "Größe für alle schöne Bücher über Händler.\r\n" * 8
    whole = raw.encode()
    data = whole.replace(b"alle", b"al\xe2\x82e", 1).replace(b"Gr", b"\xc3G\xffr", 2)
    stored = data if crlf == "two" else data.replace(b"\r\n", b"\n")
    starts = [one.start() for one in re.finditer(b"H", stored)]
    asked = [Span(start, start + len("Händler".encode())) for start in starts]
    inside = Span(stored.index(b"\xe2\x82e") + 1, stored.index(b"\xe2\x82e") + 2)
    placed = place(data, asked)

    assert ("byte", crlf) == (placed.rule and placed.rule.unit, placed.rule and placed.rule.crlf)
    assert ["Händler"] * 8 == quotes(placed)
    assert [*["Händler"] * 8, None] == quotes(place(data, [*asked, inside], unit="byte"))


@given(
    st.lists(
        st.sampled_from([b"a", b"\xc3\xa9", b"\xe2\x82", b"\xff", b"\xef\xbf\xbd", b"\xf0\x9f\x98", b"\r\n"]),
        max_size=40,
    )
)
def test_broken_bytes_are_counted(parts: list[bytes]) -> None:
    """Each whole character of broken UTF-8 is found at its bytes, whatever is broken before it."""
    data = "ü".encode() * 600 + b" " + b"".join(part + b" " for part in parts)
    text = Text.of(data)
    at = [place.end() for place in re.finditer(b" ", data)]
    counted = text.places(Rule("byte", "two"), [(one - 1, one) for one in at])

    assert [" "] * len(at) == [text.kept[slice(*one)] for one in counted if one]


@given(st.lists(texts(), min_size=1, max_size=6), st.sampled_from(RULES), st.booleans(), st.data())
def test_never_wrong(
    drawn: list[tuple[str, list[tuple[int, int]]]], rule: Rule, marked: bool, data: st.DataObject
) -> None:
    """In a project of one rule, with words stored here and there, a selection is cut exactly or not at all."""
    project: list[Stored] = []
    expected = []
    rule = Rule(rule.unit, rule.crlf, rule.bom if marked else None)
    for raw, places in drawn:
        stored = data.draw(st.booleans())
        asked = [
            Span(offset(raw, *(at, rule)), offset(raw, end, rule), raw[at:end] if stored else None)
            for at, end in places
        ]
        project.append(((BOM if marked else b"") + raw.encode(), asked, None))
        expected.append([raw[slice(*one)].replace("\r\n", "\n").replace("\r", "\n") for one in places])

    assert [] == wrong(place_all(project), expected)


@given(
    st.lists(
        st.tuples(
            st.binary(max_size=40) | st.text("aä 😀\r\n\ufeff", max_size=30).map(str.encode),
            st.lists(st.builds(Span, st.integers(-2, 30), st.integers(-2, 30), st.none() | st.text("aä 😀"))),
            st.none() | st.sampled_from(UNITS),
        ),
        max_size=6,
    )
)
def test_clear_alone(project: list[Stored]) -> None:
    """What a text says alone, other texts do not change."""
    for one, together in zip(alone(project), place_all(project), strict=True):
        before = [cut and (cut.start, cut.end) for cut in one.cuts]
        after = [cut and (cut.start, cut.end) for cut in together.cuts]

        assert before == [cut if was else None for was, cut in zip(before, after, strict=True)]
        assert one.rule is None or one == together


def project_of(placed: Sequence[Stored]) -> Project:
    """A project that a reader yields, with these texts."""
    project = Project("Reports", "NVivo")
    for number, (data, asked, _) in enumerate(placed):
        project.sources.append(Source(f"s{number}", f"Report {number}", text=data, line=number + 1))
        for nth, span in enumerate(asked):
            key = f"{number}/{nth}"
            project.selections.append(Selection(key, f"s{number}", span.start, span.end, span.words))
            project.codings.append(Coded(key, f"s{number}", "c", key))
    return project


def staged(project: Project) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """What is said of the places of a project's selections, and their cells."""
    with duckdb.connect() as database:
        export = stage_project(database, project, "reports.qdpx", Vocabulary.read())
        said = [f"{one.severity} {one.shape} {one.row}: {one.message}" for one in export.findings]
        columns = [
            export.columns.index(name) + 1 for name in ("segment", "start", "end", "offset_rule", "offset_score")
        ]
        cells = ", ".join(f'"cell {place}"' for place in columns)
        rows = database.execute(f'SELECT {cells} FROM raw_codings ORDER BY "row"').fetchall()
        return [one for one in said if "text:" in one], rows


def test_said_of_the_project() -> None:
    """That the project told what some texts did not is one finding, and the cells have the rule."""
    project, expected = reports([NVIVO] * 40)
    said, cells = staged(project_of(project))
    count = sum(one.pooled for one in place_all(project))

    assert [
        f"info text:pooled None: {count} texts alone do not tell how their offsets count; the project's other texts do"
    ] == said
    assert [quote for one in expected for quote in one] == [row[0] for row in cells]
    assert {"utf-16; CRLF as two; BOM dropped", "code point; BOM dropped"} == {row[3] for row in cells}


def test_no_flood() -> None:
    """However many texts have selections that are nowhere, that is one finding, with the first names."""
    stored: Stored = (b"one two", [Span(0, 3), Span(5, 99)], None)
    few, _ = staged(project_of([stored] * 2))
    many, _ = staged(project_of([stored] * 350))
    said = "outside of the text, or inside of a character: 1 selection"

    assert [f"warning text:positions 1: `Report 0`: {said}; `Report 1`: {said}"] == few
    assert [
        "warning text:positions 1: 350 texts have selections without a position: "
        f"`Report 0`: {said}; `Report 1`: {said}; `Report 2`: {said}; …"
    ] == many


def test_place_without_rule() -> None:
    """Where the rules that fit agree, the words have their place, though it is not known by which rule."""
    raw = "one two 😀 " + "aa " * 9
    _, cells = staged(project_of([(raw.encode(), [Span(0, 3), Span(13, 15)], None)]))

    assert [("one", "0", "3", None, None), (None, None, None, None, None)] == cells


@pytest.mark.slow
def test_many_texts() -> None:
    """Ten thousand short texts of five selections each take seconds."""
    project, _ = reports([NVIVO] * 10_000, each=5, sloppy=0.05)
    begun = time.process_time()
    placed = place_all(project)

    assert missing(placed) < 1_000
    assert time.process_time() - begun < 20
