# SPDX-License-Identifier: Apache-2.0
"""What tests of tools/kafka-cluster with real clusters share.

They need Java, Maven (or a filled cache) and kcat; without them they are skipped, and fail where
CI=true.
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from kafka_cluster_calls import (
    CONSUMER, MISSING, NO_JARS, call, left_in, need, parse_environment,
)  # fmt: skip


class RealClusterCase(unittest.TestCase):
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
