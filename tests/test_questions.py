"""The competency questions: each gives what its case expects, in two engines and however graphs are told apart.

`cases/questions` is the bundle that they are asked of, `cases/questions/expected` what they must answer: the columns by
their names, terms as CURIEs, nodes of the data without the bundle's IRI before them. For many questions plain Python
works the answer out a second time, from the tables or the verdicts.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from kgtools.lift import lift_terms, lift_verdicts
from kgtools.model import Verdict
from kgtools.pipeline import Job, derive_all
from kgtools.pipeline.carry import lifted
from kgtools.questions import Value, catalog
from kgtools.sparql import is_ordered
from kgtools.theory import read_theories
from kgtools.vocabulary import ONTOLOGY_IRI, PREFIXES, Vocabulary, local

CASE = Path(__file__).parent / "cases" / "questions"
EXPECTED = CASE / "expected"
BUNDLE = "urn:evco:data:questions"
CODERS = ("any", "majority", "all", "ana", "ben")
QUESTIONS = {question.slug: question for question in catalog()}
THEMES = {"conditions", "behaviors", "value", "verdicts", "robustness", "provenance", "data"}
VOCABULARY = Vocabulary.read()
SHORT = {f"{ONTOLOGY_IRI}/theory/zhang2018#": "zh:", f"{ONTOLOGY_IRI}/theory/jaakkola2014#": "ja:", **{
    PREFIXES[one]: f"{one}:" for one in ("evco", "oa", "rdf")
}}  # fmt: skip
SUMMARY = {"supports": 0, "contradicts": 1, "mixed": 2}

Rows = list[tuple[str, ...]]

every_question = pytest.mark.parametrize("slug", QUESTIONS)


def short(value: object) -> str:
    """A value as the expected answers write it."""
    if value is None:
        return ""
    text = str(value.value if isinstance(value, ox.NamedNode | ox.Literal) else value)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return text.rstrip("0").removesuffix(".")
    for start, prefix in SHORT.items():
        if text.startswith(start):
            return prefix + text.removeprefix(start)
    return text.removeprefix(f"{BUNDLE}/")


def full(value: str) -> str:
    """What is written short, in full."""
    for start, prefix in SHORT.items():
        if value.startswith(prefix):
            return start + value.removeprefix(prefix)
    return value


@cache
def verdicts(coders: str, case: Path = CASE) -> tuple[Verdict, ...]:
    """The verdicts on a case for a set of coders."""
    return tuple(derive_all([case], Job(coders=coders))[1])


@cache
def quads(case: Path = CASE, sets: tuple[str, ...] = CODERS) -> tuple[ox.Quad, ...]:
    """A case, with the terms and the verdicts for each set of coders."""
    job = Job()
    (bundle,) = bundles = job.read([case])
    lines = [*lifted(bundles, job), *lift_terms(job.vocabulary)]
    for coders in sets:
        lines += lift_verdicts(verdicts(coders, case), bundle.iri)
    return tuple(ox.parse("\n".join(lines), format=ox.RdfFormat.N_QUADS))


def stored(quads: Iterable[ox.Quad]) -> ox.Store:
    """A store of some quads."""
    store = ox.Store()
    store.extend(quads)
    return store


@cache
def stores() -> dict[str, ox.Store]:
    """The case as it is lifted, all in one graph, and with each triple in two graphs."""
    copy = ox.NamedNode("urn:copy")
    return {
        "graphs": stored(quads()),
        "one graph": stored(ox.Quad(one.subject, one.predicate, one.object) for one in quads()),
        "twice": stored(two for one in quads() for two in (one, ox.Quad(one.subject, one.predicate, one.object, copy))),
    }


@cache
def reference() -> rdflib.Graph:
    """The case as a graph of rdflib."""
    graph = rdflib.Graph()
    graph.parse(data="\n".join(f"{one.triple} ." for one in quads()), format="nt")
    return graph


def asked(query: str, where: str) -> Rows:
    """What Oxigraph answers, the header first."""
    answer: Any = stores()[where].query(query, use_default_graph_as_union=True)
    if isinstance(answer, ox.QueryBoolean):
        return [("answer",), (str(bool(answer)).lower(),)]
    if isinstance(answer, ox.QueryTriples):
        return [("subject", "predicate", "object"), *sorted({tuple(map(short, triple)) for triple in answer})]
    return [tuple(one.value for one in answer.variables), *(tuple(map(short, row)) for row in answer)]


def asked_rdflib(query: str) -> Rows:
    """What rdflib answers, the header first."""
    answer: Any = reference().query(query)
    if answer.type == "ASK":
        return [("answer",), (str(answer.askAnswer).lower(),)]
    if answer.type == "CONSTRUCT":
        return [("subject", "predicate", "object"), *sorted(tuple(map(short, triple)) for triple in answer)]
    return [tuple(map(str, answer.vars)), *(tuple(map(short, row)) for row in answer)]


def answers(query: str, folders: Sequence[Path]) -> list[Rows]:
    """What Oxigraph and rdflib answer for some bundles and the terms, the header first."""
    job = Job()
    lines = "\n".join([*lifted(job.read(folders), job), *lift_terms(job.vocabulary)])
    parsed = list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
    graph = rdflib.Graph().parse(data="\n".join(f"{one.triple} ." for one in parsed), format="nt")
    by_oxigraph: Any = stored(parsed).query(query, use_default_graph_as_union=True)
    by_rdflib: Any = graph.query(query)
    return [
        [tuple(one.value for one in by_oxigraph.variables), *(tuple(map(short, row)) for row in by_oxigraph)],
        [tuple(map(str, by_rdflib.vars)), *(tuple(map(short, row)) for row in by_rdflib)],
    ]


@cache
def expected(slug: str) -> Rows:
    """What a question must answer, the header first."""
    with (EXPECTED / f"{slug}.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


def answer(slug: str) -> set[tuple[str, ...]]:
    """What a question must answer, without header and order."""
    return set(expected(slug)[1:])


# All of them


def test_each_question_has_its_answer() -> None:
    """There are at least 32 questions, a graph and a yes or no among them, and each has an expected answer."""
    assert sorted(QUESTIONS) == sorted(path.stem for path in EXPECTED.iterdir())
    assert len(QUESTIONS) >= 32
    assert {question.form for question in QUESTIONS.values()} == {"SELECT", "ASK", "CONSTRUCT"}
    assert [] == [slug for slug in QUESTIONS if len(expected(slug)) < 2]


@every_question
def test_a_head_says_what_is_asked(slug: str) -> None:
    """A question has a theme and names its source; rows are ordered by all that tells them apart."""
    question = QUESTIONS[slug]
    columns = expected(slug)[0]
    ordered = re.findall(r"\?(\w+)", question.sparql.rpartition("ORDER BY")[2])

    assert question.keywords[0] in THEMES
    assert question.question.endswith(("?", ")"))
    assert re.match(
        r"Zhang et al\. \(2018\)|Jaakkola and Alexander \(2014\)|the method: |a reviewer's ", question.source
    )
    assert question.form != "SELECT" or is_ordered(question.sparql)
    assert question.form != "SELECT" or set(ordered) <= set(columns)
    assert question.needs_verdicts == ("evco:verdict" in question.sparql or "evco:grade" in question.sparql)


@every_question
@pytest.mark.parametrize("where", ["graphs", "one graph", "twice"])
def test_answer_in_oxigraph(slug: str, where: str) -> None:
    """Oxigraph gives the expected answer, also where a triple stands in two graphs."""
    assert expected(slug) == asked(QUESTIONS[slug].sparql, where)


@every_question
def test_answer_in_rdflib(slug: str) -> None:
    """So does rdflib, in the same order."""
    assert expected(slug) == asked_rdflib(QUESTIONS[slug].sparql)


@every_question
def test_rows_are_told_apart_by_what_orders_them(slug: str) -> None:
    """No two rows are alike in what they are ordered by, so there is but one order."""
    if QUESTIONS[slug].form == "SELECT":
        header, *rows = expected(slug)
        by = re.findall(r"\?(\w+)", QUESTIONS[slug].sparql.rpartition("ORDER BY")[2])
        keys = [tuple(row[header.index(name)] for name in by) for row in rows]

        assert sorted(set(keys)) == sorted(keys)


# Parameters

COLUMNS = [
    (slug, parameter.name)
    for slug, question in QUESTIONS.items()
    for parameter in question.parameters
    if question.form == "SELECT" and parameter.name in expected(slug)[0]
]
OTHERS: list[tuple[str, Mapping[str, Value | tuple[Value, ...]]]] = [
    *(
        (slug, {"coders": "ana"})
        for slug, question in QUESTIONS.items()
        if "coders" in {one.name for one in question.parameters} and (slug, "coders") not in COLUMNS
    ),
    ("coders-workload", {"name": "ana"}),
    ("conditions-by-perspective", {"theory": f"{ONTOLOGY_IRI}/theory/zhang2018"}),
    ("does-the-railway-travel", {"theory": f"{ONTOLOGY_IRI}/theory/zhang2018", "setting": "monopoly"}),
    ("evidence-graph", {"proposition": ("Z-delight", "J-access")}),
    ("is-it-contradicted", {"proposition": "Z-delight"}),
    ("narratives-with-a-word", {"text": ("QUEUE", "nothing of")}),
]


@pytest.mark.parametrize(("slug", "name"), COLUMNS, ids="-".join)
def test_a_parameter_narrows_the_answer(slug: str, name: str) -> None:
    """A parameter that is a column too leaves the rows of what it is set to, each as it was."""
    header, *rows = expected(slug)
    column = header.index(name)
    values = sorted({row[column] for row in rows} - {""})
    question = QUESTIONS[slug]
    for place, value in enumerate(values):
        query = question.with_values({name: full(value)}, VOCABULARY)
        kept = [header, *(row for row in rows if row[column] == value)]

        assert kept == asked(query, "graphs")
        if place == 0:
            assert kept == asked_rdflib(query)
    if len(values) > 1:
        both = question.with_values({name: [full(value) for value in values[:2]]}, VOCABULARY)

        assert [header, *(row for row in rows if row[column] in values[:2])] == asked(both, "graphs")


@pytest.mark.parametrize(("slug", "values"), OTHERS, ids=lambda one: one if isinstance(one, str) else "".join(one))
def test_a_parameter_changes_the_answer(slug: str, values: Mapping[str, Value]) -> None:
    """What is set and is no column gives another answer, the same in both engines."""
    query = QUESTIONS[slug].with_values(values, VOCABULARY)
    found = asked(query, "graphs")

    assert found == asked_rdflib(query)
    assert found != expected(slug) or slug in ("crosswalk-only-verdicts", "silent-propositions")


def test_failures_that_nothing_answers() -> None:
    """A recovery answers what goes wrong in its incident or before it in the chain; what comes before is no answer."""
    folder = CASE.with_name("questions-failure")
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        wanted = [tuple(row) for row in csv.reader(file)]
    query = QUESTIONS["failure-without-recovery"].sparql
    found = answers(query, [folder])

    assert [[tuple(cell.rpartition("questions-failure/")[2] for cell in row) for row in rows] for rows in found] == [
        wanted,
        wanted,
    ]


def test_bundles_are_told_apart() -> None:
    """Each bundle has its own incidents and codings; one coder's name in two bundles is two coders."""
    counts = [("urn:evco:data:questions", "15", "79", "2"), ("urn:evco:data:questions-failure", "10", "21", "2")]
    found = answers(QUESTIONS["bundles"].sparql, [CASE, CASE.with_name("questions-failure")])

    assert [counts, counts] == [rows[1:] for rows in found]


