"""The commands: each parses, calls and prints, in a few lines."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kgtools.cli.options import (
    BASE,
    CODERS,
    CROSSWALK,
    EVERY,
    FAIL_ON,
    FORMAT,
    JOBS,
    OUTPUT,
    PATH,
    QUIET,
    THEORY,
    bundles_argument,
    data_argument,
    job_of,
)
from kgtools.cli.output import by_severity, counted, exit_code, many, progress, remark, say, shown, summarize, write
from kgtools.errors import InputError


@click.command()
@bundles_argument()
@click.option("--output", "-o", metavar="OUT", type=PATH, required=True, help="The folder for the results.")
@THEORY
@CODERS
@EVERY
@CROSSWALK
@BASE
@FAIL_ON
@JOBS
@QUIET
def run(
    bundles: tuple[Path, ...],
    output: Path,
    theory: tuple[Path, ...],
    coders: str,
    every: bool,
    crosswalk: Path | None,
    base: str,
    fail_on: str,
    jobs: int | None,
    quiet: bool,
) -> int:
    """The main job: read, lift, validate and derive; graph, findings and verdicts go to OUT."""
    from kgtools import pipeline

    job = job_of(theory, coders, every, crosswalk, base)
    with progress(quiet) as tell:
        summary = pipeline.run(bundles, output, job, jobs=jobs or pipeline.cores(), progress=tell)
    if not quiet:
        summarize(summary, job, output)
    return exit_code(summary.found, fail_on)


@click.command("import")
@bundles_argument()
@OUTPUT
@click.option("--store", metavar="DIR", type=PATH, help="An Oxigraph store, made if it is not there.")
@click.option("--endpoint", metavar="URL", help="A server that takes SPARQL 1.1 Update.")
@click.option(
    "--view", "coders", metavar="CODERS", help="Also the view that proposition queries run on, for these coders."
)
@click.option("--replace", is_flag=True, help="In a store: in place of a bundle of the same name.")
@THEORY
@CROSSWALK
@BASE
@FAIL_ON
@JOBS
@QUIET
def import_(
    bundles: tuple[Path, ...],
    output: Path | None,
    store: Path | None,
    endpoint: str | None,
    coders: str | None,
    replace: bool,
    theory: tuple[Path, ...],
    crosswalk: Path | None,
    base: str,
    fail_on: str,
    jobs: int | None,
    quiet: bool,
) -> int:
    """Lift bundles to RDF: a file (its ending says the syntax), a store, a server, or N-Quads on stdout."""
    from kgtools import pipeline

    if sum(one is not None for one in (output, store, endpoint)) > 1:
        raise InputError("one of --output, --store and --endpoint, not several")
    job = job_of(theory, coders or "any", False, crosswalk, base)
    target = pipeline.target(output, store, endpoint, sys.stdout.buffer)
    with progress(quiet) as tell:
        findings = pipeline.import_bundles(
            bundles,
            job,
            target,
            with_view=coders is not None,
            replace=replace,
            jobs=jobs or pipeline.cores(),
            progress=tell,
        )
    if not quiet:
        remark(findings)
    return exit_code(findings, fail_on)


@click.command()
@data_argument()
@click.option(
    "--shapes", metavar="FILE", multiple=True, type=PATH, help="Shapes in Turtle instead of ours; may be repeated."
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "pyshacl", "shacl-rust"]),
    default="auto",
    show_default=True,
    help="What runs the shapes; auto chooses by size.",
)
@FAIL_ON
@FORMAT
@OUTPUT
@THEORY
@CROSSWALK
@BASE
@JOBS
@QUIET
def validate(
    data: tuple[Path, ...],
    shapes: tuple[Path, ...],
    engine: str,
    fail_on: str,
    form: str,
    output: Path | None,
    theory: tuple[Path, ...],
    crosswalk: Path | None,
    base: str,
    jobs: int | None,
    quiet: bool,
) -> int:
    """Say what is wrong or remarkable in the data, and where."""
    from kgtools import pipeline
    from kgtools.write import FINDING_COLUMNS, as_text, show_findings

    job = job_of(theory, "any", False, crosswalk, base)
    with progress(quiet) as tell:
        findings = pipeline.validate_all(data, job, shapes, engine, jobs=jobs or pipeline.cores(), progress=tell)
    if form == "table":
        write(shown(lambda console: show_findings(findings, console), output), output)
        if not quiet:
            say(counted(by_severity(findings)))
    else:
        write(as_text([*findings], FINDING_COLUMNS, form), output)
    return exit_code(findings, fail_on)


@click.command()
@data_argument()
@THEORY
@CODERS
@EVERY
@FAIL_ON
@FORMAT
@OUTPUT
@CROSSWALK
@BASE
@JOBS
@QUIET
def derive(
    data: tuple[Path, ...],
    theory: tuple[Path, ...],
    coders: str,
    every: bool,
    fail_on: str,
    form: str,
    output: Path | None,
    crosswalk: Path | None,
    base: str,
    jobs: int | None,
    quiet: bool,
) -> int:
    """Say which propositions each incident and chain supports, contradicts, or both."""
    from kgtools import pipeline
    from kgtools.write import VERDICT_COLUMNS, as_text, show_verdicts

    job = job_of(theory, coders, every, crosswalk, base)
    with progress(quiet) as tell:
        findings, verdicts = pipeline.derive_all(data, job, jobs=jobs or pipeline.cores(), progress=tell)
    if not quiet:
        remark(findings)
    if form == "table":
        write(shown(lambda console: show_verdicts(verdicts, console), output), output)
    else:
        write(as_text(verdicts, VERDICT_COLUMNS, form), output)
    return exit_code(findings, fail_on)


@click.command()
@data_argument()
@click.option("--output", "-o", metavar="FILE", type=PATH, required=True, help="The page, FILE.html.")
@THEORY
@CODERS
@CROSSWALK
@BASE
@FAIL_ON
@click.option(
    "--incidents",
    metavar="N",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="How many incidents are told in detail.",
)
@JOBS
@QUIET
def report(
    data: tuple[Path, ...],
    output: Path,
    theory: tuple[Path, ...],
    coders: str,
    crosswalk: Path | None,
    base: str,
    fail_on: str,
    incidents: int,
    jobs: int | None,
    quiet: bool,
) -> int:
    """Tell what the incidents say on one page of HTML, for the screen and for paper."""
    from kgtools import pipeline
    from kgtools.report import write_report
    from kgtools.write import replacing

    job = job_of(theory, coders, False, crosswalk, base)
    with progress(quiet) as tell:
        facts, about, summary = pipeline.facts_of(
            data, job, room=incidents, jobs=jobs or pipeline.cores(), progress=tell
        )
    with replacing(output) as file:
        write_report(facts, about, file)
    if not quiet:
        remark(summary.found)
        say(f"Written to {output}: {len(facts.shown)} of {many(facts.counts['incidents'], 'incident')} in detail")
    return exit_code(summary.found, fail_on)


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
