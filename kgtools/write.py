"""Writing results down: findings and verdicts go in, tables for spreadsheets, programs and people come out.

Why cells of our csv may begin with an apostrophe: a spreadsheet takes what begins with `=`, `+`, `-` or `@` for a
formula, which can start programs or send data away, and ids, codes and cells of others reach our tables as they are. So
such a cell gets an apostrophe before it, as OWASP advises ("CSV Injection"); so does what follows a `;` or a line break
in it, where many a spreadsheet begins a new cell. A plain number such as `-1` computes nothing and stays as it is. JSON
and the graph keep the true value.
"""

from __future__ import annotations

import csv
import errno
import glob
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from kgtools.errors import InputError
from kgtools.model import SEVERITIES, Finding, Verdict
from kgtools.vocabulary import curie, local

if TYPE_CHECKING:
    from rich.console import Console

    from kgtools.theory import Proposition, Theory
    from kgtools.vocabulary import Vocabulary

PropositionForm = Literal["sparql", "turtle", "manchester"]
"""How a proposition can be written for programs."""

VERDICT_COLUMNS = (
    "unit_type",
    "unit",
    "theory",
    "proposition",
    "verdict",
    "grade",
    "coders",
    "evidence",
    "missing",
    "opposed",
)
FINDING_COLUMNS = ("severity", "shape", "message", "focus", "path", "value", "file", "row", "incident")


def cells(record: Finding | Verdict) -> dict[str, Any]:
    """A record as a row of its table; several values of a cell have `;` between them."""
    columns = VERDICT_COLUMNS if isinstance(record, Verdict) else FINDING_COLUMNS
    values = {name: getattr(record, name) for name in columns}
    return {name: ";".join(value) if isinstance(value, tuple) else value for name, value in values.items()}


def finding_key(one: Finding) -> tuple[Any, ...]:
    """What findings are sorted by: the most severe first, then by file, row and shape."""
    place = (one.file, one.row or 0, one.shape)
    return (SEVERITIES.index(one.severity), *place, one.focus, one.path, one.value, one.message)


def verdict_key(one: Verdict) -> tuple[str, ...]:
    """What verdicts are sorted by: unit type, unit, theory, proposition."""
    return (one.unit_type, one.unit, one.theory, one.proposition, one.unit_iri)


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as tables list them, each once."""
    return sorted(dict.fromkeys(findings), key=finding_key)


_FORMULA = re.compile(r"\A(?=[\t\r\n])|(?:\A|(?<=[;\r\n]))(?=[=+@＝＋－＠-])(?![+-]?\d+(?:\.\d+)?(?:\Z|[;\r\n]))")
"""Before what a spreadsheet takes for a formula (full-width signs too), and before white space that would hide it."""


def no_formula(cell: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe stands before what it would take for a formula.

    >>> no_formula("=1+1"), no_formula("-1"), no_formula("c1;@c2")
    ("'=1+1", '-1', "c1;'@c2")
    """
    return _FORMULA.sub("'", cell)


def write_csv(records: Iterable[Finding | Verdict], columns: Sequence[str], file: IO[str]) -> None:
    """A csv table (RFC 4180), with a header row, and no cell that a spreadsheet would compute (`no_formula`)."""
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: "" if cell is None else no_formula(str(cell)) for name, cell in cells(record).items()})


def as_text(records: Sequence[Finding | Verdict], columns: Sequence[str], form: str) -> str:
    """The records as `csv` or `json`."""
    if form == "json":
        return json.dumps([cells(record) for record in records], indent=1, ensure_ascii=False) + "\n"
    text = io.StringIO()
    write_csv(records, columns, text)
    return text.getvalue()


def show_verdicts(verdicts: Sequence[Verdict], console: Console) -> None:
    """Verdicts as a table for people."""
    if not verdicts:
        console.print("No verdicts.")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("unit", "proposition", "verdict", "grade", "evidence", "missing", "opposed"):
        table.add_column(name, no_wrap=name != "evidence", overflow="fold")
    for verdict in verdicts:
        unit = verdict.unit if verdict.unit_type == "incident" else f"{verdict.unit} (chain)"
        row = (
            unit,
            verdict.proposition,
            verdict.verdict,
            verdict.grade,
            *map(" ".join, (verdict.evidence, verdict.missing, verdict.opposed)),
        )
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    console.print(table)


