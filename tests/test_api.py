"""The Python interface: the same object, with the same answers, for a bundle, a file, a store and a server."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from servers import Answer, held, made_up, oxigraph, passed_on, put

import kgtools
from kgtools.errors import OntologyError
from kgtools.pipeline import Job, derive_all, import_bundles, target
from kgtools.pipeline.carry import lifted
from kgtools.vocabulary import EVCO

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "online-service"
CASE = ROOT / "tests" / "cases" / "questions"
PAGE = ROOT / "docs" / "python.md"
KINDS = ("bundle", "file", "store", "server")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str | Path]]:
    """The example as a bundle, as an RDF file, in a store, and on a server."""
    folder = tmp_path_factory.mktemp("api")
    file, store = folder / "data.nq", folder / "store"
    import_bundles([EXAMPLE], Job(), target(file, None, None, BytesIO()))
    import_bundles([EXAMPLE], Job(), target(None, store, None, BytesIO()))
    with oxigraph("--union-default-graph") as server:
        put(server, file.read_text("utf-8").splitlines())
        yield {"bundle": EXAMPLE, "file": str(file), "store": store, "server": f"{server}/query"}


# What one asks, of each


@pytest.mark.parametrize("kind", KINDS)
def test_what_there_is(places: dict[str, str | Path], kind: str) -> None:
    """Bundles, incidents and coders are the same wherever the data are."""
    study = kgtools.open(places[kind])

    assert (("online-service",), 43, ("ines", "marc")) == (study.bundles, study.incidents, study.coders)


@pytest.mark.parametrize("kind", KINDS)
def test_verdicts(places: dict[str, str | Path], kind: str) -> None:
    """Verdicts are those of `kgtools derive`, for the coders that are asked for, wherever the data are."""
    study = kgtools.open(places[kind], coders="all")

    for coders in ("all", "marc"):
        _, expected = derive_all([EXAMPLE], Job(coders=coders))
        assert expected == [*study.derive(coders=coders)]
    assert study.derive(coders="all") == study.derive()


@pytest.mark.parametrize("kind", KINDS)
def test_silent_verdicts_on_request(places: dict[str, str | Path], kind: str) -> None:
    """Silent verdicts and those that do not apply are there when they are asked for."""
    _, expected = derive_all([EXAMPLE], Job(every=True))

    assert expected == [*kgtools.open(places[kind]).derive(every=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_findings(places: dict[str, str | Path], kind: str) -> None:
    """What is remarkable is the same wherever the data are; only where it stands is another place."""
    expected = {(one.severity, one.shape, one.focus, one.path, one.value) for one in kgtools.open(EXAMPLE).validate()}

    findings = kgtools.open(places[kind]).validate()

    assert expected == {(one.severity, one.shape, one.focus, one.path, one.value) for one in findings}
    assert {"violation": 0, "warning": 0, "info": 19} == findings.counts
    assert not findings.conforms


@pytest.mark.parametrize("kind", KINDS)
def test_explanations(places: dict[str, str | Path], kind: str) -> None:
    """An incident is explained in the same words wherever the data are."""
    expected = str(kgtools.open(EXAMPLE).explain("I06", "J-recognition"))

    assert expected == str(kgtools.open(places[kind]).explain("I06", "J-recognition"))


def test_nothing_is_written_without_an_address_for_it(places: dict[str, str | Path]) -> None:
    """A server whose address for updates is not named is only asked, and holds afterwards what it held."""
    server = str(places["server"]).removesuffix("/query")
    before = held(server)
    with made_up(passed_on(server)) as (url, asked):
        kgtools.open(f"{url}/query").derive()

    assert before == held(server)
    assert [] == [one for one in asked if "update" in one.body.partition("=")[0] or one.path.startswith("/update")]


def test_a_server_that_takes_updates_judges(places: dict[str, str | Path]) -> None:
    """With an address for updates the view is written to the server, and the verdicts are the same; so are they
    written, where that is asked for."""
    with oxigraph("--union-default-graph") as server:
        put(server, Path(places["file"]).read_text("utf-8").splitlines())
        study = kgtools.open(f"{server}/query", update=f"{server}/update")
        before = len(held(server))
        verdicts = study.derive()
        judged = len(held(server))
        written = study.derive(write=True)

        assert [*kgtools.open(EXAMPLE).derive()] == [*verdicts] == [*written]
        assert before < judged < len(held(server))
        assert 131 == len(study.query("SELECT ?one { ?one a evco:Assessment }"))


def test_verdicts_are_written_to_a_store(tmp_path: Path) -> None:
    """Verdicts can be written to a store, where queries find them."""
    import_bundles([EXAMPLE], Job(), target(None, tmp_path / "store", None, BytesIO()))
    study = kgtools.open(tmp_path / "store")
    before = study.query("conditions-together")

    assert 131 == len(study.derive(write=True))
    assert 131 == len(study.query("SELECT ?one { ?one a evco:Assessment }"))
    assert before.terms == study.query("conditions-together").terms
    with pytest.raises(kgtools.InputError, match="is no store, and verdicts are written only to a store or a server"):
        kgtools.open(EXAMPLE).derive(write=True)


def test_shapes_of_ones_own(tmp_path: Path) -> None:
    """Other shapes are used alone, or beside ours; a text is a path too."""
    shapes = tmp_path / "mine.ttl"
    shapes.write_text(
        """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX evco: <https://w3id.org/evco#>
           <urn:mine> a sh:NodeShape ; sh:targetClass evco:Incident ;
             sh:property [ sh:path evco:monopoly ; sh:minCount 1 ; sh:message "Say whether it is a monopoly." ] .""",
        "utf-8",
    )
    study = kgtools.open(EXAMPLE)
    alone = study.validate(str(shapes))

    assert all(one.message.endswith(": Say whether it is a monopoly.") for one in alone)
    assert 5 == len(alone)
    assert 5 + 19 == len(study.validate([shapes], ours=True))


def test_a_row_that_was_lost_is_told_with_the_verdicts(tmp_path: Path) -> None:
    """What could not be read stands beside the verdicts."""
    table = tmp_path / "codings.csv"
    table.write_text("incident,code,valence\nI1,Delight,purple\n", "utf-8")

    found = kgtools.open(table).derive().findings

    assert [("violation", 2)] == [(one.severity, one.row) for one in found]


def test_a_theory_of_ones_own() -> None:
    """A theory beside those that come along is judged too."""
    case = ROOT / "tests" / "cases" / "theory"
    theory = case / "habit.ttl"

    assert {"habit"} <= {one.theory for one in kgtools.open(EXAMPLE, theories=theory).derive(every=True)}


# What one asks in SPARQL


@pytest.mark.parametrize("kind", KINDS)
def test_questions(places: dict[str, str | Path], kind: str) -> None:
    """A question of the catalogue has the same answers wherever the data are."""
    expected = kgtools.open(EXAMPLE).query("drivers-and-behaviors", driver="Delight")

    answers = kgtools.open(places[kind]).query("drivers-and-behaviors", driver="Delight")

    assert expected.terms == answers.terms
    assert {f"{EVCO}Delight"} == {row["driver"] for row in answers}


@pytest.mark.parametrize("kind", ["bundle", "file", "store"])
def test_questions_on_verdicts(places: dict[str, str | Path], kind: str) -> None:
    """A question, or a query of one's own, that asks for verdicts has those of the coders that data were opened for."""
    expected = contradicted("all")
    study = kgtools.open(places[kind], coders="all")

    assert expected == found(study.query("propositions-contradicted"))
    assert expected == found(study.query(CONTRADICTED))


