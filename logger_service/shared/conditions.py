"""Conditions that begin and end, each of which a person is told once: a pure comparison.

What is known and what holds now give the messages and what is known next. What nobody has looked
at stays as it is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.names import timestamp
from shared.told import Holding, Message, Told

NAMED = 10  # subjects in one message; of more it tells the number
LONGEST_LINE = 300  # characters
SLACK = 0.25  # of the time that a condition lingers: it is not noted anew at each look


@dataclass(frozen=True)
class Kind:
    """What may begin and end; the sentences are for people.

    One that lingers ends only when nobody has seen it for so long.
    """

    name: str
    begins: str = ""
    ends: str = ""
    linger_seconds: float = 0
    ends_quietly: bool = False


@dataclass(frozen=True)
class Look:
    """What was seen of one kind: subjects, each with what is to be said of it.

    `settled` are those subjects of which the look knows that they hold or do not; None for all.
    """

    kind: Kind
    holds: Mapping[str, str]
    settled: Collection[str] | None = None

    def settles(self, subject: str) -> bool:
        """Whether a subject that is not among those that hold is over."""
        return self.settled is None or subject in self.settled


def compare(told: Told, looks: Iterable[Look], now: datetime) -> Told:
    """What is known next; of what has begun and ended one message waits for each look's kind."""
    for look in looks:
        known = [one for one in told.holding if one.kind == look.kind.name]
        new = _new(look, known, now)
        over = [one for one in known if _is_over(one, look, now)]
        told = _next(told, look, (new, over), now).with_message(*_messages(look, new, over, now))
    return told


def clipped(text: str) -> str:
    """One line, not too long."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 2]} …"


def _new(look: Look, known: Sequence[Holding], now: datetime) -> list[Holding]:
    subjects = {one.subject for one in known}
    ends_at = _ends_at(look.kind, now)
    return [
        Holding(kind=look.kind.name, subject=subject, since=timestamp(now), ends_at=ends_at)
        for subject in look.holds
        if subject not in subjects
    ]


def _is_over(one: Holding, look: Look, now: datetime) -> bool:
    lingers = one.ends_at is not None and datetime.fromisoformat(one.ends_at) > now
    return one.subject not in look.holds and look.settles(one.subject) and not lingers


def _next(
    told: Told, look: Look, change: tuple[Sequence[Holding], Sequence[Holding]], now: datetime
) -> Told:
    new, over = change
    gone = {(one.kind, one.subject) for one in over}
    kept = (one for one in told.holding if (one.kind, one.subject) not in gone)
    holding = (*(_seen(one, look, now) for one in kept), *new)
    return told.model_copy(update={"holding": holding})


def _seen(one: Holding, look: Look, now: datetime) -> Holding:
    """The same, lingering anew if it was seen and would not linger long enough."""
    kind = look.kind
    is_seen = one.kind == kind.name and one.subject in look.holds
    if not is_seen or one.ends_at is None:
        return one
    if datetime.fromisoformat(one.ends_at) >= now + timedelta(seconds=kind.linger_seconds):
        return one
    return one.model_copy(update={"ends_at": _ends_at(kind, now)})


def _ends_at(kind: Kind, now: datetime) -> str | None:
    if not kind.linger_seconds:
        return None
    return timestamp(now + timedelta(seconds=kind.linger_seconds * (1 + SLACK)))


def _messages(
    look: Look, begun: Sequence[Holding], ended: Sequence[Holding], now: datetime
) -> list[Message]:
    kind, messages = look.kind, []
    if begun:
        lines = [_line(one.subject, look.holds[one.subject]) for one in begun]
        messages.append(_message(_title(kind.name, begun), kind.begins, lines, now))
    if ended and not kind.ends_quietly:
        lines = [_line(one.subject, f"since {one.since}") for one in ended]
        messages.append(_message(f"over: {_title(kind.name, ended)}", kind.ends, lines, now))
    return messages


def _title(name: str, those: Sequence[Holding]) -> str:
    if len(those) > 1:
        return f"{name} ({len(those)})"
    return clipped(f"{name}: {those[0].subject}" if those[0].subject else name)


def _line(subject: str, detail: str) -> str:
    return clipped(": ".join(part for part in (subject, detail) if part))


def _message(title: str, sentence: str, lines: Sequence[str], now: datetime) -> Message:
    more = len(lines) - NAMED
    told = [*([sentence] if sentence else []), *lines[:NAMED]]
    told += [f"and {more} more"] if more > 0 else []
    return Message(title=title, body="\n".join(filter(None, told)) or title, at=timestamp(now))
