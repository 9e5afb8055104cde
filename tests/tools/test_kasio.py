# SPDX-License-Identifier: Apache-2.0
"""The program kasio, against the development broker that it brings along."""

import base64
import contextlib
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
KASIO = BUILD / "tools" / "kasio"
QUICKSTART = BUILD / "tools" / "quickstart-program"
TIMEOUT = 60

ENV = {
    **{
        name: value
        for name, value in os.environ.items()
        if name != "KAFKA_BROKERS" and not name.startswith("KASIO_")
    },
    "XDG_CONFIG_HOME": "/nonexistent",  # the settings of whoever runs this
}


def run(*args, data=b"", env=None, program=KASIO, **options):
    """Runs a command to its end."""
    options.setdefault("stdout", subprocess.PIPE)
    command = [str(program), *map(str, args)]
    return subprocess.run(
        command, input=data, stderr=subprocess.PIPE, timeout=TIMEOUT, env=env or ENV, **options
    )


class Broker:
    """`kasio broker` as a process that ends with this one."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [str(KASIO), "broker", "--until-input-ends", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENV,
        )
        line = self.process.stdout.readline().decode()
        if not line.startswith("BROKERS="):
            self.stop()
            raise RuntimeError(f"kasio broker printed {line!r}")
        self.brokers = line.strip().removeprefix("BROKERS=")
        self._topics = 0

    def stop(self):
        self.process.stdin.close()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def topic(self, partitions=1):
        """A new topic."""
        self._topics += 1
        name = f"topic-{self._topics}"
        made = self.run("produce", "-t", name, "--create", partitions)
        assert made.returncode == 0, made.stderr
        return name

    def env(self):
        return {**ENV, "KAFKA_BROKERS": self.brokers}

    def run(self, *args, **options):
        return run(*args, env=self.env(), **options)

    def start(self, *args, **options):
        return subprocess.Popen([str(KASIO), *map(str, args)], env=self.env(), **options)


class WithBroker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.stop)

    def ok(self, *args, **options):
        """The standard output of a command that must succeed."""
        done = self.broker.run(*args, **options)
        self.assertEqual(done.returncode, 0, done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def produce(self, topic, data, *args):
        return self.ok("produce", "-q", "-t", topic, *args, data=data)

    def consume(self, topic, *args):
        return self.ok("consume", "-q", "-e", "-t", topic, *args)

    def fails(self, status, pattern, *args, **options):
        """A command that must fail with one sentence."""
        done = self.broker.run(*args, **options)
        said = done.stderr.decode("utf-8", "replace")
        self.assertEqual(done.returncode, status, said)
        self.assertRegex(said, rf"\A(?:.*\n)*kasio: {args[0]}: .*{pattern}.*\n(?:.*\n)*\Z")
        return said


class RoundTrips(WithBroker):
    def test_lines_of_any_bytes_come_back_as_they_were(self):
        topic = self.broker.topic()
        every = bytes(c for c in range(256) if c != 10)
        data = b"first\n\n" + every + b"\r\n" + "h\u00e9\u4e16\n".encode() + b"x" * 100_000 + b"\n"
        self.produce(topic, data)
        self.assertEqual(self.consume(topic), data)

    def test_a_last_line_without_a_newline_is_a_record(self):
        topic = self.broker.topic()
        self.produce(topic, b"a\nb")
        self.assertEqual(self.consume(topic), b"a\nb\n")

    def test_every_codec_gives_the_bytes_back_and_makes_them_fewer(self):
        data = b"".join(b"%d the same words again and again\n" % i for i in range(2000))
        for codec in ("none", "gzip", "snappy", "lz4", "zstd", "gzip:9", "lz4:12", "zstd:19"):
            with self.subTest(codec):
                topic = self.broker.topic()
                told = self.ok("produce", "--json", "-t", topic, "-z", codec, data=data)
                self.assertEqual(self.consume(topic), data)
                counts = json.loads(told)
                self.assertEqual(counts["records"], 2000)
                self.assertEqual(counts["bytes"], len(data) - 2000)
                if codec == "none":
                    self.assertGreater(counts["batch_bytes"], len(data))
                else:
                    self.assertLess(counts["batch_bytes"], len(data) / 2)

    def test_many_lines_over_many_partitions_keep_the_order_of_each(self):
        topic = self.broker.topic(6)
        lines = [b"%d:%06d" % (i % 50, i) for i in range(60_000)]
        self.produce(topic, b"\n".join(lines), "-K", ":", "-z", "lz4")
        got = [line.split(b" ") for line in self.consume(topic, "-f", "%p %k:%s\n").splitlines()]
        self.assertEqual(sorted(line for _, line in got), sorted(lines))
        for key in {line.split(b":")[0] for line in lines}:
            of_key = [pair for pair in got if pair[1].startswith(key + b":")]
            self.assertEqual(len({partition for partition, _ in of_key}), 1)
            self.assertEqual([line for _, line in of_key], sorted(line for _, line in of_key))

    def test_lines_without_keys_are_spread_over_all_partitions(self):
        topic = self.broker.topic(6)
        data = b"".join(b"%0100d\n" % i for i in range(60_000))
        self.produce(topic, data, "--batch-size", 10_000)
        partitions = self.consume(topic, "-f", "%p\n").split()
        self.assertEqual({*partitions}, {b"0", b"1", b"2", b"3", b"4", b"5"})

    def test_keys_go_where_java_sends_them(self):
        topic = self.broker.topic(7)
        # Java: toPositive(murmur2(key)) % 7
        hashes = {"21": -973932308, "foobar": -790332482, "abc": 479470107}
        self.produce(topic, "".join(f"{key}|v\n" for key in hashes).encode(), "-K", "|")
        got = dict(line.split() for line in self.consume(topic, "-f", "%k %p\n").decode().splitlines())
        self.assertEqual(got, {k: str((h & 0x7FFFFFFF) % 7) for k, h in hashes.items()})

    def test_a_line_without_the_key_separator_has_no_key_or_the_fixed_one(self):
        topic = self.broker.topic()
        self.produce(topic, b"k=v=w\nplain\n=empty\n", "-K", "=")
        self.assertEqual(self.consume(topic, "-f", "%K,%k,%s;"), b"1,k,v=w;-1,,plain;0,,empty;")
        topic = self.broker.topic()
        self.produce(topic, b"k=v\nplain\n", "-K", "=", "-k", "fixed")
        self.assertEqual(self.consume(topic, "-f", "%k,%s;"), b"k,v;fixed,plain;")

    def test_headers_keep_their_order_and_may_repeat_or_be_null(self):
        topic = self.broker.topic()
        self.produce(topic, b"v\n", "-H", "a=1", "-H", "b", "-H", "a=", "-H", "c=x=y")
        self.assertEqual(self.consume(topic, "-f", "%h"), b"a=1,b=NULL,a=,c=x=y")

    def test_empty_lines_are_empty_records_or_tombstones(self):
        topic = self.broker.topic()
        self.produce(topic, b"k:\n\n", "-K", ":")
        self.produce(topic, b"k:\n\n", "-K", ":", "-Z")
        self.assertEqual(self.consume(topic, "-f", "%S "), b"0 0 -1 -1 ")
        self.assertEqual(self.consume(topic, "-o", "2", "-Z"), b"NULL\nNULL\n")

    def test_delimiters_may_be_any_bytes(self):
        topic = self.broker.topic()
        self.produce(topic, b"a\nb\0c--d\0", "-D", "\\x00")
        self.assertEqual(self.consume(topic, "-D", "<>"), b"a\nb<>c--d<>")
        self.produce(topic, b"1--2--", "-D", "--")
        self.assertEqual(self.consume(topic, "-o", "-2", "-D", ","), b"1,2,")

    def test_files_are_read_one_after_the_other(self):
        topic = self.broker.topic()
        with tempfile.TemporaryDirectory() as folder:
            one, two = pathlib.Path(folder, "one"), pathlib.Path(folder, "two")
            one.write_bytes(b"1\n2")
            two.write_bytes(b"3\n")
            self.produce(topic, b"4\n", one, two, "-")
        self.assertEqual(self.consume(topic), b"1\n2\n3\n4\n")

    def test_a_count_ends_producing_and_consuming(self):
        topic = self.broker.topic()
        self.produce(topic, b"1\n2\n3\n4\n", "-c", 3)
        self.assertEqual(self.consume(topic), b"1\n2\n3\n")
        self.assertEqual(self.ok("consume", "-t", topic, "-c", 2), b"1\n2\n")

    def test_tee_shows_what_is_produced(self):
        topic = self.broker.topic()
        self.assertEqual(self.produce(topic, b"1\n2\n", "-T"), b"1\n2\n")

    def test_weaker_acknowledgements_store_records_as_well(self):
        for acks in ("1", "0"):
            with self.subTest(acks):
                topic = self.broker.topic(3)
                self.produce(topic, b"a\nb\n", "-a", acks)
                deadline = time.monotonic() + 10
                while self.consume(topic) != b"a\nb\n" and time.monotonic() < deadline:
                    time.sleep(0.05)  # nobody says when a record with acks=0 is there
                self.assertEqual(self.consume(topic), b"a\nb\n")

    def test_json_gives_back_text_bytes_and_nothing(self):
        topic = self.broker.topic()
        binary = bytes(range(128, 256))
        self.produce(topic, b"k\xff:" + binary + b"\nplain \"\\ \xc3\xa9\n", "-K", ":", "-H", "h=\xe9")
        before = time.time() * 1000
        first, second = map(json.loads, self.consume(topic, "-J").splitlines())
        self.assertEqual(base64.b64decode(first["key_base64"]), b"k\xff")
        self.assertEqual(base64.b64decode(first["value_base64"]), binary)
        self.assertNotIn("value", first)
        self.assertIsNone(second["key"])
        self.assertEqual(second["value"], 'plain "\\ \u00e9')
        self.assertEqual(second["headers"], [{"key": "h", "value": "\u00e9"}])
        self.assertEqual((second["topic"], second["partition"], second["offset"]), (topic, 0, 1))
        self.assertEqual(second["timestamp_type"], "create")
        self.assertLess(abs(second["timestamp"] - before), 60_000)

    def test_batches_too_large_for_the_topic_are_cut_until_they_fit(self):
        broker = Broker("--message-max-bytes", "5000")
        self.addCleanup(broker.stop)
        data = b"".join(b"%06d %s\n" % (i, b"x" * (i % 900)) for i in range(3000))
        env = {"env": broker.env()}
        for codec in ("none", "gzip"):
            made = run("produce", "-q", "-t", codec, "--create", 1, "-z", codec, data=data, **env)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertEqual(run("consume", "-e", "-t", codec, **env).stdout, data)


class Offsets(WithBroker):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.topic = cls.broker.topic()
        cls.times = []
        for i in range(10):
            done = cls.broker.run("produce", "-t", cls.topic, data=b"%d\n" % i)
            assert done.returncode == 0, done.stderr
            time.sleep(0.01)
        done = cls.broker.run("consume", "-e", "-t", cls.topic, "-f", "%T ")
        cls.times = [int(t) for t in done.stdout.split()]

    def check(self, wanted, *offsets, exits=True):
        args = [arg for offset in offsets for arg in ("-o", offset)]
        exit_flag = ["-e"] if exits else []
        got = self.ok("consume", "-q", *exit_flag, "-t", self.topic, "-f", "%s", *args)
        self.assertEqual(got.decode(), wanted)

    def test_offsets_count_from_the_start_from_the_end_or_from_zero(self):
        self.check("0123456789")
        self.check("0123456789", "beginning")
        self.check("", "end")
        self.check("789", "7")
        self.check("89", "-2")
        self.check("23456789", "+2")
        self.check("0123456789", "-100")

    def test_a_range_ends_by_itself(self):
        self.check("345", "3:6", exits=False)
        self.check("", "3:3", exits=False)
        self.check("0123456789", ":end", exits=False)
        self.check("01", ":2", exits=False)
        self.check("89", "-2:end", exits=False)
        self.check("56", "-5:-3", exits=False)

    def test_with_exit_a_range_beyond_the_end_stops_at_the_end(self):
        self.check("89", "8:1000")

    def test_times_are_where_the_first_record_at_or_after_them_is(self):
        third, sixth = self.times[3], self.times[6]
        self.check("3456789", f"s@{third}")
        self.check("345", f"s@{third}", f"e@{sixth}", exits=False)
        self.check("012", f"e@{third}", exits=False)
        self.check("345", f"@{third}:{sixth}", exits=False)
        self.check("0123456789", "@-1h")
        self.check("", "@-0s")

    def test_an_offset_outside_of_the_log_counts_as_its_nearer_end(self):
        done = self.broker.run("consume", "-e", "-t", self.topic, "-o", "50")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertIn(b"outside of a partition's log", done.stderr)

    def test_what_is_no_offset_is_refused(self):
        self.fails(2, "-o: .*offset 'x'", "consume", "-t", self.topic, "-o", "x")

    def test_an_empty_topic_ends_at_once(self):
        self.assertEqual(self.consume(self.broker.topic(6)), b"")

    def test_partitions_can_be_chosen(self):
        topic = self.broker.topic(6)
        for partition in range(6):
            self.produce(topic, b"%d\n" % partition, "-p", partition)
        self.assertEqual(sorted(self.consume(topic, "-p", "1,4", "-p", "5")), sorted(b"1\n4\n5\n"))


class Streams(WithBroker):
    def consumer(self, topic, *args):
        process = self.broker.start(
            "consume", "-t", topic, *args, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.addCleanup(self.end, process)
        return process

    def producer(self, topic, *args):
        process = self.broker.start(
            "produce", "-t", topic, *args,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def line(self, process):
        ready, _, _ = select.select([process.stdout], [], [], TIMEOUT)
        self.assertTrue(ready, "nothing came")
        return process.stdout.readline()

    def test_a_line_is_sent_and_shown_while_input_and_output_stay_open(self):
        topic = self.broker.topic(3)
        consumer = self.consumer(topic)
        producer = self.producer(topic)
        for i in range(5):
            line = b"line %d\n" % i
            producer.stdin.write(line)
            producer.stdin.flush()
            self.assertEqual(self.line(consumer), line)

    def test_ctrl_c_ends_a_consumer_with_its_status_and_what_was_read(self):
        topic = self.broker.topic()
        self.produce(topic, b"a\n")
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            consumer = self.consumer(topic)
            self.assertEqual(self.line(consumer), b"a\n")
            consumer.send_signal(number)
            self.assertEqual(consumer.wait(TIMEOUT), status)
            self.assertEqual(consumer.stderr.read(), b"")

    def test_ctrl_c_ends_a_producer_after_what_was_read_is_delivered(self):
        topic = self.broker.topic()
        producer = self.producer(topic)
        producer.stdin.write(b"a\nb\nnot yet a li")
        producer.stdin.flush()
        consumer = self.consumer(topic, "-c", 2)
        self.assertEqual(consumer.stdout.read(), b"a\nb\n")
        producer.send_signal(signal.SIGINT)
        self.assertEqual(producer.wait(TIMEOUT), 130)
        self.assertEqual(self.consume(topic), b"a\nb\n")

    def test_a_reader_that_has_enough_ends_a_consumer_quietly(self):
        topic = self.broker.topic()
        self.produce(topic, b"0123456789\n" * 200_000)
        consumer = self.consumer(topic)
        self.assertEqual(self.line(consumer), b"0123456789\n")
        consumer.stdout.close()
        self.assertEqual(consumer.wait(TIMEOUT), 0)
        self.assertEqual(consumer.stderr.read(), b"")
        consumer.stdout = None

    def test_progress_is_shown_on_a_terminal_and_taken_away(self):
        topic = self.broker.topic()
        terminal, side = os.openpty()
        self.addCleanup(os.close, terminal)
        producer = self.broker.start("produce", "-t", topic, stdin=subprocess.PIPE, stderr=side)
        self.addCleanup(self.end, producer)
        os.close(side)
        for _ in range(13):
            producer.stdin.write(b"line\n")
            producer.stdin.flush()
            time.sleep(0.1)
        producer.stdin.close()
        self.assertEqual(producer.wait(TIMEOUT), 0)
        shown = os.read(terminal, 65536).decode()
        self.assertRegex(shown, r"\rproduced \d+ records, .* records/s, .*/s\x1b\[K")
        self.assertRegex(shown, r"\r\x1b\[Kkasio: produce: 13 records, 52 bytes")

    def test_an_output_that_is_full_is_an_error(self):
        topic = self.broker.topic()
        self.produce(topic, b"0123456789\n" * 10_000)
        with open("/dev/full", "wb") as full:
            self.fails(6, "standard output: No space left", "consume", "-e", "-t", topic, stdout=full)

    def test_endless_input_takes_bounded_memory(self):
        topic = self.broker.topic(3)
        producer = self.producer(topic, "-q")
        chunk = b"x" * 999 + b"\n"
        peak = 0
        sanitized = b"__asan_init" in KASIO.read_bytes()
        for _ in range(150):
            producer.stdin.write(chunk * 1000)
            status = pathlib.Path(f"/proc/{producer.pid}/status").read_text()
            peak = max(peak, int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)))
        producer.stdin.close()
        self.assertEqual(producer.wait(TIMEOUT), 0)
        producer.stdin = None
        # AddressSanitizer keeps freed memory for a while: 256 MB of it.
        self.assertLess(peak, (700 if sanitized else 150) * 1000)


class Failures(WithBroker):
    def test_without_brokers_the_usage_is_wrong(self):
        for command in ("produce", "consume"):
            done = run(command, "-t", "t")
            self.assertEqual(done.returncode, 2)
            self.assertEqual(
                done.stderr.decode(),
                f"kasio: {command}: no brokers: give -b HOST:PORT,... or set KAFKA_BROKERS\n",
            )
        self.assertEqual(run("metadata").returncode, 2)
        self.assertEqual(run("api-versions").returncode, 2)

    def test_wrong_options_are_refused_in_one_sentence(self):
        topic = self.broker.topic()
        for pattern, *args in (
            ("--topic is required", "produce"),
            ("argument.* not expected: --nonsense", "consume", "-t", topic, "--nonsense"),
            ("-z: unknown codec 'brotli'", "produce", "-t", topic, "-z", "brotli"),
            ("-z: the level of gzip is a number from 1 to 9", "produce", "-t", topic, "-z", "gzip:77"),
            ("-z: the level of zstd", "produce", "-t", topic, "-z", "zstd:"),
            ("-a: 'some' is none of", "produce", "-t", topic, "-a", "some"),
            ("-D: it is empty", "produce", "-t", topic, "-D", ""),
            (r"-K: \\x without hexadecimal digits", "produce", "-t", topic, "-K", "\\x"),
            ("-H: '=x' has no name", "produce", "-t", topic, "-H", "=x"),
            ("-f: format: a % without its letter", "consume", "-t", topic, "-f", "%"),
            ("-f: format: unknown letter %v", "consume", "-t", topic, "-f", "%v{"),
            ("-f: .*x without hexadecimal digits", "consume", "-t", topic, "-f", "\\x"),
            ("--isolation: 'dirty' is neither", "consume", "-t", topic, "--isolation", "dirty"),
            ("exclude each other", "consume", "-t", topic, "-J", "-f", "%s"),
            ("broker 'a:b'", "consume", "-t", topic, "-b", "a:b"),
            ("--topic: 'x:0' is not NAME:PARTITIONS", "broker", "-t", "x:0"),
            ("--user: expected NAME:PASSWORD", "broker", "--user", "alice"),
            ("only together with --tls", "broker", "--client-certificates"),
            ("--mechanism: NONSENSE not in", "broker", "--mechanism", "NONSENSE"),
        ):
            with self.subTest(args=args):
                said = self.fails(2, pattern, *args)
                self.assertEqual(said.count("\n"), 1, said)

    def test_a_missing_command_is_a_usage_error(self):
        done = run()
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.decode(), r"\Akasio: .*\n\Z")

    def test_help_and_version_succeed(self):
        for args in (["--help"], ["produce", "--help"], ["consume", "--help"], ["--version"]):
            done = run(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""), args)
            self.assertTrue(done.stdout)

    def test_a_broker_that_is_not_there_is_named_at_once(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
            port = taken.getsockname()[1]
            for command in (["metadata"], ["api-versions"], ["consume", "-t", "t"]):
                began = time.monotonic()
                done = run(*command, "-b", f"127.0.0.1:{port}")
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(b"Connection refused", done.stderr)
                self.assertIn(b"127.0.0.1:%d" % port, done.stderr)
                self.assertLess(time.monotonic() - began, 10)

    def test_the_first_broker_that_answers_is_enough(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            brokers = f"127.0.0.1:{port},{self.broker.brokers}"
            self.assertEqual(run("metadata", "-b", brokers).returncode, 0)

    def test_a_peer_that_is_not_kafka_is_told_from_one(self):
        def serve(server):
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = server.accept()
                    with peer:
                        peer.recv(4096)
                        peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=serve, args=[server], daemon=True).start()
            port = server.getsockname()[1]
            done = run("metadata", "-b", f"127.0.0.1:{port}")
            server.shutdown(socket.SHUT_RDWR)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr.decode(), "HTTP")

    def test_a_topic_that_is_not_there_is_not_made(self):
        self.fails(4, "topic nowhere does not exist .--create", "produce", "-t", "nowhere", data=b"x")
        self.fails(4, "topic nowhere does not exist", "consume", "-t", "nowhere", "-e")
        self.fails(4, "topic nowhere does not exist", "metadata", "-t", "nowhere")
        self.fails(4, "a/b", "consume", "-t", "a/b", "-e")

    def test_a_partition_that_is_not_there_is_refused(self):
        topic = self.broker.topic(2)
        said = f"topic {topic} has 2 partitions, and none with number 2"
        self.fails(4, said, "produce", "-t", topic, "-p", 2, data=b"x")
        self.fails(4, said, "consume", "-t", topic, "-p", 2, "-e")

    def test_a_record_that_is_too_large_is_named_with_its_size(self):
        topic = self.broker.topic()
        data = b"fine\n" + b"x" * 2_000_000 + b"\nnot reached\n"
        said = self.fails(
            4, f"topic {topic} partition 0: record 2 .2000000 bytes. could not be delivered",
            "produce", "-t", topic, data=data,
        )  # fmt: skip
        self.assertIn("broker", said)
        self.assertEqual(self.consume(topic), b"fine\n")

    def test_a_line_above_the_limit_is_named_and_what_came_before_is_delivered(self):
        topic = self.broker.topic()
        self.fails(
            5, "standard input line 2 has 11 bytes", "produce", "-t", topic, "--max-line", 10,
            data=b"a\n12345678901\nb\n",
        )  # fmt: skip
        self.assertEqual(self.consume(topic), b"a\n")

    def test_a_file_that_cannot_be_read_is_named(self):
        topic = self.broker.topic()
        self.fails(6, "/nowhere/at/all: No such file", "produce", "-t", topic, "/nowhere/at/all")
        self.fails(6, "/tmp: Is a directory", "produce", "-t", topic, "/tmp")

    def test_a_cluster_that_is_gone_ends_producing_after_the_time(self):
        broker = Broker("--topic", "t:1")
        self.addCleanup(broker.stop)
        producer = broker.start(
            "produce", "-t", "t", "--timeout", 2,
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        producer.stdin.write(b"delivered\n")
        producer.stdin.flush()
        consumed = run("consume", "-t", "t", "-c", 1, env=broker.env())
        self.assertEqual(consumed.stdout, b"delivered\n")
        broker.kill()
        _, said = producer.communicate(b"lost\n", timeout=TIMEOUT)
        self.assertEqual(producer.returncode, 3, said)
        self.assertRegex(said.decode(), "topic t partition 0: record 2 .4 bytes. could not be deliv")
        self.assertIn(b"1 records, 9 bytes", said)

    def test_a_signal_while_the_cluster_is_gone_says_what_was_not_delivered(self):
        broker = Broker("--topic", "t:1")
        self.addCleanup(broker.stop)
        producer = broker.start(
            "produce", "-t", "t", "--timeout", 300,
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        producer.stdin.write(b"delivered\n")
        producer.stdin.flush()
        self.assertEqual(run("consume", "-t", "t", "-c", 1, env=broker.env()).returncode, 0)
        broker.kill()
        producer.stdin.write(b"lost\nas well\n")
        producer.stdin.flush()
        time.sleep(0.5)
        producer.send_signal(signal.SIGINT)
        _, said = producer.communicate(timeout=TIMEOUT)
        self.assertEqual(producer.returncode, 130, said)
        self.assertIn(b"1 records, 9 bytes", said)
        self.assertRegex(said, rb"topic t partition 0: record.* could not be delivered")

    def test_a_refusal_ends_a_producer_that_waits_for_input(self):
        broker = Broker("--topic", "t:1", "--message-max-bytes", "5000")
        self.addCleanup(broker.stop)
        producer = broker.start(
            "produce", "-t", "t", "-q", stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        producer.stdin.write(b"x" * 20_000 + b"\n")
        producer.stdin.flush()
        self.assertEqual(producer.wait(TIMEOUT), 4)
        said = producer.stderr.read()
        self.assertIn(b"record 1 (20000 bytes) could not be delivered: MESSAGE_TOO_LARGE", said)
        producer.stdin.close()
        producer.stderr.close()

    def test_records_of_files_are_named_by_file_and_line(self):
        broker = Broker("--topic", "t:1", "--message-max-bytes", "5000")
        self.addCleanup(broker.stop)
        with tempfile.TemporaryDirectory() as folder:
            one, two = pathlib.Path(folder, "one"), pathlib.Path(folder, "two")
            one.write_bytes(b"1\n2\n")
            two.write_bytes(b"3\n" + b"x" * 20_000 + b"\n5\n")
            done = broker.run("produce", "-t", "t", one, two)
        self.assertEqual(done.returncode, 4)
        said = f"record 4 (line 2 of {two}, 20000 bytes) could not be delivered"
        self.assertIn(said, done.stderr.decode())

    def test_settings_of_producers_are_taken_and_checked(self):
        topic = self.broker.topic()
        self.produce(topic, b"a\n", "-X", "linger.ms=0", "-X", "acks=1", "-X", "batch.size=1000")
        self.assertEqual(self.consume(topic), b"a\n")
        for pattern, *settings in (
            ("-X: acks='2': expected all, -1, 1 or 0", "acks=2"),
            ("-X: group.id: this is a setting of a consumer", "group.id=g"),
            ("enable_idempotence needs acks of all", "acks=1", "enable.idempotence=true"),
            ("delivery_timeout .1 ms. is below linger", "delivery.timeout.ms=1"),
        ):
            with self.subTest(settings):
                args = [arg for setting in settings for arg in ("-X", setting)]
                self.fails(2, pattern, "produce", "-t", topic, *args)

    def test_a_cluster_that_is_gone_ends_consuming_after_the_time(self):
        broker = Broker("--topic", "t:3")
        self.addCleanup(broker.stop)
        consumer = broker.start(
            "consume", "-t", "t", "--timeout", 1, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        time.sleep(0.5)
        broker.kill()
        _, said = consumer.communicate(timeout=TIMEOUT)
        self.assertEqual(consumer.returncode, 3, said)
        self.assertRegex(said.decode(), r"\Akasio: consume: reading: .*\n\Z")


class Describing(WithBroker):
    def test_metadata_lists_brokers_topics_and_partitions(self):
        topic = self.broker.topic(4)
        text = self.ok("metadata").decode()
        self.assertIn(" 3 brokers:\n", text)
        self.assertIn(f'topic "{topic}" with 4 partitions:\n', text)
        self.assertRegex(text, r"partition 3, leader \d, replicas: \d")
        told = json.loads(self.ok("metadata", "--json", "-t", topic))
        self.assertEqual(len(told["brokers"]), 3)
        self.assertEqual([t["topic"] for t in told["topics"]], [topic])
        self.assertEqual([p["partition"] for p in told["topics"][0]["partitions"]], [0, 1, 2, 3])
        self.assertEqual(
            {f"{b['host']}:{b['port']}" for b in told["brokers"]}, {*self.broker.brokers.split(",")}
        )

    def test_api_versions_show_both_ranges_and_the_choice(self):
        (told,) = json.loads(self.ok("api-versions", "--json"))
        apis = {api["name"]: api for api in told["apis"]}
        fetch = apis["Fetch"]
        self.assertEqual(fetch["key"], 1)
        self.assertEqual(fetch["chosen"], min(fetch["broker"]["max"], fetch["kasio"]["max"]))
        self.assertEqual(len(json.loads(self.ok("api-versions", "--json", "--all"))), 3)
        self.assertRegex(self.ok("api-versions").decode(), r"\n +0  Produce +\d+\.\.\d+ +3\.\.\d+ +\d+")

    def test_creating_a_topic_twice_is_no_error(self):
        for _ in range(2):
            self.ok("produce", "-t", "created", "--create", 3, data=b"x\n")
        (topic,) = json.loads(self.ok("metadata", "--json", "-t", "created"))["topics"]
        self.assertEqual(len(topic["partitions"]), 3)
        self.assertEqual(self.consume("created"), b"x\nx\n")

    def test_counts_go_to_standard_error_unless_it_is_to_be_quiet(self):
        topic = self.broker.topic()
        done = self.broker.run("produce", "-t", topic, data=b"abc\nd\n")
        self.assertRegex(done.stderr.decode(), r"\Akasio: produce: 2 records, 4 bytes; .* records/s")
        self.assertEqual(done.stdout, b"")
        done = self.broker.run("produce", "-q", "-t", topic, data=b"abc\n")
        self.assertEqual(done.stderr + done.stdout, b"")

    def test_the_broker_ends_well_by_signal_and_names_a_port_that_is_taken(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            broker = Broker("--brokers", "1")
            broker.process.send_signal(number)
            self.assertEqual(broker.process.wait(TIMEOUT), 0)
            broker.stop()
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            done = run("broker", "--ports", port)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr.decode(), r"\Akasio: broker: .*in use.*\n\Z")


PASSWORD = "c4n4ry-passw0rd"


class Secured(unittest.TestCase):
    """Settings by Kafka's names, against brokers with TLS and SASL."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.tls = cls.folder / "tls"
        cls.broker = Broker("--brokers", "2", "--user", f"alice:{PASSWORD}", "--tls", str(cls.tls),
                            "--topic", "t:1")  # fmt: skip
        cls.addClassCleanup(cls.broker.stop)
        cls.settings = {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(cls.tls / "ca.pem"),
            "sasl.mechanism": "PLAIN",
            "sasl.username": "alice",
            "sasl.password": PASSWORD,
        }

    def options(self, **changes):
        """-X of the settings; a change is written with underscores, and None takes one away."""
        changed = {name.replace("_", "."): value for name, value in changes.items()}
        all_of_them = {**self.settings, **changed}
        return [f"-X{name}={value}" for name, value in all_of_them.items() if value is not None]

    def run_kasio(self, *args, env=None, **options):
        done = run(*args, env={**self.broker.env(), **(env or {})}, **options)
        said = (done.stdout + done.stderr).decode()
        self.assertNotIn(PASSWORD, said)
        self.assertNotIn("wrong-one", said)
        return done, said

    def served(self, *args, **options):
        done, said = self.run_kasio("metadata", *args, **options)
        self.assertEqual(done.returncode, 0, said)
        self.assertIn("2 brokers:", said)

    def refused(self, status, pattern, *args, **options):
        done, said = self.run_kasio(*args, **options)
        self.assertEqual(done.returncode, status, said)
        self.assertRegex(said, rf"\Akasio: {args[0]}: .*{pattern}")
        self.assertEqual(said.count("\n"), 1, said)

    def test_every_command_connects_with_the_settings(self):
        options = self.options()
        for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
            with self.subTest(mechanism):
                self.served(*self.options(sasl_mechanism=mechanism))
        done, said = self.run_kasio("produce", "-q", "-t", "t", *options, data=b"a\nb\n")
        self.assertEqual(done.returncode, 0, said)
        done, said = self.run_kasio("consume", "-q", "-e", "-t", "t", *options)
        self.assertEqual((done.returncode, done.stdout), (0, b"a\nb\n"), said)
        done, said = self.run_kasio("api-versions", "--all", *options)
        self.assertEqual(done.returncode, 0, said)

    def test_unsigned_tokens_log_in_as_well(self):
        self.served(*self.options(sasl_mechanism="OAUTHBEARER", sasl_username=None,
                                  sasl_password=None),
                    "-X", "enable.sasl.oauthbearer.unsecure.jwt=true",
                    "-X", "sasl.oauthbearer.config=principal=alice")  # fmt: skip

    def test_wrong_credentials_are_refused_once_by_the_mechanisms_name(self):
        for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
            options = self.options(sasl_mechanism=mechanism, sasl_password="wrong-one")
            for args in (["metadata"], ["api-versions"], ["produce", "-t", "t"],
                         ["consume", "-t", "t"]):  # fmt: skip
                with self.subTest(mechanism, args=args):
                    self.refused(4, mechanism, *args, *options)

    def test_without_the_settings_nobody_gets_in_and_is_told_why(self):
        self.refused(3, "is this a TLS listener", "metadata")
        self.refused(4, "comes from nobody among the trusted", "metadata",
                     *self.options(ssl_ca_location=None))  # fmt: skip
        self.refused(2, "ca_file '/not/there'", "metadata",
                     *self.options(ssl_ca_location="/not/there"))  # fmt: skip

    def test_settings_come_from_files_and_the_environment(self):
        java = self.folder / "client.properties"
        java.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items()))
        self.served("--config", java)
        self.served(env={"KASIO_CONFIG": str(java)})
        toml = self.folder / "my.toml"
        toml.write_text(
            'security.protocol = "SASL_SSL"\n'
            f'ssl.ca.location = "{self.tls / "ca.pem"}"\n'
            'group.id = "of a consumer"\n'
            "[sasl]\n"
            'mechanism = "SCRAM-SHA-256"\n'
            'username = "alice"\n'
            f'password = "{PASSWORD}"\n'
        )
        self.served("--config", toml)
        home = self.folder / "xdg"
        (home / "kasio").mkdir(parents=True)
        (home / "kasio" / "kasio.toml").write_text(toml.read_text())
        self.served(env={"XDG_CONFIG_HOME": str(home)})
        variables = {f"KASIO_{name.upper().replace('.', '_')}": value
                     for name, value in self.settings.items()}  # fmt: skip
        self.served(env=variables)
        # Each stronger than the one before.
        wrong = {"KASIO_SASL_PASSWORD": "wrong-one"}
        self.refused(4, "SCRAM-SHA-256", "metadata", "--config", toml, env=wrong)
        self.served("--config", toml, "-X", f"sasl.password={PASSWORD}", env=wrong)
        self.refused(3, "TLS listener", "metadata", "--config", toml,
                     "-X", "security.protocol=PLAINTEXT")  # fmt: skip

    def test_a_jaas_line_logs_in(self):
        file = self.folder / "jaas.properties"
        file.write_text(
            "security.protocol=SASL_SSL\n"
            f"ssl.truststore.location={self.tls / 'ca.pem'}\n"
            "ssl.truststore.type=PEM\n"
            "sasl.mechanism=SCRAM-SHA-512\n"
            "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n"
            f'    username="alice" password="{PASSWORD}";\n'
            "key.deserializer=org.apache.kafka.common.serialization.StringDeserializer\n"
        )
        self.served("--config", file)

    def test_a_certificate_of_the_client_is_shown(self):
        folder = self.folder / "mutual"
        broker = Broker("--brokers", "2", "--tls", str(folder), "--client-certificates")
        self.addCleanup(broker.stop)
        tls = ["-b", broker.brokers, "-X", "security.protocol=SSL",
               "-X", f"ssl.ca.location={folder / 'ca.pem'}"]  # fmt: skip
        self.served(*tls, "-X", f"ssl.keystore.location={folder / 'client.pem'}")
        self.refused(4, "certificate", "metadata", *tls)

    def test_what_cannot_be_used_is_refused_in_one_sentence(self):
        file = self.folder / "bad.toml"
        file.write_text(f"\nsasl.password = {PASSWORD}\n")
        for pattern, *args in (
            ("-X: there is no property 'sasl.pasword'; did you mean 'sasl.password'",
             "-X", f"sasl.pasword={PASSWORD}"),
            ("-X: expected NAME=VALUE", "-X", PASSWORD),
            ("-X: expected NAME=VALUE", "-X", "sasl.password", PASSWORD),
            ("-X: linger.ms: this is a setting of a producer", "-X", "linger.ms=5"),
            ("sasl.password: this has no effect with security.protocol=PLAINTEXT",
             "-X", f"sasl.password={PASSWORD}"),
            ("bad.toml:2: this is not TOML", "--config", file),
        ):  # fmt: skip
            with self.subTest(args=args):
                self.refused(2, pattern, "metadata", *args)
        self.refused(2, "KASIO_NONSENSE: there is no property", "metadata",
                     env={"KASIO_NONSENSE": "1"})  # fmt: skip
        self.refused(6, "'/not/there.toml': No such file", "metadata", "--config",
                     "/not/there.toml")  # fmt: skip

    def test_all_settings_are_listed_and_those_that_are_set_are_dumped(self):
        for args in (["-X", "list"], ["-X", "help"], ["produce", "-X", "list"]):
            done = run(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn("\nsasl.mechanism, sasl.mechanisms\n", done.stdout.decode())
        env = {"KASIO_SASL_PASSWORD": PASSWORD}
        done, said = self.run_kasio("metadata", "-X", "dump", *self.options(), env=env)
        self.assertEqual(done.returncode, 0, said)
        self.assertIn("sasl.password=****    # -X\n", said)
        self.assertIn("sasl=PLAIN user=alice password=****", said)
        self.refused(2, "sasl.pasword", "metadata", "-X", "dump", "-X", "sasl.pasword=x")


class Quickstart(unittest.TestCase):
    def write(self, data):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = pathlib.Path(folder.name, "file")
        file.write_bytes(data)
        return file

    def check(self, data, lines, env=None):
        done = run(self.write(data), program=QUICKSTART, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = done.stdout.decode()
        self.assertIn(f"all {lines:,} lines, {len(data):,} bytes, came back as they are", text)
        self.assertRegex(text, r"wrote [\d,]+ records, .* records/s")
        self.assertRegex(text, r"read  [\d,]+ records, .* records/s")
        self.assertEqual(len(re.findall(r"^  partition \d  [\d,]+$", text, re.M)), 6)
        samples = re.findall(r"^  partition \d  offset \d+  key \d+  value ", text, re.M)
        self.assertEqual(len(samples), min(5, lines))
        return text

    def test_files_of_any_bytes_come_back(self):
        self.check(b"one line\n", 1)
        self.check(b"no newline", 1)
        self.check(b"\n\n\n\n\n\n\n\n\nx", 10)
        self.check(bytes(range(256)) * 100, 101)
        text = self.check(b"".join(b"line %d\r\n" % i for i in range(50_000)), 50_000)
        for size in re.findall(r"^  partition \d  ([\d,]+)$", text, re.M):
            self.assertGreater(int(size.replace(",", "")), 100_000)

    def test_a_cluster_that_is_named_is_used_and_left_as_it_was(self):
        broker = Broker("--brokers", "1")
        self.addCleanup(broker.stop)
        text = self.check(b"a\nb\n" * 1000, 2000, env=broker.env())
        self.assertIn(broker.brokers, text)
        told = json.loads(broker.run("metadata", "--json").stdout)
        self.assertEqual(told["topics"], [])
        broker.kill()
        done = run(self.write(b"x\n"), program=QUICKSTART, env=broker.env())
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr.decode(), r"\Aquickstart: .*Connection refused.*\n\Z")

    def test_a_file_that_is_missing_or_empty_is_an_error(self):
        done = run("/nowhere/at/all", program=QUICKSTART)
        self.assertEqual(done.returncode, 6)
        self.assertEqual(
            done.stderr.decode(), "quickstart: /nowhere/at/all: No such file or directory\n"
        )
        self.assertEqual(run(self.write(b""), program=QUICKSTART).returncode, 5)
        self.assertEqual(run(program=QUICKSTART).returncode, 2)


if __name__ == "__main__":
    unittest.main()
