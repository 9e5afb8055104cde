# SPDX-License-Identifier: Apache-2.0
"""The bytes of every message at every version are Apache's, in both directions.

Java starts our side, tests/apache/wire_peer.cpp, and compares; see MessageBytes.java.
"""

import os
import unittest

import apache

LONG = bool(os.environ.get("KAFKA_ASIO_LONG"))


class Messages(unittest.TestCase):
    def test_both_sides_read_and_write_the_same_bytes(self):
        fills = 200 if LONG else 12
        output = apache.run_java("MessageBytes", apache.helper("wire-peer"), 20_260_101, fills)
        self.assertRegex(output, r"(?m)^0 failed$")
        cases = sum(int(line.split()[0]) for line in output.splitlines() if " by " in line)
        self.assertGreater(cases, 2 * fills * 600)


if __name__ == "__main__":
    unittest.main()
