"""Watches: the time that an answer may take goes in; a connection on which it is over comes out ended.

A time limit of a socket is one for each piece that comes. Who sends a header, or a refusal, byte by byte would be
listened to for hours.
"""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from urllib.request import OpenerDirector, Request


class Watch:
    """What ends the connection of one request when its time is over.

    Args:
        request: the request, which is to be opened by an opener of `opener`.
        seconds: how long it may take from now on.
    """

    def __init__(self, request: Request, seconds: float) -> None:
        self.seconds = max(seconds, 0.001)
        self.over = False
        """Whether it took too long."""
        self._socket: socket | None = None
        self._timer = Timer(self.seconds, self._end)
        self._timer.daemon = True
        request.watch = self  # type: ignore[attr-defined]  # what handlers are given, and nothing else
        self._timer.start()

    def stop(self) -> None:
        """The answer is there."""
        self._timer.cancel()

    def _end(self) -> None:
        self.over = True
        if self._socket is not None:
            with suppress(OSError):  # it has ended by itself
                socket.shutdown(self._socket, SHUT_RDWR)  # not as TLS does, which would wait for the other side

    def follow(self, connection: Any) -> Any:
        """A connection, whose socket is watched as soon as it has one."""
        connect = connection.connect

        def connected() -> None:
            connect()
            self._socket = connection.sock
            if self.over:  # while it connected, when there was nothing to be ended
                raise TimeoutError

        connection.connect = connected
        return connection


def opener() -> OpenerDirector:
    """What opens addresses, watched, and follows none, since what is found elsewhere nobody has named."""
    from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, build_opener

    class Stay(HTTPRedirectHandler):
        """Answers with the redirection itself, which is an error."""

        def redirect_request(self, *_: Any) -> None:
            return None

    class Watched(HTTPHandler):
        """Opens `http:`."""

        def do_open(self, http_class: Any, req: Any, **options: Any) -> Any:
            return super().do_open(lambda *a, **b: req.watch.follow(http_class(*a, **b)), req, **options)

    class WatchedToo(HTTPSHandler):
        """Opens `https:`."""

        def do_open(self, http_class: Any, req: Any, **options: Any) -> Any:
            return super().do_open(lambda *a, **b: req.watch.follow(http_class(*a, **b)), req, **options)

    return build_opener(Stay, Watched, WatchedToo)
