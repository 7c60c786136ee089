"""What a query answers: every form is read back by another library, and nothing in it is changed or obeyed."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas
import polars
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.query import Result
from rich.console import Console

from kgtools.answers import Answers, shown
from kgtools.answers.graphs import ordered
from kgtools.answers.labels import labels_from
from kgtools.answers.names import Names
from kgtools.answers.values import Value, value_of
from kgtools.endpoint.results import ResultError, received
from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.sparql.terms import Term

XSD = "http://www.w3.org/2001/XMLSchema#"
EVCO = "https://w3id.org/evco#"
JSON = "application/sparql-results+json"


def literal(text: str, datatype: str = "string") -> ox.Literal:
    """A literal of one of XML Schema's datatypes."""
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


HOSTILE = [
    "",
    "=1+1",
    "+1",
    "@cmd",
    "a|b\\|c`d`",
    "<script>alert(1)</script>&amp;",
    "say \"no\", or 'yes'; then\tgo",
    "two\nlines\r\nand\rthree",
    "[link](javascript:alert(1)) ![x](y) *b* _i_ ~~s~~ $x$",
    "{{ braces }} } > <",
    " spaces around ",
    "ünïcödé 🙄 \u202eright to left",
]
ROWS: list[tuple[Term | None, ...]] = [
    *((ox.NamedNode(f"urn:x:{number}"), ox.Literal(text)) for number, text in enumerate(HOSTILE)),
    (ox.NamedNode("urn:x:é;a=b&c='d'"), ox.Literal("chat", language="fr")),
    (ox.BlankNode("n1"), literal("7", "integer")),
    (ox.BlankNode("n1"), literal("seven", "integer")),
    (None, literal("1.50", "decimal")),
    (ox.NamedNode("urn:x:none"), None),
    (None, None),
]
ANSWERS = Answers(["one", "two"], ROWS, in_order=True)


def as_rdflib(term: Term | None) -> Any:
    """A term of rdflib, as it is written."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.Literal)
    if term.language is not None:
        return rdflib.Literal(term.value, lang=term.language)
    plain = term.datatype.value == XSD + "string"
    return rdflib.Literal(term.value, datatype=None if plain else rdflib.URIRef(term.datatype.value), normalize=False)


def told(rows: Sequence[Sequence[Any]]) -> list[list[tuple[str, ...] | None]]:
    """Terms of rdflib as text; blank nodes by the order in which they come."""
    names: dict[Any, str] = {}

    def one(term: Any) -> tuple[str, ...] | None:
        if term is None:
            return None
        if isinstance(term, rdflib.BNode):
            return ("blank", names.setdefault(term, str(len(names))))
        if isinstance(term, rdflib.Literal):
            return ("literal", str(term), str(term.datatype or ""), str(term.language or ""))
        return ("iri", str(term))

    return [[one(term) for term in row] for row in rows]


def read_back(answers: Answers, form: str) -> list[list[tuple[str, ...] | None]]:
    """What rdflib reads in some answers in JSON, XML or TSV."""
    result = Result.parse(io.BytesIO(answers.text(form).encode()), format=form)
    return told([[row.get(rdflib.Variable(name)) for name in answers.variables] for row in result.bindings])


@pytest.mark.parametrize("form", ["json", "xml"])
def test_rdflib_reads_the_same_terms(form: str) -> None:
    """rdflib reads every term of every row as it was, whatever is in it: quotes, breaks, markup, broken numbers."""
    rows = [row for row in ROWS if form == "json" or any(row)]

    assert told([[as_rdflib(term) for term in row] for row in rows]) == read_back(
        Answers(["one", "two"], rows, in_order=True), form
    )


def test_rdflib_reads_the_same_terms_in_tsv() -> None:
    """So it does in TSV, but for what its own reader of TSV cannot read, which Oxigraph's can: non-ASCII names."""
    rows = [(ox.NamedNode(f"urn:x:{number}"), ox.Literal(text)) for number, text in enumerate(HOSTILE) if text]
    answers = Answers(["one", "two"], rows, in_order=True)
    again = ox.parse_query_results(answers.text("tsv"), ox.QueryResultsFormat.TSV)
    assert isinstance(again, ox.QuerySolutions)

    assert [tuple(map(str, row)) for row in rows] == [tuple(map(str, row)) for row in again]


