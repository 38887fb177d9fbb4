"""What goes wrong in the stand-ins where a test plans it: which call, with what, and how often.

The errors that the operation of a deploy ends in are those of `google_deployment`.
"""

import re
from dataclasses import dataclass

from emulators.google_api import GoogleError
from emulators.google_projects import service_disabled
from emulators.planned import Event, Plan


@dataclass(eq=False)
class Failure(Event):
    """Calls of a method fail with an error, or, `as_operation`, what they begin ends in it."""

    method: str  # a pattern that is found in what `Call` names: "secrets.create", "setIamPolicy"
    error: GoogleError
    resource: str = ""  # only calls about resources whose name contains this
    as_operation: bool = False

    def fits(self, method: str, resource: str, *, as_operation: bool) -> bool:
        """Whether it is about such a call."""
        is_of_it = bool(re.search(self.method, method)) and self.resource in resource
        return is_of_it and self.as_operation == as_operation


class Failures(Plan[Failure]):
    """All that is planned."""

    def fire(self, method: str, resource: str, *, as_operation: bool = False) -> None:
        """Raise the error that this call meets, if any."""
        failure = self.due(lambda one: one.fits(method, resource, as_operation=as_operation))
        if failure:
            raise failure.error


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
