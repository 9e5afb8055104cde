# SPDX-License-Identifier: Apache-2.0
"""One measurement: one broker, one driver, what both say, and whether to believe it."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import time
from collections.abc import Mapping, Sequence

from . import machine
from .scenarios import Corpus, Scenario

# What goes before a measurement, unmeasured: a JVM compiles for a while.
WARMUP = 10_000
WARMUPS = {"java": 3_000_000}
# But no more than this: large records warm a JVM up as well, and a slow codec takes its time.
WARMUP_BYTES = 500_000_000
# Consumers read ahead: so many bytes of values go by until that is as it will stay. librdkafka holds
# 64 MB (queued.max.messages.kbytes).
READ_AHEAD = 100_000_000
# How many answers' worth of records a consumer's run has at least: it begins and ends within one.
LEAST_ANSWERS = 10
FETCH = 1 << 20  # the drivers' default
# A run that others took more than this of is repeated, so often at most: four runs in all.
FOREIGN_LIMIT = 0.05
REPEATS = 3
# Above this share of its core the broker, and not the client, decides how long a run takes.
BROKER_LIMIT = 0.85
TIMEOUT = 180.0
# Ways that use no client and no broker: what something costs by itself.
ALONE = frozenset({"codec-alone", "pace-loop", "pace-sleep"})


class Failed(Exception):
    """A driver or the broker did not do what it was asked to; the message says what."""


class Declined(Exception):
    """A driver says that its client cannot do this."""


@dataclasses.dataclass(frozen=True)
class Way:
    """A program and the name of one use of its client."""

    client: str
    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Run:
    """What one run gave. Seconds and bytes; the rest as drivers/README.md has it."""

    messages: int
    wall: float
    cpu: float
    threads: int
    connections: int
    peak_memory: int  # without what is mapped from files: the corpus
    idle_memory: int
    elapsed: float  # from the start of the process to its end
    allocations: int | None
    allocated_bytes: int | None
    latency: Mapping[str, float]
    settings: Mapping[str, str]
    version: str
    broker_busy: float  # share of its core
    foreign: float  # share of the cores used that others took
    system: float = 0.0  # the part of `cpu` that was spent in the kernel
    requests: int = 0  # Produce or Fetch, as the broker counted; 0: not known
    request_records: float = 0.0  # records in one of them, the warm-up included

    @property
    def cpu_ns(self) -> float:
        return self.cpu * 1e9 / self.messages

    @property
    def rate(self) -> float:
        return self.messages / self.wall


@dataclasses.dataclass(frozen=True)
class Files:
    """What a run needs besides drivers."""

    yardstick: pathlib.Path
    corpora: pathlib.Path  # folder
    corpus_maker: pathlib.Path
    counter: pathlib.Path  # the library that counts allocations
    launcher: pathlib.Path  # binds to processors and notes the time of exec
    certificate: pathlib.Path
    key: pathlib.Path

    def corpus(self, corpus: Corpus) -> pathlib.Path:
        path = self.corpora / f"corpus-{corpus.name}"
        if not path.exists():
            self.corpora.mkdir(parents=True, exist_ok=True)
            made = path.with_suffix(".new")
            command = [
                str(self.corpus_maker), f"size={corpus.size}", f"count={corpus.count}", "seed=1",
                f"keys={int(corpus.keys)}", f"file={made}",
            ]  # fmt: skip
            subprocess.run(command, check=True)
            made.rename(path)
        return path


def pinned(cores: Sequence[int], command: Sequence[str]) -> list[str]:
    return ["taskset", "-c", ",".join(map(str, cores)), *command]


def launched(files: Files, cores: Sequence[int], command: Sequence[str]) -> list[str]:
    """The same for a driver, which then knows when it was started."""
    return [str(files.launcher), ",".join(map(str, cores)), *command]


class Yardstick:
    """The broker, from its start until it has told what it did."""

    def __init__(self, files: Files, scenario: Scenario, core: int, extra: Mapping[str, str]):
        options = {**scenario.yardstick, "corpus": str(files.corpus(scenario.corpus)), **extra}
        if scenario.tls:
            options |= {"certificate": str(files.certificate), "key": str(files.key)}
        command = [str(files.yardstick), *(f"{name}={value}" for name, value in options.items())]
        self._process = subprocess.Popen(
            pinned([core], command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout
        ready = self._process.stdout.readline()
        match = re.fullmatch(r"READY (\S+)\n", ready)
        if not match:
            self.kill()
            raise Failed(f"the yardstick did not start: {ready}{self._errors()}")
        self.bootstrap = match[1]

    def _errors(self) -> str:
        assert self._process.stderr
        return self._process.stderr.read().strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def finish(self) -> dict:
        """Ends it; its report."""
        try:
            output, errors = self._process.communicate("", timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("the yardstick did not end") from None
        if self._process.returncode != 0 or not output.strip():
            raise Failed(f"the yardstick ended with {self._process.returncode}: {errors.strip()}")
        return json.loads(output.splitlines()[-1])


def warmup_of(scenario: Scenario, way: Way, measured: bool = True) -> int:
    """How many messages go before those that are counted."""
    if scenario.mode == "start":
        return 0
    if not measured:
        return WARMUP
    if scenario.mode == "latency" and way.client not in WARMUPS:
        return min(WARMUP, int(scenario.driver["rate"]))  # a second
    ahead = READ_AHEAD // scenario.corpus.size if scenario.mode == "consume" else 0
    most = max(WARMUP, WARMUP_BYTES // scenario.corpus.size)
    return max(min(WARMUPS.get(way.client, WARMUP), most), ahead)


def arguments(
    scenario: Scenario, way: Way, files: Files, bootstrap: str, messages: int, warmup: int,
    topic: str = "bench",
) -> list[str]:
    options = {
        "way": way.name,
        "mode": scenario.mode,
        "bootstrap": bootstrap,
        "topic": topic,
        "partitions": str(scenario.partitions),
        "messages": str(messages),
        "warmup": str(warmup),
        **scenario.driver,
    }
    if scenario.mode != "consume":
        options["corpus"] = str(files.corpus(scenario.corpus))
    if scenario.tls:
        options["ca"] = str(files.certificate)
    return [*way.command, *(f"{name}={value}" for name, value in options.items())]


def drive(command: list[str], env: Mapping[str, str], name: str) -> tuple[dict, float]:
    """Runs a driver; its line, and how long the process lived."""
    began = time.monotonic()
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
            env={**os.environ, **env},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} did not end within {TIMEOUT:.0f} s") from None
    elapsed = time.monotonic() - began
    errors = ended.stderr.strip().splitlines()
    if ended.returncode == 2:
        raise Declined(errors[-1] if errors else "it does not say why")
    lines = ended.stdout.strip().splitlines()
    if ended.returncode != 0 or not lines:
        raise Failed(f"{name} ended with {ended.returncode}: {' / '.join(errors[-3:])}")
    return json.loads(lines[-1]), elapsed


def check(scenario: Scenario, said: Mapping, warmup: int, broker: Mapping, name: str) -> None:
    """No client wins by dropping: the broker has counted too."""
    whole = said["messages"] + warmup
    if broker["errors"]:
        raise Failed(f"{name}: the yardstick refused a request: {broker['errors'][0]}")
    if scenario.mode == "consume":
        if broker["records_fetched"] < whole:
            raise Failed(
                f"{name} says that it read {whole:,} records; "
                f"{broker['records_fetched']:,} were sent"
            )
    elif broker["records"] < whole:
        raise Failed(f"{name} says that it wrote {whole:,} records; {broker['records']:,} came")
    verified = broker.get("verified")
    if verified and scenario.mode != "consume":
        wrong = {what: verified[what] for what in ("missing", "repeated", "bad") if verified[what]}
        if wrong or not verified["records"] == broker["records"] == whole:
            raise Failed(f"{name}: records that came were not those that were sent: {wrong}")


def measure(
    scenario: Scenario,
    way: Way,
    files: Files,
    cores: machine.Cores,
    messages: int,
    *,
    verify: bool = False,
    count_allocations: bool = False,
) -> Run:
    """One run against the yardstick."""
    client_cores = cores.for_client(scenario.client_cores)
    extra = {"verify": "1"} if verify else {}
    warmup = warmup_of(scenario, way, measured=not verify)
    env = dict(way.env)
    if count_allocations:
        env["LD_PRELOAD"] = str(files.counter)
    with machine.ForeignShare([*client_cores, cores.broker]) as others:
        yardstick = Yardstick(files, scenario, cores.broker, extra)
        try:
            command = arguments(scenario, way, files, yardstick.bootstrap, messages, warmup)
            said, elapsed = drive(launched(files, client_cores, command), env, way.name)
        except BaseException:
            yardstick.kill()
            raise
        report = yardstick.finish()
    if way.name not in ALONE:
        check(scenario, said, warmup, report, way.name)
    busy = report["cpu_s"] / (report["busy_s"] or 1)
    run = result(said, elapsed, report["connections"], busy, others.share)
    return dataclasses.replace(run, **requests_of(scenario, report))


def requests_of(scenario: Scenario, report: Mapping) -> dict:
    """How many requests carried records, and how many records each, by the broker's count."""
    consuming = scenario.mode == "consume"
    name = "Fetch " if consuming else "Produce "
    requests = sum(n for what, n in report["requests"].items() if what.startswith(name))
    records = report["records_fetched" if consuming else "records"]
    return {"requests": requests, "request_records": records / requests if requests else 0.0}


