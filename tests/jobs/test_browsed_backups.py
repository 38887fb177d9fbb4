"""Backups of a running logger in a browser's hands: from the list to the bytes of a file."""

import re
from html import unescape
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from engine.archives import noise
from job_processes import JobProcess, running_logger
from jobs.own_archive import in_bucket
from shared.chunk import CHUNK_SIZE

LONG = noise(CHUNK_SIZE + 1000)
HTML = {"Accept": "text/html,*/*"}


def page(logger: JobProcess, path: str) -> str:
    """A page as a browser gets it."""
    answer = logger.request("GET", path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def link(text: str, part: str) -> str:
    """The first link of a page that leads to such an address."""
    links = re.findall(r'<a [^>]*?href="(.*?)"', text)
    return unescape(next(link for link in links if part in link))


@pytest.mark.parametrize("kind", ["gcs", "local"])
def test_a_person_finds_a_file_of_a_backup_and_saves_it(
    logger_folder: Path, tmp_path: Path, storage: StorageFake, kind: str
) -> None:
    """From the dashboard by links alone, with a backup that was just made."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "naïve #1?.csv").write_bytes(LONG)
    with running_logger(logger_folder, data, **in_bucket(storage)) as logger:
        done = logger.request("POST", "/backup/trigger?wait=true")
        assert done.status_code == 200, done.text
        part = page(logger, "/dashboard/parts/backups")
        address = link(part, f"/dashboard/backups/{kind}/1")
        assert link(page(logger, "/dashboard/backups"), f"backups/{kind}/1") == address
        opened = page(logger, address)
        saved = logger.request("GET", link(opened, "/backup/files/"), headers=HTML)
        assert (saved.status_code, saved.content) == (200, LONG)
        assert saved.headers["Content-Disposition"].endswith("na%C3%AFve%20#1%3F.csv")
