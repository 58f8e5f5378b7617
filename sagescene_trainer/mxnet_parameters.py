"""Write arrays as MXNet's `.params` file, as `mxnet.nd.save` of the releases since 1.0 does.

The format is `NDArray::Save` in https://github.com/apache/mxnet/blob/1.9.1/src/ndarray/ndarray.cc; little-endian.
"""

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_LIST_MAGIC, _ARRAY_MAGIC = 0x112, 0xF993FAC9
_DENSE, _PROCESSOR, _FLOAT32 = 0, 1, 0


def pack_parameters(arrays: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Return the file's content; a name says what the array is to the graph: `arg:...` or `aux:...`."""
    parts = [struct.pack("<QQQ", _LIST_MAGIC, 0, len(arrays))]
    parts += [_pack_array(array) for array in arrays.values()]
    parts.append(struct.pack("<Q", len(arrays)))
    for name in arrays:
        encoded = name.encode()
        parts += [struct.pack("<Q", len(encoded)), encoded]
    return b"".join(parts)


def _pack_array(array: NDArray[np.float32]) -> bytes:
    head = struct.pack(f"<Iii{array.ndim}qiii", _ARRAY_MAGIC, _DENSE, array.ndim, *array.shape, _PROCESSOR, 0, _FLOAT32)
    return head + array.astype("<f4").tobytes()
