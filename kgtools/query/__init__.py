"""Queries: a proposition's slots go in, the plain SPARQL that judges it comes out.

How a query is built. Everything that the rules of verdicts (DESIGN 5) ask of one element or of two is a triple of the
*view* (`kgtools.view`, `ontology/view.ttl`), so that a query has no path and no word on coders. A *reading* gives every
antecedent slot an element. Each consequent slot is a branch of one UNION, and repeats the reading: that costs lines,
but joining one reading to the UNION makes engines try every pair. Inside a branch a BIND stands behind the last
pattern, since it cuts a group in two, and engines then join the parts blindly. The outer query counts what the branches
found and says the verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from kgtools.query.chain import chain_branches
from kgtools.query.incident import incident_branches
from kgtools.query.parts import asked_orders, curie_or_iri
from kgtools.theory import Proposition, Slot, Theory, read_theories
from kgtools.vocabulary import PREFIXES, curie, folder, local, theory_files


def query_of(proposition: Proposition, theory: Theory) -> str:
    """The proposition's query: the file under `queries/proposition/` if it is bundled, else made from its slots."""
    path = folder("queries") / "proposition" / theory.id / f"{proposition.id}.rq"
    if theory.path in theory_files() and path.is_file():
        return path.read_text("utf-8")
    return compile_query(proposition, theory)


def compile_query(proposition: Proposition, theory: Theory) -> str:
    """The proposition's query: plain SPARQL 1.1 over the view, one row a unit.

    Returns:
        The text, with a comment that says what it asks. Its rows hold `unit`, `verdict`, `grade`, `fillers`
        (`slot=element` for what fills or stands in the reading, `slot!element` for what opposes), `missing` and
        `opposed` (ids of slots).
    """
    indent = "      "
    kind = curie(proposition.unit)
    branches = [f"{{ ?unit a {kind} }}"]
    if proposition.scope:
        scope = curie_or_iri(proposition.scope)
        branches.append(f"{{ ?unit a {kind} ; view:within {scope} . BIND(1 AS ?inside) }}")
        branches.append(f"{{ ?unit a {kind} ; view:outside {scope} . BIND(1 AS ?outside) }}")
    branches += chain_branches(proposition) if proposition.of_chains else incident_branches(proposition)
    union = f"\n{indent}UNION ".join(branches)
    aggregates = "\n      ".join(_aggregates(proposition))
    prefixes = sorted(
        {match for match in re.findall(r"\b([a-z]+):[A-Za-z]", union) if match in PREFIXES} | {"evco", "view"}
    )
    return (
        _header(proposition, theory)
        + "\n".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in prefixes)
        + f"""

SELECT ?unit ?verdict ?grade ?fillers ?missing ?opposed
WHERE {{
  {{
    SELECT ?unit
      {aggregates}
    WHERE {{
      {union}
    }}
    GROUP BY ?unit
  }}
"""
        + "".join(f"  {line}\n" for line in _judgment(proposition))
        + "}\n"
    )


def _header(proposition: Proposition, theory: Theory) -> str:
    rules = [f"{slot.id}: {slot.in_words()}." for slot in proposition.slots]
    scope = f" Scope: {local(proposition.scope)}." if proposition.scope else ""
    paragraphs = [
        f"{proposition.id}: {proposition.label}" if proposition.label else proposition.id,
        f"Claim: {proposition.statement}",
        f"Rule ({'chain' if proposition.of_chains else 'incident'}): {' '.join(rules)}{scope}",
        f"Source: {proposition.source}, {proposition.locator}; {theory.label}.",
        f"Made from ontology/theory/{theory.path.name} by `make queries`."
        if theory.path in theory_files()
        else f"Made from {theory.path.name}.",
    ]
    lines = (
        line
        for text in paragraphs
        for line in wrap(" ".join(text.split()), 116, subsequent_indent="  ", break_long_words=False)
    )
    return "".join(f"# {line}\n" for line in lines) + "\n"


def _through(slot: Slot, proposition: Proposition) -> list[Slot]:
    """The consequents that a slot comes after and that can be opposed: with them, unfilled, it is opposed too."""
    others = [proposition.by_id[other] for other in slot.after]
    return [other for other in others if other.role == "consequent" and _opposable(other, proposition)]


def _opposable(slot: Slot, proposition: Proposition) -> bool:
    """Whether anything can oppose a slot, itself or one that it waits for."""
    return bool(slot.opposing or slot.absences or _through(slot, proposition))


