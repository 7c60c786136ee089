"""The command `query`: parses, calls and prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.answers.forms import FORMS
from kgtools.cli.options import BASE, CODERS, CROSSWALK, JOBS, OUTPUT, QUIET, THEORY, job_of, keep, server_options
from kgtools.cli.output import progress, remark, say, shown, write, written
from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.align.asked import InTermsOf
    from kgtools.answers import Answers
    from kgtools.endpoint import Endpoint
    from kgtools.pipeline import Job
    from kgtools.pipeline.query import Here, There
    from kgtools.questions import CompetencyQuestion


@click.command()
@click.argument("words", metavar="[DATA]... [QUESTION]", nargs=-1)
@server_options(local=True)
@click.option(
    "--set",
    "values",
    metavar="NAME=VALUE",
    multiple=True,
    help="The value of a parameter; repeat it with one name for several values.",
)
@CODERS
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How to write the answer; default: table, and turtle for triples (CONSTRUCT, DESCRIBE).",
)
@OUTPUT
@click.option("--sparql", "only_text", is_flag=True, help="Write the query, with its values, instead of asking it.")
@click.option(
    "--as",
    "in_terms_of",
    metavar="ALIGNMENT",
    multiple=True,
    help="The query is in the terms of an ontology that ours is aligned with: its name, such as cover, or the file of "
    "a table of mappings (SSSOM); may be repeated.",
)
@click.option("--strictly", is_flag=True, help="With --as: without mappings that are close but not exact.")
@click.option("--search", metavar="WORD", help="List only the questions that have this word in them.")
@click.option("--allow-service", is_flag=True, help="Let a query ask other servers (SERVICE) over the network.")
@THEORY
@CROSSWALK
@BASE
@JOBS
@QUIET
@click.pass_context
def query(
    context: click.Context,
    words: tuple[str, ...],
    server: Endpoint | None,
    values: tuple[str, ...],
    coders: str,
    form: str | None,
    output: Path | None,
    only_text: bool,
    in_terms_of: tuple[str, ...],
    strictly: bool,
    search: str | None,
    allow_service: bool,
    theory: tuple[Path, ...],
    crosswalk: Path | None,
    base: str,
    jobs: int | None,
    quiet: bool,
) -> int:
    """Ask a competency question of data, or a query of your own.

    QUESTION is a question's name, a file with SPARQL, - for standard input, or SPARQL itself. Without
    one the questions are listed; without DATA it is described. Prefixes such as evco: need not be declared. A query
    that names evco:Assessment, or what only these have, gets the verdicts of CODERS. With --as it may be in the terms
    of another ontology; with --sparql too, the rules are written that make it so.
    """
    from kgtools import pipeline
    from kgtools.align.asked import prefixes_known
    from kgtools.answers import require_form
    from kgtools.questions.asked import asked
    from kgtools.sparql import form_of

    data, question = _told_apart(words, server)
    job = job_of(theory, coders, False, crosswalk, base)
    alignments = _aligned(in_terms_of, job, strictly)
    if question is None:
        if alignments and only_text and not values:
            return _write_rules(None, alignments, output)
        if values or only_text or alignments:
            raise InputError("name a question; `kgtools query` lists those that there are")
        return _list(search, output)
    if search is not None:
        raise InputError("--search is for the list of questions; leave out the question")
    tables = [one.alignment.path for one in alignments]
    keep(output, [*data, *theory, *([crosswalk] if crosswalk else []), *_file(question), *tables])
    found = _question(question)
    chosen = context.get_parameter_source("coders") is not click.core.ParameterSource.DEFAULT
    what = asked(
        found,
        _values(values),
        job.vocabulary,
        job.coders,
        chosen=chosen,
        in_other_terms=lambda text: any(one.asks_for_verdicts(text) for one in alignments),
    )
    graph = form_of(what.sparql) in ("CONSTRUCT", "DESCRIBE")
    if form is not None:
        require_form(form, graph=graph)
    if only_text and alignments:
        return _write_rules(what.sparql, alignments, output)
    if only_text:
        write(what.sparql if what.sparql.endswith("\n") else what.sparql + "\n", output)
        return 0
    if not data and server is None:
        if isinstance(found, str):
            raise InputError("name some DATA before the query, or a server with --endpoint")
        return _describe(found, output)
    if server is None:
        try:
            pipeline.require_askable(what.sparql, services=allow_service, prefixes=prefixes_known(alignments))
        except pipeline.ServiceError as error:
            raise InputError(f"{error}: give --allow-service") from error
    with progress(quiet) as tell:
        ready = pipeline.ready(
            [*data, *([server] if server else [])],
            job,
            what.verdicts_of,
            jobs=jobs or pipeline.cores(),
            progress=tell,
            seconds=context.params["timeout"],
            services=allow_service,
            in_terms_of=alignments,
        )
    if not quiet:
        remark(ready.findings)
        _tell_made(ready.made, data, server)
        _tell_applied(ready, what.sparql, server, in_terms_of)
    answers = ready.answer(what.sparql)
    _write(answers, form or answers.forms[0], output)
    return 0


def _told_apart(words: tuple[str, ...], server: Endpoint | None) -> tuple[list[Path], str | None]:
    """What of the words is DATA, and what is the question."""
    if server is not None:
        if len(words) > 1:
            raise InputError("with --endpoint there is no DATA, only a question; is the query in quotes?")
        return [], words[0] if words else None
    if len(words) == 1 and not _is_query(words[0]) and _is_data(words[0]):
        return [Path(words[0])], None
    data = [Path(word) for word in words[:-1]]
    if [*map(str, data), *words[-1:]].count("-") > 1:
        raise InputError("standard input (-) can be read once only; name a file for the data or for the query")
    return data, words[-1] if words else None


def _is_data(word: str) -> bool:
    try:
        return word == "-" or Path(word).exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def _is_text(word: str) -> bool:
    """Whether a word is SPARQL itself: with braces, or white space (DESCRIBE needs no braces)."""
    return "{" in word or (len(word.split()) > 1 and not _is_data(word))


def _is_query(word: str) -> bool:
    return _is_text(word) or Path(word).suffix.lower() in (".rq", ".sparql")


def _file(question: str) -> list[Path]:
    return [Path(question)] if not _is_text(question) and Path(question).is_file() else []


def _question(word: str) -> CompetencyQuestion | str:
    """The question that a word stands for."""
    from kgtools.questions.asked import asked_by_name, from_file

    if word == "-":
        return _text(sys.stdin.buffer.read(), "standard input")
    for path in _file(word):
        try:
            return from_file(path, _text(path.read_bytes(), path))
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    if not _is_text(word):
        if Path(word).suffix.lower() in (".rq", ".sparql"):
            raise InputError("no such file with a query", word)
        if "/" in word:
            raise InputError("no such file or folder, and no question of this name", word)
    return asked_by_name(word)


def _text(content: bytes, where: Path | str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8, as SPARQL is", where) from error


def _values(words: tuple[str, ...]) -> dict[str, list[str]]:
    """What `--set` says, by name."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise InputError(f"`--set {word}` sets nothing; write --set NAME=VALUE")
        found.setdefault(name.lstrip("?").strip(), []).append(value)
    return found


