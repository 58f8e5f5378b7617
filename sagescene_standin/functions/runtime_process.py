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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_ROOT = "/2018-06-01/runtime/"
_LONGEST_START = 30.0  # seconds; AWS allows 10 on machines that do nothing else
# A client that is gone again leaves nothing to accept, and `close` would wait for the next one (select(2), BUGS).
_LONGEST_ACCEPT = 1.0  # seconds
_log = logging.getLogger(__name__)

type _Event = tuple[str, bytes, int, str]  # request id, payload, deadline in epoch milliseconds, trace header

_STOP = ("", b"", 0, "")


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
        self._arn = arn
        self._on_line = on_line
        self._lines: list[str] = []
        self._todo: queue.Queue[_Event] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._started = threading.Event()
        self._lines_lock = threading.Lock()
        self._server = _serve_runtime_api(self)
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
        self._todo.put(_STOP)
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

    def _next_event(self) -> _Event:
        self._started.set()
        return self._todo.get()

    def _take_answer(self, path: str, body: bytes) -> None:
        # "invocation/<id>/response", "invocation/<id>/error" or "init/error"
        self._answers.put(Answer(payload=body, failed=path.endswith("error")))
        self._started.set()


def _serve_runtime_api(process: RuntimeProcess) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            request_id, payload, deadline, trace_header = process._next_event()
            if not request_id:
                self.close_connection = True
                return
            self._answer(
                200,
                payload,
                {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": request_id,
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn": process._arn,
                    "Lambda-Runtime-Trace-Id": trace_header,
                },
            )

        def do_POST(self) -> None:
            body = self._read_body()
            process._take_answer(self.path.removeprefix(_ROOT), body)
            self._answer(202, b"{}", {})

        def _read_body(self) -> bytes:
            if "Content-Length" in self.headers:
                return self.rfile.read(int(self.headers["Content-Length"]))
            parts = []
            while size := int(self.rfile.readline(), 16):  # the client sends in chunks
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: what a person wants to see comes through the listener."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def server_activate(self) -> None:
            super().server_activate()
            self.socket.settimeout(_LONGEST_ACCEPT)

        def handle_error(self, *_: object) -> None:
            """Say nothing of connections that break when a process is killed."""

    return Server(("127.0.0.1", 0), Handler)


def _failure(kind: str, message: str) -> Answer:
    return Answer(payload=json.dumps({"errorType": kind, "errorMessage": message}).encode(), failed=True)


def _timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