@pytest.mark.parametrize("coders", CODERS)
def test_coders_are_those_asked_for(coders: str) -> None:
    """The verdicts of a set of coders are the rows of that set in the table by coder."""
    found = asked(QUESTIONS["support-by-proposition"].with_values({"coders": coders}, VOCABULARY), "graphs")

    assert {row[1:5] for row in found[1:]} == {
        (row[0], *row[2:]) for row in expected("support-by-coder")[1:] if row[1] == coders
    }


# A second way: from the tables


def table(name: str) -> list[dict[str, str]]:
    """A table of the case."""
    return list(csv.DictReader(io.StringIO((CASE / f"{name}.csv").read_text("utf-8"))))


def codings() -> Iterator[dict[str, str]]:
    """The codings that are taken in, with what the crosswalk makes of them."""
    crosswalk = {
        "thrilled": ("Delight", "1"),
        "told others": ("PositiveWordOfMouth", "2"),
        "felt good": ("EmotionalValue", "3"),
    }
    for row in table("codings"):
        if row["code"] in crosswalk:
            code, step = crosswalk[row["code"]]
            yield {
                **row,
                "code": code,
                "step": step,
                "valence": "positive",
                "bearer": "customer",
                "presence": "present",
            }
        elif f"{PREFIXES['evco']}{row['code']}" in VOCABULARY.elements:
            yield row


