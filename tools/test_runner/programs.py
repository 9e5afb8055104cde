# SPDX-License-Identifier: Apache-2.0
"""Test programs: doctest executables, whose cases count one by one, and plain ones.

A plain program is one test: exit code 0 is passed, 77 skipped (its last line of output says why).
A doctest case that finds at run time that it cannot run says so with
`MESSAGE("skipped: REASON"); return;`.
"""

import dataclasses
import pathlib
import re
import xml.etree.ElementTree
from collections.abc import Iterator, Mapping, Sequence

import process
from results import Outcome, Result, failed, passed, skipped

SKIP_CODE = 77
SKIP_MARK = "skipped: "
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclasses.dataclass(frozen=True)
class Program:
    name: str  # shown in front of its cases
    command: tuple[str, ...]
    log: pathlib.Path
    timeout: float
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    cwd: pathlib.Path | None = None
    doctest: bool = True

    def title(self, case: str) -> str:
        return f"{self.name}: {case}"


class ListError(Exception):
    """A doctest program did not tell its cases."""


def list_cases(program: Program) -> list[str]:
    """The names of a doctest program's cases, in the order in which they run."""
    out = program.log.with_suffix(".list.xml")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    ended = process.run(
        [*program.command, "--list-test-cases", "--reporters=xml", f"--out={out}"],
        program.log.with_suffix(".list.log"),
        60,
        program.env,
        program.cwd,
    )
    if ended.code != 0 or not out.exists():
        raise ListError(f"listing its test cases {ended}\n{ended.output}")
    return [element.get("name", "") for element in _elements(out) if element.tag == "TestCase"]


def run(program: Program, cases: Sequence[str] | None, listed: Sequence[str]) -> list[Result]:
    """Runs a program; of a doctest one only `cases`, if given."""
    if not program.doctest:
        return [_run_plain(program)]
    return _run_doctest(program, cases, listed)


def _run_plain(program: Program) -> Result:
    ended = process.run(
        program.command, program.log, program.timeout, program.env, program.cwd
    )
    if ended.code == 0 and not ended.timed_out:
        return passed(program.name)
    if ended.code == SKIP_CODE:
        lines = ended.output.strip().splitlines()
        return skipped(program.name, lines[-1] if lines else "it gave no reason")
    return failed(program.name, f"{ended}\n{ended.output}")


def _run_doctest(
    program: Program, cases: Sequence[str] | None, listed: Sequence[str]
) -> list[Result]:
    out = program.log.with_suffix(".xml")
    out.unlink(missing_ok=True)
    filters = [] if cases is None else ["--test-case=" + ",".join(map(_pattern, cases))]
    ended = process.run(
        [*program.command, "--reporters=xml", f"--out={out}", *filters],
        program.log,
        program.timeout,
        program.env,
        program.cwd,
    )
    crashed = ended.timed_out or ended.code not in (0, 1)
    results: list[Result] = []
    seen: list[str] = []
    for element in _elements(out) if out.exists() else []:
        if element.tag != "TestCase":
            continue
        result = _result_of(program, element, str(ended), ended.output)
        if cases is not None and result.name not in map(program.title, cases):
            continue
        seen.append(element.get("name", ""))
        results.append(result)
    blamed = any(result.outcome is Outcome.FAILED for result in results)
    if crashed and blamed:
        # The reason of a crash is in the output of the whole program, not in the case's record.
        index = max(i for i, r in enumerate(results) if r.outcome is Outcome.FAILED)
        guilty = results[index]
        if ended.output not in guilty.detail:
            results[index] = failed(guilty.name, f"{guilty.detail}\n{ended}\n{ended.output}")
    elif ended.code != 0 and not blamed:
        # A leak is found after the last case; a crash may come before the first.
        results.append(failed(program.title("(the program)"), f"{ended}\n{ended.output}"))
    missing = list(listed if cases is None else cases)
    for name in seen:
        if name in missing:
            missing.remove(name)
    why = f"did not run: {program.name} {ended}"
    results += [failed(program.title(name), why) for name in missing]
    return results


def _pattern(name: str) -> str:
    """A doctest filter for one case: `?` stands for what a filter gives a meaning."""
    return re.sub(r'[,"\\]', "?", name)


def _elements(path: pathlib.Path) -> list[xml.etree.ElementTree.Element]:
    """The elements of a file that may end anywhere; one that is cut off is `unfinished`."""
    text = NOT_XML.sub("\N{REPLACEMENT CHARACTER}", path.read_bytes().decode("utf-8", "replace"))
    parser = xml.etree.ElementTree.XMLPullParser(["start", "end"])
    open_elements: list[xml.etree.ElementTree.Element] = []
    found: list[xml.etree.ElementTree.Element] = []
    parser.feed(text)
    for event, element in _events_so_far(parser):
        if event == "start":
            open_elements.append(element)
        else:
            open_elements.pop()
            found.append(element)
    for element in open_elements:
        element.set("unfinished", "true")
        found.append(element)
    return found


def _events_so_far(
    parser: xml.etree.ElementTree.XMLPullParser,
) -> Iterator[tuple[str, xml.etree.ElementTree.Element]]:
    try:
        yield from parser.read_events()
    except xml.etree.ElementTree.ParseError:
        return


def _result_of(
    program: Program, element: xml.etree.ElementTree.Element, ended: str, output: str
) -> Result:
    name = program.title(element.get("name", ""))
    if element.get("unfinished"):
        return failed(name, f"{_story(element)}\n{program.name} {ended}\n{output}".strip())
    if element.get("skipped") == "true":
        return skipped(name, "marked as skipped in its source")
    overall = element.find("OverallResultsAsserts")
    if overall is None or overall.get("test_case_success") != "true":
        return failed(name, _story(element) or output)
    for text in element.iter("Text"):
        reason = (text.text or "").strip()
        if reason.startswith(SKIP_MARK):
            return skipped(name, reason.removeprefix(SKIP_MARK))
    return passed(name)


def _story(element: xml.etree.ElementTree.Element, depth: int = 0) -> str:
    """A failed case's record as lines for people."""
    lines: list[str] = []
    indent = "  " * depth

    def text_of(child: xml.etree.ElementTree.Element, tag: str) -> str:
        found = child.find(tag)
        return " ".join((found.text or "").split()) if found is not None else ""

    for child in element:
        place = f"{child.get('filename')}:{child.get('line')}"
        if child.tag == "SubCase":
            inner = _story(child, depth + 1)
            if inner:
                lines += [f"{indent}in {child.get('name', '')!r}:", inner]
        elif child.tag == "Expression" and child.get("success") != "true":
            kind = child.get("type", "CHECK")
            lines.append(f"{indent}{place}: {kind}({text_of(child, 'Original')})")
            if child.find("Expanded") is not None:
                lines.append(f"{indent}    is: {text_of(child, 'Expanded')}")
            for tag in ("Exception", "ExpectedException", "ExpectedExceptionString"):
                if child.find(tag) is not None:
                    lines.append(f"{indent}    {tag}: {text_of(child, tag)}")
            lines += [
                f"{indent}    with: {' '.join((info.text or '').split())}"
                for info in child.findall("Info")
            ]
        elif child.tag == "Exception":
            lines.append(f"{indent}exception: {' '.join((child.text or '').split())}")
        elif child.tag == "Message":
            lines.append(f"{indent}{place}: {text_of(child, 'Text')}")
    return "\n".join(lines)
