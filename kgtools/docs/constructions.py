"""Constructions: a table of mappings goes in; what the query beside it makes of our data comes out, for people.

A row leads from one term to one term. What no row can say is said by one CONSTRUCT beside the table, which
`kgtools.align.rules` applies; who looks up a term that it names must hear of it where the rows of that term are told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgtools.align import Alignment
    from kgtools.vocabulary import Vocabulary


@dataclass(frozen=True)
class Construction:
    """The query beside a table of mappings.

    Args:
        what: what it makes, in a sentence: the first of the comment that its file begins with.
        why: the rest of that comment.
        sparql: the query without that comment, with all its prefixes.
        names: the IRIs that it names, ours and theirs.
        makes: the terms that are used in what it makes, as CURIEs.
    """

    alignment: Alignment
    what: str
    why: str
    sparql: str
    names: frozenset[str]
    makes: tuple[str, ...]


def construction_of(alignment: Alignment, vocabulary: Vocabulary) -> Construction | None:
    """The construction of an alignment; None where there is none.

    Raises:
        InputError: what lies beside the table is no CONSTRUCT, or the table is wrong.
    """
    from kgtools.align.rules import rules
    from kgtools.sparql import named_in, prefixes_in

    rule = next((one for one in reversed(rules(alignment, vocabulary)) if not one.subject), None)
    if rule is None:
        return None
    what, _, why = re.sub(r"(?<=[.!?]) ", "\n", rule.comment, count=1).partition("\n")
    lines = (line for line in rule.construct.splitlines() if not line.startswith("#"))
    told = replace(alignment, prefixes={**alignment.prefixes, **prefixes_in(rule.construct)})
    return Construction(
        alignment=alignment,
        what=what,
        why=why,
        sparql="\n".join(lines).strip() + "\n",
        names=frozenset(named_in(rule.construct, {})),
        makes=tuple(sorted(map(told.curie, rule.makes), key=str.lower)),
    )
