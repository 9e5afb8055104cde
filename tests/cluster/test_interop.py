# SPDX-License-Identifier: Apache-2.0
"""kasio beside kcat and Java's console tools on a real cluster: what one writes the other reads.

Needs KAFKA_BROKERS, as tools/test sets it; without it the tests are skipped, and fail where
CI=true. Surviving brokers that are killed takes a cluster of its own: KAFKA_ASIO_LONG=1.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
KASIO = BUILD / "tools" / "kasio"
QUICKSTART = BUILD / "tools" / "quickstart-program"
CLUSTER = ROOT / "tools" / "kafka-cluster"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
TIMEOUT = 180

RUN = uuid.uuid4().hex[:8]


def need(condition, reason):
    """Skips without what a test needs; in CI its absence is a failure."""
    if not condition:
        if os.environ.get("CI") == "true":
            raise AssertionError(f"needed in CI: {reason}")
        raise unittest.SkipTest(reason)


def call(*args, data=b"", env=None):
    """The standard output of a command that must succeed."""
    done = subprocess.run(
        [str(arg) for arg in args],
        input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT, env=env,
    )  # fmt: skip
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace")
        raise AssertionError(f"{args[0]} ended with {done.returncode}: {said}")
    return done.stdout


def java(main_class, *args, data=b""):
    return call(sys.executable, CLUSTER, "tool", main_class, *args, data=data)


def lines_for(name):
    """Text that compresses, of several batches, with keys; no line twice."""
    words = "the quick brown fox jumps over the lazy dog \u00e9\u4e16\u754c".split(" ")
    lines = [
        f"{name}-{i}\t{name} line {i} " + " ".join(words[(i + j) % 10] for j in range(i % 40))
        for i in range(8000)
    ]
    return ("\n".join(lines) + "\n").encode()


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.brokers = os.environ.get("KAFKA_BROKERS", "")
        need(cls.brokers, "KAFKA_BROKERS is not set: no real cluster")
        need(KASIO.exists(), f"{KASIO} is not there")
        cls.topics = []
        cls.addClassCleanup(cls.remove_topics)

    @classmethod
    def remove_topics(cls):
        if cls.topics:
            pattern = "|".join(map(re.escape, cls.topics))
            with contextlib.suppress(AssertionError):
                java(
                    "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", cls.brokers,
                    "--delete", "--topic", pattern,
                )  # fmt: skip

    def kasio(self, *args, data=b""):
        env = {**os.environ, "KAFKA_BROKERS": self.brokers}
        return call(KASIO, *args, data=data, env=env)

    def topic(self, name, partitions=1):
        """A new topic with three replicas, where there are three brokers."""
        topic = f"interop-{RUN}-{name}"
        self.topics.append(topic)
        replicas = min(3, self.brokers.count(",") + 1)
        self.kasio("produce", "-q", "-t", topic, "--create", partitions, "--replication", replicas)
        return topic

    def test_what_kasio_produces_kcat_reads(self):
        need(shutil.which("kcat"), "kcat is not installed")
        for codec in CODECS:
            with self.subTest(codec):
                topic, data = self.topic(f"to-kcat-{codec}"), lines_for(codec)
                self.kasio(
                    "produce", "-q", "-t", topic, "-z", codec, "-K", "\\t", "-H", "h=1", data=data
                )
                command = ["kcat", "-b", self.brokers, "-C", "-t", topic, "-e", "-q"]
                self.assertEqual(call(*command, "-f", "%k\t%s\n"), data)
                self.assertEqual(call(*command, "-c", "2", "-f", "%o:%h;"), b"0:h=1;1:h=1;")

    def test_what_kcat_produces_kasio_reads(self):
        need(shutil.which("kcat"), "kcat is not installed")
        for codec in CODECS:
            with self.subTest(codec):
                topic, data = self.topic(f"from-kcat-{codec}"), lines_for(codec)
                command = ["kcat", "-b", self.brokers, "-P", "-t", topic, "-K", "\t", "-H", "h=1"]
                call(*command, "-X", f"compression.codec={codec}", data=data)
                read = self.kasio("consume", "-q", "-e", "-t", topic, "-f", "%k\\t%s\\n")
                self.assertEqual(read, data)
                read = self.kasio("consume", "-t", topic, "-o", "0:2", "-f", "%o:%h;")
                self.assertEqual(read, b"0:h=1;1:h=1;")

    def test_what_kasio_produces_javas_console_consumer_reads(self):
        wanted = {}
        for codec in CODECS:
            topic, wanted[codec] = self.topic(f"to-java-{codec}"), lines_for(codec)
            self.kasio("produce", "-q", "-t", topic, "-z", codec, "-K", "\\t", data=wanted[codec])
        count = sum(data.count(b"\n") for data in wanted.values())
        # One virtual machine reads all the topics; their lines say whose they are.
        text = java(
            CONSUMER, "--bootstrap-server", self.brokers, "--include", f"interop-{RUN}-to-java-.*",
            "--from-beginning", "--max-messages", count, "--timeout-ms", 60_000,
            "--formatter-property", "print.key=true",
        )  # fmt: skip
        for codec in CODECS:
            with self.subTest(codec):
                mine = [line for line in text.splitlines(True) if line.startswith(f"{codec}-".encode())]
                self.assertEqual(b"".join(mine), wanted[codec])

    def test_what_javas_console_producer_writes_kasio_reads(self):
        def write(codec):
            topic = self.topic(f"from-java-{codec}")
            java(
                PRODUCER, "--bootstrap-server", self.brokers, "--topic", topic,
                "--compression-codec", codec, "--reader-property", "parse.key=true",
                data=lines_for(codec),
            )  # fmt: skip
            return topic

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            topics = dict(zip(CODECS, pool.map(write, CODECS)))
        for codec, topic in topics.items():
            with self.subTest(codec):
                read = self.kasio("consume", "-q", "-e", "-t", topic, "-f", "%k\\t%s\\n")
                self.assertEqual(read, lines_for(codec))

    def test_keys_go_to_the_partitions_where_java_puts_them(self):
        data = b"".join(b"key-%d\tvalue\n" % i for i in range(200))
        ours, theirs = self.topic("keys-kasio", 7), self.topic("keys-java", 7)
        self.kasio("produce", "-q", "-t", ours, "-K", "\\t", data=data)
        java(
            PRODUCER, "--bootstrap-server", self.brokers, "--topic", theirs,
            "--reader-property", "parse.key=true", data=data,
        )  # fmt: skip
        read = [
            sorted(self.kasio("consume", "-q", "-e", "-t", topic, "-f", "%k %p\\n").splitlines())
            for topic in (ours, theirs)
        ]
        self.assertEqual(len(read[0]), 200)
        self.assertEqual(read[0], read[1])

    def test_metadata_and_offsets_are_what_kcat_says(self):
        need(shutil.which("kcat"), "kcat is not installed")
        topic = self.topic("described", 3)
        self.kasio("produce", "-q", "-t", topic, "-p", 1, data=b"a\nb\nc\n")
        theirs = call("kcat", "-b", self.brokers, "-L", "-t", topic).decode()
        ours = self.kasio("metadata", "-t", topic).decode()
        # kcat's lines of partitions are indented and end alike.
        wanted = sorted(line.strip() for line in theirs.splitlines() if "partition " in line)
        found = sorted(line.strip() for line in ours.splitlines() if line.startswith("    part"))
        self.assertEqual(found, wanted)
        self.assertEqual(self.kasio("consume", "-t", topic, "-o", "-2", "-e"), b"b\nc\n")

    def test_records_of_transactions_are_shown_when_they_are_committed(self):
        need(shutil.which("kcat"), "kcat is not installed")
        topic = self.topic("transactions")

        def start():
            return subprocess.Popen(
                ["kcat", "-b", self.brokers, "-P", "-t", topic, "-X", f"transactional.id={topic}"],
                stdin=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip

        start().communicate(b"1\n2\n", timeout=TIMEOUT)
        aborted = start()
        # kcat sends what fills its buffers while its input stays open.
        aborted.stdin.write(b"never\n" * 20_000)
        aborted.stdin.flush()
        dirty = ["consume", "-q", "-e", "-t", topic, "--isolation", "read_uncommitted"]
        deadline = time.monotonic() + 60
        while b"never" not in self.kasio(*dirty):
            self.assertLess(time.monotonic(), deadline, "kcat sent nothing")
            time.sleep(0.1)
        self.assertEqual(self.kasio("consume", "-q", "-e", "-t", topic), b"1\n2\n")
        aborted.send_signal(signal.SIGINT)
        aborted.communicate(timeout=TIMEOUT)
        start().communicate(b"3\n", timeout=TIMEOUT)
        self.assertEqual(self.kasio("consume", "-q", "-e", "-t", topic), b"1\n2\n3\n")
        self.assertEqual(set(self.kasio(*dirty).split()), {b"1", b"2", b"never", b"3"})

    def test_a_record_above_the_topics_limit_is_refused_by_its_number(self):
        topic = self.topic("large")
        done = subprocess.run(
            [str(KASIO), "produce", "-b", self.brokers, "-t", topic],
            input=b"a\n" + b"x" * 1_100_000 + b"\n", stderr=subprocess.PIPE, timeout=TIMEOUT,
        )  # fmt: skip
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"record 2 (1100000 bytes) could not be delivered", done.stderr)
        self.assertEqual(self.kasio("consume", "-e", "-t", topic), b"a\n")

    def test_the_quickstart_program_uses_the_cluster_and_leaves_nothing(self):
        data = b"".join(b"%d of many lines\n" % i for i in range(30_000)) + b"and a last one"
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "lines")
            file.write_bytes(data)
            env = {**os.environ, "KAFKA_BROKERS": self.brokers}
            text = call(QUICKSTART, file, env=env).decode()
        self.assertIn(self.brokers, text)
        self.assertIn("all 30,001 lines", text)
        topic = re.search(r"^topic (quickstart-\S+) with 6 partitions on", text, re.M).group(1)
        self.assertNotIn(topic, self.kasio("metadata").decode())


@unittest.skipUnless(os.environ.get("KAFKA_ASIO_LONG"), "takes minutes: KAFKA_ASIO_LONG=1")
class Surviving(unittest.TestCase):
    """On a cluster of its own, since its brokers are killed."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="kasio-cluster-")
        up = subprocess.run(
            [sys.executable, CLUSTER, "up", "--owner", str(os.getpid()), "--dir", cls.folder],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600,
        )  # fmt: skip
        cls.addClassCleanup(cls.take_down)
        need(up.returncode not in (3, 4), up.stderr.decode())
        if up.returncode != 0:
            raise AssertionError(up.stderr.decode())
        settings = dict(word.split("=", 1) for word in shlex.split(up.stdout.decode()))
        cls.env = {**os.environ, "KAFKA_BROKERS": settings["KAFKA_BROKERS"]}

    @classmethod
    def take_down(cls):
        cls.control("down")
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def control(cls, *args):
        call(sys.executable, CLUSTER, args[0], "--dir", cls.folder, *args[1:])

    def test_brokers_that_die_while_producing_cost_no_record_and_double_none(self):
        count = 400
        call(
            KASIO, "produce", "-q", "-t", "survivor", "--create", 6, "--replication", 3, env=self.env
        )
        producer = subprocess.Popen(
            [str(KASIO), "produce", "-t", "survivor"],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env,
        )  # fmt: skip
        consumer = subprocess.Popen(
            [str(KASIO), "consume", "-q", "-t", "survivor", "-c", str(count)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env,
        )  # fmt: skip
        self.addCleanup(consumer.kill)
        self.addCleanup(producer.kill)
        for i in range(count):
            producer.stdin.write(b"line %d\n" % i)
            producer.stdin.flush()
            time.sleep(0.05)
            if i in (50, 200):
                node = 1 if i == 50 else 2
                self.control("kill", node)
            if i in (120, 280):
                self.control("restart", 1 if i == 120 else 2)
        _, said = producer.communicate(timeout=TIMEOUT)
        self.assertEqual(producer.returncode, 0, said)
        wanted = sorted(b"line %d" % i for i in range(count))
        read = call(KASIO, "consume", "-q", "-e", "-t", "survivor", env=self.env)
        self.assertEqual(sorted(read.splitlines()), wanted)
        live, said = consumer.communicate(timeout=TIMEOUT)
        self.assertEqual(consumer.returncode, 0, said)
        self.assertEqual(sorted(live.splitlines()), wanted)


if __name__ == "__main__":
    unittest.main()
