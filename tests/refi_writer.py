"""Writes made-up exchange projects (REFI-QDA) for tests: values go in, a `.qdpx` comes out, in the manner of a program.

    write_project(
        tmp_path / "x.qdpx",
        [Text("I01", "The staff was kind.".encode(), [Mark(4, 9, ["Helpful"], user="Anna")])],
        codes=["Helpful", "Helpful > Very"],
        style=NVIVO,
    )

Offsets are written as given: a test says what its program would write. Codes and users that marks name need not be
listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile


@dataclass(frozen=True)
class Style:
    """How a program writes projects.

    Args:
        origin: what it calls itself; none, and the attribute is left out.
        prefix: of the namespace; empty for a default namespace.
        guids: how GUIDs look.
        scheme: what stands before a source's name in its path.
        member: the project file's name in the archive.
        folder: the sources' folder in the archive.
        bom: whether a byte order mark stands before the project file.
        encoding: of the project file.
        extra: other members of the archive.
        attributes: other attributes of the project.
    """

    origin: str | None = "Test 1.0"
    namespace: str = "urn:QDA-XML:project:1.0"
    prefix: str = ""
    guids: Literal["lower", "upper", "braces"] = "lower"
    scheme: str = "internal://"
    member: str = "project.qde"
    folder: str = "sources/"
    bom: bool = False
    encoding: str = "utf-8"
    extra: Mapping[str, bytes] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)


NVIVO = Style(
    "NVivo 12.6.0.959", guids="lower", folder="sources/", attributes={"basePath": "C:\\Users\\jdoe\\Documents"}
)
ATLAS = Style("ATLAS.ti 9.1.3", guids="upper", folder="Sources/", member="Project.qde", bom=True)
MAXQDA = Style("MAXQDA 2022 (Release 22.2.0)", guids="upper", folder="sources/", scheme="internal://")
QUALCODER = Style("QualCoder 3.5", guids="lower", folder="Sources/", scheme="internal://")


@dataclass(frozen=True)
class Mark:
    """A selection in a text, with its codes; each coding is by `user`, if there is one."""

    start: int
    end: int
    codes: Sequence[str] = ()
    user: str | None = None
    name: str | None = None
    date: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Text:
    """A text.

    Args:
        content: its bytes; none, and the archive lacks its file.
        inline: whether it stands in the project file.
        codes: of all of it.
        variables: names to values.
    """

    name: str
    content: bytes | None
    marks: Sequence[Mark] = ()
    inline: bool = False
    codes: Sequence[str] = ()
    user: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """A case: names of texts, and of texts with the numbers of their marks."""

    name: str | None
    texts: Sequence[str] = ()
    marks: Sequence[tuple[str, int]] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def guid(what: str, name: str) -> str:
    """A GUID that is always the same for a thing, in lower case."""
    return str(uuid5(NAMESPACE_URL, f"{what}:{name}"))


def write_project(
    path: Path,
    texts: Iterable[Text],
    *,
    codes: Iterable[str] = (),
    users: Iterable[str] = (),
    cases: Iterable[Person] = (),
    sets: Mapping[str, Sequence[str]] | None = None,
    style: Style = Style(),  # it is frozen
    name: str = "Made up",
    body: str = "",
) -> Path:
    """Write a project.

    Args:
        codes: names, of codes within others as `Outer > Inner`.
        sets: names of sets to names of texts.
        body: elements that stand after all others, in the default namespace.

    Returns:
        The path.
    """
    texts = list(texts)
    members = dict(style.extra)
    for text in texts:
        if text.content is not None and not text.inline:
            members[f"{style.folder}{guid('file', text.name)}.txt"] = text.content
    written = project_xml(texts, codes, users, cases, sets or {}, style, name, body)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr(style.member, (b"\xef\xbb\xbf" if style.bom else b"") + written.encode(style.encoding))
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def project_xml(
    texts: Sequence[Text],
    codes: Iterable[str],
    users: Iterable[str],
    cases: Iterable[Person],
    sets: Mapping[str, Sequence[str]],
    style: Style,
    name: str,
    body: str,
) -> str:
    """The project file's text."""
    write = _Writer(style)
    marks = [mark for text in texts for mark in text.marks]
    coded: list[Mark | Text] = [*marks, *texts]
    all_codes = dict.fromkeys([*codes, *(code for one in coded for code in one.codes)])
    all_users = dict.fromkeys([*users, *(one.user for one in coded if one.user)])
    cases = list(cases)
    described: list[Text | Person] = [*texts, *cases]
    variables = dict.fromkeys(variable for one in described for variable in one.variables)
    inside = [
        write.some(
            "Users", [write.one("User", {"guid": write.guid("user", user), "name": user}) for user in all_users]
        ),
        write.some("CodeBook", [write.some("Codes", write.codes(list(all_codes)))]),
        write.some(
            "Variables",
            [
                write.one(
                    "Variable",
                    {"guid": write.guid("variable", variable), "name": variable, "typeOfVariable": "Text"},
                )
                for variable in variables
            ],
        ),
        write.some("Cases", [write.case(number, case) for number, case in enumerate(cases)]),
        write.some("Sources", [write.text(text) for text in texts]),
        write.some(
            "Sets",
            [
                write.one(
                    "Set",
                    {"guid": write.guid("set", of), "name": of},
                    [write.one("MemberSource", {"targetGUID": write.guid("text", text)}) for text in named],
                )
                for of, named in sets.items()
            ],
        ),
        body,
    ]
    space = f"xmlns:{style.prefix}" if style.prefix else "xmlns"
    attributes = {space: style.namespace} if style.namespace else {}
    root = write.one("Project", {**attributes, "name": name, "origin": style.origin, **style.attributes}, inside)
    return f'<?xml version="1.0" encoding="{style.encoding}"?>\n{root}\n'


