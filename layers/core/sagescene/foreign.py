"""Files that other tools make of images: told by their names where a set lacks what a job needs, and what to do."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from sagescene.chunks import find_pieces, report_chunks
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.grammar import agree, count, name_some
from sagescene.hidden_names import is_hidden
from sagescene.shell_words import quote_path

# Records and lists under endings that nothing trains on, and the likeliest names that are not exact. Each has its
# suffix in the rule MisnamedUpload, so that its upload alone is answered, too. Images have none: 100,000 of them
# would keep the queue busy for hours.
RINGING = (
    *(".REC", ".LST", ".Rec", ".Lst", ".rec.gz", ".lst.gz", ".rec.zip", ".lst.zip", ".rec.txt", ".lst.txt"),
    *("/Training.json", "/TRAINING.JSON", "/training.json.txt"),
    *("/Classes.txt", "/CLASSES.TXT", "/classes.txt.txt"),
)

IMAGE_ENDINGS = {".avif", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
IMAGE_ENDING = re.compile(rf"({'|'.join(map(re.escape, sorted(IMAGE_ENDINGS)))})$", re.IGNORECASE)
# Photos of phones, and of cameras as their sensors gave them: images to whoever took them, and read by nothing here.
UNREAD_ENDINGS = {
    *(".heic", ".heif", ".hif", ".jxl"),
    *(".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".srw"),
}
_IMAGES = IMAGE_ENDINGS | UNREAD_ENDINGS
PACK = "sagescene pack FOLDER PREFIX"

_ARCHIVE = re.compile(
    r"(?P<whole>.+?)(?P<ending>\.tar\.gz|\.tgz|\.tar|\.zip|\.gz|\.bz2|\.xz|\.zst|\.7z)", re.IGNORECASE
)
_UNPACK = {
    ".gz": "gunzip",
    ".bz2": "bunzip2",
    ".xz": "unxz",
    ".zst": "unzstd",
    ".zip": "unzip",
    ".7z": "7z x",
}
_FORMATS = (
    (
        "TFRecord files, which TensorFlow reads",
        re.compile(r".*\.tf_?rec(ords?)?([-_.].*)?|.*tfrecord.*", re.IGNORECASE),
    ),
    ("Parquet files", re.compile(r".*\.parquet", re.IGNORECASE)),
    ("HDF5 files", re.compile(r".*\.(h5|hdf5)", re.IGNORECASE)),
    ("LMDB files, which Caffe reads", re.compile(r".*\.l?mdb", re.IGNORECASE)),
    ("NumPy files", re.compile(r".*\.np[yz]", re.IGNORECASE)),
)
# Windows hides a second ending, and a blank at the end is seen nowhere.
_BY_NAME = re.compile(r"(?P<name>training\.json|classes\.txt)(\.txt)?\s*", re.IGNORECASE)
_BY_ENDING = re.compile(r"(?P<stem>.*)(?P<ending>\.rec|\.lst)(\.txt)?\s*", re.IGNORECASE | re.DOTALL)
_NAMED = 5


def rings(key: str) -> bool:
    """Tell whether a file's upload has its set judged, though nothing could be trained on it."""
    return key.endswith(RINGING)


def is_image(key: str) -> bool:
    """Tell whether a file is called like an image, be it one in a form that nothing here reads."""
    return PurePosixPath(key).suffix.lower() in _IMAGES


def advise_converting(paths: Iterable[str]) -> str:
    """Say which images are in a form that cannot be packed and what to do, as a sentence; nothing if none is."""
    unread = [path for path in paths if PurePosixPath(path).suffix.lower() in UNREAD_ENDINGS]
    if not unread:
        return ""
    return (
        f"{name_some(unread[:_NAMED], len(unread))} {agree(len(unread), 'is a photo', 'are photos')} in a form that is "
        f"not read, such as HEIC or camera raw: convert {agree(len(unread), 'it', 'them')} to JPEG."
    )


def find_misnamed(keys: Iterable[str]) -> dict[str, str]:
    """Find files that were meant for `training.json` or `classes.txt`, and the keys that they should have."""
    found = {}
    for key in keys:
        path = PurePosixPath(key)
        if (named := _BY_NAME.fullmatch(path.name)) and path.name != named["name"].lower():
            found[key] = str(path.with_name(named["name"].lower()))
    return found


def report_misnamed(log: FindingLog, misnamed: Mapping[str, str]) -> None:
    """Report what `find_misnamed` gave; the log's file is the set's folder."""
    for key, meant in misnamed.items():
        old, new = key.removeprefix(log.file), meant.removeprefix(log.file)
        log.report(
            Code.NAME_NOT_EXACT,
            where="",
            message=f"Only a file called {PurePosixPath(meant).name} to the letter is read, so what this says is lost.",
            remedy=f"Rename and upload again (mv {quote_path(old)} {quote_path(new)}), or delete it.",
            file=key,
        )


