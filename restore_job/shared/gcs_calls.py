"""Calls of the storage SDK: tried again as Google advises, and every exception of it translated.

Attempts are bounded in number and in time, and none is made sooner than the storage asks for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from time import monotonic
from typing import TypeVar

from google.api_core import exceptions as api
from google.api_core.retry import exponential_sleep_generator, retry_target
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from requests import Response
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from shared.errors import (
    ObjectExists,
    ObjectMissing,
    StorageForbidden,
    StorageMissing,
    StorageUnavailable,
)

ATTEMPTS = 6  # at one operation
PATIENCE = 45.0  # seconds for all of them
CONNECTING, ANSWERING = 5.0, 15.0  # seconds to connect, and between two pieces of an answer
LEAST_TIMEOUT = 0.1  # seconds; none at all would be no timeout
SILENCES = 3  # that there is patience for: one stalled answer must leave time for another try
FIRST_WAIT, LONGEST_WAIT = 0.5, 16.0  # seconds, each wait a random part of at most that
# https://cloud.google.com/storage/docs/retry-strategy: what may go away by itself.
TRANSIENT = (408, 429, 500, 502, 503, 504)
LOST_ON_THE_WAY = (TransportError, RequestException, HTTPError, HTTPException, OSError)

Timeout = tuple[float, float]
Result = TypeVar("Result")


class GcsCalls:
    """Calls to one bucket; all attempts at one take about `patience` seconds at most."""

    def __init__(self, bucket: str, patience: float) -> None:
        self._bucket, self._patience = bucket, patience

    def run(self, right: str, name: str, act: Callable[[Timeout], Result]) -> Result:
        """What `act` returns, given the timeouts of one attempt; `right` is what it needs.

        Raises:
            StorageError: as exact a one as the SDK's exception tells.
        """
        attempts = _Attempts(self._patience)
        with _translated(name, right, self._bucket):
            result: Result = retry_target(
                lambda: act(attempts.timeout),
                attempts.another_may_help,
                attempts.waits(),
                timeout=self._patience,
                exception_factory=_the_last_one,
            )
        return result


class _Attempts:
    """How many have been made at one operation, and what the last one was told."""

    def __init__(self, patience: float) -> None:
        self._made = 0
        self._asked_to_wait = 0.0
        self._patience = patience
        self._ends_at = monotonic() + patience

    @property
    def timeout(self) -> Timeout:
        """Of the next attempt, in seconds."""
        left = self._ends_at - monotonic()
        longest = max(min(left, self._patience / SILENCES), LEAST_TIMEOUT)
        return min(CONNECTING, longest), min(ANSWERING, longest)

    def another_may_help(self, error: Exception) -> bool:
        """Count a failed attempt; whether one more is worth it."""
        self._made += 1
        self._asked_to_wait = _retry_after(error)
        return self._made < ATTEMPTS and _is_transient(error)

    def waits(self) -> Iterator[float]:
        """Seconds before the next attempt."""
        for seconds in exponential_sleep_generator(FIRST_WAIT, LONGEST_WAIT):
            yield max(seconds, self._asked_to_wait)


def _the_last_one(errors: list[Exception], *_: object) -> tuple[Exception, None]:
    return errors[-1], None


def _is_transient(error: Exception) -> bool:
    status = _status(error)
    if status is None:
        return isinstance(error, (DataCorruption, *LOST_ON_THE_WAY))
    return status in TRANSIENT or _is_corrupt_upload(error)


def _is_corrupt_upload(error: Exception) -> bool:
    """Whether the storage says that other bytes arrived than were sent."""
    return _status(error) == 400 and "match calculated" in str(error).lower()


def _response(error: Exception) -> Response | None:
    if isinstance(error, (InvalidResponse, api.GoogleAPICallError)):
        response: Response | None = error.response
        return response
    return None


def _retry_after(error: Exception) -> float:
    """Seconds that the storage wants to be left alone; a date is not what it sends."""
    response = _response(error)
    told = response.headers.get("Retry-After", "") if response is not None else ""
    return float(told) if told.isascii() and told.isdigit() else 0.0


def _status(error: Exception) -> int | None:
    if isinstance(error, InvalidResponse):
        return int(error.response.status_code)
    if isinstance(error, api.GoogleAPICallError) and error.code is not None:
        return int(error.code)
    return None


@contextmanager
def _translated(name: str, right: str, bucket: str) -> Iterator[None]:
    try:
        yield
    except (api.GoogleAPIError, InvalidResponse, DataCorruption) as error:
        raise _ours(error, name, right, bucket) from error
    except LOST_ON_THE_WAY as error:
        raise StorageUnavailable(
            f"gs://{bucket} did not answer: {error}", name=name, hint="Try again later"
        ) from error
    except GoogleAuthError as error:
        hint = "Set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file"
        raise StorageForbidden(
            f"no valid key for gs://{bucket}: {error}", name=name, hint=hint
        ) from error


def _ours(error: Exception, name: str, right: str, bucket: str) -> Exception:
    status = _status(error)
    where = f"gs://{bucket}"
    # The message also carries the address, and a bucket may be called "my-bucket".
    if status == 404 and "bucket does not exist" in str(error).lower():
        hint = "Create it, or correct GCS_BUCKET_NAME"
        return StorageMissing(
            f"the bucket {where} does not exist", name=bucket, hint=hint, status=404
        )
    if status == 404:
        return ObjectMissing(f"there is no object {name} in {where}", name=name, status=404)
    if status == 412:
        return ObjectExists(f"{name} exists already in {where}", name=name, status=412)
    if status in (401, 403):
        hint = f"Grant this key storage.objects.{right} on the bucket"
        return StorageForbidden(
            f"the key may not {right} {name} in {where}", name=name, hint=hint, status=status
        )
    if isinstance(error, DataCorruption):  # on its way: what is stored agrees with its checksum
        return StorageUnavailable(
            f"{name} from {where} arrived damaged each time: {error}",
            name=name,
            hint="Try again later",
        )
    return StorageUnavailable(
        f"{where} failed to {right} {name}: {error}",
        name=name,
        hint="Try again later",
        status=status,
    )
