"""How much a test tries: all that it says at a desk; in CI a fifth of the random examples, and some of many cases.

Why: CI draws the same examples in every run (`conftest.py`), so more of them find less there; and it has to end within
minutes. `make test-all` at a desk tries everything.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")

IN_CI = bool(os.environ.get("CI"))


def drawn(count: int) -> int:
    """The number of random examples here."""
    return max(count // 5, 2) if IN_CI else count


def some(cases: Sequence[Case], nth: int) -> Sequence[Case]:
    """The cases to try here: in CI every n-th, the first among them."""
    return cases[::nth] if IN_CI else cases
