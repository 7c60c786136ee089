"""Explaining: data and a unit go in; what fills its slots, what is missing, and what would change a verdict, come out.

`situation` sets a unit before a proposition, `edits` and `whatif` try what would change the verdict, `telling` makes
the `account` of it in plain values, `text` and `prov` write that down. The verdict is always the one of `derive`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from kgtools.derive import SAYING, Question
from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.explain.account import Account, Explanation, FindingTold
from kgtools.explain.situation import before_each
from kgtools.explain.telling import told
from kgtools.model import Finding, Verdict
from kgtools.pipeline import Job
from kgtools.read import Bundle, Chunk, Source
from kgtools.read.gathered import incidents_of

__all__ = ["Account", "Explained", "Explanation", "explain"]


@dataclass(frozen=True)
class Explained:
    """An account, and what it was made of; as text it is what `kgtools explain` prints.

    >>> import kgtools
    >>> told = kgtools.open("examples/online-service").explain("I24", "Z-recovery")
    >>> print(str(told).partition("Verdict:")[0].strip())
    I24 in online-service; coders: any (of ines, marc)
    <BLANKLINE>
    Z-recovery, service recovery and co-creation: contradicts
    >>> [slot.id for slot in told.account.explanations[0].slots if slot.state == "opposed"]
    ['B', 'O']

    Args:
        account: what is told.
        bundle, chunk: the bundle, and the unit's chain in it.
        verdicts: the verdicts that are explained, in the order of the account's explanations.
    """

    account: Account
    bundle: Bundle
    chunk: Chunk
    verdicts: tuple[Verdict, ...]

    def __str__(self) -> str:
        """The account as plain text."""
        from io import StringIO

        from rich.console import Console

        from kgtools.explain.text import show

        text = StringIO()
        show(self.account, Console(file=text, width=100, highlight=False, emoji=False, no_color=True))
        return "\n".join(line.rstrip() for line in text.getvalue().splitlines())

    def __repr__(self) -> str:
        said = ", ".join(f"{one.proposition} {one.verdict}" for one in self.account.explanations if one.in_full)
        return f"<Explained: {self.account.unit}, {said or 'nothing said'}>"

    def _repr_markdown_(self) -> str:
        """The account with headings and lists, as a notebook shows it: below headings of its own."""
        from kgtools.explain.text import as_markdown

        return re.sub("^#", "###", as_markdown(self.account), flags=re.M)


def explain(source: Source, unit: str, job: Job, proposition: str | None = None, *, in_full: bool = False) -> Explained:
    """Explain what an incident, and the chain that it is in, say of propositions.

    Args:
        source: the data; of a server, only the unit's chain is asked for.
        unit: an incident's id, or its IRI; `<bundle>/<id>` where several bundles have one of that id.
        job: the theories and coders.
        proposition: one proposition's id; None for all.
        in_full: also explain in full what is silent or not applicable. One proposition always is.

    Raises:
        InputError: there is no such data, unit, proposition or coder.
        EngineError: a server fails.
    """
    questions = _asked(job, proposition)
    if isinstance(source, Endpoint):
        bundles = job.read_unit(source, unit)
        found = _found(bundles, unit, source.name)
        if found is None:
            raise _unknown(unit, *incidents_of(source), source.name)
    else:
        bundles = job.read([source])
        found = _found(bundles, unit, source)
        if found is None:
            ids = [id for bundle in bundles for id in bundle.incidents()]
            raise _unknown(unit, len(ids), ids, source)
    bundle, chunk, id = found
    return _explained(bundle, chunk, id, questions, job, in_full or proposition is not None)


def _asked(job: Job, proposition: str | None) -> list[Question]:
    if proposition is None:
        return job.questions
    found = [one for one in job.questions if one.proposition.id == proposition]
    if not found:
        known = [one.proposition.id for one in job.questions]
        near = sorted(get_close_matches(proposition, known, 3, 0.7))
        hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(known)}"
        raise InputError(f"no proposition `{proposition}`; {hint}")
    return found


def _plain(id: str) -> str:
    """An id as people may remember it: `i1` for `I01`."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", id.lower())


def _found(bundles: Sequence[Bundle], unit: str, where: Path | str) -> tuple[Bundle, Chunk, str] | None:
    """The one incident of a name, with its chain; None where there is none."""
    asked = [(bundle, unit) for bundle in bundles]
    asked += [
        (bundle, unit.removeprefix(f"{bundle.name}/")) for bundle in bundles if unit.startswith(f"{bundle.name}/")
    ]
    asked += [(bundle, id) for bundle in bundles for id in [bundle.id_of(unit)] if id not in (None, unit)]
    found = [(bundle, chunk, id) for bundle, id in asked for chunk in [bundle.chain_of(id)] if chunk is not None]
    if len(found) > 1:
        names = [f"{bundle.name}/{id}" for bundle, _, id in found]
        if len(set(names)) < len(names):  # bundles of one name
            names = [next(one.iri for one in chunk.incidents if one.id == id) for _, chunk, id in found]
        raise InputError(f"`{unit}` is in several bundles; write {' or '.join(names)}", where)
    return found[0] if found else None


def _unknown(unit: str, count: int, ids: Sequence[str], where: Path | str) -> InputError:
    """There is no incident of a name: what its user may have meant.

    Args:
        count: how many incidents there are.
        ids: what they are called, if these are not too many.
    """
    if not ids:
        return InputError(f"no incident `{unit}`; it holds {f'{count:,} others' if count else 'none'}", where)
    name = unit.rpartition("/")[2]
    near = [id for id in ids if _plain(id) == _plain(name)][:5] or sorted(get_close_matches(name, ids, 5, 0.6))
    known = near or ids[:5]
    more = "" if near or len(ids) <= len(known) else f", … ({len(ids)} in all)"
    hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(known)}{more}"
    return InputError(f"no incident `{unit}`; {hint}", where)


def _explained(
    bundle: Bundle, chunk: Chunk, id: str, questions: Sequence[Question], job: Job, in_full: bool
) -> Explained:
    incident = next(one for one in chunk.incidents if one.id == id)
    verdicts, explanations = [], []
    findings: list[Finding] = []
    for situation in before_each(chunk, id, questions, job):
        verdicts.append(situation.verdict)
        explanations.append(told(situation, in_full=in_full or situation.verdict.verdict in SAYING))
        findings = situation.view.findings
    members = {one.id for one in chunk.incidents}
    mine = [one for one in bundle.findings if one.incident in members and one.severity != "info"]
    account = Account(
        bundle=bundle.name,
        unit=id,
        chain=incident.chain,
        coders=job.coders,
        explanations=tuple(explanations),
        findings=tuple(
            dict.fromkeys(
                FindingTold(one.severity, one.message, one.file, one.row, one.incident) for one in (*mine, *findings)
            )
        ),
    )
    return Explained(account, bundle, chunk, tuple(verdicts))