def result(
    said: Mapping, elapsed: float, connections: int, broker_busy: float, foreign: float
) -> Run:
    mapped = said["rss_file"]
    return Run(
        messages=said["messages"],
        wall=said["wall_s"],
        cpu=said["user_s"] + said["system_s"],
        threads=said["threads"],
        connections=connections,
        peak_memory=max(0, said["peak_rss"] - mapped),
        idle_memory=max(0, said["idle_rss"] - mapped),
        elapsed=elapsed,
        allocations=said.get("allocations"),
        allocated_bytes=said.get("allocated_bytes"),
        latency=said.get("latency_us", {}),
        settings=said["settings"],
        version=said["client"],
        broker_busy=broker_busy,
        foreign=foreign,
        system=said["system_s"],
    )


def undisturbed(attempt, repeats: int = REPEATS) -> Run:
    """Calls `attempt`, and again until nobody else was in the way, `repeats` times more at most; then
    the least disturbed counts."""
    best = None
    for _ in range(1 + repeats):
        run = attempt()
        if best is None or run.foreign < best.foreign:
            best = run
        if best.foreign <= FOREIGN_LIMIT:
            break
    return best


class Pace:
    """How many messages make a run of about the wanted length, learned from the runs before."""

    LEAST, MOST = 20_000, 200_000_000

    def __init__(self, scenario: Scenario, seconds: float):
        self._scenario = scenario
        self._seconds = seconds
        self._rates: dict[str, float] = {}

    def messages(self, way: Way) -> int:
        if self._scenario.mode == "start":
            return 1
        if self._scenario.mode == "latency":
            return max(1_000, int(int(self._scenario.driver["rate"]) * self._seconds * 2))
        rate = self._rates.get(way.name)
        if rate is None:
            return max(self._least(), 100_000 if self._scenario.corpus.size <= 1024 else 0)
        return min(self.MOST, max(self._least(), int(rate * self._seconds)))

    def _least(self) -> int:
        scenario = self._scenario
        if scenario.mode != "consume":
            return self.LEAST
        answer = scenario.partitions * int(scenario.driver.get("fetch", FETCH))
        return max(self.LEAST, LEAST_ANSWERS * answer // scenario.corpus.size)

    def learn(self, way: Way, run: Run) -> None:
        self._rates[way.name] = run.rate
