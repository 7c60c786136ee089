"""Answers: what a reasoner and a profile check found comes in; frozen values, and inferred triples, come out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Culprit:
    """A smallest set of axioms that cannot be true together, or by which a class can have no instance.

    Args:
        what: `inconsistent`, or the class as a CURIE.
        axioms: each in words (Manchester syntax, with CURIEs and labels); without any one of them it would not be so.
    """

    what: str
    axioms: tuple[str, ...]


@dataclass(frozen=True)
class Violation:
    """Something that is not OWL 2 DL.

    Args:
        rule: what was done that OWL 2 DL does not have, in words.
        term: the term at fault, as a CURIE with its label; empty where the rule is about more than one.
        axiom: in words; empty where none is to blame.
        file: where it stands, where that is known; else empty.
        ours: whether it is there without the further files that were merged in.
    """

    rule: str
    term: str
    axiom: str
    file: str = ""
    ours: bool = True

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        what = f"{self.rule} ({self.term})" if self.term else self.rule
        return where + (f"{what}, in: {self.axiom}" if self.axiom else what)


@dataclass(frozen=True)
class Answer:
    """What the reasoner says.

    Args:
        consistent: whether everything can be true together.
        unsatisfiable: classes that nothing can be an instance of, as CURIEs, sorted; empty where all is inconsistent.
        triples: how many triples were reasoned over.
        left_out: what was left out, with how often: datatypes that OWL 2 does not have, for literals of them; else
            in words.
        hierarchy: inferred pairs of a class and one directly above it, as CURIEs; those that follow from what was
            asserted of named classes are not among them.
        types: inferred pairs of a thing and one of its narrowest classes, in the same way; only if asked for.
        culprits: smallest sets of axioms behind what is wrong, for the first few classes; only if asked for.
        violations: what is not OWL 2 DL; None if not asked for.
        unexplained: why there are no culprits although they were asked for.
        across: how many rules (SWRL) and keys counted for consistency, but not for classes without instances; where
            all was classified, they counted there too.
        inferred: the pairs of `hierarchy` and `types` as triples of IRIs.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...]
    triples: int
    left_out: tuple[tuple[str, int], ...]
    hierarchy: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    culprits: tuple[Culprit, ...] = ()
    violations: tuple[Violation, ...] | None = None
    unexplained: str = ""
    across: int = 0
    inferred: tuple[tuple[str, str, str], ...] = ()
