"""Layout: a package's name goes in; its templates, and what a page of theirs carries within itself, come out."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


@lru_cache(maxsize=4)
def templates(package: str) -> Environment:
    """A package's templates: everything is escaped, and a name that is not there is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from kgtools.report.place import anchored

    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["anchored"] = anchored
    return made


def inlined(package: str, style: str, script: str) -> dict[str, str | Markup]:
    """What a page has within itself, by the names that its template calls it by.

    Args:
        style, script: files among the package's templates.

    Returns:
        `style` and `script`; and `style_hash` and `script_hash`, by which its Content Security Policy allows them.
    """
    from markupsafe import Markup

    made = templates(package)
    found: dict[str, str | Markup] = {}
    for name, file in (("style", style), ("script", script)):
        text, _, _ = made.loader.get_source(made, file)  # type: ignore[union-attr]  # it has a loader
        found |= {name: Markup(text), f"{name}_hash": _integrity(text)}
    return found


def _integrity(text: str) -> str:
    """What a Content Security Policy calls a piece of text by (CSP 3, 2.3.1)."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
