"""What happens to good files: a seed and a source of chance go in, a damaged bundle comes out.

Damage is done where it hurts: in cells, elements, rows of databases, members of archives; and last in bare bytes, of a
few files only, since most of these end in the first check.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

from lxml import etree

TEXTS = (
    *("", " ", "\t", "\n", "\r\n", "\r", "\u0085", "\u2028", "\ufeff", "\ufffe", "\uffff", "\0", "\x1b[31mred", "\x07"),
    *(
        "0",
        "-0",
        "1",
        "-1",
        "+5",
        " 7 ",
        "07",
        "1_000",
        "٣",
        "１２",
        "Ⅷ",
        "1e400",
        "1e-400",
        "-1e5",
        "NaN",
        "inf",
        "0x1F",
    ),
    *(str(2**31), str(2**32), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(2**64), "9" * 400, "1.5", "1,5", "½"),
    *("2026-03-01T10:20:30Z", "2026-02-30", "0000-00-00", "99999-01-01", "2026-03-01T25:61:61", "-0001-01-01T00:00:00"),
    *(
        "2026-03-01T10:20:30.123456789+99:99",
        "31.12.1999 24:00",
        "1.1.1",
        "12/31/99",
        "1e9",
        "2026-W10-1",
        "٢٠٢٦-٠٣-٠١",
    ),
    *(
        "[/red]",
        "[bold]",
        "[",
        "{}",
        "{0}",
        "{incident}",
        "%s",
        "%",
        "%2F",
        "$incident",
        "\\",
        "\\N",
        "\\d+(",
        "(?P<",
        "*",
    ),
    *("<script>alert(1)</script>", "&amp;", "&lol;", "]]>", "<!--", "<", ">", "'", '"', "''", '""', "`", ";", ",", "|"),
    *(
        "none",
        "any",
        "majority",
        "all",
        "null",
        "true",
        "yes",
        "NA",
        "row-1",
        "(row-1)",
        "(row-2)",
        "row-1/x",
        "document",
    ),
    *(
        "evco:Delight",
        "Delight",
        "https://w3id.org/evco#Delight",
        "Valence > positive",
        "Valence > negative",
        "Valence",
    ),
    *(
        "Presence > absent",
        "Bearer > Customer",
        "Incident 1",
        "Incident *",
        "Customer",
        "a > b > c",
        " > ",
        "->",
        "a->",
    ),
    *(
        "../secret.txt",
        "../../secret.txt",
        "/etc/passwd",
        "C:\\Users\\jdoe\\x",
        "file:///etc/passwd",
        "internal://",
        "//",
    ),
    *(
        "urn:x y",
        '<>"{}|^`',
        "http://[",
        "é",
        "e\u0301",
        "😀",
        "😀" * 50,
        "\u202egnp.exe",
        "\u200b",
        "ß",
        "İ",
        "ﬁ",
        "日本語",
    ),
    *(
        "a" * 300,
        "b" * 5000,
        "x" * 70_000,
        "\ud7ff",
        "\U0010ffff",
        "\U000e0001",
        "incident",
        "code",
        "segment",
        "start",
    ),
    *("Document name", "Code", "Codes", "Number of Codes", "Begin", "End", "tag", "Code: X Applied", "Code:  Applied"),
)
"""Values that have made programs fall."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1250", "mac-roman", "cp437", "latin-1")
Files = dict[str, bytes]


def some(random: Random, most: int = 4) -> int:
    """A small number, mostly one."""
    return min(most, 1 + int(random.expovariate(1.2)))


def text(random: Random, before: str = "") -> str:
    """A value for a place where another stood."""
    chosen = random.choice(TEXTS)
    if before.isdecimal() and len(before) < 10 and random.random() < 0.5:
        return str(int(before) + random.choice((-7, -1, 1, 2, 3, 11, 30)))
    match random.randrange(6):
        case 0:
            return before + chosen
        case 1:
            at = random.randrange(len(before) + 1)
            return before[:at] + chosen + before[at:]
        case 2:
            return before[: random.randrange(len(before) + 1)]
        case _:
            return chosen


