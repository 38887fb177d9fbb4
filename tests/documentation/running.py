"""A command of a page while it runs, by the shell and in a session of its own.

One that goes on is up once it has said so, or its address answers; then Ctrl-C ends it. Whatever
it has started ends with it.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic, sleep
from typing import Self

from processes import answers

PATIENCE_SECONDS = 120
POLL_SECONDS = 0.1
NOT_UP = 1  # the exit code of what should go on, and ends well instead
INTERRUPTED = 128 + signal.SIGINT  # of what Ctrl-C kills; what takes care of it ends otherwise


class Running:
    """A context: the command has begun, and at its end nothing of it is left.

    `keyboard` is the descriptor of what it reads.
    """

    def __init__(
        self,
        text: str,
        folder: Path,
        environment: Mapping[str, str],
        *,
        until: str = "",
        serves: str = "",
        keyboard: int = subprocess.DEVNULL,
    ) -> None:
        self._until, self._serves = until, serves
        self._output = NamedTemporaryFile()  # noqa: SIM115  closed at the context's end
        self._process = subprocess.Popen(
            ["bash", "-c", text],
            cwd=folder,
            env=dict(environment),
            stdin=keyboard,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_hear_ctrl_c if until or serves else None,  # noqa: PLW1509  it takes no lock
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._output.close()

    @property
    def said(self) -> str:
        """All that it has printed."""
        return Path(self._output.name).read_text(errors="replace")

    def saying(self) -> Iterator[str]:
        """All that it has printed, again and again until it ends."""
        deadline = monotonic() + PATIENCE_SECONDS
        while self._process.poll() is None and monotonic() < deadline:
            yield self.said
            sleep(POLL_SECONDS)

    def comes_up(self) -> bool:
        """Whether it goes on, and is ready for what is done beside it."""
        return any(self._is_up(said) for said in self.saying())

    def end(self) -> int:
        """Its exit code as a shell has it; Ctrl-C ends what goes on."""
        if self._until or self._serves:
            if not self.comes_up():
                return self._exit_code() or NOT_UP
            os.killpg(self._process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_SECONDS)
        return self._exit_code()

    def _exit_code(self) -> int:
        code = self._process.poll()
        if code is None:  # it will be killed
            code = -signal.SIGKILL
        return code if code >= 0 else 128 - code

    def _is_up(self, said: str) -> bool:
        if self._serves:
            return answers(self._serves)
        return re.search(self._until, said) is not None


def _hear_ctrl_c() -> None:
    """What was started in the background, as CI may be, would ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
