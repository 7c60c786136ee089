"""The command `explain`: parses, calls and prints."""

from __future__ import annotations

from pathlib import Path

import click

from kgtools.cli.options import BASE, CODERS, CROSSWALK, OUTPUT, PATH, QUIET, THEORY, job_of
from kgtools.cli.output import say, shown, write


@click.command()
@click.argument("data", metavar="DATA", type=PATH)
@click.argument("unit", metavar="UNIT")
@click.argument("proposition", metavar="[PROPOSITION]", required=False)
@THEORY
@CODERS
@click.option("--all", "every", is_flag=True, help="Explain in full what is silent or not applicable too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown", "turtle"]),
    default="table",
    show_default=True,
    help="How to write it; turtle holds the provenance of the verdicts.",
)
@OUTPUT
@CROSSWALK
@BASE
@QUIET
def explain(
    data: Path,
    unit: str,
    proposition: str | None,
    theory: tuple[Path, ...],
    coders: str,
    every: bool,
    form: str,
    output: Path | None,
    crosswalk: Path | None,
    base: str,
    quiet: bool,
) -> int:
    """Say slot by slot why an incident, and the chain that it is in, speak for or against a proposition.

    UNIT is an incident's id; BUNDLE/ID where several bundles have one of that id. Without PROPOSITION: all.
    """
    from kgtools.explain import explain, text
    from kgtools.explain.prov import as_turtle
    from kgtools.explain.telling import place

    job = job_of(theory, coders, True, crosswalk, base)
    explained = explain(data, unit, job, proposition, in_full=every)
    if form == "json":
        write(text.as_json(explained.account), output)
    elif form == "markdown":
        write(text.as_markdown(explained.account), output)
    elif form == "turtle":
        write(as_turtle(explained, job), output)
    else:
        write(shown(lambda console: text.show(explained.account, console), output), output)
    if not quiet and form in ("json", "turtle"):
        for finding in explained.account.findings:
            say(f"{finding.severity} {place(finding.file, finding.row)}: {finding.message}")
    return 0