def spoil(random: Random, content: bytes) -> bytes:
    """Damage of bare bytes: changed, cut off, doubled, put in."""
    damaged = bytearray(content)
    for _ in range(some(random, 8)):
        at = random.randrange(len(damaged) + 1)
        match random.randrange(6):
            case 0 | 1 if at < len(damaged):
                damaged[at] = random.randrange(256)
            case 2:
                del damaged[at : at + some(random, 30)]
            case 3:
                damaged[at:at] = damaged[at : at + random.randrange(64)]
            case 4:
                damaged[at:at] = random.choice(TEXTS).encode("utf-8", "replace")[:100]
            case 5 if random.random() < 0.2:
                del damaged[at:]
    return bytes(damaged)


# Tables


def table(random: Random, files: Files, data: str) -> None:
    """A table: its cells, header, rows; its encoding and separator; or its bytes."""
    content = files[data]
    if content.startswith(b"\xd0\xcf") or random.random() < 0.1:
        files[data] = spoil(random, content) if random.random() < 0.9 else content
        return
    decoded = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    separator = max(",;\t", key=decoded.partition("\n")[0].count)
    rows = [row for row in csv.reader(io.StringIO(decoded, newline=""), delimiter=separator) if row]
    for _ in range(some(random, 6)):
        cells(random, rows)
    stem = data.rpartition(".")[0] or data
    if random.random() < 0.2:
        del files[data]
        files[f"{stem}.xlsx"] = workbook(random, rows)
        return
    written = io.StringIO(newline="")
    separator = random.choice((separator, separator, ",", ";", "\t", "|"))
    quoting: Any = random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    ends = random.choice(("\n", "\r\n", "\r\n", "\r"))
    with suppress(csv.Error):
        csv.writer(written, delimiter=separator, quoting=quoting, lineterminator=ends).writerows(rows)
    encoding = random.choice(("utf-8", "utf-8", "utf-8-sig", *ENCODINGS))
    ending = random.choice((data[len(stem) :], data[len(stem) :], ".csv", ".tsv", ".txt", ".tab", ".xls", ".CSV"))
    del files[data]
    files[f"{stem}{ending}"] = written.getvalue().encode(encoding, "replace")
    if random.random() < 0.1:
        files[f"{stem}{ending}"] = spoil(random, files[f"{stem}{ending}"])


def cells(random: Random, rows: list[list[str]]) -> None:
    """Damage of a table's cells, or of their order."""
    if not rows:
        rows.append([text(random)])
    row = random.choice(rows if random.random() < 0.75 else rows[:1])
    at = random.randrange(len(row)) if row else 0
    match random.randrange(10):
        case 0 | 1 | 2 | 3 if row:
            row[at] = text(random, row[at])
        case 4:
            row.insert(at, text(random))
        case 5 if row:
            del row[at]
        case 6:
            rows.insert(random.randrange(len(rows) + 1), list(row))
        case 7:
            rows.remove(row)
        case 8:
            for one in rows:
                if at < len(one):
                    one.append(one[at])
        case 9:
            order = sorted(range(len(row)), key=lambda _: random.random())
            for one in rows:
                one[:] = [one[place] for place in order if place < len(one)]


def workbook(random: Random, rows: Sequence[Sequence[str]]) -> bytes:
    """A table as a workbook, with cells of other kinds than text in it."""
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, random.choice((1, 1, 1, 3))):
        for place, cell in enumerate(row, random.choice((1, 1, 1, 1, 2)) if number == 1 else 1):
            others: tuple[Any, ...] = (True, 1.5, -3, 1e300, datetime.datetime(2026, 3, 1, 10, 20), datetime.time(1, 2))
            value = (
                random.choice(others) if number > 1 and random.random() < 0.05 else _NOT_IN_XML.sub("", cell[:32_000])
            )
            with suppress(ValueError):  # a date that Excel does not count
                sheet.cell(number, place, value)
    if random.random() < 0.2:
        sheet.merge_cells("A1:B2")
    sheet.title = random.choice(("codings", "Sheet", "Codierte Segmente", "incidents"))
    if random.random() < 0.2:
        book.create_sheet(random.choice(("incidents", "Codings", "actors", "notes"))).append(["incident", "narrative"])
    file = io.BytesIO()
    book.save(file)
    content = file.getvalue()
    return archive(random, content, {}) if random.random() < 0.2 else content


