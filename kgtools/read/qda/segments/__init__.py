"""Tables of coded segments: what a coding program exports goes in, a raw table of codings comes out.

`dialects` says which columns which program writes (in `dialects.yaml`), `table` finds the dialect and loads the rows,
`codings` brings them to our columns, and `joined` cuts cells that name several codes.
"""
