"""The start command brings the history back and becomes the logger, without any shell around it."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.checkout import START, Checkout
from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from job_processes import JobProcess
from jobs.seeded_archive import SECOND, plant, tree
from shared.receipt import read_receipt

LISTENS = r"listens on 127\.0\.0\.1:\d+"
LOUD = "WITHOUT HISTORY THAT SHOULD BE THERE"


def command_line(process_id: int) -> list[str]:
    """What a process runs."""
    return Path(f"/proc/{process_id}/cmdline").read_text().split("\0")


def child_of(process: JobProcess) -> int:
    """The restore that the script waits for."""
    number = process.process_id
    (child,) = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return int(child)


def stalling(storage: StorageFake, verb: str = "list", name: str = "") -> Fault:
    """Storage that leaves such a call without the end of its answer."""
    return storage.plan(Fault(FaultKind.STALL, verb, name))


def wait_for_restore(process: JobProcess, fault: Fault) -> None:
    """Return when the restore hangs in that call."""
    process.wait_until(lambda: fault.fired > 0)


def directly(checkout: Checkout) -> str:
    """By its own path."""
    return checkout.script(START)


def by_a_link(checkout: Checkout) -> str:
    """By a link to the script that lies elsewhere."""
    link = checkout.root.parent / "start"
    link.symlink_to(checkout.script(START))
    return str(link)


def by_a_linked_folder(checkout: Checkout) -> str:
    """By a path that leads through a link."""
    link = checkout.root.parent / "linked"
    link.symlink_to(checkout.root)
    return str(link / "deploy" / START)


def relatively(checkout: Checkout) -> str:
    """By a path from the folder that it is started in, as the platform's settings have it."""
    return f"./{checkout.root.name}/deploy/{START}"


@pytest.mark.parametrize("way", [directly, by_a_link, by_a_linked_folder, relatively])
def test_it_restores_and_becomes_the_logger(
    checkout: Checkout, way: Callable[[Checkout], str]
) -> None:
    """The same process, into the data directory below the root, wherever it is started."""
    with checkout.started(way(checkout)) as process:
        process.wait_for_line(LISTENS)
        assert "logger_service/main.py" in command_line(process.process_id)
        restored = {path: raw for path, raw in tree(checkout.data).items() if path in SECOND}
        assert restored == SECOND
        assert process.end() == 0
    process.wait_for_line("SIGTERM: the end begins")


def test_both_jobs_read_the_same_settings_file(checkout: Checkout) -> None:
    """The one at the root."""
    (checkout.root / ".env").write_text("DATA_DIR=kept\nSERVICE_NAME=btc-logger\n")
    with checkout.started() as process:
        process.wait_for_line(rf"into {checkout.root.resolve() / 'kept'} and {LISTENS}")
        assert tree(checkout.root / "kept").keys() >= SECOND.keys()
        assert process.end() == 0


@pytest.mark.parametrize("setting", [{"TRANSFER_THREADS": "0"}, {"GCS_BUCKET_NAME": "No"}])
def test_bad_settings_end_the_start(checkout: Checkout, setting: dict[str, str]) -> None:
    """2, said once: the logger is not even tried."""
    done = checkout.run(START, **setting)
    (name,) = setting
    assert done.returncode == 2
    assert done.stderr.count(name) == 1
    assert done.stdout == ""


@pytest.fixture
def signals_heard() -> Iterator[None]:
    """As a platform starts a service; in the background or under nohup no shell hears these."""
    numbers = (signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_heard")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_during_the_restore_ends_all_of_it(
    checkout: Checkout, storage: StorageFake, number: signal.Signals
) -> None:
    """At once, though storage hangs: no logger starts, and no restore goes on behind."""
    fault = stalling(storage)
    checkout.use_bucket(storage)
    with checkout.started(RESTORE_TIMEOUT_SECONDS="1000") as process:
        wait_for_restore(process, fault)
        assert process.end(number) == 128 + number
        assert "listens" not in process.output
        with pytest.raises(ProcessLookupError):
            os.killpg(process.process_id, 0)
    assert tree(checkout.data) == {}


def test_a_kill_in_the_middle_is_repaired_by_the_next_start(
    checkout: Checkout, storage: StorageFake
) -> None:
    """What was in place is whole, and the rest comes."""
    plant(checkout.store, storage)
    shutil.rmtree(checkout.store)
    fault = stalling(storage, "media", ".zst")
    checkout.use_bucket(storage)
    with checkout.started(RESTORE_TIMEOUT_SECONDS="1000", TRANSFER_THREADS="1") as process:
        wait_for_restore(process, fault)
        process.kill()
    assert tree(checkout.data).items() <= SECOND.items()
    with checkout.started() as process:
        process.wait_for_line(LISTENS)
        assert tree(checkout.data).items() >= SECOND.items()


