"""One logger behind one function, or several: the settings of each.

TARGETS gives the address of each by its name, which is its service's name and its folder of the
bucket, too; what belongs to one alone stands in variables that begin with that name.
"""

from typing import Self

from pydantic import SecretStr
from pydantic import model_validator as check

from shared.errors import BadSettings
from shared.setting_values import HeartbeatUrl, Targets, Token
from shared.settings import FunctionSettings, PlainSettings, load


def prefix_of(target: str) -> str:
    """How the variables of one logger begin: `ETH_LOGGER_` for `eth-logger`.

    No two have a variable of the same name, because names have no underscore.
    """
    return f"{target.upper().replace('-', '_')}_"


class _OwnSettings(PlainSettings):
    """What each of several loggers has of its own, behind its name."""

    snapshot_token: Token
    heartbeat_url: HeartbeatUrl | None = None


class _Loggers(PlainSettings):
    """Whether there are several, and what then would be of none of them."""

    targets: Targets | None = None
    service_name: str | None = None
    snapshot_url: str | None = None
    snapshot_token: SecretStr | None = None
    heartbeat_url: SecretStr | None = None
    backup_prefix: str | None = None

    @check(mode="after")
    def _each_has_its_own(self) -> Self:
        if not self.targets:
            return self
        own = prefix_of(next(iter(self.targets)))
        instead = {
            "service_name": "the names in TARGETS",
            "snapshot_url": "the addresses in TARGETS",
            "snapshot_token": f"{own}SNAPSHOT_TOKEN and so on, one for each logger",
            "heartbeat_url": f"{own}HEARTBEAT_URL and so on, one for each logger",
            "backup_prefix": "none: each logger's name is its folder of the bucket",
        }
        faults = [
            f"{field.upper()}: found beside TARGETS, expected {expected}"
            for field, expected in instead.items()
            if getattr(self, field)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def load_targets() -> dict[str, FunctionSettings]:
    """The settings of each logger by its name; of the only one, SERVICE_NAME.

    Raises:
        BadSettings: naming each variable of any of them that is missing or out of range.
    """
    addresses = load(_Loggers).targets
    if not addresses:
        settings = load(FunctionSettings)
        return {settings.service_name: settings}
    own = _own_settings(addresses)
    return {
        name: load(
            FunctionSettings,
            service_name=name,
            snapshot_url=address,
            snapshot_token=own[name].snapshot_token,
            heartbeat_url=own[name].heartbeat_url,
        )
        for name, address in addresses.items()
    }


def _own_settings(names: Targets) -> dict[str, _OwnSettings]:
    found, faults = dict[str, _OwnSettings](), list[BadSettings]()
    for name in names:
        try:
            found[name] = load(_OwnSettings, env_prefix=prefix_of(name))
        except BadSettings as error:
            faults.append(error)
    if faults:
        message = "; ".join(fault.message for fault in faults)
        raise BadSettings(message, hint=faults[0].hint) from faults[0]
    return found
