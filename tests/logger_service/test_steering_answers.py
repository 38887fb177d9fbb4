"""What the steering routes answer while the work goes on, without a process around them."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

import pytest

from catching_up.turn import Turn
from engine.archives import append, rows, write
from logger_service.own_destination import OwnDestination
from operating import several
from operating.background_job import BackgroundJob
from operating.background_jobs import BackgroundJobs
from operating.job_progress import JobProgress
from operating.operations import Operations
from operating.orders import ProvidersOrder, RestoreOrder
from programs import PATIENCE_SECONDS, wait_until
from serving.access import Access
from serving.backup_routes import backup_routes
from serving.job_routes import job_routes
from serving.web_server import WAITS, create_app
from shared.settings import LoggerSettings


class Steered:
    """A logger's routes, and its local destination, which a test can hold."""

    def __init__(self, folder: Path) -> None:
        self.own = OwnDestination(folder, "local/btc-logger", seconds=-60)
        self.turn, self.stop = Turn(), Event()
        places = {"data_dir": self.own.data, "local_backup_dir": folder / "local"}
        settings = LoggerSettings.model_validate({"host": "127.0.0.1", **places})
        destinations = [self.own.destination]
        self.operations = Operations(settings, destinations, self.turn, self.stop)
        jobs, access = BackgroundJobs(self.stop), Access(settings)
        routes = [backup_routes(access, self.operations, jobs), job_routes(access, jobs)]
        self.app = create_app(routes)

    def post(self, path: str, body: str = "") -> Any:
        """The answer."""
        headers = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
        return self.app.test_client().post(path, data=body, headers=headers)

    def get(self, path: str) -> Any:
        """The answer's body."""
        return self.app.test_client().get(path, headers={"Host": "localhost"}).json

    def job(self, path: str, body: str = "") -> Any:
        """The job that has ended well."""
        answer = self.post(f"{path}{'&' if '?' in path else '?'}wait=true", body)
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def steered(tmp_path: Path) -> Steered:
    """With something to back up."""
    steered = Steered(tmp_path)
    steered.own.add_rows()
    return steered


@pytest.fixture
def held(steered: Steered) -> Iterator[Event]:
    """Pushes wait for this to be set, at the latest at the end."""
    may_go = Event()
    steered.own.before_open = lambda: may_go.wait(PATIENCE_SECONDS)
    yield may_go
    may_go.set()


def test_work_is_begun_and_then_told_of(steered: Steered, held: Event) -> None:
    """202 with the job, whose address tells how it goes."""
    answer = steered.post("/backup/trigger")
    assert (answer.status_code, answer.json["state"]) == (202, "running")
    address = answer.headers["Location"]
    assert address == f"/backup/jobs/{answer.json['id']}"
    assert steered.get(address)["state"] == "running"
    held.set()
    wait_until(lambda: steered.get(address)["state"] == "done")
    assert [job["id"] for job in steered.get("/backup/jobs")["jobs"]] == [answer.json["id"]]


