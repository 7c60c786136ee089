"""Validation: RDF and SHACL shapes go in, findings come out that say in which row something is wrong and what to do.

Why: two engines give the same results here, and tests hold them to it. pySHACL is the reference, and answers for small
data; shacl-rust is compiled, and answers in bulk. Each gives a report in its own words, so reports are reduced to what
the W3C standard fixes (focus node, path, value, component, shape, severity), and messages are made from the shapes.

Shapes are checked before they are used: both engines pass over a constraint that they cannot read, and what was not
checked must never look like what conforms.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kgtools.errors import EngineError, InputError
from kgtools.model import SEVERITIES, Finding, Severity
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary, curie, folder, local, ontology_files

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib

ENGINES = ("auto", "pyshacl", "shacl-rust")

Where = Callable[[str], tuple[str, int | None, str]]
"""From a focus node's IRI to the file and row that it comes from, and the id of its incident; empty where unknown."""

SMALL = 1000
"""Up to so many triples, `auto` takes pySHACL."""

SHAPES = "https://w3id.org/evco/shapes#"
_SH = PREFIXES["sh"]
_SPARQL = _SH + "SPARQLConstraintComponent"


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One validation result, as SHACL defines it (W3C SHACL, 3.6.2).

    Args:
        focus: the focus node, as N-Triples writes it; `value` too, empty where there is none.
        path: a property path as SPARQL writes it, IRIs in full; empty where there is none.
        component: the IRI of the constraint component that was not met.
        shape: the IRI of the shape that says so.
    """

    focus: str
    path: str
    value: str
    component: str
    shape: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class ShapeFinding(Finding):
    """A finding that a shape made, with the result that it says in words."""

    result: Result | None = None


@dataclass(frozen=True)
class Shapes:
    """A shapes graph that was read and found sound.

    Args:
        triples: the graph, as N-Triples, with names for nameless property shapes.
        messages: the English message of each shape that has one, by its IRI.
    """

    triples: str
    messages: Mapping[str, str]

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Shapes:
        """Read shapes in Turtle, all files as one graph.

        Raises:
            InputError: a file is missing or no Turtle, or holds shapes that cannot work; with file and line.
        """
        return _read(tuple(paths))

    @classmethod
    def of_data(cls) -> Shapes:
        """The shapes that come with kgtools for coded incidents."""
        return _read((folder("shapes") / "incident.ttl", folder("shapes") / "coding.ttl"))


@lru_cache(maxsize=8)
def _read(paths: tuple[Path, ...]) -> Shapes:
    import pyoxigraph as ox

    found: list[ox.Triple] = []
    for path in paths:
        try:
            triples = [
                quad.triple
                for quad in ox.parse(
                    path=str(path),
                    format=ox.RdfFormat.TURTLE,
                    base_iri=path.resolve().as_uri(),
                    rename_blank_nodes=True,
                )
            ]
        except SyntaxError as error:
            raise InputError(f"not Turtle: {error.msg}", path, error.lineno) from error
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", path) from error
        if folder("shapes") not in path.parents:  # those that come along are held sound by tests
            _lint(path, triples)
        found += _named(triples)
    return Shapes("\n".join(f"{triple} ." for triple in found) + "\n", _messages(found))


def _named(triples: list[ox.Triple]) -> list[ox.Triple]:
    """The triples, each nameless property shape named by the shape that holds it and the property."""
    import pyoxigraph as ox

    by_subject: dict[Any, list[ox.Triple]] = {}
    for triple in triples:
        by_subject.setdefault(triple.subject, []).append(triple)
    names: dict[Any, ox.NamedNode] = {}

    def name(holder: Any, holder_name: str) -> None:
        for triple in by_subject.get(holder, ()):
            inner = triple.object
            if triple.predicate.value == _SH + "property" and isinstance(inner, ox.BlankNode) and inner not in names:
                paths = [other.object for other in by_subject.get(inner, ()) if other.predicate.value == _SH + "path"]
                word = local(paths[0].value) if paths and isinstance(paths[0], ox.NamedNode) else "property"
                taken = sum(other.value.startswith(f"{holder_name}/{word}") for other in names.values())
                names[inner] = ox.NamedNode(f"{holder_name}/{word}" + (f"-{taken + 1}" if taken else ""))
                name(inner, names[inner].value)

    for subject in by_subject:
        if isinstance(subject, ox.NamedNode):
            name(subject, subject.value)
    return [ox.Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object)) for t in triples]


def _messages(triples: list[ox.Triple]) -> dict[str, str]:
    """Each shape's message, or that of its SPARQL constraint; English where there are several."""
    held: dict[Any, Any] = {t.object: t.subject for t in triples if t.predicate.value == _SH + "sparql"}
    ranked: dict[str, tuple[tuple[bool, bool, str], str]] = {}
    for triple in triples:
        if triple.predicate.value == _SH + "message":
            shape: str = held.get(triple.subject, triple.subject).value
            text: Any = triple.object
            language = text.language or ""
            rank = (triple.subject in held, language.partition("-")[0] not in ("en", ""), language)
            if shape not in ranked or rank < ranked[shape][0]:
                ranked[shape] = (rank, text.value)
    return {shape: text for shape, (_, text) in ranked.items()}


