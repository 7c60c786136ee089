"""Where selections stand in a text, whatever the program that wrote the offsets counts."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kgtools.read.encoding import decode
from kgtools.read.qda.counted import UNITS, Rule
from kgtools.read.qda.positions import Cut, Placed, Span, place
from kgtools.read.qda.project import Unit

SHARED = Path(__file__).parents[2] / "shared" / "data" / "refi-qda" / "samples"

STORY = (
    "Der Händler hat 😀 geschrieben.\r\nIch war froh 👩‍👩‍👧 und erzählte es allen.\r\n"
    "Café, naïveté, e\u0301te\u0301 und 🎉🎉 danach\r\nkam nichts mehr von ihm.\r\nSchade 😞 fand ich das, sehr sogar!"
    "\r\n"
)

FOLDED = STORY.replace("\r", "")

CRLF: tuple[Literal["two", "one"], ...] = ("two", "one")
MARKS: tuple[Literal["dropped", "counted"], ...] = ("dropped", "counted")
RULES = [Rule(*one) for one in product(UNITS, CRLF, MARKS)]

BOM = b"\xef\xbb\xbf"


def offset(raw: str, at: int, rule: Rule) -> int:
    """What a program that counts by this rule writes for a place in a text (without its byte order mark)."""
    before = raw[:at].replace("\r\n", "\n") if rule.crlf == "one" else raw[:at]
    count: dict[Unit, Callable[[str], int]] = {
        "code point": len,
        "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
        "byte": lambda text: len(text.encode()),
    }
    mark = 0 if rule.bom != "counted" else count[rule.unit]("\ufeff")
    return count[rule.unit](before) + mark


def spans(raw: str, quotes: Iterable[str], rule: Rule, *, words: bool = False) -> list[Span]:
    """The selections of these words (where they stand first), as a program that counts by this rule writes them."""
    found = []
    for quote in quotes:
        start = raw.index(quote)
        end = start + len(quote)
        found.append(Span(offset(raw, start, rule), offset(raw, end, rule), quote if words else None))
    return found


def quotes(placed: Placed) -> list[str | None]:
    return [None if cut is None else cut.quote for cut in placed.cuts]


QUOTES = [
    "geschrieben",
    "Ich war froh",
    "👩‍👩‍👧 und",
    "Café",
    "e\u0301te\u0301",
    "🎉🎉",
    "danach",
    "Schade 😞 fand",
    "sehr",
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_finds_the_rule(rule: Rule) -> None:
    """Words alone tell which rule the offsets follow, and each is then cut exactly."""
    placed = place(BOM + STORY.encode(), spans(STORY, QUOTES, rule))

    assert (str(rule), QUOTES, 1.0, "") == (str(placed.rule), quotes(placed), placed.score, placed.remark)


@pytest.mark.parametrize(
    ("data", "raw", "rule"),
    [
        pytest.param(BOM + STORY.encode(), STORY, "utf-16; CRLF as two; BOM dropped", id="like NVivo"),
        pytest.param(STORY.encode(), STORY, "code point; CRLF as one", id="like ATLAS.ti"),
        pytest.param(FOLDED.encode(), FOLDED, "code point", id="as the standard says"),
        pytest.param(FOLDED.encode(), FOLDED, "byte", id="like Taguette"),
        pytest.param(b"\xff\xfe" + STORY.encode("utf-16-le"), STORY, "utf-16; CRLF as two; BOM counted", id="UTF-16"),
    ],
)
def test_programs(data: bytes, raw: str, rule: str) -> None:
    """Selections with the words stored are found as each program counts, and stand in the text as kept."""
    counted = next(one for one in RULES if rule.startswith(one.unit) and _says(rule, one))
    asked = ["geschrieben.\r\nIch", "🎉🎉 danach"] if "\r" in raw else ["geschrieben.\nIch", "🎉🎉 danach"]
    placed = place(data, spans(raw, asked, counted, words=True))
    kept = raw.replace("\r\n", "\n")
    expected = [one.replace("\r\n", "\n") for one in asked]

    assert (rule, kept, expected) == (str(placed.rule), placed.text, quotes(placed))
    assert expected == [kept[cut.start : cut.end] for cut in placed.cuts if cut]


def _says(rule: str, one: Rule) -> bool:
    return all(part in f"{one}".split("; ") for part in rule.split("; "))


def test_one_rule() -> None:
    """A text without CR, byte order mark, and anything beyond ASCII has one rule, and the end is exclusive."""
    placed = place(b"Oh, that was great. Mm.\n", [Span(4, 18)])

    assert (
        Placed(
            "Oh, that was great. Mm.\n",
            "utf-8",
            Rule("code point"),
            1.0,
            [Cut(4, 18, "that was great", Rule("code point"))],
        )
        == placed
    )


def test_cut_like_the_annex() -> None:
    """Words that ATLAS.ti stored are as long as end minus start, so the end is exclusive there (standard, annex)."""
    if not SHARED.exists():
        pytest.skip("needs ../shared/data/refi-qda")
    with zipfile.ZipFile(SHARED / "atlasti8-annex.qdpx") as archive:
        root = etree.fromstring(archive.read("Project.qde"))
    found = [one.attrib for one in root.iter("{*}PlainTextSelection")]
    lengths = {one["name"]: int(one["endPosition"]) - int(one["startPosition"]) for one in found}

    assert 56 == lengths["Oh, that was great. See you tomorrow? Eleven thirty. Mm."]
    assert 7 == lengths["granola"]


def test_real_lines() -> None:
    """The lines that qc's demonstration project codes are found to the letter."""
    if not SHARED.exists():
        pytest.skip("needs ../shared/data/refi-qda")
    with zipfile.ZipFile(SHARED / "qc-demo.qdpx") as archive:
        placed = place(archive.read("sources/board_2017.txt"), [Span(320, 400, "line:6"), Span(1752, 1766, "line:28")])

    assert Rule("code point") == placed.rule
    assert "science fun. \n" == quotes(placed)[1]


