"""An instance on the platform stand-in: a disk of its own, and the processes on it.

When it ends, all of its processes end, also those that have left its session, as with a container.
"""

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from threading import Lock

from emulators.render_events import RenderEvents, What
from emulators.render_service import TMP, Service
from processes import free_port

NOT_FOUND = 127  # a shell's exit code for a command that cannot be run
_MARK = "RENDER_INSTANCE_ID"
_POLL_SECONDS = 0.01
_INHERITED = ("PATH", "LANG")


class Instance:
    """One instance with an empty disk; nothing runs on it yet.

    `has_traffic` and `keeps_disk` are the platform's notes: whether requests are sent to it, and
    whether what starts after a crash finds its files.
    """

    def __init__(self, service: Service, folder: Path, url: str, events: RenderEvents) -> None:
        self.id = f"srv-{service.name}-{token_hex(4)}"
        self.port = free_port()
        self.disk = folder / "disks" / self.id
        self.log = folder / "logs" / f"{self.id}.log"
        self.has_traffic = False
        self.keeps_disk = False
        self._service, self._url, self._events = service, url, events
        self._killing, self._at_the_disk = asyncio.Lock(), Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def source(self) -> Path:
        """Its copy of the checkout, where its commands start."""
        return self.disk / "src"

    @property
    def process_id(self) -> int:
        """Of its command; AssertionError where none was started."""
        assert self._process is not None, f"nothing was started on {self.id}"
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code of its command; None while it runs."""
        return self._process.poll() if self._process else NOT_FOUND

    @property
    def environment(self) -> dict[str, str]:
        """What Render's Python services see (render.com/docs/environment-variables)."""
        tmp = str(self.disk / "tmp")
        own = {name: value.replace(TMP, tmp) for name, value in self._service.environment.items()}
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "HOME": str(self.disk),
            "TMPDIR": tmp,
            "RENDER": "true",
            "RENDER_SERVICE_NAME": self._service.name,
            "RENDER_SERVICE_ID": f"srv-{self._service.name}",
            "RENDER_SERVICE_TYPE": "web",
            "RENDER_EXTERNAL_URL": self._url,
            "RENDER_EXTERNAL_HOSTNAME": self._url.rpartition("/")[2],
            "RENDER_CPU_COUNT": "1",
            "RENDER_GIT_BRANCH": "main",
            "RENDER_GIT_COMMIT": "0" * 40,
            "GUNICORN_CMD_ARGS": "--preload --access-logfile - --bind=0.0.0.0:10000",
            "FORWARDED_ALLOW_IPS": "*",
            "WEB_CONCURRENCY": "1",
            "PORT": str(self.port),
            **own,
            _MARK: self.id,
        }

    def make_disk(self) -> None:
        """What a deploy finds: the source, and nothing else."""
        with self._at_the_disk:
            shutil.copytree(self._service.source, self.source, symlinks=True)
            (self.disk / "tmp").mkdir()
        self.log.parent.mkdir(parents=True, exist_ok=True)

    def run(self, command: str) -> None:
        """Start a command; one that cannot be run counts as ended with 127."""
        words = shlex.split(command)
        with self.log.open("ab") as output:
            try:
                self._process = subprocess.Popen(
                    words,
                    cwd=self.source,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                self._process = None
                output.write(f"{command}: {error.strerror}\n".encode())

    async def ended(self, within: float) -> bool:
        """Whether its command ends within so many seconds."""
        deadline = time.monotonic() + within
        while self.code is None:
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    async def stop(self, patience: float) -> None:
        """SIGTERM to its command, and SIGKILL to all when it has not ended in time."""
        if self.code is None and self._process:
            self._events.tell(What.TERMINATED, self.id)
            self._process.terminate()
            await self.ended(patience)
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL to all that runs there, and return when nothing does."""
        async with self._killing:  # who starts it again waits for that
            if self.code is None:
                self._events.tell(What.KILLED, self.id)
            while found := self.running():
                for number in found:
                    with suppress(ProcessLookupError):  # it has ended meanwhile
                        os.kill(number, signal.SIGKILL)
                await asyncio.sleep(_POLL_SECONDS)

    async def wipe(self) -> None:
        """Take its disk away; nothing may run there any more."""
        if await asyncio.to_thread(self._take_disk):
            self._events.tell(What.WIPED, self.id)

    def _take_disk(self) -> bool:
        with self._at_the_disk:  # a task that was cancelled may still be copying
            had_one = self.disk.exists()
            if had_one:
                shutil.rmtree(self.disk)
            return had_one

    def running(self) -> list[int]:
        """Its processes, known by the mark in their environment, and its command."""
        mark, found = f"{_MARK}={self.id}".encode(), set[int]()
        if self._process and self.code is None:
            found.add(self._process.pid)
        for place in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):  # it has ended, or is somebody else's
                if mark in place.read_bytes().split(b"\0"):
                    found.add(int(place.parent.name))
        return sorted(found)
