# SPDX-License-Identifier: Apache-2.0
"""The aims of the project, and how far a run reaches them."""

import dataclasses
from collections.abc import Callable, Iterator

from .results import Outcome, Report, Run, cpu, p50, p99

Evaluate = Callable[[Report], float | None]


@dataclasses.dataclass(frozen=True)
class Goal:
    name: str
    what: str
    floor: float
    aim: float
    evaluate: Evaluate
    less_is_better: bool = False
    unit: str = "x"

    def state(self, reached: float) -> str:
        def holds(limit: float) -> bool:
            return reached <= limit if self.less_is_better else reached >= limit

        if holds(self.aim):
            return "aim reached"
        return "floor reached" if holds(self.floor) else "MISSED"


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


def times_best(scenario: str) -> Evaluate:
    """How many times as much the best of all peers needs."""

    def evaluate(report: Report) -> float | None:
        found = report.find(scenario)
        if not found or not found.ours:
            return None
        peers = [o for o in found.outcomes if o.client != "kafka-asio" and o.runs]
        ratios = [found.ratio(peer, found.ours, cpu) for peer in peers]
        medians = [ratio.median for ratio in ratios if ratio]
        return min(medians) if medians else None

    return evaluate


def own(scenario: str, what: Callable[[Outcome], float | None]) -> Evaluate:
    def evaluate(report: Report) -> float | None:
        found = report.find(scenario)
        return what(found.ours) if found and found.ours else None

    return evaluate


def own_ratio(above: str, below: str, what: Callable[[Outcome], float]) -> Evaluate:
    """Ours in one scenario against ours in another."""

    def evaluate(report: Report) -> float | None:
        one, other = own(above, what)(report), own(below, what)(report)
        return one / other if one is not None and other else None

    return evaluate


