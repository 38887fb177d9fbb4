"""A `gcloud` to put first in PATH: it writes down what it is asked, and becomes the real one.

    recording = RecordingGcloud(tmp_path / "bin")
    environment = {**os.environ, **cloud.environment(tmp_path / "gcloud"), "PATH": recording.path}

With `forks` (see `gcloud_forks`) a command takes a tenth of the time.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from emulators.gcloud_forks import GcloudForks

_READING = frozenset(
    {
        *("access", "cat", "describe", "get-iam-policy", "get-value", "hash", "info", "list", "ls"),
        *("print-access-token", "print-identity-token", "read", "version"),
    }
)
_CHANGING = frozenset(
    {
        *("add", "add-iam-policy-binding", "add-invoker-policy-binding", "call", "cp", "create"),
        *("delete", "deploy", "destroy", "disable", "enable", "login", "pause"),
        *("remove-iam-policy-binding", "remove-invoker-policy-binding", "restore", "resume", "rm"),
        *("run", "set", "set-iam-policy", "update"),
    }
)
_ALONE = ("info", "version")  # the commands without a group

_BEGIN = """\
#!{python} -IS
import json, os, socket, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
"""
_BECOME = """\
os.execv({gcloud!r}, [{gcloud!r}, *sys.argv[1:]])
"""
_ASK = """\
command = {{"words": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
with socket.socket(socket.AF_UNIX) as asking:
    asking.connect({address!r})
    socket.send_fds(asking, [b"0"], [0, 1, 2])
    asking.sendall(json.dumps(command).encode() + b"\\n")
    code = asking.recv(1)
sys.exit(code[0] if code else "gcloud ended without a word")
"""


@dataclass(frozen=True)
class Command:
    """One call of gcloud."""

    words: tuple[str, ...]

    @property
    def verb(self) -> str:
        """What it does: the first word after its group that is a verb; ValueError if none is."""
        names = [word for word in self.words if not word.startswith("-")]
        for word in names[:1] if names[:1] and names[0] in _ALONE else names[1:]:
            if word in _READING | _CHANGING:
                return word
        raise ValueError(f"no verb that is known here is in gcloud {' '.join(self.words)}")

    @property
    def changes(self) -> bool:
        """Whether it does more than read."""
        return self.verb not in _READING


class RecordingGcloud:
    """A folder with that command in it; `path` is the PATH that has it first."""

    def __init__(self, folder: Path, forks: GcloudForks | None = None) -> None:
        folder.mkdir(parents=True)
        gcloud = shutil.which("gcloud")
        if gcloud is None:
            raise FileNotFoundError("gcloud is not installed")
        self._log = folder / "commands.jsonl"
        self._log.touch()
        address = forks.socket_path if forks else ""
        program = folder / "gcloud"
        program.write_text(
            (_BEGIN + (_ASK if forks else _BECOME)).format(
                python=sys.executable, log=str(self._log), gcloud=gcloud, address=address
            )
        )
        program.chmod(0o755)
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    @property
    def commands(self) -> list[Command]:
        """The calls so far, in the order of their beginnings."""
        return [Command(tuple(json.loads(line))) for line in self._log.read_text().splitlines()]

    @property
    def changes(self) -> list[Command]:
        """Those that do more than read."""
        return [command for command in self.commands if command.changes]
