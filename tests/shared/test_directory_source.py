import os
import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from shared import plain_file, still_copy
from shared.chunk import CHUNK_SIZE, decompress, open_frame
from shared.directory_source import READERS, DirectorySource, Identity
from shared.document import encode
from shared.errors import SourceChanged, SourceRefused
from shared.format import parse_snapshot
from shared.selection import Selection

IDENTITY = Identity("btc-logger", "ab12", "gs://b/btc-logger")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data directory with a table and a state file."""
    directory = tmp_path / "data"
    (directory / "BTC-USD").mkdir(parents=True)
    (directory / "BTC-USD" / "a.csv").write_bytes(b"ts,price\n1,73000\n")
    (directory / "state.json").write_bytes(b'{"price": 73000}')
    return directory


@pytest.fixture
def source(root: Path) -> DirectorySource:
    """It, as a source."""
    return DirectorySource(root, Selection(), IDENTITY)


def fetch(source: DirectorySource, path: str) -> bytes:
    """A small file as a backup would fetch it: by the newest snapshot's words, and checked."""
    (file,) = [file for file in source.snapshot().files if file.path == path]
    return open_frame(source.read(path, 0, file.size), file.chunks[0], path, file.size)


def paths(source: DirectorySource) -> list[str]:
    """Those of a snapshot."""
    return [file.path for file in source.snapshot().files]


def copies(root: Path) -> list[Path]:
    """The copies that are kept."""
    return list((root / ".backup" / "copies").iterdir())


def test_a_snapshot_says_whose_data_it_is_and_what_there_is(
    source: DirectorySource, root: Path
) -> None:
    """Sizes, times and digests, as the file system and SHA-256 have them."""
    os.utime(root / "state.json", ns=(1, 123456789))
    snapshot = source.snapshot()
    assert (snapshot.service, snapshot.instance) == ("btc-logger", "ab12")
    assert snapshot.archive == "gs://b/btc-logger"
    assert snapshot.warnings == ()
    table, state = snapshot.files
    assert (table.path, state.path) == ("BTC-USD/a.csv", "state.json")
    assert (state.size, state.mtime_ns) == (16, 123456789)
    assert state.chunks == (sha256(b'{"price": 73000}').hexdigest(),)
    assert table.chunks == (sha256(b"ts,price\n1,73000\n").hexdigest(),)


def test_what_was_there_when_it_was_taken_is_in_a_snapshot(root: Path) -> None:
    """So its time is that of the moment before the first look, not of the end of a long one."""
    looked_at = []

    def appended() -> Collection[str]:
        looked_at.append(datetime.now(UTC))
        return ()

    source = DirectorySource(root, Selection(), IDENTITY, appended)
    taken = [source.snapshot(), source.changed_since(0)[0]]
    for snapshot, looked in zip(taken, looked_at, strict=True):
        assert datetime.fromisoformat(snapshot.taken_at) <= looked


def test_a_snapshot_can_be_sent_and_read(source: DirectorySource, root: Path) -> None:
    """Whatever names and warnings there are."""
    (root / os.fsdecode(b"\xff.csv")).write_bytes(b"x")
    (root / "link.csv").symlink_to("nowhere")
    (root / os.fsdecode(b"\xfe.csv")).symlink_to("nowhere")
    snapshot = source.snapshot()
    assert len(snapshot.warnings) == 3
    assert parse_snapshot(encode(snapshot), "the snapshot") == snapshot


def test_the_selection_decides_what_is_shown(root: Path) -> None:
    """Recursively, less what is excluded; never our own notes."""
    (root / ".backup").mkdir()
    (root / ".backup" / "receipt.json").write_bytes(b"{}")
    (root / "notes.txt").write_bytes(b"x")
    source = DirectorySource(root, Selection(("*",), ("*.json",)), IDENTITY)
    assert paths(source) == ["BTC-USD/a.csv", "notes.txt"]


