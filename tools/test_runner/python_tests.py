# SPDX-License-Identifier: Apache-2.0
"""Files of Python tests: each method is a test, each file runs in a process of its own."""

import json
import pathlib
import sys
import typing
from collections.abc import Sequence

import process
from programs import ListError, Program
from results import Result, failed, passed, skipped

WORKER = pathlib.Path(__file__).with_name("python_worker.py")


def list_cases(program: Program) -> list[str]:
    """The tests of a file as `Class.method`."""
    ended, lines = _work(program, "list", [], 60)
    if ended.code != 0:
        raise ListError(f"loading it {ended}\n{ended.output}")
    return [_short(program, line["id"]) for line in lines if line["event"] == "listed"] or [
        "(the file)" for line in lines if line["event"] == "group skipped"
    ]


def run(program: Program, cases: Sequence[str] | None, listed: Sequence[str]) -> list[Result]:
    stem = _file(program).stem
    ids = [] if cases is None else [f"{stem}.{case}" for case in cases]
    ended, lines = _work(program, "run", ids, program.timeout)
    results: list[Result] = []
    started: str | None = None
    # The tests that were not reached, and why.
    missing = list(listed if cases is None else cases)
    groups: list[dict[str, str]] = []
    for line in lines:
        event, case = line["event"], _short(program, line["id"])
        if event == "start":
            started = case
            continue
        if event.startswith("group "):
            groups.append(line)
            continue
        started = None
        title = program.title(case)
        if event == "passed":
            results.append(passed(title))
        else:
            make = skipped if event == "skipped" else failed
            results.append(make(title, line["detail"]))
        if case in missing:
            missing.remove(case)
    if started is not None:
        results.append(failed(program.title(started), f"{ended}\n{ended.output}"))
        if started in missing:
            missing.remove(started)
    elif ended.code != 0 or ended.timed_out:
        results.append(failed(program.title("(the file)"), f"{ended}\n{ended.output}"))
    blamed = False
    for case in missing:
        group = next((g for g in groups if _belongs(case, g["id"])), None)
        if group is not None and group["event"] == "group skipped":
            results.append(skipped(program.title(case), group["detail"]))
        elif group is not None:
            results.append(failed(program.title(case), f"{group['id']}\n{group['detail']}"))
            blamed = True
        else:
            results.append(failed(program.title(case), f"did not run: {program.name} {ended}"))
    for group in groups:
        # tearDownClass, after all its tests passed.
        if group["event"] == "group failed" and not blamed:
            results.append(failed(program.title(group["id"]), group["detail"]))
    return results


def _belongs(case: str, group: str) -> bool:
    """Whether a group's id, "setUpClass (test_x.Class)" or "setUpModule (test_x)", is the case's."""
    if "(" not in group:
        return True
    inside = group.partition("(")[2].rstrip(")")
    name = inside.partition(".")[2]
    return not name or case.startswith(name + ".")


def _file(program: Program) -> pathlib.Path:
    return pathlib.Path(program.command[-1])


def _short(program: Program, test_id: str) -> str:
    return test_id.removeprefix(_file(program).stem + ".")


def _work(
    program: Program, mode: str, ids: Sequence[str], timeout: float
) -> tuple[process.Ended, list[dict[str, typing.Any]]]:
    suffix = ".list" if mode == "list" else ""
    report = program.log.with_suffix(f"{suffix}.json")
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    ended = process.run(
        [sys.executable, "-B", WORKER, _file(program), report, mode, *ids],
        program.log.with_suffix(f"{suffix}.log"),
        timeout,
        program.env,
        program.cwd,
    )
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    events = []
    for line in lines:
        try:
            events.append(json.loads(line))
        except ValueError:  # cut off with its process
            break
    return ended, events
