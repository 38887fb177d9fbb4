"""Runs gcloud for the set-up: it looks as often as it likes, and shows each change it makes.

With `dry_run` changes are shown only. Whatever fails says what to do about it.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from rich.console import Console

from deploy_settings import ROOT
from google_cloud.failures import GcloudFailed, GcloudMissing, failure, is_missing, is_not_yet

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 8.0  # seconds between two looks at what has not settled yet
SETTLING_SECONDS = 120.0  # what Google tells everywhere is in most places within two minutes

Tell = Callable[[str], None]


@dataclass
class Gcloud:
    """The commands of one project, each told of by `tell`.

    Raises, from every call: GcloudFailed, GcloudMissing.
    """

    project: str
    tell: Tell
    dry_run: bool = False
    changes: int = 0  # made, or with `dry_run` only shown
    is_settling: bool = False  # whether what was made may be known everywhere soon, and not yet

    def find(self, *words: str) -> Any:
        """What a command shows, from its JSON; None where there is no such thing."""
        try:
            return json.loads(self._run([*words, "--format=json"]) or "null")
        except GcloudFailed as error:
            # Without its service there is nothing yet, and a dry run does not enable it.
            if is_missing(error.said) or (self.dry_run and is_not_yet(error.said)):
                return None
            raise

    def text(self, *words: str) -> str:
        """What a command prints."""
        return self._run([*words])

    def change(self, *words: str, given: str = "", takes: str = "") -> str:
        """Change something, and return what it prints; nothing in a dry run.

        `given` goes to its standard input, for nobody else to see; `takes` says how long it takes
        where that is long.
        """
        self.changes += 1
        self.tell(f"  + gcloud {shlex.join([*words])}")
        if self.dry_run:
            return ""
        with _patience(takes):
            printed = self._run([*words], given)
        self.is_settling = True
        return printed

    def _run(self, words: list[str], given: str = "") -> str:
        """Again while something that was just made is not known everywhere yet."""
        pause, ends_at = FIRST_PAUSE, monotonic() + SETTLING_SECONDS
        while True:
            try:
                return self._run_once(words, given)
            except GcloudFailed as error:
                is_over = not self.is_settling or monotonic() + pause > ends_at
                if is_over or not is_not_yet(error.said):
                    raise
                self.tell(f"    not known everywhere yet; again in {pause:g} s")
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run_once(self, words: list[str], given: str) -> str:
        done = subprocess.run(  # noqa: S603  gcloud, with words of ours
            [_program(), *words, f"--project={self.project}", "--quiet"],
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # of what somebody has planted, too
            env=_environment(words),
            cwd=ROOT,  # where the folders and files of our words lie
            check=False,
        )
        if done.returncode:
            raise failure(words, done.returncode, done.stderr)
        return done.stdout


def _program() -> str:
    found = shutil.which("gcloud")
    if found is None:
        raise GcloudMissing(
            "gcloud is not installed",
            name="gcloud",
            hint="https://cloud.google.com/sdk/docs/install, or use the Cloud Shell, which has it",
        )
    return found


def _environment(words: list[str]) -> Mapping[str, str]:
    """Nothing is asked, and an answer is the same whatever somebody has configured."""
    told = os.environ | {
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_VERBOSITY": "error",
        "CLOUDSDK_CORE_LOG_HTTP": "0",  # shows what is stored in a secret
        "CLOUDSDK_CORE_USER_OUTPUT_ENABLED": "1",  # without it nothing seems to be there
        "PYTHONIOENCODING": "utf-8",  # in another one gcloud would print a secret otherwise
    }
    # gcloud's log on the disk keeps what these print, which are tokens.
    return told | {"CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "1"} if words[0] == "auth" else told


@contextmanager
def _patience(takes: str) -> Iterator[None]:
    """While something long is under way, say so and move; in a log, say so once."""
    if not takes:
        yield
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(f"    takes {takes} ...")
        yield
        return
    with console.status(f"takes {takes}"):
        yield
