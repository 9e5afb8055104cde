#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every way into a secured cluster (secure_cluster.WAYS), by the program kasio with -X.

KAFKA_ASIO_BUILD is the build folder with tools/kasio (default: build/check).
"""

import concurrent.futures
import os
import pathlib
import subprocess
import tempfile
import unittest

from secure_cluster import ROOT, WAYS, need, shared, token_files
from test_security import java_settings

BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
KASIO = BUILD / "tools" / "kasio"
NODES = 3
SECONDS = 60
# What our sentences say where those of other clients differ.
OUR_WORDS = {
    "an expired server certificate": "valid .* until|expired",
    "a server certificate for another host": "is for .*, not for|host",
    "a server certificate of an unknown authority": "nobody among the trusted",
    "a server where another authority is trusted": "nobody among the trusted",
    "OAUTHBEARER with an expired token at SASL_OIDC": "the token expired",
    "PLAIN where it is not enabled at SASL_OIDC": "the broker offers OAUTHBEARER and not PLAIN",
}
SECRETS = ("sasl.password", "sasl.oauthbearer.client.secret", "ssl.key.password")


class KasioSecurity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need(os.access(KASIO, os.X_OK), f"no program {KASIO}: build it, or set KAFKA_ASIO_BUILD")
        cls.cluster = shared()
        env = cls.cluster.env()
        need("KRB5_CONFIG" in env, "no KDC (Debian packages krb5-kdc, krb5-admin-server)")
        cls.env = {**env, **token_files(cls.cluster)}

    def kasio(self, *args, data=None):
        # With the cluster's Kerberos and its tickets, and without settings of whoever runs this.
        env = {name: value for name, value in {**os.environ, **self.env}.items()
               if not name.startswith("KASIO_") and name != "KAFKA_BROKERS"}  # fmt: skip
        return subprocess.run(
            [KASIO, *map(str, args)], input=data, stdin=None if data else subprocess.DEVNULL,
            capture_output=True, text=True, timeout=SECONDS,
            env={**env, "XDG_CONFIG_HOME": "/nonexistent"},
        )  # fmt: skip

    def options(self, way):
        more = []
        protocol = way.settings["security.protocol"]
        if protocol == "SASL_PLAINTEXT":
            # A plain password or token without TLS wants a word of its own, but at loopback.
            more = ["-X", "allow.plaintext.credentials=true"]
        url = way.resolved(self.env).get("sasl.oauthbearer.token.endpoint.url", "")
        if url.startswith("https:"):
            more = ["-X", f"https.ca.location={self.env['KAFKA_SSL_CA']}"]
        return ["-b", way.brokers(self.env), *way.options(self.env), *more]

    def judge(self, way, done):
        said = done.stdout + done.stderr
        if not way.refused:
            self.assertEqual(done.returncode, 0, said)
            self.assertIn(f" {NODES} brokers:", done.stdout)
            return
        self.assertNotEqual(done.returncode, 0, said)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, said)
        self.assertRegex(said, f"(?i){OUR_WORDS.get(way.name, way.refused)}")
        if "sasl.mechanism" in way.settings:
            self.assertIn(way.settings["sasl.mechanism"], said)

    def check_no_secret(self, way, done):
        given = way.resolved(self.env)
        for name in SECRETS:
            # "wrong" is a word of ours as well.
            if name in given and given[name] != "wrong":
                self.assertNotIn(given[name], done.stdout + done.stderr)

    def test_kasio_gets_in_or_says_why_not(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            ended = pool.map(lambda way: self.kasio("metadata", *self.options(way)), WAYS)
            for way, done in zip(WAYS, ended):
                with self.subTest(way.name):
                    self.judge(way, done)
                    self.check_no_secret(way, done)

    def test_records_go_through_every_kind_of_listener(self):
        kinds = {}
        for way in WAYS:
            if not way.refused:
                key = (way.listener, way.settings.get("sasl.mechanism", ""))
                kinds.setdefault(key, way)
        for number, way in enumerate(kinds.values()):
            with self.subTest(way.name):
                topic = f"kasio-security-{number}"
                options = self.options(way)
                done = self.kasio("produce", "-q", "-t", topic, "--create", 1, *options,
                                  data="a\nb\n")  # fmt: skip
                self.assertEqual(done.returncode, 0, done.stderr)
                done = self.kasio("consume", "-q", "-e", "-t", topic, *options)
                self.assertEqual((done.returncode, done.stdout), (0, "a\nb\n"), done.stderr)

    def test_what_java_reads_does_the_same(self):
        # With its own names, and credentials in sasl.jaas.config.
        ways = [way for way in WAYS if not way.refused and not way.java_cannot]
        with tempfile.TemporaryDirectory() as folder:
            for number, way in enumerate(ways):
                given = java_settings(way, self.env)
                if given["security.protocol"] == "SASL_PLAINTEXT":
                    given["allow.plaintext.credentials"] = "true"
                file = pathlib.Path(folder, f"{number}.properties")
                file.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
                with self.subTest(way.name):
                    done = self.kasio("metadata", "--config", file)
                    self.judge(way, done)
                    self.check_no_secret(way, done)

    def test_a_wrong_password_of_a_key_is_told_and_not_shown(self):
        names = {"mutual TLS with an encrypted key": "ssl.key.password",
                 "mutual TLS with PKCS #12": "ssl.keystore.password"}  # fmt: skip
        for way in WAYS:
            if way.name not in names:
                continue
            with self.subTest(way.name):
                done = self.kasio("metadata", *self.options(way), "-X",
                                  f"{names[way.name]}=c4n4ry-passw0rd")  # fmt: skip
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("password", done.stderr)
                self.assertNotIn("c4n4ry", done.stdout + done.stderr)

    def test_a_file_of_settings_does_what_the_options_do(self):
        way = next(way for way in WAYS if way.name == "SCRAM-SHA-512 at SASL_SSL")
        given = way.resolved(self.env)
        with tempfile.TemporaryDirectory() as folder:
            toml = pathlib.Path(folder, "kasio.toml")
            toml.write_text("".join(f'{name} = "{value}"\n' for name, value in given.items()))
            java = pathlib.Path(folder, "client.properties")
            java.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
            for file in (toml, java):
                with self.subTest(file.name):
                    done = self.kasio("metadata", "-b", way.brokers(self.env), "--config", file)
                    self.judge(way, done)


if __name__ == "__main__":
    unittest.main()
