"""Columns: what the tables of a bundle have, under our names, and which properties of the graph are made of them."""

from __future__ import annotations

KINDS = ("codings", "incidents", "actors")

CODING = (
    *("incident", "code", "id", "element", "presence", "valence", "bearer", "toward", "step", "leads_to", "purpose"),
    *("coder", "segment", "source", "start", "end", "coded_at", "confidence"),
    *("fragment", "native_start", "native_end", "offset_rule", "offset_score"),
)
INCIDENT = (
    *("incident", "channel", "platform", "occurred_on", "follows", "context", "monopoly", "resources_limited"),
    *("common_cause", "narrative", "corpus", "told_by"),
)
ACTOR = ("actor", "role", "label")

FROM = {
    "incidents": {
        "dcterms:identifier": "incident",
        "evco:viaChannel": "channel",
        "evco:occurredOn": "occurred_on",
        "evco:follows": "follows",
        "evco:context": "context",
        "evco:monopoly": "monopoly",
        "evco:resourcesLimited": "resources_limited",
        "evco:commonCause": "common_cause",
        "evco:narrative": "narrative",
        "evco:corpus": "corpus",
        "evco:toldBy": "told_by",
    },
    "codings": {
        "rdf:type": "code",
        "evco:absenceOf": "code",
        "oa:hasBody": "code",
        "dcterms:identifier": "id",
        "evco:elementName": "element",
        "evco:valence": "valence",
        "evco:bearer": "bearer",
        "evco:beneficiary": "bearer",
        "evco:toward": "toward",
        "evco:step": "step",
        "evco:ledTo": "leads_to",
        "evco:leadsTo": "leads_to",
        "evco:purpose": "purpose",
        "prov:wasAttributedTo": "coder",
        "oa:exact": "segment",
        "dcterms:source": "source",
        "oa:start": "start",
        "oa:end": "end",
        "dcterms:created": "coded_at",
        "evco:confidence": "confidence",
        "rdf:value": "fragment",
        "evco:nativeStart": "native_start",
        "evco:nativeEnd": "native_end",
        "evco:offsetRule": "offset_rule",
        "evco:offsetScore": "offset_score",
    },
}
"""From which column of the two tables a property of the graph is lifted (`kgtools.lift`), to say which one is wrong."""

OVERRULED = ("presence", "valence", "bearer", "toward", "step")
"""Columns where a crosswalk's `codes` speak after the cell itself and before its `defaults` (see `checks`)."""

GRAPH = {
    "coding": ("iri", "element_iri", "own_code", "inferred", "selection"),
    "incident": ("iri",),
    "actor": ("iri",),
}
"""What only a graph says, beyond the columns of a table: its nodes' IRIs, and what a crosswalk once made of what; and
what only a coding program's file says: by a key of its own, which passage a coding is of."""
