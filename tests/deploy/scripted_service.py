"""A tiny web service to be deployed, and a visitor who asks it what it is.

`/health` answers with the status in the file `health` beside it, by default 200; any other path
with JSON about the process. On SIGTERM it ends, unless it is stubborn.
"""

import http.client
import json
import shlex
import sys
from pathlib import Path
from typing import Any, Self

from emulators.render_service import Service

PROGRAM = """
import json, os, signal, subprocess, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        health = Path("health")
        failing = self.path == "/health" and health.exists()
        about = {
            "instance": os.environ["RENDER_INSTANCE_ID"],
            "words": sys.argv[1:],
            "environment": dict(os.environ),
            "files": sorted(str(place) for place in Path().rglob("*")),
        }
        body = json.dumps(about).encode()
        self.send_response(int(health.read_text()) if failing else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

def end(*_):
    if "stubborn" not in sys.argv:
        os._exit(3)

signal.signal(signal.SIGTERM, end)
if "unhealthy" in sys.argv:
    Path("health").write_text("500")
if "with a daemon" in sys.argv:
    words = [sys.executable, "-c", "import signal; signal.pause()"]
    subprocess.Popen(words, start_new_session=True)
if "broken" in sys.argv:
    sys.exit(4)
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def command(*words: str) -> str:
    """The service's start command."""
    return shlex.join([sys.executable, "service.py", *words])


def script(lines: str) -> str:
    """A command that runs a few lines of Python."""
    return shlex.join([sys.executable, "-c", lines])


def scripted(folder: Path, *words: str, **changed: Any) -> Service:
    """The service, built below `folder`, with other properties where they are given."""
    source = folder / "source"
    source.mkdir(exist_ok=True)
    (source / "service.py").write_text(PROGRAM)
    # Long, because a machine that is shared may let a process that ends at once wait for its turn.
    usual: dict[str, Any] = {
        "start_command": command(*words),
        "health_check_path": "/health",
        "max_shutdown_delay_seconds": 300,
    }
    return Service(source, **usual | changed)


class Visitor:
    """One connection to the public address, kept until the context ends."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(url.rpartition("/")[2], timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self) -> tuple[int, dict[str, Any]]:
        """The status, and what the service tells of itself; nothing beside a 502."""
        self._connection.request("GET", "/")
        answer = self._connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else {}


def visit(url: str) -> tuple[int, dict[str, Any]]:
    """What a visitor gets who comes with a connection of their own."""
    with Visitor(url) as visitor:
        return visitor.ask()
