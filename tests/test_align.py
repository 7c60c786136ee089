"""Alignments: tables are read and written, what is wrong with them is found, and they become bridges."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import process_time
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from kgtools.align import Alignment, alignments, bridge, check, joined, read_alignment, refused, write_sssom
from kgtools.align.bridge import catalog, files_of, iri_of, version_iri_of
from kgtools.align.terms import Terms
from kgtools.cli import main
from kgtools.errors import EngineError, InputError
from kgtools.model import Finding
from kgtools.reason import OwlApi, violations
from kgtools.vocabulary import PREFIXES, Names, folder

CASES = Path(__file__).parent / "cases/alignment"
FAULTS = CASES / "faults"
TARGET = CASES / "target.ttl"
TABLES = sorted(FAULTS.glob("*.sssom.tsv"))

HEAD = "#mapping_set_id: urn:x:set\n#curie_map:\n#  evco: https://w3id.org/evco#\n#  shop: https://example.org/shop#\n"
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tcomment\n"
ROW = "evco:Act\tskos:closeMatch\tshop:Event\tsemapv:ManualMappingCuration\t0.5\twhy\n"


def written(table: Alignment) -> bytes:
    file = BytesIO()
    write_sssom(table, file)
    return file.getvalue()


def triples(turtle: str) -> list[ox.Quad]:
    return list(ox.parse(turtle.encode(), ox.RdfFormat.TURTLE))


# Reading and writing


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "has no head"),
        (COLUMNS + ROW, 1, "has no head"),
        ("#a: [1\n" + COLUMNS, 2, "not a YAML file"),
        ("#curie_map:\n#  evco: urn:e\n" + COLUMNS + ROW, None, "`mapping_set_id` is missing"),
        (HEAD + "#license: http://x/>\n" + COLUMNS + ROW, None, "`license` is `http://x/>`, which is no IRI"),
        (HEAD.replace("urn:x:set", "../mine") + COLUMNS + ROW, None, "`mapping_set_id` is `../mine`, which is no IRI"),
        (HEAD + "#license: CC-BY\n" + COLUMNS + ROW, None, "`license` is `CC-BY`, which is no IRI; write one, such as"),
        (HEAD.replace("evco#", "evco# >") + COLUMNS + ROW, None, "which is no IRI"),
        (HEAD + "#  evco: urn:other\n" + COLUMNS + ROW, 5, "`evco` stands twice"),
        (HEAD, None, "has no columns"),
        (HEAD + "subject_id,predicate_id\n", 5, "has no column `subject_id`; between columns are tabs"),
        (HEAD + COLUMNS.replace("comment", "confidence") + ROW, 5, "has two columns `confidence`"),
        (HEAD + COLUMNS + ROW + ROW.replace("0.5", "1.5"), 7, "`confidence` is `1.5`"),
        (HEAD + COLUMNS + "\n\n" + ROW.replace("0.5", "much"), 8, "`confidence` is `much`"),
        (HEAD + COLUMNS + ROW.replace("0.5", "nan"), 6, "`confidence` is `nan`"),
        (HEAD + COLUMNS + ROW.replace("shop:", "shp:"), 6, "`object_id` is `shp:Event`, and its prefix is not in"),
        (HEAD + COLUMNS + ROW.replace("shop:Event", "Event"), 6, "it has no prefix"),
        (HEAD + COLUMNS + ROW.replace("shop:Event", "shop:a> <b"), 6, "makes no IRI"),
        (HEAD + COLUMNS + ROW.replace("shop:Event", ""), 6, "`object_id` is empty"),
        (HEAD + COLUMNS + ROW.replace("why", "why\tmore"), 6, "has 7 cells, and there are 6 columns"),
        (HEAD + COLUMNS + ROW.replace("why", '"why') + ROW, 7, "must end with one"),
        (HEAD + COLUMNS + ROW + "\0", None, "is no text"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: int | None, said: str
) -> None:
    """A file that is no table of mappings, or has a wrong row, ends in one line that says where and what."""
    path = tmp_path / "t.sssom.tsv"
    path.write_text(text, "utf-8")

    with pytest.raises(InputError) as error:
        read_alignment(path)

    assert line == error.value.row
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_rows_know_the_line_that_they_begin_in(tmp_path: Path) -> None:
    """Empty lines, and line breaks within a quoted cell, are counted."""
    path = tmp_path / "t.sssom.tsv"
    path.write_text(HEAD + COLUMNS + "\n" + ROW.replace("why", '"two\nlines"') + ROW, "utf-8")

    assert [7, 9] == [row.row for row in read_alignment(path).correspondences]


def test_the_upper_ontology_is_read_among_other_things(tmp_path: Path) -> None:
    """`other` may hold more than the upper ontology, with bars between."""
    path = tmp_path / "t.sssom.tsv"
    path.write_text(HEAD + "#other: a=b | upper ontology gufo\n" + COLUMNS + ROW, "utf-8")

    assert "gufo" == read_alignment(path).upper


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name.partition(".")[0])
def test_a_written_table_is_read_as_it_was(tmp_path: Path, path: Path) -> None:
    """Nothing is lost or changed by writing a table and reading it again."""
    table = read_alignment(path)
    copy = tmp_path / path.name
    copy.write_bytes(written(table))

    again = read_alignment(copy)

    assert table == replace(
        again,
        path=table.path,
        prefixes=table.prefixes,
        correspondences=tuple(
            replace(row, row=before.row)
            for row, before in zip(again.correspondences, table.correspondences, strict=True)
        ),
    )
    assert copy.read_bytes() == written(again)


def test_columns_of_others_are_kept(tmp_path: Path) -> None:
    """Columns of SSSOM that we have no use for are written as they were read; others are told of."""
    path = tmp_path / "t.sssom.tsv"
    path.write_text(
        HEAD + COLUMNS.replace("\n", "\tmapping_date\tpredicate_modifer\n") + ROW.replace("\n", "\t2026-01-02\tNot\n"),
        "utf-8",
    )
    table = read_alignment(path)

    assert ("mapping_date", "2026-01-02") == table.correspondences[0].further[0]
    assert b"\t2026-01-02" in written(table)
    assert [
        (
            "mapping:column",
            "SSSOM has no column `predicate_modifer`, so it is not read; did you mean `predicate_modifier`?",
        )
    ] == [(one.shape, one.message) for one in check([table], [TARGET], reasoned=False)]


def test_several_tables_are_one_file() -> None:
    """Joined tables have the rows of all, and name where these are from."""
    tables = [read_alignment(FAULTS / f"{name}.sssom.tsv") for name in ("clean", "cycle")]

    whole = joined(tables)

    assert [*tables[0].correspondences, *tables[1].correspondences] == list(whole.correspondences)
    assert [one.iri for one in tables] == whole.metadata["mapping_set_source"]


def test_exported_tables_keep_what_theirs_said(tmp_path: Path) -> None:
    """Two tables written as one are read again as one: with the upper ontology, and an IRI that is one."""
    table = read_alignment(FAULTS / "clean.sssom.tsv")
    first = replace(table, metadata={**table.metadata, "other": "upper ontology gufo"}, upper="gufo")
    second = replace(table, id="b c", metadata={**table.metadata, "other": "a=b | upper ontology gufo"}, upper="gufo")
    whole = joined([replace(table, id="a"), first, second])
    path = tmp_path / whole.path.name
    path.write_bytes(written(whole))

    again = read_alignment(path)

    assert "gufo" == whole.upper == again.upper
    assert "upper ontology gufo | a=b" == again.metadata["other"]
    assert f"{table.iri}+clean+b%20c" == whole.iri == again.iri
    assert [one.comment for one in whole.correspondences] == [one.comment for one in again.correspondences]


def test_the_longest_prefix_that_fits_makes_an_iri_short() -> None:
    """Of prefixes for one namespace the first is taken; Turtle has only what it can read, tables whatever follows."""
    names = Names({"e": "http://e/", "a": "http://e/a/", "again": "http://e/a/", "": "http://e/a/b/", "none": ""})
    expected = {
        "http://e/x": ("e:x", "e:x"),
        "http://e/a/x.1-": ("a:x.1-", "a:x.1-"),
        "http://e/a/b/c": ("a:b/c", "<http://e/a/b/c>"),
        "http://e/a/x.": ("a:x.", "<http://e/a/x.>"),
        "http://e/a/": ("a:", "<http://e/a/>"),
        "urn:x": ("urn:x", "<urn:x>"),
    }

    assert expected == {iri: (names.curie(iri), names.short(iri)) for iri in expected}


# Checking


def test_each_fault_is_found_and_nothing_else() -> None:
    """A table for each fault has exactly the findings that it must have, each on its row."""
    with (FAULTS / "expected.csv").open(encoding="utf-8") as file:
        expected = Counter(
            (row["table"], int(row["row"]), row["severity"], row["shape"]) for row in csv.DictReader(file)
        )

    found = Counter(
        (table.id, one.row, one.severity, one.shape)
        for table in map(read_alignment, TABLES)
        for one in check([table], [TARGET], reasoned=False)
    )

    assert expected == found


def messages(name: str) -> list[str]:
    return [one.message for one in check([read_alignment(FAULTS / f"{name}.sssom.tsv")], [TARGET], reasoned=False)]


def test_messages_say_what_would_be_right() -> None:
    """A term that is not there is told with the nearest that is; a circle with the way back."""
    assert ["EVCO has no term `evco:Delite`; did you mean `evco:Delight`?"] == messages("subject")
    assert ["the target has no term `shop:Prase`; did you mean `shop:Praise`?"] == messages("object")
    assert (
        "`shop:Purchase` is broader than `evco:EngagementBehavior` here, and narrower by `shop:Purchase` is under "
        f"`shop:Event`, {FAULTS / 'cycle.sssom.tsv'}:9, `evco:Review` is under `evco:InfluencingBehavior`, "
        "`evco:InfluencingBehavior` is under `evco:EngagementBehavior`; weaken one"
    ) == messages("cycle")[0]


def test_without_the_target_nobody_knows(tmp_path: Path) -> None:
    """Without a target's file, and with one of something else for several tables, that is all that is said."""
    tables = [read_alignment(FAULTS / f"{name}.sssom.tsv") for name in ("object", "clean")]
    other = tmp_path / "other.ttl"
    other.write_text("<urn:a> <urn:b> <urn:c> .", "utf-8")

    assert {("info", "mapping:unchecked")} == {(one.severity, one.shape) for one in check(tables, reasoned=False)}
    assert {("info", "mapping:unchecked")} == {
        (one.severity, one.shape) for one in check(tables, [other], reasoned=False)
    }


