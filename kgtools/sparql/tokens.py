"""Tokens: a query goes in; its parts, without blanks and comments, in each way that engines read it, come out.

Two readings of one text: the standard (W3C SPARQL 1.1 Query Language, 19.2) has `\\u0053` stand for `S` anywhere,
before anything else is read. rdflib does so; Oxigraph reads it in texts and IRIs only. So a query may be a text with a
harmless string for the one, and call a server for the other. Such a text is taken only where both readings say the
same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kgtools.errors import InputError

_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_START = r"A-Za-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿\u200c\u200d⁰-↏Ⰰ-⿯、-퟿豈-﷏ﷰ-\ufffd\U00010000-\U000effff"  # PN_CHARS_BASE
_WITHIN = _START + r"0-9_\u00b7\u0300-\u036f\u203f\u2040"
_PLACE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"  # PLX

_TOKEN = re.compile(
    rf"""
      (?P<blank>   [ \t\r\n]+ | \#[^\r\n]*+ )
    | (?P<iri>     <(?:[^<>"{{}}|^`\\\x00-\x20]|{_ESCAPE})*+> )
    | (?P<text>    \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
                 | "(?!"")(?:[^"\\\r\n]|\\[^\r\n])*+" | '(?!'')(?:[^'\\\r\n]|\\[^\r\n])*+' )
    | (?P<name>    (?:_|[{_START}][{_WITHIN}.\-]{{0,255}}+)? : (?:[{_WITHIN}:.\-]|{_PLACE})*+ )
    | (?P<var>     [?$][{_WITHIN}]++ )
    | (?P<tag>     @[A-Za-z]+(?:-+[A-Za-z0-9]+)*+ )
    | (?P<number>  (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
    | (?P<word>    [A-Za-z_][A-Za-z0-9_]*+ )
    | (?P<sign>    [][{{}}().,;:*/|^!=<>&?$@%~+-] )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A part of a query, its kind, and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where what follows begins."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """A keyword in lower case; empty for anything else."""
        return self.text.lower() if self.kind == "word" else ""


OPEN, CLOSE = ("{", "(", "["), ("}", ")", "]")
AMBIGUOUS = r"the query has \u… where engines read it differently; write the characters themselves"

_EITHER = re.compile(rf"{_ESCAPE}|\\U[0-9A-Fa-f]{{4}}")


def readings(text: str) -> list[tuple[list[Token], str]]:
    """The tokens of a query with the text that they are of: as it stands, and as with `\\u` read beforehand."""
    found = [(list(tokens(text)), text)]
    if _EITHER.search(text):
        before = unescaped(text)
        try:
            found.append((list(tokens(before)), before))
        except InputError:
            raise InputError(AMBIGUOUS) from None
    return found


def unescaped(text: str) -> str:
    return _EITHER.sub(lambda match: _character(match[0]), text)


def _character(escape: str) -> str:
    number = int(escape[2:], 16)
    # rdflib takes four digits after a \U too, and reads on after a \u where more follow.
    short = len(escape) == 6 and (number <= 0x10 or escape[1] == "U")
    if short or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise InputError(f"the query has `{escape}`, which is not a character for all; write it in another way")
    return chr(number)


def tokens(text: str) -> Iterator[Token]:
    """The parts of a query, without blanks and comments, with what is open and closed counted."""
    place, depth = 0, 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise InputError(f"the query is no SPARQL: {_unread(text, place)}")
        token = Token(match.lastgroup or "", match[0], place)
        if token.kind in ("name", "number"):
            token = token._replace(text=_without_last_points(token.text))
        place = token.end
        if token.kind == "blank":
            # Engines differ in whether a comment ends there.
            if token.text.startswith("#") and re.match(r"\r(?!\n)", text[place : place + 2]):
                raise InputError("the query has a line that ends in a carriage return alone; end lines with a newline")
            continue
        depth += (token.text in OPEN) - (token.text in CLOSE)
        if depth < 0 or (depth == 0 and token.text == ";"):
            raise InputError(f"`{token.text}` is at the end of a query; give one query, and nothing after it")
        yield token


def _without_last_points(text: str) -> str:
    """A name or number without the points behind it, which end a triple; one behind a backslash is the name's."""
    bare = text.rstrip(".")
    return f"{bare}." if bare.endswith("\\") else bare


def _unread(text: str, place: int) -> str:
    """What is wrong where no token begins."""
    line = text.count("\n", 0, place) + 1
    one = text[place]
    if one in "\"'":
        return f"the text that begins in line {line} does not end"
    if one == "\\":
        return f"a backslash in line {line} stands outside of texts; write the character itself"
    shown = f"`{one}`" if one.isprintable() and one != " " else named_character(one)
    return f"{shown} in line {line} stands outside of texts and IRIs"


def shown(text: str) -> str:
    """A value, as one short line of an error."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return f"`{line if len(line) <= 80 else line[:79] + '…'}`"


def named_character(one: str) -> str:
    return f"U+{ord(one):04X}"
