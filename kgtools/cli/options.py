"""Options: what several commands ask for in the same way, and the job and the work that are made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint
    from kgtools.pipeline import Job
    from kgtools.read import Source

PATH = click.Path(path_type=Path)  # what is there and what is not is said by who opens it, in one form


def bundles_argument(required: bool = True) -> Callable[[Any], Any]:
    """BUNDLE...: the bundles to work on."""
    return click.argument("bundles", metavar="BUNDLE...", nargs=-1, required=required, type=PATH)


def data_argument(required: bool = True) -> Callable[[Any], Any]:
    """DATA...: bundles, RDF files, stores, or `-`."""
    return click.argument("data", metavar="DATA...", nargs=-1, required=required, type=PATH)


THEORY = click.option(
    "--theory",
    metavar="FILE",
    multiple=True,
    type=PATH,
    help="A theory in Turtle, beside those that come along; may be repeated.",
)
CROSSWALK = click.option(
    "--crosswalk",
    metavar="FILE",
    type=PATH,
    help="How their codes and columns map to ours; default: the bundle's crosswalk.yaml.",
)
BASE = click.option(
    "--base", metavar="IRI", default="urn:evco:data:", show_default=True, help="What the IRIs of data start with."
)
CODERS = click.option(
    "--coders", metavar="CODERS", default="any", show_default=True, help="any, majority, all, or one coder's name."
)
EVERY = click.option("--all", "every", is_flag=True, help="Also verdicts that are silent or not applicable.")
FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "info", "never"]),
    default="violation",
    show_default=True,
    help="The least severity that ends in exit code 1.",
)
JOBS = click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many processes work side by side; default: as many as there are cores.",
)
QUIET = click.option("--quiet", "-q", is_flag=True, help="No remarks on stderr.")
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to write the result.",
)
OUTPUT = click.option("--output", "-o", metavar="FILE", type=PATH, help="Where to; default: stdout.")


def server_options(
    *, writing: bool = False, importing: bool = False, local: bool = False
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The options of commands that speak to a SPARQL server; the command is given an `Endpoint`, or None, as `server`.

    Args:
        writing: also `--update-endpoint`, for commands that may write there.
        importing: that and `--graph-store`, and each address will do alone; `--graph` names the one graph that is
            written, and the command is given it as `graph`.
        local: whether `--timeout` also bounds what is done here.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def called(
            *,
            endpoint: str | None,
            graph: Sequence[str],
            timeout: float,
            update_endpoint: str | None = None,
            graph_store: str | None = None,
            **options: Any,
        ) -> int:
            from kgtools.endpoint import Endpoint

            if importing:
                server, into = _written_to(endpoint, update_endpoint, graph_store, graph, timeout)
                return command(server=server, graph=into, **options)
            if endpoint is None and (graph or update_endpoint):
                raise InputError("--graph and --update-endpoint go with --endpoint URL, the address that takes queries")
            asked = (
                None
                if endpoint is None
                else Endpoint(endpoint, update_url=update_endpoint, graphs=graph, seconds=timeout)
            )
            return command(server=asked, **options)

        reading = (_ENDPOINT, *((_UPDATE_ENDPOINT,) if writing else ()), _GRAPH)
        named = (_TARGET, _UPDATES, _GRAPH_STORE, _INTO) if importing else reading
        for option in reversed((*named, _timeout(local))):
            called = option(called)
        return called

    return decorated


def _written_to(
    endpoint: str | None, update_endpoint: str | None, graph_store: str | None, graphs: Sequence[str], seconds: float
) -> tuple[Endpoint | None, str | None]:
    """The server that an import goes to, by any of its addresses, and the one graph there if one is named."""
    from kgtools.endpoint import Endpoint
    from kgtools.endpoint.quads import iri

    if len(graphs) > 1:
        raise InputError("an import goes into one --graph, or into those that it makes itself, not into several")
    if graphs:
        iri(graphs[0])
    into = graphs[0] if graphs else None
    if endpoint is not None:
        return Endpoint(endpoint, update_url=update_endpoint, graph_store=graph_store, seconds=seconds), into
    if update_endpoint is not None or graph_store is not None:
        return Endpoint.to_write(update_url=update_endpoint, graph_store=graph_store, seconds=seconds), into
    if graphs:
        raise InputError("--graph goes with --endpoint, --update-endpoint or --graph-store: it is a graph of a server")
    return None, None


_ENDPOINT = click.option("--endpoint", metavar="URL", help="A SPARQL 1.1 server, by the address that takes queries.")
_UPDATE_ENDPOINT = click.option(
    "--update-endpoint", metavar="URL", help="The address that takes its updates; without it nothing is written there."
)
_GRAPH = click.option(
    "--graph", metavar="IRI", multiple=True, help="Of the server, only this named graph; may be repeated."
)
_TARGET = click.option(
    "--endpoint",
    metavar="URL",
    help="A SPARQL 1.1 server, by the address that takes queries, or updates if it is the only one.",
)
_UPDATES = click.option("--update-endpoint", metavar="URL", help="The address that takes its updates.")
_GRAPH_STORE = click.option(
    "--graph-store",
    metavar="URL",
    help="The address that takes its graphs (Graph Store Protocol); quicker than updates.",
)
_INTO = click.option(
    "--graph",
    metavar="IRI",
    multiple=True,
    help="On the server, all into this named graph; default: some for each bundle.",
)


def _timeout(local: bool) -> Callable[[Any], Any]:
    return click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        default=120,
        show_default=True,
        help=f"How long one answer may take, {'here or of a server' if local else 'of the server'}.",
    )


def sources(data: Sequence[Path], server: Endpoint | None) -> list[Source]:
    """What a command works on: DATA and a server, at least one of them."""
    if not data and server is None:
        raise InputError("name some DATA, or a server with --endpoint")
    return [*data, *([server] if server is not None else [])]


@dataclass(frozen=True)
class Work:
    """What is asked of a command that works on data: the job, in how many processes, and what makes it fail."""

    job: Job
    jobs: int
    fail_on: str
    quiet: bool


def work_options(*also: Callable[[Any], Any]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The options that every command on data has; the command is given a `Work` in their place.

    Args:
        also: `CODERS` and `EVERY`, where a command has them.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def called(
            *,
            theory: Sequence[Path],
            crosswalk: Path | None,
            base: str,
            fail_on: str,
            jobs: int | None,
            quiet: bool,
            coders: str = "any",
            every: bool = False,
            **options: Any,
        ) -> int:
            from kgtools.pipeline import cores

            job = job_of(theory, coders, every, crosswalk, base)
            data = options.get("data", ())
            named = (*theory, *options.get("shapes", ()), *([crosswalk] if crosswalk else ()))
            keep(
                options.get("output"),
                (*(data if isinstance(data, tuple) else (data,)), *options.get("bundles", ()), *named),
            )
            return command(work=Work(job, jobs or cores(), fail_on, quiet), **options)

        for option in reversed((THEORY, *also, CROSSWALK, BASE, FAIL_ON, JOBS, QUIET)):
            called = option(called)
        return called

    return decorated


def keep(output: Path | None, inputs: Iterable[Path]) -> None:
    """Refuse to write a result over what it is made of."""
    if output is None or not output.is_file():
        return
    for path in inputs:
        table = path.is_dir() and output.stem in _TABLES and output.resolve().parent == path.resolve()
        if table or (path.is_file() and output.samefile(path)):
            raise InputError("is read from, and would be written over; name another file for the result", output)


_TABLES = ("codings", "incidents", "actors", "crosswalk")
"""What the files of a bundle are called."""


def job_of(theory: Sequence[Path], coders: str, every: bool, crosswalk: Path | None, base: str) -> Job:
    """The job that the options ask for."""
    from kgtools.pipeline import Job

    return Job(tuple(theory), coders, every, crosswalk, base)
