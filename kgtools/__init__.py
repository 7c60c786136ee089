"""kgtools: from coded critical incidents to the propositions that they support.

The way of an incident, each step a module or package:

1. `read`: a bundle of tables, a file of a coding program (`read.qda`), or RDF, to checked codings in chunks of whole
   chains.
2. `lift`: codings to RDF, as Web Annotations with their provenance; `validate`: RDF and shapes to findings.
3. `view`: codings and a set of coders to what proposition queries run on.
4. `theory` and `query`: a theory's Turtle to propositions with slots, and slots to SPARQL.
5. `derive`: the view and the queries to verdicts, each with its evidence; `explain`: why, and what would change it.
6. `agreement`: how far coders agree, in their codes and in what these say.
7. `report`: what a run found to one page of HTML, for the screen and for paper.

Of the ontology itself: `reason` says whether it is consistent, with `expression` as a second route to what the queries
find; `align` leads to other ontologies and lets queries be in their terms; `docs` writes it as web pages, and `changes`
tells one state of it from another.

Before that, for those who code: `codebook` writes the terms as a codebook that coding programs open, and `draft` a
crosswalk to fill in, for a file whose codes are its author's own.

`store` keeps RDF, and `endpoint` speaks to a server that does. `pipeline` strings them together chunk by chunk; `cli`
is the only module that prints. `api` is all of it for Python: `kgtools.open`, and the names below.

Why the names come lazily. `import kgtools` takes no time, and brings no library, until one of them is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgtools.answers import Answers
    from kgtools.api import Data, open
    from kgtools.errors import EngineError, InputError, KgError
    from kgtools.explain import Explained
    from kgtools.model import Finding, Verdict
    from kgtools.questions import catalog
    from kgtools.results import Findings, Verdicts

__version__ = "0.1.0"

__all__ = [
    "Answers",
    "Data",
    "EngineError",
    "Explained",
    "Finding",
    "Findings",
    "InputError",
    "KgError",
    "Verdict",
    "Verdicts",
    "__version__",
    "catalog",
    "open",
]

_FROM = {
    "Answers": "answers",
    "Data": "api",
    "EngineError": "errors",
    "Explained": "explain",
    "Finding": "model",
    "Findings": "results",
    "InputError": "errors",
    "KgError": "errors",
    "Verdict": "model",
    "Verdicts": "results",
    "catalog": "questions",
    "open": "api",
}
"""The module of each public name."""


if not TYPE_CHECKING:  # to a type checker any name would be there

    def __getattr__(name: str) -> Any:
        if name not in _FROM:
            raise AttributeError(f"module `kgtools` has no attribute `{name}`")
        found = globals()[name] = getattr(import_module(f"kgtools.{_FROM[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