def test_questions_on_verdicts_of_others() -> None:
    """A question may be asked for other coders; that is forgotten with the next question."""
    study = kgtools.open(EXAMPLE)

    assert contradicted("marc") == found(study.query("propositions-contradicted", coders="marc"))
    assert contradicted("all") == found(study.query("propositions-contradicted", coders="all"))
    assert contradicted("any") == found(study.query(CONTRADICTED))


@cache
def contradicted(coders: str) -> set[tuple[object, object]]:
    """The propositions that the example contradicts, each with the unit that does."""
    verdicts = kgtools.open(EXAMPLE).derive(coders=coders)
    return {(one.proposition_iri, one.unit_iri) for one in verdicts if one.verdict == "contradicts"}


def found(answers: kgtools.Answers) -> set[tuple[object, object]]:
    """The propositions and units in some answers."""
    return {(row["proposition"], row["unit"]) for row in answers}


CONTRADICTED = f"""
    PREFIX evco: <{EVCO}>
    SELECT ?proposition ?unit
    {{ ?one evco:onProposition ?proposition ; evco:assesses ?unit ; evco:verdict evco:contradicts }}"""


def test_a_server_without_verdicts_is_judged_here(places: dict[str, str | Path]) -> None:
    """Where a server lacks verdicts that a question, or a query of one's own, needs, these are worked out here."""
    for question in ("propositions-contradicted", CONTRADICTED):
        assert contradicted("any") == found(kgtools.open(places["server"]).query(question))


