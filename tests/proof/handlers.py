"""The functions' own handlers, each loaded from its file for one world, with that world's time and jitter."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Self
from unittest.mock import patch

from sagescene.aws import Cloud
from sagescene_standin.functions.function import FunctionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaContext:
    """What Powertools and the handlers read of the context that Lambda gives a handler."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    aws_request_id: str
    seconds_left: Callable[[], float]

    def get_remaining_time_in_millis(self) -> int:
        """Give what is left of the function's time."""
        return int(self.seconds_left() * 1000)

    @classmethod
    def of(cls, settings: FunctionSettings, request_id: str, seconds_left: Callable[[], float]) -> Self:
        """Give the context of one invocation of a function."""
        return cls(
            function_name=settings.name,
            memory_limit_in_mb=settings.memory,
            invoked_function_arn=settings.arn,
            aws_request_id=request_id,
            seconds_left=seconds_left,
        )


type Handle = Callable[[Any, LambdaContext], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Stands where a handler's module has the class `datetime`."""

    time: Callable[[], datetime]

    def now(self, zone: tzinfo) -> datetime:
        """Give the world's time."""
        return self.time().astimezone(zone)


def load(
    settings: FunctionSettings, region: str, *, time: Callable[[], datetime], jitter: Callable[[], float]
) -> ModuleType:
    """Run a function's module with the environment that the template gives it, as Lambda does at a cold start."""
    name, _, _ = settings.handler.partition(".")
    module = ModuleType(name)
    environment = {**settings.environment, "AWS_REGION": region}
    # A world has clients of its own.
    with patch.dict(os.environ, environment, clear=True), patch.object(Cloud, "connect", lambda *_: None):
        exec(_compile(settings.folder / f"{name}.py"), vars(module))
    vars(module).update(datetime=Clock(time=time), random=jitter)
    return module


def handler_of(module: ModuleType, settings: FunctionSettings) -> Handle:
    """Give the handler that the template names."""
    _, _, name = settings.handler.partition(".")
    handler: Handle = getattr(module, name)
    return handler


@cache
def _compile(file: Path) -> CodeType:
    # An import would leave a .pyc in the folder that `sam build` copies.
    return compile(file.read_text(), file, "exec")
