"""The report: its numbers are those of the verdicts, parts add up to the whole, and the page is sound and accessible.

The last part drives the machine's Chromium; where there is none, it is skipped.
"""

from __future__ import annotations

import csv
import io
import os
import pickle
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from itertools import dropwhile, pairwise, product, takewhile
from pathlib import Path

import pytest
from drawn import drawn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import Bundle
from strategies import bundles, write

from kgtools.cli import main
from kgtools.derive import derive
from kgtools.model import Actor, Coding, Element, Finding, Incident, Place, Use, Verdict
from kgtools.pipeline import Job, derive_all, facts_of
from kgtools.read import Chunk, read_bundle
from kgtools.report import About, Facts, Found, Source, beside_one_another, picture, write_report
from kgtools.report.attributed import attributed
from kgtools.report.compared import compared
from kgtools.report.facts import UNITS
from kgtools.report.marks import marked
from kgtools.report.page import MOST
from kgtools.report.pictures import Ticks
from kgtools.report.place import anchored
from kgtools.view import Unit, View, view
from kgtools.vocabulary import EVCO, Vocabulary

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/online-service"
VERDICTS = Path(__file__).parent / "cases/verdicts"
HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
VOID = {"meta", "input", "br", "img", "link", "hr"}


# A page, taken apart


@dataclass
class Node:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, *tags: str) -> list[Node]:
        return [node for node in self.walk() if node.tag in tags]

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def by_id(self, id: str) -> Node:
        return next(node for node in self.walk() if node.attributes.get("id") == id)


class _Builder(HTMLParser):
    """Builds the tree, and fails where tags do not match."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute of {tag} stands twice"
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.at.tag, f"</{tag}> closes <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parsed(page: str) -> Node:
    builder = _Builder()
    builder.feed(page)
    builder.close()
    assert builder.at is builder.root
    return builder.root


def page_of(*paths: Path, coders: str = "any", room: int = 1000) -> str:
    facts, about, _ = facts_of(paths, Job(coders=coders), room=room)
    return written(facts, about)


def written(facts: Facts, about: About) -> str:
    file = io.BytesIO()
    write_report(facts, about, file)
    return file.getvalue().decode()


@cache
def example() -> str:
    return page_of(EXAMPLE)


@cache
def judged(coders: str = "any") -> list[Verdict]:
    """The verdicts on the example."""
    return derive_all([EXAMPLE], Job(coders=coders))[1]


@cache
def chains_of_example() -> dict[str, str]:
    """The first incident of the chain of each incident of the example, in the order of the table."""
    chains: dict[str, str] = {}
    with (EXAMPLE / "incidents.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            chains[row["incident"]] = chains[row["follows"]] if row["follows"] else row["incident"]
    return chains


def called(verdict: Verdict) -> str:
    """The unit of a verdict, as the page calls it."""
    return f"{verdict.unit} (chain)" if verdict.unit_type == "chain" else verdict.unit


def table_of(page: Node, label: str) -> list[dict[str, str]]:
    """The rows of the table in the region of this label, by heading."""
    region = next(node for node in page.walk() if node.attributes.get("aria-label") == label)
    heads = [head.words for head in region.all("thead")[0].all("th")]
    return [
        dict(zip(heads, (cell.words for cell in row.all("th", "td")), strict=True))
        for row in region.all("tbody")[0].all("tr")
    ]


def folder_of(path: Path, **tables: list[dict[str, str]]) -> Path:
    """A bundle from rows."""
    path.mkdir(parents=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose every free cell is a script."""
    common = {"incident": HOSTILE, "coder": HOSTILE, "segment": HOSTILE, "bearer": HOSTILE, "source": HOSTILE}
    codings = [
        {**common, "id": f"{HOSTILE}{n}", "code": code, "valence": valence, "element": f"{HOSTILE}{n}", "leads_to": ""}
        for n, (code, valence) in enumerate(
            [("Delight", ""), ("Review", "positive"), ("EmotionalValue", "positive"), ("EmotionalValue", "negative")]
        )
    ]
    codings.append({**common, "id": "unmapped", "code": HOSTILE})
    codings.append({**common, "id": "wrong", "code": "Review", "valence": HOSTILE})
    codings.append({**codings[1], "id": "other", "coder": "<b>other</b>", "segment": "nowhere <i>"})
    return folder_of(
        tmp_path_factory.mktemp("hostile") / "<b>\"'&",
        codings=codings,
        incidents=[
            {
                **dict.fromkeys(("incident", "platform", "narrative", "corpus", "told_by", "unknown"), HOSTILE),
                **{"channel": "Forum", "context": "public"},
            }
        ],
        actors=[{"actor": HOSTILE, "role": "customer", "label": HOSTILE}],
    )


# The page


