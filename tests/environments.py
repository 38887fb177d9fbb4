"""Python environments that jobs are deployed into, made once for each state of their sources."""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def python_of(job: str) -> str:
    """The interpreter of an environment with only what the job's `requirements.txt` lists."""
    requirements = ROOT / job / "requirements.txt"

    def build(folder: Path) -> None:
        _run("-m", "venv", "--without-pip", str(folder))
        pip = ("-m", "pip", "--disable-pip-version-check", "--quiet")
        _run(*pip, "--python", str(folder / "bin" / "python"), "install", "-r", str(requirements))

    return _made(job, [requirements.read_bytes()], build)


def python_built_by(command: str) -> str:
    """The interpreter of a new environment in which a build command has run, at the root."""
    words = shlex.split(command)
    read = [path.read_bytes() for word in words if (path := ROOT / word).is_file()]

    def build(folder: Path) -> None:
        _run("-m", "venv", str(folder))
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        told = {**inherited, "PATH": path, "VIRTUAL_ENV": str(folder)}
        subprocess.run(words, cwd=ROOT, env=told, check=True, capture_output=True, text=True)

    return _made("built", [command.encode(), *read], build)


def _made(name: str, sources: Iterable[bytes], build: Callable[[Path], None]) -> str:
    """Built beside its final name, so that an interrupted build is never used."""
    state = hashlib.sha256(b"".join(sources) + sys.version.encode()).hexdigest()
    folder = ROOT / ".local" / "environments" / f"{name}-{state[:12]}"
    if not folder.exists():
        building = folder.with_name(f"{folder.name}.{os.getpid()}")
        build(building)
        try:
            building.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            shutil.rmtree(building)  # another process was faster
    return str(folder / "bin" / "python")


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
