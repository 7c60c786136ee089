"""The Python interface: where data are goes in; one object comes out that can be queried, validated, judged, explained.

    >>> import kgtools
    >>> study = kgtools.open("examples/online-service")
    >>> study.derive()
    <Verdicts: 85 supports, 29 contradicts, 17 mixed>

Why one object. The same questions are asked of a folder of tables, an RDF file, a store and a server, and have the same
answers; so who asks does not need to know which of them it is. It does what the commands do, by the same functions
(`kgtools.pipeline`), and prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.pipeline.job import Job
from kgtools.read import BASE, Source, is_bundle, require_known
from kgtools.results import Findings, Verdicts

if TYPE_CHECKING:
    from kgtools.align.asked import InTermsOf
    from kgtools.answers import Answers
    from kgtools.explain import Explained
    from kgtools.pipeline.query import Here, There

AnyPath = str | PathLike[str]
Value = str | int | bool | Sequence[str] | Sequence[int]
"""What a question's parameter may be set to."""


def open(
    source: AnyPath,
    *,
    theories: AnyPath | Sequence[AnyPath] = (),
    coders: str = "any",
    crosswalk: AnyPath | None = None,
    base: str = BASE,
    graphs: str | Sequence[str] = (),
    update: str | None = None,
    timeout: float = 120,
) -> Data:
    """Coded incidents, wherever they are. Nothing of them is read before something is asked.

    >>> import kgtools
    >>> study = kgtools.open("examples/online-service", coders="all")
    >>> study.incidents, study.coders
    (43, ('ines', 'marc'))
    >>> kgtools.open("examples/online-servic")
    Traceback (most recent call last):
    kgtools.errors.InputError: examples/online-servic: no such file or folder; name a bundle, a file or a store

    Args:
        source: a bundle (a folder of tables, a table, a coding program's file), an RDF file, a store folder; or the
            address of a SPARQL 1.1 server that takes queries, `http://…` or `https://…`.
        theories: files of theories, beside those that come with kgtools.
        coders: whose codings count: `any`, `majority`, `all`, or one coder's name.
        crosswalk: how codes and columns of tables map to ours; None for the bundle's own `crosswalk.yaml`.
        base: what the IRIs of data start with.
        graphs: of a server, the named graphs that are asked; none for what the server takes for its default graph.
        update: the address at which the server takes updates. With it, propositions are judged in the server, which
            is given the view that their queries run on; without it, nothing is ever written there.
        timeout: how many seconds a query, or one answer of a server, may take.

    Raises:
        InputError: there is no such thing, or an option does not go with it.
    """
    job = Job(_paths(theories), coders, False, None if crosswalk is None else Path(crosswalk), base)
    where = str(source)
    if where.lower().startswith(("http://", "https://")):
        return Data(Endpoint(where, update_url=update, graphs=_texts(graphs), seconds=timeout), job, timeout)
    if graphs or update is not None:
        raise InputError("`graphs` and `update` go with a server; write its address, http://… or https://…", where)
    path = Path(source)
    if not path.exists():
        raise InputError("no such file or folder; name a bundle, a file or a store", path)
    if not is_bundle(path):
        require_known(path)
    return Data(path, job, timeout)


