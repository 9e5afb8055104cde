#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tools/kafka-cluster: its parts, its manners with fake programs, and real clusters.

Real ones need Java, Maven (or a filled cache) and kcat; without them they are skipped, and fail
where CI=true. OtherVersions takes minutes: KAFKA_ASIO_LONG=1.
"""

import base64
import contextlib
import glob
import json
import os
import shlex
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
import urllib.error
import urllib.parse
import urllib.request

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
sys.path.insert(0, os.path.normpath(TOOLS))

from kafka_cluster import (  # noqa: E402
    certificates, cluster, config, folder, jars, leader, oauth, ports, process, wire,
)
from kafka_cluster.faults import Fault  # noqa: E402

SCRIPT = os.path.normpath(os.path.join(TOOLS, "kafka-cluster"))
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
FAILED, USAGE, MISSING, NO_JARS, WRONG_STATE = 1, 2, 3, 4, 5


def command(*arguments):
    return [sys.executable, SCRIPT, *map(str, arguments)]


def call(*arguments, **options):
    """Run tools/kafka-cluster; the finished process with stdout and stderr as text."""
    options = {"capture_output": True, "text": True, "timeout": 300, **options}
    return subprocess.run(command(*arguments), stdin=subprocess.DEVNULL, **options)


def need(condition, reason):
    """Skip without what a test needs; in CI its absence is a failure."""
    if not condition:
        if os.environ.get("CI") == "true":
            raise AssertionError(f"needed in CI: {reason}")
        raise unittest.SkipTest(reason)


def parse_environment(text):
    """What a shell makes of NAME=value lines."""
    return dict(word.split("=", 1) for word in shlex.split(text))


def left_in(place):
    """Command lines of live processes that work in a folder or name it (but for the tests)."""
    found = []
    for entry in glob.glob("/proc/[0-9]*"):
        pid = int(os.path.basename(entry))
        try:
            with open(f"{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                line = file.read().replace("\0", " ")
            cwd = os.readlink(f"{entry}/cwd")
        except OSError:
            continue
        stat = process.stat_of(pid)
        if pid != os.getpid() and stat and stat[0] not in "ZX":
            if cwd.startswith(place) or place in line:
                found.append(f"{pid} {line}")
    return found


def wait_until(condition, seconds=60.0):
    """Poll; whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


class ConfigText(unittest.TestCase):
    PORTS = {n: {name: 10000 + 10 * n + i for i, name in enumerate(config.listeners(False))}
             for n in (1, 2, 3)}
    SECURE = {n: {name: 10000 + 20 * n + i for i, name in enumerate(config.listeners(True))}
              for n in (1, 2, 3)}

    @staticmethod
    def properties(text):
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return dict(line.split("=", 1) for line in lines)

    def test_every_client_listener_is_bound_to_loopback_and_advertised_at_its_port(self):
        found = self.properties(config.node_config(2, self.PORTS, False, []))
        self.assertEqual(
            found["listeners"],
            "PLAINTEXT://127.0.0.1:10020,SSL://127.0.0.1:10021,SASL_PLAINTEXT://127.0.0.1:10022,"
            "SASL_SSL://127.0.0.1:10023,CONTROLLER://127.0.0.1:10024",
        )
        self.assertEqual(
            found["advertised.listeners"],
            "PLAINTEXT://127.0.0.1:10020,SSL://localhost:10021,SASL_PLAINTEXT://localhost:10022,"
            "SASL_SSL://localhost:10023",
        )

    def test_all_nodes_name_the_same_voters(self):
        voters = {self.properties(config.node_config(n, self.PORTS, False, []))
                  ["controller.quorum.voters"] for n in self.PORTS}
        self.assertEqual(voters, {"1@127.0.0.1:10014,2@127.0.0.1:10024,3@127.0.0.1:10034"})

    def test_one_node_asks_for_one_replica_of_the_internal_topics(self):
        one = self.properties(config.node_config(1, {1: self.PORTS[1]}, False, []))
        three = self.properties(config.node_config(1, self.PORTS, False, []))
        for name in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic"):
            self.assertEqual(one[f"{name}.replication.factor"], "1")
            self.assertEqual(three[f"{name}.replication.factor"], "3")
        self.assertEqual(one["transaction.state.log.min.isr"], "1")
        self.assertEqual(three["transaction.state.log.min.isr"], "2")

    def test_gssapi_is_enabled_only_with_a_kdc(self):
        without = config.node_config(1, self.PORTS, False, [])
        self.assertNotIn("GSSAPI", without)
        self.assertNotIn("Krb5", without)
        found = self.properties(config.node_config(1, self.PORTS, True, []))
        self.assertEqual(found["sasl.enabled.mechanisms"],
                         "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER,GSSAPI")
        self.assertIn("../kerberos/broker.keytab",
                      found["listener.name.sasl_ssl.gssapi.sasl.jaas.config"])

    def test_a_secured_node_adds_listeners_and_changes_none(self):
        plain = self.properties(config.node_config(1, self.PORTS, True, []))
        secure = self.properties(config.node_config(1, self.SECURE, True, [], 9999))
        listed = secure["listener.security.protocol.map"].split(",")
        self.assertEqual(set(listed) - set(plain["listener.security.protocol.map"].split(",")),
                         {"MTLS:SSL", "SSL_EXPIRED:SSL", "SSL_WRONG_HOST:SSL",
                          "SSL_UNTRUSTED:SSL", "SASL_OIDC:SASL_SSL"})
        for name, value in plain.items():
            if "listeners" not in name and "quorum" not in name and "protocol.map" not in name:
                self.assertEqual(secure[name], value, name)
        self.assertEqual(secure["listener.name.mtls.ssl.client.auth"], "required")
        self.assertEqual(secure["listener.name.ssl_expired.ssl.keystore.location"],
                         "../tls/server-expired.pem")

    def test_signed_tokens_are_checked_with_the_providers_keys(self):
        found = self.properties(config.node_config(1, self.SECURE, True, [], 9999))
        prefix = "listener.name.sasl_oidc.oauthbearer.sasl.oauthbearer"
        self.assertEqual(found[f"{prefix}.jwks.endpoint.url"], "http://127.0.0.1:9999/jwks")
        self.assertEqual(found["listener.name.sasl_oidc.sasl.enabled.mechanisms"], "OAUTHBEARER")

    def test_the_environment_names_every_listener_and_only_those(self):
        def brokers(pairs):
            return {name for name, _ in pairs if name.startswith("KAFKA_BROKERS")}

        basic = {"KAFKA_BROKERS", "KAFKA_BROKERS_SSL", "KAFKA_BROKERS_SASL_PLAINTEXT",
                 "KAFKA_BROKERS_SASL_SSL"}
        self.assertEqual(brokers(config.environment("/d", self.PORTS, False)), basic)
        pairs = config.environment("/d", self.SECURE, False, [1, 2], "4000")
        self.assertEqual(brokers(pairs) - basic,
                         {"KAFKA_BROKERS_MTLS", "KAFKA_BROKERS_SSL_EXPIRED",
                          "KAFKA_BROKERS_SSL_WRONG_HOST", "KAFKA_BROKERS_SSL_UNTRUSTED",
                          "KAFKA_BROKERS_SASL_OIDC"})
        found = dict(pairs)
        self.assertEqual(found["KAFKA_OAUTH_TOKEN_URL"], "http://127.0.0.1:1/token")
        self.assertEqual(found["KAFKA_OAUTH_TOKEN_URL_TLS"], "https://localhost:2/token")
        self.assertEqual(found["KAFKA_SASL_REAUTH_MS"], "4000")

    def test_an_id_of_a_cluster_never_looks_like_an_option(self):
        class Chosen:
            def __init__(self, data):
                self.bytes = data

        made = [Chosen(b"\xf8" + bytes(15)), Chosen(b"\xfb" + bytes(15)), Chosen(bytes(16))]
        self.assertEqual(cluster.cluster_id(lambda: made.pop(0)), "A" * 22)
        self.assertEqual(made, [])

    def test_extra_lines_come_last_so_that_they_win(self):
        text = config.node_config(1, self.PORTS, False, ["log.cleaner.threads=3", "a.b=c=d"])
        self.assertEqual(text.splitlines()[-2:], ["log.cleaner.threads=3", "a.b=c=d"])

    def test_no_property_holds_the_folder(self):
        text = config.node_config(1, self.PORTS, True, [])
        self.assertEqual([line for line in text.splitlines() if "=/" in line or '"/' in line], [])

    def test_an_extra_line_that_is_no_property_is_refused(self):
        for bad in ("novalue", "=x", "a b=c", "a=b\nnode.id=7", "a=b\\"):
            with self.subTest(bad), self.assertRaises(Fault) as caught:
                config.check_extra([bad])
            self.assertEqual(caught.exception.status, USAGE)
        config.check_extra(["connections.max.reauth.ms=20000", "empty="])

    def test_the_environment_names_kerberos_files_only_with_a_kdc(self):
        self.assertNotIn("KRB5_CONFIG", dict(config.environment("/d", self.PORTS, False)))
        found = dict(config.environment("/d", self.PORTS, True))
        self.assertEqual(found["KRB5_CONFIG"], "/d/kerberos/krb5.conf")
        self.assertEqual(found["KAFKA_BROKERS"], "127.0.0.1:10010,127.0.0.1:10020,127.0.0.1:10030")
        self.assertEqual(found["KAFKA_BROKERS_SSL"],
                         "localhost:10011,localhost:10021,localhost:10031")


