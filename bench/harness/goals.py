# SPDX-License-Identifier: Apache-2.0
"""The aims of the project, and how far a run reaches them."""

import dataclasses
import statistics
from collections.abc import Callable, Iterator, Sequence

from .programs import SHARED_TEXT, STATIC_PROGRAM
from .results import Outcome, Report, Run, ScenarioResult, cpu, p50, p99, rate
from .scenarios import CODECS, OURS

Evaluate = Callable[[Report], float | None]

NO_DEFAULTS = "waits for Reader: a Conn has no defaults"


@dataclasses.dataclass(frozen=True)
class Goal:
    name: str
    what: str
    floor: float
    aim: float
    evaluate: Evaluate
    less_is_better: bool = False
    unit: str = "x"
    # Why it cannot be measured today, for the rows that wait for a part of the library.
    waits: str = ""

    def state(self, reached: float) -> str:
        def holds(limit: float) -> bool:
            return reached <= limit if self.less_is_better else reached >= limit

        if holds(self.aim):
            return "aim reached"
        return "floor reached" if holds(self.floor) else "MISSED"

    def by(self, reached: float) -> str:
        """How far the next limit is."""
        state = self.state(reached)
        if state == "aim reached" or reached <= 0:
            return ""
        limit, text = (self.floor, "") if state == "MISSED" else (self.aim, ", aim missed")
        factor = reached / limit if self.less_is_better else limit / reached
        return f"{text} by {factor:.2f} times"


def compared(
    scenario: str, peer: str, what: Callable[[Run], float], ours: str | None, inverse: bool
) -> Evaluate:
    """A peer as a multiple of ours (None: of the first of our ways), or ours as one of the peer."""

    def evaluate(report: Report) -> float | None:
        found = report.find(scenario)
        if found is None:
            return None
        mine = found.ours if ours is None else found.of(ours)
        theirs = found.of(peer)
        if not mine or not theirs:
            return None
        ratio = found.ratio(*((mine, theirs) if inverse else (theirs, mine)), what)
        return ratio.median if ratio else None

    return evaluate


def times(scenario: str, peer: str, ours: str | None = None) -> Evaluate:
    """How many times as much processor time a peer needs, the median of the rounds' ratios."""
    return compared(scenario, peer, cpu, ours, inverse=False)


def share(scenario: str, peer: str, what: Callable[[Run], float]) -> Evaluate:
    """Ours as a share of a peer's."""
    return compared(scenario, peer, what, None, inverse=True)


def times_best(scenario: str, ours: str | None = None) -> Evaluate:
    """How many times as much the best of all peers needs."""

    def evaluate(report: Report) -> float | None:
        found = report.find(scenario)
        mine = found and (found.ours if ours is None else found.of(ours))
        if not found or not mine:
            return None
        ratios = [found.ratio(peer, mine, cpu) for peer in peers_of(found)]
        medians = [ratio.median for ratio in ratios if ratio]
        return min(medians) if medians else None

    return evaluate


def peers_of(found: ScenarioResult) -> list[Outcome]:
    return [o for o in found.outcomes if o.client != OURS and o.runs]


def beyond(scenario: str, base: str) -> Evaluate:
    """CPU ns a message of ours beyond that of another of our ways, the median of the rounds."""

    def evaluate(report: Report) -> float | None:
        found = report.find(scenario)
        below = found and found.of(base)
        if not found or not found.ours or not below:
            return None
        pairs = zip(found.ours.runs, below.runs)
        return statistics.median(one.cpu_ns - other.cpu_ns for one, other in pairs)

    return evaluate


def beyond_buffers(outcome: Outcome) -> float | None:
    """What ours took beside full buffers, in MB; None if they cannot have been full."""
    beyond = outcome.median(lambda run: run.peak_memory - int(run.settings["buffer_memory"]))
    return beyond / 1e6 if beyond >= 0 else None


