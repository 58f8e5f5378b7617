"""Where a server of the local stack listens."""

import errno
import socket


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one.

    Raises:
        OSError: the port is taken, or the address none of this machine.
    """
    if not host:  # which the system takes for all addresses
        raise OSError(errno.EADDRNOTAVAIL, "No address is given")
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