class Ports(unittest.TestCase):
    def test_candidates_lie_outside_the_ephemeral_range(self):
        found = ports.candidates((32768, 60999))
        self.assertEqual((min(found), max(found)), (10000, 65535))
        self.assertFalse([p for p in found if 32768 <= p <= 60999])

    def test_an_ephemeral_range_that_leaves_too_few_is_not_avoided(self):
        self.assertEqual(len(ports.candidates((1024, 65535))), 55536)
        self.assertEqual(len(ports.candidates((10500, 65535))), 55536)

    def test_the_kernels_default_stands_in_for_an_unreadable_range(self):
        self.assertEqual(ports.ephemeral_range("/nonexistent"), (32768, 60999))

    def test_ports_taken_twice_are_distinct_while_the_claims_are_held(self):
        class InOrder:
            @staticmethod
            def shuffle(pool):
                pool.sort()

        with contextlib.ExitStack() as stack:
            first, claims = ports.take(20, InOrder)
            for claim in claims:
                stack.enter_context(claim)
            second, claims = ports.take(20, InOrder)
            for claim in claims:
                stack.enter_context(claim)
            self.assertEqual(len(set(first + second)), 40)

    def test_a_claim_ends_with_its_socket(self):
        (port,), (claim,) = ports.take(1)
        self.assertIsNone(ports.claim(port))
        claim.close()
        again = ports.claim(port)
        self.assertIsNotNone(again)
        again.close()

    def test_a_port_somebody_listens_at_is_not_free(self):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as other:
                other.bind(("127.0.0.1", 0))
                self.assertFalse(ports.is_free(other.getsockname()[1]))


class Processes(unittest.TestCase):
    def test_a_programs_name_may_hold_parentheses_and_spaces(self):
        fields = " ".join(str(n) for n in range(4, 30))
        self.assertEqual(process.parse_stat(f"12 (a) S (b c) T {fields}"), ("T", 22))

    def test_a_recycled_pid_is_another_process(self):
        start = process.start_time(os.getpid())
        self.assertTrue(process.is_alive(os.getpid(), start))
        self.assertFalse(process.is_alive(os.getpid(), start + 1))

    def test_a_recycled_pid_is_not_signalled(self):
        with subprocess.Popen(["sleep", "60"]) as child:
            start = process.start_time(child.pid)
            process.signal_exactly(child.pid, start - 1, signal.SIGKILL)
            self.assertIsNone(child.poll())
            process.signal_exactly(child.pid, start, signal.SIGKILL)
            self.assertEqual(child.wait(10), -signal.SIGKILL)

    def test_a_zombie_has_ended(self):
        with subprocess.Popen(["sleep", "60"]) as child:
            start = process.start_time(child.pid)
            child.kill()
            self.assertTrue(process.wait_gone(child.pid, start, 10))  # not reaped yet

    def test_a_child_dies_with_a_parent_that_is_killed(self):
        code = ("import sys, time; sys.path.insert(0, sys.argv[1])\n"
                "from kafka_cluster.process import spawn\n"
                "print(spawn(['sleep', '60']).pid, flush=True); time.sleep(60)")
        with subprocess.Popen([sys.executable, "-c", code, os.path.normpath(TOOLS)],
                              stdout=subprocess.PIPE, text=True) as parent:
            pid = int(parent.stdout.readline())
            start = process.start_time(pid)
            self.assertIsNotNone(start)
            parent.kill()
        self.assertTrue(process.wait_gone(pid, start, 10))

    def test_one_failing_command_of_several_leaves_none_running(self):
        with tempfile.TemporaryDirectory() as place:
            with self.assertRaises(Fault) as caught:
                process.run_all([(["sh", "-c", "echo why; exit 3"], {"cwd": place}),
                                 (["sleep", "60"], {"cwd": place})], "the test", 20)
            self.assertIn("why", caught.exception.extra)
            self.assertEqual(left_in(place), [])


class Wire(unittest.TestCase):
    def test_the_request_is_metadata_v1_for_no_topic(self):
        data = wire.metadata_request(7)
        self.assertEqual(data[:12], struct.pack(">ihhi", len(data) - 4, 3, 1, 7))
        self.assertEqual(data[-4:], struct.pack(">i", 0))

    def response(self):
        data = struct.pack(">ii", 7, 2)
        data += struct.pack(">ih", 1, 9) + b"127.0.0.1" + struct.pack(">ih", 5000, -1)
        data += struct.pack(">ih", 2, 9) + b"localhost" + struct.pack(">ih", 6000, 2) + b"r1"
        return data

    def test_brokers_are_read_with_and_without_a_rack(self):
        self.assertEqual(wire.parse_metadata(self.response(), 7),
                         {1: ("127.0.0.1", 5000), 2: ("localhost", 6000)})

    def test_a_response_cut_short_is_an_error(self):
        whole = self.response()
        for size in range(len(whole) - 2):  # the last two bytes are the last rack's text
            with self.subTest(size), self.assertRaises(ValueError):
                wire.parse_metadata(whole[:size], 7)

    def test_another_correlation_id_is_an_error(self):
        with self.assertRaises(ValueError):
            wire.parse_metadata(self.response(), 8)

    def topics(self):
        def numbers(*values):
            return struct.pack(f">i{len(values)}i", len(values), *values)

        data = self.response() + struct.pack(">i", 1) + struct.pack(">i", 2)
        data += struct.pack(">hh", 0, 1) + b"t" + struct.pack(">bi", 0, 1)
        data += struct.pack(">hii", 0, 4, 2) + numbers(2, 1) + numbers(1)
        return data + struct.pack(">hh", 3, 4) + b"gone" + struct.pack(">bi", 0, 0)

    def test_partitions_are_read_with_leader_replicas_and_in_sync_replicas(self):
        self.assertEqual(wire.parse_partitions(self.topics(), 7),
                         {"t": {4: (2, [2, 1], [1])}, "gone": {}})

    def test_partitions_cut_short_are_an_error(self):
        whole = self.topics()
        for size in range(len(whole)):
            with self.subTest(size), self.assertRaises(ValueError):
                wire.parse_partitions(whole[:size], 7)

    def test_a_reassignment_names_its_partition_and_replicas_in_compact_form(self):
        data = wire.reassign_request(7, "ab", 3, [2, 1], 1000)
        head = struct.pack(">ihhih", len(data) - 4, 45, 0, 7, 13) + b"kafka-cluster\0"
        body = (struct.pack(">i", 1000) + b"\x02\x03ab\x02" + struct.pack(">i", 3) + b"\x03"
                + struct.pack(">ii", 2, 1) + b"\0\0\0")
        self.assertEqual(data, head + body)

    def test_the_first_error_of_a_reassignment_is_found(self):
        def response(error, text):
            message = bytes([len(text) + 1]) + text if text else b"\0"
            return (struct.pack(">i", 7) + b"\0" + struct.pack(">ih", 0, 0) + b"\0\x02\x02t\x02"
                    + struct.pack(">ih", 3, error) + message + b"\0\0\0")

        self.assertEqual(wire.parse_reassign(response(0, b""), 7), (0, None))
        self.assertEqual(wire.parse_reassign(response(39, b"no"), 7), (39, "no"))
        with self.assertRaises(ValueError):
            wire.parse_reassign(response(39, b"no")[:-4], 7)

    def test_an_election_asks_for_the_preferred_leader(self):
        data = wire.elect_request(7, "t", 3, 1000)
        self.assertEqual(data[-20:], struct.pack(">bih", 0, 1, 1) + b"t"
                         + struct.pack(">iii", 1, 3, 1000))

    def test_the_error_of_an_election_is_found(self):
        data = struct.pack(">iihi", 7, 0, 0, 1) + struct.pack(">h", 1) + b"t"
        data += struct.pack(">iihh", 1, 3, 84, -1)
        self.assertEqual(wire.parse_elect(data, 7), (84, None))


