# SPDX-License-Identifier: Apache-2.0
"""The same measurements against a real Apache Kafka cluster instead of the yardstick."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from . import machine
from .measure import Failed, Files, Run, Way, arguments, drive, pinned, result, warmup_of
from .scenarios import Scenario

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tools" / "kafka-cluster"
MOST_MESSAGES = 5_000_000  # what is written to a disk and deleted again in each run
READ_ROUNDS = 3_000_000  # records that consumers find


class Cluster:
    """A cluster for the length of a `with` block. Brokers keep off the client's first core."""

    def __init__(self, nodes: int, cores: machine.Cores):
        self._nodes = nodes
        self._cores = cores
        self._topics = 0
        self._folder = tempfile.TemporaryDirectory(prefix="kafka-asio-bench-")
        self._loaded: dict[tuple, str] = {}
        self.bootstrap = ""

    def _run(self, *words: str) -> str:
        others = sorted(os.sched_getaffinity(0) - {self._cores.client[0]})
        command = [sys.executable, str(PROGRAM), words[0], "--dir", self._folder.name, *words[1:]]
        ended = subprocess.run(pinned(others, command), capture_output=True, text=True, timeout=600)
        if ended.returncode != 0:
            raise Failed(f"kafka-cluster {words[0]}: {ended.stderr.strip()}")
        return ended.stdout

    def __enter__(self) -> "Cluster":
        owner = ("--owner", str(os.getpid()))
        setting = ("--config", "log.segment.delete.delay.ms=1000")
        lines = self._run("up", "--nodes", str(self._nodes), *owner, *setting)
        names = dict(word.split("=", 1) for word in shlex.split(lines))
        self.bootstrap = names["KAFKA_BROKERS"]
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run("down")
        finally:
            self._folder.cleanup()

    def _topic_command(self, *words: str) -> None:
        self._run(
            "tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.bootstrap, *words
        )

    def create_topic(self, partitions: int) -> str:
        self._topics += 1
        name = f"bench-{self._topics}"
        replicas = min(3, self._nodes)
        self._topic_command(
            "--create", "--topic", name, "--partitions", str(partitions),
            "--replication-factor", str(replicas), "--config", f"min.insync.replicas={max(1, replicas - 1)}",
        )  # fmt: skip
        return name

    def delete_topic(self, name: str) -> None:
        self._topic_command("--delete", "--topic", name)

    def loaded_topic(self, scenario: Scenario, files: Files, writer: Way) -> str:
        """A topic with records to read, written once for all scenarios that want the same."""
        codec = scenario.yardstick.get("codec", "none")
        key = (scenario.corpus, scenario.partitions, codec)
        if key not in self._loaded:
            name = self.create_topic(scenario.partitions)
            options = {"codec": codec, "batch": scenario.yardstick.get("log_batch", "65536")}
            source = Scenario("", "", "produce", scenario.corpus, {}, driver=options,
                              yardstick=scenario.yardstick)  # fmt: skip
            command = arguments(source, writer, files, self.bootstrap, READ_ROUNDS, 0, name)
            drive(command, writer.env, writer.name)
            self._loaded[key] = name
        return self._loaded[key]

    def measure(self, scenario: Scenario, way: Way, files: Files, messages: int, writer: Way) -> Run:
        cores = self._cores.for_client(scenario.client_cores)
        if scenario.mode == "consume":
            topic = self.loaded_topic(scenario, files, writer)
            messages = min(messages, READ_ROUNDS // 2)
            # As many as are left of what is there.
            warmup = min(warmup_of(scenario, way), READ_ROUNDS - messages)
        else:
            topic = self.create_topic(scenario.partitions)
            messages = min(messages, MOST_MESSAGES)
            warmup = warmup_of(scenario, way)
        try:
            command = arguments(scenario, way, files, self.bootstrap, messages, warmup, topic)
            with machine.ForeignShare(cores) as others:
                said, elapsed = drive(pinned(cores, command), way.env, way.name)
        finally:
            if scenario.mode != "consume":
                self.delete_topic(topic)
        return result(said, elapsed, 0, 0.0, others.share)


def real_scenarios(chosen: list[Scenario], nodes: int) -> Iterator[Scenario]:
    """Those that mean something on a cluster of so many nodes."""
    for scenario in chosen:
        if scenario.real and scenario.brokers in (1, nodes):
            yield scenario