def report_foreign(log: FindingLog, keys: Sequence[str]) -> None:
    """Report files that are what the set lacks, in a form that no job takes; the log's file is the set's folder.

    What cannot be seen to be records or lists, such as images, counts only where the set has no `.rec` file at all:
    else it is beside the matter, and the set waits for its other files.
    """
    visible = [key for key in keys if not any(map(is_hidden, key.removeprefix(log.file).split("/")))]
    _report_endings(log, visible)
    report_chunks(log, find_pieces(visible), {*visible}, is_of_channel=lambda _: True)
    has_records = any(re.search(r"\.rec\b", key, re.IGNORECASE) for key in visible)
    _report_archives(log, [key for key in visible if _is_archive(key, has_records=has_records)])
    if not has_records:
        _report_formats(log, visible)
        if images := [key.removeprefix(log.file) for key in visible if is_image(key)]:
            packing = f"Pack them where they come from ({PACK}) and upload what that makes."
            log.report(
                Code.IMAGES_NOT_PACKED,
                where="",
                message=f"There {agree(len(images), 'is', 'are')} {describe_images(images)} not packed; "
                "a job takes one .rec a channel.",
                remedy=f"{advise_converting(images)} {packing}".lstrip(),
                file=log.file,
            )


def describe_images(paths: Iterable[str]) -> str:
    """Say how many images there are in which folders, as part of a sentence."""
    folders = Counter(str(PurePosixPath(path).parent) for path in paths)
    total = folders.total()
    some = [
        f"{'the folder itself' if name == '.' else name} {number:,}" for name, number in folders.most_common(_NAMED)
    ]
    more = f" and {len(folders) - _NAMED:,} more folders" if len(folders) > _NAMED else ""
    return f"{count(total, 'image')} ({', '.join(some)}{more})"


def _find_meant(name: str) -> str | None:
    """Give the name that a list or records should have whose ending is not exact; None for anything else."""
    found = _BY_ENDING.fullmatch(name)
    meant = found and found["stem"] + found["ending"].lower()
    return meant if meant != name else None


def _report_endings(log: FindingLog, keys: Sequence[str]) -> None:
    meant = {key: right for key in keys if (right := _find_meant(key))}
    if not meant:
        return
    pairs = ((key.removeprefix(log.file), right.removeprefix(log.file)) for key, right in meant.items())
    commands = [f"mv {quote_path(name)} {quote_path(right)}" for name, right in pairs]
    log.report(
        Code.ENDING_IN_CAPITALS,
        where="",
        message=f"{_name_files([*meant], log.file)}: only the endings .rec and .lst in small letters, with nothing "
        "behind them, are looked for.",
        remedy=f"Rename and upload again: {_list_commands(commands)}.",
        file=next(iter(meant)),
    )


def _list_commands(commands: Sequence[str]) -> str:
    more = f"; and so on for {len(commands) - _NAMED:,} more" if len(commands) > _NAMED else ""
    return "; ".join(commands[:_NAMED]) + more


def _is_archive(key: str, *, has_records: bool) -> bool:
    found = _ARCHIVE.fullmatch(key)
    return found is not None and (not has_records or found["whole"].lower().endswith((".rec", ".lst")))


def _report_archives(log: FindingLog, keys: Sequence[str]) -> None:
    if not keys:
        return
    commands = [_unpack(key.removeprefix(log.file)) for key in keys]
    log.report(
        Code.FILE_COMPRESSED,
        where="",
        message=f"{_name_files(keys, log.file)}: a job reads .rec files as they are and unpacks nothing.",
        remedy=f"Unpack and upload what is in it: {_list_commands(commands)}.",
        file=keys[0],
    )


def _unpack(name: str) -> str:
    found = _ARCHIVE.fullmatch(name)
    ending = found["ending"].lower() if found else ""
    return f"{_UNPACK.get(ending, 'tar -xf')} {quote_path(name)}"


def _report_formats(log: FindingLog, keys: Sequence[str]) -> None:
    for name, pattern in _FORMATS:
        if found := [key for key in keys if pattern.fullmatch(PurePosixPath(key).name)]:
            log.report(
                Code.OTHER_FORMAT,
                where="",
                message=f"{_name_files(found, log.file)}: these are {name}; the algorithm reads RecordIO (.rec) alone.",
                remedy=f"Pack the images that they were made from: {PACK}.",
                file=found[0],
            )


def _name_files(keys: Sequence[str], folder: str) -> str:
    return name_some([key.removeprefix(folder) for key in keys[:_NAMED]], len(keys))
