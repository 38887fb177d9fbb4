"""What was delivered is judged as it came: how often, after which pause, and by whom."""

from email.message import Message

import pytest
from google.auth.exceptions import GoogleAuthError

from deploy.google_project import ACCOUNT
from emulators.google_front import Invocation
from emulators.google_signing import PrivateKey
from emulators.scheduler_api import SchedulerFake
from emulators.scheduler_tokens import Tokens
from end_to_end.deliveries import BODY, HEADERS, Delivery, check, duplicates, pauses
from end_to_end.whole import SPEED

ADDRESS = "http://127.0.0.1:1"
SCHEDULER = ACCOUNT.format("scheduler")
FIRST = Delivery("20:30", 0, 2, 200)


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (Delivery("21:00", 3, 4, 200), 0),
        (Delivery("20:30", 3, 4, 200), 1),
        (Delivery("21:00", 1, 4, 200), 1),
        (Delivery("20:30", 1, None, None), 1),
    ],
)
def test_a_duplicate_comes_beside_another_or_after_what_is_done(
    second: Delivery, count: int
) -> None:
    """The next time by the schedule is none."""
    assert duplicates([FIRST, second]) == count


def test_what_is_tried_again_after_a_failure_is_no_duplicate() -> None:
    """Nothing was done."""
    failed = Delivery("20:30", 0, 2, 503)
    assert duplicates([failed, Delivery("20:30", 3, 4, 200)]) == 0


def test_whoever_is_not_answered_is_at_work() -> None:
    """For all that come later."""
    assert duplicates([Delivery("20:30", 0, None, None), Delivery("21:00", 9, 10, 200)]) == 1


def test_a_pause_is_from_an_answer_to_the_next_delivery() -> None:
    """By Cloud Scheduler's own clock."""
    times = ((0, 2), (4, 6), (12, 13))
    sent = [Delivery("20:30", began, ended, 503) for began, ended in times]
    assert pauses(sent) == [2 * SPEED, 6 * SPEED]


def delivered(key: PrivateKey, account: str = SCHEDULER, address: str = ADDRESS) -> Invocation:
    """A delivery as it should be, or of somebody else."""
    headers = Message()
    for name, value in HEADERS.items():
        headers[name] = value
    headers["X-CloudScheduler-ScheduleTime"] = "2026-11-22T20:30:00Z"
    headers["Authorization"] = f"Bearer {Tokens(key).sign(account, address)}"
    return Invocation(headers, BODY)


def test_a_delivery_as_documented_is_taken() -> None:
    """With the scheduler's account, for this address."""
    key = PrivateKey()
    with SchedulerFake(signer=key) as scheduler:
        check(delivered(key), ADDRESS, scheduler.certs_url)


@pytest.mark.parametrize("name", [*HEADERS, "X-CloudScheduler-ScheduleTime"])
def test_another_header_is_noticed(name: str) -> None:
    """Each of them."""
    one = delivered(PrivateKey())
    one.headers.replace_header(name, "2026-11-22T20:30:00")
    with pytest.raises(AssertionError, match="a delivery"):
        check(one, ADDRESS, "")


def test_somebody_elses_token_is_noticed() -> None:
    """Of another account, for another address, or signed by another key."""
    key = PrivateKey()
    with SchedulerFake(signer=key) as scheduler:
        with pytest.raises(AssertionError, match="a delivery by me@example"):
            check(delivered(key, "me@example.com"), ADDRESS, scheduler.certs_url)
        for one in (delivered(key, address="http://127.0.0.1:2"), delivered(PrivateKey())):
            with pytest.raises((GoogleAuthError, ValueError)):
                check(one, ADDRESS, scheduler.certs_url)
