#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every way into a secured cluster (secure_cluster.WAYS), by kcat and by Java's own client."""

import concurrent.futures
import functools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from secure_cluster import ROOT, WAYS, need, run_program, shared, token_files

LOGIN = ROOT / "tests" / "cluster" / "Login.java"
BROKER_RELEASE = "4.4.0"
PACKAGE = "org.apache.kafka.common.security"
NODES = 3
KCAT_SECONDS = 30


def java_login(way, env):
    """The setting of a JAAS module, Java's way to take credentials."""
    given = way.resolved(env)
    mechanism = given["sasl.mechanism"]
    if mechanism == "GSSAPI":
        return (
            "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true "
            f'keyTab="{env["KAFKA_KRB5_KEYTAB"]}" principal="{env["KAFKA_KRB5_PRINCIPAL"]}";'
        )
    if mechanism == "OAUTHBEARER":
        module = f"{PACKAGE}.oauthbearer.OAuthBearerLoginModule required"
        if "sasl.oauthbearer.token.endpoint.url" not in given:
            return f'{module} unsecuredLoginStringClaim_sub="alice";'
        words = {
            "clientId": given["sasl.oauthbearer.client.id"],
            "clientSecret": given["sasl.oauthbearer.client.secret"],
            "scope": given["sasl.oauthbearer.scope"],
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": env["KAFKA_SSL_CA"],
        }
        return f"{module} " + " ".join(f'{name}="{value}"' for name, value in words.items()) + ";"
    kind = "plain.Plain" if mechanism == "PLAIN" else "scram.Scram"
    return (
        f"{PACKAGE}.{kind}LoginModule required "
        f'username="{given["sasl.username"]}" password="{given["sasl.password"]}";'
    )


def java_settings(way, env):
    """The same way in the names that Java's client has for it."""
    given = way.resolved(env)
    settings = {
        "bootstrap.servers": way.brokers(env),
        "security.protocol": given["security.protocol"],
        "default.api.timeout.ms": "12000",
        "request.timeout.ms": "10000",
    }
    if "ssl.ca.location" in given:
        settings["ssl.truststore.type"] = "PEM"
        settings["ssl.truststore.location"] = given["ssl.ca.location"]
    if "ssl.key.location" in given:
        # Java wants key and certificate in one file, which lies beside them.
        settings["ssl.keystore.type"] = "PEM"
        settings["ssl.keystore.location"] = given["ssl.key.location"].replace(".key", ".pem")
    if "ssl.key.password" in given:
        settings["ssl.key.password"] = given["ssl.key.password"]
    if "ssl.keystore.location" in given:
        settings["ssl.keystore.type"] = "PKCS12"
        settings["ssl.keystore.location"] = given["ssl.keystore.location"]
        settings["ssl.keystore.password"] = given["ssl.keystore.password"]
        settings["ssl.key.password"] = given["ssl.keystore.password"]
    if given.get("ssl.endpoint.identification.algorithm") == "none":
        settings["ssl.endpoint.identification.algorithm"] = ""
    if "sasl.mechanism" in given:
        settings["sasl.mechanism"] = given["sasl.mechanism"]
        settings["sasl.jaas.config"] = java_login(way, env)
    if "sasl.kerberos.service.name" in given:
        settings["sasl.kerberos.service.name"] = given["sasl.kerberos.service.name"]
    if "sasl.oauthbearer.token.endpoint.url" in given:
        settings["sasl.login.callback.handler.class"] = (
            f"{PACKAGE}.oauthbearer.OAuthBearerLoginCallbackHandler"
        )
        settings["sasl.oauthbearer.token.endpoint.url"] = given[
            "sasl.oauthbearer.token.endpoint.url"
        ]
        settings["sasl.login.retry.backoff.max.ms"] = "200"
    return settings


def java(logins, env):
    """What Login.java says to each of the settings: a list of its columns."""
    with tempfile.TemporaryDirectory() as place:
        files = []
        for number, settings in enumerate(logins):
            file = pathlib.Path(place, f"{number:03}.properties")
            file.write_text(
                "".join(f"{key}={value}\n" for key, value in settings.items()), "utf-8"
            )
            files.append(file)
        urls = {
            settings["sasl.oauthbearer.token.endpoint.url"]
            for settings in logins
            if "sasl.oauthbearer.token.endpoint.url" in settings
        }
        options = [
            "-XX:TieredStopAtLevel=1",
            f"-Djava.security.krb5.conf={env.get('KRB5_CONFIG', '')}",
            f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={','.join(sorted(urls))}",
        ]
        done = run_program(
            "tool", "--version", BROKER_RELEASE, LOGIN, *files,
            env={**os.environ, "KAFKA_OPTS": shlex.join(options)},
        )  # fmt: skip
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(lines) != len(logins):
        raise AssertionError(f"Login.java: {done.returncode}: {done.stderr}")
    return lines


class Security(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = shared()
        env = cls.cluster.env()
        need("KRB5_CONFIG" in env, "no KDC (Debian packages krb5-kdc, krb5-admin-server)")
        cls.env = {**env, **token_files(cls.cluster)}

    @classmethod
    @functools.lru_cache(maxsize=None)
    def java_said(cls):
        """What Java's client met with, {way: columns} and {way that stays: columns}; one JVM."""
        ways = [way for way in WAYS if not way.java_cannot]
        staying = [way for way in ways if not way.refused and way.listener == "SASL_SSL"]
        staying += [way for way in ways if way.name == "OAUTHBEARER at SASL_OIDC"]
        stay = {"stay.ms": str(2 * int(cls.env["KAFKA_SASL_REAUTH_MS"]))}
        logins = [{**java_settings(way, cls.env), **stay} for way in staying]
        logins += [java_settings(way, cls.env) for way in ways]
        said = java(logins, cls.env)
        return dict(zip(ways, said[len(staying) :])), dict(zip(staying, said))

    def judge(self, way, served, said, words):
        """Whether a client met with what the table says."""
        if way.refused:
            self.assertFalse(served, said)
            self.assertRegex(said, f"(?i){words}")
        else:
            self.assertTrue(served, said)

    def test_java_gets_in_or_is_told_why_not(self):
        for way, (outcome, said, *_) in self.java_said()[0].items():
            with self.subTest(way.name):
                self.judge(way, outcome == "serves" and said == str(NODES), said, way.refused)

    def test_java_authenticates_again_and_stays(self):
        for way, columns in self.java_said()[1].items():
            with self.subTest(way.name):
                self.assertEqual(columns[0], "serves", columns)
                self.assertGreaterEqual(int(columns[2]), 1)

    def kcat(self, way, words):
        """Whether kcat listed all nodes, and what it said; refused, it would try until the end."""
        running = subprocess.Popen(
            ["kcat", "-L", "-m", str(KCAT_SECONDS), "-b", way.brokers(self.env), "-X",
             "broker.address.family=v4", "-X", "sasl.kerberos.kinit.cmd=true",
             *way.options(self.env)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **self.env},
        )  # fmt: skip
        said = ""
        with running:
            for line in running.stdout:
                said += line
                if words and re.search(f"(?i){words}", line):
                    running.kill()
        return running.returncode == 0 and f" {NODES} brokers:" in said, said

    def test_kcat_gets_in_or_is_told_why_not(self):
        need(shutil.which("kcat"), "kcat is not installed")
        ways = [way for way in WAYS if not way.kcat_cannot]
        words = [way.kcat_says or way.refused for way in ways]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for way, word, result in zip(ways, words, pool.map(self.kcat, ways, words)):
                with self.subTest(way.name):
                    self.judge(way, *result, word)


if __name__ == "__main__":
    unittest.main()
