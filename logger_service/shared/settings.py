"""Settings of the three jobs: environment variables and `.env`, read once at the entry.

A bad value stops the start with the variable's name, what it held and what it may hold; what a
secret held is never shown. Each class lists all that its job reads, with units in the names.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError
from pydantic import model_validator as check
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import BadSettings
from shared.setting_values import (
    BUCKET_NAME,
    SERVICE_NAME,
    Bps,
    ClockSeconds,
    Command,
    CriticalFiles,
    HeartbeatUrl,
    NotifyUrls,
    Prefix,
    Targets,
    Token,
    Url,
    Usd,
    Words,
)

EXCHANGES = ("coinbase", "kraken", "bitstamp")  # polled unless PRICE_SOURCES says otherwise
OPT_IN_SOURCES = ("gemini", "binance", "coingecko", "replay")


class PlainSettings(BaseSettings):
    """How all of them are read."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )


class StorageSettings(PlainSettings):
    """Where backups are kept; part of every job's settings."""

    service_name: str = Field("btc-logger", pattern=f"^{SERVICE_NAME}$")
    gcs_bucket_name: str | None = Field(None, pattern=BUCKET_NAME)
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

    @property
    def bucket_address(self) -> str | None:
        """That folder as a person writes it; None where no bucket is named."""
        return f"gs://{self.gcs_bucket_name}/{self.prefix}" if self.gcs_bucket_name else None

    @property
    def local_address(self) -> str:
        """The same folder of LOCAL_BACKUP_DIR."""
        return str(self.local_backup_dir / self.prefix)

    @check(mode="after")
    def _cloud_run_needs_a_bucket(self) -> Self:
        if self.k_service and not self.gcs_bucket_name:
            raise ValueError("GCS_BUCKET_NAME: not set; on Cloud Run backups need a bucket")
        return self


class DataSettings(StorageSettings):
    """Where the logger's data lies and what it should be; for the logger and the restore job."""

    data_dir: Path = Path("data")
    backup_include: Words = Field(("*.csv", "*.json"), min_length=1)
    backup_exclude: Words = ()
    auto_restore_on_startup: bool = True
    freshness_hours: float = Field(2, gt=0)  # of the newest file
    critical_files: CriticalFiles = ()  # pattern, and the bytes that each must have at least

    @check(mode="after")
    def _backups_lie_elsewhere(self) -> Self:
        if self.local_backup_dir.resolve().is_relative_to(self.data_dir.resolve()):
            raise ValueError(
                f"LOCAL_BACKUP_DIR: found {str(self.local_backup_dir)!r}, expected a directory "
                f"outside DATA_DIR, {str(self.data_dir)!r}: backups would back up themselves"
            )
        return self


class AlertSettings(StorageSettings):
    """Who is told when something goes wrong; for the logger and the function."""

    notify_urls: NotifyUrls | None = None  # they carry passwords
    heartbeat_url: HeartbeatUrl | None = None  # asked for after each good backup


class LoggerSettings(DataSettings, AlertSettings):
    """All that the logger reads."""

    backup_enabled: bool = True
    backup_interval_minutes: float = Field(30, gt=0, le=10_080)
    max_local_backups: int = Field(10, ge=1)
    critical_error_count: int = Field(5, ge=1)  # ticks in a row without a row
    catch_up_seconds: float = Field(60, gt=0, le=86_400)
    shutdown_seconds: float = Field(25, gt=0, le=300)  # below the platform's kill
    restore_on_failure: Literal["start", "stop"] = "start"
    restore_exit_code: int | None = None  # set by the start script
    render: bool = False  # set by Render
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
    admin_token: Token | None = None
    public_data: bool = False  # whether anybody may read the recorded prices

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


class FunctionSettings(AlertSettings):
    """All that the backup function reads; with TARGETS, what it knows of one of several loggers."""

    targets: Targets | None = None  # several loggers' addresses by their names
    snapshot_url: Url
    snapshot_token: Token
    keep_last: int = Field(48, ge=1)
    keep_daily: int = Field(30, ge=0)
    call_timeout_seconds: float = Field(50, gt=0, le=3600)  # below the function's own timeout
    max_snapshot_gb: float = Field(100, gt=0)  # 10^9 bytes


class RestoreSettings(DataSettings):
    """All that the restore job reads."""

    restore_timeout_seconds: float = Field(30, gt=0, le=86_400)


Settings = TypeVar("Settings", bound=BaseSettings)


def load(
    kind: type[Settings],
    *,
    env_file: Path = Path(".env"),
    env_prefix: str = "",
    example: str = ".env.example",
    **known: Any,
) -> Settings:
    """Read the settings of one job from the environment, or from a file where it has them not.

    What is `known` already is looked up in neither.

    Raises:
        BadSettings: naming each variable that is missing or out of range.
    """
    try:
        return kind(_env_file=env_file, _env_prefix=env_prefix, **known)
    except ValidationError as error:
        faults = [_describe(kind, fault, env_prefix) for fault in error.errors()]
        raise BadSettings("; ".join(faults), hint=f"See {example} for every setting") from error


def secret_fields(kind: type[BaseSettings]) -> set[str]:
    """The settings of a job that are never shown or passed on."""
    fields = kind.model_fields.items()
    return {name for name, field in fields if "Secret" in str(field.annotation)}


def _describe(kind: type[BaseSettings], fault: Mapping[str, Any], prefix: str) -> str:
    is_missing = fault["type"] == "missing"
    message = "not set" if is_missing else str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:  # a check across settings, which names them itself
        return message
    field = str(fault["loc"][0])
    has_password = bool(re.search("//.*:.*@", str(fault["input"])))  # in an address
    # Where a setting is missing, the input is all the others.
    hidden = field in secret_fields(kind) or has_password or is_missing
    found = "" if hidden else f"found {fault['input']!r}, "
    return f"{prefix}{field.upper()}: {found}{message}"
