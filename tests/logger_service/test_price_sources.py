from pathlib import Path

import pytest

from shared.settings import LoggerSettings, load
from sources import open_sources


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ("coinbase,kraken,bitstamp", ["coinbase", "kraken", "bitstamp"]),
        ("kraken, coinbase", ["kraken", "coinbase"]),
        ("replay", ["replay-coinbase"]),
        ("kraken,kraken", ["kraken"]),
    ],
)
def test_each_name_in_the_setting_opens_its_source(
    setting: str, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the setting, each once."""
    monkeypatch.chdir(tmp_path)  # away from any .env
    monkeypatch.setenv("PRICE_SOURCES", setting)
    assert [source.name for source in open_sources(load(LoggerSettings))] == names
