"""The roles of `deploy/roles.json` suffice, and none of them is more than is needed."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
from jobs import work_of_function, work_of_render
from jobs.accounts import BUCKET, PERMISSIONS, TABLE, Account, account, roles_of
from jobs.scripted_logger import ScriptedLogger
from jobs.seeded_archive import plant
from jobs.work_of_function import Function
from jobs.work_of_render import Render
from storage_fake.storage_client import bucket_with_key, names, put

Made = Callable[[Sequence[str]], Any]  # the set-up in which an account has these roles
Act = Callable[[Bucket], object]
NAME = "btc-logger/backups/00000001.json"
DESTROYING: dict[str, Act] = {
    "delete": lambda bucket: bucket.delete_blob(NAME, retry=None),
    "overwrite": lambda bucket: put(bucket, NAME, b"{}"),
    "overwrite in pieces": lambda bucket: bucket.blob(NAME, chunk_size=1 << 18).upload_from_string(
        bytes(1 << 19), retry=None
    ),
    "change metadata": lambda bucket: bucket.blob(NAME).patch(retry=None),
    "delete the bucket": lambda bucket: bucket.delete(retry=None),
    "change the bucket": lambda bucket: bucket.patch(retry=None),
    "read the bucket": lambda bucket: bucket.reload(retry=None),
    "read its policy": lambda bucket: bucket.get_iam_policy(retry=None),
}
READING: dict[str, Act] = {
    "create": lambda bucket: put(bucket, "btc-logger/scratch/new", b"", if_generation_match=0),
    "get": lambda bucket: bucket.blob(NAME).download_as_bytes(retry=None),
    "list": names,
}


@pytest.fixture
def storage() -> Iterator[StorageFake]:
    """A bucket in which nobody may do anything."""
    with StorageFake([BUCKET], tokens_required=True) as fake:
        yield fake


@pytest.fixture
def render(
    storage: StorageFake, archive: Path, logger_folder: Path, restore_folder: Path, tmp_path: Path
) -> Made:
    """An archive of two backups, and an empty disk."""

    def make(roles: Sequence[str]) -> Render:
        plant(archive, storage)
        key = account(storage, "render", tmp_path, roles)
        (disk := tmp_path / "disk").mkdir()
        return Render(logger_folder, restore_folder, disk, key)

    return make


@pytest.fixture
def function(
    storage: StorageFake,
    archive: Path,
    function_folder: Path,
    scripted: ScriptedLogger,
    tmp_path: Path,
) -> Made:
    """An empty bucket, and a logger to pull from."""

    def make(roles: Sequence[str]) -> Function:
        key = account(storage, "function", tmp_path, roles)
        return Function(function_folder, key, scripted, archive)

    return make


def do_all(name: str, made: Any) -> None:
    """All the work of an account, one piece after the other."""
    work: dict[str, Sequence[Callable[[Any], None]]] = {
        "render": work_of_render.WORK,
        "function": work_of_function.WORK,
    }
    for each in work[name]:
        each(made)


def raw(key: Account) -> Bucket:
    """The bucket in the hands of whoever has stolen the key."""
    return bucket_with_key(key.storage, key.key_file, BUCKET)


@pytest.mark.parametrize("work", work_of_render.WORK, ids=lambda work: work.__name__)
def test_with_renders_roles_logger_and_restore_job_do_their_work(
    render: Made, work: Callable[[Render], None]
) -> None:
    """All of it, and they ask for nothing that they may not."""
    made = render(roles_of("render"))
    work(made)
    assert made.account.refused == []
    assert made.account.storage.count("bucket") == 0


def test_with_renders_roles_the_doctor_finds_nothing_wrong(render: Made) -> None:
    """It tries to delete, too, and is content to be refused."""
    made = render(roles_of("render"))
    found = made.job.answer("--doctor", "--provider", "gcs")["findings"]
    assert all(finding["ok"] for finding in found)
    assert {call.verb for call in made.account.refused} == {"delete"}


@pytest.mark.parametrize("act", DESTROYING)
def test_renders_key_can_destroy_nothing(render: Made, act: str) -> None:
    """Whoever steals it is refused, and all is as it was."""
    made = render(roles_of("render"))
    before = made.account.storage.objects(BUCKET)
    with pytest.raises(exceptions.Forbidden, match="render@p1"):
        DESTROYING[act](raw(made.account))
    assert made.account.storage.objects(BUCKET) == before


@pytest.mark.parametrize("work", work_of_function.WORK, ids=lambda work: work.__name__)
def test_with_its_roles_the_function_does_its_work(
    function: Made, work: Callable[[Function], None]
) -> None:
    """All of it, and it asks for nothing that it may not."""
    made = function(roles_of("function"))
    work(made)
    assert made.account.refused == []
    assert made.account.storage.count("bucket") == 0


def test_the_function_could_not_do_with_renders_roles(function: Made) -> None:
    """It has to delete: that is why it has another role."""
    made = function(roles_of("render"))
    work_of_function.backup(made)
    with pytest.raises(AssertionError, match=r"storage\.objects\.delete"):
        work_of_function.prune(made)


@pytest.mark.parametrize("act", [*DESTROYING, *READING])
def test_the_schedulers_account_has_nothing_in_the_bucket(
    storage: StorageFake, archive: Path, tmp_path: Path, act: str
) -> None:
    """It may call the function, which is another matter."""
    plant(archive, storage)
    key = account(storage, "scheduler", tmp_path, roles_of("scheduler"))
    with pytest.raises(exceptions.Forbidden, match="scheduler@p1"):
        (DESTROYING | READING)[act](raw(key))


@pytest.mark.parametrize(
    ("name", "role"),
    [(name, role) for name in TABLE["accounts"] for role in roles_of(name)],
)
def test_without_any_one_of_its_roles_an_account_fails_at_some_work(
    request: pytest.FixtureRequest, name: str, role: str
) -> None:
    """So there is none that it could do without."""
    make: Made = request.getfixturevalue(name)
    made = make([other for other in roles_of(name) if other != role])
    with pytest.raises(AssertionError):
        do_all(name, made)
    assert made.account.refused


def test_the_table_tells_of_all_roles_that_are_held_and_no_others() -> None:
    """What it does not tell, nobody could enforce."""
    assert {role for name in TABLE["accounts"] for role in roles_of(name)} == set(PERMISSIONS)


def test_no_role_on_render_permits_to_change_what_is_there() -> None:
    """Whatever the jobs there do."""
    permitted = {right for role in roles_of("render") for right in PERMISSIONS[role]}
    assert permitted == {f"storage.objects.{right}" for right in ("create", "get", "list")}
