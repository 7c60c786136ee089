"""The command `docs`: the ontology as web pages."""

from __future__ import annotations

from pathlib import Path

import click

from kgtools.cli.options import PATH, QUIET, THEORY
from kgtools.cli.output import many, say


@click.command()
@click.option("--output", "-o", metavar="DIR", type=PATH, required=True, help="The folder; it is made where needed.")
@THEORY
@QUIET
def docs(output: Path, theory: tuple[Path, ...], quiet: bool) -> int:
    """Write the ontology as web pages that need no network: open DIR/index.html.

    All terms with pictures of the modules, the propositions with their slots and queries, the mappings to other
    ontologies. The files that they are made from lie beside the page.
    """
    from kgtools.docs import write_site
    from kgtools.pipeline import Job

    job = Job(theory)
    page, *beside = write_site(output, job.vocabulary, job.theories)
    if not quiet:
        say(f"Written to {page}, with {many(len(beside), 'file')} beside it")
    return 0
