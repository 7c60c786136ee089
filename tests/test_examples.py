"""The example that people start from: exact quotes, nothing to complain about, and each proposition spoken to."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import oracle
import pytest
from test_oracle import read
from test_verdicts import as_oracle, judged

from kgtools.model import Verdict
from kgtools.pipeline import Job, derive_all, validate_all
from kgtools.vocabulary import Vocabulary, local

EXAMPLE = Path(__file__).parents[1] / "examples/online-service"
SETS = ("any", "all", "ines", "marc")


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of the example's tables."""
    with (EXAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def verdicts(coders: str) -> list[Verdict]:
    """What the example says by a set of coders."""
    return derive_all([EXAMPLE], Job(coders=coders))[1]


def spoken_to(verdict: str, coders: str = "any") -> set[str]:
    """The propositions that have this verdict somewhere."""
    return {one.proposition for one in verdicts(coders) if one.verdict == verdict}


def all_propositions() -> set[str]:
    """The propositions of both theories."""
    return {proposition.id for theory in Job().theories for proposition in theory.propositions}


def test_every_quote_is_the_text_at_its_offsets() -> None:
    """A segment is what stands in its incident's narrative from code point `start` up to `end`, and nothing else."""
    narratives = {row["incident"]: row["narrative"] for row in table("incidents.csv")}
    quoted = {
        row["id"]: narratives[row["incident"]][int(row["start"]) : int(row["end"])] for row in table("codings.csv")
    }

    assert {row["id"]: row["segment"] for row in table("codings.csv")} == quoted


def test_offsets_count_code_points() -> None:
    """Some quotes stand behind, or hold, characters that bytes and UTF-16 would count otherwise."""
    narratives = {row["incident"]: row["narrative"] for row in table("incidents.csv")}
    before = [narratives[row["incident"]][: int(row["end"])] for row in table("codings.csv")]

    assert sum(not text.isascii() for text in before) > 20
    assert sum(len(text.encode("utf-16-le")) > 2 * len(text) for text in before) > 10


def test_nothing_is_wrong_with_it() -> None:
    """Every row is taken in, and readers and shapes find nothing above a remark on attributed value."""
    findings = validate_all([EXAMPLE], Job())

    assert {("info", "value:attributed")} == {(finding.severity, finding.shape) for finding in findings}


def test_every_proposition_is_supported() -> None:
    """Both theories have an incident or chain for each of their propositions, and most have one against them."""
    against = spoken_to("contradicts")

    assert all_propositions() == spoken_to("supports")
    assert 28 == len(all_propositions())
    assert len(against) >= 10
    assert {"J", "Z"} == {proposition[0] for proposition in against}
    assert len(spoken_to("mixed")) >= 6


@pytest.mark.parametrize("coders", SETS)
def test_every_proposition_is_spoken_to(coders: str) -> None:
    """By what both coders saw, too, and by each alone, each proposition is supported, contradicted or both at once."""
    said = {one.proposition for one in verdicts(coders)}

    assert all_propositions() == said


def test_every_grade_occurs() -> None:
    """Support is linked, ordered, mere co-occurrence, and of unrecorded order."""
    grades = {one.grade for one in verdicts("any") if one.verdict == "supports"}

    assert {"linked", "ordered", "co-occurrence", "unordered"} == grades


def test_chains_support_and_contradict() -> None:
    """What is claimed of chains is supported, contradicted and mixed, and one chain has four incidents."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    for one in verdicts("any"):
        if one.unit_type == "chain":
            said[one.proposition].add(one.verdict)
    follows = {row["incident"]: row["follows"] for row in table("incidents.csv")}
    lengths = Counter(head(incident, follows) for incident in follows)
    followers = Counter(filter(None, follows.values()))

    assert {"J-cycle", "J-recognition", "J-relational"} == said.keys()
    assert [{"supports", "contradicts", "mixed"}] * 3 == list(said.values())
    assert max(lengths.values()) >= 4
    assert 2 == max(followers.values())  # a chain forks


def head(incident: str, follows: dict[str, str]) -> str:
    """The first incident of the chain that an incident is in."""
    return head(follows[incident], follows) if follows[incident] else incident


def test_coders_agree_often_but_not_always() -> None:
    """Most of what is coded, both coded; some verdicts rest on one coder, and some change with who is asked."""
    seen: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    coders_of: defaultdict[str, set[str]] = defaultdict(set)
    for row in table("codings.csv"):
        seen[row["incident"], row["code"], row["valence"], row["presence"]].add(row["coder"])
        coders_of[row["incident"]].add(row["coder"])
    both = sum(len(coders) == 2 for coders in seen.values())
    said = {coders: {(one.unit, one.proposition): one.verdict for one in verdicts(coders)} for coders in SETS}

    assert 0.6 < both / len(seen) < 0.9
    assert {"ines", "marc", "ines marc"} == {" ".join(sorted(coders)) for coders in coders_of.values()}
    assert len(said["any"].keys() - said["all"].keys()) > 10
    assert said["ines"].keys() - said["marc"].keys()
    assert said["marc"].keys() - said["ines"].keys()
    assert [key for key, verdict in said["all"].items() if said["any"].get(key, verdict) != verdict]


def test_some_disagree_by_a_step_in_the_class_tree() -> None:
    """Where one coder wrote a code, the other wrote one above it for words that overlap."""
    vocabulary = Vocabulary.read(())
    above = {local(term): {local(other) for other in vocabulary.above(term)} for term in vocabulary.elements}
    rows = table("codings.csv")
    pairs = {
        (one["code"], other["code"])
        for one in rows
        for other in rows
        if one["incident"] == other["incident"]
        and one["coder"] != other["coder"]
        and one["code"] != other["code"]
        and other["code"] in above[one["code"]]
        and max(int(one["start"]), int(other["start"])) < min(int(one["end"]), int(other["end"]))
    }

    assert len(pairs) >= 4


def test_it_varies() -> None:
    """Every channel, known and unknown settings, all valences, both purposes, absences; nearly every code."""
    incidents, codings = table("incidents.csv"), table("codings.csv")
    kinds = {"SocialMedia", "ReviewSite", "Forum", "Email", "LiveChat", "BrandWebsite", "MobileApp", "OfflineChannel"}

    assert kinds <= {row["channel"] for row in incidents}
    for name in ("monopoly", "resources_limited", "common_cause"):
        assert {"true", "false", ""} == {row[name] for row in incidents}
    assert {"public", "commercial", ""} == {row["context"] for row in incidents}
    assert {"positive", "negative", "neutral", "mixed", ""} == {row["valence"] for row in codings}
    assert {"personal", "collective", ""} == {row["purpose"] for row in codings}
    assert {"EngagementBehavior", "OfferingChange", "Ownership", "StakeholderChange"} <= {
        row["code"] for row in codings if row["presence"] == "absent"
    }
    assert codable_leaves() <= {row["code"] for row in codings}


def codable_leaves() -> set[str]:
    """The codes that no other code is below."""
    vocabulary = Vocabulary.read(())
    return {local(term) for term in vocabulary.elements if {term} == vocabulary.below(term) - vocabulary.instead.keys()}


@pytest.mark.parametrize("coders", SETS)
def test_the_second_reading_agrees(coders: str) -> None:
    """The oracle's reading of the rules gives the same verdicts, grades, slots and evidence on every unit."""
    mine = {as_oracle(*one) for one in judged(EXAMPLE, coders, every=True)}

    assert set(oracle.verdicts(read(EXAMPLE), coders)) == mine
