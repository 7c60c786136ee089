"""Servers for tests, all on the loopback: a real one (Oxigraph), and made-up ones that answer as they are told."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest


def free_port() -> int:
    """A port of the loopback that nobody listens to."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def oxigraph(*options: str, command: str = "serve") -> Iterator[str]:
    """The address of an Oxigraph server with an empty store; a test that has no such server is skipped."""
    binary = Path(sys.executable).with_name("oxigraph")
    if not binary.exists():
        pytest.skip("the server is not installed; `pip install oxigraph`")
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [binary, command, *options, "--bind", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for _ in range(200):
                try:
                    with urllib.request.urlopen(f"http://{address}/", timeout=1):
                        break
                except (URLError, OSError):
                    time.sleep(0.05)
            yield f"http://{address}"
        finally:
            process.terminate()


def held(server: str) -> list[str]:
    """What a server holds, as sorted N-Quads."""
    request = urllib.request.Request(f"{server}/store", headers={"Accept": "application/n-quads"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        quads = ox.parse(answer.read(), ox.RdfFormat.N_QUADS)
        return sorted(f"{quad} ." for quad in quads)


def put(server: str, lines: list[str]) -> None:
    """Make a server hold these N-Quads, and nothing else."""
    request = urllib.request.Request(
        f"{server}/store",
        data="".join(f"{line}\n" for line in lines).encode(),
        method="PUT",
        headers={"Content-Type": "application/n-quads"},
    )
    urllib.request.urlopen(request, timeout=60).close()


@dataclass(frozen=True)
class Asked:
    """What somebody asked a made-up server."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def update(self) -> str:
        """The SPARQL update."""
        return parse_qs(self.body).get("update", [""])[0]

    @property
    def query(self) -> str:
        """The SPARQL query."""
        said = urlsplit(self.path).query if self.method == "GET" else self.body
        return parse_qs(said).get("query", [""])[0]


@dataclass
class Answer:
    """What it answers.

    Args:
        raw: the whole answer, byte for byte, instead of all else.
        wait: seconds before it says anything.
        hangs_up: whether it says nothing at all.
        drips: what comes after `raw`, ten bytes a second.
    """

    content: bytes = b""
    kind: str = "application/sparql-results+json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    wait: float = 0
    hangs_up: bool = False
    drips: bytes = b""


@contextmanager
def made_up(
    answer: Callable[[Asked], Answer], secure: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[Asked]]]:
    """A server that answers by a function, by https where it has a certificate: its address, and what it was asked."""
    asked: list[Asked] = []
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
            said = answer(asked[-1])
            ended.wait(said.wait)
            if said.hangs_up:
                return
            if said.raw:
                self.wfile.write(said.raw)
                for one in said.drips:
                    if not ended.wait(0.1):
                        self.wfile.write(bytes([one]))
                return
            self.send_response(said.status)
            self.send_header("Content-Type", said.kind)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.content)

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                """Whoever asked has gone."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if secure is not None:
        server.socket = secure.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'https' if secure else 'http'}://127.0.0.1:{server.server_port}", asked
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def passed_on(server: str) -> Callable[[Asked], Answer]:
    """What a real server answers, for a made-up one that stands before it."""

    def answer(asked: Asked) -> Answer:
        request = urllib.request.Request(
            server + asked.path,
            data=asked.body.encode() if asked.method in ("POST", "PUT") else None,
            method=asked.method,
            headers={name: asked.headers[name] for name in ("Accept", "Content-Type") if name in asked.headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as got:
                return Answer(got.read(), got.headers.get_content_type(), got.status)
        except HTTPError as error:
            with error:
                return Answer(error.read(), "text/plain", error.code)

    return answer