_WORKLESS = {"L0001", "L0002", "L0003", "L0004", "L0007"}
"""Remarks of shacl-rust on shapes whose constraint would silently do nothing."""


def _lint(path: Path, triples: list[ox.Triple]) -> None:
    """Refuse shapes that an engine would silently pass over."""
    import shacl_rust

    text = path.read_text(encoding="utf-8")
    try:
        remarks = shacl_rust.validate(
            "", "\n".join(f"{triple} ." for triple in triples), shapes_format="nt", diagnostics=True
        )
    except ValueError as error:
        raise InputError(f"no shapes that can be worked with: {error}", path) from error
    for remark in remarks["diagnostics"]:
        if remark["severity"] == "error" or remark["code"] in _WORKLESS:
            said = f"{remark['title']}: {remark['actual']}" if remark["actual"] else remark["title"]
            raise InputError(f"{said}. {remark['help']}", path, _line(text, remark))
    for triple in triples:
        if triple.predicate.value == _SH + "severity" and str(triple.object)[1:-1] not in _SEVERITIES:
            number = next(n for n, line in enumerate(text.splitlines(), 1) if "severity" in line)
            raise InputError(f"{triple.object} is no severity; write sh:Violation, sh:Warning or sh:Info", path, number)
    if not any(triple.predicate.value.startswith(_SH + "target") for triple in triples):
        raise InputError("holds no SHACL shape with a target, so nothing would be checked", path)


_SEVERITIES = tuple(f"{_SH}{severity.capitalize()}" for severity in SEVERITIES)


def _line(text: str, remark: Mapping[str, Any]) -> int:
    """The line of a file that a remark is about: the first that holds a word of it."""
    words = re.findall(r"sh:(\w+)", remark["actual"] or "")
    for snippet in remark["snippets"]:
        literals = re.findall(r'"((?:[^"\\]|\\.)*)"', snippet["highlight"])
        words += [word.strip() for literal in literals for word in literal.split("\\n") if len(word.strip()) > 2]
        words += reversed(re.findall(r"[#/:](\w+)> ", snippet["highlight"]))
    for word in words:
        for number, line in enumerate(text.splitlines(), 1):
            if word in line:
                return number
    return 1


def class_tree(vocabulary: Vocabulary) -> str:
    """What shapes ask the ontology for, as N-Triples: which class is below which."""
    below = f"<{PREFIXES['rdfs']}subClassOf>"
    return "".join(
        f"<{iri}> {below} <{parent}> .\n"
        for iri in sorted(vocabulary.parents)
        for parent in sorted(vocabulary.parents[iri])
    )


def validate(
    data: str | bytes | Iterable[str],
    shapes: Iterable[Path] | Shapes | None = None,
    engine: str = "auto",
    where: Where | None = None,
    vocabulary: Vocabulary | None = None,
) -> list[ShapeFinding]:
    """Validate RDF against SHACL shapes (W3C SHACL Core and SPARQL-based constraints; nothing is inferred).

    Args:
        data: N-Quads or N-Triples, as text, bytes or lines. All graphs are taken as one; the class tree is added.
        shapes: shapes files, or shapes that were read; None for those that come with kgtools for coded incidents.
        engine: `pyshacl`, `shacl-rust`, or `auto`, which chooses by size.
        where: looks up which row a node comes from; None to look in the data itself.
        vocabulary: classes; None for those of the ontology and the theories that come with kgtools.

    Returns:
        Findings, the most severe first, then by file, row, shape, focus, path and value.

    Raises:
        InputError: the data is no N-Quads, or the shapes cannot work.
        EngineError: an engine failed, which says nothing about the data.
    """
    loaded = _shapes(shapes)
    text = _text(data)
    return explained(results(text, loaded, engine, vocabulary), loaded, where or Places(text))


