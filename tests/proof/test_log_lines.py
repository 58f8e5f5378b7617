"""Every line of a data set's story says which set, which job and which chain of messages it is about."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.jmespath_utils import query

from sagescene.observability import CORRELATION_PATH, correlation_id, log_about, logger
from tests.proof import data_sets
from tests.proof.scenarios import SET, drop, use_up_quota
from tests.proof.world import World
from tests.stack_template import transform

FILES = data_sets.essential(data_sets.sound())


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Give the lines that the functions log from now on, as they reach CloudWatch."""
    kept: list[dict[str, Any]] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(json.loads(logger.registered_formatter.format(record)))

    handler, level = Keeper(), logger.log_level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield kept
    logger.setLevel(level)
    logger._logger.removeHandler(handler)
    logger.clear_state()


def find(message: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [line for line in lines if line["message"] == message]
    assert found, f"nobody logged {message}"
    return found


def correlations(lines: list[dict[str, Any]]) -> set[str]:
    return {line["correlation_id"] for line in lines}


def test_each_function_names_set_job_and_correlation(lines: list[dict[str, Any]]) -> None:
    world = World(EvaluateModel="yes")
    drop(world, FILES)
    world.settle()
    (job,) = world.jobs
    for message in ("counted the images", "training job started", "model created", "evaluating", "model evaluated"):
        for line in find(message, lines):
            assert (line["data_set"], line["job"]) == (SET, job), message
            assert line["correlation_id"], message


def test_waits_keep_the_correlation_of_what_began_them_up_to_the_job(lines: list[dict[str, Any]]) -> None:
    world = World()
    use_up_quota(world)
    drop(world, FILES)
    world.advance(1800)
    world.training.used_elsewhere.clear()
    world.settle()
    waits = [line for line in find("waiting", lines) if line["cause"] == "quota"]
    assert len(waits) > 1
    assert len(correlations(waits)) == 1
    assert correlations(find("training job started", lines)) == correlations(waits)


def test_a_job_that_failed_is_logged_with_its_set(lines: list[dict[str, Any]]) -> None:
    world = World()
    world.training.containers.failures.append("AlgorithmError: it diverged")
    drop(world, FILES)
    world.settle()
    (line,) = find("training job failed", lines)
    assert line["data_set"] == SET
    assert line["correlation_id"]


@pytest.mark.parametrize("begun", ["jobs", "models"])
def test_a_function_that_fails_says_so_of_its_job(begun: str, lines: list[dict[str, Any]]) -> None:
    world = World(EvaluateModel="yes")
    drop(world, FILES)
    while not getattr(world, begun):
        world.advance(1)
    world.faults.refusals = [("DescribeTrainingJob", "AccessDenied")]
    world.settle()
    (line,) = find("function failed", lines)
    (job,) = world.jobs
    assert (line["level"], line["job"]) == ("ERROR", job)
    assert line["reason"].startswith("ClientError: An error occurred (AccessDenied)")


def test_an_upload_that_cannot_be_listed_is_logged_as_failed_with_its_set(lines: list[dict[str, Any]]) -> None:
    world = World()
    world.faults.refusals = [("ListMultipartUploads", "AccessDenied")]
    drop(world, FILES)
    world.settle()
    (line,) = find("function failed", lines)
    assert (line["level"], line["data_set"]) == ("ERROR", SET)


def test_the_evaluation_has_the_correlation_of_the_job_that_ended(lines: list[dict[str, Any]]) -> None:
    world = World(EvaluateModel="yes")
    world.evaluator.images = 1000
    drop(world, FILES)
    world.settle()
    assert correlations(find("model created", lines)) == correlations(find("model evaluated", lines))
    assert find("evaluation goes on", lines)


def test_a_line_about_the_next_job_has_nothing_of_the_one_before(lines: list[dict[str, Any]]) -> None:
    log_about(job="first", data_set="pets")
    log_about(job="second")
    logger.info("now")
    assert (lines[-1]["job"], "data_set" in lines[-1]) == ("second", False)


def test_a_line_says_when_it_was_written_as_lambda_reads_it(lines: list[dict[str, Any]]) -> None:
    logger.error("now")
    written = lines[-1]["timestamp"]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+00:00", written)  # RFC 3339, in UTC


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "é", 7, None])
def test_an_id_that_no_message_could_carry_is_carried_no_further(given: object) -> None:
    logger.append_keys(correlation_id=given)
    assert correlation_id() is None
    logger.append_keys(correlation_id="8f2e1c97-1b")
    assert correlation_id() == "8f2e1c97-1b"
    logger.clear_state()


def test_every_kind_of_event_is_correlated() -> None:
    carried = {"messageAttributes": {"correlation_id": {"stringValue": "carried"}}, "messageId": "own"}
    assert query({"Records": [carried]}, CORRELATION_PATH) == "carried"
    assert query({"Records": [{"messageAttributes": {}, "messageId": "own"}]}, CORRELATION_PATH) == "own"
    assert query({"id": "event", "detail": {}}, CORRELATION_PATH) == "event"
    assert query({"Records": [{"s3": {}}]}, CORRELATION_PATH) is None


# What Lambda adds to a line, to what it says itself of each invocation, and to an error that nobody caught:
# https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
OF_LAMBDA = {"type", "record.requestId", "errorType", "errorMessage"} | {
    f"record.metrics.{name}" for name in ("durationMs", "initDurationMs", "maxMemoryUsedMB")
}
OF_INSIGHTS = {"@timestamp", "@log"}
KEYWORDS = {"fields", "filter", "sort", "limit", "asc", "desc", "and", "ispresent"}


def test_every_field_that_a_saved_query_asks_for_is_logged(lines: list[dict[str, Any]]) -> None:
    resources = transform().resources.values()
    queries = [one["Properties"] for one in resources if one["Type"] == "AWS::Logs::QueryDefinition"]
    assert len(queries) == 5
    for story in (data_sets.broken(), FILES):
        world = World(EvaluateModel="yes")
        use_up_quota(world)
        world.training.containers.failures.append("AlgorithmError: it diverged")
        drop(world, story)
        world.advance(1800)
        world.training.used_elsewhere.clear()
        world.settle()
    known = {name for line in lines for name in line} | OF_LAMBDA | OF_INSIGHTS
    for saved in queries:
        text = re.sub(r'"[^"]*"', "", saved["QueryString"])
        asked = set(re.findall(r"@?[A-Za-z_][\w.]*", text)) - KEYWORDS
        assert asked <= known, f"{saved['Name']}: {asked - known}"
        assert len(saved["LogGroupNames"]) == 3
