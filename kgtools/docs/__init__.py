"""The ontology as web pages: Turtle, queries, shapes and mappings go in, a folder that needs no network comes out.

`terms` reads the files, `words` says class expressions in words, `facts` what is said of a term, `uses` what a term is
used for; `graphs` and `drawing` make the pictures, `page` lays all out, `site` writes the folder.

Why not pyLODE: its page (3.3.4, looked at) has classes and properties, but no pictures, nothing of what a term is used
for, and no place for propositions with their queries and for mappings.
"""

from __future__ import annotations

from kgtools.docs.site import write_site

__all__ = ["write_site"]
