# SPDX-License-Identifier: Apache-2.0
"""What bench/run makes of the figures that it gets."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "bench"))

from harness import goals, machine, measure, record, results, scenarios, table  # noqa: E402


def run(cpu_ns=100.0, rate=1e6, foreign=0.0, broker=0.1, latency=None, allocations=None):
    messages = 1_000_000
    return measure.Run(
        messages=messages, wall=messages / rate, cpu=cpu_ns * messages / 1e9, threads=1,
        connections=1, peak_memory=5_000_000, idle_memory=2_000_000, elapsed=1.0,
        allocations=allocations, allocated_bytes=None, latency=latency or {}, settings={"a": "b"},
        version="client 1.0", broker_busy=broker, foreign=foreign,
    )  # fmt: skip


def scenario(name):
    return next(s for s in scenarios.everything() if s.name == name)


def result(name, **ways):
    """Of {way: [runs]}; the client by the way."""
    clients = {way: client for client, names in scenario(name).ways.items() for way in names}
    outcomes = [results.Outcome(clients[way], way, runs) for way, runs in ways.items()]
    return results.ScenarioResult(scenario(name), outcomes)


def report(*found):
    return results.Report("machine", ["conditions"], 3, list(found), {}, {})


class Ratios(unittest.TestCase):
    def test_they_are_of_the_same_round(self):
        # Twice as slow a machine in the second round changes no ratio.
        found = result(
            "produce-100",
            **{"conn-append": [run(10), run(20), run(10)], "produce": [run(80), run(160), run(90)]},
        )
        ratio = found.ratio(found.of("produce"), found.ours, results.cpu)
        self.assertEqual((ratio.median, ratio.least, ratio.most), (8, 8, 9))

    def test_without_ours_there_are_none(self):
        found = result("produce-100", produce=[run()])
        self.assertIsNone(found.ratio(found.of("produce"), found.ours, results.cpu))

    def test_latency_is_compared_by_its_median(self):
        name = "latency-10k-lowest"
        fast, slow = run(latency={"p50": 100, "p99": 900}), run(latency={"p50": 250, "p99": 100})
        found = result(name, **{"conn-append": [fast], "produce": [slow]})
        self.assertIn("2.50", table.scenario_table(found))


class Goals(unittest.TestCase):
    def line(self, found, name):
        lines = [line for line in goals.summary(report(*found)) if line.startswith(name + " ")]
        return lines[0]

    def test_each_says_reached_or_not_and_by_how_much(self):
        for theirs, state in ((500, "MISSED"), (650, "floor reached"), (900, "aim reached")):
            with self.subTest(theirs):
                ways = {"conn-append": [run(100)], "produce": [run(theirs)]}
                line = self.line([result("produce-100", **ways)], "P1")
                self.assertTrue(line.endswith(state), line)
                self.assertIn(f"{theirs / 100:g}x", line)

    def test_the_best_peer_counts_where_all_are_meant(self):
        ways = {
            "conn-append": [run(100)], "produce": [run(900)], "franz-produce-pooled": [run(310)],
        }  # fmt: skip
        self.assertIn("3.1x", self.line([result("produce-100", **ways)], "P2"))

    def test_less_may_be_better(self):
        one = result("produce-100", **{"conn-append": [run(100)]})
        for cost, state in ((120, "aim reached"), (140, "floor reached"), (160, "MISSED")):
            many = result("produce-100-100p-20b", **{"conn-append": [run(cost)]})
            self.assertTrue(self.line([one, many], "P8").endswith(state))

    def test_what_was_not_measured_is_said(self):
        for line in goals.summary(report()):
            self.assertTrue(line.endswith("not measured in this run"), line)

    def test_they_name_scenarios_and_ways_that_exist(self):
        # A goal whose scenario is misspelt would say "not measured" for ever.
        every = [
            result(s.name, **{way: [run(latency={"p50": 1, "p99": 1}, allocations=1)]
                              for ways in s.ways.values() for way in ways})
            for s in scenarios.everything()
        ]  # fmt: skip
        whole = report(*every)
        whole.sizes["kafka-asio"] = {"program": 1_000_000}
        for line in goals.summary(whole):
            self.assertNotIn("not measured", line)


class Table(unittest.TestCase):
    def test_a_busy_broker_and_disturbed_rounds_are_marked(self):
        found = result(
            "produce-100",
            **{"conn-append": [run(broker=0.9), run(broker=0.95)],
               "produce": [run(foreign=0.2), run()]},
        )  # fmt: skip
        ours, theirs = table.scenario_table(found).splitlines()[-2:]
        self.assertTrue(ours.endswith(" y"), ours)
        self.assertTrue(theirs.endswith("(1 of 2 disturbed)"), theirs)

    def test_who_could_not_take_part_is_named_with_the_reason(self):
        found = result("produce-100-idempotent", **{"conn-append": [run()], "kafkago-writer": []})
        found.outcomes[1].note = "cannot do this: kafka-go has no idempotence"
        self.assertIn("kafka-go kafkago-writer: cannot do this", table.scenario_table(found))


class Record(unittest.TestCase):
    def test_curves_and_their_bends(self):
        sizes = {"produce-100": 100, "produce-1k": 400, "produce-10k": 420}
        found = [result(name, **{"conn-append": [run(ns)]}) for name, ns in sizes.items()]
        whole = report(*found)
        curve = record.curves(whole)["produce: record size"]
        self.assertEqual(
            [[x, round(y)] for x, y in curve["series"]["kafka-asio conn-append"]],
            [[100, 100], [1024, 400], [10240, 420]],
        )
        bends = record.bends(whole)
        self.assertEqual(len(bends), 1)
        self.assertIn("from 100 to 1024", bends[0])
        json.dumps(record.of(whole))

    def test_drops_are_noticed(self):
        said = {"messages": 1000}
        # The warm-up counts too: what is dropped there cannot make up for the rest.
        broker = {"errors": [], "records": 1010, "records_fetched": 0}
        measure.check(scenario("produce-100"), said, 10, broker, "x")
        for change in (
            {"records": 1009},
            {"errors": ["bad"]},
            {"verified": {"records": 1010, "missing": 1, "repeated": 1, "bad": 0}},
            {"verified": {"records": 1010, "missing": 0, "repeated": 0, "bad": 2}},
            {"records": 1011, "verified": {"records": 1011, "missing": 0, "repeated": 0, "bad": 0}},
        ):
            with self.subTest(change), self.assertRaises(measure.Failed):
                measure.check(scenario("produce-100"), said, 10, {**broker, **change}, "x")
        with self.assertRaises(measure.Failed):
            measure.check(scenario("consume-100"), said, 10, broker, "x")


class Disturbance(unittest.TestCase):
    def test_a_run_is_repeated_until_nobody_disturbs_or_three_times(self):
        for shares, taken, best in (((0.01,), 1, 0.01), ((0.3, 0.02), 2, 0.02),
                                    ((0.3, 0.2, 0.4), 3, 0.2)):  # fmt: skip
            left = list(shares)
            found = measure.undisturbed(lambda: run(foreign=left.pop(0)))  # noqa: B023
            self.assertEqual((len(shares) - len(left), found.foreign), (taken, best))

    def test_the_share_of_others_is_of_the_cores_in_use(self):
        core = min(os.sched_getaffinity(0))
        with machine.ForeignShare([core]) as others:
            # What a child of this one does is not foreign.
            subprocess.run(
                ["taskset", "-c", str(core), sys.executable, "-c", "for i in range(3000000): pass"],
                check=True,
            )
        self.assertGreaterEqual(others.share, 0)
        self.assertLessEqual(others.share, 1.1)


class CommandLine(unittest.TestCase):
    def ask(self, *arguments):
        return subprocess.run(
            [sys.executable, str(ROOT / "bench" / "run"), *arguments], capture_output=True, text=True
        )

    def test_the_scenarios_are_listed(self):
        listed = self.ask("--list").stdout
        for name in ("produce-100 ", "consume-1k-zstd", "latency-500k-defaults", "start "):
            self.assertIn(name, listed)
        quick = self.ask("--list", "--quick").stdout.splitlines()
        self.assertEqual(len(quick), 3)
        some = self.ask("--list", "--only", "consume-100*").stdout
        self.assertNotIn("produce", some)

    def test_what_does_not_exist_is_refused_with_what_does(self):
        for arguments in (("--only", "produce-77"), ("--clients", "sarama")):
            ended = self.ask(*arguments)
            self.assertEqual(ended.returncode, 2)
            self.assertIn("there are: ", ended.stderr)

    def test_a_picture_needs_nothing_but_the_record(self):
        found = result("produce-100", **{"conn-append": [run(10)], "produce": [run(80)]})
        sys.path.insert(0, str(ROOT / "bench"))
        from harness import chart

        with tempfile.TemporaryDirectory() as folder:
            picture = pathlib.Path(folder, "x.svg")
            try:
                chart.draw(record.of(report(found)), picture)
            except chart.Unavailable as why:
                raise unittest.SkipTest(str(why)) from None
            self.assertIn("librdkafka: produce", picture.read_text())


if __name__ == "__main__":
    unittest.main()
