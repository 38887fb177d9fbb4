"""Each button of the dashboard does what it says, and its job is told from beginning to end."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from logger_service.steered_pages import SteeredPages
from operating.background_job import BackgroundJob
from operating.background_jobs import MOST_KEPT
from operating.job_progress import JobProgress
from programs import PATIENCE_SECONDS
from shared.errors import StorageUnavailable

JOBS = "/dashboard/parts/jobs"


@pytest.fixture
def pages(tmp_path: Path) -> SteeredPages:
    """With something to back up."""
    pages = SteeredPages(tmp_path)
    pages.own.add_rows()
    return pages


@pytest.fixture
def held(pages: SteeredPages) -> Iterator[Event]:
    """Pushes wait for this to be set, at the latest at the end."""
    may_go = Event()
    pages.own.before_open = lambda: may_go.wait(PATIENCE_SECONDS)
    yield may_go
    may_go.set()


def begun(pages: SteeredPages, kind: str, progress: JobProgress, may_end: Event) -> BackgroundJob:
    """A job that is as far as the test says."""

    def work(own: JobProgress) -> object:
        own.__dict__.update(progress.__dict__)
        may_end.wait(PATIENCE_SECONDS)
        return None

    return pages.jobs.begin(kind, {}, work)


def test_before_anything_was_asked_for(pages: SteeredPages) -> None:
    """The buttons say what they do, and the list that it is empty."""
    words = pages.read("/dashboard")
    for button in ("Back up now", "Drill", "Clean up", "Restore…"):
        assert button in words
    assert "the newest 10 stay" in words
    assert "Nothing has been asked for since the logger started." in words


def test_a_backup_is_made_and_told(pages: SteeredPages) -> None:
    """With what was new, and the next time that nothing was."""
    assert pages.press("/dashboard/jobs/trigger") == "/dashboard#jobs"
    address = pages.own.provider.address
    pages.wait_for(JOBS, f"{address}: backup 1, 49 Bytes new")
    page = pages.done("/dashboard/jobs/trigger")
    assert f"{address}: nothing new since backup 1" in pages.read(page)
    assert pages.own.reasons == ["manual"]


def test_a_drill_and_a_clean_up_are_told(pages: SteeredPages) -> None:
    """The verdict, and what stays."""
    pages.done("/dashboard/jobs/trigger")
    drilled = pages.read(pages.done("/dashboard/jobs/drill"))
    assert "passed backup 1, 1 file, 49 Bytes read back in" in drilled
    cleaned = pages.read(pages.done("/dashboard/jobs/cleanup"))
    assert "Nothing to let go of: 1 local backup stays" in cleaned


def test_a_second_press_begins_no_second_backup(pages: SteeredPages, held: Event) -> None:
    """And says so."""
    pages.press("/dashboard/jobs/trigger")
    again = pages.press("/dashboard/jobs/trigger")
    assert again == "/dashboard?already=trigger#jobs"
    assert "A backup was running already when you asked" in pages.read(again)
    held.set()
    pages.wait_for(JOBS, "backup 1,")
    assert pages.own.reasons == ["manual"]


def test_an_open_page_is_asked_for_each_second_while_a_job_runs(
    pages: SteeredPages, held: Event
) -> None:
    """Who listens to the page hears of the beginning and of the end."""
    pages.press("/dashboard/jobs/trigger")
    job = pages.jobs.newest_first()[0]
    running = pages.get(JOBS)
    assert f'data-word="{job.id}-running" data-told="Backup has begun" data-every="1"' in running
    held.set()
    job.wait()
    ended = pages.get(JOBS)
    assert f'data-word="{job.id}-done" data-told="Backup is done">' in ended
    assert "data-every" not in ended


def test_how_far_a_job_is_is_told_in_figures(pages: SteeredPages) -> None:
    """A bar, its words, and the file at hand."""
    progress, may_end = JobProgress(), Event()
    part = progress.part()
    part.begin(3, 4000)
    part.advance("a.csv", 1000)
    part.advance("b.csv", 500)
    job = begun(pages, "drill", progress, may_end)
    pages.wait_for(JOBS, "1 of 3 files, 1.5 kB of 4.0 kB over all providers at b.csv")
    assert f'<progress id="progress-{job.id}" max="4000" value="1500">' in pages.get(JOBS)
    part.advance("c.csv", 2500)
    assert f'<progress id="progress-{job.id}"></progress>' in pages.get(JOBS)
    may_end.set()
    job.wait()
    assert "<progress" not in pages.get(JOBS)


def test_a_job_that_looks_around_has_a_bar_without_an_end(pages: SteeredPages, held: Event) -> None:
    """Nobody knows yet how much is to come."""
    pages.press("/dashboard/jobs/trigger")
    assert "running Backup" in pages.read(JOBS)
    assert "It looks at what is there" in pages.read(JOBS)
    assert "max=" not in pages.get(JOBS)
    held.set()


def test_a_restore_that_waits_for_the_catch_up_says_so(pages: SteeredPages) -> None:
    """On its own page as in the list."""
    pages.done("/dashboard/jobs/trigger")
    (pages.own.data / "day.csv").unlink()
    page = pages.preview()
    with pages.turn.taken():
        restoring = pages.press(f"/dashboard/restore/{page.rpartition('/')[2]}")
        for place in (restoring, JOBS):
            pages.wait_for(place, "It waits for the catch-up to end its round")
    pages.wait_for(restoring, "Restored: 1 file brought, 49 Bytes, 1 row")


def test_a_failure_is_told_with_what_to_do(pages: SteeredPages) -> None:
    """For the provider that failed."""

    def fail() -> None:
        raise StorageUnavailable("gs://b did not answer", hint="Try again later")

    pages.own.before_open = fail
    page = pages.done("/dashboard/jobs/trigger")
    for words in (pages.read(page), pages.read(JOBS)):
        assert "failed" in words
        assert "no backup gs://b did not answer Nothing is lost by that" in words


def test_a_drill_that_finds_damage_names_the_files(pages: SteeredPages) -> None:
    """In a table of its page; the list counts them."""
    pages.done("/dashboard/jobs/trigger")
    for chunk in pages.own.data.parent.glob("local/btc-logger/chunks/*/*"):
        chunk.unlink()
    page = pages.done("/dashboard/jobs/drill")
    assert "1 file cannot be restored whole" in pages.read(JOBS)
    assert "Keep this logger running until a drill passes" in pages.read(JOBS)
    assert "File What is missing day.csv" in pages.read(page)


def test_older_jobs_can_be_opened(pages: SteeredPages) -> None:
    """The newest five are shown at once."""
    for _ in range(7):
        pages.done("/dashboard/jobs/cleanup")
    html = pages.get(JOBS)
    assert html.count('<li id="job-') == 7
    assert html.index("2 older") > html.index(f"job-{pages.jobs.newest_first()[4].id}")
    assert html.index("2 older") < html.index(f"job-{pages.jobs.newest_first()[5].id}")


def test_backups_that_are_switched_off_cannot_be_asked_for(tmp_path: Path) -> None:
    """The button is there, and says why it does nothing; whoever posts all the same is told."""
    pages = SteeredPages(tmp_path, backup_enabled=False)
    html = pages.get("/dashboard")
    assert 'id="do-trigger" aria-describedby="of-trigger" disabled' in html
    assert "backups are switched off by BACKUP_ENABLED=false" in pages.read("/dashboard")
    answer = pages.submit("/dashboard/jobs/trigger")
    assert (answer.status_code, "Set BACKUP_ENABLED=true" in answer.text) == (503, True)
    assert html.count(" disabled") == 1


def test_a_forgotten_job_is_told_in_words(pages: SteeredPages) -> None:
    """A page that is open keeps its place; one that is opened is not found."""
    assert "none from before its last start" in pages.read("/dashboard/jobs/0a1b2c3d", 404)
    page = pages.done("/dashboard/jobs/cleanup")
    assert "There is no local backup yet" in pages.read(f"{page}/text")
    for _ in range(MOST_KEPT):
        pages.done("/dashboard/jobs/cleanup")
    words = pages.read(f"{page}/text")
    assert "There is no job" in words
    assert "Back up now and the other buttons begin another" in words


def test_the_text_of_a_job_is_sent_only_where_it_has_changed(pages: SteeredPages) -> None:
    """As that of any part of the page."""
    page = pages.done("/dashboard/jobs/cleanup")
    assert f'data-part="{page}/text"' in pages.get(page)
    text = pages.answer(f"{page}/text")
    again = pages.answer(f"{page}/text", **{"If-None-Match": text.headers["ETag"]})
    assert (text.status_code, again.status_code, again.data) == (200, 304, b"")
