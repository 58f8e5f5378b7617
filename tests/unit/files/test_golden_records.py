"""The files of `sagescene pack`, byte for byte; `make check-mxnet` proves that MXNet reads such files."""

from pathlib import Path

import pytest

from sagescene_command.packing.pack import pack

# One grey pixel. With a record's header of 24 bytes before it, it ends two bytes short of a multiple of four.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a 0000000d494844520000000100000001080000 00003a7e9b55"
    "0000000d49444154 7801010200fdff0080 00820081c36e25e0 0000000049454e44ae426082"
)
MAGIC = bytes.fromhex("0a23d7ce")
FILES = {
    "flowers_train.lst": b"0\t0.000000\tant/0.png\n3\t1.000000\tbee/1.png\n",
    "flowers_train.idx": b"0\t0\n3\t104\n",
    "flowers_train.rec": (
        bytes.fromhex("0a23d7ce 5e000000  00000000 00000000 0000000000000000 0000000000000000") + PIXEL + b"\0\0"
        + bytes.fromhex("0a23d7ce 5e000000  00000000 0000803f 0300000000000000 0000000000000000") + PIXEL + b"\0\0"
    ),
    "flowers_val.lst": b"2\t1.000000\tbee/0.png\n1\t0.000000\tant/1.png\n",
    "flowers_val.idx": b"2\t0\n1\t116\n",
    # The image bee/0.png holds the magic number: a first part up to it, a last part of one byte.
    "flowers_val.rec": (
        bytes.fromhex("0a23d7ce 60000020  00000000 0000803f 0200000000000000 0000000000000000") + PIXEL + b"\0\0"
        + bytes.fromhex("0a23d7ce 01000060  65 000000")
        + bytes.fromhex("0a23d7ce 5e000000  00000000 00000000 0100000000000000 0000000000000000") + PIXEL + b"\0\0"
    ),
    "classes.txt": b"ant\nbee\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    for name in ("ant/0", "ant/1", "bee/0", "bee/1"):
        path = folder / "images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PIXEL + b"\0\0" + MAGIC + b"e" if name == "bee/0" else PIXEL)
    pack(folder / "images", folder / "flowers", validation_share=0.5)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_packed_bytes(packed: Path, name: str) -> None:
    assert (packed / name).read_bytes() == FILES[name]