def test_equal_rules_are_one() -> None:
    """Where no selection comes after what rules count differently, they are one: the first, and nothing is open."""
    placed = place("one two 😀\r\nthree".encode(), [Span(0, 3), Span(4, 7)])

    assert ("code point; CRLF as two", ["one", "two"], "") == (str(placed.rule), quotes(placed), placed.remark)


def test_counted_mark_before_ascii() -> None:
    """A byte order mark is three bytes or one character, so it tells units apart even where the text is ASCII."""
    data = BOM + b"Nobody ever answered me at all"

    assert Rule("byte", None, "counted") == place(data, [Span(3, 9), Span(10, 14), Span(24, 26)]).rule
    assert Rule("code point", None, "counted") == place(data, [Span(1, 7), Span(8, 12), Span(22, 24)]).rule


def test_open_rules() -> None:
    """Where rules fit alike, selections have a position only where these agree, and it is said why."""
    raw = "one two 😀 " + "aa " * 9
    placed = place(raw.encode(), [Span(0, 3), Span(13, 15)])

    assert (None, ["one", None]) == (placed.rule, quotes(placed))
    assert placed.remark == (
        "the rules `code point`, `utf-16`, `byte` fit about as well, and differ on 1 selection, kept without a position"
    )


def test_words_settle() -> None:
    """A single selection with its words is enough, though another rule would cut whole words, too."""
    raw = "für bald dort 😀 nach hier da"
    start = len(b"f\xc3\xbcr bald dort \xf0\x9f\x98\x80 ")
    placed = place(raw.encode(), [Span(start, start + 4, "nach")])

    assert (Rule("byte"), ["nach"]) == (placed.rule, quotes(placed))


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("geschrieben. Ich war…", "utf-16"),
        ("geschrieben. Ich w...", "utf-16"),
        ("geschrieben.  Ich war froh", "utf-16"),
        ("geschrieben.\u00a0Ich war froh", "utf-16"),
        ("Kauf 3", "None"),
        ("…", "None"),
    ],
)
def test_stored_words(words: str, rule: str) -> None:
    """Words may be cut off, and their spaces may differ; a name that somebody gave is no evidence."""
    raw = STORY.replace("\r\n", "\n")
    span = spans(raw, ["geschrieben.\nIch war froh"], Rule("utf-16"))[0]
    placed = place(raw.encode(), [Span(span.start, span.end, words)])

    assert rule == str(placed.rule)


def test_other_words() -> None:
    """Words that must be those selected, but stand elsewhere, are not given the position of others."""
    placed = place(b"The shop wrote back. Nobody called.", [Span(0, 8, "The shop"), Span(9, 14, "wrong"), Span(15, 19)])

    assert ["The shop", None, "back"] == quotes(placed)
    assert "other words stand where they should be: 1 selection" == placed.remark


