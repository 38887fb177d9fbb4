"""Git takes no file of settings and no key, whatever it is called, and all that is committed."""

import subprocess

import pytest

from deploy.cloned import cloned_files
from processes import ROOT


def ignored(*paths: str) -> set[str]:
    """Those of these paths that git would not add, whether or not they are there."""
    asked = ("git", "check-ignore", "--no-index", *paths)
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "path",
    [
        *(".env", "logger_service/.env", "production.env", "deploy/settings.env"),
        *("deploy/settings.production.env", "deploy/settings-eth.env"),
        *("deploy/render-key.json", "deploy/key.json", "deploy/your-project-1a2b3c.json"),
    ],
)
def test_what_may_hold_a_secret_is_ignored(path: str) -> None:
    """RENDER_KEY_FILE and --settings may name any."""
    assert ignored(path) == {path}


def test_nothing_that_is_committed_is_ignored() -> None:
    """A new version of it would be left out."""
    committed = cloned_files()
    assert "deploy/settings.example.env" in committed
    assert not ignored(*committed)
