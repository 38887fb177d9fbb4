"""What a person may ask of an operation, by name and with what each may hold."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.archive import Wanted
from shared.errors import BackupError


def _split(value: object) -> object:
    """Several, or several in one text, as a query has them."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(map(_is_text, parts)):
        raise ValueError("no texts")
    return tuple(word.strip() for part in parts for word in part.split(",") if word.strip())


def _is_text(part: object) -> bool:
    """One that no path can have would only forge lines of the log."""
    return isinstance(part, str) and part.isprintable()


def _time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004  likewise
    at = datetime.fromisoformat(value)
    try:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:  # the first or the last day of all, in another zone
        raise ValueError("no time that UTC has") from error


def _number(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("no number")  # noqa: TRY004  likewise
    return value


NUMBER = "the number of a backup, such as 42"
TIME = "a time such as 2026-11-22T18:00Z"
PROVIDERS = "gcs, local or an address, or several of them"
PATTERNS = "patterns such as *.csv"
SWITCH = "true or false"
LONGEST_SHOWN = 80  # characters of what was found

Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Number = Annotated[int, BeforeValidator(_number), Field(gt=0, description=NUMBER)]
Time = Annotated[datetime, BeforeValidator(_time), Field(description=TIME)]


class Order(BaseModel):
    """What every operation takes; `wait` says that its end is to be the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wait: bool = Field(default=False, description=SWITCH)

    @property
    def asked(self) -> dict[str, Any]:
        """What was said beyond the way of answering."""
        return self.model_dump(mode="json", exclude={"wait"}, exclude_defaults=True)


class ProvidersOrder(Order):
    """For a trigger and a drill: some providers; all without any."""

    providers: Words = Field(default=(), description=PROVIDERS)


class CleanupOrder(Order):
    """There is nothing to choose: the settings say what stays."""


class RestoreOrder(Order):
    """Which backup, and what of it; without any, the newest of everything."""

    backup: Number | None = Field(default=None, description=NUMBER)
    at: Time | None = Field(default=None, description=TIME)
    provider: Words = Field(default=(), description=PROVIDERS)
    files: Words = Field(default=(), description=PATTERNS)
    earlier: bool = Field(default=False, description=SWITCH)
    dry_run: bool = Field(default=False, description=SWITCH)

    @property
    def wanted(self) -> Wanted:
        """Which backup."""
        return Wanted(self.backup, self.at)

    @property
    def names_something(self) -> bool:
        """Whether there has to be something of the kind."""
        return self.wanted != Wanted() or bool(self.files)

    @model_validator(mode="after")
    def _one_backup(self) -> Self:
        if self.backup is not None and self.at is not None:
            raise ValueError("backup and at are two ways to name one backup; expected one of them")
        return self


AnyOrder = TypeVar("AnyOrder", bound=Order)


def parse_order(kind: type[AnyOrder], given: dict[str, object]) -> AnyOrder:
    """The order in what was given; raises BackupError, 400, naming what is wrong with it."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = str(first["msg"]).removeprefix("Value error, ")
        name = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            message = f"{name!r} is unknown, expected some of {', '.join(kind.model_fields)}"
        elif name:
            expected = kind.model_fields[name].description
            message = (
                f"{name}: found {json.dumps(given[name])[:LONGEST_SHOWN]}, expected {expected}"
            )
        raise BackupError(message, name=name, status=400) from error
