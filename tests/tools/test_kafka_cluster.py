#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tools/kafka-cluster with real clusters. OtherVersions takes minutes: KAFKA_ASIO_LONG=1."""

import glob
import json
import os
import socket
import ssl
import subprocess
import unittest

from kafka_cluster_calls import (
    FAILED, USAGE, WRONG_STATE, call, command, need, parse_environment, token_parts,
)  # fmt: skip
from kafka_cluster_case import RealClusterCase

from kafka_cluster import wire


class RealCluster(RealClusterCase):
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
        claims = token_parts(done.stdout.strip())[1]
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
        for _ in range(2):  # the first time must not have created it
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


class OtherVersions(RealClusterCase):
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