def test_what_the_target_imports_and_nobody_gave_is_told(tmp_path: Path) -> None:
    """What a target says by another ontology is looked at only with that one's file; without it, that is said."""
    target, base = tmp_path / "shop.ttl", tmp_path / "base.ttl"
    target.write_text(
        TARGET.read_text("utf-8") + "\n<urn:shop> <http://www.w3.org/2002/07/owl#imports> <urn:base> .\n", "utf-8"
    )
    base.write_text("<urn:base> a <http://www.w3.org/2002/07/owl#Ontology> .", "utf-8")
    table = read_alignment(FAULTS / "clean.sssom.tsv")
    (alone,) = check([table], [target], reasoned=False)

    assert ("info", "mapping:unchecked") == (alone.severity, alone.shape)
    assert "the target imports <urn:base>" in alone.message
    assert [] == check([table], [target, base], reasoned=False)


def test_exact_matches_hold_through_all_tables() -> None:
    """Two tables that each say something that holds make two of ours the same, by a term that both map to."""
    table = read_alignment(FAULTS / "clean.sssom.tsv")
    row = next(row for row in table.correspondences if row.subject.endswith("#Customer"))
    other = replace(
        table,
        id="other",
        iri="urn:x:other",
        correspondences=(replace(row, subject=PREFIXES["evco"] + "Employee", object_label=""),),
    )

    found = check([table, other], [TARGET], reasoned=False)

    assert [("mapping:exact", "evco:Customer" in found[0].message)] == [(one.shape, True) for one in found]


