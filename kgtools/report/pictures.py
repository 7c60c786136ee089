"""Pictures: counts go in, SVG comes out, legible in black and white, with the numbers written beside what shows them.

A picture carries its own textures and colors, so that it stands alone in a file; a page that holds it may color it anew
by class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from kgtools.layout import templates
from kgtools.report.facts import Facts, direction
from kgtools.report.place import anchored
from kgtools.vocabulary import local

if TYPE_CHECKING:
    from kgtools.theory import Proposition, Slot, Theory

PARTS = {
    ("supports", "linked"): "supports, linked",
    ("supports", "ordered"): "supports, ordered",
    ("supports", "co-occurrence"): "supports, co-occurrence",
    ("supports", "unordered"): "supports, unordered",
    ("mixed", ""): "mixed",
    ("contradicts", ""): "contradicts",
}
"""What a bar is made of, from left to right: verdict and grade, in words."""

DIRECTIONS = {
    "co-creation": "gain (co-creation)",
    "co-destruction": "loss (co-destruction)",
    "either": "neither, or both",
}
"""What propositions claim, in words."""


def perspective_name(iri: str) -> str:
    """`service design` for the IRI of the perspective of that name."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local(iri).removesuffix("Perspective")).lower()
    return words or "not given"


@dataclass(frozen=True)
class Part:
    """A stretch of a bar: what it shows, how much, and where."""

    kind: str
    count: int
    x: float
    width: float

    @property
    def labeled(self) -> bool:
        """Whether its number fits inside, and leaves enough of a texture to be seen."""
        plain = self.kind in ("linked", "contradicts")
        return self.width >= (9 if plain else 24) + 8 * len(str(self.count))


