"""Querying: data, or a server, and a query go in; what the query gives comes out, and nothing is written.

What is queried, wherever it lies: what happened, who coded it, the terms of ontology and theories, and, for questions
that ask for them, verdicts. Bundles and files are loaded into memory, with what they lack of that; a store folder and
a server are asked as they are, unless verdicts are needed that they lack: then what they hold is loaded too.

Queries see all graphs as one, but not the views that proposition queries run on: a view repeats triples, and a query
that counts would count them twice. A query that names its graphs (FROM, GRAPH) sees what it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.answers import Answers
from kgtools.answers.labels import labels_from
from kgtools.endpoint import Endpoint
from kgtools.errors import EngineError, InputError
from kgtools.lift import lift_terms, lift_verdicts
from kgtools.model import ANY, CODER_SETS, Finding
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress
from kgtools.pipeline.work import judge
from kgtools.questions.asked import EACH
from kgtools.read import Bundle, Chunk, Source, encoded, is_bundle, read_graph, require_known
from kgtools.read.graph import without_blank_nodes
from kgtools.sparql import (
    calls_services,
    counting,
    error_in,
    form_of,
    has_dataset,
    in_words,
    is_ordered,
    names_graphs,
    with_prefixes,
    written,
)
from kgtools.store import Store, is_store
from kgtools.validate.timed import in_time
from kgtools.vocabulary import EVCO, ONTOLOGY_IRI, PREFIXES, Vocabulary, load, ontology_files, theory_files
from kgtools.write import one_line, sorted_findings, verdict_key

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.answers.values import Term


def ready(
    sources: Sequence[Source],
    job: Job,
    verdicts_of: Sequence[str] = (),
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    seconds: float | None = None,
    services: bool = False,
) -> Here | There:
    """Data, made ready to be asked any number of queries.

    Args:
        verdicts_of: the coders, or sets of them, whose verdicts must be there.
        jobs: how many processes.
        progress: told how far it is.
        seconds: how long a query may take here; None for any time. (A server's `Endpoint` says that of itself.)
        services: whether a query may ask other servers from here (SERVICE).

    Raises:
        InputError: something cannot be read, or a server is named beside other data.
        EngineError: a server fails.
    """
    servers = [source for source in sources if isinstance(source, Endpoint)]
    if servers and len(sources) > 1:
        raise InputError("a server is asked alone; leave out the other DATA, or import them there first")
    for server in servers:
        there = There(server, job.vocabulary)
        if there.has_verdicts(verdicts_of):
            return there
    paths = [source for source in sources if isinstance(source, Path)]
    if len(paths) == 1 and is_store(paths[0]):
        store = Store(paths[0], read_only=True)
        if all(_has_verdicts(store, coders) for coders in _spelled(verdicts_of, _coders_in(store))):
            return Here(store, job.vocabulary, seconds=seconds, services=services)
    store, findings, made = _loaded(sources, job, verdicts_of, jobs, progress or (lambda *_: None))
    return Here(store, job.vocabulary, findings, made, seconds=seconds, services=services)


def require_askable(sparql: str, *, services: bool = False) -> None:
    """Refuse what is no query, or none for here; it is asked of nothing, so this takes no time.

    Args:
        services: whether it may ask other servers (SERVICE).

    Raises:
        InputError: it is an update, has an error in it, or asks other servers and may not.
    """
    _ = form_of(sparql)
    text = with_prefixes(sparql)
    if calls_services(text):
        if not services:
            raise InputError(
                "the query has another server asked (SERVICE), and nothing goes out to the network unless you say so: "
                "give --allow-service"
            )
    elif (wrong := error_in(text)) is not None:
        raise InputError(in_words(wrong, sparql)) from wrong


class Here:
    """Data in a store of this process.

    Args:
        vocabulary: knows the labels of terms that the store lacks.
        findings: what was found in reading it.
        made: the coders whose verdicts were worked out for this only.
        seconds, services: as in `ready`.
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
    ) -> None:
        self.store, self.vocabulary, self.findings, self.made = store, vocabulary, findings, made
        self.seconds, self.services = seconds, services

    def answer(self, sparql: str) -> Answers:
        """What a query gives.

        Raises:
            InputError: it is no query that can be asked here.
            EngineError: it takes too long.
        """
        require_askable(sparql, services=self.services)
        text = with_prefixes(sparql)
        in_order = is_ordered(text)

        def work() -> Answers:
            return Answers.of(self._asked(text), in_order=in_order, labels=self._labels)

        try:
            return work() if self.seconds is None else in_time(work, "the query", self.seconds, _SLOW)
        except SyntaxError as error:
            raise InputError(in_words(error, sparql)) from error
        except OSError as error:
            raise EngineError(f"the query failed: {one_line(str(error))[:300]}") from error

    def _asked(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        if has_dataset(text):
            return self.store.inner.query(text)
        graphs = list(self.store.inner.named_graphs())
        seen = [graph for graph in graphs if _is_seen(getattr(graph, "value", ""))]
        if len(seen) == len(graphs):
            return self.store.inner.query(text, use_default_graph_as_union=True)
        import pyoxigraph as ox

        return self.store.inner.query(text, default_graph=[ox.DefaultGraph(), *seen])

    def _labels(self, iris: Sequence[str]) -> dict[str, str]:
        found = labels_from(lambda query: map(tuple, self.store.select(query)), iris)
        return found | _labels_of_terms(self.vocabulary, [iri for iri in iris if iri not in found])


class There:
    """Data on a server; see `Here`. For how long it works on an answer is said by its `Endpoint`.

    Raises:
        EngineError: it fails.
    """

    findings: Sequence[Finding] = ()
    made: Sequence[str] = ()

    def __init__(self, server: Endpoint, vocabulary: Vocabulary) -> None:
        self.server, self.visible, self.vocabulary = server, server.visible(), vocabulary

    def has_verdicts(self, verdicts_of: Iterable[str]) -> bool:
        """Whether verdicts of these coders are there; for `EACH`, of any. Raises EngineError where the server fails."""
        return all(self.visible.ask(_has_verdicts_of(coders)) for coders in verdicts_of)

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
            content, kind = server.answer(text)
        except EngineError as error:
            wrong = None if calls_services(text) else error_in(text)
            if wrong is None or "HTTP 4" not in str(error):
                raise
            raise InputError(in_words(wrong, sparql)) from error
        answers = Answers.received(content, kind, server.name, in_order=in_order, labels=self._labels)
        self._require_all(answers, text, server)
        return answers

    def _require_all(self, answers: Answers, text: str, server: Endpoint) -> None:
        """Refuse a part of the rows: some servers give no more than a round number of them, and do not say so."""
        rows = len(answers)
        if answers.is_graph or answers.truth is not None or rows == 0 or rows % _ROUND or has_dataset(text):
            return
        there = server.count(counting(text))
        if there > rows:
            raise EngineError(
                f"{server.name}: the server sent {rows:,} of {there:,} rows, which it does not say; ask for them in "
                "parts, with ORDER BY, LIMIT and OFFSET, or let it give more"
            )

    def _labels(self, iris: Sequence[str]) -> dict[str, str]:
        try:
            found = labels_from(self._rows, iris)
        except EngineError:  # labels are a help to read; the answers are there
            found = {}
        return found | _labels_of_terms(self.vocabulary, [iri for iri in iris if iri not in found])

    def _rows(self, query: str) -> list[tuple[Term | None, ...]]:
        content, kind = self.visible.answer(query)
        return Answers.received(content, kind, self.server.name).terms


_ROUND = 500
"""What the most rows that a server gives is a multiple of."""

_SLOW = "ask for less, give LIMIT, or more time with --timeout"


# What data are loaded


def _is_seen(graph: str) -> bool:
    """Whether queries see a graph: not a view, nor the marks of an import."""
    return "/view/" not in graph and not graph.endswith("/unfinished")


def _has_verdicts_of(coders: str) -> str:
    import pyoxigraph as ox

    if coders == EACH:  # whose there are is for the server to say
        return f"ASK {{ ?some a <{EVCO}Assessment> }}"
    return f"ASK {{ ?some a <{EVCO}Assessment> ; <{EVCO}coders> {written(ox.Literal(coders))} }}"


def _coders_in(store: Store) -> list[str]:
    rows = store.inner.query(
        f"SELECT DISTINCT ?name {{ ?coder a <{EVCO}Coder> ; <{PREFIXES['dcterms']}identifier> ?name }} ORDER BY ?name",
        use_default_graph_as_union=True,
    )
    return [row["name"].value for row in rows]  # type: ignore[union-attr]  # a SELECT has solutions


def _spelled(verdicts_of: Iterable[str], coders: Iterable[str]) -> list[str]:
    """Whose verdicts are needed, with `EACH` spelled out by the coders that there are."""
    each = [*CODER_SETS, *coders]
    return list(dict.fromkeys(one for asked in verdicts_of for one in (each if asked == EACH else [asked])))


def _has_verdicts(store: Store, coders: str) -> bool:
    return bool(store.inner.query(_has_verdicts_of(coders), use_default_graph_as_union=True))


def _loaded(
    sources: Sequence[Source], job: Job, verdicts_of: Sequence[str], jobs: int, progress: Progress
) -> tuple[Store, list[Finding], list[str]]:
    """Bundles, files, stores, or the incidents of a server, in one store in memory."""
    progress("reading", 0, 0)
    anybody = replace(job, coders=ANY)  # whether there is such a coder is said of all data together
    store = Store()
    bundles: list[Bundle] = []
    lacking: dict[str, list[Bundle]] = {}
    for path in sources:
        if isinstance(path, Endpoint) or is_bundle(path):
            read = anybody.read([path])
            missing = _spelled(verdicts_of, (coder for bundle in read for coder in bundle.coders()))
            store.add(lifted(read, job, jobs=jobs))
        else:
            held = _held(path)
            wanted = _spelled(verdicts_of, _coders_in(held))
            missing = [coders for coders in wanted if not _has_verdicts(held, coders)]
            read = []
            if missing:
                name = path.stem if str(path) != "-" else "standard-input"
                held = without_blank_nodes(held, f"{job.base}{encoded(name)}/node/")
                read = read_graph(held, name, job.vocabulary, job.base)
            if len(sources) == 1:
                store = held  # many quads are not copied for nothing
            else:
                store.inner.bulk_extend(held.inner)
        _require_new(read, bundles, path)
        bundles += read
        for coders in missing:
            lacking.setdefault(coders, []).extend(read)
    _require_coders(lacking, bundles)
    for coders, unjudged in lacking.items():
        store.add(_verdicts(unjudged, job, coders, jobs, progress))
    store.add(_missing(store, lift_terms(job.vocabulary)))
    findings = sorted_findings(finding for bundle in bundles for finding in bundle.findings)
    return store, findings, list(lacking)


def _held(path: Path) -> Store:
    """What a file or store holds, in memory, without views."""
    if str(path) != "-" and not path.exists():
        raise InputError("no such file or folder; name a folder of tables, a table, an RDF file or a store", path)
    require_known(path)
    held = Store.of(path)
    if is_store(path):
        copy = Store()
        copy.inner.bulk_extend(quad for quad in held.inner if _is_seen(getattr(quad.graph_name, "value", "")))
        return copy
    for graph in list(held.inner.named_graphs()):
        if not _is_seen(getattr(graph, "value", "")):
            held.inner.remove_graph(graph)
    return held


def _missing(store: Store, lines: Iterable[str]) -> Iterator[str]:
    """Those of some N-Quads whose triple stands in no graph yet."""
    import pyoxigraph as ox

    for quad in ox.parse("\n".join(lines).encode(), ox.RdfFormat.N_QUADS):
        if next(store.inner.quads_for_pattern(quad.subject, quad.predicate, quad.object, None), None) is None:
            yield f"{quad} ."


def _verdicts(bundles: Sequence[Bundle], job: Job, coders: str, jobs: int, progress: Progress) -> Iterator[str]:
    """The verdicts of some coders on some bundles, as N-Quads."""
    asked = replace(job, coders=coders)
    _ = asked.questions, asked.named  # worked out once, before processes get a copy
    done, of = 0, sum(bundle.count() for bundle in bundles)
    for bundle in bundles:
        for incidents, lines in spread(_judged, bundle.chunks(), asked, jobs):
            yield from lines
            done += incidents
            progress("judging", done, of)


def _judged(chunk: Chunk, job: Job) -> tuple[int, list[str]]:
    _, verdicts = judge(chunk, job)
    return len(chunk.incidents), lift_verdicts(sorted(verdicts, key=verdict_key), chunk.bundle)


def _require_new(read: Iterable[Bundle], before: Iterable[Bundle], source: Source) -> None:
    known = {bundle.iri for bundle in before}
    for bundle in read:
        if bundle.iri in known:
            raise InputError(
                f"is called `{bundle.name}` like another bundle of this call; rename it, or take it alone",
                source if isinstance(source, Path) else source.name,
            )


def _require_coders(asked: Iterable[str], bundles: Iterable[Bundle]) -> None:
    known = sorted({coder for bundle in bundles for coder in bundle.coders()})
    for coders in asked:
        if coders not in (*CODER_SETS, *known):
            raise InputError(f"no coder `{coders}`; there are {', '.join([*CODER_SETS, *known])}")


def _labels_of_terms(vocabulary: Vocabulary, iris: Iterable[str]) -> dict[str, str]:
    """What ontology and theories call their terms, for data that come without them."""
    asked = [iri for iri in iris if iri.startswith(ONTOLOGY_IRI)]
    if not asked:
        return {}
    store, _ = load([*ontology_files(), *theory_files(), *vocabulary.theories])

    def select(query: str) -> list[tuple[Term | None, ...]]:
        return [tuple(row) for row in store.query(query, use_default_graph_as_union=True)]  # type: ignore[union-attr]  # a SELECT has solutions

    return labels_from(select, asked)
