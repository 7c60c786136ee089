"""What Virtuoso 7 answers in its own way, told by a made-up server, so that runs without a Virtuoso hold it too."""

from __future__ import annotations

import json

import pytest
from servers import Answer, Asked, made_up

from kgtools.answers import Answers
from kgtools.endpoint import Endpoint
from kgtools.read.closure import Target
from kgtools.read.endpoint import Remote
from kgtools.vocabulary import PREFIXES

XSD = PREFIXES["xsd"]
ALL = "SELECT ?s WHERE { ?s ?p ?o }"


def answered(variable: str, *values: dict[str, str]) -> Answer:
    """Rows as Virtuoso 7.2.5 writes them."""
    bindings = [{variable: value} for value in values]
    results = {"distinct": False, "ordered": True, "bindings": bindings}
    return Answer(json.dumps({"head": {"link": [], "vars": [variable]}, "results": results}).encode())


@pytest.mark.parametrize("truth", [True, False])
def test_ask(truth: bool) -> None:
    """An ASK is answered by a row or none."""
    row = {"type": "typed-literal", "datatype": f"{XSD}integer", "value": "1"}
    with made_up(lambda _: answered("__ASK_RETVAL", *[row][: int(truth)])) as (url, _):
        assert truth is Endpoint(url).ask("ASK { ?s ?p ?o }")
        assert truth is Endpoint(url).answer("ASK { ?s ?p ?o }")


@pytest.mark.parametrize(("said", "expected"), [("1", "true"), ("0", "false"), ("true", "true")])
def test_booleans(said: str, expected: str) -> None:
    """What is true or false is a number in rows."""
    value = {"type": "typed-literal", "datatype": f"{XSD}boolean", "value": said}
    with made_up(lambda _: answered("s", value)) as (url, _):
        assert [{"s": f'"{expected}"^^<{XSD}boolean>'}] == Endpoint(url).select(ALL)
        assert [{"s": expected == "true"}] == [*Answers.received(Endpoint(url).answer(ALL))]


def test_more_is_sorted_than_it_likes() -> None:
    """A server that refuses to sort many rows is asked for fewer, and all come."""
    names = [f"urn:i{number:05}" for number in range(60_000)]

    def answer(asked: Asked) -> Answer:
        if "COUNT" in asked.query:
            return answered("n", {"type": "literal", "value": str(len(names))})
        limit = int(asked.query.rpartition(" LIMIT ")[2])
        if limit > 10_000:
            return Answer(b"Virtuoso 22023 Error SR353: Sorted TOP clause specifies more", "text/plain", 500)
        after = asked.query.partition('> "')[2].partition('"')[0]
        start = names.index(after) + 1 if after else 0
        return answered("node", *({"type": "uri", "value": name} for name in names[start : start + limit]))

    with made_up(answer) as (url, asked):
        found = [*Remote(Endpoint(url).over("urn:g")).focus(Target("targetClass", ("urn:c",)))]

    assert [f"<{name}>" for name in names] == found
    assert 1 + 1 + 6 == len(asked)
