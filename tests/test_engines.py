"""Anybody's shapes: which engine answers, what is refused, and how the report says it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgtools.errors import EngineError, InputError
from kgtools.validate import Result, Shapes, report_graph, results, validate
from kgtools.validate.lexical import is_form_of
from kgtools.validate.routes import SMALL, routes
from kgtools.validate.shapes import features
from kgtools.validate.shapes.features import FEATURES
from kgtools.validate.shapes.paths import in_turtle, looked_up, path_pieces, path_text
from kgtools.validate.shapes.uses import may_take_forever
from kgtools.vocabulary import PREFIXES

SH, XSD = PREFIXES["sh"], PREFIXES["xsd"]
HEAD = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("sh", "xsd", "rdf", "rdfs", "owl")) + (
    "@prefix ex: <urn:x#> .\n"
)
LINES = HEAD.count("\n")
NODE = "ex:S a sh:NodeShape ; sh:targetNode ex:n ; "
BOTH = ("pyshacl", "shacl-rust")

Given = Callable[..., Path]


@pytest.fixture
def shapes(tmp_path: Path) -> Given:
    """Writes a file of shapes."""

    def write(text: str, name: str = "shapes.ttl") -> Path:
        path = tmp_path / name
        path.write_text(HEAD + text, "utf-8")
        return path

    return write


def data(turtle: str) -> list[str]:
    """Turtle as N-Triples, with the labels of its nameless nodes."""
    return [f"{quad.triple} ." for quad in ox.parse(HEAD + turtle, ox.RdfFormat.TURTLE)]


def of_property(constraint: str) -> str:
    """A shape about ex:n with a constraint on ex:p."""
    return f"{NODE} sh:property [ sh:path ex:p ; {constraint} ] ."


def asking(select: str, more: str = "") -> str:
    """A shape about ex:n with a query."""
    return f'{NODE} sh:sparql [ {more} sh:select """{select}""" ] .'


def told(found: list[Result]) -> set[tuple[str, str, str]]:
    """Component, path and value of each result."""
    return {(one.component.removeprefix(SH), one.path, one.value) for one in found}


# Which engine answers

USES = {
    "a path with `sh:oneOrMorePath`": of_property(
        "sh:minCount 1 ] , [ sh:path [ sh:oneOrMorePath ex:q ] ; sh:minCount 1"
    ),
    "`sh:inversePath` of a path": f"{NODE} sh:property [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:minCount 1 ] .",
    "`$PATH` in a query": f"{NODE} sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:sparql [ "
    'sh:select "SELECT DISTINCT $this ?value { $this $PATH ?value }" ] ] .',
    "`sh:closed` at a property shape": of_property("sh:closed true"),
    "a shape that is its own target": "ex:S a sh:NodeShape , owl:Class ; sh:nodeKind sh:Literal .",
    "`sh:languageIn": of_property('sh:languageIn ( "*" )'),
    "`sh:minLength 0`": of_property("sh:minLength 0"),
    "a list with nothing in it": of_property("sh:in ()"),
    "several `sh:not`": of_property("sh:not [ sh:class ex:C ] , [ sh:nodeKind sh:Literal ]"),
    "`sh:datatype` with": of_property("sh:datatype xsd:gYear"),
    "a bound": of_property('sh:minInclusive "2020-01-01"^^xsd:date'),
    "`sh:lessThan`": of_property("sh:lessThan ex:q"),
    "a query without `$this`": asking("SELECT DISTINCT $this { FILTER(STR($this) = 'urn:x#n') }"),
    "a query of a property shape": of_property('sh:sparql [ sh:select "SELECT DISTINCT $this { $this <urn:q> 1 }" ]'),
    "a query with `GRAPH`": asking("SELECT DISTINCT $this { GRAPH $shapesGraph { $this ?p ?o } }"),
    "a constraint component that asks": of_property("ex:par 1")
    + "ex:K a sh:ConstraintComponent ; sh:parameter [ sh:path ex:par ] ; sh:validator [ a sh:SPARQLAskValidator ; "
    'sh:ask "ASK { ?x <urn:q> $value , $par }" ] .',
    "a constraint component with several values": f"{NODE} ex:par 1 , 2 . "
    "ex:K a sh:ConstraintComponent ; sh:parameter [ sh:path ex:par ] ; sh:nodeValidator [ a sh:SPARQLSelectValidator ; "
    'sh:select "SELECT DISTINCT $this { $this <urn:q> $par }" ] .',
    "a regular expression that looks around": of_property(r'sh:pattern "a(?!b)"'),
    "a regular expression with categories": of_property(r'sh:pattern "\\p{L}"'),
    "a regular expression that repeats": of_property('sh:pattern "^(a+)+$"'),
    "a regular expression with the flag `m`": of_property('sh:pattern "a" ; sh:flags "im"'),
    "a regular expression with a flag other": of_property('sh:pattern "a" ; sh:flags "q"'),
    "a regular expression with one class": of_property('sh:pattern "[a-z-[aeiou]]"'),
    "a SELECT without DISTINCT": asking("SELECT $this { $this ?p ?o }"),
}
"""The beginning of each feature's name, and shapes that use it and no other."""


