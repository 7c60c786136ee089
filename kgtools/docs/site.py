"""The site: a vocabulary and theories go in; a folder with a page, and all files that it leads to, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools import __version__
from kgtools.docs.drawing import drawn
from kgtools.docs.graphs import classes_of, of_modules, of_theory, properties_of
from kgtools.docs.page import Page
from kgtools.docs.terms import Module, Ontology
from kgtools.docs.uses import Uses
from kgtools.errors import InputError
from kgtools.layout import inlined, templates
from kgtools.questions import catalog
from kgtools.report.place import anchored
from kgtools.theory import Theory
from kgtools.vocabulary import Vocabulary, folder, ontology_files, theory_files
from kgtools.write import replacing, unwritten

if TYPE_CHECKING:
    from kgtools.align import Alignment

_COPIED = ("ontology", "queries", "shapes")
"""The folders that lie beside the page as they lie in the project, so that links between their files hold."""


def write_site(place: Path, vocabulary: Vocabulary, theories: Sequence[Theory]) -> list[Path]:
    """Write the pages. The same ontology gives the same bytes; files of others in the folder stay as they are.

    A folder whose page is of ours is written anew; in any other, nothing that is there is written over.

    Args:
        place: the folder; it is made where it is not there.
        vocabulary: the terms, those of further theories too.
        theories: all theories.

    Returns:
        What was written, the page first.

    Raises:
        InputError: something cannot be written, or would be over a file of others; or a table of mappings is wrong.
        OntologyError: a file of the ontology, a question or a shape is wrong.
    """
    _make(place)
    page = page_of(vocabulary, theories)
    beside = beside_page(theories, place)
    files = {place / "index.html": rendered(page, beside).encode()}
    files |= {place / name: source.read_bytes() for source, name in beside.items()}
    if not _is_ours(place / "index.html"):
        for path, content in files.items():
            if _content(path) not in (b"", content):
                raise InputError("is there already, and no page of `kgtools docs`; name another folder", path)
    for path, content in files.items():
        _make(path.parent)
        with replacing(path) as file:
            file.write(content)
    return [*files]


_GENERATOR = '<meta name="generator" content="kgtools docs '
"""What the template has in its head, before the version."""


def _is_ours(page: Path) -> bool:
    """Whether a page is there that this module wrote."""
    return _GENERATOR.encode() in _content(page)[:10_000]


def _content(path: Path) -> bytes:
    """What a file holds; nothing where there is none."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise InputError(
            f"is there already, and cannot be read ({error.strerror}); name another folder", path
        ) from error


def _make(place: Path) -> None:
    """Make a folder, and those above it, unless it is there."""
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(unwritten(error), place) from error


def page_of(vocabulary: Vocabulary, theories: Sequence[Theory]) -> Page:
    """What the page tells."""
    view = [folder("ontology") / "view.ttl"]
    ontology = Ontology([*_root_first(ontology_files()), *view, *theory_files(), *vocabulary.theories])
    shapes = sorted(folder("shapes").glob("*.ttl"))
    uses = Uses(ontology, vocabulary, theories, catalog(), shapes)
    return Page(ontology, uses, *_alignments())


def rendered(page: Page, beside: Mapping[Path, str]) -> str:
    """The page, as HTML.

    Args:
        beside: where copies of files lie, by the files.
    """
    from markupsafe import Markup

    made = templates("kgtools.docs")

    def pictures(module: Module) -> list[Markup]:
        graphs = {"classes": classes_of(page.ontology, module), "properties": properties_of(page.ontology, module)}
        every = [drawn(graph, f"{name}-{anchored(module.id)}", made) for name, graph in graphs.items()]
        return [Markup(one) for one in every if one]

    def picture_of_theory(theory: Theory) -> Markup:
        return Markup(drawn(of_theory(page.ontology, theory), f"theory-{anchored(theory.id)}", made))

    return made.get_template("index.html.j2").render(
        page=page,
        version=__version__,
        pictures=pictures,
        picture_of_theory=picture_of_theory,
        overview=Markup(drawn(of_modules(page.ontology), "picture-of-modules", made)),
        beside=beside,
        **inlined("kgtools.docs", "docs.css", "docs.js"),
    )


def beside_page(theories: Sequence[Theory], place: Path | None = None) -> dict[Path, str]:
    """The files that lie beside the page, and where.

    Args:
        place: where the page is written: what lies there of a site is no source, even within the ontology's folder.
    """
    found = {}
    for name in _COPIED:
        inside = place is not None and place.resolve().is_relative_to(folder(name).resolve())
        written = [place.resolve() / one for one in (*_COPIED, "index.html")] if place and inside else []
        for path in sorted(folder(name).rglob("*")):
            if path.is_file() and not any(path.resolve().is_relative_to(one) for one in written):
                found[path] = f"{name}/{path.relative_to(folder(name)).as_posix()}"
    further = {theory.path: f"ontology/theory/{anchored(theory.id)}.ttl" for theory in theories}
    return {**further, **found}


def _root_first(paths: Sequence[Path]) -> list[Path]:
    """The ontology's files in the order in which one would read them: the root, and what others import the most."""
    ontology = Ontology(paths)
    rank: dict[str, int] = {}

    def depth(iri: str, above: tuple[str, ...] = ()) -> int:
        if iri not in rank and iri not in above:
            rank[iri] = 1 + max(
                (depth(one, (*above, iri)) for one in modules[iri].imports if one in modules), default=0
            )
        return rank.get(iri, 0)

    modules = {module.iri: module for module in ontology.modules}
    order = sorted(modules.values(), key=lambda one: (bool(one.terms), depth(one.iri), one.id))
    return [module.path for module in order]


def _alignments() -> tuple[Sequence[Alignment], Sequence[Alignment]]:
    """The tables of mappings, and those of what was turned down."""
    from kgtools.align import alignments, refused

    there = any((folder("ontology") / "alignment").glob("refused*.sssom.tsv"))
    return alignments(), [refused()] if there else []
