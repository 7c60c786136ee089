"""Codes that say something of other codes: from our codebook in a program to verdicts, and back from the graph."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from qda_graphs import VOCABULARY, codings_of, graph_of, told
from refi_writer import ATLAS, Mark, Style, Text, guid, write_project

from kgtools.cli import main
from kgtools.codebook import modifiers_by_guid, terms_by_guid, terms_by_path
from kgtools.read import read, read_bundle
from kgtools.vocabulary import EVCO

STORY = "The staff was so kind that I was delighted.\nI wrote a five-star review, and it saved me an hour."
Captured = pytest.CaptureFixture[str]


def mark(words: str, *codes: str, user: str = "Ann") -> Mark:
    at = STORY.index(words)
    return Mark(at, at + len(words), codes, user)


DELIGHT = ("I was delighted", ("Delight", "Valence > positive", "Bearer > by customer"))
REVIEW = ("wrote a five-star review", ("Review", "Valence > positive", "Bearer > customer"))
VALUE = ("saved me an hour", ("FunctionalValue", "Valence > positive"))
CODED = (DELIGHT, REVIEW, VALUE)


def verdicts(path: Path, capsys: Captured, *options: str) -> dict[str, str]:
    """What the file says of propositions: verdict by proposition."""
    code = main(["derive", str(path), "--format", "csv", *options])
    rows = csv.DictReader(capsys.readouterr().out.splitlines())

    assert code == 0
    return {row["proposition"]: row["verdict"] for row in rows}


def by_guid(path: Path, coded: tuple[tuple[str, tuple[str, ...]], ...] = CODED, **variables: str) -> Path:
    """A project coded with our codebook, its codes renamed, so that GUIDs alone tell what they are."""
    terms = {iri.removeprefix(EVCO): key for key, iri in terms_by_guid(VOCABULARY).items()}
    groups = {said: key for key, said in modifiers_by_guid(VOCABULARY).items()}
    named = {
        f"Mein {number}": code
        for number, code in enumerate(dict.fromkeys(code for _, codes in coded for code in codes))
    }
    keys = {}
    for name, code in named.items():
        group, _, value = code.partition(" > ")
        said = (group.lower(), value.removeprefix("by "))
        keys[guid("code", name)] = groups[said] if value else terms[code]
    names = {code: name for name, code in named.items()}
    marks = [mark(words, *(names[code] for code in codes)) for words, codes in coded]
    write_project(path, [Text("I1", STORY.encode(), marks, variables=variables)], style=ATLAS)
    return rewritten(path, {f"{{{old}}}": new for old, new in keys.items()} | keys)


def rewritten(path: Path, keys: dict[str, str]) -> Path:
    """The project with other GUIDs."""
    from zipfile import ZipFile

    with ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            for old, new in keys.items():
                content = content.replace(old.upper().encode(), new.upper().encode())
            archive.writestr(name, content)
    return path


# --- Our codebook ----------------------------------------------------------------------------------------------------


def test_codes_of_our_codebook_by_guid(tmp_path: Path, capsys: Captured) -> None:
    """A project coded with our codebook, its codes renamed, supports what its codes and variables say."""
    path = by_guid(tmp_path / "x.qdpx", channel="Forum")

    assert "supports" == verdicts(path, capsys)["Z-delight"]


def test_without_a_channel(tmp_path: Path, capsys: Captured) -> None:
    """Without a channel nothing is said of online channels; a table of incidents beside the project can give it."""
    folder = tmp_path / "study"
    folder.mkdir()
    by_guid(folder / "x.qdpx")
    before = verdicts(folder, capsys)
    (folder / "incidents.csv").write_text("incident,channel\nI1,ReviewSite\n", "utf-8")

    assert "Z-delight" not in before
    assert "supports" == verdicts(folder, capsys)["Z-delight"]


def test_codes_of_our_codebook_by_path(tmp_path: Path, capsys: Captured) -> None:
    """A table of coded segments has no GUIDs; the codes' paths tell the same."""
    paths = {iri.removeprefix(EVCO): " > ".join(path) for path, iri in terms_by_path(VOCABULARY).items()}
    lines = ["Color,Document group,Document name,Code,Beginning,End,Segment,Created by"]
    for row, (words, codes) in enumerate(CODED, 1):
        lines += [f"●,Forum,I1,{paths.get(code, code)},{row},{row},{words},Ann" for code in codes]
    path = tmp_path / "segments.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    crosswalk = tmp_path / "crosswalk.yaml"
    crosswalk.write_text("columns: {channel: Document group}\n", "utf-8")

    assert "supports" == verdicts(path, capsys, "--crosswalk", str(crosswalk))["Z-delight"]


