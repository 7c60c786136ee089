"""Carrying over: bundles go in, and are lifted into a file, a stream, a store or a server.

A server is asked first whether it has a bundle of the same name, and afterwards whether it has this one. There are no
marks on a server, since there are no transactions over several requests: an import that was ended is begun anew.

Into a store each chunk goes with a mark that it is there, in one transaction. So an import that was ended at any moment
is completed by running it again: what is marked is not written twice. When all bundles are there the marks go, so that
one without marks, beside one with them, is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO

from kgtools.endpoint import Endpoint, RefusedError
from kgtools.endpoint.quads import in_graph
from kgtools.errors import EngineError, InputError
from kgtools.graphs import VIEW
from kgtools.lift import lift, lift_codebook, lift_frame, lift_terms
from kgtools.model import Finding
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress
from kgtools.read import Bundle, Chunk, encoded
from kgtools.store import Store, put_lines, write_rdf
from kgtools.view import view
from kgtools.write import sorted_findings

Target = Path | Store | Endpoint | IO[bytes]
"""Where lifted quads may go."""


def lifted(bundles: Iterable[Bundle], job: Job, *, with_view: bool = False, jobs: int = 1) -> Iterator[str]:
    """All quads of some bundles, a line each: data, codings, and the view for the job's coders if asked for."""
    for bundle in bundles:
        yield from lift_frame(bundle)
        yield from lift_codebook(bundle, job.vocabulary)
        for _, lines in _chunks(bundle, job, with_view, jobs):
            yield from lines


def view_graph(bundle: str, coders: str) -> str:
    """The named graph of a bundle's view for some coders, which is the default graph that its queries run on."""
    return f"{bundle}{VIEW}{encoded(coders)}"


def target(output: Path | None, store: Path | None, server: Endpoint | None, stdout: IO[bytes]) -> Target:
    """Where an import goes: a store, a server, a file, or else stdout."""
    if store is not None:
        return Store(store)
    if server is not None:
        return server
    return stdout if output is None else output


