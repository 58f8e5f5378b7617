"""Keeps out of a function's start what is not needed for it: the garbage collector, and modules that nothing uses."""

import gc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import LazyLoader
from types import ModuleType
from typing import Self

# To read archives, profiles, mails and source, to spell Regions, and for a set's page: few triggers need them. 1.9 MB.
_SELDOM_USED = frozenset(
    {"ast", "configparser", "difflib", "email.header", "html", "mimetypes", "shutil", "tokenize", "zipfile"}
)
# Writes the clients' documentation for whoever asks for `help` at a prompt: 0.5 MB.
_DOCUMENTATION = frozenset({"botocore.docs", "botocore.docs.docstring"})
_CHANGED = _SELDOM_USED | _DOCUMENTATION


class _Finder:
    """Finds these modules as ever, and has the first run when something of them is used, the others not at all."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None, /) -> ModuleSpec | None:
        """Give the module's specification with another loader; None for every other module."""
        spec = PathFinder.find_spec(name, path, target) if name in _CHANGED else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader) if name in _SELDOM_USED else _Omit(name, spec.origin or "")
        return spec


class _Omit(SourceFileLoader):
    """Leaves a module empty, and gives a class of empty texts for whatever is imported from it."""

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing of the module."""
        module.__dict__["__getattr__"] = lambda _: _EmptyText


class _EmptyText(str):
    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        return super().__new__(cls)


gc.disable()  # it makes a start a fifth longer: what is imported stays
sys.meta_path.insert(0, _Finder)


def end() -> None:
    """Let it collect what comes from now on, and never look at what was imported; import as ever."""
    if not gc.isenabled():
        sys.meta_path.remove(_Finder)
        for name in _DOCUMENTATION:
            sys.modules.pop(name, None)
        gc.freeze()
        gc.enable()
