# SPDX-License-Identifier: Apache-2.0
"""One Metadata request (version 1, which 0.10 to 4.x all speak): which brokers a node knows."""

import socket
import struct

API_METADATA = 3
VERSION = 1


def _string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def metadata_request(correlation_id):
    """A framed Metadata v1 request for no topic at all (request header v1)."""
    body = struct.pack(">hhi", API_METADATA, VERSION, correlation_id)
    body += _string("kafka-cluster") + struct.pack(">i", 0)
    return struct.pack(">i", len(body)) + body


def parse_metadata(frame, correlation_id):
    """{node id: (host, port)} of a Metadata v1 response without its length; ValueError if bad."""
    try:
        got, count = struct.unpack_from(">ii", frame)
        if got != correlation_id:
            raise ValueError(f"correlation id {got} instead of {correlation_id}")
        at, brokers = 8, {}
        for _ in range(count):
            node, length = struct.unpack_from(">ih", frame, at)
            at += 6
            host = frame[at : at + length].decode()
            (port, rack) = struct.unpack_from(">ih", frame, at + length)
            at += length + 6 + max(rack, 0)
            brokers[node] = (host, port)
        return brokers
    except struct.error as error:
        raise ValueError(f"a Metadata response of {len(frame)} bytes ends early") from error


def _receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise OSError("the broker closed the connection")
        data += piece
    return data


def brokers_known_to(port, timeout=2.0):
    """Ask the node at that PLAINTEXT port; OSError or ValueError while it does not serve."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.settimeout(timeout)
        connection.sendall(metadata_request(1))
        (size,) = struct.unpack(">i", _receive(connection, 4))
        if not 8 <= size <= 1 << 20:
            raise ValueError(f"a Metadata response of {size} bytes")
        return parse_metadata(_receive(connection, size), 1)
