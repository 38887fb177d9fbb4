"""The integrity check tells what is wrong with a data directory, and never changes it."""

import os
from pathlib import Path
from time import time_ns

import pytest

from engine.archives import contents, touch, write
from shared import plain_file
from shared.finding import Verdict
from shared.integrity import MOST_FINDINGS, Expectations, Integrity, check
from shared.receipt import Outcome, Receipt
from shared.selection import Selection
from shared.time_limit import TimeLimit

ROWS = b"ts,price\n2026-11-22T00:00:00Z,1\n"
NO_TIME = TimeLimit(0)


@pytest.fixture(autouse=True)
def _half_rows_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is writing to these tables."""
    monkeypatch.setattr(plain_file, "ROW_PATIENCE_SECONDS", -1.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A healthy data directory."""
    write(tmp_path, "BTC-USD/day.csv", ROWS)
    write(tmp_path, "state.json", b'{"a": 1}')
    return tmp_path


def left(data: Path) -> Receipt:
    """The receipt of a restore that left the files as they are now."""
    states = {}
    for path in contents(data):
        status = (data / path).stat()
        states[path] = status.st_size, status.st_mtime_ns
    return Receipt(outcome=Outcome.RESTORED, directory=str(data), started_at="", states=states)


def look(data: Path, last: Receipt | None = None, **critical: int) -> Integrity:
    """By the usual settings; `critical` are names of files with their least bytes."""
    files = tuple((f"{name}.json", least) for name, least in critical.items())
    return check(data, Expectations(critical_files=files), last)


def told(integrity: Integrity) -> list[tuple[str, str]]:
    """Verdict and subject of each finding."""
    return [(str(finding.verdict), finding.what) for finding in integrity.findings]


def test_a_directory_that_is_as_it_was_left_is_healthy(data: Path) -> None:
    """Nothing is found, and what there is is counted."""
    found = look(data, left(data), state=8)
    assert (found.verdict, found.findings, found.more_findings) == (Verdict.HEALTHY, (), 0)
    assert (found.files, found.bytes, found.unread_files) == (2, len(ROWS) + 8, 0)


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_directory_is_missing(tmp_path: Path, name: str) -> None:
    """Nothing there, or a file in its place."""
    (tmp_path / "file").write_bytes(b"")
    assert told(look(tmp_path / name)) == [("missing", str(tmp_path / name))]


@pytest.mark.parametrize("files", [{}, {"a.csv": b""}, {"notes.txt": b"x"}])
def test_a_directory_without_data_is_empty(tmp_path: Path, files: dict[str, bytes]) -> None:
    """No file that is backed up, or none with a byte in it."""
    for path, raw in files.items():
        write(tmp_path, path, raw)
    assert told(look(tmp_path)) == [("empty", str(tmp_path))]


def test_data_that_does_not_grow_is_stale(data: Path) -> None:
    """The newest file counts: the others may be as old as they like."""
    touch(data / "state.json", hours_ago=900)
    assert look(data).verdict is Verdict.HEALTHY
    touch(data / "BTC-USD/day.csv", hours_ago=3)
    found = look(data)
    assert told(found) == [("stale", "BTC-USD/day.csv")]
    assert str(found.findings[0]).endswith(
        "(found the newest file, 3.0 hours old; expected at most 2 hours)"
    )


def test_a_critical_file_has_to_be_there_and_large_enough(data: Path) -> None:
    """Each pattern that no file fulfils is named, with what there is and what should be."""
    assert look(data, state=8).verdict is Verdict.HEALTHY
    found = look(data, state=9, index=0)
    assert [str(finding) for finding in found.findings] == [
        "state.json is incomplete (found at most 8 bytes; expected a file of at least 9 bytes)",
        "index.json is incomplete (found no such file; expected a file)",
    ]


def test_a_file_that_is_gone_since_the_restore_is_damage(data: Path) -> None:
    """It is named with what the restore had left."""
    last = left(data)
    (data / "state.json").unlink()
    found = look(data, last)
    assert told(found) == [("damaged", "state.json")]
    assert found.findings[0].found == "nothing"
    assert found.findings[0].expected.startswith("8 bytes of ")


@pytest.mark.parametrize(
    ("path", "raw", "is_same_time", "is_damaged"),
    [
        ("BTC-USD/day.csv", ROWS + b"more\n", False, False),
        ("BTC-USD/day.csv", ROWS + b"more\n", True, True),
        ("BTC-USD/day.csv", ROWS[:9], False, True),
        ("BTC-USD/day.csv", ROWS, False, True),
        ("state.json", b"{}", False, False),
        ("state.json", b"{}", True, True),
        ("state.json", b'{"a": 2}', False, False),
        ("state.json", b"", False, True),
    ],
)
def test_a_file_may_only_change_as_a_logger_changes_it(
    data: Path, path: str, raw: bytes, is_same_time: bool, is_damaged: bool
) -> None:
    """Tables grow, JSON is rewritten, and both take a new time when they do."""
    last = left(data)
    before = (data / path).stat().st_mtime_ns
    (data / path).write_bytes(raw)
    at = before if is_same_time else before + 1_000_000_000
    os.utime(data / path, ns=(at, at))
    assert told(look(data, last)) == [("damaged", path)] * is_damaged


