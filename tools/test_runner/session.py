# SPDX-License-Identifier: Apache-2.0
"""One run of tools/test, from the packages to the last line."""

import concurrent.futures
import contextlib
import dataclasses
import fcntl
import pathlib
import sys
import time
from collections.abc import Iterator, Sequence

import aarch64
import build
import install
import process
import programs
import python_tests
import variants
from build import Build, BuildError, MesonTest
from cluster import Cluster
from jars import Jars
from programs import ListError, Program
from results import Report, Result, failed, passed, skipped
from selection import Selection
from variants import Variant

TIMEOUT = 300.0
MESON_TIMEOUT = 30.0  # what Meson assumes where the build says nothing
LONG_SUITES = {"fuzz", "long"}
PLAIN_SUITES = {"examples", "fuzz", "plain"}


@dataclasses.dataclass(frozen=True)
class Options:
    root: pathlib.Path
    names: tuple[str, ...]
    long: bool
    list: bool
    install: bool
    verbose: bool
    jobs: int
    timeout: float | None
    ci: bool


@dataclasses.dataclass
class Unit:
    """A program with the cases that are to run."""

    program: Program
    python: bool = False
    needs_cluster: bool = False
    needs_jars: bool = False
    listed: list[str] = dataclasses.field(default_factory=list)
    chosen: list[str] = dataclasses.field(default_factory=list)
    broken: str | None = None  # why its cases cannot be listed

    def list_cases(self) -> None:
        try:
            if self.python:
                self.listed = python_tests.list_cases(self.program)
            elif self.program.doctest:
                self.listed = programs.list_cases(self.program)
            else:
                self.listed = [""]
        except ListError as e:
            self.broken = str(e)

    def titles(self) -> list[str]:
        if self.broken:
            return [self.program.name]
        return [self.program.title(case) if case else self.program.name for case in self.chosen]

    def run(self) -> list[Result]:
        if self.broken:
            return [failed(self.program.name, self.broken)]
        cases = None if self.chosen == self.listed else self.chosen
        module = python_tests if self.python else programs
        return module.run(self.program, cases, self.listed)


