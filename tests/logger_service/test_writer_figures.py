"""What a writer tells of itself while it writes."""

import errno
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands import Commands
from critical_events import CriticalEvents
from logger_service.own_destination import OwnDestination
from logger_service.quoted import quoted, unavailable
from market.quote import Quote
from market.unavailable import Cause
from programs import lines_of, wait_until
from pushing.local_backups import LocalBackups
from shared.errors import StorageUnavailable
from shared.time_limit import NO_LIMIT
from writing.recorder import Clocks
from year.clock import SECOND, SimulatedClock
from year.recorders import open_recorder

START = 1_795_379_400  # 2026-11-22T20:30:00Z


@dataclass
class Source:
    """Gives a quote, or the error if there is one."""

    name: str
    error: Exception | None = None
    stale_after: float | None = None

    def quote(self) -> Quote:
        """One at the machine's time."""
        if self.error:
            raise self.error
        return quoted(self.name, observed_at=datetime.now(UTC))


def test_rows_are_told_by_source_and_what_is_missing_by_cause_too(tmp_path: Path) -> None:
    """As they are counted anyway."""
    sources = [Source("kraken"), Source("gemini", unavailable(Cause.BLOCKED))]
    recorder = open_recorder(sources, tmp_path, 5)
    recorder.tick()
    recorder.tick()
    figures = recorder.figures()
    assert (figures.kind, figures.is_running) == ("recorder", True)
    assert figures.sources == ("kraken", "gemini")
    assert figures.given == {"kraken": 2}
    assert figures.missing == {("gemini", "blocked"): 1, ("gemini", "parked"): 1}
    assert set(figures.parked) == {"gemini"}
    assert figures.last["kraken"].price == "50000"
    assert figures.last_row_at == recorder.last_row_at is not None
    recorder.stop()


def test_a_disk_that_refuses_rows_is_told_until_it_takes_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not just while a tick's rows are on their way to it."""

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no room")

    recorder = open_recorder([Source("kraken")], tmp_path, 5)
    recorder.tick()
    assert not recorder.figures().disk_refuses
    with monkeypatch.context() as full:
        full.setattr("os.write", refuse)
        recorder.tick()
    assert recorder.figures().disk_refuses
    recorder.tick()
    assert not recorder.figures().disk_refuses
    recorder.stop()


def test_a_tick_is_late_that_begins_a_tenth_of_the_interval_after_its_time(
    tmp_path: Path,
) -> None:
    """Each is counted; how late the newest and the latest were is told as well."""
    clock = SimulatedClock(START * SECOND, 5 * SECOND)
    delays = iter([0.4, 0.6, 0.0, 2.0])

    def wait(seconds: float) -> bool:
        delay = next(delays, None)
        if delay is not None:
            clock.elapse(seconds + delay)
        return delay is None

    clocks = Clocks(clock.wall_ns, clock.monotonic_ns)
    recorder = open_recorder([Source("kraken")], tmp_path, 5, clocks=clocks, wait=wait)
    recorder.run()
    recorder.stop()
    assert (recorder.tally().ticks, recorder.tally().late_ticks) == (4, 2)


def test_a_logger_command_tells_whether_it_runs(commands: Commands, tmp_path: Path) -> None:
    """And how often it was started: nothing is known of its rows."""
    command = commands.make("append('starts', 'started')\nfor_ever()")
    assert not command.figures().is_running
    command.start()
    wait_until(lambda: len(lines_of(tmp_path / "starts")) == 1)
    figures = command.figures()
    assert (figures.kind, figures.is_running, figures.starts) == ("logger command", True, 1)
    assert figures.tally is None
    command.stop()
    wait_until(lambda: not command.figures().is_running)


def test_critical_events_are_counted_by_kind() -> None:
    """For whoever draws curves of them."""
    events = CriticalEvents()
    for kind in ("disk", "no rows", "disk"):
        events.report(kind, "…")
    assert (events.by_kind, events.count) == ({"disk": 2, "no rows": 1}, 3)


def test_own_pushes_tell_what_they_brought_and_how_often_they_failed(tmp_path: Path) -> None:
    """What a failure leaves is what the last good one brought."""
    own = OwnDestination(tmp_path)
    own.add_rows()
    size = (own.data / "day.csv").stat().st_size
    own.destination.push("manual", NO_LIMIT)

    def fail() -> None:
        raise StorageUnavailable("no answer")

    own.before_open = fail
    with pytest.raises(StorageUnavailable):
        own.destination.push("manual", NO_LIMIT)
    standing = own.destination.standing
    assert (standing.pushes, standing.failures, standing.error) == (1, 1, "no answer")
    assert standing.new_bytes == size
    assert standing.stored_bytes > 0


def test_the_next_local_backup_is_told(tmp_path: Path) -> None:
    """It is one interval away; before the start there is none."""
    backups = LocalBackups(OwnDestination(tmp_path).destination, 3600, 10)
    assert backups.next_at is None
    before = datetime.now(UTC)
    backups.start()
    wait_until(lambda: backups.next_at is not None)
    backups.stop()
    assert backups.next_at is not None
    assert before <= backups.next_at - timedelta(hours=1) <= datetime.now(UTC)
