"""The data itself: its CSV files as they lie there, and the recorded prices of any time.

All is sent as it is read, so that its size costs no memory. The admin's, unless PUBLIC_DATA.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request

from reading.price_range import PriceRange
from serving.access import Access, keep_nowhere
from serving.csv_answers import CsvAnswers
from serving.price_answers import prices
from serving.price_query import form, price_range, sources
from serving.query_names import check_names
from serving.streams import Streams
from shared.settings import LoggerSettings


def data_routes(settings: LoggerSettings, access: Access, streams: Streams) -> Blueprint:
    """`GET /csv-list`, `/csv/<name>`, `/data.csv` and `/prices`."""
    routes = Blueprint("data", __name__)
    files = CsvAnswers(settings, streams)
    routes.after_request(keep_nowhere)

    @routes.before_request
    def _admit() -> None:
        if settings.public_data:
            access.is_admin()  # a wrong token is refused even where none is needed
        else:
            access.require_admin()

    @routes.get("/csv-list")
    def _list() -> dict[str, Any]:
        check_names(request, ())
        return files.list()

    @routes.get("/csv/<path:name>")
    def _file(name: str) -> Response:
        check_names(request, ())
        return files.file(name)

    @routes.get("/data.csv")
    def _today() -> Response:
        check_names(request, ("source",))
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        today = PriceRange(midnight, midnight + timedelta(days=1), sources(request))
        return prices(settings, today, "csv", streams)

    @routes.get("/prices")
    def _of_any_time() -> Response:
        check_names(request, ("from", "to", "source", "format"))
        wanted = price_range(request, datetime.now(UTC))
        return prices(settings, wanted, form(request), streams)

    return routes