def present() -> list[dict[str, str]]:
    """The codings of what was there."""
    return [row for row in codings() if row["presence"] != "absent"]


def below(name: str) -> set[str]:
    """The local names of a class and those below it."""
    return {local(iri) for iri in VOCABULARY.below(PREFIXES["evco"] + name)}


def roles(actor: str) -> list[str]:
    """The classes of an actor, or of a role."""
    words = {row["actor"]: row["role"] for row in table("actors")}.get(actor, actor)
    return [local(VOCABULARY.roles[word]) for word in words.split(";")] if words else []


def counted(pairs: Iterable[tuple[tuple[str, ...], str]]) -> set[tuple[str, ...]]:
    """Keys, each with the number of different things that go with it."""
    found = defaultdict(set)
    for key, thing in pairs:
        found[key].add(thing)
    return {(*key, str(len(things))) for key, things in found.items()}


def terms(*names: str) -> tuple[str, ...]:
    """Local names of ours as CURIEs; what is empty stays so."""
    return tuple(f"evco:{name}" if name else "" for name in names)


def test_terms_used_by_the_tables() -> None:
    """Terms are counted by incidents, and by who coded or inferred them."""
    incidents = counted(((row["code"],), row["incident"]) for row in present())
    coders = defaultdict[str, set[str]](set)
    for row in present():
        coders[row["code"]] |= {"crosswalk" if row["incident"] == "Q11" else row["coder"]} - {""}

    assert answer("terms-used") == {(f"evco:{code}", many, str(len(coders[code]))) for code, many in incidents}


