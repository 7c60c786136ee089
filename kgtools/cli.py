"""The command line: parses, calls, prints. Nothing else in the package prints or exits.

Exit codes: 0 done, and nothing found at or above `--fail-on`; 1 done, and findings; 2 the call or the input is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgtools import __version__
from kgtools.errors import InputError, KgError

if TYPE_CHECKING:
    from kgtools.model import Finding
    from kgtools.pipeline import Job, Summary

PATH = click.Path(path_type=Path)  # what is there and what is not is said by who opens it, in one form


def _bundles(required: bool = True) -> Callable[[Any], Any]:
    return click.argument("bundles", metavar="BUNDLE...", nargs=-1, required=required, type=PATH)


def _data(required: bool = True) -> Callable[[Any], Any]:
    return click.argument("data", metavar="DATA...", nargs=-1, required=required, type=PATH)


_THEORY = click.option(
    "--theory",
    metavar="FILE",
    multiple=True,
    type=PATH,
    help="A theory in Turtle, beside those that come along; may be repeated.",
)
_CROSSWALK = click.option(
    "--crosswalk",
    metavar="FILE",
    type=PATH,
    help="How their codes and columns map to ours; default: the bundle's crosswalk.yaml.",
)
_BASE = click.option(
    "--base", metavar="IRI", default="urn:evco:data:", show_default=True, help="What the IRIs of data start with."
)
_CODERS = click.option(
    "--coders", metavar="CODERS", default="any", show_default=True, help="any, majority, all, or one coder's name."
)
_EVERY = click.option("--all", "every", is_flag=True, help="Also verdicts that are silent or not applicable.")
_FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "info", "never"]),
    default="violation",
    show_default=True,
    help="The least severity that ends in exit code 1.",
)
_QUIET = click.option("--quiet", "-q", is_flag=True, help="No remarks on stderr.")
_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to write the result.",
)
_OUTPUT = click.option("--output", "-o", metavar="FILE", type=PATH, help="Where to; default: stdout.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, asked: _version(ctx, asked),
    help="Versions of kgtools and its engines.",
)
def app() -> None:
    """From coded critical incidents to the propositions that they support.

    DATA is a bundle (a folder of tables, or one table), an RDF file, a store folder, or - for RDF on stdin.
    """


@app.command()
@_bundles()
@click.option("--output", "-o", metavar="OUT", type=PATH, required=True, help="The folder for the results.")
@_THEORY
@_CODERS
@_EVERY
@_CROSSWALK
@_BASE
@_FAIL_ON
@_QUIET
def run(
    bundles: tuple[Path, ...],
    output: Path,
    theory: tuple[Path, ...],
    coders: str,
    every: bool,
    crosswalk: Path | None,
    base: str,
    fail_on: str,
    quiet: bool,
) -> int:
    """The main job: read, lift, validate and derive; graph, findings and verdicts go to OUT."""
    from kgtools import pipeline

    job = _job(theory, coders, every, crosswalk, base)
    summary = pipeline.run(bundles, output, job)
    if not quiet:
        _summarize(summary, job, output)
    return _exit(summary.all_findings, fail_on)


@app.command("import")
@_bundles()
@_OUTPUT
@click.option("--store", metavar="DIR", type=PATH, help="An Oxigraph store, made if it is not there.")
@click.option("--endpoint", metavar="URL", help="A server that takes SPARQL 1.1 Update.")
@click.option(
    "--view", "coders", metavar="CODERS", help="Also the view that proposition queries run on, for these coders."
)
@click.option("--replace", is_flag=True, help="In a store: in place of a bundle of the same name.")
@_THEORY
@_CROSSWALK
@_BASE
@_FAIL_ON
@_QUIET
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
    quiet: bool,
) -> int:
    """Lift bundles to RDF: a file (its ending says the syntax), a store, a server, or N-Quads on stdout."""
    from kgtools import pipeline

    if sum(one is not None for one in (output, store, endpoint)) > 1:
        raise InputError("one of --output, --store and --endpoint, not several")
    job = _job(theory, coders or "any", False, crosswalk, base)
    target = pipeline.target(output, store, endpoint, sys.stdout.buffer)
    findings = pipeline.import_bundles(bundles, job, target, with_view=coders is not None, replace=replace)
    if not quiet:
        _remark(findings)
    return _exit(findings, fail_on)


@app.command()
@_data()
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
@_FAIL_ON
@_FORMAT
@_OUTPUT
@_THEORY
@_CROSSWALK
@_BASE
@_QUIET
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
    quiet: bool,
) -> int:
    """Say what is wrong or remarkable in the data, and where."""
    from kgtools import pipeline
    from kgtools.write import FINDING_COLUMNS, as_text, show_findings

    job = _job(theory, "any", False, crosswalk, base)
    findings = pipeline.validate_all(data, job, shapes or None, engine)
    if form == "table":
        _write(_shown(lambda console: show_findings(findings, console), output), output)
        if not quiet:
            _say(_counted(findings))
    else:
        _write(as_text(findings, FINDING_COLUMNS, form), output)
    return _exit(findings, fail_on)


@app.command()
@_data()
@_THEORY
@_CODERS
@_EVERY
@_FAIL_ON
@_FORMAT
@_OUTPUT
@_CROSSWALK
@_BASE
@_QUIET
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
    quiet: bool,
) -> int:
    """Say which propositions each incident and chain supports, contradicts, or both."""
    from kgtools import pipeline
    from kgtools.write import VERDICT_COLUMNS, as_text, show_verdicts

    job = _job(theory, coders, every, crosswalk, base)
    findings, verdicts = pipeline.derive_all(data, job)
    if not quiet:
        _remark(findings)
    if form == "table":
        _write(_shown(lambda console: show_verdicts(verdicts, console), output), output)
    else:
        _write(as_text(verdicts, VERDICT_COLUMNS, form), output)
    return _exit(findings, fail_on)


@app.command()
@click.argument("id", required=False)
@_THEORY
@_OUTPUT
def propositions(id: str | None, theory: tuple[Path, ...], output: Path | None) -> int:
    """List the propositions; with an ID, show its slots and its SPARQL."""
    from kgtools.pipeline import Job
    from kgtools.write import proposition_text, show_propositions

    theories = Job(theory).theories
    if id is None:
        _write(_shown(lambda console: show_propositions(theories, console), output), output)
        return 0
    found = [(one, proposition) for one in theories for proposition in one.propositions if proposition.id == id]
    if not found:
        raise InputError(
            f"no proposition `{id}`; there are {', '.join(p.id for one in theories for p in one.propositions)}"
        )
    _write("\n".join(proposition_text(proposition, one) for one, proposition in found), output)
    return 0


@app.command()
@_data(required=False)
@click.option("--ontology", is_flag=True, help="Ontology and theories alone.")
@_THEORY
@_CROSSWALK
@_BASE
def reason(data: tuple[Path, ...], ontology: bool, theory: tuple[Path, ...], crosswalk: Path | None, base: str) -> int:
    """Ask HermiT whether ontology, theories and data can all be true together (needs Java)."""
    from kgtools import pipeline

    if bool(data) == ontology:
        raise InputError("name some DATA, or say --ontology")
    findings, answer = pipeline.reason_over(data, _job(theory, "any", False, crosswalk, base))
    _remark(findings)
    for datatype, count in answer.left_out:
        _say(f"{count} literals of {datatype} were left out: OWL 2 has no such datatype")
    _write(f"{'consistent' if answer.consistent else 'inconsistent'} ({answer.triples} triples)\n", None)
    for one in answer.unsatisfiable:
        _write(f"{one} can have no instance\n", None)
    return int(not answer.consistent or bool(answer.unsatisfiable))


# What the commands share


def _job(theory: Sequence[Path], coders: str, every: bool, crosswalk: Path | None, base: str) -> Job:
    from kgtools.pipeline import Job

    return Job(tuple(theory), coders, every, crosswalk, base)


def _exit(findings: Iterable[Finding], fail_on: str) -> int:
    """1 if something was found at or above a severity."""
    from kgtools.model import SEVERITIES

    bad = [] if fail_on == "never" else SEVERITIES[: [str(one) for one in SEVERITIES].index(fail_on) + 1]
    return int(any(finding.severity in bad for finding in findings))


def _say(line: str) -> None:
    """A remark, to stderr."""
    sys.stderr.write(f"{line}\n")


def _write(text: str, output: Path | None) -> None:
    """A result, to a file or stdout."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        from kgtools.write import replacing

        with replacing(output) as file:
            file.write(text.encode())


