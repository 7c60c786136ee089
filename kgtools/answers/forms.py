"""Forms: what a query asks for goes in; in which forms its answer can be written comes out."""

from __future__ import annotations

from kgtools.errors import InputError

_ROWS = ("table", "csv", "tsv", "json", "xml", "markdown")
_GRAPHS = ("turtle", "json-ld", "n-triples")

FORMS = (*_ROWS, *_GRAPHS)
"""All forms in which answers can be written."""


def forms_of(*, graph: bool) -> tuple[str, ...]:
    """The forms for triples, or those for rows and truth; first the one that people get if they ask for none."""
    return _GRAPHS if graph else _ROWS


def require_form(form: str, *, graph: bool) -> None:
    """Refuse a form that does not fit.

    Raises:
        InputError: it does not; with those that do.
    """
    fitting = forms_of(graph=graph)
    if form not in fitting:
        what = "triples (CONSTRUCT, DESCRIBE)" if graph else "rows (SELECT) and truth (ASK)"
        raise InputError(f"`{form}` is no form for {what}; there are {', '.join(fitting)}")
