"""`python -m kgtools` is `kgtools`."""

from kgtools.cli import entry

entry()