# Exchange projects


def exchange(random: Random, files: Files, data: str) -> None:
    """A project: its elements, its texts, its archive, or its bytes."""
    content = files[data]
    if not content.startswith(b"PK"):
        files[data] = spoil(random, content) if random.random() < 0.15 else elements(random, content)
        return
    if random.random() < 0.08:
        files[data] = spoil(random, content)
        return
    changed: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = file.namelist()
        for name in names:
            inside = file.read(name)
            if name.lower().endswith(".qde"):
                changed[name] = elements(random, inside) if random.random() < 0.9 else spoil(random, inside)
            elif random.random() < 0.4:
                changed[name] = told(random, inside)
    files[data] = archive(random, content, changed, gently=random.random() < 0.8)


def told(random: Random, content: bytes) -> bytes:
    """Damage of a text that is coded."""
    match random.randrange(5):
        case 0:
            return spoil(random, content)
        case 1:
            return content.decode("utf-8", "replace").encode(random.choice(ENCODINGS), "replace")
        case 2:
            return content.replace(b"\r\n", b"\n")
        case 3:
            return content.replace(b"\n", b"\r\n") if b"\r\n" not in content else content.replace(b"\r\n", b"\r")
        case _:
            return text(random, content.decode("utf-8", "replace")).encode("utf-8", "replace")


