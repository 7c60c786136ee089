"""Values of projects: names, times, colors, places go in as programs write them, and come out as projects here do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

_CLOCK = r"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
_MOMENT = re.compile(rf"(\d{{4}}-\d\d-\d\d)(?:[T ]{_CLOCK})?", re.ASCII)
_COLOR = re.compile("#?([0-9a-f]{6}|[0-9a-f]{3})")

PATH = (
    r"^\s*(?:[A-Za-z]:(?:[\\/]|\S.*\.[0-9A-Za-z]{1,5}\s*$)"  # C:\x, C:x.txt
    r"|\\\\|\\[^\\/]+\\"  # a share, a folder of the drive
    r"|(?i:file|absolute|relative|internal):/"
    r"|/[^/]+/[^/]+/|/[^/\s]{2,}/\S"  # /home/x.txt, but not /s/
    r"|~[^\\/\s]*[\\/]|\.{1,2}[\\/]|%[^%\s]+%[\\/]|\$\{?\w+\}?[\\/]"
    r"|(?i:home|users|documents and settings)[\\/][^\\/]+[\\/])"
)
"""What a path on somebody's machine begins like, as a regular expression of Python and of DuckDB (RE2). A name with a
group before it (`Interviews/Anna`) is none."""

_PATH = re.compile(PATH)


def apart(names: Iterable[str]) -> list[str]:
    """Names of which no two are the same; of several that are, the second gets a number behind it.

    >>> apart(["Anna", "Ben", "Anna", "Anna (2)"])
    ['Anna', 'Ben', 'Anna (3)', 'Anna (2)']
    """
    given = list(names)
    taken = set(given)
    numbers: dict[str, int] = {}
    found = []
    for name in given:
        one = name
        if name in numbers:
            while (one := f"{name} ({numbers[name]})") in taken:
                numbers[name] += 1
        numbers.setdefault(name, 2)
        taken.add(one)
        found.append(one)
    return found


def without_folders(name: str) -> str:
    """A name; of one that is a path on somebody's machine, its last part, so that no home directory is told.

    >>> without_folders("~/private/anna/interview.txt"), without_folders("C:x.txt"), without_folders("Interviews/Anna")
    ('interview.txt', 'x.txt', 'Interviews/Anna')
    """
    stripped = name.strip()
    if not _PATH.match(stripped):
        return stripped
    last = stripped.replace("\\", "/").rstrip("/").rpartition("/")[2].strip()
    return last[2:].strip() if last[1:2] == ":" else last


def moment(said: str | None, zone: str = "") -> str | None:
    """A day, or a day and time, as ISO 8601 writes it (`coded_at` in a bundle takes that); None for what is none.

    Args:
        zone: that of the times which do not name one (`Z`), where the program is known to always write that.
    """
    found = _MOMENT.fullmatch((said or "").strip())
    if found is None:
        return None
    day, time, own_zone = found.groups()
    written = f"{day}T{time}{own_zone or zone}" if time else day
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return None
    return written


def color(said: str | None) -> str | None:
    """A color as `#rrggbb`; None for what is none."""
    found = _COLOR.fullmatch((said or "").strip().lower())
    if found is None:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return f"#{digits}"


def span(begin: int | None, end: int | None) -> str | None:
    """A span of milliseconds as a media fragment (W3C Media Fragments URI 1.0, 4.2.1); None where there is none.

    >>> span(1_500, 12_000), span(0, None), span(500, 500)
    ('t=1.5,12', 't=0', None)
    """
    if begin is None or begin < 0 or (end is not None and end <= begin):
        return None
    return f"t={_seconds(begin)}" + ("" if end is None else f",{_seconds(end)}")


def _seconds(milliseconds: int) -> str:
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".")


def area(x: float, y: float, width: float, height: float, page: int | None = None) -> str:
    """A rectangle as a fragment: of a picture in pixels (Media Fragments, 4.2.2), of a PDF's page (RFC 8118, 3).

    Args:
        page: counted from 0, as programs do; fragments count from 1.
    """
    box = f"{x},{y},{width},{height}"
    return f"xywh={box}" if page is None else f"page={page + 1}&viewrect={box}"
