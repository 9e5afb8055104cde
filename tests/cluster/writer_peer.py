# SPDX-License-Identifier: Apache-2.0
"""A Writer in cluster-peer, and the programs that read what it wrote."""

import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from client_peer import PROGRAM, TIMEOUT, Peer, run
from secure_cluster import ROOT, need, run_program
from written import Plan, read_ends

sys.path.insert(0, str(ROOT / "tests" / "apache"))
import apache  # noqa: E402

READER = ROOT / "tests" / "cluster" / "ReadTopics.java"
RELEASE = "4.4.0"


class Writing(Peer):
    """A running `cluster-peer write`, or another of its commands with a Writer."""

    command = "write"
    wanted_files = ("ends",)

    def __init__(self, brokers, topic, plan, program=PROGRAM, **settings):
        self.topic, self.plan = topic, plan
        given = {"bootstrap.servers": brokers, "topic": topic.name, **plan.settings()}
        given.update((name.replace("_", "."), value) for name, value in settings.items())
        super().__init__(program, self.command, given, self.wanted_files)
        self.end = None
        self.ends = []

    def wait_for(self, ended):
        """Until so many have ended."""
        deadline = time.monotonic() + TIMEOUT
        while (state := self.state())["ended"] < ended:
            if time.monotonic() > deadline:
                raise AssertionError(f"no progress: {state}: {self.errors()}")
            time.sleep(0.05)

    def hurry(self):
        """Writes the rest at once."""
        self.tell("hurry")

    def finish(self):
        """Waits for the end of all that was written and reads what was told of it."""
        out = self.rest()
        self.end = json.loads(out.splitlines()[-1])
        self.ends = read_ends(self.plan, self.files["ends"])

    def summary(self):
        """What happened, for the log of the tests."""
        end = self.end
        return (
            f"{self.topic.name}: {end['taken']} taken, {end['acknowledged']} acknowledged, "
            f"{end['failed']} failed, {end['unknown']} unknown {end['errors']}; {end['stats']}; "
            f"the last ended after {end['last_took']} ms"
        )


class Transacting(Writing):
    """A running `cluster-peer transact`; {number of a transaction: its outcome}."""

    command = "transact"
    wanted_files = ("ends", "outcomes")

    def __init__(self, brokers, topic, plan, program=PROGRAM, **settings):
        settings["transactional.id"] = topic.name
        super().__init__(brokers, topic, plan, program, **settings)
        self.outcomes = {}

    def finish(self):
        super().finish()
        for line in self.files["outcomes"].read_text("ascii").splitlines():
            number, outcome = line.split()
            self.outcomes[int(number)] = outcome

    def summary(self):
        counts = dict(collections.Counter(self.outcomes.values()))
        return f"{super().summary()}; transactions: {counts}, {self.end['failures']}"


def write(brokers, topic, plan, **settings):
    """Writes all of it at once; the finished Writing."""
    with Writing(brokers, topic, plan, **settings) as writing:
        writing.hurry()
        writing.finish()
    return writing


def now_plan(records, **more):
    """With times of now: what is as old as a log may be is removed from it."""
    return Plan(records, time=int(time.time() * 1000), **more)


# --- readers: each returns lines with partition, offset, time, key, headers and value ---


def java(brokers, topics):
    """{topic's name: lines} by Java's consumer, in one virtual machine."""
    with tempfile.TemporaryDirectory(prefix="read-topics-") as place:
        names = [topic.name for topic in topics]
        done = run_program(
            "tool", "--version", RELEASE, READER, brokers, place, *names,
            env={**os.environ, "KAFKA_OPTS": "-XX:TieredStopAtLevel=1 -Xmx512m"},
        )  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(f"ReadTopics.java: {done.returncode}: {done.stderr}")
        return {name: pathlib.Path(place, name).read_bytes() for name in names}


def ours(brokers, topic):
    with tempfile.TemporaryDirectory(prefix="read-") as place:
        out = pathlib.Path(place, "out")
        run("read", bootstrap_servers=brokers, topic=topic.name, partitions=topic.partitions,
            out=out)  # fmt: skip
        return out.read_bytes()


def librdkafka(brokers, topic):
    need(shutil.which("kcat"), "kcat is not installed")
    done = subprocess.run(
        ["kcat", "-b", brokers, "-C", "-t", topic.name, "-e", "-q", "-o", "beginning",
         "-X", "check.crcs=true", "-f", "%p\t%o\t%T\t%k\t%h\t%s\n"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
    )  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(f"kcat: {done.stderr}")
    return done.stdout


def kafka_go(program, brokers, topic):
    """`program` is apache.go_program("./read")."""
    with tempfile.TemporaryDirectory(prefix="read-") as place:
        out = pathlib.Path(place, "out")
        done = subprocess.run(
            [program, brokers.split(",")[0], topic.name, str(topic.partitions), out],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
        )  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(f"kafka-go: {done.stderr}")
        return out.read_bytes()