def test_own_codes_for_what_is_said_of_others(tmp_path: Path, capsys: Captured) -> None:
    """A crosswalk gives somebody's own codes a valence or a bearer, and that is then said of the codes beside them."""
    marks = [
        mark(DELIGHT[0], "Freude", "Gut", "Kundin"),
        mark(REVIEW[0], "Rezension", "Gut", "Kundin"),
        mark(VALUE[0], "Zeit gespart", "Gut"),
    ]
    write_project(tmp_path / "x.qdpx", [Text("I1", STORY.encode(), marks, variables={"Kanal": "Forum"})])
    crosswalk = tmp_path / "crosswalk.yaml"
    crosswalk.write_text(
        "columns: {channel: Kanal}\n"
        "codes:\n  Freude: Delight\n  Rezension: Review\n  Zeit gespart: FunctionalValue\n"
        "  Gut: {valence: positive}\n  Kundin: {bearer: customer}\n",
        "utf-8",
    )

    assert "supports" == verdicts(tmp_path, capsys)["Z-delight"]


# --- What is odd -----------------------------------------------------------------------------------------------------


def test_modifiers_that_contradict(tmp_path: Path) -> None:
    """Two codes of one coder that contradict each other on the same words both count for nothing, with a warning."""
    coded = ((DELIGHT[0], ("Delight", "Valence > positive", "Valence > negative")),)
    bundle = read_bundle(by_guid(tmp_path / "x.qdpx", coded), VOCABULARY)
    (found,) = (one for one in bundle.findings if one.shape == "code:modifier")
    codings = codings_of(bundle)

    assert (
        "the same words are marked with `Valence > negative` and `Valence > positive` by one coder, "
        "so neither counts; keep one of them"
    ) == found.message
    assert [None] == [one.valence for one in codings if one.term]
    assert ("x.qdpx#Project.qde", "I1", "warning") == (found.file, found.incident, found.severity)


def test_modifiers_that_stand_alone(tmp_path: Path) -> None:
    """A code that says something of others, where its coder has none on the same words, is a warning."""
    marks = [mark("I was delighted", "Delight"), mark("delighted", "Valence > positive"), mark("I was", "Trust")]
    marks += [mark("I was delighted", "Valence > positive", user="Ben")]
    bundle = read_bundle(write_project(tmp_path / "x.qdpx", [Text("I1", STORY.encode(), marks)]), VOCABULARY)
    found = [one for one in bundle.findings if one.shape == "code:modifier"]
    codings = codings_of(bundle)

    assert [("warning", "code:modifier")] * 2 == told(found)
    assert all("mark exactly the same words with both" in one.message for one in found)
    assert {None} == {one.valence for one in codings if one.term}


def test_each_coder_speaks_for_himself(tmp_path: Path) -> None:
    """What one coder says of some words is not said of what another coded there."""
    marks = [
        mark("I was delighted", "Delight", "Valence > positive"),
        mark("I was delighted", "Delight", "Valence > negative", user="Ben"),
    ]
    bundle = read_bundle(write_project(tmp_path / "x.qdpx", [Text("I1", STORY.encode(), marks)]), VOCABULARY)
    codings = codings_of(bundle)

    assert {("Ann", "positive"), ("Ben", "negative")} == {(one.coder, one.valence) for one in codings if one.term}
    assert [] == [one for one in bundle.findings if one.shape == "code:modifier"]


# --- There and back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mapping", ["", "codes: {Sorry: {term: ServiceRecovery, valence: positive}, Hm: none}\n"])
def test_graph_of_a_project_is_read_again(mapping: str, tmp_path: Path, capsys: Captured) -> None:
    """The graph of a project, read again, gives the same quads and the same verdicts."""
    coded = (*CODED, ("so kind", ("PoliteConduct",)))
    study = tmp_path / "study"
    study.mkdir()
    by_guid(study / "x.qdpx", coded, channel="Forum", Alter="44")
    (study / "crosswalk.yaml").write_text(mapping or "codes: {}\n", "utf-8")
    first, again = tmp_path / "first.nq", tmp_path / "again.nq"

    assert 0 == main(["import", str(study), "-o", str(first)])
    assert 0 == main(["import", str(first), "-o", str(again)])
    assert lines(first) == lines(again)
    capsys.readouterr()
    assert verdicts(study, capsys) == verdicts(first, capsys)