def test_csv_is_read_by_any_program() -> None:
    """In csv each cell is the value itself (SPARQL 1.1 Query Results CSV, 3): a cell like =1+1 is left as it is."""
    head, *rows = csv.reader(io.StringIO(ANSWERS.text("csv"), newline=""))

    assert ["one", "two"] == head
    assert [term.value for _, term in ROWS if isinstance(term, ox.Literal)] == [row[1] for row in rows if row][
        : len(ROWS) - 2
    ]


def test_json_and_xml_end_the_same_way_for_truth() -> None:
    """An ASK is one truth value in each form for rows."""
    answers = Answers(truth=False)

    assert {"head": {}, "boolean": False} == json.loads(answers.text("json"))
    assert Result.parse(io.BytesIO(answers.text("xml").encode()), format="xml").askAnswer is False
    assert ("false\n", "false\n") == (answers.text("csv"), answers.text("tsv"))
    assert "| answer |\n| --- |\n| false |\n" == answers.text("markdown")
    assert "answer\nfalse\n" == answers.text("table")
    assert [{"answer": False}] == list(answers)
    assert not answers


def test_xml_refuses_what_it_cannot_hold() -> None:
    """A control character, which XML has no way to write, is an error of one line that names other forms."""
    answers = Answers(["x"], [(ox.Literal("a\x01b"),)])

    with pytest.raises(InputError, match=r"^XML cannot hold .*, as '.*u0001.*' has; write json or tsv$"):
        answers.text("xml")
    assert "a\x01b" == json.loads(answers.text("json"))["results"]["bindings"][0]["x"]["value"]


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8"))), max_size=5))
def test_any_text_comes_back(rows: list[tuple[str]]) -> None:
    """Whatever a text holds, JSON and TSV give it back, and no text makes a row or a column."""
    answers = Answers(["x"], [(ox.Literal(text),) for (text,) in rows], in_order=True)
    bindings = json.loads(answers.text("json"))["results"]["bindings"]
    tsv = ox.parse_query_results(answers.text("tsv"), ox.QueryResultsFormat.TSV)
    assert isinstance(tsv, ox.QuerySolutions)

    assert [text for (text,) in rows] == [one["x"]["value"] for one in bindings]
    assert [text for (text,) in rows] == [row[0].value for row in tsv]
    assert len(rows) + 2 == len(answers.text("markdown").splitlines())


# For people


LABELS = {EVCO + "Delight": "delight", "urn:b:1": "first", "urn:b:2": "first", EVCO + "Z": "a | long\nlabel"}


def labels(iris: Sequence[str]) -> dict[str, str]:
    """Labels of those IRIs that have one here."""
    return {iri: LABELS[iri] for iri in iris if iri in LABELS}


def test_names_tell_iris_apart() -> None:
    """An IRI is called by its CURIE where the label says no more, else by label and CURIE; never two alike."""
    iris = [*LABELS, "urn:c", EVCO + "Other"]
    names = Names(iris, LABELS)

    assert {
        EVCO + "Delight": "evco:Delight",
        "urn:b:1": "first (urn:b:1)",
        "urn:b:2": "first (urn:b:2)",
        EVCO + "Z": "a | long label (evco:Z)",
        "urn:c": "urn:c",
        EVCO + "Other": "evco:Other",
    } == {iri: names[iri] for iri in iris}


def test_long_iris_are_cut_as_long_as_they_differ() -> None:
    """A long IRI without a label is called by its end; two that end alike are written out."""
    long = "urn:evco:data:" + "x" * 60
    names = Names([f"{long}/incident/I1/element/Delight", f"{long}/a/{'y' * 70}", f"{long}/b/{'y' * 70}"], {})

    assert "…/incident/I1/element/Delight" == names[f"{long}/incident/I1/element/Delight"]
    assert [f"{long}/a/{'y' * 70}", f"{long}/b/{'y' * 70}"] == [
        names[f"{long}/a/{'y' * 70}"],
        names[f"{long}/b/{'y' * 70}"],
    ]


