"""The command line of `deploy/scheduler.py`."""

import argparse
from pathlib import Path

from deploy_settings import SETTINGS_FILE
from scheduling.jobs import KINDS

_EPILOG = """exit codes:
  0  done
  1  the job that was run failed, or did not end in time; or something unforeseen
  2  bad settings or arguments, or no such job
  3  Cloud Scheduler does not answer, or nobody is logged in
  4  Cloud Scheduler refuses
130  interrupted; what was begun goes on

It acts as the first of these: a token in GOOGLE_OAUTH_ACCESS_TOKEN, the key file that
GOOGLE_APPLICATION_CREDENTIALS names, whoever has logged in by gcloud auth login, as
deploy/google.sh does, or by gcloud auth application-default login.

examples:
  python deploy/scheduler.py apply --function-url https://btc-backup-abc-uc.a.run.app
  python deploy/scheduler.py list
  python deploy/scheduler.py run backup --wait
  python deploy/scheduler.py pause daily --target eth-logger
"""


def parse(words: list[str] | None, description: str | None) -> argparse.Namespace:
    """What was asked for; ends the process where that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python deploy/scheduler.py",
        description=description,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    applying = _add(actions, "apply", "make what is missing, change what differs")
    applying.add_argument(
        "--function-url", metavar="URL", help="the root of the function's service"
    )
    applying.add_argument("--delete-left-over", action="store_true", help="of loggers taken away")
    _add(actions, "list", "show the jobs").add_argument("--json", action="store_true")
    running = _add(actions, "run", "run a job now")
    running.add_argument("kind", choices=[*KINDS])
    running.add_argument("--wait", action="store_true", help="until an attempt has ended, and tell")
    for name, text in (
        ("pause", "no execution by the schedule"),
        ("resume", "executions by the schedule again"),
        ("delete", "take jobs away"),
    ):
        _add(actions, name, text).add_argument("kind", choices=[*KINDS, "all"])
    for name in ("run", "pause", "resume", "delete"):
        actions.choices[name].add_argument("--target", help="the logger, where there are several")
    for name in ("apply", "delete"):
        actions.choices[name].add_argument("--dry-run", action="store_true", help="only tell")
    return parser.parse_args(words)


def _add(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=text, description=text)
    action.add_argument(
        "--settings", type=Path, default=SETTINGS_FILE, help="default: deploy/settings.env"
    )
    return action
