# SPDX-License-Identifier: Apache-2.0
"""The report as text."""

from collections.abc import Sequence

from .goals import summary
from .record import bends
from .results import Outcome, Report, ScenarioResult, compared_by

MEGA = 1e6


def columns(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Rows as columns, the first `left` of them flush left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


HEAD = ["client", "way", "CPU ns/msg", "msg/s", "ratio", "from", "to", "MB", "allocs/msg", "threads"]
LATENCY_HEAD = [
    "client", "way", "p50 us", "p99 us", "p99.9 us", "ratio", "from", "to", "CPU ns/msg", "threads",
]  # fmt: skip


def marks(outcome: Outcome) -> str:
    disturbed = f" ({outcome.disturbed} of {len(outcome.runs)} disturbed)" if outcome.disturbed else ""
    return (" y" if outcome.broker_bound else "") + disturbed


def row(result: ScenarioResult, outcome: Outcome) -> list[str]:
    ratio = result.ratio(outcome, result.ours, compared_by(result.scenario)[1])
    ratios = [f"{v:.2f}" for v in (ratio.median, ratio.least, ratio.most)] if ratio else ["-"] * 3
    threads = f"{outcome.median(lambda run: run.threads):.0f}"
    head = [outcome.client, outcome.way]
    if result.scenario.mode == "latency":
        quantiles = [
            number(outcome.median(lambda run, q=q: run.latency.get(q, 0.0)))
            for q in ("p50", "p99", "p99.9")
        ]
        return [*head, *quantiles, *ratios, number(outcome.cpu_ns), threads + marks(outcome)]
    if result.scenario.mode == "start":
        wall = f"{outcome.median(lambda run: run.wall) * 1e3:.2f} ms"
        memory = f"{outcome.median(lambda run: run.peak_memory) / MEGA:.1f}"
        return [*head, "-", wall, *ratios, memory, "-", threads + marks(outcome)]
    allocations = outcome.allocations
    return [
        *head,
        number(outcome.cpu_ns),
        f"{outcome.rate / MEGA:.2f} M",
        *ratios,
        f"{outcome.median(lambda run: run.peak_memory) / MEGA:.0f}",
        "-" if allocations is None else f"{allocations:.4f}",
        threads + marks(outcome),
    ]


def scenario_table(result: ScenarioResult) -> str:
    latency = result.scenario.mode == "latency"
    ran = [outcome for outcome in result.outcomes if outcome.runs]
    place = f" ({result.place})" if result.place else ""
    lines = [f"{result.scenario.name}: {result.scenario.title}{place}"]
    if ran:
        rows = [LATENCY_HEAD if latency else HEAD, *(row(result, outcome) for outcome in ran)]
        lines.append(columns(rows, left=2))
    for outcome in result.outcomes:
        if outcome.note:
            lines.append(f"{outcome.client} {outcome.way}: {outcome.note}")
    return "\n".join(lines)


def settings_table(report: Report) -> str:
    """What each way was told, by its client's own names, where that was ever said."""
    lines = []
    seen = set()
    for result in report.results:
        for outcome in result.outcomes:
            if not outcome.runs:
                continue
            told = ", ".join(f"{k}={v}" for k, v in outcome.runs[0].settings.items())
            key = (outcome.way, told)
            if key not in seen:
                seen.add(key)
                version = outcome.runs[0].version
                lines.append(f"{result.scenario.name}: {version}, {outcome.way}: {told or 'nothing'}")
    return "\n".join(lines)


EXPLAINED = """\
ratio: how many times what ours (the first line) needs of CPU (in latency: p50; in start: time), the
median over the rounds, with the least and the most. y: the broker's core was more than 85 % busy, so
that msg/s is the broker's figure; CPU is the client's own all the same. disturbed: rounds in which
others took more than 5 % of the cores, in the repetitions as well. MB: most memory, without the corpus."""


def full(report: Report) -> str:
    parts = [report.machine, *report.conditions, ""]
    for result in report.results:
        parts += [scenario_table(result), ""]
    parts += [EXPLAINED, ""]
    if report.sizes:
        rows = [["size of", "MB"]]
        for client, sizes in report.sizes.items():
            rows += [[f"{client}: {part}", f"{size / MEGA:.2f}"] for part, size in sizes.items()]
        parts += [columns(rows), ""]
    for client, why in report.skipped.items():
        parts.append(f"{client} did not take part: {why}")
    parts += ["Settings", settings_table(report), "", "Aims", *summary(report)]
    if bent := bends(report):
        parts += ["", "Bends of the curves", *bent]
    return "\n".join(parts)