def _tell_made(made: Sequence[str], data: list[Path], server: Endpoint | None) -> None:
    """That verdicts were worked out which a store or a server could keep."""
    from kgtools.store import is_store

    whose = ", ".join(f"`{one}`" for one in made)
    for keeping in [f"{path}" for path in data if is_store(path)] if made else []:
        say(
            f"The verdicts (coders: {whose}) are worked out for this question only; "
            f"`kgtools derive {keeping} --write` keeps them there"
        )
    if made and server is not None:
        say(
            f"{server.name} has no verdicts (coders: {whose}), so its incidents are read, judged and asked here; "
            f"`kgtools derive --endpoint {server.name} --update-endpoint URL --write` keeps them there"
        )


def _aligned(words: Sequence[str], job: Job, strictly: bool) -> tuple[InTermsOf, ...]:
    """The alignments that `--as` names."""
    if not words:
        if strictly:
            raise InputError("--strictly is for a query in another ontology's terms; name that with --as")
        return ()
    from kgtools.align.asked import in_terms_of

    return in_terms_of(words, job.vocabulary, strictly)


def _write_rules(sparql: str | None, alignments: Sequence[InTermsOf], output: Path | None) -> int:
    """The rules that a query needs, or all, as queries of their own, and the query last."""
    from kgtools.align.asked import prefixes_known
    from kgtools.sparql import with_prefixes

    parts = []
    for one in alignments:
        rules = one.rules if sparql is None else one.needed(sparql)
        parts += [f"# {one.in_words(rule, in_full=True)}\n{rule.construct.rstrip()}\n" for rule in rules]
    if sparql is not None:
        parts.append(f"# The query\n{with_prefixes(sparql, prefixes_known(alignments)).rstrip()}\n")
    write("\n".join(parts), output)
    return 0


def _tell_applied(ready: Here | There, sparql: str, server: Endpoint | None, in_terms_of: Sequence[str]) -> None:
    """The rules that a query in another ontology's terms needs, and what has none."""
    from kgtools.pipeline.query import Here

    if not in_terms_of or not isinstance(ready, Here):
        return
    for line in ready.told(sparql):
        say(line)
    if server is not None:
        say(
            f"Its incidents are read and asked here, since nothing is written to {server.name}; "
            f"`kgtools query --sparql {' '.join(f'--as {one}' for one in in_terms_of)}` writes the rules for it"
        )


def _list(search: str | None, output: Path | None) -> int:
    from kgtools.questions import catalog
    from kgtools.questions.shown import mentions, show_questions

    found = [one for one in catalog() if search is None or mentions(one, search)]
    if not found:
        raise InputError(f"no question has `{search}` in it; `kgtools query` lists all")
    write(shown(lambda console: show_questions(found, console), output), output)
    return 0


def _describe(question: CompetencyQuestion, output: Path | None) -> int:
    from kgtools.questions.shown import show_question

    write(shown(lambda console: show_question(question, console), output), output)
    return 0


def _write(answers: Answers, form: str, output: Path | None) -> None:
    if form == "table":
        write(shown(answers.show, output), output)
        return
    with written(output) as file:
        answers.write(form, file)
