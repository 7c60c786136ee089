"""Bridged: a store and alignments go in; the store, with what queries ask for in other ontologies' terms, comes out.

What the rules make goes to a graph of its own for each alignment, and is made when a query first needs it. No rule sees
what another one made, so their order makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kgtools.align.asked import GRAPH, InTermsOf, prefixes_known
from kgtools.align.rules import Rule
from kgtools.pipeline.loaded import unseen_graphs
from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.store import Store


class Bridge:
    """The rules of some alignments, applied to one store.

    Args:
        asked: the alignments.
        store: what they are applied to; it is written.
    """

    def __init__(self, asked: Sequence[InTermsOf], store: Store) -> None:
        self.asked, self.store = asked, store
        self._applied: set[tuple[Rule, str]] = set()

    @property
    def prefixes(self) -> dict[str, str]:
        """Those that queries need not declare; where alignments differ, the first says what they stand for."""
        return prefixes_known(self.asked)

    def labels(self) -> dict[str, str]:
        """What the tables call the terms of the other ontologies."""
        rows = [row for one in self.asked for row in one.alignment.correspondences]
        return {row.object: row.object_label for row in rows if row.object_label}

    def apply(self, sparql: str) -> None:
        """Make what a query needs, unless it is there.

        Raises:
            InputError: the query is no SPARQL, or what lies beside a table is none.
        """
        needed = dict.fromkeys((rule, one.graph) for one in self.asked for rule in one.needed(sparql))
        new = [one for one in needed if one not in self._applied]
        made = [(graph, self._made(rule)) for rule, graph in new]  # all, before a rule can see what another one made
        for graph, triples in made:
            self._put(triples, graph)
        self._applied.update(new)

    def told(self, sparql: str) -> list[str]:
        """A line for each rule that was applied for a query, and for each term without one; see `InTermsOf.told`."""
        return [line for one in self.asked for line in one.told(sparql, self)]

    def _made(self, rule: Rule) -> list[ox.Triple]:
        """What a rule makes of the data, which nothing that rules made is part of."""
        import pyoxigraph as ox

        graphs = list(self.store.inner.named_graphs())
        others = unseen_graphs(self.store) | {graph for graph in graphs if graph.value.startswith(GRAPH)}
        if others:
            asked = [ox.DefaultGraph(), *(graph for graph in graphs if graph not in others)]
            made = self.store.inner.query(rule.construct, default_graph=asked)
        else:
            made = self.store.inner.query(rule.construct, use_default_graph_as_union=True)
        assert isinstance(made, ox.QueryTriples)
        return list(made)

    def _put(self, triples: Sequence[ox.Triple], graph: str) -> None:
        import pyoxigraph as ox

        def is_there(triple: ox.Triple) -> bool:  # counts, and rows, would double
            found = self.store.inner.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
            return next(found, None) is not None

        name = ox.NamedNode(graph)
        new = [ox.Quad(one.subject, one.predicate, one.object, name) for one in triples if not is_there(one)]
        self.store.inner.bulk_extend(new)

    def holds(self, iri: str) -> bool:
        """Whether anything is of a class, or has a property."""
        import pyoxigraph as ox

        term, kind = ox.NamedNode(iri), ox.NamedNode(PREFIXES["rdf"] + "type")
        patterns = ((None, term, None, None), (None, kind, term, None))
        return any(next(self.store.inner.quads_for_pattern(*one), None) is not None for one in patterns)

    def describes(self, iri: str) -> bool:
        """Whether anything is said of a term itself, as in the file of the other ontology."""
        import pyoxigraph as ox

        return next(self.store.inner.quads_for_pattern(ox.NamedNode(iri), None, None, None), None) is not None

    def places(self, classes: Iterable[str], under: str) -> bool:
        """Whether one of some classes is below a term."""
        import pyoxigraph as ox

        wanted, above = {ox.NamedNode(iri) for iri in classes}, ox.NamedNode(PREFIXES["rdfs"] + "subClassOf")
        seen, todo = {ox.NamedNode(under)}, [ox.NamedNode(under)]
        while todo:
            for quad in self.store.inner.quads_for_pattern(None, above, todo.pop(), None):
                if quad.subject in wanted:
                    return True
                if isinstance(quad.subject, ox.NamedNode) and quad.subject not in seen:
                    seen.add(quad.subject)
                    todo.append(quad.subject)
        return False
