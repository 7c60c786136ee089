"""What Virtuoso 7 answers in its own way, told by a made-up server, so that runs without a Virtuoso hold it too."""

from __future__ import annotations

import json

import pytest
from servers import Answer, made_up

from kgtools.endpoint import Endpoint
from kgtools.vocabulary import PREFIXES

XSD = PREFIXES["xsd"]


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


@pytest.mark.parametrize(("said", "expected"), [("1", "true"), ("0", "false"), ("true", "true")])
def test_booleans(said: str, expected: str) -> None:
    """What is true or false is a number in rows."""
    value = {"type": "typed-literal", "datatype": f"{XSD}boolean", "value": said}
    with made_up(lambda _: answered("s", value)) as (url, _):
        assert [{"s": f'"{expected}"^^<{XSD}boolean>'}] == Endpoint(url).select("SELECT ?s WHERE { ?s ?p ?o }")
