"""SPARQL as text: forms, services and parameters are found, and values are written so that every engine reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from servers import oxigraph

from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.sparql import bound, calls_services, form_of, parameters_of, written

NOWHERE = "http://127.0.0.1:9/"
"""An address where nobody answers; a call to it is an error of the network."""

PARTS = ["SERVICE", "service", "SILENT", f"<{NOWHERE}>", "s:x", ":x", "?x", "{ }", "{", "}", ".", "GRAPH", "1", "1e5"]
PARTS += ["true", "#", "\n", '"', '"""', "'", "\\u0022", "\\u0053ERVICE", "?s ?p ?o", " ", "FILTER", "\r", "a:b.", "\\"]
PARTS += ["<", ">", "(", ")", "FILTER(1<2)", "<2)", "FILTER('a'<'>\"')", "#>)\n", '#>"""\n', '#""")\n']


# Forms


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("SELECT", "SELECT * { ?s ?p ?o }"),
        ("SELECT", "  # ASK {}\nselect*{}"),
        (
            "ASK",
            "PREFIX select: <http://x/#select> PREFIX : <http://x> BASE <http://y#z> ASK { select:a :b 'CONSTRUCT' }",
        ),
        ("CONSTRUCT", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o ; ?q ?r . }"),
        ("CONSTRUCT", "CONSTRUCT WHERE { ?s ?p ?o }"),
        ("DESCRIBE", "DESCRIBE <http://x/#insert>"),
        ("SELECT", 'DEFINE input:inference "r" define sql:select-option "order" SELECT * { ?s bif:contains "x" }'),
        ("SELECT", 'SELECT (GROUP_CONCAT(?s ; separator="; DROP ALL") AS ?all) { ?s text:query (rdfs:label "a") }'),
        ("SELECT", 'SELECT * { ?s ?p """a "quoted"\n# text""" , \'\'\'it\'s\'\'\' , "\\"" }'),
        ("SELECT", "SELECT * { ?s ex:it\\'s ?o ; ex:a\\#b ex:50%25 FILTER(?a<?b&&?c>?d) }"),
        ("SELECT", 'SELECT * { ?s ?p "\\u00e9\\U0001F600" }'),
        ("SELECT", "SELECT * { <<( ?s ?p ?o )>> ?q ?r . << ?s ?p ?o >> ?q 1.5e3, .5, -2, true, 'x'@en-GB }"),
        ("SELECT", "PREFIX ü: <urn:ü> SELECT ?größe { ?größe ü:é ?x‿y }"),
    ],
)
def test_the_form_of_a_query(form: str, text: str) -> None:
    """What a query asks for is found whatever comes before it, and in whatever case."""
    assert form == form_of(text)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("INSERT is an update", "PREFIX e: <urn:e#> insert data { e:a e:b e:c }"),
        ("DROP is an update", "# SELECT\nDROP ALL"),
        ("WITH is an update", "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"),
        ("there is no query", "  # SELECT * {}"),
        ("there is no query", "PREFIX e: <urn:e#>"),
        ("`PATHS` begins no query", "PATHS START ?x END ?y VIA ?p"),
        ("`<html>` begins no query", "<html>SELECT</html>"),
        ("nothing after it", "SELECT * {} ; DROP ALL"),
        ("nothing after it", "SELECT * {}} DROP ALL"),
        ("the text that begins in line 2 does not end", 'SELECT * {\n ?s ?p "a\nb" }'),
        ("the text that begins in line 1 does not end", 'SELECT * { ?s ?p """a" }'),
        ("a backslash in line 1 stands outside of texts", "\\u0053ELECT * {}"),
        ("engines read it differently", 'SELECT * { ?s ?p "\\u0022 } ; DROP ALL #" }'),
        ("not a character for all", 'SELECT * { ?s ?p "\\u00000022" }'),
        ("not a character for all", 'SELECT * { ?s ?p "\\ud83d\\ude00" }'),
        ("not a character for all", 'SELECT * { ?s ?p "C:\\\\U0022" }'),
        ("carriage return", 'SELECT * { # \r """\n SERVICE <urn:x> {} #""" }'),
        ("U+0000 in line 1", "SELECT\0 * {}"),
        ("U+00A0 in line 1", "SELECT\u00a0* {}"),
    ],
)
def test_what_is_no_query(said: str, text: str) -> None:
    """An update, several queries, none, and what engines read differently is refused, in one line."""
    with pytest.raises(InputError) as error:
        form_of(text)

    assert said in str(error.value)
    assert "\n" not in str(error.value)


