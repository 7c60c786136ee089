"""The documentation is true: its commands run and print what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import oxigraph

from kgtools.cli import app
from kgtools.pipeline import Job, facts_of
from kgtools.report import picture
from kgtools.vocabulary import Vocabulary, local

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.S)


NAMED = "http://localhost:7878"
"""Where the README has a server."""


def run(command: str, folder: Path, server: str = NAMED) -> str:
    """What a command prints, stdout and stderr as they come on a terminal; `kgtools` is the one under test."""
    words = shlex.split(command.replace(NAMED, server))
    if words[0] == "kgtools":
        words = [sys.executable, "-m", "kgtools", *words[1:]]
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode in (0, 1), done.stdout.decode()
    return done.stdout.decode().replace(server, NAMED)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An empty Oxigraph server."""
    with oxigraph() as address:
        yield address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place to run commands in, with the examples where the README has them."""
    made = tmp_path_factory.mktemp("readme")
    (made / "examples").symlink_to(ROOT / "examples")
    return made


def recipe(target: str) -> str:
    """The last command of a make target, without its virtual environment."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # of a make that runs us
    made = subprocess.run(
        ["make", "-n", target], cwd=ROOT, env=alone, capture_output=True, text=True, check=True
    ).stdout
    return made.strip().splitlines()[-1].removeprefix(".venv/bin/")


def test_it_starts_with_two_commands() -> None:
    """The first two things a reader sees are the two commands that are all that is needed."""
    assert ["$ make demo\n", "$ make test\n"] == BLOCKS[:2]
    assert recipe("test").startswith("pytest")


def test_the_demo_prints_what_the_readme_shows(folder: Path) -> None:
    """`make demo` ends with the table that the README shows."""
    shown = re.search(r"<!-- demo -->\n```text\n(.*?)```", README, re.S)
    assert shown is not None

    assert shown[1] == run(recipe("demo"), folder)


def test_commands_print_what_the_readme_shows(folder: Path, server: str) -> None:
    """Each command of the README runs, and prints the lines that follow it there (all of them, or up to `...`)."""
    for part in (part for block in BLOCKS[2:] for part in re.split(r"^\$ ", block, flags=re.M)[1:]):
        command, _, shown = part.partition("\n")
        printed = run(command, folder, server)
        if shown.endswith("...\n"):
            shown = shown.removesuffix("...\n")
            printed = printed[: len(shown)]

        assert shown == printed


def test_every_code_is_listed() -> None:
    """The README lists the codes and channels that there are, and no others."""
    vocabulary = Vocabulary.read()
    section = README[README.index("### Codes") : README.index("### Crosswalks")]
    listed = set(re.findall(r"`([A-Z]\w+)`", section))

    assert {local(iri) for iri in vocabulary.elements | vocabulary.channels} - {"Element"} == listed


def test_every_command_is_documented_and_has_help() -> None:
    """Each command stands in the README's table, and says in its help what it and each of its options do."""
    for name, command in app.commands.items():
        assert f"`kgtools {name} " in README
        assert command.help
        for option in command.params:
            if option.param_type_name == "option":
                assert getattr(option, "help", None), f"{name} {option.name}"


def test_links_lead_somewhere() -> None:
    """Every file that the README and CONTRIBUTING name is there."""
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text("utf-8")
        for path in re.findall(r"`((?:ontology|shapes|queries|kgtools|examples|tests)/[\w./-]*)`", text):
            assert (ROOT / path).exists(), f"{name} names {path}"
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_the_picture_is_that_of_the_example() -> None:
    """The README's picture is what `make pictures` would draw now from the example."""
    facts, about, _ = facts_of([ROOT / "examples/online-service"], Job(), room=0)

    assert picture(facts, about.theories, margin=16) + "\n" == (ROOT / "docs/propositions.svg").read_text("utf-8")
    assert "](docs/propositions.svg)" in README
