"""What a restore does while a logger runs, and perhaps a foreign program in it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from engine.archives import (
    LocalStore,
    WatchedProvider,
    append,
    back_up,
    bring_back,
    contents,
    newest,
    noise,
    rows,
    write,
)
from processes import ROOT
from shared.chunk import CHUNK_SIZE
from shared.names import beside
from shared.receipt import CATCH_UP, Outcome, read_receipt
from shared.restore import Options

LIVE = Options(live=True, threads=1)
LONG = rows(3 * CHUNK_SIZE + 999)
BEGUN = CHUNK_SIZE + 333
KILLED = """
import os, signal, sys
from pathlib import Path
from engine.archives import LocalStore, bring_back
from shared.restore import Options

real, left = os.fsync, int(sys.argv[3])

def fsync(descriptor):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)

os.fsync = fsync
bring_back(Path(sys.argv[1]), LocalStore(Path(sys.argv[2])).provider, options=Options(live=True))
"""


@pytest.fixture
def back(tmp_path: Path) -> Path:
    """Where files are restored to."""
    return tmp_path / "back"


@pytest.fixture
def begun(data: Path, local: LocalStore, back: Path) -> Path:
    """A file of which a restore has brought the beginning, and the archive has more now."""
    write(data, "a.csv", LONG[:BEGUN], hours_ago=3)
    back_up(data, local.provider)
    bring_back(back, local.provider)
    write(data, "a.csv", LONG, hours_ago=2)
    back_up(data, local.provider)
    return back / "a.csv"


def test_a_file_grows_where_it_lies(data: Path, local: LocalStore, back: Path, begun: Path) -> None:
    """In the same inode, with the backup's time; only the chunks that are missing are read."""
    provider, inode = WatchedProvider(local.provider), begun.stat().st_ino
    receipt = bring_back(back, provider, options=LIVE)
    assert contents(back) == contents(data)
    assert begun.stat().st_ino == inode
    assert begun.stat().st_mtime_ns == (data / "a.csv").stat().st_mtime_ns
    assert (receipt.outcome, receipt.steps) == (Outcome.RESTORED, {"a.csv": "complete"})
    assert receipt.restored_bytes == len(LONG) - BEGUN
    # Two manifests, twice the chunk that proves that it continues, and the three from there on.
    assert provider.operations["get"] == 7


def test_it_grows_again_and_again(data: Path, local: LocalStore, back: Path, begun: Path) -> None:
    """What a live restore left counts as left by a restore, for the next one."""
    for hours_ago in (2, 1):
        bring_back(back, local.provider, options=LIVE)
        assert begun.read_bytes() == (data / "a.csv").read_bytes()
        append(data, "a.csv", b"more\n", hours_ago)
        back_up(data, local.provider)
    bring_back(back, local.provider, options=LIVE)
    assert contents(back) == contents(data)


def test_the_start_s_receipt_stays(local: LocalStore, back: Path, begun: Path) -> None:
    """How the start came out can still be read, with the states that the files have now."""
    before = read_receipt(back)
    receipt = bring_back(back, local.provider, options=LIVE)
    after = read_receipt(back)
    assert before is not None
    assert after is not None
    assert after == before.model_copy(update={"states": receipt.states})
    status = begun.stat()
    assert after.states == {"a.csv": (status.st_size, status.st_mtime_ns)}
    assert (back / ".backup" / CATCH_UP).exists()


def test_without_a_start_s_receipt_a_catch_up_s_own_is_enough(
    data: Path, local: LocalStore, back: Path
) -> None:
    """What it left grows where it lies, and nobody takes its receipt for a start's."""
    for hours_ago in (2, 1):
        write(data, "a.csv", b"a row\n" * (9 - hours_ago), hours_ago)
        back_up(data, local.provider)
        bring_back(back, local.provider, options=LIVE)
    assert contents(back) == contents(data)
    assert read_receipt(back) is None


def test_only_the_paths_that_are_asked_for_are_looked_at(
    data: Path, local: LocalStore, back: Path
) -> None:
    """Nothing else is read, neither here nor there, and a path that nobody has is no error."""
    for name in ("a.csv", "b.csv", "c.csv"):
        write(data, name, noise(100, name))
    back_up(data, local.provider)
    provider = WatchedProvider(local.provider)
    options = Options(live=True, paths=frozenset({"b.csv", "none.csv"}))
    receipt = bring_back(back, provider, options=options)
    assert contents(back) == {"b.csv": noise(100, "b.csv")}
    assert (receipt.only_some, receipt.problems, receipt.later) == (True, {}, ())
    assert provider.operations["get"] == 2


