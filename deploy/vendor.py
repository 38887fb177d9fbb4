"""Copy `shared/` into each job's folder, or with --check compare the copies byte for byte.

A deployed job sees nothing outside its own folder, so the copies are committed; the original
at the top of the repository is the only one to edit.
"""

import argparse
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JOBS = ("logger_service", "backup_function", "restore_job")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that is not compiled, by its path inside the folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def differences(original: Path, copy: Path) -> list[str]:
    """A line for each file that is missing, left over or different in the copy."""
    wanted, found = contents(original), contents(copy)
    return [
        f"{copy.parent.name}/{copy.name}/{name}: "
        + ("missing" if name not in found else "left over" if name not in wanted else "differs")
        for name in sorted(wanted | found)
        if wanted.get(name) != found.get(name)
    ]


def main(arguments: list[str] | None = None) -> int:
    """Copy or compare; 1 when --check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only, and copy nothing")
    options = parser.parse_args(arguments)
    original = ROOT / "shared"
    copies = [ROOT / job / "shared" for job in JOBS]
    if options.check:
        found = [line for copy in copies for line in differences(original, copy)]
        print("\n".join(found) or f"{len(copies)} copies equal the original")
        return 1 if found else 0
    for copy in copies:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(original, copy, ignore=shutil.ignore_patterns("__pycache__"))
    print(f"copied {len(contents(original))} files into {', '.join(JOBS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
