"""A drill that is given too little time: what it has proven stays proven for the next one."""

from pathlib import Path

import pytest

from engine.archives import (
    SERVICE,
    LocalStore,
    Store,
    append,
    back_up,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from engine.time_limits import hurried_drill
from shared.chunk import CHUNK_SIZE
from shared.drill import DrillOptions, drill
from shared.drill_report import store_report
from shared.names import DRILLS
from shared.prune import Retention, prune
from shared.status import status

LONG = noise(2 * CHUNK_SIZE + 1000)
ENOUGH = 50  # drills, for any of these to come to an end


@pytest.fixture
def backed(data: Path, store: Store) -> Store:
    """A backup of a long file and several short ones."""
    write(data, "long.csv", LONG, hours_ago=5)
    for day in range(5):
        write(data, f"days/{day}.csv", rows(2000, day), hours_ago=10 - day)
    back_up(data, store.provider)
    return store


def test_it_gets_there_in_steps_and_reads_nothing_twice(backed: Store) -> None:
    """Only the last of them passes."""
    read: list[str] = []
    for _ in range(ENOUGH):
        report, names = hurried_drill(backed.provider, 2)
        read += names
        if report.result != "partial":
            break
        assert (report.passed, report.partial) == (False, True)
    assert (report.result, report.passed, report.proven) == ("passed", True, ())
    assert len(read) == len(set(read)) == 8
    assert set(read) == {name for name in backed.objects() if name.startswith("chunks/")}


def test_what_came_since_is_read_too(data: Path, backed: Store) -> None:
    """What was proven of an older backup holds for a newer one that names the same chunks."""
    _, read = hurried_drill(backed.provider, 3)
    append(data, "days/4.csv", b"more\n")
    back_up(data, backed.provider)
    report, more = hurried_drill(backed.provider, 100)
    assert (report.result, report.number) == ("passed", 2)
    assert not set(read) & set(more)
    assert first_chunk(newest(backed.provider), "days/4.csv") in more


def test_after_one_that_ended_everything_is_read_again(backed: Store) -> None:
    """What was good then may be gone by now."""
    hurried_drill(backed.provider, 3)
    assert hurried_drill(backed.provider, 100)[0].result == "passed"
    assert len(hurried_drill(backed.provider, 100)[1]) == 8


def test_a_loss_is_found_again_by_each_until_it_is_mended(backed: Store) -> None:
    """A file that was found wanting comes first in the next one, which so cannot forget it."""
    lost = first_chunk(newest(backed.provider), "long.csv", 1)
    backed.remove(lost)
    failed = [hurried_drill(backed.provider, chunks) for chunks in (3, 1, 1, 100)]
    assert [list(report.lost) for report, _ in failed] == [["long.csv"]] * 4
    assert [report.result for report, _ in failed] == ["failed"] * 4
    assert [report.partial for report, _ in failed] == [True, True, True, False]
    assert all(read[0] == lost for _, read in failed[1:])


def test_one_that_was_not_ended_protects_no_backup(data: Path, backed: Store) -> None:
    """Prune keeps the newest backup that passed a drill; half a drill is none."""
    hurried_drill(backed.provider, 1)
    append(data, "days/4.csv", b"more\n")
    back_up(data, backed.provider)
    backed.age(hours=30)
    report = prune(backed.provider, SERVICE, Retention(1, 0))
    assert report.kept == [2]


def test_the_status_tells_that_it_was_not_ended(backed: Store) -> None:
    """With the rest of the verdict."""
    hurried_drill(backed.provider, 1)
    seen = status(backed.provider, SERVICE).last_drill
    assert seen is not None
    assert (seen["passed"], seen["partial"]) == (False, True)


def test_an_unfinished_verdict_that_cannot_be_read_proves_nothing(backed: Store) -> None:
    """All is read again."""
    hurried_drill(backed.provider, 3)
    for name in [name for name in backed.objects() if name.startswith(DRILLS)]:
        backed.plant(name, b"{}")
    report, read = hurried_drill(backed.provider, 100)
    assert (report.result, len(read)) == ("passed", 8)


def test_what_was_proven_of_another_provider_proves_nothing(
    data: Path, local: LocalStore, tmp_path: Path
) -> None:
    """A copy elsewhere has chunks of its own, good or bad."""
    write(data, "long.csv", LONG)
    other = LocalStore(tmp_path / "other")
    for store in (local, other):
        back_up(data, store.provider)
    before, _ = hurried_drill(other.provider, 1)
    assert before.proven
    store_report(local.provider, before)
    report = drill([local.provider], SERVICE, DrillOptions(unfinished=before))
    assert (report.result, report.raw_bytes) == ("passed", len(LONG))
