"""The command `reason`: parses, calls and prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgtools.cli.crosscheck import lines_of, values_of
from kgtools.cli.options import BASE, CROSSWALK, OUTPUT, PATH, THEORY, data_argument, job_of, keep
from kgtools.cli.output import many, remark, say, write
from kgtools.errors import InputError, NoIncidentError

if TYPE_CHECKING:
    from kgtools.pipeline import Checked, Job
    from kgtools.reason import Answer


@click.command()
@data_argument(required=False)
@click.option("--ontology", is_flag=True, help="Ontology and theories alone.")
@click.option(
    "--with",
    "further",
    metavar="FILE",
    multiple=True,
    type=PATH,
    help="An ontology of others, or a bridge to it, merged in; may be repeated.",
)
@click.option("--profile/--no-profile", default=True, show_default=True, help="Whether to check that it is OWL 2 DL.")
@click.option(
    "--classify/--no-classify",
    default=True,
    show_default=True,
    help="Whether to place every class among the others, which of some large ontologies takes hours. "
    "Without it, classes without instances are looked for one by one.",
)
@click.option(
    "--crosscheck/--no-crosscheck",
    default=True,
    show_default=True,
    help="Whether queries and reasoner are held against each other, proposition by proposition.",
)
@click.option("--inferred", is_flag=True, help="Also what follows: classes above classes, and classes of things.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "turtle"]),
    default="table",
    show_default=True,
    help="How to write the result; turtle: what follows, alone.",
)
@OUTPUT
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    help="How long each question to a reasoner may take.",
)
@THEORY
@CROSSWALK
@BASE
def reason(
    data: tuple[Path, ...],
    ontology: bool,
    further: tuple[Path, ...],
    profile: bool,
    classify: bool,
    crosscheck: bool,
    inferred: bool,
    form: str,
    output: Path | None,
    timeout: float,
    theory: tuple[Path, ...],
    crosswalk: Path | None,
    base: str,
) -> int:
    """Ask HermiT whether ontology, theories and data can all be true together (needs Java).

    Where they cannot, a smallest set of axioms says why. Exit code 1 says that they cannot, that a class can have no
    instance, that something other than in a file of --with is not OWL 2 DL, or that queries and reasoner find different
    incidents.
    """
    from kgtools import pipeline

    if bool(data) == ontology:
        raise InputError("name some DATA, or say --ontology")
    if not classify and (inferred or form == "turtle"):
        raise InputError("what follows is found by classifying; leave --no-classify away")
    keep(output, (*data, *further, *theory))
    job = job_of(theory, "any", False, crosswalk, base)
    findings, answer = pipeline.reason_over(
        data,
        job,
        further,
        explain=True,
        realize=inferred or form == "turtle",
        profile=profile,
        classify=classify,
        seconds=timeout,
        tell=_warn,
    )
    remark(findings)
    for what, count in answer.left_out:
        if " " in what:
            say(f"left out of what is reasoned over: {what} ({count})")
        else:
            were = "was" if count == 1 else "were"
            say(f"{many(count, 'literal')} of {what} {were} left out: OWL 2 has no such datatype")
    if answer.across:
        axioms = many(answer.across, "axiom")
        say(f"{axioms} (rules in SWRL, keys) left out where classes without instances are looked for: use --classify")
    possible = answer.consistent and not answer.unsatisfiable
    asked = crosscheck and possible and form != "turtle"
    checked: list[Checked] = []
    try:
        checked = _crosschecked(data, job, timeout) if asked else []
    finally:  # an answer that is there is told, whatever becomes of the cross-check
        write(_written(answer, checked, form, inferred), output)
    if form == "turtle" and not possible:
        wrong_with = f"no instance can be of {', '.join(answer.unsatisfiable)}" if answer.consistent else "inconsistent"
        say(f"{wrong_with}; --format table says why")
    wrong = any(one.ours for one in answer.violations or ()) or not all(one.agrees for one in checked)
    return int(not possible or wrong)


_MANY = 20_000
"""Triples of data from which on reasoning takes long: 13,500 took ten seconds on a busy machine, 54,000 seventy."""

_SHOWN = 20
"""Violations in files of --with that are shown."""


def _warn(triples: int) -> None:
    if triples >= _MANY:
        say(f"{triples:,} triples of data: the reasoner takes all at once, and minutes for so many; give it less")


def _crosschecked(data: tuple[Path, ...], job: Job, seconds: float) -> list[Checked]:
    """The cross-check; none where there is nothing to check."""
    from kgtools import pipeline

    if not data:
        return []
    if any(str(path) == "-" for path in data):
        say("no cross-check: what comes on stdin is read once; name a file")
        return []
    try:
        return pipeline.crosscheck(data, job, seconds=seconds)
    except NoIncidentError as error:
        say(f"no cross-check, for there are no incidents to read: {error}")
        return []


def _written(answer: Answer, checked: list[Checked], form: str, inferred: bool) -> str:
    """The result in the form that was asked for."""
    if form == "json":
        return _json(answer, checked)
    if form == "turtle":
        return _turtle(answer)
    return "".join(f"{line}\n" for line in (*_lines(answer, inferred), *lines_of(checked)))


def _lines(answer: Answer, inferred: bool) -> list[str]:
    """The answer, for people."""
    lines = [f"{'consistent' if answer.consistent else 'inconsistent'} ({answer.triples} triples)"]
    why = {one.what: one.axioms for one in answer.culprits}
    lines += [f"  {axiom}" for axiom in why.get("inconsistent", ())]
    for one in answer.unsatisfiable:
        lines += [f"{one} can have no instance", *(f"  {axiom}" for axiom in why.get(one, ()))]
    if answer.unexplained:
        lines.append(f"not explained: {answer.unexplained}")
    elif unexplained := len(answer.unsatisfiable) - len(why) if answer.consistent else 0:
        lines.append(f"{many(unexplained, 'class') if unexplained == 1 else f'{unexplained} classes'} not explained")
    if answer.violations is not None:
        lines += _profile(answer)
    if inferred:
        lines += [f"{child} is below {parent}" for child, parent in answer.hierarchy]
        lines += [f"{thing} is a {one}" for thing, one in answer.types]
    return lines


def _profile(answer: Answer) -> list[str]:
    ours = [one for one in answer.violations or () if one.ours]
    theirs = [one for one in answer.violations or () if not one.ours]
    lines = ["OWL 2 DL" if not ours else f"not OWL 2 DL ({many(len(ours), 'violation')})"]
    lines += [f"  {one}" for one in ours]
    if theirs:
        lines.append(f"with the files of --with, not OWL 2 DL ({many(len(theirs), 'violation')})")
        lines += [f"  {one}" for one in theirs[:_SHOWN]]
        if len(theirs) > _SHOWN:
            lines.append(f"  … {len(theirs) - _SHOWN} more (--format json has all)")
    return lines


def _json(answer: Answer, checked: list[Checked]) -> str:
    import json
    from dataclasses import asdict

    held = asdict(answer)
    held["left_out"] = [{"what": what, "count": count} for what, count in answer.left_out]
    held["hierarchy"] = [{"class": child, "below": parent} for child, parent in answer.hierarchy]
    held["types"] = [{"thing": thing, "class": one} for thing, one in answer.types]
    held["dl"] = None if answer.violations is None else not any(one.ours for one in answer.violations)
    held["crosscheck"] = values_of(checked)
    del held["inferred"]
    return json.dumps(held, indent=2, ensure_ascii=False) + "\n"


def _turtle(answer: Answer) -> str:
    """What follows, as RDF; nothing where all is inconsistent."""
    import pyoxigraph as ox

    from kgtools.vocabulary import PREFIXES

    triples = [ox.Triple(*map(ox.NamedNode, one)) for one in answer.inferred]
    iris = {iri for one in answer.inferred for iri in one}
    used = {prefix: space for prefix, space in PREFIXES.items() if any(iri.startswith(space) for iri in iris)}
    return (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=used) or b"").decode()
