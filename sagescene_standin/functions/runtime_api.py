"""The Runtime API over HTTP: one runtime process asks it for events and brings its answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sagescene_standin.door import refuse
from sagescene_standin.listening import LONGEST_ACCEPT

type NextInvocation = tuple[str, bytes, int, str]
"""Request id, payload, deadline in milliseconds since the epoch, and trace header."""

STOP: NextInvocation = ("", b"", 0, "")
_HOST = "127.0.0.1"


def serve_runtime_api(
    arn: str, next_event: Callable[[], NextInvocation], take_answer: Callable[[bytes, bool], None]
) -> ThreadingHTTPServer:
    """Make the server for the process of one function.

    `next_event` waits for an event, or for `STOP`; `take_answer` gets an answer, and whether it is an error.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement
        wbufsize = 1 << 16

        def parse_request(self) -> bool:
            if not super().parse_request():
                return False
            if reason := refuse(self._as_environ(), _HOST):
                self.send_error(403, reason)
                return False
            return True

        def do_GET(self) -> None:
            request_id, payload, deadline, trace_header = next_event()
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
                    "Lambda-Runtime-Invoked-Function-Arn": arn,
                    "Lambda-Runtime-Trace-Id": trace_header,
                },
            )

        def do_POST(self) -> None:
            # invocation/<id>/response, invocation/<id>/error or init/error
            take_answer(self._read_body(), self.path.endswith("error"))
            self._answer(202, b"{}", {})

        def _as_environ(self) -> dict[str, str]:
            headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
            port = str(server.server_address[1])
            return {
                **headers,
                "wsgi.url_scheme": "http",
                "RAW_URI": self.path,
                "SERVER_NAME": _HOST,
                "SERVER_PORT": port,
            }

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
            self.socket.settimeout(LONGEST_ACCEPT)

        def handle_error(self, *_: object) -> None:
            """Say nothing of connections that break when a process is killed."""

    server = Server((_HOST, 0), Handler)
    return server