def test_not_all_that_was_loaded_is_kept() -> None:
    """Whoever's verdicts are asked for, one after the other, at most two loads of the data are in memory."""
    study = kgtools.open(EXAMPLE)
    first, second = study._ready(("any",)), study._ready(())

    assert first is study._ready(("any",))
    assert second is study._ready(())
    assert first is not study._ready(("all",))
    assert [(), ("all",)] == [verdicts_of for verdicts_of, _ in study._loaded]


def test_a_query_without_end_ends() -> None:
    """A query that joins everything with everything ends after its time, and so does the engine at work on it."""
    study = kgtools.open(EXAMPLE, timeout=0.5)
    assert study.query("ASK { ?i a evco:Incident }").truth
    threads = {*threading.enumerate()}
    with pytest.raises(
        kgtools.EngineError, match=r"^the query was not done (after 0\.5 seconds|in its time); ask for less, give LI"
    ):
        study.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")

    for left in {*threading.enumerate()} - threads:
        left.join(20)
        assert not left.is_alive()


@pytest.mark.parametrize("query", ["SELECT * { ?a ?b ?c }", "CONSTRUCT WHERE { ?a ?b ?c }"])
def test_an_answer_that_is_too_large_is_none(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    """An answer that does not fit in memory is refused, in one line, before it fills it."""
    study = kgtools.open(EXAMPLE)
    monkeypatch.setattr("kgtools.answers.bounded._MOST", 300)

    assert 100 == len(study.query(f"{query} LIMIT 100"))
    with pytest.raises(kgtools.EngineError, match=r"^the query gives more than 100 rows, too many to hold; count them"):
        study.query(query)


@pytest.mark.parametrize("kind", KINDS)
def test_queries_of_ones_own(places: dict[str, str | Path], kind: str) -> None:
    """A query of one's own is asked as it is: an ASK is true or false, a CONSTRUCT gives triples."""
    study = kgtools.open(places[kind])
    heads = f"PREFIX evco: <{EVCO}> "

    assert 43 == len(study.query(heads + "SELECT DISTINCT ?one WHERE { ?one a evco:Incident }"))
    assert study.query(heads + "ASK { ?one a evco:Boycott }").truth
    assert study.query(heads + "CONSTRUCT WHERE { ?one a evco:Boycott }").is_graph


def test_a_server_is_seen_as_it_is_after_writing() -> None:
    """A question that was asked before verdicts were written to a server sees them afterwards."""
    query = "SELECT (COUNT(DISTINCT ?node) AS ?nodes) { ?node a ?kind }"
    with oxigraph() as server:
        put(server, list(lifted(Job().read([CASE]), Job())))
        study = kgtools.open(f"{server}/query", update=f"{server}/update")
        (before,) = study.query(query)
        study.derive(write=True)
        (after,) = study.query(query)

        assert [after] == [*kgtools.open(f"{server}/query").query(query)]
        assert before != after


def test_parameters_of_ones_own() -> None:
    """A query of one's own may have parameters too; what is set is a value, whatever is in it."""
    query = """SELECT ?id ?word {
        VALUES ?word { "x" }
        ?one a evco:Incident ; dcterms:identifier ?id FILTER(?id = ?word) }"""
    study = kgtools.open(EXAMPLE)

    assert [{"id": "I07", "word": "I07"}] == [*study.query(query, word="I07")]
    assert [] == [*study.query(query, word='" } #')]


@pytest.mark.parametrize(
    ("question", "values", "said"),
    [
        ("conditions-togther", {}, "no question `conditions-togther`; did you mean `conditions-together`?"),
        ("conditions-together", {"conditon": "Delight"}, "has no parameter `conditon`; did you mean `condition`?"),
        ("conditions-together", {"condition": "Delihgt"}, "Delihgt"),
        ("conditions-together", {"condition": '"> } DROP ALL #'}, "DROP ALL"),
        ("propositions-contradicted", {"coders": "mark"}, "no coder `mark`"),
        ("ASK { ?s ?p ?o }", {"s": "x"}, "has no parameter `s`"),
        ("SELECT ?s { ?s ?p }", {}, "(line 1, column 13)"),
        ("DELETE WHERE { ?s ?p ?o }", {}, "DELETE is an update"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", {}, "SERVICE"),
        ("", {}, "no question ``"),
    ],
)
def test_questions_that_cannot_be_asked(question: str, values: dict[str, Any], said: str) -> None:
    """What is no question, parameter, value or query is an error of one line."""
    with pytest.raises(kgtools.InputError, match=re.escape(said)) as error:
        kgtools.open(EXAMPLE).query(question, **values)

    assert "\n" not in str(error.value)


# What is refused


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("nowhere", {}, "nowhere: no such file or folder; name a bundle"),
        ("-", {}, "-: no such file"),
        (ROOT / "LICENSE", {}, "is nothing that can be read; there are tables"),
        (EXAMPLE, {"graphs": ["urn:g"]}, "`graphs` and `update` go with a server"),
        (EXAMPLE, {"update": "http://localhost/update"}, "`graphs` and `update` go with a server"),
        (EXAMPLE, {"base": "no iri"}, "is no IRI that names can follow"),
        ("http://me:secret@localhost/", {}, "an address with a user or a password in it is not used"),
    ],
)
def test_what_cannot_be_opened(source: str | Path, options: dict[str, object], said: str) -> None:
    """What cannot be opened is an error of one line at once."""
    with pytest.raises(kgtools.InputError, match=re.escape(said)) as error:
        kgtools.open(source, **options)  # type: ignore[arg-type]

    assert "\n" not in str(error.value)