def results(
    data: str | bytes | Iterable[str],
    shapes: Iterable[Path] | Shapes | None = None,
    engine: str = "auto",
    vocabulary: Vocabulary | None = None,
) -> list[Result]:
    """As `validate`, but yields the results as SHACL defines them, sorted; the same whichever engine is used."""
    loaded = _shapes(shapes)
    text = _text(data)
    if engine not in ENGINES:
        raise InputError(f"`{engine}` is no engine; there are {', '.join(ENGINES)}")
    if engine == "auto":
        engine = "pyshacl" if text.count("\n") <= SMALL else "shacl-rust"
    whole = class_tree(vocabulary or Vocabulary.read()) + text
    found = _pyshacl(whole, loaded) if engine == "pyshacl" else _shacl_rust(whole, loaded)
    return sorted(set(found))


def _shapes(shapes: Iterable[Path] | Shapes | None) -> Shapes:
    if shapes is None:
        return Shapes.of_data()
    return shapes if isinstance(shapes, Shapes) else Shapes.read(shapes)


def _text(data: str | bytes | Iterable[str]) -> str:
    if isinstance(data, str):
        return data
    return data.decode() if isinstance(data, bytes) else "\n".join(data)


def _severity(iri: str) -> Severity:
    return next((severity for severity in SEVERITIES if severity == local(iri).lower()), "violation")


# The engines


def _shacl_rust(data: str, shapes: Shapes) -> Iterable[Result]:
    import shacl_rust

    try:
        report = shacl_rust.validate_file(
            io.BytesIO(data.encode()),
            io.BytesIO(shapes.triples.encode()),
            data_format="nq",
            shapes_format="nt",
            experimental_index=True,
        )
    except BaseException as error:
        _quads(data)  # the data is to blame, if it is no N-Quads
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise EngineError(f"shacl-rust failed: {error}") from error
        raise
    for found in report["results"]:
        component, focus, path = (
            found["sourceConstraintComponent"][1:-1],
            found["focusNode"],
            found.get("resultPath", ""),
        )
        for message in found.get("messages", ()):
            if component == _SPARQL and message.startswith(("SPARQL parse error", "SPARQL execution error")):
                raise EngineError(f"shacl-rust failed at {curie(found['sourceShape'][1:-1])}: {message}")
        value = found.get("value") or (focus if component == _SPARQL and not path else "")
        yield Result(focus, path, value, component, found["sourceShape"][1:-1], _severity(found["severity"][1:-1]))


