# SPDX-License-Identifier: Apache-2.0
"""Dialer and PartitionConn beside kcat and Java's console tools on a real cluster.

Needs KAFKA_BROKERS, as tools/test sets it; without it the tests are skipped, and fail where
CI=true.
"""

import shutil
import signal
import subprocess
import time
import unittest

import test_interop
from test_interop import BUILD, CODECS, CONSUMER, PRODUCER, RUN, TIMEOUT, call, java, lines_for, need

PEER = BUILD / "tests" / "cluster" / "partition-peer"
PARTITION = "1"


class PartitionConn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        test_interop.Interop.setUpClass.__func__(cls)
        need(PEER.exists(), f"{PEER} is not there")

    remove_topics = test_interop.Interop.__dict__["remove_topics"]
    kasio = test_interop.Interop.kasio

    def topic(self, name):
        return test_interop.Interop.topic(self, f"partition-{name}", 2)

    def peer(self, *args, data=b""):
        return call(PEER, self.brokers, *args, data=data)

    def read(self, topic, isolation="read_committed"):
        return self.peer("read", topic, PARTITION, isolation)

    def test_every_operation_does_what_it_says(self):
        self.assertEqual(self.peer("checklist", f"partition-{RUN}-checklist"), b"")

    def test_what_it_writes_kcat_and_java_and_it_itself_read(self):
        need(shutil.which("kcat"), "kcat is not installed")
        topic, wanted = self.topic("written"), b""
        for codec in CODECS:
            data = lines_for(codec)
            said = self.peer("write", topic, PARTITION, codec, data=data)
            # Batches follow one another.
            at = wanted.count(b"\n")
            for line in said.splitlines():
                base, count = map(int, line.split())
                self.assertEqual(base, at)
                at += count
            wanted += data
        command = ["kcat", "-b", self.brokers, "-C", "-t", topic, "-p", PARTITION, "-e", "-q"]
        self.assertEqual(call(*command, "-f", "%k\t%s\n"), wanted)
        self.assertEqual(call(*command, "-c", "2", "-f", "%o:%h;"), b"0:h=1;1:h=1;")
        self.assertEqual(self.read(topic), wanted)
        text = java(
            CONSUMER, "--bootstrap-server", self.brokers, "--topic", topic, "--from-beginning",
            "--max-messages", wanted.count(b"\n"), "--timeout-ms", 60_000,
            "--formatter-property", "print.key=true",
        )  # fmt: skip
        self.assertEqual(text, wanted)

    def test_what_kcat_writes_it_reads(self):
        need(shutil.which("kcat"), "kcat is not installed")
        topic, wanted = self.topic("from-kcat"), b""
        for codec in CODECS:
            data = lines_for(codec)
            command = ["kcat", "-b", self.brokers, "-P", "-t", topic, "-p", PARTITION, "-K", "\t"]
            call(*command, "-X", f"compression.codec={codec}", data=data)
            wanted += data
        self.assertEqual(self.read(topic), wanted)

    def test_what_java_writes_it_reads(self):
        topic = f"interop-{RUN}-partition-from-java"
        self.topics.append(topic)
        self.kasio("produce", "-q", "-t", topic, "--create", 2)
        java(
            PRODUCER, "--bootstrap-server", self.brokers, "--topic", topic,
            "--compression-codec", "zstd", "--reader-property", "parse.key=true",
            data=lines_for("zstd"),
        )  # fmt: skip
        read = self.peer("read", topic, "0", "read_committed") + self.read(topic)
        self.assertEqual(sorted(read.splitlines()), sorted(lines_for("zstd").splitlines()))

    def test_aborted_messages_are_read_only_where_they_are_wanted(self):
        need(shutil.which("kcat"), "kcat is not installed")
        topic = self.topic("transactions")

        def start():
            return subprocess.Popen(
                ["kcat", "-b", self.brokers, "-P", "-t", topic, "-p", PARTITION, "-K", "\t",
                 "-X", f"transactional.id={topic}"],
                stdin=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip

        start().communicate(b"k\t1\nk\t2\n", timeout=TIMEOUT)
        aborted = start()
        # kcat sends what fills its buffers while its input stays open.
        aborted.stdin.write(b"k\tnever\n" * 20_000)
        aborted.stdin.flush()
        deadline = time.monotonic() + 60
        while b"never" not in self.read(topic, "read_uncommitted"):
            self.assertLess(time.monotonic(), deadline, "kcat sent nothing")
            time.sleep(0.1)
        self.assertEqual(self.read(topic), b"k\t1\nk\t2\n")
        aborted.send_signal(signal.SIGINT)
        aborted.communicate(timeout=TIMEOUT)
        start().communicate(b"k\t3\n", timeout=TIMEOUT)
        self.assertEqual(self.read(topic), b"k\t1\nk\t2\nk\t3\n")
        dirty = self.read(topic, "read_uncommitted")
        self.assertEqual(set(dirty.splitlines()), {b"k\t1", b"k\t2", b"k\tnever", b"k\t3"})


if __name__ == "__main__":
    unittest.main()
