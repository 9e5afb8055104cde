# SPDX-License-Identifier: Apache-2.0
"""Free ports that stay ours while a node is down.

Two things could take such a port: the kernel for somebody's outgoing connection (so ports come
from outside the ephemeral range), and another cluster's `up` (so each port is claimed by binding
an abstract Unix socket of its number: atomic, machine-wide, and gone with its last holder).
"""

import errno
import random
import socket

from .faults import FAILED, Fault

LOWEST = 10000
HIGHEST = 65535
FEWEST = 1000
RANGE_FILE = "/proc/sys/net/ipv4/ip_local_port_range"


def ephemeral_range(path=RANGE_FILE):
    """First and last port the kernel gives to outgoing connections."""
    try:
        with open(path, encoding="ascii") as file:
            first, last = file.read().split()
            return int(first), int(last)
    except (OSError, ValueError):
        return 32768, 60999  # Linux's default


def candidates(ephemeral):
    """Ports to choose from: outside the ephemeral range, unless that leaves too few."""
    first, last = ephemeral
    outside = [p for p in range(LOWEST, HIGHEST + 1) if not first <= p <= last]
    return outside if len(outside) >= FEWEST else list(range(LOWEST, HIGHEST + 1))


def is_free(port):
    """Whether nobody has the port on loopback, over TCP or UDP (the KDC uses both)."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def claim(port):
    """A socket that holds the port's claim until closed, or None if another cluster has it."""
    holder = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        holder.bind(f"\0kafka-asio-cluster-port-{port}")
        return holder
    except OSError as error:
        holder.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise


def take(count, chooser=None):
    """`count` distinct free ports and the sockets that hold their claims."""
    pool = candidates(ephemeral_range())
    (chooser or random.SystemRandom()).shuffle(pool)
    ports, holders = [], []
    for port in pool:
        if len(ports) == count:
            break
        holder = claim(port)
        if holder is None:
            continue
        if is_free(port):
            ports.append(port)
            holders.append(holder)
        else:
            holder.close()
    if len(ports) < count:
        for holder in holders:
            holder.close()
        raise Fault(FAILED, f"only {len(ports)} of {count} free ports were found on loopback")
    return ports, holders
