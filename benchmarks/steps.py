"""Steps: a bundle goes in, how long each part of the main job takes by itself comes out, in one process.

It leaves behind what the contenders begin with: the lifted graph, and the view on which the propositions' queries run.
Run as `python -m benchmarks.steps BUNDLE FOLDER`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def time_steps(bundle_path: Path, folder: Path) -> dict[str, float]:
    """Do what `kgtools run` does, part by part.

    Writes `graph.nq` and `view.nt` to the folder.

    Returns:
        The seconds of each step, and counts: `incidents`, `codings`, `triples`, `view_triples`.
    """
    begun = time.perf_counter()
    from kgtools.derive import derive
    from kgtools.lift import lift, lift_frame, lift_terms, lift_verdicts
    from kgtools.pipeline import Job
    from kgtools.store import write_rdf
    from kgtools.validate import report_graph, validate
    from kgtools.validate.shapes import Shapes
    from kgtools.view import view
    from kgtools.write import FINDING_COLUMNS, VERDICT_COLUMNS, sorted_findings, verdict_key, write_csv

    spent: dict[str, float] = {}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        spent[step] = spent.get(step, 0) + time.perf_counter() - start

    job = Job()
    _ = job.vocabulary, job.questions, job.named, Shapes.of_data()
    import pyoxigraph
    import shacl_rust

    _ = pyoxigraph, shacl_rust
    spent["start"] = time.perf_counter() - begun
    with timed("read"):
        (bundle,) = job.read([bundle_path])
    findings, verdicts = [*bundle.findings], []
    triples = viewed = 0
    with (folder / "graph.nq").open("wb") as graph, (folder / "view.nt").open("wb") as shown:
        with timed("write"):
            graph.writelines(f"{line}\n".encode() for line in lift_terms(job.vocabulary))
        frame = lift_frame(bundle)
        graph.writelines(f"{line}\n".encode() for line in frame)
        chunks = bundle.chunks()
        while True:
            with timed("chunk"):
                chunk = next(chunks, None)
            if chunk is None:
                break
            with timed("lift"):
                quads = lift(chunk, job.vocabulary)
            with timed("validate"):
                found = validate([*frame, *quads], vocabulary=job.vocabulary)
            with timed("view"):
                seen = view(chunk, job.coders, job.vocabulary, job.named)
            with timed("derive"):
                verdicts += derive(seen, job.coders, job.questions)
            with timed("write"):
                graph.writelines(f"{line}\n".encode() for line in quads)
            findings += [*seen.findings, *found]
            triples += len(quads)
            viewed += len(seen.lines)
            shown.writelines(f"{line}\n".encode() for line in seen.lines)
    with timed("write"):
        verdicts, findings = sorted(verdicts, key=verdict_key), sorted_findings(findings)
        write_rdf(lift_verdicts(verdicts, bundle.iri), folder / "verdicts.ttl")
        (folder / "report.ttl").write_text(report_graph(findings), "utf-8")
        for name, records, columns in (
            ("verdicts.csv", verdicts, VERDICT_COLUMNS),
            ("findings.csv", findings, FINDING_COLUMNS),
        ):
            with (folder / name).open("w", encoding="utf-8", newline="") as file:
                write_csv(records, columns, file)
    return {
        **spent,
        "incidents": bundle.count(),
        "codings": bundle.rows_read,
        "triples": triples,
        "view_triples": viewed,
    }


if __name__ == "__main__":
    bundle_path, folder = map(Path, sys.argv[1:])
    (folder / "steps.json").write_text(json.dumps(time_steps(bundle_path, folder)), "utf-8")
