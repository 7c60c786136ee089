"""Fuzzing for as long as CI has patience; `make fuzz` goes on for as long as one likes."""

from __future__ import annotations

import os

import pytest

from .inputs import KINDS, made
from .workers import trials


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(kind: str) -> None:
    """Whatever is done to files of coding programs, each ends in findings or one line, and what is read adds up."""
    number = int(os.environ.get("FUZZ_INPUTS", "10"))
    wrong = {name: ended.wrong for name, ended, _ in trials(f"{kind}:{one}" for one in range(number))}

    assert number == len(wrong)
    assert {} == {name: said for name, said in wrong.items() if said}


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_is_made_from_its_name(kind: str) -> None:
    """What failed once can be seen again: a name gives the same files each time, and other names give others."""
    names = [f"{kind}:{number}" for number in range(5)]
    inputs = [made(name) for name in names]

    assert inputs == [made(name) for name in names]
    assert len({tuple(one.files.values()) for one in inputs}) > 1
