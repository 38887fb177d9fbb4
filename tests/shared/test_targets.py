"""The settings of one logger behind the function, and of several."""

from pathlib import Path

import pytest

from shared.errors import BadSettings
from shared.targets import load_targets, prefix_of

TWO = "btc-logger=https://btc.example/,eth-logger=https://eth.example"
OWN = {"BTC_LOGGER_SNAPSHOT_TOKEN": "btc-token", "ETH_LOGGER_SNAPSHOT_TOKEN": "eth-token"}


def set_all(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Put variables into the environment."""
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)


def refusal() -> str:
    """What is said when they do not load."""
    with pytest.raises(BadSettings) as caught:
        load_targets()
    return caught.value.message


def test_one_logger_is_called_as_its_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to be said of targets."""
    set_all(monkeypatch, SNAPSHOT_URL="https://a.example", SNAPSHOT_TOKEN="t", SERVICE_NAME="ada")
    (name,) = targets = load_targets()
    assert (name, targets[name].service_name, targets[name].prefix) == ("ada", "ada", "ada")
    assert targets[name].snapshot_url == "https://a.example"


def test_each_of_several_has_its_own_and_shares_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name, folder, address, token and watchdog are its own."""
    watchdog = "https://hc-ping.com/eth"
    common = {"KEEP_LAST": "7", "GCS_BUCKET_NAME": "bucket"}
    set_all(monkeypatch, TARGETS=TWO, ETH_LOGGER_HEARTBEAT_URL=watchdog, **OWN, **common)
    targets = load_targets()
    assert list(targets) == ["btc-logger", "eth-logger"]
    btc, eth = targets.values()
    assert (btc.service_name, eth.service_name) == ("btc-logger", "eth-logger")
    assert btc.bucket_address == "gs://bucket/btc-logger"
    assert (btc.snapshot_url, eth.snapshot_url) == ("https://btc.example", "https://eth.example")
    assert btc.snapshot_token.get_secret_value() == "btc-token"
    assert eth.snapshot_token.get_secret_value() == "eth-token"
    assert btc.heartbeat_url is None
    assert eth.heartbeat_url
    assert eth.heartbeat_url.get_secret_value() == watchdog
    assert btc.keep_last == eth.keep_last == 7


def test_a_file_may_say_it_all() -> None:
    """As the environment may."""
    lines = [f"{variable}={value}" for variable, value in {"TARGETS": TWO, **OWN}.items()]
    Path(".env").write_text("\n".join(lines))
    assert list(load_targets()) == ["btc-logger", "eth-logger"]


@pytest.mark.parametrize(
    ("variable", "value", "instead"),
    [
        ("SERVICE_NAME", "btc-logger", "the names in TARGETS"),
        ("SNAPSHOT_URL", "https://a.example", "the addresses in TARGETS"),
        ("SNAPSHOT_TOKEN", "secret", "BTC_LOGGER_SNAPSHOT_TOKEN"),
        ("HEARTBEAT_URL", "https://hc-ping.com/secret", "BTC_LOGGER_HEARTBEAT_URL"),
        ("BACKUP_PREFIX", "folder", "each logger's name is its folder"),
    ],
)
def test_what_would_be_of_none_of_them_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, instead: str
) -> None:
    """With what stands in its place, and without what it held."""
    set_all(monkeypatch, TARGETS=TWO, **OWN, **{variable: value})
    message = refusal()
    assert message.startswith(f"{variable}: found beside TARGETS, expected ")
    assert instead in message
    assert "secret" not in message


def test_all_that_is_wrong_with_any_of_them_is_named_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variable as it is called, and never the secret that it held."""
    own = {"ETH_LOGGER_SNAPSHOT_TOKEN": "hun ter2", "ETH_LOGGER_HEARTBEAT_URL": "hunter2"}
    set_all(monkeypatch, TARGETS=TWO, **own)
    message = refusal()
    assert "BTC_LOGGER_SNAPSHOT_TOKEN: not set" in message
    assert "ETH_LOGGER_SNAPSHOT_TOKEN: expected printable ASCII" in message
    assert "ETH_LOGGER_HEARTBEAT_URL: expected an address" in message
    assert "ter2" not in message


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ("btc-logger", "btc-logger: expected an address"),
        ("Btc=https://btc.example", "in a name a to z, 0 to 9 and -, a letter first, not 'Btc'"),
        ("0x=https://btc.example", "a letter first, not '0x'"),
        ("-x=https://btc.example", "a letter first, not '-x'"),
        ("x-google=https://a.example", "does not begin with x-google-, not 'x-google'"),
        ("x-google-a=https://a.example", "does not begin with x-google-, not 'x-google-a'"),
        ("=https://btc.example", "not ''"),
        ("a=http://btc.example", "a: expected https://"),
        ("a=https://name:hunter2@btc.example", "a: expected no name, password"),
        ("a=https://a.example,a=https://b.example", "expected each name once, a is there twice"),
        (
            "a=https://a.example,b=https://A.example/",
            "expected each address once, https://a.example is there twice",
        ),
        (",", "expected name=https://address"),
    ],
)
def test_a_list_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, targets: str, expected: str
) -> None:
    """With what it holds, unless that is a password."""
    set_all(monkeypatch, TARGETS=targets)
    message = refusal()
    assert message.startswith("TARGETS: ")
    assert expected in message
    assert "hunter2" not in message


def test_one_logger_may_be_called_as_several_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable begins with its name."""
    for name in ("0x", "x-google-a"):
        one = {"SNAPSHOT_URL": "https://a.example", "SNAPSHOT_TOKEN": "t", "SERVICE_NAME": name}
        set_all(monkeypatch, **one)
        assert list(load_targets()) == [name]


def test_what_all_share_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no one's own."""
    set_all(monkeypatch, TARGETS=TWO, KEEP_LAST="0", **OWN)
    assert refusal().count("KEEP_LAST: found '0'") == 1


@pytest.mark.parametrize(
    ("name", "prefix"), [("eth-logger", "ETH_LOGGER_"), ("a", "A_"), ("a--b", "A__B_")]
)
def test_a_name_and_its_variables(name: str, prefix: str) -> None:
    """What a shell takes for a name."""
    assert prefix_of(name) == prefix
