"""A restore is shown before it is begun, and brings what was shown from the backups that were."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from dashboard import job_shown
from dashboard.previewed import confirmed, is_pinned
from engine.archives import rows, write
from logger_service.steered_pages import SteeredPages
from logger_service.watched_logger import backup
from operating.orders import RestoreOrder
from programs import PATIENCE_SECONDS
from watching.archive_state import ArchiveState

EARLY, LATE = datetime(2026, 11, 22, 8, tzinfo=UTC), datetime(2026, 11, 22, 9, tzinfo=UTC)
SEEN = (
    ArchiveState("gcs", "gs://b/x", backups=(backup(7, made=EARLY),)),
    ArchiveState("local", "/b/x", backups=(backup(43), backup(42, made=LATE))),
)


@pytest.fixture
def pages(tmp_path: Path) -> SteeredPages:
    """With a backup of three files."""
    pages = SteeredPages(tmp_path)
    for name in ("a.csv", "b.csv", "c.json"):
        write(pages.own.data, name, rows(100) if name[2:] == "csv" else b'{"rows": 1}')
    pages.done("/dashboard/jobs/trigger")
    return pages


def lose(pages: SteeredPages, *names: str) -> None:
    """They are gone from the disk."""
    for name in names:
        (pages.own.data / name).unlink()


def test_a_preview_of_one_provider_is_pinned_by_its_number() -> None:
    """Whichever that provider has by then."""
    asked = {"files": ["*.csv"], "earlier": True, "dry_run": True}
    order = confirmed(asked, {"gs://b/x": 7}, ())
    assert order.asked == {
        "backup": 7,
        "provider": ["gs://b/x"],
        "files": ["*.csv"],
        "earlier": True,
    }


def test_a_preview_of_several_is_pinned_by_the_newest_of_them() -> None:
    """Numbers are each provider's own."""
    order = confirmed({"dry_run": True}, {"gs://b/x": 7, "/b/x": 42}, SEEN)
    assert (order.at, order.backup, order.provider) == (LATE, None, ("gs://b/x", "/b/x"))
    assert is_pinned(order)


def test_a_preview_of_what_was_not_seen_is_not_pinned() -> None:
    """It stays the order that it was, and says so."""
    for archives in ((), SEEN[:1]):
        order = confirmed({"dry_run": True}, {"gs://b/x": 7, "/b/x": 42}, archives)
        assert order == RestoreOrder()
        assert not is_pinned(order)


def test_what_was_shown_is_brought_once_it_is_confirmed(pages: SteeredPages) -> None:
    """And nothing before."""
    lose(pages, "a.csv", "c.json")
    write(pages.own.data, "b.csv", b"something else\n", hours_ago=0)
    page = pages.preview()
    words = pages.read(page)
    assert "A restore would bring 3 files, 211 Bytes." in words
    assert "Added 2 files missing here" in words
    assert "Put beside 1 file under another name" in words
    assert "a.csv added" in words
    assert "See which, and confirm" in pages.read("/dashboard/parts/jobs")
    assert not (pages.own.data / "a.csv").exists()
    words = pages.read(pages.confirm(page))
    assert "Restored: 3 files brought, 211 Bytes" in words
    assert "From backup 1 of" in words
    assert (pages.own.data / "a.csv").read_bytes() == rows(100)
    assert (pages.own.data / "b.csv").read_bytes() == b"something else\n"


def test_a_confirmed_restore_is_of_the_backup_that_was_shown(pages: SteeredPages) -> None:
    """Also where there is a newer one by then."""
    lose(pages, "a.csv")
    page = pages.preview()
    write(pages.own.data, "d.csv", rows(100))
    pages.done("/dashboard/jobs/trigger")
    lose(pages, "d.csv")
    words = pages.read(pages.confirm(page))
    assert "Asked for: backup 1 of" in words
    assert (pages.own.data / "a.csv").exists()
    assert not (pages.own.data / "d.csv").exists()


def test_only_what_was_asked_for_is_brought(pages: SteeredPages) -> None:
    """Files by a pattern."""
    lose(pages, "a.csv", "c.json")
    newest = pages.preview(files="*.json")
    words = "Asked for: the newest backup of all providers; only files *.json"
    assert words in pages.read(newest)
    page = pages.preview(files="*.json", backup="1", provider="local")
    assert "Asked for: backup 1 of Local directory; only files *.json" in pages.read(page)
    pages.confirm(page)
    assert not (pages.own.data / "a.csv").exists()
    assert (pages.own.data / "c.json").exists()


