"""What all tests share: an environment without this machine's settings, and required tools."""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from emulators.gcloud_forks import GcloudForks
from shared.settings import FunctionSettings, LoggerSettings, RestoreSettings

hypothesis_settings.register_profile("project", deadline=None, database=None)
hypothesis_settings.load_profile("project")

HERE = Path(__file__).parent
REQUIRED_TOOLS = [tool for tool in os.environ.get("REQUIRE_TOOLS", "").split(",") if tool]


# Those that start whole systems: a long file that begins last is waited for by nobody else's work.
LONG = ("test_round_trip.py", "benchmarks", "jobs", "killing", "soak", "deploy", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose tests take longest, and keep the order in each."""
    last = len(LONG)
    ranks = {name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path.relative_to(HERE).parts[0], last))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the environment nor a `.env` of the checkout reaches a test."""
    for kind in (FunctionSettings, LoggerSettings, RestoreSettings):
        for field in kind.model_fields:
            monkeypatch.delenv(field.upper(), raising=False)
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def forks() -> Iterator[GcloudForks]:
    """Google's own gcloud, loaded once."""
    if shutil.which("gcloud") is None:
        pytest.skip("gcloud is not installed")
    with GcloudForks() as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where tools are required, a test that skips for want of one fails."""
    report = yield
    if report.skipped and any(tool in str(report.longrepr) for tool in REQUIRED_TOOLS):
        report.outcome = "failed"
    return report
