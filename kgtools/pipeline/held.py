"""Held: what answers ASK and SELECT goes in; the bundles whose verdicts for some coders it lacks come out.

Verdicts are held bundle by bundle: a bundle that was imported after the others were judged has none yet. Who judges
says so in the graph of the verdicts, since silent ones are not written, and all may be silent. RDF from elsewhere, and
what `run` writes, does not say so; there a bundle counts as judged that has an assessment for the coders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.lift import verdict_graph
from kgtools.model import CODER_SETS
from kgtools.pipeline.asked import EACH
from kgtools.sparql import written
from kgtools.store import Store
from kgtools.vocabulary import EVCO, PREFIXES

Ask = Callable[[str], bool]
"""Answers an ASK."""

IN_NONE = ""
"""In place of a bundle: the incidents that are in none that has an IRI."""

_BUNDLE, _PART, _NAME = f"<{EVCO}Bundle>", f"<{PREFIXES['dcterms']}isPartOf>", f"<{PREFIXES['dcterms']}identifier>"

_STRAYS = (
    f"ASK {{ ?unit a <{EVCO}Incident> FILTER NOT EXISTS {{ ?unit {_PART} ?bundle . "
    f"?bundle a {_BUNDLE} FILTER(isIRI(?bundle)) }} }}"
)


def lacking_here(store: Store, verdicts_of: Iterable[str]) -> dict[str, set[str]]:
    """For coders, or sets of them, the bundles of a store that lack their verdicts; only those who lack any.

    Args:
        verdicts_of: for `EACH`, all coders that the store knows are meant, and all sets of them.
    """
    spelled = each_spelled(verdicts_of, coders_in(store)) if verdicts_of else []
    bundles = sorted(row["node"].value for row in store.select(f"SELECT DISTINCT ?node {{ {_NAMED} }}"))

    def ask(query: str) -> bool:
        return bool(store.inner.query(query, use_default_graph_as_union=True))

    found = {coders: _lacking(ask, bundles, coders) for coders in spelled}
    return {coders: without for coders, without in found.items() if without}


def lacks_there(server: Endpoint, verdicts_of: Iterable[str]) -> bool:
    """Whether some bundle of a server lacks verdicts of these coders; for `EACH`, whether it lacks those of anybody.

    Raises:
        EngineError: the server fails.
    """
    if not verdicts_of:
        return False
    bundles = server.iris(_NAMED)
    return any(_lacking(server.ask, bundles, coders) for coders in verdicts_of)


def key_of(bundle: str, store: Store) -> str:
    """What a bundle that was read from a store is called here: its IRI, or `IN_NONE`."""
    import pyoxigraph as ox

    kind, node = ox.NamedNode(f"{PREFIXES['rdf']}type"), ox.NamedNode(bundle)
    found = store.inner.quads_for_pattern(node, kind, ox.NamedNode(f"{EVCO}Bundle"), None)
    return bundle if next(found, None) is not None else IN_NONE


def coders_in(store: Store) -> list[str]:
    """The names of the coders that a store knows, sorted."""
    rows = store.select(f"SELECT DISTINCT ?name {{ ?coder a <{EVCO}Coder> ; {_NAME} ?name }} ORDER BY ?name")
    return [row["name"].value for row in rows]


def each_spelled(verdicts_of: Iterable[str], coders: Iterable[str]) -> list[str]:
    """Whose verdicts are needed, with `EACH` spelled out by the coders that there are."""
    each = [*CODER_SETS, *coders]
    return list(dict.fromkeys(one for asked in verdicts_of for one in (each if asked == EACH else [asked])))


_NAMED = f"?node a {_BUNDLE} FILTER(isIRI(?node))"


def _lacking(ask: Ask, bundles: Sequence[str], coders: str) -> set[str]:
    found = {bundle for bundle in bundles if not _is_judged(ask, bundle, coders)}
    if (not bundles or ask(_STRAYS)) and not ask(_others_judged(coders)):
        found.add(IN_NONE)
    return found


def _is_judged(ask: Ask, bundle: str, coders: str) -> bool:
    """Whether it is said that a bundle was judged, or it has an assessment."""
    import pyoxigraph as ox

    try:
        iri = written(ox.NamedNode(bundle))
    except (ValueError, InputError):  # a lenient reader took it for an IRI; nobody can ask about it
        return False
    start = f'"{iri[1:-1]}'
    said = f"{written(ox.NamedNode(verdict_graph(bundle, coders)))} {_PART} {iri}"
    if coders == EACH:
        said = f'?graph {_PART} {iri} FILTER(STRSTARTS(STR(?graph), {start}/verdicts/"))'
    assessed = _assessed(coders)
    return ask(
        f"ASK {{ {{ {said} }} UNION {{ {assessed} ; <{EVCO}assesses> ?unit . ?unit {_PART} {iri} }} "
        # a chain is part of nothing, but what assesses it is called after the bundle
        f'UNION {{ {assessed} FILTER(STRSTARTS(STR(?one), {start}/assessment/")) }} }}'
    )


def _others_judged(coders: str) -> str:
    """Whether there are assessments that are not called after a bundle, or something else is said to be judged."""
    said = f"?graph {_PART} ?part"
    if coders != EACH:
        said += f" ; {_NAME} {_literal(coders)}"
    return (
        f"ASK {{ {{ {_assessed(coders)} FILTER NOT EXISTS {{ ?bundle a {_BUNDLE} "
        'FILTER(STRSTARTS(STR(?one), CONCAT(STR(?bundle), "/assessment/"))) } } '
        f'UNION {{ {said} FILTER(STRSTARTS(STR(?graph), CONCAT(STR(?part), "/verdicts/"))) '
        f"FILTER NOT EXISTS {{ ?part a {_BUNDLE} }} }} }}"
    )


def _assessed(coders: str) -> str:
    assessment = f"?one a <{EVCO}Assessment>"
    return assessment if coders == EACH else f"{assessment} ; <{EVCO}coders> {_literal(coders)}"


def _literal(value: str) -> str:
    import pyoxigraph as ox

    return written(ox.Literal(value))
