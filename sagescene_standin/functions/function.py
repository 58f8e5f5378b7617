"""The deployed functions, each run from what `sam build` built by a pool of runtime processes."""

import json
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sagescene_standin.account import Account
from sagescene_standin.cloudformation.deployment import CreatedStack
from sagescene_standin.errors import DeploymentError
from sagescene_standin.functions import lineage
from sagescene_standin.functions.lineage import RecursiveInvocationError
from sagescene_standin.functions.runtime_process import RuntimeProcess

_TAIL = 4096  # bytes of log that Invoke returns on request


class RuntimeMismatchError(DeploymentError):
    """A function wants another version of Python than the one that runs the local stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """A function as deployed; `folder` holds its built code, `layers` the built layers' folders."""

    logical_id: str
    name: str
    arn: str
    role: str
    handler: str
    runtime: str
    folder: Path
    layers: tuple[Path, ...]
    environment: Mapping[str, str]
    timeout: int
    memory: int
    log_group: str
    log_format: str
    log_level: str
    reserved_concurrency: int | None
    allows_loops: bool
    is_traced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """How one invocation went: the function's JSON, `Unhandled` or nothing, how long it took, and its trace header."""

    request_id: str
    payload: bytes
    error: str | None
    duration_ms: float
    log_tail: str
    trace_header: str = ""

    @property
    def result(self) -> Any:  # noqa: ANN401
        """The payload, decoded."""
        return json.loads(self.payload or b"null")


class TooManyRequestsError(RuntimeError):
    """All of the function's concurrency is in use."""


class Invocable(Protocol):
    """What can be invoked as a function."""

    @property
    def settings(self) -> FunctionSettings:
        """How it is deployed."""

    def invoke(self, payload: bytes, trace_header: str = "") -> Invocation:
        """Run the handler once and wait for it; the trace header is that of what invokes it, if it has one.

        Raises:
            TooManyRequestsError: the reserved concurrency is used up.
            RecursiveInvocationError: the chain of requests has invoked the function too often.
        """


def read_functions(stack: CreatedStack, code: Mapping[str, Path], account: Account) -> list[FunctionSettings]:
    """Read how every function of a stack is deployed; `code` finds built code by its S3 key.

    Raises:
        RuntimeMismatchError: a function's Runtime is not the running Python.
    """
    layers = {
        layer.physical_id: code[layer.properties["Content"]["S3Key"]]
        for layer in stack.of_type("AWS::Lambda::LayerVersion")
    }
    return [
        read_settings(
            function.logical_id,
            function.physical_id,
            account.arn("lambda", f"function:{function.physical_id}"),
            function.properties,
            {**code, **layers},
        )
        for function in stack.of_type("AWS::Lambda::Function")
    ]


