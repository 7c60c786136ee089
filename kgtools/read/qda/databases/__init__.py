"""Databases of coding programs: SQLite files, read only, go in, and projects with their texts and codings come out.

`taguette` and `qualcoder` each know the tables of one program; `sqlite` opens a file that a stranger made.
"""
