"""The notebook is true: it runs, and its cells show what is stored. Run as a program, it stores anew what they show."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[1] / "examples" / "notebook.ipynb"
DATA = "online-service"
KEPT = ("text/plain", "text/markdown", "text/html", "image/svg+xml")


def run(folder: Path) -> Any:
    """The notebook with what its cells show when they run in a folder that holds it and its data, and no more."""
    import nbformat
    from nbclient import NotebookClient

    shutil.copytree(NOTEBOOK.parent / DATA, folder / DATA)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # it is typed in part
    mine = {"PYTHONPATH": str(NOTEBOOK.parents[1]), "IPYTHONDIR": str(folder / "ipython")}
    client = NotebookClient(notebook, timeout=120, record_timing=False, resources={"metadata": {"path": str(folder)}})
    kernel = client.create_kernel_manager()
    kernel.transport, kernel.ip = "ipc", str(folder / "kernel")  # no port is opened
    client.execute(env={**os.environ, **mine})
    return plain(notebook)


def plain(notebook: Any) -> Any:
    """The notebook without what differs from one machine or run to the next."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            output.pop("metadata", None) if output.output_type == "stream" else output.update(metadata={})
            if "data" in output:
                output.data = {kind: output.data[kind] for kind in KEPT if kind in output.data}
    return notebook


def stored() -> Any:
    """The notebook as it is."""
    return json.loads(NOTEBOOK.read_text("utf-8"))


def ran() -> Any:
    """The notebook with what its cells show now, as it would be stored."""
    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        return json.loads(nbformat.writes(run(Path(folder))))  # type: ignore[no-untyped-call]  # it is typed in part


def shown(cell: dict[str, Any]) -> list[dict[str, str]]:
    """What a cell shows, by kind."""
    return [
        {kind: "".join(said) for kind, said in output.get("data", {"text/plain": output.get("text", "")}).items()}
        for output in cell.get("outputs", ())
    ]


def by_cell(notebook: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What each cell with code shows."""
    return {cell["id"]: shown(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"}


def test_cells_show_what_is_stored() -> None:
    """Each cell runs in a fresh kernel and shows the text that is stored, and a picture where one is."""
    pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    expected, actual = by_cell(stored()), by_cell(ran())

    assert {name: without_pictures(said) for name, said in expected.items()} == {
        name: without_pictures(said) for name, said in actual.items()
    }
    assert [name for name, said in expected.items() if pictures(said)] == [
        name for name, said in actual.items() if pictures(said)
    ]
    for said in actual.values():
        for picture in pictures(said):
            assert 10_000 < len(picture) < 200_000


def without_pictures(said: list[dict[str, str]]) -> list[dict[str, str]]:
    """The text that a cell shows: fonts, and so pictures, may differ a little from version to version."""
    return [{kind: text for kind, text in one.items() if not kind.startswith("image/")} for one in said]


def pictures(said: list[dict[str, str]]) -> list[str]:
    """The pictures in what a cell shows."""
    return [text for one in said for kind, text in one.items() if kind.startswith("image/")]


def test_there_is_a_picture_that_says_what_was_found() -> None:
    """The stored picture has its finding as a title, its caveat, and every incident that the question named."""
    (picture,) = pictures([one for cell in stored()["cells"] for one in shown(cell)])
    words = re.findall(r"<(?:text|tspan)[^>]*>([^<]+)</", picture)

    assert "Only where technology failed do more stories contradict the claim than support it" in words
    assert any("how often a claim is supported here says nothing" in one for one in words)
    assert {"contradicts", "mixed support", "supports"} <= set(words)
    assert {"I01", "I15", "I25", "I28"} <= set(words)


def test_nothing_of_a_machine_is_stored() -> None:
    """No cell shows an error, a warning or the name of a place on somebody's machine."""
    text = NOTEBOOK.read_text("utf-8")
    outputs = [output for cell in stored()["cells"] for output in cell.get("outputs", ())]

    assert [] == [one for one in outputs if one["output_type"] == "error" or one.get("name") == "stderr"]
    assert None is re.search(r"/(home|root|tmp|Users)/|file://", text)
    counts = [cell["execution_count"] for cell in stored()["cells"] if cell["cell_type"] == "code"]
    assert [*range(1, len(counts) + 1)] == counts


if __name__ == "__main__":
    NOTEBOOK.write_text(json.dumps(ran(), indent=1, ensure_ascii=False) + "\n", "utf-8")
