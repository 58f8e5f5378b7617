"""The programs that a check begins: each in a session of its own, with a log; all end, and whatever they began, too."""

import ipaddress
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_LINES_OF_A_LOG = 30
_PATIENCE = 5.0  # seconds between SIGTERM and SIGKILL


class CheckFailedError(Exception):
    """Something was not as it should be; the message is one sentence that says what."""


class Programs:
    """Begin programs and end them together; a context manager."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Take where the logs go, and all that every program finds in its environment."""
        self._folder, self._environment = folder, environment
        self._begun: dict[str, subprocess.Popen[bytes]] = {}

    def begin(self, name: str, command: Sequence[str], **environment: str) -> None:
        """Begin a program that stays, with further variables of its environment."""
        with self._log_of(name).open("wb") as log:
            self._begun[name] = subprocess.Popen(  # nosec B603 # noqa: S603 - the check's own commands
                command,
                env={**self._environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the check, which then ends its programs in their order
            )

    def run(self, name: str, command: Sequence[str], *, limit: float) -> str:
        """Run a program to its end, for `limit` seconds at most, and give what it printed.

        Raises:
            CheckFailedError: it ended with an error, or not at all.
        """
        self.begin(name, command)
        try:
            status = self._begun[name].wait(limit)
        except subprocess.TimeoutExpired:
            raise CheckFailedError(f"{name} did not end within {limit:.0f} seconds.") from None
        if status != 0:
            raise CheckFailedError(f"{name} ended with exit status {status}.")
        del self._begun[name]
        return self._log_of(name).read_text(errors="replace")

    def require_alive(self) -> None:
        """Make sure that what was begun to stay has stayed.

        Raises:
            CheckFailedError: a program has ended.
        """
        for name, process in self._begun.items():
            if process.poll() is not None:
                raise CheckFailedError(f"{name} ended by itself with exit status {process.returncode}.")

    def addresses(self) -> set[str]:
        """Give the addresses on which these programs, and whatever they began, take TCP connections."""
        found = set()
        for process in self._members():
            try:
                connections = process.net_connections("tcp")
            except psutil.NoSuchProcess:
                continue
            found |= {str(one.laddr.ip) for one in connections if one.status == psutil.CONN_LISTEN}
        return found

    def require_loopback(self) -> None:
        """Make sure that nobody beyond this machine can reach what was begun.

        Raises:
            CheckFailedError: something listens on another address than the loopback's.
        """
        if beyond := {address for address in self.addresses() if not ipaddress.ip_address(address).is_loopback}:
            raise CheckFailedError(f"Something listens beyond the loopback, on {', '.join(sorted(beyond))}.")

    def tails(self) -> str:
        """Give the last lines of what each program printed that has not ended well."""
        lines = {name: self._log_of(name).read_text(errors="replace").splitlines() for name in self._begun}
        return "\n".join("\n".join([f"--- {name}", *said[-_LINES_OF_A_LOG:]]) for name, said in lines.items())

    def close(self) -> None:
        """End everything: by SIGTERM, the latest first, and after some seconds by SIGKILL."""
        members = self._members()
        for process in reversed(self._begun.values()):
            process.terminate()
        _, alive = psutil.wait_procs(members, timeout=_PATIENCE)
        for one in {*alive, *self._members()}:
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
        for process in self._begun.values():
            process.wait(_PATIENCE)
        self._begun.clear()

    def __enter__(self) -> Self:
        """Return the programs themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        self.close()

    def _members(self) -> set[psutil.Process]:
        """Find every process of these programs: in their sessions, whoever its parent is now, and below those."""
        leaders = {process.pid for process in self._begun.values()}
        found = {one for one in psutil.process_iter() if _session_of(one) in leaders}
        for one in list(found):
            try:
                found.update(one.children(recursive=True))
            except psutil.NoSuchProcess:
                continue
        return found

    def _log_of(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _session_of(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except OSError:  # it has ended, or is none of ours
        return None