def test_where_nothing_is_missing_there_is_nothing_to_confirm(pages: SteeredPages) -> None:
    """That is good news."""
    page = pages.preview()
    assert "Nothing is missing: there is nothing to restore." in pages.read(page)
    assert 'id="confirm"' not in pages.get(page)


def test_where_there_is_no_backup_the_page_leads_to_one(tmp_path: Path) -> None:
    """It is no failure."""
    pages = SteeredPages(tmp_path)
    words = pages.read(pages.preview())
    assert "There is no backup yet, so there is nothing to restore. Back up now makes one" in words


def test_what_matches_nothing_can_be_changed(pages: SteeredPages) -> None:
    """The form is filled in with what was asked."""
    page = pages.preview(files="*.zip, *.tar", at="2999-01-01", provider="local", earlier="true")
    assert "No file of the backup matches *.zip, *.tar" in pages.read(page)
    html = pages.get(page)
    address = "/dashboard/restore?provider=local&amp;at=2999-01-01T00:00:00Z&amp;"
    assert f'href="{address}files=*.zip,+*.tar&amp;earlier=true"' in html


def test_damage_is_shown_before_it_is_met(pages: SteeredPages) -> None:
    """What can be had can be restored all the same."""
    lose(pages, "a.csv")
    write(pages.own.data.parent, "local/btc-logger/backups/00000002.json", b"{}")
    page = pages.preview()
    assert "00000002.json" in pages.read(page)
    assert "Restore this file" in pages.read(page)
    pages.confirm(page)
    assert (pages.own.data / "a.csv").read_bytes() == rows(100)


def test_many_files_are_counted_and_the_first_named(pages: SteeredPages) -> None:
    """The page stays readable."""
    names = [f"{number:03}.csv" for number in range(203)]
    for name in names:
        write(pages.own.data, name, rows(10))
    pages.done("/dashboard/jobs/trigger")
    lose(pages, *names)
    words = pages.read(pages.preview())
    assert "Restore these 203 files" in words
    assert words.count(".csv added") == 200
    assert "and 3 more" in words


def test_an_old_preview_says_that_it_is(
    pages: SteeredPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The restore looks anew in any case."""
    lose(pages, "a.csv")
    page = pages.preview()
    assert "It looks once more when it begins, at the backups of this preview" in pages.read(page)
    assert "minutes old" not in pages.read(page)
    monkeypatch.setattr(job_shown, "OLD_PREVIEW", -job_shown.OLD_PREVIEW)
    assert "more than ten minutes old" in pages.read(page)


def test_a_second_press_begins_no_second_restore(pages: SteeredPages) -> None:
    """It leads to the one that runs."""
    lose(pages, "a.csv")
    form = pages.preview().replace("/jobs/", "/restore/")
    with pages.turn.taken():
        first = pages.press(form)
        again = pages.press(form)
        assert again == f"{first}?already=1"
        assert "This was running already when you asked" in pages.read(again)
    pages.wait_for(first, "Restored: 1 file brought")


def test_another_restore_is_not_taken_for_ones_own(pages: SteeredPages) -> None:
    """Only one runs at a time, and whoever asked for another is told so."""
    may_end = Event()

    def work(_progress: object) -> None:
        may_end.wait(PATIENCE_SECONDS)

    running = pages.jobs.begin("restore", {"backup": 9}, work)
    instead = pages.press("/dashboard/restore", files="*.csv")
    assert instead == f"/dashboard/jobs/{running.id}?instead=1"
    assert "Yours has not begun: another restore or preview was running" in pages.read(instead)
    may_end.set()
    running.wait()


def test_only_a_preview_can_be_confirmed(pages: SteeredPages) -> None:
    """No other job has shown anything, and a forgotten one shows it no more."""
    page = pages.done("/dashboard/jobs/drill")
    assert pages.submit(page.replace("/jobs/", "/restore/")).status_code == 409
    answer = pages.submit("/dashboard/restore/0a1b2c3d")
    assert answer.status_code == 404
    assert "none from before its last start" in answer.text
