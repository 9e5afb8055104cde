# SPDX-License-Identifier: Apache-2.0
"""Builds what belongs to this project: the release, the yardstick, our driver."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable

from .measure import Files, Way
from .scenarios import OURS

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"
BUILD_FOR_SIZE = ROOT / "build" / "bench-size"
TARGETS = {
    "yardstick": "bench/yardstick/yardstick",
    "corpus": "bench/yardstick/bench-corpus",
    "counter": "bench/drivers/libcount-allocations.so",
    "launcher": "bench/drivers/bench-launch",
    "driver": "bench/drivers/kafka_asio/driver-kafka-asio",
    "topic": "bench/drivers/kafka_asio/bench-topic",
    "limits": "bench/limits/bench-limits",
}


def build(install: bool, say: Callable[[str], None]) -> dict[str, pathlib.Path]:
    """Their programs by name. Ends the program with a sentence if that is not possible."""
    if install:
        ended = subprocess.run([ROOT / "tools/install-deps", "build", "bench"])
        if ended.returncode != 0:
            raise SystemExit("bench/run: the packages above are needed (or --no-install)")
    for tool in ("meson", "ninja", "pkg-config", "taskset", "openssl"):
        if not shutil.which(tool):
            raise SystemExit(f"bench/run: {tool} is not installed")
    set_up(BUILD, [], say)
    say("building the release, the yardstick and the driver")
    make(BUILD, list(TARGETS.values()))
    return built()


def set_up(folder: pathlib.Path, more: list[str], say: Callable[[str], None]) -> None:
    """Configures a release in `folder`, unless that was done before."""
    if (folder / "build.ninja").exists():
        return
    say(f"setting up {folder.relative_to(ROOT)}")
    options = ["--buildtype=release", "-Dbench=enabled", "-Dtests=disabled", "-Dtools=disabled"]
    command = ["meson", "setup", *options, *more, folder, ROOT]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if ended.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise SystemExit(f"bench/run: meson setup failed:\n{ended.stdout}")


def make(folder: pathlib.Path, targets: list[str]) -> None:
    command = ["ninja", "-C", folder, "--quiet", *targets]
    if subprocess.run(command, stdout=sys.stderr).returncode != 0:
        raise SystemExit("bench/run: the build failed; the compiler's messages are above")


def built() -> dict[str, pathlib.Path]:
    """The programs that build() has made."""
    return {name: BUILD / target for name, target in TARGETS.items()}


def certificate(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """A server certificate for loopback, which is its own authority, and its key."""
    made, key = folder / "certificate.pem", folder / "key.pem"
    if not made.exists():
        command = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "3650", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key),
            "-out", str(made),
        ]  # fmt: skip
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return made, key


def files(programs: dict[str, pathlib.Path], cache: pathlib.Path) -> Files:
    cache.mkdir(parents=True, exist_ok=True)
    made, key = certificate(cache)
    return Files(
        yardstick=programs["yardstick"],
        corpora=cache,
        corpus_maker=programs["corpus"],
        counter=programs["counter"],
        launcher=programs["launcher"],
        certificate=made,
        key=key,
    )


def own_ways(programs: dict[str, pathlib.Path]) -> dict[str, Way]:
    """Every way of our driver, as it lists them itself."""
    driver = str(programs["driver"])
    listed = subprocess.run([driver, "ways"], capture_output=True, text=True, check=True).stdout
    names = [line.split("\t")[0] for line in listed.splitlines() if line]
    return {name: Way(OURS, name, (driver,)) for name in names}


def stripped_size(program: pathlib.Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / program.name
        subprocess.run(["strip", "-o", copy, program], check=True)
        return copy.stat().st_size


def text_size(library: pathlib.Path) -> int:
    """Bytes of code."""
    listed = subprocess.run(["size", "-A", library], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return next(int(row[1]) for row in rows if row and row[0] == ".text")


# What the goals look for in the sizes.
STATIC_PROGRAM, SHARED_TEXT = "program, static, without TLS", "code of the shared library"


def build_for_size(say: Callable[[str], None]) -> None:
    """Our driver without TLS, linked with the static library, and the shared library."""
    options = [
        "-Dopenssl=disabled", "-Dkerberos=disabled", "-Doidc=disabled", "-Djson=disabled",
        "-Ddefault_library=shared", "-Dcpp_args=-ffunction-sections -fdata-sections",
        "-Dcpp_link_args=-Wl,--gc-sections",
    ]  # fmt: skip
    set_up(BUILD_FOR_SIZE, options, say)
    say("building the program and the library that are weighed")
    make(BUILD_FOR_SIZE, [TARGETS["driver"], str(shared_library().relative_to(BUILD_FOR_SIZE))])


def shared_library() -> pathlib.Path:
    """The file with its version, to which Meson's links lead before it is there."""
    folder = BUILD_FOR_SIZE / "lib"
    name = (folder / "libkafka-asio.so").resolve().name
    return folder / name


def weighed() -> dict[str, int]:
    """The sizes of what build_for_size() has made."""
    return {
        STATIC_PROGRAM: stripped_size(BUILD_FOR_SIZE / TARGETS["driver"]),
        SHARED_TEXT: text_size(shared_library()),
    }


def sizes(client: str, program: pathlib.Path) -> dict[str, int]:
    """Bytes of the stripped driver, and of its client's own library where that is apart."""
    parts = {"program": stripped_size(program)}
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    for line in listed.splitlines():
        name, _, where = line.partition("=>")
        if client in name and where.strip().startswith("/"):
            parts[name.strip()] = stripped_size(pathlib.Path(where.split()[0]).resolve())
    return parts
