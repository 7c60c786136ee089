"""Data on a server: read, judged and explained there as from a file, whatever else lies beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from drawn import drawn, some
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import Answer, Asked, held, made_up, oxigraph, passed_on, put

from benchmarks.generate import write_bundle
from kgtools.cli import main
from kgtools.endpoint import Endpoint
from kgtools.errors import EngineError, InputError
from kgtools.explain import explain
from kgtools.explain.prov import as_turtle
from kgtools.explain.text import as_json, as_markdown
from kgtools.lift import lift_terms, verdict_graph
from kgtools.model import Finding, Verdict
from kgtools.pipeline import Job, derive_all, derive_into, derive_there, import_bundles, view_graph
from kgtools.pipeline.carry import lifted
from kgtools.read.gathered import gathered
from kgtools.store import Store, write_rdf
from kgtools.vocabulary import EVCO, ONTOLOGY_IRI, PREFIXES

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
EXAMPLE = ROOT / "examples/online-service"
BUNDLES = [
    *sorted(
        table.parent for kind in ("propositions", "verdicts", "faults") for table in (CASES / kind).rglob("codings.csv")
    ),
    *(EXAMPLE, ROOT / "examples/interviews/interviews.qdpx"),
]
SOME = some(BUNDLES, 9)
"""The bundles; in CI every fifth."""

JOB = Job(every=True)
TYPE = f"<{PREFIXES['rdf']}type>"
Captured = pytest.CaptureFixture[str]

NOISE = [
    f"<urn:other:{number}> <{PREFIXES[prefix]}{word}> <urn:other:{number // 2}> <urn:other> ."
    for number in range(100)
    for prefix, word in (("prov", "wasDerivedFrom"), ("oa", "hasSource"), ("skos", "broader"))
] + [
    f"<urn:other:set> {TYPE} <{PREFIXES['skos']}Collection> <urn:other> .",
    f"<urn:other:axiom> <{PREFIXES['rdfs']}subClassOf> _:b <urn:other> .",
    f'<urn:other:1> <{PREFIXES["dcterms"]}identifier> "I10" <urn:other> .',
]
"""What somebody else keeps in the same server."""


@pytest.fixture(scope="module", params=["", "--union-default-graph"], ids=["apart", "union"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an Oxigraph server, whose default graph is one of its own, or the union of all."""
    with oxigraph(*filter(None, [request.param])) as address:
        yield address


@pytest.fixture(scope="module")
def apart() -> Iterator[str]:
    """The address of an Oxigraph server, whose default graph is one of its own."""
    with oxigraph() as address:
        yield address


def reader(server: str, *graphs: str) -> Endpoint:
    """A server that is only read from."""
    return Endpoint(f"{server}/query", graphs=graphs)


def writer(server: str) -> Endpoint:
    """A server that takes updates."""
    return Endpoint(f"{server}/query", update_url=f"{server}/update")


def quads(*bundles: Path, job: Job = JOB) -> list[str]:
    """Bundles as quads in their own graphs."""
    return [line for bundle in bundles for line in lifted(job.read([bundle]), job)]


def moved(lines: list[str], graph: str) -> list[str]:
    """The same triples in one graph, or in the default graph where that is empty."""
    return [f"{line[: line.rindex(' <')]}{graph and f' <{graph}>'} ." for line in lines]


def from_file(lines: list[str], folder: Path, job: Job = JOB) -> tuple[list[Finding], list[Verdict]]:
    """Findings and verdicts, as from a file of these quads."""
    file = folder / "server.nq"
    write_rdf(lines, file)
    return derive_all([file], job)


# Read


@pytest.mark.parametrize("layout", some(["graphs", "default", "one graph of several"], 2))
def test_each_case_is_the_same_from_a_server(server: str, layout: str, tmp_path: Path) -> None:
    """All cases on one server, beside somebody else's data: what a file of them yields."""
    lines = quads(*SOME)
    graph = "urn:mine" if layout == "one graph of several" else ""
    placed = lines if layout == "graphs" else moved(lines, graph)
    put(server, [*placed, *NOISE, *moved(NOISE, "")])
    found = derive_all([reader(server, *filter(None, [graph]))], JOB)

    assert from_file(lines, tmp_path) == found
    assert len(found[1]) > 2_000