@pytest.mark.parametrize("is_long", [True, False])
def test_a_restore_that_is_told_to_stop_begins_no_further_chunk(
    data: Path, local: LocalStore, back: Path, is_long: bool
) -> None:
    """What has come is kept and told of; the next restore goes on from there."""
    for name in ("a.csv", "b.csv"):
        write(data, name, LONG if is_long else noise(500, name), hours_ago=2)
    back_up(data, local.provider)
    stop, provider, read = Event(), WatchedProvider(local.provider), list[str]()

    def count(name: str) -> None:
        read.extend([name] * name.startswith("chunks/"))
        if len(read) == 1:
            stop.set()

    provider.before_get = count
    options = Options(live=True, threads=1, stop=stop)
    receipt = bring_back(back, provider, options=options)
    assert len(read) == 1
    assert receipt.outcome == Outcome.PARTIAL
    assert len(receipt.later) == (2 if is_long else 1)
    assert bring_back(back, local.provider, options=LIVE).outcome == Outcome.RESTORED
    assert contents(back) == contents(data)


@pytest.mark.parametrize("write", [1, 2, 3, 4])
def test_what_a_kill_leaves_half_completed_the_next_start_completes(
    data: Path, local: LocalStore, back: Path, begun: Path, write: int
) -> None:
    """It is a longer beginning of the backup's version, at a row's end (rule 6)."""
    words = ["-c", KILLED, str(back), str(local.directory), str(write)]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT}/tests:{ROOT}/deploy/local", **os.environ}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    left = begun.read_bytes()
    assert LONG.startswith(left)
    assert len(left) > BEGUN
    assert left == LONG if write > 2 else left.endswith(b"\n")
    assert bring_back(back, local.provider).outcome == Outcome.RESTORED
    assert contents(back) == contents(data)


def test_a_foreign_program_that_writes_all_the_time_loses_nothing(
    data: Path, local: LocalStore, back: Path
) -> None:
    """It opened the files before they were completed; its rows are there, and the backup's too."""
    names = [f"{number}.csv" for number in range(20)]
    for name in names:
        write(data, name, rows(3000), hours_ago=3)
    back_up(data, local.provider)
    bring_back(back, local.provider)
    whole = rows(400_000)
    for name in names:
        write(data, name, whole, hours_ago=2)
    back_up(data, local.provider)
    stop, begun, written = Event(), Event(), dict.fromkeys(names, 0)

    def append_rows() -> None:
        files = {name: (back / name).open("ab", buffering=0) for name in names}
        while not stop.is_set():
            for name in names[::2]:  # of the others nobody is told
                files[name].write(b"foreign %d\n" % written[name])
                written[name] += 1
                begun.set()
        for file in files.values():
            file.close()

    foreign = Thread(target=append_rows)
    foreign.start()
    try:
        assert begun.wait(10)
        for _ in range(3):
            bring_back(back, local.provider, options=LIVE)
    finally:
        stop.set()
        foreign.join()
    for name in names:
        found = (back / name).read_bytes()
        assert [*map(int, re.findall(rb"foreign (\d+)\n", found))] == [*range(written[name])]
        aside = back / beside(name, "restored", newest(local.provider).files[0].identity)
        assert found == whole or aside.read_bytes() == whole


def test_a_file_that_is_written_to_while_its_end_is_fetched_is_put_beside_later(
    local: LocalStore, back: Path, begun: Path
) -> None:
    """It stops there; the next look finds that it no longer extends (rule 6)."""
    provider = WatchedProvider(local.provider)
    reads: list[str] = []

    def write_once(name: str) -> None:
        reads.extend([name] * name.startswith("chunks/"))
        if len(reads) == 3:
            append(back, "a.csv", b"foreign\n")

    provider.before_get = write_once
    receipt = bring_back(back, provider, options=LIVE)
    assert "has changed meanwhile, and stays" in receipt.problems["a.csv"]
    assert begun.read_bytes().endswith(b"foreign\n")
    assert bring_back(back, local.provider, options=LIVE).outcome == Outcome.RESTORED
    aside = beside("a.csv", "restored", newest(local.provider).files[0].identity)
    assert (back / aside).read_bytes() == LONG
    assert begun.read_bytes().endswith(b"foreign\n")
