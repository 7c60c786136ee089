"""The command `derive`: parses, calls and prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.cli.options import (
    CODERS,
    EVERY,
    FORMAT,
    OUTPUT,
    Work,
    data_argument,
    server_options,
    sources,
    work_options,
)
from kgtools.cli.output import exit_code, progress, remark, say, shown, write
from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint
    from kgtools.model import Finding, Verdict


@click.command()
@data_argument(required=False)
@server_options(writing=True)
@click.option(
    "--write",
    "writes",
    is_flag=True,
    help="Also write the verdicts to the store that DATA is, or by --update-endpoint.",
)
@FORMAT
@OUTPUT
@work_options(CODERS, EVERY)
def derive(
    data: tuple[Path, ...], server: Endpoint | None, writes: bool, form: str, output: Path | None, work: Work
) -> int:
    """Say which propositions each incident and chain supports, contradicts, or both.

    With --update-endpoint the view is written to the server, and the queries run there.
    """
    from kgtools.write import VERDICT_COLUMNS, as_text, show_verdicts

    wrote: list[str] = []
    findings, verdicts = _derived(data, server, writes, work, wrote)
    if not work.quiet:
        remark(findings)
        if wrote:
            named = [f"<{graph}>" for graph in wrote]
            if len(named) > _NAMED:
                named[_NAMED - 1 : -1] = [f"{len(named) - _NAMED} more"]
            say(f"Written to {server.name if server else data[0]}: {', '.join(named)}")
    if form == "table":
        write(shown(lambda console: show_verdicts(verdicts, console), output), output)
    else:
        write(as_text(verdicts, VERDICT_COLUMNS, form), output)
    return exit_code(findings, work.fail_on)


_NAMED = 5
"""Graphs that are named of those that were written."""


def _derived(
    data: tuple[Path, ...], server: Endpoint | None, writes: bool, work: Work, wrote: list[str]
) -> tuple[list[Finding], list[Verdict]]:
    """Findings and verdicts, worked out here or there; the graphs that were written are added to `wrote`."""
    from kgtools import pipeline

    there = server is not None and server.update_url is not None
    if there and data:
        raise InputError("with --update-endpoint the server judges what it holds; import DATA there first, or leave it")
    if writes and not there and (server is not None or len(data) != 1):
        raise InputError("--write goes with one store as DATA, or with --update-endpoint URL")
    with progress(work.quiet) as tell:
        if server is not None and there:
            return pipeline.derive_there(server, work.job, write=writes, progress=tell, wrote=wrote.append)
        if writes:
            return pipeline.derive_into(data[0], work.job, jobs=work.jobs, progress=tell, wrote=wrote.append)
        return pipeline.derive_all(sources(data, server), work.job, jobs=work.jobs, progress=tell)
