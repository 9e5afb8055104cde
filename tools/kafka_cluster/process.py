# SPDX-License-Identifier: Apache-2.0
"""Processes: who they are, whether they live, and children that die with their parent."""

import ctypes
import os
import signal
import subprocess
import time

from .faults import FAILED, Fault

PR_SET_PDEATHSIG = 1

# Loaded here because the child may not allocate between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True)


def parse_stat(text):
    """State letter and start time (in clock ticks since boot) from /proc/PID/stat.

    The second field is the program's name in parentheses and may itself hold spaces and
    parentheses, so the fields are counted from the last one.
    """
    fields = text[text.rindex(")") + 1 :].split()
    return fields[0], int(fields[19])


def stat_of(pid):
    """(state, start time) of a process, or None if there is none of that pid."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return parse_stat(file.read())
    except (FileNotFoundError, ProcessLookupError):
        return None


def start_time(pid):
    """The start time that, with the pid, names one process for good; None if it is not alive."""
    found = stat_of(pid)
    return found[1] if found and found[0] not in "ZX" else None


def is_alive(pid, start):
    """Whether exactly that process lives: a recycled pid has another start time.

    A zombie has ended; it stays one for long where process 1 does not reap (containers).
    """
    return start is not None and start_time(pid) == start


def signal_exactly(pid, start, number):
    """Send a signal unless the process has ended or its pid belongs to another one by now."""
    if is_alive(pid, start):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def wait_gone(pid, start, seconds):
    """Wait until that process has ended; False if it has not within `seconds`."""
    deadline = time.monotonic() + seconds
    while is_alive(pid, start):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def die_with_parent():
    """A preexec_fn: the kernel kills the child when its parent ends, however it ends.

    The setting survives exec. It follows the parent's *thread*, so children must be started from
    the main thread.
    """
    parent = os.getpid()

    def in_child():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before prctl
            os._exit(127)

    return in_child


def spawn(argv, **options):
    """Popen of a child that cannot outlive this process."""
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent(), **options
    )


def run_all(jobs, what, timeout):
    """Run short commands side by side; each job is (argv, options of Popen).

    Returns their output (stdout with stderr). Raises Fault if one fails or `timeout` seconds pass;
    none of them is left running, whatever is raised meanwhile.
    """
    running = []
    try:
        for argv, options in jobs:
            running.append(
                spawn(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                      errors="replace", **options)
            )
        deadline = time.monotonic() + timeout
        outputs = []
        for child in running:
            try:
                output, _ = child.communicate(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise Fault(FAILED, f"{what} did not end within {timeout} s") from None
            if child.returncode != 0:
                raise Fault(FAILED, f"{what} failed with status {child.returncode}", output)
            outputs.append(output)
        return outputs
    finally:
        for child in running:
            if child.poll() is None:
                child.kill()
                child.wait()
            if child.stdout:
                child.stdout.close()


def run(argv, what, timeout=60, **options):
    """Run one short command; see run_all."""
    return run_all([(argv, options)], what, timeout)[0]