@pytest.mark.parametrize("coders", ["any", "majority", "all", "ines"])
def test_structure(coders: str) -> None:
    """Ids are unique, all that is referred to is there, headings do not skip, and landmarks and names are in place."""
    page = parsed(page_of(EXAMPLE, coders=coders))
    nodes = [*page.walk()]
    ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
    named = [name for node in nodes for name in node.attributes.get("aria-labelledby", "").split()]
    links = [node.attributes["href"] for node in nodes if "href" in node.attributes]
    inside = [
        name for node in nodes for value in node.attributes.values() for name in re.findall(r"url\(#(.*?)\)", value)
    ]
    levels = [int(node.tag[1]) for node in nodes if re.fullmatch("h[1-6]", node.tag)]

    assert [] == [id for id, count in Counter(ids).items() if count > 1]
    assert {link[0] for link in links} == {"#"}
    assert set() == ({link[1:] for link in links} | set(named) | set(inside)) - set(ids)
    assert [] == [id for id in ids if re.search(r"\s|%", id)]
    assert levels.count(1) == 1
    assert max(after - before for before, after in pairwise(levels)) <= 1
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    assert page.all("html")[0].attributes["lang"] == "en"
    for node in page.all("select", "input"):
        assert node.attributes["id"] in {label.attributes["for"] for label in page.all("label")}


def test_pictures_have_words() -> None:
    """Each picture has a name, a caption and a table with the same numbers."""
    page = parsed(example())
    drawn = page.all("svg")

    assert len(drawn) == 2 + 1 + 3 + 1
    for svg in drawn:
        figure = svg
        while figure.tag != "figure":
            assert figure.parent is not None
            figure = figure.parent
        assert svg.attributes["role"] == "img"
        assert svg.all("title")[0].words
        assert figure.all("figcaption")[0].words
        assert figure.all("table")[0].all("caption")[0].words


def test_what_is_wider_than_the_page_scrolls_by_itself() -> None:
    """Every table and picture lies in a box of its own, which has a name and can be reached by keyboard."""
    page = parsed(example())
    regions = [node for node in page.walk() if node.attributes.get("class", "").split()[:1] == ["scroll"]]
    labels = [region.attributes["aria-label"] for region in regions]

    assert {("0", "group")} == {(region.attributes["tabindex"], region.attributes["role"]) for region in regions}
    assert [] == [label for label, count in Counter(labels).items() if count > 1]
    assert len(page.all("table", "svg")) == sum(len(region.all("table", "svg")) for region in regions)


def test_nothing_is_loaded() -> None:
    """The page needs nothing else, and its policy forbids it to load or send anything."""
    page = parsed(example())
    policy = next(node.attributes["content"] for node in page.all("meta") if "http-equiv" in node.attributes)

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert [] == [n for n in page.walk() if {"src", "style", "onclick", "srcset", "action"} & n.attributes.keys()]
    assert [] == page.all("link", "img", "iframe", "object")


def test_the_numbers_are_those_of_the_verdicts() -> None:
    """Every verdict of `kgtools derive` stands in the table, and the counts of each proposition are its verdicts'."""
    verdicts = judged()
    page = parsed(example())
    rows = table_of(page, "Verdicts")
    counted = Counter((one.proposition, one.grade or one.verdict) for one in verdicts)
    shown = {
        (row["proposition"], kind): int(row[kind]) if row[kind] != "–" else 0
        for theory in ("Jaakkola and Alexander (2014)", "Zhang et al. (2018)")
        for row in table_of(page, f"Table: propositions of {theory}")
        for kind in ("linked", "ordered", "co-occurrence", "unordered", "mixed", "contradicts")
    }

    assert len(verdicts) == len(rows) > 40
    assert {
        (
            called(one),
            one.proposition,
            one.verdict,
            one.grade or "–",
            " ".join(one.evidence),
            " ".join(one.missing) or "–",
            " ".join(one.opposed) or "–",
        )
        for one in verdicts
    } == {tuple(row.values())[:7] for row in rows}
    assert counted == Counter({key: count for key, count in shown.items() if count})
    assert len(shown) == 28 * 6
    by_theory = {row["theory"]: int(row["verdicts"]) for row in table_of(page, "The caveats by theory")}
    assert Counter(one.theory for one in verdicts) == Counter(
        {"jaakkola2014": by_theory["Jaakkola and Alexander (2014)"], "zhang2018": by_theory["Zhang et al. (2018)"]}
    )


