"""The commands: each parses, calls and prints, in a few lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.cli.options import (
    CODERS,
    EVERY,
    OUTPUT,
    PATH,
    THEORY,
    Work,
    bundles_argument,
    data_argument,
    server_options,
    sources,
    work_options,
)
from kgtools.cli.output import exit_code, many, progress, remark, say, shown, summarize, write
from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint
    from kgtools.write import PropositionForm


@click.command()
@bundles_argument()
@click.option("--output", "-o", metavar="OUT", type=PATH, required=True, help="The folder for the results.")
@work_options(CODERS, EVERY)
def run(bundles: tuple[Path, ...], output: Path, work: Work) -> int:
    """The main job: read, lift, validate and derive; graph, findings and verdicts go to OUT."""
    from kgtools import pipeline

    with progress(work.quiet) as tell:
        summary = pipeline.run(bundles, output, work.job, jobs=work.jobs, progress=tell)
    if not work.quiet:
        summarize(summary, work.job, output)
    return exit_code(summary.found, work.fail_on)


@click.command()
@data_argument(required=False)
@server_options()
@click.option("--output", "-o", metavar="FILE", type=PATH, required=True, help="The page, FILE.html.")
@click.option(
    "--incidents",
    metavar="N",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="How many incidents are told in detail.",
)
@work_options(CODERS)
def report(data: tuple[Path, ...], server: Endpoint | None, output: Path, incidents: int, work: Work) -> int:
    """Tell what the incidents say on one page of HTML, for the screen and for paper."""
    from kgtools import pipeline
    from kgtools.report import write_report
    from kgtools.write import replacing

    with progress(work.quiet) as tell:
        facts, about, summary = pipeline.facts_of(
            sources(data, server), work.job, room=incidents, jobs=work.jobs, progress=tell
        )
    with replacing(output) as file:
        write_report(facts, about, file)
    if not work.quiet:
        remark(summary.found)
        say(f"Written to {output}: {len(facts.shown)} of {many(facts.counts['incidents'], 'incident')} in detail")
    return exit_code(summary.found, work.fail_on)


@click.command()
@click.argument("id", required=False)
@THEORY
@click.option(
    "--format",
    "form",
    type=click.Choice(["sparql", "turtle", "manchester"]),
    help="With an ID: its query, the default, or its OWL class alone, for programs (turtle) or people (manchester).",
)
@OUTPUT
def propositions(id: str | None, theory: tuple[Path, ...], form: PropositionForm | None, output: Path | None) -> int:
    """List the propositions; with an ID, show its slots, its OWL class and its SPARQL."""
    from kgtools.pipeline import Job
    from kgtools.write import proposition_text, show_propositions

    job = Job(theory)
    theories = job.theories
    if id is None:
        if form is not None:
            raise InputError(f"--format {form} is how to write one proposition; name its ID")
        write(shown(lambda console: show_propositions(theories, console), output), output)
        return 0
    found = [(one, proposition) for one in theories for proposition in one.propositions if proposition.id == id]
    if not found:
        raise InputError(
            f"no proposition `{id}`; there are {', '.join(p.id for one in theories for p in one.propositions)}"
        )
    texts = [proposition_text(proposition, one, job.vocabulary, form or "sparql") for one, proposition in found]
    write("\n".join(texts), output)
    return 0