class Leader(unittest.TestCase):
    def test_the_new_leader_stands_first_and_the_others_keep_their_order(self):
        self.assertEqual(leader.order_of([1, 2, 3], 3), [3, 1, 2])
        self.assertEqual(leader.order_of([1, 2], 1), [1, 2])

    def test_one_that_held_no_replica_takes_the_last_ones_place(self):
        self.assertEqual(leader.order_of([1, 2], 3), [3, 1])
        self.assertEqual(leader.order_of([1], 3), [3])

    def test_a_node_that_is_behind_is_waited_for(self):
        """Node 2 hears of the partition when it has been asked three times; node 1 knows it."""
        there = (1, [1, 2], [1, 2])
        asked = []

        class Scripted(leader.Mover):
            def found(self, node):
                asked.append(node)
                return there if node == 1 and self.known or asked.count(2) > 3 else None

        spec = types.SimpleNamespace(running=lambda: [1, 2])
        mover = Scripted(spec, "t", 0, 2, seconds=60)
        mover.known = True
        self.assertEqual(mover.described(2), there)
        self.assertEqual(asked.count(2), 4)
        asked.clear()
        mover.known = False
        with self.assertRaisesRegex(Fault, "no partition 0 of topic 't'"):
            mover.described(2)
        self.assertEqual(asked, [2, 1])


class Versions(unittest.TestCase):
    def test_java_tells_its_version_in_two_ways(self):
        self.assertEqual(jars.java_version('openjdk version "17.0.15" 2025-04-15'), 17)
        self.assertEqual(jars.java_version('java version "1.8.0_392"'), 8)
        self.assertEqual(jars.java_version('openjdk version "25" 2025-09-16'), 25)
        self.assertIsNone(jars.java_version("no such thing"))

    def test_a_version_must_be_a_release(self):
        for bad in ("4", "4.4", "../4.4.0", "4.4.0</version>", "4.4.0\n", ""):
            with self.subTest(bad), self.assertRaises(Fault):
                jars.check_version(bad)
        self.assertEqual(jars.check_version("3.9.1"), "3.9.1")

    def test_the_pom_leaves_out_what_is_not_published(self):
        text = jars.pom("kafka_2.13", "4.4.0")
        self.assertIn("<version>4.4.0</version>", text)
        self.assertRegex(text, r"(?s)<exclusion>.*kafka-tools-api.*</exclusion>")

    def test_the_tools_come_with_the_interface_of_their_plugins(self):
        self.assertNotIn("exclusion", jars.pom("kafka-tools", jars.TOOLS_VERSION))

    def test_no_repository_is_named(self):
        self.assertNotRegex(jars.pom("kafka_2.13", "4.4.0"), "<repositor|<mirror")


class Certificates(unittest.TestCase):
    def test_both_certificates_verify_and_the_servers_names_loopback(self):
        openssl = shutil.which("openssl")
        need(openssl, "openssl is missing (Debian package openssl)")
        with tempfile.TemporaryDirectory() as place:
            tls = os.path.join(place, "with space")
            certificates.make(openssl, tls, "alice")

            def verify(*arguments):
                subprocess.run([openssl, "verify", "-x509_strict", "-CAfile", "ca.pem",
                                *arguments], cwd=tls, check=True, capture_output=True)

            verify("-purpose", "sslserver", "-verify_hostname", "localhost", "server.pem")
            verify("-purpose", "sslserver", "-verify_ip", "127.0.0.1", "server.pem")
            verify("-purpose", "sslclient", "client.crt")
            with open(f"{tls}/client.key", encoding="ascii") as key:
                self.assertIn("BEGIN PRIVATE KEY", key.read())  # PKCS #8, as Java wants it


    def test_the_refused_ones_are_each_wrong_in_one_way(self):
        openssl = shutil.which("openssl")
        need(openssl, "openssl is missing (Debian package openssl)")
        with tempfile.TemporaryDirectory() as place:
            tls = os.path.join(place, "tls")
            certificates.make(openssl, tls, "alice", refused=True)

            def problem(*arguments):
                done = subprocess.run([openssl, "verify", "-x509_strict", *arguments], cwd=tls,
                                      capture_output=True, text=True)
                return done.stdout + done.stderr if done.returncode else ""

            trusting = ("-CAfile", "ca.pem")
            for side in ("server", "client"):
                purpose = ("-purpose", f"ssl{side}")
                self.assertIn("expired", problem(*trusting, *purpose, f"{side}-expired.crt"))
                self.assertEqual("", problem(*trusting, *purpose, "-no_check_time",
                                             f"{side}-expired.crt"))
                self.assertIn("issuer", problem(*trusting, *purpose, f"{side}-untrusted.crt"))
                self.assertEqual("", problem("-CAfile", "other-ca.pem", *purpose,
                                             f"{side}-untrusted.crt"))
            host = ("-verify_hostname", "localhost", "server-wrong-host.crt")
            self.assertIn("hostname mismatch", problem(*trusting, *host).lower())
            self.assertEqual("", problem(*trusting, "server-wrong-host.crt"))

    def test_the_clients_key_is_there_in_each_form_and_its_password_opens_it(self):
        openssl = shutil.which("openssl")
        need(openssl, "openssl is missing (Debian package openssl)")
        with tempfile.TemporaryDirectory() as place:
            tls = os.path.join(place, "tls")
            certificates.make(openssl, tls, "alice", refused=True)

            def said(*arguments):
                done = subprocess.run([openssl, *arguments], cwd=tls, capture_output=True)
                return done.stdout if done.returncode == 0 else None

            with open(f"{tls}/client.key", "rb") as file:
                key = file.read()
            right, wrong = (f"pass:{word}" for word in (certificates.KEY_PASSWORD, "wrong"))
            self.assertEqual(said("pkey", "-in", "client-encrypted.key", "-passin", right), key)
            self.assertIsNone(said("pkey", "-in", "client-encrypted.key", "-passin", wrong))
            store = ("pkcs12", "-in", "client.p12", "-nodes", "-nocerts")
            self.assertIn(key, said(*store, "-passin", right))
            self.assertIsNone(said(*store, "-passin", wrong))


