"""The commands: each parses, calls and prints, in a few lines."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import click

from kgtools.cli.options import (
    BASE,
    CODERS,
    CROSSWALK,
    EVERY,
    FORMAT,
    OUTPUT,
    PATH,
    THEORY,
    Work,
    bundles_argument,
    data_argument,
    job_of,
    work_options,
)
from kgtools.cli.output import exit_code, many, progress, remark, say, shown, summarize, write
from kgtools.errors import InputError


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


@click.command("import")
@bundles_argument()
@OUTPUT
@click.option("--store", metavar="DIR", type=PATH, help="An Oxigraph store, made if it is not there.")
@click.option("--endpoint", metavar="URL", help="A server that takes SPARQL 1.1 Update.")
@click.option("--view", metavar="CODERS", help="Also the view that proposition queries run on, for these coders.")
@click.option("--replace", is_flag=True, help="In a store: in place of a bundle of the same name.")
@click.option(
    "--draft-crosswalk", "draft", is_flag=True, help="Only write a crosswalk to fill in, with every code of BUNDLE."
)
@work_options()
def import_(
    bundles: tuple[Path, ...],
    output: Path | None,
    store: Path | None,
    endpoint: str | None,
    view: str | None,
    replace: bool,
    draft: bool,
    work: Work,
) -> int:
    """Lift bundles to RDF: a file (its ending says the syntax), a store, a server, or N-Quads on stdout."""
    from kgtools import pipeline

    if draft:
        return _draft(bundles, output, work, [store, endpoint, view, work.job.crosswalk, replace or None])
    if sum(one is not None for one in (output, store, endpoint)) > 1:
        raise InputError("one of --output, --store and --endpoint, not several")
    target = pipeline.target(output, store, endpoint, sys.stdout.buffer)
    with progress(work.quiet) as tell:
        findings = pipeline.import_bundles(
            bundles,
            work.job if view is None else dataclasses.replace(work.job, coders=view),
            target,
            with_view=view is not None,
            replace=replace,
            jobs=work.jobs,
            progress=tell,
        )
    if not work.quiet:
        remark(findings)
    return exit_code(findings, work.fail_on)


def _draft(bundles: tuple[Path, ...], output: Path | None, work: Work, others: list[object]) -> int:
    """Write a crosswalk to fill in; never over one that somebody may have filled in."""
    from kgtools.draft import draft_crosswalk

    if any(one is not None for one in others):
        raise InputError("--draft-crosswalk goes without --store, --endpoint, --view, --replace and --crosswalk")
    if len(bundles) > 1:
        raise InputError("--draft-crosswalk takes one BUNDLE at a time")
    if output is not None and output.is_file():
        raise InputError("is there already, and may have been filled in; name another file for the draft", output)
    draft = draft_crosswalk(bundles[0], work.job.vocabulary, work.job.base)
    write(draft.yaml, output)
    if not work.quiet:
        where = f"Written to {output}: " if output else ""
        ours = f"; {many(draft.ours, 'other')} are in our codebook already" if draft.ours else ""
        say(f"{where}{many(draft.codes, 'code')}, {draft.matched} of them called as a term is{ours}")
    return 0


@click.command()
@data_argument()
@FORMAT
@OUTPUT
@work_options(CODERS, EVERY)
def derive(data: tuple[Path, ...], form: str, output: Path | None, work: Work) -> int:
    """Say which propositions each incident and chain supports, contradicts, or both."""
    from kgtools import pipeline
    from kgtools.write import VERDICT_COLUMNS, as_text, show_verdicts

    with progress(work.quiet) as tell:
        findings, verdicts = pipeline.derive_all(data, work.job, jobs=work.jobs, progress=tell)
    if not work.quiet:
        remark(findings)
    if form == "table":
        write(shown(lambda console: show_verdicts(verdicts, console), output), output)
    else:
        write(as_text(verdicts, VERDICT_COLUMNS, form), output)
    return exit_code(findings, work.fail_on)


@click.command()
@data_argument()
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
def report(data: tuple[Path, ...], output: Path, incidents: int, work: Work) -> int:
    """Tell what the incidents say on one page of HTML, for the screen and for paper."""
    from kgtools import pipeline
    from kgtools.report import write_report
    from kgtools.write import replacing

    with progress(work.quiet) as tell:
        facts, about, summary = pipeline.facts_of(data, work.job, room=incidents, jobs=work.jobs, progress=tell)
    with replacing(output) as file:
        write_report(facts, about, file)
    if not work.quiet:
        remark(summary.found)
        say(f"Written to {output}: {len(facts.shown)} of {many(facts.counts['incidents'], 'incident')} in detail")
    return exit_code(summary.found, work.fail_on)


@click.command()
@click.argument("id", required=False)
@THEORY
@OUTPUT
def propositions(id: str | None, theory: tuple[Path, ...], output: Path | None) -> int:
    """List the propositions; with an ID, show its slots and its SPARQL."""
    from kgtools.pipeline import Job
    from kgtools.write import proposition_text, show_propositions

    theories = Job(theory).theories
    if id is None:
        write(shown(lambda console: show_propositions(theories, console), output), output)
        return 0
    found = [(one, proposition) for one in theories for proposition in one.propositions if proposition.id == id]
    if not found:
        raise InputError(
            f"no proposition `{id}`; there are {', '.join(p.id for one in theories for p in one.propositions)}"
        )
    write("\n".join(proposition_text(proposition, one) for one, proposition in found), output)
    return 0


@click.command()
@data_argument(required=False)
@click.option("--ontology", is_flag=True, help="Ontology and theories alone.")
@THEORY
@CROSSWALK
@BASE
def reason(data: tuple[Path, ...], ontology: bool, theory: tuple[Path, ...], crosswalk: Path | None, base: str) -> int:
    """Ask HermiT whether ontology, theories and data can all be true together (needs Java)."""
    from kgtools import pipeline

    if bool(data) == ontology:
        raise InputError("name some DATA, or say --ontology")
    findings, answer = pipeline.reason_over(data, job_of(theory, "any", False, crosswalk, base))
    remark(findings)
    for datatype, count in answer.left_out:
        say(f"{count} literals of {datatype} were left out: OWL 2 has no such datatype")
    write(f"{'consistent' if answer.consistent else 'inconsistent'} ({answer.triples} triples)\n", None)
    for one in answer.unsatisfiable:
        write(f"{one} can have no instance\n", None)
    return int(not answer.consistent or bool(answer.unsatisfiable))
