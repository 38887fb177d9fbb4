"""`deploy/google.sh` makes its environment once, whoever else begins, or is killed, meanwhile."""

import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL
from time import monotonic, sleep

import pytest

from processes import ROOT

PATIENCE_SECONDS = 20
# In the place of python3: `-m venv --clear FOLDER`, whose own one takes its time for `-m pip`.
PYTHON = """\
#!/bin/sh
[ "$1" = -c ] && exec {python} "$@"
echo made >> {log}
rm -rf "$4" && mkdir -p "$4/bin"
cat > "$4/bin/python" <<'END'
#!/bin/sh
[ "$2" = pip ] || {{ echo "$@"; exit; }}
echo installing >> {log}
sleep 1
[ -e "$0" ] && echo installed >> {log}
END
chmod +x "$4/bin/python"
"""


class Clone:
    """A clone in which google.sh has not run yet."""

    def __init__(self, folder: Path) -> None:
        (deploy := folder / "deploy").mkdir()
        (deploy / "requirements.txt").touch()
        self.program, self._log = deploy / "google.sh", folder / "log"
        self.program.write_bytes((ROOT / "deploy" / "google.sh").read_bytes())
        (bin_folder := folder / "bin").mkdir()
        (python := bin_folder / "python3").write_text(
            PYTHON.format(python=sys.executable, log=self._log)
        )
        for file in (self.program, python):
            file.chmod(0o755)
        self._variables = {"PATH": f"{bin_folder}:/usr/bin:/bin"}

    def start(self, **variables: str) -> subprocess.Popen[str]:
        """Run `doctor`."""
        told, variables = subprocess.PIPE, self._variables | variables
        return subprocess.Popen(
            [self.program, "doctor"], env=variables, text=True, stdout=told, start_new_session=True
        )

    @property
    def done(self) -> list[str]:
        """What was done to the environment so far."""
        return self._log.read_text().split() if self._log.exists() else []

    def wait_for(self, step: str) -> None:
        """Until something was done."""
        ends_at = monotonic() + PATIENCE_SECONDS
        while step not in self.done:
            assert monotonic() < ends_at, self.done
            sleep(0.02)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """As whoever tries the system has it."""
    return Clone(tmp_path)


def has_run(run: subprocess.Popen[str]) -> bool:
    """Whether it came as far as to the set-up's own program."""
    said, _ = run.communicate(timeout=PATIENCE_SECONDS)
    return run.returncode == 0 and said == "-P -m google_cloud doctor\n"


def test_of_two_first_runs_at_once_one_makes_it_and_both_use_it(clone: Clone) -> None:
    """The second neither clears what the first fills nor begins before that is complete."""
    first = clone.start()
    clone.wait_for("installing")
    second = clone.start()
    assert has_run(first)
    assert has_run(second)
    assert clone.done == ["made", "installing", "installed"]


def test_what_one_that_was_killed_has_begun_is_made_anew(clone: Clone) -> None:
    """A half of it would not do."""
    first = clone.start()
    clone.wait_for("installing")
    os.killpg(first.pid, SIGKILL)
    assert has_run(clone.start())
    first.communicate()
    assert clone.done == ["made", "installing", "made", "installing", "installed"]


def test_what_goes_on_after_its_run_was_killed_is_waited_for(clone: Clone) -> None:
    """As it fills the same folder."""
    first = clone.start()
    clone.wait_for("installing")
    first.kill()
    assert has_run(clone.start())
    first.communicate()
    assert clone.done == ["made", "installing", "installed"]


def test_somebodys_own_python_is_not_taken_for_it(clone: Clone) -> None:
    """A shell may have PYTHON set for whatever else."""
    assert has_run(clone.start(PYTHON="/bin/false"))
