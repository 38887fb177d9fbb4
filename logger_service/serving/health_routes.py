"""`GET /health` for people and monitors, `GET /health/live` for the platform.

The platform restarts what fails its check, and a restart wipes the disk: so that one depends on
nothing outside this process.
"""

from flask import Blueprint

from health import Health


def health_routes(health: Health) -> Blueprint:
    """Both of them."""
    routes = Blueprint("health", __name__)
    routes.add_url_rule("/health", "health", health.report)
    routes.add_url_rule("/health/live", "live", _live)
    return routes


def _live() -> dict[str, str]:
    return {"status": "alive"}
