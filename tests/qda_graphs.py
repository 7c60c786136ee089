"""What tests ask of the graph of a coding program's file: a file goes in, its codings and quotes come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kgtools.model import Coding, Finding
from kgtools.pipeline import Job
from kgtools.pipeline.carry import lifted
from kgtools.read import Bundle, read_bundle
from kgtools.store import Store
from kgtools.vocabulary import PREFIXES, Vocabulary

VOCABULARY = Vocabulary.read()
JOB = Job()

_ASKED = "".join(
    f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("evco", "dcterms", "oa", "prov", "rdfs", "rdf", "skos")
)
_QUOTED = """SELECT ?id ?incident ?exact ?start ?end ?narrative ?rule ?from ?to {
  ?coding a oa:Annotation ; dcterms:identifier ?id ; oa:hasTarget ?target .
  OPTIONAL { ?target oa:hasSource ?report } BIND(COALESCE(?report, ?target) AS ?text)
  ?story evco:reportedIn ?text ; dcterms:identifier ?incident . OPTIONAL { ?text evco:narrative ?narrative }
  OPTIONAL { ?target oa:hasSelector [ a oa:TextQuoteSelector ; oa:exact ?exact ] }
  OPTIONAL { ?target oa:hasSelector [ a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end ] }
  OPTIONAL { ?target oa:hasSelector ?native . ?native a evco:NativeSelector ; evco:nativeStart ?from ;
                                              evco:nativeEnd ?to . OPTIONAL { ?native evco:offsetRule ?rule } }
} ORDER BY ?id"""


@dataclass(frozen=True)
class Quoted:
    """What a graph says of the words of a coding."""

    incident: str
    exact: str | None
    start: int | None
    end: int | None
    narrative: str | None
    rule: str | None
    native: tuple[str, str] | None

    def cut(self) -> str | None:
        """The words that its positions cut from the narrative."""
        return None if self.narrative is None or self.start is None else self.narrative[self.start : self.end]


def graph_of(path: Path, crosswalk: Path | None = None) -> tuple[Bundle, Store]:
    """A file as it was read, and the graph that it becomes."""
    bundle = read_bundle(path, VOCABULARY, crosswalk)
    store = Store()
    store.add(lifted([bundle], JOB))
    return bundle, store


def codings_of(bundle: Bundle) -> list[Coding]:
    """All codings, incident by incident."""
    return [one for chunk in bundle.chunks() for several in chunk.codings.values() for one in several]


def ask(store: Store, query: str) -> list[tuple[str, ...]]:
    """The rows of a SELECT, as text; what is not bound is empty."""
    return [tuple("" if one is None else one.value for one in row) for row in store.select(_ASKED + query)]


def count(store: Store, pattern: str, what: str = "*") -> int:
    """How many solutions a pattern has."""
    return int(ask(store, f"SELECT (COUNT({what}) AS ?n) {{ {pattern} }}")[0][0])


def annotated(store: Store) -> int:
    """How many Web Annotations there are."""
    return count(store, "?one a oa:Annotation", "DISTINCT ?one")


def quotes(store: Store) -> dict[str, Quoted]:
    """What the graph says of the words of each coding, by the coding's id."""

    def number(cell: str) -> int | None:
        return int(cell) if cell else None

    return {
        id: Quoted(
            incident,
            exact or None,
            number(start),
            number(end),
            narrative or None,
            rule or None,
            (first, last) if first else None,
        )
        for id, incident, exact, start, end, narrative, rule, first, last in ask(store, _QUOTED)
    }


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """Severity and shape of each finding."""
    return sorted((one.severity, one.shape) for one in findings)
