"""Where selections stand in a text: its bytes and a program's offsets go in, code points of the text as kept come out.

Why not simply take the offsets: REFI-QDA 1.5 (10.2) counts Unicode code points, but few programs do. NVivo counts
UTF-16 units, a line end CRLF as two and the byte order mark not at all; ATLAS.ti counts CRLF as one; Taguette counts
bytes of UTF-8. A file does not say which. So each rule that can make a difference in this text is tried, and what it
cuts is held against two things: people select whole words, and programs often store the words selected.

When a rule is clearly best: it must be ahead of each other rule (of those that cut something else) by three points,
and have three of four points on which the two differ. An end of a selection that is no end of a word is a point lost.
Under a wrong rule, about six in ten ends lie inside of words. If nineteen in twenty selections are of whole words, then
an end that is whole under one rule only speaks for it 28 to 1 ((0.95 · 0.6) / (0.05 · 0.4)), and three do some 20,000
to 1, or 2,500 to 1 if nine in ten are. Stored words that stand where a rule says settle it at once. What is then still
open is not guessed: where the rules left say the same, that is the position, and elsewhere there is none. But a program
may count in two ways (QualCoder does: UTF-16 by hand, code points by search), so a selection whose words stand only
where another rule says is put there.

Where a text leaves rules open that all texts of its project decide (`pooled`), it follows these, unless it fits another
rule better by itself. What it says alone is never changed.

Why the end is taken to be that after the last character: the standard says "the first and the last character", but
its own annex does otherwise (words of 56, 60 and 7 characters at 139 to 195, 215 to 275, and 62 to 69), as do qc, whose
selections of lines end where the next begins, and QualCoder, which slices. No sample is known that does as it says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from kgtools.read.qda.counted import Place, Rule, Text
from kgtools.read.qda.pooled import Evidence, ahead, compared
from kgtools.read.qda.project import Unit

_WORDS, _BEGINNING, _FEW = 10.0, 8.0, 2.0
"""Points for words as stored: all of them, the beginning of what was cut off, and all of fewer than four characters."""

_IMPOSSIBLE = -5.0
"""Points for a selection that lies outside of the text, or begins or ends inside of a character."""

LONGEST_QUOTES = 2**27
"""Characters that all quotes of a project may have together: selections that all hold all of a text fill any memory."""

_CHANCE_ENDS = 8
_LONG_ENOUGH = 10
_NAMES = 3
_ONE_PIECE = re.compile("[\u200d\U0001f3fb-\U0001f3ff]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f]"
)
"""Letters of scripts that put no spaces between words (Thai, Lao, Burmese, Khmer, kana, Han)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A selection as the program counts.

    Args:
        start: the offset of its first unit.
        end: that after its last.
        words: what the program stored of the words selected; where it cut them off, with `…` or `...` at their end.
            What fits under no rule is taken for a name that somebody gave to the selection.
    """

    start: int
    end: int
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A selection in the text as kept: from code point `start` to before `end`, and what stands there.

    Args:
        rule: by which rule it was found; None where several say the same.
    """

    start: int
    end: int
    quote: str
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A text, and where each selection stands in it.

    Args:
        text: the text as kept: without byte order mark, each line end a single LF.
        encoding: what its bytes were decoded from: `utf-8`, `utf-16`, or another.
        rule: how the offsets count; None where no rule is clearly best, or there are no selections.
        score: how well the rule fits, from 0 to 1: of the points that some rule got or could get, its share. Where no
            rule is clearly best, that of the best.
        cuts: one for each selection; None where its position is not known.
        remark: empty, or why positions are not given.
        pooled: whether other texts of the project told which rule it is, or which it is not.
    """

    text: str
    encoding: str
    rule: Rule | None
    score: float
    cuts: list[Cut | None]
    remark: str = ""
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class _Tried:
    """A rule, and where it puts each selection."""

    rule: Rule
    places: list[Place | None]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A text with selections, and how well each rule fits it.

    Args:
        which: for each rule that can differ in this text, the place in `tried` of the first that says the same.
        words: for each rule tried, each selection's points for its stored words.
        points: all its points.
        left: the rules that this text leaves.
        could: the points that all selections could give together.
        by_chance: empty, or why no rule is to be trusted.
    """

    text: Text
    spans: Sequence[Span]
    which: dict[Rule, int]
    tried: list[_Tried]
    words: list[list[float]]
    points: list[list[float]]
    left: list[int]
    could: float
    by_chance: str


def place(data: bytes, spans: Sequence[Span], unit: Unit | None = None) -> Placed:
    """Finds selections in a text.

    Args:
        data: the text's bytes, exactly as they are stored.
        spans: the selections in it.
        unit: what the program is known to count; None where that is not known.

    Returns:
        The text as kept, and each selection's place in it. Nothing is raised, whatever the bytes and offsets.
    """
    return place_all([(data, spans, unit)])[0]


