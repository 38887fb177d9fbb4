from pathlib import Path

import pytest

from engine.archives import (
    LocalStore,
    Store,
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
from shared.chunk import CHUNK_SIZE
from shared.names import beside
from shared.receipt import Outcome, read_receipt
from shared.restore import Options

LIVE = Options(live=True)
LONG = noise(2 * CHUNK_SIZE + 777)
TREE = {
    "BTC-USD/2026-11-20.csv": LONG,
    "BTC-USD/deep/er/x.csv": rows(1000),
    "empty.csv": b"",
    "exact.csv": LONG[:CHUNK_SIZE],
    "state.json": b'{"a": 1}',
    "ünïcode file.csv": b"x",
}


@pytest.fixture
def back(tmp_path: Path) -> Path:
    """Where files are restored to; it does not exist yet."""
    return tmp_path / "back"


def test_a_restore_is_byte_for_byte(data: Path, store: Store, back: Path) -> None:
    """Empty files, long ones, folders and modification times come back as they were."""
    for hours_ago, (path, raw) in enumerate(TREE.items()):
        write(data, path, raw, hours_ago + 1)
    back_up(data, store.provider)
    receipt = bring_back(back, store.provider)
    assert contents(back) == TREE
    for path in TREE:
        assert (back / path).stat().st_mtime_ns == (data / path).stat().st_mtime_ns
    assert (receipt.outcome, receipt.restored_files) == (Outcome.RESTORED, len(TREE))
    assert receipt.restored_bytes == sum(map(len, TREE.values()))
    assert receipt.backups == {store.provider.address: 1}
    assert read_receipt(back) == receipt


def test_a_second_restore_has_nothing_to_do(data: Path, local: LocalStore, back: Path) -> None:
    """What is here is kept, and no chunk is read again."""
    write(data, "a.csv", LONG)
    write(data, "empty.csv", b"")
    back_up(data, local.provider)
    bring_back(back, local.provider)
    provider = WatchedProvider(local.provider)
    receipt = bring_back(back, provider)
    assert (receipt.outcome, receipt.kept_files, receipt.restored_files) == ("restored", 2, 0)
    assert provider.operations["get"] == 1


def test_missing_files_are_written_and_shorter_ones_completed(
    data: Path, local: LocalStore, back: Path
) -> None:
    """Of a file that is partly here, only the chunks that are missing are read."""
    write(data, "shorter.csv", LONG)
    write(data, "missing.csv", rows(100))
    back_up(data, local.provider)
    write(back, "shorter.csv", LONG[: 2 * CHUNK_SIZE])
    provider = WatchedProvider(local.provider)
    receipt = bring_back(back, provider)
    assert contents(back) == contents(data)
    assert receipt.steps == {"shorter.csv": "complete", "missing.csv": "write"}
    assert provider.operations["get"] == 3


@pytest.mark.parametrize("length", [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1])
def test_a_beginning_of_any_length_is_completed(
    data: Path, local: LocalStore, back: Path, length: int
) -> None:
    """Also one that ends within a chunk, however new it is."""
    write(data, "a.csv", LONG, hours_ago=5)
    back_up(data, local.provider)
    write(back, "a.csv", LONG[:length], hours_ago=0)
    bring_back(back, local.provider)
    assert contents(back) == {"a.csv": LONG}


def test_a_longer_local_file_is_left_alone(data: Path, local: LocalStore, back: Path) -> None:
    """Rows that came after the backup stay, and so does the file's time."""
    write(data, "a.csv", rows(5000)[:4000])
    back_up(data, local.provider)
    place = write(back, "a.csv", rows(5000), hours_ago=9)
    before = place.stat().st_ino, place.stat().st_mtime_ns
    receipt = bring_back(back, local.provider)
    assert contents(back) == {"a.csv": rows(5000)}
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == before
    assert receipt.kept_files == 1


def test_a_newer_local_file_stays_in_place(data: Path, local: LocalStore, back: Path) -> None:
    """Neither extends the other: the backup's is put beside it, once (rule 6)."""
    write(data, "a.csv", rows(500), hours_ago=2)
    back_up(data, local.provider)
    write(back, "a.csv", noise(900), hours_ago=1)
    other = beside("a.csv", "restored", newest(local.provider).files[0].identity)
    expected = {"a.csv": noise(900), other: rows(500)}
    assert bring_back(back, local.provider).steps == {other: "beside"}
    assert contents(back) == expected
    again = bring_back(back, local.provider)
    assert (contents(back), again.steps, again.kept_files) == (expected, {}, 1)


def test_a_newer_version_of_the_backup_takes_the_place(
    data: Path, local: LocalStore, back: Path
) -> None:
    """Neither extends the other: the older local one is put beside it, once (rule 6)."""
    write(data, "a.csv", rows(500), hours_ago=1)
    write(back, "a.csv", noise(900), hours_ago=2)
    back_up(back, local.provider)
    other = beside("a.csv", "replaced", newest(local.provider).files[0].identity)
    back_up(data, local.provider)
    assert bring_back(back, local.provider).steps == {"a.csv": "replace"}
    assert contents(back) == {"a.csv": rows(500), other: noise(900)}
    write(back, "a.csv", noise(900), hours_ago=2)
    bring_back(back, local.provider)
    assert contents(back) == {"a.csv": rows(500), other: noise(900)}


def test_files_put_beside_are_not_backed_up(data: Path, local: LocalStore, back: Path) -> None:
    """Their suffix is outside the patterns: the next snapshot shows the file alone."""
    write(data, "a.csv", rows(500), hours_ago=3)
    write(data, "b.csv", noise(70), hours_ago=1)
    back_up(data, local.provider)
    write(back, "a.csv", noise(900), hours_ago=2)
    write(back, "b.csv", rows(900), hours_ago=2)
    bring_back(back, local.provider)
    assert len(contents(back)) == 4
    back_up(back, local.provider)
    assert [file.path for file in newest(local.provider).files] == ["a.csv", "b.csv"]


def test_a_name_too_long_to_have_a_neighbour_costs_only_itself(
    data: Path, local: LocalStore, back: Path
) -> None:
    """The longest name that a file may have leaves no room for a suffix: the rest comes back."""
    name = "x" * 251 + ".csv"
    write(data, name, rows(500), hours_ago=2)
    write(data, "a.csv", rows(10))
    back_up(data, local.provider)
    write(back, name, noise(900), hours_ago=1)
    receipt = bring_back(back, local.provider)
    assert contents(back) == {name: noise(900), "a.csv": rows(10)}
    assert (receipt.outcome, list(receipt.problems)) == (Outcome.IN_PART, [name])


def test_on_a_live_logger_nothing_in_place_is_replaced(
    data: Path, local: LocalStore, back: Path
) -> None:
    """However new the backup's version is, it is put beside (rule 6)."""
    write(data, "a.csv", rows(500), hours_ago=1)
    write(data, "missing.csv", rows(10))
    back_up(data, local.provider)
    place = write(back, "a.csv", noise(900), hours_ago=2)
    inode = place.stat().st_ino
    receipt = bring_back(back, local.provider, options=LIVE)
    other = beside("a.csv", "restored", newest(local.provider).files[0].identity)
    assert contents(back) == {"a.csv": noise(900), other: rows(500), "missing.csv": rows(10)}
    assert place.stat().st_ino == inode
    assert receipt.outcome == Outcome.RESTORED


def test_on_a_live_logger_only_restored_files_are_completed(
    data: Path, local: LocalStore, back: Path
) -> None:
    """One that the last restore left and nobody touched; not one that may be written to."""
    for path in ("left.csv", "touched.csv"):
        write(data, path, rows(500))
    back_up(data, local.provider)
    bring_back(back, local.provider)
    write(back, "own.csv", rows(500))
    append(back, "touched.csv", rows(9000)[500:600])
    for path in ("left.csv", "touched.csv", "own.csv"):
        write(data, path, rows(9000), hours_ago=0)
    back_up(data, local.provider)
    bring_back(back, local.provider, options=LIVE)
    identity = newest(local.provider).files[0].identity
    assert contents(back) == {
        "left.csv": rows(9000),
        "own.csv": rows(500),
        "touched.csv": rows(600),
        beside("own.csv", "restored", identity): rows(9000),
        beside("touched.csv", "restored", identity): rows(9000),
    }


def test_a_restore_of_some_files_does_not_forget_the_others(
    data: Path, local: LocalStore, back: Path
) -> None:
    """What an earlier restore left is still completed after one that was about other files."""
    write(data, "a.csv", rows(500))
    write(data, "b.csv", rows(300))
    back_up(data, local.provider)
    bring_back(back, local.provider)
    bring_back(back, local.provider, options=Options(patterns=("b.csv",)))
    append(data, "a.csv", rows(900)[500:])
    back_up(data, local.provider)
    bring_back(back, local.provider, options=LIVE)
    assert contents(back) == contents(data)


def test_two_providers_are_joined(data: Path, local: LocalStore, tmp_path: Path) -> None:
    """What either has comes back: files of both, and of each the longer version."""
    other, back = LocalStore(tmp_path / "other"), tmp_path / "back"
    write(data, "grows.csv", rows(1000), hours_ago=2)
    write(data, "first.csv", rows(10))
    back_up(data, local.provider)
    append(data, "grows.csv", rows(3000)[1000:])
    (data / "first.csv").unlink()
    write(data, "second.csv", rows(20))
    back_up(data, other.provider)
    expected = {"first.csv": rows(10), "grows.csv": rows(3000), "second.csv": rows(20)}
    for number, readers in enumerate([(local, other), (other, local)]):
        receipt = bring_back(back / str(number), *(store.provider for store in readers))
        assert contents(back / str(number)) == expected
        assert len(receipt.backups) == 2


def test_earlier_versions_come_when_asked_for(data: Path, local: LocalStore, back: Path) -> None:
    """Beside the current one, each under its digest, and each once."""
    for hours_ago, raw in ((3, noise(900)), (2, rows(500)), (1, b"now")):
        write(data, "a.csv", raw, hours_ago)
        back_up(data, local.provider)
    bring_back(back, local.provider)
    assert contents(back) == {"a.csv": b"now"}
    for _ in range(2):
        bring_back(back, local.provider, options=Options(earlier=True))
        earlier = newest(local.provider).files[0].earlier
        names = [beside("a.csv", "earlier", version.identity) for version in earlier]
        assert contents(back) == {"a.csv": b"now"} | dict(
            zip(names, [noise(900), rows(500)], strict=True)
        )
