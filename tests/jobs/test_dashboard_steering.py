"""The buttons of a running logger's dashboard, pressed as a browser without script would."""

import re
from html import unescape
from pathlib import Path
from typing import Self

import pytest
import requests

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from engine.archives import contents, rows, touch, write
from job_processes import JobProcess, own_backups, running_logger
from jobs.own_archive import bucket_archive, in_bucket, local_archive, reasons
from shared.names import DRILLS

ALONE = {"AUTO_RESTORE_ON_STARTUP": "false"}  # what comes back, a test has asked for
PASSWORD = "admin-token"
JOBS = "/dashboard/parts/jobs"  # other parts may tell of a provider before all are done
ADMIN = {"Authorization": f"Bearer {PASSWORD}", "Accept": "text/html"}


class Browser:
    """Somebody who has logged in at the logger, and follows where its pages lead."""

    def __init__(self, logger: JobProcess) -> None:
        self._logger = logger
        self._session = requests.Session()
        self._session.trust_env = False
        own = {"Accept": "text/html", "Origin": logger.url, "Connection": "close"}
        self._session.headers.update(own)
        self.submit("/login", password=PASSWORD)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, path: str) -> str:
        """What a person reads there."""
        return self._read(self._session.get(self._logger.url + path, timeout=30))

    def submit(self, path: str, **fields: str) -> str:
        """What a person reads on the page that the form leads to."""
        return self._read(self._session.post(self._logger.url + path, data=fields, timeout=30))

    def until(self, path: str, words: str) -> str:
        """The page, once they can be read there."""
        self._logger.wait_until(lambda: words in self.get(path))
        return self.get(path)

    @property
    def cookie(self) -> str:
        """What it sends with each request."""
        return "; ".join(f"{name}={value}" for name, value in self._session.cookies.items())

    def _read(self, answer: requests.Response) -> str:
        assert answer.status_code == 200, answer.text
        self.page = answer.url.removeprefix(self._logger.url)
        self.html = answer.text
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with an old file and a new one."""
    data = tmp_path / "data"
    write(data, "old/day.csv", rows(500), hours_ago=30)
    write(data, "day.csv", rows(300), hours_ago=0)
    return data


def test_each_button_does_what_it_says(
    logger_folder: Path, data: Path, storage: StorageFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup at every provider, a verdict kept with each, old local backups gone, files back."""
    settings = {**ALONE, **in_bucket(storage), "ADMIN_TOKEN": PASSWORD, "MAX_LOCAL_BACKUPS": "1"}
    with running_logger(logger_folder, data, **settings) as logger, Browser(logger) as browser:
        archives = [bucket_archive(storage, monkeypatch), local_archive(data)]
        browser.submit("/dashboard/jobs/trigger")
        assert browser.page == "/dashboard#jobs"
        words = browser.until(JOBS, "backup 1, 800 Bytes new")
        assert words.count("backup 1, 800 Bytes new") == 2
        assert [reasons(archive) for archive in archives] == [["manual"], ["manual"]]

        browser.submit("/dashboard/jobs/drill")
        browser.until(JOBS, "2 files, 800 Bytes read back")
        assert [len(list(archive.list(DRILLS))) for archive in archives] == [1, 1]

        browser.submit("/dashboard/jobs/cleanup")
        words = browser.until(JOBS, "Nothing to let go of: 1 local backup stays")
        assert "gs://bucket/btc-logger is for the function to prune" in words
        assert len(list((own_backups(data) / "btc-logger/prunes").iterdir())) == 1

        before = contents(data)
        (data / "old/day.csv").unlink()
        browser.submit("/dashboard/restore", backup="", at="", provider="", files="")
        preview = browser.page
        words = browser.until(preview, "A restore would bring 1 file, 500 Bytes")
        assert "at the backups of this preview" in words
        assert not (data / "old/day.csv").exists()
        (form,) = re.findall(r'action="(/dashboard/restore/\w+)"', browser.html)
        browser.submit(form)
        assert browser.page != preview
        browser.until(browser.page, "Restored: 1 file brought, 500 Bytes")
        assert contents(data) == before


