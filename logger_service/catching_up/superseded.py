"""The copies that the catch-up puts beside a file: of one that another logger writes, the newest.

Two loggers that write files of the same names would otherwise fill each other's disks with every
state of them that is backed up.
"""

from contextlib import suppress
from pathlib import Path

from shared.chunk import CHUNK_SIZE
from shared.errors import BackupError
from shared.merge import keeps_one
from shared.names import locate, without_beside
from shared.plain_file import open_plain, state_of
from shared.plan import Action
from shared.receipt import Receipt


class Superseded:
    """Knows what this process has put beside files below `root`, and removes nothing else."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._beside: dict[str, str] = {}  # path to the copy that was put there last

    def drop(self, receipt: Receipt) -> None:
        """Remove copies all of which is in those that have just come.

        Of a state file any that is older: of those the archive keeps one, too.
        """
        for target, action in receipt.steps.items():
            if action == Action.BESIDE:
                path = without_beside(target)
                before, self._beside[path] = self._beside.get(path), target
                if before and before != target:
                    self._drop(before, target, receipt)

    def _drop(self, before: str, target: str, receipt: Receipt) -> None:
        with suppress(OSError, BackupError):  # what cannot be read or removed stays
            place = locate(self._root, before)
            if not _is_as_left(place, before, receipt):
                return
            if keeps_one(without_beside(target)) or _begins(place, locate(self._root, target)):
                place.unlink()


def _is_as_left(place: Path, path: str, receipt: Receipt) -> bool:
    with open_plain(place) as file:
        return receipt.left_so(path, state_of(file))


def _begins(shorter: Path, longer: Path) -> bool:
    """Whether all bytes of the one stand at the beginning of the other."""
    with open_plain(shorter) as one, open_plain(longer) as other:
        while piece := one.read(CHUNK_SIZE):
            if other.read(len(piece)) != piece:
                return False
    return True
