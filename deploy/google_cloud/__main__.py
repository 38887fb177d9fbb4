"""Sets the system up on Google Cloud, proves it, rotates its secrets, and takes it down."""

import sys

from deploy_settings import read_settings
from ending import ended
from google_cloud import actions
from google_cloud.arguments import parse_arguments
from google_cloud.asking import NotConfirmed
from google_cloud.failures import GcloudFailed, GcloudMissing
from google_cloud.gcloud import Gcloud
from scheduling.failures import SchedulerRefused, SchedulerUnreachable
from shared.errors import BadSettings

_ACTIONS = {
    None: actions.set_up,
    "doctor": actions.doctor,
    "rotate-token": actions.rotate_one_token,
    "rotate-key": actions.add_key,
    "delete-old-keys": actions.end_old_keys,
    "remove": actions.take_down,
}
_EXIT_CODES = (
    (BadSettings, 2),
    (NotConfirmed, 2),
    (GcloudMissing, 3),
    (SchedulerUnreachable, 3),
    (GcloudFailed, 4),
    (SchedulerRefused, 4),
)


def main(words: list[str] | None = None) -> int:
    """Do what was asked; the exit code."""
    options = parse_arguments(words)

    def act() -> int:
        settings = read_settings(options.settings)
        gcloud = Gcloud(settings.gcp_project_id, _say, dry_run=options.dry_run)
        return _ACTIONS[options.action](options, settings, gcloud)

    return ended(act, _EXIT_CODES, "what is done stays done, so run it again")


def _say(text: str) -> None:
    """At once also in a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
