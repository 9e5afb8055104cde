# SPDX-License-Identifier: Apache-2.0
"""The few requests of Kafka's protocol that the tool makes itself, at PLAINTEXT listeners.

A tool of Java's takes seconds to start; tests move a leader while calls are under way.
"""

import socket
import struct

API_METADATA = 3
METADATA_VERSION = 4  # 0.11 to 4.x all speak it; those before create what is asked for
API_ELECT_LEADERS = 43
ELECT_LEADERS_VERSION = 1
API_REASSIGN = 45  # AlterPartitionReassignments
REASSIGN_VERSION = 0
CLIENT_ID = "kafka-cluster"
RESPONSE_LIMIT = 1 << 24
CORRELATION_ID = 1


def _string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def _compact(text):
    data = text.encode()
    return _unsigned(len(data) + 1) + data


def _unsigned(value):
    """An unsigned varint."""
    data = b""
    while value > 0x7F:
        data += bytes([value & 0x7F | 0x80])
        value >>= 7
    return data + bytes([value])


def _frame(api, version, correlation_id, body, flexible=False):
    head = struct.pack(">hhi", api, version, correlation_id) + _string(CLIENT_ID)
    data = head + (b"\0" if flexible else b"") + body
    return struct.pack(">i", len(data)) + data


def metadata_request(correlation_id, topics=()):
    """A framed Metadata request for these topics; for none of them without any."""
    body = struct.pack(">i", len(topics)) + b"".join(map(_string, topics))
    body += struct.pack(">b", 0)  # and creates none
    return _frame(API_METADATA, METADATA_VERSION, correlation_id, body)


def reassign_request(correlation_id, topic, partition, replicas, timeout_ms):
    """A framed AlterPartitionReassignments request for one partition (KIP-455)."""
    body = struct.pack(">i", timeout_ms) + _unsigned(2) + _compact(topic)
    body += _unsigned(2) + struct.pack(">i", partition)
    body += _unsigned(len(replicas) + 1) + struct.pack(f">{len(replicas)}i", *replicas)
    return _frame(API_REASSIGN, REASSIGN_VERSION, correlation_id, body + b"\0\0\0", flexible=True)


def elect_request(correlation_id, topic, partition, timeout_ms):
    """A framed ElectLeaders request: the preferred leader of one partition (KIP-460)."""
    body = struct.pack(">bi", 0, 1) + _string(topic) + struct.pack(">ii", 1, partition)
    return _frame(API_ELECT_LEADERS, ELECT_LEADERS_VERSION, correlation_id,
                  body + struct.pack(">i", timeout_ms))


class _Reader:
    """Takes a response apart; ValueError where it ends early."""

    def __init__(self, frame, correlation_id, flexible=False):
        self.frame = frame
        self.at = 0
        got = self.take(">i")
        if got != correlation_id:
            raise ValueError(f"correlation id {got} instead of {correlation_id}")
        if flexible:
            self.tags()

    def take(self, form):
        """One number."""
        try:
            (value,) = struct.unpack_from(form, self.frame, self.at)
        except struct.error as error:
            raise ValueError(f"a response of {len(self.frame)} bytes ends early") from error
        self.at += struct.calcsize(form)
        return value

    def unsigned(self):
        """An unsigned varint."""
        value = shift = 0
        while True:
            byte = self.take(">B")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def text(self, compact=False):
        """A string, or None."""
        size = self.unsigned() - 1 if compact else self.take(">h")
        if size < 0:
            return None
        if self.at + size > len(self.frame):
            raise ValueError(f"a response of {len(self.frame)} bytes ends early")
        self.at += size
        return self.frame[self.at - size : self.at].decode()

    def tags(self):
        """Tagged fields, which none of ours has."""
        for _ in range(self.unsigned()):
            self.unsigned()
            self.at += self.unsigned()

    def each(self, read, compact=False):
        """The elements of an array."""
        count = self.unsigned() - 1 if compact else self.take(">i")
        return [read() for _ in range(count)]


def _broker(reader):
    node, host, port = reader.take(">i"), reader.text(), reader.take(">i")
    reader.text()  # the rack
    return node, (host, port)


def parse_metadata(frame, correlation_id):
    """{node id: (host, port)} of a Metadata response without its length; ValueError if bad."""
    reader = _Reader(frame, correlation_id)
    reader.take(">i")  # the throttle time
    return dict(reader.each(lambda: _broker(reader)))


def parse_partitions(frame, correlation_id):
    """{topic: {partition: (leader, [replica], [in-sync replica])}} of a Metadata response."""
    reader = _Reader(frame, correlation_id)
    reader.take(">i")  # the throttle time
    reader.each(lambda: _broker(reader))
    reader.text()  # the cluster's id
    reader.take(">i")  # the controller

    def numbers():
        return reader.each(lambda: reader.take(">i"))

    def partition():
        reader.take(">h")  # LEADER_NOT_AVAILABLE shows in the leader, -1
        return reader.take(">i"), (reader.take(">i"), numbers(), numbers())

    def topic():
        error, name = reader.take(">h"), reader.text()
        reader.take(">b")
        partitions = dict(reader.each(partition))
        return name, {} if error else partitions

    return dict(reader.each(topic))


def parse_reassign(frame, correlation_id):
    """(error code, message) of an AlterPartitionReassignments response: the first that is not 0."""
    reader = _Reader(frame, correlation_id, flexible=True)
    reader.take(">i")
    errors = [(reader.take(">h"), reader.text(compact=True))]

    def partition():
        reader.take(">i")
        errors.append((reader.take(">h"), reader.text(compact=True)))
        reader.tags()

    def topic():
        reader.text(compact=True)
        reader.each(partition, compact=True)
        reader.tags()

    reader.each(topic, compact=True)
    return next((error for error in errors if error[0]), (0, None))


def parse_elect(frame, correlation_id):
    """(error code, message) of an ElectLeaders response: the first that is not 0."""
    reader = _Reader(frame, correlation_id)
    reader.take(">i")
    errors = [(reader.take(">h"), None)]

    def partition():
        reader.take(">i")
        errors.append((reader.take(">h"), reader.text()))

    def topic():
        reader.text()
        reader.each(partition)

    reader.each(topic)
    return next((error for error in errors if error[0]), (0, None))


def _receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise OSError("the broker closed the connection")
        data += piece
    return data


def exchange(port, request, timeout=2.0):
    """The response to one framed request, without its length; OSError or ValueError."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.settimeout(timeout)
        connection.sendall(request)
        (size,) = struct.unpack(">i", _receive(connection, 4))
        if not 4 <= size <= RESPONSE_LIMIT:
            raise ValueError(f"a response of {size} bytes")
        return _receive(connection, size)


def brokers_known_to(port, timeout=2.0):
    """Ask the node at that PLAINTEXT port; OSError or ValueError while it does not serve."""
    answer = exchange(port, metadata_request(CORRELATION_ID), timeout)
    return parse_metadata(answer, CORRELATION_ID)
