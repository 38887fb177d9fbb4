"""What the logger knows of its own backups, drills and restores, in words for people."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from pydantic import SecretStr

from alerting.alerting import Alerting
from alerting.heartbeats import Heartbeats
from alerting.kept_told import KeptTold
from alerting.what_holds import OwnPushes
from logger_service.own_destination import OwnDestination
from pushing.destination import Standing
from shared.conditions import Look
from shared.delivery import open_delivery
from shared.names import manifest_name
from shared.receipt import Outcome, Receipt
from shared.time_limit import NO_LIMIT
from telling.webhook import Webhook

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def holding(looks: Sequence[Look]) -> dict[str, list[str]]:
    """Kind to the subjects that hold."""
    return {look.kind.name: list(look.holds) for look in looks}


def alerting(folder: Path, hook: Webhook) -> Alerting:
    """That of a new process on the same disk, which looks at its drills."""
    delivery = open_delivery("btc-logger", SecretStr(hook.url))
    kept, none = KeptTold(folder, "btc-logger"), Heartbeats(None, lambda: None)
    made = Alerting(delivery, kept, none, Event())
    made.looks = lambda: [made.drills.look()]
    return made


def test_what_was_never_tried_is_neither_well_nor_failing() -> None:
    """A new process must not say that all is well."""
    looks = OwnPushes(lambda: [Standing("gs://b/p")], "gs://b/p").looks()
    assert [(list(look.holds), list(look.settled or ())) for look in looks] == [([], []), ([], [])]


def test_each_destination_fails_by_itself() -> None:
    """The other one is well."""
    standings = [Standing("gs://b/p", error="down"), Standing("/backups", NOON, 3)]
    failing, _ = OwnPushes(lambda: standings, "gs://b/p").looks()
    assert dict(failing.holds) == {"gs://b/p": "down"}
    assert failing.settled == ["gs://b/p", "/backups"]


def test_a_push_that_meets_a_planted_backup_tells_it(tmp_path: Path) -> None:
    """To the provider that survives, until newer ones bury it."""
    own = OwnDestination(tmp_path)
    own.add_rows()
    own.destination.push("interval", NO_LIMIT)
    own.provider.put(manifest_name(2), b"nonsense")
    pushes = OwnPushes(lambda: [own.destination.standing], own.destination.address)
    counts = []
    for _ in range(4):
        own.add_rows()
        own.destination.push("interval", NO_LIMIT)
        counts.append(len(holding(pushes.looks())["planted backup"]))
    assert counts == [1, 1, 0, 0]


def test_drills_are_told_over_restarts(tmp_path: Path) -> None:
    """Failing once, passing once."""
    with Webhook() as hook:
        for verdict in (True, False, False, None, True, True):
            made = alerting(tmp_path, hook)
            if verdict is not None:
                made.drill_ended("gs://b/p", verdict, "a chunk is lost")
            made.finish(30)
        assert [title for title, _ in hook.texts] == [
            "btc-logger: drill failing: gs://b/p",
            "btc-logger: over: drill failing: gs://b/p",
        ]


@pytest.mark.parametrize(
    ("outcome", "dry_run", "expected"),
    [
        (Outcome.RESTORED, False, ["btc-logger: restore done: restored"]),
        (Outcome.IN_PART, False, ["btc-logger: restore failed: restored in part"]),
        (Outcome.RESTORED, True, []),
    ],
)
def test_a_restore_by_hand_is_told(
    tmp_path: Path, outcome: Outcome, dry_run: bool, expected: list[str]
) -> None:
    """With what is missing; a dry run is nobody's news."""
    receipt = Receipt(
        outcome=outcome,
        directory="data",
        started_at="2026-11-22T12:00:00.000Z",
        dry_run=dry_run,
        problems={f"{number}.csv": "a chunk is lost" for number in range(9)},
    )
    with Webhook() as hook:
        made = alerting(tmp_path, hook)
        made.restore_ended(receipt)
        made.finish(30)
        assert [title for title, _ in hook.texts] == expected
        assert all(body.endswith("and 4 more") for _, body in hook.texts)


def test_a_disk_that_takes_no_notes_costs_no_message(tmp_path: Path) -> None:
    """The process remembers."""
    (tmp_path / ".backup").write_bytes(b"")  # no folder
    with Webhook() as hook:
        made = alerting(tmp_path, hook)
        for _ in range(2):
            made.drill_ended("gs://b/p", passed=False)
            made.finish(30)
        assert len(hook.messages) == 1
