"""The main job on real input and in pieces: the airline tweets, chunks, and what is inferred by a crosswalk alone."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from kgtools.pipeline import Job, derive_all, run
from kgtools.pipeline.work import compared, judge
from kgtools.write import sorted_findings, verdict_key

ROOT = Path(__file__).parents[1]
TWEETS = ROOT.parent / "shared/data/tables/airline-tweets.csv"
AIRLINE = ROOT / "examples/airline-tweets"
needs_tweets = pytest.mark.skipif(not TWEETS.is_file(), reason="the public table of tweets is not in `../shared`")


@needs_tweets
@pytest.mark.slow
def test_airline_tweets(tmp_path: Path) -> None:
    """All 14,640 tweets are taken in; reasons that map to no condition are counted; `Can't Tell` gives nothing."""
    summary = run([TWEETS], tmp_path, Job(crosswalk=AIRLINE / "crosswalk.yaml"))
    shapes = Counter((finding.severity, finding.shape) for finding in summary.all_findings)
    counted = {finding.value: finding.message for finding in summary.all_findings if finding.shape.startswith("code:")}

    assert (14640, 14640, 14485) == tuple(summary.bundles[0][name] for name in ("rows_read", "rows_taken", "incidents"))
    assert shapes["violation", "incident:told-by"] == 0
    assert summary.findings["violation"] == 0
    assert shapes["warning", "incident:repeated"] == 155
    assert "(2910 rows)" in counted["Customer Service Issue"]
    assert "(529 rows)" in counted["Flight Booking Problems"]
    assert "(178 rows)" in counted["longlines"]
    assert "(1190 rows) is left out" in counted["Can't Tell"]
    assert summary.verdicts == []
    with (tmp_path / "graph.nq").open("rb") as graph:
        lines = [line for line in graph if b"Can" in line and b"Tell" in line and b"codings>" in line]
    assert [line for line in lines if b"/code/" in line or b"negativereason" in line] == []


@needs_tweets
@pytest.mark.slow
def test_tweets_that_are_elements_are_the_crosswalks(tmp_path: Path) -> None:
    """Each element is an inference of the crosswalk, derived from the crowd's annotation; staff are not called rude."""
    import pyoxigraph as ox

    run([TWEETS], tmp_path, Job(crosswalk=AIRLINE / "crosswalk.yaml"))
    store = ox.Store()
    store.bulk_load(path=str(tmp_path / "graph.nq"))

    def count(pattern: str) -> int:
        prefixes = "PREFIX evco: <https://w3id.org/evco#> PREFIX prov: <http://www.w3.org/ns/prov#> "
        rows = store.query(
            f"{prefixes} SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern} }}", use_default_graph_as_union=True
        )
        return int(next(iter(rows))[0].value)  # type: ignore[arg-type]

    crosswalk = "<urn:evco:data:airline-tweets/crosswalk>"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    said = (
        f"prov:wasDerivedFrom/<http://www.w3.org/ns/oa#hasBody>/{label} 'negativereason = Flight Attendant Complaints'"
    )

    elements = count("?i evco:hasElement ?x")
    inferred = count("?x a evco:InferredCoding")
    conduct = count("?x a evco:EmployeeConduct")

    assert elements > 10_000
    assert elements == count(f"?x evco:evidencedBy ?c . ?c a evco:InferredCoding ; prov:wasAttributedTo {crosswalk}")
    assert inferred == count("?x a evco:InferredCoding ; prov:wasDerivedFrom/prov:wasAttributedTo/a evco:Coder")
    assert conduct > 400
    assert conduct == count(f"?x a evco:EmployeeConduct ; evco:evidencedBy ?c . ?c {said}")
    assert count("?x a evco:RudeConduct") + count("?x a evco:IndifferentConduct") == 0


@needs_tweets
@pytest.mark.slow
def test_readme_of_the_tweets_counts_right(tmp_path: Path) -> None:
    """The README of the example says how many verdicts a bolder crosswalk makes, all on inference alone."""
    summary = run([TWEETS], tmp_path, Job(crosswalk=AIRLINE / "bolder.yaml"))
    told = json.loads((tmp_path / "summary.json").read_text("utf-8"))

    assert (4, 4) == (told["verdicts_total"], told["verdicts_on_inference_alone"])
    assert {("J-system", "mixed")} == {(verdict.proposition, verdict.verdict) for verdict in summary.verdicts}
    assert "**4 verdicts, and 4 of 4 rest on inference alone**" in (AIRLINE / "README.md").read_text("utf-8")


