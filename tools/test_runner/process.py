# SPDX-License-Identifier: Apache-2.0
"""Runs one program: with a time limit, its output in a file, and nothing left behind."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Ended:
    code: int  # negative: the signal that ended it
    seconds: float
    output: str  # standard output and error, as they came
    timed_out: bool = False

    def __str__(self) -> str:
        if self.timed_out:
            return f"killed after {self.seconds:.0f} s without an end"
        if self.code < 0:
            with contextlib.suppress(ValueError):
                return f"ended by {signal.Signals(-self.code).name}"
        return f"ended with exit code {self.code}"


_lock = threading.Lock()
_running: set[int] = set()
_stopped = False


def run(
    command: Sequence[str | pathlib.Path],
    log: pathlib.Path,
    timeout: float,
    env: Mapping[str, str] | None = None,
    cwd: pathlib.Path | None = None,
) -> Ended:
    """Runs a command in a process group of its own, which is killed when the time is over.

    The output goes to a file, not a pipe: a grandchild that keeps it open holds up nobody.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with log.open("wb") as out:
        with _lock:
            if _stopped:
                return Ended(-signal.SIGTERM, 0.0, "not started: the run was interrupted")
            child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                start_new_session=True,
            )
            _running.add(child.pid)
        timed_out = False
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            # Also what the program left running in its group.
            _kill_group(child.pid)
            child.wait()
            with _lock:
                _running.discard(child.pid)
    output = log.read_bytes().decode("utf-8", "replace")
    return Ended(child.returncode, time.monotonic() - began, output, timed_out)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def stop_all() -> None:
    """Ends every program that `run` has going; later ones do not start."""
    global _stopped
    with _lock:
        _stopped = True
        for pid in _running:
            _kill_group(pid)


def run_to_the_end(command: Sequence[str | pathlib.Path], log: pathlib.Path, timeout: float) -> int:
    """Runs a command that cleans up: also after `stop_all`."""
    with log.open("wb") as out:
        try:
            return subprocess.run(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                start_new_session=True,
            ).returncode
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
