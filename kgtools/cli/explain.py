"""The command `explain`: parses, calls and prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.cli.options import BASE, CODERS, CROSSWALK, OUTPUT, QUIET, THEORY, job_of, server_options
from kgtools.cli.output import say, shown, write

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint
    from kgtools.read import Source


@click.command()
@click.argument("words", metavar="[DATA] UNIT [PROPOSITION]", nargs=-1)
@server_options()
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
    words: tuple[str, ...],
    server: Endpoint | None,
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

    UNIT is an incident's id, or its IRI; BUNDLE/ID where several bundles have one of that id. Without PROPOSITION: all.
    With --endpoint there is no DATA, and only the unit's chain is fetched.
    """
    from kgtools.explain import explain, text
    from kgtools.explain.prov import as_turtle
    from kgtools.explain.telling import place

    source, unit, proposition = _asked(words, server)
    job = job_of(theory, coders, True, crosswalk, base)
    explained = explain(source, unit, job, proposition, in_full=every)
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


def _asked(words: Sequence[str], server: Endpoint | None) -> tuple[Source, str, str | None]:
    """The data, the unit and the proposition that the arguments name."""
    sources: list[Source] = [server] if server is not None else [Path(word) for word in words[:1]]
    rest = words if server is not None else words[1:]
    if not 1 <= len(rest) <= 2:
        wanted = (
            "UNIT and perhaps PROPOSITION, without DATA" if server is not None else "DATA, UNIT and perhaps PROPOSITION"
        )
        raise click.UsageError(f"give {wanted}", click.get_current_context())
    return sources[0], rest[0], rest[1] if len(rest) > 1 else None
