"""Lifting: a chunk of chains goes in, RDF comes out as N-Quads, or as an rdflib `Dataset`.

Every IRI is made from what the bundle says (never from a counter or a clock) and no node is blank, so that the same
bundle gives the same graph. What happened goes to the bundle's graph; who said so, of which words and in which row,
goes to its graph of codings, as Web Annotations (W3C Web Annotation Data Model, 4) with PROV (PROV-O).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kgtools.model import Actor, Coding, Element, Incident, Place, Verdict, elements
from kgtools.read import Bundle, Chunk, encoded
from kgtools.vocabulary import EVCO, ONTOLOGY_IRI, PREFIXES, Vocabulary, load, ontology_files, theory_files

if TYPE_CHECKING:
    from rdflib import Dataset

_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]')
_VERDICTS = {
    "supports": "supports",
    "contradicts": "contradicts",
    "mixed": "mixedSupport",
    "silent": "silent",
    "not-applicable": "notApplicable",
}
GRADES = {"linked": "linked", "ordered": "ordered", "co-occurrence": "coOccurrence", "unordered": "unordered"}
"""How our vocabulary calls the grades of verdicts."""

_MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
_PDF_FRAGMENTS = "http://tools.ietf.org/rfc/rfc8118"  # both as Web Annotation, 4.2.1, lists them; RFC 8118 follows 3778
_WHEN = {4: "gYear", 7: "gYearMonth", 10: "date"}


def literal(value: str, datatype: str = "") -> str:
    """A literal in N-Triples (W3C RDF 1.1 N-Triples, 2.4), with an XML Schema datatype unless it is a string."""
    text = _TO_ESCAPE.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}", value)
    return f'"{text}"^^<{PREFIXES["xsd"]}{datatype}>' if datatype else f'"{text}"'


def moment(value: str) -> str:
    """A date, month, year or point in time as the literal that it is."""
    return literal(value, _WHEN.get(len(value), "dateTime"))


class _Graph:
    """Collects the N-Quads of one named graph."""

    def __init__(self, graph: str) -> None:
        self.lines: list[str] = []
        self._end = f" <{graph}> ."

    def say(self, subject: str, predicate: str, iri: str) -> None:
        """A quad whose object is an IRI. Predicates are CURIEs."""
        self.lines.append(f"<{subject}> {_PREDICATES[predicate]} <{iri}>{self._end}")

    def tell(self, subject: str, predicate: str, value: str | None, datatype: str = "") -> None:
        """A quad whose object is a literal; none where there is no value."""
        if value is not None:
            self.lines.append(f"<{subject}> {_PREDICATES[predicate]} {literal(value, datatype)}{self._end}")

    def put(self, subject: str, predicate_iri: str, written: str) -> None:
        """A quad with a predicate in full and an object as written."""
        self.lines.append(f"<{subject}> <{predicate_iri}> {written}{self._end}")


class _Predicates(dict[str, str]):
    """CURIEs to bracketed IRIs, worked out once each."""

    def __missing__(self, name: str) -> str:
        prefix, _, rest = name.partition(":")
        self[name] = f"<{PREFIXES[prefix]}{rest}>"
        return self[name]


_PREDICATES = _Predicates()


def lift_frame(bundle: Bundle) -> list[str]:
    """What is said once of a bundle: that it is one, its coders, its files and its crosswalk."""
    data, codings = _Graph(bundle.iri), _Graph(f"{bundle.iri}/codings")
    data.say(bundle.iri, "rdf:type", EVCO + "Bundle")
    data.tell(bundle.iri, "dcterms:identifier", bundle.name)
    for coder in bundle.coders():
        agent, activity = f"{bundle.iri}/coder/{encoded(coder)}", f"{bundle.iri}/coding-by/{encoded(coder)}"
        codings.say(agent, "rdf:type", EVCO + "Coder")
        codings.say(agent, "rdf:type", PREFIXES["prov"] + "Agent")
        codings.tell(agent, "dcterms:identifier", coder)
        codings.say(activity, "rdf:type", PREFIXES["prov"] + "Activity")
        codings.say(activity, "prov:wasAssociatedWith", agent)
    for file in bundle.files():
        iri = f"{bundle.iri}/file/{encoded(file)}"
        codings.say(iri, "rdf:type", PREFIXES["prov"] + "Entity")
        codings.tell(iri, "rdfs:label", file)
    if bundle.inferred():
        codings.say(f"{bundle.iri}/crosswalk", "rdf:type", PREFIXES["prov"] + "SoftwareAgent")
        codings.tell(f"{bundle.iri}/crosswalk", "rdfs:label", f"crosswalk of {bundle.name}")
    return data.lines + codings.lines


def lift_codebook(bundle: Bundle, vocabulary: Vocabulary) -> list[str]:
    """The codebook that a coding program's file holds: every code, also one that nothing is coded with.

    A code is called by its path; what it was called by in the file is its identifier. A code that is one of our terms
    says so by skos:exactMatch.
    """
    from kgtools.codebook import terms_by_guid

    codings, known = _Graph(f"{bundle.iri}/codings"), terms_by_guid(vocabulary) if bundle.codes else {}
    called = {code.key: f"{bundle.iri}/code/{encoded(code.called)}" for code in bundle.codes}
    above = {code.path: called[code.key] for code in bundle.codes}
    for code in bundle.codes:
        iri = called[code.key]
        codings.say(iri, "rdf:type", EVCO + "Code")
        codings.tell(iri, "rdfs:label", code.called)
        codings.tell(iri, "skos:prefLabel", code.path[-1])
        codings.tell(iri, "dcterms:identifier", code.key)
        codings.tell(iri, "skos:definition", code.description)
        if code.path[:-1] in above:
            codings.say(iri, "skos:broader", above[code.path[:-1]])
        if code.key in known:
            codings.say(iri, "skos:exactMatch", known[code.key])
    for name, members in bundle.code_sets:
        iri = f"{bundle.iri}/code-set/{encoded(name)}"
        codings.say(iri, "rdf:type", PREFIXES["skos"] + "Collection")
        codings.tell(iri, "rdfs:label", name)
        for key in members:
            if key in called:
                codings.say(iri, "skos:member", called[key])
    return list(dict.fromkeys(codings.lines))  # codes that are called alike are one


def lift(chunk: Chunk, vocabulary: Vocabulary) -> list[str]:
    """Lift a chunk.

    Returns:
        N-Quads, a line each, in an order that follows the tables.
    """
    data, codings = _Graph(chunk.bundle), _Graph(f"{chunk.bundle}/codings")
    work = _Lift(chunk, vocabulary, data, codings)
    for actor in chunk.actors.values():
        work.actor(actor)
    found = {incident.id: elements(incident, chunk.codings[incident.id]) for incident in chunk.incidents}
    targets: dict[str, list[Element]] = {}
    for group in found.values():
        for element in group:
            for coding in element.codings:
                targets.setdefault(coding.id, []).append(element)
    for incident in chunk.incidents:
        work.incident(incident)
        for element in found[incident.id]:
            work.element(element, incident, targets)
        for coding in chunk.codings[incident.id]:
            if coding.term is None:
                work.coding(coding, work.code(coding.code, beside=coding.beside), coding.iri)
    return data.lines + codings.lines


def lift_terms(vocabulary: Vocabulary) -> list[str]:
    """What ontology and theories say of named terms, as N-Quads in the ontology's graph, sorted.

    Axioms that need blank nodes stay in the Turtle files, which reasoners read; no query asks for them.
    """
    import pyoxigraph as ox

    store, _ = load([*ontology_files(), *theory_files(), *vocabulary.theories])
    triples = {
        f"{quad.subject} {quad.predicate} {quad.object}"
        for quad in store
        if not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode)
    }
    return [f"{triple} <{ONTOLOGY_IRI}> ." for triple in sorted(triples)]


def assessment_iri(verdict: Verdict, bundle: str) -> str:
    """What the assessment of a unit on a proposition, for some coders, is called."""
    names = (verdict.coders, verdict.unit_type, verdict.unit, verdict.proposition)
    return "/".join((f"{bundle}/assessment", *map(encoded, names)))


def verdict_graph(bundle: str, coders: str) -> str:
    """The named graph of the verdicts on a bundle for some coders."""
    return f"{bundle}/verdicts/{encoded(coders)}"


def lift_judged(bundle: str, coders: str) -> list[str]:
    """That a bundle was judged for some coders, as N-Quads in the graph of their verdicts.

    Whoever finds no verdict there then knows that all are silent; else nobody may have asked yet.
    """
    graph = _Graph(verdict_graph(bundle, coders))
    graph.say(verdict_graph(bundle, coders), "dcterms:isPartOf", bundle)
    graph.tell(verdict_graph(bundle, coders), "dcterms:identifier", coders)
    return graph.lines


def lift_verdicts(verdicts: Iterable[Verdict], bundle: str) -> list[str]:
    """Verdicts as assessments, each with the evidence that it rests on, as N-Quads in a graph for their coders."""
    lines: list[str] = []
    for verdict in verdicts:
        graph = _Graph(verdict_graph(bundle, verdict.coders))
        iri = assessment_iri(verdict, bundle)
        graph.say(iri, "rdf:type", EVCO + "Assessment")
        graph.say(iri, "evco:assesses", verdict.unit_iri)
        graph.say(iri, "evco:onProposition", verdict.proposition_iri)
        graph.say(iri, "evco:verdict", EVCO + _VERDICTS[verdict.verdict])
        if verdict.grade:
            graph.say(iri, "evco:grade", EVCO + GRADES[verdict.grade])
        graph.tell(iri, "evco:coders", verdict.coders)
        for name, values in (
            ("evidence", verdict.evidence_iris),
            ("missingSlot", verdict.missing_iris),
            ("opposedSlot", verdict.opposed_iris),
        ):
            for value in values:
                graph.say(iri, f"evco:{name}", value)
        lines += graph.lines
    return lines


def dataset(lines: Iterable[str]) -> Dataset:
    """An rdflib `Dataset` of lifted quads, its default graph the union of all."""
    from rdflib import Dataset

    made = Dataset(default_union=True)
    made.parse(data="\n".join(lines), format="nquads")
    return made


class _Lift:
    """One chunk, at work."""

    def __init__(self, chunk: Chunk, vocabulary: Vocabulary, data: _Graph, codings: _Graph) -> None:
        self.chunk, self.vocabulary, self.data, self.codings = chunk, vocabulary, data, codings
        self.incidents = {incident.id: incident.iri for incident in chunk.incidents}
        self.rows = {coding.id: coding.iri for codings in chunk.codings.values() for coding in codings}
        self.said: set[str] = set()

    def once(self, iri: str) -> bool:
        """Whether a node is met for the first time in this chunk."""
        if iri in self.said:
            return False
        self.said.add(iri)
        return True

    def actor(self, actor: Actor) -> None:
        for role in sorted(actor.roles) or [EVCO + "Actor"]:
            self.data.say(actor.iri, "rdf:type", role)
        self.data.tell(actor.iri, "dcterms:identifier", actor.id)
        self.data.tell(actor.iri, "rdfs:label", actor.label)
        self._extra(self.data, actor.iri, actor.extra)

    def from_row(self, node: str, place: Place | None) -> None:
        """The row of a file (fragment: RFC 7111, 2.1), as an entity that a node was derived from."""
        if place is None or place.row is None:
            return
        file = f"{self.chunk.bundle}/file/{encoded(place.file)}"
        iri = f"{file}#row={place.row}"
        if self.once(iri):
            self.codings.say(iri, "rdf:type", PREFIXES["prov"] + "Entity")
            self.codings.say(iri, "evco:inFile", file)
            self.codings.tell(iri, "evco:row", str(place.row), "integer")
        self.codings.say(node, "prov:wasDerivedFrom", iri)

    def incident(self, incident: Incident) -> None:
        iri, data = incident.iri, self.data
        report = f"{self.chunk.bundle}/report/{encoded(incident.id)}"
        data.say(iri, "rdf:type", EVCO + "Incident")
        data.tell(iri, "dcterms:identifier", incident.id)
        data.say(iri, "dcterms:isPartOf", self.chunk.bundle)
        data.say(iri, "evco:reportedIn", report)
        data.say(report, "rdf:type", EVCO + "IncidentReport")
        data.tell(report, "evco:narrative", incident.narrative)
        if incident.channel or incident.platform:
            self._channel(incident)
        if incident.follows is not None:
            data.say(iri, "evco:follows", self.incidents[incident.follows])
        if incident.told_by is not None:
            data.say(iri, "evco:toldBy", self.chunk.actors[incident.told_by].iri)
        if incident.occurred_on is not None:
            data.put(iri, EVCO + "occurredOn", moment(incident.occurred_on))
        if incident.context is not None:
            data.say(iri, "evco:context", f"{EVCO}{incident.context}Service")
        for name, flag in (
            ("evco:monopoly", incident.monopoly),
            ("evco:resourcesLimited", incident.resources_limited),
            ("evco:commonCause", incident.common_cause),
        ):
            data.tell(iri, name, None if flag is None else str(flag).lower(), "boolean")
        data.tell(iri, "evco:corpus", incident.corpus)
        self._extra(data, iri, incident.extra)
        self.from_row(iri, incident.place)

    def _channel(self, incident: Incident) -> None:
        kind = incident.channel or EVCO + "Channel"
        short = encoded(kind.removeprefix(EVCO))
        if incident.platform is None:
            channel = f"{self.chunk.bundle}/channel/{short}"
        else:
            channel = f"{self.chunk.bundle}/platform/{encoded(incident.platform)}/{short}"
        self.data.say(incident.iri, "evco:viaChannel", channel)
        if self.once(channel):
            self.data.say(channel, "rdf:type", kind)
            self.data.tell(channel, "rdfs:label", incident.platform)

    def _extra(self, graph: _Graph, iri: str, extra: tuple[tuple[str, str], ...]) -> None:
        """Columns that are none of ours, each a property of the bundle's own, whose IRI ends as RDF/XML needs it."""
        for column, cell in extra:
            graph.put(iri, f"{self.chunk.bundle}/column/{encoded(column)}#cell", literal(cell))

    def _party(self, name: str, incident: Incident) -> str:
        """The actor that a name stands for, or the one who has the role in this incident."""
        if name in self.chunk.actors:
            return self.chunk.actors[name].iri
        iri = f"{incident.iri}/role/{encoded(name)}"
        if self.once(iri):
            self.data.say(iri, "rdf:type", self.vocabulary.roles[name])
            self.data.say(iri, "evco:roleIn", incident.iri)
        return iri

    def element(self, element: Element, incident: Incident, targets: dict[str, list[Element]]) -> None:
        iri, data = element.iri, self.data
        if element.absent:
            data.say(incident.iri, "evco:recordsAbsence", iri)
            data.say(iri, "rdf:type", EVCO + "AbsenceRecord")
            data.say(iri, "evco:absenceOf", element.term)
        else:
            data.say(incident.iri, "evco:hasElement", iri)
            data.say(iri, "rdf:type", element.term)
        data.tell(iri, "evco:elementName", element.name)
        if element.valence is not None:
            data.say(iri, "evco:valence", EVCO + element.valence)
        if element.bearer is not None:
            gains = not element.absent and EVCO + "ValueOutcome" in self.vocabulary.above(element.term)
            data.say(iri, "evco:beneficiary" if gains else "evco:bearer", self._party(element.bearer, incident))
        if element.toward is not None:
            data.say(iri, "evco:toward", self._party(element.toward, incident))
        if element.step is not None:
            data.tell(iri, "evco:step", str(element.step), "integer")
        for purpose in sorted({coding.purpose for coding in element.codings if coding.purpose}):
            data.say(iri, "evco:purpose", EVCO + purpose)
        ends = {end.iri for coding in element.codings for target in coding.leads_to for end in targets.get(target, ())}
        for end in sorted(ends):
            data.say(iri, "evco:ledTo", end)
        for coding in element.codings:
            node = f"{coding.iri}/inferred/{coding.inferred}" if coding.inferred else coding.iri
            data.say(iri, "evco:evidencedBy", node)
            if coding.inferred:
                self.inferred(coding, iri, node)
            else:
                self.coding(coding, iri, node)

    def code(self, code: str, *, beside: bool = False) -> str:
        """A coder's own code, which is no term; perhaps one that only says something of others (`beside`)."""
        iri = f"{self.chunk.bundle}/code/{encoded(code)}"
        if self.once(iri):
            self.codings.say(iri, "rdf:type", EVCO + "Code")
            self.codings.tell(iri, "rdfs:label", code)
            if beside:
                self.codings.say(iri, "rdf:type", EVCO + "QualifyingCode")
        return iri

    def inferred(self, coding: Coding, body: str, node: str) -> None:
        """What a crosswalk made of a coder's code: attributed to the crosswalk, derived from what the coder said."""
        say = self.codings.say
        if self.once(coding.iri):
            self.coding(coding, self.code(coding.code), coding.iri)
        say(node, "rdf:type", EVCO + "InferredCoding")
        say(node, "rdf:type", PREFIXES["oa"] + "Annotation")
        say(node, "oa:hasBody", body)
        say(node, "oa:motivatedBy", PREFIXES["oa"] + "classifying")
        say(node, "oa:hasTarget", self._target(coding))
        say(node, "prov:wasAttributedTo", f"{self.chunk.bundle}/crosswalk")
        say(node, "prov:wasDerivedFrom", coding.iri)

    def _target(self, coding: Coding) -> str:
        where = (coding.segment, coding.start, coding.end, coding.fragment, coding.native_start, coding.native_end)
        marked = any(one is not None for one in where)
        return f"{coding.iri}/target" if marked else f"{self.chunk.bundle}/report/{encoded(coding.incident)}"

    def coding(self, coding: Coding, body: str, node: str) -> None:
        """A coder's annotation: which words, whose judgment, and the row that says so."""
        say, tell = self.codings.say, self.codings.tell
        say(node, "rdf:type", EVCO + "CodedSegment")
        say(node, "rdf:type", PREFIXES["oa"] + "Annotation")
        tell(node, "dcterms:identifier", coding.id)
        say(node, "oa:hasBody", body)
        say(node, "oa:motivatedBy", PREFIXES["oa"] + "classifying")
        target = self._target(coding)
        say(node, "oa:hasTarget", target)
        if target == f"{coding.iri}/target":
            self._selectors(coding, target)
        if coding.coder is not None:
            say(node, "prov:wasAttributedTo", f"{self.chunk.bundle}/coder/{encoded(coding.coder)}")
            say(node, "prov:wasGeneratedBy", f"{self.chunk.bundle}/coding-by/{encoded(coding.coder)}")
        self.from_row(node, coding.place)
        for end in coding.leads_to:
            say(node, "evco:leadsTo", self.rows[end])
        tell(node, "dcterms:source", coding.source)
        if coding.coded_at is not None:
            self.codings.put(node, PREFIXES["dcterms"] + "created", moment(coding.coded_at))
        tell(node, "evco:confidence", coding.confidence, "decimal")
        self._extra(self.codings, node, coding.extra)

    def _selectors(self, coding: Coding, target: str) -> None:
        """The words (Web Annotation, 4.2.4) and where they stand (4.2.5), start counted from 0, end not included.

        Beside them a part of what is no text (4.2.1), and the place as the coding program counts.
        """
        say, tell = self.codings.say, self.codings.tell
        say(target, "rdf:type", PREFIXES["oa"] + "SpecificResource")
        say(target, "oa:hasSource", f"{self.chunk.bundle}/report/{encoded(coding.incident)}")
        if coding.segment is not None:
            say(target, "oa:hasSelector", f"{target}/quote")
            say(f"{target}/quote", "rdf:type", PREFIXES["oa"] + "TextQuoteSelector")
            tell(f"{target}/quote", "oa:exact", coding.segment)
        if (coding.start, coding.end) != (None, None):
            say(target, "oa:hasSelector", f"{target}/position")
            say(f"{target}/position", "rdf:type", PREFIXES["oa"] + "TextPositionSelector")
            for name, place in (("oa:start", coding.start), ("oa:end", coding.end)):
                tell(f"{target}/position", name, None if place is None else str(place), "nonNegativeInteger")
        if coding.fragment is not None:
            say(target, "oa:hasSelector", f"{target}/fragment")
            say(f"{target}/fragment", "rdf:type", PREFIXES["oa"] + "FragmentSelector")
            tell(f"{target}/fragment", "rdf:value", coding.fragment)
            media = not coding.fragment.startswith("page=")
            say(f"{target}/fragment", "dcterms:conformsTo", _MEDIA_FRAGMENTS if media else _PDF_FRAGMENTS)
        if (coding.native_start, coding.native_end) != (None, None):
            say(target, "oa:hasSelector", f"{target}/native")
            say(f"{target}/native", "rdf:type", EVCO + "NativeSelector")
            tell(f"{target}/native", "evco:nativeStart", coding.native_start)
            tell(f"{target}/native", "evco:nativeEnd", coding.native_end)
            tell(f"{target}/native", "evco:offsetRule", coding.offset_rule)
            tell(f"{target}/native", "evco:offsetScore", coding.offset_score, "decimal")