def used(text: str) -> list[str]:
    """The features that shapes use, whether or not they would be refused for them."""
    return [
        one.name for one in features.features_of(quad.triple for quad in ox.parse(HEAD + text, ox.RdfFormat.TURTLE))
    ]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_feature_is_noticed(feature: features.Feature) -> None:
    """Shapes that use something of the table are known to, and to use nothing else of it."""
    [text] = [text for name, text in USES.items() if feature.name.startswith(name)]

    assert [feature.name] == used(text)


def test_plain_shapes_use_nothing_special() -> None:
    """What both engines get right is nothing to choose by."""
    text = of_property('sh:minCount 1 ; sh:pattern "^a[0-9]+$" ; sh:flags "i" ; sh:in ( 1 2 ) ; sh:minInclusive 3')
    query = asking("SELECT DISTINCT $this ?value { $this <urn:x#p> ?value FILTER(?value != $this) }")

    assert [] == used(text)
    assert [] == used(query)


def test_auto_leaves_it_to_who_gets_it_right(shapes: Given) -> None:
    """The size of the data decides only between engines that are right."""
    either, one, other = (
        Shapes.read([shapes(of_property(text), name)])
        for name, text in (("a.ttl", "sh:minCount 1"), ("b.ttl", "sh:closed true"), ("c.ttl", "sh:lessThan ex:q"))
    )

    assert [["pyshacl", "shacl-rust"], ["shacl-rust", "pyshacl"]] == [
        routes(either, "auto", size)[0][0] for size in (SMALL, SMALL + 1)
    ]
    assert [["pyshacl"], ["pyshacl"]] == [routes(one, "auto", size)[0][0] for size in (1, SMALL + 1)]
    assert [["shacl-rust"], ["shacl-rust"]] == [routes(other, "auto", size)[0][0] for size in (1, SMALL + 1)]


@pytest.mark.parametrize(
    ("engine", "text", "said"),
    [
        (
            "shacl-rust",
            "sh:closed true",
            "shacl-rust does not get right `sh:closed` at a property shape: shacl-rust looks",
        ),
        ("pyshacl", "sh:lessThan ex:q", "pySHACL does not get right `sh:lessThan` and `sh:lessThanOrEquals`: pySHACL"),
    ],
)
def test_an_engine_is_refused_what_it_gets_wrong(engine: str, text: str, said: str, shapes: Given) -> None:
    """Who asks for an engine by name is told what it gets wrong, and which one does not; nothing is answered."""
    other = next(one for one in BOTH if one != engine)
    path = shapes(of_property(text))

    with pytest.raises(InputError, match=f"{re.escape(said)}.*--engine {other}"):
        validate(data("ex:n ex:p 1 ."), [path], engine)


def test_shapes_are_routed_one_by_one(shapes: Given) -> None:
    """Where no engine gets all shapes right, each gets those that it does, and all findings are there."""
    path = shapes(
        f"{NODE} sh:property [ sh:path [ sh:oneOrMorePath ex:p ] ; sh:nodeKind sh:Literal ] ."
        "ex:T a sh:NodeShape ; sh:targetNode ex:n ; sh:property ex:Before ."
        "ex:Before sh:path ex:q ; sh:lessThan ex:r ."
    )
    found = results(data("ex:n ex:p ex:m ; ex:q 2 ; ex:r 1 . ex:m ex:p ex:n ."), [path])

    assert {("NodeKindConstraintComponent", "<urn:x#p>+", f"<urn:x#{name}>") for name in "nm"} | {
        ("LessThanConstraintComponent", "<urn:x#q>", f'"2"^^<{XSD}integer>')
    } == told(found)


