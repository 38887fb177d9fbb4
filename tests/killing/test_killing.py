"""Killed jobs do no harm, and a job that did would be found out."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from killing.checks import disk_faults, durability_faults, receipt_faults, store_faults
from killing.kill import attempt
from killing.killed_backup import KilledBackup
from killing.points import Killed, Point
from shared.names import NOTES, ref_of
from shared.receipt import CATCH_UP, RECEIPT


@pytest.fixture
def objects(prepared: dict[str, Killed]) -> dict[str, bytes]:
    """A store that is whole, to be damaged."""
    scene = prepared["backup_local"]
    assert isinstance(scene, KilledBackup)
    return dict(scene.start.finished)


def points(killed: Killed, folder: Path) -> list[Point]:
    """Of a run without a kill."""
    folder.mkdir()
    return killed.points(folder)


@pytest.mark.parametrize(
    ("scene", "point"),
    [
        ("backup_local", Point("torn write", ".incoming/*")),
        ("backup_local", Point("link", "backups/00000002.json")),
        ("backup_gcs", Point("created", "backups/00000002.json")),
        ("restore_local", Point("rename", "new.csv")),
    ],
)
def test_a_killed_job_does_no_harm(
    prepared: dict[str, Killed], tmp_path: Path, scene: str, point: Point
) -> None:
    """Nothing half-written has a name, nothing is lost, and the next run ends as it should."""
    number = 1 + points(prepared[scene], tmp_path / "counted").index(point)
    hit = attempt(prepared[scene], number, point, tmp_path / "killed")
    assert hit.point == point
    assert hit.faults == ()


def test_a_job_that_writes_under_the_final_name_is_found_out(
    prepared: dict[str, Killed], tmp_path: Path
) -> None:
    """A copy of the function that stores objects in place: killed within it, half of one stays."""
    scene = prepared["backup_local"]
    assert isinstance(scene, KilledBackup)
    function = Path(copytree(scene.function, tmp_path / "careless"))
    module = function / "shared" / "local_provider.py"
    careless = module.read_text().replace("os.link(incoming, place)", "place.write_bytes(data)")
    assert careless != module.read_text()
    module.write_text(careless)
    scene = replace(scene, function=function)
    found = points(scene, tmp_path / "counted")
    torn = next(
        point for point in found if point.call == "torn write" and ref_of(point.place) is not None
    )
    hit = attempt(scene, 1 + found.index(torn), torn, tmp_path / "killed")
    assert any(f"{torn.place} is not whole" in fault for fault in hit.faults)


def test_a_run_that_does_not_come_to_its_end_is_found_out(
    prepared: dict[str, Killed], tmp_path: Path
) -> None:
    """A number past the last call kills nobody, and is no point."""
    hit = attempt(prepared["restore_local"], 1000, Point("write", "nowhere"), tmp_path / "killed")
    assert any("not killed" in fault for fault in hit.faults)


def test_a_half_written_object_is_told(objects: dict[str, bytes]) -> None:
    """Whether it is a chunk or a manifest."""
    assert store_faults(objects) == []
    for name, data in objects.items():
        (fault,) = store_faults(objects | {name: data[: len(data) // 2]})
        assert fault.startswith(f"{name} is not whole")


def test_a_missing_chunk_is_told(objects: dict[str, bytes]) -> None:
    """With the manifests that name it."""
    chunks = [name for name in objects if ref_of(name)]
    assert chunks
    for chunk in chunks:
        faults = store_faults({name: data for name, data in objects.items() if name != chunk})
        assert faults
        assert all(fault.endswith(f"names {chunk}, which is not there") for fault in faults)


def test_a_file_beside_the_objects_is_told(objects: dict[str, bytes]) -> None:
    """A temporary one has no place among the final names."""
    (fault,) = store_faults(objects | {"chunks/ab/half": b""})
    assert "chunks/ab/half" in fault


def test_a_half_written_file_is_told() -> None:
    """It is neither what was there nor what the restore brings."""
    end = {"a.csv": (b"one\ntwo\n", 2)}
    assert disk_faults({}, end, end) == []
    assert disk_faults({}, {"a.csv": (b"one\n", 2)}, end) == [
        "a.csv is neither what was there nor what comes"
    ]


def test_a_file_that_is_gone_is_told() -> None:
    """Unless it begins what came in its place, or was put aside whole."""
    before = {"a.csv": (b"one\n", 1)}
    longer, other = {"a.csv": (b"one\ntwo\n", 2)}, {"a.csv": (b"other\n", 2)}
    aside = {"a.csv.replaced-0123456789ab": (b"one\n", 1)}
    assert disk_faults(before, longer, longer) == []
    assert disk_faults(before, other | aside, other | aside) == []
    assert disk_faults(before, other, other) == ["what a.csv held is gone"]
    assert disk_faults(before, {}, longer) == ["what a.csv held is gone"]


ORDER = [Point("write", "in/*"), Point("fsync", "in/*"), Point("link", "a/b"), Point("fsync", "a")]


@pytest.mark.parametrize(
    ("forgotten", "said"),
    [
        (None, []),
        (1, ["a/b gets its name before its bytes are on disk"]),
        (3, ["the folder of a/b is not put on disk"]),
    ],
)
def test_a_forgotten_fsync_is_told(forgotten: int | None, said: list[str]) -> None:
    """No kill would show it: only a power cut does."""
    done = [point for index, point in enumerate(ORDER) if index != forgotten]
    assert durability_faults([*done, Point("write", "in/*"), Point("fsync", "in/*")]) == said


@pytest.mark.parametrize("name", [RECEIPT, CATCH_UP])
def test_a_half_written_receipt_is_told(tmp_path: Path, name: str) -> None:
    """None at all is fine: the careful answer is then that nothing was left by a restore."""
    assert receipt_faults(tmp_path) == []
    (tmp_path / NOTES).mkdir()
    (tmp_path / NOTES / name).write_bytes(b'{"outcome": "rest')
    (fault,) = receipt_faults(tmp_path)
    assert name in fault