# Calls to other servers


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        (True, f"SELECT * {{ SERVICE <{NOWHERE}> {{ ?s ?p ?o }} }}"),
        (True, "SELECT * { service silent ?where{} }"),
        (True, "SELECT * { ?s ?p 1.0e5SERVICE?x {} }"),
        (True, "PREFIX : <urn:> SELECT * { SERVICE:x { ?s ?p ?o } }"),
        (True, "PREFIX x: <urn:> SELECT * { SERVICESILENTx:x { ?s ?p ?o } }"),
        (True, "SELECT * { GRAPH service:g { ?s ?p ?o . SERVICE:h { ?s ?p ?o } } }"),
        (True, "#\nSELECT * { '''\n''' ?p ?o . SERVICE # <\n<urn:x> {} }"),
        (True, "PREFIX : <urn:> SELECT * { FILTER(1<2)SERVICE:x#>)\n{ ?s ?p ?o } }"),
        (True, "PREFIX : <urn:> SELECT * { FILTER('a'<'>\"')SERVICE :x{ ?s ?p ?o } #\")\n}"),
        (True, 'PREFIX : <urn:> SELECT * { FILTER(1<2)#>"""\nSERVICE :x { ?s ?p ?o } #""")\n}'),
        (True, "PREFIX : <urn:> SELECT * { FILTER(EXISTS{}<2)SERVICE:x#>)\n{ ?s ?p ?o } }"),
        (True, "PREFIX : <urn:> SELECT (COUNT(DISTINCTtrue<2)AS?n){ SERVICE:x#>)\n{ ?s ?p ?o } }"),
        (True, "PREFIX : <urn:> SELECT * { FILTER(1<2)\\u0053ERVICE:x#>)\n{ ?s ?p ?o } }"),
        (True, "PREFIX : <urn:> SELECT * { VALUES(?a){(1)}FILTER(1<2)SERVICE:x#>)\n{ ?s ?p ?o } }"),
        (
            False,
            'SELECT * { VALUES (?a ?b) { ("x" <urn:service>) (:y <urn:service>) } FILTER(?a=<urn:service>) }',
        ),
        (False, "SELECT ?service { ?s (<urn:service>/^<urn:a>|!<urn:b>)+ ?o FILTER(?s IN (:service, <urn:a>)) }"),
        (False, "SELECT * { ?s ?p ?o FILTER(?o<2&&?o>1) FILTER(?s != <urn:a>) }"),
        (False, "SELECT ?service { ?service :SERVICE 'SERVICE <urn:x> {}' # SERVICE <urn:x> {}\n}"),
        (
            False,
            "PREFIX service: <urn:s#SERVICE> SELECT ?x FROM service:g { GRAPH service:h { ?x service:y $service } }",
        ),
        (False, 'SELECT * { <urn:SERVICE> ?p "a"@service , """\nSERVICE <urn:x> {} """ }'),
    ],
)
def test_calls_to_other_servers(calls: bool, text: str) -> None:
    """SERVICE is found however it is written, and only where it is a keyword."""
    assert calls == calls_services(text)


calls = st.tuples(
    st.lists(st.sampled_from(PARTS), max_size=3),
    st.sampled_from(["SERVICE", "service", "\\u0053ERVICE"]),
    st.sampled_from(["", "SILENT", " silent ", "#\n", "\r", "/"]),
    st.sampled_from([f"<{NOWHERE}>", ":x", "s:x", "?x"]),
    st.sampled_from(["{ }", "{?s ?p ?o}", " { } #"]),
    st.lists(st.sampled_from(PARTS), max_size=3),
)