def test_many_rows_are_checked_in_a_moment() -> None:
    """Thousands of rows are not compared each with each other, nor a row that stands there often with all its like."""
    table = read_alignment(FAULTS / "clean.sssom.tsv")
    names = [iri for iri in Terms.ours().above if iri.startswith(PREFIXES["evco"])]
    row = next(row for row in table.correspondences if row.lexical == PREFIXES["skos"] + "exactMatch")
    rows = tuple(
        replace(row, subject=names[number % len(names)], object=f"urn:x:{number}", row=number) for number in range(3000)
    )
    start = process_time()

    check([replace(table, correspondences=rows)], reasoned=False)
    again = tuple(replace(row, row=number) for number in range(500))
    twice = check([replace(table, correspondences=again)], reasoned=False)

    assert 5 > process_time() - start
    assert 499 == sum(one.shape == "mapping:twice" for one in twice)


def test_what_was_refused_is_not_said() -> None:
    """A mapping that stands among those turned down is a violation, and the reason is told."""
    no = next(row for row in refused().correspondences if row.comment and "NoTermFound" not in row.subject)
    table = replace(
        refused(), id="mine", iri="urn:x:mine", correspondences=(replace(no, negated=False, subject_label=""),)
    )

    found = [one for one in check([table], reasoned=False) if one.shape == "mapping:refused"]

    assert 1 == len(found)
    assert no.comment in found[0].message


