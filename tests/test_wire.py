"""What goes over the wire: how often something is sent, who is told a password, and one line on whatever goes wrong."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import md5
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qs, quote_plus

import pyoxigraph as ox
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from servers import Answer, Asked, free_port, made_up, oxigraph
from test_endpoint import ALL, GRAPH, results_json

from kgtools import endpoint
from kgtools.endpoint import PASSWORD, TOKEN, USER, Endpoint, RefusedError, quads, wire
from kgtools.endpoint.requests import quoted
from kgtools.endpoint.results import RESULTS, rows_of
from kgtools.endpoint.words import ADDING, QUERY, UPDATE
from kgtools.errors import EngineError, InputError

LONG = f"{ALL} # {'long ' * 400}"


@pytest.fixture(autouse=True)
def _nobodys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No user, password or token from outside, and no server that stands between."""
    for name in (USER, PASSWORD, TOKEN, "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


class Clock:
    """A clock that goes on only while somebody waits."""

    def __init__(self) -> None:
        self.at = 100.0
        self.waits: list[float] = []

    def now(self) -> float:
        """The time."""
        return self.at

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(round(seconds, 1))
        self.at += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that waits are taken by."""
    one = Clock()
    monkeypatch.setattr(wire, "now", one.now)
    monkeypatch.setattr(wire, "wait", one.wait)
    return one


def failing(times: int, failure: Answer, then: Answer | None = None) -> Callable[[Asked], Answer]:
    """A server that fails some times, and answers then."""
    left = iter(range(times))
    return lambda _: failure if next(left, None) is not None else then or Answer(results_json())


# How often something is sent

ERRANDS: dict[str, tuple[Callable[[Endpoint], object], bool]] = {
    "a query in the address": (lambda one: one.select(ALL), True),
    "a query that is posted": (lambda one: one.select(LONG), True),
    "an update": (lambda one: one.update("CLEAR DEFAULT"), False),
    "data in an update": (lambda one: one.add(["<urn:s> <urn:p> <urn:o> ."]), False),
    "data for a graph": (lambda one: stored(one).add(["<urn:s> <urn:p> <urn:o> ."]), False),
    "the end of a graph": (lambda one: stored(one).drop_graph("urn:g"), False),
}


def stored(one: Endpoint) -> Endpoint:
    """The same server, by its graph store."""
    return Endpoint(one.url, graph_store=one.url)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(("send", "again"), ERRANDS.values(), ids=ERRANDS.keys())
def test_server_that_is_busy(send: Callable[[Endpoint], object], again: bool, status: int, clock: Clock) -> None:
    """What may be repeated is sent up to four times more, each after twice as long; nothing else is sent twice."""
    with made_up(failing(4, Answer(b"", "text/plain", status))) as (url, asked):
        if again:
            send(Endpoint(url))
        else:
            with pytest.raises(RefusedError, match=f"HTTP {status} [^(]*$"):
                send(Endpoint(url))

    assert (5, [0.5, 1, 2, 4]) == (len(asked), clock.waits) if again else (1, []) == (len(asked), clock.waits)
    assert 1 == len({(one.method, one.path, one.body) for one in asked})


def test_server_that_stays_busy(clock: Clock) -> None:
    """Who is busy for longer is given up, and the error says how often it was asked."""
    with (
        made_up(lambda _: Answer(b"later", "text/plain", 503)) as (url, asked),
        pytest.raises(RefusedError, match=r"HTTP 503 Service Unavailable: later \(sent 5 times\)$") as raised,
    ):
        Endpoint(url).select(ALL)

    assert (503, 5, 7.5) == (raised.value.status, len(asked), sum(clock.waits))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 500, 501, 505])
def test_other_refusals_are_final(status: int, clock: Clock) -> None:
    """A server that refuses for another reason is asked once."""
    with made_up(lambda _: Answer(b"", "text/plain", status)) as (url, asked), pytest.raises(RefusedError):
        Endpoint(url).select(ALL)

    assert (1, []) == (len(asked), clock.waits)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("7", [7]),
        ("0", [0.5]),
        ("60", [60]),
        ("61", None),
        ("99999999999999999999", None),
        ("soon", [0.5]),
        ("-5", [0.5]),
        ("Sun, 06 Nov 1994 08:49:37 GMT", [0.5]),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", [0.5]),
    ],
)
def test_server_that_says_when(later: str, expected: list[float] | None, clock: Clock) -> None:
    """Retry-After is honored, in seconds or as a date, up to a minute; one that wants more is not asked again."""
    busy = Answer(b"", "text/plain", 429, {"Retry-After": later})
    with made_up(failing(1, busy)) as (url, asked):
        if expected is None:
            with pytest.raises(RefusedError, match="HTTP 429"):
                Endpoint(url).select(ALL)
        else:
            Endpoint(url).select(ALL)

    assert (1 if expected is None else 2, expected or []) == (len(asked), clock.waits)


def test_server_that_says_a_date(clock: Clock) -> None:
    """A date in the near future is waited for."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    with made_up(failing(1, Answer(b"", "text/plain", 503, {"Retry-After": date}))) as (url, _):
        Endpoint(url).select(ALL)

    assert 17 < sum(clock.waits) <= 20


@pytest.mark.parametrize(("seconds", "expected"), [(0.4, []), (2, [0.5, 1]), (3, [0.5, 1]), (4, [0.5, 1, 2])])
def test_waits_take_no_longer_than_an_answer_may(seconds: float, expected: list[float], clock: Clock) -> None:
    """All tries and waits together stay within the time that one answer may take."""
    with made_up(lambda _: Answer(b"", "text/plain", 503)) as (url, asked), pytest.raises(RefusedError):
        Endpoint(url, seconds=seconds).select(ALL)

    assert (len(expected) + 1, expected) == (len(asked), clock.waits)


@pytest.mark.parametrize(("send", "again"), ERRANDS.values(), ids=ERRANDS.keys())
def test_server_that_hangs_up(send: Callable[[Endpoint], object], again: bool, clock: Clock) -> None:
    """Where a server hangs up without a word, what may be repeated is sent once more."""
    with made_up(failing(1, Answer(hangs_up=True))) as (url, asked):
        if again:
            send(Endpoint(url))
        else:
            with pytest.raises(EngineError, match=r"it hung up without an answer$"):
                send(Endpoint(url))

    assert ((2, [0.5]) if again else (1, [])) == (len(asked), clock.waits)


def test_server_that_always_hangs_up(clock: Clock) -> None:
    """Once more, and no oftener."""
    with (
        made_up(lambda _: Answer(hangs_up=True)) as (url, asked),
        pytest.raises(EngineError, match=r"the server did not answer: it hung up without an answer \(sent 2 times"),
    ):
        Endpoint(url).select(ALL)

    assert (2, [0.5]) == (len(asked), clock.waits)


def test_nobody_is_waited_for(clock: Clock) -> None:
    """Where nobody listens, that is said at once."""
    with pytest.raises(EngineError, match=r"nobody listens there \(connection refused\)$"):
        Endpoint(f"http://127.0.0.1:{free_port()}/query").select(ALL)

    assert [] == clock.waits


@pytest.mark.parametrize("what", ["header", "refusal", "answer"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.usefixtures("_trusted")
def test_server_that_dawdles(what: str, secure: bool, authority: trustme.CA) -> None:
    """However slowly a server says a thing, the time that it may take is kept."""
    start = {
        "header": b"HTTP/1.0 200 OK\r\nX: ",
        "refusal": b"HTTP/1.0 500 No\r\nContent-Type: text/plain\r\n\r\n",
        "answer": b"HTTP/1.0 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n{",
    }[what]
    context = certified(authority, "127.0.0.1") if secure else None
    began = time.monotonic()
    with (
        made_up(lambda _: Answer(raw=start, drips=b" " * 100), context) as (url, _),
        pytest.raises(EngineError, match=r"HTTP 500 No$" if what == "refusal" else r"not within 0\.5 seconds$"),
    ):
        Endpoint(url, seconds=0.5).select(ALL)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.usefixtures("_trusted")
def test_time_that_is_over_before_there_is_a_connection(
    secure: bool, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where connecting alone takes all the time, nothing that comes after is listened to."""
    connect = HTTPConnection.connect

    def slowly(connection: HTTPConnection) -> None:
        connect(connection)
        time.sleep(0.7)

    monkeypatch.setattr(HTTPConnection, "connect", slowly)
    began = time.monotonic()
    with (
        made_up(
            lambda _: Answer(raw=b"HTTP/1.0 200 OK\r\nX: ", drips=b" " * 100),
            certified(authority, "127.0.0.1") if secure else None,
        ) as (url, _),
        pytest.raises(EngineError, match=r"not within 0\.5 seconds$"),
    ):
        Endpoint(url, seconds=0.5).select(ALL)

    assert time.monotonic() - began < 2


# Addresses


@pytest.mark.parametrize("status", [404, 405, 415, 501])
@pytest.mark.parametrize(
    ("send", "said"),
    [
        (lambda url: Endpoint(url).select(ALL), r"queries go to .*/query \(Oxigraph\)"),
        (lambda url: Endpoint(url).update("CLEAR ALL"), r"updates go to .*/update \(Oxigraph\)"),
        (lambda url: Endpoint(url, graph_store=url).add(["<urn:s> <urn:p> <urn:o> ."]), r"graphs go to .*/store \(Oxi"),
    ],
)
def test_address_that_takes_something_else(send: Callable[[str], object], said: str, status: int) -> None:
    """Where an address takes not what was sent, the error names those of the usual servers."""
    with made_up(lambda _: Answer(b"", "text/plain", status)) as (url, _), pytest.raises(RefusedError, match=said):
        send(url)


def test_page_for_people() -> None:
    """A page where an answer should be is named as such, and what would be right."""
    with made_up(lambda _: Answer(b"<html>", "text/html")) as (url, _):
        for send in (lambda: Endpoint(url).select(ALL), lambda: Endpoint(url).construct(GRAPH)):
            with pytest.raises(RefusedError, match=r"sent text/html where .*; queries go to .*/sparql") as raised:
                send()
            assert (200, True) == (raised.value.status, raised.value.page)


def test_real_addresses(tmp_path: Path) -> None:
    """An update at an address for queries, and one to a server that only reads, end in a line that says so."""
    with oxigraph() as server:
        with pytest.raises(RefusedError, match=r"HTTP 400 Bad Request: The URL query .*; updates go to .*/update"):
            Endpoint(f"{server}/query").update("CLEAR ALL")
        with pytest.raises(RefusedError, match="text/html where results were asked for; queries go to"):
            Endpoint(server).select(ALL)
        with pytest.raises(RefusedError, match=r"HTTP 404 Not Found: .*; queries go to"):
            Endpoint(f"{server}/nowhere").select(ALL)
    ox.Store(str(tmp_path / "store")).flush()
    with oxigraph("--location", str(tmp_path / "store"), command="serve-read-only") as server:
        for one in (
            Endpoint(f"{server}/query", update_url=f"{server}/update"),
            Endpoint(f"{server}/query", graph_store=f"{server}/store"),
        ):
            with pytest.raises(
                RefusedError, match=r"HTTP 403 Forbidden: The server is read-only; it may be for reading"
            ):
                one.add(["<urn:s> <urn:p> <urn:o> ."])


def test_name_that_nobody_has() -> None:
    """A host that is not known is told from one that does not answer."""
    with pytest.raises(EngineError, match=r"no server is called `nowhere\.invalid`; see how it is spelled"):
        Endpoint("http://nowhere.invalid/query").select(ALL)


@pytest.mark.parametrize("graph", ["urn:a> } ; DROP ALL ; #", "a b", "", "no-scheme", "urn:\\u003E"])
def test_graph_that_is_none(graph: str) -> None:
    """What is no IRI is never asked for as a graph."""
    with made_up(lambda _: Answer(results_json())) as (url, asked):
        for send in (
            lambda: Endpoint(url, graphs=[graph]),
            lambda: Endpoint(url).over(graph),
            lambda: Endpoint(url).has(graph),
            lambda: Endpoint(url).drop(graph),
            lambda: Endpoint(url).remove(graph, "urn:g"),
            lambda: Endpoint(url).remove("urn:b", graph),
            lambda: Endpoint(url).drop_view(graph),
            lambda: Endpoint(url).drop_graph(graph),
            lambda: Endpoint(url, graph_store=url).drop_graph(graph),
        ):
            with pytest.raises(InputError, match="is no IRI that a server can be asked for"):
                send()

    assert [] == asked


# Certificates


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Somebody who certifies."""
    return trustme.CA()


def certified(authority: trustme.CA, *names: str, until: datetime | None = None) -> ssl.SSLContext:
    """What a server shows that was certified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, not_before=datetime(2001, 1, 1, tzinfo=UTC), not_after=until).configure_cert(context)
    return context


@pytest.fixture
def _trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The machine trusts them."""
    authority.cert_pem.write_to_path(str(tmp_path / "trusted.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))


@pytest.mark.usefixtures("_trusted")
def test_certificate_that_is_trusted(authority: trustme.CA) -> None:
    """A server with a certificate that SSL_CERT_FILE vouches for is asked."""
    with made_up(lambda _: Answer(results_json()), certified(authority, "127.0.0.1")) as (url, asked):
        assert [] == Endpoint(url).select(ALL)

    assert 1 == len(asked)


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    ("names", "until", "said"),
    [
        (["127.0.0.1"], datetime(2002, 1, 1, tzinfo=UTC), "its certificate has expired"),
        (["example.org"], None, "its certificate is for another name"),
    ],
)
def test_certificate_that_is_wrong(names: list[str], until: datetime | None, said: str, authority: trustme.CA) -> None:
    """A certificate that is for another host, or was for another time, is named as such; nothing is asked."""
    with (
        made_up(lambda _: Answer(results_json()), certified(authority, *names, until=until)) as (url, asked),
        pytest.raises(EngineError, match=said) as raised,
    ):
        Endpoint(url).select(ALL)

    assert ([], False) == (asked, "\n" in str(raised.value))


def test_certificate_that_nobody_vouches_for(authority: trustme.CA) -> None:
    """A certificate of a stranger is refused, and the error says which are trusted."""
    with (
        made_up(lambda _: Answer(results_json()), certified(authority, "127.0.0.1")) as (url, asked),
        pytest.raises(EngineError, match=r"certificate is not trusted \(.*\); what counts .* SSL_CERT_FILE names$"),
    ):
        Endpoint(url).select(ALL)

    assert [] == asked


@pytest.mark.usefixtures("clock")
def test_http_where_https_is_spoken_and_the_other_way_round(authority: trustme.CA) -> None:
    """Who is spoken to in the wrong way is an error that guesses at the right one."""
    with made_up(lambda _: Answer(results_json())) as (url, _), pytest.raises(EngineError, match=r"perhaps .* http://"):
        Endpoint(url.replace("http:", "https:")).select(ALL)
    with (
        made_up(lambda _: Answer(results_json()), certified(authority, "127.0.0.1")) as (url, asked),
        pytest.raises(EngineError, match=r"the server did not answer: (it hung up|what it speaks is no HTTP)"),
    ):
        Endpoint(url.replace("https:", "http:")).select(ALL)

    assert [] == asked


# Who is told what


def test_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token goes with queries, updates and graphs."""
    monkeypatch.setenv(TOKEN, "abc.DEF-1_2~+/==")
    with made_up(lambda _: Answer(results_json())) as (url, asked):
        one = Endpoint(f"{url}/q", update_url=f"{url}/u", graph_store=f"{url}/s")
        one.select(ALL)
        one.update("CLEAR ALL")
        one.add(["<urn:s> <urn:p> <urn:o> ."])

    assert ["/q", "/u", "/s"] == [re.split("[?]", one.path)[0] for one in asked]
    assert {"Bearer abc.DEF-1_2~+/=="} == {one.headers["Authorization"] for one in asked}


@pytest.mark.parametrize("token", ["s3cret\r\nX-Other: 1", "s3 cret", "s3cret\n", "s3crét", "=s3cret"])
def test_token_that_is_none(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be more than a header is not sent, and not repeated."""
    monkeypatch.setenv(TOKEN, token)
    with (
        made_up(lambda _: Answer(results_json())) as (url, asked),
        pytest.raises(InputError, match=f"^{TOKEN} is no token; it has letters") as raised,
    ):
        Endpoint(url).select(ALL)

    assert ([], False) == (asked, "s3" in str(raised.value))


@pytest.mark.parametrize("name", [USER, PASSWORD])
def test_token_beside_a_password(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both are set nobody knows which is meant."""
    monkeypatch.setenv(TOKEN, "abc")
    monkeypatch.setenv(name, "s3cret")
    with pytest.raises(InputError, match=f"{TOKEN} is set, and so is {USER} or {PASSWORD}; unset") as raised:
        Endpoint("http://127.0.0.1:1/").select(ALL)

    assert "s3cret" not in str(raised.value)


def test_token_that_a_server_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that repeats a token, in a refusal, an answer or an address, does not bring it into an error."""
    monkeypatch.setenv(TOKEN, "s3cret")
    broken = results_json({"s": {"type": "uri", "value": "a s3cret b"}})
    for answer in (
        Answer(b"your s3cret", "text/plain", 500),
        Answer((b"x" * 195) + b"s3cret", "text/plain", 500),
        Answer(status=302, headers={"Location": "http://s3cret.example/s3cret"}),
        Answer(broken),
        Answer(b"", "text/s3cret"),
    ):
        with made_up(lambda _, said=answer: said) as (url, _), pytest.raises(EngineError) as raised:  # type: ignore[misc]
            Endpoint(url).select(ALL)
        assert "s3c" not in str(raised.value)


def test_password_that_a_server_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends a password that is wrong is told so, and not to send one."""
    with made_up(lambda _: Answer(b"", "text/plain", 401)) as (url, _):
        monkeypatch.setenv(TOKEN, "abc")
        with pytest.raises(RefusedError, match=r"HTTP 401 Unauthorized; it does not know the token that it was sent$"):
            Endpoint(url).select(ALL)
        monkeypatch.delenv(TOKEN)
        monkeypatch.setenv(USER, "ada")
        monkeypatch.setenv(PASSWORD, "s3cret")
        with pytest.raises(RefusedError, match=r"it does not know the user and password that it was sent$"):
            Endpoint(url).select(ALL)


@pytest.mark.parametrize("secret", ["token", "password"])
def test_another_server_is_told_nothing(secret: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the environment has is for the server that is asked; another one for updates needs netrc."""
    monkeypatch.setenv(TOKEN if secret == "token" else USER, "abc")
    if secret == "password":
        monkeypatch.setenv(PASSWORD, "s3cret")
    file = tmp_path / "netrc"
    with made_up(lambda _: Answer(results_json())) as (url, asked), made_up(lambda _: Answer()) as (other, there):
        for one in (Endpoint(url, update_url=other), Endpoint(url, graph_store=other)):
            with pytest.raises(InputError, match=f"^{other} is another server than {url}, .* into ~/.netrc$"):
                one.add(["<urn:s> <urn:p> <urn:o> ."])
        assert [] == there
        file.write_text("machine 127.0.0.1 login eve password other\n")
        file.chmod(0o600)
        monkeypatch.setenv("NETRC", str(file))
        Endpoint(url, update_url=other).update("CLEAR ALL")
        Endpoint(url, update_url=other).select(ALL)

    assert ["Basic ZXZlOm90aGVy"] == [one.headers["Authorization"] for one in there]
    assert "Bearer abc" if secret == "token" else "Basic YWJjOnMzY3JldA==" == asked[0].headers["Authorization"]


def test_same_server_by_its_usual_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that is the usual one may be written or not; http and https are two servers."""
    from kgtools.endpoint.login import login_for

    monkeypatch.setenv(TOKEN, "abc")

    assert login_for("https://h:443/update", "https://h/query")
    with pytest.raises(InputError, match=r"^http://h is another server than https://h,"):
        login_for("http://h/update", "https://h/query")


def digest(asked: Asked, nonce: str) -> bool:
    """Whether a request has the right password by Digest (RFC 7616, 3.4.1, for MD5 and auth)."""
    said = dict(re.findall(r'(\w+)="?([^",]*)', asked.headers.get("Authorization", "").removeprefix("Digest ")))

    def hashed(*parts: str) -> str:
        return md5(":".join(parts).encode()).hexdigest()

    secret, what = hashed("ada", "here", "s3cret"), hashed(asked.method, said.get("uri", ""))
    expected = hashed(secret, nonce, said.get("nc", ""), said.get("cnonce", ""), "auth", what)
    return said.get("uri") == asked.path and said.get("response") == expected


@pytest.mark.parametrize("says", ["to all", "to who sends nothing"])
@pytest.mark.parametrize("send", [lambda one: one.select(ALL), lambda one: one.drop("urn:g")], ids=["query", "update"])
def test_password_by_digest(send: Callable[[Endpoint], object], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that asks for a password by Digest gets it so; it is done once, and a wrong one is not tried forever."""
    monkeypatch.setenv(USER, "ada")
    monkeypatch.setenv(PASSWORD, "s3cret")
    done: list[str] = []

    def answer(asked: Asked) -> Answer:
        if digest(asked, "n0nce"):
            done.append(asked.method)
            return Answer(results_json())
        told = says == "to all" or "Authorization" not in asked.headers
        challenge = {"WWW-Authenticate": 'Digest realm="here", nonce="n0nce", qop="auth", algorithm="MD5"'}
        return Answer(b"", "text/plain", 401, challenge if told else {})

    with made_up(answer) as (url, asked):
        send(Endpoint(f"{url}/sparql"))
        expected = 2 if says == "to all" else 3

        assert (expected, 1) == (len(asked), len(done))
        monkeypatch.setenv(PASSWORD, "wrong")
        with pytest.raises(RefusedError, match="it does not know the user and password"):
            send(Endpoint(f"{url}/sparql"))
        assert (2 * expected, 1) == (len(asked), len(done))


# What is quick


@given(st.text() | st.text(st.sampled_from("%+ 2Bé/~<>&=")))
def test_quoted_text(text: str) -> None:
    """What goes into a form is what the library of Python makes of it; only quicker."""

    assert quote_plus(text.encode(), safe="/").encode() == quoted(text)


@pytest.mark.parametrize("graphs", [[], ["urn:one", "urn:query=/two"]])
def test_long_query_arrives_whole(graphs: list[str]) -> None:
    """A query that is posted is the one that was asked, with the graphs that it is over."""
    query = f"ASK {{ ?s ?p {' '.join(f'<urn:é+%20&query={n}>' for n in range(300))} }}"
    with made_up(lambda _: Answer(b'{"head": {}, "boolean": true}')) as (url, asked):
        Endpoint(url, graphs=graphs).ask(query)

    assert ["POST"] == [one.method for one in asked]
    assert {"query": [query], **({"default-graph-uri": graphs} if graphs else {})} == parse_qs(asked[0].body)


def test_terms_are_written_as_always() -> None:
    """Every character of a literal is written as N-Triples writes it, whether or not there is a quick way."""
    texts = [chr(one) for one in range(0x11000) if not 0xD800 <= one < 0xE000]
    told = results_json(*({"s": {"type": "literal", "value": one}} for one in texts))

    assert [str(ox.Literal(one)) for one in texts] == [row["s"] for row in rows_of(told, RESULTS)]


# What is not quite the standard's


@pytest.mark.parametrize(("rows", "expected"), [([], False), (["0"], False), (["1"], True)])
def test_truth_of_virtuoso(rows: list[str], expected: bool) -> None:
    """Virtuoso 7 answers an ASK with a table."""
    told = results_json(*({"__ASK_RETVAL": {"type": "literal", "value": one}} for one in rows))
    with made_up(lambda _: Answer(told.replace(b'["s"]', b'["__ASK_RETVAL"]'))) as (url, _):
        assert expected == Endpoint(url).ask("ASK { ?s ?p ?o }")
        assert expected is Endpoint(url).answer("ASK { ?s ?p ?o }")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an Oxigraph server with some triples in two graphs."""
    with oxigraph() as address:
        Endpoint(f"{address}/update").add(
            [
                "<urn:s> <urn:p> <urn:o> <urn:g> .",
                '<urn:s> <urn:p> "é" <urn:h> .',
                "<urn:s> <urn:p> _:b <urn:h/view/any> .",
            ]
        )
        yield address


# Any query


def test_answers_as_they_come(server: str) -> None:
    """Any query is answered with rows, a truth or triples, as terms."""
    one = Endpoint(f"{server}/query", graphs=["urn:h"])
    prefixed = "# who\nPREFIX u: <urn:> SELECT ?o { u:s u:p ?o }"
    triple = ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("é"))

    assert (("o",), [(triple.object,)]) == one.answer(prefixed)
    assert one.answer("PREFIX u: <urn:> ASK { u:s u:p ?o }") is True
    for query in (GRAPH, "DESCRIBE <urn:s>"):
        assert [triple] == one.answer(query)
    assert [{"o": '"é"'}] == one.select(prefixed)


@pytest.mark.parametrize(
    "text", ["DROP ALL", "PREFIX u: <urn:> INSERT DATA { u:s u:p u:o }", "", "SELECT * {} ; DROP ALL"]
)
def test_update_is_no_query(text: str) -> None:
    """An update is not sent as a query, which some servers would carry out."""
    with made_up(lambda _: Answer(results_json())) as (url, asked):
        with pytest.raises(InputError):
            Endpoint(url).answer(text)
        for send in (Endpoint(url).ask, Endpoint(url).construct):
            with pytest.raises(InputError):
                send(text)

    assert [] == asked


@pytest.mark.parametrize(
    ("query", "answer", "said"),
    [
        (ALL, Answer(results_json()[:-2]), "broken, or was cut off"),
        (ALL, Answer(b'{"boolean": true}'), "no SPARQL results"),
        (ALL, Answer(b"<s/>", "application/sparql-results+xml"), r"application/sparql-results\+xml where results were"),
        ("ASK {}", Answer(results_json()), "neither true nor false"),
        ("DESCRIBE <urn:s>", Answer(b"<urn:s> <urn:p> <urn:", "text/turtle"), "broken, or was cut off"),
        (GRAPH, Answer(b"{}", "application/ld+json"), "application/ld.json where RDF was asked for"),
    ],
)
def test_answer_that_is_none(query: str, answer: Answer, said: str) -> None:
    """What is broken or of another kind is not handed on."""
    with made_up(lambda _: answer) as (url, _), pytest.raises(EngineError, match=said):
        Endpoint(url).answer(query)


# Graphs

NAMED = "GRAPH ?node { ?s ?p ?o }"


def test_graphs_that_queries_see(server: str) -> None:
    """Where the default graph is empty, queries see all graphs but views; else what the server takes for it."""
    one = Endpoint(f"{server}/query")
    seen = one.visible()

    assert ("urn:g", "urn:h") == seen.graphs
    assert ['"é"', "<urn:o>"] == sorted(row["o"] for row in seen.select("SELECT ?o { ?s ?p ?o }"))
    assert ["urn:g", "urn:h", "urn:h/view/any"] == [*chain.from_iterable(one.pages(NAMED))]
    assert (True, False) == (one.has("urn:g"), one.has("urn:none"))
    assert (True, False) == (one.has("urn:g", "urn:s"), one.has("urn:g", "urn:o"))
    assert one.over("urn:h").visible().graphs == ("urn:h",)


def test_default_graph_that_holds_something() -> None:
    """A server whose default graph holds something, or that holds nothing at all, is left as it is."""
    with oxigraph("--union-default-graph") as address:
        one = Endpoint(f"{address}/query", update_url=f"{address}/update")
        assert one.visible() is one
        one.add(["<urn:s> <urn:p> <urn:o> <urn:g> ."])
        assert one.visible() is one


def test_names_come_page_by_page(server: str) -> None:
    """Names are asked for in pages, each after the last of the one before, until one is empty."""
    one = Endpoint(f"{server}/query")

    assert ["urn:g", "urn:h", "urn:h/view/any"] == [*chain.from_iterable(one.pages(NAMED, 1))]


def test_too_many_graphs() -> None:
    """More graphs than can be sent with a query are an error that says what to do."""
    names = sorted(f"urn:{n:05}" for n in range(3_000))

    def answer(asked: Asked) -> Answer:
        if "ASK" in asked.query:
            return Answer(b'{"boolean": %s}' % (b"true" if "GRAPH" in asked.query else b"false"))
        after = re.search(r'> "([^"]*)"', asked.query)
        left = [one for one in names if one > (after[1] if after else "")]
        return Answer(results_json(*({"node": {"type": "uri", "value": one}} for one in left[:700])))

    with made_up(answer) as (url, asked):
        assert names == [*chain.from_iterable(Endpoint(url).pages(NAMED))]
        with pytest.raises(InputError, match=r"more than 2,000 named graphs, and no incident .* with --graph"):
            Endpoint(url).visible()
        names[:] = names[:2_000]
        queried = Endpoint(url).visible()
        queried.select(ALL)

    assert (2_000, "POST") == (len(queried.graphs), asked[-1].method)
    assert 2_000 == asked[-1].body.count("default-graph-uri=")


def test_server_that_repeats_itself() -> None:
    """A server that gives the same names whatever is asked is not asked forever."""
    same = results_json({"node": {"type": "uri", "value": "urn:g"}})
    with made_up(lambda _: Answer(same)) as (url, _), pytest.raises(EngineError, match="the same names again"):
        next(iter([*Endpoint(url).pages(NAMED)]))


def test_more_headers_than_are_read() -> None:
    """Virtuoso repeats each graph that is asked in a header; too many of them are one line that says what to do."""
    said = Answer(results_json(), headers={f"X-{n}": "urn:g" for n in range(200)})
    with made_up(lambda _: said) as (url, _), pytest.raises(EngineError) as raised:
        Endpoint(url).select(ALL)

    assert str(raised.value).startswith(f"{url}: the server did not answer: it sent too many headers")
    assert str(raised.value).endswith("name fewer with --graph")


# The page on servers


def test_page_says_what_is_done() -> None:
    """The page names every address of the errors' hints, and the numbers that the code has."""
    page = (Path(__file__).parents[1] / "docs/servers.md").read_text("utf-8")
    hints = {one for errand in (QUERY, UPDATE, ADDING) for one in re.findall(r"…/[\w/-]+", errand.addresses)}
    pauses = [wire.FIRST_PAUSE * 2**n for n in range(wire.TRIES - 1)]
    numbers = [quads._MOST, quads._MOST_IN_GRAPH, endpoint._MOST_GRAPHS, endpoint._LARGEST >> 20]

    assert [] == [
        one for one in sorted(hints) if f"`{one}" not in page and one not in page.replace("/namespace/NAME", "")
    ]
    assert [] == [one for one in map("{:,}".format, numbers) if one not in page]
    assert "after {:g}, {:g}, {:g} and {:g} seconds".format(*pauses) in page
    assert [] == [name for name in (USER, PASSWORD, TOKEN) if name not in page]
    assert 60 == wire.LONGEST_PAUSE
