# SPDX-License-Identifier: Apache-2.0
"""What is measured: each scenario is one set of conditions, the same for all clients."""

import dataclasses
from collections.abc import Iterator, Mapping

OURS = "kafka-asio"
CLIENTS = (OURS, "librdkafka", "franz-go", "kafka-go", "java")

# Ways of using a client, by what they do. Of ours the first that takes part is what others are
# compared with.
PRODUCE: Mapping[str, tuple[str, ...]] = {
    OURS: ("writer-try", "writer-row", "conn-append", "conn-encoded"),
    "librdkafka": ("produce", "produce-batch"),
    "franz-go": ("franz-produce", "franz-produce-pooled"),
    "kafka-go": ("kafkago-writer",),
    "java": ("java-send",),
}
CONSUME: Mapping[str, tuple[str, ...]] = {
    OURS: ("conn-fetch", "conn-fetch-one"),
    "librdkafka": ("consume-batch-queue", "consumer-poll"),
    "franz-go": ("franz-poll", "franz-iterate"),
    "kafka-go": ("kafkago-read",),
    "java": ("java-poll",),
}
# One way a client: what latency, the start and the shape of a cluster are about.
PRODUCE_ONE: Mapping[str, tuple[str, ...]] = {
    client: ways[:1] for client, ways in PRODUCE.items()
}
CONSUME_ONE: Mapping[str, tuple[str, ...]] = {
    client: ways[:1] for client, ways in CONSUME.items()
}
# What waking up for each record costs by itself is measured beside the clients that are paced.
PACED: Mapping[str, tuple[str, ...]] = {
    **PRODUCE_ONE,
    OURS: (*PRODUCE_ONE[OURS], "pace-loop", "pace-sleep"),
}
# Every way of ours to write.
PRODUCE_ALL: Mapping[str, tuple[str, ...]] = {
    **PRODUCE,
    OURS: (
        "writer-try", "writer-row", "writer-span", "writer-one", "writer-blocking", "conn-append",
        "conn-encoded",
    ),  # fmt: skip
}
# What a codec costs by itself is measured beside the clients that use it.
PRODUCE_CODEC: Mapping[str, tuple[str, ...]] = {**PRODUCE, OURS: (*PRODUCE[OURS], "codec-alone")}

CODECS = ("gzip", "snappy", "lz4", "zstd")


@dataclasses.dataclass(frozen=True)
class Corpus:
    size: int  # bytes of a value
    keys: bool = False

    few: bool = False

    @property
    def count(self) -> int:
        """64 MiB of values: more than any cache holds. Few where reading it would be measured."""
        return 100 if self.few else 64 * 1024 * 1024 // self.size

    @property
    def name(self) -> str:
        return f"{self.size}{'-keys' if self.keys else ''}{'-few' if self.few else ''}"


@dataclasses.dataclass(frozen=True)
class Point:
    """Where a scenario lies on a curve."""

    curve: str
    x: float
    axis: str


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    mode: str  # of the drivers; "size" runs none
    corpus: Corpus
    ways: Mapping[str, tuple[str, ...]]  # client to its ways
    driver: Mapping[str, str] = dataclasses.field(default_factory=dict)
    yardstick: Mapping[str, str] = dataclasses.field(default_factory=dict)
    quick: bool = False
    tls: bool = False
    client_cores: int = 1
    points: tuple[Point, ...] = ()
    real: bool = True  # means something against a real cluster too

    @property
    def partitions(self) -> int:
        return int(self.yardstick.get("partitions", "1"))

    @property
    def brokers(self) -> int:
        return int(self.yardstick.get("brokers", "1"))


def size_name(size: int) -> str:
    return f"{size // 1024}k" if size % 1024 == 0 else str(size)


def spread(partitions: int, brokers: int) -> dict[str, str]:
    return {"partitions": str(partitions), "brokers": str(brokers)}


def produce() -> Iterator[Scenario]:
    for size in (100, 1024, 10240):
        points = [Point("produce: record size", size, "bytes of a value")]
        if size == 100:
            points += [
                Point("produce: partitions, one broker", 1, "partitions"),
                Point("produce: brokers", 1, "brokers"),
                Point("produce: connections", 1, "connections"),
            ]
        yield Scenario(
            f"produce-{size_name(size)}", f"produce {size} B", "produce", Corpus(size), PRODUCE_ALL,
            quick=size == 100, points=tuple(points),
        )  # fmt: skip
    yield Scenario(
        "produce-100-keyed", "produce 100 B, a key and a header, 12 partitions", "produce",
        Corpus(100, keys=True), PRODUCE_ALL, yardstick=spread(12, 1),
    )  # fmt: skip
    yield Scenario(
        "produce-100-idempotent", "produce 100 B, idempotent", "produce", Corpus(100),
        PRODUCE_ALL, driver={"idempotent": "1"},
    )  # fmt: skip
    for suffix, partitions, where in (("", 1, ""), ("-12p", 12, ", 12 partitions")):
        yield Scenario(
            f"produce-100-features{suffix}",
            f"produce 100 B, a key and a header, idempotent{where}", "produce",
            Corpus(100, keys=True), PRODUCE_ALL, driver={"idempotent": "1"},
            yardstick=spread(partitions, 1),
        )  # fmt: skip
    yield Scenario(
        "produce-100-defaults", "produce 100 B, every client at its defaults", "produce",
        Corpus(100), PRODUCE_ALL, driver={"settings": "defaults", "linger_us": "default"},
    )  # fmt: skip
    for codec in CODECS:
        for size in (100, 1024):
            yield Scenario(
                f"produce-{size_name(size)}-{codec}", f"produce {size} B, {codec}", "produce",
                Corpus(size), PRODUCE_CODEC, driver={"codec": codec},
            )  # fmt: skip
    yield Scenario(
        "produce-100-tls", "produce 100 B over TLS", "produce", Corpus(100), PRODUCE_ONE,
        tls=True, real=False,
    )  # fmt: skip
    yield Scenario(
        "produce-100-saturated", "produce 100 B faster than the broker acknowledges (20 ms)",
        "produce", Corpus(100), PRODUCE_ONE, yardstick={"delay_us": "20000"}, real=False,
    )  # fmt: skip


