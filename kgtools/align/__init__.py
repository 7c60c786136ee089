"""Alignments: tables of mappings (SSSOM) go in, what they say about our terms and another ontology's comes out.

One table a target lies in `ontology/alignment/`; what was thought of and turned down is in `refused.sssom.tsv` there.
A user's own table is read the same way. SSSOM: https://mapping-commons.github.io/sssom/.

`table` has what a table holds, and those that come along; `sssom` reads and writes its file; `check` finds what is
wrong with it; `bridge` makes an ontology module of it; `rules` lets data answer in the other ontology's terms.
"""

from __future__ import annotations

from kgtools.align.bridge import bridge
from kgtools.align.check import check
from kgtools.align.sssom import read_alignment, write_sssom
from kgtools.align.table import Alignment, Correspondence, alignments, joined, named, one_upper, refused

__all__ = [
    "Alignment",
    "Correspondence",
    "alignments",
    "bridge",
    "check",
    "joined",
    "named",
    "one_upper",
    "read_alignment",
    "refused",
    "write_sssom",
]
