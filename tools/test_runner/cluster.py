# SPDX-License-Identifier: Apache-2.0
"""The real Kafka cluster that the cluster tests share: started once, always taken down."""

import os
import pathlib
import re
import subprocess
import threading

import install
import process

# How tools/kafka-cluster says that a program or the Java package repository cannot be had.
UNAVAILABLE = (3, 4)
START_TIMEOUT = 900.0
SETTING = re.compile(r"[A-Z][A-Z0-9_]*=")


class Cluster:
    def __init__(self, root: pathlib.Path, folder: pathlib.Path, may_install: bool) -> None:
        self._program = root / "tools" / "kafka-cluster"
        self._root = root
        self._folder = folder
        self._may_install = may_install
        self._thread: threading.Thread | None = None
        self._up: subprocess.Popen[bytes] | None = None
        self.env: dict[str, str] = {}
        self.missing: str | None = None  # why it cannot be had
        self.broken: str | None = None  # what went wrong while it started

    def start(self) -> None:
        """Begins to start it, beside whatever else runs."""
        self._thread = threading.Thread(target=self._start, name="cluster")
        self._thread.start()

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        if not self._program.exists():
            self.missing = "tools/kafka-cluster is not there"
            return
        if self._may_install:
            problem = install.install(self._root, ["cluster"], quiet=True)
            if problem:
                self.missing = f"packages cannot be installed: {problem}"
                return
        log = self._folder.with_name("kafka-cluster-up.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        command = ["up", "--owner", str(os.getpid()), "--dir", str(self._folder)]
        with log.open("wb") as err, log.with_suffix(".env").open("w+b") as out:
            # Not process.run: the nodes outlive this command.
            self._up = subprocess.Popen(
                [str(self._program), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            try:
                code = self._up.wait(START_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._up.terminate()
                self.broken = f"kafka-cluster up took more than {START_TIMEOUT:.0f} s"
                return
            out.seek(0)
            lines = out.read().decode("utf-8", "replace").splitlines()
        said = log.read_text("utf-8", "replace").strip()
        if code == 0:
            self.env = dict(line.split("=", 1) for line in lines if SETTING.match(line))
        elif code in UNAVAILABLE:
            named = [line for line in said.splitlines() if line.startswith("kafka-cluster:")]
            self.missing = (named or said.splitlines() or ["kafka-cluster gave no reason"])[-1]
        else:
            self.broken = f"kafka-cluster up ended with exit code {code}\n{said}"

    def stop(self) -> None:
        if self._up is not None and self._up.poll() is None:
            self._up.terminate()  # interrupted while it starts
        self.wait()
        if self._up is not None:
            log = self._folder.with_name("kafka-cluster-down.log")
            process.run_to_the_end(
                [self._program, "down", "--dir", self._folder], log, timeout=120
            )
            self._up = None
