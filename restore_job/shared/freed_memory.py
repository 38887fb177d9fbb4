"""Memory of chunks goes back to the system when it is freed.

glibc takes the largest block that was freed so far for an everyday one, and from then on keeps
such blocks for the thread that had them: threads that take turns then hold a chunk each.
"""

import ctypes

OWN_MAPPING = 512 * 1024  # bytes; from there on a block is mapped alone, and unmapped when freed
_M_MMAP_THRESHOLD = -3  # from malloc.h


def give_back_freed_chunks() -> None:
    """Fix the size from which a block is mapped alone; nothing where the C library is another."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_MMAP_THRESHOLD, OWN_MAPPING)