def test_unmapped_codes_by_the_tables() -> None:
    """What is no term, and in no crosswalk, is counted by codings and incidents."""
    rows = [row for row in table("codings") if row["code"] in ("weather", "queueing")]
    incidents = {row[0]: row[1] for row in counted(((row["code"],), row["incident"]) for row in rows)}

    assert answer("unmapped-codes") == {
        (f"code/{code}", code, str(many), incidents[code])
        for code, many in Counter(row["code"] for row in rows).items()
    }


def test_values_by_the_tables() -> None:
    """Values are counted by kind, valence and the roles of whose they are."""
    assert answer("value-by-kind") == counted(
        (terms(row["code"], row["valence"], role), row["incident"])
        for row in present()
        if row["code"] in below("ValueOutcome")
        for role in roles(row["bearer"])
    )


def test_values_by_channel_by_the_tables() -> None:
    """Values are counted by the channel of their incident, their kind and valence."""
    channels = {row["incident"]: row["channel"] for row in table("incidents")}

    assert answer("value-by-channel") == counted(
        (terms(channel, row["code"], row["valence"]), row["incident"])
        for row in present()
        if row["code"] in below("ValueOutcome") and (channel := channels[row["incident"]])
    )


def test_failures_that_nothing_answers_by_the_tables() -> None:
    """Where somebody failed and nobody recovered, the acts and values of a higher step follow; there is no chain."""
    failures = {
        local(kind)
        for theory in read_theories()
        for proposition in theory.propositions
        if proposition.id == "Z-recovery"
        for slot in proposition.slots
        if slot.id == "F"
        for one in slot.classes
        for kind in VOCABULARY.below(one)
    }
    recovered = {row["incident"] for row in present() if row["code"] in below("ServiceRecovery")}
    followed = below("EngagementBehavior") | below("ValueOutcome")
    found = set()
    for failed in present():
        incident = failed["incident"]
        if failed["code"] in failures and failed["valence"] != "positive" and incident not in recovered:
            after = {
                (f"incident/{incident}", *terms(row["code"], row["valence"]))
                for row in present()
                if row["incident"] == incident and row["code"] in followed and failed["step"] < row["step"]
            }
            begins = (f"incident/{incident}", *terms(failed["code"]), "not recorded")
            found |= {(*begins, *one) for one in after or {("", "", "")}}

    assert answer("failure-without-recovery") == found