def test_one_upper_ontology_at_a_time(tmp_path: Path) -> None:
    """Tables built on gUFO and on BFO are neither checked nor exported together."""
    table = read_alignment(FAULTS / "clean.sssom.tsv")
    tables = [replace(table, upper="gufo"), replace(table, id="b", upper="bfo")]
    paths = []
    for one in tables:
        path = tmp_path / f"{one.id}.sssom.tsv"
        path.write_bytes(written(replace(one, metadata={**one.metadata, "other": f"upper ontology {one.upper}"})))
        paths.append(str(path))

    with pytest.raises(InputError, match=r"one upper ontology at a time.*bfo: b; gufo: clean"):
        check(tables)
    assert 2 == main(["align", "export", *paths, "--format", "owl"])


def test_a_wrong_bridge_is_told_with_its_row(tmp_path: Path, api: OwlApi) -> None:
    """A class that the mappings leave without any possible instance is found by the reasoner, and so are those below.

    Review is an act, acts are events of the target, and nothing there is both an event and a buyer. The target calls
    its terms by another prefix than the table does.
    """
    table = read_alignment(FAULTS / "unsatisfiable.sssom.tsv")
    target = tmp_path / "target.ttl"
    target.write_text(TARGET.read_text("utf-8").replace("shop:", "s:"), "utf-8")

    found = check([table], [target], api=api)

    assert [("mapping:unsatisfiable", "evco:Review")] == [(one.shape, one.message.split("`")[1]) for one in found]
    assert 8 == found[0].row
    assert found[0].message.startswith("with these mappings `evco:Review` can have no instance; by: ")
    assert "evco:Review (review) SubClassOf s:Buyer (buyer)" in found[0].message


# Bridges