_STYLES = {"supports": "green", "contradicts": "red", "mixed": "yellow", "violation": "red", "warning": "yellow"}


def show_findings(findings: Iterable[Finding], console: Console, most: int | None = 20) -> None:
    """Findings as lines for people, at most so many of a shape, and how many more there are."""
    from rich.text import Text

    seen: dict[tuple[str, str], int] = {}
    for finding in findings:
        key = (finding.severity, finding.shape)
        seen[key] = seen.get(key, 0) + 1
        if most is None or seen[key] <= most:
            console.print(
                Text.assemble((finding.severity, _STYLES.get(finding.severity, "")), " ", _said(finding)),
                soft_wrap=True,
            )
    for (severity, shape), count in seen.items():
        if most is not None and count > most:
            console.print(Text(f"{severity} … {count - most} more of {shape}"), soft_wrap=True)


def one_line(text: str) -> str:
    r"""A text on one line of a terminal, which no control character in it can command.

    >>> one_line("a\n\x1b[2Jb")
    'a \\x1b[2Jb'
    """
    spaced = " ".join(text.split())
    return spaced if spaced.isprintable() else "".join(one if one.isprintable() else ascii(one)[1:-1] for one in spaced)


def _said(finding: Finding) -> str:
    """One line: where, what, which rule."""
    place = f"{finding.file}:{finding.row}" if finding.row else finding.file
    where = (
        ", ".join(part for part in (place, f"incident {finding.incident}" if finding.incident else "") if part)
        or finding.focus
    )
    return one_line(
        f"{where}: {finding.message} [{finding.shape}]" if where else f"{finding.message} [{finding.shape}]"
    )


def show_tally(verdicts: Iterable[Verdict], labels: dict[str, str], console: Console) -> None:
    """Which units say what of each proposition, a line a proposition that any unit speaks to."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("proposition", "", "supported by", "contradicted by", "mixed"):
        table.add_column(name, no_wrap=name == "proposition")
    counts: Counter[tuple[str, str, str]] = Counter()
    units: dict[tuple[str, str, str], list[str]] = {}
    for verdict in verdicts:
        key = (verdict.theory, verdict.proposition, verdict.verdict)
        counts[key] += 1
        if counts[key] <= _NAMED:
            unit = f"{verdict.unit} (chain)" if verdict.unit_type == "chain" else verdict.unit
            units.setdefault(key, []).append(unit)
    if not counts:
        console.print("No unit supports or contradicts any proposition.")
        return
    for theory, proposition in sorted({(theory, proposition) for theory, proposition, _ in counts}):
        keys = [(theory, proposition, value) for value in ("supports", "contradicts", "mixed")]
        row = [str(counts[key]) if counts[key] > _NAMED else ", ".join(units.get(key, ())) for key in keys]
        table.add_row(Text(proposition), Text(labels.get(proposition, "")), *(Text(cell) for cell in row))
    console.print(table)


_NAMED = 6
"""So many units are named in a table; of more only the count is told."""


def show_propositions(theories: Sequence[Theory], console: Console) -> None:
    """The propositions of some theories, a line each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("theory", "proposition", "unit", "perspective", "claim"):
        table.add_column(name, no_wrap=name != "claim")
    for theory in theories:
        for one in theory.propositions:
            unit = "chain" if one.of_chains else "incident"
            row = (theory.id, one.id, unit, local(one.perspective).removesuffix("Perspective"), one.statement)
            table.add_row(*map(Text, row))
    console.print(table)


