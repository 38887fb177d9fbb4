"""The pages of the backups: all of them as a list, and each with its files."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from emulators.storage_faults import Fault, FaultKind
from engine.archives import SERVICE, BucketStore, WatchedSource, back_up, write
from logger_service.browsed_backups import Browsed, browsing, local_store
from serving.web_server import STREAMS
from shared.backup import Job, backup
from shared.drill import drill
from shared.drill_report import store_report
from shared.format import Writer
from shared.names import manifest_name

STRANGE = "a <b>&\"#?%'.csv"


@pytest.fixture
def browsed(bucket: BucketStore, tmp_path: Path) -> Iterator[Browsed]:
    """Two stores that are empty."""
    with browsing(local_store(tmp_path / "stores"), bucket) as browsed:
        yield browsed


def make(data: Path, browsed: Browsed, kind: str, count: int = 1, reason: str = "manual") -> None:
    """So many more backups, each with ten new bytes."""
    for _ in range(count):
        number = len(list(data.glob("day-*.csv")))
        write(data, f"day-{number:04}.csv", f"{number:09}\n".encode())
        job = Job(SERVICE, reason, Writer(job="logger", instance="ab12"))
        backup(WatchedSource(data), browsed.stores[kind].provider, job)


def cells(page: str) -> list[list[str]]:
    """The texts of each row of its tables' bodies."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
    return [
        [_text(cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def links(page: str) -> list[str]:
    """Where it leads to."""
    return [unescape(link) for link in re.findall(r'<a [^>]*?href="(.*?)"', page)]


def test_without_a_backup_the_pages_say_so(browsed: Browsed) -> None:
    """And nothing is broken."""
    assert "There is no backup here yet" in browsed.page("/dashboard/backups")
    part = browsed.get("/dashboard/parts/backups").text
    assert "There is no backup yet" in part
    assert "<svg" not in part


def test_the_part_has_all_that_is_to_know_of_each_backup(data: Path, browsed: Browsed) -> None:
    """In nine columns, the newest first, whichever provider has it."""
    make(data, browsed, "gcs", 2)
    make(data, browsed, "local", reason="critical: disk_full: the disk refuses rows")
    gcs = browsed.stores["gcs"].provider
    store_report(gcs, drill([gcs], SERVICE))
    part = browsed.get("/dashboard/parts/backups").text
    local, second, first = cells(part)
    assert [row[0] for row in (local, second, first)] == ["1", "2", "1"]
    assert local[2] == "critical: disk_full: the disk refuses rows by the logger"
    assert second[2:] == [
        *("manual by the logger", "2", "20 Bytes", "10 Bytes"),
        *("Google Cloud Storage", "passed", "none"),
    ]
    assert first[7] == "no"
    assert "/dashboard/backups/gcs/2" in links(part)
    assert part.count('role="img"') == 2, "a chart for each provider"


def test_the_part_stays_the_same_while_nothing_is_new(data: Path, browsed: Browsed) -> None:
    """So an open page is not sent it again."""
    make(data, browsed, "gcs", 3)
    tag = browsed.get("/dashboard/parts/backups").headers["ETag"]
    again = browsed.get("/dashboard/parts/backups", **{"If-None-Match": tag})
    assert again.status_code == 304


def test_the_part_shows_the_newest_and_leads_to_all(data: Path, browsed: Browsed) -> None:
    """A long list is a page of its own."""
    make(data, browsed, "local", 23)
    part = browsed.get("/dashboard/parts/backups").text
    assert [row[0] for row in cells(part)] == [str(number) for number in range(23, 3, -1)]
    assert "All 23 backups" in part
    assert len(cells(browsed.page("/dashboard/backups"))) == 23


def test_what_is_known_is_shown_while_a_provider_does_not_answer(
    data: Path, browsed: Browsed
) -> None:
    """With its error; and what is still to be read is told, too."""
    make(data, browsed, "gcs", 2)
    make(data, browsed, "local")
    browsed.see = lambda states: [
        replace(states[0], error="it hangs", backups=states[0].backups[:1]),
        states[1],
    ]
    part = browsed.get("/dashboard/parts/backups").text
    assert "gs://btc/btc-logger has not answered since" in _text(part)
    assert "it hangs" in part
    assert "1 of 2 backups of gs://btc/btc-logger are still to be read" in part
    by_number = {(row[0], row[-3]): row for row in cells(part)}
    assert by_number["1", "Google Cloud Storage"][1] == "being read"
    assert by_number["1", "Local directory"][2] == "manual by the logger"


def test_the_list_can_be_turned_over_and_narrowed(
    data: Path, browsed: Browsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By links and a form that need no script."""
    monkeypatch.setattr("dashboard.backup_pages.BACKUPS_A_PAGE", 3)
    make(data, browsed, "gcs", 4)
    make(data, browsed, "local", 1)
    first = browsed.page("/dashboard/backups")
    assert len(cells(first)) == 3
    assert "1 to 3 of 5" in first
    older = next(link for link in links(first) if "page=2" in link)
    second = browsed.page(older)
    assert [row[0] for row in cells(second)] == ["2", "1"]
    assert any("page=1" in link for link in links(second))
    assert [row[6] for row in cells(browsed.page("/dashboard/backups?provider=local"))] == [
        "Local directory"
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [("page=0", 404), ("page=2", 404), ("page=x", 400), ("provider=s3", 404), ("pages=1", 400)],
)
def test_a_bad_question_is_answered_with_what_was_expected(
    browsed: Browsed, query: str, status: int
) -> None:
    """As everywhere."""
    answer = browsed.get(f"/dashboard/backups?{query}")
    assert (answer.status_code, "xpected" in answer.json()["hint"]) == (status, True)


def test_damaged_and_foreign_backups_are_in_the_list(data: Path, browsed: Browsed) -> None:
    """With what is wrong with them, and no link to a page that cannot be."""
    make(data, browsed, "local")
    browsed.stores["local"].plant(manifest_name(2), b"{")
    damaged, good = cells(browsed.page("/dashboard/backups"))
    assert damaged[0] == "2"
    assert damaged[1].startswith("cannot be read backups/00000002.json")
    assert good[0] == "1"
    assert "/dashboard/backups/local/2" not in links(browsed.page("/dashboard/backups"))


def test_a_backup_opens_to_what_it_says_and_to_its_files(data: Path, browsed: Browsed) -> None:
    """And each file leads to its bytes, whatever it is called."""
    write(data, STRANGE, b"strange\n", hours_ago=3)
    write(data, "old.csv", b"1\n", hours_ago=5)
    make(data, browsed, "gcs")
    page = browsed.page("/dashboard/backups/gcs/1")
    assert [row[0] for row in cells(page)] == ["day-0000.csv", STRANGE, "old.csv"]
    for told in ("manual", "ab12", "instance-1", "3, 20 Bytes", "gs://"):
        assert told in _text(page)
    downloads = [link for link in links(page) if link.startswith("/backup/files/")]
    contents = {browsed.get(link).content for link in downloads}
    assert contents == {b"strange\n", b"1\n", b"000000000\n"}


def test_earlier_versions_lead_to_their_bytes(data: Path, browsed: Browsed) -> None:
    """The newest of them first."""
    local = browsed.stores["local"].provider
    for hours_ago, content in ((3.0, b"one\n"), (2.0, b"second\n"), (1.0, b"third\n")):
        write(data, "rewritten.csv", content, hours_ago)
        back_up(data, local)
    page = browsed.page("/dashboard/backups/local/3")
    downloads = [link for link in links(page) if "version=" in link]
    assert [browsed.get(link).content for link in downloads] == [b"second\n", b"one\n"]
    assert "replaced in backup 3" in _text(page)


def test_files_that_are_new_or_have_changed_are_marked(data: Path, browsed: Browsed) -> None:
    """Since the backup before, if there is one that can be read."""
    local = browsed.stores["local"]
    for path in ("old.csv", "grown.csv"):
        write(data, path, b"1\n", hours_ago=5)
    back_up(data, local.provider)
    write(data, "grown.csv", b"1\n2\n", hours_ago=4)
    write(data, "added.csv", b"1\n", hours_ago=3)
    back_up(data, local.provider)
    marked = ["added.csv new", "grown.csv changed", "old.csv"]
    page = browsed.page("/dashboard/backups/local/2")
    assert [row[0] for row in cells(page)] == marked
    assert "since backup 1 are marked" in page
    local.plant(manifest_name(1), b"{")
    unmarked = browsed.page("/dashboard/backups/local/2")
    assert [row[0] for row in cells(unmarked)] == ["added.csv", "grown.csv", "old.csv"]
    assert "are marked" not in unmarked


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.json", ["sub/state.json"]),
        ("sub/*", ["sub/state.json", "sub/day.csv"]),
        ("STATE", []),
        ("day", ["sub/day.csv", "day.csv"]),
        ("b/d", ["sub/day.csv"]),
        ("<nothing>", []),
    ],
)
def test_files_can_be_looked_for(
    data: Path, browsed: Browsed, pattern: str, found: list[str]
) -> None:
    """By a pattern as the settings have them, or by a part of the name."""
    for hours_ago, path in enumerate(["sub/state.json", "sub/day.csv", "day.csv"], start=1):
        write(data, path, b"{}", hours_ago)
    back_up(data, browsed.stores["local"].provider)
    page = browsed.page(f"/dashboard/backups/local/1?files={pattern}")
    assert [row[0] for row in cells(page)] == found
    assert found or "fits" in page


def test_many_files_come_in_pages(
    data: Path, browsed: Browsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which keep what is looked for."""
    monkeypatch.setattr("dashboard.backup_pages.FILES_A_PAGE", 2)
    make(data, browsed, "local", 3)
    write(data, "other.csv", b"1\n", hours_ago=9)
    back_up(data, browsed.stores["local"].provider)
    page = browsed.page("/dashboard/backups/local/4?files=day")
    older = next(link for link in links(page) if "page=2" in link)
    assert "files=day" in older
    assert len(cells(page)) == 2
    assert len(cells(browsed.page(older))) == 1


@pytest.mark.parametrize(
    "path", ["gcs/2", "gcs/x", "gcs/0", "s3/1", "gcs/1?files=" + 201 * "x", "gcs/1?page=9"]
)
def test_what_is_not_there_is_a_page_that_says_what_is(
    data: Path, browsed: Browsed, path: str
) -> None:
    """With the way back."""
    make(data, browsed, "gcs")
    page = browsed.page(f"/dashboard/backups/{path}")
    assert re.search("There are those from 1 to 1|Expected", page)
    assert "Back to the dashboard" in page


def test_a_storage_that_fails_is_told(data: Path, browsed: Browsed, bucket: BucketStore) -> None:
    """The page that asks it is 503, and says what it said."""
    make(data, browsed, "gcs")
    bucket.fake.plan(Fault(FaultKind.STATUS, "media", "backups/", status=403, times=None))
    answer = browsed.get("/dashboard/backups/gcs/1")
    assert (answer.status_code, bool(answer.json()["hint"])) == (503, True)


@pytest.mark.parametrize("path", ["/dashboard/backups/gcs/1", "/backup/files/gcs/1/day-0000.csv"])
def test_a_storage_that_stalls_is_not_waited_for_long(
    data: Path,
    browsed: Browsed,
    bucket: BucketStore,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    """503; and it holds none of the threads then."""
    make(data, browsed, "gcs")
    monkeypatch.setattr("browsing.stored_backups.READ_SECONDS", 0.2)
    bucket.fake.plan(Fault(FaultKind.STALL, "media", "backups/", times=None))
    for _ in range(STREAMS + 1):
        answer = browsed.get(path)
        assert answer.status_code == 503
        assert "has not come within" in answer.json()["detail"]


def test_pages_that_wait_for_storage_leave_threads_for_others(data: Path, browsed: Browsed) -> None:
    """They count as downloads do; the list, which asks no storage, is always there."""
    make(data, browsed, "local")
    with ExitStack() as stack:
        for _ in range(STREAMS):
            stack.enter_context(browsed.streams.one())
        refused = browsed.get("/dashboard/backups/local/1")
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
        assert browsed.get("/dashboard/backups").status_code == 200
    assert browsed.get("/dashboard/backups/local/1").status_code == 200


def test_pages_name_nothing_that_a_policy_would_refuse(data: Path, browsed: Browsed) -> None:
    """No style or script of their own, and no other host."""
    make(data, browsed, "local", 3)
    for path in ("/dashboard", "/dashboard/backups", "/dashboard/backups/local/1"):
        page = browsed.page(path)
        assert not re.search(r'<style|<script(?! type="module" src)| style=| on[a-z]+=', page)
        assert not re.search(r'(src|href|action)="(?!/|#)', page)
