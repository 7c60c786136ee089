"""`make shapes`: the shapes that come with kgtools go in, `docs/shapes.md` is written anew."""

from kgtools.validate.page import write_page

write_page()
