"""What shapes files say: RDF goes in, statements come out that know their file and line, and what shapes they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from kgtools.errors import InputError
from kgtools.validate.shapes.terms import (
    NOT_RUN,
    NOT_RUN_BEYOND,
    PARAMETERS,
    PATHS,
    SH,
    TARGETS,
    TO_LISTS_OF_SHAPES,
    TO_SHAPES,
)
from kgtools.vocabulary import PREFIXES, curie

_RDF = PREFIXES["rdf"]
_TYPE = _RDF + "type"
_CLASSES = {PREFIXES["rdfs"] + "Class", PREFIXES["owl"] + "Class"}
_DEEPEST = 100
"""Steps within steps of a property path."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple of a shapes file.

    Args:
        ends: the line by which it is complete; None where the syntax does not tell.
        at: the line that is to be shown, where that is known.
    """

    subject: Any
    predicate: str
    object: Any
    path: Path
    ends: int | None
    at: int | None = None


@dataclass
class Said:
    """The statements of shapes files, in their order; nodes without a name are kept apart by file."""

    paths: list[Path]
    statements: list[Statement]
    prefixes: dict[str, str] = field(default_factory=dict)
    _texts: dict[Path, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Said:
        """Read files. Raises InputError as `kgtools.validate.shapes.sound.check` does."""
        import pyoxigraph as ox

        from kgtools.read.limits import in_words, readable
        from kgtools.read.lines import quads_with_lines
        from kgtools.store import FORMATS, rdf_format

        def apart(term: Any, number: int) -> Any:
            return ox.BlankNode(f"f{number}x{term.value}") if isinstance(term, ox.BlankNode) else term

        statements = []
        prefixes: dict[str, str] = {}
        for number, path in enumerate(paths):
            turtle = path.suffix.lower() not in FORMATS or path.suffix.lower() == ".ttl"
            form = ox.RdfFormat.TURTLE if turtle else rdf_format(path)
            try:
                with readable(path, form, path) as file:
                    for quad, line in quads_with_lines(file, form, prefixes, path):
                        subject, value = apart(quad.subject, number), apart(quad.object, number)
                        statements.append(Statement(subject, quad.predicate.value, value, path, line))
            except SyntaxError as error:
                wrong = "not Turtle" if turtle else "not what its ending says"
                raise InputError(f"{wrong}: {in_words(error, path)}", path, error.lineno) from error
            except OSError as error:
                raise InputError(f"cannot be read ({error.strerror or error})", path) from error
        return cls(list(paths), statements, prefixes)

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.statements)

    def short(self, term: Any) -> str:
        """A term as a message shows it: with the prefixes that are known to all, or those of the files."""
        import pyoxigraph as ox

        if isinstance(term, ox.NamedNode):
            return self.short_iri(term.value)
        if isinstance(term, ox.BlankNode):
            return "a node without a name"
        said = str(term) if term.language or '"^^' not in str(term) else f"`{term.value}`"
        said = " ".join(said.split())
        return said if len(said) <= 60 else said[:59] + "…"

    def short_iri(self, iri: str) -> str:
        """An IRI as a message shows it."""
        if curie(iri) != iri:
            return curie(iri)
        spaces = [(len(space), name) for name, space in self.prefixes.items() if space and iri.startswith(space)]
        length, name = max(spaces, default=(0, ""))
        return f"{name}:{iri[length:]}" if length and "/" not in iri[length:] else f"<{iri}>"

    @cached_property
    def _by_subject(self) -> dict[Any, dict[str, list[Statement]]]:
        found: dict[Any, dict[str, list[Statement]]] = {}
        for one in dict.fromkeys(self.statements):
            told = found.setdefault(one.subject, {}).setdefault(one.predicate, [])
            if all(other.object != one.object for other in told[-20:]):
                told.append(one)
        return found

    @cached_property
    def _by_predicate(self) -> dict[str, list[Statement]]:
        found: dict[str, list[Statement]] = {}
        for one in self.statements:
            found.setdefault(one.predicate, []).append(one)
        return found

    def about(self, subject: Any) -> dict[str, list[Statement]]:
        """All that is said of a node, by predicate."""
        return self._by_subject.get(subject, {})

    def of(self, subject: Any, predicate: str) -> list[Statement]:
        """What is said of a node with a predicate."""
        return self.about(subject).get(predicate, [])

    def saying(self, predicate: str) -> list[Statement]:
        """All that is said with a predicate."""
        return self._by_predicate.get(predicate, [])

    def pointing_to(self, node: Any) -> list[Statement]:
        """The statements whose object a node is."""
        return self._by_object.get(node, [])

    @cached_property
    def _by_object(self) -> dict[Any, list[Statement]]:
        found: dict[Any, list[Statement]] = {}
        for one in self.statements:
            found.setdefault(one.object, []).append(one)
        return found

    # Lines

    def line(self, statement: Statement) -> int | None:
        """The line on which a statement stands: where its object is mentioned, or else its predicate."""
        from kgtools.read.lines import line_above, lines_of

        ends = statement.ends
        value = statement.object
        if statement.at is not None:
            return statement.at
        if ends is None:
            name = str(statement.subject)[1:-1]
            return lines_of(statement.path, [name]).get(name)
        if str(value).startswith("_:"):
            inner = [one.ends for told in self.about(value).values() for one in told if one.ends is not None]
            return line_above(self._text(statement.path), min([ends, *inner]), statement.predicate)
        text = self._text(statement.path)
        here = line_above(text, ends, value.value)
        return here if ends - here < _NEAR + value.value.count("\n") else line_above(text, ends, statement.predicate)

    def at_line(self, statement: Statement, query: str, wrong: str) -> Statement:
        """A statement whose object is a query, at the line of the file that a parser's message is about."""
        match = re.match(r"error at (\d+):", wrong)
        lines = query.split("\n")
        first = next((at for at, line in enumerate(lines) if line.strip()), 0)
        here = self.line(statement)
        if match is None or here is None or statement.ends is None or int(match[1]) > len(lines):
            return statement
        return replace(statement, at=here - first + int(match[1]) - 1)

    def _text(self, path: Path) -> list[str]:
        if path not in self._texts:
            self._texts[path] = path.read_text("utf-8", errors="replace").split("\n")
        return self._texts[path]

    # Shapes

    @cached_property
    def shapes(self) -> dict[Any, Statement]:
        """The shapes (W3C SHACL, 2.1), each with a statement that makes it one."""
        found: dict[Any, Statement] = {}
        for one in self.statements:
            name = one.predicate.removeprefix(SH)
            told = one.predicate.startswith(SH) and (name in PARAMETERS or name in TARGETS)
            if told or (one.predicate == _TYPE and one.object in self._shape_classes):
                found.setdefault(one.subject, one)
        for name in TO_SHAPES:
            for one in self.saying(SH + name):
                if not self._is_literal(one.object):
                    found.setdefault(one.object, one)
        for name in TO_LISTS_OF_SHAPES:
            for one in self.saying(SH + name):
                for member in self.members(one.object)[0]:
                    if not self._is_literal(member):
                        found.setdefault(member, one)
        return {shape: one for shape, one in found.items() if shape not in self.not_run}

    @cached_property
    def _shape_classes(self) -> set[Any]:
        import pyoxigraph as ox

        return {ox.NamedNode(SH + "NodeShape"), ox.NamedNode(SH + "PropertyShape")}

    @cached_property
    def not_run(self) -> set[Any]:
        """Nameless nodes of which something is said only for what is never run."""
        found: set[Any] = set()
        todo = [one for one in self.statements if one.predicate.removeprefix(SH) in NOT_RUN]
        todo += [one for one in self.statements if one.predicate in NOT_RUN_BEYOND]
        while todo:
            node = todo.pop().object
            if str(node).startswith("_:") and node not in found:
                found.add(node)
                todo += [one for told in self.about(node).values() for one in told]
        return found

    @cached_property
    def property_shapes(self) -> dict[Any, Statement]:
        """The shapes that must have a path, each with a statement that says so."""
        import pyoxigraph as ox

        kind = ox.NamedNode(SH + "PropertyShape")
        found = {one.object: one for one in self.saying(SH + "property")}
        found.update({one.subject: one for one in self.saying(_TYPE) if one.object == kind})
        found.update({one.subject: one for one in self.saying(SH + "path")})
        return {shape: one for shape, one in found.items() if shape in self.shapes or one.predicate != SH + "path"}

    def targets(self) -> Iterator[Statement]:
        """What says which nodes shapes are about; for a shape that is a class, that it is one (W3C SHACL, 2.1.3.3)."""
        for name in TARGETS:
            yield from self.saying(SH + name)
        for one in self.saying(_TYPE):
            if getattr(one.object, "value", "") in _CLASSES and one.subject in self.shapes:
                yield one

    def is_deactivated(self, shape: Any) -> bool:
        """Whether a shape says that it is not to be used."""
        return any(getattr(one.object, "value", "") in ("true", "1") for one in self.of(shape, SH + "deactivated"))

    def components(self) -> set[Any]:
        """The constraint components that the files declare."""
        return {one.subject for one in self.saying(SH + "parameter")}

    def parameter_paths(self, component: Any) -> list[Statement]:
        """What names the properties that are the parameters of a component."""
        return [path for one in self.of(component, SH + "parameter") for path in self.of(one.object, SH + "path")]

    # Lists and paths

    def members(self, node: Any) -> tuple[list[Any], str]:
        """The members of a list as far as it is one, and what is wrong with it, if anything."""
        found: list[Any] = []
        seen = set()
        while getattr(node, "value", "") != _RDF + "nil":
            first, rest = self.of(node, _RDF + "first"), self.of(node, _RDF + "rest")
            if node in seen:
                return found, "leads back to itself"
            if len(first) != 1 or len(rest) != 1:
                return found, "is no list" if not found and not first else "has no end"
            seen.add(node)
            found.append(first[0].object)
            node = rest[0].object
        return found, ""

    def mention(self, statement: Statement, term: Any) -> Statement:
        """The statement, of one and those of the nameless nodes below it, whose object a term is."""
        todo, seen = [statement], set()
        while todo:
            one = todo.pop()
            if one.object == term:
                return replace(one, subject=statement.subject, predicate=statement.predicate)
            if str(one.object).startswith("_:") and one.object not in seen:
                seen.add(one.object)
                todo += [inner for told in self.about(one.object).values() for inner in told]
        return statement

    def path(self, statement: Statement) -> tuple[list[Any], list[tuple[Statement, str]]]:
        """The properties that a path names, and what is wrong with it (W3C SHACL, 2.3.1)."""
        found: list[Any] = []
        wrong: list[tuple[Statement, str]] = []

        def walk(node: Any, above: tuple[Any, ...]) -> str:
            if self._is_literal(node):
                return f"is {self.short(node)}; write the IRI of a property"
            if not str(node).startswith("_:"):
                found.append(node)
                return ""
            if node in above:
                return "leads back to itself; write it out as far as it goes"
            if len(above) > _DEEPEST:
                return "is nested too deeply"
            said = [(name, one) for name in PATHS for one in self.of(node, SH + name)]
            if self.of(node, _RDF + "first"):
                members, broken = self.members(node)
                steps = "sequence"
            elif len(said) == 1 and said[0][0] == "alternativePath":
                members, broken = self.members(said[0][1].object)
                steps = "choice"
            elif len(said) == 1:
                return walk(said[0][1].object, (*above, node))
            else:
                return "is none that SHACL knows; write an IRI, a list, or one of sh:" + ", sh:".join(PATHS)
            if broken or len(members) < 2:
                return f"has a {steps} that {broken or 'has fewer than two steps'}; write a list of two or more"
            return next((one for member in members if (one := walk(member, (*above, node)))), "")

        if said := walk(statement.object, ()):
            wrong.append((statement, f"sh:path {said}"))
        return found, wrong

    @staticmethod
    def _is_literal(term: Any) -> bool:
        import pyoxigraph as ox

        return isinstance(term, ox.Literal)


_NEAR = 5
"""Lines above the end of a statement in which its object is looked for."""
