# SPDX-License-Identifier: Apache-2.0
"""Runs one file of Python tests in a process of its own and writes a line of JSON per test.

    python_worker.py FILE REPORT list
    python_worker.py FILE REPORT run [ID...]
"""

import importlib.util
import json
import pathlib
import sys
import traceback
import typing
import unittest


def flatten(suite: unittest.TestSuite) -> typing.Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


class Recorder(unittest.TestResult):
    """One line a test; a test with failing parts fails once."""

    def __init__(self, report: typing.TextIO) -> None:
        super().__init__()
        self._report = report
        self._details: list[str] = []
        self._reason: str | None = None

    def write(self, **line: typing.Any) -> None:
        print(json.dumps(line), file=self._report, flush=True)

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._details, self._reason = [], None
        self.write(event="start", id=test.id())

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        if self._details:
            self.write(event="failed", id=test.id(), detail="\n".join(self._details))
        elif self._reason is not None:
            self.write(event="skipped", id=test.id(), detail=self._reason)
        else:
            self.write(event="passed", id=test.id())

    def _fail(self, test: unittest.TestCase, detail: str) -> None:
        if isinstance(test, unittest.TestCase):
            self._details.append(detail)
        else:  # what stands for setUpClass or setUpModule: there is no start and stop
            self.write(event="group failed", id=test.id(), detail=detail)

    def addError(self, test: unittest.TestCase, err: typing.Any) -> None:
        self._fail(test, "".join(traceback.format_exception(*err)))

    addFailure = addError

    def addSubTest(self, test: unittest.TestCase, subtest: typing.Any, err: typing.Any) -> None:
        if err is not None:
            self._fail(test, f"{subtest}\n" + "".join(traceback.format_exception(*err)))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self._fail(test, "passed, but is marked as an expected failure")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        if isinstance(test, unittest.TestCase):
            self._reason = reason
        else:
            self.write(event="group skipped", id=test.id(), detail=reason)


def main() -> None:
    path, report_path, mode, *ids = sys.argv[1:]
    file = pathlib.Path(path)
    # Helpers lie beside the tests and in the folder above.
    sys.path[:1] = [str(file.parent), str(file.parent.parent)]
    with open(report_path, "w", encoding="utf-8") as report:
        recorder = Recorder(report)
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[file.stem] = module
        try:
            spec.loader.exec_module(module)
        except unittest.SkipTest as e:
            recorder.write(event="group skipped", id=file.stem, detail=str(e))
            return
        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
        tests = list(flatten(suite))
        if mode == "list":
            for test in tests:
                recorder.write(event="listed", id=test.id())
            return
        wanted = set(ids)
        chosen = unittest.TestSuite(test for test in tests if not wanted or test.id() in wanted)
        chosen.run(recorder)


if __name__ == "__main__":
    main()
