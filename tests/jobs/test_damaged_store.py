"""A store that has been damaged: what restore, drill and the next backup make of it.

Real jobs, in front of a bucket and in front of a local directory.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from emulators.storage import StorageFake
from engine.archives import BUCKET, SERVICE, BucketStore, LocalStore, Store, noise, rows
from job_processes import JobProcess, running_function, running_logger
from jobs.seeded_archive import RestoreJob, plant, tree
from shared.names import chunk_name, manifest_name

STAGES = (
    {"grown.csv": rows(500), "state.json": b"[1]", "kept.csv": noise(300)},
    {"grown.csv": rows(900), "state.json": b"[1]", "kept.csv": noise(300), "two.csv": rows(50, 7)},
    {
        "grown.csv": rows(900),
        "state.json": b'{"rewritten": 3}',
        "kept.csv": noise(300),
        "two.csv": rows(50, 7),
        "three.csv": rows(60, 9),
    },
)
NOW = STAGES[-1]


def chunk_of(content: bytes) -> str:
    """The object that holds a file of one chunk."""
    return chunk_name(sha256(content).hexdigest())


@dataclass
class Setup:
    """The function, its logger and their store, and the restore job in front of it."""

    function: JobProcess
    data: Path
    store: Store
    job: RestoreJob

    def post(self, action: str, status: int = 200) -> Any:
        """Ask the function for something; its answer must have this status."""
        answer = self.function.request("POST", body=json.dumps({"action": action}).encode())
        assert answer.status_code == status, answer.text
        return answer.json()

    def back_up(self, files: dict[str, bytes]) -> Any:
        """A backup of a logger that has just these files."""
        for path in self.data.glob("*.[cj]s*"):
            path.unlink()
        for name, content in files.items():
            (self.data / name).write_bytes(content)
        return self.post("backup")

    def restore(self, code: int) -> Any:
        """Restore into an empty directory; the receipt. The job must exit so."""
        shutil.rmtree(self.job.data, ignore_errors=True)
        return self.job.answer(code=code)

    @property
    def restored(self) -> dict[str, bytes]:
        """What is there after a restore."""
        return tree(self.job.data)

    def goes_on(self, newest: int) -> None:
        """The next backup takes the next number, and after it nothing is missing any more."""
        report = self.back_up({**NOW, "later.csv": rows(40, 11)})
        assert (report["result"], report["number"]) == ("created", newest + 1)
        self.restore(code=0)
        assert self.restored == {**NOW, "later.csv": rows(40, 11)}


Damage = Callable[[Store, str], None]  # to the object of this name


@pytest.fixture(scope="module", params=["local", "gcs"])
def running(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    function_folder: Path,
    logger_folder: Path,
    restore_folder: Path,
) -> Iterator[Setup]:
    """Started once for each kind of provider."""
    root, patch = tmp_path_factory.mktemp("damaged"), pytest.MonkeyPatch()
    (data := root / "data").mkdir()
    with StorageFake([BUCKET]) as fake, patch.context() as context:
        context.setenv("STORAGE_EMULATOR_HOST", fake.url)
        settings = {"LOCAL_BACKUP_DIR": str(root / "backups")}
        store: Store = LocalStore(root / "backups" / SERVICE)
        if request.param == "gcs":
            settings |= {"GCS_BUCKET_NAME": BUCKET, "STORAGE_EMULATOR_HOST": fake.url}
            store = BucketStore(fake)
        job = RestoreJob(restore_folder, root / "restored", root / "backups", settings)
        with (
            running_logger(logger_folder, data) as logger,
            running_function(function_folder, logger.url, **settings) as function,
        ):
            yield Setup(function, data, store, job)


@pytest.fixture
def setup(running: Setup) -> Setup:
    """Three backups, each of what the logger had by then."""
    for name in running.store.objects():
        running.store.remove(name)
    for number, files in enumerate(STAGES, start=1):
        assert running.back_up(files)["number"] == number
    return running


def take_away(store: Store, name: str) -> None:
    """The object is gone."""
    store.remove(name)


def cut(store: Store, name: str) -> None:
    """Its end is gone."""
    store.plant(name, store.objects()[name][:-9])


def swap(store: Store, name: str) -> None:
    """It holds what another one should hold: a good chunk, and the wrong one."""
    store.plant(name, store.objects()[chunk_of(NOW["kept.csv"])])


def empty(store: Store, name: str) -> None:
    """Nothing is left in it."""
    store.plant(name, b"")


@pytest.mark.parametrize("damage", [take_away, cut, swap, empty])
def test_a_damaged_chunk_costs_its_file_and_nothing_else(setup: Setup, damage: Damage) -> None:
    """It is named with the chunk, and the drill has it stored again from the logger."""
    lost = chunk_of(NOW["two.csv"])
    damage(setup.store, lost)
    receipt = setup.restore(code=5)
    assert receipt["outcome"] == "restored in part"
    assert list(receipt["problems"]) == ["two.csv"]
    assert lost in receipt["problems"]["two.csv"]
    assert setup.restored == {path: data for path, data in NOW.items() if path != "two.csv"}
    report = setup.post("drill", status=503)
    assert (report["result"], list(report["lost"])) == ("failed", ["two.csv"])
    assert [chunk_name(digest) for digest in report["lost_chunks"]] == [lost]
    newest = report["repair"]["number"]
    # An object that is gone comes back under its name; one that is there keeps it, and another
    # backup names the new one.
    assert newest == (3 if damage is take_away else 4)
    assert setup.post("drill")["result"] == "passed"
    setup.goes_on(newest)


@pytest.mark.parametrize("damage", [take_away, swap])
def test_a_damaged_end_leaves_the_beginning(setup: Setup, damage: Damage) -> None:
    """As much of it as any older backup has; the loss is named all the same."""
    damage(setup.store, chunk_of(NOW["grown.csv"]))
    receipt = setup.restore(code=5)
    assert list(receipt["problems"]) == ["grown.csv"]
    assert "only 500 of 900 bytes" in receipt["problems"]["grown.csv"]
    assert setup.restored == {**NOW, "grown.csv": rows(500)}
    report = setup.post("drill", status=503)
    assert list(report["lost"]) == ["grown.csv"]
    assert setup.post("drill")["result"] == "passed"
    setup.goes_on(report["repair"]["number"])


@pytest.mark.parametrize("damage", [take_away, cut])
def test_every_chunk_lost_is_nothing_restored(setup: Setup, damage: Damage) -> None:
    """Each file is named, and none is there."""
    for name in setup.store.objects():
        if name.startswith("chunks/") and name != chunk_of(NOW["kept.csv"]):
            damage(setup.store, name)
    setup.store.remove(chunk_of(NOW["kept.csv"]))
    receipt = setup.restore(code=4)
    assert (receipt["outcome"], set(receipt["problems"])) == ("nothing restored", set(NOW))
    assert setup.restored == {}
    report = setup.post("drill", status=503)
    assert set(report["lost"]) == set(NOW)
    # All is mended but what the logger has no more: the state before its rewrite.
    assert list(setup.post("drill", status=503)["lost"]) == ["state.json"]
    setup.goes_on(report["repair"]["number"])


@pytest.mark.parametrize("content", [b"", b"no json", b"{}"])
def test_a_manifest_that_is_none_is_passed_over(setup: Setup, content: bytes) -> None:
    """What the one before holds is restored; the next number is taken all the same."""
    setup.store.plant(manifest_name(3), content)
    receipt = setup.restore(code=5)
    assert receipt["problems"] == {}
    (said,) = receipt["unreadable"]
    assert "backup 3 cannot be read: backups/00000003.json is not a valid manifest" in said
    assert setup.restored == STAGES[1]
    report = setup.post("drill", status=503)
    assert (report["number"], report["lost"], report["unreadable"]) == (2, {}, [said])
    report = setup.back_up(NOW)
    assert (report["result"], report["number"], report["files"]) == ("created", 4, len(NOW))
    assert said in report["warnings"]
    assert setup.post("drill")["result"] == "passed"
    setup.goes_on(4)


def test_no_manifest_left_is_no_first_boot(setup: Setup) -> None:
    """There have been backups, and each is named."""
    for number in (1, 2, 3):
        setup.store.plant(manifest_name(number), b"no json")
    receipt = setup.restore(code=4)
    assert (receipt["outcome"], len(receipt["unreadable"])) == ("nothing restored", 3)
    report = setup.post("drill", status=503)
    assert (report["passed"], len(report["unreadable"])) == (False, 3)
    setup.goes_on(3)


def test_a_gap_in_the_numbers_loses_nothing(setup: Setup) -> None:
    """The newest holds all; the drill tells which numbers are not there."""
    for number in (4, 5):
        setup.back_up({**NOW, "more.csv": rows(10 * number)})
    for number in (2, 4):
        setup.store.remove(manifest_name(number))
    receipt = setup.restore(code=0)
    assert (receipt["problems"], receipt["unreadable"]) == ({}, [])
    report = setup.post("drill")
    assert (report["result"], report["gaps"], report["warnings"]) == ("passed", ["2", "4"], [])
    report = setup.back_up(NOW)
    assert (report["result"], report["vanished"]) == ("nothing new", ["more.csv"])


def test_several_numbers_in_a_row_are_one_gap(setup: Setup) -> None:
    """From the first to the last."""
    for number in (4, 5):
        setup.back_up({**NOW, "more.csv": rows(10 * number)})
    for number in (2, 3, 4):
        setup.store.remove(manifest_name(number))
    assert setup.post("drill")["gaps"] == ["2-4"]
    setup.restore(code=0)


def test_foreign_objects_are_named_and_left_alone(setup: Setup) -> None:
    """In each of our folders and beside them; the empty object of a folder is nobody's."""
    foreign = [
        "backups/00000004.json.bak",
        "backups/3.json",
        f"chunks/00/{'ab' * 32}.zst",
        "chunks/ab/notes.zst",
        "drills/today.json",
        "holiday.jpg",
        "scratch/A",
    ]
    for name in foreign:
        setup.store.plant(name, b"foreign")
    setup.restore(code=0)
    assert setup.restored == NOW
    report = setup.post("drill")
    assert report["result"] == "passed"
    assert [warning.partition(" ")[0] for warning in report["warnings"]] == foreign
    assert all(warning.endswith("is none of ours") for warning in report["warnings"])
    setup.goes_on(3)
    assert {setup.store.objects()[name] for name in foreign} == {b"foreign"}


def test_either_provider_gives_what_the_other_has_lost(setup: Setup, tmp_path: Path) -> None:
    """Chunk by chunk; only what both have lost is missing."""
    store = tmp_path / "both"
    for name, content in setup.store.objects().items():
        (store / SERVICE / name).parent.mkdir(parents=True, exist_ok=True)
        (store / SERVICE / name).write_bytes(content)
    with StorageFake(["bucket"]) as fake:
        plant(store, fake)
        job = RestoreJob(setup.job.folder, tmp_path / "data", store)
        job.use_bucket(fake)
        fake.remove("bucket", f"{SERVICE}/{chunk_of(NOW['two.csv'])}")
        (store / SERVICE / chunk_of(NOW["three.csv"])).write_bytes(b"damaged")
        job.answer(code=0)
        assert tree(job.data) == NOW
        shutil.rmtree(job.data)
        (store / SERVICE / chunk_of(NOW["two.csv"])).unlink()
        assert list(job.answer(code=5)["problems"]) == ["two.csv"]
        assert tree(job.data) == {path: data for path, data in NOW.items() if path != "two.csv"}
