"""Crosswalks: what somebody else's codes and columns become, and what a crosswalk may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgtools.errors import InputError
from kgtools.model import Coding
from kgtools.read import Bundle, read_bundle
from kgtools.read.crosswalk import Segments, Target
from kgtools.vocabulary import Vocabulary, local

VOCABULARY = Vocabulary.read()


def read(folder: Path, crosswalk: str, codings: str, incidents: str = "", actors: str = "") -> Bundle:
    """A bundle with a crosswalk."""
    tables = {"crosswalk.yaml": crosswalk, "codings.csv": codings, "incidents.csv": incidents, "actors.csv": actors}
    for name, content in tables.items():
        if content or name == "crosswalk.yaml":
            (folder / name).write_text(content, "utf-8")
    return read_bundle(folder, VOCABULARY)


def codings(bundle: Bundle) -> list[Coding]:
    """All codings of a bundle."""
    return [coding for chunk in bundle.chunks() for group in chunk.codings.values() for coding in group]


def terms(bundle: Bundle) -> list[tuple[str, str]]:
    """The coders' codes and the terms that they became."""
    return [(coding.code, local(coding.term or "")) for coding in codings(bundle)]


def found(bundle: Bundle) -> list[tuple[str, str, str, int | None]]:
    """The findings: severity, rule, value and row."""
    return [(one.severity, one.shape, one.value, one.row) for one in bundle.findings]


# --- One row a coded segment -----------------------------------------------------------------------------------------


def test_code_becomes_a_term(tmp_path: Path) -> None:
    """A code is kept as the coder's own beside the term that it becomes; terms need no crosswalk."""
    bundle = read(tmp_path, "codes: {raves: Review}", "incident,code\nI1,raves\nI1,evco:Trust\n")

    assert [("raves", "Review"), ("evco:Trust", "Trust")] == terms(bundle)
    assert [1, 0] == [coding.inferred for coding in codings(bundle)]
    assert 1 == bundle.inferred()


def test_code_is_left_out_on_purpose(tmp_path: Path) -> None:
    """A code mapped to `none` is said to be left out, with its count; its rows count as taken."""
    bundle = read(tmp_path, "codes: {noise: none}", "incident,code\nI1,noise\nI1,noise\nI1,Trust\n")

    assert [("Trust", "Trust")] == terms(bundle)
    assert [("info", "code:left-out", "noise", 2)] == found(bundle)
    assert "(2 rows)" in bundle.findings[0].message
    assert (3, 3) == (bundle.rows_read, bundle.rows_taken)


def test_code_becomes_several_terms(tmp_path: Path) -> None:
    """A code may become several terms, each with what the crosswalk adds to it."""
    bundle = read(
        tmp_path,
        """codes:
             rant:
               - {term: Complaint, valence: negative, bearer: customer, toward: firm, step: 1}
               - {term: evco:Trust, presence: absent, step: 2}
               - none
               - Boycott
        """,
        "incident,code\nI1,rant\n",
    )

    assert [
        ("Complaint", "negative", "customer", "firm", False, 1, 1),
        ("Trust", None, None, None, True, 2, 2),
        ("Boycott", None, None, None, False, None, 4),
    ] == [
        (local(one.term or ""), one.valence, one.bearer, one.toward, one.absent, one.step, one.inferred)
        for one in codings(bundle)
    ]


@pytest.mark.parametrize("code", ["Mood > Joy > elated", "Mood\\Joy\\elated", "Mood->Joy->elated", "elated"])
def test_last_part_of_a_path(code: str) -> None:
    """A code in a tree of codes is found by its last part, however a tool writes the path."""
    assert (Target(term="Delight"),) == Segments(codes={"elated": (Target(term="Delight"),)}).mapped(code)


def test_full_path_wins(tmp_path: Path) -> None:
    """Where both are in the crosswalk, the full path is what counts."""
    bundle = read(
        tmp_path,
        'codes: {happy: Delight, "Staff > happy": HelpfulConduct}',
        "incident,code\nI1,Staff > happy\nI1,Guest > happy\nI1,Guest > sad\n",
    )

    assert [("Staff > happy", "HelpfulConduct"), ("Guest > happy", "Delight"), ("Guest > sad", "")] == terms(bundle)


