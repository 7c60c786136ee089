"""The command `validate`: parses, calls and prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.cli.options import OUTPUT, PATH, Work, data_argument, server_options, work_options
from kgtools.cli.output import by_severity, counted, exit_code, progress, say, shown, write, written
from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint
    from kgtools.validate.formats import Checked


@click.command()
@data_argument(required=False)
@server_options()
@click.option("--shapes", metavar="FILE", multiple=True, type=PATH, help="Shapes instead of ours; may be repeated.")
@click.option("--ours", is_flag=True, help="Our shapes as well as those of --shapes.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "pyshacl", "shacl-rust"]),
    default="auto",
    show_default=True,
    help="What runs the shapes; auto: whatever gets them right, and is quick.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "table", "csv", "json", "turtle", "json-ld", "junit", "sarif"]),
    default="human",
    show_default=True,
    help="How to write the findings: in groups for people, all in one table, or for programs.",
)
@click.option(
    "--group-by",
    type=click.Choice(["shape", "severity", "file", "incident", "none"]),
    default="shape",
    show_default=True,
    help="What the findings of a group have in common, for people.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=0),
    help="How many findings of a group people see, 0 for all; default: 5, and all where there are no groups.",
)
@OUTPUT
@work_options()
def validate(
    data: tuple[Path, ...],
    server: Endpoint | None,
    shapes: tuple[Path, ...],
    ours: bool,
    engine: str,
    form: str,
    group_by: str,
    limit: int | None,
    output: Path | None,
    work: Work,
) -> int:
    """Say what is wrong or remarkable in the data, and where."""
    from kgtools import pipeline
    from kgtools.validate.formats import human, write_findings

    if bool(data) == (server is not None):
        raise InputError("name either DATA or --endpoint" if data else "name some DATA, or a server with --endpoint")
    shapes = tuple(dict.fromkeys(shapes))
    ours = ours or not shapes
    with progress(work.quiet) as tell:
        findings = pipeline.validate_all(
            data, work.job, shapes, engine, ours=ours, endpoint=server, jobs=work.jobs, progress=tell
        )
    checked = _checked(data, shapes, ours, work.fail_on)
    if form == "human":
        write(shown(lambda console: human.show(findings, console, checked, group_by, limit), output), output)
    else:
        with written(output) as file:
            write_findings(findings, form, file, checked)
    if not work.quiet and form in ("human", "table"):
        say(counted(by_severity(findings)))
    return exit_code(findings, work.fail_on)


def _checked(data: tuple[Path, ...], shapes: tuple[Path, ...], ours: bool, fail_on: str) -> Checked:
    """What the findings are about, for those formats that say so."""
    from kgtools.validate import Shapes
    from kgtools.validate.formats import Checked
    from kgtools.validate.rules import rules_of
    from kgtools.vocabulary import folder

    graphs = [*([Shapes.of_data()] if ours else []), *([Shapes.read(shapes)] if shapes else [])]
    rules = [rule for graph in graphs for rule in rules_of(graph.triples).targeted()]
    others = rules_of(Shapes.read([folder("shapes") / name for name in ("theory.ttl", "vocabulary.ttl")]).triples)
    return Checked(data, shapes, rules, fail_on, others.targeted())
