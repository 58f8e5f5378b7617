"""Keeps the garbage collector out of a function's start, which it makes a fifth longer: what is imported stays."""

import gc

gc.disable()


def end() -> None:
    """Let it collect what comes from now on, and never look at what was imported."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
