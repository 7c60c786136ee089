"""Exchange projects (REFI-QDA 1.0 to 1.5): a `.qdpx`, `.qde` or `.qdc` goes in, a `Project` comes out.

It is read leniently: whatever can be understood is taken, and what the standard asks for otherwise is a finding
(`schema`). Elements come as they end (`elements`), so selections come before their source is complete; what refers to
something else (users, notes, sets, cases) is put together when all is read.

Three rules that the standard leaves open:
- A selection in a PDF's page and one in its text with the same GUID are one selection with two addresses, and a coding
  that stands in both counts once, though its GUID differs (the standard's own annex has such). So for recordings.
- A coding's coder is its `creatingUser`, else that of its selection. A GUID of no user stands for a coder of its own
  (`Unknown coder 1`), so that coders stay apart where a program left out the users.
- What codes a segment with a case, not with a code, puts the segment into that case.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.read.qda.project import Project
from kgtools.read.qda.refi.archive import Kept, opened
from kgtools.read.qda.refi.assembly import assemble
from kgtools.read.qda.refi.elements import elements, empty, local
from kgtools.read.qda.refi.parts import KINDS, SELECTIONS
from kgtools.read.qda.refi.reading import Reading
from kgtools.read.qda.refi.schema import Conformance
from kgtools.read.qda.refi.sources import Sources
from kgtools.read.qda.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element


def read_refi(path: Path) -> Project:
    """Read an exchange project or codebook.

    Args:
        path: a `.qdpx`, `.qde` (with its sources in a folder `sources` beside it) or `.qdc`, whatever its ending.

    Returns:
        All that is in it. Keys are GUIDs in lower case without braces; of a GUID that stands for two things, the
        second gets `-2` at its end. No path of anybody's machine is in it.

    Raises:
        InputError: it cannot be read, or should not be: an archive that is damaged or would write elsewhere, XML with a
            document type, sizes beyond the limits.
    """
    with opened(path) as kept:
        return _read(path, kept)


def _read(path: Path, kept: Kept) -> Project:
    """Read an opened project."""
    reading = Reading(kept, Remarks(f"{path.name}#{kept.part}" if kept.part else path.name))
    sources = Sources(reading)
    done: dict[str, Callable[[_Element], None]] = {
        "User": reading.user,
        "Code": reading.code,
        "Variable": reading.variable,
        "Case": reading.case,
        "Note": sources.note,
        "Set": reading.code_or_source_set,
        "Link": reading.link,
        "Graph": reading.graph,
        **dict.fromkeys(SELECTIONS, sources.selection),
        **dict.fromkeys(KINDS, sources.source),
    }
    standard = Conformance(reading.remarks)
    kind = ""
    where = f"{path}#{kept.part}" if kept.part else str(path)
    root: _Element | None = None
    with closing(elements(kept.project, where)) as all_elements:
        for element in all_elements:
            root = element
            standard.element(element)
            name = local(element)
            if name == "Coding":
                sources.coding(element)
            if name in done and not _stays(element, name):
                done[name](element)
                empty(element)
        if root is None or (kind := local(root)) not in ("Project", "CodeBook"):
            raise InputError(
                f"is XML, but no project: its outermost element is `{kind or 'none'}`, not Project or CodeBook", where
            )
        return assemble(reading, root, path.stem, kept.part)


def _stays(element: _Element, name: str) -> bool:
    """Whether an element is read with the one around it: codes within codes."""
    around = element.getparent()
    return name == "Code" and around is not None and local(around) == "Code"
