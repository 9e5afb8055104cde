# SPDX-License-Identifier: Apache-2.0
"""The report as JSON: every run with all that it said, and the curves."""

import dataclasses
import json
import pathlib
from collections.abc import Iterator

from .goals import all_goals
from .results import Outcome, Report, ScenarioResult, compared_by
from .scenarios import OURS


def curve_name(result: ScenarioResult, name: str) -> str:
    if not result.nodes:
        return name
    return f"{name} ({result.nodes} real node{'s' if result.nodes > 1 else ''})"


def curves(report: Report) -> dict[str, dict]:
    """{curve: {axis, unit, series: {client way: [[x, y], ...]}}}, by x; of a point alone none."""
    found: dict[str, dict] = {}
    for name, x, result, axis in points(report):
        latency = result.scenario.mode == "latency"
        unit = "us" if latency else "CPU ns a message"
        curve = found.setdefault(name, {"axis": axis, "unit": unit, "series": {}})
        what = compared_by(result.scenario)[1]
        for outcome in result.outcomes:
            if outcome.runs:
                series = curve["series"].setdefault(f"{outcome.client} {outcome.way}", [])
                series.append([x, outcome.median(what)])
    for curve in found.values():
        curve["series"] = {
            name: sorted(line) for name, line in curve["series"].items() if len(line) > 1
        }
    return {name: curve for name, curve in found.items() if curve["series"]}


def points(report: Report) -> Iterator[tuple[str, float, ScenarioResult, str]]:
    for result in report.results:
        for point in result.scenario.points:
            yield curve_name(result, point.curve), point.x, result, point.axis


BEND = 1.5  # a step that costs so many times as much, or as little


def bends(report: Report) -> list[str]:
    """A sentence on each place where a curve of ours changes its course, with what else the same
    runs have measured: no cause is named that they do not show."""
    sentences = []
    runs = {
        (name, x, f"{outcome.client} {outcome.way}"): outcome
        for name, x, result, _ in points(report)
        for outcome in result.outcomes
    }
    for name, curve in curves(report).items():
        for series, line in curve["series"].items():
            if not series.startswith(OURS):
                continue
            for (x0, y0), (x1, y1) in zip(line, line[1:]):
                factor = y1 / y0 if y0 else 1
                if 1 / BEND < factor < BEND:
                    continue
                seen = because(runs[name, x0, series], runs[name, x1, series], x0, x1, curve)
                sentences.append(
                    f"{name}, {series}: from {x0:g} to {x1:g} {curve['axis']} {y0:.3g} becomes "
                    f"{y1:.3g} {curve['unit']} ({factor:.2f} times). {seen}"
                )
    return sentences


def because(before: Outcome, after: Outcome, x0: float, x1: float, curve: dict) -> str:
    """What the runs at both ends of a step say about it."""
    seen = []
    if curve["unit"] == "us":
        costs = [outcome.cpu_ns for outcome in (before, after)]
        seen.append(f"A message costs {costs[0]:.3g} ns of CPU before it, {costs[1]:.3g} after")
    if curve["axis"].startswith("bytes"):
        each = [outcome.cpu_ns / x for outcome, x in ((before, x0), (after, x1))]
        seen.append(
            f"A byte costs {each[0]:.2g} ns before it, {each[1]:.2g} after: " + (
                "the bytes are what is paid for" if each[1] >= each[0] / BEND
                else "part of it is paid for bytes, part for messages"
            )
        )  # fmt: skip
    system = [outcome.median(lambda run: run.system * 1e9 / run.messages)
              for outcome in (before, after)]  # fmt: skip
    change = after.cpu_ns - before.cpu_ns
    if curve["unit"] != "us" and change:
        part = (system[1] - system[0]) / change
        if 0 <= part <= 1:
            seen.append(f"{part:.0%} of the difference was spent in the kernel")
    records = [outcome.median(lambda run: run.request_records) for outcome in (before, after)]
    if all(records) and not 1 / BEND < records[1] / records[0] < BEND:
        seen.append(
            f"A request carries {records[0]:,.0f} records before it, {records[1]:,.0f} after: "
            + ("each has fewer to share its cost" if records[1] < records[0]
               else "each has more to share its cost")
        )  # fmt: skip
    return ". ".join(seen) + "." if seen else "The runs show no cause."


def outcome_record(result: ScenarioResult, outcome: Outcome) -> dict:
    ratio = result.ratio(outcome, result.ours, compared_by(result.scenario)[1])
    return {
        "ratio": dataclasses.asdict(ratio) if ratio else None,
        "client": outcome.client,
        "way": outcome.way,
        "note": outcome.note,
        "runs": [dataclasses.asdict(run) for run in outcome.runs],
        "counted": dataclasses.asdict(outcome.counted) if outcome.counted else None,
    }


def of(report: Report) -> dict:
    goals = [
        {"name": g.name, "what": g.what, "floor": g.floor, "aim": g.aim, "reached": g.evaluate(report),
         "waits": g.waits}
        for g in all_goals(report.real)
    ]
    return {
        "machine": report.machine,
        "conditions": report.conditions,
        "rounds": report.rounds,
        "skipped": report.skipped,
        "sizes": report.sizes,
        "scenarios": [
            {
                "name": result.scenario.name,
                "title": result.scenario.title,
                "place": result.place,
                "nodes": result.nodes,
                "compared": compared_by(result.scenario)[0],
                "driver": dict(result.scenario.driver),
                "yardstick": dict(result.scenario.yardstick),
                "outcomes": [outcome_record(result, outcome) for outcome in result.outcomes],
            }
            for result in report.results
        ],
        "curves": curves(report),
        "bends": bends(report),
        "goals": goals,
    }


def write(report: Report, path: pathlib.Path) -> None:
    path.write_text(json.dumps(of(report), indent=1) + "\n", "utf-8")
