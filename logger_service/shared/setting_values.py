"""What a setting may hold: lists, commands, tokens, addresses and bounded numbers.

Each type takes the text of an environment variable and refuses it with what was expected.
"""

import re
import shlex
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from shared.errors import UnsafePath
from shared.names import check_path

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_NUMBER = 19  # digits, which 64 bits hold
SERVICE_NAME = r"[a-z0-9][a-z0-9-]{0,62}"
TARGET_NAME = r"[a-z][a-z0-9-]{0,62}"  # a variable's name begins with a letter
RESERVED = "x-google-"  # because gcloud deploys no variable that begins with X_GOOGLE_
BUCKET_NAME = r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$"


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


def _split_critical(value: object) -> object:
    """`pattern` or `pattern:minimum bytes`, several of them separated by commas."""
    parts = _split(value)
    return tuple(map(_critical, parts)) if isinstance(parts, tuple) else value


def _critical(text: str | tuple[str, int]) -> tuple[str, int]:
    if isinstance(text, tuple):
        return text
    pattern, colon, least = text.rpartition(":")
    if not colon:
        return text, 0
    if not pattern or not (least.isascii() and least.isdigit() and len(least) <= LONGEST_NUMBER):
        raise ValueError("expected patterns such as *.json, or with minimum bytes, *.csv:1000")
    return pattern, int(least)


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


def _heartbeat(value: SecretStr) -> SecretStr:
    """Whoever knows such an address can fake a heartbeat, so it is never shown."""
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address like https://hc-ping.com/your-uuid")
    return value


def _notify_urls(value: SecretStr) -> SecretStr:
    """What apprise has to load its plugins to know comes when something is told."""
    if not re.match(r"[a-z][a-z0-9.+-]*://\S", value.get_secret_value().strip(), re.IGNORECASE):
        raise ValueError("expected addresses such as mailto://..., separated by spaces")
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("expected an address like https://my-logger.onrender.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("expected https://, because a token travels with each request")
    if "@" in parts.netloc or parts.port == 0 or parts.fragment:
        raise ValueError("expected no name, password, port 0 or #fragment in the address")
    return value.rstrip("/")


def _split_targets(value: object) -> object:
    """`name=address`, several of them separated by commas."""
    parts = _split(value)
    if not isinstance(parts, tuple) or not all(isinstance(part, str) for part in parts):
        return value
    if not parts:
        raise ValueError("expected name=https://address, several of them separated by commas")
    pairs = [part.partition("=")[::2] for part in parts]
    addresses = [_address(name, address) for name, address in pairs]
    names = [name for name, _ in pairs]
    _refuse_twice("name", names)
    _refuse_twice("address", list(map(_same, addresses)))
    return dict(zip(names, addresses, strict=True))


def _address(name: str, address: str) -> str:
    """The address of one of several loggers, whose variables begin with its name."""
    if not re.fullmatch(TARGET_NAME, name):
        raise ValueError(
            "expected name=https://address, and in a name a to z, 0 to 9 and -, a letter first, "
            f"not {name!r}"
        )
    if f"{name}-".startswith(RESERVED):
        raise ValueError(f"expected a name that does not begin with {RESERVED}, not {name!r}")
    try:
        return _url(address)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _same(address: str) -> str:
    """The same text for the same host, however it is written."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.lower()).geturl()


def _refuse_twice(what: str, found: list[str]) -> None:
    if twice := sorted({one for one in found if found.count(one) > 1}):
        raise ValueError(f"expected each {what} once, {', '.join(twice)} is there twice")


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Command = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_command)]
CriticalFiles = Annotated[tuple[tuple[str, int], ...], NoDecode, BeforeValidator(_split_critical)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Url = Annotated[str, AfterValidator(_url)]
Targets = Annotated[dict[str, str], NoDecode, BeforeValidator(_split_targets)]
NotifyUrls = Annotated[SecretStr, AfterValidator(_notify_urls)]
HeartbeatUrl = Annotated[SecretStr, AfterValidator(_heartbeat)]
Usd = Annotated[Decimal, Field(gt=0)]  # for one BTC
Bps = Annotated[Decimal, Field(gt=0, lt=10_000)]  # hundredths of a percent
ClockSeconds = Annotated[float, Field(gt=0, le=86_400)]  # between an exchange's clock and ours