def test_table_on_a_terminal_obeys_nothing() -> None:
    """No control character of an answer reaches the terminal; numbers stand to the right, rounded."""
    rows = [
        (ox.NamedNode(EVCO + "Delight"), ox.Literal("a\x1b[2J\nb"), literal("0.66666666666", "decimal")),
        (None, ox.Literal("[bold]x[/bold] :smile:"), literal("12", "integer")),
    ]
    text = io.StringIO()
    Answers(["class", "text", "share"], rows, in_order=True, labels=labels).show(Console(file=text, width=80))

    assert [
        "class         text                     share",
        "evco:Delight  a\\x1b[2J b              0.6667",
        "              [bold]x[/bold] :smile:      12",
    ] == [line.rstrip() for line in text.getvalue().splitlines()]


def test_table_that_goes_to_no_terminal_cuts_no_name() -> None:
    """Piped, a table is as wide as its names ask for, and texts are folded beside them."""
    rows = [tuple(ox.NamedNode(f"{EVCO}Class{number}{'x' * 30}") for number in range(4))] * 2
    lines = Answers(list("abcd"), rows).text().splitlines()

    assert 3 == len(lines)
    assert [f"evco:Class{number}{'x' * 30}" for number in range(4)] == lines[1].split()


def test_no_rows_is_said() -> None:
    """A table without rows says so; the other forms have their head alone."""
    answers = Answers(["a", "b"], [])

    assert "No answers.\n" == answers.text()
    assert "a,b\r\n" == answers.text("csv")
    assert "| a | b |\n| --- | --- |\n" == answers.text("markdown")
    assert 0 == len(answers.to_polars()) == len(answers.to_pandas())


def test_markdown_shows_texts_as_they_are() -> None:
    """No text makes a cell, a line, markup or HTML in Markdown."""
    cells = {row: shown.markdown(["x"], [(ox.Literal(row),)], {}).splitlines()[2] for row in HOSTILE}

    assert r"| a\|b\\\|c\`d\` |" == cells["a|b\\|c`d`"]
    assert "| &lt;script&gt;alert(1)&lt;/script&gt;&amp;amp; |" == cells["<script>alert(1)</script>&amp;"]
    assert "| two lines and three |" == cells["two\nlines\r\nand\rthree"]
    assert r"| \[link\](javascript:alert(1)) !\[x\](y) \*b\* \_i\_ \~\~s\~\~ \$x\$ |" == cells[HOSTILE[8]]


def test_notebooks_get_escaped_html_with_labels() -> None:
    """In a notebook no text is markup, IRIs show their names, and of many rows the first with how many there are."""
    rows = [(ox.NamedNode(EVCO + "Delight"), ox.Literal("<b>\"'&")), *[(None, None)] * 300]
    page = Answers(["<th>", "x"], rows, in_order=True, labels=labels)._repr_html_()

    assert '<td title="https://w3id.org/evco#Delight">evco:Delight</td><td>&lt;b&gt;&quot;&#x27;&amp;</td>' in (
        page.replace("</td>\n<td>", "</td><td>")
    )
    assert "<th>&lt;th&gt;</th>" in page
    assert "<p>200 of 301 rows; a data frame or csv has all</p>" in page
    assert 201 == page.count("<tr>")


def test_labels_are_asked_for_only_where_somebody_reads() -> None:
    """Forms for programs cost no query for labels; those for people cost one."""
    asked: list[Sequence[str]] = []

    def count(iris: Sequence[str]) -> dict[str, str]:
        asked.append(iris)
        return {}

    answers = Answers(["x"], [(ox.NamedNode("urn:b"),), (ox.NamedNode("urn:a"),)], labels=count)
    for form in ("csv", "tsv", "json", "xml"):
        answers.text(form)
    assert [] == asked
    answers.text("table"), answers.text("markdown")

    assert [["urn:a", "urn:b"]] == asked


def test_labels_are_asked_for_in_batches_of_checked_names() -> None:
    """Labels cost a query for some hundred IRIs; what cannot be in a query is not asked about; English is best."""
    queries: list[str] = []
    rdfs, dcterms = ox.NamedNode(f"{rdflib.RDFS}label"), ox.NamedNode(f"{rdflib.DCTERMS}identifier")

    def select(query: str) -> list[tuple[Term | None, ...]]:
        queries.append(query)
        return [
            (ox.NamedNode("urn:1"), dcterms, ox.Literal("one")),
            (ox.NamedNode("urn:1"), rdfs, ox.Literal("eins", language="de")),
            (ox.NamedNode("urn:1"), rdfs, ox.Literal("one of them", language="en-GB")),
            (ox.NamedNode("urn:2"), dcterms, ox.Literal("two")),
            (ox.NamedNode("urn:2"), dcterms, ox.NamedNode("urn:no-literal")),
            (None, rdfs, None),
        ]

    bad = ["urn:x> } DROP ALL #", "urn:{", "no scheme", "urn:a\nb", "urn:\\u0022"]

    assert {"urn:1": "one of them", "urn:2": "two"} == labels_from(select, [*bad, *(f"urn:{n}" for n in range(700))])
    assert 3 == len(queries)
    assert [] == [query for query in queries if re.search(r"DROP|urn:\{|scheme|\n|\\", query)]