def net_share(scenario: str, peer: str) -> Evaluate:
    """CPU of ours as a share of a peer's, what waking up for the records costs taken off both."""

    def evaluate(report: Report) -> float | None:
        found = report.find(scenario)
        ways = [found and found.of(name) for name in ("writer-try", "pace-loop", peer, "pace-sleep")]
        if not all(ways):
            return None
        ratios = [
            (ours.cpu_ns - loop.cpu_ns) / (theirs.cpu_ns - sleep.cpu_ns)
            for ours, loop, theirs, sleep in zip(*(way.runs for way in ways))
            if theirs.cpu_ns > sleep.cpu_ns
        ]
        return statistics.median(ratios) if ratios else None

    return evaluate


def on_real(scenario: str, nodes: int, what: Callable[[Run], float]) -> Evaluate:
    """Ours on a real cluster as a multiple of the peer's that has the highest throughput."""

    def evaluate(report: Report) -> float | None:
        found = report.find(scenario, nodes)
        if not found or not found.ours or not peers_of(found):
            return None
        best = max(peers_of(found), key=lambda outcome: outcome.rate)
        ratio = found.ratio(found.ours, best, what)
        return ratio.median if ratio else None

    return evaluate


def size(part: str) -> Evaluate:
    return lambda report: report.sizes.get(OURS, {}).get(part, 0) / 1e6 or None


def own(
    scenario: str, what: Callable[[Outcome], float | None], way: str | None = None
) -> Evaluate:
    """Something of the first of our ways, or of another one."""

    def evaluate(report: Report) -> float | None:
        found = report.find(scenario)
        outcome = found and (found.ours if way is None else found.of(way))
        return what(outcome) if outcome else None

    return evaluate


def own_ratio(above: str, below: str, what: Callable[[Outcome], float]) -> Evaluate:
    """Ours in one scenario against ours in another."""

    def evaluate(report: Report) -> float | None:
        one, other = own(above, what)(report), own(below, what)(report)
        return one / other if one is not None and other else None

    return evaluate


def producing() -> Iterator[Goal]:
    yield Goal("P1", "produce 100 B, CPU: librdkafka's produce", 6, 8, times("produce-100", "produce"))
    yield Goal("P2", "the best peer, many records a call or not", 4, 5, times_best("produce-100"))
    yield Goal("P2", "the same, ours with many records a call too", 4, 5,
               times_best("produce-100", ours="writer-row"))  # fmt: skip
    yield Goal("P3", "kafka-go", 8, 10, times("produce-100", "kafkago-writer"))
    yield Goal("P3", "Java", 8, 10, times("produce-100", "java-send"))
    yield Goal("P3", "franz-go", 5, 6, times("produce-100", "franz-produce"))
    # kafka-go is not idempotent, and librdkafka's batches of records have no headers.
    features, title = "produce-100-features", "with all features"
    yield Goal("P1", f"{title}: librdkafka's produce", 6, 8, times(features, "produce"))
    yield Goal("P2", f"{title}: the best peer", 4, 5, times_best(features))
    yield Goal("P3", f"{title}: Java", 8, 10, times(features, "java-send"))
    yield Goal("P3", f"{title}: franz-go", 5, 6, times(features, "franz-produce"))
    yield Goal("P4", "produce 100 B, M messages/s on one core", 20, 25,
               own("produce-100", lambda o: o.rate / 1e6), unit="M/s")  # fmt: skip
    yield Goal("P5", "produce 1 KiB, CPU: librdkafka", 2, 2.5, times("produce-1k", "produce"))
    yield Goal("P5", "franz-go", 1.5, 1.7, times("produce-1k", "franz-produce"))
    yield Goal("P5", "GB/s of values on one core", 2.8, 2.8,
               own("produce-1k", lambda o: o.rate * 1024 / 1e9), unit="GB/s")  # fmt: skip
    for codec in CODECS:
        yield Goal("P6", f"produce 100 B {codec}, CPU ns beyond the codec's own", 45, 45,
                   beyond(f"produce-100-{codec}", "codec-alone"),
                   less_is_better=True, unit="ns")  # fmt: skip
    for codec, floor, aim in (("lz4", 1.7, 2), ("zstd", 1.3, 1.5), ("gzip", 1.7, 5)):
        yield Goal("P6", f"produce 100 B {codec}, CPU: librdkafka", floor, aim,
                   times(f"produce-100-{codec}", "produce-batch"))  # fmt: skip
    for keys, title in (("", "no keys"), ("-keyed", "keys")):
        four, one = f"produce-100-4t{keys}", f"produce-100-1t{keys}"
        yield Goal("P7", f"4 threads, 12 partitions, {title}: throughput of 1 thread", 0.6, 0.8,
                   own_ratio(four, one, lambda o: o.rate))  # fmt: skip
        yield Goal("P7", f"4 threads, {title}, CPU: librdkafka", 6, 8, times(four, "produce"))
    for base, title in (("produce-100-100p-1b", "100 partitions on 1 broker"),
                        ("produce-100", "1 partition on 1 broker")):  # fmt: skip
        yield Goal("P8", f"100 partitions on 20 brokers: CPU of {title}", 1.5, 1.25,
                   own_ratio("produce-100-100p-20b", base, lambda o: o.cpu_ns),
                   less_is_better=True)  # fmt: skip


