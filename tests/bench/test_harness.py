# SPDX-License-Identifier: Apache-2.0
"""What bench/run makes of the figures that it gets."""

import contextlib
import dataclasses
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "bench"))

from harness import chart, goals, machine, measure, programs, real, record, results, scenarios, table  # noqa: E402


def run(cpu_ns=100.0, rate=1e6, foreign=0.0, broker=0.1, latency=None, allocations=None,
        system_ns=0.0, records=0.0, elapsed=1.0):  # fmt: skip
    messages = 1_000_000
    return measure.Run(
        messages=messages, wall=messages / rate, cpu=cpu_ns * messages / 1e9, threads=1,
        connections=1, peak_memory=5_000_000, idle_memory=2_000_000, elapsed=elapsed,
        allocations=allocations, allocated_bytes=None, latency=latency or {},
        settings={"a": "b", "buffer_memory": "4000000"},
        version="client 1.0", broker_busy=broker, foreign=foreign,
        system=system_ns * messages / 1e9, request_records=records,
    )  # fmt: skip


def scenario(name):
    return next(s for s in scenarios.everything() if s.name == name)


def result(name, nodes=0, **ways):
    """Of {way: [runs]}; the client by the way."""
    clients = {way: client for client, names in scenario(name).ways.items() for way in names}
    outcomes = [results.Outcome(clients[way], way, runs) for way, runs in ways.items()]
    return results.ScenarioResult(scenario(name), outcomes, nodes=nodes)


def report(*found):
    return results.Report("machine", ["conditions"], 3, list(found), {}, {})


class Ratios(unittest.TestCase):
    def test_they_are_of_the_same_round(self):
        # Twice as slow a machine in the second round changes no ratio.
        found = result(
            "produce-100",
            **{"writer-try": [run(10), run(20), run(10)], "produce": [run(80), run(160), run(90)]},
        )
        ratio = found.ratio(found.of("produce"), found.ours, results.cpu)
        self.assertEqual((ratio.median, ratio.least, ratio.most), (8, 8, 9))

    def test_without_ours_there_are_none(self):
        found = result("produce-100", produce=[run()])
        self.assertIsNone(found.ratio(found.of("produce"), found.ours, results.cpu))

    def test_latency_is_compared_by_its_median(self):
        name = "latency-10k-lowest"
        fast, slow = run(latency={"p50": 100, "p99": 900}), run(latency={"p50": 250, "p99": 100})
        found = result(name, **{"writer-try": [fast], "produce": [slow]})
        self.assertIn("2.50", table.scenario_table(found))


