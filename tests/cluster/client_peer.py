# SPDX-License-Identifier: Apache-2.0
"""cluster-peer, the program with our client in it: starting it, and what it wrote down."""

import collections
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import time
import uuid

from secure_cluster import ROOT

BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
# That of another build can be named: KAFKA_ASIO_CLUSTER_PEER.
PROGRAM = pathlib.Path(
    os.environ.get("KAFKA_ASIO_CLUSTER_PEER", BUILD / "tests" / "cluster" / "cluster-peer")
)
# The one with the thread sanitizer, which tools/test --long builds.
TSAN_PROGRAM = ROOT / "build" / "tsan" / "tests" / "cluster" / "cluster-peer"
RUN = uuid.uuid4().hex[:8]
TIMEOUT = 180
DEADLINE_MS = 5000


def now_ms():
    """On the peer's clock."""
    return int(time.monotonic() * 1000)


def arguments(settings):
    return [f"{name}={value}" for name, value in settings.items()]


def run(command, env=None, timeout=TIMEOUT, **settings):
    """What a command says at its end. Names of settings have _ for a dot."""
    named = {name.replace("_", "."): value for name, value in settings.items()}
    return run_with(command, named, env, timeout)


def run_with(command, settings, env=None, timeout=TIMEOUT):
    done = subprocess.run(
        [str(PROGRAM), command, *arguments(settings)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    if done.returncode not in (0, 1) or not lines:
        raise AssertionError(f"cluster-peer {command}: {done.returncode}: {done.stderr}")
    if done.stderr:
        raise AssertionError(f"cluster-peer {command} complained: {done.stderr}")
    return json.loads(lines[-1])


def way_settings(way, env):
    """The settings of one of secure_cluster.WAYS."""
    given = {"bootstrap.servers": way.brokers(env), **way.resolved(env)}
    if given.get("sasl.mechanism") == "GSSAPI":
        given["sasl.kerberos.keytab"] = env["KAFKA_KRB5_KEYTAB"]
        given["sasl.kerberos.principal"] = env["KAFKA_KRB5_PRINCIPAL"]
    return given


class Topic:
    """A topic with three replicas, of which two must have a record before it counts."""

    def __init__(self, brokers, name, partitions=6):
        self.name = f"client-{RUN}-{name}"
        self.partitions = partitions
        self.id = self.create(brokers)

    def create(self, brokers):
        said = run_with("topic", {"do": "create", "topic": self.name, "bootstrap.servers": brokers,
                                  "partitions": self.partitions})  # fmt: skip
        if not said["ok"]:
            raise AssertionError(f"creating {self.name}: {said}")
        self.id = said["id"]
        return self.id

    def delete(self, brokers):
        said = run_with("topic", {"do": "delete", "topic": self.name, "bootstrap.servers": brokers})
        if not said["ok"]:
            raise AssertionError(f"deleting {self.name}: {said}")

    def read(self, brokers):
        """{value: [(partition, offset), ...]} as another client reads it."""
        done = subprocess.run(
            ["kcat", "-b", brokers, "-C", "-t", self.name, "-e", "-q", "-o", "beginning",
             "-f", "%p %o %s\n"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
        )  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(f"kcat: {done.stderr}")
        found = collections.defaultdict(list)
        for line in done.stdout.splitlines():
            partition, offset, value = line.split(" ", 2)
            found[value].append((int(partition), int(offset)))
        return found


class Peer:
    """A running command of cluster-peer, which is told what to do by lines and answers in JSON."""

    def __init__(self, program, command, settings, files):
        """`files`: settings that name a file to write; they are there until the end."""
        self._place = tempfile.TemporaryDirectory(prefix="cluster-peer-")
        self.files = {name: pathlib.Path(self._place.name, name) for name in files}
        self._errors = open(pathlib.Path(self._place.name, "errors"), "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [str(program), command, *arguments({**settings, **self.files})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()
        self._place.cleanup()

    def tell(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self):
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(TIMEOUT)
            raise AssertionError(f"cluster-peer ended: {self._process.returncode}: {self.errors()}")
        return json.loads(line)

    def state(self):
        """Counts and usage of now."""
        self.tell("state")
        return self.answer()

    def rest(self):
        """What it says to its end, which it comes to without a complaint."""
        out, _ = self._process.communicate(timeout=TIMEOUT)
        code = self._process.returncode
        if code != 0 or self.errors():
            raise AssertionError(f"cluster-peer ended with {code}: {out}{self.errors()}")
        return out

    def errors(self):
        self._errors.seek(0)
        return self._errors.read()


class Stream(Peer):
    """A running `cluster-peer stream`."""

    def __init__(self, brokers, topic, program=PROGRAM, **settings):
        given = {
            "bootstrap.servers": brokers, "topic": topic.name, "partitions": topic.partitions,
            "deadline": DEADLINE_MS, "name": topic.name,
        }  # fmt: skip
        given.update((name.replace("_", "."), value) for name, value in settings.items())
        self.deadline = int(given["deadline"])
        super().__init__(program, "stream", given, ["log"])
        self.begin = self.answer()
        self.end = self.over = None
        self.events = []

    def finish(self, amid_calls=False):
        """Ends it, after the calls that are under way or amid them, and reads what it wrote."""
        self.tell("close" if amid_calls else "stop")
        self.end = self.answer()
        self.over = self.answer()
        self.rest()
        # Those of the time before it was counted are none.
        with open(self.files["log"], encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.events = [line for line in lines if line["at"] >= self.begin["at"]]

    def calls(self, since=0, until=1 << 62, kind=None):
        """Those begun in that time."""
        return [event for event in self.events
                if event["event"] == "call" and since <= event["at"] < until
                and kind in (None, event["kind"])]  # fmt: skip

    def connects(self, since=0, until=1 << 62):
        """Attempts that ended in that time."""
        return [event for event in self.events
                if event["event"] == "connect" and since <= event["at"] < until]  # fmt: skip

    def summary(self):
        """What happened, for the log of the tests."""
        calls, stats = self.calls(), self.end["stats"]
        failed = collections.Counter(
            f"{call['kind']}: {call['code']}" for call in calls if not call["ok"]
        )
        before, after = self.over["before"], self.over["after"]
        return (
            f"{len(calls)} calls, {sum(failed.values())} failed {dict(failed)}, longest "
            f"{max(call['took'] for call in calls)} ms, latest "
            f"{max(call['late'] for call in calls)} ms past its deadline; "
            f"{stats['connects']} connections, {stats['connect_failures']} refused, "
            f"{stats['metadata_requests']} metadata requests, {stats['retries']} retries, "
            f"{stats['rebootstraps']} rebootstraps; descriptors {before['descriptors']} -> "
            f"{self.end['during']['descriptors']} -> {after['descriptors']}, threads "
            f"{before['threads']} -> {self.end['during']['threads']} -> {after['threads']}, heap "
            f"{before['heap']} -> {self.end['during']['heap']} -> {after['heap']}, "
            f"{after['cpu'] - before['cpu']} ms of processor time in "
            f"{self.over['at'] - self.begin['at']} ms"
        )

    def recovered_after(self, moment):
        """Milliseconds from a moment to the first second in which calls begin and none fails; None
        if it never came."""
        calls = sorted(self.calls(since=moment), key=lambda call: call["at"])
        bad = [call["at"] for call in calls if not call["ok"]]
        start = max(bad, default=moment)
        good = [call["at"] for call in calls if call["at"] > start]
        return good[0] - moment if good and good[-1] - good[0] >= 1000 else None


@contextlib.contextmanager
def restoring(cluster):
    """Whatever happens to the cluster inside, all its nodes run afterwards."""
    try:
        yield
    finally:
        cluster.restore()
