"""Runs and imports that are ended from outside: nothing half-written stays, and running again completes them."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from drawn import some

from benchmarks.generate import write_bundle
from kgtools.pipeline import Job, derive_all
from kgtools.store import Store
from kgtools.vocabulary import EVCO, PREFIXES

KGTOOLS = [sys.executable, "-m", "kgtools"]
INCIDENTS = 1200  # three chunks

KILLS = 8 if os.environ.get("CI") else 20


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of some chunks."""
    folder = tmp_path_factory.mktemp("killed") / "study"
    write_bundle(folder, INCIDENTS, 3, lean=True)
    return folder


def files(folder: Path) -> dict[str, str]:
    """What is in a folder, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def start(*arguments: object) -> subprocess.Popen[bytes]:
    """The program, started in a session of its own, as a shell would."""
    words = [*KGTOOLS, *map(str, arguments), "--quiet"]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def finish(*arguments: object) -> int:
    """Run the program to its end."""
    process = start(*arguments)
    process.communicate()
    return process.returncode


def alive(session: int) -> list[int]:
    """The processes of a session that are still there, where the machine can tell."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found


def gone(session: int) -> bool:
    """Whether all processes of a session end within some seconds."""
    for _ in range(100):
        if not alive(session):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("jobs", some([3, 2], 2))
def test_same_bytes_whatever_jobs(study: Path, tmp_path: Path, jobs: int) -> None:
    """As many processes as one likes: each file of a run is the same, byte by byte."""
    assert finish("run", study, "-o", tmp_path / "one", "--jobs", 1) in (0, 1)
    assert finish("run", study, "-o", tmp_path / "more", "--jobs", jobs) in (0, 1)

    assert files(tmp_path / "one") == files(tmp_path / "more")
    assert "report.html" in files(tmp_path / "one")


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_half_written(study: Path, tmp_path: Path) -> None:
    """Killed at 20 random moments (in CI 8): each file is absent or whole; run again, and nothing had happened."""
    begun = time.monotonic()
    finish("run", study, "-o", tmp_path / "whole")
    took = time.monotonic() - begun
    whole, out = files(tmp_path / "whole"), tmp_path / "out"
    chance = random.Random(11)
    for _ in range(KILLS):
        process = start("run", study, "-o", out)
        time.sleep(chance.random() * took)
        process.kill()
        process.communicate()
        left = files(out) if out.is_dir() else {}

        assert gone(process.pid)
        assert {} == {name: digest for name, digest in left.items() if name in whole and digest != whole[name]}
    finish("run", study, "-o", out)

    assert whole == files(out)


@pytest.mark.slow
def test_a_killed_import_is_completed_by_running_it_again(study: Path, tmp_path: Path) -> None:
    """Killed at 20 random moments (in CI 8), one after the other or from the start: the store is that of one import."""
    begun = time.monotonic()
    finish("import", study, "--store", tmp_path / "whole", "--view", "any")
    took = time.monotonic() - begun
    whole = Store(tmp_path / "whole", read_only=True).lines()
    chance = random.Random(13)
    kills, rounds = 0, 0
    while kills < KILLS:
        rounds += 1
        store = tmp_path / f"store{rounds}"
        while kills < KILLS and chance.random() < 0.8:
            process = start("import", study, "--store", store, "--view", "any")
            time.sleep(chance.random() * took)
            process.kill()
            _, said = process.communicate()
            kills += process.returncode == -signal.SIGKILL

            assert gone(process.pid)
            if process.returncode != -signal.SIGKILL:  # it was at its end, or had been before
                assert process.returncode in (0, 1) or b"has a bundle `study` already" in said
        finish("import", study, "--store", store, "--view", "any")

        assert whole == Store(store, read_only=True).lines()
    assert rounds > 1


def test_another_bundle_does_not_complete_an_import(study: Path, tmp_path: Path) -> None:
    """What is left of an import is not completed with other rows: one line says so, and `--replace` starts anew."""
    store = tmp_path / "store"
    whole = Store(store)
    bundle = "urn:evco:data:study"
    rows = [f'<urn:x:s> <urn:x:p> "o" <{bundle}> .', f"<{bundle}> a <{EVCO}Bundle> <{bundle}> ."]
    whole.put([line.replace(" a ", f" <{PREFIXES['rdf']}type> ") for line in rows], bundle, "0", "of other rows")
    del whole
    process = start("import", study, "--store", store)
    _, said = process.communicate()

    warned = derive_all([store], Job())[0]

    assert process.returncode == 2
    assert ["bundle:unfinished"] == [finding.shape for finding in warned]
    assert b"a part of another import of the bundle `study`" in said
    assert finish("import", study, "--store", store, "--replace") in (0, 1)
    assert not any("urn:x:s" in line or "/unfinished" in line for line in Store(store, read_only=True).lines())


@pytest.mark.parametrize("after", [1.5, 2.5])
def test_ctrl_c_leaves_nothing(study: Path, tmp_path: Path, after: float) -> None:
    """Ctrl-C ends a run with 130, in one line, and nothing is left beside the results, nor any process."""
    process = start("run", study, "-o", tmp_path / "out", "--jobs", 2)
    time.sleep(after)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    left = list((tmp_path / "out").iterdir()) if (tmp_path / "out").is_dir() else []

    assert gone(process.pid)
    assert process.returncode in (130, 0, 1)
    assert b"Traceback" not in said
    if process.returncode == 130:
        assert b"kgtools: stopped" == said.strip()
        assert [] == left


def test_several_bundles_are_completed_together(study: Path, tmp_path: Path) -> None:
    """Of an import of several bundles, those that are whole stay, and the one that is not is completed."""
    small = tmp_path / "small"
    small.mkdir()
    (small / "codings.csv").write_text("incident,code\nI1,Delight\n", "utf-8")
    finish("import", small, study, "--store", tmp_path / "whole")
    finish("import", small, "--store", tmp_path / "store")
    Store(tmp_path / "store").put([], "urn:evco:data:study", "nothing yet", "")

    assert finish("import", small, study, "--store", tmp_path / "store") in (0, 1)
    whole, store = (Store(tmp_path / name, read_only=True).lines() for name in ("whole", "store"))
    assert whole == store


def test_long_work_shows_a_bar_on_a_terminal(study: Path, tmp_path: Path) -> None:
    """On a terminal, work of more than a second shows how far it is, on stderr; what is not asked stays off stdout."""
    import pty

    leader, follower = pty.openpty()
    words = [*KGTOOLS, "run", str(study), "-o", str(tmp_path / "out"), "--jobs", "1"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    shown = bytearray()
    with suppress(OSError):  # the other end is closed
        while part := os.read(leader, 65536):
            shown += part
    printed, _ = process.communicate()

    assert b"judging" in shown
    assert f"/{INCIDENTS}".encode() in shown
    assert b"judging" not in printed
