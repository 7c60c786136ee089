"""`make queries` and `make questions`: the competency questions go in, the catalogue as RDF or as a page comes out.

Without arguments `queries/question/examples.ttl` is written anew; with data and a file, their page.
"""

import sys
from pathlib import Path

from kgtools.questions.metadata import write_metadata
from kgtools.questions.page import write_page

match sys.argv[1:]:
    case []:
        write_metadata()
    case [data, file]:
        write_page(Path(data), Path(file))
    case _:
        raise SystemExit("python -m kgtools.questions [DATA FILE]")
