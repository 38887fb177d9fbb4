"""Settings of the three jobs: environment variables and `.env`, read once at the entry.

A bad value stops the start with the variable's name, what it held and what it may hold; what a
secret held is never shown. Each class lists all that its job reads, with units in the names.
"""

import re
import shlex
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic import model_validator as check
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import BadSettings, UnsafePath
from shared.names import check_path

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EXCHANGES = ("coinbase", "kraken", "bitstamp")  # polled unless PRICE_SOURCES says otherwise
OPT_IN_SOURCES = ("gemini", "binance", "coingecko", "replay")


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _split_command(value: object) -> object:
    if not isinstance(value, str):
        return value
    expected = "expected a program and its arguments, as in python my_logger.py"
    try:
        words = tuple(shlex.split(value))
    except ValueError as error:  # a quotation that does not end
        raise ValueError(f"{expected}: {str(error).lower()}") from error
    if not words or not words[0]:
        raise ValueError(expected)
    return words


def _token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not (text.isascii() and text.isprintable() and text) or " " in text:
        raise ValueError("expected printable ASCII characters without spaces")
    return value


def _prefix(value: str) -> str:
    try:
        return check_path(value.strip("/"))
    except UnsafePath as error:
        raise ValueError(error.message) from error


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("expected an address like https://my-logger.onrender.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("expected https://, because a token travels with each request")
    if "@" in parts.netloc or parts.port == 0 or parts.fragment:
        raise ValueError("expected no name, password, port 0 or #fragment in the address")
    return value.rstrip("/")


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Command = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_command)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Url = Annotated[str, AfterValidator(_url)]
Usd = Annotated[Decimal, Field(gt=0)]  # for one BTC
Bps = Annotated[Decimal, Field(gt=0, lt=10_000)]  # hundredths of a percent
ClockSeconds = Annotated[float, Field(gt=0, le=86_400)]  # between an exchange's clock and ours


class StorageSettings(BaseSettings):
    """Where backups are kept; part of every job's settings."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    service_name: str = Field("btc-logger", pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    gcs_bucket_name: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$")
    gcp_project_id: str | None = None
    google_application_credentials: Path | None = None
    backup_prefix: Prefix | None = None
    local_backup_dir: Path = Path("/tmp/btc_backup")  # noqa: S108  the documented default
    transfer_threads: int = Field(4, ge=1, le=32)
    k_service: str | None = None  # set by Cloud Run

    @property
    def prefix(self) -> str:
        """The folder of a bucket that holds this service's backups."""
        return self.backup_prefix or self.service_name

    @check(mode="after")
    def _cloud_run_needs_a_bucket(self) -> Self:
        if self.k_service and not self.gcs_bucket_name:
            raise ValueError("GCS_BUCKET_NAME: not set; on Cloud Run backups need a bucket")
        return self


class DataSettings(StorageSettings):
    """Where the logger's data lies; for the logger and the restore job."""

    data_dir: Path = Path("data")

    @check(mode="after")
    def _backups_lie_elsewhere(self) -> Self:
        if self.local_backup_dir.absolute().is_relative_to(self.data_dir.absolute()):
            raise ValueError(
                f"LOCAL_BACKUP_DIR: found {str(self.local_backup_dir)!r}, expected a directory "
                f"outside DATA_DIR, {str(self.data_dir)!r}: backups would back up themselves"
            )
        return self


