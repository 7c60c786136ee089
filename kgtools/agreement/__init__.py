"""Agreement: who coded what goes in, how far coders agree comes out, with intervals; what cannot be told is undefined.

`measures` holds the coefficients and `interval` their confidence intervals; `coded` asks the tables of codings how
incidents were judged, `estimates` puts them together, and `told` writes them down. What coders' codings say of theories
is judged in `kgtools.pipeline.agree`.
"""
