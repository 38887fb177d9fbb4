"""What a request may demand of the storage fake, and how it is refused in Google's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class ApiError(Exception):
    """An answer other than success, with Google's word for the reason."""

    def __init__(
        self, status: int, reason: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = dict(headers or {})


_OF_SOURCE = {
    "sourceGeneration": "generation",
    "ifSourceGenerationMatch": "ifGenerationMatch",
    "ifSourceGenerationNotMatch": "ifGenerationNotMatch",
}


@dataclass(frozen=True)
class Conditions:
    """What a request demands of the live object; generation 0 stands for its absence."""

    generation: int | None = None
    match: int | None = None
    not_match: int | None = None

    @classmethod
    def of_copy(cls, query: Mapping[str, str]) -> tuple[Self, Self]:
        """What a request to copy demands of its source, in names of their own, and its target."""
        source = {_OF_SOURCE[name]: text for name, text in query.items() if name in _OF_SOURCE}
        target = {name: text for name, text in query.items() if name not in _OF_SOURCE}
        return cls.of(source), cls.of(target)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """The conditions of a request; one that the fake does not know is never ignored."""
        for name in query:
            if name.startswith(("ifMetageneration", "ifSource")):
                raise ApiError(501, "notImplemented", f"the storage fake does not know {name}")
        return cls(
            whole_number(query, "generation"),
            whole_number(query, "ifGenerationMatch"),
            whole_number(query, "ifGenerationNotMatch"),
        )

    def check_write(self, live: int) -> None:
        """Refuse an insert; where nothing is live, no `ifGenerationNotMatch` holds."""
        if self.match not in (None, live):
            raise condition_not_met()
        if self.not_match is not None and live in (0, self.not_match):
            raise condition_not_met()

    def check_existing(self, live: int, *, reading: bool) -> None:
        """Refuse a read or a delete of an object that exists."""
        if self.match not in (None, live):
            raise condition_not_met()
        if self.not_match == live:
            raise ApiError(304, "notModified", "") if reading else condition_not_met()


UNCONDITIONAL = Conditions()


def whole_number(query: Mapping[str, str], name: str) -> int | None:
    """A number of a request's query, or None where it is not given."""
    if name not in query:
        return None
    if not (query[name].isascii() and query[name].isdigit()):
        raise ApiError(400, "invalid", f"Invalid value for {name}: {query[name]}")
    return int(query[name])


def forbidden(permission: str, who: str = "The caller") -> ApiError:
    """Google's answer to a caller who lacks a permission."""
    return ApiError(403, "forbidden", lacks(permission, who))


def lacks(permission: str, who: str) -> str:
    """How Google says that a permission is lacking."""
    of_object = permission.startswith("storage.objects.") and permission != "storage.objects.list"
    kind = "object" if of_object else "bucket"
    return (
        f"{who} does not have {permission} access to the Google Cloud Storage {kind}. "
        f"Permission '{permission}' denied on resource (or it may not exist)."
    )


_REASONS = {408: "timeout", 429: "rateLimitExceeded", 500: "internalError"}


def failure(status: int, retry_after: int | str | None) -> ApiError:
    """Google's answer when it is not able to do what was asked."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    message = "We encountered an internal error. Please try again."
    return ApiError(status, _REASONS.get(status, "backendError"), message, headers)


def condition_not_met() -> ApiError:
    """Google's answer when what was demanded does not hold."""
    message = "At least one of the pre-conditions you specified did not hold."
    return ApiError(412, "conditionNotMet", message)
