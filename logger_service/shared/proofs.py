"""Proof that one chunk's bytes begin another's: read the longer one, hash its beginning.

Nothing is guessed from sizes or times. A question whose longer chunk cannot be read stays
unproven, and then a merge keeps both versions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from shared.chunk import digest
from shared.errors import ObjectMissing
from shared.merge import Question


class Proofs:
    """Questions answered so far; `read` gives a chunk's raw bytes by digest."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._asked: set[Question] = set()
        self.proven: set[tuple[str, str]] = set()
        self.lost: set[str] = set()  # digests of longer chunks that could not be had

    def settle(self, questions: Iterable[Question]) -> None:
        """Answer all questions, each longer chunk being read once.

        Raises:
            StorageError: a provider did not answer.
        """
        by_long: dict[str, list[Question]] = defaultdict(list)
        for question in set(questions) - self._asked:
            if (question.short, question.long) not in self.proven:
                by_long[question.long].append(question)
        for long, open_questions in by_long.items():
            self._answer(long, open_questions)

    def check(self, question: Question, raw: bytes) -> bool:
        """Answer one question with the longer chunk's bytes at hand."""
        self._asked.add(question)
        if digest(memoryview(raw)[: question.length]) != question.short:
            return False
        self.proven.add((question.short, question.long))
        return True

    def _answer(self, long: str, questions: list[Question]) -> None:
        try:
            raw = self._read(long)
        except ObjectMissing:
            self._asked.update(questions)
            self.lost.add(long)
            return
        for question in questions:
            self.check(question, raw)
