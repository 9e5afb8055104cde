# SPDX-License-Identifier: Apache-2.0
"""What the tests against Apache's own code share: the jars, Java, and our helper programs."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD") or ROOT / "build" / "check")
UNAVAILABLE = (3, 4)  # how tools/kafka-cluster says that something cannot be had


def cannot(reason):
    """Skips; where CI=true a test that cannot run has failed."""
    if os.environ.get("CI") == "true":
        raise AssertionError(f"needed in CI: {reason}")
    raise unittest.SkipTest(reason)


def jars():
    """The folder with kafka-clients and what it needs."""
    given = os.environ.get("KAFKA_ASIO_JARS")
    if given:
        return pathlib.Path(given)
    ended = subprocess.run(
        [sys.executable, ROOT / "tools" / "kafka-cluster", "jars"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if ended.returncode in UNAVAILABLE:
        cannot(ended.stderr.strip().splitlines()[-1])
    if ended.returncode != 0:
        raise AssertionError(ended.stderr)
    return pathlib.Path(ended.stdout.strip())


def clients_jar():
    (jar,) = jars().glob("kafka-clients-*.jar")
    return jar


def helper(name):
    """A program of tests/apache/meson.build."""
    path = BUILD / "tests" / "apache" / name
    if not path.exists():
        cannot(f"{path} is not built: tools/test builds it, or KAFKA_ASIO_BUILD names a build")
    return path


def class_path():
    """Apache's jars, and the Java sources here, compiled once for each state of them."""
    for program in ("java", "javac"):
        if not shutil.which(program):
            cannot(f"{program} is missing: install Debian's package default-jdk-headless")
    folder = jars()
    sources = sorted(HERE.glob("*.java"))
    digest = hashlib.sha256(str(folder).encode())
    for source in sources:
        digest.update(source.read_bytes())
    classes = BUILD / "apache-java"
    classes.mkdir(parents=True, exist_ok=True)
    stamp = classes / "stamp"
    with (classes / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest.hexdigest():
            for old in classes.glob("*.class"):
                old.unlink()
            ended = subprocess.run(
                ["javac", "-Xlint:all,-processing,-classfile", "-Werror", "-proc:none", "-cp",
                 f"{folder}/*", "-d", classes, *sources],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )  # fmt: skip
            if ended.returncode != 0:
                raise AssertionError(f"javac failed\n{ended.stdout}")
            stamp.write_text(digest.hexdigest())
    return f"{classes}:{folder}/*"


def run_java(main_class, *arguments, timeout=500):
    """Runs a main class; its last line counts the cases. Fails with what it said.

    The JVM starts our helper itself and talks to it through pipes.
    """
    command = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    command += ["-XX:-UsePerfData", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
    command += ["-cp", class_path(), main_class]
    child = subprocess.Popen(
        [*command, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    with contextlib.ExitStack() as stack:
        stack.callback(child.wait)
        stack.callback(child.kill)
        try:
            output, _ = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{main_class} took more than {timeout} s") from None
    if child.returncode != 0:
        raise AssertionError(f"{main_class} ended with {child.returncode}\n{output[-8000:]}")
    print(output, end="")
    return output


def go_program(package, target):
    """Builds a package of tests/apache/kafka_go as the file `target`."""
    go = shutil.which("go")
    if go is None:
        cannot("go is missing: install Debian's golang, or a newer Go from its makers")
    # The toolchain that is there, the versions of go.sum, and a program without C.
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off",
           "CGO_ENABLED": "0"}  # fmt: skip

    def call(*command):
        return subprocess.run(
            [go, *command],
            cwd=HERE / "kafka_go",
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    fetched = call("mod", "download")
    if fetched.returncode != 0:
        lines = fetched.stdout.strip().splitlines() or ["it did not say why"]
        cannot(f"kafka-go could not be had: {lines[0]}")
    built = call("build", "-trimpath", "-buildvcs=false", "-o", target, package)
    if built.returncode != 0:
        raise AssertionError(f"kafka_go does not build\n{built.stdout}")
    return target


class Peer:
    """Our side, tests/apache/wire_peer.cpp, asked from Python. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [helper("wire-peer")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, operation, name="", version=0, payload=b""):
        """The answer's bytes. Raises ValueError with our side's reason."""
        question = operation.encode() + struct.pack(">H", len(name)) + name.encode()
        question += struct.pack(">h", version) + payload
        with self._lock:
            self._process.stdin.write(struct.pack(">i", len(question)) + question)
            self._process.stdin.flush()
            size, ok = struct.unpack(">i?", self._process.stdout.read(5))
            answer = self._process.stdout.read(size - 1)
        if not ok:
            raise ValueError(f"{operation} {name} v{version}: {answer.decode()}")
        return answer

    def close(self):
        """Ends it; its exit code says whether a sanitizer found something."""
        self._process.stdin.close()
        self._process.stdout.close()
        return self._process.wait()
