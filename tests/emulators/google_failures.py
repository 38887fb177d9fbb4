"""What goes wrong in the stand-ins where a test plans it: which call, with what, and how often.

Each is a planned failure of calls that fit; one that did not fire as often as planned is an error
at the end, since the test that planned it would have proven nothing. The errors that the operation
of a deploy ends in are those of `google_deployment`.
"""

import re
from dataclasses import dataclass
from threading import Lock

from emulators.google_api import GoogleError
from emulators.google_projects import service_disabled


@dataclass(eq=False)
class Failure:
    """Calls of a method fail with an error, or, `as_operation`, what they begin ends in it."""

    method: str  # a pattern that is found in what `Call` names: "secrets.create", "setIamPolicy"
    error: GoogleError
    resource: str = ""  # only calls about resources whose name contains this
    skip: int = 0  # so many calls that fit pass before it
    times: int | None = 1  # None: every call from then on
    as_operation: bool = False
    fired: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it has fired as often as planned."""
        return self.fired == self.times if self.times is not None else self.fired > 0

    def fits(self, method: str, resource: str, *, as_operation: bool) -> bool:
        """Whether it is about such a call, and not spent."""
        if self.as_operation != as_operation or self.fired == self.times:
            return False
        return bool(re.search(self.method, method)) and self.resource in resource


class FailureNeverFired(AssertionError):
    """A test planned a failure that did not come to pass."""


class Failures:
    """All that is planned."""

    def __init__(self) -> None:
        self._planned: list[Failure] = []
        self._choosing = Lock()

    def plan(self, failure: Failure) -> Failure:
        """Add one; of several that fit a call, the first one fires."""
        with self._choosing:
            self._planned.append(failure)
        return failure

    def fire(self, method: str, resource: str, *, as_operation: bool = False) -> None:
        """Raise the error that this call meets, if any."""
        with self._choosing:
            for failure in self._planned:
                if failure.fits(method, resource, as_operation=as_operation):
                    if failure.skip:
                        failure.skip -= 1
                        continue
                    failure.fired += 1
                    raise failure.error

    def check(self) -> None:
        """Raise FailureNeverFired unless each fired as often as planned."""
        idle = [failure for failure in self._planned if not failure.is_over]
        if idle:
            raise FailureNeverFired(f"planned, and not fired so often: {idle}")


def permission_denied(permission: str, resource: str) -> GoogleError:
    """The caller lacks a permission on a resource."""
    what = f"Permission '{permission}' denied on resource '{resource}' (or it may not exist)."
    return GoogleError(403, what)


def not_enabled(service: str, number: str = "123456789012") -> GoogleError:
    """A service is not enabled, or not yet everywhere."""
    return service_disabled(service, number)


def billing_missing(number: str = "123456789012") -> GoogleError:
    """The project has no billing account, so its services cannot be enabled."""
    return GoogleError(
        400,
        f"Billing account for project '{number}' is not found. Billing must be enabled for"
        " activation of service(s) 'run.googleapis.com,cloudbuild.googleapis.com' to proceed.",
        "FAILED_PRECONDITION",
    )


def key_creation_forbidden(resource: str) -> GoogleError:
    """The organisation allows no keys of service accounts."""
    constraint = "constraints/iam.disableServiceAccountKeyCreation"
    return GoogleError(
        400,
        "Key creation is not allowed on this service account.",
        "FAILED_PRECONDITION",
        [
            {
                "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
                "violations": [
                    {
                        "type": constraint,
                        "subject": f"{resource}?configvalue={resource}",
                        "description": "Key creation is not allowed on this service account.",
                    }
                ],
            }
        ],
    )


def not_known_yet(email: str) -> GoogleError:
    """An account was just made, and is not known everywhere (for a minute, says Google)."""
    return GoogleError(400, f"Service account {email} does not exist.")


def concurrent_change() -> GoogleError:
    """Somebody else changed the policy since it was read."""
    message = "There were concurrent policy changes. Please retry the whole read-modify-write."
    return GoogleError(409, message, "ABORTED")