def place_all(texts: Sequence[tuple[bytes, Sequence[Span], Unit | None]]) -> list[Placed]:
    """Finds selections in the texts of a project, of which one may tell what another leaves open.

    Args:
        texts: for each, what `place` takes.

    Returns:
        What `place` returns, for each.
    """
    evidence: dict[Unit | None, Evidence] = {}
    found: list[Placed] = []
    open_ = []
    copies = set()
    room = LONGEST_QUOTES
    for index, (data, spans, unit) in enumerate(texts):
        judged = _judged(data, spans, unit)
        found.append(_placed(judged, room))
        room -= _length(found[-1].cuts)
        if len(texts) > 1 and spans and not judged.by_chance:
            pool = evidence.setdefault(unit, Evidence(unit))
            if (copy := hash((data, tuple(spans), unit))) not in copies:
                copies.add(copy)
                pool.add(judged.which, judged.points, judged.could, judged.left)
            if len(judged.left) > 1:
                open_.append(index)
    # Judged twice, as what was found out of ten thousand texts is too much to keep.
    for index in open_:
        data, spans, unit = texts[index]
        judged = _judged(data, spans, unit)
        standing = evidence[unit].standing(judged.which)
        told = {one: standing[one] for one in judged.left if one in standing}
        totals = {one: sum(judged.points[one]) for one in judged.left}
        if len(told) < len(totals) and max(map(totals.__getitem__, told), default=-inf) == max(totals.values()):
            room += _length(found[index].cuts)
            found[index] = _placed(judged, room, told)
            room -= _length(found[index].cuts)
    return found


def _judged(data: bytes, spans: Sequence[Span], unit: Unit | None) -> _Judged:
    """Tries each rule in a text."""
    text = Text.of(data)
    if not spans:
        return _Judged(text, spans, {}, [], [], [], [], 0.0, "")
    which: dict[Rule, int] = {}
    tried: list[_Tried] = []
    offsets = [(span.start, span.end) for span in spans]
    for rule in text.rules(unit):
        places = text.places(rule, offsets)
        same = (index for index, one in enumerate(tried) if one.places == places)
        which[rule] = next(same, len(tried))
        if which[rule] == len(tried):
            tried.append(_Tried(rule, places))
    words = _stored(text.kept, spans, tried)
    whole: dict[int, float] = {}
    points = [_points(text.kept, one.places, stored, whole) for one, stored in zip(tried, words, strict=True)]
    best = max(range(len(tried)), key=lambda index: sum(points[index]))
    left = [one for one in range(len(tried)) if one == best or not ahead(*compared(points[best], points[one]))]
    could = sum(2 + max(stored[index] for stored in words) for index in range(len(spans)))
    by_chance = "" if any(words[best]) else _by_chance(tried[best].places, whole)
    return _Judged(text, spans, which, tried, words, points, left, could, by_chance)


def _placed(judged: _Judged, room: int, told: Mapping[int, Rule] | None = None) -> Placed:
    """A text's selections by the rules that it leaves, or those of them that the project's other texts told."""
    kept, encoding = judged.text.kept, judged.text.encoding
    if not judged.spans:
        return Placed(kept, encoding, None, 1.0, [])
    best = max(told or judged.left, key=lambda one: sum(judged.points[one]))
    score = round(sum(max(0.0, each) for each in judged.points[best]) / judged.could, 3)
    if judged.by_chance:
        return Placed(kept, encoding, None, score, [None] * len(judged.spans), judged.by_chance)
    rules = told or {one: judged.tried[one].rule for one in judged.left}
    cuts, remark = _cuts(judged, rules, room, pooled=told is not None)
    rule = next(iter(rules.values())) if len(rules) == 1 else None
    return Placed(kept, encoding, rule, score, cuts, remark, told is not None)


def _length(cuts: Sequence[Cut | None]) -> int:
    """How many characters the quotes have."""
    return sum(end - start for start, end in {(cut.start, cut.end) for cut in cuts if cut})


def _points(
    kept: str, places: list[tuple[int, int] | None], stored: list[float], whole: dict[int, float]
) -> list[float]:
    """The points of each selection: one an end of a word, and those for its words. Fills `whole` by the way."""
    found = []
    for span, words in zip(places, stored, strict=True):
        if span is None:
            found.append(_IMPOSSIBLE)
            continue
        for at in span:
            if at not in whole:
                whole[at] = _whole(kept, at)
        found.append(whole[span[0]] + whole[span[1]] + words)
    return found


def _whole(text: str, at: int) -> float:
    """1 where no word is cut in two, 0 where one is, 0.5 where only a dictionary could tell."""
    if not 0 < at < len(text):
        return 1.0
    before, after = text[at - 1], text[at]
    if unicodedata.category(after)[0] == "M" or before == "\u200d" or _ONE_PIECE.match(after):
        return 0.0
    if _UNSPACED.match(before) and _UNSPACED.match(after):
        return 0.5
    inside = before.isalnum() or before == "_" or unicodedata.category(before)[0] == "M"
    return 0.0 if inside and (after.isalnum() or after == "_") else 1.0


