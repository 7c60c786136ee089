"""The wire: a request goes to a server; what that answers, whole, in time and not too large, or an error of one line,
comes out.

What is sent again, and when. Queries: up to four times where the server says that it is busy (429, 502, 503, 504),
after half a second, one, two and four, or what it asks for in Retry-After if that is at most a minute; once where it
hangs up without an answer. Never where nobody listens, nor where no time is left: all tries and waits together take no
longer than one answer may. Nothing else is sent again, since nobody knows whether it was done (RFC 9110, 9.2.2). There
is no chance in the waits: one person asks here, one query after the other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kgtools.endpoint.login import Login
from kgtools.endpoint.watch import Watch, opener
from kgtools.endpoint.words import Errand, failure, refusal
from kgtools.errors import EngineError

if TYPE_CHECKING:
    from urllib.error import HTTPError
    from urllib.request import OpenerDirector, Request

BUSY = (429, 502, 503, 504)
"""What a server answers that may do better in a while (RFC 9110, 15.6; RFC 6585, 4)."""

TRIES = 5
"""How often a query is sent at most."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds before it is sent a second time, which double then; and how long a server may ask us to wait."""

now, wait = time.monotonic, time.sleep  # so that tests need not wait


class RefusedError(EngineError):
    """A server that answers, but not with what it was asked for.

    Args:
        status: of HTTP; 200 where it sent something of another kind.
        page: whether that is a page for people.
    """

    def __init__(self, message: str, status: int, *, page: bool = False) -> None:
        super().__init__(message)
        self.status, self.page = status, page


@dataclass(frozen=True)
class Wire:
    """How to speak to one address.

    Args:
        name: what errors call it.
        seconds: how long an answer may take, with all that is done to get it.
        largest: how many bytes it may have.
        login: what goes with each request.
    """

    name: str
    seconds: float
    largest: int
    login: Login

    def send(self, make: Callable[[], Request], errand: Errand) -> tuple[bytes, str]:
        """What a server answers to a request, and its media type.

        Args:
            make: makes the request, anew for each time that it is sent.

        Raises:
            RefusedError: it refuses.
            EngineError: it does not answer, or what it answers is too long, too late or cut off.
        """
        from http.client import HTTPException
        from urllib.error import HTTPError, URLError

        end, authorization = now() + self.seconds, self.login.header if self.login else ""
        tries, lost = 0, False
        while True:
            tries += 1
            request = make()
            if authorization:
                request.add_unredirected_header("Authorization", authorization)
            pause: float | None = None
            watch = Watch(request, end - now())
            try:
                with _opener(*_certificates()).open(request, timeout=watch.seconds) as response:
                    content = self._read(response, end)
                    if watch.over:
                        raise TimeoutError
                    return content, response.headers.get_content_type()
            except HTTPError as error:
                with error:
                    said = refusal(error, _text(error), errand, self.login)
                # Who is told 401 knows that nothing was done, so that this is no repetition.
                if error.code == 401 and (after := self._otherwise(authorization, error, request)) is not None:
                    authorization, tries = after, tries - 1
                    continue
                if error.code in BUSY:
                    pause = _pause(error.headers.get("Retry-After", ""), tries)
                failed: EngineError = RefusedError(self._said(errand, said, tries), error.code)
            except (HTTPException, OSError, ValueError) as error:
                reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
                reason = TimeoutError() if watch.over else reason
                said = failure(reason, self.seconds, urlsplit(request.full_url).hostname or "")
                if isinstance(reason, ConnectionError) and not isinstance(reason, ConnectionRefusedError) and not lost:
                    pause, lost = FIRST_PAUSE, True
                failed = EngineError(self._said(errand, said, tries))
            finally:
                watch.stop()
            if pause is None or not errand.again or tries == TRIES or now() + pause >= end:
                raise failed
            wait(pause)

    def _otherwise(self, authorization: str, error: HTTPError, request: Request) -> str | None:
        """What to send to a server that asks for a login by Digest; None where that would not help.

        Virtuoso says that it wants Digest only to who sends nothing; who sends a password by Basic is told nothing.
        """
        challenges = error.headers.get_all("WWW-Authenticate", [])
        if not self.login.user or authorization.startswith("Digest "):
            return None
        if authorization and not challenges:
            return ""
        return next((said for one in challenges if (said := self.login.answer(one, request))), None)

    def _read(self, response: Any, end: float) -> bytes:
        """All of an answer, as long as it comes in time and is not too large."""
        told = response.headers.get("Content-Length", "")
        length = int(told) if told.isdecimal() and not response.headers.get("Transfer-Encoding") else None
        pieces: list[bytes] = []
        size = 0
        while piece := response.read1(1 << 16):
            pieces.append(piece)
            size += len(piece)
            if size > self.largest:
                raise EngineError(f"{self.name}: the server sent more than {self.largest:,} bytes at once")
            if now() > end:
                raise TimeoutError
        if length is not None and size < length:
            raise EngineError(f"{self.name}: the server sent an answer that was cut off, {size:,} of {length:,} bytes")
        return b"".join(pieces)

    def _said(self, errand: Errand, said: str, tries: int) -> str:
        often = f" (sent {tries} times)" if tries > 1 else ""
        return f"{self.name}: {errand.failed}: {self.login.masked(said)}{often}"


def _text(error: HTTPError) -> str:
    """The first of what a server says that refuses, unless it is a page."""
    from http.client import HTTPException

    text = ""
    if "html" not in error.headers.get_content_type():
        with suppress(HTTPException, OSError):
            text = error.read(1 << 12).decode("utf-8", "replace")
    return text


def _pause(later: str, tries: int) -> float | None:
    """How long to wait before a server that is busy is asked again; None where it wants to be left alone for longer.

    Args:
        later: what it says in Retry-After, seconds or a date (RFC 9110, 10.2.3); empty where it says nothing.
        tries: how often it was asked.
    """
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    wanted = 0.0
    if later.strip().isdecimal():
        wanted = float(later)
    elif later:
        with suppress(ValueError):  # a date that is none says nothing
            date = parsedate_to_datetime(later)
            wanted = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(wanted, FIRST_PAUSE * 2 ** (tries - 1)) if wanted <= LONGEST_PAUSE else None


def _certificates() -> tuple[str | None, str | None]:
    """Where the environment says that certificates are, which counts when an opener is made."""
    return os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")


@cache
def _opener(_file: str | None, _folder: str | None) -> OpenerDirector:
    """What opens addresses. It is made anew where other certificates count."""
    return opener()
