"""Keeps out of a function's start what is not needed for it: the garbage collector, and modules that nothing uses."""

import gc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

# Imported to read archives, profiles, mails and source, and to spell Regions, which hardly a function does: 1.5 MB.
_SELDOM_USED = frozenset(
    {"ast", "configparser", "difflib", "email.header", "mimetypes", "shutil", "tokenize", "zipfile"}
)


class _Postpone:
    """Finds these modules as ever, and has each run when something of it is used first, if it ever is."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None, /) -> ModuleSpec | None:
        """Give the module's specification with Python's own lazy loader; None for every other module."""
        spec = PathFinder.find_spec(name, path, target) if name in _SELDOM_USED else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


gc.disable()  # it makes a start a fifth longer: what is imported stays
sys.meta_path.insert(0, _Postpone)


def end() -> None:
    """Let it collect what comes from now on, and never look at what was imported; import as ever."""
    if not gc.isenabled():
        sys.meta_path.remove(_Postpone)
        gc.freeze()
        gc.enable()
