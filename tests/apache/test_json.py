# SPDX-License-Identifier: Apache-2.0
"""Our JSON form of messages is that of Apache's JsonConverter classes; request logs are read.

Java starts our side, tests/apache/wire_peer.cpp, and compares; see JsonForm.java.
"""

import os
import subprocess
import unittest

import apache

LONG = bool(os.environ.get("KAFKA_ASIO_LONG"))


class Json(unittest.TestCase):
    def test_each_side_reads_what_the_other_writes(self):
        peer = apache.helper("wire-peer")
        # A question that only a peer with the JSON form knows.
        question = b"\0\0\0\5" + b"L\0\0\0\0"
        said = subprocess.run([peer], input=question, stdout=subprocess.PIPE, check=True).stdout
        if b"no L of" in said:
            apache.cannot("nlohmann-json3-dev is not installed, so there is no JSON form")
        fills = 60 if LONG else 4
        output = apache.run_java("JsonForm", peer, 20_260_101, fills)
        self.assertRegex(output, r"(?m)^0 failed$")
        counts = [int(line.split()[0]) for line in output.splitlines() if " JSON " in line]
        self.assertEqual(len(counts), 3)
        self.assertGreater(sum(counts), 4 * fills * 600)
        self.assertRegex(output, r"(?m)^\d+ lines of a request log read by C\+\+$")


if __name__ == "__main__":
    unittest.main()
