# SPDX-License-Identifier: Apache-2.0
"""What the README shows is what is in the tree, and it works."""

import re
import subprocess
import unittest

from test_kasio import BUILD, ENV, ROOT, Broker

README = (ROOT / "README.md").read_text()
EXAMPLES = ROOT / "tests" / "examples"


def source(name):
    """An example without its licence line."""
    return (EXAMPLES / f"{name}.cpp").read_text().split("\n", 1)[1].strip()


def run(name, *args):
    program = BUILD / "tests" / "examples" / f"example-{name}"
    return subprocess.run([program, *args], capture_output=True, text=True, timeout=60, env=ENV)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker("--brokers", "3", "-t", "greetings:1", "-t", "orders:1")
        cls.addClassCleanup(cls.broker.stop)

    def lists_brokers(self, name):
        first = self.broker.brokers.split(",")[0]
        result = run(name, first)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = sorted(result.stdout.splitlines())
        expected = [f"{i + 1} {b}" for i, b in enumerate(self.broker.brokers.split(","))]
        self.assertEqual(lines, expected)

    def test_the_coroutine_lists_the_brokers(self):
        self.lists_brokers("coroutine")

    def test_the_callback_lists_the_brokers(self):
        self.lists_brokers("callback")

    def test_the_blocking_facade_lists_the_brokers(self):
        self.lists_brokers("blocking")

    def test_the_blocking_facade_says_what_was_wrong(self):
        result = run("blocking", "127.0.0.1:1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("127.0.0.1:1", result.stderr)

    def test_a_partition_is_written_and_read(self):
        first = self.broker.brokers.split(",")[0]
        result = run("partition", first)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "hello\nworld\n")
        result = run("partition_blocking", first)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "hello, world\n")

    def test_records_are_written(self):
        first = self.broker.brokers.split(",")[0]
        result = run("writer", first)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        places = re.findall(r"(\w+) is at offset (\d+) of partition 0\n", result.stdout)
        (alice, one), (bob, two) = places
        self.assertEqual((alice, bob, int(two) - int(one)), ("alice", "bob", 1))
        result = run("writer_blocking", first)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "100000 records are stored\n")

    def test_the_development_broker_shows_its_topic(self):
        result = run("develop")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "orders: 6 partitions\n")


class Readme(unittest.TestCase):
    def test_it_quotes_every_example_as_it_is(self):
        quoted = [block.strip() for block in re.findall(r"```cpp\n(.*?)```", README, re.DOTALL)]
        for path in sorted(EXAMPLES.glob("*.cpp")):
            with self.subTest(path.name):
                self.assertIn(source(path.stem), quoted)

    def test_the_files_that_it_names_exist(self):
        for name in re.findall(r"\]\(([^)#:]+)\)", README):
            with self.subTest(name):
                self.assertTrue((ROOT / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
