"""The command `codebook`: the terms as a codebook that coding programs open."""

from __future__ import annotations

from pathlib import Path

import click

from kgtools.cli.options import OUTPUT, THEORY
from kgtools.cli.output import written


@click.command()
@OUTPUT
@THEORY
def codebook(output: Path | None, theory: tuple[Path, ...]) -> int:
    """Write the terms as a REFI-QDA codebook (FILE.qdc), for MAXQDA, NVivo, ATLAS.ti and others to code with."""
    from kgtools.codebook import as_qdc
    from kgtools.pipeline import Job

    job = Job(theory)
    xml = as_qdc(job.vocabulary, job.theories)
    with written(output) as file:
        file.write(xml)
    return 0