def test_the_picture_has_the_numbers() -> None:
    """The picture alone is a whole file: well formed, with the totals of each proposition beside its bar."""
    from xml.etree import ElementTree

    facts, about, _ = facts_of([EXAMPLE], Job())
    svg = picture(facts, about.theories, margin=16)
    texts = ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}text")]
    counted = Counter((one.proposition, one.grade or one.verdict) for one in judged())
    grades = ("linked", "ordered", "co-occurrence", "unordered")
    drawn = {one.proposition for one in judged()}

    def numeric(text: str) -> bool:
        return re.fullmatch(r"\d+|–", text) is not None

    assert len(drawn) > 20
    for name in drawn:
        kinds = [(kind, counted[name, kind]) for kind in grades if counted[name, kind]]
        ends = [sum(count for _, count in kinds), counted[name, "mixed"], counted[name, "contradicts"]]
        words = texts[texts.index(name) + 1 :]
        numbers = [*takewhile(numeric, dropwhile(lambda text: not numeric(text), words))]
        pieces = [str(count) for count in (*(count for _, count in kinds), *ends[1:]) if count]
        inside = iter(pieces)  # each in turn, where its piece is wide enough
        assert [str(end or "–") for end in ends] == numbers[-3:]
        assert all(number in inside for number in numbers[:-3])
        assert name != "J-system" or pieces == numbers[:-3]
        each = f" ({', '.join(f'{count} {kind}' for kind, count in kinds)})" if kinds else ""
        assert f"{name}: {ends[0]} support{each}, {ends[1]} mixed, {ends[2]} contradict." in svg


def test_what_is_told_of_an_incident() -> None:
    """An incident's words are marked and numbered, its elements lead on, and its verdicts name what fills each slot."""
    page = parsed(example())
    incident = page.by_id("incident:I01")
    marks = [mark.words for mark in incident.all("mark")]
    said = [item.words for item in incident.all("li")]
    row = page.by_id("incident:I01:3")

    assert "the app swallowed my monthly pass" in marks
    with (EXAMPLE / "incidents.csv").open(encoding="utf-8", newline="") as file:
        narratives = {row["incident"]: row["narrative"] for row in csv.DictReader(file)}
    for name, narrative in narratives.items():
        quote = page.by_id(f"incident:{name}").all("blockquote")[0]
        for note in quote.all("sup"):
            note.children.clear()
        assert narrative == quote.text
    assert ["3", "PositiveWordOfMouth", "positive", "ayla (Ayla, tram rider)", "3", "4, 5"] == [
        cell.words for cell in row.all("td", "th")
    ][:6]
    assert (
        "contradicts Z-techfailure technological failure and co-destruction A technological failure "
        "TechnologicalFailure 1 B negative engagement behavior opposed by PositiveWordOfMouth 3 "
        "O negative outcome of value opposed by EmotionalValue 4"
    ) in said


def test_a_chain_is_told_with_its_incidents() -> None:
    """A chain stands above its incidents, says what it says, and leads to what fills a slot, and where."""
    page = parsed(example())
    chain = page.by_id("chain:I05")

    assert ["incident:I05", "incident:I06", "incident:I07"] == [n.attributes["id"] for n in chain.all("article")]
    assert [["#incident:I05"], ["#incident:I06"], ["#incident:I07"]] == [
        [link.attributes["href"] for link in item.all("a")] for item in chain.all("ol")[0].all("li")
    ]
    assert "A recognition, legitimation or a grant of resources Recognition 1 in I06" in chain.words
    flow = table_of(page, "Table: slots of J-cycle")
    of_cycle = [one for one in judged() if one.proposition == "J-cycle"]
    used = Counter(found for one in of_cycle for found in {(use.slot, use.opposes) for use in one.uses})
    assert len(of_cycle) > 1
    assert used["O2", True] > 0
    assert [
        (slot, after, str(used[slot, False]), str(used[slot, True]))
        for slot, after in (("B1", "–"), ("O1", "B1"), ("B2", "O1"), ("O2", "B2"))
    ] == [(row["slot"], row["after"], row["there in"], row["opposed in"]) for row in flow]


def test_verdicts_that_share_evidence_are_told() -> None:
    """Support that rests on what counts against another proposition is told, by whether a condition is shared."""
    page = parsed(example())
    roles = {
        (proposition.id, slot): found.role
        for theory in Job().theories
        for proposition in theory.propositions
        for slot, found in proposition.by_id.items()
    }
    chains = chains_of_example()
    kinds: dict[str, Counter[tuple[str, str, str]]] = {"a condition": Counter(), "other evidence": Counter()}
    for one, other in product(judged(), repeat=2):
        if chains[one.unit] != chains[other.unit] or one.verdict != "supports" or other.verdict == "supports":
            continue
        causes = [
            {use.element for use in each.uses if not use.opposes and roles[each.proposition, use.slot] == "antecedent"}
            for each in (one, other)
        ]
        if set(one.evidence_iris) & set(other.evidence_iris):
            kinds["a condition" if causes[0] & causes[1] else "other evidence"][
                one.proposition, other.verdict, other.proposition
            ] += 1

    assert kinds["a condition"]["Z-recovery", "contradicts", "Z-techfailure"] > 1
    for shared, counted in kinds.items():
        expected = sorted(counted.items(), key=lambda kind: (-kind[1], kind[0][0], kind[0][2], kind[0][1]))
        assert [(*kind, str(count)) for kind, count in expected][:MOST] == [
            tuple(row.values())[:4] for row in table_of(page, f"Pairs that share {shared}")
        ]


