"""Deriving: views go in, verdicts come out. The queries judge; this only runs them and names what they return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kgtools.model import Element, Verdict
from kgtools.theory import Proposition, Theory
from kgtools.view import View

SAYING = frozenset({"supports", "contradicts", "mixed"})
"""The verdicts that say something; the others are listed on request only."""


@dataclass(frozen=True)
class Question:
    """A proposition and the query that judges it."""

    proposition: Proposition
    query: str


def questions(theories: Iterable[Theory]) -> list[Question]:
    """The queries of all propositions of some theories."""
    return [Question(proposition, theory.query(proposition)) for theory in theories for proposition in theory.propositions]


def derive(view: View, coders: str, asked: Iterable[Question], *, every: bool = False) -> list[Verdict]:
    """Run the queries on a view.

    Args:
        coders: the set of coders that the view was made for.
        every: also those that are silent or not applicable.

    Returns:
        The verdicts, in no order.
    """
    import pyoxigraph as ox

    store = ox.Store()
    store.bulk_load("\n".join(view.lines).encode(), ox.RdfFormat.N_TRIPLES, lenient=True)
    verdicts = []
    for question in asked:
        for row in store.query(question.query):  # type: ignore[union-attr]
            said = row["verdict"].value
            if every or said in SAYING:
                verdicts.append(_verdict({name: row[name].value for name in COLUMNS}, question.proposition, view, coders))
    return verdicts


COLUMNS = ("unit", "verdict", "grade", "fillers", "missing", "opposed")
"""What each query returns."""


def _verdict(row: dict[str, str], proposition: Proposition, view: View, coders: str) -> Verdict:
    kind, unit = view.units[row["unit"]]
    used = {token[next(at for at, sign in enumerate(token) if sign in "=!") + 1 :] for token in row["fillers"].split()}
    return Verdict(
        unit_type=kind,  # type: ignore[arg-type]
        unit=unit,
        theory=proposition.theory,
        proposition=proposition.id,
        verdict=row["verdict"],  # type: ignore[arg-type]
        grade=row["grade"],
        coders=coders,
        evidence=tuple(sorted({name for iri in used for name in names(view.elements[iri])})),
        missing=tuple(row["missing"].split()),
        opposed=tuple(row["opposed"].split()),
    )


def names(element: Element) -> tuple[str, ...]:
    """What stands for an element in a table: its own name, else the ids of its codings."""
    return (element.name,) if element.name else tuple(dict.fromkeys(coding.id for coding in element.codings))
