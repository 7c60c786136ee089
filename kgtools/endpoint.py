"""Endpoints: SPARQL queries and updates go to a server, terms and triples, or an error of one line, come back.

What a server says is taken for what a stranger says: an answer is bounded in time and size, must be of the kind that
was asked for and whole, and every IRI in it is checked before anybody uses it. Nothing is followed to another address,
since a user and a password may go with what is asked. Both come from `~/.netrc` or the environment, never from the
command line or the address, which others can read.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kgtools.errors import EngineError, InputError

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

USER, PASSWORD = "KGTOOLS_ENDPOINT_USER", "KGTOOLS_ENDPOINT_PASSWORD"
"""The environment variables that go before `~/.netrc`."""

_REQUEST = 500
"""Quads in one request to a server; Virtuoso 7 refuses some 1,600, and is quickest with a few hundred."""

_LARGEST = 1 << 28
"""Bytes of an answer that is still read: a quarter of a gigabyte."""

_IN_ADDRESS = 1_500
"""Characters up to which a query goes into the address (GET); longer ones are posted."""

_RESULTS = ("application/sparql-results+json", "application/json")
_GRAPHS = {"application/n-triples": "nt", "text/plain": "nt", "text/turtle": "ttl", "application/x-turtle": "ttl"}

Row = Mapping[str, str]
"""An answer to a SELECT: its variables, without `?`, and their terms as N-Triples writes them."""


class Endpoint:
    """A SPARQL 1.1 server (W3C SPARQL 1.1 Protocol). It is contacted only when something is asked or sent.

    Args:
        url: the address that takes queries, or updates where there is no other for these, by HTTP.
        update_url: the address that takes updates.
        graphs: the IRIs of the named graphs that queries see as their default graph; else what the server takes for it.
        seconds: how long one answer may take.
        largest: how many bytes one answer may have.

    Raises:
        InputError: the address is none, or has a user or a password in it.
    """

    def __init__(
        self,
        url: str,
        *,
        update_url: str | None = None,
        graphs: Sequence[str] = (),
        seconds: float = 120,
        largest: int = _LARGEST,
    ) -> None:
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and parts.hostname is not None
            _ = parts.port
        except ValueError:
            sound = False
        if "@" in (parts.netloc if sound else url):
            raise InputError(
                "an address with a user or a password in it is not used, since others can read it; put them into "
                f"~/.netrc, or into {USER} and {PASSWORD}"
            )
        if not sound:
            raise InputError(f"`{url}` is no address of a server; write http://… or https://…")
        self.url, self.update_url, self.graphs = url, update_url, tuple(graphs)
        self.name = url.partition("?")[0].partition("#")[0]
        """What errors call it: its address, without what may be a key in it."""
        self.seconds, self.largest = seconds, largest

    def over(self, *graphs: str) -> Endpoint:
        """The same server, whose queries see some named graphs as their default graph."""
        return Endpoint(self.url, update_url=self.update_url, graphs=graphs, seconds=self.seconds, largest=self.largest)

    # Updates

    def add(self, lines: Iterable[str]) -> None:
        """Send N-Quads, a line each, as INSERT DATA in batches.

        Raises:
            EngineError: the server does not answer, or refuses.
        """
        batch: list[str] = []
        for line in lines:
            batch.append(line)
            if len(batch) == _REQUEST:
                self._update(insert_data(batch))
                batch = []
        if batch:
            self._update(insert_data(batch))

    def drop(self, bundle: str) -> None:
        """Remove all graphs of a bundle: its data, codings, views and verdicts."""
        inside = f'FILTER(STR(?g) = "{bundle}" || STRSTARTS(STR(?g), "{bundle}/"))'
        self._update(f"DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} {inside} }}")

    def _update(self, update: str) -> None:
        self._send(update, "", "the server did not take the data")

    # Queries

    def ask(self, query: str) -> bool:
        """The answer to an ASK. Raises as `select`."""
        answer = self._json(query, "ASK")
        if not isinstance(answer.get("boolean"), bool):
            raise self._failed("an answer that is neither true nor false")
        return bool(answer["boolean"])

    def select(self, query: str) -> list[Row]:
        """The answers to a SELECT (W3C SPARQL 1.1 Query Results JSON Format).

        Raises:
            EngineError: the server does not answer, refuses, or what it answers is broken, too long or too late.
        """
        answer = self._json(query, "SELECT")
        try:
            rows = answer["results"]["bindings"]
        except (KeyError, TypeError) as error:
            raise self._failed("JSON that is no SPARQL results") from error
        try:
            return [{name: _term(value) for name, value in row.items()} for row in rows]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise self._failed(f"results with a term that is none ({_line(str(error))})") from error

    def count(self, query: str) -> int:
        """The one number, called ?n, that a SELECT answers. Raises as `select`."""
        rows = self.select(query)
        found = re.match(r'"(\d+)"', rows[0].get("n", "")) if len(rows) == 1 else None
        if found is None:
            raise self._failed("no number where it was asked to count")
        return int(found[1])

    def construct(self, query: str) -> list[str]:
        """The triples that a CONSTRUCT makes, as N-Triples, a line each; some may come twice. Raises as `select`.

        Blank nodes are named anew, so that those of two answers are never taken for the same.
        """
        import pyoxigraph as ox

        content, kind = self._query(query, "CONSTRUCT", "application/n-triples, text/turtle;q=0.5")
        if kind not in _GRAPHS:
            raise self._failed(f"{kind} where RDF was asked for; name the address where it takes queries")
        form = ox.RdfFormat.N_TRIPLES if _GRAPHS[kind] == "nt" else ox.RdfFormat.TURTLE
        try:
            return [f"{quad.triple} ." for quad in ox.parse(content, form, rename_blank_nodes=True)]
        except SyntaxError as error:
            raise self._failed(f"what is broken, or was cut off ({_line(error.msg)})") from error

    def _json(self, query: str, form: str) -> dict[str, Any]:
        content, kind = self._query(query, form, _RESULTS[0])
        if kind not in _RESULTS:
            raise self._failed(f"{kind} where results were asked for; name the address where it takes queries")
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._failed("what is broken, or was cut off (it is no JSON)") from error
        if not isinstance(answer, dict):
            raise self._failed("JSON that is no SPARQL results")
        return answer

    def _query(self, query: str, form: str, accept: str) -> tuple[bytes, str]:
        """What the server answers to a query of a form, and the media type that it gives it."""
        assert _form(query) == form  # so that it is never taken for an update
        return self._send(query, accept, "the server did not answer")

    def _failed(self, what: str) -> EngineError:
        return EngineError(f"{self.name}: the server sent {what}")

    # Sending

    def _send(self, text: str, accept: str, otherwise: str) -> tuple[bytes, str]:
        """Send a query, or an update where nothing is accepted, and read what comes back."""
        from http.client import HTTPException
        from urllib.error import HTTPError

        from SPARQLWrapper import GET, JSON, POST, TURTLE, SPARQLWrapper

        by_address = bool(accept) and len(text) <= _IN_ADDRESS and "?" not in self.url
        wrapper = SPARQLWrapper(self.url, updateEndpoint=self.update_url, agent="kgtools")
        wrapper.setMethod(GET if by_address else POST)
        wrapper.setOnlyConneg(True)
        wrapper.setReturnFormat(TURTLE if _form(text) == "CONSTRUCT" else JSON)
        if accept:
            wrapper.addCustomHttpHeader("Accept", accept)
        # Its own way to find out the form of a query takes long with a long query.
        wrapper.queryString, wrapper.queryType = text, _form(text)
        assert wrapper.isSparqlQueryRequest() is bool(accept)
        for graph in self.graphs if accept else ():
            wrapper.addDefaultGraph(graph)
        user, password = self._secrets()
        if user:
            wrapper.setCredentials(user, password)
        said = ""
        try:
            # SPARQLWrapper would follow to another address, user and password with it.
            with _opener().open(wrapper._createRequest(), timeout=self.seconds) as response:
                return self._read(response), response.headers.get_content_type()
        except HTTPError as error:
            with error:
                said = self._refusal(error)
        except TimeoutError:
            said = f"not within {self.seconds:g} seconds"
        except (HTTPException, OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            timed_out = isinstance(reason, TimeoutError)
            said = f"not within {self.seconds:g} seconds" if timed_out else _line(str(reason)) or type(error).__name__
        for secret in (password, _as_sent(user, password)):
            said = said.replace(secret, "…") if secret else said
        raise EngineError(f"{self.name}: {otherwise}: {said}")

    def _read(self, response: Any) -> bytes:
        """All of an answer, as long as it comes in time and is not too large."""
        told = response.headers.get("Content-Length", "")
        length = int(told) if told.isdecimal() and not response.headers.get("Transfer-Encoding") else None
        pieces: list[bytes] = []
        size, end = 0, time.monotonic() + self.seconds
        while piece := response.read1(1 << 16):
            pieces.append(piece)
            size += len(piece)
            if size > self.largest:
                raise EngineError(f"{self.name}: the server sent more than {self.largest:,} bytes at once")
            if time.monotonic() > end:
                raise TimeoutError
        if length is not None and size < length:
            raise EngineError(f"{self.name}: the server sent an answer that was cut off, {size:,} of {length:,} bytes")
        return b"".join(pieces)

    def _refusal(self, error: Any) -> str:
        """What a server says that does not do what it was asked: its status, and its first line if it is plain text."""
        from http.client import HTTPException

        if 300 <= error.code < 400:
            to = urlsplit(str(error.headers.get("Location", "")))
            place = _line(f"{to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}" if to.netloc else to.path)
            return f"it points to another address ({place}); name that one if you trust it"
        said = f"HTTP {error.code} {_line(str(error.reason or ''))}".strip()
        if error.code in (401, 403):
            return f"{said}; put a user and password for it into ~/.netrc, or into {USER} and {PASSWORD}"
        text = ""
        if "html" not in error.headers.get_content_type():
            with suppress(HTTPException, OSError):
                text = error.read(1 << 12).decode("utf-8", "replace")
        first = next((line for line in map(_line, text.splitlines()) if line), "")
        return f"{said}: {first}" if first else said

    def _secrets(self) -> tuple[str, str]:
        """The user and password for this server; empty where there are none."""
        from netrc import NetrcParseError, netrc

        user, password = os.environ.get(USER, ""), os.environ.get(PASSWORD, "")
        if user and password:
            return user, password
        file = os.environ.get("NETRC")
        try:
            hosts = netrc(file).hosts
        except FileNotFoundError:
            return "", ""
        except (NetrcParseError, OSError, UnicodeDecodeError) as error:
            # What the parser says may hold a password.
            raise InputError(
                "is no netrc file that can be used; it has lines `machine … login … password …`, and others may not "
                "read it",
                file or "~/.netrc",
                getattr(error, "lineno", None),
            ) from None
        login, _, secret = hosts.get(urlsplit(self.url).hostname or "", ("", "", ""))
        return login or "", secret or ""


_PROLOGUE = re.compile(r"(?:\s|#[^\n]*\n|PREFIX\s+[\w-]*:\s*<[^<>]*>)*(\w*)")


def _form(text: str) -> str:
    """The first word of a query or update behind its comments and prefixes."""
    match = _PROLOGUE.match(text)
    return match[1] if match else ""


def _as_sent(user: str, password: str) -> str:
    """A user and password as HTTP sends them (RFC 7617)."""
    from base64 import b64encode

    return b64encode(f"{user}:{password}".encode()).decode() if user else ""


@cache
def _opener() -> OpenerDirector:
    """What opens addresses and follows none."""
    from urllib.request import HTTPRedirectHandler, build_opener

    class Stay(HTTPRedirectHandler):
        """Answers with the redirection itself, which is an error."""

        def redirect_request(self, *_: Any) -> None:
            return None

    return build_opener(Stay)


def _line(text: str) -> str:
    """What somebody else says, as one short line."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return plain if len(plain) <= 200 else plain[:199] + "…"


def _term(value: Mapping[str, str]) -> str:
    """A term of SPARQL results in JSON as N-Triples writes it; a ValueError where it is none."""
    import pyoxigraph as ox

    kind, said = value["type"], value["value"]
    if kind == "uri":
        return str(ox.NamedNode(said))
    if kind == "bnode":
        return f"_:{said}"
    if kind not in ("literal", "typed-literal"):
        raise ValueError(f"of type {kind}")
    datatype = ox.NamedNode(value["datatype"]) if "datatype" in value else None
    return str(ox.Literal(said, language=value.get("xml:lang"), datatype=None if "xml:lang" in value else datatype))


_QUAD = re.compile(r"(.*) (<[^<>]*>) \.")


def insert_data(lines: Iterable[str]) -> str:
    """A SPARQL 1.1 Update that adds N-Quads: their terms are written in SPARQL as they are there."""
    graphs: dict[str, list[str]] = {}
    for line in lines:
        match = _QUAD.fullmatch(line)
        assert match is not None
        graphs.setdefault(match[2], []).append(f"{match[1]} .")
    parts = ("\n".join([f"GRAPH {graph} {{", *triples, "}"]) for graph, triples in graphs.items())
    return "\n".join(["INSERT DATA {", *parts, "}"])