def test_advice_is_told_with_what_it_rests_on() -> None:
    """Each piece of advice stands with its propositions, and the units that speak for and against each."""
    page = parsed(example())
    advice = [
        node.attributes["aria-label"] for node in page.walk() if "rests on" in node.attributes.get("aria-label", "")
    ]
    rows = [row for label in advice for row in table_of(page, label)]

    assert "What ZI-feedback rests on" in advice
    assert ["Z-feedback", "Z-nooutlet", "Z-techfailure"] == [
        row["rests on"] for row in table_of(page, "What ZI-feedback rests on")
    ]
    for row in rows:
        for column, verdict in (
            ("supported by", "supports"),
            ("mixed in", "mixed"),
            ("contradicted by", "contradicts"),
        ):
            units = [called(one) for one in judged() if (one.proposition, one.verdict) == (row["rests on"], verdict)]
            assert (sorted(units) or ["none"]) == sorted(row[column].split(", "))


def test_perspectives_add_up() -> None:
    """Each proposition with a verdict stands under one perspective and claim, with the verdicts of all that do."""
    rows = table_of(parsed(example()), "Table: verdicts by perspective")
    under = [name for row in rows for name in row["propositions"].split(", ")]
    counted = Counter((one.proposition, one.verdict) for one in judged())

    assert sorted({one.proposition for one in judged()}) == sorted(under)
    assert {
        ("technological", "loss (co-destruction)", "Z-techfailure"),
        ("service design", "gain (co-creation)", "Z-recovery"),
        ("service design", "loss (co-destruction)", "Z-nooutlet"),
    } <= {(row["perspective"], row["claims"], row["propositions"]) for row in rows}
    for row in rows:
        for verdict in ("supports", "mixed", "contradicts"):
            assert str(sum(counted[name, verdict] for name in row["propositions"].split(", ")) or "–") == row[verdict]


