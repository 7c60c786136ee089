"""HermiT, by owlready2: a file of N-Triples goes in; consistent or not, and what was inferred, comes out.

A reasoner that cannot start, stops, or takes too long is an error, and never read as "inconsistent".
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from kgtools.errors import EngineError
from kgtools.reason import runtime
from kgtools.vocabulary import PREFIXES

_INFERRED = "http://inferrences/"
"""Where owlready2 puts what was inferred."""


class StoppedError(EngineError):
    """HermiT would not take what it was given; carries what it said."""


@dataclass(frozen=True)
class Inferred:
    """What HermiT found.

    Args:
        consistent: whether everything can be true together; else there is nothing more.
        triples: what was inferred, between IRIs: subclasses, equivalent classes, types, and the same
            for properties.
    """

    consistent: bool
    triples: frozenset[tuple[str, str, str]] = frozenset()


def inferred(file: Path, seconds: float, group: int | None = None) -> Inferred:
    """Ask HermiT about the N-Triples of a file.

    Args:
        seconds: how long it may take.
        group: the group of processes that Java is started into; None for that of this process.

    Raises:
        StoppedError: HermiT would not take the triples.
        EngineError: there is no Java, it cannot be started, or takes too long.
    """
    import owlready2
    import pyoxigraph as ox

    java, said = runtime.java(), BytesIO()
    options = {"timeout": seconds} if group is None else {"timeout": seconds, "process_group": group}
    world = _world(file)
    try:
        with _settings(java, options):
            owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
        world.get_ontology(_INFERRED).save(said, format="ntriples")
    except owlready2.OwlReadyInconsistentOntologyError:
        return Inferred(False)
    except owlready2.OwlReadyJavaError as error:
        raise failed(str(error.args[-1])) from error
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            f"the reasoner was not done after {seconds:g} s, so nothing is known; reason over less"
        ) from error
    except OSError as error:
        raise EngineError(f"Java cannot be started ({error.strerror or error})") from error
    finally:
        world.close()
        for path in world.asked:
            path.unlink(missing_ok=True)  # owlready2 leaves it when HermiT stops
    return Inferred(
        True,
        frozenset(
            (quad.subject.value, quad.predicate.value, quad.object.value)
            for quad in ox.parse(said.getvalue(), ox.RdfFormat.N_TRIPLES)
            if isinstance(quad.subject, ox.NamedNode)
            and isinstance(quad.object, ox.NamedNode)
            and quad.object.value != PREFIXES["owl"] + "Ontology"  # the place itself
        ),
    )


_ONE = Lock()
"""What owlready2 is told, it is told for all threads."""


@contextmanager
def _settings(java: str, options: dict[str, Any]) -> Iterator[None]:
    """Tell owlready2 how to start Java, and take it all back, since it belongs to others too.

    Args:
        options: for `subprocess`.
    """
    import owlready2
    import owlready2.reasoning as reasoning

    with _ONE, ExitStack() as undo:
        for module, name, value in (
            (owlready2, "JAVA_EXE", java),
            (reasoning, "JAVA_MEMORY", runtime.MEGABYTES),
            (reasoning, "_subprocess_kargs", {**reasoning._subprocess_kargs, **options}),
        ):
            undo.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)
        yield


def _world(triples: Path) -> Any:
    """A world of owlready2 that gives HermiT the N-Triples of a file as they are.

    Why: to load them would make a Python class of each term, which fails where one name is a class and a thing, and
    where a property lies below one of OWL's own (PROV, schema.org).
    """
    import owlready2

    class Given(owlready2.World):  # type: ignore[misc]  # owlready2 has no types
        asked: list[Path]

        def save(self, file: Any = None, *_: Any, **__: Any) -> None:
            self.asked.append(Path(file.name))
            file.write(triples.read_bytes())

    world = Given()
    world.asked = []
    return world


def failed(said: str) -> EngineError:
    """The error for what HermiT died of.

    Args:
        said: what Java said, in one line or more.

    Returns:
        A StoppedError where HermiT would not take what it was given.
    """
    told = [line.strip() for line in said.splitlines() if "Exception" in line or "Error" in line]
    why = (told or ["no reason given"])[-1]
    refused = any(
        "IllegalArgumentException" in line or "DatatypeException" in line or "LiteralException" in line for line in told
    )
    return (StoppedError if refused else EngineError)(f"the reasoner failed, so nothing is known: {why}")


class Hierarchy:
    """Which named classes lie above which, by what was said and what was inferred.

    Args:
        triples: between IRIs; all but subclasses and equivalent classes are passed over.
    """

    def __init__(self, triples: Iterable[tuple[str, str, str]]) -> None:
        self._direct: dict[str, set[str]] = {}
        self._above: dict[str, frozenset[str]] = {}
        for subject, predicate, value in triples:
            if predicate in _CLASS_RELATIONS:
                self._direct.setdefault(subject, set()).add(value)
            if predicate == PREFIXES["owl"] + "equivalentClass":
                self._direct.setdefault(value, set()).add(subject)

    def above(self, iri: str) -> frozenset[str]:
        """The class, and all classes above it."""
        if iri not in self._above:
            seen, open = {iri}, [iri]
            while open:
                new = self._direct.get(open.pop(), set()) - seen
                seen |= new
                open += new
            self._above[iri] = frozenset(seen)
        return self._above[iri]


_SUBCLASS, _EQUIVALENT = PREFIXES["rdfs"] + "subClassOf", PREFIXES["owl"] + "equivalentClass"
_CLASS_RELATIONS = (_SUBCLASS, _EQUIVALENT)
_TYPE = PREFIXES["rdf"] + "type"
_SAME = PREFIXES["owl"] + "sameAs"
_THING, _NOTHING = PREFIXES["owl"] + "Thing", PREFIXES["owl"] + "Nothing"

Named = tuple[str, str, str]


def learned(asserted: set[Named], inferred: frozenset[Named]) -> tuple[set[str], list[Named], list[Named]]:
    """What is new in what was inferred.

    Args:
        asserted, inferred: triples between IRIs.

    Returns:
        The classes without instances; the classes right above others, and the narrowest classes of things, that do not
        follow from what was asserted of named classes alone; as sorted triples.
    """
    inferred = frozenset(
        # owlready2 takes a class that is a thing as well for a thing
        (one, _EQUIVALENT if (relation, other) == (_SAME, _NOTHING) else relation, other)
        for one, relation, other in inferred
    )
    before, after = Hierarchy(asserted), Hierarchy({*asserted, *inferred})
    pairs = {(child, parent) for child, relation, parent in inferred if relation in _CLASS_RELATIONS}
    empty = {child for child, _ in pairs if _NOTHING in after.above(child)} - {_NOTHING}
    classes = [
        (child, _SUBCLASS, parent)
        for child, parent in pairs
        if child not in empty and parent not in (_THING, *before.above(child))
    ]
    known: dict[str, set[str]] = {}
    for thing, relation, one in asserted:
        if relation == _TYPE:
            known.setdefault(thing, {_THING}).update(before.above(one))
    types = [one for one in inferred if one[1] == _TYPE and one[2] not in known.get(one[0], {_THING})]
    return empty, sorted(classes), sorted(types)
