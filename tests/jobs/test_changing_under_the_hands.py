import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from job_processes import TOKEN, JobProcess, running, running_logger
from jobs import restless_writer
from jobs.restless_writer import HEADER, REPLACED, REWRITTEN, ROWS, document, row
from shared.archive import Wanted
from shared.backup import Job, backup
from shared.backup_report import BackupReport
from shared.format import Writer
from shared.http_source import HttpSource
from shared.local_provider import LocalProvider
from shared.receipt import Outcome
from shared.restore import Options, restore

BACKUPS = 200
SERVICE = "btc-logger"
JOB = Job(SERVICE, "scheduled", Writer(job="function", instance="function-1"))
FILES = [ROWS, REPLACED, REWRITTEN]
NOT_WHOLE = -1


@dataclass(frozen=True)
class Made:
    """One backup: what it said, and at which beat the writer was before and after."""

    report: BackupReport
    before: int
    after: int


@dataclass(frozen=True)
class Story:
    """Backups made while a writer wrote, and the beats of which they restore the files."""

    made: list[Made]
    torn: int  # looks at the rewritten file, one after each backup, that found no JSON
    restored: list[dict[str, int]]  # by file, for each backup


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, logger_folder: Path) -> Iterator[Story]:
    """All the backups in a row, and then a restore of each; made once for all tests."""
    root = tmp_path_factory.mktemp("changing")
    data, provider = root / "data", LocalProvider(root / "backups")
    data.mkdir()
    script = str(Path(restless_writer.__file__))
    with running(root, [script, str(data)], {}) as writer:
        writer.wait_for_line("writing")
        with running_logger(logger_folder, data) as logger:
            made, torn = _make(logger.url, data, provider, writer)
        assert writer.end() == 0
        told = json.loads(writer.stdout[-1])
    print(f"a beat took {told['beat_ms']} ms, {told['beats']} of them, 10 ms wanted")  # noqa: T201  shown by pytest -rP
    written = HEADER + b"".join(row(number) for number in range(1, told["beats"] + 1))
    restored = [_restore(provider, one.report.number, root / "restored", written) for one in made]
    yield Story(made, torn, restored)
    shutil.rmtree(root)


def _make(
    url: str, data: Path, provider: LocalProvider, writer: JobProcess
) -> tuple[list[Made], int]:
    made: list[Made] = []
    torn = 0
    for _ in range(BACKUPS):
        writer.wait_until(partial(_has_come_past, data, made[-1].after if made else 0))
        before = _beat(data)
        report = backup(HttpSource(url, TOKEN), provider, JOB)
        made.append(Made(report, before, _beat(data)))
        torn += not _is_json((data / REWRITTEN).read_bytes())
    return made, torn


def _beat(data: Path) -> int:
    """The last beat that is complete."""
    with (data / REPLACED).open("rb") as file:
        found = re.match(rb'\{"number": (\d+),', file.read(40))
    assert found
    return int(found[1])


def _has_come_past(data: Path, beat: int) -> bool:
    return _beat(data) > beat


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def _restore(provider: LocalProvider, number: int, target: Path, written: bytes) -> dict[str, int]:
    """The beat of each file as a backup restores it."""
    receipt = restore([provider], SERVICE, target, Options(wanted=Wanted(number=number)))
    assert (receipt.outcome, receipt.restored_files) == (Outcome.RESTORED, len(FILES))
    beats = {name: _whole_document(target, name) for name in (REPLACED, REWRITTEN)}
    rows = (target / ROWS).read_bytes()
    are_whole = written.startswith(rows) and rows.endswith(b"\n")
    beats[ROWS] = rows.count(b"\n") - 1 if are_whole else NOT_WHOLE
    shutil.rmtree(target)
    return beats


def _whole_document(target: Path, name: str) -> int:
    raw = (target / name).read_bytes()
    try:
        number: int = json.loads(raw)["number"]
    except ValueError:
        return NOT_WHOLE
    return number if raw == document(name, number) else NOT_WHOLE


def test_no_file_is_ever_left_out_of_a_backup(story: Story) -> None:
    """No backup warns of anything but what such a pace costs, and each has all three files."""
    reports = [one.report for one in story.made]
    assert [report.number for report in reports] == list(range(1, BACKUPS + 1))
    told = [(report.number, report.changed, _without_costs(report.warnings)) for report in reports]
    assert [one for one in told if one[1] or one[2]] == []
    assert {report.files for report in reports} == {len(FILES)}


def test_every_backup_restores_to_whole_rows(story: Story) -> None:
    """As many as there were at a time, without a gap and without half a row at the end."""
    torn = [number for number, beats in _numbered(story) if beats[ROWS] == NOT_WHOLE]
    assert torn == []


@pytest.mark.parametrize("name", [REPLACED, REWRITTEN])
def test_every_backup_restores_to_json_that_was_written(story: Story, name: str) -> None:
    """It parses, and to the last byte it is one of the states that its writer completed."""
    torn = [number for number, beats in _numbered(story) if beats[name] == NOT_WHOLE]
    assert torn == []


@pytest.mark.parametrize("name", FILES)
def test_a_backup_holds_nothing_older_than_its_beginning(story: Story, name: str) -> None:
    """Nor anything newer than its end, so each one holds more than the one before."""
    wrong = [
        (made.before, beats[name], made.after)
        for made, beats in zip(story.made, story.restored, strict=True)
        if not made.before <= beats[name] <= made.after + 1
    ]
    assert wrong == []
    held = [beats[name] for beats in story.restored]
    assert held == sorted(set(held))


def test_the_files_did_change_under_the_hands(story: Story) -> None:
    """During most backups each was written more than once, and a mere reader found torn JSON."""
    during = [made.after - made.before for made in story.made]
    assert sum(beats >= 2 for beats in during) > BACKUPS / 2
    assert story.torn > 0


def _without_costs(warnings: list[str]) -> list[str]:
    return [warning for warning in warnings if ": rewritten since backup " not in warning]


def _numbered(story: Story) -> Iterator[tuple[int, dict[str, int]]]:
    return (
        (made.report.number, beats) for made, beats in zip(story.made, story.restored, strict=True)
    )
