"""Where processes listen, as Linux tells it; no other system is asked.

https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
"""

import ipaddress
from collections.abc import Iterable, Iterator
from pathlib import Path

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LISTEN = "0A"


def list_listening(pids: Iterable[int]) -> list[tuple[Address, int]]:
    """List address and port of every TCP socket that any of the processes listens on."""
    return sorted({place for pid in pids for place in _list_listening(pid)}, key=str)


def _list_listening(pid: int) -> Iterator[tuple[Address, int]]:
    process = Path(f"/proc/{pid}")
    own = {str(descriptor.readlink()) for descriptor in (process / "fd").iterdir() if descriptor.is_symlink()}
    for table in ("tcp", "tcp6"):
        for line in (process / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            local, state, inode = fields[1], fields[3], fields[9]
            if state == _LISTEN and f"socket:[{inode}]" in own:
                address, _, port = local.partition(":")
                yield _read_address(address), int(port, 16)


def _read_address(digits: str) -> Address:
    # Each word of four bytes stands in the machine's own order.
    words = (bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8))
    return ipaddress.ip_address(b"".join(words))
