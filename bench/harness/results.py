# SPDX-License-Identifier: Apache-2.0
"""What the runs of a scenario come to."""

import dataclasses
import signal
import statistics
from collections.abc import Callable, Iterable

from .measure import BROKER_LIMIT, FOREIGN_LIMIT, Run
from .scenarios import Scenario


@dataclasses.dataclass(frozen=True)
class Spread:
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


@dataclasses.dataclass
class Outcome:
    """One way in one scenario: its runs, one a round, or why there are none."""

    client: str
    way: str
    runs: list[Run] = dataclasses.field(default_factory=list)
    counted: Run | None = None  # the separate run that counts allocations
    note: str = ""  # what the client declined or failed with

    def median(self, what: Callable[[Run], float]) -> float:
        return statistics.median(what(run) for run in self.runs)

    @property
    def cpu_ns(self) -> float:
        return self.median(lambda run: run.cpu_ns)

    @property
    def rate(self) -> float:
        return self.median(lambda run: run.rate)

    @property
    def broker_bound(self) -> bool:
        return self.median(lambda run: run.broker_busy) > BROKER_LIMIT

    @property
    def disturbed(self) -> int:
        """How many rounds stayed disturbed."""
        return sum(run.foreign > FOREIGN_LIMIT for run in self.runs)

    @property
    def allocations(self) -> float | None:
        """A message."""
        run = self.counted or (self.runs[0] if self.runs else None)
        if run is None or run.allocations is None:
            return None
        return run.allocations / run.messages


@dataclasses.dataclass
class ScenarioResult:
    scenario: Scenario
    outcomes: list[Outcome]
    place: str = ""  # what is not as elsewhere: a real cluster, fewer cores than threads
    nodes: int = 0  # of a real cluster; 0: the yardstick

    def of(self, way: str) -> Outcome | None:
        return next((o for o in self.outcomes if o.way == way and o.runs), None)

    @property
    def ours(self) -> Outcome | None:
        """What the others are compared with: the first of our ways."""
        return next((o for o in self.outcomes if o.client == "kafka-asio" and o.runs), None)

    def ratio(
        self, outcome: Outcome, reference: Outcome | None, what: Callable[[Run], float]
    ) -> Spread | None:
        """How many times as much as the reference, round by round: runs of the same minute."""
        if reference is None or not outcome.runs:
            return None
        pairs = [
            (what(run), what(other))
            for run, other in zip(outcome.runs, reference.runs)
            if what(other) > 0
        ]
        return Spread.of([mine / other for mine, other in pairs]) if pairs else None


@dataclasses.dataclass
class Report:
    """A whole run of the harness."""

    machine: str
    conditions: list[str]  # sentences: congestion control, cores, load
    rounds: int
    results: list[ScenarioResult]
    sizes: dict[str, dict[str, int]]  # client to part to bytes
    skipped: dict[str, str]  # client to why it does not take part

    def find(self, scenario: str, nodes: int = 0) -> ScenarioResult | None:
        """On the yardstick, or on a real cluster of so many nodes."""
        return next(
            (r for r in self.results if r.scenario.name == scenario and r.nodes == nodes), None
        )

    @property
    def real(self) -> list[int]:
        """The sizes of the real clusters that were measured on."""
        return sorted({r.nodes for r in self.results if r.nodes})


def gathered(found: Iterable[ScenarioResult]) -> tuple[list[ScenarioResult], int]:
    """All of them, or those that were complete when a signal came, and the exit code for it (0: none):
    what took an hour to measure is not thrown away."""
    results: list[ScenarioResult] = []
    try:
        for result in found:
            results.append(result)
    except KeyboardInterrupt:
        return results, 128 + signal.SIGINT  # as a shell has it
    except SystemExit as why:
        return results, int(why.code or 0)
    return results, 0


def p50(run: Run) -> float:
    return run.latency.get("p50", 0.0)


def p99(run: Run) -> float:
    return run.latency.get("p99", 0.0)


def rate(run: Run) -> float:
    return run.rate


def cpu(run: Run) -> float:
    return run.cpu_ns


def compared_by(scenario: Scenario) -> tuple[str, Callable[[Run], float]]:
    """What the ratio of a scenario is about."""
    if scenario.mode == "latency":
        return "p50", p50
    if scenario.mode == "start":
        return "time", lambda run: run.wall
    return "CPU", cpu
