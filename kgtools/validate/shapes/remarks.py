"""Remarks: shapes files that are sound and the terms of the data go in, findings on the shapes come out.

They tell of what works, but hardly as meant: a path or class that is nowhere, a target that matches nothing, a
constraint that is not run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from kgtools.model import Finding
from kgtools.validate.shapes.said import Said, Statement
from kgtools.validate.shapes.terms import (
    DASH,
    IDLE,
    NOT_RUN,
    NOT_RUN_BEYOND,
    SH,
    VALIDATORS,
    closed_namespaces,
    known_terms,
)
from kgtools.vocabulary import PREFIXES, Vocabulary, load, local, ontology_files, theory_files

_RDF, _RDFS, _OWL = PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["owl"]
_TYPE = _RDF + "type"
_BELOW = _RDFS + "subClassOf"
_DECLARED = {
    *(_OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
    *(_RDFS + name for name in ("Class", "Datatype")),
    _RDF + "Property",
}


@dataclass
class Terms:
    """What data are made of, as far as remarks on shapes need it; of pieces, `add` each.

    Args:
        predicates: the IRIs of the properties that are used.
        classes: the IRIs of the classes that something is an instance of.
        parents: class IRI to the IRIs of its direct superclasses.
        declared: the IRIs that are said to be a class or a property.
    """

    predicates: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    parents: dict[str, set[str]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, lines: Iterable[str]) -> Terms:
        """The terms of N-Quads or N-Triples as our lifting and pyoxigraph write them: one blank between two terms."""
        terms = cls()
        predicates: set[str] = set()
        kinds: set[str] = set()
        for line in lines:
            subject, _, rest = line.partition(" ")
            predicate, _, value = rest.partition(" ")
            predicates.add(predicate)
            if predicate == _KIND:
                kind = value[: value.find(">") + 1]
                kinds.add(kind)
                if kind in _KINDS:
                    terms.declared.add(subject[1:-1])
            elif predicate == _SUB and value[:1] == "<":
                terms.parents.setdefault(subject[1:-1], set()).add(value[1 : value.find(">")])
        terms.predicates = {predicate[1:-1] for predicate in predicates if predicate}
        terms.classes = {kind[1:-1] for kind in kinds}
        return terms

    def add(self, other: Terms) -> None:
        """Add the terms of another piece of the data."""
        self.predicates |= other.predicates
        self.classes |= other.classes
        self.declared |= other.declared
        for name, parents in other.parents.items():
            self.parents.setdefault(name, set()).update(parents)

    def all(self) -> set[str]:
        """Every property and class that is used or declared."""
        return self.predicates.union(self.classes, self.declared, self.parents, *self.parents.values())


_KIND, _SUB = f"<{_TYPE}>", f"<{_BELOW}>"
_KINDS = {f"<{kind}>" for kind in _DECLARED}


def remarks(paths: Sequence[Path], terms: Terms, vocabulary: Vocabulary | None = None) -> list[Finding]:
    """Remark on shapes that passed `kgtools.validate.shapes.sound.check`.

    Args:
        paths: the shapes files, as they were given to that.
        terms: the terms of the data.
        vocabulary: classes and theories that are known; None for those that come with kgtools.

    Returns:
        Warnings: `shapes:unknown-path`, `shapes:unknown-class`, `shapes:target-matches-nothing`,
        `shapes:unknown-constraint`, `shapes:no-effect` and `shapes:not-imported`, each with the shapes file and line.
    """
    said = Said.read(paths)
    vocabulary = vocabulary or Vocabulary.read()
    found = {
        Finding(
            "warning",
            f"shapes:{kind}",
            message,
            focus=_named(said, statement.subject),
            path=said.short_iri(statement.predicate),
            value=said.short(statement.object) if not str(statement.object).startswith("_:") else "",
            file=statement.path.name,
            row=said.line(statement),
        )
        for kind, statement, message in _remarks(said, terms, vocabulary)
        if not said.is_deactivated(statement.subject)
    }
    return sorted(
        found, key=lambda one: (one.file, one.row or 0, one.shape, one.message, one.focus, one.path, one.value)
    )


def _named(said: Said, node: Any) -> str:
    """The IRI of a node, or of that which it hangs below."""
    seen = set()
    while str(node).startswith("_:") and node not in seen:
        seen.add(node)
        node = next((one.subject for one in said.pointing_to(node)), node)
    return "" if str(node).startswith("_:") else str(node.value)


def _remarks(said: Said, terms: Terms, vocabulary: Vocabulary) -> Iterator[tuple[str, Statement, str]]:
    own = Terms.of(
        f"{one.subject} <{one.predicate}> {one.object} ." for one in said if one.predicate in (_TYPE, _BELOW)
    )
    known = terms.all() | own.declared | set(own.parents) | _ours(vocabulary.theories)
    known = known.union(*closed_namespaces().values(), (SH + name for name in known_terms()))
    yield from _paths(said, known)
    yield from _classes(said, known | own.classes)
    yield from _targets(said, known, terms, own, vocabulary)
    yield from _constraints(said, known)
    yield from _imports(said)


@cache
def _ours(theories: tuple[Path, ...]) -> frozenset[str]:
    """All that the ontology and theories speak of."""
    store, _ = load([*ontology_files(), *theory_files(), *theories])
    return frozenset(str(quad.subject)[1:-1] for quad in store)


def _near(said: Said, iri: str, known: Collection[str]) -> str:
    """A half sentence on a known term with nearly the same name, to end a message with."""
    names = {local(other): other for other in sorted(known) if other.startswith(iri[: len(iri) - len(local(iri))])}
    near = get_close_matches(local(iri), sorted(names), 1, 0.75)
    return f"; did you mean `{said.short_iri(names[near[0]])}`?" if near else "; look at its spelling"


def _paths(said: Said, known: Collection[str]) -> Iterator[tuple[str, Statement, str]]:
    parameters = {one.object for one in said.saying(SH + "parameter")}
    for shape in said.shapes:
        for statement in said.of(shape, SH + "path")[:1] if shape not in parameters else ():
            for property_ in said.path(statement)[0]:
                if property_.value not in known:
                    yield (
                        "unknown-path",
                        said.mention(statement, property_),
                        f"{said.short(property_)} is a property neither of the data nor of a vocabulary that is known, "
                        f"so this shape finds no value{_near(said, property_.value, known)}",
                    )


def _classes(said: Said, known: Collection[str]) -> Iterator[tuple[str, Statement, str]]:
    for statement in said.saying(SH + "class"):
        if statement.object.value not in known and statement.subject in said.shapes:
            yield (
                "unknown-class",
                statement,
                f"{said.short(statement.object)} is a class neither of the data nor of a vocabulary that is known, so "
                f"nothing can be of it{_near(said, statement.object.value, known)}",
            )


def _targets(
    said: Said, known: Collection[str], terms: Terms, own: Terms, vocabulary: Vocabulary
) -> Iterator[tuple[str, Statement, str]]:
    parents = {name: set(above) for name, above in vocabulary.parents.items()}
    for more in (terms.parents, own.parents):
        for name, above in more.items():
            parents.setdefault(name, set()).update(above)
    matched: set[str] = set()
    todo = list(terms.classes)
    while todo:
        name = todo.pop()
        if name not in matched:
            matched.add(name)
            todo += parents.get(name, ())
    for statement in said.targets():
        implicit = statement.predicate == _TYPE
        node = statement.subject if implicit else statement.object
        iri = getattr(node, "value", "")
        if implicit or statement.predicate == SH + "targetClass":
            if iri in matched:
                continue
            if iri not in known:
                yield (
                    "unknown-class",
                    statement,
                    f"{said.short(node)} is a class neither of the data nor of a vocabulary that is known, so the "
                    f"shape checks nothing{_near(said, iri, known)}",
                )
            else:
                yield (
                    "target-matches-nothing",
                    statement,
                    f"nothing in the data is of the class {said.short(node)}, so {_IDLE}",
                )
        elif statement.predicate != SH + "targetNode" and iri not in terms.predicates:
            end = "has" if statement.predicate == SH + "targetSubjectsOf" else "is the value of"
            wrong = f"nothing in the data {end} {said.short(node)}, so {_IDLE}"
            yield "target-matches-nothing", statement, wrong + ("" if iri in known else _near(said, iri, known))


_IDLE = "the shape checks nothing here"


def _constraints(said: Said, known: Collection[str]) -> Iterator[tuple[str, Statement, str]]:
    parameters = {path.object.value for one in said.components() for path in said.parameter_paths(one)}
    known = {*known, *parameters}
    spaces = (*closed_namespaces(), *PREFIXES.values(), DASH)
    for statement in said:
        predicate = statement.predicate
        name = predicate.removeprefix(SH)
        not_run = predicate.startswith(SH) and name in NOT_RUN
        if statement.subject in said.not_run:
            continue
        if predicate == _TYPE and getattr(statement.object, "value", "") in _KINDS_NOT_RUN:
            wrong = f"{said.short(statement.object)} is not SHACL 1.0; queries that need it cannot be run"
            yield "unknown-constraint", statement, wrong
        elif not_run or (statement.subject in said.shapes and predicate in NOT_RUN_BEYOND - parameters):
            shown = f"`{predicate.replace(DASH, 'dash:').replace(SH, 'sh:')}`"
            yield "unknown-constraint", statement, f"{shown} is not SHACL 1.0; it was not checked"
        elif statement.subject in said.shapes and predicate.startswith(SH) and name in IDLE:
            if not any(said.of(statement.subject, SH + other) for other in IDLE[name]):
                needs = " or ".join(f"sh:{other}" for other in sorted(IDLE[name]))
                yield "no-effect", statement, f"`sh:{name}` checks nothing without {needs}"
        elif statement.subject in said.shapes and not (predicate in known or predicate.startswith(spaces)):
            wrong = (
                f"{said.short_iri(predicate)} is declared nowhere; if it was meant as a constraint, it was not checked"
            )
            yield "unknown-constraint", statement, wrong
    for component in said.components():
        if not any(said.of(component, SH + name) for name in VALIDATORS) and not _is_function(said, component):
            statement = said.of(component, SH + "parameter")[0]
            wrong = f"{said.short(component)} has no validator in SPARQL, so what uses it was not checked"
            yield "unknown-constraint", statement, wrong


_KINDS_NOT_RUN = {SH + name for name in ("SPARQLFunction", "JSFunction", "SPARQLTargetType", "JSTargetType")}


def _is_function(said: Said, node: Any) -> bool:
    return bool(said.of(node, SH + "returnType")) or any(
        getattr(one.object, "value", "").endswith(("Function", "TargetType")) for one in said.of(node, _TYPE)
    )


def _imports(said: Said) -> Iterator[tuple[str, Statement, str]]:
    """Imports that are not among the files: shapes could be in them. Vocabularies that are known hold none."""
    there = {str(one.subject)[1:-1] for one in said} | {path.resolve().as_uri() for path in said.paths}
    spaces = {space.rstrip("#/") for space in (*closed_namespaces(), *PREFIXES.values(), DASH)}
    for statement in said.saying(_OWL + "imports"):
        iri = getattr(statement.object, "value", "")
        if iri not in there and iri.rstrip("#/") not in spaces:
            wrong = f"imports {said.short(statement.object)}, which is not fetched; give that file with --shapes too"
            yield "not-imported", statement, wrong
