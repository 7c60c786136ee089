"""Values of parameters: what people write goes in, RDF terms come out, checked, or an error that says what is right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtools.errors import InputError
from kgtools.questions import Kind, Parameter, Value, nearest
from kgtools.sparql.tokens import shown
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary, load, local, ontology_files, theory_files

if TYPE_CHECKING:
    import pyoxigraph as ox

_WANTED: dict[Kind, str] = {
    "string": "a text",
    "term": "a term, such as Delight, evco:Delight or an IRI",
    "iri": "an IRI, such as https://…",
    "integer": "a whole number",
    "boolean": "true or false",
}


def terms(
    parameter: Parameter, value: Value | Sequence[Value], vocabulary: Vocabulary
) -> list[ox.NamedNode | ox.Literal]:
    """The terms that a parameter is set to.

    Args:
        parameter: what is set.
        value: one value, or several of which each will do.
        vocabulary: the terms that names stand for.

    Raises:
        InputError: it takes no such value.
    """
    several = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if not several:
        raise InputError(f"`{parameter.name}` is given no value; give {_WANTED[parameter.kind]}, or leave it out")
    return [_term(parameter, one, vocabulary) for one in several]


def _term(parameter: Parameter, value: object, vocabulary: Vocabulary) -> ox.NamedNode | ox.Literal:
    import pyoxigraph as ox

    match parameter.kind:
        case "string" if isinstance(value, str):
            with suppress(ValueError):  # a lone surrogate
                return ox.Literal(value)
        case "boolean" if value in ("true", "false") or isinstance(value, bool):
            return ox.Literal(str(value).lower(), datatype=ox.NamedNode(PREFIXES["xsd"] + "boolean"))
        # No more digits than engines keep apart.
        case "integer" if not isinstance(value, bool) and re.fullmatch(r"[+-]?[0-9]{1,18}", str(value), re.ASCII):
            return ox.Literal(str(int(str(value))), datatype=ox.NamedNode(PREFIXES["xsd"] + "integer"))
        case "iri" | "term" if isinstance(value, str):
            return _node(parameter, value, vocabulary)
    raise _refusal(parameter, value)


def _node(parameter: Parameter, value: str, vocabulary: Vocabulary) -> ox.NamedNode:
    """The IRI that a value is or stands for."""
    import pyoxigraph as ox

    names = _names(vocabulary.theories)
    known = set(names.values())
    bare = value[1:-1] if value.startswith("<") and value.endswith(">") else value
    prefix, colon, rest = bare.partition(":")
    iri = bare
    if bare == value and parameter.kind == "term" and value in names:
        iri = names[value]
    elif bare == value and colon and prefix in vocabulary.prefixes:
        iri = vocabulary.prefixes[prefix] + rest
        # All terms of an ontology that was read are known.
        if iri not in known and vocabulary.prefixes[prefix].rstrip("#/") in known:
            raise _refusal(parameter, value, nearest(rest, names))
    elif not colon or (bare == value and prefix.lower() != "urn" and not rest.startswith("//")):
        # `evc:Delight` has the form of an IRI, and none is meant.
        near = nearest(rest or value, names) if parameter.kind == "term" else ""
        raise _refusal(parameter, value, f"; did you mean `{names[value]}`?" if value in names else near)
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise _refusal(parameter, value) from None


def _refusal(parameter: Parameter, value: object, hint: str = "") -> InputError:
    return InputError(f"`{parameter.name}` is {_WANTED[parameter.kind]}, not {shown(str(value))}{hint}")


@lru_cache(maxsize=8)
def _names(theories: tuple[Path, ...]) -> Mapping[str, str]:
    """The names of what ontology and theories describe, each with its IRI; the ontology's go before those of theories.

    A name is the last part of the IRI, or a notation that nothing else has, such as a theory's or a proposition's.
    """
    store, _ = load([*ontology_files(), *theory_files(), *theories])
    rows: Any = store.query(
        """SELECT DISTINCT ?term ?notation WHERE {
             ?term a ?kind FILTER(isIRI(?term)) OPTIONAL { ?term skos:notation ?notation } }""",
        prefixes=dict(PREFIXES),
        use_default_graph_as_union=True,
    )
    noted: dict[str, set[str]] = {}
    called: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row["term"].value.startswith(EVCO), row["term"].value)):
        iri = row["term"].value
        if row["notation"] is not None:
            noted.setdefault(row["notation"].value, set()).add(iri)
        called[local(iri)] = iri
    return {**{word: iri for word, (iri, *others) in noted.items() if not others}, **called}
