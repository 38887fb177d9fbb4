from pathlib import Path

import pytest

from shared.errors import BadSettings
from shared.settings import (
    FunctionSettings,
    LoggerSettings,
    RestoreSettings,
    StorageSettings,
    load,
)

SECRET = "correct horse battery staple"
FUNCTION = {"SNAPSHOT_URL": "https://logger.example", "SNAPSHOT_TOKEN": "token"}
STORAGE_DEFAULTS = {
    "service_name": "btc-logger",
    "gcs_bucket_name": None,
    "gcp_project_id": None,
    "google_application_credentials": None,
    "prefix": "btc-logger",
    "local_backup_dir": Path("/tmp/btc_backup"),  # noqa: S108  the documented default
}
DATA_DEFAULTS = STORAGE_DEFAULTS | {
    "data_dir": Path("data"),
}
LOGGER_DEFAULTS = DATA_DEFAULTS | {
    "backup_enabled": True,
    "backup_include": ("*.csv", "*.json"),
    "backup_exclude": (),
    "host": "0.0.0.0",  # noqa: S104  the documented default
    "port": 10000,
    "log_interval_seconds": 5,
    "price_sources": ("coinbase", "kraken", "bitstamp"),
    "logger_command": (),
    "snapshot_token": None,
}


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    """Put variables into the environment."""
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)


def refusal(kind: type[StorageSettings]) -> str:
    """What is said when these settings do not load."""
    with pytest.raises(BadSettings) as caught:
        load(kind)
    return caught.value.message


def test_the_loggers_defaults() -> None:
    """As the design's table has them."""
    settings = load(LoggerSettings)
    assert {field: getattr(settings, field) for field in LOGGER_DEFAULTS} == LOGGER_DEFAULTS


def test_the_functions_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address and a token it has nothing to do."""
    set_all(monkeypatch, FUNCTION)
    settings = load(FunctionSettings)
    assert {field: getattr(settings, field) for field in STORAGE_DEFAULTS} == STORAGE_DEFAULTS
    assert (settings.keep_last, settings.keep_daily) == (48, 30)
    assert settings.snapshot_url == "https://logger.example"
    assert settings.snapshot_token.get_secret_value() == "token"


def test_the_restore_jobs_defaults() -> None:
    """As the design's table has them."""
    settings = load(RestoreSettings)
    assert {field: getattr(settings, field) for field in DATA_DEFAULTS} == DATA_DEFAULTS
    assert settings.auto_restore_on_startup
    assert settings.restore_timeout_seconds == 30


def test_the_function_needs_its_address_and_token() -> None:
    """All that is missing is named at once."""
    message = refusal(FunctionSettings)
    assert message.startswith("SNAPSHOT_URL: not set; SNAPSHOT_TOKEN: not set")


@pytest.mark.parametrize(
    ("kind", "variable", "value", "allowed"),
    [
        (LoggerSettings, "PORT", "65536", "65535"),
        (LoggerSettings, "PORT", "ten", "integer"),
        (LoggerSettings, "LOG_INTERVAL_SECONDS", "0", "0.01"),
        (LoggerSettings, "LOG_INTERVAL_SECONDS", "0.5", "at least 1"),
        (LoggerSettings, "LOG_INTERVAL_SECONDS", "nan", "3600"),
        (LoggerSettings, "PRICE_SOURCES", "coinbase,mtgox", "bitstamp"),
        (LoggerSettings, "PRICE_SOURCES", "replay,kraken", "replay alone"),
        (LoggerSettings, "BACKUP_ENABLED", "maybe", "boolean"),
        (LoggerSettings, "LOGGER_COMMAND", 'python "my_logger.py', "no closing quotation"),
        (LoggerSettings, "LOGGER_COMMAND", "\\", "no escaped character"),
        (FunctionSettings, "KEEP_LAST", "0", "1"),
        (FunctionSettings, "KEEP_DAILY", "-1", "0"),
        (FunctionSettings, "SNAPSHOT_URL", "logger.example", "https://"),
        (FunctionSettings, "SNAPSHOT_URL", "ftp://logger.example", "https://"),
        (FunctionSettings, "SNAPSHOT_URL", "https://logger.example?a=b", "https://"),
        (RestoreSettings, "RESTORE_TIMEOUT_SECONDS", "0", "greater than 0"),
        (RestoreSettings, "RESTORE_TIMEOUT_SECONDS", "nan", "86400"),
        (RestoreSettings, "RESTORE_TIMEOUT_SECONDS", "inf", "86400"),
        (RestoreSettings, "AUTO_RESTORE_ON_STARTUP", "2", "boolean"),
        (StorageSettings, "GCS_BUCKET_NAME", "gs://mine", "pattern"),
        (StorageSettings, "SERVICE_NAME", "My Logger", "pattern"),
        (StorageSettings, "TRANSFER_THREADS", "0", "1"),
        (StorageSettings, "BACKUP_PREFIX", "../other", "component"),
        (StorageSettings, "BACKUP_PREFIX", "/", "empty"),
    ],
)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_bad_value_is_named_shown_and_corrected(  # noqa: PLR0917  pytest passes them by name
    monkeypatch: pytest.MonkeyPatch,
    kind: type[StorageSettings],
    variable: str,
    value: str,
    allowed: str,
    where: str,
) -> None:
    """The variable, what it held and what it may hold, wherever it was set."""
    set_all(monkeypatch, FUNCTION if kind is FunctionSettings else {})
    if where == ".env":
        monkeypatch.delenv(variable, raising=False)
        Path(".env").write_text(f"{variable}={value}\n")
    else:
        monkeypatch.setenv(variable, value)
    found, _, may_hold = refusal(kind).partition(value)
    assert found.rstrip("'") == f"{variable}: found "
    assert allowed in may_hold


