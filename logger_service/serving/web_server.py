"""The logger's web server: all of its routes on one address."""

from collections.abc import Iterable
from typing import Any

import waitress
from flask import Blueprint, Flask
from flask.json.provider import DefaultJSONProvider

from serving.idle_readers import let_go_of_idle_readers
from serving.page_policy import keep_to_this_host
from serving.problem import AsPage, answer_problems
from serving.refused_requests import answer_with_problems
from shared.errors import BadSettings
from shared.settings import LoggerSettings

# What each may hold for long, and some for what is answered at once: the health check never waits.
PULL, WAITS, STREAMS, AT_ONCE = 4, 3, 4, 5
THREADS = PULL + WAITS + STREAMS + AT_ONCE
LARGEST_BODY = 64 * 1024  # bytes of a request: it is read before anybody asks who sends it


class _InOrder(DefaultJSONProvider):
    sort_keys = False  # an answer's most telling members come first
    compact = True  # whatever FLASK_DEBUG says: a monitor looks for `"status":"healthy"`


def create_app(blueprints: Iterable[Blueprint], as_page: AsPage | None = None) -> Flask:
    """The web application that answers these routes; errors `as_page` to browsers."""
    app = Flask(__name__, static_folder=None)
    app.json = _InOrder(app)
    app.url_map.merge_slashes = False  # a path with // is unknown, not redirected
    for routes in blueprints:
        app.register_blueprint(routes)
    answer_problems(app, as_page)
    app.after_request(keep_to_this_host)
    return app


def open_server(settings: LoggerSettings, app: Flask) -> Any:
    """Waitress's server, listening; raises BadSettings where the address cannot be had."""
    answer_with_problems()
    try:
        server = waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=not settings.render,  # there they tell who asks
            ident=None,
        )
    except (OSError, ValueError) as error:  # the latter for a host that is none
        address = f"{settings.host}:{settings.port}"
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadSettings(
            f"HOST, PORT: cannot listen on {address}: {reason}",
            name=address,
            hint="Another program may be there; PORT=0 takes any free port",
        ) from error
    let_go_of_idle_readers(server)
    return server


def addresses(server: Any) -> str:
    """Where it listens, for the log."""
    # With one address it has two attributes, with several a list.
    several = getattr(server, "effective_listen", None)
    found = several or [(server.effective_host, server.effective_port)]
    return ", ".join(f"{host}:{port}" for host, port in found)
