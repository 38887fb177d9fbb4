"""A logger's catch-up without the logger: one directory, one store, one look at a time."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from catching_up.bringing import Bringing, Target
from catching_up.followed_history import LISTING_SECONDS, FollowedHistory
from catching_up.what_is_here import what_is_here
from engine.archives import JOB, SERVICE
from shared.backup import backup
from shared.directory_source import DirectorySource, Identity
from shared.provider import Provider, Reader
from shared.receipt import read_receipt
from shared.selection import Selection

OWN = "00000000"  # the instance of the logger that catches up


def push(root: Path, provider: Provider, instance: str) -> int:
    """A backup of a directory as a logger's snapshot shows it; its number."""
    source = DirectorySource(root, Selection(), Identity(SERVICE, instance))
    report = backup(source, provider, JOB)
    assert report.number is not None
    return report.number


@dataclass
class Catching:
    """The catch-up of one `instance`, from where the start's receipt says."""

    root: Path
    reader: Reader
    own_paths: Collection[str] = ()
    stop: Event = field(default_factory=Event)
    instance: str = OWN

    def __post_init__(self) -> None:
        self.seconds = 0.0  # of the clock by which all backups are listed now and then
        here = what_is_here(read_receipt(self.root), self.reader.address)
        self.history = FollowedHistory(
            self.reader, SERVICE, self.instance, here, lambda: self.seconds
        )
        target = Target(SERVICE, self.root, 2, lambda: self.own_paths, seconds=0.001)
        self.bringing = Bringing(self.reader, self.history, target, self.stop)

    def look(self) -> None:
        """Look, and bring all that can be had."""
        while self.bringing.go_on():
            pass

    def look_through_all(self) -> None:
        """The same after so long that all backups are listed again."""
        self.seconds += LISTING_SECONDS + 1
        self.look()
