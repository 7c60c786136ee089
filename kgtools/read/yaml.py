"""YAML as it is written: a file goes in, its text cells, lists and mappings come out, each with its line.

Strict: a key that stands twice is an error, and nothing is taken for a number, a date or a truth value.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgtools.errors import InputError
from kgtools.read.text import text_of


@dataclass(frozen=True)
class Node:
    """A part of the file: text as it stands there (whatever YAML takes `null` or `1` for), a list, or a mapping.

    `lines` has the line of each key of a mapping.
    """

    value: str | list[Node] | dict[str, Node]
    line: int
    lines: dict[str, int]


def tree(path: Path) -> Node:
    """A YAML file as it is written.

    Raises:
        InputError: it cannot be read, is not YAML, or has a key twice; with its line.
    """
    return composed(text_of(path, "a YAML file"), path)


def composed(written: str, path: Path) -> Node:
    """YAML as it is written at the beginning of a file.

    Raises:
        InputError: it is not YAML, or has a key twice; with its line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(written)
        return _Parts(path, len(written)).node(root) if root is not None else Node("", 1, {})
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        tab = "; indent with blanks, not with tabs" if "'\\t'" in str(error.problem) else ""
        raise InputError(f"not a YAML file that can be read: {error.problem}{tab}", path, line) from error
    except YAMLError as error:
        raise InputError(f"not a YAML file that can be read: {str(error).splitlines()[0]}", path) from error
    except RecursionError as error:
        raise InputError(
            "not a YAML file that can be read: it is nested too deep, or stands inside itself", path
        ) from error


class _Parts:
    """The parts of a file, from what the YAML library composed.

    Args:
        length: of the file; more parts than that can only come of anchors that stand in each other (`*a` in `&b`,
            `*b` in `&c`, …), which a few lines can make into more than any memory holds.
    """

    def __init__(self, path: Path, length: int) -> None:
        self._path = path
        self._left = length + _FEW

    def node(self, node: Any) -> Node:
        """A part of the file."""
        line = node.start_mark.line + 1
        self._left -= 1
        if self._left < 0:
            raise InputError("names its anchors (&, *) so often that they come to far more than the file", self._path)
        if isinstance(node.value, str):
            return Node(node.value, line, {})
        if node.tag.endswith(":seq"):
            return Node([self.node(item) for item in node.value], line, {})
        parts: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key.value, str):
                raise InputError("a key is a word or a text, not a list or a mapping", self._path, at)
            if key.value in parts:
                raise InputError(f"`{key.value}` stands twice, first in line {lines[key.value]}", self._path, at)
            parts[key.value], lines[key.value] = self.node(value), at
        return Node(parts, line, lines)


_FEW = 1000


def plain(node: Node) -> Any:
    """A part of the file without lines: text, lists and dicts."""
    if isinstance(node.value, dict):
        return {key: plain(inner) for key, inner in node.value.items()}
    return [plain(inner) for inner in node.value] if isinstance(node.value, list) else node.value


def line_of(node: Node, where: tuple[Any, ...]) -> int:
    """The line of the innermost part of `where` that stands in the file."""
    line = node.line
    for part in where:
        if isinstance(part, int) and isinstance(node.value, list):
            node = node.value[part]
            line = node.line
        elif isinstance(node.value, dict) and part in node.value:
            line, node = node.lines[part], node.value[part]
    return line
