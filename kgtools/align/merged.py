"""Merged: tables go in as bridges, with ours and the targets' files; what a reasoner says of the whole comes out.

Nothing is classified, which of SEPIO takes hours: that classes have instances is asked class by class, each in the few
axioms that can matter to it (`kgtools.reason.reasoned`, which also says why this is enough).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.align.bridge import bridge
from kgtools.align.rows import found
from kgtools.align.table import LOGICAL, Alignment, Correspondence
from kgtools.model import Finding
from kgtools.vocabulary import PREFIXES, converter

if TYPE_CHECKING:
    from kgtools.reason import Answer, OwlApi

INCONSISTENT = "inconsistent"


def merged(
    tables: Sequence[Alignment], targets: Sequence[Path], theories: Sequence[Path], api: OwlApi | None = None
) -> Iterator[Finding]:
    """What the reasoner finds in ours, the targets and the bridges together.

    What it finds without the bridges too is the targets' own, and told as such. A target that is inconsistent by itself
    makes all that is asked of it true, so that what it says of single things is left out then, and what it says of
    classes and properties, which is what mappings are about, is looked at alone.

    Raises:
        EngineError: the reasoner cannot start, or failed.
    """
    from kgtools.reason import opened, reason, without_instances

    table = tables[0]
    with tempfile.TemporaryDirectory() as place, opened(api) as api:
        ask = partial(reason, theories=theories, explain=True, classify=False, api=api)
        bridges = [Path(place, f"bridge{number}.ttl") for number in range(len(tables))]
        for one, path in zip(tables, bridges, strict=True):
            path.write_text(bridge(one, theories=theories), "utf-8")
        whole = ask(further=[*targets, *bridges])
        for what, count in whole.left_out:
            said = what if " " in what else f"literals of {what}"
            message = f"left out of what the reasoner is given, since it does not know them: {said} ({count})"
            yield found(table, None, "info", "mapping:left-out", message)
        if whole.across:
            message = "rules (SWRL) and keys can be true with all the rest; no class was asked about together with them"
            yield found(table, None, "info", "mapping:left-out", f"{message} ({whole.across})")
        if _fine(whole):
            return
        if targets and not whole.consistent and not (own := ask(further=targets)).consistent:
            message = (
                "the target and ours are inconsistent before any mapping, so only what the target says of classes and "
                f"properties is looked at{_why(own, INCONSISTENT)}"
            )
            yield found(table, None, "info", "mapping:target", message)
            targets = [_schema(path, Path(place, f"target{number}.nt")) for number, path in enumerate(targets)]
            whole = ask(further=[*targets, *bridges])
            if not whole.consistent and not (own := ask(further=targets)).consistent:
                message = "what the target says of classes and properties is inconsistent with ours, before any mapping"
                yield found(table, None, "violation", "mapping:target", message + _why(own, INCONSISTENT))
                return
        iris = {converter().expand(one) or one: one for one in whole.unsatisfiable}
        before = without_instances(iris, theories, further=targets, api=api) if iris and targets else ()
        yield from _told(whole, {iris[iri] for iri in before}, tables)


def _fine(answer: Answer) -> bool:
    return answer.consistent and not answer.unsatisfiable


def _told(whole: Answer, own: Collection[str], tables: Sequence[Alignment]) -> Iterator[Finding]:
    """What is wrong with the whole, each on the row whose axiom is to blame, if one is."""
    if not whole.consistent:
        message = f"ours, the target and these mappings cannot all be true{_why(whole, INCONSISTENT)}"
        yield found(*_blamed(whole, INCONSISTENT, tables), "violation", "mapping:inconsistent", message)
    for name in whole.unsatisfiable:
        if name in own:
            message = f"`{name}` can have no instance, before any mapping{_why(whole, name)}"
            yield found(tables[0], None, "info", "mapping:target", message)
        else:
            message = f"with these mappings `{name}` can have no instance{_why(whole, name)}"
            yield found(*_blamed(whole, name, tables), "violation", "mapping:unsatisfiable", message)


def _axioms(answer: Answer, what: str) -> tuple[str, ...]:
    return next((culprit.axioms for culprit in answer.culprits if culprit.what == what), ())


def _why(answer: Answer, what: str) -> str:
    """The axioms that are to blame, to end a message with."""
    axioms = _axioms(answer, what)
    return f"; by: {'; '.join(axioms)}" if axioms else ""


def _blamed(answer: Answer, what: str, tables: Sequence[Alignment]) -> tuple[Alignment, Correspondence | None]:
    """The first row whose two terms stand in one of the axioms that are to blame."""
    for axiom in _axioms(answer, what):
        words = set(re.split(r"[\s(),<>]+", axiom))
        for table in tables:
            for row in table.correspondences:
                known = all(one in words or table.curie(one) in words for one in (row.subject, row.object))
                if known and row.predicate in LOGICAL and not row.negated:
                    return table, row
    return tables[0], None


_SCHEMA = tuple(PREFIXES[name] for name in ("rdf", "rdfs", "owl", "xsd"))


def _schema(path: Path, to: Path) -> Path:
    """A copy of an ontology without what it says of single things."""
    import pyoxigraph as ox

    from kgtools.store import Store

    store = Store()
    store.load(path)
    kept = [
        f"{quad.subject} {quad.predicate} {quad.object} .\n"
        for quad in store.inner
        if quad.predicate.value.startswith(_SCHEMA)
        and not (
            quad.predicate.value == PREFIXES["rdf"] + "type"
            and isinstance(quad.subject, ox.NamedNode)
            and not (isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(_SCHEMA))
        )
    ]
    to.write_text("".join(sorted(kept)), "utf-8")
    return to
