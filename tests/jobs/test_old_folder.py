"""The migration part of the README, carried out."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from jobs.adopted_folder import AdoptedFolder, Jobs, State, states, times
from jobs.old_logger import CURRENT, HEADER, HISTORICAL, INDEX, LATEST, METADATA, RECENT

BEFORE_MIDNIGHT, AFTER_MIDNIGHT = 3, 2  # backups
NEXT_DAY = "2025-07-11_00.csv"


@dataclass(frozen=True)
class Story:
    """What came of it."""

    folder: AdoptedFolder
    original: Path  # the data directory as it was when the disk was wiped
    shown: str  # what the restore job said, of the list and of the restore
    closed: list[str]  # the files of eight hours


@pytest.fixture(scope="module", params=["local", "gcs"])
def story(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    function_folder: Path,
    restore_folder: Path,
) -> Iterator[Story]:
    """Back up while the old logger writes and midnight passes, wipe the disk, restore."""
    root = tmp_path_factory.mktemp("adopted")
    with StorageFake(["bucket"]) as fake:
        storage = {"LOCAL_BACKUP_DIR": str(root / "backups")}
        if request.param == "gcs":
            storage |= {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": fake.url}
        jobs = Jobs(function_folder, restore_folder, storage)
        yield _told(AdoptedFolder(root, jobs))
    shutil.rmtree(root)


def _told(folder: AdoptedFolder) -> Story:
    with folder.running() as logger:
        folder.back_up(logger, BEFORE_MIDNIGHT)
        folder.hurry.touch()
        logger.wait_until((folder.data / NEXT_DAY).exists)
        folder.hurry.unlink()
        folder.back_up(logger, AFTER_MIDNIGHT)
    original = folder.data.rename(folder.root / "original")
    listed, restored = folder.restore("--list", "--file", "*"), folder.restore()
    assert (listed.returncode, restored.returncode) == (0, 0), restored.stderr
    closed = [path for path in states(folder.data) if path.startswith("2025-")]
    return Story(folder, original, listed.stdout + restored.stdout, closed)


def test_every_file_comes_back_in_a_state_that_it_had(story: Story) -> None:
    """To the last byte, and never older than when the last backup began."""
    journal = story.folder.journal()
    current = {state.path: state for state in journal[: story.folder.noted_before]}
    later = set(journal[story.folder.noted_before :]) | set(current.values())
    restored = states(story.folder.data)
    assert {path for path, state in restored.items() if state not in later} == set()
    assert restored.keys() >= {CURRENT, LATEST, HISTORICAL, RECENT, METADATA, INDEX, NEXT_DAY}
    assert restored.keys() >= current.keys()


def test_a_closed_file_comes_back_with_its_time_and_without_a_newline(story: Story) -> None:
    """Those of the days before, and those that were closed while backups were made."""
    assert len(story.closed) >= 6 + 3
    original = states(story.original)
    assert {path: states(story.folder.data)[path] for path in story.closed} == {
        path: original[path] for path in story.closed
    }
    assert times(story.folder.data, story.closed) == times(story.original, story.closed)
    ends = {(story.folder.data / path).read_bytes()[-1:] for path in story.closed}
    assert b"\n" not in ends


def test_nobody_but_the_old_logger_touched_its_folder(story: Story) -> None:
    """All files are its own, as it left them; all that was added are our notes."""
    last = {state.path: state for state in story.folder.journal()}
    assert states(story.original) == last
    added = {place.name for place in story.original.iterdir()} - last.keys()
    assert added == {".backup"}


def test_what_midnight_took_out_of_a_file_is_kept(story: Story) -> None:
    """The day before is an earlier version of it, and in the files of eight hours as well."""
    done = story.folder.restore("--to", str(story.folder.root / "then"), "--earlier")
    assert done.returncode == 0
    then = story.folder.root / "then"
    (earlier,) = then.glob(f"{CURRENT}.earlier-*")
    day = earlier.read_text()
    assert day.startswith(HEADER)
    closed = "".join((story.original / f"2025-07-10_{hour:02}.csv").read_text() for hour in (8, 16))
    assert set(day.splitlines()) <= set(closed.splitlines())


def test_no_backup_left_anything_out(story: Story) -> None:
    """Each found news; each warning is about costs."""
    reports = story.folder.reports
    assert [report["result"] for report in reports] == ["created"] * len(reports)
    assert [report["changed"] for report in reports] == [{}] * len(reports)
    warnings = [warning for report in reports for warning in report["warnings"]]
    assert {warning for warning in warnings if ": rewritten since backup " not in warning} == set()


def test_what_is_costly_is_named_and_nothing_else(story: Story) -> None:
    """In each report after the first, and in the function's log; small state files are not."""
    first, *others = [report["warnings"] for report in story.folder.reports]
    assert first == []
    named = [[warning.partition(":")[0] for warning in warnings] for warnings in others]
    assert named == [[RECENT]] * len(others)
    assert story.folder.warnings_of_the_log() == [one for warnings in others for one in warnings]
    told = (
        r"kB fetched again, .* kB compressed; at one backup in .* GB of traffic a month, and up to"
    )
    assert re.search(told, others[0][0])


def test_what_is_listed_is_what_the_old_logger_has(story: Story) -> None:
    """By its own names."""
    listed = [name for name in states(story.folder.data) if name in story.shown]
    assert listed == list(states(story.folder.data))


def test_the_setting_that_a_warning_gives_ends_it(
    tmp_path: Path, function_folder: Path, restore_folder: Path
) -> None:
    """And what there is of the file stays as it was."""
    storage = {"LOCAL_BACKUP_DIR": str(tmp_path / "backups")}
    folder = AdoptedFolder(tmp_path, Jobs(function_folder, restore_folder, storage))
    with folder.running() as logger:
        folder.back_up(logger, 2)
    (warning,) = folder.reports[-1]["warnings"]
    given = re.search(r"(BACKUP_EXCLUDE)=(\S+) leaves it out", warning)
    assert given
    folder.settings[given[1]] = given[2]
    with folder.running() as logger:
        folder.back_up(logger, 2)
    assert [report["warnings"] for report in folder.reports[2:]] == [[], []]
    assert [report["vanished"] for report in folder.reports[2:]] == [[RECENT], [RECENT]]
    shutil.rmtree(folder.data)
    assert folder.restore().returncode == 0
    kept: State = states(folder.data)[RECENT]
    assert kept in set(folder.journal())
