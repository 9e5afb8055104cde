# SPDX-License-Identifier: Apache-2.0
"""Each row of the list of bad input that concerns what is here is named by a unit test.

The rows are BI-01 to BI-59 (frames, headers, arrays, the opening of a connection, metadata, answers
to Produce), BI-60 to BI-95 (record batches, compression) and BI-109 to BI-124 (SASL, TLS, OAuth). A
test names its rows at the start of its name:
`TEST_CASE("BI-16 BI-17: ...")`. The rows between and after them belong to layers to come.
"""

import pathlib
import re
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent

# What each row is, in a few words, and the folders whose code it is about.
ROWS = {
    1: ("a frame of no bytes", "core"),
    2: ("a frame shorter than its header", "core"),
    3: ("a frame one byte above the limit", "core"),
    4: ("a frame of 2^31-1 bytes", "core"),
    5: ("a negative frame length", "core"),
    6: ("a TLS alert", "core"),
    7: ("HTTP", "core"),
    8: ("SSH", "core"),
    9: ("the end inside a length", "core"),
    10: ("the end inside a body", "core"),
    11: ("an unknown correlation id", "core"),
    12: ("a repeated correlation id", "core"),
    13: ("2^32-1 header tags", "core protocol"),
    14: ("a tag above the bytes left", "core protocol"),
    15: ("a negative tag size", "core protocol"),
    16: ("a tag twice", "protocol"),
    17: ("tags out of order", "protocol"),
    18: ("a varint of too many bytes", "protocol protocol/records"),
    19: ("a varint of too many bits", "protocol protocol/records"),
    20: ("a string length of -2", "protocol"),
    21: ("null for a string", "protocol"),
    22: ("a string above the bytes left", "protocol"),
    23: ("text that is not UTF-8, a bool of 2, a UUID of zeros", "protocol protocol/json"),
    24: ("a count of 2^31-1", "protocol"),
    25: ("a count of -1", "protocol"),
    26: ("a count of -2", "protocol"),
    27: ("a count above the bytes left", "protocol"),
    28: ("a compact count of 0", "protocol"),
    29: ("nested arrays that multiply", "protocol"),
    30: ("many elements of no bytes", "protocol"),
    31: ("no APIs", "core"),
    32: ("min above max", "core"),
    33: ("max below what was sent", "core"),
    34: ("hints that are never lower", "core"),
    35: ("50,000 APIs", "core"),
    36: ("null for a compact array", "core protocol"),
    37: ("features twice, an epoch of -1", "core"),
    38: ("an unknown error code", "core"),
    39: ("a throttle time out of range", "core"),
    40: ("no brokers", "core"),
    41: ("addresses that cannot be", "core"),
    42: ("a broker id twice", "core"),
    43: ("negative broker ids", "core"),
    44: ("a leader that is no broker", "core"),
    45: ("partition ids negative, twice, huge", "core"),
    46: ("no partitions and no error", "core"),
    47: ("another topic than was asked for", "core"),
    48: ("a topic id twice, a name twice", "core"),
    49: ("more replicas than brokers", "core"),
    50: ("coordinators that are none", "core"),
    51: ("another cluster's metadata, hints to unknown brokers", "core"),
    52: ("a partition that was not in the request", "core/produce"),
    53: ("a partition that is missing", "core/produce"),
    54: ("a partition twice", "core/produce"),
    55: ("no error and offset -1", "core/produce"),
    56: ("a negative offset", "core/produce"),
    57: ("record errors outside the batch", "core/produce"),
    58: ("an append time in the far future", "core/produce"),
    59: ("an answer to acks=0", "core/produce"),
    60: ("batch lengths that cannot be", "protocol/records"),
    61: ("a partial batch at the end", "protocol/records"),
    62: ("a wrong checksum", "protocol/records"),
    63: ("-1 records", "protocol/records"),
    64: ("2^31-1 records in 61 bytes", "protocol/records"),
    65: ("fewer or more records than announced", "protocol/records"),
    66: ("a last offset delta that cannot be", "protocol/records"),
    67: ("base offsets below, above, negative", "protocol/records"),
    68: ("offsets that do not increase", "protocol/records"),
    69: ("record lengths that lie", "protocol/records"),
    70: ("key and value lengths that lie", "protocol/records"),
    71: ("header counts and keys", "protocol/records"),
    72: ("a timestamp that overflows", "protocol/records"),
    73: ("an unknown format", "protocol/records"),
    74: ("codecs 5 to 7", "protocol/records"),
    75: ("odd control batches", "protocol/records"),
    76: ("a transaction without a producer id", "protocol/records"),
    77: ("an aborted list in any order, of a million", "protocol"),
    78: ("batches that overlap", "protocol/records"),
    79: ("message sets in message sets", "protocol/records"),
    80: ("an empty batch", "protocol/records"),
    81: ("a bomb", "codec protocol/records"),
    82: ("zstd: 1 TiB declared", "codec"),
    83: ("zstd: a window of 2^31", "codec"),
    84: ("zstd: no content size", "codec"),
    85: ("zstd: several frames, skippable ones", "codec"),
    86: ("snappy: 4 GiB claimed", "codec"),
    87: ("xerial chunk lengths", "codec"),
    88: ("xerial or raw", "codec"),
    89: ("lz4 frame headers that lie", "codec"),
    90: ("garbage behind a stream", "codec"),
    91: ("a stream that is cut off", "codec"),
    92: ("an empty compressed payload", "codec protocol/records"),
    93: ("compressed data that is compressed", "codec protocol/records"),
    94: ("output of exactly the limit, and one more", "codec protocol/records"),
    95: ("a memory budget over many partitions", "protocol/records"),
    109: ("lists of mechanisms", "auth core"),
    110: ("authentication bytes null or huge", "auth core"),
    111: ("session lifetimes", "auth core"),
    112: ("SCRAM: attributes missing, out of order, twice", "auth"),
    113: ("SCRAM: a nonce without ours", "auth"),
    114: ("SCRAM: our nonce alone", "auth"),
    115: ("SCRAM: salts", "auth"),
    116: ("SCRAM: iterations that are no number", "auth"),
    117: ("SCRAM: one iteration", "auth"),
    118: ("SCRAM: 4095 iterations", "auth"),
    119: ("SCRAM: too many iterations", "auth"),
    120: ("SCRAM: a mandatory extension", "auth"),
    121: ("SCRAM: a message of 10 MB", "auth"),
    122: ("SCRAM: no proof, a wrong one, an error", "auth"),
    123: ("certificates not to be believed", "client"),
    124: ("tokens and their endpoints", "auth"),
}
NAME = re.compile(r'TEST_CASE\(\s*"((?:BI-\d+[ :])+)', re.MULTILINE)


def named():
    """Which folders of tests name a row: {row: {folder, ...}}."""
    rows = {}
    for file in TESTS.rglob("*.cpp"):
        folder = file.parent.relative_to(TESTS).as_posix()
        for names in NAME.findall(file.read_text("utf-8")):
            for row in re.findall(r"\d+", names):
                rows.setdefault(int(row), set()).add(folder)
    return rows


class HostileRows(unittest.TestCase):
    def test_the_list_is_whole(self):
        self.assertEqual(sorted(ROWS), [*range(1, 96), *range(109, 125)])

    def test_each_row_is_named_by_a_test_beside_the_code_that_it_is_about(self):
        found = named()
        missing = [
            f"BI-{row:02} ({what}): no test in tests/{folder}"
            for row, (what, folders) in ROWS.items()
            for folder in folders.split()
            if folder not in found.get(row, set())
        ]
        self.assertEqual(missing, [])

    def test_rows_are_written_with_two_digits_at_least(self):
        short = [
            f"{file.relative_to(TESTS)}: {name}"
            for file in TESTS.rglob("*.cpp")
            for name in re.findall(r"BI-\d\b", file.read_text("utf-8"))
        ]
        self.assertEqual(short, [])


if __name__ == "__main__":
    unittest.main()
