"""Loaded: bundles, files, stores, or a server go in; one store in memory comes out that can be asked.

What they lack of terms is added, and, bundle by bundle, the verdicts that are needed and that they lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.lift import lift_judged, lift_terms, lift_verdicts
from kgtools.model import ANY, CODER_SETS, Finding
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.held import coders_in, each_spelled, key_of, lacking_here
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress
from kgtools.pipeline.work import judge
from kgtools.read import Bundle, Chunk, Source, encoded, is_bundle, read_graph, require_known
from kgtools.read.graph import without_blank_nodes
from kgtools.store import Store, is_store
from kgtools.write import sorted_findings, verdict_key


def is_seen(graph: str) -> bool:
    """Whether queries see a graph: not a view, nor the marks of an import."""
    return "/view/" not in graph and not graph.endswith("/unfinished")


def loaded(
    sources: Sequence[Source], job: Job, verdicts_of: Sequence[str], jobs: int, progress: Progress
) -> tuple[Store, list[Finding], list[str]]:
    """Bundles, files, stores, or the incidents of a server, in one store in memory.

    Args:
        verdicts_of: the coders, or sets of them, whose verdicts must be there.

    Returns:
        The store, what was found in reading, and the coders whose verdicts were worked out.

    Raises:
        InputError: something cannot be read, or there is no such coder.
        EngineError: a server fails.
    """
    progress("reading", 0, 0)
    anybody = replace(job, coders=ANY)  # whether there is such a coder is said of all data together
    store = Store()
    bundles: list[Bundle] = []
    lacking: dict[str, list[Bundle]] = {}
    for path in sources:
        if isinstance(path, Endpoint) or is_bundle(path):
            read = anybody.read([path])
            missing = each_spelled(verdicts_of, (coder for bundle in read for coder in bundle.coders()))
            unjudged = dict.fromkeys(missing, read)
            store.add(lifted(read, job, jobs=jobs))
        else:
            held, read, unjudged = _held(path, job, verdicts_of)
            if len(sources) == 1:
                store = held  # many quads are not copied for nothing
            else:
                store.inner.bulk_extend(held.inner)
        _require_new(read, bundles, path)
        bundles += read
        for coders, without in unjudged.items():
            lacking.setdefault(coders, []).extend(without)
    _require_coders(lacking, {*coders_in(store), *(coder for bundle in bundles for coder in bundle.coders())})
    for coders, without in lacking.items():
        store.add(_verdicts(without, job, coders, jobs, progress))
    store.add(_missing(store, lift_terms(job.vocabulary)))
    findings = sorted_findings(finding for bundle in bundles for finding in bundle.findings)
    return store, findings, list(lacking)


def _held(path: Path, job: Job, verdicts_of: Sequence[str]) -> tuple[Store, list[Bundle], dict[str, list[Bundle]]]:
    """What a file or store holds, what is read of it, and, by coders, the bundles that lack their verdicts."""
    held = _seen(path)
    if not lacking_here(held, verdicts_of):
        return held, [], {}
    name = path.stem if str(path) != "-" else "standard-input"
    held = without_blank_nodes(held, f"{job.base}{encoded(name)}/node/")
    read = read_graph(held, name, job.vocabulary, job.base)
    keys = {bundle.iri: key_of(bundle.iri, held) for bundle in read}
    lacking = lacking_here(held, verdicts_of)
    return (
        held,
        read,
        {coders: [bundle for bundle in read if keys[bundle.iri] in without] for coders, without in lacking.items()},
    )


def _seen(path: Path) -> Store:
    """What a file or store holds, in memory, without views."""
    if str(path) != "-" and not path.exists():
        raise InputError("no such file or folder; name a folder of tables, a table, an RDF file or a store", path)
    require_known(path)
    held = Store.of(path)
    if is_store(path):
        copy = Store()
        copy.inner.bulk_extend(quad for quad in held.inner if is_seen(getattr(quad.graph_name, "value", "")))
        return copy
    for graph in list(held.inner.named_graphs()):
        if not is_seen(getattr(graph, "value", "")):
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
        yield from lift_judged(bundle.iri, coders)


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


def _require_coders(asked: Iterable[str], known: Iterable[str]) -> None:
    there = [*CODER_SETS, *sorted(known)]
    for coders in asked:
        if coders not in there:
            raise InputError(f"no coder `{coders}`; there are {', '.join(there)}")