class Goals(unittest.TestCase):
    def line(self, found, name):
        lines = [line for line in goals.summary(report(*found)) if line.startswith(name + " ")]
        return lines[0]

    def test_each_says_reached_or_not_and_by_how_much(self):
        for theirs, state in ((500, "MISSED by 1.20 times"), (900, "aim reached"),
                              (640, "floor reached, aim missed by 1.25 times")):  # fmt: skip
            with self.subTest(theirs):
                ways = {"writer-try": [run(100)], "produce": [run(theirs)]}
                line = self.line([result("produce-100", **ways)], "P1")
                self.assertTrue(line.endswith(state), line)
                self.assertIn(f"{theirs / 100:g}x", line)

    def test_the_best_peer_counts_where_all_are_meant(self):
        ways = {
            "writer-try": [run(100)], "produce": [run(900)], "franz-produce-pooled": [run(310)],
        }  # fmt: skip
        self.assertIn("3.1x", self.line([result("produce-100", **ways)], "P2"))

    def test_calls_with_many_records_are_compared_with_their_like(self):
        ways = {"writer-try": [run(100)], "writer-row": [run(60)], "produce-batch": [run(300)]}
        lines = goals.summary(report(result("produce-100", **ways)))
        single, rows, *_ = [line for line in lines if line.startswith("P2")]
        self.assertIn(" 3x ", single)
        self.assertIn(" 5x ", rows)

    def test_less_may_be_better(self):
        one = result("produce-100", **{"writer-try": [run(100)]})
        for cost, state in ((120, "aim reached"), (165, "MISSED by 1.10 times"),
                            (150, "floor reached, aim missed by 1.20 times")):  # fmt: skip
            many = result("produce-100-100p-20b", **{"writer-try": [run(cost)]})
            lines = [line for line in goals.summary(report(one, many)) if line.startswith("P8")]
            self.assertTrue(lines[1].endswith(state), lines)

    def test_memory_beyond_buffers_counts_if_they_were_full(self):
        for peak, said in ((5_000_000, " 1MB "), (3_900_000, "not measured in this run")):
            one = dataclasses.replace(run(), peak_memory=peak)
            full = result("produce-100-saturated", **{"writer-try": [one]})
            lines = goals.summary(report(full))
            line = next(line for line in lines if "beyond buffer_memory" in line)
            self.assertIn(said, line)

    def test_what_was_not_measured_is_said(self):
        waiting = set()
        for line in goals.summary(report()):
            if "waits for" in line:
                waiting.add(line.split()[0])
            else:
                self.assertTrue(line.endswith("not measured in this run"), line)
        self.assertEqual(waiting, {"C3"})

    def test_every_row_of_the_project_s_list_is_there(self):
        rows = [*(f"P{i}" for i in range(1, 9)), *(f"C{i}" for i in range(1, 6)), "L1", "L2", "L3",
                "M1", "M2", "T1", "T2", "S1", "S2", "S3"]  # fmt: skip
        self.assertEqual(list(dict.fromkeys(goal.name for goal in goals.all_goals())), rows)

    def test_what_waking_up_costs_is_taken_off_both(self):
        ways = {"writer-try": [run(90), run(80)], "pace-loop": [run(50), run(30)],
                "produce": [run(60), run(70)], "pace-sleep": [run(20), run(20)]}  # fmt: skip
        lines = goals.summary(report(result("latency-1k-defaults", **ways)))
        line = next(line for line in lines if "1k/s: CPU" in line)
        self.assertIn(" 1x ", line)
        del ways["pace-sleep"]
        lines = goals.summary(report(result("latency-1k-defaults", **ways)))
        line = next(line for line in lines if "1k/s: CPU" in line)
        self.assertTrue(line.endswith("not measured in this run"), line)

    def test_a_codec_s_own_time_is_taken_off_round_by_round(self):
        ways = {"writer-try": [run(200), run(400)], "codec-alone": [run(160), run(350)]}
        lines = goals.summary(report(result("produce-100-lz4", **ways)))
        line = next(line for line in lines if "lz4, CPU ns beyond" in line)
        self.assertIn("45ns", line)
        self.assertTrue(line.endswith("aim reached"), line)

    def test_on_real_clusters_others_count_and_the_fastest_peer_is_the_one_to_beat(self):
        ways = {"writer-try": [run(50, rate=4e6)], "produce": [run(900, rate=1e6)],
                "franz-produce": [run(400, rate=2e6)]}  # fmt: skip
        found = [result("produce-100", nodes=n, **ways) for n in (1, 3)]
        lines = goals.summary(report(*found))
        self.assertEqual([line.split()[0] for line in lines], [*["R1"] * 4, "R2", "R2"] * 2)
        self.assertRegex(lines[0], r"1 node, .* 2x .*aim reached$")
        self.assertRegex(lines[1], r" 0\.125x .*aim reached$")
        self.assertIn("3 nodes", lines[6])

    def test_they_name_scenarios_and_ways_that_exist(self):
        # A goal whose scenario is misspelt would say "not measured" for ever.
        every = [
            result(s.name, **{way: [run(10 if way.startswith("pace-") else 100, allocations=1,
                                        latency={"p50": 1, "p99": 1})]
                              for ways in s.ways.values() for way in ways})
            for s in scenarios.everything()
        ]  # fmt: skip
        whole = report(*every)
        whole.sizes["kafka-asio"] = {
            programs.STATIC_PROGRAM: 1_000_000, programs.SHARED_TEXT: 1_000_000
        }  # fmt: skip
        for line in goals.summary(whole):
            self.assertNotIn("not measured", line)


