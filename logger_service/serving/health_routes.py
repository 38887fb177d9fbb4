"""`GET /health` for people and monitors, `GET /health/live` for the platform.

The platform restarts what fails its check, and a restart wipes the disk: so that one depends on
nothing outside this process.
"""

from typing import Any

from flask import Blueprint

from health.health import Health, is_unhealthy
from serving.access import Access, keep_nowhere


def health_routes(health: Health, access: Access) -> Blueprint:
    """Both of them; who has the token is told everything."""
    routes = Blueprint("health", __name__)
    routes.after_request(keep_nowhere)

    @routes.get("/health")
    def _health() -> tuple[dict[str, Any], int]:
        told = health.report(is_admin=access.is_admin())
        return told, 503 if is_unhealthy(told) else 200

    @routes.get("/health/live")
    def _live() -> dict[str, str]:
        return {"status": "alive"}

    return routes
