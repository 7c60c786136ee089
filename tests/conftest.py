"""What all tests share: random examples are drawn anew at a desk, and are the same, and fewer, in each run of CI.

Tests that need Virtuoso run only where a call names their mark (`-m virtuoso`), so that no other run depends on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from kgtools.reason import OwlApi

settings.register_profile("ci", derandomize=True, print_blob=True, max_examples=30)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of Virtuoso unless they are asked for."""
    if "virtuoso" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("virtuoso")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def api() -> Iterator[OwlApi]:
    """One Java for all that ask the OWL API, started by the first of them."""
    with OwlApi(120) as started:
        yield started
