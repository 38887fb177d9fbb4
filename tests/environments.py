"""A Python environment with only what one job's `requirements.txt` lists."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def python_of(job: str) -> str:
    """The interpreter of the job's environment, made once for each state of its requirements."""
    requirements = ROOT / job / "requirements.txt"
    state = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    folder = ROOT / ".local" / "environments" / f"{job}-{state[:12]}"
    if not folder.exists():
        _make(folder, requirements)
    return str(folder / "bin" / "python")


def _make(folder: Path, requirements: Path) -> None:
    """Build beside the final name, so that an interrupted build is never used."""
    building = folder.with_name(f"{folder.name}.{os.getpid()}")
    _run("-m", "venv", "--without-pip", str(building))
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "--python", str(building / "bin" / "python"), "install", "-r", str(requirements))
    building.rename(folder)


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
