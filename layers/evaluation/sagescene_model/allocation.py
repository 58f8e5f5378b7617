"""Memory that is given back as soon as a large block of it is let go."""

import ctypes

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE_IN_BYTES = 1 << 20


def give_back_large_blocks() -> None:
    """Have glibc return each large block to the system; other C libraries, which need not be told, are left alone.

    It else keeps what the conversion of each weight took, for the next: half of all weights more.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_MMAP_THRESHOLD, _LARGE_IN_BYTES)
