"""What people have been told of and is not over, and what is still on its way to them.

The function keeps it beside the backups, the logger in the notes of its data directory.
"""

from collections.abc import Collection
from typing import Literal

from pydantic import ConfigDict

from shared.document import Document
from shared.format import Time

MOST_WAITING = 100  # messages; where nobody takes them for so long, the oldest are let go


class Holding(Document):
    """A condition that has begun."""

    kind: str
    subject: str = ""
    since: Time
    ends_at: Time | None = None  # not before, though nobody sees it any more


class Message(Document):
    """What a person is to read; `claimed_by` is whoever is sending it just now."""

    title: str
    body: str
    at: Time
    claimed_by: str = ""
    claimed_at: Time | None = None

    def is_same(self, other: "Message") -> bool:
        """Whoever sends it."""
        return (self.title, self.body, self.at) == (other.title, other.body, other.at)


class Told(Document):
    """All of it, for one service."""

    model_config = ConfigDict(title="document of alerts")

    format: Literal[1] = 1
    service: str
    written_by: str = ""  # never the same twice: two writers' documents are never equal
    holding: tuple[Holding, ...] = ()
    waiting: tuple[Message, ...] = ()
    receipt: str = ""  # when the restore began that was told of last, before a logger's start

    def with_message(self, *messages: Message) -> "Told":
        """These wait, too."""
        return self.model_copy(update={"waiting": (*self.waiting, *messages)[-MOST_WAITING:]})

    def without(self, taken: Collection[Message]) -> "Told":
        """These have arrived."""
        left = [one for one in self.waiting if not any(one.is_same(other) for other in taken)]
        return self.model_copy(update={"waiting": tuple(left)})