def import_bundles(
    paths: Iterable[Path],
    job: Job,
    to: Target,
    *,
    with_view: bool = False,
    replace: bool = False,
    graph: str | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    remark: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Lift bundles into a file, a stream (N-Quads), a store or a server.

    Args:
        with_view: also the view for the job's coders.
        replace: in a store or server, drop what it has of a bundle of the same name first.
        graph: on a server, the one graph that all goes into, instead of several for each bundle.
        jobs: how many processes.
        progress: told how far it is.
        remark: told what could not be seen to.

    Returns:
        What was found in reading them.

    Raises:
        InputError: something cannot be read or written, or a store or server has a bundle of the same name.
        EngineError: a server, or a process, failed.
    """
    tell = progress or (lambda *_: None)
    tell("reading", 0, 0)
    bundles = job.read(paths)
    if isinstance(to, Store):
        of = sum(bundle.count() for bundle in bundles)
        before, going_on = 0, any(to.marks(bundle.iri) for bundle in bundles)
        for bundle in bundles:
            if not going_on or replace or to.marks(bundle.iri) or not to.has(bundle.iri):
                _into_store(to, bundle, job, with_view, replace, jobs, partial(_told, tell, before, of))
            before += bundle.count()
        for bundle in bundles:
            to.unmark(bundle.iri)
        return sorted_findings(finding for bundle in bundles for finding in bundle.findings)
    if isinstance(to, Endpoint):
        _onto_server(to, bundles, job, graph, with_view, replace, jobs, tell, remark or (lambda _: None))
        return sorted_findings(finding for bundle in bundles for finding in bundle.findings)
    tell("lifting", 0, 0)
    lines = chain(lift_terms(job.vocabulary), lifted(bundles, job, with_view=with_view, jobs=jobs))
    if isinstance(to, Path):
        write_rdf(lines, to)
    else:
        put_lines(to, lines)
    return sorted_findings(finding for bundle in bundles for finding in bundle.findings)


def _told(tell: Progress, before: int, of: int, done: int) -> None:
    tell("importing", before + done, of)


def _onto_server(
    server: Endpoint,
    bundles: Sequence[Bundle],
    job: Job,
    graph: str | None,
    with_view: bool,
    replace: bool,
    jobs: int,
    tell: Progress,
    remark: Callable[[str], None],
) -> None:
    """Carry bundles to a server."""

    def put(lines: Iterable[str]) -> None:
        server.add(lines if graph is None else in_graph(lines, graph))

    answers = {bundle.iri: _held(server, bundle, graph) for bundle in bundles}
    for bundle in bundles:
        if answers[bundle.iri] and not replace:
            raise InputError(
                f"the server has a bundle `{bundle.name}` already; give --replace to put this one in its place",
                server.name,
            )
        if answers[bundle.iri] is None and not replace:
            remark(
                f"{server.name}: nobody can say whether it had a bundle `{bundle.name}` already; name with --endpoint "
                "the address that takes queries"
            )
    done, of = 0, sum(bundle.count() for bundle in bundles)
    tell("importing", done, of)
    terms = lift_terms(job.vocabulary)
    for bundle in bundles:
        if replace:  # also where it is not there: an import that was ended may have left a part of it
            _clear(server, bundle, graph)
        # The terms go with the first bundle: where what it replaces cannot be removed, nothing is to be written.
        put(chain(terms, lift_frame(bundle), lift_codebook(bundle, job.vocabulary)))
        terms = []
        for size, lines in _chunks(bundle, job, with_view, jobs):
            put(lines)
            done += size
            tell("importing", done, of)
    if any(answers[bundle.iri] is not None and not _held(server, bundle, graph) for bundle in bundles):
        raise EngineError(
            f"{server.name}: the server took the data, and does not have them; see whether all addresses are of one "
            "server, and of one dataset of it"
        )


_TAKES_NO_QUERIES = (200, 400, 404, 405, 406, 415, 501)
"""What an address answers to a query that takes updates: an error, or RDF, but no page."""


def _held(server: Endpoint, bundle: Bundle, graph: str | None) -> bool | None:
    """Whether a server has a bundle; None where it cannot be asked."""
    if not server.asks:
        return None
    try:
        return server.has(graph or bundle.iri, None if graph is None else bundle.iri)
    except RefusedError as error:
        # The one address that is known may be that for updates.
        if server.update_url or server.graph_store or error.status not in _TAKES_NO_QUERIES or error.page:
            raise
        return None


def _clear(server: Endpoint, bundle: Bundle, graph: str | None) -> None:
    """Remove what a server has of a bundle, and nothing else."""
    if graph is None:
        server.drop(bundle.iri)
    elif server.graph_store is not None and server.update_url is None:
        raise InputError(
            "what one graph holds of a bundle is replaced by updates; name with --update-endpoint what takes them",
            server.name,
        )
    else:
        server.remove(bundle.iri, graph)


def _into_store(
    store: Store,
    bundle: Bundle,
    job: Job,
    with_view: bool,
    replace: bool,
    jobs: int,
    done: Callable[[int], None],
) -> None:
    """Carry one bundle into a store, or what an import that was ended has left of it."""
    marks = store.marks(bundle.iri)
    if _REPLACING in marks or (replace and not marks and store.has(bundle.iri)):
        _drop(store, bundle)
        marks = {}
    elif not marks and store.has(bundle.iri):
        raise InputError(f"the store has a bundle `{bundle.name}` already; give --replace to put this one in its place")
    try:
        _carry(store, bundle, job, with_view, jobs, marks, done)
    except _ChangedError as error:
        if not replace:
            raise InputError(
                f"the store holds a part of another import of the bundle `{bundle.name}`, whose rows or options have "
                "changed since; give --replace to put this one in its place"
            ) from error
        _drop(store, bundle)
        _carry(store, bundle, job, with_view, jobs, {}, done)


_REPLACING = "replacing"
"""The mark of a bundle that is being dropped."""


class _ChangedError(Exception):
    """A part that is marked as there is not the one that would be written now."""


def _drop(store: Store, bundle: Bundle) -> None:
    store.put((), bundle.iri, _REPLACING, "")
    store.drop(bundle.iri)


def _carry(
    store: Store,
    bundle: Bundle,
    job: Job,
    with_view: bool,
    jobs: int,
    marks: dict[str, str],
    done: Callable[[int], None],
) -> None:
    incidents = 0
    once = [*lift_terms(job.vocabulary), *lift_frame(bundle), *lift_codebook(bundle, job.vocabulary)]
    parts = chain([(0, once)], _chunks(bundle, job, with_view, jobs))
    for number, (size, lines) in enumerate(parts):
        digest = sha256("\n".join(lines).encode()).hexdigest()
        if marks.get(str(number), digest) != digest:
            raise _ChangedError
        if str(number) not in marks:
            store.put(lines, bundle.iri, str(number), digest)
        incidents += size
        done(incidents)


def _chunks(bundle: Bundle, job: Job, with_view: bool, jobs: int) -> Iterator[tuple[int, list[str]]]:
    """How many incidents each chunk has, and its quads."""
    _ = job.named, job.vocabulary  # worked out once, before processes get a copy
    return spread(_lift, bundle.chunks(), (job, with_view), jobs)


def _lift(chunk: Chunk, context: tuple[Job, bool]) -> tuple[int, list[str]]:
    job, with_view = context
    lines = lift(chunk, job.vocabulary)
    if with_view:
        graph = f"<{view_graph(chunk.bundle, job.coders)}>"
        lines += (f"{line[:-1]}{graph} ." for line in view(chunk, job.coders, job.vocabulary, job.named).lines)
    return len(chunk.incidents), lines
