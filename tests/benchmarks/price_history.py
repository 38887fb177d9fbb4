"""Makes a data directory to measure with: a history of one-second BTC rows, and one long file.

Three quarters are daily files as the recorder writes them; the rest is bytes that no compression
makes smaller, in one file that is longer than all. No chunk is there twice.
"""

import argparse
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, repeat
from pathlib import Path
from random import Random

HEADER = b"ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags\n"
FIRST_DAY = date(2026, 1, 1)
SECONDS_A_DAY = 24 * 60 * 60
NOISE_PART = 4  # a quarter
PIECE = 1024 * 1024  # bytes of noise written at once
_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}


def parse_size(text: str) -> int:
    """Bytes, from what a person writes: `1g`, `64m`, `500k` or a plain number."""
    found = re.fullmatch(r"(\d+)([kmg]?)", text.lower(), re.ASCII)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1g, 64m, 500k or 4096")
    return int(found[1]) * _UNITS[found[2]]


def write_history(folder: Path, size: int) -> None:
    """Fill the folder with so many bytes in all."""
    folder.mkdir(parents=True)
    left = size - size // NOISE_PART
    for day, rows in _days():
        content = rows[: rows.rfind(b"\n", 0, left) + 1]
        if len(content) <= len(HEADER):
            break
        (folder / f"{day}.csv").write_bytes(content)
        left -= len(content)
    _write_noise(folder / "noise.csv", size // NOISE_PART + left)


def _days() -> Iterator[tuple[date, bytes]]:
    """Each day and its rows: the same prices every day, but from another time of the day on."""
    # Nobody's secret depends on it, and every run measures the same bytes.
    random = Random(1)  # noqa: S311
    clock, prices = list(_clock(random)), list(_prices(random))
    for number in range((date.max - FIRST_DAY).days):
        day = FIRST_DAY + timedelta(number)
        begin = random.randrange(SECONDS_A_DAY)
        rows = zip(repeat(str(day).encode()), clock, prices[begin:] + prices[:begin], strict=False)
        yield day, HEADER + b"".join(chain.from_iterable(rows))


def _clock(random: Random) -> Iterator[bytes]:
    """The time of each second's row, which comes a little after the second."""
    for second in range(SECONDS_A_DAY):
        minutes, seconds = divmod(second, 60)
        late = random.randrange(40, 240)
        yield f"T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{late:03}Z".encode()


def _prices(random: Random) -> Iterator[bytes]:
    """What follows the time in each row, from a walk in cents."""
    cents = 6_500_000
    for _ in range(SECONDS_A_DAY):
        cents += round(random.gauss(0, 150))
        spread = random.randrange(1, 100)
        price, bid, ask = (
            f"{value / 100:.2f}" for value in (cents, cents - spread, cents + spread)
        )
        yield f",coinbase,BTC-USD,{price},{bid},{ask},,,{random.randrange(40, 99)},\n".encode()


def _write_noise(place: Path, size: int) -> None:
    random = Random(2)  # noqa: S311  as above
    with place.open("xb") as file:
        for at in range(0, size, PIECE):
            file.write(random.randbytes(min(PIECE, size - at)))


def main() -> None:
    """Make the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("size", type=parse_size)
    arguments = parser.parse_args()
    write_history(arguments.folder, arguments.size)


if __name__ == "__main__":
    main()