@pytest.mark.parametrize("kind", [LoggerSettings, RestoreSettings])
@pytest.mark.parametrize("inside", ["x/../data/b", "data", "data/backups"])
def test_backups_may_not_lie_in_the_data(
    monkeypatch: pytest.MonkeyPatch, kind: type[StorageSettings], inside: str
) -> None:
    """Each backup would add the manifest of the one before."""
    monkeypatch.setenv("LOCAL_BACKUP_DIR", inside)
    message = refusal(kind)
    assert message.startswith(f"LOCAL_BACKUP_DIR: found '{inside}'")
    assert "outside DATA_DIR, 'data'" in message


def test_what_includes_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would ever be backed up."""
    monkeypatch.setenv("BACKUP_INCLUDE", " , ")
    assert refusal(LoggerSettings).startswith("BACKUP_INCLUDE: found ")


def test_every_bad_value_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to deploy once for each."""
    set_all(monkeypatch, {"PORT": "x", "SERVICE_NAME": "A B"})
    message = refusal(LoggerSettings)
    assert "PORT: found 'x'" in message
    assert "SERVICE_NAME: found 'A B'" in message


@pytest.mark.parametrize("token", [SECRET, f"{SECRET.replace(' ', '-')}é", "a\tb"])
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_bad_token_is_refused_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, token: str, where: str
) -> None:
    """A header carries printable ASCII without spaces; the log has the name alone."""
    if where == ".env":
        Path(".env").write_text(f"SNAPSHOT_TOKEN='{token}'\n")
    else:
        monkeypatch.setenv("SNAPSHOT_TOKEN", token)
    with pytest.raises(BadSettings) as caught:
        load(LoggerSettings)
    assert "SNAPSHOT_TOKEN: expected printable ASCII" in caught.value.message
    assert token not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"


