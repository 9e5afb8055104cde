# SPDX-License-Identifier: Apache-2.0
"""The yardstick broker, its corpus, and our driver: that what they say is true."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
YARDSTICK = BUILD / "bench" / "yardstick" / "yardstick"
CORPUS = BUILD / "bench" / "yardstick" / "bench-corpus"
DRIVER = BUILD / "bench" / "drivers" / "kafka_asio" / "driver-kafka-asio"
LAUNCH = BUILD / "bench" / "drivers" / "bench-launch"
COUNTER = BUILD / "bench" / "drivers" / "libcount-allocations.so"
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
WRITERS = ["writer-try", "writer-row", "writer-span", "writer-one", "writer-blocking"]
COUNT = 3000
SECONDS = 60


class Yardstick:
    """A running one; `result` after the `with` block is what it said in the end."""

    def __init__(self, **options):
        self.options = [f"{name}={value}" for name, value in options.items()]

    def __enter__(self):
        self.process = subprocess.Popen(
            [YARDSTICK, *self.options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        ready = self.process.stdout.readline().split()
        assert ready[0] == "READY", ready
        self.bootstrap = ready[1]
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        said = self.process.stdout.read()
        self.process.stdout.close()
        assert self.process.wait(SECONDS) == 0
        self.result = json.loads(said)


def make_corpus(path, size, count, keys):
    options = [f"size={size}", f"count={count}", "seed=1", f"keys={keys}", f"file={path}"]
    subprocess.run([CORPUS, *options], check=True, timeout=SECONDS)
    return str(path)


def read_corpus(path):
    """Of each record its key, value and header value."""
    data = pathlib.Path(path).read_bytes()
    magic, count, flags = struct.unpack_from("<8sII", data)
    assert magic == b"KABC0001", magic
    at, records = 16, []
    for _ in range(count):
        sizes = struct.unpack_from("<III", data, at)
        at += 12
        parts = []
        for size in sizes:
            parts.append(data[at : at + size])
            at += size
        records.append(parts)
    assert at == len(data)
    return records, flags


@unittest.skipUnless(YARDSTICK.exists() and DRIVER.exists(), "-Dbench=enabled was not asked for")
class BenchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.plain = make_corpus(cls.folder / "plain", 100, COUNT, 0)
        cls.keyed = make_corpus(cls.folder / "keyed", 200, COUNT, 1)
        cls.values = [value for _, value, _ in read_corpus(cls.plain)[0]]

    def driver(self, broker, **options):
        arguments = [f"{name}={value}" for name, value in options.items()]
        ended = subprocess.run(
            [DRIVER, f"bootstrap={broker.bootstrap}", *arguments],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return json.loads(ended.stdout.splitlines()[-1])

    def assert_all_arrived(self, broker, records):
        self.assertEqual(broker.result["errors"], [])
        self.assertEqual(
            broker.result["verified"],
            {"records": records, "missing": 0, "repeated": 0, "bad": 0},
        )


    def tls(self):
        """The options with which the yardstick speaks TLS."""
        made, key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", str(key), "-out", str(made),
            ],
            check=True, capture_output=True, timeout=SECONDS,
        )  # fmt: skip
        return {"certificate": made, "key": key}


class TheCorpus(BenchTest):
    def test_holds_records_of_the_size_asked_for_with_their_number_and_checksum(self):
        for path, size, keyed in [(self.plain, 100, False), (self.keyed, 200, True)]:
            records, flags = read_corpus(path)
            self.assertEqual(flags, int(keyed))
            self.assertEqual(len(records), COUNT)
            for i, (key, value, header) in enumerate(records):
                self.assertEqual(len(value), size)
                self.assertEqual(value[:19], b'{"seq":"%08x","' % i)
                self.assertEqual(json.loads(value)["seq"], "%08x" % i)
                self.assertEqual((bool(key), bool(header)), (keyed, keyed))

    def test_is_the_same_file_for_the_same_seed(self):
        again = make_corpus(self.folder / "again", 100, COUNT, 0)
        self.assertEqual(pathlib.Path(again).read_bytes(), pathlib.Path(self.plain).read_bytes())


@unittest.skipIf(not shutil.which("kcat") and os.environ.get("CI") != "true", "kcat is missing")
class Librdkafka(BenchTest):
    def kcat(self, broker, *arguments, **options):
        return subprocess.run(
            ["kcat", "-q", "-b", broker.bootstrap, "-t", "bench", *arguments],
            check=True,
            capture_output=True,
            timeout=SECONDS,
            **options,
        ).stdout

    def produce(self, values, codec="none", **options):
        with Yardstick(verify=1, corpus=self.plain, **options) as broker:
            self.kcat(broker, "-P", "-z", codec, "-X", "linger.ms=20", input=b"\n".join(values))
        return broker

    def test_is_taken_from_with_every_codec_in_both_profiles(self):
        for profile in ["new", "old"]:
            sizes = []
            for codec in CODECS:
                broker = self.produce(self.values, codec, profile=profile)
                self.assert_all_arrived(broker, COUNT)
                sizes.append(broker.result["bytes"])
            # The codecs were really in use.
            self.assertLess(max(sizes[1:]), sizes[0] // 2)

    def test_reads_the_log_in_order_with_every_codec_in_both_profiles(self):
        wanted = COUNT + 100  # the log begins again after the corpus
        for profile in ["new", "old"]:
            for codec in CODECS:
                options = {"codec": codec, "profile": profile, "log_batch": 5000}
                with Yardstick(corpus=self.plain, **options) as broker:
                    read = self.kcat(
                        broker, "-C", "-p", "0", "-o", "beginning", "-c", str(wanted),
                        "-X", "check.crcs=true",
                    )  # fmt: skip
                self.assertEqual(read.split(b"\n")[:-1], (self.values * 2)[:wanted])
                self.assertGreaterEqual(broker.result["records_fetched"], wanted)

    def test_is_found_out_when_a_record_is_missing(self):
        broker = self.produce(self.values[:700] + self.values[701:])
        self.assertEqual(broker.result["records"], COUNT - 1)
        # By count the last record should not be there, which makes it one too many.
        self.assertEqual(
            broker.result["verified"],
            {"records": COUNT - 1, "missing": 1, "repeated": 1, "bad": 0},
        )

    def test_is_found_out_when_a_record_comes_twice(self):
        broker = self.produce(self.values + self.values[700:701])
        self.assertEqual(
            broker.result["verified"],
            {"records": COUNT + 1, "missing": 1, "repeated": 1, "bad": 0},
        )

    def test_is_found_out_when_a_record_is_changed(self):
        changed = self.values[700].replace(b'"msg":"', b'"msg":"X')[: len(self.values[700])]
        broker = self.produce(self.values[:700] + [changed] + self.values[701:])
        self.assertEqual(
            broker.result["verified"], {"records": COUNT, "missing": 1, "repeated": 0, "bad": 1}
        )


class TheWire(BenchTest):
    def test_refuses_a_batch_whose_checksum_is_wrong(self):
        no_producer = b"\xff" * 14
        record = b"\x0c\x00\x00\x00\x01\x00\x00"
        body = b"\x00" * 22 + no_producer + struct.pack(">i", 1) + record
        rest = struct.pack(">ibI", 0, 2, 12345) + body
        batch = struct.pack(">qi", 0, len(rest)) + rest
        request = struct.pack(">hhih", 0, 7, 77, -1) + struct.pack(">hhii", -1, -1, 1000, 1)
        request += b"\x00\x05bench" + struct.pack(">iii", 1, 0, len(batch)) + batch
        with Yardstick(verify=1, corpus=self.plain, profile="old") as broker:
            host, port = broker.bootstrap.split(":")
            with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                answer = connection.recv(1000)
        corrupt_message = 2
        # length, correlation, topics, name, partitions, index, error
        self.assertEqual(struct.unpack(">iii7siih", answer[:29])[1], 77)
        self.assertEqual(struct.unpack(">iii7siih", answer[:29])[6], corrupt_message)
        self.assertEqual(broker.result["verified"]["bad"], 1)
        self.assertEqual(len(broker.result["errors"]), 1)

    def test_closes_a_connection_that_asks_for_what_is_not_there(self):
        with Yardstick() as broker:
            host, port = broker.bootstrap.split(":")
            with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
                connection.sendall(struct.pack(">ihhih", 10, 3, 99, 1, -1))
                self.assertEqual(connection.recv(100), b"")
        self.assertEqual(broker.result["errors"], ["MetadataRequest v99 is not served"])


    @unittest.skipUnless(shutil.which("openssl"), "openssl is missing")
    def test_counts_a_failed_handshake_but_not_one_that_was_given_up(self):
        hello = bytes.fromhex("1603010200010001fc0303")  # ends within the first message
        for sent, errors in ((b"", 0), (hello, 0), (b"\0\0\0\x10\0\x12\0\0", 1)):
            with self.subTest(sent), Yardstick(**self.tls()) as broker:
                host, port = broker.bootstrap.rsplit(":", 1)
                with socket.create_connection((host, int(port)), timeout=SECONDS) as peer:
                    peer.sendall(sent)
                    peer.shutdown(socket.SHUT_WR)
                    # What it left unread makes its end a reset.
                    with contextlib.suppress(ConnectionResetError):
                        while peer.recv(1024):
                            pass
            self.assertEqual(len(broker.result["errors"]), errors, broker.result)
            for error in broker.result["errors"]:
                self.assertRegex(error, "^TLS handshake: .+")


class Fetcher:
    """Speaks Fetch v7, the first with sessions (KIP-227), over one connection."""

    def __init__(self, broker):
        host, port = broker.bootstrap.split(",")[0].split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            assert more, "the broker closed the connection"
            data += more
        return data

    def send(self, session, epoch, wanted, forgotten=(), wait_ms=0, most=1 << 20):
        """`wanted`: {partition: offset}."""
        body = struct.pack(">iiiibii", -1, wait_ms, 1, 50 << 20, 0, session, epoch)
        topic = b"\x00\x05bench"
        body += struct.pack(">i", 1 if wanted else 0)
        if wanted:
            body += topic + struct.pack(">i", len(wanted))
            for partition, offset in wanted.items():
                body += struct.pack(">iqqi", partition, offset, -1, most)
        body += struct.pack(">i", 1 if forgotten else 0)
        if forgotten:
            body += topic + struct.pack(f">i{len(forgotten)}i", len(forgotten), *forgotten)
        request = struct.pack(">hhih", 1, 7, 5, -1) + body
        self.socket.sendall(struct.pack(">i", len(request)) + request)

    def ask(self, *arguments, **options):
        """The answer's error, its session, and {partition: (error, high watermark, bytes)}."""
        self.send(*arguments, **options)
        (size,) = struct.unpack(">i", self.read(4))
        answer = self.read(size)
        _, _, error, session, topics = struct.unpack_from(">iihii", answer)
        at, found = 18, {}
        for _ in range(topics):
            _, partitions = struct.unpack_from(">7si", answer, at)
            at += 11
            for _ in range(partitions):
                index, wrong, high, _, _, _, length = struct.unpack_from(">ihqqqii", answer, at)
                at += 38 + length
                found[index] = (wrong, high, length)
        assert at == len(answer), (at, len(answer))
        return error, session, found


