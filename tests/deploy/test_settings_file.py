"""`deploy/settings.env` is read as its owner meant it, or refused; never a line in silence."""

from pathlib import Path

import pytest

from deploy_settings import DeploySettings, read_settings
from shared.errors import BadSettings

LEAST = (
    "GCP_PROJECT_ID=your-project\nGCS_BUCKET_NAME=your-btc-data\nSNAPSHOT_URL=https://a.example\n"
)


@pytest.fixture(autouse=True)
def _without_this_machines_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in DeploySettings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)


def read(content: bytes) -> DeploySettings:
    """What a file with these bytes says."""
    (file := Path("settings.env")).write_bytes(content)
    return read_settings(file)


@pytest.mark.parametrize(
    "content",
    [
        LEAST.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + LEAST.encode(),
        LEAST.replace("GCP_", "export GCP_").encode(),
        LEAST.replace("your-project", "'your-project' # a remark").encode(),
        f"\n# a remark\n\n{LEAST}\n  \n".encode(),
    ],
    ids=["ends of lines as of Windows", "byte order mark", "export", "quotation", "empty lines"],
)
def test_a_file_may_be_written_in_another_style(content: bytes) -> None:
    """As editors of all systems, and shells, have it."""
    assert read(content) == read(LEAST.encode())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("KEEP LAST=3", "line 5 cannot be read"),
        ("KEEP_LAST", "line 5 cannot be read"),
        ("NOTIFY_URLS='mailto://u:s3cret@mail.example", "line 5 cannot be read"),
        ("discord://id/s3cret", "line 5 cannot be read"),
        ("discord://id/s3cret?wait=yes", "line 5 cannot be read"),
        ("0X_HEARTBEAT_URL=https://s3cret.example", "line 5 .* and a name with a letter"),
        ("SNAPSHOT_URL=https://s3cret.example", "SNAPSHOT_URL in line 5 and in line 3"),
    ],
)
def test_a_line_that_is_no_setting_is_refused(line: str, told: str) -> None:
    """By its number: it may hold the rest of a secret."""
    with pytest.raises(BadSettings, match=told) as refused:
        read(f"{LEAST}\n{line}\n".encode())
    assert "s3cret" not in str(refused.value)


def test_a_file_that_is_no_text_is_refused() -> None:
    """With what to do about it."""
    with pytest.raises(BadSettings, match="Save it as UTF-8"):
        read(LEAST.encode("utf-16"))


def test_the_key_may_lie_in_ones_own_folder() -> None:
    """As a shell would write it."""
    assert read(f"{LEAST}RENDER_KEY_FILE=~/key.json\n".encode()).render_key_file == (
        Path.home() / "key.json"
    )
