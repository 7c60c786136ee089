"""Graphs: lifted or hand-made RDF goes in, the same staged tables come out as from a bundle's tables.

Plain SELECTs bring the nodes of one bundle to DuckDB, and SQL joins them. Elements that nobody coded count as coded by
one coder without a name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.read.tables import text
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary

if TYPE_CHECKING:
    import duckdb

    from kgtools.store import Store

_PREFIXES = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("evco", "dcterms", "oa", "prov", "rdfs"))

_BUNDLES = "SELECT ?bundle (MIN(?id) AS ?name) { ?bundle a evco:Bundle . OPTIONAL { ?bundle dcterms:identifier ?id } } GROUP BY ?bundle ORDER BY ?bundle"
_STRAYS = "SELECT ?incident { ?incident a evco:Incident . FILTER NOT EXISTS { ?incident dcterms:isPartOf ?bundle . ?bundle a evco:Bundle } } LIMIT 1"

_IN_BUNDLE = "?iri a evco:Incident ; dcterms:isPartOf ?bundle ."
_IN_NONE = "?iri a evco:Incident . FILTER NOT EXISTS { ?iri dcterms:isPartOf ?some . ?some a evco:Bundle } BIND(1 AS ?bundle)"

_ROW = "?line evco:row ?at_row ; evco:inFile ?file . OPTIONAL { ?file rdfs:label ?at_file }"

_INCIDENTS = f"""SELECT ?bundle ?iri (COALESCE(?id, STR(?iri)) AS ?incident) ?channel ?platform ?occurred_on (COALESCE(?before_id, STR(?before)) AS ?follows)
    (STRBEFORE(STRAFTER(STR(?setting), "#"), "Service") AS ?context) ?monopoly ?resources_limited ?common_cause ?narrative ?corpus
    (COALESCE(?teller_id, STR(?teller)) AS ?told_by) ?at_file ?at_row {{
  %s
  OPTIONAL {{ ?iri dcterms:identifier ?id }}
  OPTIONAL {{ ?iri evco:viaChannel ?place . ?place a ?channel . OPTIONAL {{ ?place rdfs:label ?platform }} }}
  OPTIONAL {{ ?iri evco:occurredOn ?occurred_on }}
  OPTIONAL {{ ?iri evco:follows ?before . OPTIONAL {{ ?before dcterms:identifier ?before_id }} }}
  OPTIONAL {{ ?iri evco:context ?setting }}
  OPTIONAL {{ ?iri evco:monopoly ?monopoly }}
  OPTIONAL {{ ?iri evco:resourcesLimited ?resources_limited }}
  OPTIONAL {{ ?iri evco:commonCause ?common_cause }}
  OPTIONAL {{ ?iri evco:corpus ?corpus }}
  OPTIONAL {{ ?iri evco:toldBy ?teller . OPTIONAL {{ ?teller dcterms:identifier ?teller_id }} }}
  OPTIONAL {{ ?iri evco:reportedIn/evco:narrative ?narrative }}
  OPTIONAL {{ ?iri prov:wasDerivedFrom ?line . {_ROW} }}
}}"""


def _party(prop: str, name: str) -> str:
    """The party of an element: the class of a role, or what an actor is called."""
    return (
        f"OPTIONAL {{ ?e {prop} ?{name}_iri . OPTIONAL {{ ?{name}_iri evco:roleIn ?{name}_in ; a ?{name}_class }}"
        f" OPTIONAL {{ ?{name}_iri dcterms:identifier ?{name}_id }} BIND(COALESCE(STR(?{name}_class), ?{name}_id, STR(?{name}_iri)) AS ?{name}) }}"
    )


_ELEMENTS = f"""SELECT ?bundle ?incident ?e ?code ?presence (STRAFTER(STR(?value), "#") AS ?valence) ?bearer ?toward ?step ?element
    (STRAFTER(STR(?aim), "#") AS ?purpose) {{
  %s
  OPTIONAL {{ ?iri dcterms:identifier ?id }} BIND(COALESCE(?id, STR(?iri)) AS ?incident)
  {{ ?iri evco:hasElement ?e . ?e a ?code }}
  UNION {{ ?iri evco:recordsAbsence ?e . ?e evco:absenceOf ?code BIND("absent" AS ?presence) }}
  OPTIONAL {{ ?e evco:valence ?value }}
  {_party("(evco:bearer|evco:beneficiary)", "bearer")}
  {_party("evco:toward", "toward")}
  OPTIONAL {{ ?e evco:step ?step }}
  OPTIONAL {{ ?e evco:elementName ?element }}
  OPTIONAL {{ ?e evco:purpose ?aim }}
}}"""

_CODED = f"""
  OPTIONAL {{ ?coding a evco:InferredCoding ; prov:wasDerivedFrom ?from }} BIND(COALESCE(?from, ?coding) AS ?said)
  OPTIONAL {{ ?said dcterms:identifier ?said_id }} BIND(COALESCE(?said_id, STR(?said)) AS ?id)
  OPTIONAL {{ ?said prov:wasAttributedTo ?agent . OPTIONAL {{ ?agent dcterms:identifier ?agent_id }} BIND(COALESCE(?agent_id, STR(?agent)) AS ?coder) }}
  OPTIONAL {{ ?said oa:hasTarget/oa:hasSelector/oa:exact ?segment }}
  OPTIONAL {{ ?said oa:hasTarget/oa:hasSelector ?position . ?position oa:start ?start ; oa:end ?end }}
  OPTIONAL {{ ?said dcterms:source ?source }}
  OPTIONAL {{ ?said dcterms:created ?coded_at }}
  OPTIONAL {{ ?said evco:confidence ?confidence }}
  OPTIONAL {{ ?said prov:wasDerivedFrom ?line . {_ROW} }}
}}"""

_CODINGS = f"""SELECT ?bundle ?e ?coding ?said ?from ?id ?coder ?segment ?source ?start ?end ?coded_at ?confidence ?at_file ?at_row {{
  %s
  {{ ?iri evco:hasElement ?e }} UNION {{ ?iri evco:recordsAbsence ?e }}
  ?coding oa:hasBody ?e .{_CODED}"""

_PLAIN = f"""SELECT ?bundle ?incident ?code ?coding ?said ?id ?coder ?segment ?source ?start ?end ?coded_at ?confidence ?at_file ?at_row {{
  %s
  OPTIONAL {{ ?iri dcterms:identifier ?incident_id }} BIND(COALESCE(?incident_id, STR(?iri)) AS ?incident)
  ?iri evco:reportedIn ?report . {{ ?coding oa:hasTarget ?report }} UNION {{ ?coding oa:hasTarget/oa:hasSource ?report }}
  ?coding oa:hasBody ?body . ?body a evco:Code ; rdfs:label ?code .
  FILTER NOT EXISTS {{ ?made prov:wasDerivedFrom ?coding . ?made a evco:InferredCoding }}{_CODED}"""

_LINKS = """SELECT ?bundle ?start (GROUP_CONCAT(DISTINCT ?id; SEPARATOR=";") AS ?leads_to) {
  %s
  { ?iri evco:hasElement ?e } UNION { ?iri evco:recordsAbsence ?e }
  { ?coding oa:hasBody ?e . OPTIONAL { ?coding prov:wasDerivedFrom ?from . ?from a oa:Annotation } BIND(COALESCE(?from, ?coding) AS ?start)
    ?start evco:leadsTo ?end . OPTIONAL { ?end dcterms:identifier ?end_id } BIND(COALESCE(?end_id, STR(?end)) AS ?id) }
  UNION { ?e evco:ledTo ?end FILTER NOT EXISTS { ?any oa:hasBody ?e } BIND(?e AS ?start) BIND(STR(?end) AS ?id) }
} GROUP BY ?bundle ?start"""

_ACTORS = """SELECT ?iri ?id ?label ?class { VALUES ?class { %s } ?iri a ?class . FILTER NOT EXISTS { ?iri evco:roleIn ?incident }
  OPTIONAL { ?iri dcterms:identifier ?id } OPTIONAL { ?iri rdfs:label ?label } }"""


def bundles_of(store: Store, name: str) -> list[tuple[str | None, str]]:
    """The bundles in a graph, IRI and name; None and the name given for incidents that are part of none.

    Raises:
        InputError: there is no incident at all.
    """
    found: list[tuple[str | None, str]] = []
    for row in store.select(_PREFIXES + _BUNDLES):
        iri = row["bundle"].value
        found.append((iri, row["name"].value if row["name"] is not None else iri))
    if any(True for _ in store.select(_PREFIXES + _STRAYS)):
        found.append((None, name))
    if not found:
        raise InputError("holds no evco:Incident", name)
    return found


def stage_graph(database: duckdb.DuckDBPyConnection, store: Store, bundle: str | None, name: str, vocabulary: Vocabulary) -> None:
    """Bring one bundle of a graph to the tables `staged_coding`, `staged_incident`, `staged_actor`.

    Args:
        bundle: its IRI; None for the incidents that are part of none.
        name: what to call the graph in findings on nodes that know no row.
    """
    bound: Mapping[str, str] = {"bundle": bundle} if bundle else {}
    pattern = _IN_BUNDLE if bundle else _IN_NONE
    for table, query in (("incident", _INCIDENTS), ("element", _ELEMENTS), ("coded", _CODINGS), ("plain", _PLAIN), ("link", _LINKS)):
        _load(database, f"graph_{table}", store.csv(_PREFIXES + query % pattern, bound))
    classes = " ".join(f"<{iri}>" for iri in sorted(vocabulary.below(EVCO + "Actor")))
    _load(database, "graph_actor", store.csv(_PREFIXES + _ACTORS % classes))
    run = database.execute
    words = ", ".join(f"({text(iri)}, {text(word)})" for word, iri in vocabulary.roles.items())
    run(f"CREATE TABLE graph_word AS SELECT * FROM (VALUES {words}) AS word(iri, word)")
    known = ", ".join(text(iri) for iri in sorted(vocabulary.channels))
    # Classes that a reasoner or an editor adds are not what somebody coded.
    beside = ", ".join(text(iri) for iri in (*sorted(vocabulary.instead), PREFIXES["owl"] + "NamedIndividual", PREFIXES["owl"] + "Thing"))
    where = f"coalesce(at_file, {text(name)}) AS file, CAST(at_row AS BIGINT) AS lineno"
    run(
        f"""CREATE TABLE staged_incident AS
            SELECT row_number() OVER (ORDER BY at_file, CAST(at_row AS BIGINT), incident) AS "row", '' AS col, {where}, incident,
                   if(channel IN ({known}), channel, NULL) AS channel, platform, occurred_on, follows, nullif(context, '') AS context, monopoly,
                   resources_limited, common_cause, narrative, corpus, told_by, NULL AS extra, iri
            FROM graph_incident"""
    )
    run(
        f"""CREATE TABLE staged_coding AS
            WITH element AS (
                   SELECT e.* EXCLUDE (bearer, toward), coalesce(b.word, e.bearer) AS bearer, coalesce(t.word, e.toward) AS toward
                   FROM (SELECT e, incident, code, presence, valence, bearer, toward, step, element, min(purpose) AS purpose
                         FROM graph_element WHERE code NOT IN ({beside}) GROUP BY ALL) e
                   LEFT JOIN graph_word b ON b.iri = e.bearer LEFT JOIN graph_word t ON t.iri = e.toward),
                 said AS (
                   SELECT incident, code, presence, valence, bearer, toward, step, element, nullif(purpose, '') AS purpose, e AS element_iri,
                          coalesce(coding, e) AS iri, coalesce(said, e) AS said, "from" IS NOT NULL AS made, coalesce(id, e) AS id, coder, segment,
                          source, start, "end", coded_at, confidence, at_file, at_row
                   FROM element LEFT JOIN graph_coded USING (e)
                   UNION ALL BY NAME
                   SELECT incident, code, coding AS iri, said, false AS made, id, coder, segment, source, start, "end", coded_at, confidence,
                          at_file, at_row FROM graph_plain)
            SELECT dense_rank() OVER (ORDER BY at_file, CAST(at_row AS BIGINT), said) AS "row", '' AS col, {where}, incident, code, id, element,
                   presence, nullif(valence, '') AS valence, bearer, toward, step, leads_to, purpose, coder, segment, source, start, "end", coded_at,
                   confidence, NULL AS extra, iri, element_iri, if(made, row_number() OVER (PARTITION BY said ORDER BY iri, code), 0) AS inferred
            FROM said LEFT JOIN graph_link ON start_ = said"""
    )
    run(
        """CREATE TABLE staged_actor AS
           SELECT row_number() OVER (ORDER BY iri) AS "row", '' AS col, '' AS file, NULL::BIGINT AS lineno, coalesce(any_value(id), iri) AS actor,
                  string_agg(DISTINCT word, ';' ORDER BY word) AS role, any_value(label) AS label, iri
           FROM graph_actor LEFT JOIN (SELECT iri AS class, word FROM graph_word) USING (class) GROUP BY iri"""
    )


def _load(database: duckdb.DuckDBPyConnection, table: str, answer: bytes) -> None:
    """A SELECT's answer in CSV, as a table of text."""
    columns = answer.split(b"\r\n", 1)[0].decode().replace("?", "").split(",")
    types = ", ".join(f"{text('start_' if table == 'graph_link' and column == 'start' else column)}: 'VARCHAR'" for column in columns)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(answer)
        file.flush()
        database.execute(
            f"""CREATE TABLE {table} AS SELECT * FROM read_csv({text(file.name)}, auto_detect = false, header = true, delim = ',', quote = '"',
                escape = '"', new_line = '\\r\\n', columns = {{{types}}}, max_line_size = 33554432, parallel = false)"""
        )