def test_old_local_backups_go_when_the_button_is_pressed(logger_folder: Path, data: Path) -> None:
    """Those that are older than an hour, and not the newest."""
    settings = {**ALONE, "ADMIN_TOKEN": PASSWORD, "MAX_LOCAL_BACKUPS": "1"}
    with running_logger(logger_folder, data, **settings) as logger, Browser(logger) as browser:
        for number in (1, 2, 3):
            write(data, f"{number}.csv", rows(100 * number))
            browser.submit("/dashboard/jobs/trigger")
            browser.until(JOBS, f"backup {number}, ")
        manifests = own_backups(data) / "btc-logger/backups"
        for manifest in manifests.iterdir():
            touch(manifest, hours_ago=2)
        browser.submit("/dashboard/jobs/cleanup")
        browser.until(JOBS, "Let go of 2 local backups")
        assert [manifest.name for manifest in manifests.iterdir()] == ["00000003.json"]


def test_a_provider_that_fails_is_told_beside_the_one_that_does_not(
    logger_folder: Path, data: Path
) -> None:
    """With what to do; and the state of the page says it, too."""
    with StorageFake([]) as storage:
        settings = {**ALONE, **in_bucket(storage), "ADMIN_TOKEN": PASSWORD}
        with running_logger(logger_folder, data, **settings) as logger, Browser(logger) as browser:
            browser.submit("/dashboard/jobs/trigger")
            words = browser.until(JOBS, "backup 1, 800 Bytes new")
            assert "The bucket gs://bucket does not exist" in words
            assert "then press the button again" in words

            browser.submit("/dashboard/restore")
            words = browser.until(browser.page, "Nothing is missing of what can be had")
            assert "The bucket gs://bucket does not exist" in words
            assert "Look whether the storage is up" in words


def test_a_backup_that_hangs_is_not_begun_twice(
    logger_folder: Path, data: Path, storage: StorageFake
) -> None:
    """The second press says so; after a restart the job is forgotten, and that is said, too."""
    storage.plan(Fault(FaultKind.STALL, "insert", "chunks/"))
    settings = {**ALONE, **in_bucket(storage), "SHUTDOWN_SECONDS": "8", "TRANSFER_THREADS": "1"}
    settings["ADMIN_TOKEN"] = PASSWORD
    with running_logger(logger_folder, data, **settings) as logger, Browser(logger) as browser:
        browser.submit("/dashboard/jobs/trigger")
        logger.wait_until(lambda: storage.count("insert") > 0)
        words = browser.submit("/dashboard/jobs/trigger")
        assert browser.page == "/dashboard?already=trigger#jobs"
        assert "A backup was running already when you asked" in words
        (job,) = re.findall(r'<li id="job-(\w+)">', browser.html)
        logger.kill()
    with running_logger(logger_folder, data, **settings) as logger, Browser(logger) as browser:
        assert "There is no job" in browser.get(f"/dashboard/jobs/{job}/text")
        answer = logger.request("GET", f"/dashboard/jobs/{job}", headers=ADMIN)
        assert answer.status_code == 404
        assert "Back up now" in answer.text


def test_a_foreign_page_presses_no_button(logger_folder: Path, data: Path) -> None:
    """Although the browser sends the session with it."""
    settings = {"ADMIN_TOKEN": PASSWORD}
    with running_logger(logger_folder, data, **settings) as logger, Browser(logger) as browser:
        headers = {"Cookie": browser.cookie, "Origin": "https://evil.example"}
        for path in ("jobs/trigger", "jobs/drill", "jobs/cleanup", "restore"):
            answer = logger.request("POST", f"/dashboard/{path}", headers=headers)
            assert answer.status_code == 403
        assert "Nothing has been asked for" in browser.get("/dashboard")
