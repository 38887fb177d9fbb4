"""The whole system on this machine: logger, function, scheduler stand-in, perhaps a fake bucket.

Each job runs in a copy of its own folder, as it would where it is deployed, and everything
that any of them writes lies under one folder.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Self

from processes import ROOT, Program, copy_job, free_port

USUAL_PORTS = LOGGER_PORT, FUNCTION_PORT = 10000, 8080  # of what a person has started
BUCKET = "local-demo-bucket"
EMULATORS = ROOT / "tests" / "emulators"


class LocalSystem:
    """Logger, function and storage below `folder`; a context that stops what it started.

    `pythons` gives a job an interpreter of its own, by the name of its folder; `ports` are those
    of logger and function where they are free, and 0 is any: two systems that begin at once may
    both find the usual ones free.
    """

    def __init__(
        self,
        folder: Path,
        provider: str,
        logger_settings: dict[str, str],
        pythons: Mapping[str, str] | None = None,
        ports: tuple[int, int] = (0, 0),
    ) -> None:
        self.folder = folder
        self._pythons = pythons or {}
        self.data = folder / "data"
        self.token = token_urlsafe(32)
        self.token_file = folder / "snapshot-token"
        self.logger_url = f"http://127.0.0.1:{free_port(ports[0])}"
        self.function_url = f"http://127.0.0.1:{free_port(ports[1])}"
        self._provider = provider
        self._programs: list[Program] = []
        inherited = ("PATH", "HOME", "LANG")
        self.environment = {
            **{name: os.environ[name] for name in inherited if name in os.environ},
            **logger_settings,
            "DATA_DIR": str(self.data),
            "LOCAL_BACKUP_DIR": str(folder / "backups"),
            "HOST": "127.0.0.1",
            "PORT": self.logger_url.rpartition(":")[2],
            "SNAPSHOT_URL": self.logger_url,
            "SNAPSHOT_TOKEN": self.token,
        }

    def __enter__(self) -> Self:
        try:
            self._write_token()
            if self._provider == "gcs":
                self._start_storage()
        except BaseException:  # also a signal's: no __exit__ will follow
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start logger and function, and return when both answer."""
        self.start_logger()
        self.start_function()

    def start_function(self) -> None:
        """Start the function, and return when it answers."""
        host_and_port = ["--host", "127.0.0.1", "--port", self.function_url.rpartition(":")[2]]
        words = ["-m", "functions_framework", "--target", "backup", *host_and_port]
        self._start("backup_function", words, self.function_url, {})

    def start_logger(self, **settings: str) -> None:
        """Start the logger, perhaps with other settings, and return when it is alive."""
        alive = f"{self.logger_url}/health/live"
        self._start("logger_service", ["main.py"], alive, settings)

    def stop_logger(self) -> None:
        """Stop the logger as a platform does."""
        self._stop("logger_service")

    def lose_disk(self) -> Path:
        """Take the logger's disk away, and tell where a copy of its data lies.

        Local backups are on it too, unless they stand in for the bucket.
        """
        lost = self.folder / "destroyed"
        self.data.rename(lost)
        if self._provider == "gcs":
            shutil.rmtree(self.folder / "backups")
        return lost

    def stop_function(self) -> None:
        """Stop the function."""
        self._stop("backup_function")

    def process_id(self, job: str) -> int:
        """Of the running program of a job, named by the job's folder."""
        return next(program.process_id for program in self._programs if program.name == job)

    def fire(self, action: str = "backup") -> dict[str, Any]:
        """Let the scheduler stand-in send one request; the attempt with the function's answer."""
        body = json.dumps({"action": action})
        words = [str(EMULATORS / "scheduler.py"), self.function_url, "--once", "--body", body]
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, *words], capture_output=True, text=True, check=False
        )
        attempt: dict[str, Any] = json.loads(done.stdout)
        return attempt

    def restore(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the restore job to its end."""
        folder = copy_job("restore_job", self.folder / "jobs")
        return subprocess.run(  # noqa: S603  our own program
            [self._python("restore_job"), "main.py", *options],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def running(self) -> bool:
        """Whether every program that was started still runs."""
        return all(program.is_running for program in self._programs)

    def stop(self) -> None:
        """Stop all, the last started first; then nothing takes the token any more."""
        for program in reversed(self._programs):
            program.stop()
        self._programs.clear()
        self.token_file.unlink(missing_ok=True)

    def _write_token(self) -> None:
        """For whoever asks the logger as the function does; no other user may read it."""
        self.token_file.parent.mkdir(parents=True, exist_ok=True)
        self.token_file.unlink(missing_ok=True)  # of one that was killed; its mode would stay
        self.token_file.touch(0o600, exist_ok=False)
        self.token_file.write_text(self.token)

    def _start_storage(self) -> None:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        words = [str(EMULATORS / "storage.py"), "--port", str(port), "--bucket", BUCKET]
        log = self.folder / "logs" / "storage_fake.log"
        program = Program(words, ROOT, self.environment, log)
        self._programs.append(program)
        program.wait_for(f"{url}/storage/v1/b/{BUCKET}")
        self.environment |= {"GCS_BUCKET_NAME": BUCKET, "STORAGE_EMULATOR_HOST": url}

    def _start(self, job: str, words: list[str], url: str, settings: dict[str, str]) -> None:
        log = self.folder / "logs" / f"{job}.log"
        folder = copy_job(job, self.folder / "jobs")
        program = Program(words, folder, self.environment | settings, log, self._python(job))
        self._programs.append(program)
        program.wait_for(url)

    def _python(self, job: str) -> str:
        return self._pythons.get(job, sys.executable)

    def _stop(self, job: str) -> None:
        for program in [one for one in self._programs if one.name == job]:
            program.stop()
            self._programs.remove(program)
