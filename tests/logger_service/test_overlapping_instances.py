"""However loggers overlap, start, push and end over one archive, no row of theirs is lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import time_ns

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.archives import JOB, SERVICE, LocalStore, append, bring_back, contents
from logger_service.catching import Catching
from shared.backup import backup
from shared.changed_files import ChangedFiles
from shared.directory_source import DirectorySource, Identity
from shared.history import numbers
from shared.names import manifest_name
from shared.receipt import keep_receipt, read_receipt
from shared.restore import Options
from shared.selection import Selection

STATE, SHARED = "state.json", "prices.csv"  # a foreign program has them in every instance
MOST = 3  # that live at once
NOT_HERE = 0.3  # of the tables, for which a start finds no time


@dataclass
class Instance:
    """One logger with a disk of its own; it knows what it wrote."""

    name: str
    root: Path
    store: LocalStore
    own: bytes = b""
    shared: list[bytes] = field(default_factory=list)
    began_ns: int = field(default_factory=time_ns)

    def __post_init__(self) -> None:
        self.path = f"day.{self.name}.csv"
        identity = Identity(SERVICE, self.name)
        self.directory = DirectorySource(self.root, Selection(), identity, lambda: [self.path])
        own_paths = [self.path]
        self.catching = Catching(self.root, self.store.provider, own_paths, instance=self.name)

    def record(self) -> None:
        """A row of its own, and then one of a foreign program, which rewrites its state too."""
        row = f"{self.name},{len(self.shared)}\n".encode()
        append(self.root, self.path, row)
        self.own += row
        append(self.root, SHARED, row)
        self.shared.append(row)
        (self.root / STATE).write_bytes(b'{"newest": "%s"}' % row.strip())

    def pull(self) -> None:
        """The function's backup of it."""
        backup(self.directory, self.store.provider, JOB, 1)

    def push(self) -> None:
        """Its own backup, of what changed since it began."""
        backup(ChangedFiles(self.directory, self.began_ns), self.store.provider, JOB, 1)

    def catch_up(self) -> None:
        """Look, and bring all that can be had."""
        self.catching.look()


class World:
    """An archive, and those who live on it; who has ended leaves no disk that anyone reads."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder, self._random, self._names = folder, random, count(10_000_001)
        self.store = LocalStore(folder / "backups")
        self.all: list[Instance] = []
        self.living: list[Instance] = []
        self.start()

    def start(self) -> None:
        """A new instance, whose restore has no time for some tables."""
        if len(self.living) == MOST:
            return
        name = str(next(self._names))
        root = self._folder / name
        root.mkdir()
        receipt = bring_back(root, self.store.provider, options=Options(threads=1))
        later = [path for path in contents(root) if self._random.random() < NOT_HERE]
        for path in later:
            (root / path).unlink()
        states = {path: state for path, state in receipt.states.items() if path not in later}
        if read_receipt(root):
            told = {"later": tuple(later), "states": states}
            keep_receipt(root, receipt.model_copy(update=told))
        self.living.append(Instance(name, root, self.store))
        self.all.append(self.living[-1])

    def end(self) -> None:
        """The oldest ends in order, unless it is the only one."""
        if len(self.living) > 1:
            self.living.pop(0).push()

    def prune(self) -> None:
        """Some backups go, and never the newest."""
        for number in numbers(self.store.provider)[:-1]:
            if self._random.random() < NOT_HERE:
                name = manifest_name(number)
                self.store.provider.delete(name, self.store.provider.stat(name).generation)

    def any_of(self, act: Callable[[Instance], None]) -> None:
        """Whichever of the living."""
        act(self._random.choice(self.living))

    def check(self) -> None:
        """Nobody takes a byte from what a living one has written."""
        for one in self.living:
            if one.own:
                assert (one.root / one.path).read_bytes() == one.own
                assert set(one.shared) <= set((one.root / SHARED).read_bytes().splitlines(True))

    def settle(self) -> dict[str, bytes]:
        """All but one end, and it catches up; what the archive then has, of every version."""
        while len(self.living) > 1:
            self.end()
        self.living[0].pull()
        self.living[0].catching.look_through_all()
        back = self._folder / "back"
        bring_back(back, self.store.provider, options=Options(threads=1, earlier=True))
        return contents(back)


STEPS: dict[str, Callable[[World], None]] = {
    "record": lambda world: world.any_of(Instance.record),
    "pull": lambda world: world.any_of(Instance.pull),
    "push": lambda world: world.any_of(Instance.push),
    "catch up": lambda world: world.any_of(Instance.catch_up),
    "start": World.start,
    "end": World.end,
    "prune": World.prune,
}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*STEPS, "record"]), max_size=40), st.integers(0, 1000))
@example(["record"] * 8 + ["start"] * 2 + ["record"] * 2 + ["end"] * 2 + ["pull", "prune"], 0)
def test_whatever_happens_no_row_is_lost(steps: list[str], seed: int) -> None:
    """Of own files, the archive and the last one alive hold all; of shared ones, the archive."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder), Random(seed))  # noqa: S311  the same each time
        for step in steps:
            STEPS[step](world)
            world.check()
        archived = world.settle()
        live = contents(world.living[0].root)
        for one in (one for one in world.all if one.own):
            assert archived[one.path] == live[one.path] == one.own
        shared = b"".join(raw for path, raw in archived.items() if path.startswith(SHARED))
        assert {row for one in world.all for row in one.shared} <= set(shared.splitlines(True))