def test_what_no_engine_gets_right_is_refused(shapes: Given) -> None:
    """A shape that needs two engines at once is named, with what it uses."""
    path = shapes(of_property("sh:closed true ; sh:lessThan ex:q"))

    with pytest.raises(
        InputError, match=r"no engine here gets the shape S right, which uses `sh:closed`.* and `sh:less"
    ):
        validate(data("ex:n ex:p 1 ."), [path])


@pytest.mark.parametrize("pattern", [r"(a)\\1", r"a(?=b)", r"(?<!a)b"])
def test_a_pattern_is_never_passed_over(pattern: str, shapes: Given) -> None:
    """What the compiled engine's regular expressions cannot do, it would let pass: so others do it, or nobody."""
    path = shapes(of_property(f'sh:pattern "{pattern}"'))

    for engine in ("auto", "shacl-rust"):
        try:
            found = results(data('ex:n ex:p "c" .'), [path], engine)
        except InputError:
            continue
        assert {("PatternConstraintComponent", "<urn:x#p>", '"c"')} == told(found)


def test_a_pattern_that_backtracks_takes_no_time(shapes: Given) -> None:
    """A pattern that takes Python longer than the sun will shine is left to who needs no tries."""
    path = shapes(of_property('sh:pattern "^(a+)+$"'))

    assert 1 == len(results(data(f'ex:n ex:p "{"a" * 60}!" .'), [path]))
    with pytest.raises(InputError, match="may take forever"):
        results([], [path], "pyshacl")


@pytest.mark.parametrize(
    ("pattern", "forever"),
    [
        ("(a+)+", True),
        ("(a*b?)*", True),
        ("((a{2,})b)+", True),
        ("(a|ab)*", True),
        (r"(\d|1)+", True),
        ("(?:x|[a-z])+", True),
        ("(a|b)+", False),
        ("^[a-z]+@[a-z]+$", False),
        (r"(\(a\+\))+", False),
        ("(ab)+c*", False),
        ("(a+)?b", False),
        ("[(+)]+", False),
    ],
)
def test_what_may_take_forever(pattern: str, forever: bool) -> None:
    """Repeats in repeats, and choices in repeats that begin alike; nothing else."""
    assert forever == may_take_forever(pattern)


# The same from each engine

CONSTRAINTS = (
    "sh:minCount 2",
    "sh:maxCount 1",
    "sh:class ex:C",
    "sh:nodeKind sh:IRI",
    "sh:datatype xsd:integer",
    "sh:minInclusive 2",
    "sh:maxExclusive 2",
    "sh:minLength 2",
    'sh:pattern "^[a-z]$"',
    'sh:languageIn ( "en" "de" )',
    "sh:uniqueLang true",
    'sh:uniqueLang "1"^^xsd:boolean',
    "sh:equals ex:q",
    "sh:disjoint ex:q",
    'sh:in ( 1 01 "a" ex:m )',
    "sh:hasValue ex:m",
    "sh:not [ sh:class ex:C ]",
    "sh:or ( [ sh:class ex:C ] [ sh:nodeKind sh:Literal ] )",
    "sh:xone ( [ sh:class ex:C ] [ sh:nodeKind sh:Literal ] )",
    "sh:and ( [ sh:nodeKind sh:IRI ] [ sh:class ex:C ] )",
    "sh:node [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ]",
    "sh:property [ sh:path ex:q ; sh:maxCount 0 ]",
    "sh:property [ sh:path ex:q ; sh:maxCount 0 ; sh:deactivated true ]",
    "sh:not [ sh:class ex:C ; sh:deactivated true ]",
    "sh:qualifiedValueShape [ sh:class ex:C ] ; sh:qualifiedMinCount 1",
    'sh:message "no"@en , "nein"@de ; sh:severity sh:Warning ; sh:maxCount 0',
    'sh:sparql [ sh:message "{?value}"@en ; sh:select "SELECT DISTINCT $this ?value { $this $PATH ?value }" ]',
)
SIMPLE_PATHS = ("ex:p", "[ sh:inversePath ex:p ]")
LONG_PATHS = ("( ex:p ex:q )", "[ sh:alternativePath ( ex:p ex:q ) ]", "[ sh:zeroOrMorePath ex:p ]")
NODES = ("ex:n", "ex:m", "_:b")
VALUES = (
    *NODES,
    "1",
    "01",
    "3",
    '"a"',
    '"ab\\n"',
    '"a"@en',
    '"b"@en',
    '"c"@fr',
    '"x"^^xsd:integer',
    '" 1 "^^xsd:integer',
)
STATEMENTS = st.one_of(
    st.tuples(st.sampled_from(NODES), st.sampled_from(("ex:p", "ex:q")), st.sampled_from(VALUES)),
    st.tuples(st.sampled_from(NODES), st.just("a"), st.just("ex:C")),
)


