"""Output: results go to stdout or a file, remarks to stderr. Nothing else in the package prints."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgtools.model import Finding
    from kgtools.pipeline import Job, Progress, Summary


def exit_code(findings: Iterable[Finding], fail_on: str) -> int:
    """1 if something was found at or above a severity."""
    from kgtools.model import SEVERITIES

    bad = [] if fail_on == "never" else SEVERITIES[: [str(one) for one in SEVERITIES].index(fail_on) + 1]
    return int(any(finding.severity in bad for finding in findings))


def say(line: str) -> None:
    """A remark, to stderr."""
    sys.stderr.write(f"{line}\n")


def write(text: str, output: Path | None) -> None:
    """A result, to a file or stdout."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        from kgtools.write import replacing

        with replacing(output) as file:
            file.write(text.encode())


@contextmanager
def written(output: Path | None) -> Iterator[IO[bytes]]:
    """Where a result goes piece by piece: a file or stdout."""
    if output is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.flush()
    else:
        from kgtools.write import replacing

        with replacing(output) as file:
            yield file


def shown(show: Any, output: Path | None) -> str:
    """What a table for people looks like: with color on a terminal, as wide as it is."""
    from io import StringIO

    from rich.console import Console

    terminal = output is None and sys.stdout.isatty()
    text = StringIO()
    console = Console(
        file=text,
        force_terminal=terminal,
        no_color=not terminal,
        width=None if terminal else 120,
        highlight=False,
        emoji=False,
    )
    if terminal:
        console.width = Console().width
    show(console)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n" if not terminal else text.getvalue()


def many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def counted(counts: Mapping[str, int]) -> str:
    """How many findings there are of each severity, in words."""
    return ", ".join(
        f"{count} {severity}{'s' if count != 1 and severity != 'info' else ''}" for severity, count in counts.items()
    )


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Counts, most severe first."""
    from kgtools.model import SEVERITIES

    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in SEVERITIES}


def remark(findings: Iterable[Finding]) -> None:
    """What was found, on stderr: the violations and warnings, a few of each, and how many there are; else nothing."""
    counts = by_severity(findings)
    if not any(counts.values()):
        return
    from rich.console import Console

    from kgtools.write import show_findings

    console = Console(stderr=True, highlight=False, emoji=False)
    show_findings((finding for finding in findings if finding.severity != "info"), console, most=3)
    say(counted(counts))


@contextmanager
def progress(quiet: bool) -> Iterator[Progress | None]:
    """A bar on stderr for work that takes longer than a second; none where that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("starting", total=None)
    timer = Timer(1, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda step, done, of: bar.update(task, description=step, completed=done, total=of or None)
    finally:
        timer.cancel()
        bar.stop()


def summarize(summary: Summary, job: Job, out: Path) -> None:
    """What a run did: to stdout the verdicts, to stderr the rest."""
    from kgtools.pipeline.run import WRITTEN
    from kgtools.write import show_tally

    labels = {proposition.id: proposition.label for theory in job.theories for proposition in theory.propositions}
    for bundle in summary.bundles:
        say(
            f"{bundle['name']}: {bundle['rows_taken']} of {bundle['rows_read']} rows taken in, "
            f"{many(bundle['incidents'], 'incident')}, coded by {', '.join(bundle['coders']) or 'nobody named'}"
        )
    remark(summary.found)
    write(shown(lambda console: show_tally(summary.said, labels, console), None), None)
    counts = summary.as_json()
    say(
        f"{many(counts['verdicts_total'], 'verdict')} (coders: {summary.coders}); "
        f"{counts['verdicts_on_inference_alone']} rest on a crosswalk's inference alone"
    )
    if counts["verdicts_on_own_corpus"]:
        say(
            f"{counts['verdicts_on_own_corpus']} are from the corpus that the theory was induced from: "
            "they illustrate, they do not test"
        )
    say("A share of supporting incidents is not a probability: critical incidents sample extremes.")
    say(f"Written to {out}: {', '.join(WRITTEN)}")