def test_a_second_request_gets_the_running_job(
    steered: Steered, held: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And waits for its end, if it is to wait."""
    waits, wait = Event(), BackgroundJob.wait

    def tell_and_wait(job: BackgroundJob) -> None:
        waits.set()
        wait(job)

    monkeypatch.setattr(BackgroundJob, "wait", tell_and_wait)
    first = steered.post("/backup/trigger").json
    assert steered.post("/backup/trigger").json["id"] == first["id"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(steered.job, "/backup/trigger")
        assert waits.wait(PATIENCE_SECONDS)
        held.set()
        assert waiting.result(PATIENCE_SECONDS)["id"] == first["id"]
    assert steered.own.reasons == ["manual"]


def test_so_many_wait_at_once_and_no_more(steered: Steered, held: Event) -> None:
    """The next one is told to look again: the threads are for others, too."""
    came = Semaphore(0)
    with ThreadPoolExecutor(WAITS + 1) as pool:
        answers: list[Future[Any]] = []
        for _ in range(WAITS + 1):
            future = pool.submit(steered.post, "/backup/trigger?wait=true")
            future.add_done_callback(lambda _: came.release())
            answers.append(future)
        assert came.acquire(timeout=PATIENCE_SECONDS)
        held.set()
        statuses = sorted(answer.result(PATIENCE_SECONDS).status_code for answer in answers)
    assert statuses == [200] * WAITS + [202]
    assert steered.post("/backup/trigger?wait=true").status_code == 200


def test_a_restore_waits_for_the_round_of_the_catch_up(steered: Steered) -> None:
    """And says so; a dry run, which writes nothing, need not."""
    steered.job("/backup/trigger")
    with steered.turn.taken():
        assert steered.job("/backup/restore", '{"dry_run":true}')["result"]["steps"] == {}
        address = steered.post("/backup/restore").headers["Location"]
        wait_until(lambda: "catch-up" in steered.get(address)["progress"]["at"])
        assert steered.get(address)["state"] == "running"
    wait_until(lambda: steered.get(address)["state"] == "done")
    assert steered.get(address)["result"]["outcome"] == "restored"


def test_a_cleanup_keeps_what_the_settings_say(steered: Steered) -> None:
    """It leaves its record there; what is younger than an hour stays."""
    for _ in range(2):
        steered.own.add_rows()
        steered.job("/backup/trigger")
    result = steered.job("/backup/cleanup")["result"]
    assert (result["kept"], result["dropped"], result["bucket"]) == ([1, 2], [], None)
    assert len(list((steered.own.data.parent / "local/btc-logger/prunes").iterdir())) == 1


def test_a_drill_finds_damage(steered: Steered) -> None:
    """A chunk that was lost fails the job, and its verdict is kept with the backups."""
    steered.job("/backup/trigger")
    assert steered.job("/backup/drill")["result"]["providers"][0]["result"] == "passed"
    for chunk in steered.own.data.parent.glob("local/btc-logger/chunks/*/*"):
        chunk.unlink()
    answer = steered.post("/backup/drill?wait=true")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    (told,) = answer.json["job"]["result"]["providers"]
    assert (told["result"], told["lost_files"], list(told["lost"])) == ("failed", 1, ["day.csv"])
    assert told["stored_as"].startswith("drills/")


@pytest.mark.parametrize("route", ["restore", "drill", "cleanup"])
def test_an_empty_archive_is_no_failure(steered: Steered, route: str) -> None:
    """There is nothing to bring, to prove or to drop."""
    assert steered.job(f"/backup/{route}")["state"] == "done"


@pytest.mark.parametrize("body", ['{"backup":7}', '{"at":"2001-01-01"}', '{"files":"*.zip"}'])
@pytest.mark.parametrize("is_empty", [True, False])
def test_what_matches_nothing_is_not_found(steered: Steered, body: str, is_empty: bool) -> None:
    """404 with a hint, which is about these routes."""
    if not is_empty:
        steered.job("/backup/trigger")
    answer = steered.post("/backup/restore?wait=true", body)
    assert answer.status_code == answer.json["job"]["error"]["status"] == 404
    assert answer.json["hint"] == answer.json["job"]["error"]["hint"]
    assert "POST /backup/trigger" in answer.text if is_empty else "shows" in answer.text


def test_a_restore_brings_what_was_asked_for(steered: Steered) -> None:
    """An older backup's files by a pattern, from the provider that is named."""
    data = steered.own.data
    write(data, "old.json", b"{}")
    steered.job("/backup/trigger")
    append(data, "day.csv", rows(100))
    steered.job("/backup/trigger")
    for name in ("day.csv", "old.json"):
        (data / name).unlink()
    job = steered.job("/backup/restore?files=*.csv&provider=local&backup=1")
    assert job["asked"] == {"backup": 1, "provider": ["local"], "files": ["*.csv"]}
    result = job["result"]
    assert (result["outcome"], result["restored_files"], result["live"]) == ("restored", 1, True)
    assert result["backups"] == {steered.own.provider.address: 1}
    assert "states" not in result
    assert [place.name for place in data.iterdir() if place.is_file()] == ["day.csv"]
    assert (data / "day.csv").stat().st_size < 100


def test_a_dry_run_counts_what_would_be_done_to_the_files(
    steered: Steered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them, also where it names only the first."""
    monkeypatch.setattr(several, "MOST_NAMED", 2)
    data = steered.own.data
    for number in range(3):
        write(data, f"{number}.csv", rows(100))
    write(data, "state.json", b'{"rows": 1}', hours_ago=1)
    steered.job("/backup/trigger")
    for number in range(3):
        (data / f"{number}.csv").unlink()
    write(data, "state.json", b'{"rows": 2}', hours_ago=5)
    result = steered.job("/backup/restore?dry_run=true")["result"]
    assert result["actions"] == {"write": 3, "beside": 1}
    assert (len(result["steps"]), result["left_out"]) == (2, {"steps": 2})
    assert result["bytes_to_come"] == 3 * 100 + len(b'{"rows": 1}')


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/backup/restore", "backup=42", "not JSON"),
        ("/backup/restore", "[]", "no JSON object"),
        ("/backup/restore?backup=1", '{"backup":1}', "backup is in the body and in the query"),
        ("/backup/restore?provider=gcs", "", "provider: found "),
        ("/backup/trigger?providers=gcs", "", "providers: found "),
        ("/backup/drill", '{"providers":["tape"]}', "providers: found "),
        ("/backup/cleanup?keep=1", "", "keep"),
        ("/backup/trigger", "[" * 60_000, "not JSON"),
    ],
)
def test_a_bad_order_begins_nothing(steered: Steered, path: str, body: str, said: str) -> None:
    """400 that names it."""
    answer = steered.post(path, body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert said in answer.json["detail"]
    assert steered.get("/backup/jobs") == {"jobs": []}


def test_a_job_that_is_not_known_is_not_found(steered: Steered) -> None:
    """With where to look."""
    assert steered.get("/backup/jobs/0a1b2c3d")["status"] == 404


def test_work_that_is_under_way_ends_soon_at_the_end(steered: Steered) -> None:
    """A proof or a restore that stops half way says so, and is no failure."""
    steered.job("/backup/trigger")
    (steered.own.data / "day.csv").unlink()
    drill = steered.operations.drill(ProvidersOrder())
    restore = steered.operations.restore(RestoreOrder())
    steered.stop.set()
    proven: Any = drill(JobProgress())
    assert proven["providers"][0]["result"] == "partial"
    receipt: Any = restore(JobProgress())
    assert (receipt["outcome"], receipt["later"]) == ("partial", ["day.csv"])
    assert not (steered.own.data / "day.csv").exists()


def test_a_push_that_is_under_way_ends_soon_at_the_end(steered: Steered, held: Event) -> None:
    """Nothing more is fetched, so it holds nobody who pushes after it."""
    address = steered.post("/backup/trigger").headers["Location"]
    steered.stop.set()
    held.set()
    wait_until(lambda: steered.get(address)["state"] == "done")
    (told,) = steered.get(address)["result"]["providers"]
    assert (told["result"], told["new_bytes"], told["later"]) == ("partial", 0, ["day.csv"])


def test_nothing_begins_at_the_end(steered: Steered) -> None:
    """503, and the next instance can be asked."""
    steered.stop.set()
    assert steered.post("/backup/trigger").status_code == 503
