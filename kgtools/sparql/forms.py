"""Forms: a query goes in; what it asks for, of whom and of which graphs, and a query that counts its rows, come out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from kgtools.errors import InputError
from kgtools.sparql.tokens import AMBIGUOUS, CLOSE, OPEN, Token, readings, shown, tokens

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
"""What a query asks for."""

_FORMS: dict[str, Form] = {"select": "SELECT", "ask": "ASK", "construct": "CONSTRUCT", "describe": "DESCRIBE"}
_UPDATES = ("insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with")


def form_of(text: str) -> Form:
    """What a query asks for.

    >>> form_of("# Who?\\nPREFIX e: <urn:e#> select ?who { ?who a e:Customer }")
    'SELECT'

    Raises:
        InputError: it is an update, several queries, or none.
    """
    forms = {_form(tokens) for tokens, _ in readings(text)}
    if len(forms) > 1:
        raise InputError(AMBIGUOUS)
    return forms.pop()


def calls_services(text: str) -> bool:
    """Whether a query has another server asked (SERVICE).

    Engines are lenient on where a keyword ends (Oxigraph takes `SERVICE:g {` for a call), and `?a<?b && ?c>?d` has the
    form of an IRI from `<` on, behind which anything may hide. So in doubt it is one.

    Raises:
        InputError: the text is no SPARQL.
    """
    return any(_calls(tokens) or ("service" in text.lower() and _compares(tokens)) for tokens, text in readings(text))


def is_ordered(text: str) -> bool:
    """Whether a query orders its own rows (a subquery's ORDER BY does nothing for them). Raises as `form_of`."""
    words = _outer_words(text)
    return ("order", "by") in pairwise(words) or "orderby" in words  # Oxigraph takes that too


def has_dataset(text: str) -> bool:
    """Whether a query says which graphs it is asked of (FROM). Raises as `form_of`."""
    return "from" in _outer_words(text)


def names_graphs(text: str) -> bool:
    """Whether a query tells graphs apart (FROM, GRAPH). Raises as `form_of`."""
    return has_dataset(text) or any(token.word == "graph" for token in tokens(text))


def projects(text: str, name: str) -> bool:
    """Whether the rows of a SELECT have a variable.

    >>> projects("SELECT ?x (COUNT(?y) AS ?n) { ?x e:p ?y }", "n"), projects("SELECT (COUNT(?y) AS ?n) { }", "y")
    (True, False)

    Raises:
        InputError: the text is no SPARQL.
    """
    read = list(tokens(text))
    depth = 0
    for before, token in pairwise(read[read.index(after_prologue(read)) :]):
        if depth == 0 and token.text == "{":
            return False
        if depth == 0 and token.text == "*":
            return True
        if token.kind == "var" and token.text[1:] == name and (depth == 0 or before.word == "as"):
            return True
        depth += (token.text in OPEN) - (token.text in CLOSE)
    return False


def counting(text: str) -> str:
    """A SELECT that counts, as ?n, the rows of another one, which must not name its graphs (FROM).

    >>> counting("PREFIX e: <urn:e#> SELECT ?x { ?x a e:X } LIMIT 3")
    'PREFIX e: <urn:e#> SELECT (COUNT(*) AS ?n) {{ SELECT ?x { ?x a e:X } LIMIT 3\\n}}'

    Raises:
        InputError: the text is no SPARQL.
    """
    start = after_prologue(list(tokens(text))).start
    return f"{text[:start]}SELECT (COUNT(*) AS ?n) {{{{ {text[start:]}\n}}}}"


def _outer_words(text: str) -> list[str]:
    """The keywords that stand in no braces, with an empty one for anything else there."""
    words: list[str] = []
    depth = 0
    for token in tokens(text):
        depth += (token.text in OPEN) - (token.text in CLOSE)
        if depth == 0:
            words.append(token.word)
    return words


def after_prologue(tokens: Sequence[Token]) -> Token:
    """What follows prefixes and the like."""
    place = 0
    while place < len(tokens):
        word, after = tokens[place].word, tokens[place + 1 : place + 3]
        kinds = [token.kind for token in after]
        if (word == "base" and kinds[:1] == ["iri"]) or (word == "version" and kinds[:1] == ["text"]):
            place += 2
        elif word == "prefix" and kinds == ["name", "iri"] and after[0].text.endswith(":"):
            place += 3
        elif word == "define" and kinds[:1] == ["name"]:  # Virtuoso's
            place += 3
            while place < len(tokens) and tokens[place].text == ",":
                place += 2
        else:
            break
    if place >= len(tokens):
        raise InputError("there is no query; write SELECT, ASK, CONSTRUCT or DESCRIBE")
    return tokens[place]


def _form(tokens: Sequence[Token]) -> Form:
    """The form that follows the prologue."""
    said = after_prologue(tokens)
    if said.word in _UPDATES:
        raise InputError(
            f"{said.text.upper()} is an update, and only queries are asked: SELECT, ASK, CONSTRUCT, DESCRIBE"
        )
    if said.word not in _FORMS:
        raise InputError(f"{shown(said.text)} begins no query; write SELECT, ASK, CONSTRUCT or DESCRIBE")
    return _FORMS[said.word]


def _calls(tokens: Sequence[Token]) -> bool:
    """Whether some engine may find SERVICE in it."""
    for place, token in enumerate(tokens):
        if "service" in token.word:
            return True
        glued = token.kind == "name" and "service" in token.text.partition(":")[0].lower()
        before = tokens[place - 1].word if place else ""
        opens = [one.text for one in tokens[place + 1 : place + 2]] == ["{"]
        if glued and opens and before not in ("graph", "from", "named", "describe"):
            return True
    return False


_BEFORE_IRI = frozenset("(,;=!<>&|^*/+-")
"""Signs after which no operator stands in a bracket, so that `<` begins an IRI there."""


def _compares(tokens: Sequence[Token]) -> bool:
    """Whether what was read as an IRI may be a comparison, with something else behind it.

    Expressions with operators stand in round brackets only (W3C SPARQL 1.1 Query Language, 19.8: BrackettedExpression
    and what is like it), and the rows of VALUES have none.
    """
    opened: list[str] = []
    of_values = False
    for place, token in enumerate(tokens):
        if token.kind == "iri" and opened[-1:] == ["("] and _ends_operand(tokens[max(place - 2, 0) : place]):
            return True
        if token.text in OPEN:
            of_rows = opened[-1:] == ["row"] or (of_values and token.text == "{")
            opened.append("row" if of_rows else token.text)
        elif token.text in CLOSE and opened:
            opened.pop()
        of_values = token.word == "values" or (of_values and (token.kind == "var" or token.text in ("(", ")")))
    return False


def _ends_operand(before: Sequence[Token]) -> bool:
    """Whether an operator may follow on these two tokens."""
    if (word := before[-1].word) != "":
        return word.endswith(("true", "false"))
    return before[-1].text not in _BEFORE_IRI or [one.text for one in before] == [">", ">"]  # a triple's end