def test_who_did_not_code() -> None:
    """A coder whom nobody knows is an error that names those there are."""
    with pytest.raises(kgtools.InputError, match="no coder `mark`; there are any, majority, all, ines, marc"):
        kgtools.open(EXAMPLE).derive(coders="mark")


def test_a_server_that_is_not_there() -> None:
    """A server that does not answer is an error of the engines' kind."""
    with made_up(lambda _: Answer(b"no", status=500)) as (url, _), pytest.raises(kgtools.EngineError):
        kgtools.open(url).derive()


# What comes back


def test_sequences() -> None:
    """Findings and verdicts are sequences: a part of one is one too."""
    verdicts = kgtools.open(EXAMPLE).derive()

    assert (131, "<Verdicts: 2 supports>") == (len(verdicts), repr(verdicts[:2]))
    assert {"supports": 85, "contradicts": 29, "mixed": 17} == verdicts.counts
    assert verdicts[0] in verdicts
    assert "<Findings: none>" == repr(verdicts.findings)
    assert verdicts.findings.conforms


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_frames(library: str) -> None:
    """A frame has the columns of the table and a row a record; numbers are numbers, several values are a list."""
    study = kgtools.open(EXAMPLE)
    verdicts, findings = study.derive(), study.validate()
    frame, found = (getattr(one, f"to_{library}")() for one in (verdicts, findings))

    assert [*kgtools.Verdicts.columns] == [*frame.columns]
    assert [one.verdict for one in verdicts] == [*frame["verdict"]]
    assert [[*one.evidence] for one in verdicts] == [[*cell] for cell in frame["evidence"]]
    assert [one.row for one in findings] == [*found["row"]]
    assert "Int64" == str(found["row"].dtype)


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_frames_of_nothing(library: str) -> None:
    """Where nothing was found a frame has its columns, with their types, and no row."""
    frame = getattr(kgtools.Findings(), f"to_{library}")()

    assert ((0, 9), "Int64") == (frame.shape, str(frame["row"].dtype))


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_frames_without_their_library(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library an error says how to get it."""
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(kgtools.InputError, match=rf'{library} .*pip install "kgtools\[frames\]"'):
        getattr(kgtools.Findings(), f"to_{library}")()


def test_tables_in_notebooks() -> None:
    """A notebook shows a table; what others wrote is text in it, and of many rows it says that there are more."""
    hostile = kgtools.Finding("violation", "a:b", "<script>alert(1)</script>\x1b[2J", row=2)
    shown = kgtools.Findings([hostile])._repr_html_()
    many = kgtools.Findings([hostile] * 1234)._repr_html_()

    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[2J" in shown
    assert (101, True) == (many.count("<tr>"), many.endswith("<p>… and 1,134 more</p>\n"))


def test_explanations_in_notebooks() -> None:
    """An explanation is text where it is printed, and Markdown in a notebook."""
    told = kgtools.open(EXAMPLE).explain("I01", "Z-recovery")

    assert "<Explained: I01, Z-recovery supports>" == repr(told)
    assert str(told).startswith("I01 in online-service; coders: any (of ines, marc)\n\nZ-recovery, ")
    assert told._repr_markdown_().startswith("### I01\n\nin online-service;")


# Names

SIGNATURES = {
    "open": "(source: 'AnyPath', *, theories: 'AnyPath | Sequence[AnyPath]' = (), coders: 'str' = 'any', "
    "crosswalk: 'AnyPath | None' = None, base: 'str' = 'urn:evco:data:', graphs: 'str | Sequence[str]' = (), "
    "update: 'str | None' = None, timeout: 'float' = 120) -> 'Data'",
    "Data.query": "(self, question: 'str', /, *, in_terms_of: 'AnyPath | Sequence[AnyPath]' = (), "
    "strictly: 'bool' = False, **parameters: 'Value | None') -> 'Answers'",
    "Data.validate": "(self, shapes: 'AnyPath | Sequence[AnyPath]' = (), *, ours: 'bool | None' = None, "
    "engine: 'str' = 'auto') -> 'Findings'",
    "Data.derive": "(self, *, coders: 'str | None' = None, every: 'bool' = False, write: 'bool' = False) -> 'Verdicts'",
    "Data.explain": "(self, unit: 'str', proposition: 'str | None' = None, *, coders: 'str | None' = None, "
    "in_full: 'bool' = False) -> 'Explained'",
}


def test_public_names() -> None:
    """The public names are these; each has a docstring, and those that are called keep how they are called."""
    names = [
        *("Answers", "Data", "EngineError", "Explained", "Finding", "Findings", "InputError", "KgError"),
        *("Verdict", "Verdicts", "__version__", "catalog", "open"),
    ]

    assert names == kgtools.__all__ == sorted(kgtools.__all__)
    assert [] == [name for name in names if name != "__version__" and not inspect.getdoc(getattr(kgtools, name))]
    assert set(names) <= set(dir(kgtools))
    for name, signature in SIGNATURES.items():
        owner, _, method = name.partition(".")
        called = getattr(kgtools, owner)
        assert signature == str(inspect.signature(getattr(called, method) if method else called))


def test_errors_are_one_tree() -> None:
    """Whoever catches `KgError` catches all that ends a command."""
    assert all(issubclass(one, kgtools.KgError) for one in (kgtools.InputError, kgtools.EngineError, OntologyError))


def test_a_name_that_is_none() -> None:
    """A name that is not there is no other error than with any module."""
    with pytest.raises(AttributeError, match="module `kgtools` has no attribute `opne`"):
        kgtools.opne  # type: ignore[attr-defined]  # noqa: B018


def test_types_are_published() -> None:
    """Type checkers are told that the package has types (PEP 561)."""
    assert (ROOT / "kgtools" / "py.typed").is_file()


def test_import_is_light() -> None:
    """`import kgtools` brings no library; its errors neither."""
    script = "import sys; before = set(sys.modules); import kgtools; kgtools.KgError; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    brought = {name.partition(".")[0] for name in done.stdout.split()}
    assert {"kgtools"} == brought - set(sys.stdlib_module_names)


# What is written about it


@pytest.mark.parametrize("module", ["answers", "api", "explain", "questions", "results"])
def test_examples_in_docstrings(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples in the docstrings of what is public print what they say."""
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testmod(importlib.import_module(f"kgtools.{module}"))

    assert 0 == failed
    assert tried > 0


def test_the_page_on_python(places: dict[str, str | Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples of the page print what it says; where it speaks of a server there is one."""
    monkeypatch.chdir(ROOT)
    text = re.sub("^```.*$", "", PAGE.read_text("utf-8"), flags=re.M)
    text = text.replace("http://localhost:7878/query", str(places["server"]))
    samples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    told: list[str] = []
    doctest.DocTestRunner().run(samples, out=told.append)

    assert len(samples.examples) > 15
    assert "" == "".join(told)


def test_the_page_names_what_is_public() -> None:
    """The page tells of each name that is public, and of each thing that can be asked."""
    page = PAGE.read_text("utf-8")
    asked = [name for name in vars(kgtools.Data) if not name.startswith("_")]

    assert [] == [name for name in kgtools.__all__ if not re.search(rf"\bkgtools\.{name}\b", page)]
    assert [] == [name for name in asked if f".{name}" not in page]
