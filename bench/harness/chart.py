#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report as a picture: a bar a client and scenario, and the curves.

  bench/harness/chart.py REPORT.json PICTURE.svg
"""

import json
import pathlib
import subprocess
import sys
import tempfile

COLOURS = {
    "kafka-asio": "#1b7837",
    "librdkafka": "#c51b7d",
    "franz-go": "#2166ac",
    "kafka-go": "#67a9cf",
    "java": "#e08214",
}
NO_MATPLOTLIB = 3
SYSTEM_PYTHON = "/usr/bin/python3"  # that of Debian's packages, if another comes first


class Unavailable(Exception):
    """Matplotlib is not there."""


def draw(record: dict, path: pathlib.Path) -> None:
    """Draws in a process of its own, with an interpreter that has Matplotlib."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(record, file)
        file.flush()
        for python in dict.fromkeys([sys.executable, SYSTEM_PYTHON]):
            if not pathlib.Path(python).exists():
                continue
            ended = subprocess.run([python, __file__, file.name, path])
            if ended.returncode == 0:
                return
            if ended.returncode != NO_MATPLOTLIB:
                raise Unavailable(f"{python} ended with {ended.returncode}")
    raise Unavailable("Matplotlib is needed (Debian package python3-matplotlib)")


def write(record: dict, path: str) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    drawn = [s for s in record["scenarios"] if any(o["ratio"] for o in s["outcomes"])]
    lines = record["curves"]
    rows = sum(sum(1 for o in s["outcomes"] if o["ratio"]) + 1.5 for s in drawn)
    curve_rows = (len(lines) + 1) // 2
    heights = [1 + rows * 0.19, curve_rows * 3.0]
    figure = pyplot.figure(figsize=(9, 0.5 + sum(heights)))
    grid = figure.add_gridspec(2 if lines else 1, 1, height_ratios=heights if lines else None)
    bars(figure.add_subplot(grid[0]), drawn)
    if lines:
        below = grid[1].subgridspec(curve_rows, 2, hspace=0.5, wspace=0.3)
        for place, (name, curve) in enumerate(lines.items()):
            draw_curve(figure.add_subplot(below[place // 2, place % 2]), name, curve)
    figure.suptitle(f"{record['machine']}; medians of {record['rounds']} rounds", fontsize=8, y=0.995)
    figure.savefig(path, format="svg", bbox_inches="tight")


def bars(axis, drawn: list[dict]) -> None:
    y = 0.0
    ticks, labels = [], []
    for scenario in drawn:
        place = f", {scenario['place']}" if scenario["place"] else ""
        axis.text(0.0, y, f"{scenario['title']}{place} ({scenario['compared']})", fontsize=8,
                  weight="bold", va="center", transform=axis.get_yaxis_transform())  # fmt: skip
        y += 1
        for outcome in scenario["outcomes"]:
            ratio = outcome["ratio"]
            if not ratio:
                continue
            error = [[ratio["median"] - ratio["least"]], [ratio["most"] - ratio["median"]]]
            axis.barh(y, ratio["median"], color=COLOURS.get(outcome["client"], "#777777"),
                      height=0.8, xerr=error, error_kw={"elinewidth": 0.7})  # fmt: skip
            axis.text(ratio["most"], y, f"  {ratio['median']:.1f}x", fontsize=7, va="center")
            ticks.append(y)
            labels.append(f"{outcome['client']}: {outcome['way']}")
            y += 1
        y += 0.5
    axis.set_yticks(ticks)
    axis.set_yticklabels(labels, fontsize=7)
    axis.set_ylim(y, -1)
    # One bar of a thousand would hide all others.
    axis.set_xscale("symlog", linthresh=10)
    axis.set_xlim(left=0)
    axis.set_xlabel("times what kafka-asio needs, less is better; thin lines from least to most "
                    "(logarithmic from 10 on)", fontsize=8)  # fmt: skip
    axis.spines["top"].set_visible(False)
    axis.spines["right"].set_visible(False)


def draw_curve(axis, name: str, curve: dict) -> None:
    for series, points in curve["series"].items():
        client, way = series.split()
        axis.plot([x for x, _ in points], [y for _, y in points], marker="o", markersize=3,
                  color=COLOURS.get(client, "#777777"), label=series,
                  linestyle="-" if way in ("conn-append", "conn-fetch") else "--")  # fmt: skip
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_title(name, fontsize=8)
    axis.set_xlabel(curve["axis"], fontsize=7)
    axis.set_ylabel(curve["unit"], fontsize=7)
    axis.tick_params(labelsize=7)
    axis.legend(fontsize=5)


if __name__ == "__main__":
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        sys.exit(NO_MATPLOTLIB)
    write(json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8")), sys.argv[2])
