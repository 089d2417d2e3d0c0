"""Give freed memory back to the system at once: for a run that may take only so much."""

from __future__ import annotations

import sys

# From glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LEAST = 1 << 20


def spare_memory() -> None:
    """Tell the C library and Arrow; costs up to a fifth of the time, since fresh pages have to be touched.

    The opposite of `seedbed.run.memory.keep_memory`. Where the C library isn't glibc, only Arrow is told.
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for name, value in ((_MMAP_THRESHOLD, _LEAST), (_TRIM_THRESHOLD, _LEAST), (_ARENA_MAX, 1)):
            mallopt(name, value)
