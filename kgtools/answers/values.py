"""Values: the terms of an answer go in; numbers, truth values, dates and text of Python come out.

What is not of the form that its datatype asks for stays the text that it is: nothing is guessed, and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    from kgtools.sparql.terms import Term

Value = int | float | Decimal | bool | date | datetime | str | None
"""What a term is in Python; `datetime` comes with a time zone exactly where the literal has one."""

XSD = PREFIXES["xsd"]

_WHOLE = frozenset(
    f"{XSD}{name}"
    for name in (
        *("integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("byte", "short", "int", "long", "unsignedByte", "unsignedShort", "unsignedInt", "unsignedLong"),
    )
)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def _of(form: re.Pattern[str], made: Callable[[str], Value]) -> Callable[[str], Value]:
    """What reads a literal of some form; a ValueError where it is of another."""

    def read(text: str) -> Value:
        if form.fullmatch(text) is None:
            raise ValueError
        return made(text)

    return read


_READ: dict[str, Callable[[str], Value]] = {
    **dict.fromkeys(_WHOLE, _of(_INTEGER, int)),
    XSD + "decimal": _of(_DECIMAL, Decimal),
    **dict.fromkeys((XSD + "double", XSD + "float"), _of(_DOUBLE, float)),
    XSD + "boolean": _of(re.compile("|".join(_TRUTH)), _TRUTH.__getitem__),
    XSD + "date": _of(_DATE, date.fromisoformat),
    XSD + "dateTime": _of(_MOMENT, datetime.fromisoformat),
}
"""How literals are read, by datatype (W3C XML Schema Definition Language 1.1, part 2, section 3.3)."""


def value_of(term: Term | None) -> Value:
    """What a term is in Python.

    Returns:
        int, Decimal, float, bool, date or datetime for literals of these datatypes; text for other literals (years and
        months too), for IRIs (the whole IRI) and for blank nodes (`_:b0`); None where a variable is unbound.

    >>> import pyoxigraph as ox
    >>> value_of(ox.Literal("7", datatype=ox.NamedNode(XSD + "integer"))), value_of(ox.Literal("7"))
    (7, '7')
    """
    import pyoxigraph as ox

    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return term.value
    if not isinstance(term, ox.Literal):
        return str(term)
    read = _READ.get(term.datatype.value)
    if read is not None:
        with suppress(ValueError):  # more digits than Python reads, and days that no month has, are such errors too
            return read(term.value.strip(" \t\r\n"))
    return term.value


_NUMBERS = frozenset({*_WHOLE, XSD + "decimal", XSD + "double", XSD + "float"})


def order_of(term: Term | None) -> tuple[int, float, str, str, str]:
    """What rows are sorted by that come in no order: as SPARQL sorts (W3C SPARQL 1.1 Query, 15.1), and then by text.

    Blank nodes are all alike here: what they are called differs from run to run.
    """
    import pyoxigraph as ox

    if term is None:
        return (0, 0.0, "", "", "")
    if isinstance(term, ox.BlankNode):
        return (1, 0.0, "", "", "")
    if isinstance(term, ox.NamedNode):
        return (2, 0.0, term.value, "", "")
    if not isinstance(term, ox.Literal):
        return (5, 0.0, str(term), "", "")
    rest = (term.value, term.datatype.value, term.language or "")
    if term.datatype.value in _NUMBERS:
        with suppress(ValueError):
            number = float(term.value)
            if number == number:
                return (3, number, *rest)
    return (4, 0.0, *rest)
