"""Reading: what is wrong is one finding with its file and row, what is right goes through; tables and graphs alike.

Why two kinds of cases: what a cell may hold is shown by bundles in `cases/read/` (tables, the findings they must yield,
and the ids of the rows that must go through); what a file may be made of, down to its bytes, by tables in this file.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import oracle
import pyoxigraph as ox
import pytest
from drawn import drawn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strategies import bundles, write

from kgtools.errors import InputError
from kgtools.model import Actor, Coding, Finding, Incident, Verdict
from kgtools.pipeline import Job, derive_all
from kgtools.pipeline.carry import lifted
from kgtools.read import Bundle, Chunk, is_bundle, read, read_bundle, read_graph
from kgtools.store import Store, write_rdf
from kgtools.vocabulary import EVCO, Vocabulary
from kgtools.write import sorted_findings

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases" / "read").glob("*/findings.csv"))
WORKED = Path(__file__).parent / "cases" / "verdicts"
COLUMNS = ("severity", "shape", "path", "value", "file", "row", "incident")
VOCABULARY = Vocabulary.read()
JOB = Job(every=True)
BRIEFLY = settings(max_examples=drawn(20), deadline=None, suppress_health_check=list(HealthCheck))
AT_LENGTH = settings(max_examples=drawn(200), deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def folder_with(**files: str | bytes) -> Iterator[Path]:
    """A bundle called `b`, of tables by their name without `.csv`."""
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "b"
        folder.mkdir()
        for name, content in files.items():
            (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        yield folder


def read_codings(content: str | bytes) -> Bundle:
    """A bundle of one table `codings.csv`."""
    with folder_with(codings=content) as folder:
        return read_bundle(folder, VOCABULARY)


def all_codings(bundle: Bundle) -> list[Coding]:
    """The codings of a bundle, incident by incident."""
    return [coding for chunk in bundle.chunks() for codings in chunk.codings.values() for coding in codings]


def ids(bundle: Bundle) -> list[str]:
    """The ids of the codings of a bundle."""
    return [coding.id for coding in all_codings(bundle)]


def rows(findings: list[Finding]) -> list[tuple[str, int | None]]:
    """Which rule was broken in which row."""
    return [(finding.shape, finding.row) for finding in sorted_findings(findings)]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_findings_of_a_case(folder: Path) -> None:
    """What is wrong in a bundle is found, each thing once, with its file and row."""
    with (folder / "findings.csv").open(encoding="utf-8", newline="") as file:
        expected = sorted(tuple(row[name] for name in COLUMNS) for row in csv.DictReader(file))
    found = read_bundle(folder, VOCABULARY).findings

    assert expected == sorted(tuple(str(getattr(one, name) or "") for name in COLUMNS) for one in found)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_rows_of_a_case_that_are_right(folder: Path) -> None:
    """The rows beside those that are wrong go through."""
    expected = (folder / "taken.txt").read_text("utf-8").split()

    assert expected == ids(read_bundle(folder, VOCABULARY))


def test_cases_are_found() -> None:
    """The glob over the cases is not empty."""
    assert len(CASES) >= 10


def case(name: str) -> Path:
    """The folder of a case."""
    return next(folder for folder in CASES if folder.name == name)


def test_defined_class_says_what_to_write() -> None:
    """Where a class is inferred and never coded, the finding says what to write instead."""
    said = {one.value: one.message for one in read_bundle(case("codes"), VOCABULARY).findings}

    assert said["CoCreatedValue"].endswith("with valence positive")
    assert said["evco:CoDestroyedValue"].endswith("with valence negative")
    assert said["evco:Delihgt"].endswith("did you mean `Delight`?")


def test_unmapped_code_is_counted() -> None:
    """A code that is no term is reported once, with how many rows have it."""
    (said,) = (one for one in read_bundle(case("codes"), VOCABULARY).findings if one.value == "happy customer")

    assert "(2 rows)" in said.message


def test_whole_number_from_a_spreadsheet() -> None:
    """`2.0` is the whole number 2, and a step may be negative."""
    assert [1, 2, -3] == [coding.step for coding in all_codings(read_bundle(case("cells"), VOCABULARY))]


def test_first_right_row_of_an_incident_stays() -> None:
    """A row of an incident that is left out makes room for a later one that is right."""
    (chunk,) = read_bundle(case("incidents"), VOCABULARY).chunks()
    first = chunk.incidents[0]

    assert ("I1", EVCO + "Forum", 3) == (first.id, first.channel, first.place.row if first.place else None)


def test_dates_are_written_as_xml_schema_has_them() -> None:
    """Times get seconds and a colon in their offset; years and months stay."""
    (chunk,) = read_bundle(case("incidents"), VOCABULARY).chunks()

    assert ["2015-02-24T11:35:52-08:00", "2015"] == [one.occurred_on for one in chunk.incidents if one.occurred_on]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-21", "2026-11-21"),
        ("2026-11", "2026-11"),
        ("2026-11-21 14:30", "2026-11-21T14:30:00"),
        ("2026-11-21T14:30:05.25Z", "2026-11-21T14:30:05.25Z"),
        ("2026-11-21 14:30:05 +01", "2026-11-21T14:30:05+01:00"),
        ("2026-11-21T14:30+0530", "2026-11-21T14:30:00+05:30"),
        ("2026-11-31", None),
        ("2026-13", None),
        ("2026-11-21T25:00", None),
        ("2026-11-21T14:30:75", None),
        ("2026-11-21T14:30Z05", None),
        ("2026-11-21T14:30+99:00", None),
        ("tomorrow", None),
    ],
)
def test_date(written: str, meant: str | None) -> None:
    """A date is taken in the forms of ISO 8601 that tools export, and only if there is such a day."""
    found = [coding.coded_at for coding in all_codings(read_codings(f"incident,code,coded_at\nI1,Review,{written}\n"))]

    assert ([meant] if meant else []) == found


def test_incident_that_only_codings_name() -> None:
    """An incident that has codings and no row exists, after those that have one."""
    (chunk,) = read_bundle(case("incidents"), VOCABULARY).chunks()

    assert ["I1", "I7", "unlisted", "I4"] == [incident.id for incident in chunk.incidents]


def test_circle_is_dropped_and_what_hangs_on_it_stays() -> None:
    """Incidents that follow each other in a circle start chains; those after one of them stay in its chain."""
    (chunk,) = read_bundle(case("follows"), VOCABULARY).chunks()
    follows = {incident.id: (incident.follows, incident.chain) for incident in chunk.incidents}

    assert {"I2": (None, "I2"), "I3": (None, "I3"), "I4": (None, "I4"), "I5": ("I4", "I4"), "I6": ("I5", "I4")} == {
        id: follows[id] for id in ("I2", "I3", "I4", "I5", "I6")
    }


def test_links_that_stay() -> None:
    """Of a row's links those that lead somewhere in the chain stay, also into the next incident."""
    links = {coding.id: coding.leads_to for coding in all_codings(read_bundle(case("links"), VOCABULARY))}

    assert {"start": ("good",), "good": ("next",)} == {id: ends for id, ends in links.items() if ends}