class _Writer:
    """Writes elements as a program does."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._prefix = f"{style.prefix}:" if style.prefix else ""

    def guid(self, what: str, name: str) -> str:
        plain = guid(what, name)
        return {"lower": plain, "upper": plain.upper(), "braces": f"{{{plain}}}"}[self._style.guids]

    def one(self, name: str, attributes: Mapping[str, str | None], inside: Sequence[str] = (), text: str = "") -> str:
        """An element."""
        given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
        content = "\n".join(part for part in inside if part)
        tag = f"{self._prefix}{name}"
        if text or content:
            return f"<{tag}{given}>{escape(text)}{content}</{tag}>"
        return f"<{tag}{given}/>"

    def some(self, name: str, inside: Sequence[str]) -> str:
        """An element that is left out if nothing is in it."""
        return self.one(name, {}, inside) if any(inside) else ""

    def codes(self, names: Sequence[str], above: str = "") -> list[str]:
        """Codes and those within them."""
        here = dict.fromkeys(name.removeprefix(above).split(" > ")[0] for name in names if name.startswith(above))
        return [
            self.one(
                "Code",
                {"guid": self.guid("code", above + code), "name": code, "isCodable": "true"},
                self.codes(names, f"{above}{code} > "),
            )
            for code in here
        ]

    def codings(self, where: str, codes: Sequence[str], user: str | None, date: str | None = None) -> list[str]:
        """Codings of one place."""
        return [
            self.one(
                "Coding",
                {
                    "guid": self.guid("coding", f"{where} {number}"),
                    "creatingUser": self.guid("user", user) if user else None,
                    "creationDateTime": date,
                },
                [self.one("CodeRef", {"targetGUID": self.guid("code", code)})],
            )
            for number, code in enumerate(codes)
        ]

    def text(self, text: Text) -> str:
        """A text with its selections."""
        file = f"{guid('file', text.name)}.txt"
        inside = [
            self.one("PlainTextContent", {}, text=(text.content or b"").decode()) if text.inline else "",
            *(self.mark(text, number, mark) for number, mark in enumerate(text.marks)),
            *self.codings(text.name, text.codes, text.user),
            *self.values(text.variables),
        ]
        path = None if text.inline else f"{self._style.scheme}{file}"
        given = {"guid": self.guid("text", text.name), "name": text.name, "plainTextPath": path}
        return self.one("TextSource", given, inside)

    def mark(self, text: Text, number: int, mark: Mark) -> str:
        """A selection with its codings."""
        where = f"{text.name} {number}"
        return self.one(
            "PlainTextSelection",
            {
                "guid": self.guid("mark", where),
                "name": mark.name,
                "startPosition": str(mark.start),
                "endPosition": str(mark.end),
            },
            [
                self.one("Description", {}, text=mark.description) if mark.description else "",
                *self.codings(f"mark {where}", mark.codes, mark.user, mark.date),
            ],
        )

    def case(self, number: int, case: Person) -> str:
        """A case."""
        return self.one(
            "Case",
            {"guid": self.guid("case", case.name or str(number)), "name": case.name},
            [
                *self.values(case.variables),
                *(self.one("SourceRef", {"targetGUID": self.guid("text", text)}) for text in case.texts),
                *(
                    self.one("SelectionRef", {"targetGUID": self.guid("mark", f"{text} {mark}")})
                    for text, mark in case.marks
                ),
            ],
        )

    def values(self, variables: Mapping[str, str]) -> list[str]:
        """Values of variables."""
        return [
            self.one(
                "VariableValue",
                {},
                [
                    self.one("VariableRef", {"targetGUID": self.guid("variable", variable)}),
                    self.one("TextValue", {}, text=value),
                ],
            )
            for variable, value in variables.items()
        ]
