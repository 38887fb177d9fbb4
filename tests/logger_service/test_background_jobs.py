"""Jobs in the background: one of a kind, told from its beginning to its end."""

import weakref
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from operating import background_jobs
from operating.background_job import BackgroundJob, State
from operating.background_jobs import MOST_KEPT, BackgroundJobs
from operating.failure import JobFailed
from operating.job_progress import JobProgress
from programs import PATIENCE_SECONDS
from shared.errors import (
    BackupError,
    Malformed,
    NothingMatches,
    SourceUnreachable,
    StorageForbidden,
)


class Held:
    """Work that goes on when a test lets it."""

    def __init__(self) -> None:
        self.began, self.may_end = Event(), Event()

    def work(self, progress: JobProgress) -> object:
        """One file, half of another, and when the test lets it the rest."""
        part = progress.part()
        part.begin(2, 30)
        part.advance("a.csv", 10)
        part.advance("b.csv", 5)
        self.began.set()
        assert self.may_end.wait(PATIENCE_SECONDS)
        part.advance("b.csv", 15)
        return {"done": True}


def not_done(_progress: JobProgress) -> object:
    """Work that no thread may come to."""
    return pytest.fail("it was begun")


@pytest.fixture
def jobs() -> BackgroundJobs:
    """None so far."""
    return BackgroundJobs(Event())


@pytest.fixture
def held() -> Iterator[Held]:
    """Let go at the end."""
    held = Held()
    yield held
    held.may_end.set()


def ended(jobs: BackgroundJobs, error: Exception | None = None, kind: str = "drill") -> Any:
    """What a job tells that returns 42 or raises the error."""

    def work(_progress: JobProgress) -> object:
        if error:
            raise error
        return 42

    job = jobs.begin(kind, {"some": "thing"}, work)
    job.wait()
    return job.as_dict()


def test_a_running_job_tells_how_far_it_is(jobs: BackgroundJobs, held: Held) -> None:
    """A file counts as done when the next one has begun, or all has ended."""
    job = jobs.begin("restore", {"backup": 42}, held.work)
    assert held.began.wait(PATIENCE_SECONDS)
    told = job.as_dict()
    began = {"files": 2, "bytes": 30, "files_done": 1, "bytes_done": 15, "at": "b.csv"}
    assert (told["state"], told["asked"], told["progress"]) == ("running", {"backup": 42}, began)
    assert (told["ended_at"], told["result"], told["error"]) == (None, None, None)
    held.may_end.set()
    job.wait()
    told = job.as_dict()
    assert told["progress"] == began | {"files_done": 2, "bytes_done": 30}
    assert (told["state"], told["result"]) == ("done", {"done": True})
    assert str(told["started_at"]) <= str(told["ended_at"])


def test_what_begins_anew_counts_on_from_what_has_come() -> None:
    """A backup that lost a race, or a second step of it."""
    progress = JobProgress()
    part, other = progress.part(), progress.part()
    part.begin(2, 30)
    part.advance("a.csv", 10)
    part.begin(1, 25)
    other.begin(1, 100)
    told = progress.as_dict()
    assert (told["files"], told["bytes"], told["bytes_done"]) == (3, 135, 10)


def test_what_a_job_waits_for_is_told(jobs: BackgroundJobs) -> None:
    """Until a file is at hand."""
    progress = JobProgress()
    progress.note("waits for its turn")
    assert progress.as_dict()["at"] == "waits for its turn"
    progress.part().advance("a.csv", 1)
    assert progress.as_dict()["at"] == "a.csv"
    assert ended(jobs)["progress"]["at"] == ""