@settings(max_examples=drawn(60), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(CONSTRAINTS), min_size=1, max_size=3, unique=True),
    st.sampled_from(SIMPLE_PATHS + LONG_PATHS),
    st.lists(STATEMENTS, max_size=14, unique=True),
)
def test_engines_agree_on_anybodys_shapes(
    tmp_path_factory: pytest.TempPathFactory,
    constraints: list[str],
    path: str,
    statements: list[tuple[str, str, str]],
) -> None:
    """Where the table says that both engines are right, they give the same results, messages and constraints too."""
    properties = " , ".join(f"[ sh:path {path} ; {one} ]" for one in constraints)
    file = tmp_path_factory.mktemp("shapes") / "shapes.ttl"
    file.write_text(f"{HEAD}ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property {properties} .", "utf-8")
    lines = data(" ".join(f"{' '.join(statement)} ." for statement in statements))
    read = Shapes.read([file])

    if set(BOTH) == set(routes(read, "auto", 0)[0][0]):
        assert results(lines, read, "pyshacl") == results(lines, read, "shacl-rust")


# Restored

WAYS = [
    ("<urn:x#p>", "ex:p"),
    ("^<urn:x#p>", "[ sh:inversePath ex:p ]"),
    ("(<urn:x#p> / ^<urn:x#q>)", "( ex:p [ sh:inversePath ex:q ] )"),
    ("(<urn:x#p> | (<urn:x#q> / <urn:x#p>)*)", "[ sh:alternativePath ( ex:p [ sh:zeroOrMorePath ( ex:q ex:p ) ] ) ]"),
    ("^<urn:x#p>?", "[ sh:inversePath [ sh:zeroOrOnePath ex:p ] ]"),
    ("(^<urn:x#p>)+", "[ sh:oneOrMorePath [ sh:inversePath ex:p ] ]"),
    ("(<urn:x#p>*)?", "[ sh:zeroOrOnePath [ sh:zeroOrMorePath ex:p ] ]"),
]


@pytest.mark.parametrize(("text", "turtle"), WAYS)
def test_paths_go_there_and_back(text: str, turtle: str) -> None:
    """A path of a shapes graph, as SPARQL has it, becomes the same triples again."""
    graph = [quad.triple for quad in ox.parse(f"{HEAD}ex:s ex:is {turtle} .", ox.RdfFormat.TURTLE)]
    [start] = [one.object for one in graph if one.predicate.value == "urn:x#is"]
    written = in_turtle(path_pieces(text), str)

    assert text == path_text(start, looked_up(graph))
    assert _same(HEAD + f"ex:s ex:is {written} .", HEAD + f"ex:s ex:is {turtle} .")


@pytest.mark.parametrize("text", ["", "<a> <b>", "(<a>", "<a> /", "^", "<a>)", "*"])
def test_what_is_no_path_is_an_error(text: str) -> None:
    """Nothing is made of what SPARQL would not take."""
    with pytest.raises(ValueError, match=r"."):
        path_pieces(text)


def test_a_path_in_a_circle_is_none() -> None:
    """A path that holds itself is no path, and ends."""
    graph = [
        quad.triple
        for quad in ox.parse(f"{HEAD}_:a sh:inversePath _:b . _:b sh:inversePath _:a .", ox.RdfFormat.TURTLE)
    ]

    assert "" == path_text(graph[0].subject, looked_up(graph))


def _same(turtle: str, other: str) -> bool:
    sets = []
    for text in (turtle, other):
        dataset = ox.Dataset(ox.parse(text, ox.RdfFormat.TURTLE))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        sets.append(set(map(str, dataset)))
    return sets[0] == sets[1]


