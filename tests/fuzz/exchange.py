"""Damage of exchange projects: a good one goes in, one with other elements, texts, members comes out."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

from lxml import etree

from .values import ENCODINGS, Files, some, spoil, text


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


def timeless(content: bytes) -> bytes:
    """An archive that does not say when it was made, so that it is the same each time."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            inside = re.sub(
                rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ</dcterms", b"2026-03-01T10:20:30Z</dcterms", old.read(name)
            )
            new.writestr(zipfile.ZipInfo(name), inside, zipfile.ZIP_DEFLATED)
    return written.getvalue()


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
                new.writestr(zipfile.ZipInfo(called.replace("\0", "")[:9000] or "x"), inside, method)
            if not gently and random.random() < 0.05:
                with warnings.catch_warnings(action="ignore"):
                    new.writestr(zipfile.ZipInfo(called.replace("\0", "")[:9000] or "x"), inside[:-1], method)
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
