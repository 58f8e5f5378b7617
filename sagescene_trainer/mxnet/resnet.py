"""The ResNet that the algorithm trains: He et al., Identity Mappings in Deep Residual Networks, with MXNet's names.

Depths, widths and the rule of small images are those of
https://github.com/apache/mxnet/blob/1.5.0/example/image-classification/symbols/resnet.py.
"""

from __future__ import annotations

from typing import Any, Sequence

import mxnet

TALLEST_SMALL_IMAGE = 28  # in pixels
_UNITS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}
_SMALL_DEPTHS = (20, 32, 44, 56, 110)


def build_resnet(
    depth: int,
    shape: Sequence[int],
    classes: int,
    *,
    dtype: str = "float32",
    head: str = "SoftmaxOutput",
) -> Any:  # noqa: ANN401 - MXNet has no types
    """Build the graph of a depth for images of a shape (channels, height, width).

    Raises:
        ValueError: the depth is none for images of that height, in MXNet's words.
    """
    is_small = shape[1] <= TALLEST_SMALL_IMAGE
    if depth not in (_SMALL_DEPTHS if is_small else _UNITS):
        raise ValueError(f"no experiments done on num_layers {depth}, you can do it yourself")
    is_deep = depth >= 50 and not is_small
    units = ((depth - 2) // 6,) * 3 if is_small else _UNITS[depth]
    first, *filters = (
        (16, 16, 32, 64) if is_small else (64, 256, 512, 1024, 2048) if is_deep else (64, 64, 128, 256, 512)
    )
    data = mxnet.sym.Variable("data")
    data = mxnet.sym.identity(data, name="id") if dtype == "float32" else mxnet.sym.Cast(data, dtype=dtype)
    data = _normalize(data, "bn_data", fix_gamma=True)
    if shape[1] <= 32:
        data = _convolve(data, "conv0", first, 3)
    else:
        data = _activate(_convolve(data, "conv0", first, 7, 2), "", 0)
        data = mxnet.sym.Pooling(data, kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="max")
    for stage, (repeats, count) in enumerate(zip(units, filters), start=1):
        for unit in range(1, repeats + 1):
            stride = 2 if unit == 1 and stage > 1 else 1
            data = _add_unit(data, f"stage{stage}_unit{unit}_", count, stride, is_first=unit == 1, is_deep=is_deep)
    data = _activate(data, "", 1)
    data = mxnet.sym.Pooling(data, global_pool=True, kernel=(7, 7), pool_type="avg", name="pool1")
    data = mxnet.sym.FullyConnected(mxnet.sym.Flatten(data), num_hidden=classes, name="fc1")
    data = data if dtype == "float32" else mxnet.sym.Cast(data, dtype="float32")
    return getattr(mxnet.sym, head)(data, name="softmax")


def _add_unit(data: Any, name: str, count: int, stride: int, *, is_first: bool, is_deep: bool) -> Any:  # noqa: ANN401
    entry = inner = _activate(data, name, 1)
    sides = ((1, 1), (3, stride), (1, 1)) if is_deep else ((3, stride), (3, 1))
    for number, (side, step) in enumerate(sides, start=1):
        inner = _activate(inner, name, number) if number > 1 else inner
        width = count if number == len(sides) or not is_deep else count // 4
        inner = _convolve(inner, f"{name}conv{number}", width, side, step)
    return inner + (_convolve(entry, name + "sc", count, 1, stride) if is_first else data)


def _normalize(data: Any, name: str, *, fix_gamma: bool = False) -> Any:  # noqa: ANN401
    return mxnet.sym.BatchNorm(data, eps=2e-5, momentum=0.9, fix_gamma=fix_gamma, name=name)


def _activate(data: Any, name: str, number: int) -> Any:  # noqa: ANN401
    return mxnet.sym.Activation(_normalize(data, f"{name}bn{number}"), act_type="relu", name=f"{name}relu{number}")


def _convolve(data: Any, name: str, count: int, side: int, stride: int = 1) -> Any:  # noqa: ANN401
    return mxnet.sym.Convolution(
        data,
        num_filter=count,
        kernel=(side, side),
        stride=(stride, stride),
        pad=(side // 2, side // 2),
        no_bias=True,
        workspace=256,
        name=name,
    )