def test_graph_with_odd_parts_is_read_again(tmp_path: Path) -> None:
    """So with own codes, what a crosswalk makes of them, whole texts coded, two coders, notes, and odd names."""
    marks = [
        mark("so kind", 'Group > Nice "one"', "Nice", user="any"),
        mark("so kind", "Nice", user="Ben"),
        mark("review", "Two\nlines"),
    ]
    texts = [
        Text("I/1 ä", STORY.encode(), [*marks, Mark(4, 9, ["Nice"], "Ann", description="Is it?")], codes=["Sorry"]),
        Text("Lost", None, [Mark(0, 3, ["Nice"], None)], variables={"x > y": "1"}),
    ]
    study = tmp_path / "study"
    study.mkdir()
    write_project(study / "x.qdpx", texts, sets={"Some / set": ["I/1 ä"]}, style=Style("QualCoder 3.5"))
    (study / "crosswalk.yaml").write_text("codes: {Nice: [PoliteConduct, {term: Delight, valence: mixed}]}\n", "utf-8")
    first, again = tmp_path / "first.nq", tmp_path / "again.nq"

    assert 0 == main(["import", str(study), "-o", str(first)])
    assert 0 == main(["import", str(first), "-o", str(again)])
    assert lines(first) == lines(again)


CODEBOOK = """<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>
 <Code guid="10000000-0000-4000-8000-000000000001" name="A" isCodable="true"><Description>one</Description></Code>
 <Code guid="10000000-0000-4000-8000-000000000002" name="A" isCodable="true"><Description>two</Description>
  <Code guid="10000000-0000-4000-8000-000000000003" name="B &gt; C" isCodable="true"/>
  <Code guid="10000000-0000-4000-8000-000000000004" name="B" isCodable="true">
   <Code guid="10000000-0000-4000-8000-000000000005" name="x&#10;y" isCodable="true"/></Code></Code>
</Codes><Sets>
 <Set guid="20000000-0000-4000-8000-000000000001" name="None"/>
 <Set guid="20000000-0000-4000-8000-000000000002" name="Some / of them">
  <MemberCode guid="10000000-0000-4000-8000-000000000003"/>
  <MemberCode guid="10000000-0000-4000-8000-000000000005"/></Set>
</Sets></CodeBook>
"""


def test_graph_of_a_codebook_is_read_again(tmp_path: Path) -> None:
    """Codes that are called alike are one; names may hold what stands between names; sets may be empty."""
    path, first, again = tmp_path / "x.qdc", tmp_path / "first.nq", tmp_path / "again.nq"
    path.write_text(CODEBOOK, "utf-8")
    bundle, _ = graph_of(path)
    main(["import", str(path), "-o", str(first)])
    main(["import", str(first), "-o", str(again)])
    (back,) = read(first, VOCABULARY)

    assert ["2 codes are called `A`, and count as one; rename them if they differ"] == [
        one.message for one in bundle.findings if one.shape == "code:repeated"
    ]
    assert lines(first) == lines(again)
    assert {code.path for code in bundle.codes} == {code.path for code in back.codes}
    assert [("None", 0), ("Some / of them", 2)] == [(name, len(keys)) for name, keys in back.code_sets]


def lines(path: Path) -> list[str]:
    return sorted(path.read_text("utf-8").splitlines())


def said(path: Path, crosswalk: Path | None = None) -> list[tuple[str, str | None, int]]:
    """Of each coding that is a term: its term, its valence, and whether it was inferred."""
    bundle, _ = graph_of(path, crosswalk)
    return [(one.term.removeprefix(EVCO), one.valence, one.inferred) for one in codings_of(bundle) if one.term]


