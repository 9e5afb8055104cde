# SPDX-License-Identifier: Apache-2.0
"""The quickstart against older Kafka releases: each takes a cluster of its own."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
CLUSTER = ROOT / "tools" / "kafka-cluster"
TIMEOUT = 300


def cluster(*args):
    return subprocess.run(
        [sys.executable, CLUSTER, *map(str, args)], capture_output=True, text=True, timeout=TIMEOUT
    )


class OlderReleases(unittest.TestCase):
    def round_trip(self, version):
        if os.environ.get("KAFKA_ASIO_LONG") != "1":
            raise unittest.SkipTest("takes a cluster of its own: KAFKA_ASIO_LONG=1")
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / "cluster"
            up = cluster("up", "--quick", "--version", version, "--dir", folder,
                         "--owner", os.getpid())  # fmt: skip
            self.assertEqual(up.returncode, 0, up.stderr)
            try:
                env = {**os.environ, **dict(w.split("=", 1) for w in shlex.split(up.stdout))}
                done = subprocess.run(
                    [BUILD / "tools" / "quickstart-program", ROOT / "LICENSE"],
                    capture_output=True, text=True, timeout=TIMEOUT, env=env,
                )  # fmt: skip
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertRegex(done.stdout, r"all \d+ lines, .* came back")
                versions = subprocess.run(
                    [BUILD / "tools" / "kasio", "api-versions"],
                    capture_output=True, text=True, timeout=TIMEOUT, env=env,
                )  # fmt: skip
                self.assertTrue(re.search(r"(?m)^ +1 +Fetch +", versions.stdout), versions.stderr)
            finally:
                down = cluster("down", "--dir", folder)
            self.assertEqual(down.returncode, 0, down.stderr)

    def test_lines_go_through_kafka_4_3(self):
        self.round_trip("4.3.1")

    def test_lines_go_through_kafka_3_9(self):
        self.round_trip("3.9.1")


if __name__ == "__main__":
    unittest.main()
