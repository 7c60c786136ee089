"""Servers: sizes go in; how long verdicts take here, read from a server, and in it, comes out as a Markdown table.

Run as `python -m benchmarks.servers`. The server is Oxigraph's, on this machine (`pip install oxigraph`), and holds
what `kgtools import` makes of the bundle. Each way is the command `kgtools derive` in a process of its own, and all of
them have to give the same rows, byte for byte. Beside the time by the clock stands that of the processors, which
changes less where others are at work too.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError

import click
import psutil

from benchmarks.generate import write_bundle
from benchmarks.measure import Measured, machine, measure

WAYS = ("from tables", "from a file of RDF", "read from the server", "judged in the server")


@dataclass(frozen=True)
class Way:
    """One way to verdicts, and what it took.

    Args:
        measured: the run of kgtools.
        ours: seconds of processors that it took.
        theirs: those that the server took for it.
        rows: the verdicts as CSV; empty where it did not end in time.
    """

    name: str
    measured: Measured
    ours: float
    theirs: float
    rows: bytes


@contextmanager
def oxigraph(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The address of an Oxigraph server that keeps what it holds in a folder, and its process."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{one.getsockname()[1]}"
    binary = Path(sys.executable).with_name("oxigraph")
    if not binary.exists():
        raise click.ClickException("the server is not installed; `pip install oxigraph`")
    command = [str(binary), "serve", "--location", str(folder), "--bind", address]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://{address}/", timeout=1).close()
                    break
                except (URLError, OSError):
                    time.sleep(0.05)
            yield f"http://{address}", psutil.Process(process.pid)
        finally:
            process.terminate()


def put(server: str, graph: Path) -> None:
    """Make a server hold the N-Quads of a file."""
    headers = {"Content-Type": "application/n-quads"}
    request = urllib.request.Request(f"{server}/store", data=graph.read_bytes(), method="PUT", headers=headers)
    urllib.request.urlopen(request, timeout=600).close()


def timed(size: int, output: Path, limit: int, jobs: Sequence[str]) -> list[Way]:
    """Each way, measured."""
    bundle, graph = output / f"incidents-{size}", output / f"incidents-{size}.nq"
    write_bundle(bundle, size, 0, lean=True)
    memory = int(0.8 * float(machine()["memory"]))

    def run(name: str, words: Sequence[object]) -> Measured:
        command = ["-m", "kgtools", *words, *jobs, "--quiet", "--fail-on", "never"]
        click.echo(f"{name}, {size:,} incidents: ", err=True, nl=False)
        taken = measure(command, limit, memory, output / "log.txt")
        click.echo(taken.stopped or f"{taken.seconds:.2f} s", err=True)
        return taken

    run("kgtools import", ["import", bundle, "-o", graph])
    found = []
    with TemporaryDirectory() as folder, oxigraph(Path(folder)) as (server, process):
        put(server, graph)
        reading: list[object] = ["--endpoint", f"{server}/query", "--timeout", str(limit)]
        data: list[list[object]] = [[bundle], [graph], reading, [*reading, "--update-endpoint", f"{server}/update"]]
        for number, (name, words) in enumerate(zip(WAYS, data, strict=True)):
            rows = output / f"verdicts-{size}-{number}.csv"
            rows.unlink(missing_ok=True)
            before = _spent(process)
            taken = run(name, ["derive", *words, "--format", "csv", "-o", rows])
            ours, theirs = (now - then for now, then in zip(_spent(process), before, strict=True))
            said = rows.read_bytes() if rows.exists() and not taken.stopped else b""
            found.append(Way(name, taken, ours, theirs, said))
    return found


def _spent(server: psutil.Process) -> tuple[float, float]:
    """Seconds of processors that went into the runs so far, and into a server."""
    runs, there = os.times(), server.cpu_times()
    return runs.children_user + runs.children_system, there.user + there.system


def markdown(command: str, sizes: Sequence[tuple[int, list[Way]]]) -> str:
    """The page."""
    about = machine()
    lines = [
        "# Verdicts from servers",
        "",
        f"Made by `{command}`, which writes this page; no number in it was written by hand.",
        "",
        f"- Machine: {about['cores']} cores, {about['processor']}, {about['system']}",
        "- The server is Oxigraph's, on the same machine, so that it and kgtools share its cores.",
        "- Incidents are made up (`benchmarks/generate.py`, seed 0, lean).",
        "- *Processors* says how many seconds of them kgtools and the server took, all cores added up. Where",
        "  others are at work on the machine, it changes less than the time by the clock.",
        "- *Same rows* says whether the table of verdicts is, byte for byte, that from tables.",
        "",
        "| incidents | `kgtools derive` | time | incidents a second | processors: kgtools | server | verdicts "
        "| same rows |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size, found in sizes:
        for way in found:
            taken, start = way.measured, f"| {size:,} | {way.name} |"
            if not way.rows:
                lines.append(f"{start} {taken.stopped or 'failed'} | | | | | |")
                continue
            count, same = way.rows.count(b"\n") - 1, "yes" if way.rows == found[0].rows else "**no**"
            rate = f"{size / taken.seconds:,.0f}"
            spent = f"{way.ours:.2f} s | {way.theirs:.2f} s"
            lines.append(f"{start} {taken.seconds:.2f} s | {rate} | {spent} | {count:,} | {same} |")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--sizes", default="1000,10000", show_default=True, help="Incidents, by comma.")
@click.option("--limit", default=600, show_default=True, help="Seconds after which a run is stopped.")
@click.option("--jobs", type=int, help="--jobs of kgtools; as many as it takes by itself where it is not given.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/benchmarks"), show_default=True)
@click.option("--table", type=click.Path(path_type=Path), default=Path("docs/benchmarks-servers.md"), show_default=True)
def main(sizes: str, limit: int, jobs: int | None, output: Path, table: Path) -> None:
    """Measure `kgtools derive` here, read from a server, and in the server, and compare their rows."""
    output.mkdir(parents=True, exist_ok=True)
    wide = [] if jobs is None else ["--jobs", str(jobs)]
    found = [(size, timed(size, output.resolve(), limit, wide)) for size in map(int, sizes.split(","))]
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(markdown(" ".join(["python -m benchmarks.servers", *sys.argv[1:]]), found), "utf-8")
    click.echo(f"Written: {table}", err=True)
    if any(way.rows != ways[0].rows for _, ways in found for way in ways):
        raise click.ClickException("not all ways gave the same rows")


if __name__ == "__main__":
    main()
