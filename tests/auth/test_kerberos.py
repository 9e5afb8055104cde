# SPDX-License-Identifier: Apache-2.0
"""GSSAPI with a KDC of its own and Cyrus SASL as the broker's side."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import peer

sys.path.insert(0, str(peer.ROOT / "tools"))
from kafka_cluster import config, kerberos  # noqa: E402


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Kerberos(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        programs = kerberos.find_programs()
        if not programs:
            peer.cannot(f"the KDC is missing ({kerberos.PACKAGES})")
        folder = tempfile.mkdtemp(prefix="kerberos")
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.realm = pathlib.Path(folder) / "realm"
        port = free_port()
        kerberos.make(programs, str(cls.realm), port)
        kdc = subprocess.Popen(
            kerberos.kdc_command(programs),
            cwd=cls.realm,
            env={**os.environ, **kerberos.settings()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        cls.addClassCleanup(kdc.wait)
        cls.addClassCleanup(kdc.terminate)
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > until or kdc.poll() is not None:
                    raise AssertionError("the KDC does not start") from None
                time.sleep(0.05)
        cls.keytab = str(cls.realm / "client.keytab")

    def run_peer(self, host="localhost", env=None, **arguments):
        code, lines = peer.run(
            "gssapi",
            env={
                "KRB5_CONFIG": str(self.realm / "krb5.conf"),
                "KRB5_KTNAME": str(self.realm / "broker.keytab"),
                "KRB5CCNAME": str(self.realm / "nothing"),
                **(env or {}),
            },
            host=host,
            **arguments,
        )
        if "skip" in lines:
            peer.cannot(lines["skip"][0])
        if "built without" in str(lines) or "no worthy mechs" in str(lines).lower():
            peer.cannot(str(lines))
        return code, lines

    def assert_in(self, lines):
        self.assertEqual([user.partition("@")[0] for user in lines["user"]],
                         [config.USERNAME] * 2)  # fmt: skip
        for left in lines["expires_in"]:
            self.assertGreater(int(left), 3600)

    def test_a_keytab_is_enough_and_leaves_no_tickets_behind(self):
        code, lines = self.run_peer(keytab=self.keytab)
        self.assertEqual(code, 0, lines)
        self.assert_in(lines)
        self.assertEqual(lines["mechanism"], [f"GSSAPI service=kafka keytab={self.keytab}"])
        self.assertFalse((self.realm / "nothing").exists())

    def test_the_principal_can_be_named(self):
        principal = f"{config.USERNAME}@{config.REALM}"
        code, lines = self.run_peer(keytab=self.keytab, principal=principal)
        self.assertEqual(code, 0, lines)
        self.assert_in(lines)

    def test_tickets_can_be_kept_in_a_cache_and_used_from_there(self):
        cache = f"FILE:{self.realm / 'tickets'}"
        code, lines = self.run_peer(keytab=self.keytab, ccache=cache)
        self.assertEqual(code, 0, lines)
        code, lines = self.run_peer(ccache=cache)
        self.assertEqual(code, 0, lines)
        self.assert_in(lines)
        # The process's own cache.
        code, lines = self.run_peer(env={"KRB5CCNAME": cache})
        self.assertEqual(code, 0, lines)
        self.assert_in(lines)

    def fails(self, *texts, **arguments):
        code, lines = self.run_peer(**arguments)
        self.assertEqual(code, 1, lines)
        (failure,) = lines["failure"]
        self.assertTrue(failure.startswith("authentication failed: GSSAPI: "), failure)
        for text in texts:
            self.assertIn(text, failure)

    def test_what_is_missing_is_told_in_kerberos_own_words(self):
        self.fails("nothing")
        self.fails("not there", keytab=str(self.realm / "not there"))
        self.fails("nobody", keytab=self.keytab, principal=f"nobody@{config.REALM}")
        self.fails("no ticket", "not found", keytab=self.keytab, service="http")
        self.fails("no ticket", "not found", keytab=self.keytab, host="elsewhere.example.org")


if __name__ == "__main__":
    unittest.main()
