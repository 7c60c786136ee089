"""SPARQL as text: a query goes in; its form, its calls to other servers, its parameters, it with values, or what is
wrong with it, comes out.

Why a reading of our own: what users ask is checked before any engine sees it, and goes to servers of all sorts. A
parser is no answer there: it refuses what these know beyond the standard (Virtuoso's `DEFINE`), and rdflib's is slow.
So only the tokens are read (W3C SPARQL 1.1 Query Language, 19.8), and what is asked of them errs on the safe side.

`tokens` reads them; `forms` says what a query asks for, and of whom, `named` by which terms, `closed` whether by no
others; `templates` knows how much a CONSTRUCT makes; `parameters` finds what may be set in it, and sets it to `terms`;
`errors` says in words what an engine did not understand, and declares the prefixes that kgtools knows.
"""

from kgtools.sparql.closed import asks_openly
from kgtools.sparql.errors import error_in, in_words, with_prefixes
from kgtools.sparql.forms import (
    Form,
    calls_services,
    counting,
    form_of,
    has_dataset,
    is_ordered,
    names_graphs,
    projects,
)
from kgtools.sparql.named import named_in, prefixes_in
from kgtools.sparql.parameters import bound, parameters_of
from kgtools.sparql.templates import counting_constructed
from kgtools.sparql.terms import text_of, written

__all__ = [
    "Form",
    "asks_openly",
    "bound",
    "calls_services",
    "counting",
    "counting_constructed",
    "error_in",
    "form_of",
    "has_dataset",
    "in_words",
    "is_ordered",
    "named_in",
    "names_graphs",
    "parameters_of",
    "prefixes_in",
    "projects",
    "text_of",
    "with_prefixes",
    "written",
]
