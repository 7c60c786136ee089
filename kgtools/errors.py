"""What can go wrong, as one small tree.

    KgError
    + InputError      a file, row or cell is wrong, so that nothing can be done: carries path and row
      + NoIncidentError   RDF holds no incident, where incidents are asked for
    + OntologyError   an ontology or theory file is wrong, or lacks what is needed
    + EngineError     a reasoner, a validator or a server failed, or cannot be started

Faults in single rows are no errors: they are findings (`kgtools.model.Finding`), and the other rows go through.
"""

from __future__ import annotations

from pathlib import Path


class KgError(Exception):
    """Anything that ends a command with one line and exit code 2."""


class InputError(KgError):
    """A file, row or cell that cannot be worked with.

    Args:
        message: what is wrong, and what would be right.
        path: the file, if one is to blame.
        row: the line in it (the header is line 1).
    """

    def __init__(self, message: str, path: Path | str | None = None, row: int | None = None) -> None:
        where = "" if path is None else f"{path}: " if row is None else f"{path}:{row}: "
        super().__init__(where + message)
        self.message = message
        self.path = path
        self.row = row


class NoIncidentError(InputError):
    """RDF without an incident, where incidents are what is asked for."""


class OntologyError(KgError):
    """An ontology or theory file that is wrong or lacks something."""


class EngineError(KgError):
    """A reasoner, validator or server that failed: never to be read as an answer."""
