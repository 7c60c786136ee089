"""Our mappings, against the files of the ontologies that they map to: all terms exist, and the merged whole holds."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from drawn import some

from kgtools.align import alignments, check, named, refused
from kgtools.align.table import NOT_FOUND
from kgtools.align.terms import Terms, is_ours
from kgtools.reason import OwlApi

TARGETS = Path(__file__).parents[2] / "shared/data/ontologies"
CANDIDATES = TARGETS / "mapping-candidates.tsv"
needs_targets = pytest.mark.skipif(not CANDIDATES.is_file(), reason="the target ontologies are not in `../shared`")

FILES = {
    "bcio": ("bcio_engagement.owl", "bcio_moa.owl", "bcio_style.owl"),
    "bfo": ("bfo.ttl",),
    "cito": ("cito.ttl",),
    "cover": ("cover.ttl", "gufo.ttl"),
    "foaf": ("foaf.ttl",),
    "gr": ("gr.ttl",),
    "gufo": ("gufo.ttl",),
    "hycl": ("hycl.ttl",),
    "iao": ("iao.owl",),
    "mfoem": ("mfoem.owl",),
    "mp": ("mp.ttl",),
    "oa": ("oa.ttl",),
    "onyx": ("onyx.ttl",),
    "prov": ("prov.ttl",),
    "schema": ("schema.ttl",),
    "sepio": ("sepio.owl",),
    "sioc": ("sioc.ttl",),
    "skos": ("skos.ttl",),
    "usdl": (
        *("usdl-core.ttl", "usdl-business-roles.ttl"),
        *("usdl-interaction-roles.ttl", "usdl-interaction-types.ttl"),
    ),
}
"""The files of each target."""

WITHOUT_FILES = {"org", "qb", "time", "ufo-s"}

MERGED = [
    ("foaf", "gr", "oa", "sioc", "usdl"),
    ("sepio",),
    ("bfo", "iao", "mfoem"),
    ("bcio",),
    ("prov", "skos"),
    ("schema",),
    ("cito", "hycl", "mp", "onyx"),
]
"""Targets that are reasoned over together, beside gUFO and what is built on it."""


def found(*ids: str, api: OwlApi | None = None) -> list[str]:
    """What is found in some alignments, beyond remarks; by a reasoner too, if there is Java to ask."""
    files = dict.fromkeys(TARGETS / name for id in ids for name in FILES.get(id, ()))
    findings = check([named(id) for id in ids], files, reasoned=api is not None, api=api)
    return [f"{one.file}:{one.row}: {one.message}" for one in findings if one.severity != "info"]


@needs_targets
@pytest.mark.parametrize("id", [one.id for one in alignments()])
def test_every_mapping_is_of_terms_that_exist(id: str) -> None:
    """Both terms of each row exist, are of one kind and called what the row calls them, and no rows exclude others."""
    assert [] == found(id)


@needs_targets
@pytest.mark.parametrize("id", sorted(FILES))
def test_a_target_is_described_by_its_files(id: str) -> None:
    """No row is passed over because the file given has nothing of the target."""
    said = [one.message for one in check([named(id)], [TARGETS / name for name in FILES[id]], reasoned=False)]

    assert [] == [message for message in said if "nobody knows" in message]


@needs_targets
def test_merged_with_cover_and_gufo_all_holds(api: OwlApi) -> None:
    """With our mappings to COVER and gUFO everything can be true, and every class can have instances."""
    assert [] == found("cover", "gufo", "ufo-s", api=api)


@pytest.mark.slow
@needs_targets
@pytest.mark.parametrize("ids", some(MERGED, 2), ids="+".join)
def test_merged_with_other_targets_all_holds(ids: tuple[str, ...], api: OwlApi) -> None:
    """With our mappings to other targets everything can be true, and every class can have instances."""
    assert [] == found(*ids, api=api)


def test_every_table_is_checked() -> None:
    """Each table has its target's files here, and is merged with them; those of which there are none are known."""
    ids = {one.id for one in alignments()}

    assert ids == {*FILES, *WITHOUT_FILES}
    assert {*FILES} == {"cover", "gufo", *(id for group in MERGED for id in group)}


@needs_targets
def test_every_candidate_is_accounted_for() -> None:
    """What each candidate maps to stands in a table, or among what was turned down, with a reason."""
    rows = [row for table in alignments() for row in table.correspondences]
    mapped = {row.object for row in rows} | {row.object for row in refused().correspondences if row.comment}
    with CANDIDATES.open(encoding="utf-8", newline="") as file:
        candidates = [row["object_id"] for row in csv.DictReader(file, delimiter="\t")]

    assert len(candidates) > 100
    assert [] == [iri for iri in candidates if iri not in mapped]


def test_what_was_turned_down_says_why() -> None:
    """Each refused row says `Not`, and gives a reason; where we have no such term, it names what was looked for."""
    rows = refused().correspondences

    assert [] == [row.row for row in rows if not row.negated or not row.comment]
    assert [] == [row.row for row in rows if row.subject == NOT_FOUND and not row.subject_label]


def test_most_of_what_is_coded_is_called_something_elsewhere() -> None:
    """More than half of our classes and properties have a mapping; what has none is in the message."""
    ours = {
        iri for iri, term in Terms.ours().known.items() if is_ours(iri) and "#" in iri and term.kinds != {"individual"}
    }
    mapped = {row.subject for table in alignments() for row in table.correspondences}

    assert len(ours & mapped) * 2 > len(ours), sorted(ours - mapped)
