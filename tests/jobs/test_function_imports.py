"""A cold start imports what its call needs, and asks storage for nothing beyond it."""

import json
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from job_processes import TOKEN, run_job, running_function
from jobs.own_archive import in_bucket
from jobs.scripted_logger import Scripted, ScriptedLogger
from jobs.seeded_archive import RestoreJob
from telling.webhook import Webhook

CLIENT, TELLING, APPRISE = "google.cloud.storage", "shared.alert_book", "apprise"
BACKUP, DRILL, PRUNE, STATUS = (
    f"shared.{name}" for name in ("backup", "drill", "prune_record", "status")
)
SWITCH = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
WATCHED = {CLIENT, TELLING, APPRISE, BACKUP, DRILL, PRUNE, STATUS}
# As the framework does it: what is imported when it listens, and after the request.
PROGRAM = """
import json, sys
from functions_framework import create_app
client = create_app("backup", "main.py").test_client()
at_start = sorted(sys.modules)
status = client.post("/", data=sys.argv[1]).status_code
print(json.dumps([at_start, status, sorted(sys.modules)]))
"""


class Imports:
    """What a process that has just started imports for one request."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder, self._settings = folder, settings

    def of(self, body: str, status: int = 200, **settings: str) -> tuple[set[str], set[str]]:
        """Those of WATCHED that are there at the start, and after it is answered."""
        told = self._settings | settings
        done = run_job(self._folder, "-c", PROGRAM, body, settings=told)
        at_start, answered, after = json.loads(done.stdout.splitlines()[-1])
        assert answered == status, done.stdout
        return WATCHED.intersection(at_start), WATCHED.intersection(after)


@pytest.fixture
def imports(function_folder: Path, storage: StorageFake, scripted: ScriptedLogger) -> Imports:
    """Beside a bucket and a logger that has a table."""
    scripted.serve(b"row\n")
    settings = {"SNAPSHOT_URL": scripted.url, "SNAPSHOT_TOKEN": TOKEN}
    return Imports(function_folder, settings | in_bucket(storage))


@pytest.mark.parametrize(
    ("action", "needs"),
    [
        ("backup", {CLIENT, BACKUP}),
        ("drill", {CLIENT, DRILL}),
        ("prune", {CLIENT, PRUNE}),
        ("maintenance", {CLIENT, DRILL, PRUNE}),
        ("status", {CLIENT, STATUS}),
    ],
)
def test_an_action_imports_its_own_code(imports: Imports, action: str, needs: set[str]) -> None:
    """And the start none of it: most processes live for one call."""
    assert imports.of(json.dumps({"action": action})) == (set(), needs)


@pytest.mark.parametrize("body", ["no JSON", '{"action": "destroy"}', '{"target": "xrp-logger"}'])
def test_a_refused_request_imports_nothing(imports: Imports, body: str) -> None:
    """Neither the storage client, nor any action."""
    assert imports.of(body, 400) == (set(), set())


def test_only_something_to_tell_imports_apprise(imports: Imports, scripted: ScriptedLogger) -> None:
    """A backup that does well has nothing to tell; one that fails has."""
    with Webhook() as hook:
        at_start, after = imports.of("{}", NOTIFY_URLS=hook.url)
        assert (at_start, after) == ({TELLING}, {TELLING, CLIENT, BACKUP})
        scripted.snapshot = lambda _headers: Scripted(b"down", 500)
        _, after = imports.of("{}", 502, NOTIFY_URLS=hook.url)
        assert after == {TELLING, CLIENT, BACKUP, APPRISE}
        assert len(hook.messages) == 1


@pytest.mark.parametrize(("switch", "calls"), [({}, 0), ({SWITCH: "false"}, 1)])
def test_the_client_does_not_ask_for_the_buckets_metadata(
    function_folder: Path,
    storage: StorageFake,
    scripted: ScriptedLogger,
    switch: dict[str, str],
    calls: int,
) -> None:
    """It does so by itself, unless it is told not to, and no key here has the right."""
    scripted.serve(b"row\n")
    with running_function(
        function_folder, scripted.url, **in_bucket(storage), **switch
    ) as function:
        assert function.request("POST").status_code == 200
        function.wait_until(lambda: storage.count("bucket") >= calls)
        for action in (b"drill", b"prune", b"status"):
            answer = function.request("POST", body=b'{"action": "%s"}' % action)
            assert answer.status_code == 200
    assert bool(storage.count("bucket")) == bool(calls)


def test_neither_does_the_restore_job(job: RestoreJob, storage: StorageFake) -> None:
    """It has the same client."""
    job.use_bucket(storage)
    assert job.run().returncode == 0
    assert storage.count("list") > 0
    assert storage.count("bucket") == 0
