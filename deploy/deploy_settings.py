"""What `deploy/settings.env` says of a set-up on Google Cloud, checked before anything is touched.

What follows from a setting, such as the accounts' addresses, is worked out here for `google.sh`
and `scheduler.py` alike.
"""

import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # where the engine's words are

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr
from pydantic import model_validator as check
from pydantic_settings import BaseSettings, SettingsConfigDict

from scheduling.schedule import cron_of
from settings_file import names_in
from shared.errors import BadSettings
from shared.setting_values import (
    BUCKET_NAME,
    SERVICE_NAME,
    HeartbeatUrl,
    NotifyUrls,
    Prefix,
    Targets,
    Url,
)
from shared.settings import load
from shared.targets import prefix_of

SETTINGS_FILE = ROOT / "deploy" / "settings.env"
DEADLINE_MARGIN_SECONDS = 30  # from the function's timeout to the end of an attempt
LONGEST_FUNCTION_SECONDS = 1770  # because an attempt of Cloud Scheduler lasts 30 minutes at most
CALL_SHARE = 0.8  # of the function's timeout, after which a call commits what it has
EXAMPLE = "deploy/settings.example.env"
# Of the example; Render gives such a name to whoever asks first.
PLACEHOLDERS = {"your-logger.onrender.com", "your-other.onrender.com"}

ROLES = ("function", "scheduler", "render")  # of roles.json, each an account of the set-up


def _key_file(value: Path) -> Path:
    """As a shell would expand it, which nobody asks; what gcloud would not write a key to."""
    path = value.expanduser()
    if str(path).startswith("-"):
        raise ValueError("expected a file whose name does not begin with -, as gcloud's flags do")
    if (ROOT / path).is_dir():
        raise ValueError("expected a file, and this is a folder")
    return path


