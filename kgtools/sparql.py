"""SPARQL as text: a query goes in; its form, its calls to other servers, its parameters, or it with values come out.

Why a reading of our own: what users ask is checked before any engine sees it, and goes to servers of all sorts. A
parser is no answer there: it refuses what these know beyond the standard (Virtuoso's `DEFINE`), and rdflib's is slow.
So only the tokens are read (W3C SPARQL 1.1 Query Language, 19.8), and what is asked of them errs on the safe side.

Two readings of one text: the standard (19.2) has `\\u0053` stand for `S` anywhere, before anything else is read. rdflib
does so; Oxigraph reads it in texts and IRIs only. So a query may be a text with a harmless string for the one, and call
a server for the other. Such a text is taken only where both readings say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from kgtools.errors import InputError

if TYPE_CHECKING:
    import pyoxigraph as ox

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
"""What a query asks for."""

_FORMS: dict[str, Form] = {"select": "SELECT", "ask": "ASK", "construct": "CONSTRUCT", "describe": "DESCRIBE"}
_UPDATES = ("insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with")

_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_START = r"A-Za-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿\u200c\u200d⁰-↏Ⰰ-⿯、-퟿豈-﷏ﷰ-\ufffd\U00010000-\U000effff"  # PN_CHARS_BASE
_WITHIN = _START + r"0-9_\u00b7\u0300-\u036f\u203f\u2040"
_PLACE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"  # PLX

_TOKEN = re.compile(
    rf"""
      (?P<blank>   [ \t\r\n]+ | \#[^\r\n]*+ )
    | (?P<iri>     <(?:[^<>"{{}}|^`\\\x00-\x20]|{_ESCAPE})*+> )
    | (?P<text>    \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
                 | "(?!"")(?:[^"\\\r\n]|\\[^\r\n])*+" | '(?!'')(?:[^'\\\r\n]|\\[^\r\n])*+' )
    | (?P<name>    (?:_|[{_START}][{_WITHIN}.\-]{{0,255}}+)? : (?:[{_WITHIN}:.\-]|{_PLACE})*+ )
    | (?P<var>     [?$][{_WITHIN}]++ )
    | (?P<tag>     @[A-Za-z]+(?:-+[A-Za-z0-9]+)*+ )
    | (?P<number>  (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
    | (?P<word>    [A-Za-z_][A-Za-z0-9_]*+ )
    | (?P<sign>    [][{{}}().,;:*/|^!=<>&?$@%~+-] )
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    """A part of a query, its kind, and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where what follows begins."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """A keyword in lower case; empty for anything else."""
        return self.text.lower() if self.kind == "word" else ""


class _Parameter(NamedTuple):
    """A line `VALUES ?name { default }`: what is in it, and where it stands."""

    name: str
    default: list[str]
    start: int
    end: int


def form_of(text: str) -> Form:
    """What a query asks for.

    >>> form_of("# Who?\\nPREFIX e: <urn:e#> select ?who { ?who a e:Customer }")
    'SELECT'

    Raises:
        InputError: it is an update, several queries, or none.
    """
    forms = {_form(tokens) for tokens, _ in _readings(text)}
    if len(forms) > 1:
        raise InputError(_AMBIGUOUS)
    return forms.pop()


def calls_services(text: str) -> bool:
    """Whether a query has another server asked (SERVICE).

    Engines are lenient on where a keyword ends (Oxigraph takes `SERVICE:g {` for a call), so in doubt it is one.

    Raises:
        InputError: the text is no SPARQL.
    """
    return any(_calls(tokens) for tokens, _ in _readings(text))


def is_ordered(text: str) -> bool:
    """Whether a query orders its own rows (a subquery's ORDER BY does nothing for them). Raises as `form_of`."""
    words = _outer_words(text)
    return ("order", "by") in pairwise(words) or "orderby" in words  # Oxigraph takes that too


def has_dataset(text: str) -> bool:
    """Whether a query says which graphs it is asked of (FROM). Raises as `form_of`."""
    return "from" in _outer_words(text)


def names_graphs(text: str) -> bool:
    """Whether a query tells graphs apart (FROM, GRAPH). Raises as `form_of`."""
    return has_dataset(text) or any(token.word == "graph" for token in _tokens(text))


def counting(text: str) -> str:
    """A SELECT that counts, as ?n, the rows of another one, which must not name its graphs (FROM).

    >>> counting("PREFIX e: <urn:e#> SELECT ?x { ?x a e:X } LIMIT 3")
    'PREFIX e: <urn:e#> SELECT (COUNT(*) AS ?n) {{ SELECT ?x { ?x a e:X } LIMIT 3\\n}}'

    Raises:
        InputError: the text is no SPARQL.
    """
    start = _after_prologue(list(_tokens(text))).start
    return f"{text[:start]}SELECT (COUNT(*) AS ?n) {{{{ {text[start:]}\n}}}}"


def parameters_of(text: str) -> dict[str, list[str]]:
    """The parameters of a query, each with the terms of its default as they are written.

    A parameter is a line of its own, `VALUES ?name { default }`, with one or more terms. It may stand in several
    branches, with the same default in each; a name with different terms in two lines is none.

    >>> parameters_of('SELECT * {\\n  VALUES ?coders { "any" }\\n  VALUES ?class { UNDEF }\\n}')
    {'coders': ['"any"'], 'class': ['UNDEF']}

    Raises:
        InputError: the text is no SPARQL.
    """
    first, *others = [_named(_parameters(tokens, text)) for tokens, text in _readings(text)]
    before = {name: [_unescaped(term) for term in default] for name, default in first.items()}
    if any(other != before for other in others):
        raise InputError(_AMBIGUOUS)
    return first


def bound(text: str, values: Mapping[str, Sequence[ox.NamedNode | ox.Literal]]) -> str:
    """A query with the defaults of parameters replaced. The rest of it stays as it is, to the letter.

    Args:
        text: the query.
        values: a parameter's name to the terms that it may be, one or more. What stands there twice is written once,
            since it would give rows twice, and Virtuoso 7 may never end.

    Raises:
        InputError: the query has no such parameter, or a value cannot be written.
    """
    known = parameters_of(text)
    for name, given in values.items():
        if name not in known:
            there = f"it has {', '.join(f'`{one}`' for one in known)}" if known else "it has none"
            raise InputError(f"the query has no parameter `{name}`; {there} (a line `VALUES ?name {{ default }}`)")
        if not given:
            raise InputError(f"`{name}` is given no value; give one, or leave it out")
    for parameter in reversed(list(_parameters(list(_tokens(text)), text))):
        if parameter.name in values:
            terms = " ".join(dict.fromkeys(written(term) for term in values[parameter.name]))
            text = f"{text[: parameter.start]}VALUES ?{parameter.name} {{ {terms} }}{text[parameter.end :]}"
    return text


def written(term: ox.NamedNode | ox.Literal) -> str:
    """An IRI or literal as every engine reads it back.

    Why so: rdflib reads `\\u0041` before it reads texts, and finds one too where a backslash stands before `u0041`
    (written `\\\\u0041`). The `u` is therefore written by its number there, with eight digits, since of four it would
    read on.

    Raises:
        InputError: it is neither, or cannot be written in SPARQL 1.1.
    """
    import pyoxigraph as ox

    if isinstance(term, ox.NamedNode):
        if not _IRI.fullmatch(term.value):
            raise InputError(f"{_shown(term.value)} is no IRI; write one as https://…, without spaces and brackets")
        return f"<{term.value}>"
    if not isinstance(term, ox.Literal):
        raise InputError(f"{_shown(str(term))} is neither an IRI nor a literal, so no query can name it")
    if getattr(term, "direction", None) is not None:
        raise InputError(f"{_shown(term.value)} has a direction, which SPARQL 1.1 does not know; leave it out")
    if wrong := _FORBIDDEN.search(term.value):
        raise InputError(f"{_shown(term.value)} has {_named_character(wrong[0])} in it, which is no text; leave it out")
    said = f'"{_ESCAPED.sub(_escape, term.value)}"'
    if term.language:
        return f"{said}@{term.language}"
    return said if term.datatype.value == _STRING else f"{said}^^{written(term.datatype)}"


_EITHER = re.compile(rf"{_ESCAPE}|\\U[0-9A-Fa-f]{{4}}")
_OPEN, _CLOSE = ("{", "(", "["), ("}", ")", "]")
_AMBIGUOUS = r"the query has \u… where engines read it differently; write the characters themselves"
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^<>"{}|^`\\\x00-\x20\x7f-\x9f\ud800-\udfff]*""")
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(r'\\[uU]|[\\"\t\n\r\f\x08]')
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", "\b": "\\b"}


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    return f"\\\\\\U{ord(found[1]):08X}" if len(found) == 2 else _SHORT.get(found, f"\\{found}")


def _shown(text: str) -> str:
    """A value, as one short line of an error."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return f"`{line if len(line) <= 80 else line[:79] + '…'}`"


def _named_character(one: str) -> str:
    return f"U+{ord(one):04X}"


# What the text says


def _readings(text: str) -> list[tuple[list[_Token], str]]:
    """The tokens of a query with the text that they are of: as it stands, and as with `\\u` read beforehand."""
    found = [(list(_tokens(text)), text)]
    if _EITHER.search(text):
        before = _unescaped(text)
        try:
            found.append((list(_tokens(before)), before))
        except InputError:
            raise InputError(_AMBIGUOUS) from None
    return found


def _unescaped(text: str) -> str:
    return _EITHER.sub(lambda match: _character(match[0]), text)


def _character(escape: str) -> str:
    number = int(escape[2:], 16)
    # rdflib takes four digits after a \U too, and reads on after a \u where more follow.
    short = len(escape) == 6 and (number <= 0x10 or escape[1] == "U")
    if short or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise InputError(f"the query has `{escape}`, which is not a character for all; write it in another way")
    return chr(number)


def _tokens(text: str) -> Iterator[_Token]:
    """The parts of a query, without blanks and comments, with what is open and closed counted."""
    place, depth = 0, 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise InputError(f"the query is no SPARQL: {_unread(text, place)}")
        token = _Token(match.lastgroup or "", match[0], place)
        place = match.end()
        if token.kind == "blank":
            # Engines differ in whether a comment ends there.
            if token.text.startswith("#") and re.match(r"\r(?!\n)", text[place : place + 2]):
                raise InputError("the query has a line that ends in a carriage return alone; end lines with a newline")
            continue
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if depth < 0 or (depth == 0 and token.text == ";"):
            raise InputError(f"`{token.text}` is at the end of a query; give one query, and nothing after it")
        yield token


def _unread(text: str, place: int) -> str:
    """What is wrong where no token begins."""
    line = text.count("\n", 0, place) + 1
    one = text[place]
    if one in "\"'":
        return f"the text that begins in line {line} does not end"
    if one == "\\":
        return f"a backslash in line {line} stands outside of texts; write the character itself"
    shown = f"`{one}`" if one.isprintable() and one != " " else _named_character(one)
    return f"{shown} in line {line} stands outside of texts and IRIs"


def _outer_words(text: str) -> list[str]:
    """The keywords that stand in no braces, with an empty one for anything else there."""
    words: list[str] = []
    depth = 0
    for token in _tokens(text):
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if depth == 0:
            words.append(token.word)
    return words


def _after_prologue(tokens: Sequence[_Token]) -> _Token:
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


def _form(tokens: Sequence[_Token]) -> Form:
    """The form that follows the prologue."""
    said = _after_prologue(tokens)
    if said.word in _UPDATES:
        raise InputError(
            f"{said.text.upper()} is an update, and only queries are asked: SELECT, ASK, CONSTRUCT, DESCRIBE"
        )
    if said.word not in _FORMS:
        raise InputError(f"{_shown(said.text)} begins no query; write SELECT, ASK, CONSTRUCT or DESCRIBE")
    return _FORMS[said.word]


def _calls(tokens: Sequence[_Token]) -> bool:
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


def _parameters(tokens: Sequence[_Token], text: str) -> Iterator[_Parameter]:
    """The lines that are parameters, from the first to the last."""
    for place, token in enumerate(tokens):
        if token.word != "values" or [one.text for one in tokens[place + 2 : place + 3]] != ["{"]:
            continue
        variable = tokens[place + 1]
        end = next((one for one in range(place + 3, len(tokens)) if tokens[one].text in ("{", "}")), 0)
        terms = _terms(tokens[place + 3 : end]) if end and tokens[end].text == "}" else []
        if not terms or not variable.text.startswith("?") or variable.kind != "var":
            continue
        stop = tokens[end].end
        line_start = text.rfind("\n", 0, token.start) + 1
        line_end = text.find("\n", stop)
        alone = (
            not text[line_start : token.start].strip() and not text[stop : line_end if line_end >= 0 else None].strip()
        )
        if alone and "\n" not in text[token.start : stop]:
            yield _Parameter(variable.text[1:], terms, token.start, stop)


def _terms(tokens: Sequence[_Token]) -> list[str]:
    """The terms that tokens spell, each as it is written; none where something else stands among them."""
    found: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        rest = tokens[place + 1 : place + 4]
        size = 1
        if token.kind == "text" and rest and rest[0].kind == "tag":
            size = 2
        elif token.kind == "text" and [one.text for one in rest[:2]] == ["^", "^"] and len(rest) == 3:
            size = 4
        elif token.text in ("+", "-") and rest and rest[0].kind == "number":
            size = 2
        elif token.kind not in ("iri", "name", "text", "number") and token.word not in ("undef", "true", "false"):
            return []
        found.append("".join(one.text for one in tokens[place : place + size]))
        place += size
    return found


def _named(parameters: Iterable[_Parameter]) -> dict[str, list[str]]:
    """The parameters by name, without names that stand for different things in different lines."""
    found: dict[str, list[list[str]]] = {}
    for parameter in parameters:
        found.setdefault(parameter.name, []).append(parameter.default)
    return {name: first for name, (first, *others) in found.items() if all(other == first for other in others)}
