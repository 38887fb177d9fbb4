"""The newest backup compared with the one before: it must hold all that the other held (rule 4).

Where it does not, or where nothing proves that it does, both are joined.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared.chunk_store import places_of
from shared.format import Manifest
from shared.merge import doubts, lacking, merge, questions
from shared.proofs import Proofs
from shared.provider import Reader


@dataclass(frozen=True)
class Comparison:
    """What came of it."""

    manifest: Manifest  # the newest, with whatever the one before held besides
    lost: frozenset[str]  # digests that the newest names and of which there is no good copy
    warnings: tuple[str, ...]
    planted: tuple[str, ...] = ()  # of the warnings, those that only a foreign hand or a bug brings


def compare(
    reader: Reader, newest: Manifest, before: Manifest, is_over: Callable[[], bool]
) -> Comparison:
    """Compare the two, as far as there is time; raises StorageError."""
    planted = _let_go(newest, before)
    warnings = [*planted]
    forgotten = newest.forgotten_paths
    held = [entry for entry in before.files if entry.path not in forgotten]
    changed = {*lacking(held, newest.files, ())}
    asked = {*questions([entry for entry in held if entry.path in changed], newest.files)}
    proofs = Proofs(places_of((reader, newest), (reader, before)).read)
    proofs.settle(asked, is_over)
    asked |= {*doubts(held, newest.files, proofs.proven)}
    proofs.settle(asked, is_over)
    lost = proofs.lost & newest.refs().keys()
    gone = lacking(held, newest.files, proofs.proven)
    if not gone:
        return Comparison(newest, frozenset(lost), tuple(warnings), tuple(planted))
    unread = {one.long for one in asked - proofs.answered}
    if unread:
        told = f"backup {newest.number} could not be compared with {before.number} in time"
        warnings.append(f"{told}: what either holds is taken")
    undecided = {entry.path for entry in (*held, *newest.files) if unread & entry.all_digests}
    certain = [path for path in gone if path not in undecided]
    lacks, unproven = _what_is_gone(newest, before, certain, proofs)
    planted += lacks
    warnings += [*lacks, *unproven]
    back = [entry for entry in held if entry.path in gone]
    merged = merge(back, newest.files, proofs.proven, number=newest.number)
    joined = newest.model_copy(update={"files": merged.files})
    return Comparison(joined, frozenset(lost), tuple(warnings), tuple(planted))


def _let_go(newest: Manifest, before: Manifest) -> list[str]:
    new = sorted(newest.forgotten_paths - before.forgotten_paths)
    if not new:
        return []
    return [f"backup {newest.number} says that an operator let go of {', '.join(new)}"]


def _what_is_gone(
    newest: Manifest, before: Manifest, gone: list[str], proofs: Proofs
) -> tuple[list[str], list[str]]:
    """What a person should know of these paths: what is lacking, and what nobody can tell."""
    open_ones = {entry.path for entry in newest.files if proofs.lost & entry.all_digests}
    lacks = ", ".join(path for path in gone if path not in open_ones)
    unproven = ", ".join(path for path in gone if path in open_ones)
    has = f"backup {newest.number} has what {before.number} held"
    return (
        [f"backup {newest.number} lacks what {before.number} held of: {lacks}"] if lacks else [],
        [f"a chunk is lost, so nothing proves that {has} of: {unproven}"] if unproven else [],
    )
