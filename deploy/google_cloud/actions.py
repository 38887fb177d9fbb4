"""What deploy/google.sh can be asked to do; each gives the exit code of what went as it should."""

from argparse import Namespace

from deploy_settings import DeploySettings, read_settings
from google_cloud.asking import confirm
from google_cloud.doctor import examine
from google_cloud.gcloud import Gcloud
from google_cloud.moved_loggers import tell_moved
from google_cloud.removal import remove
from google_cloud.render_key import delete_old_keys, identity, keys, make_key
from google_cloud.rotation import give_to_function, give_to_logger
from google_cloud.set_up import SetUp
from google_cloud.what_render_needs import show_token, what_render_needs


def set_up(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    """Bring all to what the settings want, and prove the way of the data."""
    tokens: dict[str, str] = {}

    def show(target: str, token: str) -> None:
        if not gcloud.dry_run:
            tokens[target] = token
            show_token(gcloud.tell, settings, target, token)

    run = SetUp(gcloud, settings, show, options.delete_left_over)
    try:
        run.bring()
    finally:  # below all that was said since, also where a later step fails
        for target, token in tokens.items():
            show_token(gcloud.tell, settings, target, token)
        tell_moved(gcloud, settings, run.moved)
    _count(gcloud)
    if gcloud.dry_run:
        return 0
    gcloud.tell(what_render_needs(settings))
    return 0 if options.no_doctor else _prove(settings, gcloud, may_be_early=True)


def doctor(_: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    """Prove the way of the data, all of it."""
    return _prove(settings, gcloud, may_be_early=False)


def _prove(settings: DeploySettings, gcloud: Gcloud, *, may_be_early: bool) -> int:
    """Print each finding as it comes; whether all is well, or where it may be, still to come."""
    gcloud.tell("the way of the data")
    code = 0
    for finding in examine(gcloud, settings):
        gcloud.tell(f"  {finding}")
        if not (finding.ok or (finding.is_early and may_be_early)):
            code = 1
    return code


def rotate_one_token(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    """A new token for one logger."""
    target = settings.one_target(options.target)
    version = give_to_logger(
        gcloud, settings, target, lambda name, token: show_token(gcloud.tell, settings, name, token)
    )
    settings = read_settings(options.settings)  # while it waited, somebody may have changed them
    give_to_function(gcloud, settings, target, version)
    gcloud.tell(f"{target}: the function has the new token, and the old one is gone")
    return 0


def add_key(_: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    """One more key for Render."""
    make_key(gcloud, settings)
    gcloud.tell(what_render_needs(settings))
    gcloud.tell("Once the logger runs with it: deploy/google.sh delete-old-keys")
    return 0


def end_old_keys(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    """All keys but the newest, once somebody has confirmed it."""
    newest, *older = keys(gcloud, settings) or [{}]
    if older:
        question = (
            f"The key {identity(newest)}, of {newest['validAfterTime']}, stays: a logger that has "
            "another private_key_id can store nothing from then on"
        )
        confirm(question, "delete", skip=options.yes or gcloud.dry_run)
    delete_old_keys(gcloud, settings, older)
    _count(gcloud)
    return 0


def take_down(options: Namespace, settings: DeploySettings, gcloud: Gcloud) -> int:
    """All of it, once somebody has confirmed it."""
    lost = "every backup with it" if options.with_bucket else "the bucket and its backups stay"
    question = f"This takes down function, jobs, secrets and accounts; {lost}"
    word = settings.gcs_bucket_name if options.with_bucket else settings.function_name
    confirm(question, word, skip=options.yes or gcloud.dry_run)
    remove(gcloud, settings, with_bucket=options.with_bucket)
    _count(gcloud)
    return 0


def _count(gcloud: Gcloud) -> None:
    done = "would be made" if gcloud.dry_run else "made"
    gcloud.tell(f"{gcloud.changes or 'no'} {'change' if gcloud.changes == 1 else 'changes'} {done}")
