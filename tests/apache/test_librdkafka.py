# SPDX-License-Identifier: Apache-2.0
"""Record batches of librdkafka, the other implementation of them, in both directions (kcat)."""

import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

import apache
from capture_broker import FETCH, PRODUCE, TOPIC, CaptureBroker

LEVELS = {"none": [None], "snappy": [None], "gzip": range(1, 10), "lz4": range(0, 13),
          "zstd": [-1, *range(1, 13)]}  # fmt: skip
OUR_LEVELS = {"gzip": range(1, 10), "lz4": range(1, 18), "zstd": [-131072, -5, *range(0, 23)]}
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
# librdkafka takes the newest format that the broker's Produce and Fetch requests can carry.
OLD_VERSIONS = {
    0: {PRODUCE: (0, 1), FETCH: (0, 1)},
    1: {PRODUCE: (0, 2), FETCH: (0, 3)},
}
HEADERS = [("trace", "42"), ("empty", ""), ("trace", "43"), ("null", None)]
COUNT = 50


def records():
    """Key and value of each record; None is null. Together larger than an lz4 block of 64 KiB."""
    for i in range(COUNT):
        key = None if i % 7 == 0 else f"key{i % 5}"
        value = None if i % 11 == 3 else f"value {i} " + f"some words {i % 3} " * (i * 6)
        yield key, value


def hexed(text):
    return "null" if text is None else "'" + text.encode().hex()


@unittest.skipIf(not shutil.which("kcat") and os.environ.get("CI") != "true", "kcat is missing")
class Librdkafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peer = apache.Peer()
        cls.addClassCleanup(cls.peer.close)
        try:
            cls.peer.ask("P", "EndTxnResponse", 0, b'{"throttleTimeMs":0,"errorCode":0}')
        except ValueError:
            apache.cannot("nlohmann-json3-dev is not installed, so there is no JSON form")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.input = os.path.join(folder.name, "records")
        with open(cls.input, "w") as file:
            for key, value in records():
                file.write(f"{key or ''}\t{value or ''}\n")

    def produce(self, *options, versions=()):
        """What librdkafka sends for the records, as the record data of each request."""
        with CaptureBroker(self.peer, versions=versions) as broker:
            self.kcat(broker, "-P", "-p", "0", "-K", "\t", "-Z", "-l", "-X", "linger.ms=100",
                      *options, self.input)  # fmt: skip
            return broker.captured

    def kcat(self, broker, *arguments):
        ended = subprocess.run(
            ["kcat", "-q", "-b", f"127.0.0.1:{broker.port}", "-t", TOPIC, "-X",
             "broker.address.family=v4", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=60,
        )  # fmt: skip
        self.assertEqual(ended.returncode, 0, ended.stderr.decode())
        return ended.stdout.decode()

    def check(self, captured, magic, codec, headers=()):
        """We read from record data what went into it; returns the lines of the batches."""
        lines = [self.peer.ask("B", payload=data).decode().splitlines() for data in captured]
        lines = sum(lines, [])
        batches = [line for line in lines if line.startswith("batch ")]
        found = [line.split()[2:] for line in lines if line.startswith("  ")]
        times = [int(line.split()[1]) for line in lines if line.startswith("  ")]
        tail = [f"{hexed(key)}={hexed(value)}" for key, value in headers]
        self.assertEqual(found, [[hexed(k), hexed(v), *tail] for k, v in records()])
        self.assertTrue(all(t == -1 if magic == 0 else t > 1_600_000_000_000 for t in times))
        for line in batches:
            self.assertIn(f"magic={magic} ", line)
            self.assertIn(f" codec={codec} ", line)
        return batches

    def test_we_read_its_batches_of_every_codec_and_level(self):
        count = 0
        for codec, levels in LEVELS.items():
            for level in levels:
                with self.subTest(codec=codec, level=level):
                    options = [] if level is None else ["-X", f"compression.level={level}"]
                    self.check(self.produce("-z", codec, *options), 2, codec)
                    count += 1
        print(f"{count} codecs and levels of librdkafka read")

    def test_we_read_its_message_sets(self):
        count = 0
        for magic, versions in OLD_VERSIONS.items():
            for codec in ("none", "gzip", "snappy", "lz4"):
                with self.subTest(magic=magic, codec=codec):
                    captured = self.produce("-z", codec, versions=versions)
                    self.check(captured, magic, codec)
                    count += 1
        print(f"{count} message sets of librdkafka read")

    def test_we_read_its_headers_and_the_marks_of_its_producers(self):
        headers = [w for k, v in HEADERS for w in ("-H", k if v is None else f"{k}={v}")]
        self.check(self.produce(*headers), 2, "none", HEADERS)
        for batch in self.check(self.produce("-X", "enable.idempotence=true"), 2, "none"):
            self.assertIn(" producer=4711/3/0", batch)
        for batch in self.check(self.produce("-X", "transactional.id=mine"), 2, "none"):
            self.assertRegex(batch, " producer=4711/3/0 transactional")

    def test_it_reads_our_batches_of_every_codec_and_level(self):
        (original,) = self.produce()
        served, offset, count = b"", 0, 0
        for number, codec in enumerate(CODECS):
            for level in [None, *OUR_LEVELS.get(codec, [])]:
                head = struct.pack(">bi", number, -(2**31) if level is None else level)
                batch = self.peer.ask("W", payload=head + original)
                # The base offset stands first and outside the checksum.
                served += struct.pack(">q", offset) + batch[8:]
                offset += COUNT
                count += 1
        with CaptureBroker(self.peer, served, offset) as broker:
            output = self.kcat(
                broker, "-C", "-p", "0", "-o", "0", "-c", str(offset), "-X", "check.crcs=true",
                "-X", "fetch.message.max.bytes=100000000", "-f", "%o|%K|%k|%S|%s\n",
            )  # fmt: skip
        expected = []
        for at in range(0, offset, COUNT):
            for i, (key, value) in enumerate(records()):
                sizes = [-1 if text is None else len(text) for text in (key, value)]
                expected.append(f"{at + i}|{sizes[0]}|{key or ''}|{sizes[1]}|{value or ''}")
        self.assertEqual(re.sub(r"\|NULL(?=\||$)", "|", output).splitlines(), expected)
        print(f"{count} codecs and levels of ours read by librdkafka")


if __name__ == "__main__":
    unittest.main()