def test_where_coders_differ_is_told() -> None:
    """What each coder alone yields is what `--coders` yields, and so is what changes where all must agree."""
    page = parsed(example())
    by = {
        coders: {(called(one), one.proposition): one.verdict for one in judged(coders)}
        for coders in ("any", "all", "ines", "marc")
    }
    chains = chains_of_example()
    coded: dict[str, set[str]] = {}
    with (EXAMPLE / "codings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for unit in (row["incident"], f"{chains[row['incident']]} (chain)"):
                coded.setdefault(unit, set()).add(row["coder"])
    keys = {key for said in by.values() for key in said}
    said = {key: {name: verdicts.get(key, "nothing") for name, verdicts in by.items()} for key in keys}
    differ = {
        key: (f"ines: {one['ines']}; marc: {one['marc']}", one["any"])
        for key, one in said.items()
        if coded[key[0]] == {"ines", "marc"} and (one["ines"] != one["marc"] or one["ines"] == "nothing")
    }
    changed = Counter((one["any"], one["all"]) for one in said.values())
    rows = table_of(page, "Where coders differ")
    sentence = next(node.words for node in page.all("p") if node.words.startswith("If an element counts only"))
    stay = sum(count for (before, after), count in changed.items() if before == after != "nothing")

    assert differ["I03", "Z-indifference"] == ("ines: supports; marc: nothing", "supports")
    assert differ == {(row["unit"], row["proposition"]): (row["each coder alone"], row["any"]) for row in rows}
    assert f"instead of any of them: {stay} verdicts stay, " in sentence
    assert {(before, after): count for (before, after), count in changed.items() if before != after} == {
        (before, after): int(count)
        for count, before, after in re.findall(r"(\d+) changes? from (\w+) to (\w+)", sentence)
    }


def test_absence_that_opposes_is_told() -> None:
    """What did not happen is named where it opposes."""
    page = parsed(example())

    assert "opposed by EngagementBehavior (absent) 3" in page.by_id("incident:I10").words


def test_coders_are_compared_where_incidents_are_told(tmp_path: Path) -> None:
    """Beyond the incidents in detail coders are not compared, all verdicts are counted, and the page says so."""
    rows = [
        {"incident": "I1", "code": code, "valence": valence, "coder": coder}
        for coder in ("c1", "c2")
        for code, valence in (("Ownership", ""), ("Review", "positive"))
    ]
    paths = [folder_of(tmp_path / name, codings=rows) for name in ("a", "b")]
    few, about, _ = facts_of(paths, Job(), room=1)
    many, _, _ = facts_of(paths, Job(), room=2)
    limited = "compared for the first 1 of 2 incidents"

    assert (1, 2) == (few.counts["compared"], many.counts["compared"])
    assert 2 * few.kinds["jaakkola2014", "alike"] == many.kinds["jaakkola2014", "alike"] > 0
    assert few.verdicts == many.verdicts
    assert limited in parsed(written(few, about)).words
    assert "compared for the first" not in parsed(written(many, about)).words


def test_cells_are_text(hostile: Path) -> None:
    """Whatever stands in a cell, an id or a folder's name is shown as text and makes no element and no attribute."""
    text = page_of(hostile)
    page = parsed(text)

    assert 1 == len(page.all("script"))
    assert [] == page.all("img")
    assert 0 == len([node for node in page.all("b", "i") if node.words == "other"])
    assert [] == [name for node in page.walk() for name in node.attributes if name.startswith("on")]
    assert HOSTILE in page.all("blockquote")[0].text
    told = {
        dt.parent.all("dd")[0].text for dt in page.all("article")[0].all("dt") if dt.parent and dt.text == "told by"
    }
    assert {f"{HOSTILE} ({HOSTILE})"} == told
    assert page.all("h1")[0].words == "What the incidents of <b>\"'& say"
    assert {"mixed"} <= {row["verdict"] for row in table_of(page, "Verdicts")}
    assert "nowhere <i>" in page.words
    ids = [node.attributes["id"] for node in page.walk() if "id" in node.attributes]
    links = {node.attributes["href"] for node in page.walk() if "href" in node.attributes}
    assert set() == {link[1:] for link in links} - set(ids)


def test_two_bundles_are_told_apart(tmp_path: Path) -> None:
    """Units of two bundles have the bundle's name before them, in words and in ids."""
    rows = [
        {"incident": "I1", "code": "Ownership", "valence": ""},
        {"incident": "I1", "code": "Review", "valence": "positive"},
    ]
    page = parsed(page_of(folder_of(tmp_path / "a", codings=rows), folder_of(tmp_path / "b", codings=rows)))

    assert ["a/I1", "b/I1"] == [row["unit"] for row in table_of(page, "Verdicts")]
    assert ["incident:a:I1", "incident:b:I1"] == [node.attributes["id"] for node in page.all("article")]
    assert ["a", "b"] == [row["bundle"] for row in table_of(page, "What was read")]


def test_codes_left_out_are_told(tmp_path: Path) -> None:
    """What of the coders' work is in no verdict stands with what was read; so does what a crosswalk inferred."""
    bundle = folder_of(
        tmp_path / "b",
        codings=[{"incident": "I1", "code": code} for code in ("happy", "interviewer", "noise", "noise", "gained")],
    )
    (bundle / "crosswalk.yaml").write_text(
        "codes:\n  happy: Ownership\n  interviewer: none\n  gained: {term: Review, valence: positive}\n", "utf-8"
    )
    page = parsed(page_of(bundle))

    assert [("interviewer", "left out on purpose"), ("noise", "nothing is mapped to it")] == [
        (row["code"], row["why"]) for row in table_of(page, "Codes that fill no slot")
    ]
    assert ["2"] == [row["inferred by a crosswalk"] for row in table_of(page, "What was read")]
    assert [("1", "0", "0", "1")] == [tuple(row.values())[1:] for row in table_of(page, "The caveats by theory")][:1]
    assert "inferred by the crosswalk from “happy”" in page.words


def test_nothing_to_tell(tmp_path: Path) -> None:
    """A table without rows, and one that says nothing, make a page too."""
    empty = tmp_path / "empty.csv"
    empty.write_text("incident,code\n", "utf-8")
    silent = folder_of(tmp_path / "silent", codings=[{"incident": "I1", "code": "Review"}])

    for path in (empty, silent):
        page = parsed(page_of(path))
        assert "No unit that is shown supports or contradicts any proposition." in page.words
        assert {"–"} == {row["linked"] for row in table_of(page, "Table: propositions of Zhang et al. (2018)")}


def test_hash_seeds_do_not_matter(tmp_path: Path) -> None:
    """The same data gives the same bytes, however Python happens to order its sets."""
    for seed in ("0", "1", "42"):
        command = [sys.executable, "-m", "kgtools", "report", str(EXAMPLE), "-q", "-o", str(tmp_path / seed)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)

    assert 1 == len({(tmp_path / seed).read_bytes() for seed in ("0", "1", "42")})


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`kgtools report` writes the page, says so on stderr, and its exit code follows the findings."""
    wrong = folder_of(tmp_path / "wrong", codings=[{"incident": "I1", "code": "Delight", "valence": "splendid"}])

    assert 0 == main(["report", str(EXAMPLE), "-o", str(tmp_path / "page.html")])
    out, err = capsys.readouterr()
    assert "" == out
    of = len(chains_of_example())
    assert err.endswith(f"page.html: {of} of {of} incidents in detail\n")
    assert example() == (tmp_path / "page.html").read_text("utf-8")
    assert 0 == main(["run", str(EXAMPLE), "-o", str(tmp_path / "run"), "-q"])
    assert example() == (tmp_path / "run/report.html").read_text("utf-8")
    assert 1 == main(["report", str(wrong), "-o", str(tmp_path / "wrong.html"), "-q"])
    assert 2 == main(["report", str(EXAMPLE), "-o", str(tmp_path / "none/page.html")])


# The facts


def facts_in_parts(folder: Path, job: Job, size: int, room: int) -> list[Facts]:
    bundle = read_bundle(folder, job.vocabulary)
    parts = []
    for chunk in bundle.chunks(size):
        seen = view(chunk, job.coders, job.vocabulary, job.named)
        by_coder = {
            coders: derive(view(chunk, coders, job.vocabulary, job.named), coders, job.questions)
            for coders in beside_one_another(bundle.coders(), job.coders)
        }
        verdicts = derive(seen, job.coders, job.questions, every=True)
        here = {incident.id for incident in chunk.incidents}
        findings = [*seen.findings, *(one for one in bundle.findings if one.incident in here)]
        parts.append(Facts.of(chunk, seen, verdicts, by_coder, findings, job, room))
    return parts


def added(parts: list[Facts], room: int) -> Facts:
    whole = Facts(room)
    for part in parts:
        whole.add(part)
    return whole


JOBS = {coders: Job(coders=coders) for coders in ("any", "majority", "all")}
CUT = (bundles(), st.sampled_from(sorted(JOBS)), st.integers(1, 4), st.integers(0, 7))
bounded = settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[phase for phase in Phase if phase is not Phase.explain],
)


def check_parts(bundle: Bundle, coders: str, size: int, room: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "b"
        write(bundle, folder)
        whole = added(facts_in_parts(folder, JOBS[coders], 1000, room), room)
        parts = facts_in_parts(folder, JOBS[coders], size, room)
    first = added(parts[:1], room)
    first.add(added(parts[1:], room))

    assert whole == added(parts, room)
    assert whole == first
    assert whole == pickle.loads(pickle.dumps(whole))
    assert len(whole.shown) == min(room, whole.counts["incidents"])
    about = About((Source("b", "urn:b", 1, 1, whole.counts["incidents"]),), tuple(JOBS[coders].theories), coders)
    assert len(whole.shown) == len(parsed(written(whole, about)).all("article"))


@given(*CUT)
@bounded
def test_parts_add_up_to_the_whole(bundle: Bundle, coders: str, size: int, room: int) -> None:
    """Wherever the chains are cut into chunks, and whichever are added first, the facts are those of the whole."""
    check_parts(bundle, coders, size, room)


@pytest.mark.slow
@given(*CUT)
@settings(bounded, max_examples=drawn(50))
def test_parts_of_many_add_up_to_the_whole(bundle: Bundle, coders: str, size: int, room: int) -> None:
    """The same for many more."""
    check_parts(bundle, coders, size, room)


def fake(at: int) -> tuple[Chunk, View, list[Verdict]]:
    """A chunk of 500 incidents, with its view and verdicts, made without reading or deriving."""
    incidents, codings, seen, verdicts = [], {}, View(), []
    text = "I was delighted, so I wrote a review, and it did me good. " * 6
    for number in range(at, at + 500):
        id = f"I{number}"
        incident = Incident(f"urn:b/incident/{id}", id, id, Place("i.csv", number), EVCO + "Forum", narrative=text)
        rows = tuple(
            Coding(
                f"urn:b/coding/{id}{name}",
                f"{id}{name}",
                id,
                term,
                Place("c.csv", number),
                EVCO + term,
                valence=valence,
            )
            for name, term, valence in (
                ("a", "Delight", None),
                ("b", "Review", "positive"),
                ("o", "SocialValue", "positive"),
            )
        )
        elements = [
            Element(f"urn:b/element/{row.id}", id, row.term or "", None, False, row.valence, None, None, None, (row,))
            for row in rows
        ]
        seen.units[incident.iri] = Unit("incident", id, frozenset())
        seen.elements.update({element.iri: element for element in elements})
        incidents.append(incident)
        codings[id] = rows
        iris = tuple(element.iri for element in elements)
        verdicts += [
            Verdict(
                "incident",
                id,
                theory,
                proposition,
                said,  # type: ignore[arg-type]
                "co-occurrence" if said == "supports" else "",
                *("any", (), (), (), incident.iri),
                evidence_iris=iris,
                uses=tuple(Use(slot, False, iri) for slot, iri in zip(slots, iris, strict=True)),
            )
            for theory, proposition, said, slots in (
                ("zhang2018", "Z-delight", "supports", ("A", "B", "O")),
                ("jaakkola2014", "J-system", "contradicts", ("B", "B", "O1")),
            )
        ]
    return Chunk("urn:b", "b", tuple(incidents), codings, {}), seen, verdicts


def test_many_incidents_make_no_longer_page() -> None:
    """Of 20,000 incidents all are counted and the first 1,000 are told; lists of units are cut and say so."""
    job, whole, sizes = JOBS["any"], Facts(1000), []
    about = About((Source("b", "urn:b", 60000, 60000, 20000),), tuple(job.theories))
    for at in range(0, 20000, 500):
        chunk, seen, verdicts = fake(at)
        whole.add(Facts.of(chunk, seen, verdicts, {}, [], job, 1000))
        if at in (500, 19500):
            sizes.append((len(pickle.dumps(whole)), len(written(whole, about))))
    text = written(whole, about)
    page = parsed(text)
    supports = whole.units["zhang2018", "Z-delight", "supports"]

    assert sizes[1][0] < 1.01 * sizes[0][0]
    assert sizes[1][1] < 1.01 * sizes[0][1]
    assert len(text) < 8_000_000
    assert (20000, UNITS, 20000 - UNITS) == (supports.count, len(supports.first), supports.more)
    assert "The first 1,000 of 20,000 incidents are shown" in page.words
    assert "2,000 of 40,000" in page.words
    assert "and 19960 more" in page.words
    assert 1000 == len(page.all("article"))


def test_findings_are_counted_and_the_first_are_told() -> None:
    """Findings are grouped by severity and shape, the most severe first, with the first three and how many more."""
    findings = [Finding("info", "b", f"message {n}", file="c.csv", row=n) for n in range(5)]
    findings.append(Finding("violation", "a", "bad", file="c.csv", row=9))
    about = About((Source("b", "urn:b", 1, 1, 0),), tuple(JOBS["any"].theories), found=Found.of(findings))
    rows = table_of(parsed(written(Facts(1), about)), "Findings")

    assert [("violation", "a", "1"), ("info", "b", "5")] == [tuple(row.values())[:3] for row in rows]
    assert rows[1]["the first"] == "c.csv:0 message 0c.csv:1 message 1c.csv:2 message 2and 2 more"


# Who gains


ACTORS = {
    "ann": Actor("urn:ann", "ann", frozenset({EVCO + "Customer"})),
    "eve": Actor("urn:eve", "eve", frozenset({EVCO + "Employee", EVCO + "Customer"})),
    "inc": Actor("urn:inc", "inc", frozenset({EVCO + "Firm"})),
    "who": Actor("urn:who", "who"),
}


@pytest.mark.parametrize(
    ("bearer", "told_by", "expected"),
    [
        (None, "ann", False),
        ("customer", None, False),
        ("customer", "ann", False),
        ("ann", "ann", False),
        ("eve", "ann", True),
        ("who", "ann", True),
        ("firm", None, True),
        ("firm", "ann", True),
        ("employee", "ann", True),
        ("employee", "eve", False),
        ("inc", None, True),
        ("ann", None, False),
        ("who", None, False),
    ],
)
def test_outcomes_of_others_are_attributed(bearer: str | None, told_by: str | None, expected: bool) -> None:
    """An outcome is attributed if its bearer is known not to be the teller, here named one incident before."""
    incidents = {
        "I1": Incident("urn:1", "I1", "I1", told_by=told_by),
        "I2": Incident("urn:2", "I2", "I1", follows="I1"),
    }
    vocabulary = Vocabulary.read()
    outcome = Element("urn:e", "I2", EVCO + "SocialValue", None, False, "positive", bearer, None, None, ())

    assert expected == attributed(outcome, incidents, ACTORS, vocabulary)
    assert not attributed(replace(outcome, term=EVCO + "Review"), incidents, ACTORS, vocabulary)


# Coder by coder


@pytest.mark.parametrize(
    ("one", "two", "together", "expected"),
    [
        ("supports", "supports", "supports", "alike"),
        ("supports", None, "supports", "some"),
        ("supports", "contradicts", "mixed", "contrary"),
        (None, None, "supports", "together"),
    ],
)
def test_how_coders_compare(one: str | None, two: str | None, together: str, expected: str) -> None:
    """Two coders yield the same, or only one does, or contrary verdicts, or none but both together do."""

    def said(verdict: str | None) -> list[Verdict]:
        made = Verdict("incident", "I1", "t", "P", verdict, "", "", (), (), ())  # type: ignore[arg-type]
        return [made] if verdict else []

    everybody = {"any": said(together), "c1": said(one), "c2": said(two), "all": []}
    found = [*compared(everybody, "any", {"I1": {"c1", "c2"}}, "b", [Incident("urn:1", "I1", "I1")])]

    assert [("t", expected, (together, "nothing"))] == [row[:3] for row in found]
    assert (expected == "alike") == (found[0][3] is None)


def test_many_coders_are_not_compared() -> None:
    """One coder has nobody to be compared with; many would each ask for all queries."""
    assert [] == beside_one_another(["c1"], "any")
    assert ["c1", "c2", "all"] == beside_one_another(["c1", "c2"], "any")
    assert [] == beside_one_another([f"c{n}" for n in range(13)], "any")


# Marks


def coding(segment: str | None, start: int | None = None, end: int | None = None, coder: str = "c1") -> Coding:
    return Coding(
        f"urn:{segment}{coder}", "c", "I1", "x", Place("f", 1), coder=coder, segment=segment, start=start, end=end
    )


def test_overlapping_words_of_several_coders() -> None:
    """A text is cut where segments start and end, and each piece knows all who marked it."""
    text = "one two three four"
    pieces, unplaced = marked(
        text, [coding("one two three"), coding("two three four", 4, 18, "c2"), coding("two", coder="c3")]
    )

    assert [("one ", ["c1"]), ("two", ["c1", "c2", "c3"]), (" three", ["c1", "c2"]), (" four", ["c2"])] == [
        (piece.text, sorted({c.coder or "" for s in piece.covered_by for c in s.codings})) for piece in pieces
    ]
    assert [[], ["c3"], ["c1"], ["c2"]] == [[c.coder for c in piece.ended] for piece in pieces]
    assert [] == unplaced


def test_offsets_count_code_points() -> None:
    """Places are code points, also after a character beyond the basic plane."""
    text = "🎭🎭 wow 🎭 so rude"
    pieces, _ = marked(text, [coding("so rude", 9, 16), coding("🎭", 7, 8)])

    assert ["🎭🎭 wow ", "🎭", " ", "so rude"] == [piece.text for piece in pieces]
    assert [False, True, False, True] == [bool(piece.covered_by) for piece in pieces]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (coding("a", 1, 2), "stands in the narrative 2 times"),
        (coding("zebra"), "not found in the narrative"),
        (coding(None, 3, 99), "its place is outside the narrative"),
        (coding(None, 3, None), "its place is outside the narrative"),
    ],
)
def test_words_that_cannot_be_marked(given: Coding, expected: str) -> None:
    """Words that are not in the text, or more than once at no right place, are told beside it, and why."""
    pieces, unplaced = marked("a b a", [given])

    assert [expected] == [one.why for one in unplaced]
    assert ["a b a"] == [piece.text for piece in pieces]


def test_a_wrong_place_does_not_matter_where_the_words_stand_once() -> None:
    """Where the words do not stand at the place given, they are looked for."""
    pieces, unplaced = marked("so rude", [coding("rude", 0, 4)])

    assert [("so ", 0), ("rude", 1)] == [(piece.text, len(piece.covered_by)) for piece in pieces]
    assert [] == unplaced


@given(st.text("ab 🎭", max_size=12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=5))
def test_pieces_make_up_the_text(text: str, places: list[tuple[int, int]]) -> None:
    """No character is lost or doubled, and the pieces that a segment covers are its words."""
    given = [coding(text[start:end] or None, start, end, f"c{n}") for n, (start, end) in enumerate(places)]
    pieces, unplaced = marked(text, given)
    covered = {
        one.iri: "".join(p.text for p in pieces if one in [c for s in p.covered_by for c in s.codings])
        for one in given
        if one not in [each.coding for each in unplaced]
    }

    assert text == "".join(piece.text for piece in pieces)
    assert all(covered[one.iri] == one.segment for one in given if one.iri in covered)


def test_names_in_ids() -> None:
    """A name in an id keeps apart what differs, and has nothing that an address must encode."""
    names = ["I 1", "I%201", "I~201", "I1", "ü", "a:b", "a/b", "<b>"]

    assert len(names) == len({anchored(name) for name in names})
    assert all(re.fullmatch(r"[\w.~-]+", anchored(name), re.ASCII) for name in names)


@pytest.mark.parametrize("most", [0, 1, 4, 5, 6, 20, 23, 999, 1000, 100001])
def test_scales_hold_what_they_show(most: int) -> None:
    """A scale reaches the most that is shown, in a few whole marks."""
    ticks = Ticks.to(most)

    assert ticks.top >= max(most, 1)
    assert 2 <= len(ticks.marks) <= 7
