"""A program that writes all the time: every 10 ms a row, a large JSON replaced, another rewritten.

What it writes at beat n follows from n alone, so a reader can tell a whole state from any other.
The large JSON comes last: once it shows n, the other two have come to n as well.
"""

import json
import signal
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic, sleep

BEAT_SECONDS = 0.01
ROWS = "trades.csv"
REPLACED = "history.json"  # a new file of 5 MB takes its place
REWRITTEN = "state.json"  # emptied and written again, piece by piece
HEADER = b"number,time,source,pair,price,size\n"
_ENTRIES = {REPLACED: 44_000, REWRITTEN: 2_600}  # 5 MB and 300 KB
_VARIANTS = 4  # one document's entries differ from the next one's, in number too
_PIECE = 40 * 1024  # bytes of one write in place
_BETWEEN_PIECES = 0.0001  # seconds: a sixth of the time what is there is not whole


def row(number: int) -> bytes:
    """The row of a beat."""
    clock = f"2026-11-22T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    return f"{number},{clock},coinbase,BTC-USD,{73_000 + number * 37 % 1_999 / 7:.2f},87\n".encode()


def document(name: str, number: int) -> bytes:
    """A JSON file as it is after a beat."""
    return b"".join(_parts(name, number))


def _parts(name: str, number: int) -> tuple[bytes, bytes, bytes]:
    """The same without a copy of its five million bytes."""
    entries = _entries(name, number % _VARIANTS)
    return b'{"number": %d, "entries": ' % number, entries, b', "at_the_end": %d}' % number


@cache
def _entries(name: str, variant: int) -> bytes:
    first = variant * 1_000_003
    entries = [_entry(first + index) for index in range(_ENTRIES[name] + variant)]
    return json.dumps(entries).encode()


def _entry(index: int) -> dict[str, object]:
    price = f"{73_000 + index * 37 % 1_999 / 7:.2f}"
    return {
        "trade_id": index * 7919,
        "time": f"2026-11-22T20:30:00.{index % 1_000_000:06}Z",
        "price": price,
        "size": f"0.{index * 104_729 % 10**8:08}",
        "side": "buy" if index % 3 else "sell",
    }


@dataclass
class Writer:
    """The three files of a folder, and how often each has been written."""

    folder: Path
    beats: int = 0

    def begin(self) -> None:
        """Make all three files."""
        (self.folder / ROWS).write_bytes(HEADER)
        self.beat()

    def beat(self) -> None:
        """Write each file once."""
        self.beats += 1
        with (self.folder / ROWS).open("ab", buffering=0) as file:
            file.write(row(self.beats))
        self._rewrite(document(REWRITTEN, self.beats))
        incoming = self.folder / "history.incoming"
        with incoming.open("wb") as file:
            file.writelines(_parts(REPLACED, self.beats))
        incoming.replace(self.folder / REPLACED)

    def _rewrite(self, content: bytes) -> None:
        with (self.folder / REWRITTEN).open("wb", buffering=0) as file:
            for at in range(0, len(content), _PIECE):
                file.write(content[at : at + _PIECE])
                sleep(_BETWEEN_PIECES)


def main() -> int:
    """Write until SIGTERM; tell when all files are there, and at the end how fast it went."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    writer = Writer(Path(sys.argv[1]))
    for name in (REPLACED, REWRITTEN):
        for number in range(_VARIANTS):
            document(name, number)
    writer.begin()
    sys.stdout.write("writing\n")
    started = next_at = monotonic()
    while not ended:
        writer.beat()
        next_at = max(next_at + BEAT_SECONDS, monotonic())
        sleep(max(next_at - monotonic(), 0))
    milliseconds = (monotonic() - started) * 1000 / writer.beats
    told = {"beats": writer.beats, "beat_ms": round(milliseconds, 2)}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