# Values


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (literal("7", "integer"), 7),
        (literal(" +07 ", "nonNegativeInteger"), 7),
        (literal("7.0", "integer"), "7.0"),
        (literal("٧", "integer"), "٧"),
        (literal("1_000", "integer"), "1_000"),
        (literal("9" * 5000, "integer"), "9" * 5000),
        (literal("1.50", "decimal"), Decimal("1.50")),
        (literal("1e3", "decimal"), "1e3"),
        (literal("1e3", "double"), 1000.0),
        (literal("-INF", "double"), float("-inf")),
        (literal("Infinity", "double"), "Infinity"),
        (literal("1", "boolean"), True),
        (literal("yes", "boolean"), "yes"),
        (literal("2024-02-29", "date"), date(2024, 2, 29)),
        (literal("2023-02-29", "date"), "2023-02-29"),
        (literal("2024-02-29Z", "date"), "2024-02-29Z"),
        (literal("2024-02-29T10:00:00Z", "dateTime"), datetime(2024, 2, 29, 10, tzinfo=UTC)),
        (literal("2024-02-29T10:00:00.5", "dateTime"), datetime(2024, 2, 29, 10, 0, 0, 500000)),
        (literal("2024-W09-4T10:00:00", "dateTime"), "2024-W09-4T10:00:00"),
        (literal("2024", "gYear"), "2024"),
        (ox.Literal("7"), "7"),
        (ox.Literal("sept", language="fr"), "sept"),
        (ox.NamedNode("urn:x"), "urn:x"),
        (ox.BlankNode("b0"), "_:b0"),
        (None, None),
    ],
)
def test_terms_are_typed_values(term: Term | None, value: Value) -> None:
    """A literal is the value that its datatype says, if it is of the form that this asks for; else it stays text."""
    found = value_of(term)

    assert (type(value), value) == (type(found), found)


TYPED: list[tuple[Term | None, ...]] = [
    (
        literal("1", "integer"),
        literal("0.5", "decimal"),
        literal("true", "boolean"),
        literal("2024-02-29", "date"),
        literal("2024-02-29T10:00:00+02:00", "dateTime"),
        literal("2024-02-29T10:00:00", "dateTime"),
        literal("1", "integer"),
        literal("1", "integer"),
        literal(str(2**70), "integer"),
        None,
    ),
    (
        None,
        literal("2", "integer"),
        None,
        None,
        None,
        None,
        ox.Literal("one"),
        literal("true", "boolean"),
        None,
        None,
    ),
]
COLUMNS = ["whole", "number", "truth", "date", "moment", "local", "mixed", "mixed2", "large", "none"]


def test_polars_has_typed_columns() -> None:
    """Each column of a polars frame has the type of its values; what is mixed, or too large, is text."""
    frame = Answers(COLUMNS, TYPED, in_order=True).to_polars()

    assert [
        polars.Int64,
        polars.Float64,
        polars.Boolean,
        polars.Date,
        polars.Datetime("us", "UTC"),
        polars.Datetime("us"),
        polars.String,
        polars.String,
        polars.String,
        polars.String,
    ] == frame.dtypes
    moment = datetime(2024, 2, 29, 8, tzinfo=UTC)
    local = datetime(2024, 2, 29, 10)
    assert [
        (1, 0.5, True, date(2024, 2, 29), moment, local, "1", "1", str(2**70), None),
        (None, 2.0, None, None, None, None, "one", "true", None, None),
    ] == frame.rows()


