"""Where a server of the local stack listens."""

import errno
import socket

# A client that is gone again leaves nothing to accept, and closing would wait for the next one (select(2), BUGS).
LONGEST_ACCEPT = 1.0  # seconds


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one.

    Raises:
        OSError: the port is taken, or the address none of this machine.
    """
    if not host:  # which the system takes for all addresses
        raise OSError(errno.EADDRNOTAVAIL, "No address is given")
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
