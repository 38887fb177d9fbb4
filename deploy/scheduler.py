"""The jobs of Cloud Scheduler that call the backup function: made, changed, looked at and run.

What they should be follows from `deploy/settings.env`; what is as it should be is not touched.
"""

import sys
from pathlib import Path
from shlex import quote

try:
    from deploy_settings import read_settings
    from ending import ended
    from google_cloud.failures import GcloudFailed
    from scheduling import actions
    from scheduling.arguments import parse
    from scheduling.client import SchedulerClient
    from scheduling.failures import NoSuchJob, SchedulerRefused, SchedulerUnreachable
    from scheduling.jobs import parent_of
    from shared.errors import BadSettings
except ModuleNotFoundError as error:
    activate = Path(__file__).resolve().parent.parent / ".local" / "deploy" / "bin" / "activate"
    sys.exit(
        f"error: {error}, expected the environment that deploy/google.sh makes. "
        f"Activate it: source {quote(str(activate))}"
    )

_ACTIONS = {
    "apply": actions.apply_all,
    "list": actions.show_all,
    "run": actions.run,
    "pause": actions.pause,
    "resume": actions.resume,
    "delete": actions.delete_chosen,
}
_EXIT_CODES = (
    (BadSettings, 2),
    (NoSuchJob, 2),
    (GcloudFailed, 3),  # it is only asked who is logged in
    (SchedulerUnreachable, 3),
    (SchedulerRefused, 4),
)


def main(words: list[str] | None = None) -> int:
    """Do what was asked; the exit code."""
    options = parse(words, __doc__)

    def act() -> int:
        settings = read_settings(options.settings)
        client = SchedulerClient(settings.gcp_project_id, parent_of(settings))
        return _ACTIONS[options.action](options, settings, client)

    return ended(act, _EXIT_CODES, "what was begun goes on at Google")


if __name__ == "__main__":
    sys.exit(main())