def _shown(show: Any, output: Path | None) -> str:
    """What a table for people looks like: with color on a terminal, as wide as it is."""
    from io import StringIO

    from rich.console import Console

    terminal = output is None and sys.stdout.isatty()
    text = StringIO()
    console = Console(
        file=text,
        force_terminal=terminal,
        no_color=not terminal,
        width=None if terminal else 120,
        highlight=False,
        emoji=False,
    )
    if terminal:
        console.width = Console().width
    show(console)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n" if not terminal else text.getvalue()


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _counted(findings: Sequence[Finding]) -> str:
    from kgtools.model import SEVERITIES

    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in SEVERITIES}
    return ", ".join(
        f"{count} {severity}{'s' if count != 1 and severity != 'info' else ''}" for severity, count in counts.items()
    )


def _remark(findings: Sequence[Finding]) -> None:
    """What was found, on stderr: the violations and warnings, a few of each, and how many there are; else nothing."""
    if not findings:
        return
    from rich.console import Console

    from kgtools.write import show_findings

    console = Console(stderr=True, highlight=False, emoji=False)
    show_findings([finding for finding in findings if finding.severity != "info"], console, most=3)
    _say(_counted(findings))


def _summarize(summary: Summary, job: Job, out: Path) -> None:
    """What a run did: to stdout the verdicts, to stderr the rest."""
    from kgtools.write import show_tally

    labels = {proposition.id: proposition.label for theory in job.theories for proposition in theory.propositions}
    for bundle in summary.bundles:
        _say(
            f"{bundle['name']}: {bundle['rows_taken']} of {bundle['rows_read']} rows taken in, "
            f"{_many(bundle['incidents'], 'incident')}, coded by {', '.join(bundle['coders']) or 'nobody named'}"
        )
    _remark(summary.all_findings)
    _write(_shown(lambda console: show_tally(summary.verdicts, labels, console), None), None)
    counts = summary.as_json()
    _say(
        f"{_many(len(summary.verdicts), 'verdict')} (coders: {summary.coders}); "
        f"{counts['verdicts_on_inference_alone']} rest on a crosswalk's inference alone"
    )
    if counts["verdicts_on_own_corpus"]:
        _say(
            f"{counts['verdicts_on_own_corpus']} are from the corpus that the theory was induced from: "
            "they illustrate, they do not test"
        )
    _say("A share of supporting incidents is not a probability: critical incidents sample extremes.")
    _say(f"Written to {out}: graph.nq, report.ttl, findings.csv, verdicts.ttl, verdicts.csv, summary.json")


def _version(context: click.Context, asked: bool) -> None:
    """kgtools and the engines that results depend on."""
    from importlib.metadata import version

    if asked:
        engines = ("rdflib", "pyoxigraph", "pyshacl", "shacl-rust", "owlready2", "SPARQLWrapper", "duckdb")
        _write(
            "".join(
                f"{name} {number}\n"
                for name, number in [("kgtools", __version__), *((name, version(name)) for name in engines)]
            ),
            None,
        )
        context.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line. Returns the exit code; an error is one line on stderr."""
    try:
        code = app.main(
            args=list(arguments) if arguments is not None else None, prog_name="kgtools", standalone_mode=False
        )
    except click.exceptions.NoArgsIsHelpError as error:
        _say(error.format_message())
        return 2
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "kgtools"
        _say(f"{where}: {error.format_message()} (see {where} --help)")
        return 2
    except KgError as error:
        _say(f"kgtools: {error}")
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        _say(f"kgtools: cannot write ({error.strerror or error})")
        return 2
    except (KeyboardInterrupt, click.Abort):
        _say("kgtools: stopped")
        return 130
    return int(code or 0)


def entry() -> None:
    """The program `kgtools`."""
    sys.exit(main())
