import sys
from pathlib import Path

import pytest

from commands import Commands
from programs import lines_of, wait_until
from shared.errors import BadSettings
from writing.logger_command import program_environment


def test_a_program_that_is_not_there_is_named(commands: Commands, tmp_path: Path) -> None:
    """By name or by path; a variable before it is none."""
    for program in ("no-such-logger", str(tmp_path / "no-such-logger"), "PORT=10001"):
        with pytest.raises(BadSettings) as caught:
            commands.make([program, "--fast"])
        found = f"LOGGER_COMMAND: found {program!r}, no such program; expected one in PATH"
        assert caught.value.message.startswith(found)
        assert "env NAME=VALUE program" in caught.value.hint


def test_a_file_that_may_not_be_executed_is_named(commands: Commands, tmp_path: Path) -> None:
    """Nor may a directory; whoever forgets a program's name is told of the form."""
    (tmp_path / "my_logger.py").write_text("")
    (tmp_path / "folder").mkdir()
    for program in ("./my_logger.py", "my_logger.py", str(tmp_path / "folder")):
        with pytest.raises(BadSettings) as caught:
            commands.make([program])
        assert f"found {program!r}, a file that may not be executed" in caught.value.message
        assert "python my_logger.py" in caught.value.hint


def test_a_program_is_found_by_name_and_by_path(commands: Commands) -> None:
    """As the system will find it."""
    for program in ("env", sys.executable):
        assert commands.make([program]).own_paths() == set()


def test_its_environment_is_ours_less_what_is_for_us_alone(tmp_path: Path) -> None:
    """The port is our server's, and a token opens nothing that it needs, however it is written."""
    ours = {"HOME": "/home", "PORT": "80", "SNAPSHOT_TOKEN": "t", "snapshot_token": "t", "K": ""}
    assert program_environment(ours, tmp_path) == {
        "HOME": "/home",
        "K": "",
        "DATA_DIR": str(tmp_path),
        "PYTHONUNBUFFERED": "1",
    }


def test_its_data_directory_is_absolute(tmp_path: Path) -> None:
    """It may go to another folder before it writes."""
    assert program_environment({}, Path("data"))["DATA_DIR"] == str(tmp_path / "data")


def test_python_may_be_told_to_buffer(tmp_path: Path) -> None:
    """What the user has set stays."""
    ours = {"PYTHONUNBUFFERED": "", "DATA_DIR": "elsewhere"}
    expected = {"PYTHONUNBUFFERED": "", "DATA_DIR": str(tmp_path)}
    assert program_environment(ours, tmp_path) == expected


def test_what_it_reads_is_empty(commands: Commands, tmp_path: Path) -> None:
    """It never takes what somebody types for its own."""
    commands.make("append('read', repr(sys.stdin.read()))\nfor_ever()").start()
    wait_until(lambda: lines_of(tmp_path / "read") == ["''"])
