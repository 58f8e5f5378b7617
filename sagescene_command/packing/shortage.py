"""What the system has too little of for packing, as a sentence that says what to do."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sagescene_command.packing.source import PackingError

_REMEDIES: Mapping[int | None, str] = {
    errno.ENOSPC: "make room there, or choose a PREFIX on another disk",
    errno.EDQUOT: "make room there, or choose a PREFIX on another disk",
    errno.EFBIG: "raise the limit on the size of files, or choose a PREFIX on another disk",
    errno.EMFILE: "pack with fewer --jobs, or raise the limit on open files",
    errno.ENFILE: "pack with fewer --jobs, or end other programs",
}


def find_remedy(error: OSError) -> str | None:
    """Say what to do about what the system is short of; None where the fault may be the file's at hand."""
    return _REMEDIES.get(error.errno)


@contextmanager
def explain_shortage(prefix: Path) -> Iterator[None]:
    """Say of an error for want of room or of open files where it came up and what to do; a full disk's names no file.

    Raises:
        PackingError: in place of such an error.
    """
    try:
        yield
    except OSError as error:
        remedy = find_remedy(error)
        if not remedy:
            raise
        raise PackingError(f"{prefix.parent} cannot take the packed files ({error.strerror}): {remedy}.") from error
