"""Virtual time, in which activities sleep, overlap and are killed, in an order that a seed decides."""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime

type Work = Callable[[], object]

START = 1_800_000_000.0


class CrashError(BaseException):
    """The process dies here; no `except Exception` sees it."""


class Simulation:
    """A clock that stands still while anything happens, and an agenda of what is to happen."""

    def __init__(self) -> None:
        self.now = START
        self._agenda: list[tuple[float, int, Work]] = []
        self._order = itertools.count()
        self.current: Activity | None = None
        self._activities: set[Activity] = set()

    @property
    def time(self) -> datetime:
        """The clock as a date."""
        return datetime.fromtimestamp(self.now, UTC)

    def after(self, seconds: float, work: Work) -> None:
        """Plan work; what is planned for one moment happens in the order in which it was planned."""
        heapq.heappush(self._agenda, (self.now + seconds, next(self._order), work))

    def begin(self, work: Work) -> None:
        """Plan an activity, which may sleep, for this moment."""
        activity = Activity(self, work)
        self._activities.add(activity)
        self.after(0, lambda: self.resume(activity))

    def sleep(self, seconds: float) -> None:
        """Let others go on for a while; whoever is no activity does not wait."""
        activity = self.current
        if activity:
            self.after(seconds, lambda: self.resume(activity))
            activity.suspend()

    def resume(self, activity: "Activity") -> None:
        """Let an activity go on until it sleeps or ends."""
        self.current = activity
        activity.run()
        self.current = None
        if activity.ended:
            self._activities.discard(activity)
            if activity.error:
                raise activity.error

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything happen that falls into it."""
        end = self.now + seconds
        while self._agenda and self._agenda[0][0] <= end:
            self.now, _, work = heapq.heappop(self._agenda)
            work()
        self.now = end

    def close(self) -> None:
        """Kill every activity that sleeps."""
        for activity in list(self._activities):
            activity.kill()


class Activity:
    """Work in a thread of its own, of which one at a time runs: the baton is passed with two locks."""

    def __init__(self, simulation: Simulation, work: Work) -> None:
        self._simulation = simulation
        self._work = work
        self._mine, self._others = threading.Lock(), threading.Lock()
        self._mine.acquire()
        self._others.acquire()
        self._thread: threading.Thread | None = None
        self._killed = False
        self.ended = False
        self.error: BaseException | None = None

    def run(self) -> None:
        """Hand the baton over and wait until it comes back."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, daemon=True)
            self._thread.start()
        else:
            self._mine.release()
        self._others.acquire()

    def suspend(self) -> None:
        """Give the baton back and wait for it."""
        self._others.release()
        self._mine.acquire()
        if self._killed:
            raise CrashError

    def kill(self) -> None:
        """Have the activity die where it sleeps."""
        self._killed = True
        if self._thread and not self.ended:
            self.run()

    def _live(self) -> None:
        try:
            self._work()
        except CrashError:
            pass
        except BaseException as error:  # told to whoever advances the clock
            self.error = error
        finally:
            self.ended = True
            self._others.release()