def test_columns_have_other_names(tmp_path: Path) -> None:
    """`columns` says what their columns are called; none of them is reported as unknown."""
    bundle = read(
        tmp_path,
        "columns: {incident: Document, code: Code, segment: Segment text, coder: Created by, channel: Where}",
        "Document,Code,Segment text,Created by,Where\nI1,Review,wow,kim,Forum\n",
    )
    (chunk,) = bundle.chunks()

    assert [] == bundle.findings
    assert [("I1", "Review", "wow", "kim")] == [
        (one.incident, one.code, one.segment, one.coder) for one in codings(bundle)
    ]
    assert ["https://w3id.org/evco#Forum"] == [incident.channel for incident in chunk.incidents]


def test_other_tables_keep_our_names(tmp_path: Path) -> None:
    """A crosswalk made for the codings does not ask the table of incidents for the same names."""
    bundle = read(
        tmp_path,
        "columns: {incident: Document, code: Code}",
        "Document,Code\nI1,Review\n",
        incidents="incident,channel\nI1,Forum\n",
    )
    (chunk,) = bundle.chunks()

    assert ["https://w3id.org/evco#Forum"] == [incident.channel for incident in chunk.incidents]


def test_column_of_our_name_that_another_stands_for(tmp_path: Path) -> None:
    """A column that is called like ours, while the crosswalk takes another, is kept as theirs."""
    bundle = read(tmp_path, "columns: {code: Theme}", "incident,code,Theme\nI1,17,Review\n")

    assert [("Review", "Review")] == terms(bundle)
    assert [("info", "table:column", "code", 1)] == found(bundle)
    assert (("code", "17"),) == codings(bundle)[0].extra


def test_cell_before_code_before_default(tmp_path: Path) -> None:
    """The cell itself counts first, then what the crosswalk adds to the code, then its defaults."""
    bundle = read(
        tmp_path,
        "defaults: {valence: neutral, bearer: customer, coder: c9, channel: Forum}\n"
        "codes: {raves: {term: Review, valence: positive}}",
        "incident,code,valence,coder\nI1,raves,mixed,c1\nI1,raves,,\nI1,Trust,,\n",
    )
    (chunk,) = bundle.chunks()

    assert [("mixed", "customer", "c1"), ("positive", "customer", "c9"), ("neutral", "customer", "c9")] == [
        (one.valence, one.bearer, one.coder) for one in codings(bundle)
    ]
    assert ["https://w3id.org/evco#Forum"] == [incident.channel for incident in chunk.incidents]


def test_default_stands_for_a_column(tmp_path: Path) -> None:
    """A default makes up for a column that is missing, also a required one."""
    bundle = read(tmp_path, "defaults: {incident: I1}", "code\nReview\n")

    assert ["I1"] == [coding.incident for coding in codings(bundle)]


def test_what_a_code_adds_is_checked(tmp_path: Path) -> None:
    """A bearer that the crosswalk names must be known, as one in a cell must."""
    bundle = read(tmp_path, "codes: {raves: {term: Review, bearer: anna}}", "incident,code\nI1,raves\n")

    assert [("violation", "coding:bearer", "anna", 2)] == found(bundle)


def test_crosswalk_from_elsewhere(tmp_path: Path) -> None:
    """A crosswalk that is given counts, not the one beside the tables."""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "crosswalk.yaml").write_text("codes: {raves: Trust}")
    (tmp_path / "bundle" / "codings.csv").write_text("incident,code\nI1,raves\n")
    (tmp_path / "other.yaml").write_text("codes: {raves: Review}")
    bundle = read_bundle(tmp_path / "bundle", VOCABULARY, tmp_path / "other.yaml")

    assert [("raves", "Review")] == terms(bundle)


@pytest.mark.parametrize(
    "word", ["yes", "no", "null", "~", "1", "1.0", "1e3", "0x1F", "012", "true", "True", "2026-11-21", "1_000"]
)
def test_words_that_yaml_takes_for_something_else(tmp_path: Path, word: str) -> None:
    """A code stays the text that stands there, whatever YAML would make of it."""
    bundle = read(tmp_path, f"codes:\n  {word}: Review\n", f"incident,code\nI1,{word}\n")

    assert [(word, "Review")] == terms(bundle)


def test_empty_crosswalk(tmp_path: Path) -> None:
    """Parts that say nothing do no harm."""
    bundle = read(tmp_path, "shape: segments\ncolumns:\ndefaults:\ncodes:\n", "incident,code\nI1,Review\n")

    assert [("Review", "Review")] == terms(bundle)


# --- One row an incident ---------------------------------------------------------------------------------------------

