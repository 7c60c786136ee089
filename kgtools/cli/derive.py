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
from kgtools.cli.output import exit_code, progress, remark, shown, write

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint


@click.command()
@data_argument(required=False)
@server_options(writing=True)
@FORMAT
@OUTPUT
@work_options(CODERS, EVERY)
def derive(data: tuple[Path, ...], server: Endpoint | None, form: str, output: Path | None, work: Work) -> int:
    """Say which propositions each incident and chain supports, contradicts, or both."""
    from kgtools import pipeline
    from kgtools.write import VERDICT_COLUMNS, as_text, show_verdicts

    with progress(work.quiet) as tell:
        findings, verdicts = pipeline.derive_all(sources(data, server), work.job, jobs=work.jobs, progress=tell)
    if not work.quiet:
        remark(findings)
    if form == "table":
        write(shown(lambda console: show_verdicts(verdicts, console), output), output)
    else:
        write(as_text(verdicts, VERDICT_COLUMNS, form), output)
    return exit_code(findings, work.fail_on)
