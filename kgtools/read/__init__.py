"""Reading: a bundle of tables or an RDF graph goes in, checked codings in chunks of whole chains come out.

One module a source dialect: `tables` for csv and tsv, `sheets` for workbooks, `parquet`; `qda` for what coding
programs write; `graph` for RDF. `folder` says which file is which. `staged`, with the `crosswalk`, and `graph` fill the
same three tables of text cells; `checks` then says once, for all of them, what a cell may hold, and `taken` makes the
tables of what may stay; `bundle` hands out the result chain by chain.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.bundle import BASE, Bundle, Chunk, encoded
from kgtools.read.checks import check
from kgtools.read.crosswalk import Segments
from kgtools.read.folder import ENDINGS, EXPORTED, OTHER_ENDINGS
from kgtools.read.gathered import gathered
from kgtools.read.graph import bundles_of, codebook_of, stage_graph, without_blank_nodes
from kgtools.read.qda import DATABASES, PROJECTS, is_called_database, is_project
from kgtools.read.staged import stage_folder
from kgtools.store import FORMATS, Store, is_store
from kgtools.vocabulary import Vocabulary

__all__ = [
    "BASE",
    "Bundle",
    "Chunk",
    "Source",
    "encoded",
    "is_bundle",
    "read",
    "read_bundle",
    "read_graph",
    "read_server",
    "require_known",
]

Source = Path | Endpoint
"""Where data are: a bundle, an RDF file, a store folder, `-` for standard input, or a server."""


def is_bundle(path: Path) -> bool:
    """Whether a path is a bundle (a folder, a table, a coding program's file), not RDF: a graph file, a store, `-`."""
    if path.is_dir():
        return not is_store(path)
    if path.suffix.lower() in (*ENDINGS, *EXPORTED, *OTHER_ENDINGS):
        return True
    return is_project(path) or is_called_database(path)


def require_known(path: Path) -> None:
    """Refuse a file that nothing tells how to read, and say what can be read.

    Raises:
        InputError: it is no bundle, and its ending is none of RDF.
    """
    if path.is_file() and path.suffix.lower() not in FORMATS:
        tables, projects = ", ".join((*ENDINGS, *EXPORTED)), ", ".join((*PROJECTS, *DATABASES))
        raise InputError(
            f"is nothing that can be read; there are tables ({tables}), projects of coding programs ({projects}) "
            f"and RDF ({', '.join(FORMATS)})",
            path,
        )


def read(source: Source, vocabulary: Vocabulary, crosswalk: Path | None = None, base: str = BASE) -> list[Bundle]:
    """Read what `DATA` may be: a bundle of tables, an RDF file in any common syntax, a store folder, `-`, or a server.

    Returns:
        One bundle for tables; for a graph, each that it holds.

    Raises:
        InputError: there is no such thing, or it lacks what nothing can be done without.
        EngineError: a server fails.
    """
    if isinstance(source, Endpoint):
        return read_server(source, vocabulary, base)
    path = source
    if is_bundle(path):
        return [read_bundle(path, vocabulary, crosswalk, base)]
    if str(path) != "-" and not path.exists():
        raise InputError("no such file or folder; name a folder of tables, a table, an RDF file or a store", path)
    require_known(path)
    return read_graph(Store.of(path), path.stem if str(path) != "-" else "standard-input", vocabulary, base)


def read_server(endpoint: Endpoint, vocabulary: Vocabulary, base: str = BASE, unit: str | None = None) -> list[Bundle]:
    """Read and check the coded incidents that a server holds, bundle by bundle; nothing is written there.

    Args:
        unit: what an incident is called (see `kgtools.read.gathered`), if only its chain is asked for.

    Returns:
        Bundles, as of a graph; none where no incident is called so.

    Raises:
        InputError: it holds no incident at all, or too much of what it holds hangs together.
        EngineError: the server fails.
    """
    store = gathered(endpoint, vocabulary, unit)
    if unit is not None and not len(store.inner):
        return []
    try:
        return read_graph(store, "server", vocabulary, base)
    except InputError as error:
        raise InputError(error.message, endpoint.name if error.path == "server" else error.path, error.row) from None


def read_graph(store: Store, name: str, vocabulary: Vocabulary, base: str = BASE) -> list[Bundle]:
    """Read and check the coded incidents of a graph, bundle by bundle.

    Args:
        name: what to call those that are part of no evco:Bundle.
    """
    bundles = []
    store = without_blank_nodes(store, f"{base}{encoded(name)}/node/")
    for iri, called in bundles_of(store, name):
        bundle = Bundle(called, iri or base + encoded(called), duckdb.connect(config={"threads": 2}))
        stage_graph(bundle.database, store, iri, name, vocabulary)
        if iri is not None:
            bundle.codes, bundle.code_sets = codebook_of(store, iri)
        check(bundle, vocabulary, Segments(), alone=False, lifted=True)
        if iri is not None and store.marks(iri):
            said = f"the import of `{called}` was not finished, so some of it is missing; run that import again"
            bundle.findings.append(Finding("warning", "bundle:unfinished", said, focus=iri))
        bundles.append(bundle)
    return bundles


def read_bundle(path: Path, vocabulary: Vocabulary, crosswalk: Path | None = None, base: str = BASE) -> Bundle:
    """Read and check a bundle of tables.

    Args:
        path: a folder with `codings.csv` (or .tsv, .xlsx, .parquet) and so on, one such table, or a workbook whose
            sheets are called `codings` and so on.
        vocabulary: the terms that codes may be.
        crosswalk: a crosswalk; without one, the folder's `crosswalk.yaml` where there is one.
        base: what the IRIs of data start with.

    Raises:
        InputError: there is no such bundle, or it lacks what nothing can be done without.
    """
    name = path.resolve().name if path.is_dir() else path.stem
    bundle = Bundle(name, base + encoded(name), duckdb.connect(config={"threads": 2}))
    staged = stage_folder(bundle.database, path, vocabulary, crosswalk)
    bundle.findings += staged.findings
    bundle.codes, bundle.code_sets = staged.codes, staged.code_sets
    check(bundle, vocabulary, staged.mapping, alone=staged.alone, outside=staged.outside)
    unread = sum(one.shape == "row:unreadable" and one.file == staged.file for one in staged.findings)
    bundle.rows_read += unread + staged.lost
    if not bundle.rows_read:
        bundle.findings.append(
            Finding("warning", "table:empty", staged.empty, file=staged.file, row=staged.header or None)
        )
    bundle.columns = staged.columns
    bundle.findings = bundle.in_its_words(bundle.findings)
    return bundle
