"""The command `agreement`: parses, calls and prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.cli.options import FORMAT, OUTPUT, Work, data_argument, server_options, sources, work_options
from kgtools.cli.output import exit_code, progress, remark, shown, write

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint


@click.command()
@data_argument(required=False)
@server_options()
@click.option(
    "--by",
    type=click.Choice(["all", "overall", "code", "proposition"]),
    default="all",
    show_default=True,
    help="All codes together, each code, or the verdicts on each proposition that every coder's own codings yield.",
)
@click.option(
    "--coder", "only", metavar="NAME", multiple=True, help="Compare these coders only; may be repeated. Default: all."
)
@FORMAT
@OUTPUT
@work_options()
def agreement(
    data: tuple[Path, ...],
    server: Endpoint | None,
    by: str,
    only: tuple[str, ...],
    form: str,
    output: Path | None,
    work: Work,
) -> int:
    """Say how far coders agree: percent, Cohen's and Fleiss' kappa, Krippendorff's alpha, Gwet's AC1.

    Of an incident that a coder coded, and each code that anybody found, the coder said yes or no; what a coder did not
    code at all is missing. Each value has a 95% confidence interval; one that cannot be told is undefined.
    """
    from kgtools import pipeline
    from kgtools.agreement.told import as_csv, as_json, show

    asked = pipeline.BY if by == "all" else (by,)
    with progress(work.quiet) as tell:
        findings, found = pipeline.agreement_of(
            sources(data, server), work.job, asked, only, jobs=work.jobs, progress=tell
        )
    if not work.quiet:
        remark(findings)
    if form == "table":
        write(shown(lambda console: show(found, console), output), output)
    else:
        write(as_csv(found) if form == "csv" else as_json(found), output)
    return exit_code(findings, work.fail_on)
