"""Agreement: who coded what goes in, how far coders agree comes out, with intervals; what cannot be told is undefined.

`measures` holds the coefficients, `interval` their confidence intervals, `codes` asks the tables of codings, and
`estimates` puts both together.
"""

from __future__ import annotations
