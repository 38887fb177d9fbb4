"""A running logger over a data directory with one file of each kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from job_processes import TOKEN, JobProcess, running_logger

CHUNK = 4 * 1024 * 1024
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SECRET = b"what lies outside the data directory\n"


@dataclass(frozen=True)
class ServedDirectory:
    """A running logger and its data directory."""

    logger: JobProcess
    data: Path

    def get(self, path: str, **headers: str) -> requests.Response:
        """Ask with the right token, and without a coding unless one is given."""
        plain = {"Accept-Encoding": "identity"}
        return self.logger.request("GET", path, headers=BEARER | plain | headers)


@contextmanager
def serve_directory(logger_folder: Path, root: Path) -> Iterator[ServedDirectory]:
    """Files of no, one and two chunks, links that lead outside, and one that is not selected."""
    data = root / "data"
    (data / "sub folder").mkdir(parents=True)
    (root / "secret.csv").write_bytes(SECRET)
    (data / "link.csv").symlink_to(root / "secret.csv")
    (data / "linked").symlink_to(root)
    (data / "small.csv").write_bytes(b"small\n")
    (data / "empty.csv").write_bytes(b"")
    (data / "sub folder" / "naïve%2e#?.json").write_bytes(b'{"a": 1}')
    (data / "large.csv").write_bytes(bytes(range(256)) * (CHUNK // 256) + b"the second chunk\n")
    (data / "notes.txt").write_bytes(b"not selected")
    with running_logger(logger_folder, data, GCS_BUCKET_NAME="bucket") as logger:
        yield ServedDirectory(logger, data)
