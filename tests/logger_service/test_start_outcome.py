"""The logger judges its start by the restore's exit code and by the receipt of the same restore."""

import logging
from pathlib import Path

import pytest

from shared.receipt import Outcome, Receipt, write_receipt
from shared.settings import LoggerSettings
from start_outcome import MOST_REASONS, judge_start, may_start


def settings(data: Path, code: int | None, **others: object) -> LoggerSettings:
    """Of a logger whose start script says so."""
    told = {"data_dir": data, "local_backup_dir": data.parent / "backups"}
    return LoggerSettings.model_validate(told | {"restore_exit_code": code} | others)


def keep(data: Path, outcome: Outcome, **others: object) -> None:
    """The receipt of a restore."""
    told = {"outcome": outcome, "directory": str(data), "started_at": "2026-11-22T00:00:00Z"}
    write_receipt(data, Receipt.model_validate(told | others))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.RESTORED, "the history is here"),
        (Outcome.FIRST_BOOT, "first boot"),
        (Outcome.PARTIAL, "the rest follows"),
    ],
)
def test_a_good_start_says_how_good(tmp_path: Path, outcome: Outcome, said: str) -> None:
    """Nothing is missing that time will not bring."""
    keep(tmp_path, outcome)
    start = judge_start(settings(tmp_path, 0))
    assert (start.is_history_missing, start.outcome) == (False, outcome)
    assert said in start.sentence


def test_a_start_without_a_receipt_promises_nothing(tmp_path: Path) -> None:
    """A full disk may have refused it."""
    assert judge_start(settings(tmp_path, 0)).sentence.endswith("left no receipt")


def test_the_receipt_says_why_history_is_missing(tmp_path: Path) -> None:
    """Each provider, backup and file, as the restore met them."""
    keep(
        tmp_path,
        Outcome.IN_PART,
        unreachable=("gs://a did not answer",),
        unreadable=("backup 7 cannot be read",),
        problems={"a.csv": "only 1 of 2 bytes can be had"},
    )
    start = judge_start(settings(tmp_path, 5))
    assert start.is_history_missing
    assert start.sentence.endswith(
        "gs://a did not answer; backup 7 cannot be read; a.csv: only 1 of 2 bytes can be had"
    )


def test_a_long_list_of_reasons_is_cut(tmp_path: Path) -> None:
    """And says how many there are besides."""
    keep(tmp_path, Outcome.NOTHING, problems={f"{number}.csv": "lost" for number in range(40)})
    sentence = judge_start(settings(tmp_path, 4)).sentence
    assert sentence.count("lost") == MOST_REASONS
    assert sentence.endswith(f"; and {40 - MOST_REASONS} more")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (1, "exit code 1; its own lines say why"),
        (3, "exit code 3"),
        (127, "exit code 127"),
        (137, "ended by SIGKILL"),
        (143, "ended by SIGTERM"),
        (255, "exit code 255"),
    ],
)
@pytest.mark.parametrize("kept", [None, Outcome.RESTORED, Outcome.IN_PART])
def test_the_receipt_of_an_earlier_start_does_not_speak_for_this_one(
    tmp_path: Path, code: int, said: str, kept: Outcome | None
) -> None:
    """A restore that was killed, or failed, may have left none of its own."""
    if kept:
        keep(tmp_path, kept, problems={"a.csv": "long ago"})
    start = judge_start(settings(tmp_path, code))
    assert (start.is_history_missing, start.outcome) == (True, None)
    assert said in start.sentence


def test_without_a_start_script_there_is_nothing_to_judge(tmp_path: Path) -> None:
    """Whoever starts the logger by hand has looked for himself."""
    keep(tmp_path, Outcome.UNREACHABLE)
    start = judge_start(settings(tmp_path, None, restore_on_failure="stop"))
    assert (start.is_history_missing, start.exit_code, start.outcome) == (False, None, None)


def test_what_was_switched_off_is_said(tmp_path: Path) -> None:
    """Whatever an earlier restore has left there."""
    keep(tmp_path, Outcome.FIRST_BOOT)
    start = judge_start(settings(tmp_path, 0, auto_restore_on_startup=False))
    assert "AUTO_RESTORE_ON_STARTUP" in start.sentence


@pytest.mark.parametrize(("on_failure", "starts"), [("start", True), ("stop", False)])
def test_the_setting_decides(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, on_failure: str, starts: bool
) -> None:
    """Either way it is said where nobody can miss it, and only where history is missing."""
    bad = settings(tmp_path, 3, restore_on_failure=on_failure)
    assert may_start(bad, judge_start(bad)) is starts
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    good = settings(tmp_path, 0, restore_on_failure=on_failure)
    assert may_start(good, judge_start(good))
    assert len(caplog.records) == 1
