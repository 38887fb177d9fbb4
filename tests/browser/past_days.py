"""What three days leave behind: prices of three exchanges, and the backups of them in two places.

The prices are the real ones of a bundled day, moved to the last hours and to the level of today's
recorded tickers. A deploy, an exchange that went away and one that told old prices are in them.
"""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from processes import ROOT
from shared.backup import Job, backup
from shared.directory_source import DirectorySource, Identity
from shared.document import encode
from shared.format import Taken, Writer
from shared.history import read_manifest
from shared.names import manifest_name, timestamp
from shared.provider import Provider
from shared.selection import Selection

SERVICE, INSTANCE = "btc-logger", "0a1b2c3d"
DAYS, BACKUPS = 3, 60
NOW_USD = 83_000.0  # near the recorded tickers
INTERVAL = timedelta(seconds=30)
LAST_BACKUP = timedelta(minutes=4)  # ago
SPREADS = {"coinbase": 0.0, "kraken": 60.0, "bitstamp": -85.0}  # USD beside the common price
_PRICES = ROOT / "logger_service" / "replay_data" / "20171217_btcusd_minute_trade.csv"
_HEADER = "ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags\n"
_REASONS = {17: "manual", 33: "critical: recorder: it does not run", 41: "shutdown"}


Row = tuple[datetime, str]
Places = Mapping[Provider, Callable[[str, bytes], object]]  # how an object is overwritten there


def write_past(data: Path, now: datetime) -> list[Row]:
    """The rows as the recorder would have written them; also returned, with their times."""
    rows = list(_rows(now))
    put(data, rows, now)
    return rows


def put(data: Path, rows: Sequence[Row], until: datetime) -> None:
    """The day files as they were then."""
    folder = data / "BTC-USD"
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, list[str]] = {}
    for at, text in rows:
        if at < until:
            texts.setdefault(f"{at:%Y-%m-%d}.{INSTANCE}.csv", [_HEADER]).append(text)
    for name, lines in texts.items():
        place, content = folder / name, "".join(lines)
        if not place.exists() or place.stat().st_size != len(content):
            place.write_text(content)
            os.utime(place, (until.timestamp(), until.timestamp()))


def store_past(data: Path, rows: Sequence[Row], now: datetime, places: Places) -> None:
    """Back up step by step, each time as it would have been then."""
    step = (DAYS * timedelta(days=1) - LAST_BACKUP) / BACKUPS
    for number in range(1, BACKUPS + 1):
        at = now - LAST_BACKUP - (BACKUPS - number) * step
        put(data, rows, at)
        for provider, overwrite in places.items():
            by = Writer(job="function" if provider.kind == "gcs" else "logger", instance=INSTANCE)
            usual = "scheduled" if provider.kind == "gcs" else "interval"
            source = DirectorySource(data, Selection(), Identity(SERVICE, INSTANCE))
            backup(source, provider, Job(SERVICE, _REASONS.get(number, usual), by))
            overwrite(manifest_name(number), _as_of(provider, number, at))


def _as_of(provider: Provider, number: int, at: datetime) -> bytes:
    then = timestamp(at)
    taken = Taken(instance=INSTANCE, taken_at=then)
    manifest = read_manifest(provider, number)
    return encode(manifest.model_copy(update={"created_at": then, "snapshot": taken}))


def _rows(now: datetime) -> Iterator[Row]:
    with _PRICES.open() as file:
        closes = [float(row[4]) for row in csv.reader(file)]
    day = len(closes)
    steps = DAYS * timedelta(days=1) // INTERVAL
    for step in range(steps):
        at = now - (steps - step) * INTERVAL
        minute = (step * INTERVAL.seconds / 60) % day
        usd = NOW_USD * closes[int(minute)] / closes[-1]
        hours_ago = (now - at) / timedelta(hours=1)
        for source, beside in SPREADS.items():
            if row := _row(source, at, usd + beside + step * 7919 % 23, hours_ago):
                yield at, row


def _row(source: str, at: datetime, usd: float, hours_ago: float) -> str:
    """Empty where none was written."""
    is_deploy = 15.0 < hours_ago < 16.2
    is_away = source == "bitstamp" and 5 < hours_ago < 6
    if is_deploy or is_away:
        return ""
    flags, told = "", at
    if source == "kraken" and 9 < hours_ago < 9.4:
        flags, told = "stale", at - timedelta(minutes=7)
    if source == "coinbase" and 2 < hours_ago < 2.05:
        flags, usd = "outlier", usd * 1.04
    shown = f"{usd:.2f},{usd - 0.5:.2f},{usd + 0.5:.2f}"
    return f"{timestamp(at)},{source},BTC-USD,{shown},2862.86180275,{timestamp(told)},87,{flags}\n"


def utc_now() -> datetime:
    """To the second, as rows are written on a grid."""
    return datetime.now(UTC).replace(microsecond=0)
