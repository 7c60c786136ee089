"""The commands of `align`: each parses, calls and prints, in a few lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgtools.cli.options import FAIL_ON, FORMAT, OUTPUT, PATH, QUIET, THEORY, keep
from kgtools.cli.output import by_severity, counted, exit_code, many, say, shown, write, written
from kgtools.errors import EngineError, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from kgtools.align import Alignment
    from kgtools.align.shown import Elsewhere


@click.group()
def align() -> None:
    """What terms are called in other ontologies: tables of mappings (SSSOM), checked, and made into bridges."""


@align.command("list")
@FORMAT
@OUTPUT
def list_(form: str, output: Path | None) -> int:
    """List the alignments that come along."""
    from kgtools.align import alignments
    from kgtools.align.shown import LIST_COLUMNS, listed

    records = listed(alignments())
    if form == "table":
        write(shown(lambda console: _show_list(records, console), output), output)
    else:
        write(_text(records, LIST_COLUMNS, form), output)
    return 0


@align.command()
@click.argument("what", metavar="ID|FILE|TERM")
@FORMAT
@OUTPUT
def show(what: str, form: str, output: Path | None) -> int:
    """Show the mappings of an alignment, or all those of a term, such as evco:Customer or cover:GainEvent."""
    from kgtools.align import alignments, named, refused
    from kgtools.align.shown import MAPPING_COLUMNS, elsewhere, mappings

    if what == "refused":
        table = refused()
    elif Path(what).is_file() or what in {one.id for one in alignments()}:
        table = named(what)
    else:
        term = elsewhere(what)
        if form == "table":
            write(shown(lambda console: _show_term(term, console), output), output)
        else:
            write(_text(term.mappings, MAPPING_COLUMNS, form), output)
        return 0
    if form == "table":
        write(shown(lambda console: _show_table(table, console), output), output)
    else:
        write(_text(mappings(table), MAPPING_COLUMNS, form), output)
    return 0


@align.command()
@click.argument("tables", metavar="[ID|FILE]...", nargs=-1)
@click.option(
    "--target",
    "targets",
    metavar="FILE",
    multiple=True,
    type=PATH,
    help="An ontology that is mapped to, or that this imports, in RDF; may be repeated.",
)
@click.option("--no-reason", is_flag=True, help="Leave out the reasoner, which needs Java.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "table", "csv", "json"]),
    default="human",
    show_default=True,
    help="How to write the findings: in groups for people, all in one table, or for programs.",
)
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=0), help="How many findings of a group people see, 0 for all."
)
@OUTPUT
@THEORY
@FAIL_ON
@QUIET
def check(
    tables: tuple[str, ...],
    targets: tuple[Path, ...],
    no_reason: bool,
    form: str,
    limit: int | None,
    output: Path | None,
    theory: tuple[Path, ...],
    fail_on: str,
    quiet: bool,
) -> int:
    """Say what is wrong with tables of mappings: all that come along, or those named.

    With --target each term is looked up in the target, and the two ontologies are merged and reasoned over.
    """
    from kgtools.align import alignments, named
    from kgtools.align.check import check, check_each
    from kgtools.align.rows import NAMES
    from kgtools.validate.formats import Checked, human, write_findings
    from kgtools.validate.rules import Rule

    keep(output, (*targets, *theory, *(Path(one) for one in tables)))
    if targets and not tables:
        raise InputError("name the alignments that --target is for")
    found = [named(one) for one in dict.fromkeys(tables)]
    try:
        if found:
            findings = check(found, targets, theories=theory, reasoned=not no_reason)
        else:
            findings = check_each(alignments(), theories=theory, reasoned=not no_reason)
    except EngineError as error:
        raise EngineError(f"{error}; --no-reason checks all that needs no reasoner") from error
    checked = Checked(targets, (), [Rule(shape, name) for shape, name in NAMES.items()], fail_on)
    if form == "human":
        write(shown(lambda console: human.show(findings, console, checked, limit=limit), output), output)
    else:
        with written(output) as file:
            write_findings(findings, form, file, checked)
    if not quiet and form in ("human", "table"):
        say(counted(by_severity(findings)))
    return exit_code(findings, fail_on)


@align.command()
@click.argument("tables", metavar="ID|FILE...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["sssom", "owl", "skos"]),
    default="sssom",
    show_default=True,
    help="The table; or a bridge in Turtle: its axioms (owl), or all of it as annotations (skos).",
)
@OUTPUT
@THEORY
def export(tables: tuple[str, ...], form: str, output: Path | None, theory: tuple[Path, ...]) -> int:
    """Write alignments as one table of mappings, or as an ontology module."""
    from kgtools.align import bridge, joined, named, one_upper, write_sssom
    from kgtools.align.table import LOGICAL

    keep(output, (*theory, *(Path(one) for one in tables)))
    found = [named(one) for one in dict.fromkeys(tables)]
    one_upper(found)
    table = joined(found)
    if form == "sssom":
        with written(output) as file:
            write_sssom(table, file)
        return 0
    if form == "owl" and not any(row.predicate in LOGICAL for row in table.correspondences):
        say(f"no row of {', '.join(tables)} is an axiom, so the module has none; --format skos has all of them")
    write(bridge(table, "owl" if form == "owl" else "skos", theory), output)
    return 0


def _text(records: Sequence[dict[str, Any]], columns: Sequence[str], form: str) -> str:
    """Records as csv or JSON."""
    from kgtools.write import no_formula

    if form == "json":
        return json.dumps(list(records), indent=1, ensure_ascii=False) + "\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([no_formula(_cell(record[name])) for name in columns])
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ";".join(f"{key}={count}" for key, count in value.items())
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else str(value)


def _show_list(records: Sequence[dict[str, Any]], console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "target", "upper", "mappings"):
        table.add_column(name, no_wrap=name in ("id", "upper"))
    for one in records:
        counts = ", ".join(f"{count} {name.partition(':')[2]}" for name, count in one["predicates"].items())
        table.add_row(*map(Text, (one["id"], one["title"], one["upper"], f"{one['rows']}: {counts}")))
    console.print(table)


def _show_table(table: Alignment, console: Console) -> None:
    """A table of mappings, a term of ours after the other."""
    from kgtools.align.shown import mappings

    _line(console, (table.title, "bold"), f" <{table.iri}>, {many(len(table.correspondences), 'mapping')}")
    if description := table.metadata.get("mapping_set_description"):
        _line(console, str(description))
    if table.upper:
        _line(console, f"Upper ontology: {table.upper}")
    subject = None
    for record in mappings(table):
        if record["subject"] != subject or not subject:
            subject = record["subject"]
            _line(console, "")
            _line(console, (subject or "no term of ours", "bold"), _labeled(record["subject_label"]))
        _show_mapping(record, console, record["object"], record["object_label"])


def _show_term(term: Elsewhere, console: Console) -> None:
    _line(console, (term.curie, "bold"), _labeled(term.label), "" if term.mappings else ": no table maps it")
    table = ""
    for record in term.mappings:
        if record["alignment"] != table:
            table = record["alignment"]
            _line(console, "")
            _line(console, table)
        if record["object"] == term.curie:
            subject = f"{record['subject'] or 'no term of ours'}{_labeled(record['subject_label'])} "
            _show_mapping(record, console, term.curie, "", subject=subject)
        else:
            _show_mapping(record, console, record["object"], record["object_label"])


def _show_mapping(record: dict[str, Any], console: Console, other: str, label: str, *, subject: str = "") -> None:
    sure = "" if record["confidence"] is None else f", {record['confidence']:g}"
    _line(console, f"  {subject}", (record["predicate"], "cyan"), f" {other}{_labeled(label)}{sure}")
    if record["comment"]:
        _line(console, ("    " + record["comment"], "dim"))


def _labeled(label: str) -> str:
    return f" ({label})" if label else ""


def _line(console: Console, *parts: str | tuple[str, str]) -> None:
    """A line in which no control character commands the terminal."""
    from rich.text import Text

    said = [(part, "") if isinstance(part, str) else part for part in parts]
    clean = [("".join(one if one.isprintable() else " " for one in text), style) for text, style in said]
    console.print(Text.assemble(*clean), soft_wrap=True)
