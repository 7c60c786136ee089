"""Rules: a shapes graph goes in; what each shape is called, and what it says of what breaks it, come out.

The words are ours and never an engine's, so that a result reads the same whichever engine found it. A shape's own
`sh:message` comes first (W3C SHACL, 2.1.5), for what a SPARQL-based constraint finds that of the constraint (5.3.2). A
shape without one says by its constraint component what is wrong, with what the constraint asks for (`sentences`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kgtools.model import SEVERITIES, Severity
from kgtools.validate.sentences import sentence
from kgtools.validate.shapes import SHAPES
from kgtools.validate.shapes.plain import NAMELESS
from kgtools.validate.shapes.restored import PLACEHOLDER
from kgtools.vocabulary import PREFIXES, curie, local

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH = PREFIXES["sh"]
_SPARQL = "SPARQL"

Term = Callable[[str], str]
"""From a term, as N-Triples writes it, to what it is called in a message."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape, as findings tell of it.

    Args:
        id: what findings call it.
        name: its `sh:name`; empty where it has none.
        help: its `sh:description`, or else its message, with what is filled in left open.
        severity: of what breaks it.
    """

    id: str
    name: str = ""
    help: str = ""
    severity: Severity = "violation"


class Rules:
    """What a shapes graph calls its shapes, and what each of them says.

    Args:
        triples: the graph, as N-Triples; nameless shapes that a report can speak of have been given names.
    """

    def __init__(self, triples: str) -> None:
        import pyoxigraph as ox

        self._said: dict[str, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]] = {}
        for quad in ox.parse(triples.encode(), ox.RdfFormat.N_TRIPLES):
            said = self._said.setdefault(_key(quad.subject), {})
            said.setdefault(quad.predicate.value, []).append(quad.object)
        self._ids = self._called()

    # Names

    def _called(self) -> dict[str, str]:
        """What each named shape is called: short, and no two alike."""
        holders = {_key(inner): subject for subject in self._said for inner in self._objects(subject, "property")}
        short: dict[str, str] = {}
        for subject in self._said:
            if not subject.startswith("_:"):
                top, given = subject, subject.removeprefix(NAMELESS)
                while given.startswith(f"{holders.get(top, ' ').removeprefix(NAMELESS)}/"):
                    top = holders[top]  # a shape without a name is named after the one that holds it
                top = top.removeprefix(NAMELESS)
                short[subject] = local(top) + given[len(top) :]
        times: dict[str, int] = {}
        for name in short.values():
            times[name] = times.get(name, 0) + 1
        return {iri: name if times[name] == 1 or not self._is_shape(iri) else iri for iri, name in short.items()}

    def _is_shape(self, iri: str) -> bool:
        return any(predicate.startswith(_SH) for predicate in self._said.get(iri, ()))

    def id(self, shape: str) -> str:
        """What findings call a shape, by its IRI; a nameless one has no other name."""
        return "nameless-shape" if shape.startswith("_:") else self._ids.get(shape) or local(shape)

    def rule(self, shape: str) -> Rule:
        """A shape, by its IRI."""
        open_ = PLACEHOLDER.sub(lambda match: f"({match[1]})", self._text(shape, "message"))
        return Rule(
            self.id(shape),
            self._text(shape, "name"),
            self._text(shape, "description") or open_,
            self._severity(shape),
        )

    def targeted(self) -> list[Rule]:
        """The shapes that choose nodes by themselves, and those that these hold as properties, by their names."""
        asked = [
            shape for shape in self._said if any(name.startswith(f"{_SH}target") for name in self._said[shape])
        ] + [shape for shape, said in self._said.items() if self._is_class_too(said)]
        held = list(dict.fromkeys(asked))
        for shape in held:  # grows on the way
            held += [one for inner in self._objects(shape, "property") if (one := _key(inner)) not in held]
        rules = {one.id: one for shape in held if self._constrains(shape) for one in [self.rule(shape)]}
        return [rules[name] for name in sorted(rules)]

    def _is_class_too(self, said: Mapping[str, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]) -> bool:
        """Whether a shape is a class as well, so that its instances are its targets (W3C SHACL, 2.1.3.3)."""
        types = {_key(one) for one in said.get(f"{PREFIXES['rdf']}type", ())}
        classes = {f"{PREFIXES['rdfs']}Class", f"{PREFIXES['owl']}Class"}
        return bool(types & classes) and bool(types & {f"{_SH}NodeShape", f"{_SH}PropertyShape"})

    def _constrains(self, shape: str) -> bool:
        """Whether a shape asks for anything itself, beside what its properties ask for."""
        silent = {"property", "path", "name", "description", "message", "severity", "order", "group", "deactivated"}
        return any(
            predicate.startswith(_SH)
            and (word := predicate[len(_SH) :]) not in silent
            and not word.startswith("target")
            for predicate in self._said.get(shape, ())
        )

    # Messages

    def message(
        self, shape: str, component: str, words: Mapping[str, str], name: Term, said: Iterable[tuple[str, str]] = ()
    ) -> str:
        """What a shape says of a result, filled in.

        Args:
            shape: its IRI.
            component: the IRI of the constraint component that was not met.
            words: what stands for `this`, `value` and `path` (`?path`, `$PATH` too).
            name: calls the terms that the shape asks for by names.
            said: what is known of this result alone, with languages.
        """
        kind = local(component).removesuffix("ConstraintComponent")
        text = (
            min(said, key=lambda one: not _is_english(one[1]), default=("", ""))[0]
            or self._text(shape, "message")
            or (self._of_constraint(shape) if kind == _SPARQL else "")
        )
        if text:
            told = PLACEHOLDER.sub(lambda match: words.get(match[1], words.get(match[1].lower(), match[0])), text)
            names_it = shape.startswith(SHAPES) or "this" in PLACEHOLDER.findall(text) or words["this"] in told
            return told if names_it else f"{words['this']}: {told}"
        asked = {local(one): values for one, values in self._said.get(shape, {}).items() if one.startswith(_SH)}
        called = {word: self._named(values, name) for word, values in asked.items()}
        return sentence(kind, {**called, **words}, self._text(shape, "name") or self.id(shape))

    def _of_constraint(self, shape: str) -> str:
        """The message of a shape's SPARQL-based constraint; where there are several, results bring their own."""
        constraints = self._objects(shape, "sparql")
        return self._text(_key(constraints[0]), "message") if len(constraints) == 1 else ""

    def _named(self, values: Iterable[object], name: Term) -> str:
        """What a constraint asks for, in words: terms, lists of terms, shapes."""
        return ", ".join(part for value in values for part in self._parts(value, name))

    def _parts(self, value: object, name: Term, depth: int = 0) -> list[str]:
        """One thing asked for; of a list, its members."""
        key, rdf = _key(value), PREFIXES["rdf"]
        said = self._said.get(key, {})
        if f"{rdf}first" in said and depth < _DEEP:
            rest = [part for one in said.get(f"{rdf}rest", ()) for part in self._parts(one, name, depth + 1)]
            return [*self._parts(said[f"{rdf}first"][0], name, depth + 1), *rest]
        if key == f"{rdf}nil":
            return []
        if said and self._is_shape(key):
            return [self._shape_in_words(key, name, depth)]
        return [name(str(value))]

    def _shape_in_words(self, key: str, name: Term, depth: int) -> str:
        """A shape that another one asks for: by its name, or by what it asks for itself."""
        if called := self._text(key, "name") or ("" if key.startswith("_:") else self.id(key)):
            return f"“{called}”"
        asks = []
        for predicate, values in self._said[key].items():
            if predicate.startswith(_SH) and depth < _DEEP:
                parts = [part for value in values for part in self._parts(value, name, depth + _STEP)]
                asks.append(f"{local(predicate)} {', '.join(parts)}")
        return f"({'; '.join(asks)})" if asks else "a nameless shape"

    # What is said

    def _objects(self, subject: str, word: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]:
        return self._said.get(subject, {}).get(_SH + word, [])

    def _text(self, subject: str, word: str) -> str:
        """A text of a shape: the English one, or one of no language, or else the first."""
        import pyoxigraph as ox

        texts = [one for one in self._objects(subject, word) if isinstance(one, ox.Literal)]
        return min(texts, key=lambda one: not _is_english(one.language)).value if texts else ""

    def _severity(self, shape: str) -> Severity:
        said = [local(_key(one)).lower() for one in self._objects(shape, "severity")]
        return next((one for one in SEVERITIES if one in said), "violation")


_DEEP, _STEP = 40, 15
"""How far lists and shapes within shapes are told, so that a message stays one that can be read."""


@lru_cache(maxsize=8)
def rules_of(triples: str) -> Rules:
    """The rules of a shapes graph, given as N-Triples; worked out once for all chunks of a run."""
    return Rules(triples)


def _is_english(language: str | None) -> bool:
    """Whether a text is in English, or in no language."""
    return (language or "en").partition("-")[0].lower() == "en"


def _key(term: object) -> str:
    """A term as engines call shapes: an IRI without brackets, a blank node with its label."""
    text = str(term)
    return text[1:-1] if text.startswith("<") and not text.startswith("<<") else text


def short(iri: str) -> str:
    """An IRI as a message has it: with a prefix that everybody knows, or else its last part."""
    known = curie(iri)
    return known if known != iri else local(iri.rstrip("/#")) or iri
