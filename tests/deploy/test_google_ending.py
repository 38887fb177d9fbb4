"""`deploy/google.sh` and `deploy/scheduler.py` end with a sentence, whatever is in the way."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.scheduler_setup import write_settings
from emulators.scheduler_api import SchedulerFake
from google_cloud.asking import NotConfirmed, confirm
from processes import ROOT
from scheduling.endpoint import ENDPOINT

VENV = """\
#!/bin/sh
[ "$1" = -c ] && exit 0
rm -rf "$4" && mkdir -p "$4/bin"
printf '#!/bin/sh\\necho "$@"\\n' > "$4/bin/python"
chmod +x "$4/bin/python"
echo made anew
"""  # in the place of python3, as far as `-m venv --clear FOLDER` goes
SETUP = str(ROOT / "deploy" / "google.sh")
JOBS = [sys.executable, str(ROOT / "deploy" / "scheduler.py"), "list", "--json"]


def start(
    folder: Path,
    *words: str,
    stdout: int | None = None,
    close: int | None = None,
    endpoint: str = "",
) -> subprocess.CompletedProcess[str]:
    """A command in a folder that holds a settings.env and its own `gcloud`; `close` is a stream."""
    write_settings(folder)
    (bin_folder := folder / "bin").mkdir(exist_ok=True)
    (gcloud := bin_folder / "gcloud").write_bytes(b"\x00 no program")
    gcloud.chmod(0o755)
    closing = (
        [f'exec {close}<&-; exec "$@"', "bash"] if close is not None else ['exec "$@"', "bash"]
    )
    return subprocess.run(
        ["bash", "-c", *closing, *words, "--settings", "settings.env"],
        cwd=folder,
        env={
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "DEPLOY_PYTHON": sys.executable,
            ENDPOINT: endpoint,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_a_path_is_of_the_folder_that_it_was_given_in(tmp_path: Path) -> None:
    """Not of the one that the program lies in: with its settings it comes as far as to gcloud."""
    done = start(tmp_path, SETUP)
    assert done.returncode == 1
    assert "gcloud" in done.stderr
    assert "settings.env" not in done.stderr


def test_a_program_that_is_none_is_named(tmp_path: Path) -> None:
    """In one line, with what to do."""
    done = start(tmp_path, SETUP)
    assert done.stderr.startswith("error: [Errno 8] Exec format error: ")
    assert "run it again" in done.stderr


@pytest.mark.parametrize("words", [[SETUP], JOBS], ids=["google.sh", "scheduler.py"])
def test_a_pipe_that_nobody_reads_is_no_traceback(
    tmp_path: Path, words: list[str], scheduler: SchedulerFake
) -> None:
    """As with `| head`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = start(tmp_path, *words, stdout=writing, endpoint=scheduler.url)
    os.close(writing)
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if "no such job" not in line)
    assert line.startswith("error: nobody reads")


def test_without_standard_input_there_is_nobody_to_ask(tmp_path: Path) -> None:
    """Also where it is closed, as under some supervisors."""
    done = start(tmp_path, SETUP, "remove", close=0)
    assert done.returncode == 2
    assert "There is nobody to ask. Give --yes" in done.stderr


def test_an_end_of_the_input_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D at the question."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, b"\x04")
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(NotConfirmed, match="nothing was done"):
            confirm("It goes", "word", skip=False)
    os.close(keyboard)


def test_an_environment_whose_interpreter_is_gone_is_made_anew(tmp_path: Path) -> None:
    """As after the system's Python was replaced; and then it is there."""
    (deploy := tmp_path / "deploy").mkdir()
    (environment := tmp_path / ".local" / "deploy" / "bin").mkdir(parents=True)
    (program := deploy / "google.sh").write_bytes(Path(SETUP).read_bytes())
    (deploy / "requirements.txt").touch()
    (environment.parent / "ready").touch()
    os.utime(deploy / "requirements.txt", (0, 0))
    (environment / "python").symlink_to(tmp_path / "python3.10")
    (fake := tmp_path / "python3").write_text(VENV)
    for file in (program, fake):
        file.chmod(0o755)
    path = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    first = subprocess.check_output([program, "doctor"], env=path, text=True)
    made, installed, ran = first.splitlines()
    assert made == "made anew"
    assert installed.startswith("-m pip install ")
    assert ran == "-P -m google_cloud doctor"
    assert subprocess.check_output([program, "doctor"], env=path, text=True) == f"{ran}\n"
