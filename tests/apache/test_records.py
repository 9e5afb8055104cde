# SPDX-License-Identifier: Apache-2.0
"""Record batches of every format, codec and level are Apache's, in both directions.

Java starts our side, tests/apache/wire_peer.cpp, and compares; see RecordBytes.java.
"""

import os
import unittest

import apache

LONG = bool(os.environ.get("KAFKA_ASIO_LONG"))


class Records(unittest.TestCase):
    def test_each_side_reads_the_batches_of_the_other(self):
        # Java's zstd takes up to 1 GB of memory for the levels above 19.
        output = apache.run_java(
            "RecordBytes", apache.helper("wire-peer"), 20_260_101, 22 if LONG else 19
        )
        self.assertRegex(output, r"(?m)^0 failed$")
        for kind in (
            "batches of magic 0 written by Java",
            "batches of magic 1 written by Java",
            "batches of magic 2 written by Java",
            "batches compressed by C++ and read by Java",
            "control batches and empty ones",
        ):
            self.assertRegex(output, rf"(?m)^\d+ {kind.replace('+', '[+]')}$")


if __name__ == "__main__":
    unittest.main()
