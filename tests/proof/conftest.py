"""What the proofs share: an account, and silence, because a proof makes more log lines than anybody reads."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagescene.observability import logger
from tests.proof import deployment
from tests.proof.checks import check_settled
from tests.proof.world import World
from tests.stack_template import environment_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let an invocation count nothing without a warning: pytest forgets the filter that the product has for it."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore:No application metrics to publish"))


@pytest.fixture(scope="package", autouse=True)
def silence() -> Iterator[None]:
    """Keep the product's log to what must not happen, and give its metrics the names that they have on Lambda."""
    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of("StartTrainingFunction").items():
            if name.startswith("POWERTOOLS_METRICS") or name == "POWERTOOLS_SERVICE_NAME":
                patch.setenv(name, value)
        yield
    logger.setLevel(level)


@pytest.fixture(scope="package", autouse=True)
def account() -> Iterator[None]:
    """Leave the services of this process to other tests in the end."""
    yield
    deployment.tear_down()


@pytest.fixture
def world() -> Iterator[World]:
    """Give a world in which nothing may have been done twice or lost in the end."""
    world = World()
    yield world
    check_settled(world)
    world.close()


@pytest.fixture(autouse=True)
def last_world() -> Iterator[None]:
    """Close the world that a test leaves, so that nothing of the services stays changed for others."""
    yield
    World.end()
