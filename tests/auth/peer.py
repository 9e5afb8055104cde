# SPDX-License-Identifier: Apache-2.0
"""What the tests of authentication share: the helper program sasl-peer."""

import os
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD") or ROOT / "build" / "check")


def cannot(reason):
    """Skips; where CI=true a test that cannot run has failed."""
    if os.environ.get("CI") == "true":
        raise AssertionError(f"needed in CI: {reason}")
    raise unittest.SkipTest(reason)


def run(what, env=None, **arguments):
    """Runs sasl-peer; its exit code and its lines as {name: [values]}."""
    path = BUILD / "tests" / "auth" / "sasl-peer"
    if not path.exists():
        cannot(f"{path} is not built: tools/test builds it, or KAFKA_ASIO_BUILD names a build")
    ended = subprocess.run(
        [path, what, *(f"{name}={value}" for name, value in arguments.items())],
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    if ended.returncode not in (0, 1):
        raise AssertionError(f"sasl-peer exited with {ended.returncode}:\n{ended.stderr}")
    lines = {}
    for line in ended.stdout.splitlines():
        name, _, value = line.partition("=")
        lines.setdefault(name, []).append(value)
    return ended.returncode, lines
