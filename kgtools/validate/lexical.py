"""Lexical forms: a literal's text and datatype go in; whether the datatype has such a text comes out.

Why: rdflib, which pySHACL rests on, takes what Python takes (`1_000`, ` 1 `, a date for a dateTime) and misses what it
cannot count with (the year 12020). So this is said anew, as XML Schema 1.1, part 2, has it.
"""

from __future__ import annotations

import re

from kgtools.vocabulary import PREFIXES

_XSD, _RDF = PREFIXES["xsd"], PREFIXES["rdf"]

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DECIMAL = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_DOUBLE = rf"{_DECIMAL}(?:[eE][+-]?\d+)?|[+-]?INF|NaN"
_OF_TIME = r"(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_FORMS = {
    "decimal": _DECIMAL,
    "double": _DOUBLE,
    "float": _DOUBLE,
    "boolean": "true|false|1|0",
    "date": rf"({_YEAR})-({_MONTH})-({_DAY}){_ZONE}",
    "dateTime": rf"({_YEAR})-({_MONTH})-({_DAY})T{_TIME}{_ZONE}",
    "dateTimeStamp": rf"({_YEAR})-({_MONTH})-({_DAY})T{_TIME}(?!$){_ZONE}",
    "time": _TIME + _ZONE,
    "gYear": _YEAR + _ZONE,
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": f"--{_MONTH}{_ZONE}",
    "gDay": f"---{_DAY}{_ZONE}",
    "gMonthDay": f"(?!--(?:02-3|0[469]-31|11-31))--{_MONTH}-{_DAY}{_ZONE}",
    "duration": rf"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?{_OF_TIME}",
    "dayTimeDuration": rf"-?P(?=[\dT])(?:\d+D)?{_OF_TIME}",
    "yearMonthDuration": r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?",
    "hexBinary": r"(?:[\dA-Fa-f]{2})*",
    "language": r"[A-Za-z]{1,8}(?:-[A-Za-z\d]{1,8})*",
}
INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in (("byte", 8), ("short", 16), ("int", 32))},
    **{f"unsigned{name}": (0, 2**bits - 1) for name, bits in (("Byte", 8), ("Short", 16), ("Int", 32), ("Long", 64))},
    "long": (-(2**63), 2**63 - 1),
}
"""The integers of XML Schema, with the least and the most."""


def is_form_of(text: str, datatype: str) -> bool | None:
    """Whether a datatype has such a literal; None where that is not known here.

    >>> is_form_of("1_000", "http://www.w3.org/2001/XMLSchema#integer")
    False
    """
    if datatype == _RDF + "HTML":
        return True
    name = datatype.removeprefix(_XSD)
    if name in INTEGERS:
        if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
            return False
        least, most = INTEGERS[name]
        digits = text.lstrip("+-0")
        number = (-1 if text[0] == "-" else 1) * (int(digits or "0") if len(digits) < _LONG else 10**_LONG)
        return (least is None or number >= least) and (most is None or number <= most)
    if name not in _FORMS:
        return None
    match = re.fullmatch(_FORMS[name], text, re.ASCII)
    if match is None:
        return False
    return not match.groups() or _is_day(*map(int, match.groups()))


_LONG = 30
"""Digits; what has more is beyond every limit."""


def _is_day(year: int, month: int, day: int) -> bool:
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if leap else 28)
    return day <= (30 if month in (4, 6, 9, 11) else 31)
