"""Words: what went wrong between us and a server goes in; one line on it, and on what would be right, comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kgtools.endpoint.login import PASSWORD, TOKEN, USER, Login

if TYPE_CHECKING:
    from ssl import SSLCertVerificationError

LONGEST = 200
"""Characters of what somebody else says."""


@dataclass(frozen=True)
class Errand:
    """What is wanted of a server.

    Args:
        failed: what it did if it did not do that.
        addresses: where the usual servers take it.
        again: whether it may be sent again where nobody knows whether it was done.
        sure: whether it goes to an address that was named for it.
    """

    failed: str
    addresses: str
    again: bool
    sure: bool = True


QUERY = Errand(
    "the server did not answer",
    "queries go to an address such as …/query (Oxigraph), …/DATASET/query (Fuseki), …/sparql (Virtuoso, Blazegraph) or "
    "…/repositories/NAME (GraphDB, RDF4J)",
    again=True,
)
UPDATE = Errand(
    "the server did not take the data",
    "updates go to an address such as …/update (Oxigraph), …/DATASET/update (Fuseki), …/sparql (Virtuoso, Blazegraph) "
    "or …/repositories/NAME/statements (GraphDB, RDF4J)",
    # Never, whatever the server says: who is told 503 by a proxy does not know what the server behind it has done, and
    # between the two somebody else may have written. One more `INSERT DATA` would do no harm; one more `DELETE` may.
    again=False,
)
ADDING = Errand(
    "the server did not take the data",
    "graphs go to an address such as …/store (Oxigraph), …/DATASET/data (Fuseki), …/sparql-graph-crud-auth (Virtuoso) "
    "or …/repositories/NAME/rdf-graphs/service (GraphDB, RDF4J)",
    again=False,
)

_NO_SUCH = (404, 405, 406, 415, 501)
"""What an address answers that takes something else."""


def line(text: str) -> str:
    """What somebody else says, as one short line."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def refusal(error: Any, text: str, errand: Errand, login: Login) -> str:
    """What a server says that does not do what it was asked: its status, and its first line if it is plain text.

    Args:
        error: the `HTTPError`.
        text: the first of what it says; empty if that is a page.
    """
    if 300 <= error.code < 400:
        to = urlsplit(str(error.headers.get("Location", "")))
        place = line(f"{to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}" if to.netloc else to.path)
        return f"it points to another address ({place}); name that one if you trust it"
    said = f"HTTP {error.code} {line(str(error.reason or ''))}".strip()
    first = next((one for one in map(line, login.masked(text).splitlines()) if one), "")
    said += f": {first}" if first and error.code != 401 else ""
    if error.code == 401 and login:
        return f"{said}; it does not know the {'token' if login.token else 'user and password'} that it was sent"
    if error.code in (401, 403) and not login:
        reading = "it may be for reading only; if not, " if error.code == 403 and errand is not QUERY else ""
        return (
            f"{said}; {reading}put a user and password for it into ~/.netrc, or into {USER} and {PASSWORD}{_OR_TOKEN}"
        )
    if error.code == 403:
        return f"{said}; it may be for reading only, or let only others do that"
    if error.code in _NO_SUCH or (error.code == 400 and not errand.sure):
        return f"{said}; {errand.addresses}"
    return said


_OR_TOKEN = f" (a token: into {TOKEN})"


def failure(error: Exception, seconds: float, host: str) -> str:
    """Why nothing, or only a part, came from a server."""
    from http.client import BadStatusLine, HTTPException, IncompleteRead
    from socket import gaierror
    from ssl import SSLCertVerificationError, SSLError
    from urllib.error import URLError

    reason = error.reason if isinstance(error, URLError) else error
    match reason:
        case TimeoutError():
            return f"not within {seconds:g} seconds"
        case SSLCertVerificationError():
            return _certificate(reason)
        case SSLError():
            return (
                f"no secure connection came about ({line(str(reason.reason or reason))}); perhaps it is an http://… one"
            )
        case gaierror():
            return f"no server is called `{line(host)}`; see how it is spelled, and whether there is a network"
        case ConnectionRefusedError():
            return "nobody listens there (connection refused)"
        case ConnectionError():  # also http.client's RemoteDisconnected
            return "it hung up without an answer"
        case IncompleteRead():
            return "its answer was cut off"
        case BadStatusLine():
            return "what it speaks is no HTTP; perhaps it is an https://… one"
        case HTTPException() if "headers" in str(reason):
            # Virtuoso repeats each graph that a query is over in a header, and Python reads a hundred of these.
            return "it sent too many headers (Virtuoso sends one for each graph that is asked); name fewer with --graph"
    return line(str(reason)) or type(reason).__name__


def _certificate(error: SSLCertVerificationError) -> str:
    """What is wrong with a server's certificate (RFC 5280, 6; the numbers are OpenSSL's)."""
    said = line(error.verify_message)
    if error.verify_code in (9, 10):
        when = "is not valid yet" if error.verify_code == 9 else "has expired"
        return f"its certificate {when}; see this machine's clock too"
    if error.verify_code in (62, 64):
        return f"its certificate is for another name ({said.rstrip('.')}); name the server as that does"
    return (
        f"its certificate is not trusted ({said}); what counts are the certificates of the operating system, or of the "
        "file that SSL_CERT_FILE names"
    )
