"""Whether one version of a file continues another: told by digests, or by one question of bytes.

Nothing is guessed from sizes or times.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from shared.chunk import CHUNK_SIZE
from shared.format import Version

# Longer versions, the likeliest first, of which one is asked whether it begins them. Each answer
# costs the reading of a chunk; without one both are kept, so a long list of versions costs no more.
ASKED = 10

Proven = Collection[tuple[str, str]]
"""Pairs of digests: the first chunk's bytes are a prefix of the second's."""


@dataclass(frozen=True)
class Question:
    """Is the chunk `short`, of `length` bytes, a prefix of the chunk `long`?

    The bytes of `long` answer it: their first `length` bytes hash to `short`, or do not.
    """

    short: str  # digest
    length: int  # bytes
    long: str  # digest


def question(shorter: Version, longer: Version) -> Question | bool:
    """Whether the longer version extends the shorter: known from digests, or one question."""
    whole, rest = divmod(shorter.size, CHUNK_SIZE)
    short, long = shorter.digests, longer.digests
    if shorter.size > longer.size or short[:whole] != long[:whole]:
        return False
    if not rest or short[whole] == long[whole]:
        return True
    if min(CHUNK_SIZE, longer.size - whole * CHUNK_SIZE) == rest:
        return False
    return Question(short[whole], rest, long[whole])


def extends(longer: Version, shorter: Version, proven: Proven) -> bool:
    """Whether the shorter version's bytes are a prefix of the longer's, as far as proven."""
    answer = question(shorter, longer)
    if isinstance(answer, Question):
        return (answer.short, answer.long) in proven
    return answer


def asked(shorter: Version, others: Sequence[Version]) -> Iterator[Question]:
    """Whether any of the others, given oldest first, extends the shorter version.

    Asked of the first few: of those that came soon after it, then of those just before.
    """
    at = bisect_left(others, recency(shorter), key=recency)
    likeliest = chain(others[at:], reversed(others[:at]))
    answers = (question(shorter, other) for other in likeliest if other.size > shorter.size)
    return islice((answer for answer in answers if isinstance(answer, Question)), ASKED)


def oldest_first(versions: Iterable[Version]) -> list[Version]:
    """In the order of time."""
    return sorted(versions, key=recency)


def recency(version: Version) -> tuple[int, int, tuple[str, ...]]:
    """The greater, the newer; no two versions are the same."""
    return version.mtime_ns, version.size, version.digests
