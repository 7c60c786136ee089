"""Applied: a store and alignments go in; the store, with what queries ask for in other ontologies' terms, comes out.

What the rules make goes to a graph of its own for each alignment, and is made when a query first needs it. No rule sees
what another one made, so their order makes no difference.

Why one more graph: an alignment's has all that its rules make, so whoever names it (FROM, GRAPH) sees all of that,
whatever else the data say. Whoever names none sees all graphs as one, where Oxigraph finds a triple as often as graphs
have it, so that a count would be wrong. Then the alignments' graphs are left out for one with what no other graph has.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kgtools.align.asked import GRAPH, InTermsOf, prefixes_known
from kgtools.align.rules import Rule
from kgtools.answers.bounded import in_bounds
from kgtools.errors import EngineError, InputError
from kgtools.pipeline.loaded import unseen_graphs
from kgtools.vocabulary import PREFIXES, curie
from kgtools.write import one_line

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.store import Store


_ONCE = "urn:evco:applied"
"""The graph of what the rules make and the data do not say; no query needs to name it."""


class Applied:
    """The rules of some alignments, applied to one store.

    Args:
        asked: the alignments.
        store: what they are applied to; it is written.
    """

    def __init__(self, asked: Sequence[InTermsOf], store: Store) -> None:
        self.asked, self.store = asked, store
        self._done: set[tuple[Rule, str]] = set()
        self._own = {one.graph for one in asked}
        for graph in sorted(self._own):  # what the data have in a graph of this name is seen as it was
            self._put(self._held(graph), graph)

    @property
    def prefixes(self) -> dict[str, str]:
        """Those that queries need not declare; where alignments differ, the first says what they stand for."""
        return prefixes_known(self.asked)

    def labels(self) -> dict[str, str]:
        """What the tables call the terms of the other ontologies."""
        rows = [row for one in self.asked for row in one.alignment.correspondences]
        return {row.object: row.object_label for row in rows if row.object_label}

    def apply(self, sparql: str, until: float = math.inf) -> None:
        """Make what a query needs, unless it is there.

        It may be begun again while it goes on in a thread that nobody waits for any longer: what both write is the
        same.

        Args:
            until: when nobody waits for it any longer, by `time.monotonic`.

        Raises:
            InputError: the query is no SPARQL, or what lies beside a table is none.
            EngineError: a rule fails, makes too much to hold, or it is later than that.
        """
        needed = dict.fromkeys((rule, one.graph) for one in self.asked for rule in one.needed(sparql))
        new = [one for one in needed if one not in self._done]
        made = [(graph, self._made(rule, until)) for rule, graph in new]
        for graph, triples in made:
            self._put(triples, graph)
        self._done.update(new)

    def graphs(
        self,
    ) -> tuple[list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph], list[ox.NamedNode | ox.BlankNode]] | None:
        """The graphs that a query sees as one which names none, and those that it may name; None for all."""
        import pyoxigraph as ox

        there = list(self.store.inner.named_graphs())
        hidden = unseen_graphs(self.store) | set(map(ox.NamedNode, self._own)).intersection(there)
        if not hidden:
            return None
        seen = [one for one in there if one not in hidden]
        return [ox.DefaultGraph(), *seen], [one for one in there if one.value != _ONCE]

    def told(self, sparql: str) -> list[str]:
        """A line for each rule that was applied for a query, and for each term without one; see `InTermsOf.told`."""
        return [line for one in self.asked for line in one.told(sparql, self)]

    def _made(self, rule: Rule, until: float) -> list[ox.Triple]:
        """What a rule makes of the data, which nothing that rules made is part of."""
        name = f"{rule.why} → {', '.join(map(curie, sorted(rule.makes)))}"
        try:
            made = self._constructed(rule)
            if made is None:
                raise InputError(f"the rule {name} is no CONSTRUCT")
            return list(in_bounds(made, 3, until))
        except (SyntaxError, RuntimeError) as error:  # no SPARQL, or a function that is none
            raise InputError(f"the rule {name} cannot be asked here ({one_line(str(error))[:300]})") from error
        except OSError as error:
            raise EngineError(f"the rule {name} failed: {one_line(str(error))[:300]}") from error

    def _constructed(self, rule: Rule) -> ox.QueryTriples | None:
        """What a rule goes on to make; None where it makes no triples."""
        import pyoxigraph as ox

        graphs = list(self.store.inner.named_graphs())
        others = unseen_graphs(self.store) | {one for one in graphs if one.value.startswith((GRAPH, _ONCE))}
        if others:
            asked = [ox.DefaultGraph(), *(graph for graph in graphs if graph not in others)]
            made = self.store.inner.query(rule.construct, default_graph=asked)
        else:
            made = self.store.inner.query(rule.construct, use_default_graph_as_union=True)
        return made if isinstance(made, ox.QueryTriples) else None

    def _put(self, triples: Sequence[ox.Triple], graph: str) -> None:
        import pyoxigraph as ox

        hidden = unseen_graphs(self.store) | set(map(ox.NamedNode, self._own))

        def is_seen(one: ox.Triple) -> bool:
            found = self.store.inner.quads_for_pattern(one.subject, one.predicate, one.object, None)
            return any(quad.graph_name not in hidden for quad in found)

        new = [one for one in triples if not is_seen(one)]
        for those, name in ((triples, graph), (new, _ONCE)):
            node = ox.NamedNode(name)
            self.store.inner.bulk_extend(ox.Quad(one.subject, one.predicate, one.object, node) for one in those)

    def _held(self, graph: str) -> list[ox.Triple]:
        import pyoxigraph as ox

        return [quad.triple for quad in self.store.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph))]

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
