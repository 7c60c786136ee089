"""Terms by what people call them: a code's name goes in; the term that is called so, or ones much alike, come out."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import cached_property

from kgtools.codebook import ELEMENT, labels, modifiers_by_guid, name_of, terms_by_guid
from kgtools.read.crosswalk import parts_of
from kgtools.read.modifiers import OurCodes
from kgtools.read.qda.project import Code
from kgtools.vocabulary import Vocabulary, local


class Terms:
    """The terms by what they are called, for people's spelling: case, blanks and plural make no difference."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.guids = {*terms_by_guid(vocabulary), *modifiers_by_guid(vocabulary)}
        self.ours = OurCodes(vocabulary)

    def known(self, code: Code) -> bool:
        """Whether a code of a file's codebook is one of ours: a term, or what is said beside one."""
        return code.key in self.guids or self.ours.modifier(code.called) is not None

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """What a code may be called, as one word, to the terms that are called so."""
        found: dict[str, set[str]] = {}
        said = labels(self.vocabulary)
        for iri, name in self._listed.items():
            for called in (local(iri), said.get(iri, "")):
                found.setdefault("".join(words_of(called)), set()).add(name)
        found.pop("", None)
        return {called: sorted(names) for called, names in sorted(found.items())}

    @cached_property
    def _listed(self) -> dict[str, str]:
        """The names of the terms that the codebook lists, by IRI."""
        return {iri: name_of(iri, self.vocabulary) for iri in sorted(self.vocabulary.elements - {ELEMENT})}

    @cached_property
    def _words(self) -> list[tuple[frozenset[str], str]]:
        """The words of each term's name."""
        return [(frozenset(words_of(local(iri))), name) for iri, name in self._listed.items()]

    def called(self, code: str) -> str | None:
        """The one term that is called as the last part of a code is."""
        names = self._names.get("".join(words_of(parts_of(code)[-1])), [])
        return names[0] if len(names) == 1 else None

    def perhaps(self, code: str) -> str:
        """Terms with a name much like a code's last part, or of which all words stand in it; empty where none is."""
        words = words_of(parts_of(code)[-1])
        near = get_close_matches("".join(words), self._names, 3, 0.8)
        found = [name for called in near for name in self._names[called]]
        found += [name for parts, name in self._words if parts and parts <= {*words}]
        return " or ".join(list(dict.fromkeys(found))[:3])


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case and in the singular.

    >>> words_of("FeelingsValued"), words_of("service  recoveries")
    (['feeling', 'valued'], ['service', 'recovery'])
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return [_singular(word) for word in re.findall(r"[^\W_]+", parted.casefold())]


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]
