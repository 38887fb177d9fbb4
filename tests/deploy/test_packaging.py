"""What `gcloud functions deploy` uploads is the function, whole, and nothing else."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest

from emulators.storage import StorageFake
from environments import python_of
from google_cloud.function import RUNTIME
from job_processes import TOKEN, JobProcess
from jobs.own_archive import in_bucket
from jobs.scripted_logger import ScriptedLogger
from processes import ROOT, copy_job

JUNK = (
    ".env",
    ".env.local",
    "service-account.json",
    "render-key.pem",
    "__pycache__/main.cpython-313.pyc",
    ".venv/lib/python3.13/site-packages/flask/app.py",
    "venv/pyvenv.cfg",
    "tests/test_main.py",
    "tests/__pycache__/test_main.cpython-313.pyc",
    "test_main.py",
    "conftest.py",
    "scratch.py",
    "main.py~",
    "main.py.orig",
    "#main.py#",
    ".main.py.swp",
    ".idea/workspace.xml",
    ".git/config",
    "data/prices.csv",
    "node_modules/index.js",
    "shared/.env",
    "shared/key.json",
    "shared/__pycache__/names.cpython-313.pyc",
    "shared/names.pyc",
    "shared/names.py~",
    "shared/test_names.py",
    "shared/tests/test_names.py",
    "shared/.hidden.py",
)
# Its own code decides, in its own Python: what it lists as to be uploaded is not what it packs.
PACK = """
import sys
lib, source, into = sys.argv[1:]
sys.path[:0] = [lib, lib + "/third_party"]
from googlecloudsdk.command_lib.functions.source_util import CreateSourcesZipFile
print(CreateSourcesZipFile(into, source))
"""


def modules(folder: Path) -> set[str]:
    """The names of a folder's own modules."""
    return {path.name for path in folder.glob("*.py")}


def pack(source: Path, into: Path) -> Path:
    """The archive that gcloud would upload of a folder."""
    if shutil.which("gcloud") is None:
        pytest.skip("gcloud is not installed")
    into.mkdir()
    told = {**os.environ, "CLOUDSDK_CONFIG": str(into / "gcloud")}
    asked = "--format=value(installation.sdk_root,basic.python_location)"
    root, python = _output(["gcloud", "info", asked], told).split()
    return Path(_output([python, "-c", PACK, f"{root}/lib", str(source), str(into)], told))


def _output(words: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the function's folder, in which somebody has worked."""
    folder = copy_job("backup_function", tmp_path_factory.mktemp("checkout"))
    for name in JUNK:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left by somebody")
    (folder / ".#main.py").symlink_to("nobody@nowhere.1")  # as an editor that has it open
    return pack(folder, tmp_path_factory.mktemp("packed") / "archive")


def test_the_archive_has_the_code_and_its_requirements(packed: Path) -> None:
    """No test, no setting, no key, nothing compiled, and nothing of an editor's."""
    function = ROOT / "backup_function"
    engine = {f"shared/{name}" for name in modules(function / "shared")}
    expected = {*modules(function), "requirements.txt", "shared/", *engine}
    with ZipFile(packed) as archive:
        assert set(archive.namelist()) == expected


def test_every_module_is_named() -> None:
    """Also where no gcloud is there to leave one out."""
    named = re.findall(
        r"^!/(\w+\.py)$", (ROOT / "backup_function" / ".gcloudignore").read_text(), re.MULTILINE
    )
    assert sorted(named) == sorted(modules(ROOT / "backup_function"))


def test_it_runs_with_the_python_that_render_has() -> None:
    """Which is one version for all jobs, as their pins agree."""
    version = (ROOT / ".python-version").read_text().strip()
    assert f"python{version.replace('.', '')}" == RUNTIME


@contextmanager
def serving(folder: Path, settings: dict[str, str]) -> Iterator[JobProcess]:
    """The function, started as on Cloud Run in an environment with nothing but its requirements."""
    python = python_of("backup_function")
    # Given to its Python: its own first line names the place where the environment was built.
    program = str(Path(python).with_name("functions-framework"))
    words = [program, "--target", "backup", "--host", "127.0.0.1", "--port", "0"]
    told = {"GUNICORN_LOG_LEVEL": "info", **settings}
    process = JobProcess(folder, words, told, program=python)
    try:
        found = process.wait_for_line(r"Listening at: (http://127\.0\.0\.1:\d+)")
        process.url = found[1]
        yield process
        assert process.end() == 0, process.output
    finally:
        process.kill()


def test_the_archive_serves_a_backup_elsewhere(packed: Path, tmp_path: Path) -> None:
    """Unpacked in a fresh environment with its own requirements."""
    with ZipFile(packed) as archive:
        archive.extractall(tmp_path / "workspace")
    with StorageFake(["bucket"]) as storage, ScriptedLogger() as logger:
        logger.serve(b"row\n")
        settings = {"SNAPSHOT_URL": logger.url, "SNAPSHOT_TOKEN": TOKEN, **in_bucket(storage)}
        with serving(tmp_path / "workspace", settings) as function:
            answers = [
                function.request("POST", body=b'{"action": "%s"}' % action).json()
                for action in (b"backup", b"maintenance", b"status")
            ]
    assert [answer.get("result") for answer in answers] == ["created", "done", None]
    assert (answers[0]["files"], answers[2]["newest"]) == (1, 1)
    assert "btc-logger/backups/00000001.json" in storage.objects("bucket")