def test_every_chunk_can_be_read(source: DirectorySource, root: Path) -> None:
    """The frames, in order, hold the file."""
    content = bytes(range(256)) * (CHUNK_SIZE // 256) + b"the rest"
    (root / "large.csv").write_bytes(content)
    (file,) = [file for file in source.snapshot().files if file.path == "large.csv"]
    raws = [
        open_frame(source.read(file.path, offset, length), digest, file.path, length)
        for offset, length, digest in file.spans()
    ]
    assert len(raws) == 2
    assert b"".join(raws) == content


def test_a_part_of_a_chunk_can_be_read(source: DirectorySource) -> None:
    """Where a file has grown, only its new bytes are fetched."""
    source.snapshot()
    frame = source.read("BTC-USD/a.csv", 9, 8)
    assert open_frame(frame, sha256(b"1,73000\n").hexdigest(), "") == b"1,73000\n"


@pytest.mark.parametrize("path", ["missing.csv", "../data/state.json", "notes.txt", ""])
def test_what_is_not_in_the_snapshot_is_not_read(
    source: DirectorySource, root: Path, path: str
) -> None:
    """Whatever lies there."""
    (root / "notes.txt").write_bytes(b"not selected")
    source.snapshot()
    with pytest.raises(SourceChanged, match="not in this logger's newest snapshot") as caught:
        source.read(path, 0, 1)
    assert caught.value.name == path


def test_before_the_first_snapshot_nothing_is_read(source: DirectorySource) -> None:
    """A logger that has just started asks for a new one."""
    with pytest.raises(SourceChanged):
        source.read("state.json", 0, 1)


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, 17), (16, 1), (17, 1), (1, 16)],
)
def test_bytes_past_the_end_are_told_as_a_change(
    source: DirectorySource, root: Path, offset: int, length: int
) -> None:
    """Another reader's snapshot was longer; the message says how long the file is now."""
    source.snapshot()
    (root / "state.json").write_bytes(b" " * (CHUNK_SIZE + 2))
    with pytest.raises(SourceChanged, match="has 16 bytes in the newest") as caught:
        source.read("state.json", offset, length)
    assert caught.value.name == "state.json"


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (0, 0), (0, -1)])
def test_a_range_that_no_file_has_is_refused(
    source: DirectorySource, offset: int, length: int
) -> None:
    """It is the reader's mistake."""
    source.snapshot()
    with pytest.raises(SourceRefused, match=f"{length} bytes at {offset} of state.json"):
        source.read("state.json", offset, length)


def test_more_than_a_chunk_is_never_given_at_once(source: DirectorySource, root: Path) -> None:
    """Memory stays bounded."""
    with (root / "large.csv").open("wb") as file:
        file.truncate(2 * CHUNK_SIZE)
    source.snapshot()
    with pytest.raises(SourceRefused, match=f"from 1 to {CHUNK_SIZE} bytes"):
        source.read("large.csv", 0, CHUNK_SIZE + 1)


def test_a_json_is_served_as_it_was_in_the_snapshot(source: DirectorySource, root: Path) -> None:
    """Even if it has been replaced, or has gone, since."""
    (file,) = [file for file in source.snapshot().files if file.path == "state.json"]
    (root / "state.json").write_bytes(b'{"price": 99999}')
    frame = source.read("state.json", 0, file.size)
    assert open_frame(frame, file.chunks[0], "state.json") == b'{"price": 73000}'
    (root / "state.json").unlink()
    assert source.read("state.json", 0, file.size) == frame


def test_the_next_snapshot_shows_the_new_state(source: DirectorySource, root: Path) -> None:
    """The copies of that one and of four before are kept, and no older ones."""
    fetch(source, "state.json")
    for price in range(10):
        (root / "state.json").write_bytes(b'{"price": %d}' % price)
        assert fetch(source, "state.json") == b'{"price": %d}' % price
        assert len(copies(root)) == min(price + 2, READERS + 1)
    (root / "state.json").unlink()
    for left in range(READERS, -1, -1):
        (root / f"{left}.csv").touch()
        assert "state.json" not in paths(source)
        assert len(copies(root)) == left


def test_what_four_snapshots_before_showed_can_be_had_by_its_digest(
    source: DirectorySource, root: Path
) -> None:
    """Other readers may have taken the newer ones; who names no digest is given the newest."""
    contents = [b'{"price": %d}' % price for price in range(READERS + 2)]
    chunks = [sha256(content).hexdigest() for content in contents]
    for content in contents:
        (root / "state.json").write_bytes(content)
        source.snapshot()
        source.snapshot()  # one that shows the same takes nobody's place
    given = [source.read("state.json", 0, 12, chunk) for chunk in [*chunks, ""]]
    newest, *_ = reversed(contents)
    expected = [newest, *contents[1:], newest]
    assert [decompress(frame, "frame") for frame in given] == expected


def test_a_file_that_has_gone_since_the_snapshot_before_can_still_be_had(
    source: DirectorySource, root: Path
) -> None:
    """Where there is a copy of it."""
    (file,) = [file for file in source.snapshot().files if file.path == "state.json"]
    (root / "state.json").unlink()
    assert paths(source) == ["BTC-USD/a.csv"]
    frame = source.read("state.json", 0, file.size, file.chunks[0])
    assert decompress(frame, "state.json") == b'{"price": 73000}'


