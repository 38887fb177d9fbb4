"""A logger that is killed does no harm, and the next start command repairs what it left."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from engine.archives import LocalStore
from killing.checks import growth_faults
from killing.kill import attempt
from killing.killed_catch_up import KilledCatchUp
from killing.next_start import UNCLEAN, disk_lacks, pushed_faults
from killing.points import Killed, Point
from killing.start import Start, prepare
from shared.document import encode
from shared.format import parse_manifest

MANIFEST = "backups/00000002.json"


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """A directory and its two backups."""
    return prepare(tmp_path_factory.mktemp("start"))


@pytest.mark.parametrize(
    ("scene", "point"),
    [
        ("end_local", Point("link", MANIFEST)),
        ("end_gcs", Point("created", MANIFEST)),
        ("catch-up_local", Point("torn write", "BTC-USD/day.csv")),
        ("catch-up_local", Point("fsync", "BTC-USD/long.csv")),
        ("start_local", Point("rename", "BTC-USD/day.csv")),
        ("start_local", Point("fsync", "BTC-USD")),
    ],
)
def test_a_killed_logger_does_no_harm(
    prepared: dict[str, Killed], tmp_path: Path, scene: str, point: Point
) -> None:
    """In its final push, in its catch-up, and before it has begun."""
    (tmp_path / "counted").mkdir()
    found = prepared[scene].points(tmp_path / "counted")
    number = 1 + found.index(point)
    hit = attempt(prepared[scene], number, point, tmp_path / "killed")
    assert hit.point == point
    assert hit.faults == ()


def test_a_catch_up_that_writes_under_the_final_name_is_found_out(
    prepared: dict[str, Killed], tmp_path: Path
) -> None:
    """A copy of the logger that does: killed within it, half of a file stays."""
    scene = prepared["catch-up_local"]
    assert isinstance(scene, KilledCatchUp)
    sources = Path(copytree(scene.sources, tmp_path / "careless"))
    module = sources / "logger_service" / "shared" / "placing.py"
    link, own = "os.link(self._incoming, place)", "place.write_bytes(self._incoming.read_bytes())"
    assert link in module.read_text()
    module.write_text(module.read_text().replace(link, own))
    scene, torn = replace(scene, sources=sources), Point("torn write", "new.csv")
    (tmp_path / "counted").mkdir()
    number = 1 + scene.points(tmp_path / "counted").index(torn)
    hit = attempt(scene, number, torn, tmp_path / "killed")
    assert any(fault.startswith("new.csv is neither") for fault in hit.faults)


def test_each_kind_of_point_is_chosen(prepared: dict[str, Killed], tmp_path: Path) -> None:
    """Of an end, from the first chunk to the mark that goes."""
    found = prepared["end_local"].points(tmp_path)
    chosen = [found[number - 1] for number in prepared["end_local"].chosen(found)]
    assert {*chosen} >= {
        Point("write", ".incoming/*"),
        Point("torn write", ".incoming/*"),
        Point("link", MANIFEST),
        Point("fsync", "backups"),
        Point("unlink", ".backup/running.json"),
    }


def test_a_file_that_did_not_grow_as_it_should_is_told() -> None:
    """Between what was there and what comes, nothing but a beginning of the latter is right."""
    before, comes = {"a.csv": (b"one\n", 1)}, {"a.csv": b"one\ntwo\n", "b.csv": b"b\n"}
    for content in (b"one\n", b"one\ntw", b"one\ntwo\n"):
        assert growth_faults(before, {"a.csv": (content, 2)}, comes) == []
    odd = "is neither what was there nor a beginning of what comes"
    assert growth_faults(before, {"a.csv": (b"one\nother\n", 2)}, comes) == [f"a.csv {odd}"]
    assert growth_faults(before, {"a.csv": (b"on", 2)}, comes) == [
        f"a.csv {odd}",
        "what a.csv held is gone",
    ]
    half = {**before, "b.csv": (b"b", 2)}
    assert growth_faults(before, half, comes) == [f"b.csv {odd}"]


def test_what_lies_beside_a_file_may_be_either_version() -> None:
    """Whole."""
    before, comes = {"a.json": (b"1", 1)}, {"a.json": b"2"}
    beside, aside = "a.json.restored-0123456789ab", "a.json.replaced-0123456789ab"
    assert growth_faults(before, {**before, beside: (b"2", 2)}, comes) == []
    assert growth_faults(before, {"a.json": (b"2", 2), aside: (b"1", 1)}, comes) == []
    (fault,) = growth_faults(before, {**before, beside: (b"3", 2)}, comes)
    assert fault.startswith(beside)


def test_what_the_next_start_did_not_bring_is_told(start: Start) -> None:
    """Each file, if it is missing or another."""
    assert disk_lacks(start.data, start.files) == []
    told = disk_lacks(start.first, start.files)
    assert len(told) == len([path for path in start.files if path != "old.csv"])


@pytest.mark.parametrize(("reason", "faults"), [(f"{UNCLEAN}it died", 0), ("interval", 1)])
def test_a_backup_for_another_reason_is_told(
    start: Start, tmp_path: Path, reason: str, faults: int
) -> None:
    """Rows of a killed logger must not wait until a backup is due."""
    store = LocalStore(tmp_path)
    for name, data in start.finished.items():
        store.plant(name, data)
    manifest = parse_manifest(start.finished[MANIFEST], MANIFEST)
    store.plant(MANIFEST, encode(manifest.model_copy(update={"reason": reason})))
    assert len(pushed_faults(store, start.before)) == faults
    assert pushed_faults(store, start.finished) == []
