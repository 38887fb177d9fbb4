"""The dashboard of a logger in this process whose buttons work, pressed as a browser would."""

import re
from html.parser import HTMLParser
from pathlib import Path
from threading import Event

from werkzeug.test import TestResponse

from browsing.stored_backups import StoredBackups
from catching_up.turn import Turn
from dashboard.dashboard import dashboard
from dashboard.problem_page import problem_page
from logger_service.own_destination import OwnDestination
from logger_service.shown_pages import BROWSER, backups_of, words_of
from logger_service.watched_logger import WatchedLogger
from operating.operations import Operations
from programs import wait_until
from serving.access import Access
from serving.job_routes import job_routes
from serving.streams import Streams
from serving.web_server import create_app

_ALONE = {"br", "hr", "img", "input", "link", "meta", "path", "circle", "use", "line"}


class SteeredPages:
    """Its local destination, which a test can hold, and its pages."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.own = OwnDestination(folder, "local/btc-logger", seconds=-60)
        self.turn, self.stop = Turn(), Event()
        told = {"host": "127.0.0.1", "local_backup_dir": folder / "local", **settings}
        self.backups = backups_of(WatchedLogger(self.own.data, told))
        self.jobs = self.backups.jobs
        of = self.backups.health.watched.settings
        access = Access(of)
        operations = Operations(of, [self.own.destination], self.turn, self.stop)
        stored = StoredBackups(of, self.backups.health.watched.archives)
        shown = dashboard(self.backups, operations, access, stored, Streams())
        pages = [*shown, job_routes(access, self.jobs)]
        self._browser = create_app(pages, problem_page).test_client()

    def answer(self, path: str, **headers: str) -> TestResponse:
        """Whatever it is."""
        return self._browser.get(path, headers={**BROWSER, "Host": "localhost", **headers})

    def get(self, path: str, status: int = 200) -> str:
        """The page's HTML, each element of which is closed."""
        answer = self.answer(path)
        assert answer.status_code == status, answer.text
        assert_whole(answer.text)
        return answer.text

    def read(self, path: str, status: int = 200) -> str:
        """What a person reads there."""
        return words_of(self.get(path, status))

    def submit(self, path: str, **fields: str) -> TestResponse:
        """The answer to a form."""
        headers = {**BROWSER, "Host": "localhost", "Origin": "http://localhost"}
        return self._browser.post(path, data=fields, headers=headers)

    def press(self, path: str, **fields: str) -> str:
        """Where the browser is led to."""
        answer = self.submit(path, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def done(self, path: str, **fields: str) -> str:
        """The page of the job that the form begins, once that has ended, however it did."""
        self.press(path, **fields)
        job = self.jobs.newest_first()[0]
        job.wait()
        return f"/dashboard/jobs/{job.id}"

    def preview(self, **fields: str) -> str:
        """The job page of a preview that has ended."""
        return self.done("/dashboard/restore", **fields)

    def confirm(self, page: str) -> str:
        """Press the button of a preview; the page of the restore, once that has ended."""
        (form,) = re.findall(r'action="(/dashboard/restore/[0-9a-f]+)"', self.get(page))
        return self.done(form)

    def wait_for(self, path: str, words: str) -> None:
        """Until they can be read there."""
        wait_until(lambda: words in self.read(path))


def assert_whole(html: str) -> None:
    """Each element is closed, in order, and each id is there once."""
    reader = _Elements()
    reader.feed(html)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids)), reader.ids


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in _ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It has to be the newest that is open."""
        if tag not in _ALONE:
            assert self.open
            assert self.open.pop() == tag
