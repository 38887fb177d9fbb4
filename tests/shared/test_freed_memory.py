import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

import shared.freed_memory

MEBIBYTE = 1024 * 1024
# Each thread holds a chunk and its copy in its turn, and stays alive afterwards.
TURNS = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import psutil
from shared.chunk import CHUNK_SIZE
from shared.freed_memory import give_back_freed_chunks

THREADS = 8
barrier = Barrier(THREADS)

def hold(number):
    for turn in range(THREADS):
        barrier.wait()
        if turn == number:
            both = [b"1" * CHUNK_SIZE, b"2" * CHUNK_SIZE]
            del both

give_back_freed_chunks()
with ThreadPoolExecutor(THREADS) as pool:
    before = psutil.Process().memory_info().rss
    list(pool.map(hold, range(THREADS)))
    print(psutil.Process().memory_info().rss - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_threads_that_took_turns_with_chunks_keep_none() -> None:
    """The process is as large as before, and not larger by what each thread once had."""
    root = Path(shared.freed_memory.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", TURNS], env=environment, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 4 * MEBIBYTE
