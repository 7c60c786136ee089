"""Gathering: a server goes in; a store with what it says of its incidents, or of one of them, comes out.

Whatever else is there does not matter: incidents are asked for, and from them what belongs to their chains, and what
these refer to (`kgtools.read.closure`). What is called as somebody says goes into a query as a literal, or as an IRI
that was checked to be one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kgtools.endpoint import Endpoint
from kgtools.read.closure import LARGEST, Held, Target, chains, iris
from kgtools.read.endpoint import NAMELESS, NamelessError, Remote
from kgtools.sparql.terms import iri_in, written
from kgtools.store import Store
from kgtools.vocabulary import EVCO, PREFIXES, VIEW, Vocabulary

_TYPE, _IDENTIFIER, _ATTRIBUTED = iris("rdf:type", "dcterms:identifier", "prov:wasAttributedTo")
_SOFTWARE = f"<{PREFIXES['prov']}SoftwareAgent>"

_INCIDENT, _BUNDLE, _CODE, _CODE_SET = (
    Target("targetClass", (iri,))
    for iri in (EVCO + "Incident", EVCO + "Bundle", EVCO + "Code", PREFIXES["skos"] + "Collection")
)

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What an argument of a command may hold, and no query and no identifier."""


def gathered(
    endpoint: Endpoint, vocabulary: Vocabulary, unit: str | None = None, at_once: int = 500, largest: int = LARGEST
) -> Store:
    """What a server says of its incidents: all that reading them needs, and nothing else, all graphs as one.

    Args:
        unit: what one incident is called: its identifier, `<bundle>/<identifier>`, or its IRI. If given, only the
            chains of incidents that may be meant are asked for, and the store is empty where there are none.
        at_once: how many incidents are asked for at a time.
        largest: how many triples may hang together.

    Raises:
        InputError: too much hangs together.
        EngineError: the server fails, gives only a part of what it holds, or holds something else meanwhile.
    """
    remote = Remote(endpoint, without=VIEW)
    try:
        store = Store() if unit is not None else _beside(remote)
        incidents = _all(remote) if unit is None else _called(remote, unit)
        for lines in chains(remote, endpoint.name, vocabulary, incidents, at_once, largest):
            store.add(lines)
    except NamelessError:
        held = Held(remote.everything(largest, f"{NAMELESS} to be fetched and read as one"))
        store = _beside(held)
        for lines in chains(held, endpoint.name, vocabulary, held.focus(_INCIDENT), at_once, largest):
            store.add(lines)
    return store


def incidents_of(endpoint: Endpoint, most: int = 10_000) -> tuple[int, list[str]]:
    """How many incidents a server holds, and what they are called, sorted; if there are too many, only how many.

    Raises:
        EngineError: as `gathered`.
    """
    remote = Remote(endpoint)
    count = remote.count(_INCIDENT)
    return count, sorted(_names(remote, remote.focus(_INCIDENT))) if count <= most else []


def coders_of(endpoint: Endpoint) -> list[str]:
    """The names of those whom a server attributes something to, but for software, sorted.

    Raises:
        EngineError: as `gathered`.
    """
    remote = Remote(endpoint)
    return sorted(set(_names(remote, remote.focus(Target("targetObjectsOf", (_ATTRIBUTED[1:-1],))), _SOFTWARE)))


def _all(remote: Remote) -> Collection[str]:
    """All incidents."""
    incidents = {*remote.focus(_INCIDENT)}
    if remote.count(_INCIDENT) > len(incidents):
        raise NamelessError(f"{remote.endpoint.name}: an incident without a name cannot be asked about")
    return incidents


def _beside(source: Remote | Held) -> Store:
    """Bundles, also those without incidents, and the codebooks that they came with, in a store."""
    bundles = {*source.focus(_BUNDLE)}
    inside = tuple(f"{bundle[:-1]}/code" for bundle in bundles)  # where `lift` puts codes and sets of codes
    listed = {node for kind in (_CODE, _CODE_SET) for node in source.focus(kind) if node.startswith(inside)}
    store = Store()
    store.add(source.about(bundles | listed))
    return store


def _called(remote: Remote, name: str) -> Collection[str]:
    """The incidents that may be meant by an identifier, `<bundle>/<identifier>`, or an IRI."""
    import pyoxigraph as ox

    ends = [name, *(name[at + 1 :] for at, one in enumerate(name) if one == "/")]
    ids = [written(ox.Literal(end)) for end in dict.fromkeys(ends) if end and not _NO_TEXT.search(end)]
    found: set[str] = set()
    if ids:
        values = f"VALUES ?id {{ {' '.join(ids)} }} ?node {_IDENTIFIER} ?id"
        found = _incidents(remote, remote.listed(remote.anywhere(values)))
    if not found and ids:  # an identifier may have a language, or be a number
        values = f"?node {_IDENTIFIER} ?id FILTER(STR(?id) IN ({', '.join(ids)}))"
        found = _incidents(remote, remote.listed(remote.anywhere(values)))
    node = iri_in(name)
    return found | _incidents(remote, [node] if node else [])


def _incidents(remote: Remote, nodes: Collection[str]) -> set[str]:
    """Those nodes that are incidents."""
    end = f" {_TYPE} <{EVCO}Incident> ."
    return {line.removesuffix(end) for line in remote.about(nodes, briefly=True) if line.endswith(end)}


def _names(remote: Remote, nodes: Iterable[str], but_for: str = "") -> Collection[str]:
    """The identifiers of nodes, or the IRIs where they have none, without those of a class."""
    import pyoxigraph as ox

    named = {node: node[1:-1] for node in nodes}
    lines = "\n".join(remote.about(list(named), briefly=True))
    for quad in ox.parse(lines.encode(), ox.RdfFormat.N_TRIPLES):
        node, predicate = str(quad.subject), str(quad.predicate)
        if predicate == _IDENTIFIER and isinstance(quad.object, ox.Literal) and node in named:
            named[node] = quad.object.value
        elif predicate == _TYPE and str(quad.object) == but_for:
            named.pop(node, None)
    return named.values()
