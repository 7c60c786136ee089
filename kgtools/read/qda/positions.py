"""Where selections stand in a text: its bytes and a program's offsets go in, code points of the text as kept come out.

Why not simply take the offsets: REFI-QDA 1.5 (10.2) counts Unicode code points, but few programs do. NVivo counts
UTF-16 units, a line end CRLF as two and the byte order mark not at all; ATLAS.ti counts CRLF as one; Taguette counts
bytes of UTF-8. A file does not say which. So each rule that can make a difference in this text is tried, and what it
cuts is held against two things: people select whole words, and programs often store the words selected.

When a rule is clearly best: it must be ahead of each other rule (of those that cut something else) by `LEAD` points,
and have three of four points on which the two differ. An end of a selection that is no end of a word is a point lost.
Under a wrong rule, about six in ten ends lie inside of words. If nineteen in twenty selections are of whole words, then
an end that is whole under one rule only speaks for it 28 to 1 ((0.95 · 0.6) / (0.05 · 0.4)), and three do some 20,000
to 1, or 2,500 to 1 if nine in ten are. Stored words that stand where a rule says settle it at once. What is then still
open is not guessed: where the rules left say the same, that is the position, and elsewhere there is none. But a program
may count in two ways (QualCoder does: UTF-16 by hand, code points by search), so a selection whose words stand only
where another rule says is put there.

Why the end is taken to be that after the last character: the standard says "the first and the last character", but
its own annex does otherwise (words of 56, 60 and 7 characters at 139 to 195, 215 to 275, and 62 to 69), as do qc, whose
selections of lines end where the next begins, and QualCoder, which slices. No sample is known that does as it says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from kgtools.read.encoding import decode
from kgtools.read.qda.project import Unit

UNITS: tuple[Unit, ...] = ("code point", "utf-16", "byte")
"""What offsets may count, the standard's first."""

LEAD = 3.0
"""Points by which a rule must be ahead."""

_WORDS, _BEGINNING, _FEW = 10.0, 8.0, 2.0
"""Points for words as stored: all of them, the beginning of what was cut off, and all of fewer than four characters."""

_IMPOSSIBLE = -5.0
"""Points for a selection that lies outside of the text, or begins or ends inside of a character."""

LONGEST_QUOTES = 2**27
"""Characters that all quotes of a text may have together: selections that all hold all of it would fill any memory."""

_BLOCK = 2048
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
class Rule:
    """How offsets are counted. As text, such as `utf-16; CRLF as two; BOM dropped`, it is a stable name for it.

    Args:
        unit: what counts as one.
        crlf: whether a line end CRLF counts as two characters or as one; None where the text has none.
        bom: whether the byte order mark is counted; None where the file has none.
    """

    unit: Unit
    crlf: Literal["two", "one"] | None = None
    bom: Literal["dropped", "counted"] | None = None

    def __str__(self) -> str:
        crlf = "" if self.crlf is None else f"; CRLF as {self.crlf}"
        return f"{self.unit}{crlf}" + ("" if self.bom is None else f"; BOM {self.bom}")


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
    """

    text: str
    encoding: str
    rule: Rule | None
    score: float
    cuts: list[Cut | None]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Tried:
    """A rule, and where it puts each selection."""

    rule: Rule
    places: list[tuple[int, int] | None]


def place(data: bytes, spans: Sequence[Span], unit: Unit | None = None) -> Placed:
    """Finds selections in a text.

    Args:
        data: the text's bytes, exactly as they are stored.
        spans: the selections in it.
        unit: what the program is known to count; None where that is not known.

    Returns:
        The text as kept, and each selection's place in it. Nothing is raised, whatever the bytes and offsets.
    """
    raw, encoding, marked = decode(data)
    kept = raw.replace("\r\n", "\n").replace("\r", "\n")
    if not spans:
        return Placed(kept, encoding, None, 1.0, [])
    tried = _different([_Tried(rule, _places(raw, kept, rule, spans)) for rule in _rules(raw, marked, unit)])
    words = _stored(kept, spans, tried)
    whole: dict[int, float] = {}
    points = [_points(kept, one.places, stored, whole) for one, stored in zip(tried, words, strict=True)]
    best = max(range(len(tried)), key=lambda index: sum(points[index]))
    left = [index for index in range(len(tried)) if index == best or not _ahead(points[best], points[index])]
    could = sum(2 + max(stored[index] for stored in words) for index in range(len(spans)))
    score = round(sum(max(0.0, each) for each in points[best]) / could, 3)
    if not any(words[best]) and (remark := _by_chance(tried[best].places, whole)):
        return Placed(kept, encoding, None, score, [None] * len(spans), remark)
    cuts, remark = _cuts(kept, spans, tried, left, words)
    return Placed(kept, encoding, tried[best].rule if len(left) == 1 else None, score, cuts, remark)


def _rules(raw: str, marked: bool, unit: Unit | None) -> list[Rule]:
    """The rules that can differ in this text, the standard's first."""
    units = [unit or UNITS[0]]
    if unit is None and (marked or not raw.isascii()):
        beyond = len(raw.encode("utf-16-le")) != 2 * len(raw)
        units = [one for one in UNITS if one != "utf-16" or beyond]
    crlf: tuple[Literal["two", "one"] | None, ...] = ("two", "one") if "\r\n" in raw else (None,)
    bom: tuple[Literal["dropped", "counted"] | None, ...] = ("dropped", "counted") if marked else (None,)
    return [Rule(*one) for one in product(units, crlf, bom)]