class LoggerSettings(DataSettings):
    """All that the logger reads."""

    backup_enabled: bool = True
    backup_include: Words = Field(("*.csv", "*.json"), min_length=1)
    backup_exclude: Words = ()
    host: str = "0.0.0.0"  # noqa: S104  Render reaches the service from outside the container
    port: int = Field(10000, ge=0, le=65535)
    log_interval_seconds: float = Field(5, ge=0.01, le=3600)
    max_waiting_rows: int = Field(100_000, ge=1)  # in memory while the disk refuses them
    price_sources: Words = EXCHANGES
    coingecko_api_key: Token | None = None
    replay_speed: float = Field(60, gt=0, le=100_000)  # market seconds per second
    lowest_price_usd: Usd = Decimal(100)  # this and the next: what is outside is no quote
    highest_price_usd: Usd = Decimal(10_000_000)
    wide_spread_bps: Bps = Decimal(100)  # from bid to ask, of their middle
    off_book_bps: Bps = Decimal(50)  # from the book to a last trade that is outside of it
    stale_seconds: ClockSeconds = 120
    stale_seconds_coarse: ClockSeconds = 600  # of sources that tell the time in minutes
    future_seconds: ClockSeconds = 5
    deviation_warning_bps: Bps = Decimal(50)  # this and the next: from the median of the sources
    outlier_bps: Bps = Decimal(200)
    logger_command: Command = ()
    snapshot_token: Token | None = None

    @check(mode="after")
    def _sources_are_known(self) -> Self:
        known = (*EXCHANGES, *OPT_IN_SOURCES)
        if not self.price_sources or set(self.price_sources) - set(known):
            found = ",".join(self.price_sources)
            raise ValueError(f"PRICE_SOURCES: found {found!r}, expected some of {','.join(known)}")
        if "replay" in self.price_sources and set(self.price_sources) != {"replay"}:
            found = ",".join(self.price_sources)
            raise ValueError(
                f"PRICE_SOURCES: found {found!r}, expected replay alone or no replay: "
                "its prices are of 2017, and would be counted with today's"
            )
        if "replay" not in self.price_sources and self.log_interval_seconds < 1:
            raise ValueError(
                f"LOG_INTERVAL_SECONDS: found {self.log_interval_seconds}, "
                "expected at least 1 when exchanges are polled"
            )
        return self

    @check(mode="after")
    def _limits_are_in_order(self) -> Self:
        in_order = (
            ("lowest_price_usd", "highest_price_usd"),
            ("deviation_warning_bps", "outlier_bps"),
        )
        for lower, higher in in_order:
            found, limit = getattr(self, lower), getattr(self, higher)
            if found >= limit:
                raise ValueError(
                    f"{lower.upper()}: found {found}, expected less than {higher.upper()}, {limit}"
                )
        return self


class FunctionSettings(StorageSettings):
    """All that the backup function reads."""

    snapshot_url: Url
    snapshot_token: Token
    keep_last: int = Field(48, ge=1)
    keep_daily: int = Field(30, ge=0)
    call_timeout_seconds: float = Field(50, gt=0, le=3600)  # below the function's own timeout
    max_snapshot_gb: float = Field(100, gt=0)  # 10^9 bytes


class RestoreSettings(DataSettings):
    """All that the restore job reads."""

    auto_restore_on_startup: bool = True
    restore_timeout_seconds: float = Field(30, gt=0, le=86_400)


Settings = TypeVar("Settings", bound=BaseSettings)


def load(kind: type[Settings]) -> Settings:
    """Read the settings of one job from the environment.

    Raises:
        BadSettings: naming each variable that is missing or out of range.
    """
    try:
        return kind()
    except ValidationError as error:
        faults = [_describe(kind, fault) for fault in error.errors()]
        raise BadSettings("; ".join(faults), hint="See .env.example for every setting") from error


def secret_fields(kind: type[BaseSettings]) -> set[str]:
    """The settings of a job that are never shown or passed on."""
    fields = kind.model_fields.items()
    return {name for name, field in fields if "Secret" in str(field.annotation)}


def _describe(kind: type[BaseSettings], fault: Mapping[str, Any]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:  # a check across settings, which names them itself
        return message
    field = str(fault["loc"][0])
    has_password = bool(re.search("//.*:.*@", str(fault["input"])))  # in an address
    # Where a setting is missing, the input is all the others.
    hidden = field in secret_fields(kind) or has_password or fault["type"] == "missing"
    found = "" if hidden else f"found {fault['input']!r}, "
    return f"{field.upper()}: {found}{message}"
