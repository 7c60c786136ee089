"""kgtools: from coded critical incidents to the propositions that they support.

read    a bundle of tables, or RDF    -> codings, checked
lift    codings                       -> RDF, as Web Annotations with provenance
view    codings, a set of coders      -> what proposition queries run on
derive  the view                      -> verdicts, each with its evidence
"""

__version__ = "0.1.0"
