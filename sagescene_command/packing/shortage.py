"""What the system has too little of for packing, or does not allow, as a sentence that says what to do."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sagescene_command.packing.source import PackingError

_ROOM = "make room there, or choose {} on another disk"
_RIGHTS = "choose {} where you may write"
_OF_PLACES: Mapping[int | None, str] = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: "raise the limit on the size of files, or choose {} on another disk",
}
_OF_PROCESSES: Mapping[int | None, str] = {
    errno.EMFILE: "pack with fewer --jobs, or raise the limit on open files",
    errno.ENFILE: "pack with fewer --jobs, or end other programs",
}


def is_shortage(error: OSError) -> bool:
    """Tell whether the system is short of something; else the fault may be the file's at hand."""
    return error.errno in _OF_PLACES or error.errno in _OF_PROCESSES


def find_remedy(error: OSError, folder: Path, given: str) -> str | None:
    """Say what to do where a folder takes no file, which a person has `given`; None where the fault may be elsewhere.

    A full disk's error names no file, or that which was copied.
    """
    may_not_be_written = error.errno == errno.EROFS or (error.errno == errno.EACCES and _is_on_way(error, folder))
    remedy = _RIGHTS if may_not_be_written else _OF_PLACES.get(error.errno)
    return remedy.format(given) if remedy else None


def _is_on_way(error: OSError, folder: Path) -> bool:
    """Tell whether an error is of what was to be made in a folder, or in one around it while that is not there."""
    return bool(error.filename) and folder.absolute().is_relative_to(Path(error.filename).absolute().parent)


@contextmanager
def explain_shortage(prefix: Path) -> Iterator[None]:
    """Say of an error for want of room, of rights or of open files where it came up and what to do.

    Raises:
        PackingError: in place of such an error.
    """
    try:
        yield
    except OSError as error:
        remedy = find_remedy(error, prefix.parent, "a PREFIX") or _OF_PROCESSES.get(error.errno)
        if not remedy:
            raise
        raise PackingError(f"{prefix.parent} cannot take the packed files ({error.strerror}): {remedy}.") from error