def test_a_bridge_says_what_its_table_does() -> None:
    """The OWL bridge has the axioms, declares what they name and imports EVCO; the SKOS bridge has all, as matches."""
    table = read_alignment(FAULTS / "clean.sssom.tsv")
    owl, skos = triples(bridge(table, "owl")), triples(bridge(table, "skos"))

    def between(quads: list[ox.Quad]) -> set[tuple[str, ...]]:
        return {
            tuple(table.curie(term.value) for term in (quad.subject, quad.predicate, quad.object))  # type: ignore[union-attr]
            for quad in quads
            if isinstance(quad.subject, ox.NamedNode) and "shop#" in str(quad.object) and "alignment" not in str(quad)
        }

    assert {("evco:Act", "rdfs:subClassOf", "shop:Event")} == between(owl)
    assert {
        ("evco:Act", "skos:broadMatch", "shop:Event"),
        ("evco:Customer", "skos:exactMatch", "shop:Buyer"),
        ("evco:Review", "skos:broadMatch", "shop:Praise"),
        ("evco:hasElement", "skos:closeMatch", "shop:involves"),
    } == between(skos)
    declared = {
        table.curie(quad.subject.value)  # type: ignore[union-attr]
        for quad in owl
        if quad.object == ox.NamedNode(PREFIXES["owl"] + "Class")
    }
    assert {"evco:Act", "shop:Event"} == declared
    assert [ox.NamedNode("https://w3id.org/evco")] == [
        quad.object for quad in owl if quad.predicate.value.endswith("#imports")
    ]


def test_a_bridge_says_where_it_is_from(tmp_path: Path) -> None:
    """Of a bridge of ours stand its version, author, day and the ontologies mapped to; where it has no axiom, that too.

    A table of somebody else has none of our version IRIs, and nobody knows the language of its words.
    """
    ours = next(one for one in alignments() if one.id == "bcio")
    path = tmp_path / "t.sssom.tsv"
    path.write_text(HEAD + "#mapping_set_version: 2.0\n#object_source: 'shop:all'\n" + COLUMNS + ROW, "utf-8")

    def said(table: Alignment) -> set[str]:
        return {f"{quad.predicate.value.rpartition('/')[2]} {quad.object}" for quad in triples(bridge(table, "owl"))}

    assert {
        "owl#versionIRI <https://w3id.org/evco/0.1.0/alignment/bcio>",
        'creator "EVCO contributors"',
        'created "2026-11-22T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>',
        f'title "{ours.title}: no axioms (OWL)"@en',
        "references <http://humanbehaviourchange.org/ontology/bcio_style.owl>",
    } <= said(ours)
    assert any(one.endswith(' No axioms: every mapping is lexical."@en') for one in said(ours))
    theirs = said(read_alignment(path))
    assert {"references <https://example.org/shop#all>", 'owl#versionInfo "2.0"'} <= theirs
    assert not [one for one in theirs if one.startswith("owl#versionIRI") or one.endswith("@en")]


def test_hostile_words_stay_words() -> None:
    """What stands in a comment or title can neither end a text in Turtle nor command a terminal."""
    table = read_alignment(FAULTS / "clean.sssom.tsv")
    bad = 'a"b\\c\n\x1b[2J\U000e0001 . <urn:x> <urn:y> <urn:z>'
    rows = tuple(replace(row, comment=bad) for row in table.correspondences)

    found = triples(bridge(replace(table, title=bad, correspondences=rows)))

    assert bad in {quad.object.value for quad in found if isinstance(quad.object, ox.Literal)}
    assert "urn:x" not in {getattr(quad.subject, "value", "") for quad in found}


@pytest.mark.parametrize("table", alignments(), ids=lambda one: one.id)
def test_bridges_are_those_of_their_tables(table: Alignment) -> None:
    """The bridges that come along are what `make alignments` makes of the tables, and the catalog finds them."""
    xml = (folder("ontology") / "catalog-v001.xml").read_text("utf-8")
    entries = {one.get("name"): one.get("uri") for one in ElementTree.fromstring(xml)}
    for path, form in files_of(table):
        assert bridge(table, form) == path.read_text("utf-8")
        assert f"alignment/{path.name}" == entries[iri_of(table, form)] == entries[version_iri_of(table, form)]
    assert xml == catalog(xml, alignments())


