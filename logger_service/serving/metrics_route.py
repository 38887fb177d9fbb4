"""`GET /metrics`, in the form that the scraper asks for."""

from flask import Blueprint, Response, request

from metrics.metered import Metered
from serving.access import Access


def metrics_route(metered: Metered, access: Access) -> Blueprint:
    """For the admin alone: it tells what is kept where."""
    routes = Blueprint("metrics", __name__)
    access.guard(routes)

    @routes.get("/metrics")
    def _metrics() -> Response:
        # Here, because a logger that nobody scrapes does not owe its 60 ms.
        from metrics.collected import exposition  # noqa: PLC0415

        text, content_type = exposition(metered, request.headers.get("Accept", ""))
        return Response(text, content_type=content_type)

    return routes
