"""The members of a model.tar.gz, one after the other, from a stream; what could harm is refused before it is read."""

import io
import tarfile
import zlib
from collections.abc import Buffer, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO, NamedTuple

from sagescene_model.params import PIECE_BYTES, Readable
from sagescene_model.refusals import ArtifactRefused

MOST_WEIGHT_BYTES = 1 << 30  # four times those of ResNet-200
MOST_BYTES = 16 << 30  # unpacked, of all members: sixty epochs of ResNet-152 that were all kept
MOST_MEMBERS = 1000
MOST_GZIP_MEMBERS = 20_000  # as a rule there is one, of bgzip one each 64 KiB; an empty one takes 20 bytes
MOST_HEADER_BYTES = 64 << 10  # before one member: a name of 4 KiB, its times and a few attributes stand in a tenth
_GZIP = 16 + zlib.MAX_WBITS
_PACKED_BYTES = 1 << 16
_DAMAGES = (tarfile.TarError, EOFError, zlib.error, ValueError, OverflowError, RecursionError)


class Member(NamedTuple):
    """A regular file: its name, its size in bytes, and what reads it until the next member is asked for."""

    name: str
    size: int
    source: Readable


def read_archive(stream: BinaryIO, name: str) -> Iterator[Member]:
    """Yield the regular files of a gzipped tar archive; memory is one piece.

    Raises:
        ArtifactRefused: if it is no such archive, is cut, unpacks into too much, or holds a link, a device, a
            path that leads out of it, or too many members.
    """
    with io.BufferedReader(_Unpacked(stream, name), PIECE_BYTES) as unpacked, _refuse_damage(name):
        forwards = _Forwards(unpacked, name)
        for number, (archive, member) in enumerate(_read_headers(forwards), start=1):
            if number > MOST_MEMBERS:
                raise ArtifactRefused(name, "", f"it holds more than {MOST_MEMBERS:,} files.")
            _expect_harmless(member, name)
            source = archive.extractfile(member) if member.isreg() else None
            if source:
                yield Member(str(PurePosixPath(member.name)), member.size, _Content(source, name))
        while forwards.read():  # gzip's checksum is at the end
            pass


def _read_headers(forwards: "_Forwards") -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """Yield the members; of those before nothing is kept, also of what headers say of all that follow."""
    with forwards.reading_headers():
        archive = tarfile.TarFile(fileobj=forwards, stream=True)
        member = archive.next()
    while member:
        yield archive, member
        archive.pax_headers = {}
        with forwards.reading_headers():
            member = archive.next()


@contextmanager
def _refuse_damage(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGES as error:
        raise ArtifactRefused(name, "", f"it is no whole .tar.gz archive ({error}).") from error


class _Content:
    """The content of one member."""

    def __init__(self, source: IO[bytes], name: str) -> None:
        self._source, self._name = source, name

    def read(self, size: int, /) -> bytes:
        with _refuse_damage(self._name):
            return self._source.read(size)


def _expect_harmless(member: tarfile.TarInfo, name: str) -> None:
    path = PurePosixPath(member.name)
    where = member.name[:120]
    if path.is_absolute() or ".." in path.parts:
        raise ArtifactRefused(name, repr(where), "the path leads out of the archive.")
    if member.issparse() or not (member.isdir() or member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)):
        raise ArtifactRefused(name, repr(where), "it is a link or another special file.")


class _Unpacked(io.RawIOBase):
    """What a gzip file unpacks into; gzip's own reader takes any number of members, and 50 microseconds for each."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._packed, self._members = b"", 0
        self._member: zlib._Decompress | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        target = memoryview(buffer)
        while member := self._member or self._start_member():
            piece = member.decompress(self._packed, len(target))
            self._packed, self._member = member.unconsumed_tail, member
            if member.eof:
                self._packed, self._member = member.unused_data, None
            if piece:
                target[: len(piece)] = piece
                return len(piece)
            if self._member and not self._packed and not self._fill():
                raise EOFError("it is cut")
        return 0

    def _start_member(self) -> "zlib._Decompress | None":
        while self._packed or self._fill():
            if self._members:
                self._packed = self._packed.lstrip(b"\0")  # zeros may fill up the end of a file
            if self._packed:
                break
        else:
            return None
        self._members += 1
        if self._members > MOST_GZIP_MEMBERS:
            raise ArtifactRefused(self._name, "", f"it is made of more than {MOST_GZIP_MEMBERS:,} gzip files.")
        return zlib.decompressobj(_GZIP)

    def _fill(self) -> bool:
        self._packed = self._stream.read(_PACKED_BYTES)
        return bool(self._packed)


class _Forwards(io.RawIOBase):
    """What was unpacked, bounded in all, and in what stands before a member: tarfile holds all headers of one at once.

    They may follow each other to any number, and each may be of any length.
    """

    def __init__(self, unpacked: Readable, name: str) -> None:
        self._unpacked, self._name = unpacked, name
        self._position = 0
        self._left_for_headers: int | None = None

    @contextmanager
    def reading_headers(self) -> Iterator[None]:
        """Bound what is read meanwhile by what the headers of one member may take."""
        self._left_for_headers = MOST_HEADER_BYTES
        try:
            yield
        finally:
            self._left_for_headers = None

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        self._expect_room(position)
        if whence != io.SEEK_SET or position < self._position:
            raise ArtifactRefused(self._name, "", "a member starts before the end of another.")
        while self._position < position and self._take(min(PIECE_BYTES, position - self._position)):
            pass
        return self._position

    def read(self, size: int = PIECE_BYTES) -> bytes:
        if self._left_for_headers is not None:
            self._left_for_headers -= size
            if size < 0 or self._left_for_headers < 0:
                raise ArtifactRefused(
                    self._name, "", f"more than {MOST_HEADER_BYTES:,} bytes of headers stand before a file."
                )
        self._expect_room(self._position + size)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        content = self._unpacked.read(size)
        self._position += len(content)
        return content

    def _expect_room(self, position: int) -> None:
        if position > MOST_BYTES:
            raise ArtifactRefused(self._name, "", f"it unpacks into more than {MOST_BYTES:,} bytes.")