class Fetching(BenchTest):
    def broker(self, **options):
        return Yardstick(corpus=self.plain, profile="old", log_rounds=2, **options)

    def test_a_log_may_end_and_says_where(self):
        with self.broker() as broker, Fetcher(broker) as fetcher:
            error, session, found = fetcher.ask(0, -1, {0: 0}, most=100 << 20)
            self.assertEqual((error, session, found[0][:2]), (0, 0, (0, 2 * COUNT)))
            self.assertGreater(found[0][2], 2 * COUNT * 100)
            self.assertEqual(fetcher.ask(0, -1, {0: 2 * COUNT})[2], {0: (0, 2 * COUNT, 0)})
            out_of_range = 1
            self.assertEqual(fetcher.ask(0, -1, {0: 2 * COUNT + 1})[2], {0: (out_of_range, -1, 0)})
        self.assertEqual(broker.result["records_fetched"], 2 * COUNT)

    def test_a_fetch_at_the_end_of_the_log_waits_as_long_as_it_may(self):
        with self.broker() as broker, Fetcher(broker) as fetcher:
            for offset, least, most in ((2 * COUNT, 1.0, SECONDS), (0, 0, 1.0)):
                with self.subTest(offset):
                    began = time.monotonic()
                    fetcher.ask(0, -1, {0: offset}, wait_ms=1000)
                    took = time.monotonic() - began
                    self.assertGreaterEqual(took, least)
                    self.assertLess(took, most)

    def test_a_peer_that_goes_while_it_waits_is_no_error(self):
        with self.broker() as broker:
            with Fetcher(broker) as fetcher:
                fetcher.send(0, -1, {0: 2 * COUNT}, wait_ms=60_000)
            with Fetcher(broker) as other:
                other.ask(0, -1, {0: 0})
        self.assertEqual(broker.result["errors"], [])

    def test_a_session_answers_only_what_has_changed(self):
        end = 2 * COUNT
        with self.broker(partitions=3) as broker, Fetcher(broker) as fetcher:
            error, session, found = fetcher.ask(0, 0, {0: 0, 1: end, 2: end}, most=1000)
            self.assertEqual((error, sorted(found)), (0, [0, 1, 2]))
            self.assertNotEqual(session, 0)
            # What it does not name it still wants; partitions without news are left out.
            error, same, found = fetcher.ask(session, 1, {})
            self.assertEqual((error, same, list(found)), (0, session, [0]))
            error, same, found = fetcher.ask(session, 2, {0: end, 2: 0})
            self.assertEqual((error, same, list(found)), (0, session, [2]))
            self.assertEqual(fetcher.ask(session, 3, {}, forgotten=[2])[2], {})
            # It is wanted again: the client has to be told of it from the start.
            self.assertEqual(fetcher.ask(session, 4, {2: end})[2], {2: (0, end, 0)})

    def test_sessions_that_do_not_fit_are_refused(self):
        not_found, wrong_epoch = 70, 71
        with self.broker() as broker, Fetcher(broker) as fetcher:
            self.assertEqual(fetcher.ask(12345, 1, {}), (not_found, 0, {}))
            _, session, _ = fetcher.ask(0, 0, {0: 0})
            self.assertEqual(fetcher.ask(session, 2, {}), (wrong_epoch, 0, {}))
            # A new one in its place; then none any more.
            _, another, _ = fetcher.ask(session, 0, {0: 0})
            self.assertEqual(fetcher.ask(session, 1, {})[0], not_found)
            self.assertEqual(fetcher.ask(another, -1, {0: 0})[1], 0)
            self.assertEqual(fetcher.ask(another, 1, {})[0], not_found)

    def test_in_a_session_every_partition_gets_its_turn(self):
        # A whole answer holds 50 MiB: more than three partitions, less than all.
        with Yardstick(corpus=self.plain, profile="old", partitions=6) as broker:
            with Fetcher(broker) as fetcher:
                wanted = {partition: 0 for partition in range(6)}
                _, session, found = fetcher.ask(0, 0, wanted, most=20 << 20)
                seen = {p for p, (_, _, size) in found.items() if size}
                self.assertLess(len(seen), 6)
                for epoch in (1, 2):
                    found = fetcher.ask(session, epoch, {})[2]
                    seen |= {p for p, (_, _, size) in found.items() if size}
                self.assertEqual(len(seen), 6)