def test_copies_of_a_process_that_was_killed_are_removed(root: Path) -> None:
    """At the start of the next one."""
    folder = root / ".backup" / "copies"
    folder.mkdir(parents=True)
    (folder / "0123456789abcdef").write_bytes(b"left behind")
    source = DirectorySource(root, Selection(), IDENTITY)
    assert not folder.exists() or copies(root) == []
    source.snapshot()
    assert len(copies(root)) == 1


def test_copies_that_somebody_removes_are_made_again(source: DirectorySource, root: Path) -> None:
    """A snapshot does not fail for it, and what it shows can be read."""
    source.snapshot()
    shutil.rmtree(root / ".backup")
    assert fetch(source, "state.json") == b'{"price": 73000}'


def test_a_file_that_has_gone_since_is_told_as_changed(source: DirectorySource, root: Path) -> None:
    """The one who reads takes a new snapshot."""
    source.snapshot()
    (root / "BTC-USD" / "a.csv").unlink()
    with pytest.raises(SourceChanged, match="can no longer be read"):
        source.read("BTC-USD/a.csv", 0, 1)


def test_a_file_that_was_cut_since_is_told_as_changed(source: DirectorySource, root: Path) -> None:
    """Fewer bytes than asked for are never given."""
    source.snapshot()
    (root / "BTC-USD" / "a.csv").write_bytes(b"ts")
    with pytest.raises(SourceChanged, match="shorter"):
        source.read("BTC-USD/a.csv", 0, 17)


@pytest.mark.parametrize("linked", ["BTC-USD", "BTC-USD/a.csv"])
def test_a_link_that_has_come_since_is_not_followed(
    source: DirectorySource, root: Path, tmp_path: Path, linked: str
) -> None:
    """Of the file or of its folder (rule 12)."""
    source.snapshot()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.csv").write_bytes(b"secret, and long enough")
    (root / linked).rename(tmp_path / "moved")
    target = tmp_path / "outside" if linked == "BTC-USD" else tmp_path / "outside" / "a.csv"
    (root / linked).symlink_to(target)
    with pytest.raises(SourceChanged, match="link"):
        source.read("BTC-USD/a.csv", 0, 17)


class Vanishing(Selection):
    """A selection whose first file goes right after the directory was listed."""

    def files(self, root: Path, warnings: list[str]) -> list[str]:
        """The files; the first is gone."""
        found = super().files(root, warnings)
        (root / found[0]).unlink()
        return found


def test_a_file_that_goes_meanwhile_is_left_out_with_a_warning(root: Path) -> None:
    """The others are shown."""
    snapshot = DirectorySource(root, Vanishing(), IDENTITY).snapshot()
    assert [file.path for file in snapshot.files] == ["state.json"]
    assert snapshot.warnings[0].startswith("left out: BTC-USD/a.csv: ")


def test_a_json_that_does_not_parse_is_left_out_or_warned_of(
    source: DirectorySource, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is new it is left out; once it is old it is taken. Other files are shown anyway."""
    (root / "state.json").write_bytes(b'{"price": 7')
    monkeypatch.setattr(still_copy, "PATIENCE_SECONDS", -1.0)
    snapshot = source.snapshot()
    assert [file.path for file in snapshot.files] == ["BTC-USD/a.csv"]
    assert "state.json" in snapshot.warnings[0]
    monkeypatch.setattr(plain_file, "SETTLED_NS", -(10**18))
    snapshot = source.snapshot()
    assert [file.path for file in snapshot.files] == ["BTC-USD/a.csv", "state.json"]
    assert snapshot.warnings[0].startswith("state.json: it was not valid JSON")
    assert fetch(source, "state.json") == b'{"price": 7'


def test_a_missing_data_directory_is_refused(source: DirectorySource, root: Path) -> None:
    """The snapshot before it stays the newest."""
    source.snapshot()
    root.rename(root.with_name("moved"))
    with pytest.raises(SourceRefused, match="cannot be read"):
        source.snapshot()


def test_own_files_may_grow_while_they_are_backed_up(root: Path) -> None:
    """What the snapshot announced is what is read, though more rows have come."""
    own: list[str] = []

    def own_paths() -> Collection[str]:
        return own

    source = DirectorySource(root, Selection(), IDENTITY, own_paths)
    own.append("BTC-USD/a.csv")
    (table, _) = source.snapshot().files
    with (root / "BTC-USD" / "a.csv").open("ab") as file:
        file.write(b"2,73001\n")
    frame = source.read(table.path, 0, table.size)
    assert open_frame(frame, table.chunks[0], table.path) == b"ts,price\n1,73000\n"
    assert fetch(source, table.path) == b"ts,price\n1,73000\n2,73001\n"


def test_nothing_goes_over_a_wire(source: DirectorySource) -> None:
    """As a report shows it."""
    fetch(source, "state.json")
    assert source.wire_bytes == {"listing": 0, "data": 0}
