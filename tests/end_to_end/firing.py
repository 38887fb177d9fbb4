"""Cloud Scheduler fires at the function: in time, twice, beside itself, in vain, and for too long.

Whatever happens, the history stays one line of numbers, and each of these ends with a backup.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from google.rpc.code_pb2 import Code

from emulators.scheduler_kept import JobAttempt
from emulators.storage_faults import Fault, FaultKind
from end_to_end.deliveries import deliveries, pauses
from end_to_end.managing import put_right, scheduler
from end_to_end.whole import JOB, SERVICE, Whole
from scheduling.jobs import FIRST_PAUSE
from soak.waiting import wait_until

ROWS = 8  # that are new before each backup
MANIFESTS = f"{SERVICE}/backups/"
DEADLINE_SECONDS = 30  # of its clock: the next attempt has to do it, also on a busy machine


def back_up_in_time(whole: Whole) -> None:
    """The schedule comes round, and once only."""
    with new_attempts(whole, 1) as attempts:
        due = whole.come_round()
    (attempt,) = attempts
    assert attempt.code == Code.OK, attempt
    told = attempt.attempt.schedule_time
    assert told == f"{due:%Y-%m-%dT%H:%M:%SZ}", f"due at {due}, and fired for {told}"


def deliver_twice(whole: Whole) -> None:
    """Both deliveries have read the same newest backup when each is about to write the next."""
    with new_attempts(whole, 2) as attempts:
        whole.project.scheduler.deliver_next_twice()
        with whole.project.storage.holding("insert", MANIFESTS) as held:
            whole.come_round()
            held.wait_for(2)
    assert [one.code for one in attempts] == [Code.OK, Code.OK], attempts


def run_while_it_runs(whole: Whole) -> None:
    """`gcloud scheduler jobs run` waits for nobody."""
    with new_attempts(whole, 2) as attempts:
        storage = whole.project.storage
        with storage.holding("insert", MANIFESTS) as held:
            whole.come_round()
            held.wait_for(1)
            scheduler(whole, "run", JOB)
            held.wait_for(2)
    assert [one.code for one in attempts] == [Code.OK, Code.OK], attempts


def fail_twice(whole: Whole) -> None:
    """Its process is killed in the middle, then storage refuses; the third attempt does it."""
    storage, fires = whole.project.storage, whole.project.scheduler
    sent = len(deliveries(whole))
    with new_attempts(whole, 3) as attempts:
        with storage.holding("insert", MANIFESTS) as held:
            whole.come_round()
            held.wait_for(1)
            refusal = storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))
            before = len(fires.attempts)
            kill_workers(whole)
            fires.wait_for_attempts(before + 1)
        fires.wait_for_attempts(before + 2)
        stored = len(whole.backups)  # with what the killed one had sent
        refusal.end()
    assert len(whole.backups) > stored, "the third attempt has made no backup"
    assert [one.number for one in attempts] == [1, 2, 3], attempts
    assert [one.code for one in attempts] == [Code.UNAVAILABLE, Code.UNAVAILABLE, Code.OK], attempts
    first, second = pauses(deliveries(whole)[sent:])
    assert first >= FIRST_PAUSE, f"the first pause was {first} s"
    assert second >= 2 * FIRST_PAUSE, f"the second pause was {second} s"


def outlive_the_deadline(whole: Whole) -> None:
    """The attempt is given up and made again, while the function goes on with the first."""
    scheduler(whole, "update", "http", JOB, f"--attempt-deadline={DEADLINE_SECONDS}s")
    fires = whole.project.scheduler
    with new_attempts(whole, 2) as attempts:
        begun, before = len(whole.project.cloud.invocations), len(fires.attempts)
        with whole.project.storage.holding("insert", MANIFESTS) as held:
            whole.come_round()
            fires.wait_for_attempts(before + 1)
            held.wait_for(1)
    assert [one.code for one in attempts] == [Code.DEADLINE_EXCEEDED, Code.OK], attempts
    unheard = whole.project.cloud.invocations[begun]
    wait_until(lambda: unheard.ended is not None, "the first delivery is answered, unheard")
    assert unheard.status == 200, f"the first delivery was answered {unheard.status}"
    put_right(whole)


@contextmanager
def new_attempts(whole: Whole, count: int) -> Iterator[list[JobAttempt]]:
    """The `count` of a block, once all is at rest: new rows were there, and are backed up then."""
    fires, found = whole.project.scheduler, list[JobAttempt]()
    whole.ledger.wait_for_rows(ROWS)
    before, backups = len(fires.attempts), len(whole.backups)
    yield found
    fires.wait_for_attempts(before + count)
    fires.wait_until_idle()
    found += fires.attempts[before:]
    numbers = [int(name.removeprefix(MANIFESTS).removesuffix(".json")) for name in whole.backups]
    assert numbers == [*range(1, len(numbers) + 1)], f"the backups have the numbers {numbers}"
    assert len(numbers) > backups, "no backup was made"


def kill_workers(whole: Whole) -> None:
    """End the function's processes as where the memory is used up; its server starts others."""
    for worker in psutil.Process(whole.cloud_run.function.process_id).children():
        worker.kill()
