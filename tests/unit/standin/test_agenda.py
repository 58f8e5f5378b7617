"""Work falls due on a clock that the test moves."""

from sagescene_standin.agenda import Agenda


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def run_due(agenda: Agenda) -> None:
    for work in agenda.take_due():
        work()


def test_work_waits_for_its_time_and_runs_once() -> None:
    clock, done = Clock(), list[str]()
    agenda = Agenda(clock)
    agenda.after(60, lambda: done.append("later"))
    agenda.after(0, lambda: done.append("now"))
    run_due(agenda)
    assert done == ["now"]
    clock.time += 60
    run_due(agenda)
    run_due(agenda)
    assert done == ["now", "later"]


def test_due_work_runs_in_the_order_of_its_time() -> None:
    clock, done = Clock(), list[int]()
    agenda = Agenda(clock)
    for seconds in (30, 10, 20, 10):
        agenda.after(seconds, lambda seconds=seconds: done.append(seconds))  # type: ignore[misc]
    clock.time += 60
    run_due(agenda)
    assert done == [10, 10, 20, 30]


def test_repeated_work_runs_after_every_interval() -> None:
    clock, done = Clock(), list[float]()
    agenda = Agenda(clock)
    agenda.every(5, lambda: done.append(clock.time))
    for _ in range(12):
        clock.time += 1
        run_due(agenda)
    assert done == [105.0, 110.0]


def test_what_is_still_to_come_is_dropped_at_the_end() -> None:
    clock, done = Clock(), list[int]()
    agenda = Agenda(clock)
    agenda.after(1, lambda: done.append(1))
    agenda.close()
    clock.time += 1
    run_due(agenda)
    assert done == []
