"""Findings: validation results go in, findings come out, in words for coders and with the row they are about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from kgtools.model import SEVERITIES, Finding
from kgtools.validate.engines import Result
from kgtools.validate.shapes import Shapes
from kgtools.vocabulary import EVCO, PREFIXES, curie, local

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
        template = result.text or shapes.messages.get(
            result.shape, f"{{$this}} breaks the rule {local(result.shape)} ({component})."
        )
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


def _name(term: str, label: Callable[[str], str] | None = None, bundles: Iterable[str] = ()) -> str:
    """What a coder calls a node: `Anna`, `incident I07`, `Review by anna of incident I07`, `evco:Review`."""
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
            steps = re.split(r"/|#row=", said[len(bundle) + 1 :])
            pairs = [_step(*steps[start : start + 2]) for start in range(0, len(steps), 2)]
            return " of ".join(reversed(pairs))
    if curie(said) != said:
        return curie(said)
    return (label(said) if label else "") or unquote(local(said)) or said


def _step(kind: str, name: str = "") -> str:
    """What a coder calls a step of an IRI: `incident I07`, `Review by anna`, `the firm`, `the position`."""
    if kind == "element":
        term, *facts = name.split(";")
        told = local(unquote(term)) if "absent" not in facts else f"the absence of {local(unquote(term))}"
        marks = (("by=", " by {}"), ("named=", " ({})"))
        return told + "".join(
            words.format(unquote(fact.removeprefix(mark)))
            for mark, words in marks
            for fact in facts
            if fact.startswith(mark)
        )
    if kind in ("role", "target"):
        return f"the {unquote(name) or 'passage'}"
    return unquote(f"{kind} {name}".strip())


_THEIRS = {
    "wasDerivedFrom": PREFIXES["prov"],
    "hasBody": PREFIXES["oa"],
    "hasTarget": PREFIXES["oa"],
    "hasSelector": PREFIXES["oa"],
}
_UP = ("wasDerivedFrom", "evidencedBy", "roleIn", "hasBody")
_DOWN = ("hasElement", "recordsAbsence", "reportedIn", "hasTarget", "hasSelector")
_KNOWN = {
    **{f"<{_THEIRS.get(word, EVCO)}{word}>": word for word in (*_UP, *_DOWN, "row", "inFile")},
    f"<{PREFIXES['rdf']}type>": "type",
    f"<{PREFIXES['rdfs']}label>": "label",
    f"<{PREFIXES['dcterms']}identifier>": "identifier",
    f"<{PREFIXES['dcterms']}isPartOf>": "isPartOf",
}
_A_INCIDENT = f"<{EVCO}Incident>"
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


class Places:
    """Looks up in lifted data which row of which file a node comes from, and which incident it belongs to.

    Args:
        data: N-Quads. It is read when a place is first asked for.
    """

    def __init__(self, data: str) -> None:
        self._data = data

    @cached_property
    def _lines(self) -> dict[str, dict[str, list[str]]]:
        """What is said with each word, by what it is looked up by; unread, since few places are asked for."""
        lines: dict[str, dict[str, list[str]]] = {word: defaultdict(list) for word in _KNOWN.values()}
        ways = {predicate: (lines[word], word in _DOWN, word == "type") for predicate, word in _KNOWN.items()}
        for line in self._data.split("\n"):
            parts = line.split(None, 2)
            if len(parts) < 3 or (way := ways.get(parts[1])) is None:
                continue
            subject, _, said = parts
            found, is_down, is_type = way
            if is_down:
                found[said[1 : said.find(">")]].append(subject)
            elif not is_type or said.startswith(_A_INCIDENT):
                found[subject[1:-1]].append(said)
        for report in lines["reportedIn"]:  # a report is found by its incident, not by those who coded it
            lines["hasTarget"].pop(report, None)
        return lines

    def _told(self, word: str, node: str) -> list[str]:
        """IRIs or what literals say."""
        told = []
        for said in self._lines[word].get(node, ()):
            literal = _LITERAL.match(said)
            told.append(_lexical(literal[0]) if literal else said[1 : said.find(">")])
        return told

    @cached_property
    def _bundles(self) -> list[str]:
        return sorted(
            {bundle for node in self._lines["isPartOf"] for bundle in self._told("isPartOf", node)},
            key=lambda iri: (-len(iri), iri),
        )

    def _label(self, iri: str) -> str:
        return min(self._told("label", iri) or self._told("identifier", iri), default="")

    def name(self, term: str) -> str:
        """What a coder calls a node."""
        return _name(term, self._label, self._bundles)

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
            above = [end for start in level for word in ways for end in self._told(word, start)]
            level = list(dict.fromkeys(end for end in above if end not in seen))
            seen.update(level)
        return None

    def _row(self, node: str) -> tuple[str, int] | None:
        rows = self._told("row", node)
        if not rows or not rows[0].isdecimal():
            return None
        file = (self._told("inFile", node) or [node.partition("#")[0]])[0]
        return (self._told("label", file) or [unquote(local(file))])[0], int(rows[0])

    def _incident(self, node: str) -> str | None:
        if node not in self._lines["type"]:
            return None
        return min(self._told("identifier", node) or [unquote(local(node))])
