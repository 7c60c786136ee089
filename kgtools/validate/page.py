"""The page on shapes: the shapes that come with kgtools go in, `docs/shapes.md` comes out, with an example of each.

Why: the shapes say what they ask for, and the cases in `tests/cases/shapes/` what trips them, so a page beside them
would only fall behind. Examples are told as `kgtools validate` tells them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kgtools.validate import SHAPES, validate
from kgtools.vocabulary import PREFIXES, folder, local

FILES = {
    "incident": "What happened: shapes for data",
    "coding": "Who said so: shapes for data",
    "theory": "Shapes for theory files",
    "vocabulary": "Shapes for the ontology",
}
"""The files of shapes, and the heading that each gets."""

_HEAD = """# Shapes

What `kgtools validate` looks for. This page is made from `shapes/*.ttl` by `make shapes`; a test holds it fresh, and
another one holds each shape to a case that trips it.

A *violation* cannot be taken as it stands, since what is asked of it would be answered wrongly. A *warning* is
possible, and most likely not what was meant. An *info* is right, and yet worth knowing.

Tables are read before they become RDF. What a cell may hold, whether ids are unique in the whole bundle, and where
`follows` and `leads_to` lead is checked then, under names such as `coding:valence`, `actor:repeated` or
`incident:follows`. Of tables, shapes find what is wrong between cells; of RDF, all that stands here. They look at one
chain of incidents at a time.
"""


@dataclass
class _Shape:
    """A shape that has a target, as its file says it."""

    id: str
    name: str = ""
    severity: str = ""
    message: str = ""
    has_target: bool = False


def page() -> str:
    """The page, as Markdown; the same shapes and cases give the same text."""
    examples = dict(_examples())
    parts = [_HEAD]
    for file, title in FILES.items():
        shapes = _shapes(folder("shapes") / f"{file}.ttl")
        parts.append(f"## {title}\n")
        for noun in dict.fromkeys(shape.id.partition(":")[0] for shape in shapes):
            parts.append(f"### {noun.replace('-', ' ').capitalize()}\n")
            last = "for example" if any(shape.id in examples for shape in shapes) else "what is said if not"
            parts.append(f"| shape | severity | what it says | {last} |\n|---|---|---|---|")
            for shape in shapes:
                if shape.id.partition(":")[0] == noun:
                    said = examples.get(shape.id) or _FILLED.sub(r"*\1*", shape.message)
                    cells = (f"`{shape.id}`", shape.severity, shape.name, said)
                    parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
            parts.append("")
    return "\n".join(parts)


def write_page() -> None:
    """Write the page anew, in a checkout."""
    (folder("shapes").parent / "docs" / "shapes.md").write_text(page(), encoding="utf-8")


_FILLED = re.compile(r"\{\$(\w+)\}")


def _shapes(path: Path) -> list[_Shape]:
    """The shapes of a file, in its order."""
    import pyoxigraph as ox

    found: dict[str, _Shape] = {}
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.resolve().as_uri()):
        subject, said = quad.subject, quad.object
        if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(SHAPES):
            continue
        shape = found.setdefault(subject.value, _Shape(subject.value.removeprefix(SHAPES)))
        word = quad.predicate.value.removeprefix(PREFIXES["sh"])
        if word in ("name", "message") and isinstance(said, ox.Literal):
            setattr(shape, word, said.value)
        elif word == "severity" and isinstance(said, ox.NamedNode):
            shape.severity = local(said.value).lower()
        shape.has_target |= word.startswith("target")
    return [shape for shape in found.values() if shape.has_target]


def _examples() -> Iterator[tuple[str, str]]:
    """For each shape with a case: what is wrong there, and what is said of it."""
    import pyoxigraph as ox

    for case in sorted((folder("shapes").parent / "tests" / "cases" / "shapes").glob("*/data.ttl"), reverse=True):
        text = case.read_text(encoding="utf-8")
        told = re.match(r"# (?:MISTAKE|No MISTAKE, but remarkable): (.*)", text)
        lines = [f"{quad.triple} ." for quad in ox.parse(text, ox.RdfFormat.TURTLE)]
        for finding in reversed(validate(lines, engine="shacl-rust")):
            if told and case.parent.name.startswith(finding.shape.replace(":", "-")):
                yield finding.shape, f"{told[1][0].upper()}{told[1][1:]} *{finding.message}*"