def all_goals() -> Iterator[Goal]:
    yield Goal("P1", "produce 100 B, CPU: librdkafka's produce", 6, 8, times("produce-100", "produce"))
    yield Goal("P2", "the best peer", 4, 5, times_best("produce-100"))
    yield Goal("P3", "kafka-go", 8, 10, times("produce-100", "kafkago-writer"))
    yield Goal("P3", "Java", 8, 10, times("produce-100", "java-send"))
    yield Goal("P3", "franz-go", 5, 6, times("produce-100", "franz-produce"))
    yield Goal("P4", "produce 100 B, M messages/s on one core", 20, 25,
               own("produce-100", lambda o: o.rate / 1e6), unit="M/s")  # fmt: skip
    yield Goal("P5", "produce 1 KiB, CPU: librdkafka", 2, 2.5, times("produce-1k", "produce"))
    yield Goal("P5", "franz-go", 1.5, 1.7, times("produce-1k", "franz-produce"))
    for codec, floor, aim in (("lz4", 1.7, 2), ("zstd", 1.3, 1.5), ("gzip", 1.7, 5)):
        yield Goal("P6", f"produce 100 B {codec}, CPU: librdkafka", floor, aim,
                   times(f"produce-100-{codec}", "produce-batch"))  # fmt: skip
    yield Goal("P7", "4 threads, 12 partitions: throughput of one thread", 0.6, 0.8,
               own_ratio("produce-100-4t", "produce-100-1t", lambda o: o.rate))  # fmt: skip
    yield Goal("P7", "4 threads, CPU: librdkafka", 6, 8, times("produce-100-4t", "produce"))
    yield Goal("P8", "100 partitions on 20 brokers: CPU of one partition", 1.5, 1.25,
               own_ratio("produce-100-100p-20b", "produce-100", lambda o: o.cpu_ns),
               less_is_better=True)  # fmt: skip
    yield Goal("C1", "consume 100 B, CPU: librdkafka's batch queue", 7, 10,
               times("consume-100", "consume-batch-queue"))  # fmt: skip
    yield Goal("C1", "the best peer", 5, 8, times_best("consume-100"))
    yield Goal("C2", "one at a time, CPU: consumer_poll", 8, 10,
               times("consume-100", "consumer-poll", ours="conn-fetch-one"))  # fmt: skip
    yield Goal("C2", "kafka-go's ReadMessage", 12, 18,
               times("consume-100", "kafkago-read", ours="conn-fetch-one"))  # fmt: skip
    yield Goal("C3", "consume 100 B at defaults: throughput of librdkafka's", 20, 50,
               share("consume-100-defaults", "consumer-poll", lambda run: run.rate))  # fmt: skip
    yield Goal("C4", "consume 1 KiB, CPU: librdkafka", 2.5, 3,
               times("consume-1k", "consume-batch-queue"))  # fmt: skip
    for codec, floor, aim in (("lz4", 3.5, 5), ("zstd", 2, 2.5), ("gzip", 5, 8)):
        yield Goal("C5", f"consume 100 B {codec}, CPU: librdkafka", floor, aim,
                   times(f"consume-100-{codec}", "consume-batch-queue"))  # fmt: skip
    yield Goal("L1", "100 k messages/s, lowest latency: p50 of librdkafka's", 0.5, 0.35,
               share("latency-100k-lowest", "produce", p50), less_is_better=True)  # fmt: skip
    yield Goal("L1", "p99 of librdkafka's", 0.5, 0.25,
               share("latency-100k-lowest", "produce", p99), less_is_better=True)  # fmt: skip
    for rate, floor, most in (("1k", 0.1, 1.4), ("10k", 0.2, 1.2), ("100k", 0.1, 1.2), ("500k", 0.1, 1.2)):
        yield Goal("L2", f"defaults at {rate}/s: p50 of librdkafka's", floor, 0.1,
                   share(f"latency-{rate}-defaults", "produce", p50), less_is_better=True)  # fmt: skip
        yield Goal("L2", f"defaults at {rate}/s: CPU of librdkafka's", most, 1.0,
                   share(f"latency-{rate}-defaults", "produce", cpu), less_is_better=True)  # fmt: skip
    yield Goal("L3", "throughput at defaults, of the tuned one", 0.9, 0.97,
               own_ratio("produce-100-defaults", "produce-100", lambda o: o.rate))  # fmt: skip
    yield Goal("M1", "allocations a message", 0.01, 0.001,
               own("produce-100", lambda o: o.allocations), less_is_better=True, unit="")  # fmt: skip
    yield Goal("M2", "memory idle, MB", 6, 4,
               own("produce-100", lambda o: o.median(lambda r: r.idle_memory) / 1e6),
               less_is_better=True, unit="MB")  # fmt: skip
    yield Goal("M2", "memory saturated, MB", 12, 6,
               own("produce-100", lambda o: o.median(lambda r: r.peak_memory) / 1e6),
               less_is_better=True, unit="MB")  # fmt: skip
    yield Goal("T1", "threads", 1, 1, own("produce-100", lambda o: o.median(lambda r: r.threads)),
               less_is_better=True, unit="")  # fmt: skip
    yield Goal("T2", "connections to one broker", 1, 1,
               own("produce-100", lambda o: o.median(lambda r: r.connections)),
               less_is_better=True, unit="")  # fmt: skip
    yield Goal("S1", "start to first acknowledgement, ms", 2, 1,
               own("start", lambda o: o.median(lambda r: r.wall) * 1e3),
               less_is_better=True, unit="ms")  # fmt: skip
    yield Goal("S2", "stripped program that produces and consumes, MB", 2, 1,
               lambda r: r.sizes.get("kafka-asio", {}).get("program", 0) / 1e6 or None,
               less_is_better=True, unit="MB")  # fmt: skip
    yield Goal("S3", "produce 100 B over TLS, CPU: librdkafka", 3, 4,
               times("produce-100-tls", "produce"))  # fmt: skip


def summary(report: Report) -> list[str]:
    """A line a goal: reached or not, and by how much."""
    lines = []
    for goal in all_goals():
        reached = goal.evaluate(report)
        head = f"{goal.name:<3} {goal.what:<58}"
        if reached is None:
            lines.append(f"{head} not measured in this run")
            continue
        lines.append(
            f"{head} {reached:>8.3g}{goal.unit:<4} floor {goal.floor:g}, aim {goal.aim:g}: "
            f"{goal.state(reached)}"
        )
    return lines
