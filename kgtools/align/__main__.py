"""`make alignments`: tables of mappings go in, their bridges and entries of the catalog are written anew."""

from kgtools.align.bridge import write_bridges

write_bridges()
