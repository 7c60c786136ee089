"""Asked: a query and an alignment go in; the rules that it needs, and what is to be said of its terms, come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Protocol

from kgtools.align.rules import Rule, beside, prefixes_of, rules, without_rule
from kgtools.align.table import Alignment, Correspondence, named, refused
from kgtools.sparql import asks_openly, has_dataset, named_in
from kgtools.vocabulary import PREFIXES, Names, Vocabulary, local

GRAPH = "urn:evco:bridge:"
"""What the graph is called after in which an alignment's rules leave what they make; the alignment's id follows."""

_OURS = ("evco", "view", "zh", "ja", "owl", "rdf", "rdfs", "xsd", "sh")
"""Prefixes of ours, and of what all use to say what a term is: what a query asks by these is no term of a target."""


def in_terms_of(words: Iterable[str], vocabulary: Vocabulary, strictly: bool = False) -> tuple[InTermsOf, ...]:
    """The alignments that words stand for: ids, or paths of tables. Raises InputError as `kgtools.align.named`."""
    together = tuple(named(word) for word in dict.fromkeys(words))
    return tuple(InTermsOf(one, vocabulary, strictly, together) for one in together)


def prefixes_known(asked: Sequence[InTermsOf]) -> dict[str, str]:
    """The prefixes that queries need not declare; where alignments differ, the first says what they stand for."""
    return dict(asked[0].known) if asked else {}


class Asked(Protocol):
    """The data that a query goes to, as far as what is said of its terms depends on them."""

    def holds(self, iri: str) -> bool:
        """Whether anything is of a class, or has a property."""

    def describes(self, iri: str) -> bool:
        """Whether anything is said of a term itself, as in the file of the other ontology."""

    def places(self, classes: Iterable[str], under: str) -> bool:
        """Whether one of some classes is below a term."""


@dataclass(frozen=True)
class InTermsOf:
    """An alignment, as queries in the other ontology's terms use it.

    Args:
        vocabulary: our terms.
        strictly: without close matches, and without what lies beside the table.
        together: all alignments in whose terms queries may ask; none for this alone.
    """

    alignment: Alignment
    vocabulary: Vocabulary
    strictly: bool = False
    together: tuple[Alignment, ...] = ()

    @property
    def graph(self) -> str:
        """The named graph of what the rules make."""
        from kgtools.read import encoded

        return GRAPH + encoded(self.alignment.id)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Its own, by which terms are shown."""
        return prefixes_of(self.alignment)

    @cached_property
    def known(self) -> dict[str, str]:
        """Those that a query need not declare; where alignments differ, the first says what they stand for."""
        together = self.together or (self.alignment,)
        return {name: space for one in reversed(together) for name, space in prefixes_of(one).items()}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules. Raises InputError as `kgtools.align.rules.rules`."""
        return rules(self.alignment, self.vocabulary, self.strictly)

    def needed(self, sparql: str) -> tuple[Rule, ...]:
        """The rules that a query needs: those for the terms that it names, or all where it may find what it does not.

        Raises:
            InputError: the query is no SPARQL, or what lies beside the table is none.
        """
        if asks_openly(sparql, self.known):
            return self.rules
        used = set(named_in(sparql, self.known))
        return tuple(rule for rule in self.rules if rule.makes & used)

    def asks_for_verdicts(self, sparql: str) -> bool:
        """Whether some rule that a query needs makes something of verdicts. Raises InputError as `needed`."""
        from kgtools.questions.asked import asks_for_verdicts

        return any(asks_for_verdicts(rule.construct) for rule in self.needed(sparql))

    def told(self, sparql: str, data: Asked) -> list[str]:
        """A line for each rule that a query needs, and for each term of theirs for which there is none."""
        used = named_in(sparql, self.known)
        theirs = [iri for iri in used if self._is_theirs(iri)]
        of_named = [rule for rule in self.rules if rule.makes & set(used)]
        others = len(self.needed(sparql)) - len(of_named)
        lines = [self.in_words(rule) for rule in of_named]
        made = {iri for rule in of_named for iri in rule.makes}
        for iri in theirs:
            if iri in made or data.holds(iri):
                continue
            if not data.places(self._made, iri):
                lines.append(self._unmade(iri, data))
            elif not asks_openly(sparql, self.prefixes):
                lines.append(
                    f"nothing of ours is mapped to {self.called(iri)} itself; a/rdfs:subClassOf* finds what is below it"
                )
        if others:
            more = "other " if of_named else ""
            lines.append(
                f"the query may find terms that it does not name, so all {others} {more}rules of "
                f"{self.alignment.id} are applied"
            )
        elif not theirs:
            names = ", ".join(f"{name}: <{space}>" for name, space in self._spaces.items()) or "none"
            lines.append(
                f"the query names no term of {self.alignment.id}, so none of its rules is applied; "
                f"its prefixes: {names}"
            )
        if has_dataset(sparql) and self.graph not in used:
            lines.append(f"the query says what graphs it asks (FROM); what the rules make is in <{self.graph}>")
        return lines

    def in_words(self, rule: Rule, *, in_full: bool = False) -> str:
        """A rule as one line, with the first sentence of what is said of it, or all."""
        comment = rule.comment if in_full else re.split(r"(?<=[.?!])\s", rule.comment, maxsplit=1)[0]
        if not rule.subject:
            made = ", ".join(sorted(map(self.called, rule.makes)))
            return f"{rule.why} → {made}{f' ({comment})' if comment else ''}"
        sure = [rule.why, *([] if rule.confidence is None else [f"{rule.confidence:g}"])]
        said = ", ".join(sure) + (f": {comment}" if comment else "")
        return f"{self.called(rule.subject)} → {self.called(rule.object)} ({said})"

    def called(self, iri: str) -> str:
        """A term as queries write it."""
        return self._names.short(iri)

    @cached_property
    def _names(self) -> Names:
        return Names(self.prefixes)

    @cached_property
    def _spaces(self) -> dict[str, str]:
        """The prefixes, with what they stand for, that the other ontology's terms have here."""
        rows = [row.object for row in self.alignment.correspondences]
        used = {*rows, *self._made, *self._left_out}
        return {
            name: space
            for name, space in sorted(self.prefixes.items())
            if name not in _OURS and any(iri.startswith(space) for iri in used)
        }

    def _is_theirs(self, iri: str) -> bool:
        return any(iri.startswith(space) and iri != space for space in self._spaces.values())

    def _unmade(self, iri: str, data: Asked) -> str:
        """What is to be said of a term of theirs for which there is no rule."""
        theirs = self.called(iri)
        reasons = [
            f"{self.called(row.subject)} {self.called(row.predicate)} {theirs}: {why}"
            for row, why in self._gaps.items()
            if row.object == iri
        ]
        if iri in self._left_out:
            beside_it = f"{self._left_out[iri]} makes it, and no more is asked for than what holds strictly"
            reasons.insert(0, beside_it)
        if reasons:
            return f"{theirs} has no rule ({'; '.join(reasons)})"
        said = f"nothing of ours is mapped to {theirs}"
        known = {local(one): one for one in self._made if self._is_theirs(one)}
        turned_down = [row for row in (*refused().correspondences, *self._negated) if row.object == iri]
        if turned_down:
            why = "; ".join(f"{self._working_name(row)}: {row.comment}" for row in turned_down)
            said += f"; thought of and turned down: {why}"
        elif near := get_close_matches(local(iri), known, 1, 0.75):
            return f"{said}; did you mean {self.called(known[near[0]])}?"
        if local(iri)[:1].isupper() and not data.describes(iri):  # a class, as all vocabularies write them
            said = said.removesuffix(".")
            return f"{said}; with the target's file as DATA, a/rdfs:subClassOf* finds what may be below it"
        return said

    def _working_name(self, row: Correspondence) -> str:
        """What a mapping that was turned down is told by: our term, or in words what we have no term for."""
        ours = row.subject.startswith(tuple(PREFIXES[name] for name in ("evco", "zh", "ja")))
        return self.called(row.subject) if ours else row.subject_label or self.called(row.subject)

    @cached_property
    def _made(self) -> frozenset[str]:
        """The IRIs of all terms that rules make."""
        return frozenset(iri for rule in self.rules for iri in rule.makes)

    @cached_property
    def _left_out(self) -> dict[str, str]:
        """The terms that only what lies beside the table makes, where that is left out, with its file's name."""
        rule = beside(self.alignment) if self.strictly else None
        return dict.fromkeys(rule.makes, rule.why) if rule else {}

    @cached_property
    def _gaps(self) -> dict[Correspondence, str]:
        return without_rule(self.alignment, self.vocabulary, self.strictly)

    @property
    def _negated(self) -> Sequence[Correspondence]:
        return [row for row in self.alignment.correspondences if row.negated]
