# SPDX-License-Identifier: Apache-2.0
"""A build folder: configured once, rebuilt by Ninja, asked for its tests."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

# Halt at the first finding, with a stack; the exit code tells a finding from a failed check.
FINDING = 99
SANITIZER_ENV = {
    "ASAN_OPTIONS": f"detect_leaks=1:detect_stack_use_after_return=1:exitcode={FINDING}",
    "LSAN_OPTIONS": f"exitcode={FINDING}",
    "UBSAN_OPTIONS": f"halt_on_error=1:print_stacktrace=1:exitcode={FINDING}",
    "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:exitcode={FINDING}",
}


class BuildError(Exception):
    """A step of the build failed; the text is its output."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a folder is configured. A change of it configures the folder anew."""

    options: tuple[str, ...]
    compiler: tuple[str, str] = ("clang", "clang++")  # CC, CXX

    def text(self, root: pathlib.Path) -> str:
        return "\n".join([str(root), *self.compiler, *self.options]) + "\n"


WERROR = "-Dwerror=true"
CHECK = Recipe(
    (
        # What is not found fails the configuration, instead of leaving its tests out.
        "-Dauto_features=enabled",
        # Off by default, so that a user's build does not look for Google Benchmark.
        "-Dbench=enabled",
        "-Doptimization=1",
        "-Ddebug=true",
        "-Db_sanitize=address,undefined",
        "-Db_lundef=false",
        WERROR,
    )
)


@dataclasses.dataclass(frozen=True)
class MesonTest:
    name: str
    suites: frozenset[str]
    command: tuple[str, ...]
    env: Mapping[str, str]
    workdir: str | None
    timeout: float


class Build:
    def __init__(self, root: pathlib.Path, folder: str, recipe: Recipe) -> None:
        self.root = root
        self.path = root / "build" / folder
        self._recipe = recipe

    def configure(self) -> None:
        stamp = self.path / ".recipe"
        wanted = self._recipe.text(self.root)
        if (self.path / "build.ninja").exists():
            if stamp.exists() and stamp.read_text() == wanted:
                return
            # Configured in another way, or moved with its absolute paths.
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        compilers = dict(zip(("CC", "CXX"), self._recipe.compiler))
        command = ["meson", "setup", *self._recipe.options, str(self.path), str(self.root)]
        try:
            ended = subprocess.run(
                command,
                env={**os.environ, **compilers},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except FileNotFoundError as e:
            raise BuildError("meson is not installed (Debian package meson)") from e
        if ended.returncode != 0:
            raise BuildError(ended.stdout.decode("utf-8", "replace"))
        stamp.write_text(wanted)

    def compile(self, jobs: int, targets: Sequence[str] = ()) -> None:
        """Builds; on a terminal with Ninja's progress, elsewhere in silence."""
        command = ["ninja", "-C", str(self.path), f"-j{jobs}", "-k5"]
        if not sys.stdout.isatty():
            command.append("--quiet")
        try:
            ended = subprocess.run([*command, *targets], stdin=subprocess.DEVNULL)
        except FileNotFoundError as e:
            raise BuildError("ninja is not installed (Debian package ninja-build)") from e
        if ended.returncode != 0:
            raise BuildError("the compiler's messages are above")

    def tests(self) -> list[MesonTest]:
        listed = json.loads((self.path / "meson-info" / "intro-tests.json").read_text())
        return [
            MesonTest(
                name=test["name"],
                # Meson prefixes a suite with the project: "kafka-asio:unit".
                suites=frozenset(suite.rpartition(":")[2] for suite in test["suite"]),
                command=tuple(test["cmd"]),
                env=test["env"],
                workdir=test["workdir"],
                timeout=float(test["timeout"]),
            )
            for test in listed
        ]


def symbolizer_env() -> dict[str, str]:
    """Clang's sanitizers look for `llvm-symbolizer`; Debian may have it with a version only."""
    if shutil.which("llvm-symbolizer"):
        return {}
    for version in range(30, 13, -1):
        found = shutil.which(f"llvm-symbolizer-{version}")
        if found:
            names = ("ASAN_SYMBOLIZER_PATH", "TSAN_SYMBOLIZER_PATH", "UBSAN_SYMBOLIZER_PATH")
            return dict.fromkeys(names, found)
    return {}
