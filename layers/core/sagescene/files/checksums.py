"""What tells one image's bytes from another's: CRC-32, and the bytes in the middle, which keep apart what it joins."""

try:
    # The same numbers at 58 GB/s on a core where zlib has 7; it takes half a millisecond to import.
    from zlib_ng.zlib_ng import crc32
except ImportError:  # not Lambda's platform, or a command that was installed without it
    from zlib import crc32

type Content = tuple[int, bytes]


def tell(content: bytes | memoryview) -> Content:
    """Give the checksum of these bytes, and the 64 in their middle."""
    return crc32(content), _middle_of(content)


def tell_on(content: bytes | memoryview, start: int, told: Content) -> Content:
    """Give the same without reading the bytes before `start` again, which were `told`."""
    return crc32(content[start:], told[0]), _middle_of(content)


def _middle_of(content: bytes | memoryview) -> bytes:
    middle = len(content) // 2
    return bytes(content[middle : middle + 64])
