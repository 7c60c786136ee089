"""Values of projects: what programs write in several ways is one here, and what means nothing is none."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgtools.read.qda import values
from kgtools.read.qda.values import apart, area, color, moment


def test_examples() -> None:
    """What the docstrings show is so."""
    assert 0 == doctest.testmod(values).failed


@given(st.lists(st.sampled_from(["a", "b", "a (2)", "a (3)", "a (2) (2)", ""]), max_size=12))
def test_names_told_apart(names: list[str]) -> None:
    """No two names are the same, and the first of each stays as it is, also where another is called like a number."""
    told = apart(names)

    assert len(names) == len(set(told)) == len(told)
    assert [told[names.index(name)] for name in names] == names


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-21", "2026-11-21"),
        (" 2026-11-21 14:30:00 ", "2026-11-21T14:30:00Z"),
        ("2026-11-21T14:30:00.5+01:00", "2026-11-21T14:30:00.5+01:00"),
        ("2026-02-30", None),
        ("2026-11-21 25:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(said: str | None, meant: str | None) -> None:
    """A time without a zone gets the program's; a day that no month has is none."""
    assert meant == moment(said, "Z")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("#F5A9A9", "#f5a9a9"),
        ("f5a9a9", "#f5a9a9"),
        (" #3c3 ", "#33cc33"),
        ("red", None),
        ("#12345", None),
        (None, None),
    ],
)
def test_colors(said: str | None, meant: str | None) -> None:
    """However a color is written, it is `#rrggbb`."""
    assert meant == color(said)


def test_areas() -> None:
    """A rectangle is a picture's in pixels, or of a PDF's page, which fragments count from 1."""
    assert "xywh=10,20,30,40" == area(10, 20, 30, 40)
    assert "page=1&viewrect=10,20,30.5,40" == area(10, 20, 30.5, 40, 0)
