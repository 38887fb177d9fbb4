"""What a request to the storage fake is, and what is known of it before anything is done.

A request is first resolved to an operation, which says what it is about, and then performed,
so that whoever stands between the two can count it, refuse it or lose its answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from emulators.storage_access import Caller
from emulators.storage_answers import Answer


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    target: str  # path and query, still percent-encoded
    headers: Message
    body: bytes

    @property
    def segments(self) -> list[str]:
        """The parts of the path; a slash in an object's name is encoded and splits nothing."""
        return [unquote(part) for part in urlsplit(self.target).path.split("/")[1:]]

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Operation:
    """What a request is about, and what performs it for its caller."""

    verb: str
    bucket: str
    name: str
    act: Callable[[Caller], Answer]


class Api(Protocol):
    """The requests about one kind of thing."""

    url: str  # where the links in its answers lead

    def resolve(self, request: Request) -> Operation | None:
        """What a request asks for; None where it is not about such things."""