def unreachable(checkout: Checkout) -> None:
    """The bucket is not there, and nothing else holds a backup."""
    shutil.rmtree(checkout.store)
    with StorageFake() as storage:
        checkout.use_bucket(storage, "gone")
    # It is asked again and again, at the start and at the end.
    checkout.settings |= {"RESTORE_TIMEOUT_SECONDS": "4", "SHUTDOWN_SECONDS": "3"}


def unreadable(checkout: Checkout) -> None:
    """Manifests that are none."""
    for manifest in checkout.store.rglob("backups/*.json"):
        manifest.write_bytes(b"{")


def in_part(checkout: Checkout) -> None:
    """One file's only chunk is gone."""
    max(checkout.store.rglob("*.zst")).unlink()


FAILURES = [(unreachable, 3, "gs://gone"), (unreadable, 4, "cannot be read"), (in_part, 5, "chunk")]


@pytest.mark.parametrize(("failure", "code", "reason"), FAILURES)
def test_a_start_without_history_is_loud(
    checkout: Checkout, failure: Callable[[Checkout], None], code: int, reason: str
) -> None:
    """By default the logger records, and a critical line says what is missing and why."""
    failure(checkout)
    with checkout.started() as process:
        process.wait_for_line(LISTENS)
        assert process.wait_for_line(f"CRITICAL .*{LOUD}.*{reason}")
        assert process.end() == 0
    receipt = read_receipt(checkout.data)
    assert receipt
    assert receipt.outcome.exit_code == code


@pytest.mark.parametrize(("failure", "code", "reason"), FAILURES)
def test_a_start_without_history_can_be_refused(
    checkout: Checkout, failure: Callable[[Checkout], None], code: int, reason: str
) -> None:
    """The restore's exit code, what to do, no port and no row: the old instance stays."""
    failure(checkout)
    done = checkout.run(START, RESTORE_ON_FAILURE="stop", LOG_INTERVAL_SECONDS="0.01")
    assert done.returncode == code
    (line,) = [line for line in done.stdout.splitlines() if "CRITICAL" in line]
    assert reason in line
    assert "RESTORE_ON_FAILURE=start" in line
    assert "listens" not in done.stdout
    assert not [*checkout.data.rglob("BTC-USD/????-??-??.*.csv")]


@pytest.mark.parametrize("on_failure", ["start", "stop"])
def test_a_restore_that_is_killed_is_a_failure(
    checkout: Checkout, storage: StorageFake, on_failure: str
) -> None:
    """As by a machine that is short of memory; an older receipt does not speak for it."""
    assert checkout.run(START, RESTORE_ON_FAILURE="stop", PORT="-1").returncode == 2
    fault = stalling(storage)
    checkout.use_bucket(storage)
    settings = {"RESTORE_TIMEOUT_SECONDS": "1000", "RESTORE_ON_FAILURE": on_failure}
    with checkout.started(**settings) as process:
        wait_for_restore(process, fault)
        os.kill(child_of(process), signal.SIGKILL)
        process.wait_for_line("CRITICAL .*the restore was ended by SIGKILL")
        if on_failure == "stop":
            assert process.wait() == 128 + signal.SIGKILL
        else:
            process.wait_for_line(LISTENS)


@pytest.mark.parametrize("on_failure", ["start", "stop"])
def test_a_first_boot_starts_quietly(checkout: Checkout, on_failure: str) -> None:
    """There is no history to miss."""
    shutil.rmtree(checkout.store)
    with checkout.started(RESTORE_ON_FAILURE=on_failure) as process:
        process.wait_for_line(LISTENS)
        assert process.end() == 0
    assert "CRITICAL" not in process.output
    assert "first boot" in process.output


@pytest.mark.parametrize("on_failure", ["start", "stop"])
def test_a_start_that_ran_out_of_time_is_no_failure(checkout: Checkout, on_failure: str) -> None:
    """The running logger brings the rest."""
    settings = {"RESTORE_TIMEOUT_SECONDS": "0.000001", "RESTORE_ON_FAILURE": on_failure}
    with checkout.started(**settings) as process:
        process.wait_for_line("the running logger brings what is left")
        process.wait_for_line(LISTENS)
        assert process.end() == 0
    assert "CRITICAL" not in process.output


def test_a_restore_that_is_switched_off_does_not_hinder(checkout: Checkout) -> None:
    """Nothing is restored, and nothing is missed."""
    with checkout.started(AUTO_RESTORE_ON_STARTUP="false", RESTORE_ON_FAILURE="stop") as process:
        process.wait_for_line(LISTENS)
        assert not tree(checkout.data).keys() & SECOND.keys()
        assert process.end() == 0