class Session:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._root = options.root
        self._out = options.root / "build"
        self._check = Build(self._root, "check", build.CHECK)
        self._report = Report(options.verbose)
        self._cluster = Cluster(
            self._root, self._check.path / "kafka-cluster", may_install=options.install
        )
        self._jars = Jars(self._root, self._check.path, may_install=options.install)
        self._env = {**build.SANITIZER_ENV, **build.symbolizer_env()}
        self._env["KAFKA_ASIO_ROOT"] = str(self._root)
        self._env["KAFKA_ASIO_BUILD"] = str(self._check.path)
        if options.long:
            self._env["KAFKA_ASIO_LONG"] = "1"

    def run(self) -> int:
        with self._alone():
            return self._run()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two runs in one tree would build into each other's folders: the second waits."""
        self._out.mkdir(exist_ok=True)
        with (self._out / ".test-lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("waiting for another tools/test in this tree", file=sys.stderr)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _run(self) -> int:
        units = self._prepare()
        if units is None:
            return self._report.finish()
        selection = Selection(self._options.names, [unit.program.name for unit in units])
        self._choose(units, selection)
        unused = selection.unused()
        if unused:
            for name in unused:
                print(f"tools/test: no test fits {name!r} (try tools/test --list)", file=sys.stderr)
            return 2
        units = [unit for unit in units if unit.chosen or unit.broken]
        if self._options.list:
            for unit in units:
                for title in unit.titles():
                    print(title)
            return 0
        apache = [unit for unit in units if unit.needs_jars]
        alone = [unit for unit in units if not unit.needs_cluster and not unit.needs_jars]
        together = [unit for unit in units if unit.needs_cluster]
        if together:
            self._report.note("starting a Kafka cluster beside the tests that need none")
            self._cluster.start()
        self._run_parallel(alone)
        self._run_with_jars(apache)
        self._run_with_cluster(together)
        return self._report.finish()

    def clean_up(self) -> None:
        self._cluster.stop()

    # --- building ---

    def _prepare(self) -> list[Unit] | None:
        """Installs and builds. None when there is nothing to run then."""
        if self._options.install:
            problem = install.install(self._root, ["build", "tests"])
            if problem:
                self._report.add("install", [failed("install", problem)])
                return None
        if not self._compile("build/check", self._check):
            return None
        units = self._units_of(self._check, self._env)
        units += self._python_units("tools")
        units += self._python_units("auth")
        units += self._python_units("bench")
        units += self._python_units("apache", needs_jars=True)
        units += self._python_units("cluster", needs_cluster=True)
        if self._options.long:
            for variant in variants.VARIANTS:
                units += self._variant_units(variant)
            units += self._aarch64_units()
        return units

    def _compile(self, name: str, tree: Build) -> bool:
        began = time.monotonic()
        # The list must be nothing but the list.
        if not self._options.list:
            self._report.note(f"building {name}")
        try:
            tree.configure()
            tree.compile(self._options.jobs)
        except BuildError as e:
            self._report.add(name, [failed(f"{name}: build", str(e))], time.monotonic() - began)
            return False
        return True

    def _variant_units(self, variant: Variant) -> list[Unit]:
        tree = Build(self._root, variant.folder, variant.recipe)
        if not self._compile(f"build/{variant.folder}", tree):
            return []
        if not self._options.list:
            self._report.add(variant.name, [passed(f"{variant.name}: build")])
        # More seeds are for the first build: under an emulator or TSan they would take hours.
        env = {name: value for name, value in self._env.items() if name != "KAFKA_ASIO_LONG"}
        return self._units_of(tree, env, variant)

    def _aarch64_units(self) -> list[Unit]:
        name = "aarch64"
        try:
            if self._options.install:
                problem = install.install(self._root, ["aarch64"], quiet=True)
                if problem:
                    raise aarch64.Unavailable(problem)
            recipe = aarch64.recipe(self._out)
        except aarch64.Unavailable as e:
            if not self._options.list:
                self._report.add(name, [skipped(name, str(e))])
            return []
        return self._variant_units(
            Variant(name, name, recipe, slower=10, wrapper=aarch64.wrapper(self._out))
        )

    # --- what there is to run ---

    def _units_of(
        self, tree: Build, env: dict[str, str], variant: Variant | None = None
    ) -> list[Unit]:
        units = []
        for test in tree.tests():
            if variant is not None and not test.suites & variant.suites:
                continue
            if test.suites & LONG_SUITES and not self._options.long:
                continue
            prefix = f"{variant.name}: " if variant else ""
            plain = bool(test.suites & PLAIN_SUITES) or len(test.command) > 1
            command = (*(variant.wrapper if variant else ()), *test.command)
            program = Program(
                name=prefix + test.name,
                command=command,
                log=tree.path / "test-logs" / f"{file_name(test.name)}.log",
                timeout=self._timeout(test, variant),
                env={**env, **test.env, **({"KAFKA_ASIO_BUILD": str(tree.path)})},
                cwd=pathlib.Path(test.workdir) if test.workdir else self._root,
                doctest=not plain,
            )
            units.append(Unit(program, needs_cluster="cluster" in test.suites))
        return units

    def _python_units(
        self, folder: str, needs_cluster: bool = False, needs_jars: bool = False
    ) -> list[Unit]:
        units = []
        for file in sorted((self._root / "tests" / folder).glob("test_*.py")):
            program = Program(
                name=f"{folder}/{file.stem}",
                command=(str(file),),
                log=self._check.path / "test-logs" / f"{folder}-{file.stem}.log",
                timeout=self._options.timeout or TIMEOUT * (10 if self._options.long else 2),
                env=self._env,
                cwd=self._root,
            )
            units.append(
                Unit(program, python=True, needs_cluster=needs_cluster, needs_jars=needs_jars)
            )
        return units

    def _timeout(self, test: MesonTest, variant: Variant | None) -> float:
        given = test.timeout if test.timeout != MESON_TIMEOUT else 0
        seconds = self._options.timeout or max(TIMEOUT, given)
        if variant:
            return seconds * variant.slower
        # Twenty times as many seeds, with others beside it.
        return seconds * (4 if self._options.long and not self._options.timeout else 1)

    def _choose(self, units: Sequence[Unit], selection: Selection) -> None:
        with concurrent.futures.ThreadPoolExecutor(self._options.jobs) as pool:
            list(pool.map(Unit.list_cases, units))
        for unit in units:
            # One whose cases are unknown counts as one test, chosen by its own name.
            chosen = selection.cases(unit.program.name, unit.listed or [""])
            if unit.broken:
                unit.broken = unit.broken if chosen else None
            else:
                unit.chosen = chosen if unit.listed else []

    # --- running ---

    def _run_parallel(self, units: Sequence[Unit]) -> None:
        pool = concurrent.futures.ThreadPoolExecutor(self._options.jobs)
        try:
            for future in [pool.submit(self._run_unit, unit) for unit in units]:
                future.result()
        except BaseException:
            # The programs end first: their threads wait for them.
            process.stop_all()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _run_unit(self, unit: Unit) -> None:
        began = time.monotonic()
        results = unit.run()
        self._report.add(unit.program.name, results, time.monotonic() - began)

    def _run_with_jars(self, units: Sequence[Unit]) -> None:
        """The tests that run Apache's own code, without a cluster."""
        if not units:
            return
        self._jars.ensure()
        ready = [unit for unit in units if self._can_run(unit, "jars of Apache's", self._jars)]
        self._run_parallel(ready)

    def _run_with_cluster(self, units: Sequence[Unit]) -> None:
        if not units:
            return
        self._cluster.wait()
        for unit in units:
            self._cluster.refresh()
            if self._can_run(unit, "real cluster", self._cluster):
                self._run_unit(unit)

    def _can_run(self, unit: Unit, what: str, source: Cluster | Jars) -> bool:
        """Gives a unit what it needs, or reports why it does not run."""
        titles = unit.titles()
        if source.missing is not None and not self._options.ci:
            reason = f"no {what}: {source.missing}"
            self._report.add(unit.program.name, [skipped(title, reason) for title in titles])
        elif source.missing is not None or source.broken is not None:
            detail = f"no {what}: {source.missing or source.broken}"
            self._report.add(unit.program.name, [failed(title, detail) for title in titles])
        else:
            env = {**unit.program.env, **source.env}
            unit.program = dataclasses.replace(unit.program, env=env)
            return True
        return False


def file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip("-") or "test"