class Table(unittest.TestCase):
    def test_a_busy_broker_and_disturbed_rounds_are_marked(self):
        found = result(
            "produce-100",
            **{"writer-try": [run(broker=0.9), run(broker=0.95)],
               "produce": [run(foreign=0.2), run()]},
        )  # fmt: skip
        ours, theirs = table.scenario_table(found).splitlines()[-2:]
        self.assertTrue(ours.endswith(" y"), ours)
        self.assertTrue(theirs.endswith("(1 of 2 disturbed)"), theirs)

    def test_who_could_not_take_part_is_named_with_the_reason(self):
        found = result("produce-100-idempotent", **{"writer-try": [run()], "kafkago-writer": []})
        found.outcomes[1].note = "cannot do this: kafka-go has no idempotence"
        self.assertIn("kafka-go kafkago-writer: cannot do this", table.scenario_table(found))


class Record(unittest.TestCase):
    def test_curves_and_their_bends(self):
        sizes = {"produce-100": 100, "produce-1k": 400, "produce-10k": 420}
        found = [result(name, **{"writer-try": [run(ns)]}) for name, ns in sizes.items()]
        whole = report(*found)
        curve = record.curves(whole)["produce: record size"]
        self.assertEqual(
            [[x, round(y)] for x, y in curve["series"]["kafka-asio writer-try"]],
            [[100, 100], [1024, 400], [10240, 420]],
        )
        bends = record.bends(whole)
        self.assertEqual(len(bends), 1)
        self.assertIn("from 100 to 1024", bends[0])
        self.assertIn(bends[0], table.full(whole))
        json.dumps(record.of(whole))

    def test_a_bend_is_explained_by_what_the_same_runs_have_measured(self):
        one = result("produce-100", **{"writer-try": [run(50, system_ns=10, records=9000)]})
        four = result("produce-100-4c", **{"writer-try": [run(90, system_ns=40, records=2000)]})
        sentence = record.bends(report(one, four))[0]
        self.assertIn("75% of the difference was spent in the kernel", sentence)
        self.assertIn("A request carries 9,000 records before it, 2,000 after", sentence)
        silent = result("produce-100-4c", **{"writer-try": [run(90, records=9000, system_ns=70)]})
        self.assertIn("show no cause", record.bends(report(one, silent))[0])

    def test_a_point_alone_is_no_curve(self):
        one = result("produce-100", **{"writer-try": [run()], "produce-batch": [run()]})
        self.assertEqual(record.curves(report(one)), {})
        four = result("produce-100-4c", **{"writer-try": [run()]})
        curve = record.curves(report(one, four))["produce: connections"]
        self.assertEqual(list(curve["series"]), ["kafka-asio writer-try"])

    def test_each_real_cluster_has_curves_of_its_own(self):
        found = [
            result(name, nodes=nodes, **{"writer-try": [run()]})
            for nodes in (1, 3) for name in ("produce-100", "produce-1k")
        ]  # fmt: skip
        self.assertEqual(
            list(record.curves(report(*found))),
            ["produce: record size (1 real node)", "produce: record size (3 real nodes)"],
        )

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


class Interrupted(unittest.TestCase):
    def until(self, why):
        yield result("produce-100", **{"writer-try": [run(10)]})
        raise why

    def test_what_was_measured_until_then_is_kept_and_the_exit_code_says_why(self):
        for why, code in ((KeyboardInterrupt(), 130), (SystemExit(143), 143)):
            found, ended = results.gathered(self.until(why))
            self.assertEqual([r.scenario.name for r in found], ["produce-100"])
            self.assertEqual(ended, code)
        self.assertEqual(results.gathered([]), ([], 0))

    def test_a_failure_is_no_signal(self):
        with self.assertRaises(OSError):
            results.gathered(self.until(OSError("no space")))


class Turns(unittest.TestCase):
    def test_rounds_go_back_and_forth_so_that_none_always_follows_the_same_one(self):
        loader = importlib.machinery.SourceFileLoader("bench_run", str(ROOT / "bench/run"))
        program = importlib.util.module_from_spec(
            importlib.util.spec_from_loader("bench_run", loader)
        )
        loader.exec_module(program)
        names = ["writer-try", "produce", "java-send"]
        given = types.SimpleNamespace(rounds=3, repeats=0, seconds=1.0)
        ways = {name: measure.Way("x", name, ()) for name in names}
        taken = []
        take = types.SimpleNamespace(
            pace=lambda _, way, messages: run(), extra=lambda *_: None,
            run=lambda _, way, messages: (taken.append(way.name), run())[1],
        )  # fmt: skip
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            bench = program.Bench(given, None, ways, machine.Cores(broker=1, client=(0,)))
            found = bench.scenario(scenario("produce-100"), take)
        self.assertEqual(taken, [*names, *reversed(names), *names])
        # What is printed keeps its order.
        self.assertEqual([outcome.way for outcome in found.outcomes], names)
        self.assertEqual([len(outcome.runs) for outcome in found.outcomes], [3, 3, 3])


