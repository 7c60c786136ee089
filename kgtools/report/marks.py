"""Marks: a narrative and its codings go in, the narrative in pieces comes out, each with the segments that cover it.

Segments overlap, and several coders mark the same words. So the text is cut wherever a segment starts or ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kgtools.model import Coding


@dataclass(frozen=True)
class Segment:
    """A stretch of a narrative, in code points, and the codings that are of just these words."""

    start: int
    end: int
    codings: tuple[Coding, ...]


@dataclass(frozen=True)
class Piece:
    """A stretch of text that the same segments cover, and the segments that end with it."""

    text: str
    covered_by: tuple[Segment, ...]
    ending: tuple[Segment, ...]

    @property
    def ended(self) -> list[Coding]:
        """The codings whose words end with it."""
        return [coding for segment in self.ending for coding in segment.codings]


@dataclass(frozen=True)
class Unplaced:
    """A coding whose words cannot be marked, and why."""

    coding: Coding
    why: str


def located(narrative: str, coding: Coding) -> tuple[int, int] | str:
    """Where the words of a coding stand: start and end in code points; or why that is not known.

    What `start` and `end` say is believed where the words stand there; else the words are looked for, and must stand in
    the text once.
    """
    start, end, words = coding.start, coding.end, coding.segment
    inside = start is not None and end is not None and 0 <= start < end <= len(narrative)
    if start is not None and end is not None and inside and words in (None, narrative[start:end]):
        return start, end
    if not words:
        return "its place is outside the narrative"
    times = narrative.count(words)
    if times == 1:
        found = narrative.index(words)
        return found, found + len(words)
    return "not found in the narrative" if not times else f"stands in the narrative {times} times"


def marked(narrative: str, codings: Iterable[Coding]) -> tuple[list[Piece], list[Unplaced]]:
    """Cut a narrative by its coded segments.

    Returns:
        The pieces, which make up the narrative, and the codings whose words were not found in it.
    """
    found: dict[tuple[int, int], list[Coding]] = {}
    unplaced = []
    for coding in codings:
        if coding.segment is None and coding.start is None and coding.end is None:
            continue
        place = located(narrative, coding)
        if isinstance(place, str):
            unplaced.append(Unplaced(coding, place))
        else:
            found.setdefault(place, []).append(coding)
    segments = [Segment(*place, tuple(group)) for place, group in sorted(found.items())]
    return list(_pieces(narrative, segments)), unplaced


def _pieces(narrative: str, segments: Sequence[Segment]) -> Iterable[Piece]:
    cuts = sorted({0, len(narrative), *(place for one in segments for place in (one.start, one.end))})
    for start, end in pairwise(cuts):
        yield Piece(
            narrative[start:end],
            tuple(one for one in segments if one.start <= start and end <= one.end),
            tuple(one for one in segments if one.end == end),
        )
