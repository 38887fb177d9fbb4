"""Sets the system up on Google Cloud, proves it, rotates its secrets, and takes it down."""

import sys
from argparse import Namespace
from collections.abc import Callable

from deploy_settings import DeploySettings, read_settings
from google_cloud.arguments import parse_arguments
from google_cloud.asking import NotConfirmed, confirm
from google_cloud.doctor import examine
from google_cloud.failures import GcloudFailed, GcloudMissing
from google_cloud.gcloud import Gcloud
from google_cloud.removal import remove
from google_cloud.rotation import delete_old_keys, rotate_key, rotate_token
from google_cloud.set_up import SetUp
from google_cloud.what_render_needs import show_token, what_render_needs
from scheduling.failures import SchedulerRefused, SchedulerUnreachable
from shared.errors import BackupError, BadSettings


def main(words: list[str] | None = None) -> int:
    """Do what was asked; the exit code."""
    options = parse_arguments(words)
    try:
        settings = read_settings(options.settings)
        gcloud = Gcloud(settings.gcp_project_id, say, dry_run=options.dry_run)
        return _ACTIONS[options.action](options, settings, gcloud)
    except BackupError as error:
        print(f"error: {error}", file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        print("interrupted; what is done stays done, so run it again", file=sys.stderr)
        return 130


def say(text: str) -> None:
    """A line, at once also in a pipe."""
    print(text, flush=True)


def _exit_code(error: BackupError) -> int:
    """The one place where an error becomes an exit code."""
    if isinstance(error, (BadSettings, NotConfirmed)):
        return 2
    if isinstance(error, (GcloudMissing, SchedulerUnreachable)):
        return 3
    return 4 if isinstance(error, (GcloudFailed, SchedulerRefused)) else 1


def _set_up(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    run = SetUp(gcloud, settings, options.delete_left_over)
    try:
        run.bring()
    finally:  # also where a later step fails: nobody else ever sees them
        if not gcloud.dry_run:
            for target, token in run.tokens.items():
                show_token(say, settings, target, token)
    _count(gcloud)
    if gcloud.dry_run:
        return 0
    say(what_render_needs(settings))
    return 0 if options.no_doctor else _prove(settings, gcloud, may_be_early=True)


def _doctor(_: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    return _prove(settings, gcloud, may_be_early=False)


def _prove(settings: DeploySettings, gcloud: Gcloud, *, may_be_early: bool) -> int:
    """Print each finding as it comes; whether all is well, or where it may be, still to come."""
    say("the way of the data")
    code = 0
    for finding in examine(gcloud, settings):
        say(f"  {finding}")
        if not (finding.ok or (finding.is_early and may_be_early)):
            code = 1
    return code


def _rotate_token(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    targets = [*settings.addresses]
    target = options.target or targets[0]
    if target not in targets or (len(targets) > 1 and not options.target):
        found = repr(options.target) if options.target else "none"
        raise BadSettings(f"--target: found {found}, expected {' or '.join(targets)}")
    rotate_token(
        gcloud, settings, target, lambda name, token: show_token(say, settings, name, token)
    )
    say(f"{target}: the function has the new token, and the old one is gone")
    return 0


def _rotate_key(_: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    rotate_key(gcloud, settings)
    say(what_render_needs(settings))
    say("Once the logger runs with it: deploy/google.sh delete-old-keys")
    return 0


def _delete_old_keys(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    question = "A logger that still has an older key than the newest can store nothing from then on"
    confirm(question, "delete", skip=options.yes or gcloud.dry_run)
    say(f"{delete_old_keys(gcloud, settings)} older keys")
    return 0


def _remove(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    lost = "every backup with it" if options.with_bucket else "the bucket and its backups stay"
    question = f"This takes down function, jobs, secrets and accounts; {lost}"
    word = settings.gcs_bucket_name if options.with_bucket else settings.function_name
    confirm(question, word, skip=options.yes or gcloud.dry_run)
    remove(gcloud, settings, with_bucket=options.with_bucket)
    _count(gcloud)
    return 0


def _count(gcloud: Gcloud) -> None:
    done = "would be made" if gcloud.dry_run else "made"
    say(f"{gcloud.changes or 'no'} {'change' if gcloud.changes == 1 else 'changes'} {done}")


_ACTIONS: dict[str | None, Callable[[Namespace, DeploySettings, Gcloud], int]] = {
    None: _set_up,
    "doctor": _doctor,
    "rotate-token": _rotate_token,
    "rotate-key": _rotate_key,
    "delete-old-keys": _delete_old_keys,
    "remove": _remove,
}

if __name__ == "__main__":
    sys.exit(main())