@pytest.mark.parametrize("engine", BOTH)
def test_each_constraint_is_named(engine: str, shapes: Given) -> None:
    """Of several queries of one shape, a result tells which it was, and has its messages, with what they ask for."""
    path = shapes(
        NODE + 'sh:sparql ex:K , [ sh:message "one {$this}"@en ; sh:select "SELECT DISTINCT $this { $this ?p ?x }" ] . '
        'ex:K sh:message "two {?x}"@en , "zwei {?x}"@de ; '
        'sh:select "SELECT DISTINCT $this ?x { $this <urn:x#p> ?x }" .'
    )
    one, two = results(data("ex:n ex:p ex:m ."), [path], engine)

    assert ("urn:kgtools:nameless:urn:x#S/sparql", (("one {$this}", "en"),)) == (one.constraint, one.messages)
    assert ("urn:x#K", (("two urn:x#m", "en"), ("zwei urn:x#m", "de"))) == (two.constraint, two.messages)


def test_the_right_message_is_read(shapes: Given) -> None:
    """A finding has the message of the query that found it, in English where there is such a message."""
    path = shapes(
        asking(
            "SELECT DISTINCT $this ?x { $this ?p ?x }", 'sh:message "zu {?x} von {$this}"@de , "{?x} of {$this}"@en ;'
        )
    )
    [finding] = validate(data('ex:n ex:p "a\\nb" .'), [path])

    assert "a\nb of n" == finding.message


def test_results_that_are_equal_are_counted(shapes: Given) -> None:
    """Where the standard tells a result for each answer, a finding stands for all of them, and the report has each."""
    path = shapes(asking("SELECT $this { $this <urn:x#p> ?x }"))
    [finding] = validate(data("ex:n ex:p 1 , 2 , 3 ."), [path])

    assert finding.result is not None
    assert 3 == finding.result.times
    assert 3 == report_graph([finding]).count("a sh:ValidationResult")


@pytest.mark.parametrize("engine", BOTH)
def test_a_severity_of_ones_own_counts_as_violation(engine: str, shapes: Given) -> None:
    """SHACL lets everybody name severities; the report keeps the name."""
    path = shapes(of_property("sh:minCount 1 ; sh:severity ex:Grave"))
    [finding] = validate([], [path], engine)

    assert "violation" == finding.severity
    assert "sh:resultSeverity <urn:x#Grave>" in report_graph([finding])


@pytest.mark.parametrize("engine", BOTH)
def test_the_report_keeps_nameless_nodes_apart(engine: str, shapes: Given) -> None:
    """A nameless node has one label in a report, another node another; a nameless shape is a nameless node, too."""
    path = shapes(
        "[] a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI ; "
        "sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ] ."
    )
    findings = validate(data("_:x a ex:C ; ex:p _:y . _:y a ex:C ."), [path], engine)
    expected = "[] a sh:ValidationReport ; sh:conforms false ; sh:result {}, {}, {} .".format(
        *(
            f"[ a sh:ValidationResult ; sh:focusNode {focus} ; sh:value {value} ; sh:resultSeverity sh:Violation ; "
            f"sh:sourceConstraintComponent sh:NodeKindConstraintComponent ; sh:sourceShape {shape} {more} ]"
            for focus, value, shape, more in (
                ("_:x", "_:x", "_:s", ""),
                ("_:y", "_:y", "_:s", ""),
                ("_:x", "_:y", "_:p", "; sh:resultPath ex:p"),
            )
        )
    )
    report = re.sub(r" ;\s*sh:resultMessage [^\n]*", "", report_graph(findings))

    assert _same(HEAD + expected, report)
    assert not [one for one in findings if "_:" in one.message or "urn:kgtools" in f"{one.shape}{one.message}"]


def test_both_syntaxes_say_the_same(shapes: Given) -> None:
    """JSON-LD and Turtle are the same graph: paths, literals, languages, nameless nodes."""
    path = shapes(
        f"{NODE} sh:property [ sh:path ( ex:p [ sh:alternativePath ( ex:p [ sh:inversePath ex:p ] ) ] ) ; "
        'sh:nodeKind sh:BlankNode ; sh:message "no {$value}"@en , "nein"@de ] , [ sh:path ex:p ; sh:in ( 1 ) ] ; '
        'sh:sparql [ sh:select "SELECT DISTINCT $this { $this ?p 1.50 }" ] .'
    )
    findings = validate(data('ex:n ex:p ex:m , _:b , "x\\n\\u0001"@en , 1.50 . ex:m ex:p "\\"" .'), [path])
    again = data('ex:n ex:p 1.50 , "x\\n\\u0001"@en , _:c , ex:m . ex:m ex:p "\\"" .')
    text = report_graph(findings, "json-ld")
    quads = list(ox.parse(text.encode(), ox.RdfFormat.JSON_LD))
    turtle = "".join(f"{quad.triple} .\n" for quad in quads)

    assert len(findings) == len(json.loads(text)["result"]) > 5
    assert _same(report_graph(findings), turtle)
    assert text == report_graph(validate(again, [path]), "json-ld")
    assert {"conforms": True, "result": []}.items() <= json.loads(report_graph([], "json-ld")).items()


