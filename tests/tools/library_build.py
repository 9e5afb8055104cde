# SPDX-License-Identifier: Apache-2.0
"""The libraries, built and installed as a user would: for the tests that stand outside of the tree.

By default that is one combination. It is compiled once, inside of the Meson consumer's project, and
installed from there, static and shared.
"""

import contextlib
import dataclasses
import fcntl
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD", ROOT / "build" / "check"))
LONG = bool(os.environ.get("KAFKA_ASIO_LONG"))
CONSUMERS = ROOT / "tests" / "consumers"
OUT = BUILD / "consumers"
JOBS = len(os.sched_getaffinity(0))


class Failed(AssertionError):
    """A command failed; the text is the command and its output."""


def run(command, cwd=None, timeout=1500, **env):
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **{name: str(value) for name, value in env.items()}},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout,
    )
    if ended.returncode != 0:
        raise Failed(f"{command} ended with {ended.returncode}\n{ended.stdout}")
    return ended.stdout


@dataclasses.dataclass(frozen=True)
class Combination:
    compiler: str  # g++ or clang++
    standard: str  # 20 or 23
    library: str  # static, shared or both

    @property
    def cpp_std(self):
        """As compilers of both kinds know it."""
        return {"20": "c++20", "23": "c++2b"}[self.standard]

    @property
    def folder(self):
        """One for static and shared: they have their objects in common."""
        return OUT / f"{self.compiler}-{self.standard}"

    @property
    def prefix(self):
        return self.folder / f"prefix-{self.library}"

    @property
    def env(self):
        cc = {"g++": "gcc", "clang++": "clang"}[self.compiler]
        ccache = "ccache " if shutil.which("ccache") else ""
        return {"CC": ccache + cc, "CXX": ccache + self.compiler}

    def options(self):
        # Meson 1.0 has no C++23 for these compilers: what comes later on the command line holds.
        return (f"-Dcpp_args=-std={self.cpp_std}", f"-Ddefault_library={self.library}")


DEFAULT = Combination("clang++", "20", "both")


@contextlib.contextmanager
def alone(folder):
    """Test files run side by side, and two of them want the same build."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copy_of(consumer, folder):
    """A consumer's project in a folder of its own, outside of the tree that it uses."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CONSUMERS / consumer, folder)
    shutil.copy(CONSUMERS / "app.cpp", folder)
    return folder


def configure(source, folder, combination, *options):
    """Configures a folder, or configures it anew: what has been compiled stays."""
    options = [*combination.options(), "-Doptimization=0", *options]
    prefix = f"--prefix={combination.prefix}"
    if (folder / "build.ninja").exists():
        run(["meson", "configure", *options, f"-Dprefix={combination.prefix}", folder])
    else:
        run(["meson", "setup", prefix, *options, folder, source], **combination.env)


def install(folder, combination):
    run(["ninja", "-C", folder, f"-j{JOBS}"])
    shutil.rmtree(combination.prefix, ignore_errors=True)
    run(["meson", "install", "--no-rebuild", "-C", folder])
    return combination.prefix


def subproject(combination):
    """The Meson consumer with this tree as its subproject, built. Returns its build folder."""
    source = combination.folder / "meson"
    if not source.exists():
        (copy_of("meson", source) / "subprojects").mkdir()
        (source / "subprojects" / "kafka-asio").symlink_to(ROOT)
    shutil.copy(CONSUMERS / "app.cpp", source)
    folder = combination.folder / "meson-build"
    forced = "--force-fallback-for=kafka-asio,kafka-asio-testing"
    # A subproject has options of its own.
    options = [option.replace("-D", "-Dkafka-asio:") for option in combination.options()]
    configure(source, folder, combination, forced, *options)
    run(["ninja", "-C", folder, f"-j{JOBS}", "app"])
    return folder


def installed(combination):
    """The libraries in a prefix. Returns the prefix."""
    with alone(combination.folder):
        if combination == DEFAULT:
            return install(subproject(combination), combination)
        folder = combination.folder / "build"
        # As a user would, but for the programs.
        configure(ROOT, folder, combination, "-Dtests=disabled", "-Dtools=disabled")
        return install(folder, combination)


def libdir(prefix):
    """Where the libraries are: Debian puts them into a folder named after the machine."""
    return next(prefix.rglob("pkgconfig")).parent
