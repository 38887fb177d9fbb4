"""What the start has brought of a provider's history, as its receipt says."""

from typing import NamedTuple

from shared.names import without_beside
from shared.receipt import Receipt


class Here(NamedTuple):
    """All of backup `number` but the paths `lacking`; of None, nothing is known."""

    number: int | None = None
    lacking: frozenset[str] = frozenset()


UNKNOWN = Here()


def what_is_here(receipt: Receipt | None, address: str) -> Here:
    """Of the provider at this address; a receipt that tells of some files only tells nothing."""
    if receipt is None or receipt.only_some or address not in receipt.backups:
        return UNKNOWN
    lacking = {*receipt.later, *receipt.problems}
    return Here(receipt.backups[address], frozenset(map(without_beside, lacking)))
