"""Querying: data, or a server, and a query go in; what the query gives comes out, and nothing is written.

What is queried, wherever it lies: what happened, who coded it, the terms of ontology and theories, and, for questions
that ask for them, verdicts. Bundles and files are loaded into memory, with what they lack of that; a store folder and
a server are asked as they are, unless verdicts are needed that they lack: then what they hold is loaded too. A query in
another ontology's terms is asked of a copy, to which `applied` adds what the rules of the alignment make: nothing is
written where the data are.

Queries see all graphs as one, but not the views that proposition queries run on: a view repeats triples, and a query
that counts would count them twice. A query that names its graphs (FROM, GRAPH) sees what it names. What rules make is
seen in the same way: once by queries that name no graphs, and whole in the graph of its alignment.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kgtools.answers import Answers
from kgtools.answers.labels import labels_from, named_by_iri
from kgtools.copied import Copied
from kgtools.endpoint import Endpoint, RefusedError
from kgtools.errors import EngineError, InputError
from kgtools.model import Finding
from kgtools.pipeline.applied import Applied
from kgtools.pipeline.held import lacking_here, lacks_there
from kgtools.pipeline.job import Job
from kgtools.pipeline.loaded import loaded
from kgtools.pipeline.run import Progress
from kgtools.read import Source
from kgtools.sparql import (
    calls_services,
    counting,
    counting_constructed,
    error_in,
    form_of,
    has_dataset,
    in_words,
    is_ordered,
    names_graphs,
    with_prefixes,
)
from kgtools.store import Store, is_store
from kgtools.validate.timed import in_time
from kgtools.vocabulary import ONTOLOGY_IRI, Vocabulary, load, ontology_files, theory_files
from kgtools.write import one_line

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.align.asked import InTermsOf
    from kgtools.sparql.terms import Term


def ready(
    sources: Sequence[Source],
    job: Job,
    verdicts_of: Sequence[str] = (),
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    seconds: float | None = None,
    services: bool = False,
    in_terms_of: Sequence[InTermsOf] = (),
) -> Here | There:
    """Data, made ready to be asked any number of queries.

    Args:
        verdicts_of: the coders, or sets of them, whose verdicts must be there.
        jobs: how many processes.
        progress: told how far it is.
        seconds: how long a query may take here; None for any time. (A server's `Endpoint` says that of itself.)
        services: whether a query may ask other servers from here (SERVICE).
        in_terms_of: the alignments to the ontologies in whose terms queries may ask. A server's incidents are then
            read and asked here.

    Raises:
        InputError: something cannot be read, or a server is named beside other data.
        EngineError: a server fails.
    """
    servers = [source for source in sources if isinstance(source, Endpoint)]
    if servers and len(sources) > 1:
        raise InputError("a server is asked alone; leave out the other DATA, or import them there first")
    for server in servers if not in_terms_of else ():
        there = There(server, job.vocabulary)
        if not lacks_there(there.visible, verdicts_of):
            return there
    paths = [source for source in sources if isinstance(source, Path)]
    if len(paths) == 1 and is_store(paths[0]):
        store = Store(paths[0], read_only=True)
        if not lacking_here(store, verdicts_of):
            store = Copied(paths[0]) if in_terms_of else store
            return Here(store, job.vocabulary, seconds=seconds, services=services, in_terms_of=in_terms_of)
    store, findings, made = loaded(sources, job, verdicts_of, jobs, progress or (lambda *_: None))
    return Here(store, job.vocabulary, findings, made, seconds=seconds, services=services, in_terms_of=in_terms_of)


class ServiceError(InputError):
    """A query that asks other servers, and may not."""


def require_askable(sparql: str, *, services: bool = False, prefixes: Mapping[str, str] = MappingProxyType({})) -> None:
    """Refuse what is no query, or none for here; it is asked of nothing, so this takes no time.

    Args:
        services: whether it may ask other servers (SERVICE).
        prefixes: those that it need not declare, beside ours.

    Raises:
        InputError: it is an update, or has an error in it.
        ServiceError: it asks other servers, and may not.
    """
    _ = form_of(sparql)
    text = with_prefixes(sparql, prefixes)
    if calls_services(text):
        if not services:
            raise ServiceError(
                "the query has another server asked (SERVICE), and nothing goes out to the network unless you say so"
            )
    elif (wrong := error_in(text)) is not None:
        raise InputError(in_words(wrong, sparql, prefixes)) from wrong


class Here:
    """Data in a store of this process.

    Args:
        vocabulary: knows the labels of terms that the store lacks.
        findings: what was found in reading it.
        made: the coders whose verdicts were worked out for this only.
        seconds, services: as in `ready`.
        in_terms_of: the alignments in whose terms queries may ask; then the store is written.
    """

    def __init__(
        self,
        store: Store,
        vocabulary: Vocabulary,
        findings: Sequence[Finding] = (),
        made: Sequence[str] = (),
        *,
        seconds: float | None = None,
        services: bool = False,
        in_terms_of: Sequence[InTermsOf] = (),
    ) -> None:
        self.store, self.vocabulary, self.findings, self.made = store, vocabulary, findings, made
        self.seconds, self.services = seconds, services
        self.applied = Applied(in_terms_of, store)

    def answer(self, sparql: str) -> Answers:
        """What a query gives.

        Raises:
            InputError: it is no query that can be asked here, or what lies beside a table of mappings is none.
            EngineError: it, or what rules make for it, takes too long, or gives too much to hold.
        """
        prefixes = self.applied.prefixes
        require_askable(sparql, services=self.services, prefixes=prefixes)
        text = with_prefixes(sparql, prefixes)
        in_order = is_ordered(text)
        until = math.inf if self.seconds is None else time.monotonic() + self.seconds

        def work() -> Answers:
            self.applied.apply(sparql, until)
            return Answers.of(self._asked(text), in_order=in_order, labels=self._labels, until=until)

        try:
            return work() if self.seconds is None else in_time(work, "the query", self.seconds, _SLOW)
        except SyntaxError as error:
            raise InputError(in_words(error, sparql, prefixes)) from error
        except OSError as error:
            raise EngineError(f"the query failed: {one_line(str(error))[:300]}") from error
        except RuntimeError as error:  # a function that is none
            raise InputError(f"the query cannot be asked here: {one_line(str(error))[:300]}") from error

    def told(self, sparql: str) -> list[str]:
        """For a query in another ontology's terms a line for each rule that it needs, and for each term without one.

        Raises:
            InputError: the query is no SPARQL, or what lies beside a table of mappings is none.
        """
        return self.applied.told(sparql)

    def _asked(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        if has_dataset(text):
            return self.store.inner.query(text)
        graphs = self.applied.graphs()
        if graphs is None:
            return self.store.inner.query(text, use_default_graph_as_union=True)
        seen, named = graphs
        return self.store.inner.query(text, default_graph=seen, named_graphs=named)

    def _labels(self, iris: Sequence[str]) -> dict[str, str]:
        found = self.applied.labels() | labels_from(lambda query: map(tuple, self.store.select(query)), iris)
        return found | _other_labels(self.vocabulary, [iri for iri in iris if iri not in found])


class There:
    """Data on a server; see `Here`. For how long it works on an answer is said by its `Endpoint`.

    Raises:
        EngineError: it fails.
    """

    findings: Sequence[Finding] = ()
    made: Sequence[str] = ()

    def __init__(self, server: Endpoint, vocabulary: Vocabulary) -> None:
        self.server, self.visible, self.vocabulary = server, server.visible(), vocabulary
        with suppress(EngineError):  # whatever is wrong with it is told when it is asked what was meant
            if server.graphs and ONTOLOGY_IRI not in server.graphs and server.has(ONTOLOGY_IRI):
                self.visible = server.over(*server.graphs, ONTOLOGY_IRI)  # who names data graphs means the terms too

    def answer(self, sparql: str) -> Answers:
        """What a query gives; whom else the server asks for it (SERVICE) is its own affair.

        Raises:
            InputError: it is no query.
            EngineError: the server fails, or refuses.
        """
        _ = form_of(sparql)
        text = with_prefixes(sparql)
        in_order = is_ordered(text)
        # Whoever is told its default graph may see no other (W3C SPARQL 1.1 Protocol, 2.1.4).
        server = self.server if names_graphs(text) else self.visible
        try:
            found = server.answer(text)
        except EngineError as error:
            wrong = None if calls_services(text) else error_in(text)
            if wrong is None or not (isinstance(error, RefusedError) and error.status == 400):
                raise
            raise InputError(in_words(wrong, sparql)) from error
        answers = Answers.received(found, in_order=in_order, labels=self._labels)
        self._require_all(answers, text, server)
        return answers

    def _require_all(self, answers: Answers, text: str, server: Endpoint) -> None:
        """Refuse a part of an answer: some servers give no more than a round number, and do not say so."""
        got = len(answers)
        if answers.truth is not None or got < _ROUND:
            return
        if answers.is_graph:
            self._require_whole(got, text, server)
        elif got % _ROUND == 0 and not has_dataset(text) and (there := server.count(counting(text))) > got:
            raise EngineError(
                f"{server.name}: the server sent {got:,} of {there:,} rows, which it does not say; ask for them in "
                "parts, with ORDER BY, LIMIT and OFFSET, or let it give more"
            )

    def _require_whole(self, got: int, text: str, server: Endpoint) -> None:
        """Refuse a graph that may be a part of one. Nobody counts what DESCRIBE says; Virtuoso gives one more."""
        if got % _ROUND > 1:
            return
        doubt = f"{server.name}: the server sent {got:,} triples, and does not say whether these are all"
        if form_of(text) == "DESCRIBE":
            raise EngineError(f"{doubt}; ask for them by CONSTRUCT, which can be counted")
        try:
            query, each = counting_constructed(text)
        except SyntaxError:  # the server knows more than the standard
            raise EngineError(f"{doubt}; ask for less") from None
        if (most := server.count(query) * each) > got:
            raise EngineError(
                f"{doubt}, or there are up to {most:,}; ask for them in parts, with ORDER BY, LIMIT and OFFSET, or let "
                "it give more"
            )

    def _labels(self, iris: Sequence[str]) -> dict[str, str]:
        try:
            found = labels_from(self._rows, iris)
        except EngineError:  # labels are a help to read; the answers are there
            found = {}
        return found | _other_labels(self.vocabulary, [iri for iri in iris if iri not in found])

    def told(self, _: str) -> list[str]:
        """Nothing: a server is not asked in another ontology's terms."""
        return []

    def _rows(self, query: str) -> list[tuple[Term | None, ...]]:
        return Answers.received(self.visible.answer(query)).terms


_ROUND = 500
"""What the most rows that a server gives is a multiple of."""

_SLOW = "ask for less, give LIMIT, or more time (timeout)"


def _other_labels(vocabulary: Vocabulary, iris: Iterable[str]) -> dict[str, str]:
    """What is called somehow though the data do not say so: terms, where they lack these, and nodes without a name."""
    others = list(iris)
    asked = [iri for iri in others if iri.startswith(ONTOLOGY_IRI)]
    if not asked:
        return named_by_iri(others)
    store, _ = load([*ontology_files(), *theory_files(), *vocabulary.theories])

    def select(query: str) -> list[tuple[Term | None, ...]]:
        return [tuple(row) for row in store.query(query, use_default_graph_as_union=True)]  # type: ignore[union-attr]  # a SELECT has solutions

    return named_by_iri(others) | labels_from(select, asked)
