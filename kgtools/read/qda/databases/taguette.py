"""Taguette's databases: a SQLite file goes in, a `Project` comes out.

Why the text is not the document as people see it: Taguette keeps documents as HTML, and counts a highlight's offsets in
bytes (UTF-8) of the text between its tags, line feeds between paragraphs included. So that text is the source's, and
nothing is put where a tag stood: `<br>` joins two words.

Why coders are known at all: a highlight does not name anybody, but the log of a project (`commands`) says who tagged
it. What the log does not tell (a project imported from elsewhere) has no coder.

Source: taguette/database/models.py, taguette/extract.py and taguette/static/js/taguette.js of Taguette 0.1 to 1.5
(https://gitlab.com/remram44/taguette).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.qda.databases.rows import Cell, lacking, lost_codings, number, path_to, text, upward
from kgtools.read.qda.databases.sqlite import Database, has_tables, opened
from kgtools.read.qda.project import Code, Coded, Project, Selection, Source
from kgtools.read.qda.values import moment, without_folders

_TABLES = frozenset({"projects", "documents", "highlights", "tags", "highlight_tags"})
_TAG = re.compile("[a-zA-Z/!?]")
_QUOTE_OR_END = re.compile("[\"'>]")

Tagged = tuple[str | None, str | None]
"""Who put a tag on a highlight, and when."""


def is_taguette(path: Path) -> bool:
    """Whether a file is a database of Taguette, whatever it is called."""
    return has_tables(path, _TABLES)


def read_taguette(path: Path) -> Project:
    """Reads a database of Taguette.

    Args:
        path: the SQLite file (`taguette.sqlite3`, or that of an exported project).

    Returns:
        All its projects as one. Where there are several, names of documents begin with that of their project.

    Raises:
        InputError: it is none, or cannot be read.
    """
    with opened(path) as database:
        if missing := sorted(_TABLES - database.tables):
            raise InputError(f"is no database of Taguette, as it lacks the table `{missing[0]}`", path)
        return _read(path, database)


def plain_text(markup: str) -> str:
    """The text of HTML without its tags, as a browser has it in `textContent`.

    Every character is looked at once, whatever the HTML: an unclosed tag ends with the text.
    """
    markup = markup.replace("\r\n", "\n").replace("\r", "\n")  # HTML Standard, 13.2.3.5
    pieces, at = [], 0
    while (tag := markup.find("<", at)) >= 0:
        pieces.append(markup[at:tag])
        if markup.startswith("<!--", tag):
            end = markup.find("-->", tag + 4)
            at = len(markup) if end < 0 else end + 3
        elif _TAG.match(markup, tag + 1):
            at = _end_of_tag(markup, tag + 1)
        else:
            pieces.append("<")
            at = tag + 1
    pieces.append(markup[at:])
    return "".join(map(html.unescape, pieces))


def _end_of_tag(markup: str, at: int) -> int:
    """Where a tag ends; a `>` between quotes does not end it."""
    while (found := _QUOTE_OR_END.search(markup, at)) is not None:
        if found[0] == ">":
            return found.end()
        at = markup.find(found[0], found.end()) + 1
        if not at:
            break
    return len(markup)


def _read(path: Path, database: Database) -> Project:
    projects = {
        key: text(row["name"]) or f"project {key}" for key, row in database.keyed("projects", "id", ("name",)).items()
    }
    project = Project(next(iter(projects.values())) if len(projects) == 1 else path.stem, "Taguette")
    if len(projects) > 1:
        said = f"{len(projects)} projects stand in this file, and are read as one; export each to keep them apart"
        names = ", ".join(projects.values())
        project.findings.append(Finding("info", "taguette:projects", said, value=names, file=path.name))
    project.sources = list(_sources(database, projects if len(projects) > 1 else {}))
    project.codes = list(_codes(database))
    _highlights(path, database, project)
    return project


def _sources(database: Database, several: dict[int, str]) -> Iterator[Source]:
    """The documents, named after their project too where there are several."""
    rows = database.keyed("documents", "id", ("name", "project_id", "contents"), ("description",))
    for key, row in rows.items():
        name = without_folders(text(row["name"]) or "") or f"document {key}"
        group = several.get(number(row["project_id"]) or 0)
        yield Source(
            key=str(key),
            name=f"{group}/{name}" if group else name,
            text=plain_text(text(row["contents"]) or "").encode(),
            description=text(row["description"]),
            groups=(group,) if group else (),
            line=number(row["rowid"]),
            unit="byte",
        )


def _codes(database: Database) -> Iterator[Code]:
    """The tags; newer versions let a tag stand below another."""
    rows = database.keyed("tags", "id", ("path",), ("description", "parent_id"))
    names = {key: text(row["path"]) or f"tag {key}" for key, row in rows.items()}
    above = {key: number(row["parent_id"]) for key, row in rows.items()}
    for key, row in rows.items():
        yield Code(str(key), path_to(key, names, above), text(row["description"]), line=number(row["rowid"]))


def _highlights(path: Path, database: Database, project: Project) -> None:
    """Highlights as selections, and their tags as codings. What refers to nothing is told of."""
    sources = {source.key for source in project.sources}
    rows = database.keyed("highlights", "id", ("document_id", "start_offset", "end_offset"), ("snippet",))
    placed: dict[int, str] = {}
    lost: list[int | None] = []
    for key, row in rows.items():
        source = str(number(row["document_id"]))
        if source not in sources:
            lost.append(number(row["rowid"]))
            continue
        placed[key] = source
        project.selections.append(
            Selection(
                key=str(key),
                source=source,
                start=number(row["start_offset"]),
                end=number(row["end_offset"]),
                words=plain_text(text(row["snippet"]) or "").strip() or None,
                line=number(row["rowid"]),
            )
        )
    project.findings += lacking(path, "highlights", lost, "of a document that is not there")
    loose: list[int | None] = []
    untagged: list[int | None] = []
    log = _log(database)
    done: set[tuple[int, int]] = set()
    for row in database.rows("highlight_tags", ("highlight_id", "tag_id")):
        highlight, tag = number(row["highlight_id"]), number(row["tag_id"])
        if highlight is None or highlight not in placed:
            loose.append(number(row["rowid"]))
        elif tag is None:
            untagged.append(number(row["rowid"]))
        elif (highlight, tag) not in done:
            done.add((highlight, tag))
            coder, coded_at = log.get((highlight, tag), (None, None))
            project.codings.append(
                Coded(
                    key=f"{highlight}-{tag}",
                    source=placed[highlight],
                    code=str(tag),
                    selection=str(highlight),
                    coder=coder,
                    coded_at=coded_at,
                    line=number(row["rowid"]),
                )
            )
    project.findings += lost_codings(path, "highlight_tags", loose, "of a highlight that is not there")
    project.findings += lost_codings(path, "highlight_tags", untagged, "of no tag")
    project.lost = len(loose) + len(untagged)


def _log(database: Database) -> dict[tuple[int, int | None], Tagged]:
    """Who put which tag on which highlight, and when, as the log of commands tells.

    A change of a highlight is logged like a new one, with all its tags: those that it had before stay with whom they
    are from. A tag that was merged into another hands that down.
    """
    rows = database.keyed("commands", "id", ("payload",), ("date", "user_login"))
    tagged: dict[int, dict[int, Tagged]] = {}
    merged: dict[int, int | None] = {}
    for _, row in sorted(rows.items()):
        command = _payload(row["payload"])
        kind, highlight, tags = command.get("type"), command.get("highlight_id"), command.get("tags")
        if kind == "highlight_add" and isinstance(highlight, int) and isinstance(tags, list):
            # Taguette writes UTC without saying so.
            now = (text(row["user_login"]), moment(text(row["date"]), "Z"))
            before = _handed_down(tagged.get(highlight, {}), merged)
            tagged[highlight] = {tag: before.get(tag, now) for tag in tags if isinstance(tag, int)}
        elif kind == "tag_merge":
            source, target = command.get("src_tag_id"), command.get("dest_tag_id")
            if isinstance(source, int) and isinstance(target, int):
                merged[source] = target
    return {
        (highlight, tag): said
        for highlight, tags_of in tagged.items()
        for tag, said in _handed_down(tags_of, merged).items()
    }


def _handed_down(tagged: dict[int, Tagged], merged: dict[int, int | None]) -> dict[int, Tagged]:
    """The tags of a highlight as they are called after they were merged."""
    found: dict[int, Tagged] = {}
    for tag, said in tagged.items():
        found.setdefault(upward(tag, merged)[-1], said)
    return found


def _payload(cell: Cell) -> dict[str, object]:
    try:
        found = json.loads(text(cell) or "null")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
