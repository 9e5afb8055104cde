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


# Inches.
BAR = 0.15
COLUMN, LABELS = 5.3, 1.75  # of bars, and the part of it for the names of ways
TALLEST = 20.0  # beyond it there is one column more
MOST_COLUMNS = 4
MARGIN, BELOW_BARS = 0.35, 0.6
CURVE_WIDTH, CURVE_HEIGHT = 3.1, 2.2
BESIDE_CURVE, BELOW_CURVE = 0.75, 0.95
TICKS = [factor * 10**power for power in range(5) for factor in (1, 2, 5)]


def write(record: dict, path: str) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    drawn = [s for s in record["scenarios"] if any(o["ratio"] for o in s["outcomes"])]
    columns = in_columns(drawn)
    across = max(2, len(columns))
    width = across * COLUMN + 2 * MARGIN
    bars_height = max((sum(map(height, column)) for column in columns), default=0.0)
    lines = record["curves"]
    curves_across = int((width - 2 * MARGIN) // (CURVE_WIDTH + BESIDE_CURVE))
    curve_rows = -(-len(lines) // curves_across)
    curves_height = curve_rows * (CURVE_HEIGHT + BELOW_CURVE)
    total = 0.6 + bars_height + (BELOW_BARS + 0.4 if drawn else 0) + curves_height + MARGIN
    figure = pyplot.figure(figsize=(width, total))

    def place(left: float, top: float, wide: float, high: float):
        return figure.add_axes((left / width, 1 - (top + high) / total, wide / width, high / total))

    figure.text(MARGIN / width, 1 - 0.3 / total,
                f"{record['machine']}; medians of {record['rounds']} rounds", fontsize=9)  # fmt: skip
    most = max((o["ratio"]["most"] for s in drawn for o in s["outcomes"] if o["ratio"]), default=1)
    for number, column in enumerate(columns):
        high = sum(map(height, column))
        left = MARGIN + number * COLUMN + LABELS
        bars(place(left, 0.6, COLUMN - LABELS - 0.45, high), column, most)
    top = 0.6 + bars_height + (BELOW_BARS + 0.4 if drawn else 0)
    for number, (name, curve) in enumerate(lines.items()):
        row, at = divmod(number, curves_across)
        axis = place(MARGIN + BESIDE_CURVE * 0.7 + at * (CURVE_WIDTH + BESIDE_CURVE),
                     top + row * (CURVE_HEIGHT + BELOW_CURVE), CURVE_WIDTH, CURVE_HEIGHT)  # fmt: skip
        draw_curve(axis, name, curve)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def rows(scenario: dict) -> float:
    """The height of a scenario, in bars."""
    return 1.7 + sum(1 for outcome in scenario["outcomes"] if outcome["ratio"])


def height(scenario: dict) -> float:
    return BAR * rows(scenario)


def in_columns(drawn: list[dict]) -> list[list[dict]]:
    """The scenarios in their order, in columns of about the same height."""
    whole = sum(map(height, drawn))
    count = min(MOST_COLUMNS, max(1, -(-int(whole) // int(TALLEST))))
    columns: list[list[dict]] = [[]]
    for scenario in drawn:
        reached = sum(map(height, columns[-1]))
        if columns[-1] and reached + height(scenario) / 2 > whole / count and len(columns) < count:
            columns.append([])
        columns[-1].append(scenario)
    return [column for column in columns if column]


def shortened(text: str, most: int = 76) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def bars(axis, drawn: list[dict], most: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    y = 0.0
    ticks, labels = [], []
    for scenario in drawn:
        place = f", {scenario['place']}" if scenario["place"] else ""
        title = shortened(f"{scenario['title']} ({scenario['compared']}){place}")
        left = -LABELS / (COLUMN - LABELS - 0.45)
        axis.text(left, y + 0.1, title, fontsize=7.5, weight="bold", va="center",
                  transform=axis.get_yaxis_transform())  # fmt: skip
        y += 1
        for outcome in scenario["outcomes"]:
            ratio = outcome["ratio"]
            if not ratio:
                continue
            error = [[ratio["median"] - ratio["least"]], [ratio["most"] - ratio["median"]]]
            axis.barh(y, ratio["median"], color=COLOURS.get(outcome["client"], "#777777"),
                      height=0.8, xerr=error, error_kw={"elinewidth": 0.7})  # fmt: skip
            axis.text(ratio["most"], y, f" {ratio['median']:.3g}x", fontsize=6.5, va="center")
            ticks.append(y)
            labels.append(f"{outcome['client']}: {outcome['way']}")
            y += 1
        y += 0.7
    axis.set_yticks(ticks)
    axis.set_yticklabels(labels, fontsize=6.5)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(y - 0.5, -0.5)
    # One bar of a thousand would hide all others.
    axis.set_xscale("symlog", linthresh=10)
    axis.set_xlim(0, most * 1.6)
    axis.xaxis.set_major_locator(FixedLocator([0, *(tick for tick in TICKS if tick <= most * 1.5)]))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.tick_params(axis="x", labelsize=6.5)
    axis.axvline(1, color="#1b7837", linewidth=0.6, linestyle=":")
    axis.set_xlabel("times what kafka-asio needs: less is better; thin lines from least\n"
                    "to most of the rounds; logarithmic from 10 on", fontsize=7)  # fmt: skip
    axis.spines["top"].set_visible(False)
    axis.spines["right"].set_visible(False)


def draw_curve(axis, name: str, curve: dict) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter

    seen = set()
    for series, points in curve["series"].items():
        client, _ = series.split()
        axis.plot([x for x, _ in points], [y for _, y in points], marker="o", markersize=3,
                  color=COLOURS.get(client, "#777777"), label=series,
                  linewidth=2 if client == "kafka-asio" else 1,
                  linestyle="--" if client in seen else "-")  # fmt: skip
        seen.add(client)
    places = sorted({x for points in curve["series"].values() for x, _ in points})
    plain = FuncFormatter(lambda value, _: f"{value:,.10g}")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.xaxis.set_major_locator(FixedLocator(places))
    axis.xaxis.set_minor_locator(FixedLocator([]))
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_formatter(plain)
    axis.yaxis.set_major_formatter(plain)
    axis.grid(linewidth=0.3)
    axis.set_title(name, fontsize=8)
    axis.set_xlabel(curve["axis"], fontsize=7)
    axis.set_ylabel(curve["unit"], fontsize=7)
    axis.tick_params(labelsize=6.5)
    axis.legend(fontsize=5, framealpha=0.6)


if __name__ == "__main__":
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        sys.exit(NO_MATPLOTLIB)
    write(json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8")), sys.argv[2])
