"""A soak fails when it has not shown what it is there to show, and when a row is lost."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from soak.endure import live_through
from soak.losses import Cause, Losses
from soak.plan import Event, Kind
from soak.settling import Settling
from soak.ticks import Run
from soak.verdict import Story, figures_of, shortcomings
from soak.waiting import wait_until
from soak.world import BUCKET, INTERVAL_SECONDS, World

TIMES = tuple(INTERVAL_SECONDS * tick for tick in range(1, 41))
RUN = Run("1a2b3c4d", "one", 0.1, TIMES[-1] + 0.1, TIMES)
OTHER = replace(RUN, logger="5e6f7a8b", disk="two")


def story(**changed: object) -> Story:
    """One that lacks nothing, with other figures where they are given."""
    return replace(Story(Counter(Kind), runs=[RUN, OTHER], local_backups=1), **changed)  # type: ignore[arg-type]


def test_a_whole_story_lacks_nothing() -> None:
    """And its figures say so."""
    assert shortcomings(story()) == []
    figures = figures_of(story())
    assert (figures["rows"], figures["rows_due"], figures["overlaps"]) == (80, 80, 1)


@pytest.mark.parametrize("kind", Kind)
def test_a_missing_kind_fails(kind: Kind) -> None:
    """Whichever it is."""
    happened = Counter(one for one in Kind if one is not kind)
    assert shortcomings(story(happened=happened)) == [f"it never came to this: {kind}"]


def test_a_dropped_overlap_fails() -> None:
    """Then nothing was shown about two recorders at once."""
    assert shortcomings(story(runs=[RUN])) == ["two instances never recorded at the same time"]


def test_fewer_rows_than_due_fail() -> None:
    """Beyond the ticks around the first and the last moment of a run, which is named."""
    assert shortcomings(story(runs=[RUN, replace(OTHER, rows=TIMES[:4] + TIMES[9:])])) == [
        "two has no row for 3 of its ticks: in 10.00 s it paused for 1.50 s after 0.90 s"
    ]


def test_ticks_that_the_machine_stood_still_for_are_not_counted() -> None:
    """Those alone."""
    short = replace(OTHER, rows=TIMES[:4] + TIMES[9:])
    stalled = story(runs=[RUN, short], stalls=frozenset({5, 6, 7, 999}))
    assert shortcomings(stalled) == []
    assert (figures_of(stalled)["ticks_missing"], figures_of(stalled)["machine_stalls"]) == (0, 4)
    (problem,) = shortcomings(story(runs=[RUN, short], stalls=frozenset({6, 7})))
    assert problem.startswith("two has no row for 1 of its ticks")


def test_a_file_put_beside_another_fails() -> None:
    """Recorders never write the same file."""
    assert shortcomings(story(conflicts=1)) == ["a file was put beside another"]


def test_a_provider_that_was_never_seen_fails() -> None:
    """The bucket has its drill."""
    problems = shortcomings(story(local_backups=0))
    assert problems == ["no backup was ever seen on an instance's own disk"]


def test_a_deploy_loses_nothing(tmp_path: Path) -> None:
    """On the whole system, and the story is told to its end."""
    lived = Story()
    live_through([Event(Kind.DEPLOY)], tmp_path / "world", lived)
    assert lived.problems == []
    assert lived.losses.rows == {}
    assert lived.happened == {Kind.DEPLOY: 1}
    assert [len(run.rows) > 0 for run in lived.runs] == [True, True]


def test_an_injected_loss_is_found_on_the_whole_system(tmp_path: Path) -> None:
    """A row that nobody has, and a chunk that is gone."""
    losses = Losses()
    with World(tmp_path / "world") as world:
        assert world.render.deploy()
        world.ledger.wait_for_rows(2)
        assert Settling(world, losses).settle() == []
        row = world.ledger.rows[0]
        with world.ledger.place.open("a") as file:
            file.write(f"{row.at}\t{row.disk}\tBTC-USD/day.{row.logger}0.csv\t{row.text}\n")
        lost = [f"1 rows of day.{row.logger}0.csv are lost"]

        def only_it_is_lost() -> bool:
            losses.rows.clear()  # a row of just now may be on its way to the archive
            return Settling(world, losses, seconds=0).settle() == lost

        wait_until(only_it_is_lost, "the one row alone is lost")
        assert losses.by_cause[Cause.NONE] == 1
        world.pulls.down()
        for name in world.storage.objects(BUCKET):
            if "/chunks/" in name:
                world.storage.remove(BUCKET, name)
        (fault,) = Settling(world, losses, seconds=0).settle()
        assert "not there" in fault