# Queries that SHACL does not allow

FORBIDDEN = [
    ("SELECT $this { $this ?p ?o MINUS { $this ?p 1 } }", "SHACL allows no MINUS"),
    ("SELECT $this { VALUES ?x { 1 } $this ?p ?x }", "SHACL allows no VALUES"),
    ("SELECT $this { $this ?p ?x } VALUES ?x { 1 }", "SHACL allows no VALUES"),
    ("SELECT $this { FILTER NOT EXISTS { SERVICE <urn:s> { $this ?p ?x } } }", "SHACL allows no SERVICE"),
    ("SELECT $this { BIND(1 AS $this) }", r"SHACL binds \$this beforehand"),
    ("SELECT (1 AS $this) { }", r"SHACL binds \$this beforehand"),
    ("SELECT $this { { SELECT ?x { ?x ?p $this } } }", r"add \$this to it"),
    ("SELECT $this { { SELECT * { FILTER($this = 1) } } }", r"add \$this to it"),
    ("SELECT ?x { $this ?p ?x }", r"must return \$this"),
    ("ASK { $this ?p ?x }", "sh:select needs SELECT"),
    ("SELECT $this { $this ?p }", "fails to parse|is no SPARQL"),
    ("SELECT $this { $this foo:p 1 }", "prefix"),
]


@pytest.mark.parametrize(("query", "said"), FORBIDDEN, ids=[query for query, _ in FORBIDDEN])
def test_a_query_that_is_not_allowed_is_refused(query: str, said: str, shapes: Given) -> None:
    """W3C SHACL, 5.2.1 and appendix A: with file, line and what would be right, for every engine."""
    path = shapes(f'{NODE}\n sh:sparql [\n  sh:select """\n   {query}\n""" ] .')

    with pytest.raises(InputError, match=said) as raised:
        Shapes.read([path])

    assert (path, LINES + 4) == (raised.value.path, raised.value.row)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this { { SELECT $this (COUNT(?x) AS ?n) { $this ?p ?x } GROUP BY $this } FILTER(?n > 1) }",
        "SELECT * { $this ?p ?x }",
        "SELECT $this { { SELECT * { $this ?p ?x } } }",
        'SELECT $this { $this ?p "MINUS { VALUES SERVICE }" }',
    ],
)
def test_a_query_that_is_allowed_is_taken(query: str, shapes: Given) -> None:
    """Nothing is refused for what only looks like something else."""
    assert Shapes.read([shapes(asking(query.replace('"', "'")))]).triples


# Shapes in any syntax


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("s.nt", ox.RdfFormat.N_TRIPLES),
        ("s.nq", ox.RdfFormat.N_QUADS),
        ("s.rdf", ox.RdfFormat.RDF_XML),
        ("s.jsonld", ox.RdfFormat.JSON_LD),
        ("s.trig", ox.RdfFormat.TRIG),
        ("s.n3", ox.RdfFormat.N3),
    ],
)
def test_shapes_may_be_in_any_syntax(name: str, form: ox.RdfFormat, tmp_path: Path, shapes: Given) -> None:
    """The ending says which; all say the same."""
    turtle = shapes(of_property("sh:minCount 1"))
    other = tmp_path / name
    quads = ox.parse(path=str(turtle))
    other.write_bytes(ox.serialize((quad.triple for quad in quads), format=form) or b"")

    assert results([], [turtle]) == results([], [other]) != []


def test_an_ending_that_says_nothing_is_refused(tmp_path: Path) -> None:
    """A file of shapes has to say what it is."""
    path = tmp_path / "shapes.txt"
    path.write_text(HEAD + of_property("sh:minCount 1"), "utf-8")

    with pytest.raises(InputError, match="no RDF file by its ending"):
        Shapes.read([path])


# When engines fail


class _Panic(BaseException):
    """As what a compiled engine raises when it breaks."""