def test_behaviors_by_the_tables() -> None:
    """Behaviors are counted by channel and valence, and by purpose."""
    acts = [row for row in present() if row["code"] in below("EngagementBehavior")]
    channels = {row["incident"]: row["channel"] for row in table("incidents")}

    assert answer("behaviors-by-channel") == counted(
        (terms(channels[row["incident"]], row["code"], row["valence"]), row["incident"]) for row in acts
    )
    assert answer("behaviors-by-purpose") == counted(
        (terms(row["purpose"], row["code"]), row["incident"]) for row in acts if row["purpose"]
    )


def test_links_by_the_tables() -> None:
    """Links are counted by the codes at their ends."""
    rows = {row["id"]: row for row in present()}

    assert answer("links-between-kinds") == counted(
        (terms(row["code"], rows[row["leads_to"]]["code"]), row["incident"]) for row in rows.values() if row["leads_to"]
    )


def test_conditions_together_by_the_tables() -> None:
    """Two codes that antecedent slots name are counted in both orders."""
    conditions = {
        local(one)
        for theory in read_theories()
        for proposition in theory.propositions
        for slot in proposition.slots
        if slot.role == "antecedent"
        for one in slot.classes
    }
    by_incident = defaultdict[str, set[str]](set)
    for row in present():
        by_incident[row["incident"]] |= {row["code"]} & conditions

    assert answer("conditions-together") == counted(
        (terms(*pair), incident) for incident, codes in by_incident.items() for pair in permutations(codes, 2)
    )


def test_gaps_by_the_tables() -> None:
    """An incident lacks what its row, or all of its codings, do not say."""
    coded, engaged = set(), set()
    for row in codings():
        coded.add(row["incident"])
        if row["code"] in below("EngagementBehavior") and row["presence"] == "present":
            engaged.add(row["incident"])
    gaps = set()
    for row in table("incidents"):
        id = row["incident"]
        lacking = {"no channel": not row["channel"], "no context": not row["context"], "no coding": id not in coded}
        gaps |= {(gap, f"incident/{id}") for gap, lacks in lacking.items() if lacks}
        gaps |= {("no engagement", f"incident/{id}")} if id not in engaged else set()

    assert answer("data-gaps") == gaps


def test_coders_by_the_tables() -> None:
    """Incidents are counted by how many coded them, and by who did."""
    who = {row["incident"]: set[str]() for row in table("incidents")}
    for row in table("codings"):
        who[row["incident"]] |= {row["coder"]} - {""}
    many = Counter(row["coder"] for row in table("codings"))

    assert answer("coding-overlap") == {
        (str(number), str(times)) for number, times in Counter(map(len, who.values())).items()
    }
    assert answer("coders-workload") == {
        (
            *(f"coder/{coder}", str(sum(coder in coders for coders in who.values())), str(many[coder])),
            str(sum(coders >= {"ana", "ben"} for coders in who.values())),
        )
        for coder in ("ana", "ben")
    }


def test_chains_by_the_tables() -> None:
    """A chain has the incidents that lead back to its first, and the length of its longest way."""
    follows = {row["incident"]: row["follows"] for row in table("incidents")}

    def line(incident: str) -> list[str]:
        return [incident, *(line(follows[incident]) if follows[incident] else [])]

    lines = [line(incident) for incident in follows]

    assert answer("chains") == {
        (f"incident/{first}", str(len(mine)), str(max(map(len, mine))))
        for first in follows
        if len(mine := [one for one in lines if one[-1] == first]) > 1
    }


def test_channels_and_narratives_by_the_tables() -> None:
    """Channels are counted with their platforms; a word is looked for in narratives."""
    rows = table("incidents")

    assert answer("channels-and-platforms") == counted(
        ((*terms(row["channel"]), row["platform"]), row["incident"]) for row in rows if row["channel"]
    )
    assert answer("narratives-with-a-word") == {
        (f"incident/{row['incident']}", row["narrative"]) for row in rows if "told" in row["narrative"].lower()
    }


