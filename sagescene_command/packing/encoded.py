"""JPEG files that were made anew, one after another in a temporary file until they are written into records."""

import errno
import os
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

_END_OF_IMAGE = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Piece:
    """Where an encoded image lies."""

    file: BinaryIO
    start: int
    length: int

    def read(self) -> bytes:
        """Give its bytes."""
        self.file.seek(self.start)
        return self.file.read(self.length)


def append_jpeg(image: Image.Image, quality: int, file: BinaryIO) -> tuple[Piece, bytes]:
    """Encode an image at the end of an unbuffered file of the system's, and give its bytes, too.

    Into such a file Pillow encodes while other threads run; into memory it does not let them.

    Raises:
        OSError: with an errno if the file cannot be written, without one if Pillow cannot encode the image.
    """
    start = file.seek(0, os.SEEK_END)
    image.save(file, "JPEG", quality=quality)
    piece = Piece(file, start, file.tell() - start)
    content = piece.read()
    if not content.endswith(_END_OF_IMAGE):  # Pillow takes no notice of a write that was cut short
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return piece, content
