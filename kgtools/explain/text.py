"""Writing an account down: for people (a terminal, Markdown) and for programs (JSON).

Why an outline. Terminal and Markdown say the same in the same order, so the account becomes headings and nested points
once, and the two differ in how these are drawn and escaped alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kgtools.explain.account import Account, ElementTold, Explanation, NearTold, SlotTold, UseTold
from kgtools.explain.telling import place

if TYPE_CHECKING:
    from rich.console import Console

_MOST = 12
"""So many elements a slot, and incidents a chain, are shown; JSON and Turtle have all."""

_MOST_NAMES = 6
_MOST_NEAR = 5
_STATES = {"there": "coded, but nothing comes of it alone", "unfit": "what is coded does not fit"}
_STYLES = {"supports": "green", "contradicts": "red", "mixed": "yellow"}


@dataclass(frozen=True)
class Line:
    """A line of the outline: a heading (`depth` -2 or -1), a paragraph (0), or a point as deep as it says.

    `lead` and `end` are set apart from the rest; `mood` is a verdict, which colors one of them on a terminal.
    """

    depth: int
    lead: str
    text: str = ""
    mood: str = ""
    end: str = ""


def as_json(account: Account) -> str:
    """The account as one JSON object, as `kgtools.explain.account` describes it."""
    return json.dumps(asdict(account), indent=1, ensure_ascii=False) + "\n"


def outline(account: Account) -> Iterator[Line]:
    """The account, line by line."""
    coded_by = sorted({name for one in account.explanations for name in one.coded_by})
    chain = f", chain {account.chain}" if account.chain != account.unit else ""
    yield Line(-2, f"{account.unit}", f"in {account.bundle}{chain}; coders: {_coders(account.coders, coded_by)}")
    for finding in account.findings:
        where = place(finding.file, finding.row)
        yield Line(1, f"{finding.severity}:", f"{where}, incident {finding.incident}: {finding.message}")
    full = [one for one in account.explanations if one.in_full]
    short = [one for one in account.explanations if not one.in_full]
    for one in full:
        yield from _explanation(one)
    if short:
        yield Line(-1, "Silent or not applicable", "" if full else "nothing else is said of this unit")
        for one in short:
            yield Line(1, f"{_titled(one)}:", f"{_outcome(one.verdict, one.grade)}: {one.why}", one.verdict)


def _coders(coders: str, names: list[str]) -> str:
    return f"{coders} (of {', '.join(names)})" if names and names != [coders] else coders


def _titled(one: Explanation) -> str:
    unit = f" (chain {one.unit})" if one.unit_type == "chain" else ""
    return f"{one.proposition}{unit}"


def _outcome(verdict: str, grade: str) -> str:
    return f"{verdict} ({grade})" if grade else verdict


def _explanation(one: Explanation) -> Iterator[Line]:
    unit = f"chain {one.unit}" if one.unit_type == "chain" else f"incident {one.unit}"
    outcome = _outcome(one.verdict, one.grade)
    yield Line(
        -1,
        f"{one.proposition}, {one.label}: {outcome}" if one.label else f"{one.proposition}: {outcome}",
        mood=one.verdict,
    )
    yield Line(0, "Verdict:", f"{unit}: {one.why}.")
    if one.grade:
        yield Line(0, "Grade:", f"{one.grade_words}.")
    yield Line(0, "Claim:", f"{one.statement} ({one.source})")
    if one.scope:
        yield Line(0, "Scope:", f"{one.scope.words}.")
    if one.unit_type == "chain":
        yield Line(0, "Line of incidents:")
        for incident in one.incidents[:_MOST]:
            where = ", ".join(
                part
                for part in (
                    incident.occurred_on or "no date",
                    incident.channel or "channel not recorded",
                    incident.platform or "",
                    f"follows {incident.follows}" if incident.follows else "",
                )
                if part
            )
            yield Line(1, incident.id, where)
            for used in incident.used[:_MOST]:
                yield Line(2, "", used)
            yield from _more("", len(incident.used), 2)
        yield from _more("", len(one.incidents))
    shown: set[str] = set()
    for slot in one.slots:
        yield from _slot(slot, one, shown)
    if one.changes:
        yield Line(0, "What would change the verdict or the grade", "(each was tried on a copy of the data):")
        for change in one.changes:
            yield Line(1, "", change.words, change.verdict, f"→ {_outcome(change.verdict, change.grade)}")
    elif one.no_change:
        yield Line(0, "What would change the verdict:", one.no_change)
    if one.untried:
        yield Line(0, "Changes:", f"{one.untried}.")
    for caveat in one.caveats:
        yield Line(0, "Mind:", caveat)


def _slot(slot: SlotTold, one: Explanation, shown: set[str]) -> Iterator[Line]:
    role = "condition" if slot.role == "antecedent" else "consequence"
    label = f", {slot.label}" if slot.label else ""
    state = _STATES.get(slot.state, slot.state)
    if slot.opposed_with:
        state += f", with {' and '.join(slot.opposed_with)}, which it must come after"
    yield Line(0, f"{slot.id}{label}", f"({role}): {state}. Asked for: {slot.asks}.")
    inside = one.unit_type == "chain"
    for use in slot.fills[:_MOST]:
        yield from _use("filled by", use, inside, shown)
    yield from _more("filled by", len(slot.fills))
    for use in slot.opposes[:_MOST]:
        yield from _use("opposed by", use, inside, shown)
    yield from _more("opposed by", len(slot.opposes))
    if not slot.fills:
        for element in slot.fits[:_MOST]:
            yield from _element("would be filled by", element, inside, shown)
        yield from _more("would be filled by", len(slot.fits))
        opposing = [element for element in slot.would_oppose if element not in slot.fits and not slot.opposes]
        for element in opposing[:_MOST]:
            yield from _element("would be opposed by", element, inside, shown)
        yield from _more("would be opposed by", len(opposing))
        yield from _near(slot.near, inside, shown)


def _more(lead: str, count: int, depth: int = 1) -> Iterator[Line]:
    """What is left out of a list."""
    if count > _MOST:
        yield Line(depth, lead, f"… and {count - _MOST:,} more (`--format json` lists them)")


def _near(near: tuple[NearTold, ...], inside: bool, shown: set[str]) -> Iterator[Line]:
    for miss in near[:_MOST_NEAR]:
        yield from _element("not by", miss.element, inside, shown, f": {'; '.join(miss.reasons)}")
    if len(near) > _MOST_NEAR:
        yield Line(1, "", f"nor by {len(near) - _MOST_NEAR:,} more of these classes (`--format json` lists them)")


def _element(lead: str, element: ElementTold, inside: bool, shown: set[str], why: str = "") -> Iterator[Line]:
    """An element, with what coders marked for it where it is met first; after that by name."""
    where = f" in {element.incident}" if inside else ""
    if element.iri in shown:
        yield Line(1, lead, f"{element.words}{where} ({element.name}, see above){why}")
        return
    shown.add(element.iri)
    yield Line(1, lead, f"{element.words}{where}{why}")
    for coding in element.codings:
        quote = f"“{' '.join(coding.quote.split())}” " if coding.quote else ""
        made = f", by the crosswalk, of their code `{coding.code}`" if coding.inferred else ""
        purpose = f", purpose {coding.purpose}" if coding.purpose else ""
        who = coding.coder or "unnamed coder"
        yield Line(2, f"{who}:", f"{quote}[{coding.id}, {place(coding.file, coding.row)}{made}{purpose}]")


def _use(lead: str, use: UseTold, inside: bool, shown: set[str]) -> Iterator[Line]:
    yield from _element(lead, use.element, inside, shown, f": {use.why}" if use.why else "")
    for after in dict.fromkeys(order.after for order in use.order):
        mine = [order for order in use.order if order.after == after]
        said = "; ".join(
            f"{order.element}, {order.words}" if order.element else order.words for order in mine[:_MOST_NAMES]
        )
        if len(mine) > _MOST_NAMES:
            said += f"; … and {len(mine) - _MOST_NAMES:,} more"
        yield Line(2, f"after {after}:", said)
    for link in use.links[:_MOST]:
        yield Line(2, f"linked from {link.slot}:", link.words)
    yield from _more("linked from", len(use.links), 2)


# Drawing


def show(account: Account, console: Console) -> None:
    """The account for people, on a terminal or as plain text."""
    from rich.padding import Padding
    from rich.text import Text

    for line in outline(account):
        style = _STYLES.get(line.mood, "")
        parts = [(line.lead, "bold" if line.depth <= 0 else ""), (line.text, ""), (line.end, style)]
        if line.lead and not line.end:
            parts[0] = (line.lead, f"{parts[0][1]} {style}".strip())
        text = Text(" ").join(Text(said, style=how) for said, how in parts if said)
        if line.depth < 0:
            if line.depth == -1:
                console.print()
            console.print(text)
        else:
            hang = 2 * line.depth + 2
            for number, part in enumerate(text.wrap(console, max(20, console.width - hang))):
                console.print(Padding(part, (0, 0, 0, hang - 2 if number == 0 else hang)))


def as_markdown(account: Account) -> str:
    """The account as Markdown (CommonMark 0.31): what people wrote is escaped, so that it is read as they wrote it."""
    lines: list[str] = []
    point = False
    for line in outline(account):
        lead, text = escaped(line.lead), escaped(f"{line.text} {line.end}".strip())
        if line.depth < 0:
            said = f"{'#' * (3 + line.depth)} {lead}"
            lines += ["", said, *(["", text] if text else [])]
        elif line.depth == 0:
            lines += ["", f"**{lead}** {text}".rstrip()]
        else:
            if not point:
                lines.append("")
            lead = f"*{lead}*" if lead else ""
            lines.append(f"{'  ' * (line.depth - 1)}- {lead} {text}".replace("-  ", "- ").rstrip())
        point = line.depth > 0
    return "\n".join(lines).lstrip("\n") + "\n"


_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def escaped(text: str) -> str:
    """A text such that Markdown shows it as it is, on one line."""
    said = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return re.sub(r"^([-+=])", r"\\\1", re.sub(r"^(\d+)([.)])", r"\1\\\2", said))
