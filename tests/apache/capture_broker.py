# SPDX-License-Identifier: Apache-2.0
"""A broker of one topic with one partition, just good enough for librdkafka: it keeps the record
data of Produce requests as it came and serves given bytes to Fetch. Messages are read and written
by our side (wire-peer), but for Produce, whose oldest versions it does not have.
"""

import base64
import contextlib
import json
import socket
import struct
import threading

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS = 0, 1, 2, 3, 18
FIND_COORDINATOR, INIT_PRODUCER_ID, ADD_PARTITIONS, END_TXN = 10, 22, 24, 26
# The newest versions before the flexible ones, whose header differs.
VERSIONS = {
    PRODUCE: (0, 7),
    FETCH: (4, 11),
    LIST_OFFSETS: (1, 1),
    METADATA: (0, 4),
    FIND_COORDINATOR: (0, 2),
    API_VERSIONS: (0, 0),
    INIT_PRODUCER_ID: (0, 1),
    ADD_PARTITIONS: (0, 0),
    END_TXN: (0, 1),
}
UNSUPPORTED_VERSION = 35
TOPIC = "t"


class CaptureBroker:
    def __init__(self, peer, served=b"", end=0, versions=()):
        """Serves `served`, whose records have the offsets up to `end`. `versions` overrides
        VERSIONS, and so decides the format of what is produced.
        """
        self.captured = []
        self._versions = {**VERSIONS, **dict(versions)}
        self._peer, self._served, self._end = peer, served, end
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = {self._listener}
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            self._threads.append(threading.Thread(target=self._serve, args=[connection]))
            self._threads[-1].start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, EOFError):
            while True:
                (size,) = struct.unpack(">i", read(connection, 4))
                frame = read(connection, size)
                key, version, correlation = struct.unpack_from(">hhi", frame)
                (client,) = struct.unpack_from(">h", frame, 8)
                body = self._answer(key, version, frame[10 + max(client, 0) :])
                if body is not None:
                    head = struct.pack(">ii", len(body) + 4, correlation)
                    connection.sendall(head + body)

    def _answer(self, key, version, request):
        if key == PRODUCE:
            return self._produce(version, request)
        if key == API_VERSIONS:
            code = UNSUPPORTED_VERSION if version > 0 else 0
            keys = [
                {"apiKey": k, "minVersion": low, "maxVersion": high}
                for k, (low, high) in self._versions.items()
            ]
            return self._write("ApiVersionsResponse", 0, {"errorCode": code, "apiKeys": keys})
        return {
            METADATA: self._metadata,
            FETCH: self._fetch,
            LIST_OFFSETS: self._list_offsets,
            FIND_COORDINATOR: self._find_coordinator,
            INIT_PRODUCER_ID: self._init_producer_id,
            ADD_PARTITIONS: self._add_partitions,
            END_TXN: self._end_txn,
        }[key](version, request)

    def _write(self, name, version, fields):
        return self._peer.ask("P", name, version, json.dumps(fields).encode())

    def _produce(self, version, request):
        at = 0
        if version >= 3:
            (size,) = struct.unpack_from(">h", request)
            at = 2 + max(size, 0)
        acks, _, topics, name_size = struct.unpack_from(">hiih", request, at)
        partitions, index, size = struct.unpack_from(">iii", request, at + 12 + name_size)
        records = request[at + 24 + name_size :]
        if (acks, topics, partitions, size) != (acks, 1, 1, len(records)):
            raise ValueError("a Produce request of more than one partition")
        self.captured.append(records)
        answer = struct.pack(">ih", 1, len(TOPIC)) + TOPIC.encode()
        answer += struct.pack(">iihq", 1, index, 0, 0)
        answer += struct.pack(">q", -1) if version >= 2 else b""
        answer += struct.pack(">q", 0) if version >= 5 else b""
        answer += struct.pack(">i", 0) if version >= 1 else b""
        return answer if acks != 0 else None

    def _metadata(self, version, _):
        broker = {"nodeId": 1, "host": "127.0.0.1", "port": self.port}
        topic = {
            "errorCode": 0,
            "name": TOPIC,
            "partitions": [
                {"errorCode": 0, "partitionIndex": 0, "leaderId": 1, "replicaNodes": [1],
                 "isrNodes": [1]}
            ],
        }  # fmt: skip
        answer = {"brokers": [broker], "topics": [topic]}
        if version >= 1:
            broker["rack"] = None
            topic["isInternal"] = False
            answer["controllerId"] = 1
        if version >= 2:
            answer["clusterId"] = "capture"
        if version >= 3:
            answer["throttleTimeMs"] = 0
        return self._write("MetadataResponse", version, answer)

    def _list_offsets(self, version, request):
        asked = json.loads(self._peer.ask("J", "ListOffsetsRequest", version, request))
        (partition,) = asked["topics"][0]["partitions"]
        offset = self._end if partition["timestamp"] == -1 else 0
        found = {"partitionIndex": 0, "errorCode": 0, "timestamp": -1, "offset": offset}
        topic = {"name": TOPIC, "partitions": [found]}
        return self._write("ListOffsetsResponse", version, {"topics": [topic]})

    def _fetch(self, version, request):
        asked = json.loads(self._peer.ask("J", "FetchRequest", version, request))
        offset = asked["topics"][0]["partitions"][0]["fetchOffset"] if asked["topics"] else None
        records = self._served if offset is not None and offset < self._end else b""
        partition = {
            "partitionIndex": 0,
            "errorCode": 0,
            "highWatermark": self._end,
            "lastStableOffset": self._end,
            "abortedTransactions": None,
            "records": base64.b64encode(records).decode(),
        }
        answer = {"throttleTimeMs": 0}
        topic = {"topic": TOPIC, "partitions": [partition]}
        answer["responses"] = [topic] if offset is not None else []
        if version >= 5:
            partition["logStartOffset"] = 0
        if version >= 7:
            answer.update(errorCode=0, sessionId=0)
        if version >= 11:
            partition["preferredReadReplica"] = -1
        return self._write("FetchResponse", version, answer)

    def _find_coordinator(self, version, _):
        answer = {"errorCode": 0, "nodeId": 1, "host": "127.0.0.1", "port": self.port}
        if version >= 1:
            answer.update(throttleTimeMs=0, errorMessage=None)
        return self._write("FindCoordinatorResponse", version, answer)

    def _init_producer_id(self, version, _):
        answer = {"throttleTimeMs": 0, "errorCode": 0, "producerId": 4711, "producerEpoch": 3}
        return self._write("InitProducerIdResponse", version, answer)

    def _add_partitions(self, version, _):
        partition = {"partitionIndex": 0, "partitionErrorCode": 0}
        topic = {"name": TOPIC, "resultsByPartition": [partition]}
        answer = {"throttleTimeMs": 0, "resultsByTopicV3AndBelow": [topic]}
        return self._write("AddPartitionsToTxnResponse", version, answer)

    def _end_txn(self, version, _):
        return self._write("EndTxnResponse", version, {"throttleTimeMs": 0, "errorCode": 0})


def read(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data
