"""Keeps out of a function's start what is not needed for it: the garbage collector, and modules that nothing uses."""

import gc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Self

# To read archives, profiles, mails and source, to spell Regions, and for a set's page: few triggers need them. 1.9 MB.
_SELDOM_USED = frozenset(
    {"ast", "configparser", "difflib", "email.header", "html", "mimetypes", "shutil", "tokenize", "zipfile"}
)
# Writes the clients' documentation for whoever asks for `help` at a prompt: 0.5 MB.
_DOCUMENTATION = frozenset({"botocore.docs", "botocore.docs.docstring"})
_TEXTS = frozenset({"ClientMethodDocstring", "PaginatorDocstring", "WaiterDocstring"})
_CHANGED = _SELDOM_USED | _DOCUMENTATION


class _Finder:
    """Finds these modules as ever, and has them run when something of them is used that is no text for `help`."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None, /) -> ModuleSpec | None:
        """Give the module's specification with another loader; None for every other module."""
        spec = PathFinder.find_spec(name, path, target) if name in _CHANGED else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader) if name in _SELDOM_USED else _Omit(spec.loader)
        return spec


class _Omit(LazyLoader):
    """Leaves a module empty until something is imported from it that botocore's clients are not known to need.

    Lambda brings whichever botocore it likes: one that needs more may cost memory, and no function its start.
    """

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing of the module yet."""

        def give(name: str) -> object:
            if name in _TEXTS:
                return _EmptyText
            if name == "__path__":  # asked of every module that something is imported from
                raise AttributeError(name)
            self.end(module)
            return getattr(module, name)

        module.__dict__["__getattr__"] = give

    def end(self, module: ModuleType) -> None:
        """Have the module run when something of it is used."""
        del module.__dict__["__getattr__"]
        super().exec_module(module)


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
        for module in filter(None, map(sys.modules.get, _DOCUMENTATION)):
            if module.__spec__ and isinstance(module.__spec__.loader, _Omit):
                module.__spec__.loader.end(module)
        gc.freeze()
        gc.enable()
