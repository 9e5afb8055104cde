# SPDX-License-Identifier: Apache-2.0
"""The same measurements against a real Apache Kafka cluster instead of the yardstick."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

from . import machine
from .measure import (
    ALONE, Failed, Files, Run, Way, arguments, drive, launched, pinned, result, warmup_of,
)  # fmt: skip
from .scenarios import Scenario

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tools" / "kafka-cluster"
# What is written to a disk and deleted again in each run, in records and in bytes of values.
MOST_MESSAGES, MOST_BYTES = 5_000_000, 1_000_000_000
# Brokers' JVMs compile for a while: for so many seconds records are written before the first run.
WARM_UP = 30.0
# What consumers find.
LOADED_MESSAGES, LOADED_BYTES = 6_000_000, 1_200_000_000


class Unavailable(Exception):
    """No cluster can be had here; the message says why."""


def prepare(install: bool, say: Callable[[str], None]) -> None:
    """Gets what a cluster is made of, while there is a network."""
    if install:
        subprocess.run([ROOT / "tools/install-deps", "cluster"])
    say("getting Apache Kafka through Maven, if it is not there")
    ended = subprocess.run([sys.executable, PROGRAM, "check"], capture_output=True, text=True)
    if ended.returncode != 0:
        raise Unavailable(ended.stderr.strip())


class Cluster:
    """A cluster for the length of a `with` block. Brokers keep off the client's first core."""

    def __init__(self, nodes: int, cores: machine.Cores, topic_program: pathlib.Path):
        self._nodes = nodes
        self._cores = cores
        self._topic_program = topic_program
        self._topics = 0
        self._folder = tempfile.TemporaryDirectory(prefix="kafka-asio-bench-")
        self._loaded: dict[tuple, str] = {}
        self.bootstrap = ""

    def _cluster(self, *words: str) -> str:
        others = sorted(os.sched_getaffinity(0) - {self._cores.client[0]})
        command = [sys.executable, str(PROGRAM), words[0], "--dir", self._folder.name, *words[1:]]
        ended = subprocess.run(pinned(others, command), capture_output=True, text=True, timeout=600)
        if ended.returncode != 0:
            raise Failed(f"kafka-cluster {words[0]}: {ended.stderr.strip()}")
        return ended.stdout

    def __enter__(self) -> "Cluster":
        # The cluster goes with this process, whatever ends it.
        owner = ("--owner", str(os.getpid()))
        setting = ("--config", "log.segment.delete.delay.ms=1000")
        try:
            lines = self._cluster("up", "--nodes", str(self._nodes), *owner, *setting)
        except BaseException:
            self.__exit__()
            raise
        names = dict(word.split("=", 1) for word in shlex.split(lines))
        self.bootstrap = names["KAFKA_BROKERS"]
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._cluster("down")
        except Failed:
            pass  # it did not start
        finally:
            self._folder.cleanup()

    def _topic(self, *words: str) -> None:
        command = [str(self._topic_program), words[0], self.bootstrap, *words[1:]]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if ended.returncode != 0:
            raise Failed(f"bench-topic {' '.join(words)}: {ended.stderr.strip()}")

    def create_topic(self, partitions: int) -> str:
        self._topics += 1
        name = f"bench-{self._topics}"
        self._topic("create", name, str(partitions), str(min(3, self._nodes)))
        return name

    def delete_topic(self, name: str) -> None:
        self._topic("delete", name)

    def loaded_topic(self, scenario: Scenario, files: Files, writer: Way) -> str:
        """A topic with records to read, written once for all scenarios that want the same."""
        codec = scenario.yardstick.get("codec", "none")
        key = (scenario.corpus, scenario.partitions, codec)
        if key not in self._loaded:
            name = self.create_topic(scenario.partitions)
            options = {"codec": codec, "batch": scenario.yardstick.get("log_batch", "65536")}
            source = Scenario("", "", "produce", scenario.corpus, {}, driver=options,
                              yardstick=scenario.yardstick)  # fmt: skip
            self._fill(name, source, files, writer, loaded(scenario))
            self._loaded[key] = name
        return self._loaded[key]

    def warm_up(self, scenario: Scenario, files: Files, writer: Way) -> None:
        """Writes records of that size to topics that go again."""
        source = Scenario("", "", "produce", scenario.corpus, {})
        few = min(MOST_MESSAGES, MOST_BYTES // scenario.corpus.size)
        until = time.monotonic() + WARM_UP
        while time.monotonic() < until:
            topic = self.create_topic(1)
            self._fill(topic, source, files, writer, few)
            self.delete_topic(topic)

    def _fill(self, topic: str, source: Scenario, files: Files, writer: Way, messages: int) -> None:
        command = arguments(source, writer, files, self.bootstrap, messages, 0, topic)
        drive(command, writer.env, writer.name)

    def measure(self, scenario: Scenario, way: Way, files: Files, messages: int, writer: Way) -> Run:
        cores = self._cores.for_client(scenario.client_cores)
        warmup = warmup_of(scenario, way)
        alone = way.name in ALONE
        if scenario.mode == "consume":
            topic = self.loaded_topic(scenario, files, writer)
            # Of what is there half may be measured and half be for warming up.
            messages = min(messages, loaded(scenario) // 2)
            warmup = min(warmup, loaded(scenario) - messages)
        else:
            topic = "" if alone else self.create_topic(scenario.partitions)
            if not alone:
                messages = min(messages, MOST_MESSAGES, MOST_BYTES // scenario.corpus.size)
                warmup = min(warmup, MOST_BYTES // scenario.corpus.size)
        try:
            command = arguments(scenario, way, files, self.bootstrap, messages, warmup, topic)
            with machine.ForeignShare(cores) as others:
                said, elapsed = drive(launched(files, cores, command), way.env, way.name)
        finally:
            if scenario.mode != "consume" and not alone:
                self.delete_topic(topic)
        return result(said, elapsed, 0, 0.0, others.share)


def loaded(scenario: Scenario) -> int:
    """How many records consumers find."""
    return min(LOADED_MESSAGES, LOADED_BYTES // scenario.corpus.size)


def real_scenarios(chosen: list[Scenario], nodes: int) -> Iterator[Scenario]:
    """Those that mean something on a cluster of so many nodes."""
    for scenario in chosen:
        if scenario.real and scenario.brokers in (1, nodes):
            yield scenario