class Disturbance(unittest.TestCase):
    def test_a_run_is_repeated_until_nobody_disturbs_three_times_at_most(self):
        for shares, taken, best in (((0.01,), 1, 0.01), ((0.3, 0.02), 2, 0.02),
                                    ((0.3, 0.2, 0.4, 0.3, 0.01), 4, 0.2)):  # fmt: skip
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


class Lengths(unittest.TestCase):
    def way(self, client="librdkafka"):
        return measure.Way(client, "x", ("x",))

    def test_a_consumer_reads_ahead_before_it_is_measured(self):
        many, large = scenario("consume-100"), scenario("consume-10k")
        self.assertEqual(measure.warmup_of(many, self.way()), 1_000_000)
        self.assertEqual(measure.warmup_of(many, self.way("java")), 3_000_000)
        self.assertEqual(measure.warmup_of(large, self.way()), 10_000)
        self.assertEqual(measure.warmup_of(large, self.way("java")), 48_828)
        self.assertEqual(measure.warmup_of(scenario("produce-100"), self.way()), 10_000)
        self.assertEqual(measure.warmup_of(scenario("start"), self.way("java")), 0)

    def test_a_consumer_s_run_has_many_answers_however_slow_it_is(self):
        for name, least in (("consume-100", 100_000), ("consume-100-20p-20b", 2_000_000),
                            ("consume-100-100p-20b", 1_300_000)):  # fmt: skip
            pace = measure.Pace(scenario(name), seconds=0.001)
            pace.learn(self.way(), run(rate=1000))
            self.assertGreaterEqual(pace.messages(self.way()), least)

    def test_what_the_broker_counted_says_how_large_requests_were(self):
        told = {"requests": {"Produce v13": 4, "Metadata v13": 1, "Fetch v17": 5},
                "records": 1000, "records_fetched": 200}  # fmt: skip
        self.assertEqual(
            measure.requests_of(scenario("produce-100"), told),
            {"requests": 4, "request_records": 250},
        )
        self.assertEqual(
            measure.requests_of(scenario("consume-100"), told), {"requests": 5, "request_records": 40}
        )

    def test_a_real_cluster_is_given_what_fits_it(self):
        every = scenarios.everything()
        names = {nodes: {s.name for s in real.real_scenarios(every, nodes)} for nodes in (1, 3)}
        self.assertNotIn("produce-100-12p-3b", names[1])
        self.assertIn("produce-100-12p-3b", names[3])
        for found in names.values():
            self.assertIn("produce-100", found)
            self.assertNotIn("produce-100-tls", found)
            self.assertNotIn("size", found)
        self.assertEqual(real.loaded(scenario("consume-10k")), 117_187)


class Picture(unittest.TestCase):
    def test_columns_are_of_about_the_same_height_and_in_order(self):
        drawn = [{"outcomes": [{"ratio": 1}] * 6} for _ in range(60)]
        columns = chart.in_columns(drawn)
        self.assertEqual([len(column) for column in columns], [15, 15, 15, 15])
        self.assertEqual(sum(columns, []), drawn)
        self.assertEqual(len(chart.in_columns(drawn[:3])), 1)
        self.assertEqual(chart.in_columns([]), [])


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
        found = result("produce-100", **{"writer-try": [run(10)], "produce": [run(80)]})
        with tempfile.TemporaryDirectory() as folder:
            picture = pathlib.Path(folder, "x.svg")
            try:
                chart.draw(record.of(report(found)), picture)
            except chart.Unavailable as why:
                raise unittest.SkipTest(str(why)) from None
            self.assertIn("librdkafka: produce", picture.read_text())


if __name__ == "__main__":
    unittest.main()
