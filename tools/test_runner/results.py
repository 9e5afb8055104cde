# SPDX-License-Identifier: Apache-2.0
"""What came of each test, shown while they run and counted in the end."""

import dataclasses
import enum
import sys
import threading
from collections.abc import Iterable

# Of one failure's output this much is shown; the whole of it is in the build folder.
SHOWN_LINES = 150
# And of its last line this much, as soon as it failed.
SHOWN_COLUMNS = 300


class Outcome(enum.Enum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclasses.dataclass(frozen=True)
class Result:
    name: str  # "base: a slice keeps its owner alive"
    outcome: Outcome
    detail: str = ""  # output of a failure, reason of a skip


def passed(name: str) -> Result:
    return Result(name, Outcome.PASSED)


def failed(name: str, detail: str) -> Result:
    return Result(name, Outcome.FAILED, detail)


def skipped(name: str, reason: str) -> Result:
    return Result(name, Outcome.SKIPPED, reason)


def last_lines(text: str, count: int = SHOWN_LINES) -> str:
    lines = text.rstrip().splitlines()
    if len(lines) <= count:
        return "\n".join(lines)
    head = count // 3
    tail = count - head
    left_out = f"... ({len(lines) - count} lines left out)"
    return "\n".join([*lines[:head], left_out, *lines[-tail:]])


class Report:
    """Collects results from all threads."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._lock = threading.Lock()
        self._results: list[Result] = []

    def note(self, text: str) -> None:
        with self._lock:
            print(text, flush=True)

    def add(self, program: str, results: Iterable[Result], seconds: float | None = None) -> None:
        """Counts the results of one program and shows a line about it."""
        results = list(results)
        with self._lock:
            self._results += results
            bad = count(results, Outcome.FAILED)
            skips = count(results, Outcome.SKIPPED)
            parts = [f"{count(results, Outcome.PASSED)} passed"]
            parts += [f"{bad} failed"] if bad else []
            parts += [f"{skips} skipped"] if skips else []
            time = "" if seconds is None else f" ({seconds:.1f} s)"
            print(f"{'FAILED' if bad else 'ok':7} {program}: {', '.join(parts)}{time}")
            for result in results:
                if self._verbose or result.outcome is Outcome.FAILED:
                    print(f"    {result.outcome.value:8} {result.name}")
                if result.outcome is Outcome.FAILED and result.detail.strip():
                    print(f"        {result.detail.rstrip().splitlines()[-1][:SHOWN_COLUMNS]}")
            sys.stdout.flush()

    def finish(self) -> int:
        """Prints skips, failures and the last line; returns the exit code."""
        with self._lock:
            self._print_skips()
            for result in self._results:
                if result.outcome is Outcome.FAILED:
                    print(f"\n=== FAILED {result.name}")
                    print(last_lines(result.detail) or "(no output)")
            numbers = {outcome: count(self._results, outcome) for outcome in Outcome}
            if any(numbers[o] for o in (Outcome.FAILED, Outcome.SKIPPED)):
                print()
            print(", ".join(f"{numbers[outcome]} {outcome.value}" for outcome in Outcome))
            sys.stdout.flush()
            return 0 if numbers[Outcome.PASSED] and not numbers[Outcome.FAILED] else 1

    def _print_skips(self) -> None:
        by_reason: dict[str, list[str]] = {}
        for result in self._results:
            if result.outcome is Outcome.SKIPPED:
                by_reason.setdefault(result.detail, []).append(result.name)
        for reason, names in by_reason.items():
            print(f"\nskipped: {reason}")
            for name in names if self._verbose else names[:10]:
                print(f"    {name}")
            if not self._verbose and len(names) > 10:
                print(f"    ... and {len(names) - 10} more")


def count(results: Iterable[Result], outcome: Outcome) -> int:
    return sum(result.outcome is outcome for result in results)