def test_a_second_one_of_a_kind_is_the_first(jobs: BackgroundJobs, held: Held) -> None:
    """While it runs; another kind is another job."""
    first = jobs.begin("drill", {}, held.work)
    assert jobs.begin("drill", {"other": True}, not_done) is first
    assert ended(jobs, kind="cleanup")["id"] != first.id
    held.may_end.set()
    first.wait()
    assert ended(jobs)["id"] != first.id


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NothingMatches("no backup 7", hint="look there"), 404),
        (SourceUnreachable("no answer"), 502),
        (Malformed("no JSON"), 502),
        (StorageForbidden("may not", status=403), 503),
        (BackupError("odd"), 500),
        (JobFailed("half of it", {"half": 1}, status=502), 502),
    ],
)
def test_a_job_that_fails_says_why(jobs: BackgroundJobs, error: BackupError, status: int) -> None:
    """With the status that whoever waits is answered, and with what went well."""
    told = ended(jobs, error)
    assert told["state"] == "failed"
    assert told["error"]["message"] == error.message
    assert told["error"].get("hint", "") == error.hint
    assert told["error"]["status"] == status
    assert told["result"] == ({"half": 1} if isinstance(error, JobFailed) else None)


def test_an_error_that_nobody_foresaw_ends_only_its_job(
    jobs: BackgroundJobs, caplog: pytest.LogCaptureFixture
) -> None:
    """500, and the log has its trace."""
    told = ended(jobs, ZeroDivisionError("by zero"))
    assert (told["state"], told["error"]["status"]) == ("failed", 500)
    assert "by zero" in told["error"]["message"]
    assert any(record.exc_info for record in caplog.records)
    assert ended(jobs)["state"] == "done"


def test_a_job_that_gets_no_thread_is_in_nobodys_way(
    jobs: BackgroundJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request fails, and the next one of its kind begins."""

    def refuse(_work: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(background_jobs, "in_background", refuse)
        with pytest.raises(RuntimeError):
            jobs.begin("restore", {}, not_done)
    assert jobs.newest_first() == []
    assert ended(jobs, kind="restore")["state"] == "done"


class Watched(str):
    """A path of which can be told whether anybody still has it."""

    __slots__ = ("__weakref__",)


def test_a_job_that_has_ended_keeps_the_number_of_its_files(jobs: BackgroundJobs) -> None:
    """And not their paths: jobs are remembered, and a year has thousands."""
    seen = []

    def work(progress: JobProgress) -> None:
        part = progress.part()
        for name in ("a.csv", "b.csv"):
            path = Watched(name)
            seen.append(weakref.ref(path))
            part.advance(path, 1)

    job = jobs.begin("drill", {}, work)
    job.wait()
    assert job.as_dict()["progress"]["files_done"] == 2  # type: ignore[index]  # it is JSON
    assert seen[0]() is None


def test_who_wants_to_know_hears_of_each_end() -> None:
    """Before whoever waits goes on, and whatever another listener does."""
    heard: list[tuple[str, State, object]] = []

    def fail(_job: BackgroundJob) -> None:
        raise OSError("deaf")

    def listen(job: BackgroundJob) -> None:
        heard.append((job.kind, job.state, job.result))

    jobs = BackgroundJobs(Event(), [fail, listen])
    ended(jobs)
    ended(jobs, BackupError("odd"), "restore")
    assert heard == [("drill", State.DONE, 42), ("restore", State.FAILED, None)]
    assert jobs.ended == {("drill", State.DONE): 1, ("restore", State.FAILED): 1}


def test_the_newest_jobs_are_remembered(jobs: BackgroundJobs) -> None:
    """And no others."""
    ids = [ended(jobs)["id"] for _ in range(MOST_KEPT + 1)]
    assert [job.id for job in jobs.newest_first()] == ids[:0:-1]
    assert jobs.get(ids[0]) is None
    newest = jobs.get(ids[-1])
    assert newest is not None
    assert newest.id == ids[-1]


def test_a_running_job_is_remembered_however_many_come_after_it(
    jobs: BackgroundJobs, held: Held
) -> None:
    """Else a second one of its kind would begin beside it."""
    running = jobs.begin("restore", {}, held.work)
    for _ in range(MOST_KEPT + 1):
        ended(jobs)
    assert jobs.get(running.id) is running
    assert jobs.begin("restore", {}, not_done) is running


def test_nothing_begins_at_the_end_of_the_process() -> None:
    """The next instance can be asked."""
    stop = Event()
    jobs = BackgroundJobs(stop)
    stop.set()
    with pytest.raises(BackupError) as caught:
        jobs.begin("drill", {}, not_done)
    assert caught.value.status == 503
