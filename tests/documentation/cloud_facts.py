"""What has to be so after a command for Google, as the docstrings say."""

import json
from pathlib import Path

from deploy.google_listening import FUNCTION
from deploy.google_project import ACCOUNT, BUCKET
from documentation.cloud_acts import NEW_BUCKET, NEW_REGION, newest_manifest
from documentation.reader import Reader

_BACKUP, _DAILY = "btc-backup-backup-btc-logger", "btc-backup-daily-btc-logger"
_OURS = "btc-backup-"  # how the names of secrets and accounts begin


def programs_may_speak_for_the_reader(reader: Reader) -> bool:
    """There are application default credentials."""
    return (
        Path(reader.variables["CLOUDSDK_CONFIG"]) / "application_default_credentials.json"
    ).is_file()


def nothing_has_changed(reader: Reader) -> bool:
    """Nothing has changed at Google."""
    return not reader.changes


def all_is_set_up(reader: Reader) -> bool:
    """There are the function, its two jobs, the bucket and the key for Render."""
    return (
        FUNCTION in reader.project.cloud.functions
        and reader.project.scheduler.jobs.keys() == {_BACKUP, _DAILY}
        and reader.objects(BUCKET) == {}
        and reader.key_file.is_file()
    )


def both_jobs_have_run(reader: Reader) -> bool:
    """Each job was run, and has ended well."""
    return _ran(reader) == {_BACKUP, _DAILY}


def a_backup_has_run(reader: Reader) -> bool:
    """The backup job alone was run, and has ended well."""
    return _ran(reader) == {_BACKUP}


def a_daily_job_has_run(reader: Reader) -> bool:
    """The daily job alone was run, and has ended well."""
    return _ran(reader) == {_DAILY}


def the_backup_job_is_paused(reader: Reader) -> bool:
    """The backup job is paused, and the daily one is not."""
    return _states(reader) == {_BACKUP: "PAUSED", _DAILY: "ENABLED"}


def both_jobs_are_paused(reader: Reader) -> bool:
    """Both jobs are paused."""
    return _states(reader) == {_BACKUP: "PAUSED", _DAILY: "PAUSED"}


def both_jobs_go_on(reader: Reader) -> bool:
    """Both jobs go on by their schedules."""
    return _states(reader) == {_BACKUP: "ENABLED", _DAILY: "ENABLED"}


def the_jobs_of_the_new_region_are_left(reader: Reader) -> bool:
    """Both jobs are in the new region."""
    jobs = reader.project.scheduler.jobs
    regions = [job["name"].split("/")[3] for job in jobs.values()]
    return jobs.keys() == {_BACKUP, _DAILY} and {*regions} == {NEW_REGION}


def the_function_of_the_new_region_is_left(reader: Reader) -> bool:
    """The function is in the new region, and nowhere else."""
    return [name.split("/")[3] for name in reader.project.cloud.functions] == [NEW_REGION]


def the_function_has_the_new_token(reader: Reader) -> bool:
    """The old token is destroyed, and the function reads the new one."""
    held = reader.project.cloud.secrets[f"{_OURS}btc-logger-snapshot-token"].versions
    service = reader.project.cloud.functions[FUNCTION]["serviceConfig"]
    pins = {one["key"]: one["version"] for one in service["secretEnvironmentVariables"]}
    states = [version.state for version in held]
    return states == ["DESTROYED", "ENABLED"] and pins["SNAPSHOT_TOKEN"] == "2"


def there_is_a_second_key(reader: Reader) -> bool:
    """Render's account has two keys: the one it uses, and the one in the file."""
    return _keys(reader) == [_key_in(reader.render.secret_file), _key_in(reader.key_file)]


def render_has_the_only_key(reader: Reader) -> bool:
    """One key is left, and it is Render's."""
    return _keys(reader) == [_key_in(reader.render.secret_file)]


def the_history_is_on_the_laptop(reader: Reader) -> bool:
    """Each file of the bucket's newest backup is there."""
    return _has_newest_files(reader, Path(reader.variables["HOME"]) / "btc-data")


def the_lost_are_listed(reader: Reader) -> bool:
    """Each object that was deleted is named, with its generation."""
    return all(f"gs://{BUCKET}/{name}#" in reader.said for name in _lost(reader))


def the_lost_are_back(reader: Reader) -> bool:
    """All that was deleted is back as it was."""
    return _lost(reader).items() <= reader.objects(BUCKET).items()


def the_operation_has_ended(reader: Reader) -> bool:
    """The restore is named, is done, and has brought back what was deleted."""
    wanted = "done: true", "- btc-logger/**", f"succeededCount: '{len(_lost(reader))}'"
    return all(one in reader.said for one in wanted)


def the_chunks_are_copied(reader: Reader) -> bool:
    """The new bucket has the chunks of the old one, and nothing else."""
    old = reader.objects(BUCKET)
    chunks = {name: data for name, data in old.items() if "/chunks/" in name}
    return bool(chunks) and reader.objects(NEW_BUCKET) == chunks


def all_is_copied(reader: Reader) -> bool:
    """The new bucket has all that the old one has."""
    return reader.objects(NEW_BUCKET) == reader.objects(BUCKET)


def render_has_all_files(reader: Reader) -> bool:
    """Each file of the old bucket's newest backup lies on Render's disk."""
    return _has_newest_files(reader, reader.render.data)


def the_buckets_alone_are_left(reader: Reader) -> bool:
    """Jobs, function, secrets and accounts are gone, and both buckets have their objects."""
    cloud = reader.project.cloud
    gone = not (reader.project.scheduler.jobs or cloud.functions or cloud.secrets)
    accounts = [email for email in cloud.accounts if email.startswith(_OURS)]
    return gone and not accounts and all(map(reader.objects, (BUCKET, NEW_BUCKET)))


def _has_newest_files(reader: Reader, data: Path) -> bool:
    wanted = [entry["path"] for entry in newest_manifest(reader)["files"]]
    return bool(wanted) and all((data / path).is_file() for path in wanted)


def _ran(reader: Reader) -> set[str]:
    """The jobs that were run since the command began; none where an attempt has failed."""
    reader.project.scheduler.wait_until_idle()
    if any(attempt.code for attempt in reader.attempts):
        return set()
    return {attempt.job.rpartition("/")[2] for attempt in reader.attempts}


def _states(reader: Reader) -> dict[str, str]:
    return {name: job["state"] for name, job in reader.project.scheduler.jobs.items()}


def _lost(reader: Reader) -> dict[str, bytes]:
    assert reader.lost, "nothing was deleted before"
    return reader.lost


def _keys(reader: Reader) -> list[str]:
    """In the order in which they were made."""
    return [*reader.project.cloud.accounts[ACCOUNT.format("render")].keys]


def _key_in(file: Path) -> str:
    return str(json.loads(file.read_text())["private_key_id"])