@pytest.mark.parametrize("library", ["polars", "pandas"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moments_that_have_no_year_in_utc_stay_texts(library: str, moment: str) -> None:
    """A column of moments that UTC cannot write with four digits of a year is text, which can be read."""
    rows = [(literal(text, "dateTime"),) for text in (moment, "2024-02-29T10:00:00Z")]
    frame = getattr(Answers(["at"], rows, in_order=True), f"to_{library}")()

    assert [moment, "2024-02-29T10:00:00+00:00"] == [*frame["at"]]


def test_pandas_has_typed_columns() -> None:
    """So has one of pandas, with types that can miss values."""
    frame = Answers(COLUMNS, TYPED, in_order=True).to_pandas()

    types = ["Int64", "Float64", "boolean", "datetime64[s]", "datetime64[us, UTC]", "datetime64[us]"]
    assert types == [str(one) for one in frame.dtypes][:6]
    assert ["1", "one"] == list(frame["mixed"])
    assert pandas.Timestamp("2024-02-29T08:00:00Z") == frame["moment"][0]
    assert [False, True] == list(frame["whole"].isna())


def test_a_missing_library_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pandas or polars the error says what brings them."""
    monkeypatch.setitem(__import__("sys").modules, "polars", None)

    with pytest.raises(InputError, match=r'^polars is not installed; `pip install "kgtools\[frames\]"` brings it$'):
        ANSWERS.to_polars()


# Graphs


def graph(name: str = "b") -> list[ox.Triple]:
    """A graph with a list, blank nodes, and texts that are hard to write."""
    store = ox.Store()
    store.load(
        f"""@prefix e: <{EVCO}> . e:b a e:Delight ; e:list ( "x" [ e:p 1, 2.5 ] ) ; e:text "a\\r\\n\\"<b>"@de-at .
        _:{name} e:sees [ e:sees _:{name} ] .""".encode(),
        ox.RdfFormat.TURTLE,
    )
    return [quad.triple for quad in store]


@pytest.mark.parametrize(("form", "name"), [("turtle", "turtle"), ("json-ld", "json-ld"), ("n-triples", "nt")])
def test_rdflib_reads_the_same_graph(form: str, name: str) -> None:
    """rdflib reads each form of a graph as the same graph."""
    from rdflib.compare import isomorphic

    triples = graph()
    meant = rdflib.Graph().parse(data="".join(f"{one} .\n" for one in triples), format="nt")
    found = rdflib.Graph().parse(data=Answers(triples=triples).text(form), format=name)

    assert len(triples) == len(found)
    assert isomorphic(meant, found)


@pytest.mark.parametrize("form", ["turtle", "json-ld", "n-triples"])
def test_equal_graphs_are_written_alike(form: str) -> None:
    """In whatever order triples come, and whatever an engine calls blank nodes, the same bytes are written."""
    first = Answers(triples=graph()).text(form)
    for seed in range(5):
        triples = graph(f"other{seed}") * 2
        random.Random(seed).shuffle(triples)

        assert first == Answers(triples=triples).text(form)


def test_graphs_made_to_cost_time_do_not() -> None:
    """Blank nodes that all see one another are named in bounded time (an exact naming takes years)."""
    triples = [
        ox.Triple(ox.BlankNode(f"n{a}"), ox.NamedNode("urn:p"), ox.BlankNode(f"n{b}"))
        for a in range(30)
        for b in range(30)
        if a != b
    ]

    assert 870 == len(ordered(triples))


def test_turtle_has_the_prefixes_that_it_uses_first_and_sorted() -> None:
    """Turtle begins with the prefixes that it uses, and no others."""
    assert ["@prefix evco: <https://w3id.org/evco#> .", f"@prefix rdf: <{rdflib.RDF}> ."] == [
        line for line in Answers(triples=graph()).text().splitlines() if line.startswith("@prefix ")
    ]


def test_forms_that_do_not_fit_are_named() -> None:
    """Rows are no graph, and a graph no rows: the error names the forms that there are."""
    with pytest.raises(
        InputError, match=r"^`turtle` is no form for rows .*; there are table, csv, tsv, json, xml, mark"
    ):
        ANSWERS.text("turtle")
    with pytest.raises(InputError, match=r"^`csv` is no form for triples .*; there are turtle, json-ld, n-triples$"):
        Answers(triples=[]).text("csv")


# Order


def test_rows_without_an_order_are_sorted() -> None:
    """Rows that a query does not order are sorted as SPARQL sorts, numbers by value; blank nodes are named anew."""
    rows: list[tuple[Term | None, ...]] = [
        (literal("10", "integer"), None),
        (literal("9.5", "decimal"), None),
        (ox.Literal("a"), None),
        (ox.NamedNode("urn:z"), None),
        (ox.BlankNode("zz"), ox.Literal("2")),
        (ox.BlankNode("aa"), ox.Literal("1")),
        (None, None),
    ]
    random.Random(1).shuffle(rows)

    assert [None, "_:b0", "_:b1", "urn:z", Decimal("9.5"), 10, "a"] == [row["x"] for row in Answers(["x", "y"], rows)]
    assert ["1", "2"] == [row["y"] for row in Answers(["x", "y"], rows) if row["y"]]


def test_rows_in_an_order_keep_it() -> None:
    """Rows that a query orders stay as they come."""
    rows = [(literal(str(number), "integer"),) for number in (3, 1, 2)]

    assert [3, 1, 2] == [row["x"] for row in Answers(["x"], rows, in_order=True)]


# From servers


def test_virtuoso_is_understood() -> None:
    """What Virtuoso writes differently (`typed-literal`, blank nodes as `nodeID://…`) is the same answer."""
    content = {
        "head": {"link": [], "vars": ["a", "b"]},
        "results": {
            "distinct": False,
            "bindings": [
                {
                    "a": {"type": "bnode", "value": "nodeID://b10"},
                    "b": {"type": "typed-literal", "datatype": XSD + "integer", "value": "3"},
                },
                {"a": {"type": "bnode", "value": "nodeID://b10"}, "b": {"type": "literal", "value": "x"}},
            ],
        },
    }
    answers = Answers.received(received(json.dumps(content).encode(), JSON, "SELECT"), in_order=True)

    assert [{"a": "_:b0", "b": 3}, {"a": "_:b0", "b": "x"}] == list(answers)


@pytest.mark.parametrize("rows", [[], [{"__ASK_RETVAL": {"type": "literal", "value": "1"}}]])
def test_virtuosos_truth_is_truth(rows: list[object]) -> None:
    """Virtuoso answers an ASK with a row, or none."""
    content = json.dumps({"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": rows}}).encode()

    assert bool(rows) is Answers.received(received(content, JSON, "ASK")).truth


@pytest.mark.parametrize(
    "cell",
    [
        {"type": "uri", "value": "http://x/> <urn:b"},
        {"type": "uri", "value": "no scheme"},
        {"type": "literal", "value": "x", "xml:lang": 'de" .'},
        {"type": "literal", "value": "x", "datatype": "not an iri"},
        {"type": "literal", "value": "\ud800"},
        {"type": "literal", "value": 7},
        {"type": "thing", "value": "x"},
        {"type": "triple", "value": {"subject": {"type": "literal", "value": "x"}}},
        {"value": "x"},
        "x",
        None,
    ],
)
def test_broken_terms_of_a_server_are_no_answer(cell: object) -> None:
    """A term that is none ends in one line, and never in an answer."""
    content = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": cell}]}}).encode()

    with pytest.raises(ResultError, match=r"^[^\n]+$"):
        received(content, JSON, "SELECT")


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"{}", b'{"boolean": "yes"}', b'{"head":{"vars":["x","x"]},"results":{"bindings":[]}}',
     b'{"head":{"vars":["x"]},"results":{"bindings":[{"y":{"type":"uri","value":"urn:x"}}]}}', b"[" * 100_000],
)  # fmt: skip
def test_broken_answers_of_a_server_are_no_answer(content: bytes) -> None:
    """What is no SPARQL result ends in one line."""
    with pytest.raises(ResultError, match=r"^[^\n]+$"):
        received(content, JSON, "SELECT")


def test_graphs_of_a_server_are_read() -> None:
    """Triples come as N-Triples or Turtle; another syntax, or half a graph, ends in one line."""
    assert 1 == len(Answers.received(received(b"<urn:a> <urn:b> 1 .", "text/turtle", "DESCRIBE")))
    with pytest.raises(ResultError, match=r"^text/html where RDF was asked for$"):
        received(b"<urn:a> <urn:b> 1 .", "text/html", "CONSTRUCT")
    with pytest.raises(ResultError, match=r"^what is broken, or was cut off \([^\n]*\)$"):
        received(b"<urn:a> <urn:b> ", "application/n-triples", "CONSTRUCT")
