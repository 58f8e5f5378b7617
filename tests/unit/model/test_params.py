"""Weights as MXNet writes them: read whole, in pieces; damaged and lying files are refused with their place."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sagescene_model import params
from sagescene_model.refusals import ModelRefused, WeightsRefused
from tests.unit.model.networks import pack

WEIGHTS = {
    "arg:fc1_weight": np.arange(6, dtype="<f4").reshape(2, 3),
    "arg:fc1_bias": np.array([0.5, -2], "<f4"),
    "aux:bn0_moving_mean": np.array([65504, 2**-24, 0.1], "<f2"),
}
CONTENT = pack(WEIGHTS)
FIRST = 24  # where the first array starts
SHAPE = FIRST + 12


def read(content: bytes, size: int | None = None) -> tuple[params.WeightsByName, int]:
    """Read the content of a file that says it has `size` bytes."""
    return params.read(io.BytesIO(content), len(content) if size is None else size, "a.params")


def put(offset: int, form: str, *values: int) -> bytes:
    """Give the file with other numbers at a place."""
    changed = bytearray(CONTENT)
    struct.pack_into(form, changed, offset, *values)
    return bytes(changed)


@pytest.mark.parametrize("magic", params.ARRAY_MAGICS)
def test_arrays_are_read_by_name(magic: int) -> None:
    weights, halves = read(pack(WEIGHTS, magic=magic))
    assert halves == 1
    assert {name: array.dtype for name, array in weights.items()} == dict.fromkeys(
        ("fc1_weight", "fc1_bias", "bn0_moving_mean"), np.dtype(np.float32)
    )
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(weights[name[4:]], array.astype(np.float32))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0 are left"),
        (put(0, "<Q", 0x113), "byte 0: this is no file of MXNet weights."),
        (put(16, "<Q", 1 << 60), "arrays do not fit into"),
        (put(16, "<Q", 0), "0 arrays do not fit"),
        (put(FIRST, "<I", 0xF993FAC8), "array 1 at byte 24: it is in the layout of an MXNet before 1.0."),
        (put(FIRST, "<I", 2), "layout of an MXNet before 1.0"),
        (put(FIRST, "<I", 0xDEADBEEF), "it does not start as an array of MXNet does."),
        (put(FIRST + 4, "<i", 1), "its storage type is row_sparse"),
        (put(FIRST + 8, "<i", -1), "it has -1 dimensions."),
        (put(FIRST + 8, "<i", 1 << 30), "dimensions."),
        (put(SHAPE, "<qq", 2, 1 << 40), "does not fit into the"),
        (put(SHAPE, "<qq", 1 << 62, 1 << 62), "does not fit into the"),
        (put(SHAPE, "<qq", -2, -3), "its shape (-2, -3) does not fit"),
        (put(SHAPE, "<qq", 0, 3), "its shape (0, 3) does not fit"),
        (put(SHAPE + 24, "<i", 4), "its numbers are int32; float32 and float16 are known."),
        (put(SHAPE + 24, "<i", 99), "its numbers are of the type 99"),
        (CONTENT[:-1], "cannot stand here"),
        (CONTENT + b"x", "1 bytes follow the last name."),
        (CONTENT.replace(b"arg:fc1_bias", b"are:fc1_bias"), "is no name of a weight"),
        (CONTENT.replace(b"arg:fc1_bias", b"arg:fc1_bi\0s"), "is no name of a weight"),
        (pack({"arg:a": WEIGHTS["arg:fc1_bias"], "aux:a": WEIGHTS["arg:fc1_bias"]}), "a: two arrays have this name."),
        (CONTENT.replace(struct.pack("<QQ", 3, 14), struct.pack("<QQ", 2, 14)), "there are 2 names for 3 arrays."),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises(WeightsRefused) as refused:
        read(content)
    assert said in str(refused.value)
    assert str(refused.value).startswith("a.params, ")


def test_a_file_of_more_arrays_than_any_network_has_is_refused() -> None:
    with pytest.raises(WeightsRefused, match=r"byte 16: it has 10,001 arrays; at most 10,000 are read\."):
        read(put(16, "<Q", 10_001), 1 << 30)


def test_a_file_that_ends_before_its_size_is_refused() -> None:
    with pytest.raises(WeightsRefused, match="the file ends before its"):
        read(CONTENT[:60], len(CONTENT))


def test_the_memory_is_the_weights() -> None:
    content = pack({f"arg:w{number}": np.ones((1 << 20,), "<f4") for number in range(8)})
    source = io.BytesIO(content)
    tracemalloc.start()
    try:
        params.read(source, len(content), "a.params")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(content) + 3 * params.PIECE_BYTES


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT)))
@example(b"", 0, 0)
def test_any_bytes_are_weights_or_refused(noise: bytes, start: int, end: int) -> None:
    content = CONTENT[:start] + noise + CONTENT[end:]
    try:
        weights, _ = read(content)
    except ModelRefused:
        return
    assert sum(array.nbytes for array in weights.values()) <= 2 * len(content)
