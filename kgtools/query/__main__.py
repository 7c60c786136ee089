"""`make queries`: the bundled theories go in, `queries/proposition/` is written anew."""

from kgtools.query import write_queries

write_queries()