WIDE = """shape: wide
columns: {incident: tweet, narrative: text}
defaults: {channel: SocialMedia}
codes:
  mood:
    good: {term: Satisfaction, valence: positive}
    bad: [{term: Satisfaction, valence: negative}, Complaint]
  reason:
    late: CoreServiceFailure
    other: none
"""


def test_wide_row(tmp_path: Path) -> None:
    """A row an incident: its cells are codings by their columns, the rest describes it, and is kept where unknown."""
    bundle = read(tmp_path, WIDE, "tweet,text,mood,reason,likes\nt1,Oh no,bad,late,7\nt2,Yay,good,other,\n")
    (chunk,) = bundle.chunks()

    assert [("t1", "Oh no", (("likes", "7"),)), ("t2", "Yay", ())] == [
        (one.id, one.narrative, one.extra) for one in chunk.incidents
    ]
    assert [
        ("t1", "mood = bad", "Satisfaction", "negative", "row-2/mood"),
        ("t1", "mood = bad", "Complaint", None, "row-2/mood"),
        ("t1", "reason = late", "CoreServiceFailure", None, "row-2/reason"),
        ("t2", "mood = good", "Satisfaction", "positive", "row-3/mood"),
    ] == [(one.incident, one.code, local(one.term or ""), one.valence, one.id) for one in codings(bundle)]
    assert {"https://w3id.org/evco#SocialMedia"} == {incident.channel for incident in chunk.incidents}
    assert {("info", "table:column", "likes", 1), ("info", "code:left-out", "other", 3)} == set(found(bundle))


def test_wide_row_with_an_id(tmp_path: Path) -> None:
    """The id of a wide row is that of each of its codings, with the column after it."""
    bundle = read(tmp_path, WIDE, "id,tweet,text,mood,reason\nx,t1,,good,late\n", incidents="incident\nt1\n")

    assert ["x/mood", "x/reason"] == [coding.id for coding in codings(bundle)]


def test_incident_in_two_wide_rows(tmp_path: Path) -> None:
    """An incident that comes again is a warning; its codings are added, what it says otherwise of it is not."""
    bundle = read(tmp_path, WIDE, "tweet,text,mood,reason\nt1,One,good,\nt1,Two,,late\nt1,,bad,\n")
    (chunk,) = bundle.chunks()

    assert [
        ("warning", "incident:repeated", "t1", 3),
        ("warning", "incident:repeated", "t1", 4),
        ("warning", "incident:conflict", "Two", 3),
    ] == found(bundle)
    assert ["One"] == [incident.narrative for incident in chunk.incidents]
    assert ["Satisfaction", "CoreServiceFailure", "Satisfaction", "Complaint"] == [
        local(coding.term or "") for coding in codings(bundle)
    ]


def test_wide_row_that_is_wrong(tmp_path: Path) -> None:
    """A wide row that is wrong in a cell is left out whole, incident and codings; rows without any coding count too."""
    bundle = read(
        tmp_path,
        WIDE,
        "tweet,text,mood,reason,channel\nt1,,good,CoCreatedValue,\nt2,,good,,Smoke\n,lost,,,\n,,good,late,\nt3,,,,\nt4,,sad,,\n",
    )
    (chunk,) = bundle.chunks()

    assert ["t3", "t4"] == [incident.id for incident in chunk.incidents]
    assert [
        ("violation", "coding:code", "CoCreatedValue", 2),
        ("violation", "coding:incident", "", 5),
        ("violation", "incident:channel", "Smoke", 3),
        ("violation", "incident:incident", "", 4),
        ("warning", "code:unmapped", "sad", 7),
    ] == sorted(found(bundle))
    assert (6, 2) == (bundle.rows_read, bundle.rows_taken)


