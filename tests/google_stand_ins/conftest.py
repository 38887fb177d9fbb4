import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.gcloud_forks import GcloudForks
from emulators.google_cloud import GoogleCloudFake
from emulators.google_services import OFFERED
from emulators.recording_gcloud import RecordingGcloud
from google_stand_ins.gcloud_command import Gcloud


@pytest.fixture
def cloud() -> Iterator[GoogleCloudFake]:
    """A stand-in in which all services are enabled."""
    with GoogleCloudFake() as running:
        running.services.update(OFFERED)
        yield running


@pytest.fixture
def gcloud(cloud: GoogleCloudFake, forks: GcloudForks, tmp_path: Path) -> Gcloud:
    """The real gcloud, led to that stand-in."""
    recording = RecordingGcloud(tmp_path / "bin", forks)
    leading = cloud.environment(tmp_path / "configuration")
    return Gcloud({**os.environ, **leading, "PATH": recording.path}, tmp_path)