_Panic.__name__ = "PanicException"


def test_a_panic_is_an_error_in_one_line(monkeypatch: pytest.MonkeyPatch, shapes: Given) -> None:
    """An engine that breaks says nothing about the data; auto asks the other, if that is as right."""
    import shacl_rust

    def panic(*_: object, **__: object) -> None:
        raise _Panic("index out of bounds\nat line 7")

    either, only = shapes(of_property("sh:minCount 1"), "a.ttl"), shapes(of_property("sh:lessThan ex:q"), "b.ttl")
    many = data(" ".join(f"ex:n{number} ex:p {number} ." for number in range(SMALL + 1)))
    read = [Shapes.read([path]) for path in (either, only)]
    monkeypatch.setattr(shacl_rust, "validate_file", panic)

    assert 1 == len(results(many, read[0]))
    for shape, engine in ((read[0], "shacl-rust"), (read[1], "auto")):
        with pytest.raises(EngineError, match=r"\Ashacl-rust failed: index out of bounds at line 7\Z"):
            results(many, shape, engine)


def test_who_interrupts_is_heard(monkeypatch: pytest.MonkeyPatch, shapes: Given) -> None:
    """What is no failure of the engine is not taken for one."""
    import shacl_rust

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    read = Shapes.read([shapes(of_property("sh:minCount 1"))])
    monkeypatch.setattr(shacl_rust, "validate_file", stop)
    with pytest.raises(KeyboardInterrupt):
        results([], read, "shacl-rust")


def test_the_ontology_stays_out_of_others_data(shapes: Given) -> None:
    """Classes of EVCO are added where shapes speak of them, and are nothing that other shapes find."""
    theirs = shapes("ex:S a sh:NodeShape ; sh:targetSubjectsOf rdfs:subClassOf ; sh:nodeKind sh:Literal .", "a.ttl")
    ours = shapes(f"ex:S a sh:NodeShape ; sh:targetNode ex:n ; sh:class <{PREFIXES['evco']}Element> .", "b.ttl")

    assert [] == results(data("ex:n ex:p 1 ."), [theirs])
    assert [] == results(data(f"ex:n a <{PREFIXES['evco']}Review> ."), [ours])
    assert 1 == len(results(data("ex:n a ex:Review ."), [ours]))


# Literals as XML Schema has them

FORMS = {
    "integer": ("1 +1 -01", "1.0 1_0 x"),
    "decimal": ("1 .5 5. -1.5", "1e3 INF ."),
    "double": ("1 1e3 INF -INF NaN", "inf nan 1_0"),
    "boolean": ("true false 1 0", "TRUE yes"),
    "byte": ("127 -128", "128 300 c"),
    "unsignedLong": ("18446744073709551615", "18446744073709551616 -1 " + "9" * 5000),
    "date": ("2020-02-29 12020-01-01 2020-01-01Z -0001-01-01+14:00", "2021-02-29 2020-04-31 20200101 2020-01-01+15:00"),
    "dateTime": ("2020-01-01T24:00:00 2020-01-01T10:00:00.5Z", "2020-01-01 2020-01-01T10:00 2020-01-01T25:00:00"),
    "dateTimeStamp": ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00"),
    "time": ("24:00:00 10:00:00+01:00", "10:00 25:00:00"),
    "gYear": ("2020 -0044 12020", "20 x"),
    "gMonthDay": ("--02-29", "--02-30 --04-31"),
    "duration": ("P1Y -P1DT2H PT1.5S", "P PT 1D P1"),
    "dayTimeDuration": ("P1D PT1S", "P1Y P"),
    "hexBinary": ("0a 0A", "0 zz"),
    "language": ("en en-US", "en_US 1"),
}


@pytest.mark.parametrize("datatype", FORMS)
def test_lexical_forms(datatype: str) -> None:
    """What a datatype has and what not (XML Schema 1.1, part 2); white space is part of a literal."""
    has, has_not = (texts.split() for texts in FORMS[datatype])

    assert [True] * len(has) == [is_form_of(text, XSD + datatype) for text in has]
    assert {False} == {is_form_of(text, XSD + datatype) for text in [*has_not, f" {has[0]} ", has[0] + "\n"]}


def test_other_datatypes_are_not_judged() -> None:
    """Of what is not known here nothing is said."""
    assert is_form_of("x", "urn:own") is None
    assert is_form_of("<", PREFIXES["rdf"] + "HTML") is True
