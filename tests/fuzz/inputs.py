"""Inputs: a name such as `refi:123` goes in, the bundle and the command line that it stands for come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from . import seeds
from .beside import crosswalk, dialects
from .databases import database
from .exchange import exchange
from .tables import table
from .values import Files

KINDS = ("tables", "refi", "databases", "crosswalks", "dialects")
SEEDS = {"tables": seeds.tables, "refi": seeds.refi, "databases": seeds.databases}
DAMAGE: dict[str, Callable[[Random, Files, str], None]] = {"tables": table, "refi": exchange, "databases": database}
COMMANDS = (*(["import"] * 8), "draft", "agreement", "derive")


@dataclass(frozen=True)
class Input:
    """What a trial begins with.

    Args:
        files: each file's content, by its path below the folder that the program is started in.
        arguments: of the command line, but for where the result goes.
    """

    name: str
    files: dict[str, bytes]
    arguments: tuple[str, ...]

    @property
    def imports(self) -> bool:
        """Whether the command's result is a graph."""
        return self.arguments[0] == "import" and "--draft-crosswalk" not in self.arguments


def made(name: str) -> Input:
    """The input of a name. The same name gives the same input, as long as the seeds stay the same."""
    kind, _, _ = name.partition(":")
    random = Random(name)
    of = kind if kind in SEEDS else "tables" if kind == "dialects" else random.choice(list(SEEDS))
    seed = random.choice(SEEDS[of]())
    if kind == "dialects":
        seed = next(one for one in seeds.tables() if one.name == "own-dialect")
    files, more = dict(seed.files), []
    if kind in SEEDS:
        DAMAGE[kind](random, files, seed.data)
    elif kind == "dialects":
        files["dialects.yaml"] = dialects(random, files["dialects.yaml"])
        if random.random() < 0.5:
            table(random, files, seed.data)
    if kind == "crosswalks" or random.random() < 0.1:
        files["crosswalk.yaml"] = crosswalk(random)
        more = ["--crosswalk", "crosswalk.yaml"]
        if kind == "crosswalks" and random.random() < 0.3:
            DAMAGE[of](random, files, seed.data)
    data = seed.data
    if data not in files and not any(file.startswith(f"{data}/") for file in files):
        (data,) = (file for file in files if not file.endswith(".yaml"))
    command = random.choice(COMMANDS)
    if command == "draft":
        return Input(name, files, ("import", data, "--draft-crosswalk"))
    more += ["--format", "csv"] if command == "derive" else []
    return Input(name, files, (command, data, *more))
