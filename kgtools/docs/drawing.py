"""Drawing: a graph of boxes and arrows goes in, SVG comes out, in which no two texts lie over each other.

The places come from graphlay, a layered layout after Sugiyama, Tagawa and Toda (1981, Methods for visual understanding
of hierarchical system structures) in Rust: the same graph gives the same picture. A page colors it by class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kgtools.docs.graphs import Arrow, Box, Graph, Line

if TYPE_CHECKING:
    from jinja2 import Environment

SIZE = 13.0
"""Of letters, in pixels."""

_LEADING, _PADDING = 18.0, 10.0
_MARGIN = 6.0
_NARROW, _WIDE = "iljtfrI.,:'()|", "mwMW@"


@dataclass(frozen=True)
class PlacedLine:
    """A line of a box, and where it stands."""

    line: Line
    x: float
    y: float


@dataclass(frozen=True)
class PlacedBox:
    """A box, and where it stands: its upper left corner, and its size."""

    box: Box
    x: float
    y: float
    width: float
    height: float

    @property
    def lines(self) -> list[PlacedLine]:
        """Its lines, from the top."""
        return [
            PlacedLine(line, _rounded(self.x + _PADDING), _rounded(self.y + 17 + number * _LEADING))
            for number, line in enumerate(self.box.lines)
        ]


@dataclass(frozen=True)
class PlacedArrow:
    """An arrow, and the way that it goes, as SVG writes it."""

    arrow: Arrow
    path: str


def drawn(graph: Graph, name: str, templates: Environment) -> str:
    """A graph as SVG.

    Args:
        name: what its parts are called by, unlike that of any other picture of a page.
        templates: with `graph.svg.j2`.

    Returns:
        An SVG element; empty where the graph has no boxes.
    """
    if not graph.boxes:
        return ""
    boxes, arrows, width, height = _placed(graph)
    return (
        templates.get_template("graph.svg.j2")
        .render(graph=graph, name=name, boxes=boxes, arrows=arrows, width=width, height=height, size=SIZE)
        .strip()
    )


def _placed(graph: Graph) -> tuple[list[PlacedBox], list[PlacedArrow], float, float]:
    import graphlay

    request = graphlay.Graph()
    for box in graph.boxes.values():
        width = max(_width(line.text) for line in box.lines) + 2 * _PADDING
        request.node(box.id, width=width, height=len(box.lines) * _LEADING + 8)
    for arrow in graph.arrows:
        request.edge(arrow.source, arrow.target)
    made = graphlay.layout(request, options=_OPTIONS)
    left, top = (made.bounds["min"][axis] - _MARGIN for axis in "xy")
    boxes = [
        PlacedBox(
            box,
            _rounded(node["center"]["x"] - node["size"]["width"] / 2 - left),
            _rounded(node["center"]["y"] - node["size"]["height"] / 2 - top),
            _rounded(node["size"]["width"]),
            _rounded(node["size"]["height"]),
        )
        for box, node in zip(graph.boxes.values(), made.nodes, strict=True)
    ]
    arrows = [
        PlacedArrow(arrow, _path(edge["points"], left, top))
        for arrow, edge in zip(graph.arrows, made.edges, strict=True)
    ]
    width, height = (made.bounds["max"][axis] + _MARGIN for axis in "xy")
    return boxes, arrows, _rounded(width - left), _rounded(height - top)


_OPTIONS: dict[str, Any] = {
    "direction": "leftright",
    "spacing": {
        "layer_gap": 46.0,
        "node_gap": 12.0,
        "dummy_gap": 10.0,
        "isolated_gap": 14.0,
        "isolated_max_columns": 4,
    },
    "routing": {"merge_edges": "none"},
}


def _path(points: list[dict[str, float]], left: float, top: float) -> str:
    return "M" + "L".join(f"{_rounded(one['x'] - left)} {_rounded(one['y'] - top)}" for one in points)


def _rounded(value: float) -> float:
    return round(value, 1)


def _width(text: str) -> float:
    """How wide a text is at most, in the widest of the fonts that a page may be shown in."""
    return (
        sum(0.42 if one in _NARROW else 1.0 if one in _WIDE else 0.76 if one.isupper() else 0.64 for one in text) * SIZE
    )
