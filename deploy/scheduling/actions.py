"""What `deploy/scheduler.py` does for each of its words; every one gives the exit code."""

from argparse import Namespace
from collections.abc import Callable

from google.cloud.scheduler_v1 import Job

from deploy_settings import DeploySettings
from scheduling.applying import apply, delete
from scheduling.client import SchedulerClient
from scheduling.endpoint import parts_of
from scheduling.jobs import KINDS, is_ours, short_name, whole_name
from scheduling.listing import show
from scheduling.outcome import log_command
from scheduling.waiting import run_and_wait
from shared.errors import BadSettings
from shared.setting_values import LOOPBACK


def apply_all(options: Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    """Bring the jobs to what the settings want."""
    url = options.function_url or _known_url(settings, client)
    _check_url(url)
    changes = apply(
        settings,
        url,
        client,
        _tell,
        dry_run=options.dry_run,
        delete_left_over=options.delete_left_over,
    )
    jobs = f"{changes or 'no'} {'job' if changes == 1 else 'jobs'}"
    _tell(f"{jobs} {'would change' if options.dry_run else 'changed'}")
    return 0


def show_all(options: Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    """Show the jobs."""
    show(settings, client.jobs(), as_json=options.json)
    return 0


def run(options: Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    """Run a job, and with --wait tell what came of it."""
    name = whole_name(settings, options.kind, settings.one_target(options.target))
    short = name.rpartition("/")[2]
    if not options.wait:
        client.run(name)
        _tell(f"{short}: sent on its way")
        return 0
    if run_and_wait(client, name, lambda text: _tell(f"{short}: {text}")):
        return 0
    _tell(f"the function's log says why: {log_command(settings)}")
    return 1


def pause(options: Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    """No execution by the schedule."""
    for job in _chosen(options, settings, client):
        is_paused = job.state == Job.State.PAUSED
        _switch(job, client.pause, "is paused already" if is_paused else "paused", done=is_paused)
    return 0


def resume(options: Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    """Executions by the schedule again."""
    for job in _chosen(options, settings, client):
        is_on = job.state == Job.State.ENABLED
        _switch(job, client.resume, "is not paused" if is_on else "goes on", done=is_on)
    return 0


def _switch(job: Job, call: Callable[[str], None], told: str, *, done: bool) -> None:
    if not done:
        call(job.name)
    _tell(f"{short_name(job)}: {told}")


def delete_chosen(options: Namespace, settings: DeploySettings, client: SchedulerClient) -> int:
    """Take jobs away; those of loggers that are no longer in the settings go with `all`."""
    ours = sorted((job for job in client.jobs() if is_ours(settings, job)), key=short_name)
    if options.kind != "all" or options.target:
        names = set(_names(options, settings))
        ours = [job for job in ours if job.name in names]
    if not delete(ours, client, _tell, dry_run=options.dry_run):
        _tell("nothing to delete")
    return 0


def _chosen(options: Namespace, settings: DeploySettings, client: SchedulerClient) -> list[Job]:
    return [client.job(name) for name in _names(options, settings)]


def _names(options: Namespace, settings: DeploySettings) -> list[str]:
    """The whole names of the jobs that are meant."""
    targets = [settings.one_target(options.target)] if options.target else settings.addresses
    kinds = [*KINDS] if options.kind == "all" else [options.kind]
    return [whole_name(settings, kind, target) for target in targets for kind in kinds]


def _known_url(settings: DeploySettings, client: SchedulerClient) -> str:
    """Where the jobs that are there lead."""
    for job in client.jobs():
        if is_ours(settings, job) and job.http_target.oidc_token.audience:
            return str(job.http_target.oidc_token.audience)
    raise BadSettings(
        "--function-url: found none, and no job yet that says where the function is",
        name="--function-url",
        hint=f"gcloud functions describe {settings.function_name} --gen2 "
        f"--region={settings.gcp_region} --project={settings.gcp_project_id} "
        "--format='value(serviceConfig.uri)' says it",
    )


def _check_url(url: str) -> None:
    """An address with a path would be another audience than the service's."""
    parts = parts_of(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadSettings(
            f"--function-url: found {url!r}, expected the root of a service, such as "
            "https://btc-backup-abc-uc.a.run.app",
            name="--function-url",
        )


def _tell(text: str) -> None:
    print(text, flush=True)
