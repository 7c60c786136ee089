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
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from kgtools.theory import ACTOR, Proposition, Slot, Theory, read_theories, waits_for
from kgtools.vocabulary import EVCO, PREFIXES, VIEW, curie, folder, local, theory_files


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
    branches.append(_block([*_reading(proposition), "BIND(1 AS ?read)"], "a reading"))
    for slot in proposition.consequents:
        branches += _branches(slot, proposition)
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


def curie_or_iri(iri: str) -> str:
    """A term as SPARQL writes it: short where our prefixes allow it, else in angle brackets."""
    short = curie(iri)
    return short if re.fullmatch(r"[a-z]+:[A-Za-z0-9_-]+", short) and short != iri else f"<{iri}>"


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


def _block(lines: list[str], comment: str) -> str:
    inner = "".join(f"        {line}\n" for line in lines)
    return f"{{ # {comment}\n{inner}      }}"


def _any_of(variable: str, classes: tuple[str, ...]) -> tuple[str, list[str]]:
    """One class as it is, several as a variable with its values."""
    if len(classes) == 1:
        return curie_or_iri(classes[0]), []
    return variable, [f"VALUES {variable} {{ {' '.join(map(curie_or_iri, classes))} }}"]


def _fits(slot: Slot, proposition: Proposition, *, judged: bool = False, absent: bool = False) -> Iterator[str]:
    """The slot's own conditions on the element `?slot`. Judged: it may also be what opposes by its valence."""
    name = f"?{slot.id}"
    inside = "view:inChain" if proposition.of_chains else "view:inIncident"
    kind, values = _any_of(f"{name}_class", slot.absences if absent else slot.classes)
    yield from values
    line = f"{name} {inside} ?unit ; {'view:denies' if absent else 'view:is'} {kind}"
    known = slot.bearers or ((ACTOR,) if slot.not_bearers else ())
    for prop, classes in (("bearerIs", known), ("towardIs", slot.towards)):
        if classes:
            role, values = _any_of(f"{name}_{prop}", classes)
            yield from values
            line += f" ; view:{prop} {role}"
    if absent or slot.valence or slot.never or (judged and slot.opposing):
        line += f" ; view:valence {name}_valence"
    yield line + " ."
    for role in slot.not_bearers:
        yield f"FILTER NOT EXISTS {{ {name} view:bearerIs {curie_or_iri(role)} }}"
    if absent:
        yield _one_of(f"{name}_valence", ["view:unrecorded", *([curie_or_iri(slot.valence)] if slot.valence else [])])
    elif judged and (slot.opposing or slot.valence):
        yield _one_of(f"{name}_valence", dict.fromkeys([*_valences(slot, fills=True), *_valences(slot, fills=False)]))
    elif slot.valence:
        yield _one_of(f"{name}_valence", _valences(slot, fills=True))
    elif slot.never:
        yield f"FILTER({name}_valence != {curie_or_iri(slot.never)})"


def _one_of(variable: str, terms: Iterable[str]) -> str:
    return f"FILTER({variable} IN ({', '.join(terms)}))"


def _valences(slot: Slot, *, fills: bool) -> list[str]:
    """The valences that fill a slot, or those that oppose it."""
    mixed = EVCO + "mixed"
    if not fills:
        return [curie_or_iri(valence) for valence in dict.fromkeys((slot.opposing, mixed)) if slot.opposing and valence]
    every = [*(EVCO + valence for valence in ("positive", "negative", "neutral")), VIEW + "unrecorded"]
    fitting = [*([slot.valence] if slot.valence else every), mixed]
    return [curie_or_iri(valence) for valence in dict.fromkeys(fitting) if valence != slot.never]


