"""Logins: the address of a server goes in; the user and password, or the token, that go with what it is sent come out.

They come from the environment or from `~/.netrc`, never from the command line or an address, which others can read.
What the environment has is for one server, the one that is asked, and goes to no other; netrc says whose each is.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from kgtools.errors import InputError

if TYPE_CHECKING:
    from urllib.request import Request

USER, PASSWORD = "KGTOOLS_ENDPOINT_USER", "KGTOOLS_ENDPOINT_PASSWORD"
"""The environment variables that go before `~/.netrc`."""

TOKEN = "KGTOOLS_ENDPOINT_TOKEN"
"""The one that goes in place of both."""

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""A token (RFC 6750, 2.1). Anything else could end a header and go on as another one."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, repr=False)
class Login:
    """A user and password, or a token, or nothing; it is never printed."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __bool__(self) -> bool:
        return bool(self.user or self.token)

    @property
    def header(self) -> str:
        """What HTTP calls Authorization (RFC 7617, RFC 6750)."""
        return f"Bearer {self.token}" if self.token else f"Basic {self._basic}"

    @property
    def _basic(self) -> str:
        return b64encode(f"{self.user}:{self.password}".encode()).decode()

    def masked(self, text: str) -> str:
        """A text in which no password and no token stands, however it was sent."""
        for secret in (self._basic if self.user else "", self.password, self.token):
            text = text.replace(secret, "…") if secret else text
        return text

    def answer(self, challenge: str, request: Request) -> str | None:
        """What a server wants to be sent that asks for a password by Digest (RFC 7616), as Virtuoso does; else None."""
        from urllib.request import AbstractDigestAuthHandler, HTTPPasswordMgr, parse_http_list, parse_keqv_list

        kind, _, rest = challenge.strip().partition(" ")
        if kind.lower() != "digest" or not self.user:
            return None
        try:
            asked = parse_keqv_list([one for one in parse_http_list(rest) if "=" in one])
            known = HTTPPasswordMgr()
            known.add_password(asked.get("realm", ""), request.full_url, self.user, self.password)
            said = AbstractDigestAuthHandler(known).get_authorization(request, asked)
        except (ValueError, LookupError):
            return None
        return f"Digest {said}" if said else None


def login_for(address: str, home: str) -> Login:
    """The login for an address of a server.

    Args:
        home: the address of the server that the environment speaks of.

    Raises:
        InputError: the environment or the netrc file is not as it should be, or has a login for another server only.
    """
    place, user, password, token = urlsplit(address), *(os.environ.get(one, "") for one in (USER, PASSWORD, TOKEN))
    if token and (user or password):
        raise InputError(f"{TOKEN} is set, and so is {USER} or {PASSWORD}; unset what this server does not want")
    if token and not _BEARER.fullmatch(token):
        raise InputError(f"{TOKEN} is no token; it has letters, digits and -._~+/ only, and = at its end")
    given = Login(token=token) if token else Login(user, password) if user and password else Login()
    if given and _origin(place) == _origin(urlsplit(home)):
        return given
    found = _in_netrc(place.hostname or "")
    if given and not found:
        raise InputError(
            f"{_shown(place)} is another server than {_shown(urlsplit(home))}, and is not sent the user, password or "
            "token that the environment has for that; put a user and password for each into ~/.netrc"
        )
    return found


def _origin(place: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: what makes two addresses those of one server (RFC 6454, 4)."""
    return place.scheme, place.hostname, place.port or _PORTS.get(place.scheme)


def _shown(place: SplitResult) -> str:
    return f"{place.scheme}://{place.netloc}"


def _in_netrc(host: str) -> Login:
    from netrc import NetrcParseError, netrc

    file = os.environ.get("NETRC")
    try:
        hosts = netrc(file).hosts
    except FileNotFoundError:
        return Login()
    except (NetrcParseError, OSError, UnicodeDecodeError) as error:
        # What the parser says may hold a password.
        raise InputError(
            "is no netrc file that can be used; it has lines `machine … login … password …`, and others may not "
            "read it",
            file or "~/.netrc",
            getattr(error, "lineno", None),
        ) from None
    login, _, secret = hosts.get(host, ("", "", ""))
    return Login(login, secret) if login and secret else Login()