def _pyshacl(data: str, shapes: Shapes) -> Iterable[Result]:
    import rdflib
    from pyshacl import validate as pyshacl_validate
    from rdflib import RDF, SH

    with _quiet():
        graph = rdflib.Graph()
        for quad in _quads(data):
            graph.add((_rdflib(quad.subject), _rdflib(quad.predicate), _rdflib(quad.object)))
        rules = rdflib.Graph().parse(data=shapes.triples, format="nt")
        try:
            _, report, text = pyshacl_validate(graph, shacl_graph=rules, advanced=False, inplace=True)
        except Exception as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise EngineError(f"pySHACL failed: {reason}") from error
    if not isinstance(report, rdflib.Graph):
        raise EngineError(f"pySHACL failed: {text}")
    for top in report.subjects(RDF.type, SH.ValidationReport):
        for found in report.objects(top, SH.result):  # a result that is a detail of another hangs below that one
            yield Result(
                _written(report.value(found, SH.focusNode)),
                _path(report.value(found, SH.resultPath), report),
                _written(report.value(found, SH.value)),
                str(report.value(found, SH.sourceConstraintComponent)),
                str(report.value(found, SH.sourceShape)),
                _severity(str(report.value(found, SH.resultSeverity))),
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from remarking on literals that are not what their datatype says: shapes find these."""
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="rdflib")
            yield
    finally:
        logger.disabled = before


def _quads(data: str) -> list[ox.Quad]:
    import pyoxigraph as ox

    try:
        return list(ox.parse(data.encode(), ox.RdfFormat.N_QUADS))
    except SyntaxError as error:
        line = (data.splitlines()[(error.lineno or 1) - 1 :] or [""])[0]
        raise InputError(f"not N-Quads: {error.msg}: {line[:120]}") from error


def _rdflib(term: Any) -> Any:
    """A term of pyoxigraph as one of rdflib, its literals as they are written."""
    import pyoxigraph as ox
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    plain = term.datatype.value == PREFIXES["xsd"] + "string"
    return rdflib.Literal(term.value, datatype=None if plain else rdflib.URIRef(term.datatype.value), normalize=False)


def _written(term: rdflib.term.Node | None) -> str:
    """A term of rdflib as N-Triples writes it."""
    import pyoxigraph as ox
    import rdflib

    if term is None:
        return ""
    if isinstance(term, rdflib.Literal):
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype and not term.language else None
        return str(ox.Literal(str(term), datatype=datatype, language=term.language))
    return f"_:{term}" if isinstance(term, rdflib.BNode) else f"<{term}>"


def _path(path: rdflib.term.Node | None, graph: rdflib.Graph) -> str:
    """A SHACL property path as SPARQL writes it."""
    import rdflib
    from rdflib import SH

    if path is None or isinstance(path, rdflib.URIRef):
        return _written(path)
    inverse = graph.value(path, SH.inversePath)
    if inverse is not None:
        return "^" + _path(inverse, graph)
    for kind, mark in ((SH.zeroOrMorePath, "*"), (SH.oneOrMorePath, "+"), (SH.zeroOrOnePath, "?")):
        inner = graph.value(path, kind)
        if inner is not None:
            return _path(inner, graph) + mark
    several = graph.value(path, SH.alternativePath)
    steps = [_path(step, graph) for step in graph.items(several or path)]
    return "(" + (" | " if several else " / ").join(steps) + ")"


# Findings


def explained(found: Iterable[Result], shapes: Shapes, where: Where) -> list[ShapeFinding]:
    """Results as findings, in the order in which `validate` gives them."""
    name = where.name if isinstance(where, Places) else _name
    made = []
    for result in found:
        file, row, incident = where(_plain(result.focus))
        path = re.sub(r"<([^<>]*)>", lambda match: curie(match[1]), result.path)
        value = curie(_plain(result.value)) if result.value.startswith("<") else _plain(result.value)
        words = {"this": name(result.focus), "value": name(result.value), "path": path}
        component = local(result.component).removesuffix("ConstraintComponent")
        template = shapes.messages.get(result.shape, f"{{$this}} breaks the rule {local(result.shape)} ({component}).")
        message = _FILLED.sub(lambda match: words.get(match[1], match[0]), template)  # noqa: B023
        made.append(
            ShapeFinding(
                result.severity,
                local(result.shape),
                message,
                _plain(result.focus),
                path,
                value,
                file,
                row,
                incident,
                result,
            )
        )
    return sorted(made, key=_order)


_FILLED = re.compile(r"\{[$?](\w+)\}")


def _order(finding: ShapeFinding) -> tuple[Any, ...]:
    place = (finding.file, finding.row or 0, finding.shape)
    return (
        SEVERITIES.index(finding.severity),
        *place,
        finding.focus,
        finding.path,
        finding.value,
        finding.message,
        finding.result,
    )


def _plain(term: str) -> str:
    """An IRI or what a literal says; nothing for a blank node, whose label means nothing."""
    if term.startswith("<"):
        return term[1:-1]
    return "" if not term or term.startswith("_:") else _lexical(term)


_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")


def _lexical(literal: str) -> str:
    inside = literal[1 : literal.rindex('"')]
    plain = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    return _ESCAPED.sub(
        lambda match: plain.get(match[3], match[3]) if match[3] else chr(int(match[1] or match[2], 16)), inside
    )


def _name(term: str, labels: Mapping[str, str] | None = None, bundles: Iterable[str] = ()) -> str:
    """What a coder calls a node: `Anna`, `incident I07`, `element Review;positive of incident I07`, `evco:Review`."""
    if not term:
        return "nothing"
    if term.startswith("_:"):
        return "a node without a name"
    said = _plain(term)
    if not term.startswith("<"):
        said = " ".join(said.split())
        return f"`{said if len(said) <= 60 else said[:59] + '…'}`"
    for bundle in bundles:
        if said.startswith(bundle + "/"):
            steps = [unquote(step) for step in re.split(r"/|#row=", said[len(bundle) + 1 :])]
            pairs = [" ".join(steps[start : start + 2]) for start in range(0, len(steps), 2)]
            return " of ".join(reversed(pairs))
    if curie(said) != said:
        return curie(said)
    return (labels or {}).get(said) or unquote(local(said)) or said


_THEIRS = {
    "wasDerivedFrom": PREFIXES["prov"],
    "hasBody": PREFIXES["oa"],
    "hasTarget": PREFIXES["oa"],
    "hasSelector": PREFIXES["oa"],
}
_UP = ("wasDerivedFrom", "evidencedBy", "roleIn", "hasBody")
_DOWN = ("hasElement", "recordsAbsence", "reportedIn", "hasTarget", "hasSelector")
_KNOWN = {
    **{_THEIRS.get(word, EVCO) + word: word for word in (*_UP, *_DOWN, "row", "inFile")},
    PREFIXES["rdf"] + "type": "type",
    PREFIXES["rdfs"] + "label": "label",
    PREFIXES["dcterms"] + "identifier": "identifier",
    PREFIXES["dcterms"] + "isPartOf": "isPartOf",
}
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


class Places:
    """Looks up in lifted data which row of which file a node comes from, and which incident it belongs to.

    Args:
        data: N-Quads. It is read when a place is first asked for.
    """

    def __init__(self, data: str) -> None:
        self._data = data

    @cached_property
    def _facts(self) -> dict[str, dict[str, list[str]]]:
        facts: dict[str, dict[str, list[str]]] = {word: {} for word in _KNOWN.values()}
        for line in self._data.split("\n"):
            if (parts := line.split(None, 2))[1:] and (word := _KNOWN.get(parts[1][1:-1])):
                subject, said = parts[0][1:-1], parts[2]
                literal = _LITERAL.match(said)
                value = _lexical(literal[0]) if literal else said[1 : said.find(">")]
                if word in _DOWN:
                    subject, value = value, subject
                facts[word].setdefault(subject, []).append(value)
        for report in facts["reportedIn"]:  # a report is found by its incident, not by those who coded it
            facts["hasTarget"].pop(report, None)
        return facts

    @cached_property
    def _incidents(self) -> set[str]:
        return {node for node, kinds in self._facts["type"].items() if EVCO + "Incident" in kinds}

    @cached_property
    def _bundles(self) -> list[str]:
        return sorted(
            {bundle for bundles in self._facts["isPartOf"].values() for bundle in bundles},
            key=lambda iri: (-len(iri), iri),
        )

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {iri: min(names) for kind in ("identifier", "label") for iri, names in self._facts[kind].items()}

    def name(self, term: str) -> str:
        """What a coder calls a node."""
        return _name(term, self._labels, self._bundles)

    def __call__(self, focus: str) -> tuple[str, int | None, str]:
        file, row = self._nearest(focus, self._row) or ("", None)
        return file, row, self._nearest(focus, self._incident) or ""

    def _nearest(self, node: str, told: Callable[[str], Any]) -> Any:
        """What is told of a node, or of the nearest nodes that it rests on or belongs to; of several, the least."""
        level, seen = [node], {node}
        while level:
            answers = [answer for answer in map(told, level) if answer]
            if answers:
                return min(answers)
            above = [end for start in level for word in (*_UP, *_DOWN) for end in self._facts[word].get(start, ())]
            level = list(dict.fromkeys(end for end in above if end not in seen))
            seen.update(level)
        return None

    def _row(self, node: str) -> tuple[str, int] | None:
        rows = self._facts["row"].get(node)
        if not rows or not rows[0].isdecimal():
            return None
        file = self._facts["inFile"].get(node, [node.partition("#")[0]])[0]
        return self._facts["label"].get(file, [unquote(local(file))])[0], int(rows[0])

    def _incident(self, node: str) -> str | None:
        if node not in self._incidents:
            return None
        return min(self._facts["identifier"].get(node, [unquote(local(node))]))


# The ontology and theories


def validate_theory(path: Path, engine: str = "auto") -> list[ShapeFinding]:
    """Check a theory file, together with the ontology, before its propositions are used.

    Raises:
        InputError: there is no such file, or it is no Turtle; with the line.
    """
    return _validate_file([path], folder("shapes") / "theory.ttl", engine)


def validate_ontology(engine: str = "auto") -> list[ShapeFinding]:
    """Check the ontology's own modules: every term labeled, defined, sourced and at home in a module."""
    return _validate_file([], folder("shapes") / "vocabulary.ttl", engine)


def _validate_file(paths: list[Path], shapes: Path, engine: str) -> list[ShapeFinding]:
    import pyoxigraph as ox

    lines: list[str] = []
    at_home: dict[Any, str] = {}
    for path in [*ontology_files(), *paths]:
        try:
            for quad in ox.parse(
                path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.resolve().as_uri(), rename_blank_nodes=True
            ):
                lines.append(f"{quad.triple} .")
                if quad.predicate.value != PREFIXES["rdfs"] + "subClassOf":
                    at_home[quad.subject] = path.name
        except SyntaxError as error:
            raise InputError(f"not Turtle: {error.msg}", path, error.lineno) from error
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    return validate(
        lines, [shapes], engine, lambda focus: (at_home.get(ox.NamedNode(focus), "") if focus else "", None, "")
    )


# The report


def report_graph(findings: Iterable[Finding]) -> str:
    """The validation report of SHACL (W3C SHACL, 3.6) as Turtle: the same bytes for the same results in the same order.

    Args:
        findings: of shapes, and of readers and other verbs. These become results of the component evcosh:Reading; where
            such a finding has no focus node, its file and row stand for it.
    """
    blocks = []
    conforms = True
    for finding in findings:
        conforms = False
        facts = _facts(finding.result) if isinstance(finding, ShapeFinding) and finding.result else _read_facts(finding)
        facts += [
            f"sh:resultSeverity sh:{finding.severity.capitalize()}",
            f"sh:resultMessage {_literal(finding.message, 'en')}",
        ]
        blocks.append("    sh:result [\n        " + " ;\n        ".join(["a sh:ValidationResult", *facts]) + "\n    ]")
    head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in _REPORT_PREFIXES.items())
    body = " ;\n".join(["[] a sh:ValidationReport", f"    sh:conforms {str(conforms).lower()}", *blocks])
    return f"{head}\n{body} .\n"


