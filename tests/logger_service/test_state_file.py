import errno
import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from judging.consensus import Consensus
from logger_service.quoted import NOON, quoted
from record.state import Last, Parked, State, parse
from record.state_file import StateFile
from shared.durable_file import SECONDS_UNDER_WAY

AGREED = Consensus(NOON, "50000", ("coinbase", "kraken"), 0.4)
PARKED = {"bitstamp": Parked(NOON + timedelta(minutes=1), "rate_limited", "answered 429")}


def state(price: str = "50000", sources: int = 1) -> State:
    """A state in which each source said this price."""
    last = {f"source-{number}": Last(price, NOON, "") for number in range(sources)}
    return State.of("ab12", Consensus(NOON, price, tuple(last), 0.0), last, {})


def test_the_file_says_how_things_stand(tmp_path: Path) -> None:
    """One JSON object with the names and units of the documentation."""
    known = State.of("ab12", AGREED, {"bitstamp": Last("49000", NOON, "stale")}, {})
    rows = [quoted("coinbase", "50001", flags="wide"), quoted("kraken", "49999")]
    file = StateFile(tmp_path)
    file.save(known.after(AGREED, rows, PARKED))
    assert file.place == tmp_path / ".backup" / "state.json"
    noon = "2026-11-22T12:00:00.000Z"
    assert json.loads(file.place.read_bytes()) == {
        "format": 1,
        "instance": "ab12",
        "at": noon,
        "consensus": {
            "price": "50000",
            "n": 2,
            "sources": ["coinbase", "kraken"],
            "dispersion_bps": 0.4,
        },
        "last": {
            "bitstamp": {"price": "49000", "ts_utc": noon, "flags": "stale"},
            "coinbase": {"price": "50001", "ts_utc": noon, "flags": "wide"},
            "kraken": {"price": "49999", "ts_utc": noon, "flags": ""},
        },
        "parked": {
            "bitstamp": {
                "until": "2026-11-22T12:01:00.000Z",
                "cause": "rate_limited",
                "reason": "answered 429",
            }
        },
    }


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    """Also where no row counted."""
    for consensus in (AGREED, Consensus(NOON, None, (), None)):
        saved = State.of("ab12", consensus, {}, PARKED)
        StateFile(tmp_path).save(saved)
        assert StateFile(tmp_path).read() == saved


def test_a_missing_file_is_no_trouble(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is a first start, or a disk that was wiped."""
    assert StateFile(tmp_path).read() is None
    assert not caplog.records


def changed(**fields: object) -> bytes:
    """A good state but for these fields."""
    return json.dumps({**json.loads(state().model_dump_json()), **fields}).encode()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "document: Invalid JSON"),
        (b'{"format":1,"inst', "document: Invalid JSON"),
        (b"\0" * 4096, "document: Invalid JSON"),
        (b"[" * 100_000, "document: Invalid JSON"),
        (b" " * 2_000_000, "document: Invalid JSON"),
        (b"[]", "document: Input should be an object"),
        (b"{}", "format: Field required"),
        (b'{"format":1}', "instance: Field required"),
        (changed(format=0), "format: Input should be greater than or equal to 1"),
        (changed(at="yesterday"), "at: Input should be a valid datetime"),
        (changed(at="2026-11-22T12:00:00"), "at: Input should have timezone info"),
        (changed(at="9999-12-31T23:59:59-05:00"), "at: Value error, its time in UTC is outside"),
        (changed(consensus=None), "consensus: Input should be an object"),
        (changed(last=[]), "last: Input should be an object"),
        (changed(last={"a": {"price": "1e5"}}), "last.a.price: String should match pattern"),
        (changed(parked={"a": {"until": 1}}), "parked.a.cause: Field required"),
        (b'{"format":2,"moon":"phase"}', "has format 2, and this logger reads 1"),
    ],
)
def test_what_cannot_be_used_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, found: str
) -> None:
    """The line names the file, what is wrong with it and how it begins."""
    file = StateFile(tmp_path)
    file.save(state())
    file.place.write_bytes(content)
    assert file.read() is None
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert str(file.place) in record.message
    assert found in record.message
    assert f"found {content[:20]!r}"[:-1] in record.message
    assert len(record.message) < 1000


def test_a_file_that_is_none_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder, or a pipe, which would wait for ever."""
    file = StateFile(tmp_path)
    file.place.parent.mkdir()
    os.mkfifo(file.place)
    assert file.read() is None
    assert "not a regular file" in caplog.text


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """However often it looks while the file is being replaced by longer and shorter ones."""
    file = StateFile(tmp_path)
    file.save(state())
    seen, done = set(), Event()

    def look() -> None:
        while not done.is_set():
            found = parse(file.place.read_bytes(), "state.json")
            assert {row.price for row in found.last.values()} == {found.consensus.price}
            seen.add(found.consensus.price)

    failures: list[BaseException] = []
    reader = Thread(target=caught(look, failures), daemon=True)
    reader.start()
    number = 0
    while len(seen) < 50 and reader.is_alive():
        number += 1
        file.save(state(str(number), sources=1 + number % 2 * 500))
    done.set()
    reader.join(30)
    assert failures == []


def caught(work: Callable[[], None], failures: list[BaseException]) -> Callable[[], None]:
    """The work of a thread whose failure fails the test."""

    def run() -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001  the test looks at it
            failures.append(failure)

    return run


def test_bytes_are_on_disk_before_the_name_and_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut there is the old file or the new one."""
    file = StateFile(tmp_path)
    file.save(state("1"))
    steps = []
    fsync, replace = os.fsync, Path.replace

    def watched_fsync(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append("folder" if place == file.place.parent else "bytes")
        fsync(descriptor)

    def watched_replace(place: Path, target: Path) -> Path:
        assert (place.parent, target) == (file.place.parent, file.place)
        steps.append("name")
        return replace(place, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    file.save(state("2"))
    assert steps == ["bytes", "name", "folder"]


def test_what_a_killed_process_left_is_no_trouble(tmp_path: Path) -> None:
    """It is never read, and deleted once nobody can be writing it any more."""
    file = StateFile(tmp_path)
    file.save(state())
    young, old = (file.place.with_name(f"state.json.{name}") for name in ("0a", "0b"))
    for place in (young, old):
        place.write_bytes(b'{"format":1,"inst')
    long_ago = time.time() - SECONDS_UNDER_WAY - 1
    os.utime(old, (long_ago, long_ago))
    os.utime(file.place, (long_ago, long_ago))
    file.sweep()
    file.save(state("2"))
    assert file.read() == state("2")
    assert set(file.place.parent.iterdir()) == {file.place, young}


def test_a_full_disk_is_told_when_it_begins_and_when_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No save raises, the old file stays, and nothing is left beside it."""
    file = StateFile(tmp_path)
    file.save(state("1"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        for _ in range(3):
            file.save(state("2"))
    assert file.read() == state("1")
    assert list(file.place.parent.iterdir()) == [file.place]
    for _ in range(2):
        file.save(state("3"))
    assert file.read() == state("3")
    assert [record.message for record in caplog.records] == [
        f"{file.place} cannot be written: [Errno 28] No space left on device",
        f"{file.place} can be written again",
    ]


def refuse(_: int) -> None:
    """As a disk does that has no room for what it took a moment ago."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_folder_that_cannot_be_made_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file has its name; as soon as it is gone, the state is there."""
    notes = tmp_path / ".backup"
    notes.write_text("a file")
    file = StateFile(tmp_path)
    for _ in range(3):
        file.save(state())
    assert len(caplog.records) == 1
    notes.unlink()
    file.save(state())
    assert file.read() == state()
