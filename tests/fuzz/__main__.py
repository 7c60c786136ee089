"""`python -m tests.fuzz run` tries inputs for some minutes; `replay NAME` one of them again, and shows its files."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from .inputs import KINDS, made
from .trial import show
from .workers import trials


def names(kinds: Sequence[str], first: int, until: float) -> Iterator[str]:
    """Names of inputs, the kinds in turn, until a time."""
    number = first
    while time.monotonic() < until:
        for kind in kinds:
            yield f"{kind}:{number}"
        number += 1


def run(minutes: float, kinds: Sequence[str], first: int, out: Path) -> int:
    """Try inputs; each that fails is kept as a folder with its files and a line that says what was wrong."""
    codes: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    slowest = (0.0, "")
    for name, ended, seconds in trials(names(kinds, first, time.monotonic() + 60 * minutes)):
        kind = name.partition(":")[0]
        codes[f"{kind} {'failed' if ended.wrong else ended.code}"] += 1
        slowest = max(slowest, (seconds, name))
        if ended.wrong:
            failed[ended.wrong] += 1
            if failed[ended.wrong] <= 3:
                print(f"{name}: {ended.wrong}", flush=True)
                keep(name, ended.wrong, out)
    print(f"{codes.total()} inputs in {minutes:g} minutes; the slowest, {slowest[1]}, took {slowest[0]:.1f} seconds")
    for kind in kinds:
        print(kind, ", ".join(f"{key.split()[1]}: {codes[key]}" for key in sorted(codes) if key.split()[0] == kind))
    if failed:
        print(f"{failed.total()} failed; see {out}, and replay one by its name")
    return int(bool(failed))


def keep(name: str, wrong: str, out: Path) -> None:
    """Write an input's files, and what was wrong, to a folder."""
    given = made(name)
    folder = out / name.replace(":", "-")
    for file, content in given.files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "WRONG.txt").write_text(f"kgtools {' '.join(given.arguments)}\n{wrong}\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="try inputs")
    running.add_argument("--minutes", type=float, default=10)
    running.add_argument("--kind", action="append", choices=KINDS, help="only these; default: all")
    running.add_argument("--first", type=int, help="the number to begin with; default: the time")
    running.add_argument("--out", type=Path, default=Path("out/fuzz"), help="where failures are kept")
    again = commands.add_parser("replay", help="try one input again")
    again.add_argument("name", nargs="+")
    again.add_argument("--out", type=Path, default=Path("out/fuzz"), help="where its files are written to")
    asked = parser.parse_args()
    if asked.command == "run":
        first = int(time.time()) if asked.first is None else asked.first
        return run(asked.minutes, asked.kind or KINDS, first, asked.out)
    for name in asked.name:
        print(show(made(name)))
        keep(name, "replayed", asked.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
