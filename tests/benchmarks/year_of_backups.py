"""Many days of prices that end just now, and as many backups of them, none with its chunks."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.chunk import CHUNK_SIZE, digest
from shared.document import encode
from shared.format import FileEntry, Manifest, Taken, Writer
from shared.gcs_provider import GcsProvider
from shared.names import manifest_name, timestamp
from system import BUCKET, LocalSystem

SERVICE = "btc-logger"
SOURCES = ("coinbase", "kraken", "bitstamp")
INTERVAL_SECONDS = 5
BACKUPS_A_DAY = 48
HEADER = "ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags\n"
_SOME_DAY = "2025-01-01"


def write_days(data: Path, days: int) -> Iterator[FileEntry]:
    """A file for each day, as a backup names it; all are the same, and today's ends now."""
    folder = data / "BTC-USD"
    folder.mkdir(parents=True)
    usual, now = _day(), datetime.now(UTC)
    for age in reversed(range(days)):
        day = f"{now - timedelta(days=age):%Y-%m-%d}"
        content = usual.replace(_SOME_DAY.encode(), day.encode())
        if age == 0:
            content = _until(content, timestamp(now))
        place = folder / f"{day}.0a1b2c3d.csv"
        place.write_bytes(content)
        pieces = range(0, len(content), CHUNK_SIZE)
        yield FileEntry(
            path=place.relative_to(data).as_posix(),
            size=len(content),
            mtime_ns=place.stat().st_mtime_ns,
            chunks=tuple(digest(content[at : at + CHUNK_SIZE]) for at in pieces),
        )


def _until(content: bytes, end: str) -> bytes:
    """The rows that could have been written by then."""
    header, *rows = content.splitlines(keepends=True)
    return b"".join([header, *(row for row in rows if row < end.encode())])


def _day() -> bytes:
    rows = [HEADER]
    for second in range(0, 24 * 60 * 60, INTERVAL_SECONDS):
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        price = 65_000 + second * 7919 % 10_007 / 100
        rows += [
            f"{_SOME_DAY}T{clock}.{late}Z,{source},BTC-USD,{price:.2f},{price - 1:.2f},"
            f"{price + 1:.2f},2862.86180275,{_SOME_DAY}T{clock}.000Z,87,\n"
            for late, source in zip((114, 187, 243), SOURCES, strict=True)
        ]
    return "".join(rows).encode()


def store_backups(system: LocalSystem, entries: list[FileEntry], backups: int) -> None:
    """One each half hour until just now; each has the days that were over by then."""
    folder = system.folder / "backups" / SERVICE / "backups"
    folder.mkdir(parents=True)
    os.environ["STORAGE_EMULATOR_HOST"] = system.environment["STORAGE_EMULATOR_HOST"]
    bucket = GcsProvider(BUCKET, SERVICE)
    for number in range(1, backups + 1):
        age = backups - number
        at = timestamp(datetime.now(UTC) - timedelta(days=age / BACKUPS_A_DAY))
        manifest = Manifest(
            number=number,
            service=SERVICE,
            created_at=at,
            reason="scheduled",
            by=Writer(job="function", instance="function-1"),
            snapshot=Taken(instance="0a1b2c3d", taken_at=at),
            files=tuple(entries[: max(len(entries) - age // BACKUPS_A_DAY, 1)]),
        )
        document, name = encode(manifest), manifest_name(number)
        (folder / Path(name).name).write_bytes(document)
        bucket.put(name, document)
