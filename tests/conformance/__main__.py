"""`python -m tests.conformance PAGE`: runs the suite, and writes how it went to a page."""

from __future__ import annotations

import sys
from pathlib import Path

from .results import page

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.conformance PAGE")
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