def shapes() -> Iterator[Scenario]:
    for partitions, brokers in ((12, 1), (100, 1), (12, 3), (20, 20), (100, 20)):
        points = []
        if brokers == 1:
            points.append(Point("produce: partitions, one broker", partitions, "partitions"))
        if partitions == 12 and brokers == 3 or partitions == 20:
            points.append(Point("produce: brokers", brokers, "brokers"))
        yield Scenario(
            f"produce-100-{partitions}p-{brokers}b",
            f"produce 100 B, {partitions} partitions over {brokers} "
            f"broker{'s' if brokers > 1 else ''}",
            "produce", Corpus(100), PRODUCE_ONE, yardstick=spread(partitions, brokers),
            points=tuple(points), real=brokers in (1, 3),
        )  # fmt: skip
    for clients in (4, 16):
        yield Scenario(
            f"produce-100-{clients}c", f"produce 100 B, {clients} instances of the client in turns, "
            "one thread, one partition", "produce", Corpus(100), PRODUCE_ONE,
            driver={"clients": str(clients)},
            points=(Point("produce: connections", clients, "connections"),),
        )  # fmt: skip
    for threads in (1, 4):
        yield Scenario(
            f"produce-100-{threads}t-keyed", f"produce 100 B, a key and a header, 12 partitions, "
            f"{threads} application thread{'s' if threads > 1 else ''}, a core each", "produce",
            Corpus(100, keys=True), PRODUCE_ONE, driver={"threads": str(threads)},
            yardstick=spread(12, 1), client_cores=threads,
        )  # fmt: skip
    for threads in (1, 2, 4):
        yield Scenario(
            f"produce-100-{threads}t", f"produce 100 B, 12 partitions, {threads} application "
            f"thread{'s' if threads > 1 else ''}, a core each", "produce", Corpus(100), PRODUCE_ONE,
            driver={"threads": str(threads)}, yardstick=spread(12, 1), client_cores=threads,
            points=(Point("produce: application threads", threads, "threads"),),
        )  # fmt: skip


def latency() -> Iterator[Scenario]:
    for rate, name in ((1_000, "1k"), (10_000, "10k"), (100_000, "100k"), (500_000, "500k")):
        for settings, linger, title in (
            ("defaults", "default", "every client's defaults"),
            ("tuned", "0", "lowest latency"),
        ):
            short = "defaults" if settings == "defaults" else "lowest"
            yield Scenario(
                f"latency-{name}-{short}", f"latency at {rate:,} messages/s, {title}", "latency",
                Corpus(100), PACED,
                driver={"rate": str(rate), "settings": settings, "linger_us": linger},
                quick=rate == 10_000 and settings == "tuned",
                points=(Point(f"latency p50: {title}", rate, "messages a second"),),
            )  # fmt: skip


def consume() -> Iterator[Scenario]:
    for size in (100, 1024, 10240):
        points = [Point("consume: record size", size, "bytes of a value")]
        if size == 100:
            points += [
                Point("consume: partitions, one broker", 1, "partitions"),
                Point("consume: brokers, a connection each", 1, "brokers"),
            ]
        yield Scenario(
            f"consume-{size_name(size)}", f"consume {size} B", "consume", Corpus(size), CONSUME,
            quick=size == 100, points=tuple(points),
        )  # fmt: skip
    yield Scenario(
        "consume-100-defaults", "consume 100 B, every client at its defaults", "consume",
        Corpus(100), CONSUME, driver={"settings": "defaults"},
    )  # fmt: skip
    for partitions, brokers in ((12, 1), (100, 1), (12, 3), (20, 20), (100, 20)):
        points = []
        if brokers == 1:
            points.append(Point("consume: partitions, one broker", partitions, "partitions"))
        if partitions == 12 and brokers == 3 or partitions == 20:
            points.append(Point("consume: brokers, a connection each", brokers, "brokers"))
        yield Scenario(
            f"consume-100-{partitions}p-{brokers}b",
            f"consume 100 B, {partitions} partitions over {brokers} "
            f"broker{'s' if brokers > 1 else ''}",
            "consume", Corpus(100), CONSUME_ONE, yardstick=spread(partitions, brokers),
            # 100 MiB an answer would be more than anybody wants to hold.
            driver={"fetch": str(128 * 1024)} if partitions == 100 else {},
            points=tuple(points), real=brokers in (1, 3),
        )  # fmt: skip
    for codec in CODECS:
        for size in (100, 1024):
            yield Scenario(
                f"consume-{size_name(size)}-{codec}", f"consume {size} B, {codec}", "consume",
                Corpus(size), CONSUME, yardstick={"codec": codec},
            )  # fmt: skip
    yield Scenario(
        "consume-100-tls", "consume 100 B over TLS", "consume", Corpus(100), CONSUME,
        tls=True, real=False,
    )  # fmt: skip


def everything() -> list[Scenario]:
    start = Scenario(
        "start", "from the start of the process to the first acknowledgement", "start",
        Corpus(100, few=True), PRODUCE_ONE, driver={"linger_us": "0"},
    )  # fmt: skip
    size = Scenario(
        "size", "size of a stripped program that produces and consumes, and of the shared library",
        "size", Corpus(100, few=True), {}, real=False,
    )  # fmt: skip
    return [*produce(), *shapes(), *consume(), *latency(), start, size]
