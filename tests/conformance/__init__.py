"""The W3C test suite of SHACL 1.0: its cases go in, how each engine and kgtools itself do on them comes out."""
