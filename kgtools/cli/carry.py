"""The command `import`: parses, calls and prints."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.cli.options import OUTPUT, PATH, Work, bundles_argument, server_options, work_options
from kgtools.cli.output import exit_code, many, progress, remark, say, write
from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.endpoint import Endpoint


@click.command("import")
@bundles_argument()
@OUTPUT
@click.option("--store", metavar="DIR", type=PATH, help="An Oxigraph store, made if it is not there.")
@server_options(importing=True)
@click.option("--view", metavar="CODERS", help="Also the view that proposition queries run on, for these coders.")
@click.option("--replace", is_flag=True, help="In place of a bundle of the same name, in a store or on a server.")
@click.option(
    "--draft-crosswalk", "draft", is_flag=True, help="Only write a crosswalk to fill in, with every code of BUNDLE."
)
@work_options()
def import_(
    bundles: tuple[Path, ...],
    output: Path | None,
    store: Path | None,
    server: Endpoint | None,
    graph: str | None,
    view: str | None,
    replace: bool,
    draft: bool,
    work: Work,
) -> int:
    """Lift bundles to RDF: a file (its ending says the syntax), a store, a server, or N-Quads on stdout."""
    from kgtools import pipeline

    if draft:
        return _draft(bundles, output, work, [store, server, view, work.job.crosswalk, replace or None])
    if sum(one is not None for one in (output, store, server)) > 1:
        raise InputError("one of --output, --store and --endpoint, not several")
    target = pipeline.target(output, store, server, sys.stdout.buffer)
    remarks: list[str] = []  # said when the bar is gone
    with progress(work.quiet) as tell:
        findings = pipeline.import_bundles(
            bundles,
            work.job if view is None else dataclasses.replace(work.job, coders=view),
            target,
            with_view=view is not None,
            replace=replace,
            graph=graph,
            jobs=work.jobs,
            progress=tell,
            remark=None if work.quiet else remarks.append,
        )
    for one in remarks:
        say(one)
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