def test_teller_who_is_no_customer_says_nothing() -> None:
    """`told_by` is kept where it names a customer, whatever else that one is."""
    (chunk,) = read_bundle(case("tellers"), VOCABULARY).chunks()

    assert ["anna", None, None, None, "both"] == [incident.told_by for incident in chunk.incidents]


def test_unknown_columns_are_kept() -> None:
    """Columns that are none of ours are kept with what they belong to, those of one name apart."""
    (chunk,) = read_bundle(case("columns"), VOCABULARY).chunks()

    assert (("ward", "north"),) == chunk.incidents[0].extra
    assert (("mood", "sunny"), ("column 5", "x"), ("mood 2", "rainy")) == chunk.codings["I1"][0].extra
    assert () == chunk.codings["I1"][1].extra


def test_unknown_columns_of_actors_are_kept() -> None:
    """The same for those who are named."""
    (chunk,) = read_bundle(case("actors"), VOCABULARY).chunks()

    assert (("age", "30"),) == chunk.actors["anna"].extra


def test_tsv() -> None:
    """In a .tsv, tabs separate cells, quotes hold one that has a tab, and commas are text."""
    (coding,) = all_codings(read_bundle(case("tabs"), VOCABULARY))

    assert "one\tcell" == coding.segment


# --- Files, down to their bytes --------------------------------------------------------------------------------------

