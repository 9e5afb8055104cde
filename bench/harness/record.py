# SPDX-License-Identifier: Apache-2.0
"""The report as JSON: every run with all that it said, and the curves."""

import dataclasses
import json
import pathlib

from .goals import all_goals
from .results import Outcome, Report, ScenarioResult, compared_by


def curves(report: Report) -> dict[str, dict]:
    """{curve: {axis, unit, series: {client way: [[x, y], ...]}}}, by x."""
    found: dict[str, dict] = {}
    for result in report.results:
        for point in result.scenario.points:
            latency = result.scenario.mode == "latency"
            curve = found.setdefault(
                point.curve,
                {"axis": point.axis, "unit": "us" if latency else "CPU ns a message", "series": {}},
            )
            what = compared_by(result.scenario)[1]
            for outcome in result.outcomes:
                if outcome.runs:
                    series = curve["series"].setdefault(f"{outcome.client} {outcome.way}", [])
                    series.append([point.x, outcome.median(what)])
    for curve in found.values():
        for series in curve["series"].values():
            series.sort()
    return {name: curve for name, curve in found.items() if any(
        len(series) > 1 for series in curve["series"].values())}  # fmt: skip


def bends(report: Report) -> list[str]:
    """A sentence on each place where a curve of ours changes its course: a step that costs half as
    much again, or saves a third."""
    sentences = []
    for name, curve in curves(report).items():
        for series, points in curve["series"].items():
            if not series.startswith("kafka-asio"):
                continue
            for (x0, y0), (x1, y1) in zip(points, points[1:]):
                factor = y1 / y0 if y0 else 1
                if factor >= 1.5 or factor <= 1 / 1.5:
                    sentences.append(
                        f"{name}, {series}: from {x0:g} to {x1:g} {curve['axis']} {y0:.3g} becomes "
                        f"{y1:.3g} {curve['unit']} ({factor:.2f} times)."
                    )
    return sentences


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
        {"name": g.name, "what": g.what, "floor": g.floor, "aim": g.aim, "reached": g.evaluate(report)}
        for g in all_goals()
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