def test_what_is_attributed_by_the_tables() -> None:
    """A value of somebody who did not tell the incident is attributed."""
    tellers = {row["incident"]: row["told_by"] for row in table("incidents")}

    assert answer("attributed-value") == {
        (
            *(f"incident/{row['incident']}", f"actor/{teller}", f"actor/{row['bearer']}"),
            *terms(row["code"], row["valence"]),
            row["segment"],
        )
        for row in present()
        if row["code"] in below("ValueOutcome")
        and (teller := tellers[row["incident"]])
        and row["bearer"] not in (teller, "customer")
    }


def test_an_incident_by_the_tables() -> None:
    """All that is coded is in the full account, once for each coding, in the order of steps."""
    rows = expected("incident-in-full")[1:]

    assert Counter((row[0], row[1], row[2], row[8]) for row in rows) == Counter(
        (row["incident"], row["step"], f"evco:{row['code']}", row["segment"]) for row in codings()
    )


# A second way: from the verdicts


def proposition(verdict: Verdict) -> str:
    """A verdict's proposition as expected answers write it."""
    return short(verdict.proposition_iri)


def summed(verdicts: Collection[tuple[tuple[str, ...], Verdict]]) -> set[tuple[str, ...]]:
    """Keys, each with how many units support, contradict, or do both."""
    found: dict[tuple[str, ...], list[set[str]]] = defaultdict(lambda: [set(), set(), set()])
    for key, verdict in verdicts:
        found[key][SUMMARY[verdict.verdict]].add(verdict.unit_iri)
    return {(*key, *(str(len(units)) for units in three)) for key, three in found.items()}


def places(verdict: Verdict) -> set[str]:
    """The incidents that a verdict's evidence stands in."""
    return {iri.removeprefix(f"{BUNDLE}/incident/").split("/")[0] for iri in verdict.evidence_iris}


def test_support_by_the_verdicts() -> None:
    """Verdicts are counted by proposition, by coder, and by grade."""
    said = verdicts("any")

    assert {row[1:5] for row in answer("support-by-proposition")} == summed(
        [((proposition(one),), one) for one in said]
    )
    assert answer("support-by-coder") == summed(
        [((proposition(one), coders), one) for coders in CODERS for one in verdicts(coders)]
    )
    assert answer("support-grades") == counted(
        ((proposition(one), "evco:coOccurrence" if one.grade == "co-occurrence" else f"evco:{one.grade}"), one.unit_iri)
        for one in said
        if one.grade
    )


def test_units_that_speak_by_the_verdicts() -> None:
    """As many say something on a proposition as support it, contradict it, or do both."""
    units = counted(((proposition(one),), one.unit_iri) for one in verdicts("any"))

    assert {(row[1], row[5]) for row in answer("support-by-proposition")} == units


def test_settings_by_the_verdicts() -> None:
    """Verdicts are counted by the channel and context of the incidents where their evidence stands."""
    rows = {row["incident"]: row for row in table("incidents")}
    placed = [(rows[place], one) for one in verdicts("any") for place in places(one)]

    assert answer("support-by-channel") == summed(
        [((*terms(row["channel"]), proposition(one)), one) for row, one in placed]
    )
    assert answer("support-by-context") == summed(
        [((proposition(one), f"evco:{row['context']}Service"), one) for row, one in placed]
    )
    assert answer("does-the-railway-travel") == summed(
        [
            ((f"evco:{name}", {"true": "yes", "false": "no"}.get(row[column], "not recorded"), proposition(one)), one)
            for row, one in placed
            if one.theory == "jaakkola2014"
            for name, column in (
                ("monopoly", "monopoly"),
                ("resourcesLimited", "resources_limited"),
                ("commonCause", "common_cause"),
            )
        ]
    )


def test_corpora_by_the_verdicts() -> None:
    """Support illustrates where kgtools says that the corpus is the theory's own."""
    rows = {row["incident"]: row["corpus"] or "not recorded" for row in table("incidents")}

    assert answer("support-by-corpus") == summed(
        [
            (
                (
                    *(proposition(one), rows[place]),
                    "illustrates"
                    if one.own_corpus
                    else "another corpus"
                    if rows[place] != "not recorded"
                    else "not recorded",
                ),
                one,
            )
            for one in verdicts("any")
            for place in places(one)
        ]
    )


