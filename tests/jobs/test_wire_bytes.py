"""What a backup of a little more data costs on the wire, between the real logger and function."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import zstandard

from emulators.storage import StorageFake
from job_processes import JobProcess, running_function, running_logger

CHUNK = 4 * 1024 * 1024
NEW = 100_000  # bytes of rows


def rows(size: int, seed: int) -> bytes:
    """So many bytes of whole rows, as a recorder with three sources would have written them."""
    chance = random.Random(seed)  # noqa: S311  prices that anyone may foretell
    at, price = datetime(2026, 11, 22, tzinfo=UTC), Decimal("84250.10")
    lines: list[str] = []
    length = 0
    while length < size:
        at += timedelta(seconds=5)
        price += Decimal(chance.randint(-500, 500)) / 100
        for source in ("coinbase", "kraken", "bitstamp"):
            latency = chance.randint(40, 900)
            arrived = (at + timedelta(milliseconds=latency)).isoformat(timespec="milliseconds")
            exchange = (at - timedelta(milliseconds=chance.randint(1, 900))).isoformat()
            volume = Decimal(chance.randint(10**10, 10**11)) / 10**8
            line = (
                f"{arrived},{source},BTC-USD,{price},{price - 1},{price + 1},"
                f"{volume},{exchange},{latency},\n"
            )
            lines.append(line)
            length += len(line)
    return "".join(lines).encode()


@pytest.fixture(scope="module")
def system(
    function_folder: Path, logger_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[JobProcess, Path]]:
    """A function with a logger, and the logger's data directory."""
    data = tmp_path_factory.mktemp("data")
    with StorageFake(["bucket"]) as storage, running_logger(logger_folder, data) as logger:
        settings = {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": storage.url}
        with running_function(function_folder, logger.url, **settings) as function:
            yield function, data


@pytest.mark.parametrize("before", [500_000, CHUNK - NEW // 2], ids=["in a chunk", "into the next"])
def test_a_second_backup_sends_what_is_new(system: tuple[JobProcess, Path], before: int) -> None:
    """At most 1.1 times the new rows under zstd -3, and 2 KB with the listing."""
    function, data = system
    old, new = rows(before, seed=before), rows(NEW, seed=2 * before)
    prices = data / f"{before}.csv"
    prices.write_bytes(old)
    assert function.request("POST").json()["new_bytes"] == len(old)
    with prices.open("ab") as file:
        file.write(new)
    report = function.request("POST").json()
    assert (report["result"], report["new_bytes"]) == ("created", len(new))
    goal = 1.1 * len(zstandard.compress(new, 3))
    assert report["wire_bytes"]["data"] <= goal
    assert sum(report["wire_bytes"].values()) <= goal + 2048
    drill = function.request("POST", body=b'{"action": "drill"}').json()
    assert (drill["passed"], drill["number"]) == (True, report["number"])