class Provider(unittest.TestCase):
    """The OAuth provider, without a cluster."""

    @classmethod
    def setUpClass(cls):
        cls.openssl = shutil.which("openssl")
        need(cls.openssl, "openssl is missing (Debian package openssl)")
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        certificates.make(cls.openssl, f"{place.name}/tls", "alice")
        cls.folder = f"{place.name}/oauth"
        cls.authority = f"{place.name}/tls/ca.pem"
        oauth.make(cls.openssl, cls.folder)
        (cls.port, cls.tls_port), claims = ports.take(2)
        for claim in claims:
            cls.addClassCleanup(claim.close)
        running = subprocess.Popen(
            command("_provide", cls.openssl, cls.port, cls.tls_port), cwd=cls.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(running.wait)
        cls.addClassCleanup(running.kill)

        def listens():
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", cls.port), timeout=1).close()
                return True

        if not wait_until(listens, 20):
            raise AssertionError("the provider does not listen")

    def ask(self, path, form=None, basic=None, tls=False):
        """(status, JSON)"""
        base = f"https://localhost:{self.tls_port}" if tls else f"http://127.0.0.1:{self.port}"
        request = urllib.request.Request(
            base + path, urllib.parse.urlencode(form).encode() if form is not None else None)
        if basic:
            coded = base64.b64encode(basic.encode()).decode()
            request.add_header("Authorization", f"Basic {coded}")
        handlers = [urllib.request.ProxyHandler({})]
        if tls:
            context = ssl.create_default_context(cafile=self.authority)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    @staticmethod
    def parts(token):
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
                for part in token.split(".")]

    def verifies(self, token, key):
        """Whether the key's signature is right, by arithmetic: RFC 8017, section 8.2.2."""
        number = int.from_bytes(base64.urlsafe_b64decode(key["n"] + "=="), "big")
        signature = self.parts(token)[2]
        padded = pow(int.from_bytes(signature, "big"), 65537, number).to_bytes(256, "big")
        digest = subprocess.run([self.openssl, "dgst", "-sha256", "-binary"], check=True,
                                input=token.rpartition(".")[0].encode(), capture_output=True)
        return padded.startswith(b"\0\1\xff") and padded.endswith(digest.stdout)

    RIGHT = f"{oauth.CLIENT_ID}:{oauth.CLIENT_SECRET}"
    GRANT = {"grant_type": "client_credentials"}

    def test_a_token_is_given_for_the_secret_and_the_key_set_verifies_it(self):
        for tls in (False, True):
            status, answer = self.ask("/token", self.GRANT, self.RIGHT, tls)
            self.assertEqual((status, answer["token_type"]), (200, "Bearer"))
            status, keys = self.ask("/jwks", tls=tls)
            self.assertEqual(status, 200)
            self.assertTrue(self.verifies(answer["access_token"], keys["keys"][0]))
            claims = json.loads(self.parts(answer["access_token"])[1])
            self.assertEqual((claims["sub"], claims["aud"]), (oauth.CLIENT_ID, oauth.AUDIENCE))
            self.assertGreater(claims["exp"], time.time() + 60)

    def test_the_secret_may_stand_in_the_form(self):
        status, _ = self.ask("/token", {**self.GRANT, "client_id": oauth.CLIENT_ID,
                                        "client_secret": oauth.CLIENT_SECRET})
        self.assertEqual(status, 200)

    def test_what_is_wrong_is_named_as_the_standard_names_it(self):
        for form, basic, status, error in (
            (self.GRANT, f"{oauth.CLIENT_ID}:wrong", 401, "invalid_client"),
            (self.GRANT, None, 401, "invalid_client"),
            (self.GRANT, "", 401, "invalid_client"),
            ({}, self.RIGHT, 400, "unsupported_grant_type"),
            ({"grant_type": "password"}, self.RIGHT, 400, "unsupported_grant_type"),
        ):
            with self.subTest((form, basic)):
                found, answer = self.ask("/token", form, basic)
                self.assertEqual((found, answer["error"]), (status, error))
        self.assertEqual(self.ask("/nothing")[0], 404)
        self.assertEqual(self.ask("/nothing", self.GRANT)[0], 404)

    def test_a_silent_client_holds_up_nobody(self):
        for port in (self.port, self.tls_port):
            with socket.create_connection(("127.0.0.1", port)):
                self.assertEqual(self.ask("/jwks", tls=port == self.tls_port)[0], 200)

    def test_tokens_that_must_be_refused_can_be_made(self):
        _, keys = self.ask("/jwks")
        now = int(time.time())
        late = oauth.token(self.openssl, self.folder, "bob", -60)
        self.assertTrue(self.verifies(late, keys["keys"][0]))
        claims = json.loads(self.parts(late)[1])
        self.assertLess(claims["iat"], claims["exp"])
        self.assertAlmostEqual(claims["exp"], now - 60, delta=20)
        forged = oauth.token(self.openssl, self.folder, "bob", key="other")
        self.assertFalse(self.verifies(forged, keys["keys"][0]))


