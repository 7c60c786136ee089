"""The command line: parses, calls, prints. Nothing else in the package prints or exits.

`options` holds what several commands ask for, `output` how results and remarks are written; the others are commands.
Exit codes: 0 done, and nothing found at or above `--fail-on`; 1 done, and findings; 2 the call or the input is wrong;
130 stopped by Ctrl-C. Who reads a result through a pipe and has read enough (`| head`) makes no error: that is 0.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from kgtools import __version__
from kgtools.cli import commands
from kgtools.cli.agreement import agreement
from kgtools.cli.align import align
from kgtools.cli.carry import import_
from kgtools.cli.codebook import codebook
from kgtools.cli.derive import derive
from kgtools.cli.diff import diff
from kgtools.cli.docs import docs
from kgtools.cli.explain import explain
from kgtools.cli.output import say, write
from kgtools.cli.query import query
from kgtools.cli.reason import reason
from kgtools.cli.validate import validate
from kgtools.errors import KgError


class _EnoughError(Exception):
    """Who reads a result through a pipe has read enough."""


@contextmanager
def _until_enough() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _EnoughError from error


class _App(click.Group):
    """The commands. A pipe that is closed is no error here; click ends with exit code 1 by it."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _until_enough():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _until_enough():
            return super().invoke(ctx)


@click.group(cls=_App, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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


for _command in (
    commands.run,
    import_,
    validate,
    derive,
    explain,
    query,
    agreement,
    commands.report,
    commands.propositions,
    codebook,
    docs,
    reason,
    align,
    diff,
):
    app.add_command(_command)


def _version(context: click.Context, asked: bool) -> None:
    """kgtools and the engines that results depend on."""
    from importlib.metadata import version

    if asked:
        engines = (
            "rdflib",
            "pyoxigraph",
            "pyshacl",
            "shacl-rust",
            "owlready2",
            "SPARQLWrapper",
            "duckdb",
            "python-calamine",
        )
        write(
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
        say(error.format_message())
        return 2
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "kgtools"
        say(f"{where}: {error.format_message()} (see {where} --help)")
        return 2
    except KgError as error:
        from kgtools.write import one_line

        say(f"kgtools: {one_line(str(error))}")
        return 2
    except _EnoughError:
        for stream in (sys.stdout, sys.stderr):  # what they still hold would be written when Python ends
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return 0
    except OSError as error:
        from kgtools.write import unwritten

        say(f"kgtools: the result {unwritten(error)}")
        return 2
    except (KeyboardInterrupt, click.Abort):
        say("kgtools: stopped")
        return _STOPPED
    except RuntimeError as error:
        if "interrupted" not in str(error).lower():  # what DuckDB makes of Ctrl-C
            raise
        say("kgtools: stopped")
        return _STOPPED
    except Exception as error:
        if not isinstance(error, MemoryError) and type(error).__name__ != "OutOfMemoryException":  # DuckDB's
            raise
        say("kgtools: there is not enough memory for this; take less data at a time, or a machine with more")
        return 2
    return int(code or 0)


def entry() -> None:
    """The program `kgtools`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who called
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
    code = main()
    if code == _STOPPED:
        os._exit(code)  # an engine may still be at work in a thread
    sys.exit(code)


_STOPPED = 130
"""The exit code after Ctrl-C."""
