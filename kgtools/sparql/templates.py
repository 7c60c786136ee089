"""Templates: a CONSTRUCT goes in; a query that counts its solutions, and how many triples each makes, come out."""

from __future__ import annotations

from collections.abc import Sequence

from kgtools.sparql.forms import after_prologue
from kgtools.sparql.tokens import Token, tokens


def counting_constructed(text: str) -> tuple[str, int]:
    """A SELECT that counts, as ?n, the solutions of which a CONSTRUCT makes triples.

    Solutions that make the same triples count once, unless the template has blank nodes, which are new for each.

    Returns:
        The SELECT, and how many triples each solution makes at most; the graph has no more than the product.

    Raises:
        InputError: the text is no SPARQL.
        SyntaxError: the template is none that Oxigraph understands.
    """
    import pyoxigraph as ox

    read = list(tokens(text))
    first = read.index(after_prologue(read))
    opened = next(place for place in range(first, len(read)) if read[place].text == "{")
    template = read[opened : _closing(read, opened) + 1]
    if opened == first + 1:
        place = first + len(template) + 1
        where = next(at for at in range(place, len(read)) if read[at].word == "where" or read[at].text == "{")
    else:  # CONSTRUCT WHERE { … }, whose pattern is the template
        place, where = first + 1, opened
    prologue, asked = text[: read[first].start], text[read[where].start :]
    graphs = text[read[place].start : read[where].start]
    names = " ".join(dict.fromkeys(f"?{token.text[1:]}" for token in template if token.kind == "var"))
    values = " ".join(f"<urn:kgtools:{number}>" for number, _ in enumerate(names.split()))
    made = text[template[0].start : template[-1].end]
    one = ox.Store().query(f"{prologue}CONSTRUCT {made} WHERE {{ VALUES ({names}) {{ ({values}) }} }}")
    solutions = f"SELECT {names or '(1 AS ?one)'} {asked}\n"
    if names and not any(token.text in "[(" or token.text.startswith("_:") for token in template):
        solutions = f"SELECT DISTINCT {names} {{ {{ {solutions} }} }}"
    return f"{prologue}SELECT (COUNT(*) AS ?n) {graphs} {{ {{ {solutions} }} }}", len(list(one))  # type: ignore[arg-type]  # triples


def _closing(read: Sequence[Token], opened: int) -> int:
    """Where the brace is that closes another one."""
    depth = 0
    for place in range(opened, len(read)):
        depth += (read[place].text == "{") - (read[place].text == "}")
        if depth == 0:
            return place
    return len(read) - 1
