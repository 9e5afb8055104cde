#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of bench/harness/peers.py, and of the peers' drivers against the yardstick.

The drivers are tested where `bench/harness/peers.py` has built them before: that takes minutes and
registries, so it is not done here, in CI neither. KAFKA_ASIO_LONG=1 adds what takes two minutes.
"""

import hashlib
import io
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD") or ROOT / "build" / "check")
sys.path.insert(0, str(ROOT / "bench" / "harness"))

import peers  # noqa: E402

SECONDS = 170  # a driver ends itself after 120 without progress


def silent(_text):
    pass


class Harness(unittest.TestCase):
    """What needs neither a toolchain nor a registry."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.cache = self.place / "cache"
        self.programs = self.place / "programs"
        self.programs.mkdir()
        before = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", before)
        os.environ["PATH"] = str(self.programs)

    def program(self, name, script):
        """A fake on the PATH, which holds nothing else but what the shell brings itself."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def reason(self, name):
        result = peers.prepare(self.cache, [name], silent)[name]
        self.assertIsInstance(result, peers.Skipped)
        self.assertEqual(result.name, name)
        return result.reason

    def test_without_a_toolchain_each_peer_is_skipped_and_named(self):
        for name, program in (
            ("librdkafka", "c++"),
            ("franz-go", "go"),
            ("kafka-go", "go"),
            ("java", "java"),
        ):
            with self.subTest(name):
                self.assertRegex(
                    self.reason(name), rf"^{program.replace('+', '.')} is not installed"
                )

    def test_a_registry_that_does_not_answer_is_the_reason(self):
        self.program("c++", "echo c++ 12")
        self.program("gcc", "")
        self.program("make", "")
        self.program("npm", "echo 'npm error network timeout' >&2; exit 1")
        self.assertEqual(
            self.reason("librdkafka"),
            "librdkafka's source could not be had: npm error network timeout",
        )
        self.program("go", '[ "$1" = version ] || { echo "go: module lookup failed"; exit 1; }')
        self.assertEqual(
            self.reason("kafka-go"), "kafka-go 0.4.51 could not be had: go: module lookup failed"
        )
        self.program("java", "")
        self.program("javac", "echo javac 17.0.1")
        self.program("mvn", "echo '[INFO] hm'; echo '[ERROR] Network is unreachable'; exit 1")
        self.assertEqual(
            self.reason("java"),
            "kafka-clients 4.4.0 could not be had: [ERROR] Network is unreachable",
        )

    def test_a_java_that_is_too_old_is_skipped(self):
        self.program("java", "")
        self.program("javac", "echo javac 11.0.2")
        self.assertIn("javac is older than 17", self.reason("java"))

    def test_another_package_under_the_pinned_name_is_refused(self):
        for name in ("c++", "gcc", "make"):
            self.program(name, "")
        self.program("npm", "echo other > package.tgz")
        self.assertIn("not the one that was pinned", self.reason("librdkafka"))
        self.assertEqual([p for p in self.cache.iterdir() if p.suffix != ".lock"], [])

    def test_a_driver_that_does_not_build_is_an_error_and_leaves_nothing(self):
        self.program("go", '[ "$1" != build ] || { echo "undefined: x"; exit 1; }')
        with self.assertRaisesRegex(peers.BuildFailed, "undefined: x"):
            peers.prepare(self.cache, ["franz-go"], silent)
        self.assertEqual([p for p in self.cache.iterdir() if p.suffix != ".lock"], [])

    def test_what_is_kept_is_made_once(self):
        store = peers.Store(self.cache, silent)
        made = []

        def make(target):
            made.append(target)
            (target / "file").write_text("x")

        first = store.keep("name", make)
        self.assertEqual(store.keep("name", make), first)
        self.assertEqual(len(made), 1)
        self.assertEqual((first / "file").read_text(), "x")

    def test_prepared_makes_nothing(self):
        self.program("go", "exit 0")
        result = peers.prepared(self.cache, ["franz-go"])["franz-go"]
        self.assertIsInstance(result, peers.Skipped)
        self.assertIn("bench/harness/peers.py makes it", result.reason)
        self.assertFalse(self.cache.exists())

    def test_a_digest_follows_contents_names_and_order(self):
        folder = self.place / "sources"
        folder.mkdir()
        (folder / "a").write_text("1")
        seen = {peers.digest(folder), peers.digest(folder, "x"), peers.digest("x", folder)}
        (folder / "a").write_text("2")
        seen.add(peers.digest(folder))
        (folder / "a").rename(folder / "b")
        seen.add(peers.digest(folder))
        seen |= {peers.digest("ab", "c"), peers.digest("a", "bc")}
        self.assertEqual(len(seen), 7)

    def test_an_archive_cannot_write_elsewhere(self):
        for bad in ("in/../../out", "in/link"):
            with self.subTest(bad):
                archive = self.place / "a.tgz"
                with tarfile.open(archive, "w:gz") as tar:
                    entry = tarfile.TarInfo(bad)
                    if bad.endswith("link"):
                        entry.type = tarfile.SYMTYPE
                        entry.linkname = "/"
                    tar.addfile(entry, io.BytesIO())
                with self.assertRaises(peers.CannotBeHad):
                    peers.unpack(archive, "in/", self.place / "target")

    def test_an_unknown_name_is_wrong_usage(self):
        script = ROOT / "bench/harness/peers.py"
        ended = subprocess.run([sys.executable, script, "kafka"], capture_output=True, text=True)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("there is no peer kafka", ended.stderr)


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def write_corpus(path, count, keyed):
    """A corpus as bench/drivers/README.md describes it."""
    parts = [b"KABC0001", count.to_bytes(4, "little"), int(keyed).to_bytes(4, "little")]
    for i in range(count):
        noise = hashlib.sha256(i.to_bytes(4, "little")).hexdigest()
        rest = f'"message":"{noise[: i % 64]} of a service that works"}}'.encode()
        value = b'{"seq":"%08x","crc":"%08x",' % (i, crc32c(rest)) + rest
        key = b"key-%d" % (i % 97) if keyed else b""
        header = b"trace-%d" % i if keyed else b""
        parts += [len(part).to_bytes(4, "little") for part in (key, value, header)]
        parts += [key, value, header]
    path.write_bytes(b"".join(parts))


class Yardstick:
    """The broker while the block runs; `line` afterwards."""

    def __init__(self, **options):
        program = BUILD / "bench" / "yardstick" / "yardstick"
        if not program.exists():
            raise unittest.SkipTest(f"{program} is not built (-Dbench=enabled)")
        self.process = subprocess.Popen(
            [program, *(f"{name}={value}" for name, value in options.items())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.line = {}

    def __enter__(self):
        words = self.process.stdout.readline().split()
        if words[:1] != ["READY"]:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(f"the yardstick said {words}")
        self.bootstrap = words[1]
        return self

    def __exit__(self, *_):
        output, _ = self.process.communicate(timeout=60)  # closes its standard input
        self.line = json.loads(output)


class Drivers(unittest.TestCase):
    """Each method goes through all drivers that are there."""

    @classmethod
    def setUpClass(cls):
        results = peers.prepared(peers.default_cache(), list(peers.PEERS))
        cls.there = {n: peer for n, peer in results.items() if isinstance(peer, peers.Peer)}
        if not cls.there:
            raise unittest.SkipTest(
                "no driver of a peer is built: bench/harness/peers.py does, in minutes and through"
                " registries, which is why CI does without"
            )
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = pathlib.Path(place.name)
        cls.plain, cls.keyed = cls.place / "plain", cls.place / "keyed"
        write_corpus(cls.plain, 3000, False)
        write_corpus(cls.keyed, 3000, True)

    def call(self, peer, *arguments, **options):
        words = [*arguments, *(f"{name}={value}" for name, value in options.items())]
        return subprocess.run(
            [*peer.command, *words],
            env={**os.environ, **peer.env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def ways(self, producing):
        for peer in self.there.values():
            for way in peer.ways:
                if producing == any(word in way for word in ("produce", "send", "writer")):
                    yield peer, way

    def perform(self, peer, way, yardstick, **options):
        """A run that must succeed: its line, and the yardstick's."""
        options = {"warmup": 1000, "messages": 20_000, **options}
        for shared in ("partitions", "corpus"):
            if shared in options:
                yardstick.setdefault(shared, options[shared])
        with Yardstick(**yardstick) as broker:
            ended = self.call(peer, way=way, bootstrap=broker.bootstrap, **options)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(broker.line["errors"], [])
        line = json.loads(ended.stdout.splitlines()[-1])
        self.assertEqual(line["client"], f"{peer.name} {peer.version}")
        self.assertEqual(line["way"], way)
        for name in ("wall_s", "threads", "peak_rss", "idle_rss", "rss_file"):
            self.assertGreater(line[name], 0, name)
        for name in ("user_s", "system_s"):
            self.assertGreaterEqual(line[name], 0, name)
        self.assertIsInstance(line["settings"], dict)
        return line, broker.line

    def verified(self, peer, way, yardstick, **options):
        line, broker = self.perform(peer, way, {"verify": 1, **yardstick}, **options)
        records = options.get("warmup", 1000) + options.get("messages", 20_000)
        if options.get("mode") == "start":
            records = 1
        self.assertEqual(
            broker["verified"], {"records": records, "missing": 0, "repeated": 0, "bad": 0}
        )
        return line

    def certificate(self):
        if not shutil.which("openssl"):
            raise unittest.SkipTest("openssl is not installed")
        certificate, key = self.place / "cert.pem", self.place / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
            + ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
            + ["-keyout", key, "-out", certificate],
            check=True,
            capture_output=True,
        )
        return {"certificate": certificate, "key": key}

    def refused(self, peer, words, expected):
        ended = self.call(peer, *words)
        with self.subTest(peer=peer.name, words=words):
            self.assertEqual(ended.returncode, 2, ended.stderr)
            self.assertEqual(ended.stdout, "")
            self.assertIn(expected, ended.stderr)
            self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)

    def test_bad_options_are_refused_in_a_sentence(self):
        damaged = self.place / "damaged"
        damaged.write_bytes(self.plain.read_bytes()[:-1])
        for peer in self.there.values():
            produce = next(way for p, way in self.ways(True) if p is peer)
            consume = next(way for p, way in self.ways(False) if p is peer)
            good = [f"way={produce}", "bootstrap=127.0.0.1:1"]
            for words, expected in (
                ([], "way= is needed"),
                (["tuned"], "NAME=VALUE"),
                (["what=1"], "no option what"),
                (["messages=0"], "messages=0"),
                (["messages=many"], "messages=many"),
                (["acks=2"], "acks=2"),
                (["codec=lzma"], "codec=lzma"),
                (["topic=a", "topic=b"], "topic is given twice"),
                ([f"way={produce}"], "bootstrap= is needed"),
                (good, "corpus= is needed"),
                ([*good, f"corpus={self.place}/none"], "none"),
                ([*good, f"corpus={damaged}"], "ends within"),
                (["way=no", "bootstrap=127.0.0.1:1", "mode=consume"], "no way no"),
                ([*good, "mode=consume"], produce),
                ([f"way={consume}", "bootstrap=127.0.0.1:1", f"corpus={self.plain}"], consume),
            ):
                self.refused(peer, words, expected)

    def test_what_a_client_cannot_do_is_refused(self):
        here = ["bootstrap=127.0.0.1:1"]
        for name, words, expected in (
            ("kafka-go", ["way=kafkago-writer", "idempotent=1"], "no idempotence"),
            ("kafka-go", ["way=kafkago-writer", "codec=lz4:3"], "no levels of lz4"),
            ("franz-go", ["way=franz-produce", "idempotent=1", "in_flight=4"], "in flight"),
            ("franz-go", ["way=franz-produce", "codec=snappy:3"], "no levels of snappy"),
            ("java", ["way=java-send", "linger_us=500"], "whole milliseconds"),
            ("java", ["way=java-send", "idempotent=1", "in_flight=6"], "at most 5"),
            ("librdkafka", ["way=produce", "codec=zstd:22"], "compression.level"),
            ("librdkafka", ["way=produce-batch", f"corpus={self.keyed}"], "no headers"),
        ):
            if name in self.there:
                if not any(word.startswith("corpus=") for word in words):
                    words = [*words, f"corpus={self.plain}"]
                self.refused(self.there[name], [*here, *words], expected)

    def test_every_way_delivers_each_record_once(self):
        for peer, way in self.ways(True):
            for profile in ("new", "old"):
                with self.subTest(way=way, profile=profile):
                    self.verified(peer, way, {"profile": profile}, corpus=self.plain)

    def test_keys_headers_codecs_threads_and_brokers_lose_nothing_over_tls(self):
        tls = self.certificate()
        for peer, way in self.ways(True):
            with self.subTest(way=way):
                options = {"idempotent": 1} if peer.name != "kafka-go" else {}
                self.verified(
                    peer,
                    way,
                    {"brokers": 3, **tls},
                    corpus=self.plain if way == "produce-batch" else self.keyed,
                    ca=tls["certificate"],
                    partitions=12,
                    threads=3,
                    codec="zstd",
                    **options,
                )

    def test_the_clients_own_settings_deliver_too(self):
        for peer, way in self.ways(True):
            with self.subTest(way=way):
                line = self.verified(peer, way, {}, corpus=self.plain, settings="defaults")
                for name in line["settings"]:
                    self.assertNotRegex(name.lower(), r"batch\.?(size|maxb|bytes)|linger|flight")

    def test_every_way_consumes(self):
        tls = self.certificate()
        for peer, way in self.ways(False):
            for corpus, options in (
                (self.plain, {}),
                (self.keyed, {"partitions": 12, "ca": tls["certificate"]}),
            ):
                with self.subTest(way=way, options=options):
                    yardstick = {"corpus": corpus}
                    if "ca" in options:
                        yardstick |= {"brokers": 3, "codec": "lz4", **tls}
                    _, broker = self.perform(peer, way, yardstick, mode="consume", **options)
                    self.assertGreaterEqual(broker["records_fetched"], 21_000)

    def test_latencies_are_those_of_a_broker_that_takes_its_time(self):
        for peer, way in self.ways(True):
            if way == "produce-batch":
                continue
            with self.subTest(way=way):
                line = self.verified(
                    peer,
                    way,
                    {"delay_us": 20_000},
                    corpus=self.plain,
                    mode="latency",
                    linger_us=0,
                    messages=200,
                    rate=400,
                )
                self.assertGreaterEqual(line["wall_s"], 199 / 400 + 0.02)
                latency = line["latency_us"]
                self.assertGreaterEqual(latency["p50"], 19_800)  # kept to within 0.8 %
                ordered = [latency[name] for name in ("p50", "p90", "p99", "p99.9")]
                self.assertEqual(ordered, sorted(ordered))
                self.assertLessEqual(latency["p99.9"], latency["max"] * 1.01)
                self.assertLessEqual(latency["mean"], latency["max"])

    def test_start_produces_one_message(self):
        for peer, way in self.ways(True):
            if way == "produce-batch":
                continue
            with self.subTest(way=way):
                options = {"mode": "start", "linger_us": 0}
                line = self.verified(peer, way, {}, corpus=self.plain, **options)
                self.assertEqual(line["messages"], 1)

    @unittest.skipUnless(os.environ.get("KAFKA_ASIO_LONG"), "two minutes: KAFKA_ASIO_LONG=1")
    def test_a_broker_that_never_answers_is_an_error_within_bounds(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            found = {}

            def run(peer, way, mode):
                found[way] = self.call(
                    peer,
                    way=way,
                    mode=mode,
                    corpus=self.plain,
                    bootstrap=f"127.0.0.1:{server.getsockname()[1]}",
                )

            threads = [
                threading.Thread(target=run, args=(peer, way, mode))
                for mode in ("produce", "consume")
                for peer, way in self.ways(mode == "produce")
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(len(found), len(threads))
        for way, ended in found.items():
            with self.subTest(way=way):
                self.assertEqual(ended.returncode, 1, ended.stderr)
                self.assertNotEqual(ended.stderr.strip(), "")


if __name__ == "__main__":
    unittest.main()
