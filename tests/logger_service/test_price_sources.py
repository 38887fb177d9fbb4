from contextlib import closing
from pathlib import Path

import pytest

from emulators.exchanges import ExchangeServers
from market.exchanges import KINDS, CoinGecko
from market.sources import open_sources
from shared.errors import BadSettings
from shared.settings import EXCHANGES, OPT_IN_SOURCES, LoggerSettings, load


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ("coinbase,kraken,bitstamp", ["coinbase", "kraken", "bitstamp"]),
        ("kraken, coinbase", ["kraken", "coinbase"]),
        ("replay", ["replay-coinbase"]),
        ("kraken,kraken", ["kraken"]),
        ("binance,gemini,coingecko", ["binance", "gemini", "coingecko"]),
    ],
)
def test_each_name_in_the_setting_opens_its_source(
    setting: str, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the setting, each once."""
    monkeypatch.chdir(tmp_path)  # away from any .env
    monkeypatch.setenv("PRICE_SOURCES", setting)
    assert [source.name for source in open_sources(load(LoggerSettings))] == names


@pytest.mark.parametrize("name", ["mtgox", "Coinbase", "replay-coinbase"])
def test_an_unknown_name_stops_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error shows the setting as it is and all names that it may hold."""
    monkeypatch.setenv("PRICE_SOURCES", f"kraken,{name}")
    with pytest.raises(BadSettings) as caught:
        load(LoggerSettings)
    known = ",".join((*EXCHANGES, *OPT_IN_SOURCES))
    assert f"PRICE_SOURCES: found 'kraken,{name}', expected some of {known}" in str(caught.value)


def test_every_name_that_the_setting_may_hold_opens_a_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the settings know and what can be opened are listed in two places."""
    names = []
    for name in (*EXCHANGES, *OPT_IN_SOURCES):
        monkeypatch.setenv("PRICE_SOURCES", name)
        names += [source.name for source in open_sources(load(LoggerSettings))]
    assert names == [*KINDS, "replay-coinbase"]


def test_the_key_for_coingecko_is_a_secret_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows neither in what is printed of them nor in the error over a bad one."""
    monkeypatch.setenv("COINGECKO_API_KEY", "CG-secret")
    settings = load(LoggerSettings)
    assert settings.coingecko_api_key is not None
    assert settings.coingecko_api_key.get_secret_value() == "CG-secret"
    assert "CG-secret" not in repr(settings)
    monkeypatch.setenv("COINGECKO_API_KEY", "CG secret")
    with pytest.raises(BadSettings) as caught:
        load(LoggerSettings)
    assert "COINGECKO_API_KEY: " in str(caught.value)
    assert "CG secret" not in str(caught.value)


def test_the_key_of_the_settings_is_the_one_that_is_sent(
    servers: ExchangeServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment to the header of a request."""
    monkeypatch.setattr(CoinGecko, "base_url", servers.url)
    monkeypatch.setenv("PRICE_SOURCES", "coingecko")
    monkeypatch.setenv("COINGECKO_API_KEY", "CG-secret")
    (source,) = open_sources(load(LoggerSettings))
    assert isinstance(source, CoinGecko)
    with closing(source):
        source.quote()
    assert servers.coingecko.requests[0]["x-cg-demo-api-key"] == "CG-secret"


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("coinbase", 121),
        ("kraken", 121),
        ("bitstamp", 121),
        ("binance", 121),
        ("gemini", 601),
        ("coingecko", 601),
        ("replay", None),
    ],
)
def test_how_old_a_time_may_be_depends_on_its_source(
    name: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some tell it in steps of minutes, and a replay's is of another year."""
    monkeypatch.setenv("PRICE_SOURCES", name)
    monkeypatch.setenv("STALE_SECONDS", "121")
    monkeypatch.setenv("STALE_SECONDS_COARSE", "601")
    (source,) = open_sources(load(LoggerSettings))
    assert source.stale_after == seconds
