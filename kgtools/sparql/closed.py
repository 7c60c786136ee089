"""Closed: a query goes in; whether it may find properties and classes that it does not name comes out.

Why: only what a query asks for is worked out for it. One that is taken for closed and is not gets a wrong answer, one
that is taken for open only waits longer. So a query is closed if it can be read to its end as patterns of which each
has one property, by name, or a path of such, and each class by name; what is read as anything else makes it open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kgtools.sparql.forms import form_of
from kgtools.sparql.named import named_tokens
from kgtools.sparql.tokens import Token

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_ABOVE = frozenset(
    f"http://www.w3.org/2000/01/rdf-schema#{name}" for name in ("subClassOf", "subPropertyOf")
)  # by which one comes from a class to what is not named
_END = Token("end", "", 0)


def asks_openly(text: str, prefixes: Mapping[str, str]) -> bool:
    """Whether a query may find properties or classes that it does not name: by a variable, a path, or DESCRIBE.

    In doubt it does: then more is worked out than it needs.

    >>> asks_openly("SELECT * { ?x a ?type }", {}), asks_openly("SELECT * { ?x a <urn:T> ; <urn:p> ?y }", {})
    (True, False)

    Args:
        text: the query.
        prefixes: what prefixes stand for that it does not declare.

    Raises:
        InputError: the text is no SPARQL.
    """
    if form_of(text) == "DESCRIBE":
        return True
    try:
        _Reader(named_tokens(text, prefixes)).query()
    except (_OpenError, RecursionError):
        return True
    return False


class _OpenError(Exception):
    """What is read next may find what is not named, or is not known to be anything that finds no such thing."""


class _Reader:
    """Reads a query by the grammar of W3C SPARQL 1.1 Query Language, 19.8, as far as it is closed."""

    def __init__(self, read: Sequence[tuple[Token, str]]) -> None:
        self.read, self.place = read, 0

    @property
    def next(self) -> Token:
        return self.read[self.place][0] if self.place < len(self.read) else _END

    @property
    def iri(self) -> str:
        """What IRI the next token is; empty for anything else."""
        return self.read[self.place][1] if self.place < len(self.read) else ""

    def take(self, *texts: str) -> Token:
        """The next token, which must be one of these signs, if any are given."""
        token = self.next
        if token is _END or (texts and token.text not in texts):
            raise _OpenError
        self.place += 1
        return token

    # Queries and what stands around their patterns

    def query(self) -> None:
        while self.next.word not in ("select", "ask", "construct"):
            if self.take().word == "base":  # names may be parts of IRIs
                raise _OpenError
        if self.take().word == "construct" and self.next.text == "{":
            self.skip_braces()
        self.select_rest()
        if self.next is not _END:
            raise _OpenError

    def select_rest(self) -> None:
        """What follows SELECT: what is shown, patterns, and how rows are grouped and ordered."""
        while self.next.text != "{":
            self.expressions()
        self.group()
        while self.next is not _END and self.next.text != "}":
            if self.next.word == "values":
                self.values()
            else:
                self.expressions()

    def expressions(self) -> None:
        """A token of expressions, or all within brackets; patterns are in them after EXISTS only."""
        if self.next.text == "{":
            self.group()
        elif self.next.text == "(":
            self.take()
            while self.next.text != ")":
                self.expressions()
            self.take()
        else:
            self.take()

    def values(self) -> None:
        while self.next.text != "{":
            self.take()
        self.skip_braces()

    def skip_braces(self) -> None:
        """Skip what finds nothing: a template, or rows of values."""
        self.take("{")
        while self.next.text != "}":
            if self.take().text == "{":
                raise _OpenError
        self.take()

    # Patterns

    def group(self) -> None:
        self.take("{")
        if self.next.word == "select":
            self.take()
            self.select_rest()
        while self.next.text != "}":
            self.member()
        self.take()

    def member(self) -> None:
        """A part of a group."""
        word = self.next.word
        if self.next.text == "{":
            self.group()
        elif self.next.text == "." or word in ("union", "optional", "minus"):
            self.take()
        elif word in ("graph", "service"):
            self.take()
            if self.next.word == "silent":
                self.take()
            self.node()
        elif word == "filter":
            self.filter()
        elif word == "bind":
            self.take()
            self.expressions()
        elif word == "values":
            self.values()
        else:
            self.triples()

    def filter(self) -> None:
        """A condition: in brackets, a call of a function, or a group that must exist or must not."""
        self.take()
        while self.next.text not in ("(", "{"):
            if not (self.next.word or self.iri):
                raise _OpenError
            self.take()
        self.expressions()

    def triples(self) -> None:
        """What is said of one subject."""
        if self.next.text == "[":
            self.blank()
            if self.at_end_of_triples():
                return
        else:
            self.node()
        self.properties()

    def at_end_of_triples(self) -> bool:
        token = self.next
        return token.text in (".", "}", "{", "]") or (bool(token.word) and token.word != "a")

    def properties(self) -> None:
        while True:
            of_class = self.verb()
            self.node(of_class)
            while self.next.text == ",":
                self.take()
                self.node(of_class)
            if self.next.text != ";":
                return
            while self.next.text == ";":
                self.take()
            if self.at_end_of_triples():
                return

    def verb(self) -> bool:
        """A property or path; whether it leads to classes."""
        start = self.place
        self.path()
        leading = [token.word == "a" or iri == _TYPE for token, iri in self.read[start : self.place]]
        if any(leading) and len(leading) > 1:
            raise _OpenError
        return leading[0]

    def path(self) -> None:
        """Of these signs none lets a path find what it does not name: not `!`, nor `*` and `?`, which go from a thing,
        of which nobody knows whence it is, to itself."""
        self.step()
        while self.next.text in ("/", "|"):
            self.take()
            self.step()

    def step(self) -> None:
        if self.next.text == "^":
            self.take()
        if self.next.text == "(":
            self.take()
            self.path()
            self.take(")")
        elif self.next.word == "a" or (self.iri and self.iri not in _ABOVE):
            self.take()
        else:
            raise _OpenError
        if self.next.text == "+" and not self.is_signed():
            self.take()

    def is_signed(self) -> bool:
        """Whether a sign is the beginning of a number."""
        sign, (after, _) = self.next, [*self.read[self.place + 1 : self.place + 2], (_END, "")][0]
        return after.kind == "number" and after.start == sign.end

    def node(self, of_class: bool = False) -> None:
        """A subject or object; for a class, an IRI."""
        if self.iri:
            if self.iri in _ABOVE:
                raise _OpenError
            self.take()
        elif of_class:
            raise _OpenError
        elif self.next.text == "[":
            self.blank()
        elif self.next.kind == "text":
            self.take()
            if self.next.kind == "tag":
                self.take()
            elif self.next.text == "^":
                self.take()
                self.take("^")
                self.node(of_class=True)
        else:
            if self.next.text in ("+", "-") and self.is_signed():
                self.take()
            if self.next.kind not in ("var", "number", "name") and self.next.word not in ("true", "false"):
                raise _OpenError
            self.take()

    def blank(self) -> None:
        """A node without a name, and what is said of it."""
        self.take("[")
        if self.next.text != "]":
            self.properties()
        self.take("]")