def test_other_coders_are_the_same_from_a_server(apart: str, tmp_path: Path) -> None:
    """So it is for other sets of coders, and for one coder."""
    lines = quads(EXAMPLE, ROOT / "examples/interviews/interviews.qdpx")
    put(apart, lines)
    for coders in ("majority", "all", "ines"):
        job = Job(coders=coders)

        assert from_file(lines, tmp_path, job) == derive_all([reader(apart)], job)


def test_all_that_reading_needs_comes_over(apart: str) -> None:
    """Coders, files, codebook, texts and places: what was read from a server is lifted as it was before."""
    lines = quads(EXAMPLE, ROOT / "examples/interviews/interviews.qdpx")
    put(apart, [*lift_terms(JOB.vocabulary), *lines, *NOISE])

    assert sorted(quads_of(lines)) == sorted(quads_of(lifted(JOB.read([reader(apart)]), JOB)))


def quads_of(lines: object) -> set[str]:
    """Quads, numbers written in one way."""
    store = Store()
    store.add(lines)  # type: ignore[arg-type]  # lines
    return set(store.lines())


def test_nothing_but_incidents_is_fetched(apart: str) -> None:
    """What somebody else keeps there, views and terms do not come over."""
    lines = [*lift_terms(JOB.vocabulary), *lifted(JOB.read([EXAMPLE]), JOB, with_view=True), *NOISE]
    put(apart, lines)
    fetched = "\n".join(gathered(reader(apart), JOB.vocabulary).lines())

    assert "urn:other" not in fetched
    assert "evco/view#" not in fetched
    assert "ontology" not in fetched


def test_incidents_with_blank_nodes(server: str, tmp_path: Path) -> None:
    """Incidents that somebody wrote by hand, with blank nodes and in no bundle, are read from a server too."""
    text = f"""@prefix evco: <{EVCO}> .
        <urn:i> a evco:Incident ; evco:hasElement [ a evco:Delight ; evco:bearer <urn:c> ] ,
          [ a evco:AugmentingBehavior ; evco:valence evco:positive ; evco:bearer <urn:c> ] .
        <urn:c> a evco:Customer ."""
    lines = [f"{quad} ." for quad in ox.parse(text, ox.RdfFormat.TURTLE)]
    put(server, lines)
    file = tmp_path / "server.nt"
    file.write_text("\n".join(lines) + "\n")
    said = derive_all([reader(server)], JOB)

    assert derive_all([file], JOB) == said
    assert {"urn:i"} == {one.unit for one in said[1] if one.unit_type == "incident"}


def test_server_without_incidents(server: str) -> None:
    """A server that holds nothing of ours says so, by its address."""
    put(server, NOISE)
    with pytest.raises(InputError, match=r"/query: holds no evco:Incident$"):
        derive_all([reader(server)], JOB)


def test_each_command_reads_a_server(
    apart: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """derive, report and agreement print of a server what they print of a file."""
    monkeypatch.chdir(tmp_path)
    lines = quads(EXAMPLE)
    put(apart, lines)
    write_rdf(lines, Path("server.nq"))
    for command in (["derive", "--format", "csv"], ["agreement", "--format", "json"], ["report"]):
        said = []
        for number, data in enumerate((["server.nq"], ["--endpoint", f"{apart}/query"])):
            page = ["-o", f"{number}.html"] if command == ["report"] else []
            code = main([*command, *data, *page, "--jobs", "1", "-q"])
            said.append((code, capsys.readouterr().out, [Path(one).read_text() for one in page[1:]]))

        assert said[0] == said[1]
        assert any(said[0][1:])


# Explained


@pytest.mark.parametrize("unit", ["I10", "online-service/I10", "urn:evco:data:online-service/incident/I10"])
def test_a_unit_of_a_server_is_explained(server: str, unit: str, tmp_path: Path) -> None:
    """In every format as from a file; what is fetched is the unit's chain, in a few answers."""
    lines = quads(EXAMPLE, CASES / "verdicts")
    put(server, [*lines, *NOISE])
    write_rdf(quads(EXAMPLE), tmp_path / "one.nq")
    got: list[int] = []
    ask = passed_on(server)

    def counted(asked: Asked) -> Answer:
        answer = ask(asked)
        got.append(len(answer.content))
        return answer

    with made_up(counted) as (url, _):
        there = explain(Endpoint(f"{url}/query"), unit, JOB)
    here = explain(tmp_path / "one.nq", unit, JOB)
    for write in (as_json, as_markdown):
        assert write(here.account) == write(there.account)
    assert as_turtle(here, JOB) == as_turtle(there, JOB)
    assert len(got) < 50
    assert sum(got) < 100_000 < sum(map(len, lines)) // 10


def test_command_explains_from_a_server(apart: str, capsys: Captured) -> None:
    """With --endpoint there is no DATA; the output is that of the bundle."""
    put(apart, quads(EXAMPLE))
    said = []
    for data in ([str(EXAMPLE)], ["--endpoint", f"{apart}/query"]):
        code = main(["explain", *data, "I10", "J-improve"])
        said.append((code, capsys.readouterr().out))

    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Q"], "no incident `Q`; there are I01, I02, I03, I04, I05, … (43 in all)"),
        (["i1"], "no incident `i1`; did you mean I01?"),
        (["I10", "J-improv"], "did you mean J-improve?"),
        (["I10", "--coders", "ina"], "no coder `ina`; there are any, majority, all, ines, marc"),
        ([], "give UNIT and perhaps PROPOSITION, without DATA"),
        (["data", "I10", "J-improve"], "give UNIT and perhaps PROPOSITION, without DATA"),
    ],
)
def test_wrong_call_of_explain(apart: str, words: list[str], message: str, capsys: Captured) -> None:
    """What is wrong is one line that helps, as for a file."""
    put(apart, quads(EXAMPLE))
    code = main(["explain", "--endpoint", f"{apart}/query", *words])
    err = capsys.readouterr().err

    assert 2 == code
    assert message in err
    assert 1 == err.count("\n")


