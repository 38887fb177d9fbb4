"""Proof that one chunk's bytes begin another's: read the longer one, hash its beginning.

Nothing is guessed from sizes or times. A question whose longer chunk cannot be read stays
unproven, and then a merge keeps both versions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import takewhile

from shared.chunk import digest
from shared.errors import ObjectMissing
from shared.growth import Question
from shared.parallel import in_threads

THREADS = 4  # that read chunks at once


class Proofs:
    """Questions answered so far; `read` gives a chunk's raw bytes by digest."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self.answered: set[Question] = set()  # whatever the answer
        self.proven: set[tuple[str, str]] = set()
        self.lost: set[str] = set()  # digests of longer chunks that could not be had

    def settle(
        self, questions: Iterable[Question], is_over: Callable[[], bool] = lambda: False
    ) -> None:
        """Answer the questions, each longer chunk being read once; once `is_over`, no more.

        Raises:
            StorageError: a provider did not answer.
        """
        by_long: dict[str, list[Question]] = defaultdict(list)
        for question in set(questions) - self.answered:
            if (question.short, question.long) not in self.proven:
                by_long[question.long].append(question)
        timely = takewhile(lambda _pair: not is_over(), by_long.items())
        for _ in in_threads(self._answer, timely, THREADS):
            pass

    def check(self, question: Question, raw: bytes) -> bool:
        """Answer one question with the longer chunk's bytes at hand."""
        is_proven = digest(memoryview(raw)[: question.length]) == question.short
        self._note(question, is_proven=is_proven)
        return is_proven

    def _note(self, question: Question, *, is_proven: bool) -> None:
        self.answered.add(question)
        if is_proven:
            self.proven.add((question.short, question.long))

    def _answer(self, asked: tuple[str, list[Question]]) -> None:
        long, questions = asked
        try:
            raw = self._read(long)
        except ObjectMissing:
            self.answered.update(questions)
            self.lost.add(long)
            return
        # Each beginning is part of the next longer one, so all take one pass over the bytes.
        passed, read = sha256(), 0
        for question in sorted(questions, key=lambda one: one.length):
            passed.update(memoryview(raw)[read : question.length])
            read = question.length
            self._note(question, is_proven=passed.copy().hexdigest() == question.short)