def _relates(slot: Slot, earlier: list[Slot], proposition: Proposition) -> Iterator[str]:
    """How the element `?slot` stands to the elements already in the reading, a line for each of them."""
    name = f"?{slot.id}"
    for other in earlier:
        said = []
        after = other.id in slot.after
        if after and proposition.of_chains:
            said.append(f"?{other.id} view:precedes {name} .")
        else:
            said.append(f"FILTER({name} != ?{other.id})")
            if after:
                said.append(f"FILTER NOT EXISTS {{ {name} view:notAfter ?{other.id} }}")
            elif slot.role == "consequent" and other.role == "antecedent":
                said.append(f"FILTER NOT EXISTS {{ {name} view:precedes ?{other.id} }}")
        yield " ".join(said)
        if other.id in slot.same_bearer and proposition.of_chains:
            shared = f"{name}_bearer"
            known = f"FILTER({shared} != view:unrecorded)"
            yield f"?{other.id} view:bearer {shared} . {name} view:bearer {shared} . {known}"
        elif other.id in slot.same_bearer:
            one, two = f"?{other.id}_of_{slot.id}", f"{name}_as_{other.id}"
            different = f"FILTER NOT EXISTS {{ {one} view:differsFrom {two} }}"
            yield f"?{other.id} view:bearer {one} . {name} view:bearer {two} . {different}"


def _reading(proposition: Proposition) -> list[str]:
    lines: list[str] = []
    placed: list[Slot] = []
    for slot in proposition.antecedents:
        lines += [*_fits(slot, proposition), *_relates(slot, placed, proposition)]
        placed.append(slot)
    return lines


def _branches(slot: Slot, proposition: Proposition) -> Iterator[str]:
    """What fills or opposes one consequent slot, with its reading."""
    placed = list(proposition.antecedents)
    before = _reading(proposition)
    for other in proposition.consequents:
        if other.id in waits_for(slot, proposition):
            before += [*_fits(other, proposition), *_relates(other, placed, proposition)]
            placed.append(other)
    used = ", ".join(f'"{" " if nth else ""}{other.id}=", STR(?{other.id})' for nth, other in enumerate(placed))
    judged = [*before, *_fits(slot, proposition, judged=True), *_relates(slot, placed, proposition)]
    for earlier, later in _orders(proposition, [*placed, slot]):
        judged.append(f"OPTIONAL {{ ?{earlier} view:precedes ?{later} . BIND(1 AS ?{earlier}_{later}) }}")
    for antecedent in proposition.antecedents:
        judged.append(
            f"OPTIONAL {{ ?{antecedent.id} view:leadsTo ?{slot.id} . BIND(1 AS ?{antecedent.id}_led_{slot.id}) }}"
        )
    if slot.opposing:
        judged.append(
            f"BIND(IF(?{slot.id}_valence IN ({', '.join(_valences(slot, fills=True))}), 1, 0) AS ?{slot.id}_fills)"
        )
        judged.append(
            f"BIND(IF(?{slot.id}_valence IN ({', '.join(_valences(slot, fills=False))}), 1, 0) AS ?{slot.id}_opposes)"
        )
    else:
        judged.append(f"BIND(1 AS ?{slot.id}_fills)")
    sign = f'IF(?{slot.id}_fills = 1, " {slot.id}=", " {slot.id}!")' if slot.opposing else f'" {slot.id}="'
    yield _block([*judged, f"BIND(CONCAT({used}, {sign}, STR(?{slot.id})) AS ?used)"], slot.id)
    if slot.absences:
        absent = [*before, *_fits(slot, proposition, absent=True), *_relates(slot, placed, proposition)]
        absent += [f"BIND(1 AS ?{slot.id}_opposes)", f'BIND(CONCAT({used}, " {slot.id}!", STR(?{slot.id})) AS ?used)']
        yield _block(absent, f"{slot.id}, recorded absent")


def _orders(proposition: Proposition, slots: list[Slot]) -> list[tuple[str, str]]:
    """The pairs (earlier, later) that the grade asks after. In a reading of a chain the order is recorded anyway."""
    if proposition.of_chains:
        return []
    ids = [slot.id for slot in slots]
    return [(earlier, slot.id) for slot in slots for earlier in slot.after if earlier in ids]


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
    for earlier, later in _orders(proposition, list(proposition.slots)):
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
    orders = [f"?{later}_after_{earlier}" for earlier, later in _orders(proposition, list(proposition.slots))]
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


if __name__ == "__main__":
    write_queries()
