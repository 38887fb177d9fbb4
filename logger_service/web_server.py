"""The logger's web server: routes of the snapshot and of health, on one address."""

from typing import Any

import waitress
from flask import Flask

from health import Health, health_routes
from problem import answer_problems
from shared.directory_source import DirectorySource
from shared.errors import BadSettings
from shared.settings import LoggerSettings
from snapshot_routes import snapshot_routes

THREADS = 8  # a pull uses four, and the health check must never wait


def create_app(settings: LoggerSettings, directory: DirectorySource, health: Health) -> Flask:
    """The web application."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # a path with // is unknown, not redirected
    app.register_blueprint(snapshot_routes(settings, directory))
    app.register_blueprint(health_routes(health))
    answer_problems(app)
    return app


def open_server(settings: LoggerSettings, app: Flask) -> Any:
    """Waitress's server, listening; raises BadSettings where the address cannot be had."""
    try:
        return waitress.create_server(
            app, host=settings.host, port=settings.port, threads=THREADS, ident=None
        )
    except (OSError, ValueError) as error:  # the latter for a host that is none
        address = f"{settings.host}:{settings.port}"
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadSettings(
            f"HOST, PORT: cannot listen on {address}: {reason}",
            name=address,
            hint="Another program may be there; PORT=0 takes any free port",
        ) from error


def addresses(server: Any) -> str:
    """Where it listens, for the log."""
    # With one address it has two attributes, with several a list.
    several = getattr(server, "effective_listen", None)
    found = several or [(server.effective_host, server.effective_port)]
    return ", ".join(f"{host}:{port}" for host, port in found)