def read_settings(
    logical_id: str, name: str, arn: str, properties: Mapping[str, Any], folders: Mapping[str, Path]
) -> FunctionSettings:
    """Read a function's resolved properties; `folders` finds built code by its S3 key or layer ARN.

    Raises:
        RuntimeMismatchError: the function's Runtime is not the running Python.
    """
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if properties["Runtime"] != here:
        raise RuntimeMismatchError(
            f"{logical_id} runs on {properties['Runtime']}: start the local stack with that, not with {here}."
        )
    logging = properties.get("LoggingConfig", {})
    return FunctionSettings(
        logical_id=logical_id,
        name=name,
        arn=arn,
        role=properties["Role"],
        handler=properties["Handler"],
        runtime=properties["Runtime"],
        folder=folders[properties["Code"]["S3Key"]],
        layers=tuple(folders[layer] for layer in properties.get("Layers", ())),
        environment={
            key: _text(value) for key, value in properties.get("Environment", {}).get("Variables", {}).items()
        },
        timeout=int(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        log_group=logging.get("LogGroup", f"/aws/lambda/{name}"),
        log_format=logging.get("LogFormat", "Text"),
        log_level=logging.get("ApplicationLogLevel", "INFO"),
        reserved_concurrency=properties.get("ReservedConcurrentExecutions"),
        allows_loops=properties.get("RecursiveLoop", "Terminate") == "Allow",
        is_traced=properties.get("TracingConfig", {}).get("Mode") == "Active",
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Function:
    """Invoke one function, starting another process whenever all others are busy or dead."""

    def __init__(
        self,
        settings: FunctionSettings,
        *,
        environment: Mapping[str, str],
        runtime_directory: Path,
        on_line: Callable[[FunctionSettings, str], None],
        on_invocation: Callable[[FunctionSettings, Invocation], None],
        on_drop: Callable[[FunctionSettings, RecursiveInvocationError], None] = lambda *_: None,
        on_throttle: Callable[[FunctionSettings], None] = lambda _: None,
    ) -> None:
        """Take what processes get besides the function's own variables: endpoint, Region, credentials."""
        self.settings = settings
        self.log_stream = f"{time.strftime('%Y/%m/%d')}/[$LATEST]{uuid.uuid4().hex}"
        self._environment = _process_environment(settings, environment, runtime_directory, self.log_stream)
        self._on_line = on_line
        self._on_invocation = on_invocation
        self._on_drop = on_drop
        self._on_throttle = on_throttle
        self._idle: list[RuntimeProcess] = []
        self._all: set[RuntimeProcess] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start_process(self) -> None:
        """Start one process ahead of the first invocation, as AWS does with provisioned concurrency."""
        process = self._start()
        with self._lock:
            self._idle.append(process)

    def invoke(self, payload: bytes, trace_header: str = "") -> Invocation:
        """Run the handler once and wait for it; the trace header is that of what invokes it, if it has one.

        Raises:
            TooManyRequestsError: the reserved concurrency is used up.
            RecursiveInvocationError: the chain of requests has invoked the function too often.
        """
        try:
            own_header = lineage.enter(trace_header, self.settings.arn, allows_loops=self.settings.allows_loops)
        except RecursiveInvocationError as error:
            self._on_drop(self.settings, error)
            raise
        request_id = str(uuid.uuid4())
        process = self._take()
        began = time.perf_counter()
        try:
            response = process.invoke(request_id, payload, self.settings.timeout, own_header)
        finally:
            self._give_back(process)
        invocation = Invocation(
            request_id=request_id,
            payload=response.payload,
            error="Unhandled" if response.failed else None,
            duration_ms=(time.perf_counter() - began) * 1000,
            log_tail=response.log[-_TAIL:],
            trace_header=own_header,
        )
        self._on_invocation(self.settings, invocation)
        return invocation

    def close(self) -> None:
        """End every process; an invocation in hand fails."""
        with self._lock:
            self._closed = True
            processes = list(self._all)
            self._all.clear()
            self._idle.clear()
        for process in processes:
            process.close()

    def _take(self) -> RuntimeProcess:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
                self._discard(process)
            limit = self.settings.reserved_concurrency
            if limit is not None and len(self._all) >= limit:
                self._on_throttle(self.settings)
                raise TooManyRequestsError(f"{self.settings.name}: Rate Exceeded.")
        return self._start()

    def _start(self) -> RuntimeProcess:
        process = RuntimeProcess(
            # -S: nothing but the function, its layers and the runtime can be imported, as on AWS.
            command=[sys.executable, "-S", "-m", "awslambdaric", self.settings.handler],
            directory=self.settings.folder,
            environment=self._environment,
            arn=self.settings.arn,
            on_line=lambda line: self._on_line(self.settings, line),
        )
        with self._lock:
            self._all.add(process)
            closed = self._closed
        if closed:
            process.close()
        return process

    def _give_back(self, process: RuntimeProcess) -> None:
        with self._lock:
            if not self._closed and process.alive:
                self._idle.append(process)
                return
            self._discard(process)

    def _discard(self, process: RuntimeProcess) -> None:
        self._all.discard(process)
        threading.Thread(target=process.close, daemon=True).start()


def _process_environment(
    settings: FunctionSettings, given: Mapping[str, str], runtime_directory: Path, log_stream: str
) -> dict[str, str]:
    path = [settings.folder, *(layer / "python" for layer in settings.layers), runtime_directory]
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": ":".join(str(folder) for folder in path),
        # Folders of code are read-only on Lambda: what was not compiled by the build is compiled at every start.
        "PYTHONDONTWRITEBYTECODE": "1",
        **settings.environment,
        **given,
        "_HANDLER": settings.handler,
        "LAMBDA_TASK_ROOT": str(settings.folder),
        "LAMBDA_RUNTIME_DIR": str(runtime_directory),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings.runtime}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": settings.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": settings.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_LOG_FORMAT": settings.log_format,
        # Without JSON logs Lambda sets no level: the function decides.
        **({"AWS_LAMBDA_LOG_LEVEL": settings.log_level} if settings.log_format == "JSON" else {}),
    }
