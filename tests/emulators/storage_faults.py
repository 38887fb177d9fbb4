"""What goes wrong in the storage fake where a test plans it: at which call, what, and how often."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from threading import Condition
from urllib.parse import parse_qs, unquote, urlsplit

from emulators.planned import Event, Plan


class FaultKind(Enum):
    """What happens to a call."""

    STATUS = "it is answered with an error status, and nothing is done"
    HELD = "it is done and answered once the fault has ended, and not before"
    RESET_BEFORE_BODY = "the connection is reset before the request's body is read"
    RESET_AFTER_BODY = "the connection is reset when the request is there, and nothing is done"
    CUT_BODY = "it is done, and half of the answer's body arrives"
    STALL = "it is done, half of the answer's body arrives, and then nothing more"
    CORRUPT_BYTES = "one bit of the object's bytes is flipped on its way"
    LOST_ANSWER = "it is done, and the connection is reset in place of an answer"
    RESET_AFTER_ANSWER = "it is done and answered, and then the connection is reset"


PATIENCE_SECONDS = 60  # for calls to be held; a test that waits so long has failed
CARRIES_BYTES = ("insert", "chunk", "media")
_OBJECT_VERBS = {"GET": "get", "PATCH": "update", "DELETE": "delete"}


@dataclass(eq=False)
class Fault(Event):
    """One planned fault and how often it has fired."""

    kind: FaultKind
    verb: str  # as `Call` names it
    name: str = ""  # only calls about objects whose name contains this
    status: int = 503  # of the kind STATUS
    retry_after: int | str | None = None  # what the header says, by rights a number of seconds
    has_ended: bool = False
    held: int = 0  # calls that were, with the kind HELD
    _changed: Condition = field(default_factory=Condition, repr=False)

    def __post_init__(self) -> None:
        if self.kind is FaultKind.CORRUPT_BYTES and self.verb not in CARRIES_BYTES:
            raise ValueError(f"a call of the verb {self.verb!r} carries no object's bytes")
        if self.kind in (FaultKind.CUT_BODY, FaultKind.STALL) and self.verb == "delete":
            raise ValueError("the answer to a delete has no body to cut")

    @property
    def is_spent(self) -> bool:
        """Whether no further call meets it."""
        return self.has_ended or super().is_spent

    def fits(self, verb: str, name: str) -> bool:
        """Whether it is about such a call."""
        return self.verb == verb and self.name in name

    def end(self) -> None:
        """No further call meets it, also if one does at this moment."""
        with self._changed:
            self.has_ended = True
            self._changed.notify_all()

    def hold(self) -> None:
        """Return when it has ended."""
        with self._changed:
            self.held += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.has_ended)

    def wait_for(self, calls: int) -> None:
        """Return once so many calls are held."""
        with self._changed:
            held = self._changed.wait_for(lambda: self.held >= calls, PATIENCE_SECONDS)
            assert held, f"not {calls} calls, but {self.held} are held: {self}"


class Faults(Plan[Fault]):
    """All that is planned."""

    def fire(self, kinds: Collection[FaultKind], verb: str, name: str) -> Fault | None:
        """The fault of one of these kinds that this call meets, now counted as fired."""
        return self.due(lambda fault: fault.kind in kinds and fault.fits(verb, name))

    def end(self) -> None:
        """No further call meets any, and none is held any more."""
        for fault in self.planned:
            fault.end()


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
