"""The action `status`: what there is, and whether whoever is to be told could be."""

from outcome import Report
from target import Target

from shared.status import status
from shared.time_limit import TimeLimit


def report(target: Target, limit: TimeLimit) -> Report:
    """The archive's state.

    Raises:
        BadSettings: NOTIFY_URLS has an address that is none.
        StorageError, TooNew: as the engine's status does.
    """
    target.check_addresses()
    return status(target.provider(limit), target.settings.service_name).as_dict()
