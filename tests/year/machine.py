"""The simulated machine: its clock, its disk, and what the plan lets happen to them."""

from collections import Counter, deque

from year.clock import SimulatedClock
from year.disk import SimulatedDisk
from year.plan import Incident, Kind, Plan

ENDINGS = (Kind.RESTART, Kind.KILL)
_DISKS = (
    Kind.DISK_FULL,
    Kind.DISK_TORN,
    Kind.DISK_READ_ONLY,
    Kind.DISK_FINE,
    Kind.BROKEN_WRITE,
)


class SimulatedBug(Exception):
    """What nobody foresaw."""


class SimulatedMachine:
    """Lets time go by, and things happen when their time has come.

    `ending` is how the running process ends, once it does; None at the end of the plan.
    `happened` counts the incidents by kind.
    """

    def __init__(self, plan: Plan, clock: SimulatedClock, disk: SimulatedDisk) -> None:
        self.ending: Incident | None = None
        self.happened: Counter[str] = Counter()
        self._clock, self._disk = clock, disk
        self._began = clock.monotonic()
        self._end = self._began + plan.seconds
        self._to_come = deque(plan.incidents)

    @property
    def is_over(self) -> bool:
        """Whether the whole plan has been lived through."""
        return self._clock.monotonic() >= self._end

    @property
    def elapsed(self) -> float:
        """Seconds that went by since the plan began."""
        return self._clock.monotonic() - self._began

    def wait(self, seconds: float) -> bool:
        """As the wait of a recorder: whether its process is to end."""
        while self._to_come and self._to_come[0].at <= self.elapsed:
            incident = self._to_come.popleft()
            self.happened[incident.kind.name.lower()] += 1
            if incident.kind in ENDINGS:
                self.ending = incident
                return True
            self._happen(incident)
        if self.is_over:
            self.ending = None
            return True
        self._clock.elapse(seconds)
        return False

    def _happen(self, incident: Incident) -> None:
        if incident.kind is Kind.ESCAPE:
            raise SimulatedBug
        if incident.kind is Kind.CLOCK_SET:
            self._clock.set_by(incident.seconds)
        elif incident.kind is Kind.CLOCK_SLEWED:
            self._clock.slew(incident.seconds)
        elif incident.kind is Kind.FROZEN:
            self._clock.elapse(incident.seconds)
        elif incident.kind in _DISKS:
            self._disk.state = incident.kind
