"""Answers: what a query gave, here or on a server, goes in; text in every usual form, values and data frames come out.

`values` makes Python values of terms, `names` says what people read in place of IRIs; `written`, `shown` and `graphs`
write, `frames` makes data frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import IO, TYPE_CHECKING

from kgtools.answers import frames, shown, written
from kgtools.answers.bounded import in_bounds
from kgtools.answers.forms import FORMS, forms_of, require_form
from kgtools.answers.graphs import ordered
from kgtools.answers.values import Value, order_of, value_of

if TYPE_CHECKING:
    import pandas
    import polars
    import pyoxigraph as ox
    from rich.console import Console

    from kgtools.endpoint.results import Received
    from kgtools.sparql.terms import Term

__all__ = ["FORMS", "Answers", "Value", "forms_of", "require_form"]

Labels = Callable[[Sequence[str]], Mapping[str, str]]
"""Says what IRIs are called: those that it knows, each with its label. It is asked only when somebody wants to read."""


def no_labels(_: Sequence[str]) -> Mapping[str, str]:
    """Nothing is known by a label."""
    return {}


class Answers:
    """What a query gave: the rows of a SELECT, the truth of an ASK, or the triples of a CONSTRUCT or DESCRIBE.

    Iterating gives mappings from variable to Python value (`kgtools.answers.values.value_of`); an ASK has one row with
    `answer`, a graph has `subject`, `predicate` and `object`.

    Args:
        variables: those of a SELECT, in its order.
        rows: a term, or None, for each variable.
        truth: what an ASK gave.
        triples: what a CONSTRUCT or DESCRIBE gave; None for the others.
        in_order: whether the query orders its rows; else they are sorted here, so that equal answers are written alike.
        labels: what knows the labels of IRIs.

    Attributes:
        remarks: for a query in another ontology's terms, a line for each rule that was applied, and for each term of
            theirs that nothing of ours is mapped to; else none.

    >>> import pyoxigraph as ox
    >>> answers = Answers(["n"], [(ox.Literal(7),)])
    >>> len(answers), list(answers)
    (1, [{'n': 7}])
    """

    def __init__(
        self,
        variables: Sequence[str] = (),
        rows: Iterable[tuple[Term | None, ...]] = (),
        *,
        truth: bool | None = None,
        triples: Iterable[ox.Triple] | None = None,
        in_order: bool = False,
        labels: Labels = no_labels,
    ) -> None:
        self.truth, self._labels = truth, labels
        self.remarks: tuple[str, ...] = ()
        self.triples = ordered(triples) if triples is not None else None
        self.variables: tuple[str, ...]
        if self.triples is not None:
            self.variables = ("subject", "predicate", "object")
            self.terms: list[tuple[Term | None, ...]] = [
                (one.subject, one.predicate, one.object) for one in self.triples
            ]
        elif truth is not None:
            self.variables, self.terms = ("answer",), [(_truth(truth),)]
        else:
            self.variables = tuple(variables)
            found = list(rows) if in_order else sorted(rows, key=lambda row: [*map(order_of, row)])
            self.terms = _named_alike(found)

    @classmethod
    def of(
        cls,
        results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
        *,
        in_order: bool = False,
        labels: Labels = no_labels,
        until: float = math.inf,
    ) -> Answers:
        """What an Oxigraph store gives.

        Args:
            results: what it goes on to find.
            until: when nobody waits for it any longer, by `time.monotonic`.

        Raises:
            EngineError: it is too much to hold, or later than that.
        """
        import pyoxigraph as ox

        if isinstance(results, ox.QueryBoolean):
            return cls(truth=bool(results), labels=labels)
        if isinstance(results, ox.QueryTriples):
            return cls(triples=list(in_bounds(results, 3, until)), labels=labels)
        names = [variable.value for variable in results.variables]
        rows = in_bounds(results, len(names), until)
        return cls(names, (tuple(row) for row in rows), in_order=in_order, labels=labels)

    @classmethod
    def received(cls, found: Received, *, in_order: bool = False, labels: Labels = no_labels) -> Answers:
        """What a server answered (`kgtools.endpoint.Endpoint.answer`)."""
        if isinstance(found, bool):
            return cls(truth=found, labels=labels)
        if isinstance(found, list):
            return cls(triples=found, labels=labels)
        return cls(*found, in_order=in_order, labels=labels)

    @property
    def is_graph(self) -> bool:
        """Whether these are triples."""
        return self.triples is not None

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms in which they can be written; first the one that people get who ask for none."""
        return forms_of(graph=self.is_graph)

    def __len__(self) -> int:
        return len(self.terms)

    def __bool__(self) -> bool:
        """The truth of an ASK; else whether there is any row or triple."""
        return bool(self.terms) if self.truth is None else self.truth

    def __iter__(self) -> Iterator[dict[str, Value]]:
        for row in self.terms:
            yield dict(zip(self.variables, map(value_of, row), strict=True))

    def __repr__(self) -> str:
        if self.truth is not None:
            return f"<Answers: {str(self.truth).lower()}>"
        return f"<Answers: {len(self)} {'triples' if self.is_graph else 'rows'} of {', '.join(self.variables)}>"

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The labels of the IRIs in it that have one."""
        iris = shown.iris_of(self.terms)
        return self._labels(iris) if iris else {}

    def columns(self) -> dict[str, list[Value]]:
        """The Python values, column by column."""
        return {name: [value_of(row[number]) for row in self.terms] for number, name in enumerate(self.variables)}

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame of pandas. Types and errors: `kgtools.answers.frames.to_pandas`."""
        return frames.to_pandas(self.columns())

    def to_polars(self) -> polars.DataFrame:
        """A data frame of polars. Types and errors: `kgtools.answers.frames.to_polars`."""
        return frames.to_polars(self.columns())

    def show(self, console: Console) -> None:
        """A table for people, as wide as the terminal is."""
        shown.show(self.variables, self.terms, self.labels, console)

    def write(self, form: str, file: IO[bytes]) -> None:
        """Write them.

        Args:
            form: `table`, `csv`, `tsv`, `json`, `xml` or `markdown` for rows and truth (csv to xml by the W3C's SPARQL
                1.1 results formats); `turtle`, `json-ld` or `n-triples` for triples.
            file: where to, in UTF-8.

        Raises:
            InputError: the form does not fit, or cannot hold what is to be written.
        """
        written.write(self, form, file)

    def text(self, form: str | None = None) -> str:
        """They, as text; without a form, as a table or as Turtle. Raises as `write`."""
        from io import BytesIO

        file = BytesIO()
        self.write(form or self.forms[0], file)
        return file.getvalue().decode()

    def _repr_html_(self) -> str:
        return shown.html(self.variables, self.terms, lambda: self.labels)


def _truth(truth: bool) -> ox.Literal:
    import pyoxigraph as ox

    return ox.Literal(truth)


def _named_alike(rows: list[tuple[Term | None, ...]]) -> list[tuple[Term | None, ...]]:
    """Rows whose blank nodes are called by the order in which they come: engines call them anew each time."""
    import pyoxigraph as ox

    names: dict[ox.BlankNode, ox.BlankNode] = {}

    def renamed(term: Term | None) -> Term | None:
        if isinstance(term, ox.BlankNode):
            return names.setdefault(term, ox.BlankNode(f"b{len(names)}"))
        if isinstance(term, ox.Triple):
            return ox.Triple(*map(renamed, term))  # type: ignore[arg-type]  # what stood there may stand there
        return term

    return [tuple(map(renamed, row)) for row in rows]
