"""Axioms in words: an axiom of the OWL API goes in, Manchester syntax with CURIEs and labels comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kgtools.vocabulary import Names

_ANONYMOUS = re.compile(r"_:genid\d+(?:[\w-]*)")


class Words:
    """Puts axioms of an ontology into words.

    Args:
        ontology: whose labels are used, the English or plain ones first.
        prefixes: prefix to what it stands for.
    """

    def __init__(self, ontology: Any, prefixes: Mapping[str, str]) -> None:
        import jpype

        self._names = Names(prefixes)
        self._labels = _labels(ontology)
        kind = jpype.JClass("uk.ac.manchester.cs.owl.owlapi.mansyntaxrenderer.ManchesterOWLSyntaxOWLObjectRendererImpl")
        self._renderer = kind()
        self._renderer.setShortFormProvider(
            jpype.JProxy(
                "org.semanticweb.owlapi.util.ShortFormProvider",
                dict={"getShortForm": self._named, "dispose": lambda: None},
            )
        )

    def of(self, axiom: Any) -> str:
        """An axiom in words; blank nodes are numbered as they come."""
        said = str(self._renderer.render(axiom))
        if not said and str(axiom.getAxiomType().getName()) == "DatatypeDefinition":  # which it says nothing of
            parts = (axiom.getDatatype(), axiom.getDataRange())
            said = " EquivalentTo ".join(str(self._renderer.render(part)) for part in parts)
        return self._tidy(said)

    def name(self, iri: str) -> str:
        """An IRI in short, with its label."""
        short = self._names.short(iri)
        label = self._labels.get(iri, "")
        return f"{short} ({label})" if label and label != short.rpartition(":")[2] else short

    def _named(self, entity: Any) -> str:
        return self.name(str(entity.getIRI()))

    def _tidy(self, text: str) -> str:
        names: dict[str, str] = {}
        text = _ANONYMOUS.sub(lambda found: names.setdefault(found[0], f"_:{len(names) + 1}"), text)
        return " ".join(text.split())


def _labels(ontology: Any) -> dict[str, str]:
    """IRI to its label: in English, or in no language, or any."""
    import jpype

    iri_kind, literal = (jpype.JClass(f"org.semanticweb.owlapi.model.{name}") for name in ("IRI", "OWLLiteral"))
    found: dict[str, tuple[int, str]] = {}
    annotations = jpype.JClass("org.semanticweb.owlapi.model.AxiomType").ANNOTATION_ASSERTION
    for axiom in ontology.getAxioms(annotations):
        if not axiom.getProperty().isLabel():
            continue
        subject, value = axiom.getSubject(), axiom.getValue()
        if isinstance(subject, iri_kind) and isinstance(value, literal):
            language = str(value.getLang())
            rank = (0 if language.startswith("en") else 1 if not language else 2, str(value.getLiteral()))
            iri = str(subject)
            found[iri] = min(found.get(iri, rank), rank)
    return {iri: label for iri, (_, label) in found.items()}
