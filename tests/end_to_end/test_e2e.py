"""A run that is not as promised ends as a failure, with its figures, and says where."""

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from end_to_end import e2e


class Broken:
    """Stands in for the whole: it cannot be set up."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.backups = folder, list[str]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that alone is searched for programs; all that are needed are there."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.setattr(sys, "argv", ["e2e"])
    monkeypatch.setattr(e2e, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in e2e.TOOLS:
        (tmp_path / name).touch(mode=0o755)
    yield tmp_path
    for number, handler in before.items():
        signal.signal(number, handler)


def run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """A run whose first step fails."""

    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(e2e, "Whole", Broken)
    monkeypatch.setattr(Broken, "set_up_google", fail, raising=False)
    return e2e.main()


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("error", [AssertionError("no key"), ValueError("no key")])
def test_a_step_that_fails_ends_it_with_its_figures(
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also where a client refuses something; what the programs said is kept."""
    assert run(monkeypatch, error) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "FAILED: no key"
    assert (tmp_path / said[1].removeprefix("logs are kept in ")).is_dir()
    assert json.loads(said[-1])["identical"] is False


def test_an_interrupt_leaves_nothing(
    tools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever interrupts has seen enough."""
    assert run(monkeypatch, KeyboardInterrupt()) == 1
    assert capsys.readouterr().out == "interrupted\n"
    assert not [*(tools / ".local").iterdir()]


def test_without_a_tool_it_says_so(
    tools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a failure where that tool is required."""
    (tools / "gcloud").unlink()
    monkeypatch.setenv("REQUIRE_TOOLS", "chromium")
    assert e2e.main() == 0
    assert capsys.readouterr().out == "skipped: gcloud is not installed\n"
    monkeypatch.setenv("REQUIRE_TOOLS", "chromium,gcloud")
    assert e2e.main() == 1
