from collections import Counter

import pytest

from shared.chunk import digest
from shared.errors import ObjectMissing, StorageUnavailable
from shared.growth import Question
from shared.proofs import Proofs

LONG = b"rows, and more rows"


class Chunks:
    """Chunks by digest; counts what is read."""

    def __init__(self, *raws: bytes) -> None:
        self.held = {digest(raw): raw for raw in raws}
        self.reads: Counter[str] = Counter()

    def read(self, wanted: str) -> bytes:
        """The bytes, or ObjectMissing."""
        self.reads[wanted] += 1
        if wanted not in self.held:
            raise ObjectMissing("gone", name=wanted)
        return self.held[wanted]


def asks(short: bytes, long: bytes) -> Question:
    """Does `long` begin with `short`?"""
    return Question(digest(short), len(short), digest(long))


def test_a_true_beginning_is_proven() -> None:
    """The pair is what a merge looks for."""
    proofs = Proofs(Chunks(LONG).read)
    proofs.settle([asks(b"rows", LONG)])
    assert proofs.proven == {(digest(b"rows"), digest(LONG))}


@pytest.mark.parametrize("short", [b"cows", b"rows,x", LONG + b"."])
def test_what_is_no_beginning_is_not_proven(short: bytes) -> None:
    """Of any length, also a greater one."""
    proofs = Proofs(Chunks(LONG).read)
    proofs.settle([asks(short, LONG)])
    assert not proofs.proven


def test_a_right_digest_with_a_wrong_length_is_not_proven() -> None:
    """Nothing is believed but the bytes."""
    proofs = Proofs(Chunks(LONG).read)
    proofs.settle([Question(digest(b"rows"), 5, digest(LONG))])
    assert not proofs.proven


def test_each_longer_chunk_is_read_once() -> None:
    """However many questions there are about it, and however often they come."""
    chunks = Chunks(LONG)
    proofs = Proofs(chunks.read)
    questions = [asks(short, LONG) for short in (b"r", b"ro", b"x", b"ro")]
    proofs.settle(questions)
    proofs.settle(questions)
    assert chunks.reads == {digest(LONG): 1}
    assert len(proofs.proven) == 2


def test_a_question_about_another_chunk_is_read_for_alone() -> None:
    """What is settled is not read again."""
    chunks = Chunks(LONG, b"other")
    proofs = Proofs(chunks.read)
    proofs.settle([asks(b"r", LONG)])
    proofs.settle([asks(b"r", LONG), asks(b"o", b"other")])
    assert chunks.reads == {digest(LONG): 1, digest(b"other"): 1}


def test_a_chunk_that_is_gone_proves_nothing() -> None:
    """A merge then keeps both versions; the others are still answered, and it is asked for once."""
    chunks = Chunks(LONG)
    proofs = Proofs(chunks.read)
    questions = [asks(b"g", b"gone"), asks(b"rows", LONG)]
    proofs.settle(questions)
    proofs.settle(questions)
    assert proofs.proven == {(digest(b"rows"), digest(LONG))}
    assert chunks.reads[digest(b"gone")] == 1


def test_a_provider_that_does_not_answer_is_passed_on() -> None:
    """It must not look like two versions; a later try may answer."""
    chunks = Chunks(LONG)
    answers = iter([StorageUnavailable("down")])

    def read(wanted: str) -> bytes:
        if error := next(answers, None):
            raise error
        return chunks.read(wanted)

    proofs = Proofs(read)
    with pytest.raises(StorageUnavailable):
        proofs.settle([asks(b"rows", LONG)])
    proofs.settle([asks(b"rows", LONG)])
    assert proofs.proven == {(digest(b"rows"), digest(LONG))}


def test_bytes_at_hand_answer_without_reading() -> None:
    """Yes or no, and it is not asked again."""
    chunks = Chunks()
    proofs = Proofs(chunks.read)
    good, bad = asks(b"rows", LONG), asks(b"cows", LONG)
    assert proofs.check(good, LONG)
    assert not proofs.check(bad, LONG)
    proofs.settle([good, bad])
    assert proofs.proven == {(digest(b"rows"), digest(LONG))}
    assert not chunks.reads
