import os
import shutil
import subprocess
from pathlib import Path
from threading import Event

import pytest

from emulators.gcloud_forks import GcloudForks
from emulators.google_cloud import GoogleCloudFake
from emulators.google_deployment import Deployment
from emulators.google_services import OFFERED
from emulators.recording_gcloud import Command, RecordingGcloud
from google_stand_ins.function_set_up import DEPLOY, prepare
from google_stand_ins.gcloud_command import PATIENCE_SECONDS, Gcloud


@pytest.mark.parametrize(
    ("line", "verb", "changes"),
    [
        ("projects describe p1", "describe", False),
        ("--quiet run services get-iam-policy create --region=r", "get-iam-policy", False),
        ("secrets versions access latest --secret=list", "access", False),
        ("auth print-access-token", "print-access-token", False),
        ("version", "version", False),
        ("scheduler jobs run list", "run", True),
        ("functions deploy describe --gen2", "deploy", True),
        ("secrets versions add token --data-file=-", "add", True),
    ],
)
def test_a_command_is_told_by_its_verb(line: str, verb: str, changes: bool) -> None:
    """Whatever the names in it are."""
    command = Command(tuple(line.split()))
    assert (command.verb, command.changes) == (verb, changes)


def test_an_unknown_verb_is_no_reading_one() -> None:
    """It has to be sorted first."""
    with pytest.raises(ValueError, match="no verb that is known here is in gcloud secrets explode"):
        _ = Command(("secrets", "explode")).changes


@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")
def test_the_real_gcloud_runs_and_its_words_are_written_down(tmp_path: Path) -> None:
    """Streams, folder and exit code are its own."""
    with GoogleCloudFake() as cloud:
        recording = RecordingGcloud(tmp_path / "bin")
        environment = {**os.environ, **cloud.environment(tmp_path / "c"), "PATH": recording.path}
        words = ["projects", "describe", "p2", "--format=value(project Id)"]
        done = subprocess.run(
            ["gcloud", *words], check=False, env=environment, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert "does not have permission" in done.stderr
    assert recording.commands == [Command(tuple(words))]
    assert not recording.changes


def test_a_fork_is_the_real_gcloud_too(forks: GcloudForks, tmp_path: Path) -> None:
    """It takes its caller's streams, variables and folder, and gives its exit code."""
    with GoogleCloudFake() as cloud:
        cloud.services.add("secretmanager.googleapis.com")
        recording = RecordingGcloud(tmp_path / "bin", forks)
        leading = cloud.environment(tmp_path / "c")
        environment = {**os.environ, **leading, "PATH": recording.path}

        def gcloud(line: str, text: str = "") -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["gcloud", *line.split()],
                check=False,
                env=environment,
                cwd=tmp_path,
                input=text,
                capture_output=True,
                text=True,
            )

        (tmp_path / "payload").write_text("from a file")
        gcloud("secrets create token --replication-policy=automatic").check_returncode()
        gcloud("secrets versions add token --data-file=payload").check_returncode()
        gcloud("secrets versions add token --data-file=-", "from a pipe").check_returncode()
        payloads = [version.payload for version in cloud.secrets["token"].versions]
        assert payloads == [b"from a file", b"from a pipe"]
        assert gcloud("secrets versions access 2 --secret=token").stdout == "from a pipe"
        assert gcloud("secrets versions access 3 --secret=token").returncode == 1
        assert gcloud("secrets explode").returncode == 2
        environment["CLOUDSDK_CORE_PROJECT"] = "p2"
        assert "does not have permission" in gcloud("projects describe p2").stderr
    assert len(recording.commands) == 7


def test_a_fork_ends_with_its_caller(forks: GcloudForks, tmp_path: Path) -> None:
    """Also where it waits for Google: nothing holds the caller's streams any more."""
    is_deploying, may_end = Event(), Event()

    def serve(_: Deployment) -> str:
        is_deploying.set()
        may_end.wait()
        return "http://127.0.0.1:9"

    with GoogleCloudFake(serve=serve) as cloud:
        cloud.services.update(OFFERED)
        recording = RecordingGcloud(tmp_path / "bin", forks)
        leading = cloud.environment(tmp_path / "c")
        environment = {**os.environ, **leading, "PATH": recording.path}
        prepare(cloud, Gcloud(environment, tmp_path))
        command = ["gcloud", *DEPLOY.split()]
        with subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE
        ) as caller:
            assert caller.stdout
            try:
                assert is_deploying.wait(PATIENCE_SECONDS)
                caller.kill()
                assert caller.stdout.read() == b""
            finally:
                may_end.set()
