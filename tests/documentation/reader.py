"""Whoever follows the pages: at a terminal, with a Google project and a service on Render.

What they type a shell runs in their own checkout, with the real gcloud; what else they do, a table
says beside the command.
"""

import os
import pty
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.cloud_run import CloudRun
from deploy.google_project import GoogleProject
from deploy.on_render import OnRender
from documentation.expected import Expected, Place
from documentation.running import Running
from documentation.stage import Answer
from emulators.scheduler_kept import JobAttempt

SET_UP = "deploy/google.sh"
LOGGER = "https://your-logger.onrender.com"  # the pages' example


@dataclass(frozen=True)
class Step(Expected):
    """What a reader types, and what else they do.

    `before` comes first. `when` says what is done as soon as a pattern is in what it says, with
    what matched. Afterwards each of `then` has to hold, as its docstring says. A line that `stays`
    is one of the shell that all later ones of its place are typed in.
    """

    before: "Callable[[Reader], None] | None" = None
    when: "Mapping[str, Callable[[Reader, re.Match[str]], None]]" = field(default_factory=dict)
    then: "tuple[Callable[[Reader], bool], ...]" = ()
    stays: bool = False


@dataclass
class Reader:
    """`names` is what they have in the place of the examples."""

    folder: Path
    checkout: Path
    project: GoogleProject
    cloud_run: CloudRun
    render: OnRender
    variables: dict[str, str]  # of their terminal
    names: dict[str, str]
    token: str = ""  # as google.sh has shown it
    lost: dict[str, bytes] = field(default_factory=dict)  # what was deleted, by its name
    said: str = ""  # by the command, once it has ended
    _attempts_before: int = 0  # of jobs, when the command began
    _changes_before: int = 0
    _lasting: dict[Place, list[str]] = field(default_factory=dict)
    _keyboard: int = -1

    @property
    def key_file(self) -> Path:
        """Where google.sh writes Render's key."""
        return self.checkout / "deploy" / "render-key.json"

    @property
    def attempts(self) -> list[JobAttempt]:
        """Those of jobs that have ended since the command began."""
        return self.project.scheduler.attempts[self._attempts_before :]

    @property
    def changes(self) -> list[str]:
        """What has changed at Google since then."""
        return self.project.changes()[self._changes_before :]

    def objects(self, bucket: str) -> dict[str, bytes]:
        """What a bucket holds."""
        return self.project.storage.objects(bucket)

    def run(self, text: str, expected: Expected) -> Answer:
        """Type a command, and do what belongs to it."""
        assert isinstance(expected, Step)
        code, self.said, left = 0, "", list[str]()
        try:
            if expected.before:
                expected.before(self)
            self._attempts_before = len(self.project.scheduler.attempts)
            self._changes_before = len(self.project.changes())
            code, self.said = self._typed(text, expected)
            if expected.file:
                self.said = (self._folder(expected.place) / expected.file).read_text()
            left += [f"not so: {one.__doc__}" for one in expected.then if not one(self)]
        except (AssertionError, LookupError, OSError, ValueError) as error:
            left.append(f"on the way: {error!r}")
        return Answer(code, None, self.said.strip(), tuple(left))

    def type_again(self, text: str) -> None:
        """A command that stands on the pages more than once."""
        code, said = self._typed(text, Step(Place.CHECKOUT))
        assert code == 0, said

    def press(self, text: str) -> None:
        """The keys of a line, and Enter."""
        os.write(self._keyboard, f"{text}\n".encode())

    def write_settings(self, **lines: str) -> None:
        """Edit `deploy/settings.env`."""
        file = self.checkout / "deploy" / "settings.env"
        text = file.read_text()
        for name, value in lines.items():
            text, found = re.subn(f"^#?{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
            assert found == 1, f"{name} is {found} times in {file.name}"
        file.write_text(text)

    def _typed(self, text: str, step: Step) -> tuple[int, str]:
        """The exit code, and what it has said; meanwhile what it asks for is done."""
        for shown, own in self.names.items():
            text = text.replace(shown, own)
        shell = self._lasting.setdefault(step.place, [])
        folder, environment = self._folder(step.place), self._environment(text, step.place)
        due = dict(step.when)
        with _terminal() as (self._keyboard, end):
            lines = "\n".join([*shell, text])
            with Running(lines, folder, environment, keyboard=end) as running:
                for said in running.saying():
                    self._react(due, said)
                code, said = running.end(), running.said
                self._react(due, said)
        if step.stays:
            shell.append(text)
        return code, said

    def _react(self, due: "dict[str, Callable[[Reader, re.Match[str]], None]]", said: str) -> None:
        for pattern in [*due]:
            if found := re.search(pattern, said):
                due.pop(pattern)(self, found)

    def _folder(self, place: Place) -> Path:
        match place:
            case Place.CHECKOUT:
                return self.checkout
            case Place.RESTORE_JOB:
                return self.checkout / "restore_job"
            case Place.RENDER:
                return self.render.instance.source
            case _:
                return self.folder

    def _environment(self, text: str, place: Place) -> dict[str, str]:
        """The set-up's dozens of calls go to forks of gcloud, all others to gcloud itself.

        A fork keeps the configuration that it was loaded with, in which nobody is signed in.
        """
        if place is Place.RENDER:
            return self.render.instance.environment
        if not text.startswith(SET_UP):
            return self.variables
        account = {"CLOUDSDK_CORE_ACCOUNT": self.project.cloud.operator}
        return {**self.variables, **account, "PATH": self.project.gcloud.path}


@contextmanager
def _terminal() -> Iterator[tuple[int, int]]:
    """Both ends: the keyboard, and what a program reads."""
    keyboard, end = pty.openpty()
    try:
        yield keyboard, end
    finally:
        os.close(end)
        os.close(keyboard)
