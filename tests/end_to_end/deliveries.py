"""What Cloud Scheduler delivered to the function, as the function's own address has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import requests
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from deploy.google_project import ACCOUNT
from emulators.google_front import Invocation
from end_to_end.whole import JOB, SPEED, Whole

HEADERS = {
    "User-Agent": "Google-Cloud-Scheduler",
    "X-CloudScheduler": "true",
    "X-CloudScheduler-JobName": JOB,
    "Content-Type": "application/json",
}
BODY = b'{"action": "backup"}'


@dataclass(frozen=True)
class Delivery:
    """One request, for the execution of that time; `ended` is None while it is not answered."""

    scheduled: str
    began: float
    ended: float | None
    status: int | None


def deliveries(whole: Whole) -> list[Delivery]:
    """All so far, in the order in which they came; each has to be as it is documented."""
    found = [one for one in whole.project.cloud.invocations if is_scheduled(one)]
    (function,) = whole.project.cloud.functions.values()
    for one in found:
        check(one, function["serviceConfig"]["uri"], whole.project.scheduler.certs_url)
    return [
        Delivery(one.headers["X-CloudScheduler-ScheduleTime"], one.began, one.ended, one.status)
        for one in found
    ]


def is_scheduled(invocation: Invocation) -> bool:
    """Whether Cloud Scheduler sent it."""
    return "X-CloudScheduler" in invocation.headers


def duplicates(found: Sequence[Delivery]) -> int:
    """How many came while another one was at work, or after one of the same time had done it."""
    return sum(
        any(
            other.ended is None
            or other.ended > one.began
            or (other.scheduled, other.status) == (one.scheduled, 200)
            for other in found[:number]
        )
        for number, one in enumerate(found)
    )


def pauses(found: Sequence[Delivery]) -> list[float]:
    """Cloud Scheduler's seconds from the answer to each until the next came."""
    return [
        (after.began - before.ended) * SPEED
        for before, after in pairwise(found)
        if before.ended is not None
    ]


def check(invocation: Invocation, address: str, certs_url: str) -> None:
    """Raise unless a delivery has the headers, the body and the token of a job.

    Raises:
        AssertionError: another header or body, or another account.
        GoogleAuthError, ValueError: a token that Google's own library refuses for this address.
    """
    headers = invocation.headers
    told = {name: headers[name] for name in HEADERS}
    assert told == HEADERS, f"a delivery has the headers {told}, expected {HEADERS}"
    assert invocation.body == BODY, f"a delivery has the body {invocation.body!r}"
    scheduled = headers["X-CloudScheduler-ScheduleTime"]
    assert datetime.fromisoformat(scheduled).tzinfo, f"a delivery is for {scheduled}"
    kind, _, token = headers["Authorization"].partition(" ")
    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between us and loopback
        claims = id_token.verify_token(
            token, Request(session), audience=address, certs_url=certs_url
        )
    account = ACCOUNT.format("scheduler")
    assert (kind, claims["email"]) == ("Bearer", account), f"a delivery by {claims['email']}"
