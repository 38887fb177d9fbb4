"""The copies of `shared/` are what would be deployed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vendor


def test_the_copies_equal_the_original() -> None:
    """What is committed in each job is `shared/`, byte for byte."""
    for job in vendor.JOBS:
        copy = vendor.ROOT / job / "shared"
        assert vendor.differences(vendor.ROOT / "shared", copy) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda copy: (copy / "merge.py").unlink(), "job/shared/merge.py: missing"),
        (lambda copy: (copy / "more.py").write_text(""), "job/shared/more.py: left over"),
        (lambda copy: (copy / "names.py").write_text("#"), "job/shared/names.py: differs"),
    ],
)
def test_each_difference_is_named(tmp_path: Path, change: object, line: str) -> None:
    """A file that is missing, left over or different gives a line."""
    copy = tmp_path / "job" / "shared"
    shutil.copytree(vendor.ROOT / "shared", copy)
    assert callable(change)
    change(copy)
    assert vendor.differences(vendor.ROOT / "shared", copy) == [line]


def test_the_check_tells_by_its_exit_code(tmp_path: Path) -> None:
    """0 for equal copies, 1 and the names otherwise, and it copies nothing; then make them."""
    for folder in ("deploy", "shared"):
        shutil.copytree(vendor.ROOT / folder, tmp_path / folder)
    script = [sys.executable, str(tmp_path / "deploy" / "vendor.py")]
    check = subprocess.run([*script, "--check"], capture_output=True, text=True, check=False)
    assert check.returncode == 1
    assert "backup_function/shared/merge.py: missing" in check.stdout
    assert not (tmp_path / "backup_function").exists()
    subprocess.run(script, capture_output=True, check=True)
    check = subprocess.run([*script, "--check"], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stdout) == (0, "3 copies equal the original\n")
