"""Files of coding programs (MAXQDA, NVivo, ATLAS.ti, …): as they come out of the program go in, raw tables come out.

Two kinds: tables of coded segments (`dialects` says which columns a program writes, `exports` brings them to ours), and
projects, with their texts, codes, coders and cases (`refi` for the exchange format, `taguette` and `qualcoder` for the
databases of these programs; each yields a `Project`, `positions` finds each segment in its text, and `staging` brings
all to the same raw tables). What an incident is in such a file is then said by `incidents`.
"""
