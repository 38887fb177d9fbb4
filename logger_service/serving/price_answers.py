"""The recorded prices of some time over HTTP, read day by day while they are sent."""

from collections.abc import Iterator

from flask import Response, request

from reading.passed_over import PassedOver
from reading.price_range import PriceRange, rows_in_range
from reading.price_texts import as_csv, as_json, in_pieces
from serving.price_query import TYPES
from serving.problem import Problem
from serving.streams import Streams
from shared.settings import LoggerSettings

_LINES = {"csv": as_csv, "json": as_json}


def prices(settings: LoggerSettings, wanted: PriceRange, form: str, streams: Streams) -> Response:
    """Those that are wanted, as `csv` or `json`."""
    try:
        return streams.answer(_pieces(settings, wanted, form, request.full_path), _type(form))
    except OSError as error:
        reason = error.strerror or str(error)
        raise Problem(503, f"the prices cannot be read: {reason}", "Check DATA_DIR") from error


def _pieces(
    settings: LoggerSettings, wanted: PriceRange, form: str, reading: str
) -> Iterator[bytes]:
    passed_over = PassedOver()
    try:
        rows = rows_in_range(settings.data_dir, wanted, settings.log_interval_seconds, passed_over)
        yield from in_pieces(_LINES[form](rows))
    finally:
        passed_over.tell(reading)


def _type(form: str) -> str:
    return f"{TYPES[form]}; charset=utf-8" if form == "csv" else TYPES[form]
