"""Fuzzing: damaged files of coding programs go in, thousands of them; what the program must not do comes out.

`seeds` holds good files; `tables`, `exchange`, `databases` and `beside` damage them. `trial` is the way of one input
through the command line, and what must hold on it; `workers` runs trials in processes of their own, so that a hang or a
crash of an engine is found too.
An input is made from its name (`refi:123`) alone, so a name is all that is needed to see it again:

    python -m tests.fuzz run --minutes 10
    python -m tests.fuzz replay refi:123
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # where the writers of made-up projects lie, as pytest has it too