HEAD = b"id,incident,code,segment\n"
LOST = "row:unreadable"

BYTES: dict[str, tuple[bytes, list[str], list[tuple[str, int | None]]]] = {
    "byte order mark": (b"\xef\xbb\xbf" + HEAD + b"a,I1,Review,\n", ["a"], []),
    "CRLF": (HEAD.replace(b"\n", b"\r\n") + b"a,I1,Review,x\r\nb,I1,Trust,\r\n", ["a", "b"], []),
    "no line end at the end": (HEAD + b"a,I1,Review,x", ["a"], []),
    "blank lines": (HEAD + b"\n  \n\na,I1,Review,\n,,,\n\r\nb,I1,Nix,\n", ["a", "b"], [("code:unmapped", 8)]),
    "breaks in a cell": (
        HEAD + b'a,I1,Review,"one\ntwo\r\n\nfour"\nb,I1,CoCreatedValue,\n',
        ["a"],
        [("coding:code", 6)],
    ),
    "ragged rows": (HEAD + b"a,I1\nb,I1,Review,x,y\nc,I1,Review,\n", ["c"], [(LOST, 2), (LOST, 3)]),
    "no UTF-8": (HEAD + b"a,I1,Review,caf\xe9\nb,I1,Review,\n", ["b"], [(LOST, 2)]),
    "NUL": (HEAD + b"a,I1,Review,x\0y\nb,I1,Review,\n", ["b"], [(LOST, 2)]),
    "unclosed quotation mark": (
        HEAD + b'a,I1,Review,"oh\nb,I1,Review,\nc,I1,Review,"well"\nd,I1,Nix,\n',
        ["b", "c", "d"],
        [(LOST, 2), ("code:unmapped", 5)],
    ),
    "unclosed in the last row": (HEAD + b'a,I1,Review,\nb,I1,Review,"oh', ["a"], [(LOST, 3)]),
    "mark in the middle": (HEAD + b'a,I1,Review,5" nail\nb,I1,Review,"5"" nail"\n', ["b"], [(LOST, 2)]),
    "lone carriage return": (HEAD + b"a,I1,Review,x\ry\nb,I1,Review,\n", ["b"], [(LOST, 2)]),
    "names of columns in quotes": (b'"id","incident","code"\n"a","I1","Review"\n', ["a"], []),
    "header only": (HEAD, [], [("table:empty", 1)]),
    "white space": (HEAD + " a ,\tI1, Review\xa0,\n".encode(), ["a"], []),
    "two columns of one name": (b"id,incident,code,code\na,I1,Review,Nix\n", ["a"], [("table:column", 1)]),
    "numbered name taken": (
        b"id,incident,code,code 2,code\na,I1,Review,x,y\n",
        ["a"],
        [("table:column", 1), ("table:column", 1)],
    ),
    "unusual line breaks in a cell": (HEAD + "a,I1,Review,x\u2028y\x0bz\x85\n".encode(), ["a"], []),
}


@pytest.mark.parametrize(("content", "taken", "found"), BYTES.values(), ids=BYTES.keys())
def test_bytes(content: bytes, taken: list[str], found: list[tuple[str, int | None]]) -> None:
    """What cannot be read costs its own row and no other; row numbers are lines of the file."""
    bundle = read_codings(content)

    assert taken == ids(bundle)
    assert found == rows(bundle.findings)


def test_megabyte_in_a_cell() -> None:
    """A narrative may be long."""
    long = "lorem ipsum, " * 80_000
    (coding,) = all_codings(read_codings(f'incident,code,segment\nI1,Review,"{long}"\n'))

    assert long.strip() == coding.segment


def test_breaks_in_a_cell_are_kept() -> None:
    """Line breaks inside quotes belong to the cell."""
    (coding,) = all_codings(read_codings('incident,code,segment\nI1,Review,"a\r\nb\n""c"""\n'))

    assert 'a\r\nb\n"c"' == coding.segment


