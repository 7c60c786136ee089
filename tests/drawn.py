"""How many random examples a test draws: as many as it says at a desk, a third of that in CI.

Why: CI draws the same examples in every run (`conftest.py`), so more of them find less there; time is short too.
"""

from __future__ import annotations

import os

SHARE = 3 if os.environ.get("CI") else 1


def drawn(count: int) -> int:
    """The number of examples here."""
    return max(count // SHARE, 2)