# --- What a crosswalk may not say ------------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, int, str]] = {
    "unknown key": (
        "shape: segments\ncolours: {}\n",
        2,
        "unknown key `colours`; there are shape, incident, columns, defaults",
    ),
    "unknown key of an entry": (
        "codes:\n  raves:\n    term: Review\n    mood: good\n",
        4,
        "unknown key `mood`; there are term, valence, bearer",
    ),
    "no term": (
        "codes:\n  raves:\n    - Review\n    - {valence: positive}\n",
        4,
        "the entry names no term; write `term: Delight`, or a valence or the like alone, for one code",
    ),
    "no term, no valence": ("codes:\n  raves: {}\n", 2, "the entry names no term"),
    "no such channel": ("defaults: {channel: Reviewsite}\n", 1, "`Reviewsite` is no channel; there are"),
    "no such rule": ("incident: chapter\n", 1, "`incident` is document, case, row, or {code: …}"),
    "wrong term": ("codes:\n  raves: Reviews\n", 2, "`Reviews` is no term that can be coded; did you mean `Review`?"),
    "wrong term of a list": (
        "codes:\n  raves:\n    - Review\n    - Nonsense\n",
        4,
        "`Nonsense` is no term that can be coded",
    ),
    "defined class": (
        "codes:\n  value: CoCreatedValue\n",
        2,
        "`CoCreatedValue` is inferred, not coded: write the kind",
    ),
    "nothing": ("codes:\n  raves:\n", 2, "the code stands for nothing; write a term, or none to leave the code out"),
    "null": ("codes:\n  raves: null\n", 2, "`null` is no term that can be coded"),
    "wrong valence": (
        "codes:\n  raves: {term: Review, valence: good}\n",
        2,
        "`valence` is `good`; there are positive, negative, neutral, mixed",
    ),
    "wrong step": ("codes:\n  raves: {term: Review, step: first}\n", 2, "`step` is `first`; write a whole number"),
    "wrong default": ("defaults:\n  valence: good\n", 2, "`good` is no valence; there are positive, negative, neutral"),
    "key twice": ("codes:\n  raves: Review\n  raves: Trust\n", 3, "`raves` stands twice, first in line 2"),
    "broken YAML": ("codes:\n  raves: [Review\n", 3, "not a YAML file that can be read"),
    "tab": (
        "codes:\n\traves: Review\n",
        2,
        "not a YAML file that can be read: found character '\\t' that cannot start any token; indent with blanks",
    ),
    "list of codes": ("codes:\n  - raves\n", 1, "`codes` is a list; write lines `name: value` below it"),
    "list for a word": ("columns:\n  code: [a, b]\n", 2, "`code` is a list; write one word or text"),
    "key that is a list": ("codes:\n  ? [a, b]\n  : Review\n", 2, "a key is a word or a text"),
    "a list": ("- codes\n", 1, "a crosswalk is a mapping with the keys shape, incident, columns, defaults, codes"),
    "empty": ("", 1, "a crosswalk is a mapping"),
    "two documents": ("codes: {}\n---\ncodes: {}\n", 2, "not a YAML file that can be read"),
    "shape": ("shape: long\n", 1, "`long` is no shape; there are segments, wide"),
    "wide without columns": (
        "shape: wide\ncodes:\n  raves: Review\n",
        3,
        "`raves` is `Review`; write lines `name: value` below it",
    ),
    "no column of ours": ("columns:\n  mood: Mood\n", 2, "`columns` has `mood`, which is no column of ours; there are"),
    "inside itself": ("codes: &a\n  raves: *a\n", 0, "stands inside itself"),
}


@pytest.mark.parametrize(("crosswalk", "line", "message"), WRONG.values(), ids=WRONG.keys())
def test_crosswalk_that_is_wrong(tmp_path: Path, crosswalk: str, line: int, message: str) -> None:
    """What nobody understands is an error of one line, with the line of the file, and what would be right."""
    with pytest.raises(InputError) as raised:
        read(tmp_path, crosswalk, "incident,code\nI1,Review\n")

    assert f"crosswalk.yaml:{line}: " in str(raised.value) or not line
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("crosswalk", "message"),
    [
        ("columns: {code: Theme}", "no column `Theme`, which the crosswalk calls `code`; found incident, code"),
        ("shape: wide\ncodes: {mood: {good: Trust}}", "no column `mood`, which the crosswalk lists under `codes`"),
    ],
)
def test_column_that_is_not_there(tmp_path: Path, crosswalk: str, message: str) -> None:
    """A column that the crosswalk speaks of and the table has not is an error at the table's header."""
    with pytest.raises(InputError) as raised:
        read(tmp_path, crosswalk, "incident,code\nI1,Review\n")

    assert "codings.csv:1: " in str(raised.value)
    assert message in str(raised.value)


def test_crosswalk_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and a file that is not there."""
    (tmp_path / "codings.csv").write_text("incident,code\nI1,Review\n")
    (tmp_path / "latin.yaml").write_bytes("codes: {café: Review}".encode("latin-1"))

    with pytest.raises(InputError, match=r"latin\.yaml: is not UTF-8"):
        read_bundle(tmp_path, VOCABULARY, tmp_path / "latin.yaml")
    with pytest.raises(InputError, match=r"nowhere\.yaml: cannot be read"):
        read_bundle(tmp_path, VOCABULARY, tmp_path / "nowhere.yaml")
