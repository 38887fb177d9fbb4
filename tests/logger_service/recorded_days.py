"""Price files as instances leave them, of any day."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from logger_service.quoted import NOON, quoted
from market.quote import SYMBOL, Quote
from record.price_row import HEADER, line_of


def row(source: str = "kraken", price: str = "50000", at: datetime = NOON) -> Quote:
    """What was recorded at this time."""
    return quoted(source, price, observed_at=at)


def write_file(data_dir: Path, instance: str, *rows: Quote, day: datetime = NOON) -> Path:
    """One instance's file of a day, with these rows in this order."""
    place = data_dir / SYMBOL / f"{day:%Y-%m-%d}.{instance}.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(HEADER + lines(rows))
    return place


def lines(rows: Iterable[Quote]) -> bytes:
    """As they stand in a file."""
    return b"".join(map(line_of, rows))