def test_row_without_id_is_called_by_its_line() -> None:
    """A row without an id is named by its line, and never like one that has such an id."""
    bundle = read_codings("id,incident,code\n,I1,Review\n,I1,Trust\nrow-2,I1,Delight\n")

    assert ["(row-2)", "row-3", "row-2"] == ids(bundle)
    assert 3 == len({coding.iri for coding in all_codings(bundle)})


REFUSED: dict[str, tuple[bytes, str]] = {
    "semicolons": (b"incident;code\nI1;Review\n", "codings.csv:1: its columns are not separated by commas"),
    "UTF-16": ("incident,code\n".encode("utf-16"), "codings.csv: is UTF-16; save the table as UTF-8"),
    "UTF-16 without a mark": ("incident,code\n".encode("utf-16-le"), "codings.csv:1: the header cannot be read"),
    "empty": (b"", "codings.csv: is empty; a header row was expected"),
    "blank": (b"\n \n", "codings.csv: is empty; a header row was expected"),
    "no code": (b"incident,valence\nI1,positive\n", "codings.csv:1: no column `code`; found incident, valence"),
    "no incident": (b"code\nReview\n", "codings.csv:1: no column `incident`; found code"),
    "old Macintosh": (b"incident,code\rI1,Review\r", "codings.csv:1: the header cannot be read"),
    "a megabyte for a name": (b"incident,code," + b"x" * 2**20 + b"\n", "codings.csv:1: the header cannot be read"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_table_that_cannot_be_read(content: bytes, message: str) -> None:
    """Where no row could be read, one line says which file, and what would be right."""
    with pytest.raises(InputError) as raised:
        read_codings(content)

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_folder_that_is_missing(tmp_path: Path) -> None:
    """A bundle that is not there."""
    with pytest.raises(InputError, match="no such file or folder"):
        read(tmp_path / "nowhere", VOCABULARY)


def test_two_tables_of_codings(tmp_path: Path) -> None:
    """Which of two tables is meant cannot be guessed."""
    for name in ("codings.csv", "codings.tsv"):
        (tmp_path / name).write_text("incident,code\n")

    with pytest.raises(InputError, match=r"has codings\.csv and codings\.tsv; keep one of them"):
        read(tmp_path, VOCABULARY)


def test_no_table_of_codings(tmp_path: Path) -> None:
    """Incidents alone are no bundle."""
    (tmp_path / "incidents.csv").write_text("incident\nI1\n")

    with pytest.raises(InputError, match=r"has no table `codings\.csv`"):
        read(tmp_path, VOCABULARY)


def test_one_table(tmp_path: Path) -> None:
    """A single table is a bundle, called by its name."""
    (tmp_path / "study.csv").write_text("incident,code\nI1,Review\n")
    (bundle,) = read(tmp_path / "study.csv", VOCABULARY)

    assert is_bundle(tmp_path / "study.csv")
    assert ("study", "urn:evco:data:study", 1) == (bundle.name, bundle.iri, bundle.count())


@pytest.mark.parametrize("name", ["study.docx", "study.ttl", "study"])
def test_file_that_is_no_data(tmp_path: Path, name: str) -> None:
    """A file of another kind, or with something else inside, is refused by name."""
    (tmp_path / name).write_text("Dear diary")

    with pytest.raises(InputError, match=name):
        read(tmp_path / name, VOCABULARY)


def accounted(bundle: Bundle) -> None:
    """Each row of the codings was taken in, or is a violation."""
    lost = {
        finding.row
        for finding in bundle.findings
        if finding.severity == "violation" and finding.file == "codings.csv" and finding.shape != "coding:leads-to"
    }

    assert bundle.rows_read == bundle.rows_taken + len(lost)


def taken_or_found(content: bytes) -> None:
    """A file ends in findings or in one InputError, and no row vanishes."""
    try:
        bundle = read_codings(content)
    except InputError:
        return
    all_codings(bundle)
    accounted(bundle)


ANY_BYTES = st.binary(max_size=60).map(lambda tail: HEAD + tail) | st.binary(max_size=20)
CELLS = st.text(st.sampled_from(list('ab ;,"\n\r\t\\é\u2028\x00')), max_size=4) | st.sampled_from(
    ["I1", "Review", "evco:Trust", "evco:Nix", "CoCreatedValue", "positive", "2.0", "x", "customer", "absent"]
)
ROWS = st.lists(st.lists(CELLS, min_size=5, max_size=7).map(",".join), max_size=5)
NEARLY_ROWS = ROWS.map(lambda lines: "\n".join(["id,incident,code,valence,step,leads_to", *lines]).encode())


@BRIEFLY
@given(ANY_BYTES | NEARLY_ROWS)
@example(HEAD + b'"\n"')
@example(b"\xff")
@example(b"incident,code\n\xc2\x85,\xe2\x80\xa8\n")
def test_any_bytes(content: bytes) -> None:
    """Whatever a file holds ends in findings or in one InputError, and no row vanishes."""
    taken_or_found(content)


@pytest.mark.slow
@AT_LENGTH
@given(ANY_BYTES | NEARLY_ROWS)
def test_any_bytes_at_length(content: bytes) -> None:
    """The same on many more files."""
    taken_or_found(content)


LINES = st.lists(
    st.lists(st.text(st.sampled_from("ab é\x01"), max_size=3), min_size=1, max_size=5).map(",".join), max_size=8
)


@settings(BRIEFLY, max_examples=12)
@given(LINES)
def test_every_line_is_accounted_for(lines: list[str]) -> None:
    """Without quotes, each line that is not blank is a coding that was taken in, or a violation, by its number."""
    bundle = read_codings("\n".join(["incident,code,segment", *lines]))
    taken = {coding.place.row for coding in all_codings(bundle)}
    lost = {finding.row for finding in bundle.findings if finding.severity == "violation"}

    assert {number for number, line in enumerate(lines, 2) if line.strip(" ,")} == taken | lost
    assert set() == taken & lost


# --- Chunks ----------------------------------------------------------------------------------------------------------


def of(chunks: list[Chunk]) -> tuple[list[Incident], list[Coding], set[str]]:
    """What some chunks hold together."""
    codings = [coding for chunk in chunks for group in chunk.codings.values() for coding in group]
    actors = {actor for chunk in chunks for actor in chunk.actors}
    return [incident for chunk in chunks for incident in chunk.incidents], codings, actors


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_chunks_hold_whole_chains(size: int) -> None:
    """A chain is never cut, and chunks are no bigger than they must be for that."""
    chunks = list(read_bundle(WORKED, VOCABULARY).chunks(size))
    places = [{incident.chain for incident in chunk.incidents} for chunk in chunks]
    longest = max(
        len([one for one in chunk.incidents if one.chain == chain])
        for chunk in chunks
        for chain in {one.chain for one in chunk.incidents}
    )

    assert sum(map(len, places)) == len(set().union(*places))
    assert all(len(chunk.incidents) < size + longest for chunk in chunks)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_chunk_size_changes_nothing(size: int) -> None:
    """What comes out is the same however it is cut."""
    bundle = read_bundle(WORKED, VOCABULARY)
    incidents, codings, actors = of(list(bundle.chunks(size)))
    whole = of(list(bundle.chunks(10_000)))

    assert sorted(whole[0], key=repr) == sorted(incidents, key=repr)
    assert sorted(whole[1], key=repr) == sorted(codings, key=repr)
    assert whole[2] == actors


# --- Graphs ----------------------------------------------------------------------------------------------------------

SYNTAXES = (".nq", ".ttl", ".trig", ".rdf", ".jsonld", ".nt")


def through(bundle: Bundle, ending: str) -> Bundle:
    """A bundle lifted, written in a syntax, and read back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph{ending}"
        write_rdf(lifted([bundle], JOB), path)
        (found,) = read(path, VOCABULARY)
        return found


def kept(coding: Coding) -> Coding:
    """What a graph keeps of a coding: a term has no other name there, a purpose is its element's, and of what is no
    term there is nothing but the code."""
    if coding.term is None:
        return replace(
            coding, absent=False, valence=None, bearer=None, toward=None, step=None, element=None, leads_to=()
        )
    return replace(coding, element_iri=None, purpose=None, code="", leads_to=tuple(sorted({*coding.leads_to})))


def content(bundle: Bundle) -> tuple[set[Incident], set[Coding], set[Actor]]:
    """The incidents, codings and actors of a bundle."""
    chunks = list(bundle.chunks())
    return (
        {incident for chunk in chunks for incident in chunk.incidents},
        {kept(coding) for coding in all_codings(bundle)},
        {actor for chunk in chunks for actor in chunk.actors.values()},
    )


@pytest.mark.parametrize("ending", SYNTAXES)
def test_graph_of_the_worked_cases(ending: str) -> None:
    """Lifted, written in any syntax and read back, a bundle is what it was, without a finding."""
    bundle = read_bundle(WORKED, VOCABULARY)
    found = through(bundle, ending)

    assert [] == found.findings
    assert content(bundle) == content(found)


def reads_the_same(made: oracle.Bundle, ending: str) -> None:
    """A bundle's graph has its codings, incidents and actors, and lifts to the same quads."""
    with folder_with() as folder:
        write(made, folder)
        bundle = read_bundle(folder, VOCABULARY)
        if bundle.count() == 0:
            return
        found = through(bundle, ending)

        assert content(bundle) == content(found)
        assert set(lifted([bundle], JOB)) == set(lifted([found], JOB))


@settings(BRIEFLY, max_examples=8)
@given(bundles(), st.sampled_from(SYNTAXES))
def test_graph_of_any_bundle(made: oracle.Bundle, ending: str) -> None:
    """The same for random bundles, and lifting what was read gives the same quads again."""
    reads_the_same(made, ending)


@pytest.mark.slow
@AT_LENGTH
@given(bundles(), st.sampled_from(SYNTAXES))
def test_graph_of_any_bundle_at_length(made: oracle.Bundle, ending: str) -> None:
    """The same on many more bundles."""
    reads_the_same(made, ending)


def verdicts(path: Path) -> list[Verdict]:
    """All verdicts on some data."""
    return derive_all([path], JOB)[1]


@settings(BRIEFLY, max_examples=4)
@given(bundles(), st.sampled_from(SYNTAXES))
def test_verdicts_on_a_graph(made: oracle.Bundle, ending: str) -> None:
    """The verdicts on a bundle and on its graph are the same, evidence and all."""
    with folder_with() as folder:
        write(made, folder)
        bundle = read_bundle(folder, VOCABULARY)
        if bundle.count() == 0:
            return
        graph = folder.parent / f"graph{ending}"
        write_rdf(lifted([bundle], JOB), graph)

        assert verdicts(folder) == verdicts(graph)


PREFIX = """@prefix evco: <https://w3id.org/evco#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix oa: <http://www.w3.org/ns/oa#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix ex: <https://example.org/> .
"""


def graphs(turtle: str) -> list[Bundle]:
    """What stands in hand-made Turtle (or TriG)."""
    store = Store()
    store.inner.load((PREFIX + turtle).encode(), ox.RdfFormat.TRIG)
    return read_graph(store, "hand", VOCABULARY)


BY_HAND = """
ex:first a evco:Incident ; evco:viaChannel ex:forum ; evco:toldBy ex:anna ;
    evco:hasElement ex:delight , ex:review , ex:joy ; evco:recordsAbsence ex:none .
ex:second a evco:Incident ; evco:follows ex:first ; evco:viaChannel ex:forum .
ex:forum a evco:Forum ; rdfs:label "The forum"@en , "Das Forum"@de .
ex:anna a evco:Customer ; rdfs:label "Anna" .
ex:delight a evco:Delight ; evco:bearer ex:anna ; evco:ledTo ex:review .
ex:review a evco:Review ; evco:valence evco:positive ; evco:bearer ex:anna ; evco:step 2 ; evco:ledTo ex:joy .
ex:joy a evco:EmotionalValue ; evco:valence evco:positive ; evco:beneficiary ex:anna .
ex:none a evco:AbsenceRecord ; evco:absenceOf evco:Complaint .
"""


def test_graph_made_by_hand() -> None:
    """Own IRIs, no identifiers, no codings: elements count as coded by one coder without a name, with their links."""
    (bundle,) = graphs(BY_HAND)
    ((first, second),) = (chunk.incidents for chunk in bundle.chunks())
    found = {
        coding.id.rpartition("/")[2]: (coding.term, coding.bearer, coding.coder, coding.leads_to)
        for coding in all_codings(bundle)
    }

    assert [] == bundle.findings
    assert ("hand", "urn:evco:data:hand") == (bundle.name, bundle.iri)
    assert "https://example.org/first" == first.id == first.iri == second.follows == second.chain
    assert "https://example.org/anna" == first.told_by
    assert (EVCO + "Forum", "Das Forum") == (first.channel, first.platform)
    assert {
        "delight": (EVCO + "Delight", "https://example.org/anna", None, ("https://example.org/review",)),
        "review": (EVCO + "Review", "https://example.org/anna", None, ("https://example.org/joy",)),
        "joy": (EVCO + "EmotionalValue", "https://example.org/anna", None, ()),
        "none": (EVCO + "Complaint", None, None, ()),
    } == found


def test_verdict_on_a_graph_made_by_hand(tmp_path: Path) -> None:
    """Hand-made Turtle is judged as a table would be, and its evidence is its own IRIs."""
    (tmp_path / "hand.ttl").write_text(PREFIX + BY_HAND)
    (said,) = (
        one
        for one in verdicts(tmp_path / "hand.ttl")
        if one.verdict == "supports" and one.unit_type == "incident" and one.proposition == "Z-delight"
    )

    assert ("https://example.org/first", "linked") == (said.unit, said.grade)
    assert ("https://example.org/delight", "https://example.org/joy", "https://example.org/review") == said.evidence


def test_graph_made_by_hand_is_lifted_again() -> None:
    """What was read from a graph keeps its IRIs where it is lifted, and invents no rows."""
    (bundle,) = graphs(BY_HAND)
    lines = list(lifted([bundle], JOB))

    assert any(
        line.startswith(f"<https://example.org/second> <{EVCO}follows> <https://example.org/first> ") for line in lines
    )
    assert any(
        line.startswith(f"<https://example.org/delight> <{EVCO}ledTo> <https://example.org/review> ") for line in lines
    )
    assert not any("None" in line or f"<{EVCO}row>" in line for line in lines)


def test_data_without_codings() -> None:
    """Of a lifted bundle the graph of data alone is enough: who coded is lost, what figures is not."""
    bundle = read_bundle(WORKED, VOCABULARY)
    store = Store()
    store.add(line for line in lifted([bundle], JOB) if line.endswith(f"<{bundle.iri}> ."))
    (found,) = read_graph(store, "data", VOCABULARY)
    linked = sum(1 for coding in all_codings(found) if coding.leads_to)

    assert [] == [finding for finding in found.findings if finding.severity == "violation"]
    assert linked > 0
    assert {None} == {coding.coder for coding in all_codings(found)}


def test_classes_above_are_no_codes() -> None:
    """After inference an element, a channel and a role have the classes above theirs too; the lowest is what counts."""
    (bundle,) = graphs("""
        ex:i a evco:Incident , owl:Thing , prov:Activity ; evco:viaChannel ex:c ; evco:hasElement ex:e .
        ex:c a evco:Forum , evco:OnlineChannel , evco:Channel , owl:NamedIndividual .
        ex:e a evco:Review , evco:InfluencingBehavior , evco:EngagementBehavior , evco:Act , evco:Element , owl:Thing ,
            prov:Activity , ex:Own , evco:CoCreatedValue ; evco:bearer ex:r ; evco:beneficiary ex:r .
        ex:r a evco:GovernmentBody , evco:OtherStakeholder , evco:Actor , prov:Agent ; evco:roleIn ex:i .
        """)
    (coding,) = all_codings(bundle)
    ((incident,),) = (chunk.incidents for chunk in bundle.chunks())

    assert [] == bundle.findings
    assert (EVCO + "Review", "government") == (coding.term, coding.bearer)
    assert EVCO + "Forum" == incident.channel


def test_two_bundles_in_a_graph_stay_apart() -> None:
    """Each bundle of a graph is read for itself, also where both call somebody or something the same."""
    with folder_with(
        codings="id,incident,code,bearer,leads_to\na,I1,Delight,anna,b\nb,I1,Review,anna,\n",
        actors="actor,role\nanna,customer\n",
    ) as folder:
        twin = folder.parent / "twin"
        shutil.copytree(folder, twin)
        pair = [read_bundle(folder, VOCABULARY), read_bundle(twin, VOCABULARY)]
        store = Store()
        store.add(lifted(pair, JOB))
        found = read_graph(store, "both", VOCABULARY)

        assert ["b", "twin"] == [bundle.name for bundle in found]
        assert [[], []] == [bundle.findings for bundle in found]
        assert [content(bundle) for bundle in pair] == [content(bundle) for bundle in found]


def test_strays_beside_a_bundle() -> None:
    """Incidents that are part of no bundle are one, called as the caller says."""
    found = graphs(
        """ex:b a evco:Bundle ; dcterms:identifier "mine" .
        ex:i a evco:Incident ; dcterms:isPartOf ex:b . ex:j a evco:Incident ."""
    )

    assert [("mine", 1), ("hand", 1)] == [(bundle.name, bundle.count()) for bundle in found]


@pytest.mark.parametrize(
    ("turtle", "shape"),
    [
        ("ex:i a evco:Incident ; evco:hasElement ex:e .", "coding:code"),
        ("ex:i a evco:Incident ; evco:hasElement ex:e . ex:e a evco:CoCreatedValue .", "coding:code"),
        ("ex:i a evco:Incident ; evco:recordsAbsence ex:e . ex:e a evco:AbsenceRecord .", "coding:code"),
        ("ex:i a evco:Incident ; evco:hasElement ex:e . ex:e a evco:Review ; evco:bearer ex:who .", "coding:bearer"),
        (
            "ex:i a evco:Incident ; evco:hasElement ex:e . ex:e a evco:Review ; evco:valence evco:good .",
            "coding:valence",
        ),
        ("ex:i a evco:Incident ; evco:hasElement ex:e . ex:e a evco:Review ; evco:step 1.5 .", "coding:step"),
        ("ex:i a evco:Incident ; evco:follows ex:j .", "incident:follows"),
        (
            'ex:i a evco:Incident ; dcterms:identifier "x" . ex:j a evco:Incident ; dcterms:identifier "x" .',
            "incident:repeated",
        ),
    ],
)
def test_fault_in_a_graph(turtle: str, shape: str) -> None:
    """What is wrong in a graph is the finding that it would be in a table, with its node where there is no row."""
    (bundle,) = graphs(turtle)
    (finding,) = bundle.findings

    assert ("violation", shape, None) == (finding.severity, finding.shape, finding.row)
    assert finding.message


def test_class_of_somebody_else() -> None:
    """An element with a class that nobody knows is kept as a plain annotation, as an unmapped code is."""
    (bundle,) = graphs("ex:i a evco:Incident ; evco:hasElement ex:e . ex:e a ex:Joy .")
    (coding,) = all_codings(bundle)

    assert [("code:unmapped", None)] == rows(bundle.findings)
    assert (None, "https://example.org/Joy") == (coding.term, coding.code)


BLANK = """
[] a evco:Incident ; dcterms:identifier "I1" ; evco:viaChannel [ a evco:Forum ] ; evco:hasElement _:d , _:r , [
    a evco:EmotionalValue ; evco:valence evco:positive ; evco:beneficiary [ a evco:Customer ; evco:roleIn [] ] ] .
_:d a evco:Delight ; evco:ledTo _:r .
_:r a evco:Review ; evco:valence evco:positive .
"""


def test_blank_nodes() -> None:
    """Blank nodes get IRIs that follow from what the graph says: reading it again gives the same."""
    (one,), (other,) = graphs(BLANK), graphs(BLANK)
    codings = all_codings(one)

    assert [] == one.findings
    assert {EVCO + "Delight", EVCO + "Review", EVCO + "EmotionalValue"} == {coding.term for coding in codings}
    assert 1 == sum(len(coding.leads_to) for coding in codings)
    assert all(coding.iri.startswith("urn:evco:data:hand/node/") for coding in codings)
    assert content(one) == content(other)


def test_graph_without_incidents(tmp_path: Path) -> None:
    """RDF that is about something else is no data."""
    (tmp_path / "other.ttl").write_text("<urn:a> <urn:b> <urn:c> .")

    with pytest.raises(InputError, match=r"holds no evco:Incident"):
        read(tmp_path / "other.ttl", VOCABULARY)
