"""A second real server, Virtuoso 7: nothing goes in; one on the loopback, in a folder of its own, comes out, and ends.

Why it is behind a marker: it is no Python package, and what it answers takes minutes. `tests/install_virtuoso.sh`
installs it from Debian's packages; `make virtuoso` does that, and runs the tests.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from servers import free_port

_INI = """\
[Database]
DatabaseFile = ./virtuoso.db
ErrorLogFile = ./virtuoso.log
LockFile = ./virtuoso.lck
TransactionFile = ./virtuoso.trx
xa_persistent_file = ./virtuoso.pxa
FileExtend = 200

[TempDatabase]
DatabaseFile = ./virtuoso-temp.db
TransactionFile = ./virtuoso-temp.trx

[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
MaxClientConnections = 10
CheckpointInterval = 0
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
DirsAllowed = .
ThreadsPerQuery = 2

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
MaxClientConnections = 10
ServerThreads = 10

[SPARQL]
ResultSetMaxRows = 10000
MaxQueryCostEstimationTime = 4000
MaxQueryExecutionTime = 60
DefaultHost = 127.0.0.1:{http}
"""
"""As Debian's package sets it, but for places and ports; `ResultSetMaxRows` is what it and DBpedia have."""

_GRANTS = """\
DB.DBA.RDF_DEFAULT_USER_PERMS_SET ('nobody', 7);
GRANT SPARQL_UPDATE TO "SPARQL";
GRANT SPARQL_SPONGE TO "SPARQL";
"""
"""Who is nobody in particular may write."""

USER, PASSWORD = "dba", "dba"
"""The first user of a new database, who exists nowhere else and goes with the folder."""


@dataclass(frozen=True)
class Virtuoso:
    """A server that runs.

    Attributes:
        query: the address that takes queries, and updates too.
        store: the address of its Graph Store Protocol.
        secured, secured_store: the same, for those who give USER and PASSWORD (HTTP digest).
        version: what it says of itself.
    """

    query: str
    store: str
    secured: str
    secured_store: str
    version: str


@contextmanager
def virtuoso() -> Iterator[Virtuoso]:
    """A Virtuoso with an empty database; a test that has no such server is skipped."""
    binary, client = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if binary is None or client is None:
        pytest.skip("Virtuoso is not installed; tests/install_virtuoso.sh does it")
    said = subprocess.run([binary, "-?"], capture_output=True, text=True, check=False)
    version = next((line for line in said.stderr.splitlines() if line.startswith("Version")), "")
    sql, http = free_port(), free_port()
    with TemporaryDirectory() as folder:
        Path(folder, "virtuoso.ini").write_text(_INI.format(sql=sql, http=http), "utf-8")
        with subprocess.Popen(
            [binary, "-f", "-c", "virtuoso.ini"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _grant(client, sql, process)
                address = f"http://127.0.0.1:{http}"
                yield Virtuoso(
                    f"{address}/sparql",
                    f"{address}/sparql-graph-crud",
                    f"{address}/sparql-auth",
                    f"{address}/sparql-graph-crud-auth",
                    version,
                )
            finally:
                process.kill()  # a checkpoint of what goes anyway would take seconds


def _grant(client: str, port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until it runs, and let anybody write."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        done = subprocess.run(
            [client, f"127.0.0.1:{port}", USER, PASSWORD], input=_GRANTS, capture_output=True, text=True, check=False
        )
        if not done.returncode and "*** Error" not in done.stderr:
            return
        time.sleep(0.5)
    raise RuntimeError("Virtuoso did not start")
