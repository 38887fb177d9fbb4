import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from market.quote import Quote
from record.price_file import PriceFile
from record.price_files import PriceFiles
from record.price_row import COLUMNS

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)
HEADER = ",".join(COLUMNS) + "\n"


def quote(at: datetime = NOON, source: str = "coinbase") -> Quote:
    """A quote of ccxt's recorded Coinbase body."""
    return Quote(
        source,
        "73367.8",
        "73360.34",
        "73369.19",
        "1207.50668151",
        "2024-03-13T11:10:41.270099Z",
        87,
        at,
    )


def row(at: str, source: str = "coinbase") -> str:
    """The row of that quote."""
    numbers = "73367.8,73360.34,73369.19,1207.50668151"
    return f"{at},{source},BTC-USD,{numbers},2024-03-13T11:10:41.270099Z,87,\n"


def test_a_row_shows_the_quote_under_the_arrival_time(tmp_path: Path) -> None:
    """The header, then each number as it was sent; lines end in a line feed alone."""
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote(), quote(source="kraken")])
    content = (tmp_path / "BTC-USD/2026-11-22.ab12.csv").read_bytes().decode()
    stamp = "2026-11-22T12:00:00.123Z"
    assert content == (
        "ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags\n"
        + row(stamp)
        + row(stamp, "kraken")
    )
    assert files.rows == 2
    assert files.last_row_at == NOON


def test_the_name_carries_the_utc_day_and_the_instance(tmp_path: Path) -> None:
    """A quote that arrives in another zone's evening belongs to the UTC day."""
    zoned = datetime.fromisoformat("2026-11-22T20:30:00-05:00")
    files = PriceFiles(tmp_path, "ab12")
    assert files.paths() == set()
    files.write([quote(zoned)])
    assert files.paths() == {"BTC-USD/2026-11-23.ab12.csv"}


def test_a_tick_over_midnight_writes_to_both_days(tmp_path: Path) -> None:
    """Each row is in the file of its own day, and each file has its header."""
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote(midnight - timedelta(milliseconds=1)), quote(midnight)])
    old, new = (tmp_path / f"BTC-USD/2026-11-{day}.ab12.csv" for day in (22, 23))
    assert old.read_text() == HEADER + row("2026-11-22T23:59:59.999Z")
    assert new.read_text() == HEADER + row("2026-11-23T00:00:00.000Z")


def test_a_new_day_closes_the_old_file(tmp_path: Path) -> None:
    """A logger that runs for years holds one open file."""
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote()])
    files.write([quote(NOON + timedelta(days=1))])
    assert open_names(tmp_path) == {"2026-11-23.ab12.csv"}
    files.close()
    assert open_names(tmp_path) == set()


def test_a_clock_set_back_over_midnight_continues_its_own_file(tmp_path: Path) -> None:
    """The file is closed, but it is ours; its times are known, and none comes twice."""
    files = PriceFiles(tmp_path, "ab12")
    for day in (0, 1, 0):
        files.write([quote(NOON + timedelta(days=day))])
    content = (tmp_path / "BTC-USD/2026-11-22.ab12.csv").read_text()
    assert content == HEADER + row("2026-11-22T12:00:00.123Z") + row("2026-11-22T12:00:00.124Z")


def test_a_file_that_exists_is_refused_and_untouched(tmp_path: Path) -> None:
    """Nobody appends to another process's file (rule 5)."""
    place = tmp_path / "2026-11-22.ab12.csv"
    place.write_text("another's\n")
    file = PriceFile(place)
    file.add(quote())
    with pytest.raises(FileExistsError, match="another process"):
        file.flush()
    assert place.read_text() == "another's\n"
    assert not file.created


def test_a_refused_file_blocks_no_other_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The refusal is logged, the path is not called ours, and the next day is recorded."""
    place = tmp_path / "BTC-USD/2026-11-22.ab12.csv"
    place.parent.mkdir()
    place.write_text("another's\n")
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote()])
    assert "another process" in caplog.text
    assert files.last_row_at is None
    files.write([quote(NOON + timedelta(days=1))])
    assert files.paths() == {"BTC-USD/2026-11-23.ab12.csv"}
    assert files.last_row_at == NOON + timedelta(days=1)


def test_what_is_no_file_holds_up_no_row(tmp_path: Path) -> None:
    """A pipe by the name of a price file, which nobody will ever write into."""
    (tmp_path / "BTC-USD").mkdir()
    os.mkfifo(tmp_path / "BTC-USD" / "2026-11-22.0123.csv")
    files = PriceFiles(tmp_path, "ab12")
    writing = Thread(target=files.write, args=([quote()],), daemon=True)
    writing.start()
    writing.join(30)
    assert not writing.is_alive()
    assert files.rows == 1


def test_a_tick_is_one_write_and_one_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three sources, three rows, one of each call, header or not; none for an empty tick."""
    calls = count_calls(monkeypatch)
    files = PriceFiles(tmp_path, "ab12")
    rows = [quote(source=name) for name in ("coinbase", "kraken", "bitstamp")]
    for _ in range(2):
        calls.clear()
        files.write(rows)
        assert calls == {"write": 1, "fsync": 1}
    calls.clear()
    files.write([])
    assert not calls


def test_the_file_is_opened_exclusively_and_for_appending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flags are the rule: create it or fail, append only, not inherited by children."""
    seen = []
    real = os.open

    def watched(path: Path, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(".csv"):
            seen.append(flags)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", watched)
    PriceFiles(tmp_path, "ab12").write([quote()])
    assert seen == [os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC]


def test_the_directory_is_synced_once_a_file_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose name is not on disk is gone after a power cut, whatever it holds."""
    synced = []
    real = os.fsync
    folder = tmp_path / "BTC-USD"

    def watched(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((place.name, bool(folder.exists() and list(folder.iterdir()))))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    files = PriceFiles(tmp_path, "ab12")
    files.write([quote()])
    assert ("BTC-USD", True) in synced
    synced.clear()
    files.write([quote()])
    assert [name for name, _ in synced] == ["2026-11-22.ab12.csv"]


def open_names(directory: Path) -> set[str]:
    """The names of the files below the directory that this process holds open."""
    targets = [Path(os.path.realpath(link)) for link in Path("/proc/self/fd").iterdir()]
    return {target.name for target in targets if target.is_relative_to(directory)}


def count_calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts writes and fsyncs of CSV files."""
    calls: Counter[str] = Counter()
    write, fsync = os.write, os.fsync

    def is_csv(descriptor: int) -> bool:
        return Path(f"/proc/self/fd/{descriptor}").readlink().suffix == ".csv"

    def counted_write(descriptor: int, data: bytes) -> int:
        calls["write"] += is_csv(descriptor)
        return write(descriptor, data)

    def counted_fsync(descriptor: int) -> None:
        if is_csv(descriptor):
            calls["fsync"] += 1
        fsync(descriptor)

    monkeypatch.setattr(os, "write", counted_write)
    monkeypatch.setattr(os, "fsync", counted_fsync)
    return calls