def consuming() -> Iterator[Goal]:
    yield Goal("C1", "consume 100 B, CPU: librdkafka's batch queue", 7, 10,
               times("consume-100", "consume-batch-queue"))  # fmt: skip
    yield Goal("C1", "the best peer", 5, 8, times_best("consume-100"))
    yield Goal("C2", "one at a time, CPU: consumer_poll", 8, 10,
               times("consume-100", "consumer-poll", ours="conn-fetch-one"))  # fmt: skip
    yield Goal("C2", "kafka-go's ReadMessage", 12, 18,
               times("consume-100", "kafkago-read", ours="conn-fetch-one"))  # fmt: skip
    yield Goal("C2", "one at a time, CPU ns a message", 30, 30,
               own("consume-100", lambda o: o.cpu_ns, way="conn-fetch-one"),
               less_is_better=True, unit="ns")  # fmt: skip
    yield Goal("C3", "consume 100 B at defaults: throughput of librdkafka's", 20, 50,
               share("consume-100-defaults", "consumer-poll", rate),
               waits=NO_DEFAULTS)  # fmt: skip
    yield Goal("C4", "consume 1 KiB, CPU: librdkafka", 2.5, 3,
               times("consume-1k", "consume-batch-queue"))  # fmt: skip
    yield Goal("C4", "GB/s of values on one core", 4, 4,
               own("consume-1k", lambda o: o.rate * 1024 / 1e9), unit="GB/s")  # fmt: skip
    for codec, floor, aim in (("lz4", 3.5, 5), ("zstd", 2, 2.5), ("gzip", 5, 8)):
        yield Goal("C5", f"consume 100 B {codec}, CPU: librdkafka", floor, aim,
                   times(f"consume-100-{codec}", "consume-batch-queue"))  # fmt: skip


def waiting() -> Iterator[Goal]:
    """What is about latency."""
    yield Goal("L1", "100 k messages/s, lowest latency: p50 of librdkafka's", 0.5, 0.35,
               share("latency-100k-lowest", "produce", p50), less_is_better=True)  # fmt: skip
    yield Goal("L1", "p99 of librdkafka's", 0.5, 0.25,
               share("latency-100k-lowest", "produce", p99), less_is_better=True)  # fmt: skip
    for pace, floor, most in (("1k", 0.1, 1.4), ("10k", 0.2, 1.2), ("100k", 0.1, 1.2), ("500k", 0.1, 1.2)):
        yield Goal("L2", f"defaults at {pace}/s: p50 of librdkafka's", floor, 0.1,
                   share(f"latency-{pace}-defaults", "produce", p50), less_is_better=True)  # fmt: skip
        yield Goal("L2", f"defaults at {pace}/s: CPU of librdkafka's, without waking up", most, 1.0,
                   net_share(f"latency-{pace}-defaults", "produce"), less_is_better=True)  # fmt: skip
    yield Goal("L3", "throughput at defaults, of the tuned one", 0.9, 0.97,
               own_ratio("produce-100-defaults", "produce-100", lambda o: o.rate))  # fmt: skip


