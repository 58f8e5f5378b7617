"""A set that cannot be read within the function's time: the handler itself refuses it, in time and once."""

from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.scenarios import SET, drop
from tests.proof.world import World


def test_what_is_not_read_in_time_is_refused_with_one_notice_and_never_tried_again() -> None:
    world = World()
    world.faults.interventions["GetObject"] = lambda: world.simulation.sleep(280)
    drop(world, data_sets.essential(data_sets.sound()), pause=5)  # the last of them judges the set
    world.settle()
    check_settled(world)
    assert not world.jobs
    (report,) = world.reports.values()
    assert [finding["code"] for finding in report["findings"]] == ["not-read-in-time"]
    assert [subject for subject, _ in world.topic.notices] == [f"Data set {SET} is refused"]
    assert world.metrics["DatasetRefused"] == 1
