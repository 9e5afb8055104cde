# SPDX-License-Identifier: Apache-2.0
"""The real Kafka cluster that the cluster tests share: started once, always taken down."""

import contextlib
import os
import pathlib
import re
import shlex
import subprocess
import threading

import install
import process

# How tools/kafka-cluster says that a program or the Java package repository cannot be had.
UNAVAILABLE = (3, 4)
# A cluster is there already: left by a run that was killed, and about to end with it.
OCCUPIED = 5
START_TIMEOUT = 900.0
# Short, so that tests see SASL clients authenticate again.
REAUTH_MS = 4000
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
        code = self._bring_up(log)
        if code == OCCUPIED:
            self._take_down()
            code = self._bring_up(log)
        if code is None:
            self.broken = f"kafka-cluster up took more than {START_TIMEOUT:.0f} s"
            return
        said = log.read_text("utf-8", "replace").strip()
        if code == 0:
            self.env = settings_in(log.with_suffix(".env").read_text("utf-8", "replace"))
        elif code in UNAVAILABLE:
            self.missing = reason_in(said)
        else:
            self.broken = f"kafka-cluster up ended with exit code {code}\n{said}"

    def _bring_up(self, log: pathlib.Path) -> int | None:
        """Runs `up`, its lines beside the log. Returns its exit code, None when it took too long."""
        command = ["up", "--secure", "--quick", "--reauth-ms", str(REAUTH_MS)]
        command += ["--owner", str(os.getpid()), "--dir", str(self._folder)]
        with log.open("wb") as err, log.with_suffix(".env").open("wb") as out:
            # Not process.run: the nodes outlive this command.
            self._up = subprocess.Popen(
                [str(self._program), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            try:
                return self._up.wait(START_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._up.terminate()
                return None

    def refresh(self) -> None:
        """Tests may move the nodes to other ports: the next ones get the addresses of now."""
        if not self.env:
            return
        # One that cannot say so is broken: the tests will say that better.
        with contextlib.suppress(subprocess.TimeoutExpired):
            said = subprocess.run(
                [str(self._program), "env", "--dir", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=60,
            )
            self.env.update(settings_in(said.stdout.decode("utf-8", "replace")))

    def _take_down(self) -> None:
        log = self._folder.with_name("kafka-cluster-down.log")
        process.run_to_the_end([self._program, "down", "--dir", self._folder], log, timeout=120)

    def stop(self) -> None:
        if self._up is not None and self._up.poll() is None:
            self._up.terminate()  # interrupted while it starts
        self.wait()
        if self._up is not None:
            self._take_down()
            self._up = None


def settings_in(said: str) -> dict[str, str]:
    """The NAME=value lines among what kafka-cluster printed; the values are quoted for a shell."""
    lines = (line.split("=", 1) for line in said.splitlines() if SETTING.match(line))
    return {name: "".join(shlex.split(value)) for name, value in lines}


def reason_in(said: str) -> str:
    """The line in which kafka-cluster says why it cannot do something."""
    named = [line for line in said.splitlines() if line.startswith("kafka-cluster:")]
    return (named or said.splitlines() or ["kafka-cluster gave no reason"])[-1]
