"""What is odd in a file: remarks go in as they are made, findings come out, without a flood of one kind.

Why a flood is cut: a program that leaves out an attribute does so a hundred thousand times, and nobody reads that. What
is lost (a violation) is told each time.
"""

from __future__ import annotations

from kgtools.model import Finding, Severity

MOST_OF_A_KIND = 10
_LONGEST_MESSAGE = 400


def short(text: str, longest: int = 80) -> str:
    """Text of a file as part of one line, for messages; what is longer than so many characters ends with `…`."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(letter if letter.isprintable() else " " for letter in cut)


class Remarks:
    """Findings on one file.

    Args:
        file: what findings call it.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._findings: list[Finding] = []
        self._counts: dict[tuple[Severity, str, str], int] = {}

    def add(
        self, severity: Severity, shape: str, message: str, *, line: int | None = None, value: str = "", kind: str = ""
    ) -> None:
        """Remark something.

        Args:
            shape: which rule it is: `refi:text-absent`.
            message: what is wrong, and what would be right.
            line: where it stands in the file.
            value: what it is about, as the file has it.
            kind: what tells remarks of one rule apart that are counted each on their own.
        """
        count = self._counts[severity, shape, kind] = self._counts.get((severity, shape, kind), 0) + 1
        if severity == "violation" or count <= MOST_OF_A_KIND:
            said = short(message, _LONGEST_MESSAGE)
            self._findings.append(Finding(severity, shape, said, value=short(value), file=self._file, row=line))

    def all(self) -> list[Finding]:
        """The findings in the order in which they were made; at their end, how many more there are of each kind."""
        more = [
            Finding(
                severity,
                shape,
                f"{count - MOST_OF_A_KIND:,} more like this ({kind or shape}) are not listed",
                value=kind,
                file=self._file,
            )
            for (severity, shape, kind), count in self._counts.items()
            if severity != "violation" and count > MOST_OF_A_KIND
        ]
        return self._findings + more
