# SPDX-License-Identifier: Apache-2.0
"""tools/check_schema.py notices each kind of difference, on a small jar and a small dump.

That it finds none between this tree and Apache's real jar is tests/apache/test_schema.py's.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "tools" / "check_schema.py"

REQUEST = """\
// A licence.
{
  "apiKey": 7, "type": "request", "listeners": ["controller", "broker"],
  "name": "FooRequest",
  // Version 2 is new.
  "validVersions": "1-3", "flexibleVersions": "2+", "latestVersionUnstable": true,
  "fields": [
    { "name": "Tagged", "type": "int64", "versions": "2+", "taggedVersions": "2+", "tag": 1,
      "default": "0x10", "ignorable": true, "about": "see https://example.org/" },
    { "name": "ClientId", "type": "string", "versions": "0+", "nullableVersions": "2+",
      "flexibleVersions": "none", "default": "null" },
    { "name": "Topics", "type": "[]Topic", "versions": "1+", "fields": [
      { "name": "Name", "type": "string", "versions": "1+", "mapKey": true,
        "entityType": "topicName" },
      { "name": "Ids", "type": "[]uuid", "versions": "1-2", "nullableVersions": "1-2",
        "default": "null" },
      { "name": "Cursor", "type": "Cursor", "versions": "3", "nullableVersions": "3",
        "default": "null" } ]},
    { "name": "Rate", "type": "float64", "versions": "1+", "default": "0.5" },
    { "name": "Data", "type": "records", "versions": "1+", "nullableVersions": "1+" },
    { "name": "Raw", "type": "bytes", "versions": "1+", "zeroCopy": true },
    { "name": "On", "type": "bool", "versions": "1+", "default": "true" }
  ],
  "commonStructs": [
    { "name": "Cursor", "versions": "3+", "fields": [
      { "name": "Port", "type": "uint16", "versions": "3+" } ]}
  ]
}
"""
GONE = '{ "apiKey": 4, "type": "request", "name": "GoneRequest", "validVersions": "none" }'
HEADER = """\
{ "type": "header", "name": "FooHeader", "validVersions": "0", "flexibleVersions": "none",
  "fields": [ { "name": "Id", "type": "int32", "versions": "0+", "default": "-1" } ] }
"""
DUMP = """\
FooRequest kind=request key=7 versions=1-3 flexible=2+ listeners=broker,controller unstable
  clientId string versions=0+ nullable=2+ default=null flexible=none
  topics []Topic versions=1+ nullable=none default=empty
    name string versions=1+ nullable=none default="" mapKey entity=topicName
    ids []uuid versions=1-2 nullable=1-2 default=null
    cursor Cursor versions=3 nullable=3 default=null
      port uint16 versions=3+ nullable=none default=0
  rate float64 versions=1+ nullable=none default=0.500000
  data records versions=1+ nullable=1+ default=null
  raw bytes versions=1+ nullable=none default=empty
  on bool versions=1+ nullable=none default=true
  tagged int64 versions=2+ nullable=none tag=1 default=16 ignorable
FooHeader kind=header versions=0 flexible=none
  id int32 versions=0+ nullable=none default=-1