class Data:
    """Coded incidents that can be asked; `kgtools.open` makes it.

    Args:
        source: where they are.
        job: the theories, whose codings count, and how tables are read.
        timeout: how many seconds a query may take.
    """

    def __init__(self, source: Source, job: Job, timeout: float = 120) -> None:
        self.source, self.job, self.timeout = source, job, timeout
        self._loaded: dict[tuple[tuple[str, ...], tuple[tuple[Path, bool], ...]], Here | There] = {}

    def __repr__(self) -> str:
        name = self.source.name if isinstance(self.source, Endpoint) else str(self.source)
        return f"<kgtools.Data: {name}, coders {self.job.coders}>"

    # What there is

    @property
    def bundles(self) -> tuple[str, ...]:
        """The names of the bundles: one for tables, any number in a graph."""
        return self._there[0]

    @property
    def incidents(self) -> int:
        """How many incidents there are."""
        return self._there[1]

    @property
    def coders(self) -> tuple[str, ...]:
        """Those who coded, by name."""
        return self._there[2]

    @cached_property
    def _there(self) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
        bundles = self.job.read([self.source])
        coders = {coder for bundle in bundles for coder in bundle.coders()}
        return (
            tuple(bundle.name for bundle in bundles),
            sum(bundle.count() for bundle in bundles),
            tuple(sorted(coders)),
        )

    # What can be asked

    def query(
        self,
        question: str,
        /,
        *,
        in_terms_of: AnyPath | Sequence[AnyPath] = (),
        strictly: bool = False,
        **parameters: Value | None,
    ) -> Answers:
        """Ask a question of the catalogue (`kgtools.catalog`), or one of your own in SPARQL 1.1; nothing is changed.

        >>> import kgtools
        >>> study = kgtools.open("examples/online-service")
        >>> answers = study.query("propositions-contradicted", proposition="Z-recovery")
        >>> [row["unit"].rpartition("/")[2] for row in answers]
        ['I24', 'I24']
        >>> study.query("ASK { ?incident a evco:Incident ; evco:viaChannel/a evco:MobileApp }").truth
        True

        A query may be in the terms of an ontology that ours is aligned with, such as COVER:

        >>> study.query("SELECT ?gain { ?gain a cover:GainEvent }", in_terms_of="cover")
        <Answers: 39 rows of gain>

        Tables and files are loaded for the first question, and kept for the next; if they change, open them again.

        Args:
            question: a question's name, or the text of a query (what has white space or a brace in it). Prefixes such
                as `evco:` need not be declared; a query that asks for verdicts finds those of the data's coders.
            in_terms_of: alignments by name (`kgtools align list`), or files of tables of mappings (SSSOM): what
                the data hold is there in the other ontologies' terms too. Nothing is written where the data are; a
                server's incidents are read and asked here.
            strictly: of these, without mappings that are close but not exact.
            parameters: a question's parameters by their names, each a value or several, or None for its
                default. They are bound, never pasted into the text. `coders` is the data's own unless it is set. A
                query of your own has a parameter for each line `VALUES ?name { default }`.

        Returns:
            The rows of a SELECT as mappings from variable to value, what an ASK says, or the triples of a CONSTRUCT or
            DESCRIBE; a notebook shows them as a table, and `to_pandas()` and `to_polars()` make a data frame of them.
            With `in_terms_of`, their `remarks` say which rules were applied, and which terms have none.

        Raises:
            InputError: there is no such question, parameter, coder or alignment; or the text is no query, or would
                have another server asked (SERVICE).
            EngineError: a server fails, or the query takes too long or gives too much to hold.
        """
        from kgtools.questions.asked import asked, asked_by_name

        words = (in_terms_of,) if isinstance(in_terms_of, str | PathLike) else in_terms_of
        if strictly and not words:
            raise InputError("`strictly` is for a query in another ontology's terms; name that by `in_terms_of`")
        alignments = self._aligned(words, strictly)
        what = asked(
            asked_by_name(question),
            parameters,
            self.job.vocabulary,
            self.job.coders,
            in_other_terms=lambda text: any(one.asks_for_verdicts(text) for one in alignments),
        )
        ready = self._ready(what.verdicts_of, alignments)
        answers = ready.answer(what.sparql)
        answers.remarks = tuple(ready.told(what.sparql))
        return answers

    def _aligned(self, words: Sequence[AnyPath], strictly: bool) -> tuple[InTermsOf, ...]:
        """The alignments that were named."""
        if not words:
            return ()
        from kgtools.align.asked import in_terms_of

        return in_terms_of(map(str, words), self.job.vocabulary, strictly)

    def _ready(self, verdicts_of: tuple[str, ...], in_terms_of: tuple[InTermsOf, ...] = ()) -> Here | There:
        """The data, ready to be asked. What was loaded is kept for the last two: whose verdicts, and in whose terms."""
        from kgtools.pipeline import ready

        key = (verdicts_of, tuple((one.alignment.path, one.strictly) for one in in_terms_of))
        if key not in self._loaded:
            for kept in [*self._loaded][:-1]:
                del self._loaded[kept]
            self._loaded[key] = ready(
                [self.source],
                self.job,
                verdicts_of,
                seconds=self.timeout,
                in_terms_of=in_terms_of,
            )
        return self._loaded[key]

    def validate(
        self, shapes: AnyPath | Sequence[AnyPath] = (), *, ours: bool | None = None, engine: str = "auto"
    ) -> Findings:
        """What is wrong or remarkable in the data, and where.

        >>> import kgtools
        >>> findings = kgtools.open("examples/online-service").validate()
        >>> findings.counts
        {'violation': 0, 'warning': 0, 'info': 19}
        >>> findings[0].file, findings[0].row, findings[0].incident
        ('codings.csv', 15, 'I02')

        Args:
            shapes: files of SHACL shapes of your own.
            ours: whether the shapes that come with kgtools are used; None where there are no others.
            engine: `pyshacl`, `shacl-rust`, or `auto`: whatever gets the shapes right, and is quick.

        Raises:
            InputError: the data cannot be read, or shapes cannot work.
            EngineError: an engine or a server fails, which says nothing about the data.
        """
        from kgtools.pipeline.check import validate_all

        paths, server = ([], self.source) if isinstance(self.source, Endpoint) else ([self.source], None)
        return Findings(validate_all(paths, self.job, _paths(shapes), engine, ours=ours, endpoint=server))

    def derive(self, *, coders: str | None = None, every: bool = False, write: bool = False) -> Verdicts:
        """Which propositions each incident and chain supports, contradicts, or both.

        A server that was opened with an address for updates judges itself: it is given the view that the propositions'
        queries run on.

        >>> import kgtools
        >>> verdicts = kgtools.open("examples/online-service").derive()
        >>> [one.unit for one in verdicts if (one.proposition, one.verdict) == ("Z-recovery", "supports")]
        ['I01', 'I25', 'I27']

        Args:
            coders: whose codings count; None for those that the data were opened for.
            every: also verdicts that are silent or not applicable.
            write: also write the verdicts to the store or server that the data are in, in place of those of the same
                coders, where queries find them.

        Raises:
            InputError: the data cannot be read, nobody of that name coded, or verdicts cannot be written there.
            EngineError: a server fails.
        """
        from kgtools.pipeline import derive_all, derive_into, derive_there

        job = self._job(coders, every)
        if write:
            self._loaded.clear()  # which was made ready before the verdicts were there
        if isinstance(self.source, Endpoint) and (write or self.source.update_url is not None):
            findings, verdicts = derive_there(self.source, job, write=write)
        elif write and isinstance(self.source, Path):
            findings, verdicts = derive_into(self.source, job)
        else:
            findings, verdicts = derive_all([self.source], job)
        return Verdicts(verdicts, findings)

    def explain(
        self, unit: str, proposition: str | None = None, *, coders: str | None = None, in_full: bool = False
    ) -> Explained:
        """Slot by slot, why an incident and the chain that it is in speak for or against propositions.

        >>> import kgtools
        >>> told = kgtools.open("examples/online-service").explain("I01", "Z-recovery")
        >>> told.account.explanations[0].verdict
        'supports'

        Args:
            unit: an incident's id, or its IRI; `<bundle>/<id>` where several bundles have one of that id.
            proposition: one proposition's id; None for all.
            coders: whose codings count; None for those that the data were opened for.
            in_full: also explain in full what is silent or not applicable. One proposition always is.

        Returns:
            What `print` shows as text and a notebook with headings and lists; `account` has it as values.

        Raises:
            InputError: there is no such incident, proposition or coder.
            EngineError: a server fails.
        """
        from kgtools.explain import explain

        return explain(self.source, unit, self._job(coders, True), proposition, in_full=in_full)

    def _job(self, coders: str | None, every: bool) -> Job:
        return replace(self.job, coders=self.job.coders if coders is None else coders, every=every)


def _paths(files: AnyPath | Sequence[AnyPath]) -> tuple[Path, ...]:
    """One file or several."""
    return (Path(files),) if isinstance(files, str | PathLike) else tuple(map(Path, files))


def _texts(texts: str | Sequence[str]) -> tuple[str, ...]:
    """One text or several."""
    return (texts,) if isinstance(texts, str) else tuple(texts)
