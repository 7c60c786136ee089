"""What the exchange standard asks for: elements go in as they end, what is otherwise goes out as remarks.

What it asks for stands in `schema.yaml`, in our own words; here is how a file is held against that. Nothing of it keeps
a file from being read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.read.qda.refi.elements import LINE, line_of, local
from kgtools.read.qda.remarks import short

if TYPE_CHECKING:
    from lxml.etree import _Element

    from kgtools.model import Severity
    from kgtools.read.qda.remarks import Remarks

NAMESPACES = {"urn:QDA-XML:project:1.0": "project", "urn:QDA-XML:codebook:1.0": "codebook"}
_FAMILY = "urn:QDA-XML:"
"""What other versions' namespaces start with: ATLAS.ti writes a draft's, `codebook:0:4`; the elements are the same."""

_ROOTS = {"project": "Project", "codebook": "CodeBook"}
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = {f"{_INSTANCE}schemaLocation", f"{_INSTANCE}noNamespaceSchemaLocation"}

_HEX = "[0-9a-fA-F]"
_GUID = f"{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_DAY = r"-?(?P<year>\d{4}|[1-9]\d{4,})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
_TIME = r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)"


def _pattern(pattern: str) -> Callable[[str], bool]:
    """A check by a regular expression for all of the text."""
    matches = re.compile(pattern, re.ASCII).fullmatch
    return lambda text: matches(text) is not None


def _calendar(pattern: str) -> Callable[[str], bool]:
    """A check by a regular expression, and for a day that its month has."""
    matches = re.compile(pattern, re.ASCII).fullmatch

    def is_day(text: str) -> bool:
        found = matches(text)
        if found is None or not int(found["year"]):
            return False
        return int(found["day"]) <= monthrange(int(found["year"]) % 400 + 2000, int(found["month"]))[1]

    return is_day


TYPES: dict[str, tuple[Callable[[str], bool] | None, str]] = {
    "string": (None, "text"),
    "guid": (_pattern(rf"{_GUID}|\{{{_GUID}\}}"), "a GUID: 2f1e4b7c-0a53-4c1e-9d52-7c9a1f0e6b38"),
    "boolean": (_pattern("true|false|0|1"), "true or false"),
    "integer": (_pattern(r"[+-]?\d+"), "a whole number"),
    "decimal": (_pattern(r"[+-]?(\d+(\.\d*)?|\.\d+)"), "a number"),
    "color": (_pattern(f"#({_HEX}{{6}}|{_HEX}{{3}})"), "a color: #33cc33"),
    "date": (_calendar(_DAY + _ZONE), "a day: 2026-11-21"),
    "moment": (_calendar(f"{_DAY}T{_TIME}{_ZONE}"), "a day and time: 2026-11-21T14:30:00Z"),
    "direction": (_pattern("Associative|OneWay|Bidirectional"), "Associative, OneWay or Bidirectional"),
    "variable": (
        _pattern("Text|Boolean|Integer|Float|Date|DateTime"),
        "a kind of variable, as Text or Integer",
    ),
    "line": (_pattern("dotted|dashed|solid"), "dotted, dashed or solid"),
    "shape": (
        _pattern("Person|Oval|Rectangle|RoundedRectangle|Star|(Left|Right|Up|Down)Triangle|Note"),
        "a shape of the standard, as Oval or Rectangle",
    ),
}
"""Types of values: a check, if any is needed (on the value with blanks run together), and what would be right."""


@dataclass(frozen=True)
class Particle:
    """A place in an element's content: one of these elements, so many times."""

    names: frozenset[str]
    least: int
    most: int | None


@dataclass(frozen=True)
class Asked:
    """What is asked of an element; `content` is None where it holds text, of the type `text`, or nothing."""

    attributes: dict[str, str]
    required: frozenset[str]
    content: tuple[Particle, ...] | None
    text: str | None


@cache
def vocabulary(kind: str) -> dict[str, Asked]:
    """What is asked of each element of a `project` or a `codebook`."""
    from kgtools.read.yaml import plain, tree

    stated = plain(tree(Path(__file__).with_name("schema.yaml")))
    said = stated[kind]
    return {name: _asked(said[asked.get("like", name)], stated["groups"]) for name, asked in said.items()}


def _asked(said: dict[str, str], groups: dict[str, str]) -> Asked:
    """What is asked of an element, from what stands in the file."""
    words = [
        word
        for group in said.get("has", "").split()
        for word in (groups[group[1:]].split() if group.startswith("+") else [group])
    ]
    pairs = [word.rstrip("!").split("=") for word in words]
    content = tuple(_particle(word) for word in said["holds"].split()) if "holds" in said else None
    return Asked(
        {pair[0]: pair[1] for pair in pairs},
        frozenset(word.split("=")[0] for word in words if word.endswith("!")),
        content,
        said.get("text"),
    )


def _particle(word: str) -> Particle:
    """A place in an element's content, from its notation."""
    least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(word[-1], (1, 1))
    return Particle(frozenset(word.rstrip("?*+").split("|")), least, most)


