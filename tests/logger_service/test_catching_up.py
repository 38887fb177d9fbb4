"""What a running logger brings of an archive that others write to, look by look."""

import logging
import os
from pathlib import Path

import pytest

from engine.archives import (
    LocalStore,
    WatchedProvider,
    append,
    bring_back,
    contents,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from logger_service.catching import OWN, Catching, push
from shared.chunk import CHUNK_SIZE
from shared.errors import StorageUnavailable
from shared.names import CHUNKS, is_beside, manifest_name
from shared.receipt import Outcome, read_receipt
from shared.restore import Options

OLD = "11111111"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """An empty local provider."""
    return LocalStore(tmp_path / "backups")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The old instance's disk, on which a day and a state lie."""
    root = tmp_path / "old"
    write(root, "BTC-USD/day.old.csv", rows(900), hours_ago=2)
    write(root, "state.json", b'{"of": "old"}', hours_ago=2)
    return root


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The disk of the logger that catches up; it is empty."""
    root = tmp_path / "new"
    root.mkdir()
    return root


def beside_files(root: Path) -> list[str]:
    """What has been put next to other files."""
    return [path for path in contents(root) if is_beside(path)]


def test_the_old_instance_s_last_rows_come(old: Path, new: Path, store: LocalStore) -> None:
    """After its last push both disks hold the same, byte for byte; own files are untouched."""
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    catching = Catching(new, store.another(), {"BTC-USD/day.new.csv"})
    own = write(new, "BTC-USD/day.new.csv", rows(300), hours_ago=0)
    before = own.stat().st_ino, own.stat().st_mtime_ns
    catching.look()
    append(old, "BTC-USD/day.old.csv", b"last row\n")
    write(old, "BTC-USD/next.old.csv", b"first row\n")
    push(old, store.provider, OLD)
    catching.look()
    assert contents(new) == contents(old) | {"BTC-USD/day.new.csv": rows(300)}
    assert (own.stat().st_ino, own.stat().st_mtime_ns) == before
    assert catching.history.wanted == set()


def test_it_says_what_has_come(
    old: Path, new: Path, store: LocalStore, caplog: pytest.LogCaptureFixture
) -> None:
    """One line for a backup; nothing where there is nothing to bring."""
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    catching = Catching(new, store.another())
    with caplog.at_level(logging.INFO):
        catching.look()
        assert caplog.messages == []
        append(old, "BTC-USD/day.old.csv", b"12345\n")
        push(old, store.provider, OLD)
        catching.look()
        catching.look()
    address = store.provider.address
    assert caplog.messages == [f"caught up with backup 2 of {address}: 1 files, 6 bytes"]


@pytest.mark.parametrize("is_json", [True, False])
def test_a_file_that_both_instances_rewrite_is_put_beside_once(
    old: Path, new: Path, store: LocalStore, is_json: bool
) -> None:
    """And never because of a backup that was made from here."""
    name = "state.json" if is_json else "state.csv"
    write(old, name, b'{"of": "old"}', hours_ago=2)
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    catching = Catching(new, store.another())
    write(new, name, b'{"of": "new", "n": 1}', hours_ago=0.5)
    write(old, name, b'{"of": "old", "n": 2}', hours_ago=1)
    push(old, store.provider, OLD)
    for _ in range(3):
        catching.look()
    (beside,) = beside_files(new)
    assert (new / beside).read_bytes() == b'{"of": "old", "n": 2}'
    for number in range(3, 6):
        write(new, name, b'{"of": "new", "n": %d}' % number, hours_ago=0)
        push(new, store.provider, OWN)
        write(new, name, b'{"of": "new", "n": "later"}', hours_ago=0)
        catching.look()
    assert beside_files(new) == [beside]
    assert (new / name).read_bytes() == b'{"of": "new", "n": "later"}'


def test_of_a_file_that_another_logger_goes_on_writing_the_newest_copy_stays(
    old: Path, new: Path, store: LocalStore
) -> None:
    """However many backups are made of it, and no row of it is missing in the end."""
    write(old, "prices.csv", rows(900), hours_ago=2)
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    catching = Catching(new, store.another())
    append(new, "prices.csv", b"a row of the new one\n")
    for number in range(20):
        write(new, "state.json", b'{"of": "new", "n": %d}' % number, hours_ago=0)
        write(old, "state.json", b'{"of": "old", "n": %d}' % number, hours_ago=1)
        append(old, "prices.csv", b"row %d of the old one\n" % number)
        push(old, store.provider, OLD)
        catching.look()
    assert len(beside_files(new)) == 2
    for name in ("prices.csv", "state.json"):
        (copy,) = [path for path in beside_files(new) if path.startswith(name)]
        assert (new / copy).read_bytes() == (old / name).read_bytes()
    assert (new / "state.json").read_bytes() == b'{"of": "new", "n": 19}'


@pytest.mark.parametrize("how", ["rewritten", "edited here"])
def test_a_copy_that_holds_something_of_its_own_stays(
    old: Path, new: Path, store: LocalStore, how: str
) -> None:
    """Because the next one does not begin with it, or somebody has written to it."""
    write(old, "a.csv", b"1\n", hours_ago=2)
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    catching = Catching(new, store.another())
    append(new, "a.csv", b"of the new one\n")
    append(old, "a.csv", b"2\n", hours_ago=1)
    push(old, store.provider, OLD)
    catching.look()
    (first,) = beside_files(new)
    if how == "edited here":
        append(new, first, b"a note\n")
    else:
        write(old, "a.csv", b"another\n", hours_ago=0.5)
    append(old, "a.csv", b"3\n", hours_ago=0.5)
    kept = (new / first).read_bytes()
    push(old, store.provider, OLD)
    catching.look()
    assert len(beside_files(new)) == 2
    assert (new / first).read_bytes() == kept


def test_only_what_is_wanted_is_read_of_the_disk(
    old: Path, new: Path, store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gigabyte that has not changed must not be hashed once a minute."""
    write(old, "large.csv", noise(2 * CHUNK_SIZE))
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    catching = Catching(new, store.another())
    append(old, "BTC-USD/day.old.csv", b"more\n")
    push(old, store.provider, OLD)
    read: list[str] = []
    real = os.open

    def watched(place: object, *arguments: int, **options: int) -> int:
        read.append(str(place))
        return real(str(place), *arguments, **options)

    monkeypatch.setattr(os, "open", watched)
    catching.look()
    assert (new / "BTC-USD/day.old.csv").read_bytes().endswith(b"more\n")
    assert str(new / "BTC-USD/day.old.csv") in read
    assert not [place for place in read if place.endswith("large.csv")]


def test_what_a_bounded_start_left_comes(old: Path, new: Path, store: LocalStore) -> None:
    """Missing files, and the end of a long one of which the start has brought the beginning."""
    write(old, "long.csv", noise(5 * CHUNK_SIZE + 7), hours_ago=0.1)
    push(old, store.provider, OLD)
    hurried = WatchedProvider(store.provider)
    read: list[str] = []

    class Enough(Exception):
        """The start's time is over."""

    def count(name: str) -> None:
        read.extend([name] * name.startswith(CHUNKS))
        if len(read) > 2:
            stop.set()

    catching = Catching(new, store.another())
    stop = catching.stop
    hurried.before_get = count
    receipt = bring_back(new, hurried, options=Options(threads=1, stop=stop))
    stop.clear()
    assert receipt.outcome == Outcome.PARTIAL
    assert 0 < (new / "long.csv").stat().st_size < 5 * CHUNK_SIZE
    inode = (new / "long.csv").stat().st_ino
    catching = Catching(new, store.another())
    assert catching.history.wanted == set(contents(old))
    catching.look()
    assert contents(new) == contents(old)
    assert (new / "long.csv").stat().st_ino == inode
    after = read_receipt(new)
    assert after is not None
    assert (after.outcome, after.later) == (Outcome.PARTIAL, receipt.later)


def test_without_a_receipt_everything_is_looked_at_once(
    old: Path, new: Path, store: LocalStore
) -> None:
    """As where storage did not answer at the start: missing files come, and the others stay."""
    push(old, store.provider, OLD)
    write(new, "state.json", b'{"of": "new"}', hours_ago=0)
    reader = store.another()
    catching = Catching(new, reader)
    catching.look()
    (beside,) = beside_files(new)
    expected = contents(old) | {"state.json": b'{"of": "new"}', beside: b'{"of": "old"}'}
    assert contents(new) == expected
    asked = reader.operations.total()
    catching.look()
    assert reader.operations.total() == asked + 1


def test_what_cannot_be_had_stays_wanted_and_comes_when_it_can(
    old: Path, new: Path, store: LocalStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is named once, and all others come at once."""
    push(old, store.provider, OLD)
    name = first_chunk(newest(store.provider), "BTC-USD/day.old.csv")
    frame = store.objects()[name]
    store.remove(name)
    catching = Catching(new, store.another())
    for _ in range(2):
        catching.look()
    assert catching.history.wanted == {"BTC-USD/day.old.csv"}
    assert (new / "state.json").exists()
    warnings = [text for text in caplog.messages if "BTC-USD/day.old.csv" in text]
    assert len(warnings) == 1
    assert "0 of 900 bytes can be had" in warnings[0]
    store.plant(name, frame)
    append(old, "BTC-USD/day.old.csv", b"news\n")
    push(old, store.provider, OLD)
    catching.look()
    assert contents(new) == contents(old)


def test_a_lost_chunk_is_not_looked_for_at_every_look(
    old: Path, new: Path, store: LocalStore
) -> None:
    """Each try may read every backup; the pauses grow until there is news."""
    push(old, store.provider, OLD)
    store.remove(first_chunk(newest(store.provider), "BTC-USD/day.old.csv"))
    reader = store.another()
    catching = Catching(new, reader)
    catching.look()
    catching.bringing._rests_until += 3600  # noqa: SLF001  an hour's pause
    before = reader.operations.copy()
    for _ in range(5):
        catching.look()
    assert reader.operations - before == {"stat": 5}
    append(old, "state.json", b"\n")
    push(old, store.provider, OLD)
    catching.look()
    assert (new / "state.json").read_bytes() == (old / "state.json").read_bytes()


def test_storage_that_fails_between_look_and_restore_costs_nothing(
    old: Path, new: Path, store: LocalStore
) -> None:
    """Nothing counts as brought that was not; the next look brings it."""
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    append(old, "BTC-USD/day.old.csv", b"more\n")
    push(old, store.provider, OLD)
    provider = WatchedProvider(store.another())
    catching = Catching(new, provider)

    def fail(_name: str) -> None:
        raise StorageUnavailable("no answer")

    provider.before_list = fail
    with pytest.raises(StorageUnavailable):
        catching.bringing.go_on()
    assert catching.history.wanted == {"BTC-USD/day.old.csv"}
    provider.before_list = lambda _name: None
    catching.look()
    assert contents(new) == contents(old)


def test_a_backup_that_is_damaged_after_the_look_settles_nothing(
    old: Path, new: Path, store: LocalStore
) -> None:
    """The restore would take an older one, in which what is wanted does not stand."""
    push(old, store.provider, OLD)
    bring_back(new, store.provider)
    append(old, "BTC-USD/day.old.csv", b"more\n")
    number = push(old, store.provider, OLD)
    manifest = store.objects()[manifest_name(number)]
    catching = Catching(new, store.another())
    catching.history.look()
    store.plant(manifest_name(number), b"{")
    with pytest.raises(Exception, match="backup 2 cannot be read any more"):
        catching.bringing.go_on()
    store.plant(manifest_name(number), manifest)
    catching.bringing._rests_until = 0  # noqa: SLF001  the pause is over
    catching.look()
    assert contents(new) == contents(old)


def test_own_paths_are_never_touched(old: Path, new: Path, store: LocalStore) -> None:
    """Whatever a manifest says that was planted (rules 5 and 10)."""
    write(old, "BTC-USD/day.new.csv", noise(500), hours_ago=0)
    push(old, store.provider, OLD)
    write(new, "BTC-USD/day.new.csv", rows(100))
    Catching(new, store.another(), {"BTC-USD/day.new.csv"}).look()
    assert (new / "BTC-USD/day.new.csv").read_bytes() == rows(100)
    assert beside_files(new) == []
    assert (new / "state.json").exists()
