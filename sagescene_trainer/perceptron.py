"""scikit-learn's perceptron, imported in half the time: without what scikit-learn keeps ready for other estimators."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_STATISTICS = "scipy.stats"


class _Statistics(ModuleType):
    """Stands for scipy.stats, and imports it when a function of it is called, as the perceptron calls none."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **options: getattr(import_module(_STATISTICS), name)(*arguments, **options)


@contextmanager
def _shortened() -> Iterator[None]:
    sys.modules[_STATISTICS] = _Statistics(_STATISTICS)
    # pandas is no part of what the local stack needs; where it happens to be, nothing here hands its tables over.
    kept = sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    gc.disable()  # what is imported stays
    try:
        yield
    finally:
        del sys.modules[_STATISTICS]
        if kept is None:
            del sys.modules["pandas"]
        gc.freeze()
        gc.enable()


with _shortened():
    from sklearn.neural_network import MLPClassifier

__all__ = ["MLPClassifier"]