@settings(deadline=None)
@given(calls, st.sampled_from(["", "", " "]))
@example((["1e5"], "SERVICE", "", ":x", "{ }", []), "")
@example((["#", "\r"], "service", "SILENT", "s:x", "{ }", ["#"]), "")
def test_no_call_slips_by(parts: tuple[list[str], str, str, str, str, list[str]], between: str) -> None:
    """Where Oxigraph goes out to another server, the query was known to call one, or refused."""
    before, *call, after = parts
    text = between.join([*before, *call, *after])
    query = f"PREFIX : <{NOWHERE}> PREFIX s: <{NOWHERE}> PREFIX a: <urn:a> SELECT * {{ {text} }}"
    try:
        list(ox.Store().query(query))  # type: ignore[arg-type]  # a SELECT
    except OSError:
        try:
            called = calls_services(query)
        except InputError:
            called = True

        assert called
    except (SyntaxError, RuntimeError):
        pass


# Parameters

QUERY = """# VALUES ?none { 1 }
PREFIX e: <urn:e#>
SELECT ?x ?said WHERE {
  VALUES ?coders { "any" "a }"@en 'b'^^e:t }
  VALUES ?class { UNDEF }
    values ?many{ e:a <urn:b> -1 .5 true }
  VALUES ?inline { 1 } VALUES (?a ?b) { (1 2) }
  VALUES ?noted { 1 } # a remark
  VALUES ?empty { }
  VALUES ?split {
    1 }
  BIND('''
  VALUES ?text { 1 }
  ''' AS ?said)
}
"""


def test_the_parameters_of_a_query() -> None:
    """Parameters are lines of their own with terms in them; what stands in texts, in comments or elsewhere is none."""
    assert {
        "coders": ['"any"', '"a }"@en', "'b'^^e:t"],
        "class": ["UNDEF"],
        "many": ["e:a", "<urn:b>", "-1", ".5", "true"],
    } == parameters_of(QUERY)


def test_setting_parameters_leaves_the_rest() -> None:
    """A value takes the place of the default; all other lines stay what they are."""
    values: list[ox.NamedNode | ox.Literal] = [
        ox.NamedNode("urn:x#y"),
        ox.Literal(5),
        ox.Literal("a\n} #", language="en"),
    ]
    expected = QUERY.replace(
        "VALUES ?class { UNDEF }",
        'VALUES ?class { <urn:x#y> "5"^^<http://www.w3.org/2001/XMLSchema#integer> "a\\n} #"@en }',
    )

    assert expected == bound(QUERY, {"class": values})


def test_a_value_that_is_given_twice() -> None:
    """It is written once, where it came first; a text in a language is another value."""
    values: list[ox.NamedNode | ox.Literal] = [ox.Literal("b"), ox.NamedNode("urn:a"), ox.Literal("b")]
    values.append(ox.Literal("b", language="en"))

    assert QUERY.replace("{ UNDEF }", '{ "b" <urn:a> "b"@en }') == bound(QUERY, {"class": values})


def test_a_parameter_in_two_branches() -> None:
    """A parameter that stands in several lines is set in all of them; where these differ, it is none."""
    query = "SELECT * {\n{\nVALUES ?x { 1 }\n} UNION {\nVALUES ?x { 1 }\n}\n}"

    assert query.replace("{ 1 }", '{ "a" }') == bound(query, {"x": [ox.Literal("a")]})
    assert {} == parameters_of(query.replace("{ 1 }", "{ 2 }", 1))


@pytest.mark.parametrize(
    ("said", "name", "values"),
    [
        ("no parameter `other`; it has `coders`, `class`, `many`", "other", [ox.Literal(1)]),
        ("no parameter `inline`", "inline", [ox.Literal(1)]),
        ("`class` is given no value", "class", []),
        ("U+0000", "class", [ox.Literal("a\0b")]),
        ("neither an IRI nor a literal", "class", [ox.BlankNode("b")]),
        ("has a direction", "class", [ox.Literal("a", language="en", direction=ox.BaseDirection.LTR)]),
    ],
)
def test_what_cannot_be_set(said: str, name: str, values: list[ox.Literal]) -> None:
    """A name that is no parameter, and what no query can name, is refused in one line."""
    with pytest.raises(InputError) as error:
        bound(QUERY, {name: values})

    assert said in str(error.value)
    assert "\n" not in str(error.value)


# What is written is read