def _different(tried: list[_Tried]) -> list[_Tried]:
    """Of rules that put every selection in the same place only the first."""
    found: list[_Tried] = []
    for one in tried:
        if all(one.places != other.places for other in found):
            found.append(one)
    return found


def _places(raw: str, kept: str, rule: Rule, spans: Sequence[Span]) -> list[tuple[int, int] | None]:
    """Where a rule puts each selection in the text as kept; None where it cannot be."""
    mark = 0 if rule.bom != "counted" else 3 if rule.unit == "byte" else 1
    offsets = sorted({at - mark for span in spans for at in (span.start, span.end)})
    at = _counted(kept if rule.crlf == "one" else raw, rule.unit, offsets)
    if rule.crlf == "two":
        at = _folded(raw, at)
    found: list[tuple[int, int] | None] = []
    for span in spans:
        start, end = at[span.start - mark], at[span.end - mark]
        found.append(None if start is None or end is None or start > end else (start, end))
    return found


def _counted(text: str, unit: Unit, offsets: list[int]) -> dict[int, int | None]:
    """The code point at each of these offsets (in ascending order); None where there is none, or not at its beginning.

    Why in blocks: encoding and decoding a block is fast, a step in Python for each character is not.
    """
    if unit == "code point":
        return {offset: offset if 0 <= offset <= len(text) else None for offset in offsets}
    encoding, width = ("utf-16-le", 2) if unit == "utf-16" else ("utf-8", 1)
    found: dict[int, int | None] = {}
    index = before = 0
    while index < len(offsets) and offsets[index] < 0:
        found[offsets[index]] = None
        index += 1
    for first in range(0, len(text), _BLOCK):
        if index == len(offsets):
            break
        block = text[first : first + _BLOCK].encode(encoding)
        after = before + len(block) // width
        while index < len(offsets) and offsets[index] < after:
            try:
                found[offsets[index]] = first + len(block[: (offsets[index] - before) * width].decode(encoding))
            except UnicodeDecodeError:
                found[offsets[index]] = None
            index += 1
        before = after
    found.update((offset, len(text) if offset == before else None) for offset in offsets[index:])
    return found


def _folded(raw: str, at: dict[int, int | None]) -> dict[int, int | None]:
    """The same places in the text whose line ends are folded; between CR and LF there is none."""
    found: dict[int, int | None] = {}
    counted = folded = 0
    for offset, here in at.items():
        if here is None or raw[max(0, here - 1) : here + 1] == "\r\n":
            found[offset] = None
        else:
            folded += raw.count("\r\n", counted, here)
            counted = here
            found[offset] = here - folded
    return found


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


def _ahead(best: list[float], other: list[float]) -> bool:
    """Whether the best rule is clearly better than this one (see at the top)."""
    differences = [one - another for one, another in zip(best, other, strict=True)]
    return sum(differences) >= max(LEAD, sum(map(abs, differences)) / 2)


def _by_chance(places: list[tuple[int, int] | None], whole: dict[int, float]) -> str:
    """Why not even the best rule is to be trusted, if so: its selections' ends are hardly ever those of words."""
    ends = [whole[at] for span in places if span is not None for at in span if whole[at] != 0.5]
    if len(ends) < _CHANCE_ENDS or 2 * sum(ends) >= len(ends):
        return ""
    return f"under no rule do the selections hold whole words (at best, {int(sum(ends))} of {len(ends)} ends do)"


def _cuts(
    kept: str, spans: Sequence[Span], tried: list[_Tried], left: list[int], words: list[list[float]]
) -> tuple[list[Cut | None], str]:
    """What the rules left agree on, and a remark on what is missing."""
    cuts: list[Cut | None] = []
    quotes: dict[tuple[int, int], str] = {}
    open_, impossible, other_words, too_long, length = 0, 0, 0, 0, 0
    # Where no words of several are those selected, all are names that people gave; so may those of one or two be.
    named = sum(1 for span in spans if span.words) >= _NAMES
    tolerance = 2 if any(map(any, words)) else -1 if named else 0
    rule = tried[left[0]].rule if len(left) == 1 else None
    for index, span in enumerate(spans):
        found = {tried[one].places[index] for one in left}
        there, by = next(iter(found)), rule
        agreed = any(words[one][index] for one in left)
        elsewhere = there is not None and not agreed and _other_words(kept, there, span, tolerance)
        if len(found) > 1 or there is None or elsewhere:
            full = (one for one, said in zip(tried, words, strict=True) if said[index] in (_WORDS, _FEW))
            settled = {one.places[index]: one.rule for one in full}
            if len(settled) == 1:
                there, by = next(iter(settled.items()))
            else:
                open_ += len(found) > 1
                impossible += found == {None}
                other_words += elsewhere and len(found) == 1
                there = None
        if there is not None and there not in quotes:
            length += there[1] - there[0]
            if length > LONGEST_QUOTES:
                length -= there[1] - there[0]
                there = None
                too_long += 1
            else:
                quotes[there] = kept[slice(*there)]
        cuts.append(None if there is None else Cut(*there, quotes[there], by))
    remarks = []
    if open_:
        rules = ", ".join(f"`{tried[one].rule}`" for one in left)
        remarks.append(f"the rules {rules} fit about as well, and differ on {_selections(open_)}")
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
