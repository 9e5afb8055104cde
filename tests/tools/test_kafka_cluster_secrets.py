#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the certificates and the token provider of tools/kafka-cluster."""

import base64
import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from kafka_cluster_calls import command, need, token_parts, wait_until

from kafka_cluster import certificates, oauth, ports


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

    def verifies(self, token, key):
        """Whether the key's signature is right, by arithmetic: RFC 8017, section 8.2.2."""
        number = int.from_bytes(base64.urlsafe_b64decode(key["n"] + "=="), "big")
        signature = token_parts(token)[2]
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
            claims = json.loads(token_parts(answer["access_token"])[1])
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
        claims = json.loads(token_parts(late)[1])
        self.assertLess(claims["iat"], claims["exp"])
        self.assertAlmostEqual(claims["exp"], now - 60, delta=20)
        forged = oauth.token(self.openssl, self.folder, "bob", key="other")
        self.assertFalse(self.verifies(forged, keys["keys"][0]))


if __name__ == "__main__":
    unittest.main()
