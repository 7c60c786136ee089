"""`python -m kgtools` is `kgtools`. Guarded, since worker processes import it too."""

from kgtools.cli import entry

if __name__ == "__main__":
    entry()
