"""The pipeline: bundles go in; a folder with graph, findings, verdicts and report comes out, or what a verb asks for.

An incident needs nothing beyond its chain. So the codings are cut into chunks of whole chains, and `work` takes one
chunk to its quads, findings and verdicts: every step costs the same per incident however many there are, on one core
or on all (`processes`). `job` says what is asked, `runs` sorts what many chunks gave, `run` is the main job, `carry`
brings bundles into files and stores, `check` validates, `ask` judges without writing, `there` lets a server judge and
writes verdicts where the data are, `query` answers queries (`loaded` makes data ready for them, `held` knows whose
verdicts are there), `agree` compares coders, `crosscheck` queries and reasoner.
"""

from kgtools.pipeline.agree import BY, agreement_of
from kgtools.pipeline.ask import derive_all, reason_over
from kgtools.pipeline.carry import import_bundles, target, view_graph
from kgtools.pipeline.check import validate_all
from kgtools.pipeline.crosscheck import Checked, crosscheck
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import cores
from kgtools.pipeline.query import ServiceError, ready, require_askable
from kgtools.pipeline.run import Progress, Summary, facts_of, run
from kgtools.pipeline.there import derive_into, derive_there

__all__ = [
    "BY",
    "Checked",
    "Job",
    "Progress",
    "ServiceError",
    "Summary",
    "agreement_of",
    "cores",
    "crosscheck",
    "derive_all",
    "derive_into",
    "derive_there",
    "facts_of",
    "import_bundles",
    "ready",
    "reason_over",
    "require_askable",
    "run",
    "target",
    "validate_all",
    "view_graph",
]
