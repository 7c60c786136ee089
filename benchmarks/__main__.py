"""`python -m benchmarks`: sizes go in, each contender runs in its own process, JSON and a Markdown table come out."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from benchmarks.contenders import CONTENDERS
from benchmarks.generate import write_bundle, write_chain
from benchmarks.measure import machine, measure
from benchmarks.results import contenders_answers, differing, our_answers
from benchmarks.table import MAIN, VALIDATE, markdown
from benchmarks.validators import SLOW, VALIDATORS, findings

REFERENCE, BULK = CONTENDERS

LONG = 100
"""Seconds; a run that takes longer is not repeated."""


def _numbers(_: click.Context, __: click.Parameter, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(",") if word.strip())
    except ValueError as error:
        raise click.BadParameter(f"`{text}` are no numbers with commas between") from error


@click.command()
@click.option("--sizes", default="350,10000,100000", callback=_numbers, show_default=True, help="Incidents, by comma.")
@click.option("--chains", default="40,100,200", callback=_numbers, show_default=True, help="Lengths of one chain each.")
@click.option(
    "--validate",
    default="1000,10000,100000",
    callback=_numbers,
    show_default=True,
    help=f"Incidents to validate, by comma; {SLOW} gets the fewest only.",
)
@click.option(
    "--single",
    default="1000,10000",
    callback=_numbers,
    show_default=True,
    help=f"Incidents with one coding each to validate, by comma; {SLOW} gets the fewest only.",
)
@click.option("--jobs", type=int, help="--jobs of kgtools; as many as it takes by itself where it is not given.")
@click.option("--repeat", default=3, show_default=True, help="Runs of each contender at sizes up to 1,000.")
@click.option("--reference", default=350, show_default=True, help=f"The largest size at which {REFERENCE} runs.")
@click.option("--limit", default=1800, show_default=True, help="Seconds after which a run is stopped.")
@click.option("--lean", is_flag=True, help="Incidents by one coder and without quotes.")
@click.option("--seed", default=0, show_default=True, help="Another seed gives other incidents.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/benchmarks"), show_default=True)
@click.option("--table", type=click.Path(path_type=Path), help="Where the table goes, if not to OUTPUT/benchmarks.md.")
def main(
    sizes: tuple[int, ...],
    chains: tuple[int, ...],
    validate: tuple[int, ...],
    single: tuple[int, ...],
    jobs: int | None,
    repeat: int,
    reference: int,
    limit: int,
    lean: bool,
    seed: int,
    output: Path,
    table: Path | None,
) -> None:
    """Measure the main job, its steps, and what one would otherwise put together."""
    output = output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    bench = _Bench(output, jobs, limit)
    results: dict[str, Any] = {
        "command": " ".join(["python -m benchmarks", *sys.argv[1:]]),
        "machine": machine(),
        **{"sizes": sizes, "seed": seed, "lean": lean, "jobs": jobs},
        **{"steps": [], "runs": [], "chains": [], "validations": []},
    }
    for size in sizes:
        bundle = output / f"incidents-{size}"
        write_bundle(bundle, size, seed, lean=lean)
        results["steps"].append(bench.steps(bundle, size))
        names = [MAIN, *([REFERENCE] if size <= reference else []), BULK]
        for _ in range(repeat if size <= 1000 else 1):
            before = [run for run in results["runs"] if run["size"] == size]
            long = {run["name"] for run in before if run["stopped"] or run["seconds"] > LONG}
            results["runs"] += [bench.run(name, bundle, size) for name in names if name not in long]
    for length in chains:
        bundle = output / f"chain-{length}"
        write_chain(bundle, length, seed)
        results["chains"].append(bench.main_job(bundle, length) | {"codings": _rows(bundle / "codings.csv")})
    asked = [(size, False) for size in validate] + [(size, True) for size in single]
    for size, alone in asked:
        bundle = output / f"{'single' if alone else 'incidents'}-{size}"
        write_bundle(bundle, size, seed, lean=lean, single=alone)
        graph, triples = bench.graph(bundle, size)
        slow = size == min(single if alone else validate)
        for name in [VALIDATE, *([SLOW] if slow else []), *(set(VALIDATORS) - {SLOW})]:
            taken = bench.validation(name, graph, size, repeat)
            results["validations"] += [run | {"single": alone, "triples": triples} for run in taken]
    (output / "results.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    page = table or output / "benchmarks.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(markdown(results), "utf-8")
    click.echo(f"Written: {page}, {output / 'results.json'}", err=True)


def _rows(table: Path) -> int:
    with table.open("rb") as lines:
        return sum(1 for _ in lines) - 1


class _Bench:
    """What runs have in common: where they write, how many processes they take, and when they are stopped."""

    def __init__(self, output: Path, jobs: int | None, limit: int) -> None:
        self.output, self.limit = output, limit
        self.jobs = [] if jobs is None else ["--jobs", str(jobs)]
        self.memory = int(0.8 * float(machine()["memory"]))

    def steps(self, bundle: Path, size: int) -> dict[str, Any]:
        """Time the steps; they leave behind the graph that contenders begin with."""
        out = self._out("steps", size)
        taken = self._measure("steps", ["-m", "benchmarks.steps", bundle, out], size, out)
        found = {} if taken["stopped"] else json.loads((out / "steps.json").read_text("utf-8"))
        return taken | {"seconds": found} | {name: found.get(name) for name in ("incidents", "codings", "triples")}

    def run(self, name: str, bundle: Path, size: int) -> dict[str, Any]:
        """One run of one contender, and how far its answers are those of kgtools."""
        return self.main_job(bundle, size) if name == MAIN else self._contender(name, bundle, size)

    def main_job(self, bundle: Path, size: int) -> dict[str, Any]:
        """One run of `kgtools run`."""
        out = self._out(f"kgtools-{bundle.name}", size)
        command = ["-m", "kgtools", "run", bundle, "-o", out, "--quiet", "--fail-on", "never", *self.jobs]
        taken = self._measure(MAIN, command, size, out) | {"parts": {}}
        return taken if taken["stopped"] else taken | self._counts(*our_answers(out))

    def graph(self, bundle: Path, size: int) -> tuple[Path, int]:
        """A bundle as N-Quads on disk, and how many there are."""
        graph = self.output / f"{bundle.name}.nq"
        command = ["-m", "kgtools", "import", bundle, "-o", graph, "--quiet", "--fail-on", "never", *self.jobs]
        self._measure("kgtools import", command, size, self._out("import", size))
        return graph, _rows(graph) + 1

    def validation(self, name: str, graph: Path, size: int, repeat: int) -> list[dict[str, Any]]:
        """Some runs from N-Quads on disk to a report on disk, and how far the findings are those of kgtools."""
        out = self._out(name.replace(" ", "-"), size)
        command: list[object] = ["-m", "benchmarks.validators", name, graph, out]
        if name == VALIDATE:
            report = ["--format", "turtle", "-o", out / "report.ttl"]
            command = ["-m", "kgtools", "validate", graph, *report, "--quiet", "--fail-on", "never", *self.jobs]
        taken: list[dict[str, Any]] = []
        while len(taken) < repeat and not (taken and (taken[-1]["stopped"] or taken[-1]["seconds"] > LONG)):
            taken.append(self._measure(name, command, size, out))
            if not taken[-1]["stopped"]:
                found = findings(out)
                ours = found if name == VALIDATE else findings(self._place(VALIDATE.replace(" ", "-"), size))
                taken[-1] |= {
                    "counts": {"findings": len(found)},
                    "differing": {"findings": len(differing(ours, found))},
                }
        return taken

    def _contender(self, name: str, bundle: Path, size: int) -> dict[str, Any]:
        out, lifted = self._out(name.replace(" ", ""), size), self._place("steps", size)
        command = ["-m", "benchmarks.contenders", name, lifted / "graph.nq", lifted / "view.nt", out]
        taken = self._measure(name, command, size, out) | {"parts": {}}
        if taken["stopped"]:
            return taken
        main = self._place(f"kgtools-{bundle.name}", size)
        ours = our_answers(main if (main / "summary.json").exists() else lifted)
        theirs = contenders_answers(out)
        different = [differing(one, other) for one, other in zip(ours, theirs, strict=True)]
        (out / "differing.txt").write_text("".join(f"{line}\n" for lines in different for line in lines), "utf-8")
        counted = dict(zip(("verdicts", "findings"), map(len, different), strict=True))
        parts = json.loads((out / "parts.json").read_text("utf-8"))
        return taken | self._counts(*theirs) | {"differing": counted, "parts": parts}

    def _counts(self, verdicts: list[str], findings: list[str]) -> dict[str, Any]:
        return {"counts": {"verdicts": len(verdicts), "findings": len(findings)}}

    def _out(self, name: str, size: int) -> Path:
        """An empty folder for a run's results; those of the run before go."""
        out = self._place(name, size)
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        return out

    def _place(self, name: str, size: int) -> Path:
        return self.output / f"{name}-{size}"

    def _measure(self, name: str, command: Sequence[object], size: int, out: Path) -> dict[str, Any]:
        click.echo(f"{name}, {size:,} incidents: ", err=True, nl=False)
        taken = measure(command, self.limit, self.memory, out / "log.txt")
        click.echo(taken.stopped or f"{taken.seconds:.2f} s", err=True)
        return {"name": name, "size": size, **asdict(taken)}


if __name__ == "__main__":
    main()