def test_what_nobody_speaks_to_by_the_verdicts() -> None:
    """A proposition that no verdict is on is silent; an implication rests on what the verdicts say."""
    theories = read_theories()
    spoken = {one.proposition for one in verdicts("any")}
    counts = {row[1].partition(":")[2]: row[2:5] for row in answer("support-by-proposition")}

    assert {row[2] for row in answer("silent-propositions")} == {
        short(one.iri) for theory in theories for one in theory.propositions if one.id not in spoken
    }
    assert all(counts.get(row[1].partition(":")[2], ("0", "0", "0")) == row[2:] for row in answer("implications"))


def test_contradictions_by_the_verdicts() -> None:
    """What contradicts is there with each slot that it opposes; what is mixed with what opposes it."""
    said = verdicts("any")

    assert answer("propositions-contradicted") == {
        (proposition(one), short(one.unit_iri), short(slot))
        for one in said
        if one.verdict == "contradicts"
        for slot in one.opposed_iris
    }
    slots = {
        (each.id, slot.id): slot.iri
        for theory in read_theories()
        for each in theory.propositions
        for slot in each.slots
    }
    mixed = {
        (proposition(one), short(one.unit_iri), short(slots[one.proposition, use.slot]), short(use.element))
        for one in said
        if one.verdict == "mixed"
        for use in one.uses
        if use.opposes
    }
    named = {(*row[:3], f"{row[1]}/element/{row[3].removeprefix('evco:')}") for row in answer("mixed-verdicts")}

    assert {(*row[:3], row[3].partition(";")[0]) for row in mixed} == named


def test_evidence_by_the_verdicts() -> None:
    """A verdict's codings are those that its evidence is made of; some are the crosswalk's alone."""
    said = verdicts("any")
    rows = answer("verdict-provenance")

    assert answer("crosswalk-only-verdicts") == {
        (proposition(one), short(one.unit_iri), f"evco:{one.verdict}", str(len(one.evidence)))
        for one in said
        if one.inferred_alone
    }
    for one in said:
        mine = [row for row in rows if row[0] == proposition(one) and row[1] == short(one.unit_iri)]

        assert set(map(short, one.evidence_iris)) == {row[4] for row in mine}
        assert set(one.evidence) == {row[5].split("/")[1] for row in mine}


def test_rows_of_files_by_the_tables() -> None:
    """The row that a coding is led back to is the one that it stands in."""
    rows = {row["id"]: (str(line), row["segment"]) for line, row in enumerate(table("codings"), 2)}

    for row in answer("verdict-provenance"):
        assert ("codings.csv", *rows[row[5].split("/")[1]]) == row[7:10]


def test_theories_together_by_the_verdicts() -> None:
    """Incidents on which both theories speak, with all that is said of them."""
    said = [one for one in verdicts("any") if one.unit_type == "incident"]
    theories = defaultdict(set)
    for one in said:
        theories[one.unit_iri].add(one.theory)

    assert {(row[0], row[2]) for row in answer("theories-together")} == {
        (short(one.unit_iri), proposition(one)) for one in said if len(theories[one.unit_iri]) > 1
    }


def test_what_hangs_on_a_coder_by_the_verdicts() -> None:
    """A verdict hangs on a coder where one who coded the incident yields another."""
    alone = {(coder, one.unit_iri, one.proposition): one.verdict for coder in ("ana", "ben") for one in verdicts(coder)}
    who = defaultdict(set)
    for row in present():
        who[row["incident"]].add(row["coder"])
    by_crosswalk = {"Q11"}

    assert {(*row[:2], *row[3:]) for row in answer("verdicts-that-hang-on-a-coder")} == {
        (proposition(one), short(one.unit_iri), coder, "evco:mixedSupport" if other == "mixed" else f"evco:{other}")
        for one in verdicts("any")
        for coder in ("ana", "ben")
        if any(coder in who[place] for place in places(one) - by_crosswalk)
        and (other := alone.get((coder, one.unit_iri, one.proposition), "silent")) != one.verdict
    }
