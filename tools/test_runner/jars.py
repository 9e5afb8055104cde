# SPDX-License-Identifier: Apache-2.0
"""Apache's own jars, and the Java compiler: what the tests in tests/apache run against."""

import pathlib
import shutil

import install
import process
from cluster import START_TIMEOUT, UNAVAILABLE, reason_in


class Jars:
    def __init__(self, root: pathlib.Path, folder: pathlib.Path, may_install: bool) -> None:
        self._program = root / "tools" / "kafka-cluster"
        self._root = root
        self._log = folder / "kafka-jars.log"
        self._may_install = may_install
        self.env: dict[str, str] = {}
        self.missing: str | None = None  # why they cannot be had
        self.broken: str | None = None  # what went wrong

    def ensure(self) -> None:
        if not self._program.exists():
            self.missing = "tools/kafka-cluster is not there"
            return
        if self._may_install:
            problem = install.install(self._root, ["cluster"], quiet=True)
            if problem:
                self.missing = f"packages cannot be installed: {problem}"
                return
        ended = process.run([self._program, "jars"], self._log, START_TIMEOUT)
        said = ended.output.strip()
        if ended.code in UNAVAILABLE and not ended.timed_out:
            self.missing = reason_in(said)
        elif ended.code != 0 or not said:
            self.broken = f"kafka-cluster jars {ended}\n{said}"
        elif not shutil.which("javac"):
            self.missing = "javac is not installed (Debian package default-jdk-headless)"
        else:
            self.env = {"KAFKA_ASIO_JARS": said.splitlines()[-1]}
