"""Findings: validation results go in, findings come out, in words for coders and with the row they are about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kgtools.model import SEVERITIES, Finding
from kgtools.validate.engines import Result
from kgtools.validate.shapes import Shapes
from kgtools.vocabulary import EVCO, PREFIXES, curie, local

if TYPE_CHECKING:
    pass

Where = Callable[[str], tuple[str, int | None, str]]
"""From a focus node's IRI to the file and row that it comes from, and the id of its incident; empty where unknown."""

_SH = PREFIXES["sh"]


@dataclass(frozen=True, slots=True)
class ShapeFinding(Finding):
    """A finding that a shape made, with the result that it says in words."""

    result: Result | None = None


# Findings


def explained(found: Iterable[Result], shapes: Shapes, where: Where) -> list[ShapeFinding]:
    """Results as findings, in the order in which `validate` gives them."""
    name = where.name if isinstance(where, Places) else _name
    made = []
    for result in found:
        file, row, incident = where(_plain(result.focus))
        path = re.sub(r"<([^<>]*)>", lambda match: curie(match[1]), result.path)
        value = curie(_plain(result.value)) if result.value.startswith("<") else _plain(result.value)
        value = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        words = {"this": name(result.focus), "value": name(result.value), "path": path}
        component = local(result.component).removesuffix("ConstraintComponent")
        template = shapes.messages.get(result.shape, f"{{$this}} breaks the rule {local(result.shape)} ({component}).")
        message = _FILLED.sub(lambda match: words.get(match[1], match[0]), template)  # noqa: B023
        made.append(
            ShapeFinding(
                result.severity,
                local(result.shape),
                message,
                _plain(result.focus),
                path,
                value,
                file,
                row,
                incident,
                result,
            )
        )
    return sorted(made, key=_order)


_LONGEST = 1_000
"""Characters of a value that a finding shows: no spreadsheet takes a cell of more than 32,767."""

_FILLED = re.compile(r"\{[$?](\w+)\}")


def _order(finding: ShapeFinding) -> tuple[Any, ...]:
    place = (finding.file, finding.row or 0, finding.shape)
    return (
        SEVERITIES.index(finding.severity),
        *place,
        finding.focus,
        finding.path,
        finding.value,
        finding.message,
        finding.result,
    )


def _plain(term: str) -> str:
    """An IRI or what a literal says; nothing for a blank node, whose label means nothing."""
    if term.startswith("<"):
        return term[1:-1]
    return "" if not term or term.startswith("_:") else _lexical(term)


_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")


def _lexical(literal: str) -> str:
    inside = literal[1 : literal.rindex('"')]
    plain = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    return _ESCAPED.sub(
        lambda match: plain.get(match[3], match[3]) if match[3] else chr(int(match[1] or match[2], 16)), inside
    )


def _name(term: str, labels: Mapping[str, str] | None = None, bundles: Iterable[str] = ()) -> str:
    """What a coder calls a node: `Anna`, `incident I07`, `element Review;positive of incident I07`, `evco:Review`."""
    if not term:
        return "nothing"
    if term.startswith("_:"):
        return "a node without a name"
    said = _plain(term)
    if not term.startswith("<"):
        said = " ".join(said.split())
        return f"`{said if len(said) <= 60 else said[:59] + '…'}`"
    for bundle in bundles:
        if said.startswith(bundle + "/"):
            steps = [unquote(step) for step in re.split(r"/|#row=", said[len(bundle) + 1 :])]
            pairs = [" ".join(steps[start : start + 2]) for start in range(0, len(steps), 2)]
            return " of ".join(reversed(pairs))
    if curie(said) != said:
        return curie(said)
    return (labels or {}).get(said) or unquote(local(said)) or said


_THEIRS = {
    "wasDerivedFrom": PREFIXES["prov"],
    "hasBody": PREFIXES["oa"],
    "hasTarget": PREFIXES["oa"],
    "hasSelector": PREFIXES["oa"],
}
_UP = ("wasDerivedFrom", "evidencedBy", "roleIn", "hasBody")
_DOWN = ("hasElement", "recordsAbsence", "reportedIn", "hasTarget", "hasSelector")
_KNOWN = {
    **{_THEIRS.get(word, EVCO) + word: word for word in (*_UP, *_DOWN, "row", "inFile")},
    PREFIXES["rdf"] + "type": "type",
    PREFIXES["rdfs"] + "label": "label",
    PREFIXES["dcterms"] + "identifier": "identifier",
    PREFIXES["dcterms"] + "isPartOf": "isPartOf",
}
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


class Places:
    """Looks up in lifted data which row of which file a node comes from, and which incident it belongs to.

    Args:
        data: N-Quads. It is read when a place is first asked for.
    """

    def __init__(self, data: str) -> None:
        self._data = data

    @cached_property
    def _facts(self) -> dict[str, dict[str, list[str]]]:
        facts: dict[str, dict[str, list[str]]] = {word: {} for word in _KNOWN.values()}
        for line in self._data.split("\n"):
            if (parts := line.split(None, 2))[1:] and (word := _KNOWN.get(parts[1][1:-1])):
                subject, said = parts[0][1:-1], parts[2]
                literal = _LITERAL.match(said)
                value = _lexical(literal[0]) if literal else said[1 : said.find(">")]
                if word in _DOWN:
                    subject, value = value, subject
                facts[word].setdefault(subject, []).append(value)
        for report in facts["reportedIn"]:  # a report is found by its incident, not by those who coded it
            facts["hasTarget"].pop(report, None)
        return facts

    @cached_property
    def _incidents(self) -> set[str]:
        return {node for node, kinds in self._facts["type"].items() if EVCO + "Incident" in kinds}

    @cached_property
    def _bundles(self) -> list[str]:
        return sorted(
            {bundle for bundles in self._facts["isPartOf"].values() for bundle in bundles},
            key=lambda iri: (-len(iri), iri),
        )

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {iri: min(names) for kind in ("identifier", "label") for iri, names in self._facts[kind].items()}

    def name(self, term: str) -> str:
        """What a coder calls a node."""
        return _name(term, self._labels, self._bundles)

    def __call__(self, focus: str) -> tuple[str, int | None, str]:
        both = (*_UP, *_DOWN)
        # First what a node rests on: in a table without incidents beside it, an incident has a row of codings too.
        file, row = self._nearest(focus, self._row, _UP) or self._nearest(focus, self._row, both) or ("", None)
        return file, row, self._nearest(focus, self._incident, both) or ""

    def _nearest(self, node: str, told: Callable[[str], Any], ways: Iterable[str]) -> Any:
        """What is told of a node, or of the nearest nodes that these ways lead to; of several, the least."""
        level, seen = [node], {node}
        while level:
            answers = [answer for answer in map(told, level) if answer]
            if answers:
                return min(answers)
            above = [end for start in level for word in ways for end in self._facts[word].get(start, ())]
            level = list(dict.fromkeys(end for end in above if end not in seen))
            seen.update(level)
        return None

    def _row(self, node: str) -> tuple[str, int] | None:
        rows = self._facts["row"].get(node)
        if not rows or not rows[0].isdecimal():
            return None
        file = self._facts["inFile"].get(node, [node.partition("#")[0]])[0]
        return self._facts["label"].get(file, [unquote(local(file))])[0], int(rows[0])

    def _incident(self, node: str) -> str | None:
        if node not in self._incidents:
            return None
        return min(self._facts["identifier"].get(node, [unquote(local(node))]))
