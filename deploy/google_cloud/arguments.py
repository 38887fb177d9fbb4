"""The command line of deploy/google.sh."""

import argparse
from pathlib import Path

from deploy_settings import SETTINGS_FILE

_DESCRIPTION = """\
Sets the backup system up on Google Cloud, as deploy/settings.env says: bucket, accounts and their
rights, secrets, function, jobs of Cloud Scheduler, and a key for Render. It looks before each step
and changes what differs, so run it again after every change of the settings or of this software.
"""
_EPILOG = """\
exit codes:
  0  done; also where the logger is still to come
  1  the doctor has found something wrong, or something unforeseen
  2  bad settings or arguments
  3  gcloud is not installed, or Cloud Scheduler does not answer
  4  Google would not do it; what was done before stays done
  130  interrupted; likewise

Whoever runs it is logged in by gcloud auth login, and an owner of the project.
"""


def parse_arguments(words: list[str] | None) -> argparse.Namespace:
    """What is asked for; `action` is empty for the set-up itself."""
    parser = argparse.ArgumentParser(
        prog="deploy/google.sh",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common_options(parser, SETTINGS_FILE, False)
    _add_set_up_options(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", help="instead of the set-up")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=text, description=text)
        # An option before the action counts, too: a default of the action would undo it.
        _add_common_options(action, argparse.SUPPRESS, argparse.SUPPRESS)
        return action

    add("doctor", "prove the way of the data by going it once")
    rotation = add("rotate-token", "a new SNAPSHOT_TOKEN, in use once the logger has it")
    rotation.add_argument("--target", metavar="NAME", help="the logger, where there are several")
    add("rotate-key", "one more key for Render")
    add("delete-old-keys", "end all keys for Render but the newest")
    removal = add("remove", "take it down; the bucket and its backups stay")
    removal.add_argument(
        "--with-bucket", action="store_true", help="delete the bucket and every backup, too"
    )
    return parser.parse_args(words)


def _add_common_options(parser: argparse.ArgumentParser, file: object, is_set: object) -> None:
    parser.add_argument(
        "--settings", type=Path, default=file, metavar="FILE", help="default: deploy/settings.env"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        default=is_set,
        help="show each command that would change something",
    )
    parser.add_argument("--yes", action="store_true", default=is_set, help="ask nothing")


def _add_set_up_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--delete-left-over",
        action="store_true",
        help="delete the jobs and secrets of loggers that the settings no longer name",
    )
    parser.add_argument(
        "--no-doctor", action="store_true", help="do not prove the way of the data at the end"
    )
