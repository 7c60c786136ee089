"""A job: what is asked, apart from the data; data goes in as paths, and bundles that were read come out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kgtools.derive import Question, questions
from kgtools.endpoint import Endpoint
from kgtools.errors import InputError, OntologyError
from kgtools.model import ANY, CODER_SETS
from kgtools.read import BASE, Bundle, Source, read, read_server
from kgtools.read.gathered import coders_of
from kgtools.theory import Theory, read_theories
from kgtools.view import Named
from kgtools.vocabulary import Vocabulary


@dataclass(frozen=True)
class Job:
    """What is asked, apart from the data.

    Args:
        theory_files: theories beside those that come with kgtools.
        coders: `any`, `majority`, `all`, or one coder's name.
        every: also verdicts that are silent or not applicable.
        crosswalk: how somebody else's codes and columns map to ours.
        base: what the IRIs of data start with.
    """

    theory_files: tuple[Path, ...] = ()
    coders: str = ANY
    every: bool = False
    crosswalk: Path | None = None
    base: str = BASE

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*[/:#]", self.base):
            raise InputError(f"`{self.base}` (--base) is no IRI that names can follow; write urn:…: or https://…/")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The terms that codes may be."""
        return Vocabulary.read(self.theory_files)

    @cached_property
    def theories(self) -> list[Theory]:
        """The theories to judge.

        Raises:
            OntologyError: a theory file cannot be read, or a shape for theories finds a violation in it.
        """
        from kgtools.validate import validate_theory

        theories = read_theories(self.theory_files)
        for path in self.theory_files:
            wrong = [finding for finding in validate_theory(path, "shacl-rust") if finding.severity == "violation"]
            if wrong:
                more = f" (and {len(wrong) - 1} more; `kgtools validate {path}` lists them)" if len(wrong) > 1 else ""
                raise OntologyError(f"{path}: {wrong[0].message}{more}")
        return theories

    @cached_property
    def questions(self) -> list[Question]:
        """Their propositions' queries."""
        return questions(self.theories)

    @cached_property
    def named(self) -> Named:
        """The classes that their slots name."""
        return Named.by(self.theories)

    def read(self, sources: Iterable[Source]) -> list[Bundle]:
        """Read what is to be worked on.

        Raises:
            InputError: something cannot be read, two bundles share a name, or nobody of the name asked for coded.
        """
        bundles: list[Bundle] = []
        for source in sources:
            for bundle in read(source, self.vocabulary, self.crosswalk, self.base):
                if any(bundle.iri == other.iri for other in bundles):
                    where = source if isinstance(source, Path) else source.name
                    raise InputError(
                        f"is called `{bundle.name}` like another bundle of this call; rename it, or take it alone",
                        where,
                    )
                bundles.append(bundle)
        self._require_coders({coder for bundle in bundles for coder in bundle.coders()})
        return bundles

    def read_unit(self, endpoint: Endpoint, unit: str) -> list[Bundle]:
        """Of what a server holds, read only the chain of an incident.

        Args:
            unit: its id, `<bundle>/<id>`, or its IRI; where several may be meant, all of these are read.

        Raises:
            InputError: nobody of the name asked for coded.
            EngineError: the server fails.
        """
        bundles = read_server(endpoint, self.vocabulary, self.base, unit)
        coders = {coder for bundle in bundles for coder in bundle.coders()}
        if bundles and self.coders not in (*CODER_SETS, *coders):  # somebody may have coded other incidents only
            self._require_coders({*coders, *coders_of(endpoint)})
        return bundles

    def _require_coders(self, known: Collection[str]) -> None:
        if self.coders not in (*CODER_SETS, *known):
            raise InputError(f"no coder `{self.coders}`; there are {', '.join([*CODER_SETS, *sorted(known)])}")