class OurDriver(BenchTest):
    MESSAGES = 10_000
    WARMUP = 1000

    def produce(self, way, corpus=None, yardstick=(), **options):
        corpus = corpus or self.plain
        with Yardstick(verify=1, corpus=corpus, **dict(yardstick)) as broker:
            line = self.driver(
                broker, way=way, corpus=corpus, messages=self.MESSAGES, warmup=self.WARMUP,
                **options,
            )  # fmt: skip
        self.assert_all_arrived(broker, self.MESSAGES + self.WARMUP)
        self.assertEqual(line["messages"], self.MESSAGES)
        self.assertGreater(line["wall_s"], 0)
        return broker, line

    def test_lists_its_ways(self):
        listed = subprocess.run([DRIVER, "ways"], capture_output=True, text=True, check=True)
        names = [line.split("\t")[0] for line in listed.stdout.splitlines()]
        for name in [*WRITERS, "conn-append", "conn-encoded", "conn-fetch", "conn-fetch-one"]:
            self.assertIn(name, names)

    def test_produces_every_record_with_every_codec_in_both_profiles(self):
        for way in ["writer-try", "writer-span", "conn-append", "conn-encoded"]:
            for profile in ["new", "old"]:
                for codec in CODECS:
                    self.produce(way, codec=codec, batch=30_000, yardstick={"profile": profile})

    def test_produces_records_with_keys_to_several_brokers(self):
        spread = {"brokers": 3, "partitions": 7}
        for way in ["conn-append", "conn-encoded"]:
            broker, _ = self.produce(
                way, self.keyed, spread, partitions=7, batch=10_000, codec="lz4"
            )
            self.assertEqual(broker.result["connections"], 3)
        for way in WRITERS:
            self.produce(way, self.keyed, spread, partitions=7, batch=10_000, codec="lz4")

    def test_produces_from_several_threads(self):
        spread = {"brokers": 2, "partitions": 4}
        for way in ["writer-try", "conn-append"]:
            _, line = self.produce(way, None, spread, partitions=4, threads=3, batch=9000)
            self.assertGreaterEqual(line["threads"], 4)

    def test_produces_through_several_connections(self):
        broker, _ = self.produce("conn-append", clients=4)
        self.assertEqual(broker.result["connections"], 4)
        self.produce("writer-try", clients=4)

    def test_produces_at_its_defaults(self):
        for way in WRITERS:
            self.produce(way, settings="defaults", linger_us="default")

    def test_produces_idempotently_with_few_requests_in_flight_and_late_answers(self):
        late = {"delay_us": 2000}
        for way in ["writer-try", "conn-append"]:
            _, line = self.produce(way, None, late, idempotent=1, in_flight=2, batch=20_000)
            # 52 batches or more, two at a time, each of them 2 ms.
            self.assertGreater(line["wall_s"], 0.05)

    def test_knows_latencies_from_when_a_record_was_due(self):
        late = {"delay_us": 3000}
        for way in ["writer-try", "conn-append"]:
            with Yardstick(verify=1, corpus=self.plain, **late) as broker:
                line = self.driver(
                    broker, way=way, mode="latency", corpus=self.plain, rate=2000,
                    messages=1000, warmup=200, linger_us=0,
                )  # fmt: skip
            self.assert_all_arrived(broker, 1200)
            self.assertGreaterEqual(line["latency_us"]["p50"], 2900)
            self.assertLessEqual(line["latency_us"]["p50"], line["latency_us"]["max"])
            self.assertGreater(line["wall_s"], 0.45)

    def test_starts_with_one_record(self):
        for way in ["writer-try", "conn-append"]:
            with Yardstick(verify=1, corpus=self.plain) as broker:
                line = self.driver(broker, way=way, mode="start", corpus=self.plain)
            self.assert_all_arrived(broker, 1)
            self.assertEqual(line["messages"], 1)

    def test_counts_its_start_from_when_it_was_launched(self):
        core = min(os.sched_getaffinity(0))
        # The shell sleeps where a dynamic linker or a runtime would work.
        slow = ["sh", "-c", 'sleep 0.5; exec "$0" "$@"', DRIVER]
        with Yardstick(verify=1, corpus=self.plain) as broker:
            ended = subprocess.run(
                [LAUNCH, str(core), *slow, f"bootstrap={broker.bootstrap}", "way=conn-append",
                 "mode=start", f"corpus={self.plain}"],
                capture_output=True, text=True, timeout=SECONDS, check=True,
            )  # fmt: skip
        self.assertGreaterEqual(json.loads(ended.stdout)["wall_s"], 0.5)

    def test_is_bound_to_processors_by_its_launcher(self):
        core = min(os.sched_getaffinity(0))
        shown = subprocess.run(
            [LAUNCH, str(core), "sh", "-c", "taskset -p $$; echo $KAFKA_ASIO_BENCH_EXEC_NS"],
            capture_output=True, text=True, timeout=SECONDS, check=True,
        ).stdout.split()  # fmt: skip
        self.assertEqual(int(shown[-2], 16), 1 << core)
        self.assertLess(abs(time.monotonic_ns() - int(shown[-1])), SECONDS * 1e9)
        for wrong in ("x", "", "99999"):
            with self.subTest(wrong):
                ended = subprocess.run([LAUNCH, wrong, "true"], capture_output=True)
                self.assertEqual(ended.returncode, 2)

    def test_tells_what_a_codec_costs_without_a_broker(self):
        with Yardstick() as broker:
            line = self.driver(
                broker, way="codec-alone", codec="lz4", corpus=self.plain, messages=20_000
            )
        self.assertEqual(broker.result["connections"], 0)
        self.assertGreater(line["user_s"] + line["system_s"], 0)

    def test_tells_what_waking_up_costs_without_a_broker(self):
        for way in ["pace-loop", "pace-sleep"]:
            with Yardstick() as broker:
                line = self.driver(
                    broker, way=way, mode="latency", rate=2000, messages=400, corpus=self.plain
                )
            self.assertEqual(broker.result["connections"], 0)
            self.assertGreater(line["wall_s"], 0.19)
            self.assertGreater(line["latency_us"]["p50"], 0)

    def test_consumes_from_every_partition(self):
        for way in ["conn-fetch", "conn-fetch-one"]:
            for profile in ["new", "old"]:
                for codec in CODECS:
                    options = {"codec": codec, "profile": profile, "brokers": 2, "partitions": 3}
                    with Yardstick(corpus=self.keyed, log_batch=4000, **options) as broker:
                        self.driver(
                            broker, way=way, mode="consume", messages=self.MESSAGES,
                            warmup=self.WARMUP, partitions=3, fetch=20_000,
                        )  # fmt: skip
                    self.assertEqual(broker.result["errors"], [])
                    fetched = broker.result["records_fetched"]
                    self.assertGreaterEqual(fetched, self.MESSAGES + self.WARMUP)
                    # What was asked for ahead, and no more.
                    self.assertLess(fetched, self.MESSAGES + self.WARMUP + 5000)

    @unittest.skipUnless(shutil.which("openssl"), "openssl is missing")
    def test_speaks_tls(self):
        tls = self.tls()
        made = tls["certificate"]
        self.produce("conn-append", None, tls, ca=made)
        with Yardstick(corpus=self.plain, **tls) as broker:
            self.driver(broker, way="conn-fetch", mode="consume", messages=50_000, ca=made)
        self.assertEqual(broker.result["errors"], [])

    @unittest.skipUnless(COUNTER.exists(), "not built with sanitizers")
    def test_has_its_allocations_counted_from_outside(self):
        with Yardstick(corpus=self.plain) as broker:
            self.assertNotIn(
                "allocations",
                self.driver(broker, way="conn-append", corpus=self.plain, messages=100),
            )
            ended = subprocess.run(
                [DRIVER, f"bootstrap={broker.bootstrap}", "way=conn-append",
                 f"corpus={self.plain}", "messages=200000"],
                env={**os.environ, "LD_PRELOAD": str(COUNTER)},
                capture_output=True, text=True, timeout=SECONDS, check=True,
            )  # fmt: skip
        line = json.loads(ended.stdout)
        self.assertGreater(line["allocations"], 0)
        self.assertGreater(line["allocated_bytes"], 0)
        self.assertLess(line["allocations"], 200_000 // 50)

    def test_refuses_what_it_cannot_do_with_a_sentence(self):
        needed = ["bootstrap=127.0.0.1:1", f"corpus={self.plain}"]
        for wrong in [
            ["way=conn-append", "speed=9"],
            ["way=conn-append", "messages=many"],
            ["way=conn-append", "acks=2"],
            ["way=conn-append", "settings=defaults"],
            ["way=conn-append", "mode=consume"],
            ["way=writer-try", "mode=consume"],
            ["way=writer-span", "mode=latency"],
            ["way=writer-try", "codec=zstd:99"],
            ["way=conn-encoded", "idempotent=1"],
            ["way=conn-append", "codec=zstd:99"],
            ["way=none-of-them"],
            [],
        ]:
            ended = subprocess.run(
                [DRIVER, *needed, *wrong], capture_output=True, text=True, timeout=SECONDS
            )
            self.assertEqual(ended.returncode, 2, wrong)
            self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)

    def test_fails_when_there_is_no_broker(self):
        ended = subprocess.run(
            [DRIVER, "bootstrap=127.0.0.1:1", "way=conn-append", f"corpus={self.plain}"],
            capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
        self.assertEqual(ended.returncode, 1)


if __name__ == "__main__":
    unittest.main()