class OwnSettings(BaseSettings):
    """What one of several loggers may have of its own, behind its name."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    heartbeat_url: HeartbeatUrl | None = None


class DeploySettings(BaseSettings):
    """All that the set-up reads."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    gcp_project_id: str = Field(pattern=r"^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$")
    gcp_region: str = Field("us-central1", pattern=r"^[a-z]+-[a-z]+[0-9]+$")
    gcs_bucket_name: str = Field(pattern=BUCKET_NAME)
    service_name: str = Field("btc-logger", pattern=f"^{SERVICE_NAME}$")
    backup_prefix: Prefix | None = None
    snapshot_url: Url | None = None
    targets: Targets = Field(default_factory=dict)  # name to address
    backup_interval_minutes: float = Field(30, gt=0, le=10_080)
    daily_at: str = Field("03:17", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")  # UTC
    keep_last: int = Field(48, ge=1)
    keep_daily: int = Field(30, ge=0)
    max_snapshot_gb: float = Field(100, gt=0)
    soft_delete_days: int = Field(7, ge=7, le=90)  # what Cloud Storage takes
    audit_logs: bool = False
    notify_urls: NotifyUrls | None = None
    heartbeat_url: HeartbeatUrl | None = None
    function_name: str = Field("btc-backup", pattern=r"^[a-z][a-z0-9-]{1,18}[a-z0-9]$")
    function_memory_mb: int = Field(512, ge=256, le=32_768)
    function_timeout_seconds: int = Field(240, ge=20, le=LONGEST_FUNCTION_SECONDS)
    build_service_account: str | None = Field(None, pattern=r"^[^@/\s]+@[^@/\s]+$")
    render_key_file: Annotated[Path, AfterValidator(_key_file)] = Path("deploy/render-key.json")
    _own: dict[str, OwnSettings] = PrivateAttr(default_factory=dict)

    @check(mode="after")
    def _one_logger_or_several(self) -> Self:
        if bool(self.snapshot_url) == bool(self.targets):
            found = "both" if self.targets else "neither"
            raise ValueError(
                f"SNAPSHOT_URL, TARGETS: found {found}, expected SNAPSHOT_URL for one logger or "
                "TARGETS for several"
            )
        return self

    @check(mode="after")
    def _addresses_are_no_example(self) -> Self:
        for url in self.addresses.values():
            if urlsplit(url).hostname in PLACEHOLDERS:
                name = "TARGETS" if self.targets else "SNAPSHOT_URL"
                raise ValueError(
                    f"{name}: found {url}, which {EXAMPLE} shows, expected the address that Render "
                    "gives your own logger: whoever has this one would be sent the token"
                )
        return self

    @check(mode="after")
    def _several_have_their_own(self) -> Self:
        if self.targets and "service_name" in self.model_fields_set:
            raise ValueError(
                f"SERVICE_NAME: found {self.service_name!r}, expected none beside TARGETS, which "
                "has the names"
            )
        if self.targets and self.backup_prefix:
            raise ValueError(
                f"BACKUP_PREFIX: found {self.backup_prefix!r}, expected none beside TARGETS: each "
                "logger's name is its folder"
            )
        if self.targets and self.heartbeat_url:
            names = ", ".join(f"{prefix_of(target)}HEARTBEAT_URL" for target in self.targets)
            raise ValueError(f"HEARTBEAT_URL: found with TARGETS, expected {names}")
        return self

    @check(mode="after")
    def _cron_can_say_it(self) -> Self:
        try:
            cron_of(self.backup_interval_minutes)
        except ValueError as error:
            raise ValueError(f"BACKUP_INTERVAL_MINUTES: {error}") from error
        return self

    @check(mode="after")
    def _an_attempt_ends_before_the_next(self) -> Self:
        period = self.backup_interval_minutes * 60
        if self.attempt_deadline_seconds >= period:
            fits = int(period) - DEADLINE_MARGIN_SECONDS - 1
            raise ValueError(
                f"FUNCTION_TIMEOUT_SECONDS: found {self.function_timeout_seconds}, expected at "
                f"most {fits}, so that an attempt has ended before the next one, "
                f"BACKUP_INTERVAL_MINUTES={self.backup_interval_minutes:g}"
            )
        return self

    @check(mode="after")
    def _somebody_else_builds(self) -> Self:
        if self.build_service_account in [self.account(role) for role in ROLES]:
            raise ValueError(
                f"BUILD_SERVICE_ACCOUNT: found {self.build_service_account}, expected none of the "
                "accounts of this set-up: they lose whatever roles.json does not say, as to build"
            )
        return self

    @property
    def addresses(self) -> dict[str, str]:
        """Each logger's name and address, of one or several."""
        return self.targets or {self.service_name: self.snapshot_url or ""}

    def one_target(self, asked: str | None) -> str:
        """The logger that `--target` names; where there is only one, it need not be named.

        Raises:
            BadSettings: it is none of them, or has to be named.
        """
        if asked in self.addresses:
            return str(asked)
        if asked is None and len(self.addresses) == 1:
            return next(iter(self.addresses))
        found, expected = repr(asked) if asked else "none", " or ".join(self.addresses)
        raise BadSettings(f"--target: found {found}, expected {expected}", name="--target")

    @property
    def heartbeat_urls(self) -> dict[str, SecretStr]:
        """By the logger's name, of those that have one."""
        own = {target: settings.heartbeat_url for target, settings in self._own.items()}
        found = own if self.targets else {self.service_name: self.heartbeat_url}
        return {target: url for target, url in found.items() if url}

    @property
    def attempt_deadline_seconds(self) -> int:
        """After which Cloud Scheduler gives an attempt up: later than the function does."""
        return self.function_timeout_seconds + DEADLINE_MARGIN_SECONDS

    def folder(self, target: str) -> str:
        """Where a logger's backups lie in the bucket."""
        return target if self.targets else self.backup_prefix or target

    def account(self, role: str) -> str:
        """The address of one of the accounts of roles.json."""
        host = ".".join(reversed(self.gcp_project_id.split(":")))  # of example.com:project
        return f"{self.function_name}-{role}@{host}.iam.gserviceaccount.com"

    def secret(self, name: str, target: str = "") -> str:
        """How a setting that is a secret is called in Secret Manager, of one logger or of all.

        A logger's keeps its name when others come beside it.
        """
        of = f"{target}-" if target else ""
        return f"{self.function_name}-{of}{name.lower().replace('_', '-')}"

    def variable(self, target: str, name: str) -> str:
        """What the function calls a setting of one logger."""
        return f"{prefix_of(target)}{name}" if self.targets else name


def read_settings(file: Path = SETTINGS_FILE) -> DeploySettings:
    """What the file and the environment say; the environment wins.

    Raises:
        BadSettings: there is no such file, or a line of it is none of ours or cannot be read.
    """
    if not file.is_file():
        raise BadSettings(
            f"{file}: found no such file, expected the settings of the set-up",
            name=str(file),
            hint=f"Copy {EXAMPLE} there, and edit it",
        )
    names = names_in(file)
    settings = load(DeploySettings, env_file=file, example=EXAMPLE)
    for target in settings.targets:
        prefix = prefix_of(target)
        own = load(OwnSettings, env_file=file, env_prefix=prefix, example=EXAMPLE)
        settings._own[target] = own  # noqa: SLF001  read with it, and a part of it
    _refuse_unknown(settings, file, names)
    return settings


def _refuse_unknown(settings: DeploySettings, file: Path, names: Iterable[str]) -> None:
    """A misspelt line would be a default in silence."""
    known = {name.upper() for name in DeploySettings.model_fields}
    own = {name.upper() for name in OwnSettings.model_fields}
    known |= {f"{prefix_of(target)}{name}" for target in settings.targets for name in own}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise BadSettings(
                f"{file}: found {name}, which is none of the settings",
                name=name,
                hint=f"Is it {near[0]}?" if near else f"See {EXAMPLE}",
            )
