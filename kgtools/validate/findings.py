"""Findings: validation results go in, findings come out, in words for coders and with the row they are about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from kgtools.model import LONGEST_SEGMENT, SEVERITIES, Finding
from kgtools.read.columns import FROM
from kgtools.validate.engines import Result
from kgtools.validate.rules import rules_of, short
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


def explained(
    found: Iterable[Result], shapes: Shapes, places: Places, where: Where | None = None
) -> list[ShapeFinding]:
    """Results as findings, in the order in which `validate` gives them.

    Args:
        places: the data, where nodes are looked up to be called by their names.
        where: looks up which row a node comes from; None to look in the data itself.
    """
    where, rules, made = where or places, rules_of(shapes.triples), []
    for result in found:
        file, row, incident = where(_plain(result.focus))
        path = re.sub(r"<([^<>]*)>", lambda match: curie(match[1]), result.path)
        value = curie(_plain(result.value)) if result.value.startswith("<") else _plain(result.value)
        value = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        words = {
            "this": places.name(result.focus),
            "value": places.name(result.value),
            "path": re.sub(r"<([^<>]*)>", lambda match: short(match[1]), _WHOLE.sub(r"\1", result.path)),
        }
        of_row = where is places and row is not None
        made.append(
            ShapeFinding(
                result.severity,
                rules.id(result.shape),
                rules.message(result.shape, result.component, words, _term, result.messages),
                _plain(result.focus),
                path,
                value,
                file,
                row,
                incident,
                places.column(_plain(result.focus), result.path) if of_row else "",
                places.segment(_plain(result.focus)) if of_row else "",
                result,
            )
        )
    return sorted(made, key=_order)


_WHOLE = re.compile(r"\A\(([^()]*)\)\Z")
"""A path all of which stands in parentheses, as some engines write one of several steps."""

_LONGEST = 1_000
"""Characters of a value that a finding shows: no spreadsheet takes a cell of more than 32,767."""


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


def _term(term: str) -> str:
    """A term that a shape asks for, as a message has it: `Person`, 120, or a text between backticks."""
    if term.startswith("<"):
        return short(term[1:-1])
    return text if _NUMBER.fullmatch(text := _plain(term)) else _shown(text)


_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")


def _shown(text: str) -> str:
    """What a literal says, on one line and no longer than one can take in."""
    text = " ".join(text[: _SHOWN * 20].split())
    return f"`{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}`"


_SHOWN = 60


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
    f"<{PREFIXES['oa']}exact>": "exact",
}
_COLUMNS = {
    kind: {f"{PREFIXES[name.partition(':')[0]]}{name.partition(':')[2]}": column for name, column in columns.items()}
    for kind, columns in FROM.items()
}
_OWN_COLUMN = re.compile(r"/column/([^/#]*)#cell\Z")
_A_INCIDENT = f"<{EVCO}Incident>"
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


class Places:
    """Looks up in data what its nodes are called; and in lifted data which cell of which row they come from.

    Args:
        data: N-Quads. It is read when a place is first asked for.
    """

    def __init__(self, data: str) -> None:
        self._data = data
        self._rows: dict[str, tuple[tuple[str, int], str] | None] = {}

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

    # Names

    @cached_property
    def _bundles(self) -> list[str]:
        return sorted(
            {bundle for node in self._lines["isPartOf"] for bundle in self._told("isPartOf", node)},
            key=lambda iri: (-len(iri), iri),
        )

    @cached_property
    def _held(self) -> dict[str, tuple[str, str]]:
        """Nodes without a name, each with the node and the property that it is first named as a value of."""
        held: dict[str, tuple[str, str]] = {}
        for line in self._data.split("\n"):
            if " _:" in line:
                parts = line.split(None, 3)
                if len(parts) > 2 and parts[2].startswith("_:"):
                    held.setdefault(parts[2].rstrip("."), (parts[0], parts[1]))
        return held

    def name(self, term: str) -> str:
        """What a coder calls a node: `Anna`, `incident I07`, `Review by anna of incident I07`, `evco:Review`.

        A node without a name is told by what it is of: `the nameless address of Anna`.
        """
        if not term:
            return "nothing"
        if term.startswith("_:"):
            return self._nameless(term)
        said = _plain(term)
        if not term.startswith("<"):
            return _shown(said)
        for bundle in self._bundles:
            if said.startswith(bundle + "/"):
                steps = re.split(r"/|#row=", said[len(bundle) + 1 :])
                pairs = [_step(*steps[start : start + 2]) for start in range(0, len(steps), 2)]
                return " of ".join(reversed(pairs))
        if curie(said) != said:
            return curie(said)
        label = min(self._told("label", said) or self._told("identifier", said), default="")
        return label or unquote(local(said)) or said

    def _nameless(self, term: str) -> str:
        steps: list[str] = []
        seen = {term}
        while (held := self._held.get(term)) is not None:
            term = held[0]
            steps.append(short(held[1][1:-1]))
            if not term.startswith("_:"):
                return f"the nameless {' of the '.join(steps)} of {self.name(term)}"
            if term in seen or len(steps) == _FAR:
                break
            seen.add(term)
        return "a node without a name"

    # Rows

    def __call__(self, focus: str) -> tuple[str, int | None, str]:
        (file, row), _ = self._row_of(focus) or (("", None), "")
        named = self._nearest(focus, self._incident, (*_UP, *_DOWN))
        return file, row, named[0] if named else ""

    def column(self, focus: str, path: str) -> str:
        """The column, under our name, that what a path leads to was lifted from; empty where there is no single one."""
        if not (path.startswith("<") and path.endswith(">") and ">" not in path[:-1]):
            return ""
        if own := _OWN_COLUMN.search(path[1:-1]):
            return unquote(own[1])
        of_incident = focus in self._lines["type"]
        for kind in ("incidents",) if of_incident else ("codings", "incidents"):
            if path[1:-1] in _COLUMNS[kind]:
                return _COLUMNS[kind][path[1:-1]]
        return ""

    def segment(self, focus: str) -> str:
        """The words that were coded in the row that a node comes from, or the first of them."""
        found = self._row_of(focus)
        targets = self._ends["hasTarget"].get(found[1], ()) if found else ()
        selectors = [end for target in targets for end in self._ends["hasSelector"].get(target, ())]
        return min((words for one in selectors for words in self._told("exact", one)), default="")[:LONGEST_SEGMENT]

    @cached_property
    def _ends(self) -> dict[str, dict[str, list[str]]]:
        """Where codings and their passages lead, which `_lines` has the other way round."""
        ends: dict[str, dict[str, list[str]]] = {word: defaultdict(list) for word in ("hasTarget", "hasSelector")}
        for word, found in ends.items():
            for end, starts in self._lines[word].items():
                for start in starts:
                    found[start[1:-1]].append(end)
        return ends

    def _row_of(self, focus: str) -> tuple[tuple[str, int], str] | None:
        """The row that a node comes from, and the nearest node that was made of it."""
        if focus not in self._rows:
            # First what a node rests on: in a table without incidents beside it, an incident has a row of codings too.
            up = self._nearest(focus, self._row, _UP)
            self._rows[focus] = up or self._nearest(focus, self._row, (*_UP, *_DOWN))
        return self._rows[focus]

    def _nearest(self, node: str, told: Callable[[str], Any], ways: Iterable[str]) -> tuple[Any, str] | None:
        """What is told of a node, or of the nearest nodes that these ways lead to, and which; of several, the least."""
        level, seen = [node], {node}
        while level:
            answers = [(answer, one) for one in level if (answer := told(one))]
            if answers:
                return min(answers)
            above = [end for start in level for word in ways for end in self._told(word, start)]
            level = list(dict.fromkeys(end for end in above if end not in seen))
            seen.update(level)
        return None

    def _row(self, node: str) -> tuple[str, int] | None:
        """The row that a node is, or was derived from."""
        rows = [row for one in (node, *self._told("wasDerivedFrom", node)) if (row := self._stands(one))]
        return min(rows, default=None)

    def _stands(self, entity: str) -> tuple[str, int] | None:
        rows = self._told("row", entity)
        if not rows or not rows[0].isdecimal():
            return None
        file = (self._told("inFile", entity) or [entity.partition("#")[0]])[0]
        return (self._told("label", file) or [unquote(local(file))])[0], int(rows[0])

    def _incident(self, node: str) -> str | None:
        if node not in self._lines["type"]:
            return None
        return min(self._told("identifier", node) or [unquote(local(node))])


_FAR = 5
"""So many steps lie at most between a nameless node and the one that it is told by."""
