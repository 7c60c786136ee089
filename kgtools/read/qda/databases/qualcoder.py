"""QualCoder's databases: a `data.qda`, or the folder of a project that holds it, goes in, a `Project` comes out.

Why selections are made up: QualCoder stores only codings, each with its place. Those at the same place are codings of
one selection. Why no unit is said of a text: a coding by hand has the offsets of Qt's editor (UTF-16), one by search
those of Python (code points; QualCoder's issue 1207). The words stored with each tell which.

Why some memos are cut short: what follows `#####` in a memo its coder keeps to themselves (QualCoder does not hand it
to language models), so it is not to end in a graph. How many there are is told.

Source: the `CREATE TABLE` and `ALTER TABLE` statements of QualCoder 1.0 to 4.0 (databases v1 to v14) in
src/qualcoder/__main__.py, with refi.py for what its columns mean (https://github.com/ccbogel/QualCoder).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.qda.databases.rows import Cell, lacking, lost_codings, number, path_to, text, upward
from kgtools.read.qda.databases.sqlite import Database, has_tables, opened
from kgtools.read.qda.project import Case, Code, Coded, Kind, Project, Selection, Source, Variables
from kgtools.read.qda.values import area, color, moment, span, without_folders

_FILE = "data.qda"
_TABLES = frozenset({"source", "code_name", "code_cat", "code_text", "cases", "case_text"})
_PRIVATE = "#####"
_CODED = ("cid", "owner", "date", "memo")
_MARKS = ("important",)
_FOLDERS: tuple[tuple[str, Kind], ...] = (("image", "picture"), ("audio", "audio"), ("video", "video"))

Rows = dict[int, dict[str, Cell]]


def is_qualcoder(path: Path) -> bool:
    """Whether a file is a database of QualCoder, whatever it is called, or a folder holds one."""
    return has_tables(_database(path), _TABLES)


def read_qualcoder(path: Path) -> Project:
    """Reads a project of QualCoder.

    Args:
        path: the file `data.qda`, or the folder that holds it (`Study.qda`).

    Returns:
        The project. Journals and the project's memo are not in it.

    Raises:
        InputError: it is none, or cannot be read.
    """
    file = _database(path)
    with opened(file) as database:
        if missing := sorted(_TABLES - database.tables):
            raise InputError(f"is no database of QualCoder, as it lacks the table `{missing[0]}`", file)
        return _Reading(file, database).project


def _database(path: Path) -> Path:
    with suppress(OSError):
        return path / _FILE if path.is_dir() else path
    return path


class _Reading:
    """A project as it is read: what selections and notes of several tables come together in."""

    def __init__(self, path: Path, database: Database) -> None:
        self._path = path
        self._database = database
        self._texts: dict[str, str] = {}
        self._kinds: dict[str, Kind] = {}
        self._selections: dict[str, Selection] = {}
        self._notes: defaultdict[str, list[str]] = defaultdict(list)
        self._private = 0
        name = path.resolve().parent.name if path.name == _FILE else path.name
        self.project = Project(name.removesuffix(".qda") or path.stem, self._program())
        self._attributes()
        self._codes()
        self._sources()
        self._codings()
        self._annotations()
        self._cases()
        self.project.selections = [
            replace(selection, notes=tuple(self._notes[key])) for key, selection in self._selections.items()
        ]
        self._hidden()
        self._left_out()

    def _program(self) -> str:
        said = [text(row["about"]) for row in self._database.rows("project", (), ("about",))]
        return (said[0] if said else None) or "QualCoder"

    def _attributes(self) -> None:
        """Variables of sources and cases, as `(file or case, its id)`."""
        self._variables: defaultdict[tuple[str, int], list[tuple[str, str]]] = defaultdict(list)
        for row in self._database.rows("attribute", ("name", "attr_type", "value", "id")):
            name, value = text(row["name"]), text(row["value"])
            of, key = text(row["attr_type"]), number(row["id"])
            if name and value and of and key is not None:
                self._variables[of, key].append((name, value.strip()))

    def _codes(self) -> None:
        """Categories, which only group, then codes. Since version 4, a code may also stand below another."""
        groups = self._database.keyed("code_cat", "catid", ("name",), ("memo", "supercatid"))
        codes = self._database.keyed("code_name", "cid", ("name",), ("memo", "catid", "color", "supercid"))
        names = {key: text(row["name"]) or f"category {key}" for key, row in groups.items()}
        above = {key: number(row["supercatid"]) for key, row in groups.items()}
        for key, row in groups.items():
            path = path_to(key, names, above)
            note = self._public(row["memo"])
            self.project.codes.append(Code(f"category-{key}", path, note, codable=False, line=number(row["rowid"])))
        called = {key: text(row["name"]) or f"code {key}" for key, row in codes.items()}
        code_above = {key: number(row["supercid"]) for key, row in codes.items()}
        for key, row in codes.items():
            uppermost = [one for one in upward(key, code_above) if one in codes][-1]
            group = number(codes[uppermost]["catid"])
            path = () if group is None else path_to(group, names, above)
            self.project.codes.append(
                Code(
                    key=f"code-{key}",
                    path=(*path, *path_to(key, called, code_above)),
                    description=self._public(row["memo"]),
                    color=color(text(row["color"])),
                    line=number(row["rowid"]),
                )
            )

    def _sources(self) -> None:
        for key, row in self._database.keyed("source", "id", ("name", "fulltext"), ("mediapath", "memo")).items():
            said = _text(row["fulltext"])
            kind = _kind(text(row["mediapath"]) or "")
            if kind not in ("text", "pdf"):
                said = said or None
            elif said is None:
                said = ""
            if said is not None:
                self._texts[str(key)] = said
            self._kinds[str(key)] = kind
            note = self._public(row["memo"])
            self.project.sources.append(
                Source(
                    key=str(key),
                    name=without_folders(text(row["name"]) or "") or f"file {key}",
                    kind=kind,
                    text=None if said is None else said.encode(),
                    variables=self._variables_of("file", key),
                    notes=(note,) if note else (),
                    line=number(row["rowid"]),
                )
            )

    def _public(self, cell: Cell) -> str | None:
        """A memo, without what its coder keeps to themselves."""
        said, private, _ = (text(cell) or "").partition(_PRIVATE)
        self._private += bool(private)
        return said.strip() or None

    def _variables_of(self, what: str, key: int) -> Variables:
        return tuple(self._variables.get((what, key), ()))

    def _codings(self) -> None:
        rows = self._database
        found = rows.rows("code_text", ("fid", "pos0", "pos1", *_CODED), ("seltext", *_MARKS))
        for row in self._codable("code_text", found):
            start, end = number(row["pos0"]), number(row["pos1"])
            key = self._part(str(number(row["fid"])), start, end, text(row["seltext"]), row)
            self._coded("code_text", key, row)
        columns = ("x1", "y1", "width", "height")
        found = rows.rows("code_image", ("id", *columns, *_CODED), (*_MARKS, "pdf_page"))
        for row in self._codable("code_image", found, "id"):
            x, y, width, height = (_measure(row[column]) for column in columns)
            fragment = area(x, y, width, height, number(row["pdf_page"]))
            self._coded("code_image", self._fragment(str(number(row["id"])), fragment, row), row)
        for row in self._codable("code_av", rows.rows("code_av", ("id", "pos0", "pos1", *_CODED), _MARKS), "id"):
            time = span(number(row["pos0"]), number(row["pos1"]))
            self._coded("code_av", self._fragment(str(number(row["id"])), time, row), row)

    def _codable(self, table: str, rows: Iterator[dict[str, Cell]], column: str = "fid") -> Iterator[dict[str, Cell]]:
        """Those rows of codings whose source is there and that have a code; each other is told of as lost."""
        loose: list[int | None] = []
        uncoded: list[int | None] = []
        for row in rows:
            if str(number(row[column])) not in self._kinds:
                loose.append(number(row["rowid"]))
            elif number(row["cid"]) is None:
                uncoded.append(number(row["rowid"]))
            else:
                yield row
        self.project.findings += lost_codings(self._path, table, loose, "of a file that is not there")
        self.project.findings += lost_codings(self._path, table, uncoded, "of no code")
        self.project.lost += len(loose) + len(uncoded)

    def _placed(self, table: str, rows: Iterator[dict[str, Cell]], column: str = "fid") -> Iterator[dict[str, Cell]]:
        """Those rows that are no codings and whose source is there; the others are told of."""
        lost: list[int | None] = []
        for row in rows:
            if str(number(row[column])) in self._kinds:
                yield row
            else:
                lost.append(number(row["rowid"]))
        self.project.findings += lacking(self._path, table, lost, "of a file that is not there")

    def _part(self, source: str, start: int | None, end: int | None, words: str | None, row: dict[str, Cell]) -> str:
        """The key of the selection of a part of a text. Its words are the first that are stored for it."""
        key = f"{source}:{start}-{end}"
        before = self._selections.get(key)
        if before is None or (before.words is None and words is not None):
            line = number(row["rowid"]) if before is None else before.line
            self._selections[key] = Selection(key, source, start, end, words, line=line)
        return key

    def _fragment(self, source: str, fragment: str | None, row: dict[str, Cell]) -> str:
        """The key of the selection of a part of what is no text; one whose place is not told is no other's."""
        line = number(row["rowid"])
        key = f"{source}:{fragment or f'row {line}'}"
        if key not in self._selections:
            self._selections[key] = Selection(key, source, fragment=fragment, line=line)
        return key

    def _coded(self, table: str, selection: str, row: dict[str, Cell]) -> None:
        coder, memo = text(row["owner"]), self._public(row["memo"])
        notes = (memo,) if memo else ()
        self.project.codings.append(
            Coded(
                key=f"{table}-{number(row['rowid'])}",
                source=self._selections[selection].source,
                code=f"code-{number(row['cid'])}",
                selection=selection,
                coder=coder,
                coded_at=moment(text(row["date"])),
                notes=(*notes, "important") if number(row["important"]) == 1 else notes,
                line=number(row["rowid"]),
            )
        )

    def _annotations(self) -> None:
        """Notes on parts of texts, whether these are coded or not."""
        for row in self._placed("annotation", self._database.rows("annotation", ("fid", "pos0", "pos1", "memo"))):
            if memo := self._public(row["memo"]):
                start, end = number(row["pos0"]), number(row["pos1"])
                self._notes[self._part(str(number(row["fid"])), start, end, None, row)].append(memo)

    def _cases(self) -> None:
        """Cases. A source belongs to one as a whole where all its characters do, or it has no text."""
        sources: defaultdict[int, dict[str, None]] = defaultdict(dict)
        parts: defaultdict[int, dict[str, None]] = defaultdict(dict)
        cases = self._database.keyed("cases", "caseid", ("name",), ("memo",))
        caseless: list[int | None] = []
        for row in self._placed("case_text", self._database.rows("case_text", ("caseid", "fid", "pos0", "pos1"))):
            case, source = number(row["caseid"]), str(number(row["fid"]))
            start, end = number(row["pos0"]), number(row["pos1"])
            if case is None or case not in cases:
                caseless.append(number(row["rowid"]))
            elif not end or (not start and end >= len(self._texts.get(source, ""))):
                sources[case].setdefault(source)
            else:
                parts[case].setdefault(self._part(source, start, end, None, row))
        self.project.findings += lacking(self._path, "case_text", caseless, "of a case that is not there")
        for key, row in cases.items():
            self.project.cases.append(
                Case(
                    key=str(key),
                    name=text(row["name"]) or f"case {key}",
                    sources=tuple(sources[key]),
                    selections=tuple(parts[key]),
                    variables=self._variables_of("case", key),
                    description=self._public(row["memo"]),
                    line=number(row["rowid"]),
                )
            )

    def _hidden(self) -> None:
        """Codings of coders who are hidden in QualCoder are told of."""
        who = self._database.rows("coder_names", ("name",), ("visibility",))
        names = [text(row["name"]) for row in who if number(row["visibility"]) == 0]
        coders = {coded.coder for coded in self.project.codings}
        hidden = [name for name in names if name and name in coders]
        if hidden:
            said = "codings of coders who are hidden in QualCoder are read like any others"
            label = f"{self._path.name}#coder_names"
            self.project.findings.append(Finding("info", "qualcoder:hidden", said, value=", ".join(hidden), file=label))

    def _left_out(self) -> None:
        """What is in the database and not in the project."""
        if count := sum(1 for _ in self._database.rows("journal", ())):
            said = f"{_counted(count, 'journal entry', 'journal entries')} not read, being of no document"
            label = f"{self._path.name}#journal"
            self.project.findings.append(Finding("info", "qualcoder:journal", said, file=label))
        if self._private:
            said = f"{_counted(self._private, 'memo', 'memos')} read without what is private, after `{_PRIVATE}`"
            self.project.findings.append(Finding("info", "qualcoder:private", said, file=self._path.name))


def _counted(count: int, one: str, several: str) -> str:
    return f"1 {one} is" if count == 1 else f"{count} {several} are"


def _kind(where: str) -> Kind:
    """What kind of file it is: `/images/shop.png` is in the project's folder, `images:` and a path outside of it."""
    folder = where.lstrip("/").lower()
    for beginning, kind in _FOLDERS:
        if folder.startswith(beginning):
            return kind
    return "pdf" if folder.endswith(".pdf") else "text"


def _text(cell: Cell) -> str | None:
    """A cell as text, however empty: offsets count from its beginning."""
    return cell if isinstance(cell, str) else text(cell)


def _measure(cell: Cell) -> int | float:
    return cell if isinstance(cell, (int, float)) else 0
