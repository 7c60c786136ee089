"""The terms of SHACL: which there are, what their values must be, and which of them are never run.

Sources: W3C SHACL (2017), and its own shapes for shapes (appendix C); SHACL Advanced Features (2017); the drafts of
SHACL 1.2 Core; DASH. The names of terms without their namespace.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from kgtools.vocabulary import PREFIXES

SH = PREFIXES["sh"]
DASH = "http://datashapes.org/dash#"

Kind = Literal[
    "IRI", "count", "literal", "string", "text", "boolean", "list", "IRIs", "strings", "shapes", "shape", "any"
]

PARAMETERS: dict[str, Kind] = {
    **dict.fromkeys(("class", "datatype", "nodeKind", "equals", "disjoint", "lessThan", "lessThanOrEquals"), "IRI"),
    **dict.fromkeys(("minCount", "maxCount", "minLength", "maxLength"), "count"),
    **dict.fromkeys(("qualifiedMinCount", "qualifiedMaxCount"), "count"),
    **dict.fromkeys(("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"), "literal"),
    **dict.fromkeys(("pattern", "flags"), "string"),
    **dict.fromkeys(("uniqueLang", "closed", "qualifiedValueShapesDisjoint"), "boolean"),
    **dict.fromkeys(("and", "or", "xone"), "shapes"),
    **dict.fromkeys(("node", "property", "not", "qualifiedValueShape", "sparql"), "shape"),
    **{"in": "list", "languageIn": "strings", "ignoredProperties": "IRIs", "hasValue": "any"},
}
"""What makes a node a shape, and what its value must be."""

TARGETS: dict[str, Kind] = {
    **dict.fromkeys(("targetClass", "targetSubjectsOf", "targetObjectsOf"), "IRI"),
    "targetNode": "any",
}

OTHER: dict[str, Kind] = {"severity": "IRI", "deactivated": "boolean", "message": "text", "name": "text"}
"""What else is said of shapes, and can be wrong."""

ONCE = {
    *("path", "severity", "deactivated", "closed", "ignoredProperties", "datatype", "in", "languageIn", "maxCount"),
    *("minCount", "maxExclusive", "maxInclusive", "minExclusive", "minInclusive", "maxLength", "minLength", "nodeKind"),
    *("pattern", "flags", "qualifiedMaxCount", "qualifiedMinCount", "qualifiedValueShape", "uniqueLang"),
    "qualifiedValueShapesDisjoint",
}
"""What a shape says at most once."""

ON_PROPERTIES = {
    *("lessThan", "lessThanOrEquals", "maxCount", "minCount", "qualifiedValueShape", "uniqueLang"),
}
"""What only property shapes say."""

TO_SHAPES = ("node", "property", "not", "qualifiedValueShape")
TO_LISTS_OF_SHAPES = ("and", "or", "xone")
NODE_KINDS = ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
PATHS = ("alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")
VALIDATORS = ("validator", "nodeValidator", "propertyValidator")

NOT_RUN = {
    # Advanced Features, and JavaScript
    *("rule", "expression", "target", "values", "js", "filterShape"),
    # drafts, old and new
    *("nodeShape", "reifierShape", "reificationRequired", "memberShape", "minListLength", "maxListLength"),
    *("uniqueMembers", "someValue", "singleLine", "subsetOf", "rootClass", "nodeByExpression", "targetWhere"),
}
"""Properties that make a shape stricter in other versions of SHACL, and do nothing here."""

IDLE = {
    "qualifiedMinCount": {"qualifiedValueShape"},
    "qualifiedMaxCount": {"qualifiedValueShape"},
    "qualifiedValueShapesDisjoint": {"qualifiedValueShape"},
    "qualifiedValueShape": {"qualifiedMinCount", "qualifiedMaxCount"},
    "flags": {"pattern"},
    "ignoredProperties": {"closed"},
}
"""What says nothing without one of others."""

NOT_RUN_BEYOND = {
    DASH + name
    for name in (
        *("closedByTypes", "coExistsWith", "hasValueIn", "hasValueWithClass", "indexed", "nonRecursive", "uriStart"),
        *("reifiableBy", "reificationRequired", "rootClass", "scriptConstraint", "singleLine", "stem", "subSetOf"),
        *("symmetric", "uniqueValueForClass", "uniqueValuesForClass", "uniqueMember"),
    )
}
"""The same of DASH."""

BESIDE = {
    *("path", "description", "order", "group", "defaultValue", "labelTemplate", "optional", "declare", "parameter"),
    *("prefixes", "select", "ask"),
    *VALIDATORS,
    *("agentInstruction", "intent", "unit", "codeIdentifier", "suggestedShapesGraph", "shapesGraph"),
}
"""What else a shape may say, or a node that is something else too."""


@cache
def known_terms() -> frozenset[str]:
    """All terms of the SHACL namespace that some version has, without the namespace."""
    from rdflib import SH as NAMESPACE

    listed = {str(term).removeprefix(SH) for term in dir(NAMESPACE) if str(term).startswith(SH)}
    return frozenset(listed.union(PARAMETERS, TARGETS, OTHER, NOT_RUN, BESIDE))


@cache
def closed_namespaces() -> dict[str, frozenset[str]]:
    """The namespaces that are known with all their terms, as rdflib has them: each with its terms' IRIs."""
    from rdflib import namespace

    first = "DC DCAM DCAT DCMITYPE DCTERMS FOAF OWL ORG PROF PROV QB RDF RDFS"
    second = "SDO SKOS SOSA SSN TIME VANN VOID XSD GEO WGS CSVW DOAP ODRL2"
    spaces = [getattr(namespace, name) for name in f"{first} {second}".split()]
    return {
        str(space): frozenset(str(term) for term in dir(space) if str(term).startswith(str(space))) for space in spaces
    }
