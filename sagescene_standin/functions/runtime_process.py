"""One process of AWS's own Lambda runtime client, fed through a Runtime API of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import logging
import os
import queue
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sagescene_standin.functions.runtime_api import STOP, NextInvocation, serve_runtime_api

_LONGEST_START = 30.0  # seconds; AWS allows 10 on machines that do nothing else
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the function said: its JSON, whether that is an error, and what it logged meanwhile."""

    payload: bytes
    failed: bool
    log: str = ""


class RuntimeProcess:
    """Run a function's handler, one invocation at a time, until the process dies or is closed."""

    def __init__(
        self,
        *,
        command: list[str],
        directory: Path,
        environment: Mapping[str, str],
        arn: str,
        on_line: Callable[[str], None],
    ) -> None:
        self._on_line = on_line
        self._lines: list[str] = []
        self._todo: queue.Queue[NextInvocation] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._started = threading.Event()
        self._lines_lock = threading.Lock()
        self._server = serve_runtime_api(arn, self._next_event, self._take_answer)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self._process = subprocess.Popen(  # nosec B603 # noqa: S603  the command is this interpreter
            command,
            cwd=directory,
            env={**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is for the stack, which then ends its functions
        )
        self._reader = threading.Thread(target=self._read_lines, daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether the process can take another invocation."""
        return self._process.poll() is None

    def invoke(self, request_id: str, payload: bytes, timeout: float, trace_header: str) -> Answer:
        """Hand over one event and wait for the answer; a process that takes longer is killed."""
        self._await_start()
        self._todo.put((request_id, payload, int((time.time() + timeout) * 1000), trace_header))
        answer = self._await_answer(request_id, timeout)
        self._settle_lines()
        log, self._lines = "\n".join(self._lines), []
        return replace(answer, log=log)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the process and its Runtime API."""
        self.kill()
        self._todo.put(STOP)
        self._server.shutdown()
        self._server.server_close()
        self._reader.join()

    def _await_start(self) -> None:
        ends = time.monotonic() + _LONGEST_START
        while self.alive and not self._started.wait(0.02):
            if time.monotonic() > ends:
                self.kill()

    def _await_answer(self, request_id: str, timeout: float) -> Answer:
        ends = time.monotonic() + timeout
        while True:
            try:
                return self._answers.get(timeout=0.02)
            except queue.Empty:
                pass
            if not self.alive and self._answers.empty():
                return _failure("Runtime.ExitError", f"RequestId: {request_id} Error: {self._describe_exit()}")
            if time.monotonic() > ends:
                self.kill()
                text = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
                self._take_line(f"{_timestamp()} {request_id} Task timed out after {timeout:.2f} seconds")
                return _failure("Sandbox.Timedout", text)

    def _describe_exit(self) -> str:
        status = self._process.wait()
        if status < 0:
            return f"Runtime exited with error: signal: {signal.Signals(-status).name}"
        return f"Runtime exited with error: exit status {status}"

    def _read_lines(self) -> None:
        stream = self._process.stdout
        if stream is None:  # pragma: no cover  it is a pipe
            return
        rest = b""
        while True:
            select.select([stream], [], [])
            with self._lines_lock:
                chunk = os.read(stream.fileno(), 1 << 16)
                *lines, rest = (rest + chunk).split(b"\n")
                if not chunk and rest:
                    lines, rest = [*lines, rest], b""
                for line in lines:
                    self._take_line(line.decode("utf-8", "replace"))
            if not chunk:
                stream.close()
                return

    def _take_line(self, line: str) -> None:
        self._lines.append(line)
        try:
            self._on_line(line)
        except Exception:
            # The reader must go on, or the function would block on a full pipe.
            _log.exception("A log line could not be delivered: %s", line)

    def _settle_lines(self) -> None:
        """Wait until everything that the invocation wrote has been read."""
        stream = self._process.stdout
        while stream is not None and not stream.closed:
            try:
                readable, _, _ = select.select([stream], [], [], 0)
            except ValueError:  # closed meanwhile
                return
            with self._lines_lock:
                if not readable:
                    return
            time.sleep(0.001)

    def _next_event(self) -> NextInvocation:
        self._started.set()
        return self._todo.get()

    def _take_answer(self, body: bytes, failed: bool) -> None:
        self._answers.put(Answer(payload=body, failed=failed))
        self._started.set()


def _failure(kind: str, message: str) -> Answer:
    return Answer(payload=json.dumps({"errorType": kind, "errorMessage": message}).encode(), failed=True)


def _timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