@pytest.mark.parametrize(
    ("path", "raw", "found"),
    [
        ("a.csv", ROWS + b"2026-11-22T00:0", "a last row without its end"),
        ("a.csv", ROWS + b"\0\0\0\n", f"a zero byte at {len(ROWS)}"),
        ("a.json", b'{"a"\0\0', "a zero byte at 4"),
        ("a.csv", b"1\n" * 3_000_000 + b"\0\n", "a zero byte at 6,000,000"),
    ],
)
def test_the_marks_of_a_crash_are_told_and_left(
    data: Path, path: str, raw: bytes, found: str
) -> None:
    """A torn row and zeros, wherever they are; nothing is cut."""
    place = write(data, path, raw)
    assert [finding.found for finding in look(data).findings] == [found]
    assert place.read_bytes() == raw


def test_only_what_is_backed_up_counts(data: Path) -> None:
    """Neither for good nor for bad."""
    write(data, "cache.csv", b"\0")
    write(data, "day.csv.restored-0123456789ab", b"\0")
    write(data, ".backup/restore.json", b"\0")
    last = left(data)
    (data / "cache.csv").unlink()
    expected = Expectations(Selection(exclude=("cache.csv",)), 2, (("cache.csv", 0),))
    assert told(check(data, expected, last)) == [("incomplete", "cache.csv")]


def test_the_worst_finding_is_the_verdict(data: Path) -> None:
    """And comes first, whatever else holds."""
    last = left(data)
    (data / "state.json").unlink()
    touch(data / "BTC-USD/day.csv", hours_ago=50)
    found = look(data, last, state=1)
    kinds = [finding.verdict for finding in found.findings]
    assert (found.verdict, kinds[-1]) == (Verdict.DAMAGED, Verdict.STALE)
    assert kinds == sorted(kinds, key=lambda kind: -kind.badness)


def test_links_and_pipes_are_never_read(data: Path, tmp_path: Path) -> None:
    """A pipe without a writer would be waited for without end."""
    os.mkfifo(data / "pipe.csv")
    write(tmp_path, "elsewhere.txt", b"\0")
    (data / "link.csv").symlink_to(tmp_path / "elsewhere.txt")
    assert look(data).verdict is Verdict.HEALTHY


def test_reading_ends_with_its_time(data: Path) -> None:
    """The files that it did not get to are counted; what needs no reading is told all the same."""
    write(data, "zeros.csv", b"\0")
    last = left(data)
    (data / "state.json").unlink()
    found = check(data, Expectations(), last, NO_TIME)
    assert told(found) == [("damaged", "state.json")]
    assert found.unread_files == 2


class OnePiece(TimeLimit):
    """Time for so many looks at the clock."""

    def __init__(self, looks: int) -> None:
        super().__init__(3600)
        self._looks = looks

    def is_over(self, share: float = 1) -> bool:
        """Whether they are used up."""
        self._looks -= 1
        return super().is_over(share) or self._looks < 0


def test_the_newest_files_are_read_first(data: Path) -> None:
    """A crash leaves its marks where was written last."""
    write(data, "old.json", b"\0", hours_ago=9)
    write(data, "new.json", b"\0", hours_ago=0)
    found = check(data, Expectations(), None, OnePiece(2))
    assert told(found) == [("damaged", "new.json")]
    assert found.unread_files == 3


def test_a_file_that_cannot_be_read_is_told_once(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason that the system gives; the others are read."""

    def refuse(place: Path) -> object:
        raise PermissionError(13, "Permission denied", str(place))

    monkeypatch.setattr("shared.crash_marks.open_plain", refuse)
    found = [(finding.what, finding.found) for finding in look(data).findings]
    reason = "what cannot be read: Permission denied"
    assert sorted(found) == [("BTC-USD/day.csv", reason), ("state.json", reason)]


def test_of_very_many_findings_some_are_named_and_all_are_counted(data: Path) -> None:
    """A log has to stay readable."""
    at = time_ns()
    states = {f"gone-{number}.csv": (1, at) for number in range(MOST_FINDINGS + 7)}
    last = Receipt(outcome=Outcome.RESTORED, directory="", started_at="", states=states)
    found = look(data, last)
    assert (len(found.findings), found.more_findings) == (MOST_FINDINGS, 7)


def test_a_file_of_any_time_can_be_told_of(data: Path) -> None:
    """Also of one that no calendar knows."""
    states = {"gone.csv": (1, 2**63 - 1), "also.csv": (1, -(2**63))}
    last = Receipt(outcome=Outcome.RESTORED, directory="", started_at="", states=states)
    assert len(look(data, last).findings) == 2
