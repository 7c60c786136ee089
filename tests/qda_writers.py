"""Writes databases as Taguette and QualCoder do: what people coded goes in, a file with the program's schema comes out.

The tables and columns are those that the programs create themselves (Taguette's models of version 1.4, with tags below
tags as later; QualCoder's database v14), without what no reader looks at.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kgtools.read.qda.databases.taguette import plain_text

TAGUETTE = """
CREATE TABLE users (login VARCHAR(30) NOT NULL PRIMARY KEY, created DATETIME NOT NULL, hashed_password VARCHAR(192),
    email VARCHAR(256));
CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
    description TEXT NOT NULL, created DATETIME NOT NULL);
CREATE TABLE project_members (project_id INTEGER NOT NULL, user_login VARCHAR(30) NOT NULL,
    privileges VARCHAR(11) NOT NULL, PRIMARY KEY (project_id, user_login));
CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
    description TEXT NOT NULL, filename VARCHAR(200) NOT NULL, created DATETIME NOT NULL,
    project_id INTEGER NOT NULL REFERENCES projects (id), text_direction VARCHAR(13) NOT NULL, contents TEXT NOT NULL);
CREATE TABLE commands (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, date DATETIME NOT NULL,
    user_login VARCHAR(30) NOT NULL, project_id INTEGER NOT NULL, document_id INTEGER, payload TEXT NOT NULL);
CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id), start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL,
    snippet TEXT NOT NULL);
CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL,
    path VARCHAR(200) NOT NULL, description TEXT NOT NULL, parent_id INTEGER, UNIQUE (project_id, path));
CREATE TABLE highlight_tags (highlight_id INTEGER NOT NULL, tag_id INTEGER NOT NULL,
    PRIMARY KEY (highlight_id, tag_id));
CREATE INDEX ix_highlights_document_id ON highlights (document_id);
"""

QUALCODER = """
CREATE TABLE project (databaseversion text, date text, memo text, about text, bookmarkfile integer,
    bookmarkpos integer, codername text, recently_used_codes text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text, owner text,
    date text, av_text_id integer, risid integer, unique(name));
CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer, width integer, height integer,
    cid integer, memo text, date text, owner text, important integer, pdf_page integer);
CREATE TABLE code_av (avid integer primary key, id integer, pos0 integer, pos1 integer, cid integer, memo text,
    date text, owner text, important integer);
CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer, memo text, owner text,
    date text, unique(fid, pos0, pos1, owner));
CREATE TABLE attribute_type (name text primary key, date text, owner text, memo text, caseOrFile text, valuetype text);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer, date text,
    owner text, unique(name, attr_type, id));
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer, owner text,
    date text, memo text);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text,
    constraint ucm unique(name));
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text, supercatid integer,
    unique(name));
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0 integer, pos1 integer,
    owner text, date text, memo text, avid integer, important integer, unique(cid, fid, pos0, pos1, owner));
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text, date text,
    color text, supercid integer, unique(name));
CREATE TABLE journal (jid integer primary key, name text, jentry text, date text, owner text, unique(name));
CREATE TABLE coder_names (name TEXT UNIQUE NOT NULL, visibility INTEGER NOT NULL DEFAULT 1);
CREATE VIEW code_text_visible AS SELECT * FROM code_text;
"""

WHEN = "2026-03-01 10:20:30"


@dataclass(frozen=True)
class Highlight:
    """Words that somebody tagged in a document: where they stand first in its text.

    Args:
        coder: whom the log tells of; None where it tells nothing.
    """

    document: str
    words: str
    tags: Sequence[str]
    coder: str | None = "admin"


def write_taguette(
    path: Path,
    documents: Mapping[str, str],
    highlights: Iterable[Highlight],
    *,
    project: str = "Shop",
    tags: Mapping[str, str] | None = None,
) -> Path:
    """A database of Taguette, or another project in the one that is there.

    Args:
        documents: names, with their HTML.
        tags: descriptions of tags, where they have one.
    """
    new = not path.exists()
    with closing(sqlite3.connect(path)) as connection, connection:
        if new:
            connection.executescript(TAGUETTE)
        run = connection.execute
        in_project = run(
            "INSERT INTO projects (name, description, created) VALUES (?, '', ?)", (project, WHEN)
        ).lastrowid
        keys: dict[str, int | None] = {}
        for name, contents in documents.items():
            row = (name, f"{name}.docx", WHEN, in_project, contents)
            keys[name] = run(
                """INSERT INTO documents (name, description, filename, created, project_id, text_direction, contents)
                   VALUES (?, '', ?, ?, ?, 'LEFT_TO_RIGHT', ?)""",
                row,
            ).lastrowid
        tag_keys: dict[str, int | None] = {}
        listed = list(highlights)
        for tag in dict.fromkeys([*(tags or {}), *(tag for highlight in listed for tag in highlight.tags)]):
            tag_keys[tag] = run(
                "INSERT INTO tags (project_id, path, description) VALUES (?, ?, ?)",
                (in_project, tag, (tags or {}).get(tag, "")),
            ).lastrowid
        for highlight in listed:
            text = plain_text(documents[highlight.document]).encode()
            start = text.index(highlight.words.encode())
            end = start + len(highlight.words.encode())
            key = run(
                "INSERT INTO highlights (document_id, start_offset, end_offset, snippet) VALUES (?, ?, ?, ?)",
                (keys[highlight.document], start, end, f"<p>{highlight.words.replace('&', '&amp;')}</p>"),
            ).lastrowid
            chosen = [tag_keys[tag] for tag in highlight.tags]
            run_many = connection.executemany
            run_many("INSERT INTO highlight_tags VALUES (?, ?)", [(key, tag) for tag in chosen])
            if highlight.coder is not None:
                command(connection, highlight.coder, {"type": "highlight_add", "highlight_id": key, "tags": chosen})
    return path


def command(connection: sqlite3.Connection, coder: str, payload: object) -> None:
    """A line in the log of Taguette's first project."""
    connection.execute(
        "INSERT INTO commands (date, user_login, project_id, payload) VALUES (?, ?, 1, ?)",
        (f"{WHEN}.123456", coder, json.dumps(payload)),
    )


def write_qualcoder(folder: Path, rows: Mapping[str, Iterable[Mapping[str, object]]]) -> Path:
    """A project folder of QualCoder.

    Args:
        rows: rows by table, each with its cells by column.
    """
    folder.mkdir()
    with closing(sqlite3.connect(folder / "data.qda")) as connection, connection:
        connection.executescript(QUALCODER)
        connection.execute(
            "INSERT INTO project (databaseversion, date, about) VALUES ('v14', ?, 'QualCoder 3.8')", (WHEN,)
        )
        for table, listed in rows.items():
            for row in listed:
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    return folder
