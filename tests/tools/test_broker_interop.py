# SPDX-License-Identifier: Apache-2.0
"""kcat and the Java client against the development broker (`kasio broker`).

KAFKA_ASIO_BUILD is the build folder with tools/kasio (default: build/check). A tool that cannot be
had skips its tests; with CI=true that is a failure.
"""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
KASIO = BUILD / "tools" / "kasio"
CLUSTER = ROOT / "tools" / "kafka-cluster"
TRANSACTIONS = ROOT / "tests" / "tools" / "Transactions.java"
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def missing(reason):
    if os.environ.get("CI") == "true":
        raise AssertionError(reason)
    raise unittest.SkipTest(reason)


class Broker:
    """`kasio broker` as a process; ends with its input."""

    def __init__(self, *arguments):
        if not os.access(KASIO, os.X_OK):
            missing(f"no program {KASIO}: build it, or set KAFKA_ASIO_BUILD")
        self.process = subprocess.Popen(
            [KASIO, "broker", "--until-input-ends", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.bootstrap = line.strip().partition("=")[2]
        if not self.bootstrap:
            self.stop()
            raise AssertionError(f"kasio broker says {line!r}")

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Interop(unittest.TestCase):
    def setUp(self):
        self.broker = Broker("--topic", "t:3")
        self.addCleanup(self.broker.stop)


class Kcat(Interop):
    def kcat(self, *arguments, text=None):
        if not shutil.which("kcat"):
            missing("kcat is not installed")
        done = subprocess.run(["kcat", "-b", self.broker.bootstrap, *arguments], input=text,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_lists_brokers_and_topics(self):
        listed = json.loads(self.kcat("-L", "-J"))
        self.assertEqual(len(listed["brokers"]), 3)
        topic, = listed["topics"]
        self.assertEqual(topic["topic"], "t")
        self.assertEqual([p["leader"] for p in topic["partitions"]], [1, 2, 3])

    def test_produces_and_consumes_with_every_codec(self):
        values = [f"value {i}" for i in range(1000)]
        for codec in CODECS:
            with self.subTest(codec=codec):
                topic = f"made-by-{codec}"
                self.kcat("-P", "-t", topic, "-p", "0", "-z", codec, text="\n".join(values) + "\n")
                got = self.kcat("-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q")
                self.assertEqual(got.splitlines(), values)

    def test_an_idempotent_producer_is_served(self):
        self.kcat("-P", "-t", "t", "-p", "1", "-X", "enable.idempotence=true", text="a\nb\nc\n")
        self.assertEqual(self.kcat("-Q", "-t", "t:1:-1").split()[-1], "3")


class Java(Interop):
    def tool(self, name, *arguments, text=None):
        ready = subprocess.run([CLUSTER, "check"], capture_output=True, text=True, timeout=600)
        if ready.returncode:
            missing(f"kafka-tools cannot be had: {ready.stdout}{ready.stderr}")
        return subprocess.run(
            [CLUSTER, "tool", f"org.apache.kafka.tools.{name}",
             "--bootstrap-server", self.broker.bootstrap, *arguments],
            input=text, capture_output=True, text=True, timeout=120)

    def test_produces_and_consumes(self):
        produced = self.tool("VerifiableProducer", "--topic", "t", "--max-messages", "500")
        self.assertEqual(produced.returncode, 0, produced.stderr)
        acks = [json.loads(line) for line in produced.stdout.splitlines()]
        acks = [ack for ack in acks if ack["name"] == "producer_send_success"]
        self.assertEqual(len(acks), 500)

        got = []
        for partition in range(3):
            count = sum(ack["partition"] == partition for ack in acks)
            if not count:
                continue
            # With a partition and an offset the consumer needs no group.
            consumed = self.tool(
                "consumer.ConsoleConsumer", "--topic", "t", "--partition", str(partition),
                "--offset", "earliest", "--max-messages", str(count), "--timeout-ms", "20000")
            self.assertEqual(consumed.returncode, 0, consumed.stderr)
            got += consumed.stdout.split()
        self.assertEqual(sorted(got, key=int), [str(i) for i in range(500)])


class JavaTransactions(unittest.TestCase):
    """Java's transactional producer, and what its consumers see of it."""

    def see(self, *options):
        ready = subprocess.run([CLUSTER, "jars"], capture_output=True, text=True, timeout=600)
        if ready.returncode or not shutil.which("java"):
            missing(f"kafka-clients cannot be had: {ready.stdout}{ready.stderr}")
        broker = Broker("--topic", "t:3", *options)
        self.addCleanup(broker.stop)
        done = subprocess.run(
            ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m",
             "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
             "-cp", f"{ready.stdout.strip()}/*", TRANSACTIONS, broker.bootstrap, "t", "3"],
            capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    def check(self, seen):
        committed = {f"committed-{i}-{j}" for i in range(12) if i % 3 != 2 for j in range(20)}
        self.assertEqual(set(seen["committed"].split(",")), committed | {"committed-second"})
        self.assertNotIn("twice", seen)
        self.assertEqual(int(seen["all"]), 12 * 20 + 2)
        self.assertEqual(seen["before"], "false")
        self.assertEqual(seen["offset"], "110")  # of the last one that was committed

    def test_transactions_of_version_2_are_seen_whole_or_not_at_all(self):
        seen = self.see()
        self.check(seen)
        self.assertIn(seen["fenced"], ("ProducerFencedException", "InvalidProducerEpochException"))

    def test_transactions_of_version_1_are_seen_whole_or_not_at_all(self):
        seen = self.see("--transaction-version", "1")
        self.check(seen)
        self.assertIn(seen["fenced"], ("ProducerFencedException", "InvalidProducerEpochException"))


if __name__ == "__main__":
    unittest.main()
