"""The most memory that processes had at once, as Linux keeps count of it.

A peak is of resident memory, libraries included, and of the largest single process.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO

import psutil

KILOBYTE = 1024  # what the kernel calls kB


def peak_so_far(process_id: int) -> int:
    """In bytes, of a running program: of the largest of its processes."""
    program = psutil.Process(process_id)
    processes = [program, *program.children(recursive=True)]
    return max(_high_water_mark(process.pid) for process in processes)


def _high_water_mark(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise ProcessLookupError(f"process {process_id} has ended, and its peak with it")
    return int(found[1]) * KILOBYTE


@dataclass(frozen=True)
class Finished:
    """A program that has ended."""

    exit_code: int
    output: str
    errors: str
    peak: int  # bytes
    seconds: float


def run_to_its_end(words: list[str], folder: Path, environment: Mapping[str, str]) -> Finished:
    """Run a program and ask the kernel for its peak.

    The kernel counts from the fork on, so no peak is below what the caller has; the caller is
    much smaller than what it measures.
    """
    started = monotonic()
    with TemporaryFile() as output, TemporaryFile() as errors:
        process = subprocess.Popen(
            words, cwd=folder, env=dict(environment), stdout=output, stderr=errors
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if process.returncode is None:  # interrupted
                process.kill()
                process.wait()
        return Finished(
            process.returncode,
            _text(output),
            _text(errors),
            usage.ru_maxrss * KILOBYTE,
            round(monotonic() - started, 1),
        )


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
