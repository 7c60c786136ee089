"""The second half of reading an exchange project: unfinished records go in, a `Project` comes out.

Here what was a GUID becomes what it stands for: users' names, notes' texts, groups of documents, variables' names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kgtools.read.qda.project import Case, Code, Coded, Project, Selection, Source, Variables
from kgtools.read.qda.refi.elements import line_of
from kgtools.read.qda.values import apart, moment, without_folders

if TYPE_CHECKING:
    from lxml.etree import _Element

    from kgtools.read.qda.refi.reading import Reading
    from kgtools.read.qda.refi.records import Values
    from kgtools.read.qda.remarks import Remarks


def assemble(reading: Reading, root: _Element, name: str, part: str) -> Project:
    """Put together what was read.

    Args:
        reading: all records; its remarks become the project's findings.
        root: the outermost element.
        name: what to call the project if it has no name.
        part: the project file's name in the archive.

    Returns:
        The project; a code that its codebook lacks is kept in its codings, by its GUID.
    """
    remarks = reading.remarks
    project = Project(without_folders(root.get("name") or "") or name, (root.get("origin") or "").strip(), part)
    coders = _Coders(reading)
    variables = _told_apart(reading.variables, "variable", remarks)
    linked = _linked(reading)
    groups = _groups(reading)
    codes = {code.key for code in reading.codes}
    cases = {case.key: case for case in reading.cases}
    sources = {document.key for document in reading.documents}

    free = set(reading.notes)

    def notes(key: str, said: Iterable[str], of: Iterable[str]) -> tuple[str, ...]:
        """What was written on something: its description, its notes, and those that links lead to."""
        keys = dict.fromkeys((*of, *linked.get(key, ())))
        free.difference_update(keys)
        return (*said, *(reading.notes[note] for note in keys if note in reading.notes))

    for code in reading.codes:
        said = notes(code.key, (code.description.strip(),) if code.description else (), code.notes)
        project.codes.append(Code(code.key, code.path, "\n\n".join(said) or None, code.color, code.codable, code.line))
    for document in reading.documents:
        project.sources.append(
            Source(
                document.key,
                document.name,
                document.kind,
                document.text,
                document.description,
                _variables(document.values, variables, document.line, remarks),
                tuple(groups.get(document.key, ())),
                notes(document.key, (), document.notes),
                document.line,
            )
        )
    unknown: Counter[str] = Counter()
    for applied in reading.codings:
        marked = applied.selection
        if applied.code not in codes and applied.code in cases:
            case = cases[applied.code]
            (case.selections if marked else case.sources).append(marked.key if marked else applied.source)
            remarks.add(
                "info",
                "refi:case-coded",
                "a segment is coded with a case; it is put into the case and is no coding",
                line=applied.line,
                value=case.name,
            )
            continue
        if applied.code not in codes:
            unknown[applied.code] += 1
            if unknown[applied.code] == 1:
                remarks.add(
                    "warning",
                    "refi:code-unknown",
                    f"the codebook has no code `{applied.code}`; what is coded with it is kept under that",
                    line=applied.line,
                    value=applied.code,
                )
        made = moment(applied.made)
        if applied.made and made is None:
            remarks.add(
                "warning", "refi:date", "a coding's date is none and is left out", line=applied.line, value=applied.made
            )
        project.codings.append(
            Coded(
                applied.key,
                marked.source if marked else applied.source,
                applied.code,
                marked.key if marked else None,
                coders.name(applied.user, applied.line),
                made,
                notes(applied.key, (), applied.notes),
                applied.line,
            )
        )
    project.selections = [
        Selection(
            marked.key,
            marked.source,
            marked.start,
            marked.end,
            marked.words,
            marked.fragment,
            notes(marked.key, marked.said, marked.notes),
            marked.line,
        )
        for marked in reading.selections
        if marked.source in sources  # not of a note that nobody coded
    ]
    _cases(reading, project, variables)
    _code_sets(reading, project, codes)
    project.lost = reading.lost
    _left(reading, len(free - sources), root)
    project.findings = remarks.all()
    return project


class _Coders:
    """Names of users, each his own."""

    def __init__(self, reading: Reading) -> None:
        self._remarks = reading.remarks
        self._names = _told_apart(reading.users, "user", reading.remarks)
        self._taken = set(self._names.values())
        self._unknown = 0

    def name(self, user: str, line: int) -> str | None:
        """The name of a user; None where nobody is said."""
        if not user:
            return None
        if user not in self._names:
            self._unknown += 1
            while (name := f"Unknown coder {self._unknown}") in self._taken:
                self._unknown += 1
            self._names[user] = name
            self._remarks.add(
                "warning",
                "refi:user-unknown",
                f"the project has no user `{user}`; called `{name}` here, so that coders stay apart",
                line=line,
                value=user,
            )
        return self._names[user]


def _told_apart(names: dict[str, str], what: str, remarks: Remarks) -> dict[str, str]:
    """Names by key, so that no two are the same, with a remark on each that had to be changed."""
    found = dict(zip(names, apart(names.values()), strict=True))
    for key, name in names.items():
        if found[key] != name:
            remarks.add(
                "warning",
                f"refi:{what}-twice",
                f"more than one {what} is called `{name}`; they are kept apart, and this one is `{found[key]}` here",
                value=name,
            )
    return found


def _linked(reading: Reading) -> dict[str, list[str]]:
    """Notes by what links lead to: NVivo ties an annotation to its segment so."""
    linked: dict[str, list[str]] = {}
    for origin, target in reading.links:
        if origin in reading.notes:
            linked.setdefault(target, []).append(origin)
        elif target in reading.notes:
            linked.setdefault(origin, []).append(target)
    return linked


def _groups(reading: Reading) -> dict[str, dict[str, None]]:
    """Names of sets by the sources in them."""
    groups: dict[str, dict[str, None]] = {}
    known = {document.key for document in reading.documents}
    for name, _, sources, line in reading.sets:
        for key in sources:
            if key not in known:
                _nowhere(reading.remarks, f"the set `{name}`", "source", key, line)
            else:
                groups.setdefault(key, {})[name] = None
    return groups


def _code_sets(reading: Reading, project: Project, codes: set[str]) -> None:
    """Sets of codes, and those with nothing in them."""
    for name, members, sources, line in reading.sets:
        for key in members:
            if key not in codes:
                _nowhere(reading.remarks, f"the set `{name}`", "code", key, line)
        if members or not sources:
            kept = dict.fromkeys(key for key in members if key in codes)
            project.code_sets.append((name, tuple(kept)))


def _cases(reading: Reading, project: Project, variables: dict[str, str]) -> None:
    """Cases, with what is in them."""
    sources = {source.key for source in project.sources}
    selections = {selection.key for selection in project.selections}
    for case in reading.cases:
        kept: dict[str, dict[str, None]] = {"source": {}, "selection": {}}
        for what, keys, known in (("source", case.sources, sources), ("selection", case.selections, selections)):
            for key in keys:
                if key in known:
                    kept[what][key] = None
                else:
                    _nowhere(reading.remarks, f"the case `{case.name}`", what, key, case.line)
        project.cases.append(
            Case(
                case.key,
                case.name,
                tuple(kept["source"]),
                tuple(kept["selection"]),
                _variables(case.values, variables, case.line, reading.remarks),
                case.description,
                case.line,
            )
        )


def _variables(values: Values, names: dict[str, str], line: int, remarks: Remarks) -> Variables:
    """Values by the names of their variables."""
    for key, value in values:
        if key not in names:
            remarks.add(
                "warning",
                "refi:variable-unknown",
                f"the project has no variable `{key}`, so its value `{value[:80]}` is left out",
                line=line,
                value=key,
            )
    return tuple((names[key], value) for key, value in values if key in names)


def _nowhere(remarks: Remarks, who: str, what: str, key: str, line: int) -> None:
    """Remark a reference to what is not there."""
    remarks.add(
        "warning",
        "refi:nowhere",
        f"{who} names a {what} `{key}` that the project has not",
        line=line,
        value=key,
        kind=what,
    )


def _left(reading: Reading, free: int, root: _Element) -> None:
    """Say in one remark what of the project is not taken in."""
    links = sum(not {origin, target} & reading.notes.keys() for origin, target in reading.links)
    counts = (
        (reading.graphs, "graph", "graphs"),
        (links, "link", "links"),
        (free, "note on nothing coded", "notes on nothing coded"),
        (reading.of_cases, "code on a case", "codes on cases"),
    )
    told = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    if told:
        reading.remarks.add("info", "refi:left", f"not taken in of the project: {', '.join(told)}", line=line_of(root))