def elements(random: Random, content: bytes) -> bytes:
    """Damage of XML: its elements, their attributes and texts, its encoding."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, load_dtd=False, huge_tree=True))
    except etree.XMLSyntaxError:
        return spoil(random, content)
    for _ in range(some(random, 8)):
        every = [one for one in root.iter() if isinstance(one.tag, str)]
        with suppress(ValueError, TypeError):  # text that XML cannot hold, an element that would be in itself
            element(random, random.choice(every), every)
    encoding = random.choice(("utf-8", "utf-8", "utf-8", "utf-16", "iso-8859-1", "ascii", "cp1250"))
    declared = random.random() < 0.9
    written = etree.tostring(root, encoding=encoding, xml_declaration=declared)
    assert isinstance(written, bytes)
    if random.random() < 0.1:
        written = b"\xef\xbb\xbf" + written
    if random.random() < 0.03:
        doctype = b'<!DOCTYPE x [<!ENTITY a SYSTEM "../secret.txt">]><'
        written = written.replace(b"<Project", doctype + b"Project", 1).replace(b"guid='", b"guid='&a;", 1)
    return written


def element(random: Random, one: Any, every: Sequence[Any]) -> None:
    """Damage of one element."""
    other = random.choice(every)
    match random.randrange(11):
        case 0 | 1 | 2 | 3 if one.attrib:
            name = random.choice(list(one.attrib))
            same = [found.get(name) for found in every if found.get(name)]
            one.set(name, random.choice(same) if same and random.random() < 0.3 else text(random, one.get(name)))
        case 4 if one.attrib:
            del one.attrib[random.choice(list(one.attrib))]
        case 5:
            one.text = text(random, one.text or "")
        case 6:
            one.tag = other.tag if random.random() < 0.8 else f"{{{text(random)}}}{etree.QName(one).localname}"
        case 7 if one.getparent() is not None:
            one.getparent().remove(one)
        case 8 if one.getparent() is not None:
            other.append(etree.fromstring(etree.tostring(one)))
        case 9 if one is not other:
            other.append(one)
        case 10:
            names = ("guid", "startPosition", "endPosition", "page", "begin", "end", "plainTextPath", "name", "color")
            one.set(random.choice((*names, "creationDateTime", "creatingUser", "targetGUID")), text(random))


def archive(random: Random, content: bytes, changed: Files, *, gently: bool = False) -> bytes:
    """Damage of a zip archive: its members' names, number, ways of packing; what its directory says."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            called, inside = name, changed.get(name) or old.read(name)
            if not gently and random.random() < 0.3:
                if random.random() < 0.2:
                    continue
                called = random.choice(
                    (name.upper(), "x/" + name, "../" + name, name.replace("/", "\\"), text(random, name))
                )
            method = random.choice((8, 8, 8, 0, 12, 14) if not gently else (8, 0))
            with suppress(ValueError), warnings.catch_warnings(action="ignore"):
                new.writestr(called.replace("\0", "") or "x", inside, method)
            if not gently and random.random() < 0.05:
                with warnings.catch_warnings(action="ignore"):
                    new.writestr(called.replace("\0", "") or "x", inside[:-1], method)
    packed = bytearray(written.getvalue())
    if not gently and random.random() < 0.3:
        signature = random.choice((b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"))
        at = packed.find(signature) + random.randrange(4, 46)
        form, value = random.choice((("<L", 2**31), ("<L", 2**32 - 1), ("<L", 1), ("<H", 1), ("<H", 0xFFFF), ("<L", 0)))
        if 0 < at < len(packed) - 4:
            struct.pack_into(form, packed, at, value)
    if not gently and random.random() < 0.1:
        del packed[random.randrange(len(packed)) :]
    return bytes(packed)


# Databases


def database(random: Random, files: Files, data: str) -> None:
    """A database: its rows and tables, or its bytes; and files that stand beside one in use."""
    name = next(one for one in files if one == data or one.startswith(f"{data}/"))
    if random.random() < 0.15:
        files[name] = spoil(random, files[name])
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(files[name])
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = 1")
            for _ in range(some(random, 6)):
                with suppress(sqlite3.Error):
                    statement(random, connection)
        files[name] = path.read_bytes()
    if random.random() < 0.05:
        files[f"{name}{random.choice(('-wal', '-journal', '-shm'))}"] = random.choice(
            (b"", b"x", bytes(random.randbytes(600)))
        )
    if random.random() < 0.1:
        files[name] = spoil(random, files[name])


def statement(random: Random, connection: sqlite3.Connection) -> None:
    """Damage of a database by one statement."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    filled = [name for name in names if connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchall()]
    name = random.choice(filled or names)
    columns = [column[1] for column in connection.execute(f'PRAGMA table_info("{name}")')]
    column = random.choice(columns)
    one = f'rowid = (SELECT rowid FROM "{name}" ORDER BY rowid LIMIT 1 OFFSET {random.randrange(3)})'
    match random.randrange(12):
        case 0 | 1 | 2 | 3 | 4 | 5:
            where = one if random.random() < 0.7 else "true"
            connection.execute(f'UPDATE "{name}" SET "{column}" = ? WHERE {where}', (value(random),))
        case 6:
            connection.execute(f'DELETE FROM "{name}" WHERE {one}')
        case 7:
            listed = ", ".join(f'"{other}"' for other in columns[1:])
            connection.execute(f'INSERT INTO "{name}" ({listed}) SELECT {listed} FROM "{name}" WHERE {one}')
        case 8:
            connection.execute(f'ALTER TABLE "{name}" RENAME COLUMN "{column}" TO "{column.upper()}2"')
        case 9:
            connection.execute(f'ALTER TABLE "{name}" DROP COLUMN "{column}"')
        case 10 if random.random() < 0.4:
            connection.execute(f'DROP TABLE "{random.choice(names)}"')
        case 11 if random.random() < 0.4:
            connection.execute(f'ALTER TABLE "{name}" RENAME TO hidden')
            connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM hidden, hidden AS h2')


def value(random: Random) -> object:
    """A value of any kind for a cell of a database."""
    match random.randrange(6):
        case 0:
            return None
        case 1:
            return random.choice((0, 1, -1, 2, 3, 5, 9, 14, 30, 2**31, 2**63 - 1, -(2**63), 10**18))
        case 2:
            return random.choice((float("inf"), float("nan"), 1.5, -0.0, 1e300))
        case 3:
            return random.choice((b"", b"\0", b"\xff\xfe", b"I\xff", bytes(range(256)), "é".encode("utf-16")))
        case _:
            return text(random)


# What is said beside the data

_CODES = (
    *("Delight", "Own > Joy", "Joy", "C", "Lob", "Tadel", "Own", "Feelings", "complaint", "Deep delight", "'*'"),
    *("'Valence > positive'", "Incident 1"),
)
_TERMS = (
    *(
        "Delight",
        "none",
        "Complaint",
        "{valence: positive}",
        "{valence: negative, bearer: customer}",
        "[Delight, Complaint]",
    ),
    *("{term: Delight, bearer: customer, step: 2}", "{term: Delight, step: x}", "[{term: Boycott, presence: absent}]"),
)


def crosswalk(random: Random) -> bytes:
    """A crosswalk: mostly one that could be meant."""
    quoted = "'" + text(random).replace("'", "''").replace("\n", " ").replace("\r", " ") + "'"
    rule = (
        "document",
        "case",
        "case",
        "row",
        "{code: 'Incident *'}",
        "{code: '*e*'}",
        "{code: '*'}",
        "{code: '[!x]*'}",
    )
    said = []
    if random.random() < 0.8:
        said.append(f"incident: {random.choice((*rule, *rule, *rule, quoted, f'{{code: {quoted}}}', '[a]', '{x: y}'))}")
    if random.random() < 0.3:
        said.append(f"shape: {random.choice((*['segments'] * 8, 'wide', quoted))}")
    ours = (
        "incident",
        "code",
        "coder",
        "segment",
        "start",
        "end",
        "document",
        "case",
        "narrative",
        "native_start",
        "id",
    )
    for part in ("columns", "defaults"):
        if random.random() < 0.25:
            theirs = ("Dok", "Code", "Segment", "document", "Text", "Wer", "positive", "7", quoted)
            pairs = {random.choice(ours): random.choice(theirs) for _ in range(some(random))}
            said.append(f"{part}: {{{', '.join(f'{key}: {cell}' for key, cell in pairs.items())}}}")
    if random.random() < 0.7:
        codes = {random.choice(_CODES): random.choice((*_TERMS, *_TERMS, quoted)) for _ in range(some(random, 5))}
        said += ["codes:", *(f"  {code}: {term}" for code, term in codes.items())]
    random.shuffle(said) if random.random() < 0.1 else None
    written = "\n".join(said).encode("utf-8", "replace")
    return scrawl(random, written) if random.random() < 0.2 else written


def scrawl(random: Random, content: bytes) -> bytes:
    """Damage of YAML: of its bytes, its lines; anchors that stand for themselves many times."""
    match random.randrange(5):
        case 0:
            return spoil(random, content)
        case 1:
            lines = content.split(b"\n")
            lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
            return b"\n".join(lines)
        case 2:
            lines = content.split(b"\n")
            del lines[random.randrange(len(lines))]
            return b"\n".join(lines)
        case 3:
            levels = random.choice((2, 4, 30))
            anchors = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
            return "\n".join(["a0: &a0 x", *anchors, content.decode("utf-8", "replace")]).encode()
        case _:
            return content


def dialects(random: Random, content: bytes) -> bytes:
    """A description of dialects: its words exchanged, its lines moved, its bytes damaged."""
    lines = content.decode("utf-8").split("\n")
    for _ in range(some(random, 3)):
        at = random.randrange(len(lines))
        key, colon, _ = lines[at].partition(":")
        quoted = json.dumps(text(random), ensure_ascii=random.random() < 0.5)
        match random.randrange(5):
            case 0:
                lines[at] = (
                    f"{key}{colon} {random.choice(('[]', 'yes', '[Text, Dok]', '{a: b}', quoted, f'[{quoted}]'))}"
                )
            case 1 | 2:
                words = (
                    "  split: {codes: [Text], joined_by: [', ']}",
                    "  applied: {before: '', yes: [x]}",
                    "  span: [Wann]",
                )
                more = (
                    "  shared_id: yes",
                    "  uncoded: yes",
                    "  unit: time",
                    "  dates: ['%d%d%Y']",
                    "  categories: [Wer]",
                )
                lines.append(random.choice((*words, *more, "  unit: paragraph", "  placeholders: {coder: ['ak']}")))
            case 3 if len(lines) > 1:
                del lines[at]
            case 4:
                lines[at] = lines[at].replace(random.choice("DTWEabcde :[]"), random.choice("DTWEabcde :[]"), 1)
    written = "\n".join(line for line in lines if line).encode("utf-8", "replace")
    return scrawl(random, written) if random.random() < 0.2 else written


OF_KIND: dict[str, Callable[[Random, Files, str], None]] = {
    "tables": table,
    "refi": exchange,
    "databases": database,
}
