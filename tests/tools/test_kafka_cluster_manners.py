#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the manners of tools/kafka-cluster, with fake programs where programs matter."""

import glob
import os
import signal
import subprocess
import tempfile
import unittest

from kafka_cluster_calls import (
    FAILED, MISSING, NO_JARS, USAGE, WRONG_STATE, call, command, left_in, wait_until,
)  # fmt: skip

from kafka_cluster import folder, jars


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


if __name__ == "__main__":
    unittest.main()
