#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of what tools/kafka-cluster is made of: nothing is started but threads and small programs."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import types
import unittest

from kafka_cluster_calls import TOOLS, USAGE, WRONG_STATE, left_in

from kafka_cluster import cluster, config, folder, jars, leader, ports, process, wire
from kafka_cluster.faults import Fault


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
    def test_the_request_is_metadata_v4_for_no_topic(self):
        data = wire.metadata_request(7)
        self.assertEqual(data[:12], struct.pack(">ihhi", len(data) - 4, 3, 4, 7))
        self.assertEqual(data[-5:], struct.pack(">ib", 0, 0))

    def test_asking_for_a_topic_does_not_create_it(self):
        self.assertEqual(wire.metadata_request(7, ["t"])[-8:],
                         struct.pack(">ih", 1, 1) + b"t" + b"\0")

    def response(self):
        data = struct.pack(">iii", 7, 0, 2)
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

        data = self.response() + struct.pack(">h", 2) + b"id" + struct.pack(">ii", 1, 2)
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


if __name__ == "__main__":
    unittest.main()
