"""The time that a reading has: it ends while there is enough left to tell what was found."""

import math
from collections.abc import Callable, Iterable, Iterator

from sagescene.bounds import SECONDS_TO_REPORT, SHARE_TO_SAMPLE
from sagescene.dataset import StoredObject
from sagescene.errors import SagesceneError
from sagescene.finding_codes import Code
from sagescene.findings import Finding

_MB = 10**6


def unlimited() -> float:
    """Give the seconds that are left where nobody waits."""
    return math.inf


class NotReadInTimeError(SagesceneError):
    """The time is over: so many bytes of a file, `position`, had been read when the reading had taken `seconds`."""

    def __init__(self, stored: StoredObject, position: int, seconds: float) -> None:
        super().__init__(f"{stored.key} could not be read in time.")
        self.stored = stored
        self.position = position
        self.seconds = seconds

    def as_finding(self, remedy: str) -> Finding:
        """Say how far the reading came, and what to do."""
        return Code.NOT_READ_IN_TIME.found(
            file=self.stored.key,
            message=(
                f"After {self.seconds:,.0f} seconds {self.position / _MB:,.1f} of the file's "
                f"{self.stored.size / _MB:,.1f} MB were read, and there was no time for the rest."
            ),
            remedy=remedy,
        )


class ReadingTime:
    """Watches the bytes of a data set pass by; `seconds_left` counts down to the end of the function's time."""

    def __init__(self, seconds_left: Callable[[], float], *, keeps_time_to_sample: bool = False) -> None:
        """Start with what is left now, of which some is kept: to report, and where asked for, to read samples."""
        self._seconds_left = seconds_left
        self._began = seconds_left()
        self._reserve: float = SECONDS_TO_REPORT
        if keeps_time_to_sample and math.isfinite(self._began):
            self._reserve += SHARE_TO_SAMPLE * (self._began - SECONDS_TO_REPORT)

    def watch(self, stored: StoredObject, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the pieces of a file on as long as there is time.

        Raises:
            NotReadInTimeError: before the first piece for which there is none.
        """
        position = 0
        for chunk in chunks:
            self.check(stored, position)
            position += len(chunk)
            yield chunk

    def check(self, stored: StoredObject, position: int) -> None:
        """Go on with a file from a position only if there is time.

        Raises:
            NotReadInTimeError: there is none.
        """
        left = self._seconds_left()
        if left < self._reserve:
            raise NotReadInTimeError(stored, position, self._began - left)