_REPORT_PREFIXES = {
    "evcosh": SHAPES,
    **{name: PREFIXES[name] for name in ("evco", "dcterms", "oa", "prov", "rdf", "sh", "xsd")},
}
_LOCAL = re.compile(r"[A-Za-z_]([\w:-]*[\w-])?", re.ASCII)


def _facts(result: Result) -> list[str]:
    """What a result says, as predicates and objects in Turtle."""
    facts = [f"sh:focusNode {_turtle(result.focus)}"]
    plain, inverse = re.fullmatch(r"<[^<>]*>", result.path), re.fullmatch(r"\^(<[^<>]*>)", result.path)
    if plain or inverse:
        facts.append(f"sh:resultPath {_turtle(plain[0]) if plain else f'[ sh:inversePath {_turtle(inverse[1])} ]'}")  # type: ignore[index]
    if result.value:
        facts.append(f"sh:value {_turtle(result.value)}")
    return [
        *facts,
        f"sh:sourceConstraintComponent {_turtle(f'<{result.component}>')}",
        f"sh:sourceShape {_turtle(f'<{result.shape}>')}",
    ]


def _read_facts(finding: Finding) -> list[str]:
    """The same of a finding that no shape made."""
    place = f"{finding.file}:{finding.row}" if finding.row is not None else finding.file or finding.incident
    facts = [f"sh:focusNode {_turtle(f'<{finding.focus}>') if finding.focus else _literal(place)}"]
    if finding.value:
        facts.append(f"sh:value {_literal(finding.value)}")
    return [
        *facts,
        "sh:sourceConstraintComponent evcosh:Reading",
        f"sh:sourceShape {_turtle(f'<{SHAPES}{finding.shape}>')}",
    ]


def _literal(value: str, language: str | None = None) -> str:
    import pyoxigraph as ox

    return str(ox.Literal(value, language=language))


def _turtle(term: str) -> str:
    """A term of N-Triples as Turtle, shortened where a prefix is at hand."""
    if term.startswith("_:"):
        return "[]"
    if term.startswith("<"):
        for prefix, space in _REPORT_PREFIXES.items():
            if term.startswith(f"<{space}") and _LOCAL.fullmatch(term[1 + len(space) : -1]):
                return f"{prefix}:{term[1 + len(space) : -1]}"
    return term