def test_counted_in_two_ways() -> None:
    """A selection whose words stand only where another rule says is put there, and the rule is told with it."""
    raw = "😀 one two, three 🎉 and four, five, but six"
    asked = spans(raw, ["three", "four", "five"], Rule("utf-16"), words=True)
    asked += spans(raw, ["but six"], Rule("code point"), words=True)
    placed = place(raw.encode(), asked)

    assert (Rule("utf-16"), ["three", "four", "five", "but six"]) == (placed.rule, quotes(placed))
    assert [Rule("utf-16")] * 3 + [Rule("code point")] == [cut.rule for cut in placed.cuts if cut]


def test_beyond_the_end() -> None:
    """That the rule puts a selection beyond the end of the text does not keep its words from telling where it is."""
    raw = "one two, three 🎉 and four, five, but six"
    asked = spans(raw, ["four", "five", "but"], Rule("code point"), words=True)
    asked += spans(raw, ["but six"], Rule("utf-16"), words=True)

    assert ["four", "five", "but", "but six"] == quotes(place(raw.encode(), asked))


def test_names_are_no_words() -> None:
    """Names that users gave their selections take no position from them."""
    placed = place(
        b"The shop wrote back. Nobody called.", [Span(0, 8, "line:600"), Span(9, 19, "line:7"), Span(21, 27, "line:8")]
    )

    assert ["The shop", "wrote back", "Nobody"] == quotes(placed)


@pytest.mark.parametrize(
    ("span", "data"),
    [
        ((-1, 2), b"ab cd"),
        ((3, 99), b"ab cd"),
        ((4, 2), b"ab cd"),
        ((10**30, 10**31), b"ab cd"),
        ((0, 1), b""),
    ],
)
def test_impossible(span: tuple[int, int], data: bytes) -> None:
    """A selection outside of the text has no position; the others keep theirs."""
    placed = place(data, [Span(*span), Span(0, 0)])

    assert [None, Cut(0, 0, "", Rule("code point"))] == placed.cuts
    assert "outside of the text, or inside of a character: 1 selection" == placed.remark


def test_inside_of_a_character() -> None:
    """An offset inside of a character speaks against its rule, and under a known rule gives no position."""
    data = "a😀b c".encode()

    assert Rule("code point") == place(data, [Span(0, 2), Span(2, 3), Span(4, 5)]).rule
    assert [None, "b"] == quotes(place(data, [Span(0, 2), Span(5, 6)], unit="byte"))


def test_between_cr_and_lf() -> None:
    """Between CR and LF is inside of a character, as they are one in the text as kept."""
    placed = place(b"one\r\ntwice more", [Span(0, 4), Span(5, 10, "twice"), Span(11, 15, "more")])

    assert [None, "twice", "more"] == quotes(placed)


def test_no_whole_words() -> None:
    """Offsets that hardly ever fall on the ends of words are not believed, even if only one rule is left."""
    data = b"abcdefghij " * 20
    placed = place(data, [Span(11 * index + 2, 11 * index + 7) for index in range(8)])

    assert (None, [None] * 8) == (placed.rule, placed.cuts)
    assert "under no rule do the selections hold whole words (at best, 0 of 16 ends do)" == placed.remark