def using() -> Iterator[Goal]:
    """What is about memory, threads, connections, the start and sizes."""
    both = (("produce-100", "producing"), ("consume-100", "consuming"))
    for scenario, verb in both:
        yield Goal("M1", f"allocations a message, {verb}", 0.01, 0.001,
                   own(scenario, lambda o: o.allocations), less_is_better=True, unit="")  # fmt: skip
    for scenario, verb in both:
        yield Goal("M2", f"memory idle, {verb}", 6, 4,
                   own(scenario, lambda o: o.median(lambda r: r.idle_memory) / 1e6),
                   less_is_better=True, unit="MB")  # fmt: skip
    yield Goal("M2", "memory saturated, producing, beyond buffer_memory", 12, 6,
               own("produce-100-saturated", beyond_buffers),
               less_is_better=True, unit="MB")  # fmt: skip
    yield Goal("M2", "memory saturated, consuming", 12, 6,
               own("consume-100", lambda o: o.median(lambda r: r.peak_memory) / 1e6),
               less_is_better=True, unit="MB")  # fmt: skip
    for scenario, title in (*both, ("produce-100-100p-20b", "producing to 20 brokers")):
        yield Goal("T1", f"threads, {title}", 1, 1,
                   own(scenario, lambda o: o.median(lambda r: r.threads)),
                   less_is_better=True, unit="")  # fmt: skip
    for scenario, brokers, title in (("produce-100", 1, "1 broker, producing"),
                                     ("consume-100", 1, "1 broker, consuming"),
                                     ("produce-100-100p-20b", 20, "20 brokers")):  # fmt: skip
        yield Goal("T2", f"connections a broker, {title}", 1, 1,
                   own(scenario, lambda o, n=brokers: o.median(lambda r: r.connections) / n),
                   less_is_better=True, unit="")  # fmt: skip
    yield Goal("S1", "exec to first acknowledgement", 2, 1,
               own("start", lambda o: o.median(lambda r: r.wall) * 1e3),
               less_is_better=True, unit="ms")  # fmt: skip
    yield Goal("S2", "stripped static program that produces and consumes", 2, 1,
               size(STATIC_PROGRAM), less_is_better=True, unit="MB")  # fmt: skip
    yield Goal("S2", "code of the shared library, all APIs", 1.5, 1.1, size(SHARED_TEXT),
               less_is_better=True, unit="MB")  # fmt: skip
    yield Goal("S3", "produce 100 B over TLS, CPU: librdkafka", 3, 4,
               times("produce-100-tls", "produce"))  # fmt: skip


def against_real(nodes: int) -> Iterator[Goal]:
    """What holds where a real broker limits: against the peer with the highest throughput."""
    where = f"{nodes} node{'s' if nodes > 1 else ''}"
    for name, scenario, what, least, aim, most in (
        ("R1", "produce-100", "produce 100 B", 1.8, 2, 1 / 5),
        ("R1", "produce-100-features", "the same, with all features", 1.8, 2, 1 / 5),
        ("R2", "consume-100", "consume 100 B", 3, 3, 1 / 6),
    ):  # fmt: skip
        yield Goal(name, f"{where}, {what}: throughput of the best peer", least, aim,
                   on_real(scenario, nodes, rate))  # fmt: skip
        yield Goal(name, f"{where}, {what}: CPU of the same", most, most,
                   on_real(scenario, nodes, cpu), less_is_better=True)  # fmt: skip


def all_goals(real: Sequence[int] = ()) -> list[Goal]:
    """Those for the yardstick; with sizes of real clusters, those for them."""
    if real:
        return [goal for nodes in real for goal in against_real(nodes)]
    return [*producing(), *consuming(), *waiting(), *using()]


def summary(report: Report) -> list[str]:
    """A line a goal: reached or not, and by how much."""
    lines = []
    for goal in all_goals(report.real):
        reached = goal.evaluate(report)
        head = f"{goal.name:<3} {goal.what:<62}"
        if reached is None:
            lines.append(f"{head} {goal.waits or 'not measured in this run'}")
            continue
        limits = f"floor {goal.floor:.3g}, aim {goal.aim:.3g}"
        if goal.floor == goal.aim:
            limits = f"floor and aim {goal.aim:.3g}"
        lines.append(
            f"{head} {reached:>8.3g}{goal.unit:<4} {limits}: {goal.state(reached)}{goal.by(reached)}"
        )
    return lines
