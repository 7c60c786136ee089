"""The catalogue as RDF: questions go in, `queries/question/examples.ttl` comes out, as SIB describes SPARQL examples.

Why that form: those who serve SPARQL describe example queries so (https://github.com/sib-swiss/sparql-examples), and
editors and search engines read it. It wants `schema:target`, the address that answers; who serves the data knows it, so
`metadata` takes it, and the file that lies here has none. What may be set is told as SHACL tells parameters
(`sh:parameter`, W3C SHACL 6.2.1): the last part of their sh:path is the variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kgtools.errors import OntologyError
from kgtools.questions import CompetencyQuestion, Kind, Parameter, catalog
from kgtools.questions.header import query_of, remark
from kgtools.questions.values import individuals_of
from kgtools.vocabulary import ONTOLOGY_IRI, PREFIXES, Vocabulary, folder

_QUESTIONS = f"{ONTOLOGY_IRI}/question/"
_PREFIXES = f"<{_QUESTIONS}prefixes>"
_EXECUTABLES = {
    "SELECT": "SPARQLSelectExecutable",
    "ASK": "SPARQLAskExecutable",
    "CONSTRUCT": "SPARQLConstructExecutable",
}
_KINDS: dict[Kind, str] = {
    "string": "sh:datatype xsd:string",
    "term": "sh:nodeKind sh:IRI",
    "iri": "sh:nodeKind sh:IRI",
    "integer": "sh:datatype xsd:integer",
    "boolean": "sh:datatype xsd:boolean",
}

_HEAD = """# The competency questions as RDF, in the form of SIB's SPARQL examples.
#
# Made from the heads of the files beside it by `make queries`; a test holds it fresh. Whoever serves the data adds to
# each the address that answers, as schema:target.
"""


def metadata(questions: Iterable[CompetencyQuestion], target: str = "") -> str:
    """The questions as Turtle; the same questions give the same text.

    Args:
        questions: what is described, in this order.
        target: the address of the server that answers them, if there is one.

    Raises:
        OntologyError: two questions mean different things by a prefix.
    """
    questions = list(questions)
    declared = _declared(questions)
    used = ("dcterms", "evco", "owl", "rdfs", "sh", "xsd")
    lines = [_HEAD, *(f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in used)]
    lines += ["@prefix schema: <https://schema.org/> .", "", f"{_PREFIXES} a owl:Ontology ;"]
    pairs = [
        f'    sh:declare [ sh:prefix "{prefix}" ; sh:namespace "{space}"^^xsd:anyURI ]'
        for prefix, space in sorted(declared.items())
    ]
    lines.append(" ;\n".join(pairs) + " .")
    for question in questions:
        lines += ["", *_described(question, target)]
    return "\n".join(lines) + "\n"


def write_metadata() -> None:
    """Write the file anew, in a checkout."""
    (folder("queries") / "question" / "examples.ttl").write_text(metadata(catalog()), encoding="utf-8")


def _declared(questions: Iterable[CompetencyQuestion]) -> dict[str, str]:
    """The prefixes that the queries declare."""
    declared: dict[str, str] = {}
    for question in questions:
        for prefix, space in re.findall(r"(?im)^PREFIX +([\w-]*): *<([^<>\s]*)>", question.sparql):
            if declared.setdefault(prefix, space) != space:
                elsewhere = declared[prefix]
                raise OntologyError(
                    f"{question.slug}.rq: the prefix `{prefix}` is {elsewhere} elsewhere; take another for {space}"
                )
    return declared


def _described(question: CompetencyQuestion, target: str) -> Iterator[str]:
    """A question, and then its parameters."""
    kind = _EXECUTABLES[question.form]
    said = [f"<{question.iri}> a sh:SPARQLExecutable , sh:{kind}", f"rdfs:label {_text(question.title)}@en"]
    said.append(f"rdfs:comment {_text(question.question)}@en")
    if note := remark(question):
        said.append(f"dcterms:description {_text(note)}@en")
    said.append(f"schema:keywords {' , '.join(map(_text, question.keywords))}")
    said.append(f"dcterms:source {_text(question.source)}@en")
    if target:
        said.append(f"schema:target <{target}>")
    if question.parameters:
        nodes = " , ".join(f"<{question.iri}#{parameter.name}>" for parameter in question.parameters)
        said.append(f"sh:parameter {nodes}")
    said += [f"sh:prefixes {_PREFIXES}", f"sh:{question.form.lower()} {_long(query_of(question))}"]
    yield " ;\n    ".join(said) + " ."
    for place, parameter in enumerate(question.parameters):
        yield ""
        yield " ;\n    ".join(_parameter(question, parameter, place)) + " ."


def _parameter(question: CompetencyQuestion, parameter: Parameter, place: int) -> Iterator[str]:
    yield f"<{question.iri}#{parameter.name}> a sh:Parameter"
    yield f"sh:path <{_QUESTIONS}parameter#{parameter.name}>"
    yield f"sh:name {_text(parameter.name)}@en"
    of_class = bool(parameter.of) and not individuals_of(parameter, Vocabulary.read())
    said = f" A class: {parameter.of} or one below it." if of_class else ""
    yield f"sh:description {_text(parameter.text + said)}@en"
    yield _KINDS[parameter.kind]
    if parameter.of and not of_class:
        yield f"sh:class {parameter.of}"
    yield "sh:optional true"
    yield f"sh:order {place}"


def _text(text: str) -> str:
    """A text as Turtle writes it in one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _long(text: str) -> str:
    """A text as Turtle writes it in several lines."""
    return '"""' + re.sub(r'"(?="|\Z)', r'\\"', text.replace("\\", "\\\\")) + '"""'
