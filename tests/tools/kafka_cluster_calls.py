# SPDX-License-Identifier: Apache-2.0
"""What the tests of tools/kafka-cluster share: calling it, and looking at what it leaves."""

import base64
import glob
import os
import shlex
import subprocess
import sys
import time
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
sys.path.insert(0, os.path.normpath(TOOLS))

from kafka_cluster import process  # noqa: E402

SCRIPT = os.path.normpath(os.path.join(TOOLS, "kafka-cluster"))
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
FAILED, USAGE, MISSING, NO_JARS, WRONG_STATE = 1, 2, 3, 4, 5


def command(*arguments):
    return [sys.executable, SCRIPT, *map(str, arguments)]


def call(*arguments, **options):
    """Run tools/kafka-cluster; the finished process with stdout and stderr as text."""
    options = {"capture_output": True, "text": True, "timeout": 300, **options}
    return subprocess.run(command(*arguments), stdin=subprocess.DEVNULL, **options)


def need(condition, reason):
    """Skip without what a test needs; in CI its absence is a failure."""
    if not condition:
        if os.environ.get("CI") == "true":
            raise AssertionError(f"needed in CI: {reason}")
        raise unittest.SkipTest(reason)


def parse_environment(text):
    """What a shell makes of NAME=value lines."""
    return dict(word.split("=", 1) for word in shlex.split(text))


def token_parts(token):
    """Header, claims and signature of a JSON Web Token, decoded."""
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


def left_in(place):
    """Command lines of live processes that work in a folder or name it (but for the tests)."""
    found = []
    for entry in glob.glob("/proc/[0-9]*"):
        pid = int(os.path.basename(entry))
        try:
            with open(f"{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                line = file.read().replace("\0", " ")
            cwd = os.readlink(f"{entry}/cwd")
        except OSError:
            continue
        stat = process.stat_of(pid)
        if pid != os.getpid() and stat and stat[0] not in "ZX":
            if cwd.startswith(place) or place in line:
                found.append(f"{pid} {line}")
    return found


def wait_until(condition, seconds=60.0):
    """Poll; whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