def test_unit_of_several_bundles(apart: str, tmp_path: Path) -> None:
    """An id that two bundles of a server have is asked for again with a bundle's name."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "codings.csv").write_text(f"incident,code,coder\nI1,Delight,{name}\n")
    put(apart, quads(tmp_path / "one", tmp_path / "two"))
    with pytest.raises(InputError, match="write one/I1 or two/I1"):
        explain(reader(apart), "I1", JOB)

    assert ("two",) == explain(reader(apart), "two/I1", JOB).account.explanations[0].coded_by


def test_coder_of_other_incidents(apart: str, tmp_path: Path) -> None:
    """A coder who coded other incidents only is known, as for a file."""
    (tmp_path / "some").mkdir()
    (tmp_path / "some/codings.csv").write_text("incident,code,coder\nI1,Delight,ada\nI2,Delight,bo\n")
    put(apart, quads(tmp_path / "some"))
    job = Job(coders="bo", every=True)

    assert explain(tmp_path / "some", "I1", job).verdicts == explain(reader(apart), "I1", job).verdicts


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    ['" } ; DROP ALL #', "\\u0022 }", "a\nb", "x> . ?s ?p ?o", "'''", '"""', "\\", "{", "}", "I1/I2", "/", "\ud800"]
)


@settings(max_examples=drawn(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(NAMES, NAMES)
def test_names_are_bound_and_never_pasted(apart: str, id: str, other: str) -> None:
    """Whatever an incident is called and whatever is asked for: the one of that name is found, and no other."""
    if "\ud800" in id or "\x00" in id:  # no text that a query could ask for
        return
    name = str(ox.Literal(id))
    put(
        apart,
        [
            f"<urn:i> {TYPE} <{EVCO}Incident> .",
            f"<urn:i> <{PREFIXES['dcterms']}identifier> {name} .",
            f"<urn:other> {TYPE} <{EVCO}Incident> .",
        ],
    )
    before = held(apart)
    found = gathered(reader(apart), JOB.vocabulary, id).lines()
    meant = other == id or other.endswith(f"/{id}")

    assert any(line.startswith("<urn:i> ") for line in found)
    assert not any(line.startswith("<urn:other> ") for line in found)
    assert meant == bool(gathered(reader(apart), JOB.vocabulary, other).lines())
    assert before == held(apart)


# Judged there


@pytest.mark.slow
def test_each_case_is_judged_alike_there(server: str, tmp_path: Path) -> None:
    """The queries, run as they are in the server over the view of all cases there, give the verdicts of a file."""
    lines = quads(*SOME)
    put(server, [*lines, *NOISE])

    assert from_file(lines, tmp_path) == derive_there(writer(server), JOB)


@pytest.mark.parametrize("part", some([9, 5_000], 2))
def test_verdicts_are_the_same_there(server: str, part: int, tmp_path: Path) -> None:
    """So they do for a few bundles, and where the view goes there in parts."""
    lines = quads(EXAMPLE, CASES / "verdicts")
    put(server, [*lines, *NOISE])

    assert from_file(lines, tmp_path) == derive_there(writer(server), JOB, part=part)


def test_what_is_written(apart: str) -> None:
    """The view, and with `write` the verdicts and the terms; all in place of what was there, and nothing else."""
    lines, job = quads(EXAMPLE), Job(coders="ines")
    bundle = "urn:evco:data:online-service"
    view, verdicts = view_graph(bundle, "ines"), verdict_graph(bundle, "ines")
    old = [f"<urn:old> <urn:p> <urn:o> <{graph}> ." for graph in (view, f"{view}/7", verdicts)]
    put(apart, [*lines, *old])
    wrote: list[str] = []
    derive_there(writer(apart), job, wrote=wrote.append)
    with_view = {line.rpartition(" <")[2][:-3] for line in held(apart)}

    assert [view] == wrote
    assert {bundle, f"{bundle}/codings", view, verdicts} == with_view

    wrote.clear()
    found = derive_there(writer(apart), job, write=True, wrote=wrote.append)
    after = held(apart)
    written = [line for line in after if line.endswith(f"<{verdicts}> .")]

    assert [view, verdicts, ONTOLOGY_IRI] == wrote
    assert len(found[1]) == sum(f"{TYPE} <{EVCO}Assessment>" in line for line in written)
    assert not any("urn:old" in line for line in after)
    assert found == derive_there(writer(apart), job, write=True)
    assert after == held(apart)


def test_nothing_is_written_unless_asked(apart: str, capsys: Captured) -> None:
    """Without --update-endpoint no command sends an update, and what the server holds stays as it was."""
    put(apart, quads(EXAMPLE))
    before = held(apart)
    with made_up(passed_on(apart)) as (url, asked):
        for words in (["derive"], ["explain", "I10"], ["agreement"]):
            assert 0 == main([*words, "--endpoint", f"{url}/query", "-q"])
        assert 2 == main(["derive", "--endpoint", f"{url}/query", "--write"])

    assert before == held(apart)
    assert {"/query"} == {one.path.partition("?")[0] for one in asked}
    assert all(one.query for one in asked)
    assert "--write goes with one store as DATA, or with --update-endpoint URL" in capsys.readouterr().err


def test_command_writes_and_says_so(apart: str, capsys: Captured) -> None:
    """With --update-endpoint the output is that of a bundle, and a remark names each graph that was written."""
    put(apart, quads(EXAMPLE))
    main(["derive", str(EXAMPLE), "--format", "csv"])
    expected = capsys.readouterr().out
    there = ["--endpoint", f"{apart}/query", "--update-endpoint", f"{apart}/update"]
    code = main(["derive", *there, "--write", "--format", "csv"])
    out, err = capsys.readouterr()

    assert (0, expected) == (code, out)
    assert (
        f"Written to {apart}/query: <urn:evco:data:online-service/view/any>, "
        f"<urn:evco:data:online-service/verdicts/any>, <{ONTOLOGY_IRI}>\n"
    ) == err
    assert 2 == main(["derive", str(EXAMPLE), *there])
    assert "import DATA there first" in capsys.readouterr().err


def test_verdicts_into_a_store(tmp_path: Path, capsys: Captured) -> None:
    """`derive STORE --write` puts the verdicts into the store, in place of older ones; other data take none."""
    store = tmp_path / "store"
    import_bundles([EXAMPLE], JOB, Store(store))
    before = Store(store, read_only=True).lines()
    first = derive_into(store, Job())
    after = Store(store, read_only=True).lines()

    assert first == derive_into(store, Job()) == derive_all([store], Job())
    assert after == Store(store, read_only=True).lines()
    added = {line.rpartition(" <")[2][:-3] for line in set(after) - set(before)}
    assert {"urn:evco:data:online-service/verdicts/any"} == added
    assert 2 == main(["derive", str(EXAMPLE), "--write"])
    assert "is no store, and verdicts are written only to a store or a server" in capsys.readouterr().err


def capped(server: str, most: int) -> Endpoint:
    """A server whose queries give no more than some rows."""
    endpoint = writer(server)
    select = Endpoint.select

    class Capped(Endpoint):
        def over(self, *graphs: str) -> Endpoint:
            there = Capped(self.url, update_url=self.update_url)
            there.graphs = graphs
            return there

        def select(self, query: str) -> list[dict[str, str]]:  # type: ignore[override]  # rows
            return [dict(row) for row in select(self, query)][: most if self.graphs else None]

    return Capped(endpoint.url, update_url=endpoint.update_url)


def test_server_that_gives_few_rows(apart: str, tmp_path: Path) -> None:
    """Where fewer rows come than there are units, the view goes there in smaller parts; too few are an error."""
    lines = quads(EXAMPLE)
    put(apart, lines)

    assert from_file(lines, tmp_path) == derive_there(capped(apart, 20), JOB)
    with pytest.raises(EngineError, match=r"the server gives only 0 of .* rows; raise its limit on results$"):
        derive_there(capped(apart, 0), JOB)


@pytest.mark.parametrize(
    "bent",
    [
        {"unit": "urn:nobody"},
        {"verdict": 'supports" . } ; DROP ALL'},
        {"fillers": "A=urn:nothing"},
        {"missing": "X"},
        {"grade": "splendid"},
    ],
)
def test_server_that_answers_otherwise(apart: str, bent: dict[str, str]) -> None:
    """A row that no query of ours can give is an error of one line, and never a verdict."""
    put(apart, quads(EXAMPLE))
    ask = passed_on(apart)

    def answer(asked: Asked) -> Answer:
        got = ask(asked)
        if b'"fillers"' in got.content:
            told = json.loads(got.content)
            for name, value in bent.items():
                told["results"]["bindings"][0][name] = {"type": "uri" if name == "unit" else "literal", "value": value}
            got.content = json.dumps(told).encode()
        return got

    with made_up(answer) as (url, _), pytest.raises(EngineError, match="with what it was not asked for") as raised:
        derive_there(Endpoint(f"{url}/query", update_url=f"{apart}/update"), JOB)

    assert "\n" not in str(raised.value)


HOSTILE = ['a" } ; DROP ALL #', "x> <urn:p> <urn:o> . <", "é\n{}", "a/../b", "%3E\\u003E"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_names(apart: str, name: str, tmp_path: Path) -> None:
    """Bundles, incidents and coders may be called anything: nothing of it is taken for SPARQL."""
    folder = tmp_path / "some"
    folder.mkdir()
    said = name.replace('"', '""')
    (folder / "codings.csv").write_text(
        f'incident,code,valence,bearer,coder\n"{said}",Delight,,customer,"{said}"\n"{said}",Review,positive,customer,"{said}"\n'
    )
    job = Job(coders=name, every=True)
    lines = quads(folder)
    put(apart, lines)
    found = derive_there(writer(apart), job, write=True)
    known = {f"urn:evco:data:some{end}" for end in ("", "/codings")}
    known |= {view_graph("urn:evco:data:some", name), verdict_graph("urn:evco:data:some", name), ONTOLOGY_IRI}

    assert from_file(lines, tmp_path, job) == found
    assert {name} == {verdict.unit for verdict in found[1]}
    assert known == {line.rpartition(" <")[2][:-3] for line in held(apart)}
    assert found[1]
    assert explain(reader(apart), name, job).verdicts


@settings(max_examples=drawn(100), deadline=None)
@given(st.text(min_size=1).filter(lambda one: not any(0xD800 <= ord(letter) < 0xE000 for letter in one)))
def test_graphs_are_named_by_iris(coders: str) -> None:
    """The graph of a view or of verdicts is an IRI with one more step, whatever a coder is called."""
    for made in (view_graph("urn:b", coders), verdict_graph("urn:b", coders)):
        assert ox.NamedNode(made).value == made
        assert 2 == made.count("/")
        assert made.isascii()


@pytest.mark.slow
def test_many_incidents_are_judged_alike(apart: str, tmp_path: Path) -> None:
    """Over generated incidents, many per part: the rows of the local run, read from the server, and judged in it."""
    write_bundle(tmp_path / "many", 2_000, lean=True)
    put(apart, quads(tmp_path / "many"))
    local = derive_all([tmp_path / "many"], Job())[1]

    assert local == derive_all([reader(apart)], Job())[1]
    assert local == derive_there(writer(apart), Job(), part=900)[1]
    assert len(local) > 2_000