"""
UNSTABLE = "unstable: FooRequest v3 is not final (latestVersionUnstable)"
COUNTS = "2 messages, 4 versions, 12 fields compared: "


class CheckSchema(unittest.TestCase):
    def check(self, dump=DUMP, request=REQUEST):
        """The program's lines and exit code, for a jar with that request in it."""
        with tempfile.TemporaryDirectory(prefix="check schema ") as folder:
            jar = pathlib.Path(folder) / "clients.jar"
            with zipfile.ZipFile(jar, "w") as file:
                file.writestr("common/message/FooRequest.json", request)
                file.writestr("common/message/GoneRequest.json", GONE)
                file.writestr("common/message/FooHeader.json", HEADER)
                file.writestr("common/message/README.md", "no message")
            ours = pathlib.Path(folder) / "ours.txt"
            ours.write_text(dump)
            return self.run_program(jar, "--dump", ours)

    def run_program(self, *arguments):
        ended = subprocess.run(
            [sys.executable, PROGRAM, *arguments],
            cwd=os.sep,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return ended.stdout.splitlines(), ended.returncode

    def assert_finds(self, old, new, *expected):
        """With `old` replaced in our dump these lines are found."""
        self.assertIn(old, DUMP)
        lines, code = self.check(DUMP.replace(old, new, 1))
        count = sum(not line.startswith(" ") for line in expected)
        last = f"{COUNTS}{count} difference{'s' if count != 1 else ''}"
        self.assertEqual((lines, code), ([*expected, UNSTABLE, last], 1))

    def assert_finds_in_theirs(self, old, new, expected):
        self.assertIn(old, REQUEST)
        lines, code = self.check(request=REQUEST.replace(old, new, 1))
        self.assertEqual((lines[:-2], code), ([expected], 1))

    def test_equal_schemas_have_no_differences_and_the_unstable_version_is_named(self):
        self.assertEqual(self.check(), ([UNSTABLE, COUNTS + "0 differences"], 0))

    # --- a mutation of ours ---

    def test_a_renamed_field_is_found(self):
        self.assert_finds(
            "clientId string",
            "client string",
            "FooRequest.clientId: missing in ours; to be written:",
            "    clientId string versions=0+ nullable=2+ default=null flexible=none",
            "FooRequest.client: not in theirs",
        )

    def test_a_range_off_by_one_is_found_at_each_end(self):
        for old, new, which, place in [
            ("ids []uuid versions=1-2", "ids []uuid versions=1-3", "versions", "topics.ids"),
            ("ids []uuid versions=1-2", "ids []uuid versions=0-2", "versions", "topics.ids"),
            ("versions=1-2 nullable=1-2", "versions=1-2 nullable=1", "nullable", "topics.ids"),
            ("versions=1+ nullable=1+", "versions=1+ nullable=2+", "nullable", "data"),
            ("raw bytes versions=1+", "raw bytes versions=1-3", "versions", "raw"),
        ]:
            was = old.rpartition("=")[2]
            now = new.rpartition("=")[2]
            with self.subTest(old=old, new=new):
                self.assert_finds(
                    old, new, f"FooRequest.{place}: {which} is {was} in theirs, {now} in ours"
                )

    def test_a_changed_default_is_found(self):
        for place, old, was, now in [
            ("tagged", "tag=1 default=16", "16", "17"),
            ("on", "nullable=none default=true", "true", "false"),
            ("rate", "nullable=none default=0.500000", "0.5", "0.25"),
            ("clientId", "nullable=2+ default=null", "null", '""'),
            ("topics.ids", "nullable=1-2 default=null", "null", "empty"),
        ]:
            with self.subTest(place):
                self.assert_finds(
                    old,
                    old.rpartition("=")[0] + "=" + now,
                    f"FooRequest.{place}: default is {was} in theirs, {now} in ours",
                )

    def test_a_moved_tag_is_found(self):
        self.assert_finds("tag=1", "tag=2", "FooRequest.tagged: tag is 1 in theirs, 2 in ours")
        self.assert_finds(
            "tag=1 ", "", "FooRequest.tagged: tag is 1 in theirs, none in ours"
        )

    def test_another_type_is_found(self):
        self.assert_finds(
            "port uint16",
            "port int16",
            "FooRequest.topics.cursor.port: type is uint16 in theirs, int16 in ours",
        )
        self.assert_finds(
            "topics []Topic", "topics []Subject",
            "FooRequest.topics: type is []Topic in theirs, []Subject in ours",
        )  # fmt: skip

    def test_what_a_field_is_besides_is_found(self):
        for old, new, expected in [
            ("default=16 ignorable", "default=16", "tagged: ignorable is yes in theirs, no"),
            ("mapKey ", "", "topics.name: mapKey is yes in theirs, no"),
            ("=topicName", "=groupId", "topics.name: entity is topicName in theirs, groupId"),
            ("null flexible=none", "null", "clientId: always flexible is no in theirs, none"),
        ]:
            with self.subTest(expected):
                self.assert_finds(old, new, f"FooRequest.{expected} in ours")

    def test_another_order_on_the_wire_is_found_but_not_that_of_tagged_fields(self):
        lines = DUMP.splitlines(keepends=True)
        rate = next(i for i, line in enumerate(lines) if line.startswith("  rate"))
        lines[rate : rate + 2] = reversed(lines[rate : rate + 2])
        found, code = self.check("".join(lines))
        self.assertEqual(code, 1)
        self.assertEqual(
            found[0],
            "FooRequest: the order is clientId topics rate data raw on tagged in theirs, "
            "clientId topics data rate raw on tagged in ours",
        )

    def test_a_message_that_differs_is_found(self):
        for old, new, expected in [
            ("kind=request", "kind=response", "kind is request in theirs, response"),
            ("key=7", "key=8", "key is 7 in theirs, 8"),
            ("versions=1-3", "versions=1-2", "versions is 1-3 in theirs, 1-2"),
            ("flexible=2+", "flexible=3+", "flexible is 2+ in theirs, 3+"),
            ("broker,controller", "broker", "listeners is broker,controller in theirs, broker"),
            (" unstable", "", "unstable is yes in theirs, no"),
        ]:
            with self.subTest(expected):
                self.assert_finds(old, new, f"FooRequest: {expected} in ours")

    def test_what_only_ours_has_is_found(self):
        self.assert_finds(
            "      port uint16",
            "      host string versions=3+ nullable=none default=\"\"\n      port uint16",
            "FooRequest.topics.cursor.host: not in theirs",
        )
        self.assert_finds(
            "FooHeader kind=header versions=0 flexible=none\n",
            "BarHeader kind=header versions=0 flexible=none\nFooHeader kind=header versions=0"
            " flexible=none\n",
            "BarHeader: not in theirs",
        )

    # --- a release that has more than ours ---

    def test_a_missing_message_is_listed_as_it_is_to_be_written(self):
        begin = DUMP.index("FooHeader")
        lines, code = self.check(DUMP[:begin])
        self.assertEqual(code, 1)
        self.assertEqual(
            lines[:3],
            [
                "FooHeader: missing in ours; to be written:",
                *["    " + line for line in DUMP[begin:].splitlines()],
            ],
        )

    def test_a_missing_struct_is_listed_with_its_fields(self):
        begin, end = DUMP.index("    cursor"), DUMP.index("  rate")
        lines, _ = self.check(DUMP[:begin] + DUMP[end:])
        self.assertEqual(
            lines[:3],
            [
                "FooRequest.topics.cursor: missing in ours; to be written:",
                "    cursor Cursor versions=3 nullable=3 default=null",
                "      port uint16 versions=3+ nullable=none default=0",
            ],
        )

    def test_a_word_of_theirs_that_is_not_known_is_found(self):
        self.assert_finds_in_theirs(
            '"zeroCopy"', '"upsideDown"', "FooRequest: raw: the key 'upsideDown' is new here"
        )
        self.assert_finds_in_theirs(
            '"apiKey"', '"secret": 1, "apiKey"', "FooRequest: the key 'secret' is new here"
        )

    def test_what_our_rows_cannot_say_is_found(self):
        self.assert_finds_in_theirs(
            '"taggedVersions": "2+"',
            '"taggedVersions": "3+"',
            "FooRequest: tagged: tagged in 3+ only, which our rows cannot say",
        )

    # --- what cannot be compared ---

    def test_nothing_to_compare_is_an_error_and_not_a_success(self):
        with tempfile.TemporaryDirectory(prefix="check schema ") as folder:
            empty = pathlib.Path(folder) / "empty.jar"
            zipfile.ZipFile(empty, "w").close()
            ours = pathlib.Path(folder) / "ours.txt"
            ours.write_text(DUMP)
            for arguments, said in [
                ((empty, "--dump", ours), "is it kafka-clients?"),
                ((ours, "--dump", ours), "not a zip file"),
                ((pathlib.Path(folder) / "none.jar", "--dump", ours), "No such file"),
                ((empty, "--nonsense"), "unrecognized arguments"),
            ]:
                lines, code = self.run_program(*arguments)
                self.assertEqual(code, 2)
                self.assertIn(said, lines[-1])
        for dump, said in [("", "our dump is empty"), ("x\n", "line 1 of our dump")]:
            lines, code = self.check(dump)
            self.assertEqual(code, 2)
            self.assertIn(said, lines[-1])


if __name__ == "__main__":
    unittest.main()
