# SPDX-License-Identifier: Apache-2.0
"""Balancers choose, bit for bit, what Java, librdkafka and kafka-go compute when they are run."""

import ctypes
import ctypes.util
import itertools
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest

import apache

COUNTS = (1, 2, 3, 7, 12, 100, 1000)
LEAST = 10_000  # keys that decide, for each function
KEYS = 12_500  # with those that do not
SEED = 20_260_101


def make_keys():
    """Random bytes of 0 to 300, printable text, UTF-8; all short lengths; empty ones and nulls."""
    chance = random.Random(SEED)
    keys = [None, b"", b"\0", b"\xff" * 4, b"\x80\x00\x00\x00"]
    keys += [bytes([n % 256]) * n for n in range(301)]
    letters = "azAZ09 _-äßéñ€漢字🚀\u0301\ufeff"
    while len(keys) < KEYS:
        size = chance.randint(0, 300)
        keys += [
            chance.randbytes(size),
            "".join(chance.choices("abcxyz0123456789-_:/ ", k=size)).encode(),
            "".join(chance.choices(letters, k=size // 4)).encode(),
            chance.choice((None, b"", b"key", str(chance.getrandbits(40)).encode())),
        ]
    return keys[:KEYS]


def numbers(*values):
    return struct.pack(f">{len(values)}i", *values)


def make_questions():
    """The records, as all sides read them: a key, and the size of a value."""
    chance = random.Random(SEED + 1)
    pieces = []
    for key in make_keys():
        pieces.append(numbers(-1) if key is None else numbers(len(key)) + key)
        pieces.append(numbers(chance.randint(0, 2000)))
    return b"".join(pieces)


def head(count, leaders=None):
    leaders = range(count) if leaders is None else leaders
    return numbers(count, len(leaders), *leaders)


def unpack(answers):
    return list(struct.unpack(f">{len(answers) // 4}i", answers))


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peer = apache.Peer()
        cls.addClassCleanup(cls.peer_ended)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.keys = make_keys()
        cls.questions = make_questions()

    @classmethod
    def peer_ended(cls):
        if cls.peer.close() != 0:
            raise AssertionError("our side ended with an error")

    def ours(self, name, content, operation="K", chunk=0):
        return unpack(self.peer.ask(operation, name, chunk, content))

    def compare(self, theirs, ours, keys=None):
        """Where theirs and ours differ, if they do."""
        self.assertEqual(len(theirs), len(ours))
        if theirs != ours:
            at = next(i for i, (a, b) in enumerate(zip(theirs, ours)) if a != b)
            what = f", key {keys[at]!r}" if keys else ""
            self.fail(f"number {at}{what}: theirs {theirs[at]}, ours {ours[at]}")


class Java(Case):
    def java(self, what, contents):
        """What Java answers to each of the contents, in one run."""
        files = []
        for number, content in enumerate(contents):
            files += [self.folder / f"questions{number}", self.folder / f"answers{number}"]
            files[-2].write_bytes(content)
        main = "org.apache.kafka.clients.producer.internals.Partitions"
        apache.run_java(main, what, *files)
        return [unpack(file.read_bytes()) for file in files[1::2]]

    def test_keys_go_where_javas_producer_puts_them(self):
        contents = [head(count) + self.questions for count in COUNTS]
        for count, content, theirs in zip(COUNTS, contents, self.java("keys", contents)):
            with self.subTest(partitions=count):
                self.compare(theirs, self.ours("murmur2", content), self.keys)
                self.assertEqual(
                    [key is None for key in self.keys], [chosen == -1 for chosen in theirs]
                )
                self.assertGreaterEqual(sum(chosen != -1 for chosen in theirs), LEAST)

    def test_round_robin_takes_javas_turns_around_partitions_without_leader(self):
        topics = ((1, None), (7, None), (7, [1, 2, 6]), (12, [5]), (3, []))
        contents = [head(*topic) + self.questions for topic in topics]
        for topic, content, theirs in zip(topics, contents, self.java("turns", contents)):
            with self.subTest(topic=topic):
                self.compare(theirs, self.ours("round robin", content, chunk=1))

    def test_the_adaptive_policy_picks_what_java_picks_with_the_same_random_number(self):
        chance = random.Random(SEED + 2)
        pieces = []
        for _ in range(LEAST):
            count = chance.choice(COUNTS[:-1])
            # None, a few or all have a leader; queues are often equal.
            share = chance.choice((0, 0.3, 0.9, 1, 1))
            leaders = [p for p in range(count) if chance.random() < share]
            longest = chance.choice((0, 1, 5, 1000))
            lagging = chance.choice((0, 0, 0.3, 1))
            near = chance.choice((0, 0.4, 1))
            adaptive, rack_aware = chance.random() < 0.8, chance.random() < 0.5
            pieces.append(
                numbers(chance.getrandbits(31), count, adaptive, rack_aware, len(leaders))
            )
            for partition in leaders:
                queue = chance.randint(0, longest)
                lags, is_near = chance.random() < lagging, chance.random() < near
                pieces.append(numbers(partition, queue, lags, is_near))
        content = b"".join(pieces)
        (theirs,) = self.java("picks", [content])
        self.assertEqual(len(theirs), LEAST)
        self.compare(theirs, self.ours("", content, "A"))

    def test_the_uniform_sticky_policy_goes_on_when_java_does(self):
        chance = random.Random(SEED + 3)
        batches = (1, 100, 16_384)
        contents = []
        for batch in batches:
            pieces = [numbers(batch)]
            for _ in range(LEAST):
                size = chance.randint(1, max(1, batch // 3))
                pieces.append(numbers(size, chance.random() < 0.2))
            contents.append(b"".join(pieces))
        for batch, content, theirs in zip(batches, contents, self.java("switches", contents)):
            with self.subTest(batch=batch):
                self.assertIn(1, theirs)
                self.compare(theirs, self.ours("", content, "S"))


class Librdkafka(Case):
    """Its partitioners are functions of its interface, and need a topic, but no broker."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        name = ctypes.util.find_library("rdkafka")
        if name is None:
            apache.cannot("librdkafka is missing: install Debian's package librdkafka1 or kcat")
        library = cls.library = ctypes.CDLL(name)
        pointer = ctypes.c_void_p
        library.rd_kafka_new.restype = library.rd_kafka_topic_new.restype = pointer
        library.rd_kafka_new.argtypes = [ctypes.c_int, pointer, ctypes.c_char_p, ctypes.c_size_t]
        library.rd_kafka_topic_new.argtypes = [pointer, ctypes.c_char_p, pointer]
        library.rd_kafka_topic_destroy.argtypes = library.rd_kafka_destroy.argtypes = [pointer]
        error = ctypes.create_string_buffer(512)
        producer = library.rd_kafka_new(0, None, error, len(error))
        if not producer:
            raise AssertionError(error.value.decode())
        cls.addClassCleanup(library.rd_kafka_destroy, producer)
        cls.topic = library.rd_kafka_topic_new(producer, b"topic", None)
        cls.addClassCleanup(library.rd_kafka_topic_destroy, cls.topic)

    def theirs(self, partitioner, count, keys):
        function = getattr(self.library, f"rd_kafka_msg_partitioner_{partitioner}")
        pointer = ctypes.c_void_p
        function.argtypes = [pointer, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int32]
        function.argtypes += [pointer, pointer]
        function.restype = ctypes.c_int32
        topic = self.topic
        return [function(topic, key, len(key or b""), count, None, None) for key in keys]

    def check(self, partitioner, name, decides):
        """`decides`: whether the key does, with them and with us."""
        kept = [key for key in self.keys if decides(key)]
        self.assertGreaterEqual(len(kept), LEAST)
        for count in COUNTS:
            with self.subTest(partitioner=partitioner, partitions=count):
                ours = self.ours(name, head(count) + self.questions)
                self.assertEqual(
                    [chosen == -1 for chosen in ours], [not decides(key) for key in self.keys]
                )
                ours = [chosen for chosen in ours if chosen != -1]
                self.compare(self.theirs(partitioner, count, kept), ours, kept)

    def test_murmur2_and_murmur2_random(self):
        self.check("murmur2", "murmur2 consistent", lambda key: True)
        self.check("murmur2_random", "murmur2", lambda key: key is not None)

    def test_consistent_and_consistent_random(self):
        self.check("consistent", "crc32 consistent", lambda key: True)
        self.check("consistent_random", "crc32", bool)

    def test_fnv1a_and_fnv1a_random(self):
        for partitioner in ("fnv1a", "fnv1a_random"):
            self.check(partitioner, "hash", lambda key: key is not None)


class KafkaGo(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = apache.go_program(".", cls.folder / "partitions")

    def theirs(self, name, content, chunk=0):
        questions, answers = self.folder / "questions", self.folder / "answers"
        questions.write_bytes(content)
        ended = subprocess.run(
            [self.program, name, str(chunk), questions, answers],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        self.assertEqual(ended.returncode, 0, ended.stdout)
        return unpack(answers.read_bytes())

    def check(self, name, decides):
        """Where the key decides; kafka-go's policies for other records are not ours."""
        for count in COUNTS:
            with self.subTest(partitions=count):
                content = head(count) + self.questions
                ours = self.ours(name, content)
                theirs = self.theirs(name, content)
                self.assertEqual(
                    [chosen == -1 for chosen in ours], [not decides(key) for key in self.keys]
                )
                kept = [
                    both for both in zip(theirs, ours, self.keys, strict=True) if both[1] != -1
                ]
                self.assertGreaterEqual(len(kept), LEAST)
                self.compare(*map(list, zip(*kept, strict=True)))

    def test_murmur2(self):
        self.check("murmur2", lambda key: key is not None)

    def test_murmur2_consistent(self):
        self.check("murmur2 consistent", lambda key: True)

    def test_crc32(self):
        self.check("crc32", bool)

    def test_crc32_consistent(self):
        self.check("crc32 consistent", lambda key: True)

    def test_hash(self):
        self.check("hash", lambda key: key is not None)

    def test_reference_hash(self):
        self.check("reference hash", lambda key: key is not None)

    def test_round_robin_with_chunks(self):
        for count, chunk in itertools.product(COUNTS, (0, 1, 3, 100)):
            with self.subTest(partitions=count, chunk=chunk):
                content = head(count) + self.questions
                theirs = self.theirs("round robin", content, chunk)
                self.compare(theirs, self.ours("round robin", content, chunk=chunk))

    def test_least_bytes(self):
        for count in COUNTS:
            with self.subTest(partitions=count):
                content = head(count) + self.questions
                self.compare(self.theirs("least bytes", content), self.ours("least bytes", content))


if __name__ == "__main__":
    unittest.main()