@dataclass(frozen=True)
class Row:
    """A row of a picture: a proposition with its bar and totals; or a heading, of a `theory` or of a part of it."""

    y: float
    name: str
    lines: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    totals: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Ticks:
    """A scale: what it goes to, and where its marks stand."""

    top: int
    step: int

    @classmethod
    def to(cls, most: int) -> Ticks:
        """A scale with some four round marks."""
        step = next(
            unit * ten for ten in (10**power for power in range(12)) for unit in (1, 2, 5) if 5 * unit * ten >= most
        )
        return cls(max(step * -(-most // step), step), step)

    @property
    def marks(self) -> range:
        return range(0, self.top + 1, self.step)


def picture(facts: Facts, theories: Iterable[Theory], margin: int = 0) -> str:
    """The propositions of some theories by verdict and grade, as stacked bars.

    Args:
        margin: how much room there is around it; 1,000 is the width without.

    Returns:
        An SVG document.
    """
    theories = [*theories]
    totals = {
        (theory.id, one.id): _totals(facts, theory.id, one.id) for theory in theories for one in theory.propositions
    }
    every = {key[:2] for key in facts.verdicts}  # one scale for all pictures of these facts
    ticks = Ticks.to(max((sum(_totals(facts, *key)) for key in every), default=0))
    left, width = 424.0, 366.0
    scale = width / ticks.top
    rows, y = [], 60.0
    for theory in theories:
        groups = {towards: [one for one in theory.propositions if direction(one) == towards] for towards in DIRECTIONS}
        groups = {towards: group for towards, group in groups.items() if group}
        if len(theories) > 1:
            rows.append(Row(y + 24, "theory", (theory.label,)))
            y += 34
        for towards, group in groups.items():
            if len(groups) > 1:
                rows.append(Row(y + 20, "", (f"claims of {DIRECTIONS[towards]}",)))
                y += 28
            for proposition in group:
                parts, x = [], left
                for kind in PARTS:
                    count = facts.verdicts[theory.id, proposition.id, *kind]
                    if count:
                        parts.append(Part(_kind(*kind), count, x, count * scale))
                        x += count * scale
                lines = tuple(wrap(proposition.label, 36, max_lines=2, placeholder=" …", break_on_hyphens=False))
                rows.append(Row(y, proposition.id, lines, tuple(parts), totals[theory.id, proposition.id]))
                y += 30
    return (
        templates("kgtools.report")
        .get_template("bars.svg.j2")
        .render(
            rows=rows,
            ticks=ticks,
            left=left,
            scale=scale,
            bottom=y + 4,
            height=y + 26,
            margin=margin,
            name="-".join(["bars", *(anchored(theory.id) for theory in theories)]),
            legend=[(_kind(*kind), words) for kind, words in PARTS.items()],
            labels=[theory.label for theory in theories],
            units=ticks.top <= 30,
        )
        .strip()
    )


def _kind(verdict: str, grade: str) -> str:
    return grade or verdict


def _totals(facts: Facts, theory: str, proposition: str) -> tuple[int, int, int]:
    """How many support, are mixed, contradict."""
    counts = {"supports": 0, "mixed": 0, "contradicts": 0}
    for verdict, grade in PARTS:
        counts[verdict] += facts.verdicts[theory, proposition, verdict, grade]
    return counts["supports"], counts["mixed"], counts["contradicts"]


@dataclass(frozen=True)
class Side:
    """What verdicts say from one perspective, of propositions that claim gain, or loss."""

    perspective: str
    direction: str
    propositions: tuple[str, ...]
    supports: int
    mixed: int
    contradicts: int
    elements: int


def sides(facts: Facts, theories: Iterable[Theory]) -> list[Side]:
    """Verdicts by perspective and direction, in the order in which theories name them."""
    grouped: dict[str, dict[str, list[tuple[str, Proposition]]]] = {}
    for theory in theories:
        for one in theory.propositions:
            grouped.setdefault(one.perspective, {}).setdefault(direction(one), []).append((theory.id, one))
    made = []
    for perspective, by_direction in grouped.items():
        for towards in DIRECTIONS:
            members = by_direction.get(towards, [])
            if members:
                counts = [_totals(facts, theory, one.id) for theory, one in members]
                supports, mixed, contradicts = (sum(column) for column in zip(*counts, strict=True))
                beneath = sum(facts.beneath[t, perspective, towards] for t in {theory for theory, _ in members})
                names = tuple(one.id for _, one in members)
                made.append(Side(perspective_name(perspective), towards, names, supports, mixed, contradicts, beneath))
    return made


def duality(given: Sequence[Side]) -> str:
    """Perspectives with what speaks for co-destruction to the left and for co-creation to the right, as SVG."""
    by_name: dict[str, dict[str, Side]] = {}
    for side in given:
        if side.direction != "either":
            by_name.setdefault(side.perspective, {})[side.direction] = side
    most = max((one.supports + one.mixed + one.contradicts for one in given if one.direction != "either"), default=0)
    ticks = Ticks.to(most)
    reach, middle = 390.0, 500.0
    scale = reach / ticks.top
    rows, y = [], 62.0
    for name, found in by_name.items():
        parts: list[Part] = []
        for towards, sign, start in (("co-destruction", -1, middle - 84), ("co-creation", 1, middle + 84)):
            one, x = found.get(towards), start
            for kind in ("supports", "mixed", "contradicts") if one else ():
                count = getattr(one, kind)
                if count:
                    wide = count * scale
                    parts.append(Part("linked" if kind == "supports" else kind, count, min(x, x + sign * wide), wide))
                    x += sign * wide
        rows.append(Row(y, name, (name,), tuple(parts)))
        y += 36
    return (
        templates("kgtools.report")
        .get_template("duality.svg.j2")
        .render(
            rows=rows,
            ticks=ticks,
            middle=middle,
            scale=scale,
            bottom=y,
            height=y + 24,
            name="duality",
            units=ticks.top <= 30,
        )
        .strip()
    )


@dataclass(frozen=True)
class Box:
    """A slot in a flow: where it stands, what it says, and the units in which it is filled or opposed."""

    slot: Slot
    x: float
    y: float
    lines: tuple[str, ...]
    filled: int
    opposed: int


BOX_WIDTH, BOX_HEIGHT, GAP = 196.0, 118.0, 58.0


def flow(facts: Facts, proposition: Proposition) -> str:
    """The slots of a proposition from left to right, as each comes after others, with how often each is filled: SVG."""
    depth = {slot.id: len(_longest(slot, proposition)) for slot in proposition.slots}
    columns: dict[int, list[Slot]] = {}
    for slot in proposition.slots:
        columns.setdefault(depth[slot.id], []).append(slot)
    tallest = max(map(len, columns.values()))
    boxes = {}
    for at, column in sorted(columns.items()):
        top = (tallest - len(column)) * (BOX_HEIGHT + 22) / 2
        for number, slot in enumerate(column):
            key = (proposition.theory, proposition.id, slot.id)
            boxes[slot.id] = Box(
                slot,
                2 + at * (BOX_WIDTH + GAP),
                top + number * (BOX_HEIGHT + 22) + 2,
                tuple(wrap(slot.label or slot.in_words(), 25, max_lines=3, placeholder=" …")),
                facts.slots[*key, "filled"],
                facts.slots[*key, "opposed"],
            )
    edges = [(boxes[before], boxes[slot.id]) for slot in proposition.slots for before in slot.after]
    return (
        templates("kgtools.report")
        .get_template("flow.svg.j2")
        .render(
            boxes=list(boxes.values()),
            edges=edges,
            width=(max(columns) + 1) * (BOX_WIDTH + GAP) - GAP + 4,
            height=tallest * (BOX_HEIGHT + 22) - 22 + 4,
            box_width=BOX_WIDTH,
            box_height=BOX_HEIGHT,
            name=f"flow-{anchored(proposition.id)}",
            proposition=proposition,
        )
        .strip()
    )


def _longest(slot: Slot, proposition: Proposition) -> list[str]:
    """The longest way back along what a slot comes after (a slot never comes after itself)."""
    ways = [[other, *_longest(proposition.by_id[other], proposition)] for other in slot.after]
    return max(ways, key=len, default=[])
