"""An archive of two backups, to restore from, and the restore job in front of it."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from emulators.storage import StorageFake
from job_processes import run_job
from shared.backup import Job, backup
from shared.directory_source import DirectorySource, Identity
from shared.format import Writer
from shared.local_provider import LocalProvider
from shared.selection import Selection

SERVICE = "btc-logger"
FIRST = {"BTC-USD/day.csv": b"one\n", "state.json": b'{"backup": 1}', "old.csv": b"rewritten\n"}
SECOND = {
    "BTC-USD/day.csv": b"one\ntwo\n",
    "state.json": b'{"backup": 2}',
    "old.csv": b"with other bytes\n",
    "new.csv": b"new\n",
}
MADE_AT = ("2026-11-20T10:00:00.000Z", "2026-11-21T10:00:00.000Z")


def seed(root: Path) -> Path:
    """Make the archive below `root`; the directory to give as LOCAL_BACKUP_DIR."""
    data, store = root / "data", root / "backups"
    provider = LocalProvider(store / SERVICE)
    for number, files in enumerate((FIRST, SECOND), start=1):
        for path, content in files.items():
            place = data / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            os.utime(place, (number, number))
        source = DirectorySource(data, Selection(), Identity(SERVICE, "seed"))
        report = backup(source, provider, Job(SERVICE, "manual", Writer(job="logger", instance="")))
        assert report.number == number
        _date(store / SERVICE / "backups" / f"{number:08d}.json", MADE_AT[number - 1])
    return store


def _date(manifest: Path, at: str) -> None:
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"created_at": at}))


def plant(store: Path, storage: StorageFake, bucket: str = "bucket") -> None:
    """Copy the archive into a bucket."""
    for path in store.rglob("*"):
        if path.is_file():
            name = path.relative_to(store).as_posix()
            storage.plant(bucket, name, path.read_bytes())


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a directory but our own notes, by its path."""
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes() for name, path in files.items() if not name.startswith(".backup/")
    }


@dataclass
class RestoreJob:
    """The restore job in its folder, with a data directory and a local archive of its own."""

    folder: Path
    data: Path
    store: Path
    settings: dict[str, str] = field(default_factory=dict)

    def run(
        self, *words: str, before: Sequence[str] = (), **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """`python main.py WORDS`."""
        told = self.environment(settings)
        return run_job(self.folder, "main.py", *words, settings=told, before=before)

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        """What it is told; the test's own settings go before the defaults."""
        defaults = {"DATA_DIR": str(self.data), "LOCAL_BACKUP_DIR": str(self.store)}
        return defaults | self.settings | settings

    def answer(self, *words: str, code: int = 0, **settings: str) -> Any:
        """The one JSON object that it answers with `--json`."""
        done = self.run(*words, "--json", **settings)
        assert done.returncode == code, done.stdout + done.stderr
        assert done.stderr == ""
        (line,) = done.stdout.splitlines()
        answer = json.loads(line)
        assert isinstance(answer, dict)
        return answer

    def use_bucket(self, storage: StorageFake, bucket: str = "bucket") -> None:
        """Give it a bucket besides the local directory."""
        self.settings |= {"GCS_BUCKET_NAME": bucket, "STORAGE_EMULATOR_HOST": storage.url}

    def forget_local(self) -> None:
        """The local archive is gone, as after any restart."""
        shutil.rmtree(self.store)

    def chunks(self) -> list[Path]:
        """The chunks of the local archive."""
        return sorted(self.store.rglob("*.zst"))

    def chunk_of(self, content: bytes) -> Path:
        """The chunk of the local archive that holds these bytes."""
        (chunk,) = self.store.rglob(f"{sha256(content).hexdigest()}.zst")
        return chunk
