"""Rows as they are sent: CSV or a JSON array, in pieces, perhaps compressed."""

import json
import zlib
from collections.abc import Iterable, Iterator

from reading.price_row_line import Row
from record.price_row import COLUMNS, HEADER

PIECE = 64 * 1024  # bytes sent at once
LEVEL = 4  # of gzip: six times smaller, at 60 MB/s
_GZIP = 16 + zlib.MAX_WBITS


def as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """The header and a line for each."""
    yield HEADER
    for row in rows:
        yield row.line + b"\n"


def as_json(rows: Iterable[Row]) -> Iterator[bytes]:
    """An array of objects, a line for each; numbers that the exchange sent stay its strings."""
    between = b"[\n"
    for row in rows:
        yield between + json.dumps(_object(row), separators=(",", ":")).encode()
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def _object(row: Row) -> dict[str, str | int | None]:
    cells = dict(zip(COLUMNS, row.line.decode().split(","), strict=True))
    latency_ms = int(cells["latency_ms"])
    return {name: text or None for name, text in cells.items()} | {"latency_ms": latency_ms}


def in_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, not line by line."""
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same, compressed."""
    packer = zlib.compressobj(LEVEL, wbits=_GZIP)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