NASTY = [
    "\\",
    "u0022",
    "\\u0022",
    "U00000041",
    '"',
    "'",
    "}",
    "{",
    ">",
    "<",
    "\n",
    "\r",
    "\t",
    "\b",
    "\f",
    "#",
    "$x",
    "?x",
]
NASTY += [
    "VALUES ?x { 1 }",
    '""" . SERVICE <urn:x> {} #',
    "\x01",
    "\x7f",
    "\ufeff",
    "\uffff",
    "é",
    "😀",
    "%s",
    "{x}",
    "0041",
]
texts = st.lists(st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8", exclude_characters="\0"))).map("".join)
tags = st.sampled_from(["", "en", "de-at", "x-a1"])
kinds = st.sampled_from(["http://www.w3.org/2001/XMLSchema#string", "urn:x:kind", "https://w3id.org/evco#ü"])
literals = st.builds(
    lambda said, tag, kind: ox.Literal(said, language=tag) if tag else ox.Literal(said, datatype=ox.NamedNode(kind)),
    texts,
    tags,
    kinds,
)
NODES = ["urn:a", "https://x.example/a#b?c=d&e='f'", "http://é.example/%7Bq%7D/../x", "urn:VALUES:$x", "x:(a),b;c@d!*"]
terms = st.one_of(literals, st.sampled_from(NODES).map(ox.NamedNode))

ASKED = "PREFIX e: <urn:e#>\nSELECT ?x WHERE {\n  VALUES ?x { UNDEF }\n  VALUES ?y { e:y }\n} ORDER BY ?x # last\n"


@settings(deadline=None)  # engines load when first asked
@given(st.lists(terms, min_size=1, max_size=3))
@example([ox.Literal("\\u0022")])
@example([ox.Literal("\\U0022 \\\\u00220041")])
@example([ox.Literal("\x85\u2028\x0b\x1c")])
def test_every_value_comes_back(values: list[ox.NamedNode | ox.Literal]) -> None:
    """Whatever a value is, Oxigraph and rdflib read it as that term, and no other line of the query changes."""
    query = bound(ASKED, {"x": values})
    here = [row["x"] for row in ox.Store().query(query)]  # type: ignore[union-attr]  # a SELECT
    there = [row[0] for row in rdflib.Graph().query(query)]  # type: ignore[index]  # a SELECT

    assert {*values} == {*here}
    assert {_as_rdflib(value) for value in values} == {*there}
    assert "SELECT" == form_of(query)
    assert {"x", "y"} == {*parameters_of(query)}
    lines, before = query.split("\n"), ASKED.split("\n")
    assert before[:2] + before[3:] == lines[:2] + lines[3:]


def _as_rdflib(term: ox.NamedNode | ox.Literal) -> rdflib.term.Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    kind = None if term.language or term.datatype.value.endswith("#string") else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, lang=term.language, datatype=kind)


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoint]:
    with oxigraph() as address:
        yield Endpoint(f"{address}/query")


@settings(deadline=None)
@given(values=st.lists(terms, min_size=1, max_size=20))
def test_every_value_comes_back_from_a_server(server: Endpoint, values: list[ox.NamedNode | ox.Literal]) -> None:
    """What goes to a server and back is the same term."""
    query = bound("SELECT ?x {\n  VALUES ?x { UNDEF }\n}", {"x": values})

    assert {str(value) for value in values} == {row["x"] for row in server.select(query)}


@pytest.mark.parametrize(
    "iri", ["http://x/ y", "http://x/>", "http://x/\n", "x", "", "http://x/\ud800", "http://x/\\u003e"]
)
def test_what_is_no_iri_is_never_written(iri: str) -> None:
    """An IRI with a space, a bracket or an escape in it, or without a scheme, ends in an error before it is a term."""
    with pytest.raises(ValueError, match=r"IRI|surrogates"):
        written(ox.NamedNode(iri))


@pytest.mark.parametrize(
    "part", ["a.", "a-", "<", "<<", "?", "GRAPH service:x ", "a:", "1.", "{", "\\u00e9", "VALUES ?x { "]
)
def test_long_texts_are_read_in_time(part: str) -> None:
    """A hundred thousand signs, whatever they are, take no more than a moment."""
    start = time.monotonic()
    for read in (form_of, calls_services, parameters_of):
        try:
            read("SELECT * { " + part * (100_000 // len(part)))
        except InputError:
            continue

    assert time.monotonic() - start < 10
