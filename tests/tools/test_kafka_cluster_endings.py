#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of how clusters of tools/kafka-cluster end, with real ones."""

import os
import shlex
import shutil
import signal
import subprocess
import unittest

from kafka_cluster_calls import (
    FAILED, WRONG_STATE, call, command, left_in, parse_environment, wait_until,
)  # fmt: skip
from kafka_cluster_case import RealClusterCase

from kafka_cluster import folder


class Endings(RealClusterCase):
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


if __name__ == "__main__":
    unittest.main()