def bundle(folder: Path, codings: str, crosswalk: str = "", incidents: str = "") -> Path:
    """A bundle from texts."""
    folder.mkdir()
    for name, text in (("codings.csv", codings), ("crosswalk.yaml", crosswalk), ("incidents.csv", incidents)):
        if text:
            (folder / name).write_text(text, "utf-8")
    return folder


def test_verdicts_on_inference_alone_are_told_apart(tmp_path: Path) -> None:
    """A verdict rests on inference alone if a crosswalk made all of its evidence, not if a coder said a part of it."""
    crosswalk = (
        "codes:\n  happy: Delight\n  wrote: {term: Review, valence: positive}\n"
        "  gained: {term: EmotionalValue, valence: positive}\n"
    )
    incidents = "incident,channel,corpus\nI1,Forum,zhang2018\nI2,Forum,\n"
    rows = "incident,code,valence\nI1,happy,\nI1,wrote,\nI1,gained,\nI2,happy,\nI2,Review,positive\nI2,gained,\n"

    _, verdicts = derive_all([bundle(tmp_path / "b", rows, crosswalk, incidents)], Job())

    assert {("I1", "supports", True, True), ("I2", "supports", False, False)} == {
        (verdict.unit, verdict.verdict, verdict.inferred_alone, verdict.own_corpus) for verdict in verdicts
    }


def test_findings_of_a_run_are_in_its_table(tmp_path: Path) -> None:
    """Every row not taken in is in `findings.csv`, as a violation with file and row; the others went through."""
    rows = "incident,code,valence\nI1,Delight,splendid\nI1,Review,positive\n,Review,\nI2,CoCreatedValue,\n"
    summary = run([bundle(tmp_path / "b", rows)], tmp_path / "out", Job())
    with (tmp_path / "out/findings.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))

    assert ["2", "4", "5"] == sorted(row["row"] for row in table if row["severity"] == "violation")
    assert {"codings.csv"} == {row["file"] for row in table if row["severity"] == "violation"}
    assert ["severity", "shape", "message", "focus", "path", "value", "file", "row", "incident"] == list(table[0])
    assert summary.all_findings == sorted_findings(summary.all_findings)
    assert summary.bundles[0]["rows_taken"] == 1


def test_two_bundles_do_not_merge(tmp_path: Path) -> None:
    """Incidents of one name in two bundles stay two."""
    rows = "incident,code,valence\nI1,Ownership,\nI1,Review,positive\n"
    paths = [bundle(tmp_path / "a", rows), bundle(tmp_path / "b", rows)]

    _, verdicts = derive_all(paths, Job())

    assert ["urn:evco:data:a/incident/I1", "urn:evco:data:b/incident/I1"] == [verdict.unit_iri for verdict in verdicts]


def test_coders_are_compared_as_if_each_were_asked_for(tmp_path: Path) -> None:
    """What a report compares of each coder is what the verdicts for that coder are, in chains of one coder too."""
    rows = "incident,code,valence,coder\n" + "".join(
        f"{incident},{code},{valence},{coder}\n"
        for incident, coders in (("I1", ["a", "b"]), ("I2", ["a"]), ("I3", ["b"]), ("I4", ["c"]))
        for coder in coders
        for code, valence in (("Delight", ""), ("Review", "positive"), ("SocialValue", "positive"))
    )
    rows += "I1,FeelingValued,positive,b\nI5,Ownership,,a\nI5,Review,positive,\n"
    channels = "incident,channel,follows\n" + "".join(f"I{n},Forum,{'I3' if n == 4 else ''}\n" for n in range(1, 6))
    study = bundle(tmp_path / "b", rows, incidents=channels)
    (read,) = Job().read([study])
    (chunk,) = read.chunks()
    beside = ["a", "b", "c", "all"]

    _, verdicts = judge(chunk, Job())
    found = compared(chunk, verdicts, beside, Job())

    for coders in beside:
        asked = judge(chunk, Job(coders=coders))[1]

        assert asked
        assert sorted(asked, key=verdict_key) == sorted(found[coders], key=verdict_key)
