"""The jobs of Cloud Scheduler that call the backup function: made, changed, looked at and run.

What they should be follows from `deploy/settings.env`; what is as it should be is not touched.
"""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy_settings import SETTINGS_FILE, DeploySettings, read_settings
from scheduling.applying import apply
from scheduling.client import (
    NoSuchJob,
    SchedulerClient,
    SchedulerRefused,
    SchedulerUnreachable,
)
from scheduling.jobs import KINDS, is_ours, name_of, parent_of, short_name
from scheduling.waiting import outcome, run_and_wait
from shared.errors import BackupError, BadSettings

_EPILOG = """exit codes:
  0  done            1  the job that was run failed, or something unforeseen
  2  bad settings or arguments, or no such job
  3  Cloud Scheduler does not answer, or nobody is logged in
  4  Cloud Scheduler refuses

Whoever runs this is logged in by gcloud auth application-default login, or has a token in
GOOGLE_OAUTH_ACCESS_TOKEN, as of gcloud auth print-access-token.

examples:
  python deploy/scheduler.py apply --function-url https://btc-backup-abc-uc.a.run.app
  python deploy/scheduler.py list
  python deploy/scheduler.py run backup --wait
  python deploy/scheduler.py pause daily --target eth-logger
"""


def main(words: list[str] | None = None) -> int:
    """Do what was asked; the exit code."""
    options = _parser().parse_args(words)
    try:
        settings = read_settings(options.settings)
        client = SchedulerClient(settings.gcp_project_id, parent_of(settings))
        return _ACTIONS[options.action](options, settings, client)
    except BackupError as error:
        print(f"error: {error}", file=sys.stderr)
        return _exit_code(error)


def _exit_code(error: BackupError) -> int:
    """The one place where an error becomes an exit code."""
    if isinstance(error, (BadSettings, NoSuchJob)):
        return 2
    if isinstance(error, SchedulerUnreachable):
        return 3
    return 4 if isinstance(error, SchedulerRefused) else 1


def _apply(options: argparse.Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    url = options.function_url or _known_url(settings, client)
    changes = apply(
        settings,
        url,
        client,
        print,
        dry_run=options.dry_run,
        delete_left_over=options.delete_left_over,
    )
    done = "would change" if options.dry_run else "changed"
    print(
        f"{changes} {'job' if changes == 1 else 'jobs'} {done}" if changes else "nothing to change"
    )
    return 0


def _known_url(settings: DeploySettings, client: SchedulerClient) -> str:
    """Where the jobs that are there lead."""
    for job in client.jobs():
        if is_ours(settings, job) and job.http_target.oidc_token.audience:
            return str(job.http_target.oidc_token.audience)
    raise BadSettings(
        "there is no job yet that says where the function is",
        hint="Give --function-url: gcloud functions describe "
        f"{settings.function_name} --gen2 --region={settings.gcp_region} "
        "--format='value(serviceConfig.uri)'",
    )


def _list(options: argparse.Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    jobs = [job for job in client.jobs() if is_ours(settings, job)]
    rows = [
        {
            "job": short_name(job),
            "schedule": job.schedule,
            "state": job.state.name.lower(),
            "next": _moment(job.schedule_time),
            "last attempt": _moment(job.last_attempt_time),
            "result": outcome(job),
            "asks for": bytes(job.http_target.body).decode(errors="replace"),
        }
        for job in sorted(jobs, key=short_name)
    ]
    if options.json:
        print(json.dumps(rows))
    elif not rows:
        print(
            f"no jobs of {settings.function_name} in {parent_of(settings)}; deploy/google.sh makes them"
        )
    else:
        _show(rows)
    return 0


def _show(rows: list[dict[str, str]]) -> None:
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        for row in rows:
            console.print(", ".join(f"{name} {value}" for name, value in row.items()))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*row.values())
    console.print(table)


def _run(options: argparse.Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    (name,) = _chosen(options, settings, one=True)
    if not options.wait:
        client.run(name)
        print(f"{name.rpartition('/')[2]}: sent on its way")
        return 0
    return 0 if run_and_wait(client, name, lambda text: print(text, flush=True)) else 1


def _pause(options: argparse.Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    for name in _chosen(options, settings):
        client.pause(name)
        print(f"{name.rpartition('/')[2]}: paused")
    return 0


def _resume(options: argparse.Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    for name in _chosen(options, settings):
        client.resume(name)
        print(f"{name.rpartition('/')[2]}: goes on")
    return 0


def _delete(options: argparse.Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    there = {job.name for job in client.jobs() if is_ours(settings, job)}
    if options.kind != "all" or options.target:
        there &= set(_chosen(options, settings))
    for name in sorted(there):
        if not options.dry_run:
            client.delete(name)
        print(f"{name.rpartition('/')[2]}: {'would be deleted' if options.dry_run else 'deleted'}")
    if not there:
        print("nothing to delete")
    return 0


def _chosen(
    options: argparse.Namespace, settings: DeploySettings, *, one: bool = False
) -> list[str]:
    """The whole names of the jobs that are meant."""
    targets = list(settings.addresses)
    if options.target and options.target not in targets:
        raise BadSettings(f"--target: found {options.target!r}, expected {' or '.join(targets)}")
    if one and not options.target and len(targets) > 1:
        raise BadSettings(f"--target: not given, expected {' or '.join(targets)}")
    return [
        f"{parent_of(settings)}/jobs/{name_of(settings, kind, target)}"
        for target in ([options.target] if options.target else targets)
        for kind in (KINDS if options.kind == "all" else [options.kind])
    ]


def _moment(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}" if moment else "-"


_ACTIONS = {
    "apply": _apply,
    "list": _list,
    "run": _run,
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
}


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--settings", type=Path, default=SETTINGS_FILE, help="default: deploy/settings.env"
    )
    parser = argparse.ArgumentParser(
        prog="python deploy/scheduler.py",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, parents=[common])

    applying = add("apply", "make what is missing, change what differs")
    applying.add_argument("--function-url", help="the root of the function's service")
    applying.add_argument("--delete-left-over", action="store_true", help="of loggers taken away")
    add("list", "show the jobs").add_argument("--json", action="store_true")
    running = add("run", "run a job now")
    running.add_argument("--wait", action="store_true", help="until it has ended, and tell")
    running.add_argument("kind", choices=[*KINDS])
    for name, text in (
        ("pause", "no execution by itself"),
        ("resume", "executions by the schedule again"),
        ("delete", "take jobs away"),
    ):
        add(name, text).add_argument("kind", choices=[*KINDS, "all"])
    for name in ("run", "pause", "resume", "delete"):
        actions.choices[name].add_argument("--target", help="the logger, where there are several")
    for name in ("apply", "delete"):
        actions.choices[name].add_argument("--dry-run", action="store_true", help="only tell")
    return parser


if __name__ == "__main__":
    sys.exit(main())
