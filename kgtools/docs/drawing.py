"""Drawing: a graph of boxes and arrows goes in, SVG comes out, in which no two texts lie over each other.

The places come from graphlay, a layered layout after Sugiyama, Tagawa and Toda (1981, Methods for visual understanding
of hierarchical system structures) in Rust: the same graph gives the same picture. A page colors it by class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kgtools.docs.graphs import Arrow, Box, Graph, Line

if TYPE_CHECKING:
    import graphlay
    from jinja2 import Environment

SIZE = 13.0
"""Of letters, in pixels."""

_LEADING, _PADDING = 18.0, 10.0
_MARGIN = 6.0
_WIDTHS = ((" ijlI.,:;'|", 0.34), ("tfr()-", 0.43), ("mwMW@", 1.0), ("ABCDEFGHJKLNOPQRSTUVXYZ↔", 0.84))


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
    boxes, arrows, width, height = placed(graph)
    return (
        templates.get_template("graph.svg.j2")
        .render(graph=graph, name=name, boxes=boxes, arrows=arrows, width=width, height=height, size=SIZE)
        .strip()
    )


def placed(graph: Graph) -> tuple[list[PlacedBox], list[PlacedArrow], float, float]:
    widths = {box.id: max(width_of(line.text) for line in box.lines) + 2 * _PADDING for box in graph.boxes.values()}
    ranks = {id: node["rank"] for id, node in zip(graph.boxes, _layout(graph, widths).nodes, strict=True)}
    linked = {end for arrow in graph.arrows for end in (arrow.source, arrow.target)}
    for id in linked:  # boxes above each other are as wide as the widest of them
        widths[id] = max(widths[other] for other in linked if ranks[other] == ranks[id])
    made = _layout(graph, widths)
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


def _layout(graph: Graph, widths: Mapping[str, float]) -> graphlay.Layout:
    import graphlay

    request = graphlay.Graph()
    for box in graph.boxes.values():
        request.node(box.id, width=widths[box.id], height=len(box.lines) * _LEADING + 8)
    for arrow in graph.arrows:
        request.edge(arrow.source, arrow.target)
    tree = all(arrow.below for arrow in graph.arrows)  # elsewhere, lines that run together could not be told apart
    options: dict[str, Any] = {
        "direction": "leftright",
        "spacing": {"layer_gap": 40.0, "node_gap": 12.0, "dummy_gap": 10.0, "isolated_gap": 14.0},
        "routing": {"merge_edges": "forks" if tree else "none", "port_sides": "facing_only"},
    }
    return graphlay.layout(request, options=options)


def _path(points: list[dict[str, float]], left: float, top: float) -> str:
    return "M" + "L".join(f"{_rounded(one['x'] - left)} {_rounded(one['y'] - top)}" for one in points)


def _rounded(value: float) -> float:
    return round(value, 1)


def width_of(text: str) -> float:
    """How wide a text is at most, in pixels: that of DejaVu Sans, the widest of the fonts that a page may get."""
    return SIZE * sum(next((wide for these, wide in _WIDTHS if one in these), 0.64) for one in text)
