"""Alignments: tables of mappings (SSSOM) go in, what they say about our terms and another ontology's comes out.

One table a target lies in `ontology/alignment/`; what was thought of and turned down is in `refused.sssom.tsv` there.
A user's own table is read the same way. SSSOM: https://mapping-commons.github.io/sssom/.
"""

from __future__ import annotations

from kgtools.align.table import Alignment, Correspondence, alignments, named, read_alignment, refused

__all__ = ["Alignment", "Correspondence", "alignments", "named", "read_alignment", "refused"]
