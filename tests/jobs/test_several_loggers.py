"""One function for several loggers: one that fails does not touch the other."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from emulators.storage import StorageFake
from job_processes import running_logger
from jobs.scripted_logger import Scripted, ScriptedLogger, listing
from jobs.several_loggers import (
    BTC,
    ETH,
    TOKENS,
    Both,
    both_running,
    post,
    running_for_several,
    show,
)
from telling.watchdog import Watchdog
from telling.webhook import Webhook


@pytest.fixture
def both(function_folder: Path, storage: StorageFake) -> Iterator[Both]:
    """With nothing backed up yet, and no message for anybody."""
    with both_running(function_folder, storage) as both:
        yield both


def test_two_real_loggers_have_a_history_each(
    function_folder: Path, logger_folder: Path, storage: StorageFake, tmp_path: Path
) -> None:
    """In folders of their names, by tokens of their own, and a drill of each passes."""
    with ExitStack() as stack:
        addresses = {}
        for name, token in TOKENS.items():
            data = tmp_path / name
            data.mkdir()
            (data / f"{name}.csv").write_bytes(name.encode())
            own = {"SERVICE_NAME": name, "SNAPSHOT_TOKEN": token}
            logger = stack.enter_context(running_logger(logger_folder, data, **own))
            addresses[name] = logger.url
        function = stack.enter_context(running_for_several(function_folder, addresses, storage))
        for action, result in (("backup", "created"), ("drill", "passed")):
            for name in TOKENS:
                report = post(function, action, name).json()
                assert (report["action"], report["target"], report["result"]) == (
                    action,
                    name,
                    result,
                )
                assert (report["number"], report["files"]) == (1, 1)
    for name in TOKENS:
        manifest = json.loads(storage.objects("bucket")[f"{name}/backups/00000001.json"])
        assert manifest["service"] == name
        assert [file["path"] for file in manifest["files"]] == [f"{name}.csv"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"action": "status"}',
        b'{"target": "xrp-logger"}',
        b'{"target": null}',
        b'{"target": ["btc-logger"]}',
        b'{"target": ""}',
    ],
    ids=["nothing", "action", "unknown", "null", "list", "empty"],
)
def test_a_request_that_names_none_of_them_is_refused_with_their_names(
    both: Both, body: bytes
) -> None:
    """Nobody is asked, and nothing is stored."""
    answer = both.function.request("POST", body=body)
    assert answer.status_code == 400
    assert "target" in answer.json()["message"]
    assert answer.json()["message"].endswith("expected one of btc-logger, eth-logger")
    assert both.loggers[BTC].heard == both.loggers[ETH].heard == []
    assert both.storage.calls == []


def test_what_is_asked_of_one_leaves_the_other_alone(both: Both) -> None:
    """Its logger is not asked, and its objects are as they were, also after a prune."""
    for name in TOKENS:
        both.storage.plant("bucket", f"{name}/scratch/old", b"", datetime(2026, 1, 1, tzinfo=UTC))
    both.at_once("backup")
    heard, before = len(both.loggers[BTC].heard), both.stored(f"{BTC}/")
    for action in ("backup", "drill", "prune", "maintenance", "status"):
        both.report(action, ETH)
    assert len(both.loggers[BTC].heard) == heard
    assert both.stored(f"{BTC}/") == before
    assert f"{ETH}/scratch/old" not in both.stored(ETH)


Break = Callable[[Both], object]


def _down(both: Both) -> None:
    both.loggers[ETH].snapshot = lambda _headers: Scripted(b"down", 500)


def _nonsense(both: Both) -> None:
    both.loggers[ETH].snapshot = lambda _headers: Scripted(b"no snapshot")


def _another_service(both: Both) -> None:
    both.loggers[ETH].snapshot = lambda _headers: Scripted(listing(service=BTC))


def _another_token(both: Both) -> None:
    show(both.loggers[ETH], BTC)


def _lost_chunks(both: Both) -> None:
    for name in both.stored(f"{ETH}/chunks/"):
        both.storage.remove("bucket", name)
    _down(both)  # else it has them still, and they are stored again


def _damaged_manifest(both: Both) -> None:
    for name in both.stored(f"{ETH}/backups/"):
        both.storage.plant("bucket", name, b"nonsense")


@pytest.mark.parametrize(
    ("happens", "action", "status"),
    [
        (_down, "backup", 502),
        (_nonsense, "backup", 502),
        (_another_service, "backup", 502),
        (_another_token, "backup", 502),
        (_lost_chunks, "drill", 503),
        (_lost_chunks, "maintenance", 503),
        (_damaged_manifest, "drill", 503),
    ],
)
def test_one_that_fails_does_not_touch_the_other(
    both: Both, happens: Break, action: str, status: int
) -> None:
    """Calls at once: one is answered with its error, the other does well, again and again."""
    assert {answer.status_code for answer in both.at_once("backup").values()} == {200}
    happens(both)
    for number in (2, 3):
        show(both.loggers[BTC], BTC, **{f"day{day}": b"row\n" for day in range(number)})
        answers = both.at_once(action)
        assert {name: answer.status_code for name, answer in answers.items()} == {
            BTC: 200,
            ETH: status,
        }
        assert both.report("backup", BTC)["number"] == number
    assert both.report("drill", BTC)["result"] == "passed"


def test_one_that_is_silent_holds_no_answer_about_the_other(both: Both) -> None:
    """While its call waits, as many as you like are answered."""
    asked, may_answer = Event(), Event()

    def answer(_headers: dict[str, str]) -> Scripted:
        asked.set()
        may_answer.wait(20)
        return Scripted(listing(service=ETH))

    both.loggers[ETH].snapshot = answer
    waiting = Thread(target=post, args=(both.function, "backup", ETH))
    waiting.start()
    try:
        assert asked.wait(20)
        for _ in range(3):
            assert both.report("backup", BTC)["number"] == 1
        assert waiting.is_alive()
    finally:
        may_answer.set()
        waiting.join()


def test_one_that_is_gone_does_not_touch_the_other(
    function_folder: Path, storage: StorageFake, scripted: ScriptedLogger
) -> None:
    """Nobody listens at its address."""
    show(scripted, BTC, day=b"row\n")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        gone = f"http://127.0.0.1:{closed.getsockname()[1]}"
        addresses = {BTC: scripted.url, ETH: gone}
        with running_for_several(function_folder, addresses, storage) as function:
            both = Both(function, {BTC: scripted}, storage)
            answers = both.at_once("backup")
    assert {name: answer.status_code for name, answer in answers.items()} == {BTC: 200, ETH: 502}
    assert (answers[ETH].json()["target"], answers[ETH].json()["error"]) == (
        ETH,
        "SourceUnreachable",
    )


def test_each_is_told_of_by_itself(function_folder: Path, storage: StorageFake) -> None:
    """One fails and recovers; what is remembered of it lies in its own folder."""
    with Webhook() as hook, both_running(function_folder, storage, NOTIFY_URLS=hook.url) as both:
        _down(both)
        for _ in range(2):
            both.at_once("backup")
        assert [title for title, _ in hook.texts] == ["eth-logger: backup failing"]
        assert (bool(both.stored(f"{ETH}/alerts/")), both.stored(f"{BTC}/alerts/")) == (True, {})
        show(both.loggers[ETH], ETH, day=b"row\n")
        both.at_once("backup")
        assert hook.texts[-1][0] == "eth-logger: over: backup failing"
        assert len(hook.texts) == 2


def test_each_has_a_watchdog_of_its_own(function_folder: Path, storage: StorageFake) -> None:
    """The one that is silent is missed, though the other is not."""
    with Watchdog() as btc, Watchdog() as eth:
        own = {"BTC_LOGGER_HEARTBEAT_URL": btc.url, "ETH_LOGGER_HEARTBEAT_URL": eth.url}
        with both_running(function_folder, storage, **own) as both:
            _down(both)
            both.at_once("backup")
            both.at_once("backup")
    assert (len(btc.asked), len(eth.asked)) == (2, 0)


def test_every_entry_of_the_log_says_whom_it_is_about(
    function_folder: Path, storage: StorageFake
) -> None:
    """Those of the engine's threads, too; no token is among them."""
    with (
        Webhook(refusals=99) as refusing,
        both_running(function_folder, storage, NOTIFY_URLS=refusing.url) as both,
    ):
        _down(both)
        both.at_once("backup")
    entries = [json.loads(line) for line in both.function.stdout]
    assert {entry["severity"] for entry in entries} == {"INFO", "WARNING", "ERROR"}
    for entry in entries:
        assert entry["message"].startswith(f"{entry['target']}: "), entry
        assert (entry["target"] == BTC) == (entry["severity"] == "INFO")
    assert not any(token in both.function.output for token in TOKENS.values())


def test_a_list_of_one_needs_no_name(function_folder: Path, storage: StorageFake) -> None:
    """Whoever takes one of two away has nothing to change but the list."""
    with ScriptedLogger() as logger:
        show(logger, ETH, day=b"row\n")
        with running_for_several(function_folder, {ETH: logger.url}, storage) as function:
            report = function.request("POST").json()
    assert (report["target"], report["result"]) == (ETH, "created")
    assert f"{ETH}/backups/00000001.json" in storage.objects("bucket")
