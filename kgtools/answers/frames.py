"""Frames: columns of Python values go in; a data frame of pandas or polars with typed columns comes out.

A column has the type that all its values have; whole and other numbers together are floating-point numbers, and what
else is mixed is text. Decimal numbers become floating-point ones, since that is what is calculated and plotted with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from kgtools.errors import InputError

if TYPE_CHECKING:
    import pandas
    import polars

    from kgtools.answers.values import Value

Kind = Literal["text", "integer", "number", "truth", "date", "moment", "local moment", "texts"]
"""What is in a column; `texts` are lists of texts, which a record may have and no answer."""


def to_pandas(columns: Mapping[str, Sequence[Any]], kinds: Mapping[str, Kind] | None = None) -> pandas.DataFrame:
    """A frame of pandas: `Int64`, `Float64`, `boolean` and `string` (each may miss values), `datetime64` for dates.

    Args:
        columns: the values, column by column.
        kinds: what is in each column, where that is known; else the values say it.

    Raises:
        InputError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise _missing("pandas") from error
    types = {
        "text": "string",
        "integer": "Int64",
        "number": "Float64",
        "truth": "boolean",
        "date": "datetime64[s]",
        "moment": "datetime64[us, UTC]",
        "local moment": "datetime64[us]",
        "texts": "object",
    }
    made = {}
    for name, values in columns.items():
        kind = kind_of(values) if kinds is None else kinds[name]
        column: Any = _as(kind, values)
        if kind in ("moment", "local moment"):
            column = pandas.to_datetime(pandas.Series(column, dtype="object"), utc=kind == "moment")
        made[name] = pandas.Series(column, dtype=types[kind])
    return pandas.DataFrame(made, columns=list(columns))


def to_polars(columns: Mapping[str, Sequence[Any]], kinds: Mapping[str, Kind] | None = None) -> polars.DataFrame:
    """A frame of polars: `Int64`, `Float64`, `Boolean`, `String`, `Date` and `Datetime` (in UTC where zones are given).

    Args: as `to_pandas`.

    Raises:
        InputError: polars is not installed.
    """
    try:
        import polars
    except ImportError as error:
        raise _missing("polars") from error
    types: dict[Kind, Any] = {
        "text": polars.String,
        "integer": polars.Int64,
        "number": polars.Float64,
        "truth": polars.Boolean,
        "date": polars.Date,
        "moment": polars.Datetime("us", "UTC"),
        "local moment": polars.Datetime("us"),
        "texts": polars.List(polars.String),
    }
    kinds = kinds or {name: kind_of(values) for name, values in columns.items()}
    return polars.DataFrame(
        {name: _as(kinds[name], values) for name, values in columns.items()},
        schema={name: types[kind] for name, kind in kinds.items()},
    )


def _missing(library: str) -> InputError:
    return InputError(f'{library} is not installed; `pip install "kgtools[frames]"` brings it')


def kind_of(values: Sequence[Value]) -> Kind:
    """What the values of a column are, all of them."""
    found = {_kind(value) for value in values if value is not None}
    if found == {"integer", "number"}:
        return "number"
    return found.pop() if len(found) == 1 else "text"


def _kind(value: Value) -> Kind:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int):
        return "integer" if -(2**63) <= value < 2**63 else "text"  # what a frame's whole numbers can be
    if isinstance(value, (float, Decimal)):
        return "number"
    if isinstance(value, datetime):
        return "local moment" if value.tzinfo is None else "moment" if _is_in_utc(value) else "text"
    return "date" if isinstance(value, date) else "text"


def _is_in_utc(moment: datetime) -> bool:
    """Whether a moment has a year of four digits in UTC too, as frames ask for."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return False
    return True


def _as(kind: Kind, values: Sequence[Value]) -> list[Any]:
    turned: dict[Kind, Callable[[Any], Any]] = {"text": _text, "number": float, "texts": list}
    turn = turned.get(kind)
    return [value if value is None or turn is None else turn(value) for value in values]


def _text(value: Value) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)
