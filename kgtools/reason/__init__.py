"""Reasoning: ontology, theories and some data go in, whether they can all be true comes out (OWL 2 DL, by HermiT).

`graph` makes of them what HermiT can take, and `hermit` asks it by owlready2. The OWL API says what is not OWL 2 DL
(`profile`), finds the smallest sets of axioms behind what is wrong (`smallest`), and has HermiT look at an ontology
piece by piece (`reasoned`); it runs in a process of its own (`owlapi`, asked by `process`), and puts axioms into words
(`worded`). A reasoner that cannot start or stops is an error, and never read as "inconsistent".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from kgtools.errors import EngineError
from kgtools.reason.answer import Answer, Culprit, Violation
from kgtools.reason.process import OwlApi
from kgtools.reason.runtime import SECONDS, java
from kgtools.vocabulary import curie

if TYPE_CHECKING:
    from kgtools.reason.graph import Graph
    from kgtools.reason.hermit import Inferred

__all__ = [
    "SECONDS",
    "Answer",
    "Culprit",
    "OwlApi",
    "Violation",
    "instances",
    "java",
    "opened",
    "reason",
    "violations",
    "without_instances",
]

Found = TypeVar("Found")

MOST = 5
"""Classes without instances that are explained."""


def reason(
    lines: Iterable[str] = (),
    theories: Iterable[Path] = (),
    *,
    further: Iterable[Path] = (),
    explain: bool = False,
    realize: bool = False,
    profile: bool = False,
    classify: bool = True,
    seconds: float = SECONDS,
    api: OwlApi | None = None,
) -> Answer:
    """Ask HermiT whether ontology, theories and data are consistent.

    What HermiT stops on is left out, counted and named: literals of datatypes that OWL 2 does not have, axioms that
    name such a datatype, and, where it stops still, axioms that are not OWL 2 DL.

    Args:
        lines: data as N-Quads, a line each; all graphs are taken as one.
        theories: files of ours beside the ontology and theories that come with kgtools, in any syntax of RDF.
        further: ontology files merged in that others answer for: another ontology, a bridge to it.
        explain: also find smallest sets of axioms behind what is wrong.
        realize: also say of which classes things are instances.
        profile: also say what is not OWL 2 DL.
        classify: also say what follows; without it, classes without instances are looked for one by one, in the few
            axioms that can matter to each, which of some ontologies (SEPIO) takes seconds rather than hours.
        seconds: how long each question to a reasoner may take.
        api: Java that runs already.

    Raises:
        EngineError: there is no Java, or the reasoner failed.
        OntologyError: a file cannot be read.
    """
    from kgtools.reason.graph import Graph
    from kgtools.reason.hermit import inferred

    graph = Graph.of(lines, theories)
    with opened(api, seconds) as api, TemporaryDirectory() as folder:
        if profile:
            said: tuple[Violation, ...] | None = _violations(graph, tuple(further), api)
        else:
            said = None
            graph.add(further)
        file = Path(folder, "graph.ttl")
        if classify:
            answer = _answer(graph, _ask(graph, file, api, lambda: inferred(file, seconds, api.group())), realize, said)
        else:
            answer = _little(graph, _ask(graph, file, api, lambda: api.ask("empty", file=str(file))), said)
        if explain and (not answer.consistent or answer.unsatisfiable):
            culprits, unexplained = _culprits(graph, file, answer, api)
            answer = Answer(**{**vars(answer), "culprits": culprits, "unexplained": unexplained})
    return answer


def violations(
    lines: Iterable[str] = (),
    theories: Iterable[Path] = (),
    *,
    further: Iterable[Path] = (),
    seconds: float = SECONDS,
    api: OwlApi | None = None,
) -> tuple[Violation, ...]:
    """What of ontology, theories and data is not OWL 2 DL, by the OWL API.

    Literals of datatypes that OWL 2 does not have are no violation here: they are left out before.

    Args:
        lines, theories, further, seconds, api: as `reason`.

    Raises:
        EngineError: there is no Java, or it failed.
        OntologyError: a file cannot be read.
    """
    from kgtools.reason.graph import Graph

    with opened(api, seconds) as api:
        return _violations(Graph.of(lines, theories), tuple(further), api)


def instances(
    triples: Iterable[str],
    classes: Iterable[str],
    *,
    further: Iterable[Path] = (),
    seconds: float = SECONDS,
    api: OwlApi | None = None,
) -> dict[str, frozenset[str]]:
    """HermiT's instances of named classes.

    Why not by owlready2, as `reason`: it has HermiT work out every class of every thing, which for a thousand incidents
    takes minutes where the classes that are asked for take seconds.

    Args:
        triples: what is true beside ontology and theories, as N-Triples or N-Quads.
        classes: their IRIs.
        further, seconds, api: as `reason`.

    Returns:
        For each class, the IRIs of what must be an instance of it.

    Raises:
        EngineError: there is no Java, the reasoner failed, or all is inconsistent, so that all would be instances.
        OntologyError: a file cannot be read.
    """
    from kgtools.reason.graph import Graph

    graph = Graph.of(triples, further=further)
    with opened(api, seconds) as api, TemporaryDirectory() as folder:
        file = Path(folder, "graph.ttl")
        named = sorted({*classes})
        found = _ask(graph, file, api, lambda: api.ask("instances", file=str(file), classes=named))
    if found is None:
        raise EngineError("what is reasoned over is inconsistent, so everything would be an instance of every class")
    return {iri: frozenset(things) for iri, things in found.items()}


def without_instances(
    classes: Iterable[str],
    theories: Iterable[Path] = (),
    *,
    further: Iterable[Path] = (),
    seconds: float = SECONDS,
    api: OwlApi | None = None,
) -> frozenset[str]:
    """Those of some classes that can have no instance, where ontology, theories and further files are consistent.

    Args:
        classes: their IRIs.
        theories, further, seconds, api: as `reason`.

    Raises:
        EngineError: there is no Java, or the reasoner failed.
        OntologyError: a file cannot be read.
    """
    from kgtools.reason.graph import Graph

    graph = Graph.of((), theories, further)
    with opened(api, seconds) as api, TemporaryDirectory() as folder:
        file = Path(folder, "graph.ttl")
        named = sorted({*classes})
        return frozenset(_ask(graph, file, api, lambda: api.ask("empty", file=str(file), classes=named))["classes"])


@contextmanager
def opened(api: OwlApi | None, seconds: float = SECONDS) -> Iterator[OwlApi]:
    """Java that runs already, and goes on; or another, for as long as it is needed."""
    if api is not None:
        yield api
        return
    with OwlApi(seconds) as own:
        yield own


def _violations(graph: Graph, further: tuple[Path, ...], api: OwlApi) -> tuple[Violation, ...]:
    """What of a graph is not OWL 2 DL, and then of all, once further files have been added to it."""
    from kgtools.reason.profile import not_in_profile

    ours = not_in_profile(graph, api)
    graph.add(further)
    both = not_in_profile(graph, api) if further else []
    known = {(one.rule, one.term, one.axiom) for one in ours}
    theirs = [one for one in both if (one.rule, one.term, one.axiom) not in known]
    return (*ours, *(Violation(one.rule, one.term, one.axiom, one.file, ours=False) for one in theirs))


def _ask(graph: Graph, file: Path, api: OwlApi, ask: Callable[[], Found]) -> Found:
    """What a reasoner answers on a graph, of which `file` is what it is given."""
    from kgtools.reason.hermit import StoppedError

    graph.leave_out_axioms()
    graph.write(file)
    try:
        return ask()
    except StoppedError:
        again = file.with_suffix(".ofn")
        counts = api.ask("legal", file=str(file), to=str(again))
        if not counts:
            raise
        for rule, count in counts.items():
            graph.left_out[f"axioms that are not OWL 2 DL: {rule[0].lower()}{rule[1:]}"] += count
        again.replace(file)
        return ask()


def _answer(graph: Graph, found: Inferred, realize: bool, said: tuple[Violation, ...] | None) -> Answer:
    from kgtools.reason.hermit import learned

    triples, left_out = len(graph.sources), tuple(sorted(graph.left_out.items()))
    if not found.consistent:
        return Answer(False, (), triples, left_out, violations=said)
    unsatisfiable, pairs, types = learned(graph.named(), found.triples)
    types = types if realize else []
    return Answer(
        True,
        tuple(sorted(map(curie, unsatisfiable))),
        triples,
        left_out,
        hierarchy=tuple((curie(child), curie(parent)) for child, _, parent in pairs),
        types=tuple((curie(thing), curie(one)) for thing, _, one in types),
        violations=said,
        inferred=(*pairs, *types),
    )


def _little(graph: Graph, found: Any, said: tuple[Violation, ...] | None) -> Answer:
    """The answer where nothing was classified."""
    triples, left_out = len(graph.sources), tuple(sorted(graph.left_out.items()))
    empty = found["classes"] if found else ()
    return Answer(
        found is not None,
        tuple(sorted(map(curie, empty))),
        triples,
        left_out,
        violations=said,
        across=found["across"] if found else 0,
    )


def _culprits(graph: Graph, file: Path, answer: Answer, api: OwlApi) -> tuple[tuple[Culprit, ...], str]:
    """Smallest sets of axioms behind what is wrong; or why none were found, which makes it no less wrong."""
    from kgtools.vocabulary import converter

    iris = [converter().expand(one) or one for one in answer.unsatisfiable]
    try:
        sets = api.ask("culprits", file=str(file), prefixes=graph.prefixes, classes=iris, most=MOST)
    except EngineError as error:
        return (), str(error)
    found = tuple(
        Culprit(
            curie(iri) if iri else "inconsistent",
            tuple(text for text, _ in axioms),
            tuple(frozenset(named) for _, named in axioms),
        )
        for iri, axioms in sets
        if axioms
    )
    return found, "" if len(found) == len(sets) else "no set of axioms was found that is wrong by itself"
