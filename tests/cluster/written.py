# SPDX-License-Identifier: Apache-2.0
"""Numbered records: what a writer was told of their ends, what readers found, and whether the two
agree.

Each function that judges returns sentences about what is wrong; none is good.
"""

import collections
import dataclasses
import functools
import struct
import typing

ACKNOWLEDGED, FAILED, UNKNOWN = range(3)
ROW = struct.Struct("<IIhHq")
ALPHABET = 59
# More sentences than this say nothing new.
ENOUGH = 10


@functools.lru_cache(maxsize=None)
def letters(size):
    return bytes(ord("A") + i % ALPHABET for i in range(size))


@dataclasses.dataclass(frozen=True)
class Plan:
    """What cluster-peer is told to write; peer/numbered.cpp makes the records in the same way."""

    records: int
    keys: int = 100
    threads: int = 2
    filler: int = 40
    time: int = 0  # milliseconds since 1970, of the first ones

    def settings(self):
        return dataclasses.asdict(self)

    def number(self, key, sequence):
        """Records of one thread have numbers in the order in which it writes them."""
        return sequence * self.keys + key

    def thread(self, number):
        return number % self.keys // (self.keys // self.threads)

    def tail(self, number):
        """Of a reader's line: time, key, headers and value."""
        sequence, key = divmod(number, self.keys)
        begin, size = (key + sequence) % ALPHABET, (key * 31 + sequence * 17) % (self.filler + 1)
        text = letters(ALPHABET + self.filler)[begin : begin + size]
        return b"%d\tkey-%d\tnote=%d\t%d %s" % (
            self.time + sequence, key, sequence % 7, sequence, text,
        )  # fmt: skip


class End(typing.NamedTuple):
    number: int
    partition: int
    outcome: int
    offset: int


def read_ends(plan, file):
    """The rows that cluster-peer wrote, in the order in which it heard of them."""
    return [
        End(plan.number(key, sequence), partition, outcome, offset)
        for key, sequence, partition, outcome, offset in ROW.iter_unpack(file.read_bytes())
    ]


@dataclasses.dataclass
class Found:
    """What a reader read: the numbers of each partition by offset, and what was not as written."""

    partitions: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(dict))
    problems: list = dataclasses.field(default_factory=list)

    def times(self):
        """{number: how often}"""
        return collections.Counter(
            number for found in self.partitions.values() for number in found.values()
        )


def read_lines(plan, lines):
    """Takes apart what a reader wrote, line by line."""
    found = Found()
    last = {}
    for line in lines:
        line = line.rstrip(b"\n")
        partition, offset, tail = line.split(b"\t", 2)
        partition, offset = int(partition), int(offset)
        _, key, _, value = tail.split(b"\t", 3)
        number = plan.number(int(key[4:]), int(value[: value.index(b" ")]))
        if not 0 <= number < plan.records or tail != plan.tail(number):
            found.problems.append(f"nobody wrote {line[:200]!r}")
        if offset <= last.get(partition, -1):
            found.problems.append(f"offset {offset} of {partition} comes after {last[partition]}")
        last[partition] = offset
        found.partitions[partition][offset] = number
    found.problems = found.problems[:ENOUGH]
    return found


def judge_ends(plan, ends, taken):
    """Each record that was taken ended once, in one of three ways, and where it was put."""
    problems = []
    seen = collections.Counter(end.number for end in ends)
    if len(seen) != taken:
        problems.append(f"{taken} were taken, {len(seen)} ended")
    problems += [f"{number} ended {times} times" for number, times in seen.items() if times != 1]
    homes = {}
    for end in ends:
        key = end.number % plan.keys
        if homes.setdefault(key, end.partition) != end.partition:
            problems.append(f"key {key} is in two partitions")
        if end.outcome == ACKNOWLEDGED and end.offset < 0:
            problems.append(f"{end.number} was acknowledged without an offset")
    return problems[:ENOUGH]


def judge_places(ends, found, once):
    """Acknowledged ones are where that was said, failed ones nowhere. With `once` no record is
    there more than once."""
    problems = list(found.problems)
    times = found.times()
    known = {end.number for end in ends}
    for end in ends:
        n = times[end.number]
        if end.outcome == ACKNOWLEDGED:
            there = found.partitions[end.partition].get(end.offset)
            if there != end.number:
                problems.append(f"{there} is where {end} must be, which is there {n} times")
        elif end.outcome == FAILED and n:
            problems.append(f"{end} is there {n} times")
    problems += [f"{number} is there {n} times" for number, n in times.items() if once and n > 1]
    problems += [f"{number} was never taken" for number in times if number not in known]
    return problems[:ENOUGH]


def judge_order(plan, found):
    """In each partition the records of each thread are in the order in which it wrote them; so are
    those of each key, which belongs to one thread."""
    problems = []
    for partition, numbers in found.partitions.items():
        last = {}
        for offset in sorted(numbers):
            number = numbers[offset]
            thread = plan.thread(number)
            if number < last.get(thread, -1):
                problems.append(f"{number} at {partition}:{offset} comes after {last[thread]}")
            last[thread] = number
    return problems[:ENOUGH]


def judge_transactions(plan, outcomes, ends, found):
    """Of committed transactions everything is there once and where it was said to be, of aborted
    ones nothing, of unknown ones everything or nothing. A transaction is a record of each key."""
    problems = list(found.problems)
    there = collections.Counter(number // plan.keys for number in found.times())
    problems += [f"{number} is there {n} times" for number, n in found.times().items() if n > 1]
    problems += [f"transaction {t} never began" for t in there if t not in outcomes]
    for transaction, outcome in outcomes.items():
        may = {"committed": (plan.keys,), "aborted": (0,), "unknown": (0, plan.keys)}[outcome]
        if there[transaction] not in may:
            problems.append(f"{transaction} is {outcome}: {there[transaction]} are there")
    for end in ends:
        if outcomes.get(end.number // plan.keys) == "committed":
            if end.outcome != ACKNOWLEDGED:
                problems.append(f"{end} is in a transaction that was committed")
            elif found.partitions[end.partition].get(end.offset) != end.number:
                problems.append(f"{end} is not there")
    return problems[:ENOUGH]


def expected_lines(plan, ends):
    """What a reader must write if all were acknowledged, in the order of partitions and offsets."""
    return [
        b"%d\t%d\t%s" % (end.partition, end.offset, plan.tail(end.number))
        for end in sorted(ends, key=lambda end: (end.partition, end.offset))
    ]


def sorted_lines(data):
    """Those of a reader that takes partitions side by side, in the same order."""

    def place(line):
        partition, offset, _ = line.split(b"\t", 2)
        return int(partition), int(offset)

    return sorted(data.splitlines(), key=place)