def _stored(kept: str, spans: Sequence[Span], tried: list[_Tried]) -> list[list[float]]:
    """For each rule, each selection's points for its stored words."""
    found = [[0.0] * len(spans) for _ in tried]
    for index, span in enumerate(spans):
        if span.words and (said := " ".join(span.words.split())):
            for points, one in zip(found, tried, strict=True):
                if (there := one.places[index]) is not None:
                    points[index] = _agreement(kept, there, said)
    return found


def _agreement(kept: str, there: tuple[int, int], said: str) -> float:
    """The points for words that stand there. Spaces count as one, whatever they are; so do compatible characters."""
    start, end = there
    cut_off = said.endswith(("…", "..."))
    beginning = said.rstrip("….").rstrip() if cut_off else said
    longest = 4 * len(said) + 64
    cut = " ".join(kept[start : min(end, start + longest)].split())
    alike = cut == said or (len(cut) <= 2 * len(said) and _compatible(cut) == _compatible(said))
    if alike and end - start <= longest:
        return _WORDS if len(said) >= 4 else _FEW
    enough = 4 if cut_off else _LONG_ENOUGH
    return _BEGINNING if len(beginning) >= enough and cut.startswith(beginning) else 0.0


def _compatible(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _by_chance(places: list[tuple[int, int] | None], whole: dict[int, float]) -> str:
    """Why not even the best rule is to be trusted, if so: its selections' ends are hardly ever those of words."""
    ends = [whole[at] for span in places if span is not None for at in span if whole[at] != 0.5]
    if len(ends) < _CHANCE_ENDS or 2 * sum(ends) >= len(ends):
        return ""
    return f"under no rule do the selections hold whole words (at best, {int(sum(ends))} of {len(ends)} ends do)"


def _cuts(judged: _Judged, rules: Mapping[int, Rule], room: int, *, pooled: bool) -> tuple[list[Cut | None], str]:
    """What rules agree on, with at most `room` characters in the quotes, and a remark on what is missing."""
    kept, spans, tried, words = judged.text.kept, judged.spans, judged.tried, judged.words
    cuts: list[Cut | None] = []
    quotes: dict[Place, str] = {}
    open_, impossible, other_words, too_long, length = 0, 0, 0, 0, 0
    # Where no words of several are those selected, all are names that people gave; so may those of one or two be.
    named = sum(1 for span in spans if span.words) >= _NAMES
    tolerance = 2 if any(map(any, words)) else -1 if named else 0
    rule = next(iter(rules.values())) if len(rules) == 1 else None
    for index, span in enumerate(spans):
        found = {tried[one].places[index] for one in rules}
        there, by = next(iter(found)), rule
        agreed = any(words[one][index] for one in rules)
        elsewhere = there is not None and not agreed and _other_words(kept, there, span, tolerance)
        missing = len(found) > 1 or there is None or elsewhere
        if missing or (pooled and not agreed):
            full = (one for one, said in zip(tried, words, strict=True) if said[index] in (_WORDS, _FEW))
            settled = {one.places[index]: one.rule for one in full}
            if len(settled) == 1:
                there, by = next(iter(settled.items()))
            elif missing:
                open_ += len(found) > 1
                impossible += found == {None}
                other_words += elsewhere and len(found) == 1
                there = None
        if there is not None and there not in quotes:
            length += there[1] - there[0]
            if length > room:
                length -= there[1] - there[0]
                there = None
                too_long += 1
            else:
                quotes[there] = kept[slice(*there)]
        cuts.append(None if there is None else Cut(*there, quotes[there], by))
    remarks = []
    if open_:
        names = ", ".join(f"`{one}`" for one in rules.values())
        remarks.append(
            f"the rules {names} fit about as well, and differ on {_selections(open_)}, kept without a position"
        )
    if impossible:
        remarks.append(f"outside of the text, or inside of a character: {_selections(impossible)}")
    if other_words:
        remarks.append(f"other words stand where they should be: {_selections(other_words)}")
    if too_long:
        said = f"all quotes together would have more than {LONGEST_QUOTES:,} characters"
        remarks.append(f"{said}, but for {_selections(too_long)}")
    return cuts, "; ".join(remarks)


def _other_words(kept: str, there: tuple[int, int], span: Span, tolerance: int) -> bool:
    """Whether what was stored must be the words selected, as it is about as long, but others stand there."""
    said = " ".join((span.words or "").split())
    if len(said) < 4 or said.endswith(("…", "...")) or there[1] - there[0] > 4 * len(said) + 64:
        return False
    return abs(len(" ".join(kept[slice(*there)].split())) - len(said)) <= tolerance


def _selections(count: int) -> str:
    return "1 selection" if count == 1 else f"{count} selections"
