"""Deriving: views go in, verdicts come out. The queries judge; this only runs them and names what they return."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kgtools.model import CODER_SETS, Coding, Element, Use, Verdict
from kgtools.query import query_of
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
    return [
        Question(proposition, query_of(proposition, theory))
        for theory in theories
        for proposition in theory.propositions
    ]


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
        for row in store.query(question.query):  # type: ignore[union-attr]  # a SELECT has solutions
            said = row["verdict"].value
            if every or said in SAYING:
                verdicts.append(
                    verdict_of({name: row[name].value for name in COLUMNS}, question.proposition, view, coders)
                )
    return verdicts


COLUMNS = ("unit", "verdict", "grade", "fillers", "missing", "opposed")
"""What each query returns."""


def verdict_of(row: Mapping[str, str], proposition: Proposition, view: View, coders: str) -> Verdict:
    """What a query's row says of a unit, with the names of its evidence.

    Args:
        row: the values of `COLUMNS`.
        proposition: the one that the query is of.
        view: knows the unit and the elements that the row names.
        coders: the set of coders that the view was made for.

    Raises:
        KeyError: the view does not know the unit, or an element.
    """
    unit = view.units[row["unit"]]
    uses = tuple(sorted({_use(token) for token in row["fillers"].split()}))
    used = sorted({use.element for use in uses})
    elements = [view.elements[iri] for iri in used]
    missing, opposed = row["missing"].split(), row["opposed"].split()
    return Verdict(
        unit_type=unit.kind,
        unit=unit.id,
        theory=proposition.theory,
        proposition=proposition.id,
        verdict=row["verdict"],  # type: ignore[arg-type]  # as the view writes it
        grade=row["grade"],
        coders=coders,
        evidence=tuple(sorted({name for element in elements for name in names_of(element, coders)})),
        missing=tuple(missing),
        opposed=tuple(opposed),
        unit_iri=row["unit"],
        proposition_iri=proposition.iri,
        evidence_iris=tuple(used),
        missing_iris=tuple(proposition.by_id[slot].iri for slot in missing if slot in proposition.by_id),
        opposed_iris=tuple(proposition.by_id[slot].iri for slot in opposed),
        inferred_alone=bool(elements)
        and all(coding.inferred for one in elements for coding in codings_of(one, coders)),
        own_corpus=proposition.theory in unit.corpora,
        uses=uses,
    )


def _use(token: str) -> Use:
    """What `slot=element` (fills, or stands in the reading) or `slot!element` (opposes) says."""
    slot, sign, element = re.split("([=!])", token, maxsplit=1)
    return Use(slot, sign == "!", element)


def codings_of(element: Element, coders: str) -> list[Coding]:
    """The codings of an element that speak for these coders: for one coder's name, that coder's own."""
    if coders in CODER_SETS:
        return [*element.codings]
    return [coding for coding in element.codings if coding.coder == coders]


def names_of(element: Element, coders: str) -> set[str]:
    """What stands for an element in a table: its own name, else the ids of its codings."""
    return {element.name} if element.name else {coding.id for coding in codings_of(element, coders)}