def test_every_file_beside_the_tables_belongs_to_one() -> None:
    """Each table has its bridges, and there is no bridge, nor anything else, whose table is gone."""
    place = folder("ontology") / "alignment"
    expected = {path for one in alignments() for path, _ in files_of(one)}

    assert expected == {*place.glob("*.ttl")} != set()
    assert {one.id for one in alignments()} >= {path.stem for path in place.glob("*.rq")}


def test_bridges_are_owl_2_dl(api: OwlApi) -> None:
    """With EVCO, and without any target, all bridges are OWL 2 DL."""
    assert () == violations(further=[path for one in alignments() for path, _ in files_of(one)], api=api)


# The command


def test_list_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    """Alignments are listed, and shown by id, by a term of ours and by one of the target's, refused ones too."""
    assert 0 == main(["align", "list", "--format", "json"])
    assert [one.id for one in alignments()] == [one["id"] for one in json.loads(capsys.readouterr().out)]

    assert 0 == main(["align", "show", "cover", "--format", "csv"])
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    table = next(one for one in alignments() if one.id == "cover")
    assert [table.curie(row.object) for row in table.correspondences] == [row["object"] for row in rows]

    for word in ("evco:Customer", "Customer", "<https://w3id.org/evco#Customer>"):
        assert 0 == main(["align", "show", word])
        said = capsys.readouterr().out
        assert said.startswith("evco:Customer (customer)\n")
        assert "refused" in said
    assert 0 == main(["align", "show", "cover:GainEvent"])
    assert "evco:ValueGain (value gain) skos:closeMatch cover:GainEvent" in capsys.readouterr().out

    assert 2 == main(["align", "show", "evco:Custmer"])
    assert "did you mean `Customer`?" in capsys.readouterr().err


def test_check_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Violations end in exit code 1, and go out in the formats of other checks; a missing target ends in 2."""
    path = str(FAULTS / "object.sssom.tsv")

    assert 1 == main(["align", "check", path, "--target", str(TARGET), "--no-reason", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert [(8, "mapping:unknown-object", path)] == [(one["row"], one["shape"], one["file"]) for one in found]

    assert 0 == main(["align", "check", path, "--target", str(TARGET), "--no-reason", "--fail-on", "never"])
    assert "A term that the target does not have" in capsys.readouterr().out
    assert 2 == main(["align", "check", path, "--target", "nothing.ttl", "--no-reason"])
    assert 2 == main(["align", "check", "covr", "--no-reason"])
    assert "did you mean `cover`?" in capsys.readouterr().err


def test_a_reasoner_that_fails_is_not_all_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a reasoner there is no answer, and the line says how to have the other checks."""
    monkeypatch.setattr("kgtools.align.merged.merged", fails)

    assert 2 == main(["align", "check", str(FAULTS / "clean.sssom.tsv")])
    assert "kgtools: no Java; --no-reason checks all that needs no reasoner\n" == capsys.readouterr().err


def fails(*_: object) -> list[Finding]:
    """A reasoner that cannot be had."""
    raise EngineError("no Java")


def test_export_writes_tables_and_bridges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table, its axioms or its matches go out; never over the table itself."""
    path = tmp_path / "t.sssom.tsv"
    path.write_bytes((FAULTS / "clean.sssom.tsv").read_bytes())

    for form, said in (
        ("sssom", written(read_alignment(path)).decode()),
        ("skos", bridge(read_alignment(path), "skos")),
    ):
        assert 0 == main(["align", "export", str(path), "--format", form])
        assert said == capsys.readouterr().out
    assert 2 == main(["align", "export", str(path), "-o", str(path)])
