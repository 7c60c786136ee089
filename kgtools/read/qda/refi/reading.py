"""What stands beside sources in an exchange project: elements go in as they end, records come out (`records`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kgtools.read.qda.refi.elements import line_of, local
from kgtools.read.qda.refi.parts import child_text, children, guid, references
from kgtools.read.qda.refi.records import Applied, CaseRecord, CodeRecord, Document, Marked, Values
from kgtools.read.qda.values import color, without_folders

if TYPE_CHECKING:
    from lxml.etree import _Element

    from kgtools.read.qda.refi.archive import Kept
    from kgtools.read.qda.remarks import Remarks


class Reading:
    """What was read so far.

    Args:
        kept: the opened project, for the texts of its sources.
        remarks: where to say what is odd.
    """

    def __init__(self, kept: Kept, remarks: Remarks) -> None:
        self.kept = kept
        self.remarks = remarks
        self.users: dict[str, str] = {}
        self.codes: list[CodeRecord] = []
        self.variables: dict[str, str] = {}
        self.cases: list[CaseRecord] = []
        self.documents: list[Document] = []
        self.selections: list[Marked] = []
        self.codings: list[Applied] = []
        self.notes: dict[str, str] = {}
        self.sets: list[tuple[str, list[str], list[str], int]] = []
        self.links: list[tuple[str, str]] = []
        self.graphs = 0
        self.of_cases = 0
        self.lost = 0
        self._codes: set[str] = set()
        self._numbers: dict[tuple[str, str], int] = {}
        self._taken: dict[str, set[str]] = {"source": set(), "selection": set(), "coding": set(), "case": set()}

    def user(self, element: _Element) -> None:
        """A user; of those without a name, the id that they log in with, or their number."""
        key = guid(element.get("guid"))
        name = (element.get("name") or "").strip() or (element.get("id") or "").strip()
        self.users.setdefault(key, without_folders(name) or f"Coder {len(self.users) + 1}")

    def code(self, element: _Element) -> None:
        """A code of the topmost level, and all below it."""
        waiting: list[tuple[_Element, tuple[str, ...]]] = [(element, ())]
        while waiting:
            at, above = waiting.pop()
            path = (*above, (at.get("name") or "").strip() or f"Code {len(self.codes) + 1}")
            key = guid(at.get("guid")) or f"code-{len(self.codes) + 1}"
            if key in self._codes:
                self._repeated("code", key, at, "what is coded with it goes to the first")
            else:
                self._codes.add(key)
                self.codes.append(
                    CodeRecord(
                        key,
                        path,
                        child_text(at, "Description"),
                        color(at.get("color")),
                        (at.get("isCodable") or "").strip() not in ("false", "0"),
                        line_of(at),
                        references(at),
                    )
                )
            waiting += [(inner, path) for inner in reversed(list(children(at, "Code")))]

    def variable(self, element: _Element) -> None:
        """A variable."""
        name = (element.get("name") or "").strip()
        self.variables.setdefault(guid(element.get("guid")), name or f"Variable {len(self.variables) + 1}")

    def case(self, element: _Element) -> None:
        """A case; of those without a name, its number."""
        line = line_of(element)
        name = without_folders(element.get("name") or "")
        number = len(self.cases) + 1
        self.of_cases += len(references(element, "CodeRef"))
        if not name:
            self.remarks.add(
                "info", "refi:case-unnamed", f"a case has no name; it is called `Case {number}` here", line=line
            )
        self.cases.append(
            CaseRecord(
                self.unique("case", guid(element.get("guid")), element),
                name or f"Case {number}",
                child_text(element, "Description"),
                line,
                values_of(element),
                references(element, "SourceRef"),
                references(element, "SelectionRef"),
            )
        )

    def code_or_source_set(self, element: _Element) -> None:
        """A set: of codes, of sources, or of both."""
        self.sets.append(
            (
                (element.get("name") or "").strip() or f"Set {len(self.sets) + 1}",
                references(element, "MemberCode"),
                references(element, "MemberSource"),
                line_of(element),
            )
        )

    def link(self, element: _Element) -> None:
        """A link, by what it is from and to."""
        self.links.append((guid(element.get("originGUID")), guid(element.get("targetGUID"))))

    def graph(self, _: _Element) -> None:
        """A graph; they are counted."""
        self.graphs += 1

    def unique(self, what: str, key: str, element: _Element) -> str:
        """A key that no other thing of its kind has; one without a GUID is numbered."""
        taken = self._taken[what]
        if not key:
            key = f"{what}-{len(taken) + 1}"
        unique = key
        if key in taken:
            number = self._numbers.get((what, key), 1)
            while (unique := f"{key}-{(number := number + 1)}") in taken:
                pass
            self._numbers[what, key] = number
            self._repeated(what, key, element, f"the second is `{unique}` here")
        taken.add(unique)
        return unique

    def _repeated(self, what: str, key: str, element: _Element, so: str) -> None:
        self.remarks.add(
            "warning",
            "refi:guid-repeated",
            f"the GUID `{key}` stands for more than one {what}; {so}",
            line=line_of(element),
            value=key,
            kind=what,
        )


def values_of(element: _Element) -> Values:
    """The variables of a source or case, without those that have no value."""
    found: Values = []
    for value in children(element, "VariableValue"):
        of = references(value, "VariableRef")
        said = next(
            (
                text
                for inner in value
                if local(inner) != "VariableRef" and (text := "".join(map(str, inner.itertext())).strip())
            ),
            "",
        )
        if of and said:
            found.append((of[0], said))
    return found
