"""The whole way of the data through a storage that fails now and then, in every way there is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from emulators.storage_faults import Fault, FaultKind
from engine.archives import (
    SERVICE,
    BucketStore,
    WatchedProvider,
    append,
    back_up,
    bring_back,
    contents,
    newest,
    noise,
    rows,
    write,
)
from shared import gcs_calls
from shared.chunk import CHUNK_SIZE
from shared.drill import drill
from shared.prune import Retention, prune
from shared.receipt import Outcome

OTHERS = (FaultKind.STATUS, FaultKind.HELD)  # by their statuses; and none that fails
KINDS = {
    **{str(status): (FaultKind.STATUS, status) for status in (408, 429, 500, 503)},
    **{kind.name: (kind, 503) for kind in FaultKind if kind not in OTHERS},
}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long the waits are is not what is tested here, nor how long a silence is believed."""
    monkeypatch.setattr(gcs_calls, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(gcs_calls, "ANSWERING", 0.5)


@pytest.fixture
def fail(bucket: BucketStore) -> Callable[..., None]:
    """Plan one fault of a kind for each of these verbs that can meet it, at the next such call."""

    def plan(kind: str, *verbs: str) -> None:
        what, status = KINDS[kind]
        bytes_only = what is FaultKind.CORRUPT_BYTES
        for verb in verbs:
            if bytes_only and verb not in ("insert", "media"):
                continue
            retry_after = 0 if status == 429 else None
            bucket.fake.plan(Fault(what, verb, status=status, retry_after=retry_after))

    return plan


@pytest.mark.parametrize("kind", KINDS)
def test_backups_drills_and_restores_survive(
    data: Path, bucket: BucketStore, tmp_path: Path, fail: Callable[..., None], kind: str
) -> None:
    """Each of the calls that they make fails once, and nobody notices."""
    write(data, "long.csv", noise(CHUNK_SIZE + 1000), hours_ago=3)
    write(data, "state.json", b"[1]", hours_ago=3)
    fail(kind, "list", "get", "insert")
    assert back_up(data, bucket.provider).number == 1
    append(data, "long.csv", rows(1000))
    write(data, "state.json", b"[2]", hours_ago=1)
    fail(kind, "list", "get", "insert", "media")
    report = back_up(data, bucket.provider)
    assert (report.number, report.result, report.warnings) == (2, "created", [])
    fail(kind, "list", "media")
    assert drill([bucket.another()], SERVICE).passed
    fail(kind, "list", "media")
    receipt = bring_back(tmp_path / "back", bucket.another())
    assert (receipt.outcome, receipt.warnings) == (Outcome.RESTORED, ())
    assert contents(tmp_path / "back") == contents(data)
    assert len(newest(bucket.provider).files) == 2


@pytest.mark.parametrize("kind", ["408", "429", "500", "503", "RESET_AFTER_BODY", "LOST_ANSWER"])
def test_a_prune_survives(
    data: Path, bucket: BucketStore, fail: Callable[..., None], kind: str
) -> None:
    """A delete whose answer was lost has been done, and that is what was wanted."""
    for number in range(3):
        write(data, "state.json", b"[%d]" % number, hours_ago=3 - number)
        back_up(data, bucket.provider)
    bucket.age(hours=30)
    fail(kind, "list", "media", "delete")
    report = prune(bucket.provider, SERVICE, Retention(1, 0))
    assert (report.kept, report.dropped, report.warnings) == ([3], [1, 2], [])


def test_a_commit_whose_answer_is_lost_is_no_lost_race(data: Path, bucket: BucketStore) -> None:
    """The manifest is found to be one's own: no second one is written, and nothing read again."""
    write(data, "a.csv", rows(100))
    bucket.fake.plan(Fault(FaultKind.LOST_ANSWER, "insert", "backups/"))
    report = back_up(data, bucket.provider)
    assert (report.result, report.number) == ("created", 1)
    manifests = [name for name in bucket.objects() if name.startswith("backups/")]
    assert manifests == ["backups/00000001.json"]
    assert report.operations["put"] == 2


def test_two_writers_and_a_lost_answer_are_told_apart(
    data: Path, bucket: BucketStore, tmp_path: Path
) -> None:
    """Whose manifest it is, its bytes say: the loser merges into the winner's."""
    write(data, "a.csv", rows(100))
    write(tmp_path / "rival", "b.csv", rows(100, 7))
    fault = bucket.fake.plan(Fault(FaultKind.RESET_AFTER_BODY, "insert", "backups/"))
    rival = bucket.another()

    def overtake(name: str) -> None:
        if name.startswith("backups/") and not fault.fired:
            fault.times = 0
            back_up(tmp_path / "rival", rival)
            fault.times = 1

    watched = WatchedProvider(bucket.provider)
    watched.before_put = overtake
    report = back_up(data, watched)
    assert (report.result, report.number) == ("created", 2)
    assert {file.path for file in newest(bucket.provider).files} == {"a.csv", "b.csv"}