class Conformance:
    """Holds a file against the standard."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._asked: dict[str, Asked] = {}
        self._namespace: str | None = None
        self._known: dict[str, str] = {}

    def element(self, element: _Element) -> None:
        """Check an element that ended. Those within may have been emptied, but not taken out of it."""
        if self._namespace is None:
            self._begin(element.getroottree().getroot())
        tag = str(element.tag)
        if tag not in self._known:
            namespace, _, name = tag.rpartition("}")
            self._known[tag] = name if namespace[1:] == self._namespace and name in self._asked else ""
        name = self._known[tag]
        if not name:
            self._say("element", f"the standard has no element `{short(tag.rpartition('}')[2])}`", element, tag)
            return
        asked = self._asked[name]
        self._attributes(element, name, asked)
        if asked.content is not None:
            self._order(element, name, asked.content)
            self._no_text(element, name)
        else:
            self._text(element, name, asked)

    def _begin(self, root: _Element) -> None:
        """See by the outermost element what is asked for."""
        namespace, _, name = str(root.tag).rpartition("}")
        self._namespace = namespace[1:]
        kind = NAMESPACES.get(self._namespace)
        if kind is None:
            self._say(
                "namespace",
                f"the namespace is {f'`{short(self._namespace)}`' if self._namespace else 'not given'}, "
                "not urn:QDA-XML:project:1.0 or urn:QDA-XML:codebook:1.0",
                root,
                self._namespace,
                severity="info" if self._namespace.startswith(_FAMILY) else "warning",
            )
        kind = kind or ("codebook" if name == "CodeBook" else "project")
        if name != _ROOTS[kind]:
            self._say("root", f"the outermost element is not {_ROOTS[kind]}, as its namespace asks for", root, name)
        self._asked = vocabulary(kind)

    def _attributes(self, element: _Element, name: str, asked: Asked) -> None:
        given = {str(attribute): str(value) for attribute, value in element.attrib.items() if attribute != LINE}
        for attribute, value in given.items():
            kind = asked.attributes.get(attribute)
            if kind is None:
                if attribute not in _HINTS:
                    said = f"{name} has no attribute `{short(attribute)}`"
                    self._say("attribute", said, element, attribute, f"{name}/@{short(attribute)}")
            elif not _fits(value, kind):
                self._say(
                    "value",
                    f"`{attribute}` of {name} is `{short(value)}`; it should be {TYPES[kind][1]}",
                    element,
                    value,
                    f"{name}/@{attribute}",
                )
        for attribute in sorted(asked.required - given.keys()):
            self._say("required", f"{name} lacks `{attribute}`", element, "", f"{name}/@{attribute}")

    def _order(self, element: _Element, name: str, content: tuple[Particle, ...]) -> None:
        """Check which elements are within, in which order."""
        at, count = 0, 0
        for inner in element:
            found = local(inner)
            while at < len(content) and not (
                found in content[at].names and (content[at].most is None or count < (content[at].most or 0))
            ):
                if count < content[at].least:
                    self._lacks(name, content[at], inner)
                    return
                at, count = at + 1, 0
            if at == len(content):
                known = any(found in particle.names for particle in content)
                why = "stands too late or too often in" if known else "has no place in"
                self._say("order", f"`{short(found)}` {why} {name}", inner, found, f"{name}/{short(found)}")
                return
            count += 1
        while at < len(content):
            if count < content[at].least:
                self._lacks(name, content[at], element)
                return
            at, count = at + 1, 0

    def _lacks(self, name: str, particle: Particle, at: _Element) -> None:
        wanted = " or ".join(sorted(particle.names))
        self._say("content", f"{name} lacks {wanted} at its place", at, "", f"{name}/{wanted}")

    def _no_text(self, element: _Element, name: str) -> None:
        texts = [element.text, *(inner.tail for inner in element)]
        stray = next((text for text in texts if text and text.strip(" \t\r\n")), None)
        if stray is not None:
            self._say("text", f"{name} holds text of its own, `{short(str(stray).strip())}`", element, str(stray), name)

    def _text(self, element: _Element, name: str, asked: Asked) -> None:
        """Check an element that holds text, or nothing."""
        for inner in element:
            self._say("order", f"`{short(local(inner))}` has no place in {name}", inner, "", f"{name}/*")
            return
        text = str(element.text or "")
        if asked.text is None:
            if text:
                self._say("text", f"{name} should be empty, and holds text or blanks", element, text, name)
        elif not _fits(text, asked.text):
            said = f"{name} is `{short(text)}`; it should be {TYPES[asked.text][1]}"
            self._say("value", said, element, text, name)

    def _say(
        self, shape: str, message: str, at: _Element, value: str, kind: str = "", severity: Severity = "warning"
    ) -> None:
        self._remarks.add(severity, f"refi:schema-{shape}", message, line=line_of(at), value=value, kind=kind)


def _fits(value: str, kind: str) -> bool:
    """Whether a value is of a type."""
    check = TYPES[kind][0]
    return check is None or check(value) or check(" ".join(value.split()))
