"""The command `diff`: parses, calls and prints."""

from __future__ import annotations

from pathlib import Path

import click

from kgtools.cli.options import OUTPUT, PATH
from kgtools.cli.output import shown, write
from kgtools.errors import InputError


@click.command()
@click.argument("old", required=False, type=PATH)
@click.argument("new", required=False, type=PATH)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "markdown"]),
    default="table",
    show_default=True,
    help="How to write the result.",
)
@OUTPUT
def diff(old: Path | None, new: Path | None, form: str, output: Path | None) -> int:
    """Say term by term what changed in the ontology, and what it means for those who use it.

    OLD and NEW are an ontology's folder or one file; without them: the last release, and the ontology that comes with
    kgtools. Exit code 1: a term went that had not been deprecated, with a replacement.
    """
    from kgtools.changes import as_text, changes, current_files, releases, show, state

    if old is None and not releases():
        raise InputError("nothing was released yet; name the OLD state")
    before = [releases()[-1]] if old is None else state(old)
    found = changes(before, current_files() if new is None else state(new))
    text = shown(lambda console: show(found, console), output) if form == "table" else as_text(found, form)
    write(text, output)
    return int(any(one.breaks for one in found))
