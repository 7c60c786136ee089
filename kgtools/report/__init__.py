"""Reports: what a run found goes in, one HTML file that needs nothing else comes out, for the screen and for paper.

`facts` gathers chunk by chunk what is told, `about` holds what was read and asked for, `page` lays both out in
sections, `told` and `marks` tell the incidents, `agreed` tells how far coders agree, `pictures` draws, and `templates/`
is the page itself. There is no clock and no chance in it: the same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from kgtools.layout import inlined, templates
from kgtools.model import ALL, ANY
from kgtools.report.about import About, Found, Source
from kgtools.report.facts import Facts
from kgtools.report.page import Page
from kgtools.report.pictures import picture

__all__ = ["ROOM", "About", "Facts", "Found", "Source", "beside_one_another", "picture", "write_report"]

ROOM = 1000
"""How many incidents are told in detail unless somebody asks for more."""

COMPARED = 12
"""How many coders are compared one by one at most: each asks for a view and all queries of its own."""


def write_report(facts: Facts, about: About, file: IO[bytes]) -> None:
    """Write the page.

    Args:
        facts: of all chunks.
        file: where to, as UTF-8.
    """
    from markupsafe import Markup

    page = templates("kgtools.report").get_template("page.html.j2")
    stream = page.stream(
        page=Page(facts, about),
        facts=facts,
        about=about,
        svg=Markup,
        **inlined("kgtools.report", "report.css", "report.js"),
    )
    stream.enable_buffering(200)
    stream.dump(file, encoding="utf-8")


def beside_one_another(coders: Sequence[str], asked: str) -> list[str]:
    """The coders, and sets of coders, whose verdicts a report compares: none where there is one coder, or many.

    Args:
        coders: who coded.
        asked: the coders that the report is on, whose verdicts are at hand anyway.
    """
    if not 2 <= len(coders) <= COMPARED:
        return []
    return [*coders, *(those for those in (ANY, ALL) if those != asked)]
