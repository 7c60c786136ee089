"""Sentences: a constraint component of SHACL and what it asks for go in, what is wrong comes out in plain words.

For shapes without a message of their own (W3C SHACL, 4, component by component).
"""

from __future__ import annotations

from collections.abc import Mapping

_OF_VALUES = {
    "Class": "is not an instance of {class}",
    "Datatype": "is not of the datatype {datatype}",
    "NodeKind": "is not {nodeKind}",
    "MinExclusive": "is not greater than {minExclusive}",
    "MinInclusive": "is not {minInclusive} or more",
    "MaxExclusive": "is not less than {maxExclusive}",
    "MaxInclusive": "is not {maxInclusive} or less",
    "MinLength": "is shorter than {minLength} characters",
    "MaxLength": "is longer than {maxLength} characters",
    "Pattern": "does not match the pattern {pattern}",
    "LanguageIn": "is in none of the languages {languageIn}",
    "LessThan": "is not less than each value of {lessThan}",
    "LessThanOrEquals": "is more than a value of {lessThanOrEquals}",
    "Disjoint": "is a value of {disjoint} too, which it must not be",
    "Not": "meets {not}, which it must not",
    "And": "does not meet all of {and}",
    "Or": "meets none of {or}",
    "Xone": "does not meet exactly one of {xone}",
    "Node": "does not meet {node}",
    "In": "is none of {in}",
}
"""What is wrong with a value."""

_OF_NODES = {
    "MinCount": "{this} has fewer than {minCount} values for {path}; at least {minCount} are needed",
    "MaxCount": "{this} has more than {maxCount} values for {path}; at most {maxCount} are allowed",
    "UniqueLang": "{this} has several values for {path} in one language; one for each is allowed",
    "QualifiedMinCount": "{this} has too few values for {path} that meet {qualifiedValueShape}; "
    "at least {qualifiedMinCount} are needed",
    "QualifiedMaxCount": "{this} has too many values for {path} that meet {qualifiedValueShape}; "
    "at most {qualifiedMaxCount} are allowed",
    "Equals": "{this} has {value} for only one of {path} and {equals}; both need the same values",
    "HasValue": "{this} does not have the value {hasValue} for {path}",
    "Closed": "{this} has the property {path} with the value {value}, and its shape allows no such property",
}
"""What is wrong with the node itself."""

_COUNTED = {
    ("MinCount", "1"): "{this} has no value for {path}; at least 1 is needed",
    ("MaxCount", "0"): "{this} has a value for {path}; none is allowed",
    ("MaxCount", "1"): "{this} has more than one value for {path}; at most 1 is allowed",
}

_WITHOUT_PATH = {
    "Equals": "{this} and the values of {equals} are not the same",
    "HasValue": "{this} is not {hasValue}",
}

_KINDS = {
    "sh:IRI": "an IRI",
    "sh:BlankNode": "a blank node",
    "sh:Literal": "a literal",
    "sh:BlankNodeOrIRI": "a blank node or an IRI",
    "sh:BlankNodeOrLiteral": "a blank node or a literal",
    "sh:IRIOrLiteral": "an IRI or a literal",
}


def sentence(component: str, words: Mapping[str, str], shape: str) -> str:
    """What a result says, where its shape has no message.

    Args:
        component: the local name of the constraint component, without its ending.
        words: `this`, `value` and `path` of the result, and what the shape asks for by the names of SHACL's parameters.
        shape: what the shape is called.

    >>> sentence("MinCount", {"this": "Anna", "value": "nothing", "path": "ex:age", "minCount": "1"}, "")
    'Anna has no value for ex:age; at least 1 is needed.'
    """
    filled = dict(words)
    filled["nodeKind"] = _KINDS.get(filled.get("nodeKind", ""), filled.get("nodeKind", ""))
    path = filled.get("path", "")
    template = (
        _COUNTED.get((component, filled.get(component[:1].lower() + component[1:], "")))
        or (None if path else _WITHOUT_PATH.get(component))
        or _OF_NODES.get(component)
    )
    if template is None and (clause := _OF_VALUES.get(component)):
        template = ("{value}, which {this} has for {path}, " if path else "{value} ") + clause
    if template is None:
        of_value = " with {value}" if path and words.get("value", "nothing") != "nothing" else ""
        template = "{this} breaks the rule “{rule}”" + of_value
    return template.format_map(_Asked(filled, rule=shape)) + "."


class _Asked(dict[str, str]):
    """What a constraint asks for; what it does not say is an ellipsis."""

    def __missing__(self, word: str) -> str:
        return "…"
