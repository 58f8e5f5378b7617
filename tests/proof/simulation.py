"""Virtual time, in which activities sleep, overlap and are killed, in an order that a seed decides."""

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

from greenlet import getcurrent, greenlet

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
        activity = Activity(work)
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
    """Work on a stack of its own, beside which no other runs: no thread, so that no processor waits for another."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stack = greenlet(self._live)
        self._is_killed = False
        self.error: BaseException | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self._stack.dead)

    def run(self) -> None:
        """Let the work go on until it is suspended or ends."""
        self._stack.parent = getcurrent()
        self._stack.switch()

    def suspend(self) -> None:
        """Go back to whoever lets the work go on, until he does so again."""
        self._stack.parent.switch()
        if self._is_killed:
            raise CrashError

    def kill(self) -> None:
        """Have the activity die where it sleeps."""
        self._is_killed = True
        if self._stack:  # has begun, and not ended
            self.run()

    def _live(self) -> None:
        try:
            self._work()
        except CrashError:
            pass
        except BaseException as error:  # told to whoever advances the clock
            self.error = error