def test_row_that_is_left_out_says_nothing_of_others(tmp_path: Path) -> None:
    """A row that is wrong is left out whole: its code fills in nothing either."""
    path = tmp_path / "codings.csv"
    path.write_text("incident,code,segment,step\nI1,Delight,so glad,\nI1,Valence > negative,so glad,x\n", "utf-8")

    assert [("Delight", None, 0)] == said(path)


def test_equal_words_in_two_passages_are_not_the_same_words(tmp_path: Path) -> None:
    """A program's id tells two passages with the same words apart."""
    path = tmp_path / "all_tags.csv"
    rows = "1,talk,Delight,great\n1,talk,Valence > positive,great\n2,talk,Delight,great\n"
    path.write_text(f"id,document,tag,content\n{rows}", "utf-8")

    assert [("Delight", "positive", 0), ("Delight", None, 0)] == said(path)


def test_codings_of_no_known_words(tmp_path: Path) -> None:
    """Where a table says nothing of the words, a code says nothing of others, and a finding tells so."""
    path = tmp_path / "codings.csv"
    path.write_text("incident,code,coder\nI1,Delight,ann\nI1,Presence > absent,ann\n", "utf-8")
    bundle, _ = graph_of(path)

    assert [("Delight", None, 0)] == said(path)
    assert ["code:modifier"] == [one.shape for one in bundle.findings if one.severity == "warning"]


def test_what_a_crosswalk_says_a_code_means_is_inferred(tmp_path: Path) -> None:
    """A valence that a crosswalk gives to a coder's own code is the crosswalk's; one of our codebook is the coder's."""
    path, crosswalk = tmp_path / "codings.csv", tmp_path / "x.yaml"
    rows = ("Delight,so glad", "good,so glad", "Trust,always", "Valence > positive,always")
    path.write_text("incident,code,segment\n" + "".join(f"I1,{row}\n" for row in rows), "utf-8")
    crosswalk.write_text("codes:\n  good: {valence: positive}\n", "utf-8")

    assert [("Delight", "positive", 1), ("Trust", "positive", 0)] == said(path, crosswalk)


def test_incidents_that_a_project_does_not_have(tmp_path: Path) -> None:
    """An incident of a table beside a project, which the project does not have, is a warning with a suggestion."""
    by_guid(tmp_path / "study.qdpx")
    (tmp_path / "incidents.csv").write_text("incident,channel\ni1,Forum\n", "utf-8")
    bundle, _ = graph_of(tmp_path)
    (found,) = (one for one in bundle.findings if one.shape == "incident:unknown")

    assert ("warning", "i1", 2) == (found.severity, found.value, found.row)
    assert "did you mean `I1`?" in found.message


def test_codes_of_a_crosswalk_that_nothing_is_coded_with(tmp_path: Path) -> None:
    """What a crosswalk maps and nobody coded is told; where a code is called much like it, as a warning."""
    path, crosswalk = tmp_path / "codings.csv", tmp_path / "x.yaml"
    path.write_text("incident,code\nI1,Told\n", "utf-8")
    crosswalk.write_text("codes:\n  Toldd: Review\n  Other: Delight\n", "utf-8")
    bundle, _ = graph_of(path, crosswalk)
    found = [(one.severity, one.message) for one in bundle.findings if one.shape == "crosswalk:unused"]

    assert [
        ("warning", "the crosswalk maps `Toldd`, which nothing is coded with; did you mean `Told`?"),
        ("info", "the crosswalk maps `Other`, which nothing is coded with"),
    ] == found


def test_graph_does_not_complain_of_codes_that_say_something_of_others(tmp_path: Path, capsys: Captured) -> None:
    """In the graph, a coder's own code for a valence is known as such: it is no code that counts for nothing."""
    path, crosswalk, graph = tmp_path / "codings.csv", tmp_path / "x.yaml", tmp_path / "graph.nq"
    path.write_text("incident,code,segment\nI1,Delight,so glad\nI1,good,so glad\nI1,odd,hm\n", "utf-8")
    crosswalk.write_text("codes:\n  good: {valence: positive}\n", "utf-8")
    main(["import", str(path), "--crosswalk", str(crosswalk), "-o", str(graph), "-q"])
    main(["validate", str(graph), "--format", "csv", "-q"])
    found = csv.DictReader(capsys.readouterr().out.splitlines())

    assert ["odd"] == [row["value"] for row in found if row["shape"] == "code:no-term"]
