"""The picture that the README shows: data goes in, its propositions by verdict come out as SVG (`make pictures`)."""

from __future__ import annotations

import sys
from pathlib import Path

from kgtools.pipeline import Job, facts_of
from kgtools.report import picture

if __name__ == "__main__":
    data, target = map(Path, sys.argv[1:])
    facts, about, _ = facts_of([data], Job(), room=0)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(picture(facts, about.theories, margin=16) + "\n", "utf-8")
