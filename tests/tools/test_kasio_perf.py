# SPDX-License-Identifier: Apache-2.0
"""kasio perf, against the development broker."""

import json
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from test_kasio import TIMEOUT, Broker, WithBroker, run

INTERVAL = (
    r"\d+ records sent, \d+\.\d records/sec \(\d+\.\d\d MB/sec\), "
    r"\d+\.\d ms avg latency, \d+\.\d ms max latency\.\n"
)


def total(what=""):
    return (
        r"\d+" + what + r" records sent, \d+\.\d{6} records/sec \(\d+\.\d\d MB/sec\), "
        r"\d+\.\d\d ms avg latency, \d+\.\d\d ms max latency, "
        r"\d+ ms 50th, \d+ ms 95th, \d+ ms 99th, \d+ ms 99\.9th\.\n"
    )


class Producing(WithBroker):
    def perf(self, topic, *args):
        return self.ok("perf", "produce", "-t", topic, *args).decode()

    def refuses(self, status, pattern, *args):
        done = self.broker.run("perf", "produce", *args)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, status, said)
        self.assertRegex(said, rf"\Akasio: perf produce: .*{pattern}.*\n\Z")

    def test_all_records_arrive_and_the_total_reads_as_javas(self):
        topic = self.broker.topic(3)
        text = self.perf(topic, "--num-records", 5000, "--record-size", 100)
        self.assertRegex(text, rf"\A{total()}\Z")
        self.assertTrue(text.startswith("5000 records"), text)
        values = self.consume(topic).split()
        self.assertEqual(len(values), 5000)
        self.assertRegex(values[0], rb"\A[A-Z]{100}\Z")
        self.assertGreater(len({*values}), 3000)

    def test_a_rate_is_kept_and_a_line_is_printed_for_each_interval(self):
        topic = self.broker.topic()
        began = time.monotonic()
        text = self.perf(
            topic, "-n", 100, "-s", 10, "--throughput", 50, "--print-interval", 0.5, "-a", "1"
        )
        self.assertGreater(time.monotonic() - began, 1.8)
        self.assertRegex(text, rf"\A(?:{INTERVAL}){{2,5}}{total()}\Z")

    def test_warm_up_has_a_second_total(self):
        topic = self.broker.topic()
        text = self.perf(topic, "-n", 1000, "-s", 10, "--warmup-records", 400)
        lines = text.splitlines(True)
        self.assertEqual(
            lines[0],
            "Warmup first 400 records. Steady state results will print after the complete "
            "test summary.\n",
        )
        self.assertRegex(lines[-2], rf"\A{total()}\Z")
        self.assertRegex(lines[-1], rf"\A{total(' steady state')}\Z")
        self.assertTrue(lines[-1].startswith("600 steady"), text)

    def test_keys_acknowledgements_and_codecs_are_those_asked_for(self):
        topic = self.broker.topic(3)
        for acks, codec in (("all", "zstd"), ("1", "lz4"), ("0", "gzip")):
            self.perf(topic, "-n", 300, "-s", 50, "--keys", 5, "--acks", acks, "-z", codec)
        deadline = time.monotonic() + 10  # nobody says when records with acks=0 are there
        keys = []
        while len(keys) < 900 and time.monotonic() < deadline:
            keys = self.consume(topic, "-f", "%k\n").split()
        self.assertEqual(len(keys), 900)
        self.assertEqual({*keys}, {b"0", b"1", b"2", b"3", b"4"})

    def test_values_may_come_from_a_file(self):
        topic = self.broker.topic()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "values")
            file.write_bytes(b"one|two|three")
            self.perf(topic, "-n", 100, "--payload-file", file, "--payload-delimiter", "|")
        self.assertEqual({*self.consume(topic).split()}, {b"one", b"two", b"three"})

    def test_json_has_an_object_on_each_line(self):
        topic = self.broker.topic()
        text = self.perf(
            topic, "-n", 60, "-s", 10, "--throughput", 50, "--print-interval", 0.5,
            "--warmup-records", 10, "--json",
        )  # fmt: skip
        told = [json.loads(line) for line in text.splitlines()]
        kinds = [each["type"] for each in told]
        self.assertEqual(kinds[-2:], ["total", "steady_state"])
        self.assertEqual({*kinds[:-2]}, {"interval"})
        self.assertEqual((told[-2]["records"], told[-2]["bytes"]), (60, 600))
        self.assertEqual(told[-1]["records"], 50)
        latency = told[-2]["latency_ms"]
        self.assertLessEqual(latency["p50"], latency["p99.9"])
        self.assertLessEqual(latency["p99.9"], latency["max"])
        self.assertEqual(told[-2]["failed"], 0)

    def test_quiet_leaves_the_total_alone(self):
        topic = self.broker.topic()
        args = ["-n", 60, "-s", 10, "--throughput", 100, "--print-interval", 0.2, "-q"]
        text = self.perf(topic, *args, "--warmup-records", 1)
        self.assertRegex(text, rf"\A{total()}{total(' steady state')}\Z")

    def test_settings_of_producers_are_taken(self):
        topic = self.broker.topic()
        self.perf(topic, "-n", 10, "-s", 10, "-X", "linger.ms=0", "-X", "batch.size=1000")
        self.refuses(2, "linger.ms='x': expected a number", "-t", topic, "-n", 1, "-s", 1,
                     "-X", "linger.ms=x")  # fmt: skip
        done = self.broker.run("perf", "produce", "-t", "t", "-n", 1, "-X", "dump", "-z", "gzip:9")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"compression=gzip, compression_level=9", done.stdout)

    def test_wrong_options_are_refused_in_one_sentence(self):
        topic = ["-t", "t"]
        for pattern, *args in (
            ("--num-records is required", *topic, "-s", 1),
            ("give one of --record-size and --payload-file", *topic, "-n", 1),
            ("give one of --record-size", *topic, "-n", 1, "-s", 1, "--payload-file", "x"),
            ("--warmup-records: fewer than", *topic, "-n", 5, "-s", 1, "--warmup-records", 5),
            ("--throughput: a number", *topic, "-n", 5, "-s", 1, "--throughput", 0),
            ("--payload-delimiter: it is empty", *topic, "-n", 1, "--payload-file", "x",
             "--payload-delimiter", ""),
        ):  # fmt: skip
            with self.subTest(args=args):
                self.refuses(2, pattern, *args)
        self.refuses(6, "/not/there: No such file", *topic, "-n", 1, "--payload-file", "/not/there")
        self.refuses(4, "topic nowhere does not exist .--create", "-t", "nowhere", "-n", 1, "-s", 1)
        self.assertEqual(run("perf").returncode, 2)
        self.assertEqual(run("perf", "produce", "--help").returncode, 0)

    def test_records_that_are_refused_are_named_and_not_counted(self):
        broker = Broker("--message-max-bytes", "5000", "-t", "t:1")
        self.addCleanup(broker.stop)
        done = broker.run("perf", "produce", "-t", "t", "-n", 3, "-s", 20_000, "--json")
        self.assertEqual(done.returncode, 4, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual((told["records"], told["failed"]), (0, 3))
        self.assertRegex(
            done.stderr.decode(),
            r"\Akasio: perf produce: topic t partition 0: 3 records could not be delivered: .*\n\Z",
        )

    def test_ctrl_c_ends_it_with_the_total_of_what_was_done(self):
        topic = self.broker.topic()
        process = self.broker.start(
            "perf", "produce", "-t", topic, "-n", 1_000_000, "-s", 10, "--throughput", 100,
            "--print-interval", 0.5, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.assertRegex(process.stdout.readline().decode(), INTERVAL)
        process.send_signal(signal.SIGINT)
        shown, said = process.communicate(timeout=TIMEOUT)
        self.assertEqual((process.returncode, said), (130, b""))
        self.assertRegex(shown.decode(), rf"\A(?:{INTERVAL})?{total()}\Z")


if __name__ == "__main__":
    unittest.main()
