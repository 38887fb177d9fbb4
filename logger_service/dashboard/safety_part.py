"""What has proven that the history comes back: the last restore, drills, and the catch-up."""

from dashboard.part import Part, Told
from health.health import Health
from shared.receipt import CATCH_UP, RECEIPT, read_receipt_of

SECONDS = 5.0


def safety_part(health: Health) -> Part:
    """It changes at a start, at a drill, and while history comes."""
    return Part("safety", "Restores and drills", SECONDS, lambda: _told(health))


def _told(health: Health) -> Told:
    look = health.look()
    root = health.watched.settings.data_dir.absolute()
    return {
        "start": health.watched.start,
        "restore": read_receipt_of(root, RECEIPT),
        "later": read_receipt_of(root, CATCH_UP),
        "catch_up": look.catch_up,
        "is_catching_up": health.watched.settings.auto_restore_on_startup,
        "providers": [one.state for one in look.providers],
    }
