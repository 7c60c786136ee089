"""Sound studies and single faults: Hypothesis draws tables that a careful coder would hand in; a fault bends one cell.

A study is drawn so that each fault finds a row: its first incident has an act of everybody, an outcome, and a record of
absence. Rows are plain dictionaries, as they stand in the tables.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

Row = dict[str, str]
Expected = tuple[str, str, str, int]
"""Severity, shape, file, and line of a finding."""

CODINGS = (
    *("id", "incident", "element", "code", "presence", "valence", "bearer", "toward", "step", "leads_to", "purpose"),
    *("coder", "segment", "start", "end", "coded_at", "confidence"),
)
INCIDENTS = ("incident", "channel", "platform", "occurred_on", "follows", "context", "narrative", "told_by")
ACTORS = ("actor", "role", "label")

PEOPLE = {
    "anna": "customer",
    "ben": "customer;employee",
    "kim": "employee",
    "shop": "firm",
    "club": "community",
    "city": "government",
    "passer-by": "",
    "nobody": "business",
}
"""Actors and their roles; nobody figures nowhere."""

CUSTOMERS = ["customer", "anna", "ben", "club", "stakeholder", "city"]
PROVIDERS = ["firm", "shop", "employee", "kim", "ben"]
ANYBODY = ["", "passer-by", *CUSTOMERS, *PROVIDERS]
GAIN, LOSS, OPEN = ["positive", "mixed"], ["negative", "mixed"], ["", "positive", "negative", "neutral", "mixed"]

TERMS: dict[str, tuple[list[str], list[str]]] = {
    "HelpfulConduct": (["employee", "kim", "ben", "passer-by"], [*GAIN, ""]),
    "RudeConduct": (["employee", "kim", ""], LOSS),
    "PositiveWordOfMouth": (CUSTOMERS, [*GAIN, ""]),
    "NegativeWordOfMouth": (CUSTOMERS, [*LOSS, "neutral"]),
    "Review": ([*CUSTOMERS, "passer-by", ""], OPEN),
    "IdeaSubmission": (CUSTOMERS, OPEN),
    "ServiceRecovery": (PROVIDERS, [*GAIN, ""]),
    "Recognition": (["stakeholder", "city", "club"], GAIN),
    "Delight": (["customer", "anna"], [*GAIN, ""]),
    "Trust": (ANYBODY, OPEN),
    "CoreServiceFailure": ([""], LOSS),
    "KnowledgeContribution": (CUSTOMERS, OPEN),
    "OfferingChange": (["", "shop"], OPEN),
    "EconomicValue": (ANYBODY[1:], OPEN[1:]),
    "EmotionalValue": (ANYBODY[1:], OPEN[1:]),
}
"""What may be coded, of whom, and with which valence."""

ALWAYS = ("HelpfulConduct", "PositiveWordOfMouth", "Review", "ServiceRecovery", "EconomicValue")
ABSENT = ("Boycott", "Complaint")
CHANNELS = ("Forum", "SocialMedia", "Email", "OfflineChannel")


@dataclass
class Study:
    """Three tables."""

    codings: list[Row]
    incidents: list[Row]
    actors: list[Row]

    def write(self, folder: Path) -> Path:
        """Store the tables in a folder, which is made."""
        folder.mkdir(parents=True)
        for name, columns, rows in (
            ("codings.csv", CODINGS, self.codings),
            ("incidents.csv", INCIDENTS, self.incidents),
            ("actors.csv", ACTORS, self.actors),
        ):
            with (folder / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, restval="")
                writer.writeheader()
                writer.writerows(rows)
        return folder


@st.composite
def studies(draw: DrawFn) -> Study:
    """Sound studies: of some chains of incidents, each coded by one or two coders."""

    def pick(choices: list[str]) -> str:
        return draw(st.sampled_from(choices))

    study = Study([], [], [{"actor": name, "role": role, "label": name.title()} for name, role in PEOPLE.items()])
    for length in [draw(st.integers(2, 3)), *draw(st.lists(st.integers(1, 2), min_size=1, max_size=2))]:
        before, day = "", date(2024, 1, 1) + timedelta(draw(st.integers(0, 300)))
        for _ in range(length):
            incident = f"I{len(study.incidents) + 1}"
            terms = list(ALWAYS) if incident == "I1" else []
            terms += draw(
                st.lists(st.sampled_from([one for one in TERMS if one not in terms]), max_size=4, unique=True)
            )
            rows = [_row(incident, place, term, pick) for place, term in enumerate(terms, 1)]
            if incident == "I1" or draw(st.booleans()):
                bearer = pick(["anna", "customer"])
                rows.append({"incident": incident, "code": pick([*ABSENT]), "presence": "absent", "bearer": bearer})
            _code(draw, study, rows)
            study.incidents.append(
                {
                    "incident": incident,
                    "channel": pick([*CHANNELS]),
                    "platform": pick(["", "a platform"]),
                    "occurred_on": day.isoformat() if incident == "I1" or draw(st.booleans()) else "",
                    "follows": before,
                    "context": pick(["", "public", "commercial"]),
                    "narrative": " ".join(f"They told of {row['code']}. 🧡" for row in rows),
                    "told_by": pick(["", "anna"]),
                }
            )
            before, day = incident, day + timedelta(draw(st.integers(0, 30)))
    return study


def _row(incident: str, place: int, term: str, pick: Callable[[list[str]], str]) -> Row:
    bearers, valences = TERMS[term]
    return {
        "incident": incident,
        "code": pick([term, f"evco:{term}"]),
        "presence": pick(["", "present"]),
        "valence": pick(valences),
        "bearer": pick(bearers),
        "step": str(place),
        "purpose": pick(["", "personal", "collective"]),
        "confidence": pick(["", "0.5", "1"]),
    }


def _code(draw: DrawFn, study: Study, rows: list[Row]) -> None:
    """Have one or two coders code what is in an incident: with the words, and links from one thing to the next."""
    for coder in draw(st.sampled_from([["mia"], ["noa"], ["mia", "noa"]])):
        at = 0
        linked = draw(st.booleans())
        present = [place for place, row in enumerate(rows) if row["presence"] != "absent"]
        for place, row in enumerate(rows):
            said = f"They told of {row['code']}."
            after = f"{row['incident']}-{coder}-{place + 2}" if linked and place + 1 in present else ""
            study.codings.append(
                {
                    **row,
                    "id": f"{row['incident']}-{coder}-{place + 1}",
                    "leads_to": after if place in present else "",
                    "coder": coder,
                    "segment": said,
                    "start": str(at),
                    "end": str(at + len(said)),
                    "coded_at": "2026-01-31",
                }
            )
            at += len(said) + 3


# Faults


@dataclass(frozen=True)
class Fault:
    """A way to bend a sound study.

    Args:
        places: the rows that can be bent so, as numbers in the table.
        bend: bends such a row of a study, which is a copy, and says which finding is to come of it.
    """

    places: Callable[[Study], Iterator[int]]
    bend: Callable[[Study, int], Expected]

    def bent(self, study: Study, place: int) -> tuple[Study, Expected]:
        """A study with the fault at a place, and the finding that it deserves."""
        copy = deepcopy(study)
        return copy, self.bend(copy, place)


def _alone(study: Study, row: Row) -> bool:
    """Whether a coding has no part in links, and others are coded in its incident by the same coder."""
    linked = {one["leads_to"] for one in study.codings}
    beside = [one for one in study.codings if one["incident"] == row["incident"] and one["coder"] == row["coder"]]
    return not row["leads_to"] and row["id"] not in linked and len(beside) > 2


def _coding(severity: str, shape: str, term: str = "", **cells: str) -> Fault:
    """Write other cells into a coding (of a term; else of any that is present)."""

    def places(study: Study) -> Iterator[int]:
        for place, row in enumerate(study.codings):
            fits = row["code"].removeprefix("evco:") == term if term else row["presence"] != "absent"
            if fits and (_alone(study, row) or not {"id", "code"} & set(cells)):
                yield place

    def bend(study: Study, place: int) -> Expected:
        study.codings[place].update(cells)
        return severity, shape, "codings.csv", place + 2

    return Fault(places, bend)


def _incident(severity: str, shape: str, **cells: str) -> Fault:
    """Write other cells into the row of an incident."""

    def bend(study: Study, place: int) -> Expected:
        study.incidents[place].update(cells)
        return severity, shape, "incidents.csv", place + 2

    return Fault(lambda study: iter(range(len(study.incidents))), bend)


def _further(shape: str, table: str, **cells: str) -> Fault:
    """Add a row to a table."""

    def bend(study: Study, _: int) -> Expected:
        rows: list[Row] = getattr(study, table)
        rows.append(cells)
        return "violation", shape, f"{table}.csv", len(rows) + 1

    return Fault(lambda _: iter((0,)), bend)


def _link(to: Callable[[Study, Row, Row], bool]) -> Fault:
    """Let a coding lead to another one that it must not lead to."""

    def targets(study: Study, row: Row) -> list[str]:
        return [other["id"] for other in study.codings if to(study, row, other)]

    def places(study: Study) -> Iterator[int]:
        for place, row in enumerate(study.codings):
            if row["presence"] != "absent" and targets(study, row):
                yield place

    def bend(study: Study, place: int) -> Expected:
        row = study.codings[place]
        row["leads_to"] = ";".join(filter(None, (row["leads_to"], targets(study, row)[0])))
        return "violation", "coding:leads-to", "codings.csv", place + 2

    return Fault(places, bend)


def _chain(study: Study, incident: str) -> str:
    follows = {row["incident"]: row["follows"] for row in study.incidents}
    while follows[incident]:
        incident = follows[incident]
    return incident


def _earlier(study: Study, place: int) -> Expected:
    study.incidents[place]["occurred_on"] = "2023-12-31"
    for row in study.incidents[place + 1 :]:  # what follows is told of no day, so that it comes before nothing
        row["occurred_on"] = ""
    return "warning", "incident:order", "incidents.csv", place + 2


def _circle(study: Study, place: int) -> Expected:
    last = max(one for one, row in enumerate(study.incidents) if _chain(study, row["incident"]) == _name(study, place))
    study.incidents[place]["follows"] = _name(study, last)
    return "violation", "incident:follows", "incidents.csv", place + 2


def _name(study: Study, place: int) -> str:
    return study.incidents[place]["incident"]


def _again(study: Study, place: int) -> Expected:
    study.codings[place]["id"] = study.codings[0]["id"]
    return "violation", "coding:id", "codings.csv", place + 2


def _quote(study: Study, place: int) -> Expected:
    study.codings[place]["segment"] += " Quite so."
    return "warning", "quote:in-narrative", "codings.csv", place + 2


def _backward(study: Study, place: int) -> Expected:
    row = study.codings[place]
    row["start"], row["end"] = row["end"], row["start"]
    return "violation", "position:order", "codings.csv", place + 2


def _both(study: Study, place: int) -> Expected:
    absent = study.codings[place]
    said = next(row for row in _present(study, absent))
    absent.update(code=said["code"], bearer=said["bearer"])
    return "warning", "absence:present-too", "codings.csv", place + 2


def _present(study: Study, absent: Row) -> list[Row]:
    alike = ("incident", "coder")
    return [row for row in study.codings if row is not absent and all(row[name] == absent[name] for name in alike)]


def _where(table: str, fits: Callable[[Study, Row], object]) -> Callable[[Study], Iterator[int]]:
    return lambda study: (place for place, row in enumerate(getattr(study, table)) if fits(study, row))


def _any(_: Study, __: Row) -> bool:
    return True


FAULTS: dict[str, Fault] = {
    "no such valence": _coding("violation", "coding:valence", valence="good"),
    "no such purpose": _coding("violation", "coding:purpose", purpose="both"),
    "no such presence": _coding("violation", "coding:presence", presence="perhaps"),
    "a step in words": _coding("violation", "coding:step", step="two"),
    "a start in words": _coding("violation", "coding:start", start="here"),
    "a confidence in words": _coding("violation", "coding:confidence", confidence="high"),
    "a confidence above 1": _coding("violation", "coding:confidence", confidence="1.5"),
    "an unknown bearer": _coding("violation", "coding:bearer", bearer="anne"),
    "somebody unknown toward whom": _coding("violation", "coding:toward", toward="bert"),
    "a coder called all": _coding("violation", "coding:coder", coder="all"),
    "no coder": _coding("warning", "coding:coder", coder=""),
    "no day": _coding("violation", "coding:coded-at", coded_at="yesterday"),
    "coded before it happened": Fault(
        _where("codings", lambda _, row: row["incident"] == "I1"),
        _coding("warning", "coding:coded-before", coded_at="2001-01-01").bend,
    ),
    "no code": _coding("violation", "coding:code", code=""),
    "an inferred class": _coding("violation", "coding:code", code="CoDestroyedValue"),
    "an unknown code": _coding("warning", "code:unmapped", code="Sparkle"),
    "an id again": Fault(
        lambda study: (place for place, row in enumerate(study.codings) if place and _alone(study, row)), _again
    ),
    "a link to nowhere": _coding("violation", "coding:leads-to", "ServiceRecovery", leads_to="nowhere"),
    "a link to an absence": _link(
        lambda _, row, other: other["presence"] == "absent" and other["incident"] == row["incident"]
    ),
    "a link to another chain": _link(
        lambda study, row, other: (
            other["presence"] != "absent" and _chain(study, row["incident"]) != _chain(study, other["incident"])
        )
    ),
    "conduct of a customer": _coding("warning", "conduct:by-employee", "HelpfulConduct", bearer="anna"),
    "engagement of the firm": _coding("warning", "engagement:by-whom", "Review", bearer="shop"),
    "a customer provides": _coding("warning", "provider:by-whom", "ServiceRecovery", bearer="customer"),
    "nobody's value": _coding("warning", "value:whose", "EconomicValue", bearer=""),
    "value without valence": _coding("warning", "value:valence", "EconomicValue", valence=""),
    "a valence against the code": _coding(
        "warning", "word-of-mouth:positive", "PositiveWordOfMouth", valence="negative"
    ),
    "absent and present": Fault(
        _where("codings", lambda study, row: row["presence"] == "absent" and _present(study, row)), _both
    ),
    "other words": Fault(_where("codings", _any), _quote),
    "an end before the start": Fault(_where("codings", _any), _backward),
    "follows nowhere": Fault(
        _where("incidents", lambda _, row: not row["follows"]),
        _incident("violation", "incident:follows", follows="I99").bend,
    ),
    "a circle": Fault(
        _where(
            "incidents",
            lambda study, row: any(one["follows"] == row["incident"] for one in study.incidents) and not row["follows"],
        ),
        _circle,
    ),
    "before what it follows": Fault(
        lambda study: (
            place
            for place, row in enumerate(study.incidents)
            if row["follows"] and study.incidents[place - 1]["occurred_on"]
        ),
        _earlier,
    ),
    "told by a firm": _incident("violation", "incident:told-by", told_by="shop"),
    "no channel": _incident("warning", "incident:channel", channel="", platform=""),
    "a channel that is neither": _incident("warning", "incident:channel-kind", channel="Channel"),
    "an incident again": _further("incident:repeated", "incidents", incident="I1", channel="Forum"),
    "an incident without id": _further("incident:incident", "incidents", channel="Forum"),
    "a coding of no incident": _further("coding:incident", "codings", code="Delight", coder="mia"),
    "an actor again": _further("actor:repeated", "actors", actor="anna", role="customer"),
    "an actor called as a role": _further("actor:actor", "actors", actor="customer"),
    "no such role": _further("actor:role", "actors", actor="mayor", role="politician"),
}
"""Each way to bend a study, by what it is called."""
