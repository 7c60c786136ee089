"""The table: results of benchmarks go in, Markdown comes out. It says nothing that is not in the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from benchmarks.validators import SLOW

MAIN = "kgtools run"
VALIDATE = "kgtools validate"
STEPS = ("read", "chunk", "lift", "validate", "view", "derive", "write")

Results = dict[str, Any]


def markdown(results: Results) -> str:
    """All of `results.json` for people."""
    of_main = (_main, _side_by_side) if results["sizes"] else ()
    sections = (_head, *of_main, _validation, *([_steps] if results["sizes"] else []), _chains, _goals)
    return "\n".join(line for section in sections for line in section(results))


def _head(results: Results) -> Iterable[str]:
    on = results["machine"]
    engines = ", ".join(f"{name} {on[name]}" for name in ("pyoxigraph", "shacl-rust", "duckdb", "rdflib", "pyshacl"))
    yield "# Benchmarks"
    yield ""
    yield f"Made by `{results['command']}`, which writes this page; no number in it was written by hand."
    yield ""
    yield f"- Machine: {on['cores']} cores, {on['processor']}, {_memory(on['memory'])} of memory, {on['system']}"
    yield f"- {on['python']}, kgtools {on['kgtools']}; {engines}"
    have = f"{_each(results, 'codings')} codings and {_each(results, 'triples')} triples an incident"
    each = f": the sizes below have {have}"
    yield (
        f"- Incidents are made up (`benchmarks/generate.py`, seed {results['seed']}"
        f"{', lean' if results['lean'] else ''}){each if results['steps'] else ''}."
    )
    yield (
        "- Seconds are by the clock, from the start of the process to its end; of several runs, the median. Memory is"
        " resident, of a process and its children, the most that was seen in looking 50 times a second."
    )
    yield ""


def _each(results: Results, what: str) -> str:
    """So many per incident, at the least and at the most of the sizes."""
    found = [step[what] / step["incidents"] for step in results["steps"] if not step["stopped"]]
    if not found:
        return "an unknown number of"
    few, many = (f"{number:.1f}" if number < 20 else f"{number:.0f}" for number in (min(found), max(found)))
    return few if few == many else f"{few} to {many}"


def _main(results: Results) -> Iterable[str]:
    jobs = f"`{MAIN} --jobs {results['jobs']}`" if results["jobs"] else f"`{MAIN}`"
    yield "## The main job"
    yield ""
    yield f"{jobs}: tables in; graph, findings, verdicts out."
    yield ""
    rows = []
    for size in results["sizes"]:
        runs = _runs(results, MAIN, size)
        if stopped := _stopped(runs):
            rows.append((f"{size:,}", stopped, "", "", "", ""))
            continue
        seconds = _seconds(runs)
        cost, peak = f"{seconds / size * 1e6:,.0f} µs", _memory(_peak(runs))
        rows.append((f"{size:,}", f"{seconds:.2f} s", f"{size / seconds:,.0f}", cost, peak, str(len(runs))))
    yield from _rows(("incidents", "time", "incidents a second", "cost of one", "peak memory", "runs"), rows)


def _side_by_side(results: Results) -> Iterable[str]:
    yield "## Side by side"
    yield ""
    yield (
        "The contenders are what one would otherwise put together, without chunks. They begin with the graph that"
        " kgtools lifted and with its view, so reading, lifting, the view and writing are given to them; `kgtools run`"
        " does all of it. Each runs the same shapes and the same queries. *Same* says whether all their verdicts (unit,"
        " proposition, verdict, grade, missing and opposed slots) and all findings of shapes (shape, focus node) are"
        " those of kgtools."
    )
    yield ""
    rows = []
    for size in results["sizes"]:
        names = dict.fromkeys(run["name"] for run in results["runs"] if run["size"] == size)
        ours = _runs(results, MAIN, size)
        for name in names:
            runs = _runs(results, name, size)
            if stopped := _stopped(runs):
                rows.append((f"{size:,}", name, stopped, "", "", _memory(_peak(runs)), "", "", ""))
                continue
            seconds = _seconds(runs)
            times = "" if _stopped(ours) else f"{seconds / _seconds(ours):.1f}"
            parts = " + ".join(
                f"{word} {median(run['parts'][word] for run in runs):.1f}"
                for word in runs[0]["parts"]
                if word != "start"
            )
            same = ("", "") if name == MAIN else (_same(runs, "verdicts"), _same(runs, "findings"))
            cost = f"{seconds / size * 1e6:,.0f} µs"
            cells = (f"{seconds:.2f} s", times, cost, _memory(_peak(runs)), parts)
            rows.append((f"{size:,}", name, *cells, *same))
    header = ("incidents", "pipeline", "time", "times kgtools", "cost of one", "peak memory", "of it, in s")
    yield from _rows((*header, "same verdicts", "same findings"), rows)


def _validation(results: Results) -> Iterable[str]:
    if not results["validations"]:
        return
    yield "## Validation"
    yield ""
    yield (
        f"From N-Quads on disk to a report on disk, by the same shapes. `{VALIDATE}` cuts the graph into pieces of"
        " whole chains and says in which row of which table each finding is; the others take the whole graph at once."
    )
    yield ""
    rows = []
    for single, size in dict.fromkeys((run["single"], run["size"]) for run in results["validations"]):
        for name in dict.fromkeys(run["name"] for run in results["validations"] if run["size"] == size):
            runs = _validations(results, name, size, single=single)
            if not runs:
                continue
            incidents, quads = f"{size:,}{' of one coding' if single else ''}", f"{runs[0]['triples']:,}"
            if stopped := _stopped(runs):
                rows.append((incidents, quads, name, stopped, "", "", _memory(_peak(runs)), ""))
                continue
            rates = (f"{size / _seconds(runs):,.0f}", f"{runs[0]['triples'] / _seconds(runs):,.0f}")
            same = "" if name == VALIDATE else _same(runs, "findings")
            rows.append((incidents, quads, name, f"{_seconds(runs):.2f} s", *rates, _memory(_peak(runs)), same))
    header = ("incidents", "quads", "validator", "time", "incidents a second", "quads a second", "peak memory")
    yield from _rows((*header, "same findings"), rows)


def _same(runs: Sequence[Results], what: str) -> str:
    different = max(run["differing"][what] for run in runs)
    count = runs[0]["counts"][what]
    return f"all {count:,}" if not different else f"**no**: {different:,} differ"


def _steps(results: Results) -> Iterable[str]:
    yield "## Each step by itself"
    yield ""
    yield "In one process, one step after the other; microseconds per incident."
    yield ""
    found = results["steps"]
    rows = []
    for name in STEPS:
        cells = (step["stopped"] or f"{step['seconds'][name] / step['incidents'] * 1e6:,.0f}" for step in found)
        rows.append((name, *cells))
    rows.append(("together", *(_together(step) for step in found)))
    yield from _rows(("step", *(f"{step['size']:,} incidents" for step in found)), rows)
    starts = [step["seconds"]["start"] for step in found if not step["stopped"]]
    if starts:
        yield f"Beside that, {median(starts):.2f} s once, for ontology, shapes and queries."
        yield ""


def _together(step: Results) -> str:
    if step["stopped"]:
        return ""
    return f"{sum(step['seconds'][name] for name in STEPS) / step['incidents'] * 1e6:,.0f}"


def _chains(results: Results) -> Iterable[str]:
    if not results["chains"]:
        return
    yield "## Long chains"
    yield ""
    yield (
        "One chain of so many incidents, in each of which one and the same customer engages, gains and is satisfied:"
        " what propositions on chains have most to read in."
    )
    yield ""
    rows = []
    before: Results | None = None
    for run in results["chains"]:
        growth = ""
        if before and not run["stopped"] and not before["stopped"]:
            growth = (
                f"{run['seconds'] / before['seconds']:.1f} for {run['size'] / before['size']:.1f} times the incidents"
            )
        time = run["stopped"] or f"{run['seconds']:.2f} s"
        rows.append((f"{run['size']:,}", f"{run['codings']:,}", time, growth, _memory(run["peak"])))
        before = run
    yield from _rows(("incidents", "codings", "time", "times the one before", "peak memory"), rows)


def _goals(results: Results) -> Iterable[str]:
    yield "## Goals"
    yield ""
    yield from _rows(
        ("goal", "measured", "met"), [(goal, said, _met(met)) for goal, said, met in goals(results) if met is not None]
    )


def goals(results: Results) -> Iterable[tuple[str, str, bool | None]]:
    """Each goal, what was measured, and whether it is met; None where that was not measured."""
    runs = {size: _runs(results, MAIN, size) for size in (350, 10_000, 100_000)}
    times = {size: None if _stopped(some) else _seconds(some) for size, some in runs.items()}
    for size, most in ((350, 2.0), (100_000, 120.0)):
        taken = times[size]
        said = _stopped(runs[size]) if taken is None else f"{taken:.2f} s"
        yield f"{size:,} incidents in under {most:.0f} s", said, _judged(runs[size], taken is not None and taken < most)
    large = runs[100_000]
    peak = _memory(_peak(large)) if large else _stopped(large)
    small = not _stopped(large) and _peak(large) < 2 * 2**30
    yield "100,000 incidents in under 2 GiB", peak, _judged(large, small)
    some, many = times[10_000], times[100_000]
    growth = None if some is None or many is None else many / 10 / some
    said = "not measured" if growth is None else f"{growth:.2f} times"
    met = None if growth is None else growth <= 1.3
    yield "an incident of 100,000 costs at most 1.3 times one of 10,000", said, met
    longest = max(results["chains"], key=lambda run: run["size"], default=None)
    if longest is not None:
        said = longest["stopped"] or f"{longest['seconds']:.2f} s"
        met = not longest["stopped"] and longest["seconds"] < 60
        yield f"one chain of {longest['size']:,} incidents in seconds, not minutes", said, met
    yield from _goals_of_validation(results)
    for size in results["sizes"]:
        ours = _runs(results, MAIN, size)
        for name in dict.fromkeys(
            run["name"] for run in results["runs"] if run["size"] == size and run["name"] != MAIN
        ):
            theirs = _runs(results, name, size)
            said = _stopped(theirs) or (_stopped(ours) or f"{_seconds(theirs) / _seconds(ours):.1f} times as long")
            met = not _stopped(ours) and (bool(_stopped(theirs)) or _seconds(theirs) > _seconds(ours))
            yield f"ahead of {name} at {size:,}", said, met
            if not _stopped(theirs) and not _stopped(ours):
                same = not any(run["differing"][what] for run in theirs for what in run["differing"])
                said = f"{_same(theirs, 'verdicts')} verdicts, {_same(theirs, 'findings')} findings"
                yield f"the same answers as {name} at {size:,}", said, same


def _goals_of_validation(results: Results) -> Iterable[tuple[str, str, bool | None]]:
    for single, what in ((False, "10,000 incidents"), (True, "10,000 incidents of one coding")):
        bulk = _validations(results, VALIDATE, 10_000, single=single)
        rate = 0.0 if _stopped(bulk) else 10_000 / _seconds(bulk)
        yield f"{what} are validated at 4,000 a second", _stopped(bulk) or f"{rate:,.0f}", _judged(bulk, rate >= 4_000)
        slow = _validations(results, SLOW, 1_000, single=single)
        times = 0.0 if not slow or _stopped(bulk) else 10 * _seconds(slow) / _seconds(bulk)
        said = _stopped(bulk) or f"{'at least ' if _stopped(slow) else ''}{times:,.0f} times"
        goal = f"{what} are validated at 100 times the rate of pySHACL at 1,000"
        yield goal, said, _judged(bulk and slow, times >= 100)
    many = _validations(results, VALIDATE, 100_000)
    said = _stopped(many) or _memory(_peak(many))
    yield "100,000 are validated in under 2 GiB", said, _judged(many, not _stopped(many) and _peak(many) < 2 * 2**30)
    for run in results["validations"]:
        if run["name"] != VALIDATE and not run["stopped"]:
            said, same = _same([run], "findings"), not run["differing"]["findings"]
            yield f"the same findings as {run['name']} at {run['size']:,}", said, same


def _judged(runs: Sequence[Results], met: bool) -> bool | None:
    return met if runs else None


def _met(met: bool | None) -> str:
    return "" if met is None else "yes" if met else "**no**"


def _runs(results: Results, name: str, size: int) -> list[Results]:
    return [run for run in results["runs"] if run["name"] == name and run["size"] == size]


def _validations(results: Results, name: str, size: int, *, single: bool = False) -> list[Results]:
    found = (run for run in results["validations"] if run["name"] == name and run["size"] == size)
    return [run for run in found if run["single"] == single]


def _stopped(runs: Sequence[Results]) -> str:
    """Why there is no time, empty where there is one."""
    return next((run["stopped"] for run in runs if run["stopped"]), "") if runs else "not measured"


def _seconds(runs: Sequence[Results]) -> float:
    return float(median(run["seconds"] for run in runs))


def _peak(runs: Sequence[Results]) -> int:
    return max(int(run["peak"]) for run in runs)


def _memory(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield _line(header)
    yield f"|{'---|' * len(header)}"
    yield from map(_line, rows)
    yield ""


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
