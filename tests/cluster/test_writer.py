#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our Writer on a real cluster: what it says of each record is what readers find, whatever happens
to the nodes meanwhile; and all codecs are read by Java, librdkafka, kafka-go and our own client.

KAFKA_ASIO_LONG=1 writes a million records, harms each node, and adds what takes minutes.
"""

import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

import writer_peer
from client_peer import PROGRAM, TSAN_PROGRAM, Topic, now_ms, restoring
from secure_cluster import need, shared
from writer_peer import Transacting, Writing, apache, now_plan, write
from written import (
    ACKNOWLEDGED,
    FAILED,
    UNKNOWN,
    End,
    Plan,
    expected_lines,
    judge_ends,
    judge_order,
    judge_places,
    judge_transactions,
    read_lines,
    sorted_lines,
)

LONG = os.environ.get("KAFKA_ASIO_LONG") == "1"
long_only = unittest.skipUnless(LONG, "takes minutes: KAFKA_ASIO_LONG=1")
NODES = (1, 2, 3)
PARTITIONS = 12
# A leader is elected when a node was silent for broker.session.timeout.ms (9 s).
SESSION = 9
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
HEAP_BYTES = 1024 * 1024


class Judges(unittest.TestCase):
    """What judges the others finds what is wrong."""

    plan = Plan(8, keys=4)
    # Thread 0 has the keys 0 and 1; all records of key 1 and 3 are in partition 1.
    right = {0: [0, 2, 4, 6], 1: [1, 3, 5, 7]}

    def ends(self, **changed):
        ends = [End(number, partition, ACKNOWLEDGED, offset)
                for partition, numbers in self.right.items()
                for offset, number in enumerate(numbers)]  # fmt: skip
        return [end._replace(**changed) if end.number == 5 else end for end in ends]

    def found(self, partitions):
        return read_lines(self.plan, [
            b"%d\t%d\t%s\n" % (partition, offset, self.plan.tail(number))
            for partition, numbers in partitions.items()
            for offset, number in enumerate(numbers)
        ])  # fmt: skip

    def places(self, found, once=True, **changed):
        return judge_places(self.ends(**changed), self.found(found), once)

    def test_what_is_right_passes(self):
        self.assertEqual(judge_ends(self.plan, self.ends(), 8), [])
        self.assertEqual(self.places(self.right), [])
        self.assertEqual(judge_order(self.plan, self.found(self.right)), [])

    def test_a_record_that_ended_twice_or_never_is_found(self):
        self.assertTrue(judge_ends(self.plan, [*self.ends(), self.ends()[0]], 8))
        self.assertTrue(judge_ends(self.plan, self.ends()[1:], 8))

    def test_a_lost_a_doubled_and_a_misplaced_record_are_found(self):
        lost, doubled = {**self.right, 1: [1, 3, 5]}, {**self.right, 1: [1, 3, 5, 7, 7]}
        self.assertTrue(self.places(lost))
        self.assertTrue(self.places(doubled))
        self.assertEqual(self.places(doubled, once=False), [])
        self.assertTrue(self.places({**self.right, 1: [1, 3, 7, 5]}))

    def test_a_failed_record_must_not_be_there_and_an_unknown_one_may_be(self):
        without = {**self.right, 1: [1, 3, 7]}
        self.assertTrue(self.places(self.right, outcome=FAILED))
        self.assertEqual(self.places(self.right, outcome=UNKNOWN), [])
        ends = [End(3, 1, UNKNOWN, -1), *(end for end in self.ends() if end.number not in (3, 7))]
        self.assertEqual(judge_places(ends, self.found({**self.right, 1: [1, 3, 5]}), True), [])
        self.assertTrue(judge_places(ends, self.found({**self.right, 1: [1, 3, 5, 3]}), True))
        self.assertTrue(self.places(without, outcome=FAILED))  # 7 is not where it was said to be

    def test_an_overtaken_and_an_altered_record_are_found(self):
        overtaken = self.found({**self.right, 1: [5, 3, 1, 7]})
        self.assertTrue(judge_order(self.plan, overtaken))
        line = b"0\t0\t" + self.plan.tail(0)
        self.assertEqual(read_lines(self.plan, [line]).problems, [])
        self.assertTrue(read_lines(self.plan, [line + b"x"]).problems)
        self.assertTrue(read_lines(self.plan, [line, line]).problems)

    def test_a_transaction_that_is_seen_in_part_or_in_spite_of_its_end_is_found(self):
        def judge(outcomes, partitions):
            found = self.found(partitions)
            return judge_transactions(self.plan, dict(enumerate(outcomes)), self.ends(), found)

        first = {0: [0, 2], 1: [1, 3]}
        self.assertEqual(judge(("committed", "committed"), self.right), [])
        self.assertEqual(judge(("committed", "unknown"), self.right), [])
        self.assertEqual(judge(("committed", "unknown"), first), [])
        self.assertEqual(judge(("committed", "aborted"), first), [])
        self.assertTrue(judge(("committed", "aborted"), self.right))
        self.assertTrue(judge(("committed", "committed"), first))
        self.assertTrue(judge(("committed", "unknown"), {0: [0, 2, 4], 1: [1, 3]}))
        self.assertTrue(judge(("committed",), self.right))
        self.assertTrue(judge(("committed", "aborted"), {0: [0, 2], 1: [1, 3, 1]}))


class WriterCase(unittest.TestCase):
    program = PROGRAM
    threads_of_runtime = 0  # that come with the first thread and stay

    @classmethod
    def setUpClass(cls):
        need(cls.program.exists(), f"{cls.program} is not there")
        cls.cluster = shared()
        cls.brokers = cls.cluster.env()["KAFKA_BROKERS"]

    @classmethod
    def topic(cls, name, partitions=PARTITIONS):
        topic = Topic(cls.brokers, f"writer-{cls.__name__}-{name}", partitions)
        cls.addClassCleanup(cls.remove, topic)
        return topic

    @classmethod
    def remove(cls, topic):
        with contextlib.suppress(AssertionError):
            topic.delete(cls.cluster.env()["KAFKA_BROKERS"])

    def judge(self, writing, lines, once=True):
        """Ends, places and order of all records, as one reader has them."""
        plan, end = writing.plan, writing.end
        self.assertEqual((end["error"], end["close_error"]), ("", ""))
        self.assertEqual(end["taken"], plan.records)
        self.assertEqual(judge_ends(plan, writing.ends, plan.records), [])
        found = read_lines(plan, lines.splitlines())
        self.assertEqual(judge_places(writing.ends, found, once), [])
        if once:
            self.assertEqual(judge_order(plan, found), [])
        return found

    def judge_baseline(self, writing):
        before, after = writing.end["before"], writing.end["after"]
        self.assertEqual(after["descriptors"], before["descriptors"], writing.end)
        left = after["threads"] - before["threads"]
        self.assertEqual(left, self.threads_of_runtime, writing.end)
        self.assertLess(after["heap"], before["heap"] + HEAP_BYTES, writing.end)
        stats = writing.end["stats"]
        self.assertEqual((stats["buffered"], stats["in_flight"]), (0, 0), stats)
        told = [stats[name] for name in ("acknowledged", "failed", "unknown")]
        heard = [writing.end[name] for name in ("acknowledged", "failed", "unknown")]
        self.assertEqual(told, heard, writing.end)

    def tell(self, writing):
        print(f"{self.id()}: {writing.summary()}", file=sys.stderr, flush=True)


class Codecs(WriterCase):
    """Each codec, read whole by everybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.written = {}
        for codec in CODECS:
            plan = now_plan(6000, keys=60, filler=600)
            cls.written[codec] = write(
                cls.brokers, cls.topic(codec, 3), plan, compression_type=codec, batch_size=65_536
            )

    def compare(self, read):
        for codec, writing in self.written.items():
            with self.subTest(codec):
                self.assertEqual(writing.end["acknowledged"], writing.plan.records, writing.end)
                lines = sorted_lines(read(writing.topic))
                wanted = expected_lines(writing.plan, writing.ends)
                self.assertEqual(len(lines), len(wanted))
                for line, right in zip(lines, wanted):
                    self.assertEqual(line, right)

    def test_the_codec_is_used(self):
        size = {codec: w.end["stats"]["batch_bytes"] for codec, w in self.written.items()}
        for codec in CODECS[1:]:
            self.assertLess(size[codec], size["none"] // 2, size)

    def test_java_reads_all(self):
        read = writer_peer.java(self.brokers, [w.topic for w in self.written.values()])
        self.compare(lambda topic: read[topic.name])

    def test_librdkafka_reads_all(self):
        need(shutil.which("kcat"), "kcat is not installed")
        self.compare(lambda topic: writer_peer.librdkafka(self.brokers, topic))

    def test_kafka_go_reads_all(self):
        with tempfile.TemporaryDirectory(prefix="kafka-go-") as place:
            program = apache.go_program("./read", pathlib.Path(place, "read"))
            self.compare(lambda topic: writer_peer.kafka_go(program, self.brokers, topic))

    def test_we_read_all(self):
        self.compare(lambda topic: writer_peer.ours(self.brokers, topic))


# What a Writer is told, by the name of its topic.
PATIENT = {"request_timeout_ms": 5000, "delivery_timeout_ms": 120_000}
WAYS = {
    "idempotent": PATIENT,
    "repeating": {**PATIENT, "enable_idempotence": "false"},
    # Gives up before another leader is elected.
    "impatient": {"request_timeout_ms": 1500, "delivery_timeout_ms": 3000},
    "transactional": PATIENT,
}


class HarmCase(WriterCase):
    """Several Writers side by side over the same harm, and what Java read of it."""

    @classmethod
    def plans(cls):
        """{way: plan and how many a second}"""
        raise NotImplementedError

    @classmethod
    def harm(cls, topics):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.written, cls.read = cls.write_over(cls.harm)

    @classmethod
    def write_over(cls, harm, name=""):
        """Writes while `harm` is under way; {way: Writing} and {topic's name: Java's lines}."""
        written = {}
        with contextlib.ExitStack() as stack:
            for way, (plan, rate) in cls.plans().items():
                topic = cls.topic(f"{way}{name}")
                kind = Transacting if way == "transactional" else Writing
                written[way] = stack.enter_context(
                    kind(cls.brokers, topic, plan, cls.program, rate=rate, **WAYS[way])
                )
            stack.enter_context(restoring(cls.cluster))
            for writing in written.values():
                writing.wait_for(writing.plan.records // 100)
            harm([writing.topic for writing in written.values()])
            harmed = now_ms()
            for writing in written.values():
                writing.hurry()
            for writing in written.values():
                writing.finish()
        for writing in written.values():
            print(f"{cls.__name__}: {writing.summary()}", file=sys.stderr, flush=True)
            if writing.end["taken_at"] < harmed:
                raise AssertionError(f"the last harm came after the last record: {writing.end}")
        return written, writer_peer.java(cls.brokers, [w.topic for w in written.values()])

    def lines(self, way):
        return self.read[self.written[way].topic.name]

    def judge_transactions(self, writing, lines):
        plan, end = writing.plan, writing.end
        self.assertEqual((end["error"], end["close_error"]), ("", ""), end)
        self.assertEqual(judge_ends(plan, writing.ends, end["taken"]), [])
        self.assertEqual(sorted(writing.outcomes), list(range(plan.records // plan.keys)))
        found = read_lines(plan, lines.splitlines())
        problems = judge_transactions(plan, writing.outcomes, writing.ends, found)
        self.assertEqual(problems, [], writing.summary())
        self.assertEqual(judge_order(plan, found), [])
        # Not all of them came to grief.
        outcomes = list(writing.outcomes.values())
        self.assertGreater(outcomes.count("committed"), len(outcomes) // 4, writing.summary())
        self.judge_baseline(writing)

    def judge_way(self, writing, lines, way):
        if way != "impatient":
            # With two minutes for each of them nothing is lost to harms of seconds.
            self.assertEqual(writing.end["acknowledged"], writing.plan.records, writing.end)
        self.judge(writing, lines, once=way != "repeating")
        self.judge_baseline(writing)


class Harmed(HarmCase):
    """Nodes are killed, started, stopped and continued, and leaders are moved."""

    @classmethod
    def plans(cls):
        main = now_plan(1_000_000), 5000
        side = now_plan(240_000), 1200
        transactions = now_plan(200_000, threads=1), 1000
        if not LONG:
            main, side = (now_plan(100_000), 1500), (now_plan(40_000), 600)
            transactions = now_plan(60_000, threads=1), 800
        return {"idempotent": main, "repeating": side, "impatient": side,
                "transactional": transactions}  # fmt: skip

    @classmethod
    def harm(cls, topics):
        for node in NODES if LONG else NODES[1:2]:
            cls.cluster.kill(node)
            time.sleep(SESSION + 1)
            cls.cluster.start(node)
            other = node % len(NODES) + 1
            cls.cluster.pause(other)
            time.sleep(SESSION + 2)
            cls.cluster.resume(other)
        if LONG:
            cls.cluster.restart(1)
        for partition in range(PARTITIONS if LONG else 1):
            for topic in topics:
                cls.cluster.move_leader(topic.name, partition, NODES[partition % len(NODES)])
                cls.cluster.move_leader(topic.name, partition, NODES[(partition + 1) % len(NODES)])

    def test_every_record_is_read_once_and_in_order_by_java(self):
        self.judge_way(self.written["idempotent"], self.lines("idempotent"), "idempotent")

    def test_every_record_is_read_once_and_in_order_by_us(self):
        writing = self.written["idempotent"]
        lines = writer_peer.ours(self.brokers, writing.topic)
        self.judge_way(writing, lines, "idempotent")
        self.assertEqual(sorted_lines(lines), sorted_lines(self.lines("idempotent")))

    def test_without_idempotence_every_record_is_read_at_least_once(self):
        self.judge_way(self.written["repeating"], self.lines("repeating"), "repeating")

    def test_what_was_given_up_is_not_there_and_what_is_unknown_at_most_once(self):
        writing = self.written["impatient"]
        found = self.judge(writing, self.lines("impatient"))
        self.judge_baseline(writing)
        given_up = {end.number for end in writing.ends if end.outcome != ACKNOWLEDGED}
        self.assertTrue(given_up, writing.end)
        self.assertGreaterEqual(len(found.times()), writing.end["acknowledged"])

    def test_transactions_are_seen_whole_or_not_at_all_by_java(self):
        self.judge_transactions(self.written["transactional"], self.lines("transactional"))

    def test_transactions_are_seen_whole_or_not_at_all_by_us(self):
        writing = self.written["transactional"]
        lines = writer_peer.ours(self.brokers, writing.topic)
        self.judge_transactions(writing, lines)


@long_only
class KilledAndBack(HarmCase):
    """C06 of the fault matrix: SIGKILL, and a start some seconds later."""

    @classmethod
    def setUpClass(cls):
        WriterCase.setUpClass.__func__(cls)

    @classmethod
    def plans(cls):
        plans = {way: (now_plan(200_000), 8000) for way in WAYS}
        return {**plans, "transactional": (now_plan(60_000, threads=1), 1500)}

    def test_nothing_is_lost_when_a_node_is_killed_and_comes_back(self):
        for node, pause in zip(NODES, (0, 5, 30)):

            def harm(_):
                self.cluster.kill(node)
                time.sleep(pause)
                self.cluster.start(node)
                time.sleep(2)

            with self.subTest(seconds=pause):
                written, read = self.write_over(harm, f"-{pause}")
                for way, writing in written.items():
                    with self.subTest(seconds=pause, way=way):
                        ours = writer_peer.ours(self.brokers, writing.topic)
                        for lines in (read[writing.topic.name], ours):
                            if way == "transactional":
                                self.judge_transactions(writing, lines)
                            else:
                                self.judge_way(writing, lines, way)


@long_only
class UnderTsan(Harmed):
    """The same with the thread sanitizer, which ends the program where it finds something."""

    program = TSAN_PROGRAM
    threads_of_runtime = 1


if __name__ == "__main__":
    unittest.main()