def _aggregates(proposition: Proposition) -> Iterator[str]:
    """What the branches found of a unit, as truth values."""

    def found(variable: str, name: str) -> str:
        return f"(SUM(COALESCE(?{variable}, 0)) > 0 AS ?{name})"

    if proposition.scope:
        yield found("inside", "inScope")
        yield found("outside", "outOfScope")
    yield found("read", "readable")
    for slot in proposition.consequents:
        yield found(f"{slot.id}_fills", f"{slot.id}_filled")
        if slot.opposing or slot.absences:
            yield found(
                f"{slot.id}_opposes", f"{slot.id}_contrary" if _through(slot, proposition) else f"{slot.id}_opposed"
            )
    for earlier, later in asked_orders(proposition, list(proposition.slots)):
        yield found(f"{earlier}_{later}", f"{later}_after_{earlier}")
    for slot in proposition.consequents:
        for antecedent in proposition.antecedents:
            yield found(f"{antecedent.id}_led_{slot.id}", f"{antecedent.id}_to_{slot.id}")
    yield '(GROUP_CONCAT(DISTINCT COALESCE(?used, ""); SEPARATOR=" ") AS ?fillers)'


def _judgment(proposition: Proposition) -> Iterator[str]:
    """From what was found to the verdict (DESIGN 5: the first that holds), its grade, and the slots to name."""
    consequents = proposition.consequents
    for slot in consequents:
        through = [f"(?{other.id}_opposed && !?{other.id}_filled)" for other in _through(slot, proposition)]
        if through:
            own = [f"?{slot.id}_contrary"] if slot.opposing or slot.absences else []
            yield f"BIND({' || '.join(own + through)} AS ?{slot.id}_opposed)"
    filled = [f"?{slot.id}_filled" for slot in consequents]
    opposed = [f"?{slot.id}_opposed" for slot in consequents if _opposable(slot, proposition)]
    yield f"BIND({' && '.join(filled)} AS ?whole)"
    yield f"BIND({' || '.join(filled)} AS ?partly)"
    yield f"BIND({' || '.join(opposed) or 'false'} AS ?contrary)"
    yield "BIND("
    if proposition.scope:
        yield '  IF(?outOfScope, "not-applicable",'
    unread = "!?inScope || !?readable" if proposition.scope else "!?readable"
    yield f'  IF({unread} || (!?contrary && !?whole), "silent",'
    yield '  IF(!?contrary, "supports",'
    yield f'  IF(!?partly, "contradicts", "mixed"))){")" if proposition.scope else ""} AS ?verdict)'
    orders = [f"?{later}_after_{earlier}" for earlier, later in asked_orders(proposition, list(proposition.slots))]
    links = [f"?{antecedent.id}_to_{slot.id}" for slot in consequents for antecedent in proposition.antecedents]
    yield 'BIND(IF(?verdict != "supports", "",'
    if orders:
        yield f'  IF(!({" && ".join(orders)}), "unordered",'
    least = "ordered" if proposition.asks_order else "co-occurrence"
    yield f'  IF({" && ".join(links)}, "linked", "{least}")){")" if orders else ""} AS ?grade)'
    missing = ['IF(?inScope, "", "scope ")'] if proposition.scope else []
    missing.append(f'IF(?readable, "", "{" ".join(slot.id for slot in proposition.antecedents)}")')
    for slot in consequents:
        met = f"?{slot.id}_filled" + (f" || ?{slot.id}_opposed" if _opposable(slot, proposition) else "")
        missing.append(f'IF({met}, "", " {slot.id}")')
    yield f"BIND(CONCAT({', '.join(missing)}) AS ?missing)"
    named = [f'IF({name}, " {name[1:].removesuffix("_opposed")}", "")' for name in opposed]
    listed = f"CONCAT({', '.join(named)})" if named else '""'
    yield f"BIND({listed} AS ?opposed)"


def write_queries(target: Path | None = None) -> list[Path]:
    """Write the query of every bundled proposition to `queries/proposition/<theory>/<id>.rq` (or below `target`)."""
    root = target or folder("queries") / "proposition"
    written = []
    for theory in read_theories():
        (root / theory.id).mkdir(parents=True, exist_ok=True)
        for proposition in theory.propositions:
            path = root / theory.id / f"{proposition.id}.rq"
            path.write_text(compile_query(proposition, theory), "utf-8")
            written.append(path)
    return written
