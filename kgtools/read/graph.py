"""Graphs: lifted or hand-made RDF goes in, the same staged tables come out as from a bundle's tables.

Plain SELECTs bring the nodes of one bundle to DuckDB, and SQL joins them. Elements that nobody coded count as coded by
one coder without a name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kgtools.errors import NoIncidentError
from kgtools.read.qda.project import Code
from kgtools.read.tables import small_table, text
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary

if TYPE_CHECKING:
    import duckdb

    from kgtools.store import Store

_PREFIXES = "".join(
    f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("evco", "dcterms", "oa", "prov", "rdf", "rdfs", "skos")
)

_BUNDLES = """SELECT ?bundle (MIN(?id) AS ?name) {
  ?bundle a evco:Bundle . OPTIONAL { ?bundle dcterms:identifier ?id }
} GROUP BY ?bundle ORDER BY ?bundle"""
_NAMELESS = """ASK {
  { ?node a evco:Incident } UNION { ?node a evco:Bundle } UNION { ?node oa:hasBody ?body } UNION { ?node evco:row ?row }
  UNION { ?some (evco:hasElement|evco:recordsAbsence|prov:wasAttributedTo) ?node }
  UNION { ?some (evco:bearer|evco:beneficiary|evco:toward|evco:toldBy) ?node }
  FILTER(isBlank(?node)) }"""
_STRAYS = """SELECT ?incident {
  ?incident a evco:Incident . FILTER NOT EXISTS { ?incident dcterms:isPartOf ?bundle . ?bundle a evco:Bundle }
} LIMIT 1"""

_IN_BUNDLE = "?iri a evco:Incident ; dcterms:isPartOf ?bundle ."
_IN_NONE = (
    "?iri a evco:Incident . FILTER NOT EXISTS { ?iri dcterms:isPartOf ?some . ?some a evco:Bundle } BIND(1 AS ?bundle)"
)

_ROW = "?line evco:row ?at_row ; evco:inFile ?file . OPTIONAL { ?file rdfs:label ?at_file }"

_INCIDENTS = f"""SELECT ?bundle ?iri (COALESCE(?id, STR(?iri)) AS ?incident) ?channel ?platform ?occurred_on
    (COALESCE(?before_id, STR(?before)) AS ?follows) ?monopoly ?resources_limited ?common_cause ?narrative ?corpus
    (STRBEFORE(STRAFTER(STR(?setting), "#"), "Service") AS ?context)
    ?teller (COALESCE(?teller_id, STR(?teller)) AS ?told_by) ?at_file ?at_row {{
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


_ELEMENTS = """SELECT ?bundle ?incident ?e ?code ?presence (STRAFTER(STR(?value), "#") AS ?valence) ?step ?element
    (STRAFTER(STR(?aim), "#") AS ?purpose) {
  %s
  OPTIONAL { ?iri dcterms:identifier ?id } BIND(COALESCE(?id, STR(?iri)) AS ?incident)
  { ?iri evco:hasElement ?e OPTIONAL { ?e a ?code } }
  UNION { ?iri evco:recordsAbsence ?e OPTIONAL { ?e evco:absenceOf ?code } BIND("absent" AS ?presence) }
  OPTIONAL { ?e evco:valence ?value }
  OPTIONAL { ?e evco:step ?step }
  OPTIONAL { ?e evco:elementName ?element }
  OPTIONAL { ?e evco:purpose ?aim }
}"""

_PARTIES = """SELECT DISTINCT ?bundle ?e ?part ?party ?class (COALESCE(?id, STR(?party)) AS ?name) {
  %s
  { ?iri evco:hasElement ?e } UNION { ?iri evco:recordsAbsence ?e }
  { ?e (evco:bearer|evco:beneficiary) ?party BIND("bearer" AS ?part) }
  UNION { ?e evco:toward ?party BIND("toward" AS ?part) }
  OPTIONAL { ?party evco:roleIn ?in ; a ?class }
  OPTIONAL { ?party dcterms:identifier ?id }
}"""

_CELLS = "?id ?coder ?segment ?source ?start ?end ?coded_at ?confidence ?at_file ?at_row"
_CODED = f"""
  OPTIONAL {{ ?coding a evco:InferredCoding ; prov:wasDerivedFrom ?from
    OPTIONAL {{ ?from oa:hasBody ?own . ?own a evco:Code ; rdfs:label ?own_code }} }}
  BIND(COALESCE(?from, ?coding) AS ?said)
  OPTIONAL {{ ?said dcterms:identifier ?said_id }} BIND(COALESCE(?said_id, STR(?said)) AS ?id)
  OPTIONAL {{ ?said prov:wasAttributedTo ?agent . OPTIONAL {{ ?agent dcterms:identifier ?agent_id }}
    BIND(COALESCE(?agent_id, STR(?agent)) AS ?coder) }}
  OPTIONAL {{ ?said oa:hasTarget/oa:hasSelector/oa:exact ?segment }}
  OPTIONAL {{ ?said oa:hasTarget/oa:hasSelector/oa:start ?start }}
  OPTIONAL {{ ?said oa:hasTarget/oa:hasSelector/oa:end ?end }}
  OPTIONAL {{ ?said dcterms:source ?source }}
  OPTIONAL {{ ?said dcterms:created ?coded_at }}
  OPTIONAL {{ ?said evco:confidence ?confidence }}
  OPTIONAL {{ ?said prov:wasDerivedFrom ?line . {_ROW} }}
}}"""

_CODINGS = f"""SELECT ?bundle ?e ?coding ?said ?from ?own_code {_CELLS} {{
  %s
  {{ ?iri evco:hasElement ?e }} UNION {{ ?iri evco:recordsAbsence ?e }}
  ?coding oa:hasBody ?e .{_CODED}"""

_PLAIN = f"""SELECT ?bundle ?incident ?code ?body ?coding ?said {_CELLS} {{
  %s
  OPTIONAL {{ ?iri dcterms:identifier ?incident_id }} BIND(COALESCE(?incident_id, STR(?iri)) AS ?incident)
  ?iri evco:reportedIn ?report .
  {{ ?coding oa:hasTarget ?report }} UNION {{ ?coding oa:hasTarget/oa:hasSource ?report }}
  ?coding oa:hasBody ?body . ?body a evco:Code ; rdfs:label ?code .
  FILTER NOT EXISTS {{ ?made prov:wasDerivedFrom ?coding . ?made a evco:InferredCoding }}{_CODED}"""

_MARKED = """SELECT ?coding ?fragment ?native_start ?native_end ?offset_rule ?offset_score {
  ?coding oa:hasTarget ?target . ?target oa:hasSelector ?selector .
  { ?selector a oa:FragmentSelector ; rdf:value ?fragment }
  UNION { ?selector a evco:NativeSelector
    OPTIONAL { ?selector evco:nativeStart ?native_start } OPTIONAL { ?selector evco:nativeEnd ?native_end }
    OPTIONAL { ?selector evco:offsetRule ?offset_rule } OPTIONAL { ?selector evco:offsetScore ?offset_score } }
}"""

_LINKS = """SELECT DISTINCT ?bundle ?start ?id {
  %s
  { ?iri evco:hasElement ?e } UNION { ?iri evco:recordsAbsence ?e }
  { ?coding oa:hasBody ?e . OPTIONAL { ?coding a evco:InferredCoding ; prov:wasDerivedFrom ?from }
    BIND(COALESCE(?from, ?coding) AS ?start)
    ?start evco:leadsTo ?end . OPTIONAL { ?end dcterms:identifier ?end_id } BIND(COALESCE(?end_id, STR(?end)) AS ?id) }
  UNION { ?e evco:ledTo ?end FILTER NOT EXISTS { ?any oa:hasBody ?e } BIND(?e AS ?start)
    OPTIONAL { ?to oa:hasBody ?end OPTIONAL { ?to a evco:InferredCoding ; prov:wasDerivedFrom ?of }
      BIND(COALESCE(?of, ?to) AS ?coded)
      OPTIONAL { ?coded dcterms:identifier ?coded_id } }
    BIND(COALESCE(?coded_id, STR(?coded), STR(?end)) AS ?id) }
}"""

_EXTRAS = """SELECT ?node ?column ?cell {
  ?node ?column ?cell FILTER(STRENDS(STR(?column), "#cell") && CONTAINS(STR(?column), "/column/")) }"""

_ACTORS = """SELECT ?iri ?id ?label ?class { VALUES ?class { %s } ?iri a ?class .
  FILTER NOT EXISTS { ?iri evco:roleIn ?incident }
  OPTIONAL { ?iri dcterms:identifier ?id } OPTIONAL { ?iri rdfs:label ?label } }"""


def without_blank_nodes(store: Store, prefix: str) -> Store:
    """The same graph, with IRIs for its blank nodes if incidents, elements or what is said of them have some.

    The IRIs follow from what the graph says (W3C RDF Dataset Canonicalization, RDFC-1.0), so that reading it again
    gives the same ones.
    """
    import pyoxigraph as ox

    from kgtools.store import Store

    if not store.inner.query(_PREFIXES + _NAMELESS, use_default_graph_as_union=True):
        return store
    dataset = ox.Dataset(store.inner)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)

    def named(term: Any) -> Any:
        return ox.NamedNode(prefix + term.value) if isinstance(term, ox.BlankNode) else term

    made = Store()
    made.inner.bulk_extend(
        ox.Quad(named(quad.subject), quad.predicate, named(quad.object), named(quad.graph_name)) for quad in dataset
    )
    return made


def bundles_of(store: Store, name: str) -> list[tuple[str | None, str]]:
    """The bundles in a graph, IRI and name; None and the name given for incidents that are part of none.

    Raises:
        NoIncidentError: there is no incident at all.
    """
    found: list[tuple[str | None, str]] = []
    for row in store.select(_PREFIXES + _BUNDLES):
        iri = row["bundle"].value
        found.append((iri, row["name"].value if row["name"] is not None else iri))
    if any(True for _ in store.select(_PREFIXES + _STRAYS)):
        found.append((None, name))
    if not found:
        raise NoIncidentError("holds no evco:Incident", name)
    return found


_CODEBOOK = """SELECT ?bundle ?iri ?key ?called ?name ?above ?description {
  ?iri a evco:Code ; dcterms:identifier ?key ; rdfs:label ?called . OPTIONAL { ?iri skos:prefLabel ?name }
  OPTIONAL { ?iri skos:broader ?above } OPTIONAL { ?iri skos:definition ?description }
  FILTER(STRSTARTS(STR(?iri), CONCAT(STR(?bundle), "/code/"))) } ORDER BY ?called ?key ?description"""
_CODE_SETS = """SELECT ?bundle ?set ?called ?key {
  ?set a skos:Collection ; rdfs:label ?called . OPTIONAL { ?set skos:member ?code . ?code dcterms:identifier ?key }
  FILTER(STRSTARTS(STR(?set), CONCAT(STR(?bundle), "/code-set/"))) } ORDER BY ?called ?set ?key"""


def codebook_of(store: Store, bundle: str) -> tuple[list[Code], list[tuple[str, tuple[str, ...]]]]:
    """The codebook that a bundle of a graph came with: its codes, and its sets of them by name."""

    def rows(query: str) -> list[dict[str, str | None]]:
        found = store.select(_PREFIXES + query, {"bundle": bundle})
        names = [variable.value for variable in found.variables]
        return [{name: None if row[name] is None else row[name].value for name in names} for row in found]

    listed = rows(_CODEBOOK)
    told = {row["iri"]: row for row in listed}

    def path(row: dict[str, str | None]) -> tuple[str, ...]:
        """A name may hold what stands between names, so the names along a path are those of the codes above."""
        called, name = row["called"] or "", row["name"] or row["called"] or ""
        above = told.get(row["above"])
        if above is not None and called == f"{above['called']} > {name}":
            return (*path(above), name)
        rest = called.removesuffix(name).removesuffix(" > ")
        return (*(rest.split(" > ") if rest else ()), name)

    sets: dict[str | None, tuple[str, list[str]]] = {}
    for row in rows(_CODE_SETS):
        _, keys = sets.setdefault(row["set"], (row["called"] or "", []))
        keys += [key for key in (row["key"],) if key is not None]
    return (
        [Code(row["key"] or "", path(row), row["description"]) for row in listed],
        [(called, tuple(keys)) for called, keys in sets.values()],
    )


def stage_graph(
    database: duckdb.DuckDBPyConnection, store: Store, bundle: str | None, name: str, vocabulary: Vocabulary
) -> None:
    """Bring one bundle of a graph to the tables `staged_coding`, `staged_incident`, `staged_actor`.

    Args:
        bundle: its IRI; None for the incidents that are part of none.
        name: what to call the graph in findings on nodes that know no row.
    """
    bound: Mapping[str, str] = {"bundle": bundle} if bundle else {}
    pattern = _IN_BUNDLE if bundle else _IN_NONE
    queries = {
        "incident": _INCIDENTS,
        "element": _ELEMENTS,
        "party": _PARTIES,
        "coded": _CODINGS,
        "plain": _PLAIN,
        "link": _LINKS,
    }
    for table, query in queries.items():
        _load(database, f"graph_{table}", store.csv(_PREFIXES + query % pattern, bound))
    classes = " ".join(f"<{iri}>" for iri in sorted(vocabulary.below(EVCO + "Actor")))
    _load(database, "graph_actor", store.csv(_PREFIXES + _ACTORS % classes))
    _load(database, "graph_extra", store.csv(_EXTRAS))
    _load(database, "graph_marked", store.csv(_PREFIXES + _MARKED))
    run = database.execute
    words = ", ".join(f"({text(iri)}, {text(word)})" for word, iri in vocabulary.roles.items())
    run(f"CREATE TABLE graph_word AS SELECT * FROM (VALUES {words}) AS word(iri, word)")
    labels = (code for (code,) in run("SELECT DISTINCT code FROM graph_plain ORDER BY code").fetchall())
    alike = ((label,) for label in labels if vocabulary.resolve(label))  # a code that is called like a term is none
    small_table(database, "graph_alike", "label VARCHAR", alike)
    # A reasoner or an editor types a node with the classes above its own too; the lowest is what somebody coded.
    kinds = {
        "element": vocabulary.elements,
        "defined": vocabulary.instead,
        "channel": vocabulary.channels,
        "actor": vocabulary.below(EVCO + "Actor"),
    }
    run("CREATE TABLE graph_class (iri VARCHAR, kind VARCHAR, above VARCHAR[])")
    for kind, classes_of in kinds.items():
        rows = ", ".join(
            f"({text(iri)}, '{kind}', {sorted(vocabulary.above(iri) - {iri})})" for iri in sorted(classes_of)
        )
        run(f"INSERT INTO graph_class VALUES {rows}")
    where = f"coalesce(at_file, {text(name)}) AS file, CAST(at_row AS BIGINT) AS lineno"
    run(
        """CREATE TABLE graph_kept AS
           SELECT node, list({name: url_decode(regexp_extract("column", '/column/([^/#]*)#cell$', 1)), cell: cell}
             ORDER BY "column", cell) AS extra
           FROM (SELECT DISTINCT * FROM graph_extra) GROUP BY node"""
    )
    run(
        f"""CREATE TABLE staged_incident AS
            WITH place AS (SELECT DISTINCT i.iri, channel, above
                           FROM graph_incident i JOIN graph_class c ON c.iri = channel WHERE kind = 'channel'),
                 told AS (SELECT * EXCLUDE (bundle, channel, platform, teller), min(platform) AS platform
                          FROM graph_incident GROUP BY ALL)
            SELECT row_number() OVER (ORDER BY at_file, CAST(at_row AS BIGINT), incident) AS "row", '' AS col, {where},
                   incident,
                   p.channel, platform, occurred_on, follows, nullif(context, '') AS context, monopoly,
                   resources_limited, common_cause, narrative, corpus, told_by, extra, iri
            FROM told LEFT JOIN graph_kept ON node = iri LEFT JOIN (SELECT iri, channel FROM place one WHERE NOT EXISTS
                                 (FROM place other WHERE other.iri = one.iri
                                   AND list_contains(other.above, one.channel))) p USING (iri)"""
    )
    run(
        f"""CREATE TABLE staged_coding AS
            WITH typed AS (
                   SELECT DISTINCT e, code, coalesce(kind, 'other') AS kind, coalesce(above, []) AS above
                   FROM graph_element LEFT JOIN graph_class c ON c.iri = code AND kind IN ('element', 'defined')
                   WHERE code NOT IN ('{PREFIXES["owl"]}Thing', '{PREFIXES["owl"]}NamedIndividual')),
                 meant AS (
                   SELECT e, code FROM typed one WHERE NOT EXISTS
                     (FROM typed other WHERE other.e = one.e AND other.code <> one.code
                      AND (list_contains(other.above, one.code) OR (other.kind = 'element' AND one.kind <> 'element')
                           OR (other.kind = 'defined' AND one.kind = 'other')))),
                 party AS (
                   SELECT e, part, coalesce(min(word) FILTER (lowest), any_value(name)) AS name FROM (
                     SELECT p.*, word, word IS NOT NULL AND NOT EXISTS
                       (FROM graph_party other JOIN graph_class c ON c.iri = other.class AND kind = 'actor'
                        WHERE other.e = p.e AND other.part = p.part AND other.party = p.party
                          AND list_contains(above, p.class)) AS lowest
                     FROM graph_party p LEFT JOIN graph_word w ON w.iri = p.class) GROUP BY e, part, party),
                 element AS (
                   SELECT e.*, m.code, b.name AS bearer, t.name AS toward
                   FROM (SELECT e, incident, presence, valence, step, element, min(purpose) AS purpose
                         FROM graph_element GROUP BY ALL) e
                   LEFT JOIN meant m USING (e)
                   LEFT JOIN party b ON b.e = e.e AND b.part = 'bearer'
                   LEFT JOIN party t ON t.e = e.e AND t.part = 'toward'),
                 said AS (
                   SELECT incident, code, presence, valence, bearer, toward, step, element,
                          nullif(purpose, '') AS purpose, e AS element_iri, coalesce(said, e) AS said, coding,
                          "from" IS NOT NULL AS made, own_code, coalesce(id, e) AS id, coder, segment, source, start,
                          "end", coded_at, confidence, at_file, at_row
                   FROM element LEFT JOIN graph_coded USING (e)
                   UNION ALL BY NAME
                   SELECT incident, if(l.label IS NULL, code, body) AS code, l.label AS own_code, said, coding,
                          false AS made, id, coder, segment, source, start, "end", coded_at, confidence, at_file, at_row
                   FROM graph_plain LEFT JOIN graph_alike l ON l.label = code),
                 marked AS (SELECT coding AS said, any_value(fragment) AS fragment,
                                   any_value(native_start) AS native_start, any_value(native_end) AS native_end,
                                   any_value(offset_rule) AS offset_rule, any_value(offset_score) AS offset_score
                            FROM graph_marked GROUP BY coding),
                 link AS (SELECT start_, list(DISTINCT id ORDER BY id) AS leads_to FROM graph_link GROUP BY start_)
            SELECT dense_rank() OVER (ORDER BY at_file, CAST(at_row AS BIGINT), said) AS "row", '' AS col, {where},
                   incident, code, id, element, presence, nullif(valence, '') AS valence, bearer, toward, step,
                   leads_to, purpose, coder, segment, source, start, "end", coded_at, confidence,
                   fragment, native_start, native_end, offset_rule, offset_score, extra, said AS iri, element_iri,
                   own_code, CAST(NULL AS VARCHAR) AS selection,
                   if(made, coalesce(TRY_CAST(regexp_extract(coding, '/inferred/(\\d+)$', 1) AS INTEGER),
                                     row_number() OVER (PARTITION BY said ORDER BY coding, code)), 0) AS inferred
            FROM said LEFT JOIN link ON start_ = said LEFT JOIN graph_kept ON node = said
                 LEFT JOIN marked USING (said)"""
    )
    run(
        """CREATE TABLE staged_actor AS
           SELECT row_number() OVER (ORDER BY iri) AS "row", '' AS col, '' AS file, NULL::BIGINT AS lineno,
                  coalesce(any_value(id), iri) AS actor,
                  string_agg(DISTINCT word, ';' ORDER BY word) AS role, any_value(label) AS label,
                  any_value(extra) AS extra, iri
           FROM graph_actor LEFT JOIN graph_kept ON node = iri
                LEFT JOIN (SELECT iri AS class, word FROM graph_word) USING (class)
           WHERE iri IN (SELECT party FROM graph_party
                         UNION SELECT teller FROM graph_incident WHERE teller IS NOT NULL) GROUP BY iri"""
    )


def _load(database: duckdb.DuckDBPyConnection, table: str, answer: bytes) -> None:
    """A SELECT's answer in CSV, as a table of text."""
    columns = answer.split(b"\r\n", 1)[0].decode().replace("?", "").split(",")
    types = ", ".join(
        f"{text('start_' if table == 'graph_link' and column == 'start' else column)}: 'VARCHAR'" for column in columns
    )
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(answer)
        file.flush()
        database.execute(
            f"""CREATE TABLE {table} AS
                SELECT * FROM read_csv({text(file.name)}, auto_detect = false, header = true, delim = ',', quote = '"',
                escape = '"', new_line = '\\r\\n', columns = {{{types}}}, max_line_size = 33554432, parallel = false)"""
        )
