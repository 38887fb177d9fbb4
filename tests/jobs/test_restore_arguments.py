"""What the command line of the restore job understands."""

from datetime import UTC, datetime

import pytest

from arguments import parse_arguments

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00Z",
        "2026-11-20T12:00",
        "2026-11-20 12:00:00",
        "2026-11-20T12:00:00.000Z",
        "2026-11-20T16:00+04:00",
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(text: str) -> None:
    """As a person writes it, or as the list of backups shows it."""
    assert parse_arguments(["--at", text]).at == NOON


@pytest.mark.parametrize(
    "words",
    [
        ["--backup", "0"],
        ["--backup", "-1"],
        ["--backup", "1.5"],
        ["--backup", "²"],
        ["--backup", "newest"],
        ["--at", "yesterday"],
        ["--at", "2026-13-01"],
        ["--provider", "tape"],
        ["--backup", "1", "--at", "2026-11-21"],
        ["--check", "--doctor"],
        ["--list", "--check"],
        ["--check", "--file", "*.json"],
        ["--check", "--dry-run"],
        ["--doctor", "--to", "elsewhere"],
        ["--doctor", "--backup", "1"],
        ["--list", "--earlier"],
        ["--list", "--at", "2026-11-21"],
        ["--seconds", "0"],
        ["--seconds", "-3"],
        ["--seconds", "soon"],
        ["--seconds", "inf"],
        ["--seconds", "nan"],
        ["--list", "--seconds", "3"],
        ["--doctor", "--seconds", "3"],
        ["--no-such-option"],
        ["newest"],
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code of bad arguments, with the usage on standard error."""
    with pytest.raises(SystemExit) as ended:
        parse_arguments(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.err.startswith("usage: ")
    assert any(word in said.err for word in words)
    assert said.out == ""


@pytest.mark.parametrize(
    ("words", "is_start_step"),
    [
        ([], True),
        (["--json"], True),
        (["--to", "elsewhere"], False),
        (["--dry-run"], False),
        (["--earlier"], False),
        (["--file", "*"], False),
        (["--provider", "local"], False),
        (["--backup", "1"], False),
        (["--at", "2026-11-20"], False),
    ],
)
def test_only_a_restore_without_wishes_is_the_start_step(
    words: list[str], *, is_start_step: bool
) -> None:
    """It has a time limit and can be switched off; whoever asks for something gets it."""
    assert parse_arguments(words).is_start_step == is_start_step
