"""How far long work is: what shows it is handed in, so that whatever works knows no console."""

from collections.abc import Callable
from contextlib import AbstractContextManager

# Called with the bytes that are done and those of all.
type Progress = Callable[[int, int], None]
# Told what is done.
type ShowProgress = Callable[[str], AbstractContextManager[Progress]]
