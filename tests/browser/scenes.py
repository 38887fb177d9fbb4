"""What pictures are taken of: systems that run while their scenes are told, one after another."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

from browser.chromium import HEIGHT, PHONE
from browser.past_days import NOW_USD, SERVICE, SPREADS, put, store_past, utc_now, write_past
from browser.shown_logger import BUCKET, PASSWORD, ShownLogger, shown_logger
from emulators.exchange_server import Answer
from emulators.exchange_tickers import TICKERS, Market
from emulators.exchanges import ExchangeServers
from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from shared.gcs_provider import GcsProvider
from shared.local_provider import LocalProvider

SETTINGS = {
    "PRICE_SOURCES": ",".join(SPREADS),
    "LOG_INTERVAL_SECONDS": "5",
    "CATCH_UP_SECONDS": "1",
    "AUTO_RESTORE_ON_STARTUP": "true",
}
LATER = 60_000  # milliseconds for what takes a while
Prepare = Callable[[Page], object]


def _nothing(_page: Page) -> None:
    pass


@dataclass(frozen=True)
class Scene:
    """What is opened by whom, and what has to be there before the picture is taken.

    Below `tallest` pixels a picture is cut off.
    """

    name: str
    url: str
    told: str
    path: str = "/dashboard"
    look: str = "light"
    is_admin: bool = True
    prepare: Prepare = _nothing
    tallest: int = 1400


def state_is(word: str) -> Prepare:
    """The big word at the top."""
    return lambda page: expect(page.locator(".state .word")).to_have_text(word, timeout=LATER)


def first_boot(folder: Path) -> Generator[Scene, None, None]:
    """Nothing has ever been backed up; and the way in."""
    with _trading() as exchanges, shown_logger(folder, exchanges.url, **SETTINGS) as logger:
        yield Scene("login", logger.url, "the way in", is_admin=False)
        rows_there = "3 exchanges answer"
        yield Scene("first-boot", logger.url, rows_there, prepare=_first_looks)


def lived(folder: Path) -> Generator[Scene, None, None]:
    """Three days of prices and backups, a lost disk, its restore, a drill; and then trouble."""
    with (
        _trading() as exchanges,
        StorageFake([BUCKET]) as storage,
        ShownLogger(folder, storage, exchanges.url, **SETTINGS) as logger,
    ):
        _live(logger)
        yield from _healthy(logger)
        yield from _restore(logger)
        exchanges.kraken.answer = lambda: Answer(403)
        with logger.refusing_storage():
            told = "the bucket refuses, one exchange is left alone"
            yield Scene("degraded", logger.url, told, prepare=_trouble)


@contextmanager
def _trading() -> Iterator[ExchangeServers]:
    """The exchanges, each with a price of now."""

    def answer(source: str) -> Answer:
        usd = NOW_USD + SPREADS[source]
        bid, ask = f"{usd - 0.5:.2f}", f"{usd + 0.5:.2f}"
        market = Market(f"{usd:.2f}", bid, ask, "2862.86180275", datetime.now(UTC))
        return Answer(body=TICKERS[source](market))

    with ExchangeServers() as exchanges:
        for source in SPREADS:
            exchanges[source].answer = partial(answer, source)
        yield exchanges


def _live(logger: ShownLogger) -> None:
    """The past, and a start from nothing."""
    now = utc_now()
    rows = write_past(logger.data, now)
    shutil.rmtree(logger.data)
    os.environ["STORAGE_EMULATOR_HOST"] = logger.storage.url
    local = logger.folder / "backups" / SERVICE
    places = {
        GcsProvider(BUCKET, SERVICE): lambda name, document: logger.storage.plant(
            BUCKET, f"{SERVICE}/{name}", document
        ),
        LocalProvider(local): lambda name, document: (local / name).write_bytes(document),
    }
    store_past(logger.data, rows, now, places)
    shutil.rmtree(logger.data)
    done = logger.restore()
    assert done.returncode == 0, done.stdout + done.stderr
    put(logger.data, rows, now)
    logger.environment["RESTORE_EXIT_CODE"] = "0"
    logger.start()
    _ask(logger, "drill")
    assert logger.fire()["status"] == 200


def _healthy(logger: ShownLogger) -> Generator[Scene, None, None]:
    """On each kind of screen, and the pages beside it."""
    told = "three days, 60 backups in each of two places"
    yield Scene("healthy", logger.url, told, prepare=_all_is_told)
    yield Scene("dark", logger.url, "the same at night", look="dark", prepare=_all_is_told)
    yield Scene(
        "phone",
        logger.url,
        "the same in a hand",
        look="phone",
        prepare=_all_is_told,
        tallest=PHONE[1],
    )
    yield Scene("backups", logger.url, "the newest", "/dashboard/backups", tallest=HEIGHT)
    yield Scene("backup", logger.url, "one backup and its files", "/dashboard/backups/gcs/60")


def _restore(logger: ShownLogger) -> Generator[Scene, None, None]:
    """What it would do; and one that waits for a bucket which does not send on."""
    logger.stop_logger()
    logger.start_logger(AUTO_RESTORE_ON_STARTUP="false")  # it would bring them by itself
    for place in sorted((logger.data / "BTC-USD").glob("*.0a1b2c3d.csv"))[:2]:
        place.unlink()
    form = "/dashboard/restore?provider=gcs"
    yield Scene("preview", logger.url, "what a restore would do", form, prepare=_preview)

    def begin(page: Page) -> None:
        _preview(page)
        logger.storage.plan(Fault(FaultKind.STALL, "media", "chunks/", times=None))
        _confirm(page)

    yield Scene("restoring", logger.url, "a restore under way", form, prepare=begin)


def _ask(logger: ShownLogger, kind: str) -> None:
    headers = {"Authorization": f"Bearer {PASSWORD}"}
    url = f"{logger.url}/backup/{kind}?wait=true"
    answer = requests.post(url, headers=headers, timeout=LATER / 1000)
    assert answer.status_code == 200, answer.text


def _exchanges_answer(page: Page) -> None:
    answers = page.locator("#exchanges").get_by_text("answers", exact=True)
    expect(answers).to_have_count(len(SPREADS), timeout=LATER)


def _first_looks(page: Page) -> None:
    _exchanges_answer(page)
    expect(page.locator("#state")).to_contain_text("none yet", timeout=LATER)
    expect(page.locator("#backups")).not_to_contain_text("for the first time", timeout=LATER)


def _all_is_told(page: Page) -> None:
    state_is("Healthy")(page)
    _exchanges_answer(page)
    expect(page.locator("#backups table")).to_contain_text("passed", timeout=LATER)
    expect(page.locator("#prices svg.prices path.line")).to_have_count(len(SPREADS))


def _trouble(page: Page) -> None:
    expect(page.locator(".provider.bad")).to_be_visible(timeout=LATER)
    expect(page.locator("#exchanges")).to_contain_text("left alone", timeout=LATER)


def _preview(page: Page) -> None:
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#confirm")).to_be_visible(timeout=LATER)


def _confirm(page: Page) -> None:
    page.locator("#confirm").click()
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=LATER)
    page.goto(f"{page.url.partition('/dashboard')[0]}/dashboard")
    expect(page.locator("#jobs").get_by_role("progressbar")).to_be_visible(timeout=LATER)