class Folder(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = place.name

    def test_a_folder_with_somebodys_files_is_refused(self):
        with open(f"{self.place}/thesis.tex", "w", encoding="ascii"):
            pass
        with self.assertRaises(Fault) as caught:
            folder.occupy(self.place)
        self.assertEqual(caught.exception.status, USAGE)
        self.assertEqual(os.listdir(self.place), ["thesis.tex"])

    def test_a_folder_is_one_clusters_at_a_time(self):
        held = folder.occupy(f"{self.place}/a/b")
        self.assertTrue(folder.is_running(f"{self.place}/a/b"))
        with self.assertRaises(Fault) as caught:
            folder.occupy(f"{self.place}/a/b")
        self.assertEqual(caught.exception.status, WRONG_STATE)
        os.close(held)
        self.assertFalse(folder.is_running(f"{self.place}/a/b"))

    def test_cleaning_removes_only_what_is_a_clusters(self):
        held = folder.occupy(self.place)
        self.addCleanup(os.close, held)
        os.makedirs(f"{self.place}/node-1/data")
        os.makedirs(f"{self.place}/nodes")
        folder.write_json(self.place, folder.CLUSTER_FILE, {})
        os.symlink("/etc", f"{self.place}/jars")
        folder.clean(self.place)
        self.assertEqual(os.listdir(self.place), ["nodes"])
        self.assertTrue(os.path.exists("/etc/passwd"))

    def test_the_control_socket_works_at_a_path_too_long_for_a_socket(self):
        deep = os.path.join(self.place, *["long" * 20] * 4)
        os.makedirs(deep)
        with folder.listen(deep) as listener:
            def serve():
                connection, _ = listener.accept()
                with connection:
                    folder.send_line(connection, {"heard": json.loads(
                        folder.receive_line(connection))["op"]})

            thread = threading.Thread(target=serve)
            thread.start()
            self.assertEqual(folder.ask(deep, op="hello"), {"heard": "hello"})
            thread.join()


class CommandLine(unittest.TestCase):
    """With no cluster and, where programs matter, with fake ones."""

    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="kafka cluster ")
        self.addCleanup(place.cleanup)
        self.place = place.name
        self.bin = os.path.join(self.place, "bin")
        os.mkdir(self.bin)
        self.env = {**os.environ, "PATH": self.bin, "TMPDIR": self.place,
                    "XDG_CACHE_HOME": os.path.join(self.place, "cache")}
        self.env.pop("JAVA_HOME", None)

    def fake(self, name, text):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n")
        os.chmod(path, 0o755)

    def fake_java(self, version="17.0.1"):
        self.fake("java", f"echo 'openjdk version \"{version}\"' >&2")

    def refused(self, status, *arguments):
        done = call(*arguments, env=self.env)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_wrong_usage_is_status_2(self):
        for arguments in (["fly"], ["kill"], ["kill", "x"], ["up", "--nodes", "0"],
                          ["up", "--nodes", "10"], ["up", "--version", "newest"],
                          ["up", "--config", "nonsense"], ["up", "--owner", "0"],
                          ["up", "--reauth-ms", "0"], ["move-leader", "t", "0"],
                          ["move-leader", "t", "x", "1"], ["token", "--key", "mine"], []):
            with self.subTest(arguments):
                self.refused(USAGE, *arguments)

    def test_an_owner_that_does_not_run_is_refused(self):
        with subprocess.Popen(["true"]) as gone:
            pass
        self.assertIn(f"no process {gone.pid}", self.refused(USAGE, "up", "--owner", gone.pid))

    def test_commands_on_no_cluster_are_status_5_and_say_where_they_looked(self):
        for arguments in (["status"], ["env"], ["kill", "1"], ["restart", "1"], ["stop", "1"],
                          ["start", "1"], ["readdress"], ["move-leader", "t", "0", "1"],
                          ["token"]):
            with self.subTest(arguments):
                error = self.refused(WRONG_STATE, *arguments)
                self.assertIn(f"{self.place}/kafka-asio-cluster-{os.getuid()}", error)
                self.assertEqual(len(error.splitlines()), 1)

    def test_down_of_no_cluster_succeeds(self):
        self.refused(0, "down", "--dir", f"{self.place}/none")

    def test_a_cluster_that_another_version_of_the_script_started_is_one_sentence(self):
        held = folder.occupy(f"{self.place}/c")
        self.addCleanup(os.close, held)
        folder.write_json(f"{self.place}/c", folder.CLUSTER_FILE, {"ports": {}})
        error = self.refused(WRONG_STATE, "status", "--dir", f"{self.place}/c")
        self.assertIn("another version", error)
        self.assertEqual(len(error.splitlines()), 1)

    def test_a_token_of_a_cluster_without_a_provider_is_status_5(self):
        held = folder.occupy(f"{self.place}/c")
        self.addCleanup(os.close, held)
        folder.write_json(f"{self.place}/c", folder.CLUSTER_FILE, {
            "version": "4.4.0", "ports": {}, "java": "java", "extra": [], "kdc": None,
            "oauth": None})
        error = self.refused(WRONG_STATE, "token", "--dir", f"{self.place}/c")
        self.assertIn("without --secure", error)

    def test_missing_java_is_status_3_and_names_the_package(self):
        for arguments in (["up"], ["check"], ["tool", "X"]):
            error = self.refused(MISSING, *arguments)
            self.assertIn("java is missing", error)
            self.assertIn("openjdk-17-jre-headless", error)

    def test_an_old_java_is_status_3(self):
        self.fake_java("11.0.2")
        self.assertIn("Java 11", self.refused(MISSING, "check"))

    def test_missing_maven_is_status_3_unless_the_cache_is_filled(self):
        self.fake_java()
        self.fake("openssl", "")
        self.assertIn("package maven", self.refused(MISSING, "check"))
        os.makedirs(f"{self.place}/cache/kafka-asio/kafka-4.4.0")
        done = call("check", env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_maven_without_its_repository_is_status_4_with_mavens_reason(self):
        self.fake("mvn", "echo '[INFO] hm'; echo '[ERROR] Network is unreachable'; exit 1")
        error = self.refused(NO_JARS, "jars")
        self.assertIn("Network is unreachable", error)
        self.assertEqual(os.listdir(f"{self.place}/cache/kafka-asio"), ["kafka-4.4.0.lock"])

    def test_a_release_that_does_not_exist_is_wrong_usage(self):
        self.fake("mvn", "echo '[ERROR] Failed: Could not find artifact "
                  "org.apache.kafka:kafka_2.13:jar:9.9.9 in somewhere'; exit 1")
        self.assertIn("not published", self.refused(USAGE, "jars", "--version", "9.9.9"))

    def test_a_repository_without_the_default_release_is_status_4(self):
        self.fake("mvn", "echo '[ERROR] Failed: Could not find artifact "
                  "org.apache.kafka:kafka_2.13:jar:4.4.0 in somewhere'; exit 1")
        self.refused(NO_JARS, "jars")

    def test_maven_that_brings_nothing_fills_no_cache(self):
        self.fake("mvn", "mkdir jars")
        self.refused(FAILED, "jars")
        self.assertEqual(os.listdir(f"{self.place}/cache/kafka-asio"), ["kafka-4.4.0.lock"])

    def test_jars_wanted_twice_at_once_are_fetched_once(self):
        self.fake("mvn", f"echo once >> '{self.place}/fetched'; sleep 1; mkdir jars; "
                  "touch jars/kafka_2.13-4.4.0.jar")
        both = [subprocess.Popen(command("jars"), env=self.env, text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL) for _ in range(2)]
        outputs = [one.communicate(timeout=60)[0] for one in both]
        self.assertEqual(outputs, [f"{self.place}/cache/kafka-asio/kafka-4.4.0\n"] * 2)
        with open(f"{self.place}/fetched", encoding="ascii") as file:
            self.assertEqual(file.read(), "once\n")

    def test_interrupting_a_fetch_ends_maven_and_leaves_no_half_of_it(self):
        self.fake("mvn", "mkdir jars; exec sleep 60")
        cache = f"{self.place}/cache/kafka-asio"
        with subprocess.Popen(command("jars"), env=self.env, stderr=subprocess.DEVNULL) as running:
            self.assertTrue(wait_until(lambda: glob.glob(f"{cache}/fetch-*/jars"), 20))
            running.terminate()
            self.assertEqual(running.wait(20), 128 + signal.SIGTERM)
        self.assertEqual(left_in(cache), [])
        self.assertEqual(os.listdir(cache), ["kafka-4.4.0.lock"])

    def test_killing_a_fetch_ends_maven_and_the_next_fetch_clears_up(self):
        self.fake("mvn", "mkdir jars; exec sleep 60")
        cache = f"{self.place}/cache/kafka-asio"
        with subprocess.Popen(command("jars"), env=self.env, stderr=subprocess.DEVNULL) as running:
            self.assertTrue(wait_until(lambda: glob.glob(f"{cache}/fetch-*/jars"), 20))
            running.kill()
        self.assertTrue(wait_until(lambda: not left_in(cache), 10))
        self.fake("mvn", "mkdir jars; touch jars/kafka_2.13-4.4.0.jar")
        self.assertEqual(call("jars", env=self.env).returncode, 0)
        self.assertEqual(sorted(os.listdir(cache)), ["kafka-4.4.0", "kafka-4.4.0.lock"])

    def test_a_cache_that_cannot_be_written_is_one_sentence(self):
        with open(self.env["XDG_CACHE_HOME"], "w", encoding="ascii"):
            pass
        error = self.refused(FAILED, "jars")
        self.assertIn("cannot be written", error)
        self.assertEqual(len(error.splitlines()), 1)

    def test_a_tool_is_given_its_arguments_and_its_class_path(self):
        os.makedirs(f"{self.place}/cache/kafka-asio/tools-{jars.TOOLS_VERSION}")
        self.fake("java", 'case "$1" in -version) echo \'version "17"\' >&2;; '
                  '*) for a in "$@"; do echo "<$a>"; done;; esac')
        done = call("tool", "a.B", "--topic", "x y", "--version", env={**self.env,
                    "KAFKA_OPTS": "-Dq='1 2'"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.endswith("<a.B>\n<--topic>\n<x y>\n<--version>\n"), done.stdout)
        self.assertIn("<-Dq=1 2>\n", done.stdout)
        self.assertIn(f"<{self.place}/cache/kafka-asio/tools-{jars.TOOLS_VERSION}/*>",
                      done.stdout)

    def test_a_failing_step_before_the_nodes_start_says_why_and_leaves_nothing_running(self):
        self.fake_java()
        self.fake("openssl", "echo 'no entropy'; exit 1")
        os.makedirs(f"{self.place}/cache/kafka-asio/kafka-4.4.0")
        done = call("up", "--dir", f"{self.place}/c", env=self.env)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("no entropy", done.stderr)
        self.assertIn("openssl failed with status 1", done.stderr)
        self.assertEqual(left_in(f"{self.place}/c"), [])
        self.refused(WRONG_STATE, "status", "--dir", f"{self.place}/c")


class Clusters(unittest.TestCase):
    """What tests with real clusters share."""

    @classmethod
    def setUpClass(cls):
        checked = call("check", "--tools", timeout=1800)
        need(checked.returncode not in (MISSING, NO_JARS), checked.stderr.strip())
        if checked.returncode != 0:
            raise AssertionError(checked.stderr)
        need(shutil.which("kcat"), "kcat is missing (Debian package kcat)")
        place = tempfile.TemporaryDirectory(prefix="kafka cluster ")
        cls.addClassCleanup(place.cleanup)
        cls.place = place.name

    @classmethod
    def bring_up(cls, name, *arguments):
        """A cluster that ends with this process at the latest; its folder and environment."""
        where = os.path.join(cls.place, name)
        cls.addClassCleanup(call, "down", "--dir", where)
        done = call("up", "--dir", where, "--owner", os.getpid(), *arguments)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return where, parse_environment(done.stdout)

    def kcat(self, *arguments, given=None, environment=None):
        """What kcat printed; a failure is this test's."""
        done = subprocess.run(["kcat", "-q", "-X", "broker.address.family=v4", *arguments],
                              input=given, capture_output=True, text=True, timeout=60,
                              stdin=None if given is not None else subprocess.DEVNULL,
                              env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def round_trip(self, env, topic, brokers, *settings, environment=None):
        """Produce over PLAINTEXT, consume over what is asked for."""
        self.kcat("-P", "-b", env["KAFKA_BROKERS"], "-t", topic, given="one\ntwo\n")
        found = self.kcat("-C", "-b", env[brokers], "-t", topic, "-e", "-o", "beginning",
                          *settings, environment=environment)
        self.assertEqual(found, "one\ntwo\n")

    def ssl(self, env):
        return ["-X", f"ssl.ca.location={env['KAFKA_SSL_CA']}"]

    def sasl(self, env, protocol, mechanism):
        settings = ["-X", f"security.protocol={protocol}", "-X", f"sasl.mechanisms={mechanism}"]
        if mechanism == "OAUTHBEARER":
            settings += ["-X", "enable.sasl.oauthbearer.unsecure.jwt=true",
                         "-X", "sasl.oauthbearer.config=principal=alice"]
        elif mechanism == "GSSAPI":
            settings += ["-X", f"sasl.kerberos.service.name={env['KAFKA_KRB5_SERVICE']}",
                         "-X", "sasl.kerberos.kinit.cmd=true"]
        else:
            settings += ["-X", f"sasl.username={env['KAFKA_SASL_USERNAME']}",
                         "-X", f"sasl.password={env['KAFKA_SASL_PASSWORD']}"]
        return settings + (self.ssl(env) if protocol == "sasl_ssl" else [])

    def mutual_tls(self, env):
        """kcat with the certificate that the listener demands."""
        self.round_trip(env, "mutual-tls", "KAFKA_BROKERS_MTLS", "-X", "security.protocol=ssl",
                        *self.ssl(env),
                        "-X", f"ssl.certificate.location={env['KAFKA_SSL_CERTIFICATE']}",
                        "-X", f"ssl.key.location={env['KAFKA_SSL_KEY']}")

    def console_consumer(self, env, topic, brokers, *settings, options=""):
        """Java's own client, over SASL_SSL."""
        self.kcat("-P", "-b", env["KAFKA_BROKERS"], "-t", topic, given="one\ntwo\n")
        file = os.path.join(self.place, f"{topic}.properties")
        with open(file, "w", encoding="ascii") as written:
            written.write("security.protocol=SASL_SSL\nssl.truststore.type=PEM\n"
                          f"ssl.truststore.location={env['KAFKA_SSL_CA']}\n")
            written.write("".join(f"{line}\n" for line in settings))
        done = call("tool", CONSUMER, "--bootstrap-server", env[brokers],
                    "--command-config", file, "--topic", topic, "--from-beginning",
                    "--max-messages", 2, "--timeout-ms", 60000,
                    env={**os.environ, "KAFKA_OPTS": options})
        self.assertEqual((done.returncode, done.stdout), (0, "one\ntwo\n"), done.stderr)

    def scram(self, env, mechanism):
        """Debian's librdkafka 2.0.2 fails SCRAM since CVE-2024-56128's fix."""
        self.console_consumer(
            env, mechanism, "KAFKA_BROKERS_SASL_SSL", f"sasl.mechanism={mechanism}",
            "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
            f'username="{env["KAFKA_SASL_USERNAME"]}" password="{env["KAFKA_SASL_PASSWORD"]}";')

    def signed_token(self, env):
        """Debian's librdkafka is built without what fetches tokens."""
        package = "org.apache.kafka.common.security.oauthbearer"
        url = env["KAFKA_OAUTH_TOKEN_URL"]
        self.console_consumer(
            env, "signed-token", "KAFKA_BROKERS_SASL_OIDC", "sasl.mechanism=OAUTHBEARER",
            f"sasl.login.callback.handler.class={package}.OAuthBearerLoginCallbackHandler",
            f"sasl.oauthbearer.token.endpoint.url={url}",
            f"sasl.jaas.config={package}.OAuthBearerLoginModule required "
            f'clientId="{env["KAFKA_OAUTH_CLIENT_ID"]}" '
            f'clientSecret="{env["KAFKA_OAUTH_CLIENT_SECRET"]}" '
            f'scope="{env["KAFKA_OAUTH_SCOPE"]}";',
            options=f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={url}")

    def states(self, where):
        """{node: state} as `status` says."""
        answer = json.loads(call("status", "--json", "--dir", where).stdout)
        return {entry["node"]: entry["state"] for entry in answer["nodes"]}

    def everything(self, version):
        """A short proof for a release: three nodes, each way in, and out again."""
        where, env = self.bring_up(version, "--quick", "--secure", "--version", version)
        self.round_trip(env, "plain", "KAFKA_BROKERS")
        self.round_trip(env, "ssl", "KAFKA_BROKERS_SSL", "-X", "security.protocol=ssl",
                        *self.ssl(env))
        for mechanism in ("PLAIN", "OAUTHBEARER", "GSSAPI"):
            if mechanism != "GSSAPI" or "KRB5_CONFIG" in env:
                self.round_trip(env, mechanism, "KAFKA_BROKERS_SASL_SSL",
                                *self.sasl(env, "sasl_ssl", mechanism), environment=env)
        self.mutual_tls(env)
        self.scram(env, "SCRAM-SHA-256")
        self.scram(env, "SCRAM-SHA-512")
        self.signed_token(env)
        self.assertEqual(call("move-leader", "plain", 0, 2, "--dir", where).returncode, 0)
        self.assertEqual(call("kill", 2, "--dir", where).returncode, 0)
        self.assertEqual(call("restart", 2, "--new-port", "--dir", where).returncode, 0)
        self.assertEqual(call("down", "--dir", where).returncode, 0)
        self.assertEqual(left_in(where), [])


class RealCluster(Clusters):
    """Three nodes of 4.4.0."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.where, cls.env = cls.bring_up("three nodes", "--secure")

    def test_up_printed_what_clients_need_and_the_files_exist(self):
        for name in ("KAFKA_BROKERS", "KAFKA_BROKERS_SSL", "KAFKA_BROKERS_SASL_PLAINTEXT",
                     "KAFKA_BROKERS_SASL_SSL"):
            self.assertEqual(len(self.env[name].split(",")), 3, name)
        for name in ("KAFKA_SSL_CA", "KAFKA_SSL_CERTIFICATE", "KAFKA_SSL_KEY"):
            self.assertTrue(os.path.isfile(self.env[name]), name)
        for name in ("client.pem", "client.p12", "client-encrypted.key", "client-encrypted.pem",
                     "client-expired.crt", "client-untrusted.key", "other-ca.pem"):
            self.assertTrue(os.path.isfile(f"{self.env['KAFKA_SECURITY_DIR']}/{name}"), name)
        self.assertTrue(self.env["KAFKA_SASL_USERNAME"] and self.env["KAFKA_SASL_PASSWORD"])

    def test_env_prints_the_same_lines_again(self):
        done = call("env", "--dir", self.where)
        self.assertEqual(parse_environment(done.stdout)["KAFKA_SSL_CA"], self.env["KAFKA_SSL_CA"])

    def test_a_posix_shell_takes_the_lines_with_a_space_in_the_path(self):
        done = subprocess.run(
            ["sh", "-c", 'eval "$("$@")"; cat "$KAFKA_SSL_CA"', "sh",
             *command("env", "--dir", self.where)],
            capture_output=True, text=True, check=True)
        self.assertIn("BEGIN CERTIFICATE", done.stdout)

    def test_plaintext_serves(self):
        self.round_trip(self.env, "plaintext", "KAFKA_BROKERS")

    def test_ssl_accepts_a_client_certificate_and_its_absence(self):
        ssl = ["-X", "security.protocol=ssl", *self.ssl(self.env)]
        self.round_trip(self.env, "ssl-without", "KAFKA_BROKERS_SSL", *ssl)
        self.round_trip(self.env, "ssl-with", "KAFKA_BROKERS_SSL", *ssl,
                        "-X", f"ssl.certificate.location={self.env['KAFKA_SSL_CERTIFICATE']}",
                        "-X", f"ssl.key.location={self.env['KAFKA_SSL_KEY']}")

    def test_mutual_tls_serves_and_demands_a_certificate(self):
        self.mutual_tls(self.env)
        done = subprocess.run(["kcat", "-L", "-m", "3", "-b", self.env["KAFKA_BROKERS_MTLS"],
                               "-X", "security.protocol=ssl", *self.ssl(self.env)],
                              capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("bad certificate", done.stderr)

    def test_a_token_of_the_provider_serves(self):
        self.signed_token(self.env)

    def test_token_prints_one_that_openssl_signed(self):
        done = call("token", "--subject", "bob", "--dir", self.where)
        claims = Provider.parts(done.stdout.strip())[1]
        self.assertEqual(json.loads(claims)["sub"], "bob")

    def test_sasl_plain_serves_with_and_without_tls(self):
        for protocol in ("sasl_plaintext", "sasl_ssl"):
            self.round_trip(self.env, f"plain-{protocol}", f"KAFKA_BROKERS_{protocol.upper()}",
                            *self.sasl(self.env, protocol, "PLAIN"))

    def test_a_wrong_password_is_refused(self):
        env = {**self.env, "KAFKA_SASL_PASSWORD": "wrong"}
        done = subprocess.run(["kcat", "-L", "-m", "10", "-b", env["KAFKA_BROKERS_SASL_PLAINTEXT"],
                               *self.sasl(env, "sasl_plaintext", "PLAIN")],
                              capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Authentication failed", done.stderr)

    def test_oauthbearer_takes_unsigned_tokens(self):
        self.round_trip(self.env, "oauth", "KAFKA_BROKERS_SASL_SSL",
                        *self.sasl(self.env, "sasl_ssl", "OAUTHBEARER"))

    def test_gssapi_serves_where_a_kdc_is_installed(self):
        need("KRB5_CONFIG" in self.env, "no KDC (krb5-kdc, krb5-admin-server)")
        plugins = glob.glob("/usr/lib/*/sasl2/libgssapiv2.so")
        need(plugins, "Cyrus SASL without GSSAPI (libsasl2-modules-gssapi-mit)")
        self.round_trip(self.env, "gssapi", "KAFKA_BROKERS_SASL_PLAINTEXT",
                        *self.sasl(self.env, "sasl_plaintext", "GSSAPI"), environment=self.env)

    def test_scram_sha_256_serves(self):
        self.scram(self.env, "SCRAM-SHA-256")

    def test_scram_sha_512_serves(self):
        self.scram(self.env, "SCRAM-SHA-512")

    def test_a_node_uses_no_more_than_its_512_mb_of_heap(self):
        answer = json.loads(call("status", "--json", "--dir", self.where).stdout)
        for entry in answer["nodes"]:
            with open(f"/proc/{entry['pid']}/cmdline", "rb") as file:
                self.assertIn(b"-Xmx512m", file.read().split(b"\0"))

    def test_a_second_up_in_the_same_folder_is_status_5(self):
        done = call("up", "--dir", self.where)
        self.assertEqual(done.returncode, WRONG_STATE, done.stderr)
        self.assertEqual(set(self.states(self.where).values()), {"running"})

    def test_a_killed_node_is_stopped_and_comes_back_at_its_address(self):
        self.assertEqual(call("kill", 1, "--dir", self.where).returncode, 0)
        done = call("status", "--dir", self.where)
        self.assertEqual(done.returncode, FAILED)
        self.assertRegex(done.stdout, r"(?m)^1 pid=- state=stopped PLAINTEXT=\d+")
        self.assertEqual(call("kill", 1, "--dir", self.where).returncode, WRONG_STATE)
        before = call("env", "--dir", self.where).stdout
        self.assertEqual(call("restart", 1, "--dir", self.where).returncode, 0)
        self.assertEqual(self.states(self.where), {1: "running", 2: "running", 3: "running"})
        self.assertEqual(call("env", "--dir", self.where).stdout, before)
        self.round_trip(self.env, "after-kill", "KAFKA_BROKERS")

    def test_a_paused_node_hears_nothing_until_it_is_resumed(self):
        env = parse_environment(call("env", "--dir", self.where).stdout)
        port = int(env["KAFKA_BROKERS"].split(",")[1].split(":")[1])
        self.assertEqual(call("pause", 2, "--dir", self.where).returncode, 0)
        self.assertEqual(self.states(self.where)[2], "paused")
        with self.assertRaises(OSError):
            wire.brokers_known_to(port, 0.5)
        self.assertEqual(call("resume", 2, "--dir", self.where).returncode, 0)
        self.assertEqual(self.states(self.where)[2], "running")
        self.assertIn(2, wire.brokers_known_to(port, 30))

    def test_a_restart_with_new_ports_is_known_to_every_node(self):
        before = parse_environment(call("env", "--dir", self.where).stdout)
        done = call("restart", 3, "--new-port", "--dir", self.where)
        self.assertEqual(done.returncode, 0, done.stderr)
        after = parse_environment(done.stdout)
        for name in ("KAFKA_BROKERS", "KAFKA_BROKERS_SSL", "KAFKA_BROKERS_SASL_SSL"):
            old, new = before[name].split(","), after[name].split(",")
            self.assertEqual(old[:2], new[:2])
            self.assertNotEqual(old[2], new[2])
        addresses = [one.split(":") for one in after["KAFKA_BROKERS"].split(",")]
        for host, port in addresses:
            self.assertEqual(wire.brokers_known_to(int(port))[3], ("127.0.0.1",
                                                                  int(addresses[2][1])))
        with self.assertRaises(ConnectionRefusedError):
            old_port = before["KAFKA_BROKERS"].split(",")[2].split(":")[1]
            socket.create_connection(("127.0.0.1", int(old_port)), timeout=5)
        self.round_trip(after, "new-port", "KAFKA_BROKERS_SSL", "-X", "security.protocol=ssl",
                        *self.ssl(after))

    def test_a_node_that_does_not_exist_is_wrong_usage(self):
        self.assertEqual(call("kill", 4, "--dir", self.where).returncode, USAGE)
        self.assertEqual(call("move-leader", "t", 0, 4, "--dir", self.where).returncode, USAGE)

    def test_a_stopped_node_stays_down_until_it_is_started(self):
        self.assertEqual(call("start", 2, "--dir", self.where).returncode, WRONG_STATE)
        self.assertEqual(call("stop", 2, "--dir", self.where).returncode, 0)
        self.assertEqual(self.states(self.where), {1: "running", 2: "stopped", 3: "running"})
        self.assertEqual(call("stop", 2, "--dir", self.where).returncode, WRONG_STATE)
        self.assertEqual(call("start", 2, "--dir", self.where).returncode, 0)
        self.assertEqual(self.states(self.where)[2], "running")

    def test_a_leader_moves_to_a_replica_and_to_a_node_that_held_none(self):
        env = parse_environment(call("env", "--dir", self.where).stdout)
        done = call("tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server",
                    env["KAFKA_BROKERS"], "--create", "--topic", "moved",
                    "--replica-assignment", "1:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.kcat("-P", "-b", env["KAFKA_BROKERS"], "-t", "moved", given="one\n")
        for node, replicas in ((2, "2,1"), (3, "3,2"), (3, "3,2"), (2, "2,3")):
            done = call("move-leader", "moved", 0, node, "--dir", self.where)
            self.assertEqual(done.returncode, 0, done.stderr)
            found = self.kcat("-L", "-b", env["KAFKA_BROKERS"], "-t", "moved")
            self.assertIn(f"partition 0, leader {node}, replicas: {replicas}, ", found)
        self.assertEqual(self.kcat("-C", "-b", env["KAFKA_BROKERS"], "-t", "moved", "-e"), "one\n")

    def test_moving_the_leader_of_no_partition_is_wrong_usage(self):
        done = call("move-leader", "nowhere", 0, 1, "--dir", self.where)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("no partition 0 of topic 'nowhere'", done.stderr)

    def test_readdressing_moves_every_listener_of_every_node_and_keeps_the_data(self):
        before = parse_environment(call("env", "--dir", self.where).stdout)
        self.kcat("-P", "-b", before["KAFKA_BROKERS"], "-t", "kept", given="one\n")
        done = call("readdress", "--dir", self.where)
        self.assertEqual(done.returncode, 0, done.stderr)
        after = parse_environment(done.stdout)
        names = [name for name in before if name.startswith("KAFKA_BROKERS")]
        self.assertEqual(len(names), 9)
        for name in names:
            self.assertFalse(set(before[name].split(",")) & set(after[name].split(",")), name)
        found = self.kcat("-L", "-b", after["KAFKA_BROKERS"])
        for address in after["KAFKA_BROKERS"].split(","):
            self.assertIn(f" at {address}", found)
        self.assertEqual(self.kcat("-C", "-b", after["KAFKA_BROKERS"], "-t", "kept", "-e"),
                         "one\n")
        type(self).env = after


class Endings(Clusters):
    """One node is enough to see that nothing outlives what it should not."""

    def setUp(self):
        self.where = os.path.join(self.place, self.id().rsplit(".", 1)[1])
        self.addCleanup(call, "down", "--dir", self.where)

    def up(self, *arguments, **options):
        return subprocess.Popen(
            command("up", "--quick", "--nodes", 1, "--dir", self.where, *arguments), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def brokers(self):
        return [line for line in left_in(self.where) if "kafka.Kafka" in line]

    def assert_nothing_left(self, seconds=15):
        self.assertTrue(wait_until(lambda: not left_in(self.where), seconds),
                        f"still running: {left_in(self.where)}")

    def interrupted(self, number, reached):
        with self.up() as running:
            self.assertTrue(wait_until(reached), "up did not get that far")
            running.send_signal(number)
            output, error = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 128 + number, error)
        self.assertEqual(output, "")
        self.assertEqual(left_in(self.where), [])
        self.assertFalse(os.path.exists(self.where))

    def test_down_leaves_no_process_and_no_file(self):
        with self.up() as running:
            self.assertEqual(running.wait(200), 0)
        self.assertEqual(len(self.brokers()), 1)
        self.assertEqual(call("down", "--dir", self.where).returncode, 0)
        self.assertEqual(left_in(self.where), [])
        self.assertFalse(os.path.exists(self.where))

    def test_down_ends_a_paused_node_and_keeps_the_logs_if_asked(self):
        with self.up() as running:
            self.assertEqual(running.wait(200), 0)
        call("pause", 1, "--dir", self.where)
        self.assertEqual(call("down", "--keep", "--dir", self.where).returncode, 0)
        self.assertEqual(left_in(self.where), [])
        self.assertTrue(os.path.exists(f"{self.where}/node-1/kafka.log"))
        self.assertEqual(call("down", "--dir", self.where).returncode, 0)
        self.assertFalse(os.path.exists(self.where))

    def test_down_ends_a_cluster_whose_supervisor_is_stuck(self):
        with self.up() as running:
            self.assertEqual(running.wait(200), 0)
        os.kill(folder.read_json(self.where, folder.SUPERVISOR_FILE)[0]["pid"], signal.SIGSTOP)
        self.assertEqual(call("down", "--dir", self.where).returncode, 0)
        self.assertEqual(left_in(self.where), [])
        self.assertFalse(os.path.exists(self.where))

    def test_the_end_of_the_owner_ends_all(self):
        with subprocess.Popen(["sleep", "600"]) as owner:
            with self.up("--owner", str(owner.pid)) as running:
                self.assertEqual(running.wait(200), 0)
            self.assertEqual(len(self.brokers()), 1)
            owner.kill()
            # A zombie has ended, too: it is reaped only below.
            self.assert_nothing_left()
        self.assertTrue(wait_until(lambda: not os.path.exists(self.where), 5))

    def test_the_end_of_the_owner_while_it_starts_ends_all(self):
        with subprocess.Popen(["sleep", "600"]) as owner:
            with self.up("--owner", str(owner.pid)) as running:
                self.assertTrue(wait_until(self.brokers))
                owner.kill()
                self.assertEqual(running.wait(60), FAILED)
            self.assertEqual(left_in(self.where), [])

    def test_a_killed_supervisor_takes_the_nodes_along(self):
        with self.up() as running:
            self.assertEqual(running.wait(200), 0)
        os.kill(folder.read_json(self.where, folder.SUPERVISOR_FILE)[0]["pid"], signal.SIGKILL)
        self.assert_nothing_left()
        self.assertEqual(call("status", "--dir", self.where).returncode, WRONG_STATE)

    def test_removing_the_folder_ends_all(self):
        with self.up() as running:
            self.assertEqual(running.wait(200), 0)
        shutil.rmtree(self.where, ignore_errors=True)
        self.assert_nothing_left()

    def test_up_interrupted_while_it_prepares_leaves_nothing(self):
        self.interrupted(signal.SIGINT, lambda: os.path.exists(f"{self.where}/tls/ca.pem"))

    def test_up_interrupted_while_it_formats_leaves_nothing(self):
        self.interrupted(signal.SIGHUP, lambda: any(
            "StorageTool" in line for line in left_in(self.where)))

    def test_up_terminated_while_nodes_start_leaves_nothing(self):
        self.interrupted(signal.SIGTERM, self.brokers)

    def test_up_killed_while_nodes_start_leaves_no_process(self):
        with self.up() as running:
            self.assertTrue(wait_until(self.brokers))
            running.kill()
        self.assert_nothing_left()

    def test_up_whose_output_nobody_reads_leaves_nothing(self):
        with self.up() as running:
            running.stdout.close()
            running.stdout = None
            self.assertNotEqual(running.wait(200), 0)
        self.assertEqual(left_in(self.where), [])

    def test_a_shell_substitution_of_up_returns(self):
        line = shlex.join(command("up", "--quick", "--nodes", 1, "--dir", self.where))
        done = subprocess.run(["sh", "-c", f'eval "$({line} --owner $$)"; echo "$KAFKA_BROKERS"; '
                               "exit 0"], capture_output=True, text=True, timeout=200)
        self.assertRegex(done.stdout, r"^127\.0\.0\.1:\d+\n$", done.stderr)
        self.assert_nothing_left()  # its owner, that shell, has ended

    def test_a_node_that_cannot_start_fails_up_with_its_log(self):
        with self.up("--config", "num.io.threads=nonsense") as running:
            output, error = running.communicate(timeout=200)
        self.assertEqual(running.returncode, FAILED)
        self.assertIn("num.io.threads", error)
        self.assertEqual(left_in(self.where), [])

    def test_a_cluster_that_is_not_ready_in_time_fails_up(self):
        with self.up("--timeout", "0.1") as running:
            output, error = running.communicate(timeout=200)
        self.assertEqual(running.returncode, FAILED)
        self.assertIn("after 0.1 s", error)
        self.assertEqual(left_in(self.where), [])

    def test_down_ends_a_cluster_that_is_still_starting(self):
        with self.up() as running:
            self.assertTrue(wait_until(self.brokers))
            self.assertEqual(call("down", "--dir", self.where).returncode, 0)
            output, error = running.communicate(timeout=60)
        self.assertEqual((running.returncode, output), (FAILED, ""))
        self.assertIn("ended while it started", error)
        self.assertEqual(left_in(self.where), [])

    def test_a_line_of_config_reaches_every_node(self):
        with self.up("--reauth-ms", "5000", "--config",
                     "connections.max.reauth.ms=20000") as running:
            output, _ = running.communicate(timeout=200)
            self.assertEqual(running.returncode, 0)
        self.assertIn("KAFKA_SASL_REAUTH_MS=20000\n", output)  # the last line counts
        with open(f"{self.where}/node-1/kafka.log", encoding="utf-8") as file:
            self.assertIn("connections.max.reauth.ms = 20000", file.read())

    def test_two_clusters_started_at_once_do_not_share_a_port(self):
        self.addCleanup(call, "down", "--dir", f"{self.where}-b")
        with self.up() as first, subprocess.Popen(
            command("up", "--quick", "--nodes", 1, "--dir", f"{self.where}-b"), text=True,
            stdout=subprocess.PIPE,
        ) as second:
            both = [parse_environment(one.communicate(timeout=200)[0]) for one in (first, second)]
        self.assertNotEqual(both[0]["KAFKA_BROKERS"], both[1]["KAFKA_BROKERS"])
        self.round_trip(both[0], "a", "KAFKA_BROKERS")
        self.round_trip(both[1], "a", "KAFKA_BROKERS")


class OtherVersions(Clusters):
    @classmethod
    def setUpClass(cls):
        if os.environ.get("KAFKA_ASIO_LONG") != "1":
            raise unittest.SkipTest("takes minutes: set KAFKA_ASIO_LONG=1")
        super().setUpClass()

    def test_4_3_1_serves_every_way(self):
        self.everything("4.3.1")

    def test_3_9_1_serves_every_way(self):
        self.everything("3.9.1")


if __name__ == "__main__":
    unittest.main()
