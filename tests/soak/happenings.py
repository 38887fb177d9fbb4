"""What each kind of event does to the world, and which disks may lose rows by it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emulators.render_events import What
from soak.losses import Cause, Losses
from soak.moods import Mood
from soak.plan import Event, Kind
from soak.world import World

PULLS_MISSED = 2  # while the function is down
CALLS_REFUSED = 5


class NotAsPromised(Exception):
    """The system did something else than it should."""


class Happenings:
    """Lets events happen to a world, one after the other."""

    def __init__(self, world: World, losses: Losses) -> None:
        self._world, self._losses = world, losses
        self._changes: dict[Kind, Callable[[], None]] = {
            Kind.DEPLOY: self._deploy,
            Kind.TWO_DEPLOYS: self._deploy_twice,
            Kind.RESTART: self._restart,
            Kind.CRASH_DISK_LOST: self._lose_disk,
            Kind.CRASH_SAME_DISK: self._crash_on_the_same_disk,
        }
        self._without_storage = self._changes | {
            Kind.DEPLOY: self._fail_to_deploy,
            Kind.RESTART: self._restart_without_storage,
        }

    def let(self, event: Event) -> None:
        """Let it happen, and return when it is over; raises NotAsPromised."""
        self._world.ledger.wait_for_rows(event.rows)
        if event.kind in self._changes:
            self._changes[event.kind]()
            return
        refuses = event.kind is Kind.STORAGE_REFUSING
        changes = self._without_storage if refuses else self._changes
        with self._trouble(event.kind):
            if event.meanwhile:
                changes[event.meanwhile]()

    @contextmanager
    def _trouble(self, kind: Kind) -> Iterator[None]:
        """Something outside of the service goes wrong, and is well again."""
        world = self._world
        if kind is Kind.FUNCTION_DOWN:
            world.pulls.down()
            yield
            world.pulls.wait_for(PULLS_MISSED, good=False)
            world.pulls.up()
        elif kind is Kind.STORAGE_REFUSING:
            with world.storage.mood(Mood.REFUSING):
                yield
                world.storage.wait_until_met(CALLS_REFUSED)
        else:
            with world.storage.mood(Mood.SLOW):
                yield
                world.pulls.wait_for(1, good=True)

    def _deploy(self) -> None:
        old = self._world.render.instance.id
        self._has_to(self._world.render.deploy(), "a deploy failed")
        self._world.wait_for_retreat(old)

    def _deploy_twice(self) -> None:
        """The second begins while the instance before the first still runs."""
        old = self._world.render.instance.id
        self._has_to(self._world.render.deploy(), "the first of two deploys failed")
        self._deploy()
        self._world.wait_for_retreat(old)

    def _restart(self) -> None:
        old = self._world.render.instance.id
        self._has_to(self._world.render.restart(), "a restart failed")
        self._world.wait_for_retreat(old)

    def _lose_disk(self) -> None:
        self._losses.gone[self._world.render.instance.id] = Cause.CRASH
        self._crash(keep_disk=False)

    def _crash_on_the_same_disk(self) -> None:
        self._crash(keep_disk=True)

    def _crash(self, *, keep_disk: bool) -> None:
        events = self._world.render.events
        happened = events.count
        self._world.render.crash(keep_disk=keep_disk)
        events.wait_for(What.LIVE, after=happened)

    def _fail_to_deploy(self) -> None:
        """Its pre-deploy cannot prove what it cannot reach."""
        went = self._world.render.deploy()
        self._has_to(not went, "a deploy went on though its pre-deploy had no storage")

    def _restart_without_storage(self) -> None:
        """The whole shutdown of the old instance lies within the trouble."""
        self._losses.gone[self._world.render.instance.id] = Cause.REFUSED
        self._restart()

    def _has_to(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise NotAsPromised(otherwise)
