"""Seconds that the logger's own answers take, beside a year of data and 500 backups.

The data, the manifests in both providers and the logger are real; no chunk is stored, because
nothing here reads one. It ends in one JSON line, and fails when an answer took too long.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

if __name__ == "__main__":  # started as a script, Python looks in this folder alone
    _ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_ROOT), str(_ROOT / "tests"), str(_ROOT / "deploy" / "local")]

import requests

from benchmarks.measured_steps import Failed, Figures, say
from processes import ROOT, NotStarted
from shared.chunk import CHUNK_SIZE, digest
from shared.document import encode
from shared.format import FileEntry, Manifest, Taken, Writer
from shared.gcs_provider import GcsProvider
from shared.names import manifest_name, timestamp
from system import BUCKET, LocalSystem

SERVICE, TOKEN = "btc-logger", "admin-token-of-slow-page"
SOURCES = ("coinbase", "kraken", "bitstamp")
INTERVAL_SECONDS = 5
HEADER = "ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags\n"
BACKUPS_A_DAY = 48
FIRST_DAY = "2025-01-01"
PATIENCE_SECONDS = 600
PAUSE_SECONDS = 1.05  # before each question: an answer of health is kept for a second
LIMIT_SECONDS = 0.25
QUESTIONS = {  # by what is shown: the path, and whether the token is sent
    "/health": ("/health", False),
    "/health (admin)": ("/health", True),
    "/backup/status": ("/backup/status", True),
    "/backup/list": ("/backup/list", True),
    "/metrics": ("/metrics", True),
}
LIMITED = ("/health", "/health (admin)", "/backup/list")
SETTINGS = {
    "ADMIN_TOKEN": TOKEN,
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "1",
    "BACKUP_INTERVAL_MINUTES": "10080",  # no push beside the questions
    "SHUTDOWN_SECONDS": "1",  # nor a long one at the end
}


def main() -> int:
    """Measure; 0 if each limited answer was quick enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--backups", type=int, default=500)
    parser.add_argument("--times", type=int, default=20, help="that each question is asked")
    wanted = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started stops
        signal.signal(number, lambda *_: sys.exit(1))
    (ROOT / ".local").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="slow-page-", dir=ROOT / ".local"))
    try:
        with LocalSystem(folder, "gcs", SETTINGS) as system:
            figures = measure(system, wanted.days, wanted.backups, wanted.times)
    except (Failed, NotStarted) as error:
        _fail(error)
        return 1
    finally:
        shutil.rmtree(folder)
    faults = shortfalls(figures)
    for fault in faults:
        _fail(fault)
    say(json.dumps({**figures, "simulated": ["Cloud Storage"]}))
    return 1 if faults else 0


def _fail(fault: object) -> None:
    print(f"FAILED: {fault}", file=sys.stderr)  # noqa: T201  as `say` for what went wrong


def shortfalls(figures: Figures) -> list[str]:
    """Answers that took longer than they may."""
    medians = figures["median_seconds"]
    return [
        f"{name} took {medians[name]} s, and may take {LIMIT_SECONDS} s"
        for name in LIMITED
        if medians[name] > LIMIT_SECONDS
    ]


def measure(system: LocalSystem, days: int, backups: int, times: int) -> Figures:
    """Make all of it, start the logger, and ask."""
    say(f"writing {days} days of {len(SOURCES)} sources ...")
    entries = list(write_days(system.data, days))
    say(f"storing {backups} backups in a directory and in the bucket ...")
    store_backups(system, entries, backups)
    size = sum(entry.size for entry in entries)
    say(f"starting the logger beside {size:,} bytes ...")
    began = monotonic()
    system.start_logger()
    _await(system, backups)
    known = round(monotonic() - began, 1)
    say(f"all backups are known after {known} s; asking {times} times ...")
    before = _writer(system)
    taken: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    for _ in range(times):
        for name, seconds in taken.items():
            seconds.append(_ask(system, name)[0])
    after = _writer(system)
    medians = {name: round(median(seconds), 4) for name, seconds in taken.items()}
    for name, half in medians.items():
        say(f"  {name}: {half * 1000:.0f} ms, at most {max(taken[name]) * 1000:.0f} ms")
    return {
        "days": days,
        "backups": backups,
        "bytes": size,
        "seconds_until_all_is_known": known,
        "median_seconds": medians,
        "most_seconds": {name: round(max(seconds), 4) for name, seconds in taken.items()},
        "ticks": after["ticks"] - before["ticks"],
        "ticks_missed": sum(after["missed_ticks"].values()),
    }


def write_days(data: Path, days: int) -> Iterator[FileEntry]:
    """A file for each day, all the same but for the dates; as a backup names them."""
    folder = data / "BTC-USD"
    folder.mkdir(parents=True)
    usual = _day()
    first = datetime.fromisoformat(FIRST_DAY)
    for number in range(days):
        day = f"{first + timedelta(days=number):%Y-%m-%d}"
        content = usual.replace(FIRST_DAY.encode(), day.encode())
        place = folder / f"{day}.0a1b2c3d.csv"
        place.write_bytes(content)
        pieces = range(0, len(content), CHUNK_SIZE)
        yield FileEntry(
            path=place.relative_to(data).as_posix(),
            size=len(content),
            mtime_ns=place.stat().st_mtime_ns,
            chunks=tuple(digest(content[at : at + CHUNK_SIZE]) for at in pieces),
        )


def _day() -> bytes:
    rows = [HEADER]
    for second in range(0, 24 * 60 * 60, INTERVAL_SECONDS):
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        price = 65_000 + second * 7919 % 10_007 / 100
        rows += [
            f"{FIRST_DAY}T{clock}.{late}Z,{source},BTC-USD,{price:.2f},{price - 1:.2f},"
            f"{price + 1:.2f},2862.86180275,{FIRST_DAY}T{clock}.000Z,87,\n"
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


def _await(system: LocalSystem, backups: int) -> None:
    """Until each backup of both has been read, and the disk compared with them."""
    began = monotonic()
    while True:
        told = json.loads(_ask(system, "/backup/list")[1])
        catch_up = json.loads(_ask(system, "/backup/status")[1])["catch_up"]
        if told["complete"] and len(told["backups"]) == 2 * backups and catch_up["is_whole"]:
            return
        if monotonic() - began > PATIENCE_SECONDS:
            raise Failed(f"not known after {PATIENCE_SECONDS} s: {told['providers']} {catch_up}")
        sleep(PAUSE_SECONDS)


def _writer(system: LocalSystem) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_ask(system, "/health (admin)")[1])["details"]["writer"]
    return told


def _ask(system: LocalSystem, name: str) -> tuple[float, bytes]:
    """How long the answer took, and the answer; raises Failed for one that is no good."""
    path, is_admin = QUESTIONS[name]
    headers = {"Authorization": f"Bearer {TOKEN}"} if is_admin else {}
    sleep(PAUSE_SECONDS)
    began = monotonic()
    answer = requests.get(system.logger_url + path, headers=headers, timeout=PATIENCE_SECONDS)
    seconds = monotonic() - began
    if answer.status_code not in (200, 503):
        raise Failed(f"{path} answered {answer.status_code}: {answer.text}")
    return seconds, answer.content


if __name__ == "__main__":
    sys.exit(main())
