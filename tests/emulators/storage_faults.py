"""What goes wrong in the storage fake where a test plans it: at which call, what, and how often.

A planned fault that did not fire as often as planned is an error at the fake's end: the test
that planned it would have proven nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit


class FaultKind(Enum):
    """What happens to a call."""

    STATUS = "it is answered with an error status, and nothing is done"
    RESET_BEFORE_BODY = "the connection is reset before the request's body is read"
    RESET_AFTER_BODY = "the connection is reset when the request is there, and nothing is done"
    CUT_BODY = "it is done, and half of the answer's body arrives"
    STALL = "it is done, half of the answer's body arrives, and then nothing more"
    CORRUPT_BYTES = "one bit of the object's bytes is flipped on its way"
    LOST_ANSWER = "it is done, and the connection is reset in place of an answer"
    RESET_AFTER_ANSWER = "it is done and answered, and then the connection is reset"


CARRIES_BYTES = ("insert", "chunk", "media")
_OBJECT_VERBS = {"GET": "get", "PATCH": "update", "DELETE": "delete"}


@dataclass(eq=False)
class Fault:
    """One planned fault and how often it has fired."""

    kind: FaultKind
    verb: str  # as `Call` names it
    name: str = ""  # only calls about objects whose name contains this
    skip: int = 0  # so many calls that fit pass before it
    times: int | None = 1  # None: every call from then on
    status: int = 503  # of the kind STATUS
    retry_after: int | str | None = None  # what the header says, by rights a number of seconds
    fired: int = 0
    has_ended: bool = False

    def __post_init__(self) -> None:
        if self.kind is FaultKind.CORRUPT_BYTES and self.verb not in CARRIES_BYTES:
            raise ValueError(f"a call of the verb {self.verb!r} carries no object's bytes")
        if self.kind in (FaultKind.CUT_BODY, FaultKind.STALL) and self.verb == "delete":
            raise ValueError("the answer to a delete has no body to cut")

    @property
    def is_over(self) -> bool:
        """Whether it has fired as often as planned."""
        return self.fired == self.times if self.times is not None else self.fired > 0

    def fits(self, verb: str, name: str) -> bool:
        """Whether it is about such a call, and not spent."""
        is_spent = self.has_ended or self.fired == self.times
        return self.verb == verb and self.name in name and not is_spent

    def end(self) -> None:
        """No further call meets it, also if one does at this moment."""
        self.has_ended = True


class FaultNeverFired(AssertionError):
    """A test planned a fault that did not come to pass."""


class Faults:
    """All that is planned."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._choosing = Lock()

    def plan(self, fault: Fault) -> Fault:
        """Add a fault; of several that fit a call, the first one fires."""
        with self._choosing:
            self._planned.append(fault)
        return fault

    def fire(self, kinds: Collection[FaultKind], verb: str, name: str) -> Fault | None:
        """The fault of one of these kinds that this call meets, now counted as fired."""
        with self._choosing:
            for fault in self._planned:
                if fault.kind in kinds and fault.fits(verb, name):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.fired += 1
                    return fault
        return None

    def check(self) -> None:
        """Raise FaultNeverFired unless each fired as often as planned."""
        idle = [fault for fault in self._planned if not fault.is_over]
        if idle:
            raise FaultNeverFired(f"planned, and not fired so often: {idle}")


def verb_of_head(method: str, target: str) -> str:
    """The verb of a request whose body has not been read."""
    parts = urlsplit(target)
    query = parse_qs(parts.query)
    if "/upload/" in parts.path:
        is_resumable = query.get("uploadType") == ["resumable"]
        return "chunk" if method == "PUT" else "start" if is_resumable else "insert"
    if parts.path.endswith("/o"):
        return "list"
    if "/o/" not in parts.path or method not in _OBJECT_VERBS:
        return "unknown"  # not about objects
    return "media" if query.get("alt") == ["media"] else _OBJECT_VERBS[method]


def name_of_head(target: str) -> str:
    """The object's name in a request whose body has not been read; an upload's is in its body."""
    return unquote(urlsplit(target).path.rpartition("/o/")[2])


def flipped(data: bytes, at: int) -> bytes:
    """The bytes with one bit changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def flipped_in_upload(body: bytes) -> bytes:
    """An upload's body with one bit of its data changed; in a multipart one, a head comes first."""
    return flipped(body, body.rfind(b"\r\n\r\n") + 4 if b"\r\n\r\n" in body else 0)
