#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`kasio probe` on every way into a secured cluster (secure_cluster.WAYS).

KAFKA_ASIO_BUILD is the build folder with tools/kasio (default: build/check).
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import unittest

from secure_cluster import ROOT, WAYS, need, shared, token_files

BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
KASIO = BUILD / "tools" / "kasio"
NODES = 3
SECONDS = 120
STEPS = ["name", "connect", "tls", "versions", "login", "metadata", "cluster"]


def steps_of(value):
    """Every step of a report, in order."""
    if isinstance(value, dict):
        if "status" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from steps_of(each)


class ProbeSecurity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need(os.access(KASIO, os.X_OK), f"no program {KASIO}: build it, or set KAFKA_ASIO_BUILD")
        cls.cluster = shared()
        env = cls.cluster.env()
        need("KRB5_CONFIG" in env, "no KDC (Debian packages krb5-kdc, krb5-admin-server)")
        cls.env = {**env, **token_files(cls.cluster)}

    def probe(self, way):
        more = []
        url = way.resolved(self.env).get("sasl.oauthbearer.token.endpoint.url", "")
        if url.startswith("https:"):
            more = ["-X", f"https.ca.location={self.env['KAFKA_SSL_CA']}"]
        env = {name: value for name, value in {**os.environ, **self.env}.items()
               if not name.startswith("KASIO_") and name != "KAFKA_BROKERS"}  # fmt: skip
        done = subprocess.run(
            [KASIO, "probe", "--json", "-b", way.brokers(self.env), *way.options(self.env), *more],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
            env={**env, "XDG_CONFIG_HOME": "/nonexistent"},
        )  # fmt: skip
        return done

    def judge(self, way, done):
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        failed = [step for step in steps_of(report) if step["status"] == "failed"]
        if not way.refused:
            self.assertEqual(done.returncode, 0, report["conclusion"])
            self.assertEqual(failed, [])
            self.assertEqual(len(report["cluster"]["brokers"]), NODES)
            versions = [s for s in steps_of(report) if s["step"] == "versions"]
            for step in versions:
                self.assertIn("Apache Kafka 4.4 or newer", step["found"])
            return
        self.assertNotEqual(done.returncode, 0, report["conclusion"])
        first = failed[0]
        wanted = "login" if "sasl.mechanism" in way.settings else "tls"
        self.assertEqual(first["step"], wanted, first)
        self.assertTrue(first["advice"])
        # What needs the broken step is skipped, and nothing else is.
        path = report["bootstrap"][0]["addresses"][0]["steps"]
        broken = [STEPS.index(s["step"]) for s in path if s["status"] == "failed"]
        for step in path:
            after = STEPS.index(step["step"]) > broken[0]
            self.assertEqual(step["status"] == "skipped", after, step)
        if way.from_broker:
            # Or our own words, where this side knows it first.
            words = f"(?i){way.refused}|does not offer PLAIN, but OAUTHBEARER|the token expired"
            self.assertRegex(first["problem"], words)

    def test_it_says_where_each_way_breaks(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for way, done in zip(WAYS, pool.map(self.probe, WAYS)):
                with self.subTest(way.name):
                    self.judge(way, done)


if __name__ == "__main__":
    unittest.main()