def test_scripts_without_spaces() -> None:
    """Where words are not set apart, their ends tell nothing, so only stored words settle the rule."""
    raw = "我很高兴😀商店回信了我告诉大家她也很高兴"
    asked = ["商店", "回信", "大家"]

    assert place(raw.encode(), spans(raw, asked, Rule("utf-16"))).rule is None
    assert asked == quotes(place(raw.encode(), spans(raw, asked, Rule("utf-16"), words=True)))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Größe".encode(), "utf-8"),
        (BOM + "Größe".encode(), "utf-8"),
        (b"\xff\xfe" + "Größe".encode("utf-16-le"), "utf-16"),
        (b"\xfe\xff" + "Größe".encode("utf-16-be"), "utf-16"),
        (b"\xff\xfe\x00\x00" + "Größe".encode("utf-32-le"), "utf-32"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    """A byte order mark tells the encoding and does not stay in the text; without it, it is UTF-8."""
    assert ("Größe", encoding, data[:2] != b"Gr") == decode(data)


def test_older_encoding() -> None:
    """What is no UTF-8 is read in the encoding that it looks like."""
    raw = "Der Händler schrieb zurück, und ich war sehr glücklich über die schöne Größe. " * 5

    assert raw == decode(raw.encode("cp1252"))[0]


def test_broken_utf8() -> None:
    """UTF-8 with a broken character stays UTF-8."""
    raw = "Der Händler schrieb zurück, und ich war glücklich über die schöne Größe, für später öfter mal. " * 3

    assert (raw + "\ufffd", "utf-8", False) == decode(raw.encode() + b"\xc3")


def test_quotes_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many selections of nearly all of a text do not fill the memory: beyond a limit, there are no more quotes."""
    monkeypatch.setattr("kgtools.read.qda.positions.LONGEST_QUOTES", 30)
    placed = place(b"one two three four", [Span(0, 18), Span(0, 18), Span(0, 13), Span(4, 7)])

    assert ["one two three four", "one two three four", None, "two"] == quotes(placed)
    assert "all quotes together would have more than 30 characters, but for 1 selection" == placed.remark


def test_no_selections() -> None:
    """A text without selections is kept, with its line ends folded."""
    assert Placed("a\nb\n\nc", "utf-8", None, 1.0, []) == place(b"a\rb\r\n\nc", [])


WORD = st.text(st.sampled_from("abcdeäéß日本ก😀🎉0\u0301_"), min_size=1, max_size=6).filter(
    lambda word: word[0] != "\u0301"
)
GAP = st.sampled_from([" ", "  ", "\r\n", "\r\n\r\n", "\n", "\r", ", ", "\t", " \ufeff", "\u00a0"])


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """A text of words, and where some runs of them stand."""
    words = draw(st.lists(WORD, min_size=1, max_size=30))
    raw, places = "", []
    for word in words:
        places.append((len(raw), len(raw) + len(word)))
        raw += word + draw(GAP)
    chosen = st.tuples(st.integers(0, len(words) - 1), st.integers(0, 3))
    runs = draw(st.lists(chosen, min_size=1, max_size=8))
    return raw, [(places[first][0], places[min(first + more, len(words) - 1)][1]) for first, more in runs]


@given(texts(), st.sampled_from(RULES), st.booleans(), st.booleans())
def test_never_wrong(text: tuple[str, list[tuple[int, int]]], rule: Rule, marked: bool, stored: bool) -> None:
    """Whatever the text and the rule: a selection of whole words is cut exactly, or not at all."""
    raw, places = text
    rule = Rule(rule.unit, rule.crlf, rule.bom if marked else None)
    asked = [
        Span(offset(raw, start, rule), offset(raw, end, rule), raw[start:end] if stored else None)
        for start, end in places
    ]
    placed = place((BOM if marked else b"") + raw.encode(), asked)
    kept = [raw[slice(*one)].replace("\r\n", "\n").replace("\r", "\n") for one in places]

    assert [None if cut is None else quote for cut, quote in zip(placed.cuts, kept, strict=True)] == quotes(placed)
    for cut, (start, _) in zip(placed.cuts, places, strict=True):
        assert cut is None or cut.start == len(raw[:start].replace("\r\n", "\n"))
    assert all(placed.cuts) or placed.remark


@given(
    st.binary(max_size=60), st.lists(st.builds(Span, st.integers(), st.integers(), st.none() | st.text()), max_size=5)
)
def test_never_raises(data: bytes, asked: list[Span]) -> None:
    """Any bytes and offsets are taken, and what is cut stands in the text where it is said to."""
    placed = place(data, asked)

    assert len(asked) == len(placed.cuts)
    assert 0 <= placed.score <= 1
    assert all(cut.quote == placed.text[cut.start : cut.end] for cut in placed.cuts if cut)
    assert "\r" not in placed.text


@pytest.mark.slow
def test_large() -> None:
    """A text of 10 MB with 10,000 selections takes seconds, not minutes."""
    line = "Der Händler hat 😀 geschrieben, 日本 und café.\r\n"
    raw = line * (10_000_000 // len(line.encode()))
    units = len(line.encode("utf-16-le")) // 2
    asked = [Span(20 * units * index, 20 * units * index + 3) for index in range(9_000)]
    begun = time.perf_counter()
    placed = place(raw.encode(), asked)

    assert {"Der"} == set(quotes(placed))
    assert time.perf_counter() - begun < 20