def proposition_text(
    proposition: Proposition, theory: Theory, vocabulary: Vocabulary, form: PropositionForm = "sparql"
) -> str:
    """A proposition as a program takes it.

    Args:
        form: `sparql` has its slots, the OWL class of what fills them or why there is none, and its query; `turtle`
            and `manchester` have that class alone.

    Raises:
        InputError: the class is asked for, and there is none.
    """
    from kgtools.expression import NoExpression, expression_of
    from kgtools.query import query_of

    if form != "sparql":
        return _class_text(proposition, theory, vocabulary, form)
    slots = "".join(f"# {slot.id} ({slot.role}): {slot.label or slot.in_words()}\n" for slot in proposition.slots)
    expression = expression_of(proposition, vocabulary)
    if isinstance(expression, NoExpression):
        owl = f"# OWL class: none, for {expression.reason}\n"
    else:
        owl = f"# OWL class of incidents that fill all slots ({curie(expression.iri)}):\n"
        owl += "".join(f"#   {line}\n" for line in expression.manchester().splitlines())
    return f"{slots}{owl}{query_of(proposition, theory)}"


def _class_text(proposition: Proposition, theory: Theory, vocabulary: Vocabulary, form: PropositionForm) -> str:
    """The OWL class of the incidents that fill all slots of a proposition, by itself."""
    from kgtools.expression import NoExpression, expression_of

    expression = expression_of(proposition, vocabulary)
    if isinstance(expression, NoExpression):
        raise InputError(f"{proposition.id} has no OWL class: {expression.reason}; `--format sparql` has its query")
    if form == "manchester":
        return f"{expression.manchester()}\n"
    return (
        f"# {proposition.id}: the OWL class of the incidents that fill all its slots.\n"
        f"# Load beside it: the ontology (ontology/evco.ttl), its theory ({one_line(theory.path.name)}), and\n"
        "# ontology/view.ttl, which declares what begins with view: and is not imported by the ontology.\n"
        "# What view: says of data comes from a view; `kgtools reason DATA` works it out and asks for the instances.\n"
        f"{expression.turtle()}"
    )


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name only once it is whole: it is written beside, then renamed.

    A link stays one, and the file that it leads to is replaced. What is no file but can be written to, such as
    `/dev/stdout` or a pipe, is written to as it is.

    Raises:
        InputError: it cannot be written.
    """
    beside = None
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        whole = path.resolve() if path.is_symlink() else path
        _sweep(whole)
        beside = _beside(whole, str(os.getpid()))
        with beside.open("wb") as file:
            _lock(file)
            yield file
        beside.replace(whole)
    except BrokenPipeError:  # who reads has read enough
        raise
    except OSError as error:
        raise InputError(unwritten(error), path) from error
    finally:
        if beside is not None:
            with suppress(OSError):  # the folder itself may be what is wrong
                beside.unlink(missing_ok=True)


def _beside(whole: Path, by: str) -> Path:
    """Where a file is written before it is whole."""
    return whole.with_name(f".{whole.name}.{by}.part")


def _sweep(whole: Path) -> None:
    """Remove what programs that were killed have left beside a file: nobody holds the lock on it."""
    for left in whole.parent.glob(glob.escape(_beside(whole, "@").name).replace("@", "*")):
        with suppress(OSError):
            with left.open("rb") as file:
                _lock(file)
            left.unlink()


def _lock(file: IO[bytes]) -> None:
    """Hold a file as long as it is open. Where files have no locks, nobody can remove one that is open either."""
    with suppress(ImportError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_WAYS_OUT = {
    errno.ENOSPC: "make room on the disk, or write elsewhere",
    errno.EDQUOT: "make room on the disk, or write elsewhere",
    errno.EFBIG: "the limit on the size of files is too low; raise it, or write elsewhere",
    errno.EISDIR: "a folder has this name; move it away, or choose another name",
    errno.EEXIST: "a file has this name; move it away, or choose another name",
    errno.ENOTDIR: "what should be its folder is a file; choose another place",
    errno.ENOENT: "its folder is not there; make it first, or choose another place",
    errno.EACCES: "choose a place that you may write to",
    errno.EPERM: "choose a place that you may write to",
    errno.EROFS: "choose a place that you may write to",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def unwritten(error: OSError) -> str:
    """That something cannot be written, why, and what to do, in one line."""
    way_out = _WAYS_OUT.get(error.errno or 0)
    return f"cannot be written ({error.strerror or error})" + (f"; {way_out}" if way_out else "")
