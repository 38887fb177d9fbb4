"""What a restore brings first, since its time may end before all is here."""

from pathlib import Path
from threading import Event

import pytest

from engine.archives import (
    LocalStore,
    WatchedProvider,
    back_up,
    bring_back,
    contents,
    first_chunk,
    newest,
    rows,
    write,
)
from shared.receipt import Outcome
from shared.restore import Options

NEWEST_FIRST = ["new.csv", "index.json", "deep/old.csv", "oldest.csv"]


@pytest.fixture
def seeded(data: Path, local: LocalStore) -> LocalStore:
    """A backup of four files, each older than the one before."""
    for hours_ago, path in enumerate(NEWEST_FIRST, start=1):
        write(data, path, rows(100 * hours_ago), hours_ago)
    back_up(data, local.provider)
    return local


@pytest.mark.parametrize(
    ("critical", "expected"),
    [
        ((), NEWEST_FIRST),
        (("index.json",), ["index.json", "new.csv", "deep/old.csv", "oldest.csv"]),
        (("deep/*", "oldest.*"), ["deep/old.csv", "oldest.csv", "new.csv", "index.json"]),
        (("*.parquet",), NEWEST_FIRST),
    ],
)
def test_critical_files_come_before_the_newest(
    seeded: LocalStore, tmp_path: Path, critical: tuple[str, ...], expected: list[str]
) -> None:
    """Of both kinds the newest first."""
    receipt = bring_back(tmp_path / "back", seeded.provider, options=Options(critical=critical))
    assert list(receipt.steps) == expected


@pytest.mark.parametrize("critical", [(), ("*.csv",)])
def test_what_is_missing_comes_before_what_must_be_compared(
    seeded: LocalStore, tmp_path: Path, critical: tuple[str, ...]
) -> None:
    """Also among critical files: comparing takes as long as reading."""
    write(tmp_path / "back", "new.csv", rows(10))
    receipt = bring_back(tmp_path / "back", seeded.provider, options=Options(critical=critical))
    csv = [path for path in receipt.steps if path.endswith(".csv")]
    assert csv == ["deep/old.csv", "oldest.csv", "new.csv"]


def test_the_rows_that_came_are_counted(seeded: LocalStore, tmp_path: Path) -> None:
    """Of tables alone; of one that was begun here, what it lacked."""
    expected = {path: raw.count(b"\n") for path, raw in _written().items() if path[-3:] == "csv"}
    assert bring_back(tmp_path / "all", seeded.provider).restored_rows == sum(expected.values())
    begun = rows(400)[: rows(400).index(b"\n") + 1]
    write(tmp_path / "begun", "oldest.csv", begun)
    receipt = bring_back(tmp_path / "begun", seeded.provider)
    assert receipt.restored_rows == sum(expected.values()) - 1
    assert bring_back(tmp_path / "begun", seeded.provider).restored_rows == 0


def _written() -> dict[str, bytes]:
    """With a newline after the last row, which is cut somewhere."""
    sizes = enumerate(NEWEST_FIRST, start=1)
    return {path: rows(100 * times) + b"\n" for times, path in sizes}


def test_a_chunk_from_another_place_is_told(seeded: LocalStore, tmp_path: Path) -> None:
    """With what is wrong where it should have been: nothing is missing, and not all is well."""
    other = LocalStore(tmp_path / "other")
    back_up(tmp_path / "data", other.provider)
    (chunk,) = [name for name in seeded.objects() if name.startswith("chunks/")][:1]
    seeded.plant(chunk, b"damaged")
    receipt = bring_back(tmp_path / "back", seeded.provider, other.provider)
    digest = chunk.rpartition("/")[2].removesuffix(".zst")
    assert (receipt.outcome, receipt.problems) == ("restored", {})
    assert list(receipt.had_elsewhere) == [digest]
    assert seeded.provider.address in receipt.had_elsewhere[digest]
    assert receipt.had_elsewhere_chunks == 1


def test_a_chunk_that_does_not_end_is_left_for_later(seeded: LocalStore, tmp_path: Path) -> None:
    """It may drip, so that no call of the storage fails: the logger must start all the same."""
    slow, ends = WatchedProvider(seeded.provider), Event()
    dripping = first_chunk(newest(seeded.provider), "index.json")

    def drip(name: str) -> None:
        if name == dripping:
            assert ends.wait(30)

    slow.before_get = drip
    try:
        receipt = bring_back(tmp_path / "back", slow, options=Options(seconds=0.5))
    finally:
        ends.set()
    assert (receipt.outcome, receipt.problems) == (Outcome.PARTIAL, {})
    assert "index.json" in receipt.later
    assert list(contents(tmp_path / "back")) == ["new.csv"]