def test_a_secret_is_not_shown_when_another_setting_is_bad(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither in the message nor in what caused it."""
    set_all(monkeypatch, {"SNAPSHOT_TOKEN": "hunter2", "KEEP_LAST": "0"})
    with pytest.raises(BadSettings) as caught:
        load(FunctionSettings)
    assert "SNAPSHOT_URL" in caught.value.message
    assert "hunter2" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"


def test_a_good_token_is_not_shown_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody will print them."""
    monkeypatch.setenv("SNAPSHOT_TOKEN", "hunter2")
    assert "hunter2" not in repr(load(LoggerSettings))


def test_the_env_file_is_read_and_the_environment_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a file has that is no setting of this job is no error."""
    Path(".env").write_text("PORT=8001\nSERVICE_NAME=from-file\nKEEP_LAST=3\nOTHER=1\n")
    monkeypatch.setenv("PORT", "8002")
    settings = load(LoggerSettings)
    assert (settings.port, settings.service_name) == (8002, "from-file")


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Dashboards keep a field that somebody has cleared."""
    names = ["PORT", "GCS_BUCKET_NAME", "BACKUP_INCLUDE", "BACKUP_PREFIX", "SNAPSHOT_TOKEN"]
    if where == ".env":
        Path(".env").write_text("".join(f"{name}=\n" for name in names))
    else:
        set_all(monkeypatch, dict.fromkeys(names, ""))
    settings = load(LoggerSettings)
    assert {field: getattr(settings, field) for field in LOGGER_DEFAULTS} == LOGGER_DEFAULTS


def test_an_empty_token_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function does not start with it (rule 11)."""
    set_all(monkeypatch, FUNCTION | {"SNAPSHOT_TOKEN": ""})
    assert "SNAPSHOT_TOKEN: " in refusal(FunctionSettings)


@pytest.mark.parametrize("kind", [StorageSettings, FunctionSettings])
def test_cloud_run_without_a_bucket_is_refused(
    monkeypatch: pytest.MonkeyPatch, kind: type[StorageSettings]
) -> None:
    """There is no silent fall-back to its memory (rule 14)."""
    set_all(monkeypatch, FUNCTION | {"K_SERVICE": "backup"})
    assert "GCS_BUCKET_NAME: not set" in refusal(kind)
    monkeypatch.setenv("GCS_BUCKET_NAME", "mine")
    assert load(kind).gcs_bucket_name == "mine"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:10000", "http://localhost:1", "http://[::1]:1", "https://a.b/c"]
)
def test_an_address_that_keeps_the_token_private_is_taken(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """HTTPS anywhere, plain HTTP on this machine; a slash at the end is dropped."""
    set_all(monkeypatch, FUNCTION | {"SNAPSHOT_URL": f"{address}/"})
    assert load(FunctionSettings).snapshot_url == address


@pytest.mark.parametrize(
    "address",
    ["http://logger.example", "http://127.0.0.1.evil.example", "http://localhost@evil.example"],
)
def test_plain_http_to_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """A token would travel for everyone to read (rule 11)."""
    set_all(monkeypatch, FUNCTION | {"SNAPSHOT_URL": address})
    message = refusal(FunctionSettings)
    assert message.startswith(f"SNAPSHOT_URL: found '{address}', expected https://")


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces around the parts are nothing."""
    set_all(monkeypatch, {"BACKUP_INCLUDE": "*.csv, logs/*.txt ,", "PRICE_SOURCES": "kraken"})
    settings = load(LoggerSettings)
    assert settings.backup_include == ("*.csv", "logs/*.txt")
    assert settings.price_sources == ("kraken",)


def test_a_command_is_split_as_a_shell_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes keep words together; nothing else has a meaning."""
    monkeypatch.setenv("LOGGER_COMMAND", """python 'my logger.py' --pair=BTC-USD "$HOME" | cat""")
    words = ("python", "my logger.py", "--pair=BTC-USD", "$HOME", "|", "cat")
    assert load(LoggerSettings).logger_command == words


@pytest.mark.parametrize("nothing", ["  ", "''", "'' --fast"])
def test_a_command_without_a_program_is_refused(
    monkeypatch: pytest.MonkeyPatch, nothing: str
) -> None:
    """Who set it did not mean our recorder."""
    monkeypatch.setenv("LOGGER_COMMAND", nothing)
    message = refusal(LoggerSettings)
    assert message.startswith(f"LOGGER_COMMAND: found {nothing!r}, expected a program")


def test_the_prefix_is_the_services_name_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slashes around it are dropped: an object's name has none twice."""
    monkeypatch.setenv("SERVICE_NAME", "eth-logger")
    assert load(StorageSettings).prefix == "eth-logger"
    monkeypatch.setenv("BACKUP_PREFIX", "/team/eth/")
    assert load(StorageSettings).prefix == "team/eth"


def test_the_replay_may_tick_faster_than_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    """No exchange is asked then."""
    set_all(monkeypatch, {"PRICE_SOURCES": "replay", "LOG_INTERVAL_SECONDS": "0.05"})
    assert load(LoggerSettings).log_interval_seconds == 0.05


def test_settings_cannot_be_changed() -> None:
    """They are read once, at the entry."""
    with pytest.raises(ValueError, match="frozen"):
        load(StorageSettings).service_name = "other"
