"""The page of scale: its arithmetic, on round figures that can be done by hand."""

import json
import math
from dataclasses import replace

import pytest

from sagescene.bounds import RANGE_IN_BYTES
from scripts import generate_scale_page
from scripts.scale import many, published, reading
from scripts.scale.many import Daily, Simulated
from scripts.scale.reading import Function, Measured, Reading

MEASURED = Measured(
    measured_on="2026-01-01",
    machine="one core",
    s3_seconds_per_gb=0.75,
    records_seconds_per_gb=0.25,
    list_seconds_per_million_rows=0.0,
    records_memory_mb=4,
    largest_list_memory_mb=19,
)
FUNCTION = Function(memory_mb=1769, timeout=300, largest_whole_gb=10, at_once=5, jobs_at_once=4, jobs_a_day=20)
SIMULATED = Simulated(
    sets=100,
    uploads=300,
    jobs=98,
    given_up=2,
    waited_seconds={"first": 60, "median": 100, "last": 196},
    invocations={"FinishTraining": {"count": 100, "seconds": 40}, "StartTraining": {"count": 400, "seconds": 500}},
    calls={"GetObject": 1000, "ListObjectsV2": 600, "PutObject": 400, "SendMessage": 100},
    notices=100,
)
MEMORY = {"FinishTraining": 256.0, "StartTraining": 1024.0}
CPU = published.MEMORY_OF_A_CPU.value


def test_records_up_to_the_limit_are_read_whole_and_larger_ones_in_samples() -> None:
    limit = FUNCTION.largest_whole_gb
    assert reading.read(limit, MEASURED, FUNCTION) == reading.read_whole(limit, MEASURED)
    assert reading.read(limit + 1, MEASURED, FUNCTION) == reading.read_samples(limit + 1, MEASURED)
    assert reading.read_samples(limit + 1, MEASURED).megabytes < 100


def test_reading_takes_as_long_as_the_slower_of_s3_and_the_processor() -> None:
    one = Reading(megabytes=1000, requests=100, network_seconds=17, cpu_seconds=8)
    assert one.seconds(CPU) == 17
    assert one.seconds(CPU / 4) == pytest.approx(32)
    assert one.seconds(2 * CPU) == one.seconds(CPU)
    assert one.dollars(1024) == pytest.approx(17 * 0.0000166667 + 0.2 / 1e6 + 100 * 0.0004 / 1000)


def test_a_large_file_comes_in_several_ranges_at_once_and_a_small_one_in_one_request() -> None:
    small, large = Reading.of_file(34, 0), Reading.of_file(3400, 0)
    assert (small.requests, large.requests) == (1, math.ceil(3400e6 / RANGE_IN_BYTES))
    assert small.network_seconds == pytest.approx(34 / 85 + published.SECONDS_A_REQUEST)
    assert large.network_seconds == pytest.approx(3400 / (85 * reading.STREAMS) + published.SECONDS_A_REQUEST)


def test_a_set_is_its_records_and_its_list_twice_on_a_slower_processor() -> None:
    one = reading.read_whole(1, MEASURED)
    rows = 1e6 / published.IMAGE_KB
    assert one.megabytes == pytest.approx(1000 + 2 * rows * published.ROW_BYTES / 1e6)
    received_again = one.megabytes / 1000 - 1
    assert one.cpu_seconds == pytest.approx(published.SLOWER * (1.0 + 0.75 * received_again))


def test_the_cheapest_memory_is_as_fast_as_any_and_none_is_cheaper() -> None:
    one = reading.read_whole(10, MEASURED)
    cheapest = one.cheapest_memory_mb
    assert 128 < cheapest < CPU
    assert one.seconds(cheapest) == pytest.approx(one.network_seconds)
    assert one.seconds(cheapest / 2) == pytest.approx(2 * one.seconds(cheapest))
    assert one.dollars(cheapest / 2) == pytest.approx(one.dollars(cheapest))
    assert one.gb_seconds(cheapest * 2) == pytest.approx(2 * one.gb_seconds(cheapest))
    bound_by_processor = replace(one, cpu_seconds=2 * one.network_seconds)
    assert bound_by_processor.cheapest_memory_mb == CPU


def test_a_burst_costs_its_time_its_invocations_its_requests_and_its_messages() -> None:
    assert many.costs(SIMULATED, MEMORY) == pytest.approx(
        {
            "Lambda's time": (500 + 40 / 4) * 0.0000166667,
            "Lambda's requests": 500 * 0.2 / 1e6,
            "S3, PUT and LIST": 1000 * 0.005 / 1000,
            "S3, GET": 1000 * 0.0004 / 1000,
            "SQS": 400 * 3 * 0.4 / 1e6,
        }
    )
    assert SIMULATED.jobs_a_second == 0.5
    assert SIMULATED.start_seconds_a_set == 5


def test_sets_of_a_day_ask_for_messages_invocations_and_jobs() -> None:
    daily = Daily(sets=43_200, seconds_a_set=10, dollars_a_set=0.001)
    assert daily.messages == 129_600
    assert daily.queue_requests == 3 * 129_600 + 2 * 5 * 4320
    assert daily.concurrency == 5
    assert daily.creation_hours == 12
    assert daily.dollars == pytest.approx(43.2 + 43_200 * 0.4 / 1e6)
    assert many.most_sets_a_day(5, 10) == 43_200


def test_the_page_says_what_came_of_every_set_and_when_a_wait_ends_first() -> None:
    page = generate_scale_page.render(MEASURED, SIMULATED, FUNCTION, MEMORY)
    assert "**98 ended in a job, 2 in a notice that they were given up, none in silence.**" in page
    assert "100,000 / 3,600 = **27.8 hours**, and at the pace\nabove 55.6." in page
    assert "are to be dropped over 3 days or" in page
    assert "1,000 / 10 = 100, all at once" in page


def test_the_kept_figures_are_of_a_run_in_which_nothing_was_lost() -> None:
    kept = Simulated(**json.loads(generate_scale_page.SIMULATED.read_text()))
    assert kept.sets >= 10_000
    assert kept.jobs + kept.given_up == kept.sets
