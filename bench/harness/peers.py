#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gets the peers that the benchmarks compare with and builds their drivers, outside the tree.

Everything comes through a package's ordinary client (npm, Go, Maven), which knows where its
registry is. What a peer is made from is pinned here and in bench/drivers/go/go.sum.
"""

import argparse
import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence

DRIVERS = pathlib.Path(__file__).resolve().parent.parent / "drivers"
FETCH_SECONDS = 600
BUILD_SECONDS = 1800

LIBRDKAFKA_VERSION = "2.15.1"
# The only package with librdkafka's whole source among the registries' ordinary ones.
LIBRDKAFKA_PACKAGE = "@confluentinc/kafka-javascript@1.10.1"
LIBRDKAFKA_SHA256 = "ada7d703bb1d3237e2292bfabf438d663b6160c9f1ac2a2406b5dc4257c81b66"
KAFKA_CLIENTS_VERSION = "4.4.0"
SLF4J_VERSION = "1.7.36"  # what kafka-clients asks for
JAVA_FLOOR = 17
MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
# A heap that is never short, and the collector that costs a steady load least.
JVM_OPTIONS = ["-XX:+UseParallelGC", "-Xms1g", "-Xmx1g"]
CXX_OPTIONS = ["-std=c++20", "-O2", "-DNDEBUG", "-pthread"]

POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kafka-asio</groupId><artifactId>bench</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka-clients</artifactId>
      <version>{KAFKA_CLIENTS_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId>
      <version>{SLF4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""

Say = Callable[[str], None]
Command = Sequence[str | pathlib.Path]


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    version: str
    command: list[str]  # a driver's options follow
    ways: dict[str, str]  # what each is, in a few words
    env: dict[str, str]  # beside the environment


@dataclasses.dataclass(frozen=True)
class Skipped:
    name: str
    reason: str  # one sentence


class CannotBeHad(Exception):
    """No toolchain or no registry: the peer is skipped."""


class BuildFailed(Exception):
    """The peer is there, but it or its driver does not build: somebody has to look at it."""


def default_cache() -> pathlib.Path:
    """$XDG_CACHE_HOME/kafka-asio-bench; the standard ignores a relative XDG_CACHE_HOME."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = pathlib.Path(base) if os.path.isabs(base) else pathlib.Path.home() / ".cache"
    return root / "kafka-asio-bench"


def need(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise CannotBeHad(f"{program} is not installed (Debian package {package})")
    return found


def call(
    command: Command,
    folder: pathlib.Path,
    seconds: float,
    env: Mapping[str, str] | None = None,
) -> tuple[bool, str]:
    """Whether it succeeded, and what it printed."""
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False, f"{command[0]} did not end within {seconds:.0f} s"
    return ended.returncode == 0, ended.stdout


def fetch(
    what: str,
    command: Command,
    folder: pathlib.Path,
    env: Mapping[str, str] | None = None,
) -> None:
    done, output = call(command, folder, FETCH_SECONDS, env)
    if not done:
        raise CannotBeHad(f"{what} could not be had: {reason(output)}")


def build(
    what: str,
    command: Command,
    folder: pathlib.Path,
    env: Mapping[str, str] | None = None,
) -> None:
    done, output = call(command, folder, BUILD_SECONDS, env)
    if not done:
        raise BuildFailed(f"{what} does not build:\n{output[-6000:]}")


def reason(output: str) -> str:
    """The line of a client's output that says most: its first error, else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or line.startswith("go: ")]
    return (errors or lines[-1:] or ["it did not say why"])[0][:400]


def digest(*parts: str | pathlib.Path) -> str:
    """Of texts, of files, and of all files in folders."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            pieces = [part.encode()]
        elif part.is_dir():
            inside = sorted(path for path in part.rglob("*") if path.is_file())
            pieces = [str(p.relative_to(part)).encode() + b"\0" + p.read_bytes() for p in inside]
        else:
            pieces = [part.read_bytes()]
        for piece in pieces:
            total.update(len(piece).to_bytes(8, "little") + piece)
    return total.hexdigest()[:16]


@contextlib.contextmanager
def locked(path: pathlib.Path) -> Iterator[None]:
    """One process at a time; the lock goes with its holder, whatever happens to it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclasses.dataclass(frozen=True)
class Store:
    """The folder that keeps what was made."""

    cache: pathlib.Path
    say: Say
    makes: bool = True  # or takes only what is there

    def keep(self, name: str, make: Callable[[pathlib.Path], None]) -> pathlib.Path:
        """The folder as `make` filled it, now or in an earlier run. It is complete or absent."""
        target = self.cache / name
        if target.is_dir():
            return target
        if not self.makes:
            raise CannotBeHad(f"{name} is not in {self.cache}: bench/harness/peers.py makes it")
        self.cache.mkdir(parents=True, exist_ok=True)
        with locked(self.cache / f"{name}.lock"):
            if not target.is_dir():
                with tempfile.TemporaryDirectory(dir=self.cache, prefix="making-") as place:
                    filled = pathlib.Path(place) / "filled"
                    filled.mkdir()
                    make(filled)
                    filled.rename(target)
        return target


def driver_ways(name: str, command: list[str], env: dict[str, str]) -> dict[str, str]:
    done, output = call([*command, "ways"], pathlib.Path("/"), 60, env)
    ways = dict(line.split("\t", 1) for line in output.splitlines() if "\t" in line)
    if not done or not ways:
        raise BuildFailed(f"the driver of {name} does not list its ways:\n{output}")
    return ways


def peer(name: str, version: str, command: Command) -> Peer:
    words = [str(word) for word in command]
    return Peer(name, version, words, driver_ways(name, words, {}), {})


def unpack(archive: pathlib.Path, inside: str, target: pathlib.Path) -> None:
    """What lies under `inside`; a name that leads elsewhere ends it."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            if not member.name.startswith(inside):
                continue
            if not (member.isfile() or member.isdir()) or ".." in pathlib.Path(member.name).parts:
                raise CannotBeHad(f"{archive.name} holds {member.name}, which cannot be right")
            tar.extract(member, target)


def make_librdkafka(target: pathlib.Path, say: Say) -> None:
    npm = need("npm", "npm")
    need("make", "make")
    need("gcc", "gcc")
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        place = pathlib.Path(name)
        say(f"librdkafka: fetching {LIBRDKAFKA_PACKAGE} through npm")
        pack: list[str | pathlib.Path] = [
            npm,
            "pack",
            "--silent",
            "--prefix",
            place,
            "--pack-destination",
            place,
        ]
        fetch("librdkafka's source", [*pack, LIBRDKAFKA_PACKAGE], place)
        archives = list(place.glob("*.tgz"))
        if len(archives) != 1:
            raise CannotBeHad("npm brought no package with librdkafka's source")
        if hashlib.sha256(archives[0].read_bytes()).hexdigest() != LIBRDKAFKA_SHA256:
            raise CannotBeHad(f"npm's {LIBRDKAFKA_PACKAGE} is not the one that was pinned")
        unpack(archives[0], "package/deps/librdkafka/", place)
        source = place / "package/deps/librdkafka"
        say(f"librdkafka: building {LIBRDKAFKA_VERSION}, which takes a minute or more")
        (source / "configure").chmod(0o755)
        # Its own defaults (-O2) are those of its releases. No source is downloaded on the way.
        build("librdkafka", ["./configure", f"--prefix={target}"], source)
        jobs = str(len(os.sched_getaffinity(0)))
        build("librdkafka", ["make", "-j", jobs, "-C", "src"], source)
        build("librdkafka", ["make", "-C", "src", "install"], source)
    # What applications link against is the shared library.
    if not (target / "lib/librdkafka.so.1").exists():
        raise BuildFailed("librdkafka was built, but without lib/librdkafka.so.1")


def librdkafka(store: Store) -> Peer:
    compiler = need(os.environ.get("CXX", "c++").split()[-1], "g++")
    _, compiler_version = call([compiler, "--version"], pathlib.Path("/"), 60)
    made_from = digest(LIBRDKAFKA_PACKAGE, LIBRDKAFKA_SHA256)
    name = f"librdkafka-{LIBRDKAFKA_VERSION}"
    library = store.keep(f"{name}-{made_from}", lambda to: make_librdkafka(to, store.say))

    def make_driver(target: pathlib.Path) -> None:
        store.say("librdkafka: building the driver")
        sources = sorted((DRIVERS / "librdkafka").glob("*.cpp"))
        sources += sorted((DRIVERS / "common").glob("*.cpp"))
        command: list[str | pathlib.Path] = [compiler, *CXX_OPTIONS, *sources, "-o"]
        command += [target / "librdkafka-driver", "-isystem", library / "include"]
        command += [f"-L{library}/lib", f"-Wl,-rpath,{library}/lib", "-lrdkafka", "-ldl"]
        build("the driver of librdkafka", command, target)

    parts = [DRIVERS / "librdkafka", DRIVERS / "common", DRIVERS / "driver.hpp"]
    hashed = digest(made_from, str(library), compiler_version, *CXX_OPTIONS, *parts)
    driver = store.keep(f"{name}-driver-{hashed}", make_driver)
    return peer("librdkafka", LIBRDKAFKA_VERSION, [driver / "librdkafka-driver"])


def go_peer(name: str, module: str, program: str, store: Store) -> Peer:
    go = need("go", "golang, or a newer release from its makers")
    # The toolchain that is there, the versions of go.sum, and a program without C.
    env = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}
    source = DRIVERS / "go"
    listed = (source / "go.mod").read_text(encoding="utf-8").split()
    version = listed[listed.index(module) + 1].removeprefix("v")
    _, go_version = call([go, "version"], source, 60, env)

    def make_driver(target: pathlib.Path) -> None:
        store.say(f"{name}: fetching {module} {version} through Go")
        fetch(f"{name} {version}", [go, "mod", "download"], source, env)
        store.say(f"{name}: building the driver")
        command: list[str | pathlib.Path] = [go, "build", "-trimpath", "-buildvcs=false"]
        command += ["-o", target / f"{name}-driver", f"./{program}"]
        build(f"the driver of {name}", command, source, env)

    parts = [source / "go.mod", source / "go.sum", source / "bench", source / program]
    hashed = digest(go_version, *parts)
    driver = store.keep(f"{name}-{version}-driver-{hashed}", make_driver)
    return peer(name, version, [driver / f"{name}-driver"])


def franz_go(store: Store) -> Peer:
    return go_peer("franz-go", "github.com/twmb/franz-go", "franz", store)


def kafka_go(store: Store) -> Peer:
    return go_peer("kafka-go", "github.com/segmentio/kafka-go", "kafkago", store)


def make_jars(target: pathlib.Path, say: Say) -> None:
    maven = need("mvn", "maven")
    say(f"java: fetching kafka-clients {KAFKA_CLIENTS_VERSION} through Maven")
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        place = pathlib.Path(name)
        (place / "pom.xml").write_text(POM, encoding="utf-8")
        command = [maven, "--batch-mode", "--strict-checksums", "-Dstyle.color=never", MAVEN_PLUGIN]
        command += ["-DincludeScope=runtime", f"-DoutputDirectory={target}"]
        fetch(f"kafka-clients {KAFKA_CLIENTS_VERSION}", command, place)
    if not (target / f"kafka-clients-{KAFKA_CLIENTS_VERSION}.jar").exists():
        raise CannotBeHad(f"Maven brought no kafka-clients-{KAFKA_CLIENTS_VERSION}.jar")


def java(store: Store) -> Peer:
    runtime = need("java", "default-jdk-headless")
    compiler = need("javac", "default-jdk-headless")
    _, compiler_version = call([compiler, "-version"], pathlib.Path("/"), 60)
    numbers = compiler_version.removeprefix("javac ").split(".")
    if not numbers[0].strip().isdigit() or int(numbers[0]) < JAVA_FLOOR:
        raise CannotBeHad(f"javac is older than {JAVA_FLOOR} (Debian package default-jdk-headless)")
    made_from = digest(POM)
    name = f"java-{KAFKA_CLIENTS_VERSION}"
    jars = store.keep(f"{name}-{made_from}", lambda to: make_jars(to, store.say))

    def make_driver(target: pathlib.Path) -> None:
        store.say("java: building the driver")
        sources = sorted((DRIVERS / "java").glob("*.java"))
        command: list[str | pathlib.Path] = [compiler, "--release", str(JAVA_FLOOR), "-d", target]
        build("the driver of Java", [*command, "-cp", f"{jars}/*", *sources], target)

    hashed = digest(made_from, compiler_version, DRIVERS / "java")
    driver = store.keep(f"{name}-driver-{hashed}", make_driver)
    return peer(
        "java",
        KAFKA_CLIENTS_VERSION,
        [runtime, *JVM_OPTIONS, "-cp", f"{driver}:{jars}/*", "Driver"],
    )


PEERS: dict[str, Callable[[Store], Peer]] = {
    "librdkafka": librdkafka,
    "franz-go": franz_go,
    "kafka-go": kafka_go,
    "java": java,
}


def prepare(cache: pathlib.Path, wanted: Sequence[str], say: Say) -> dict[str, Peer | Skipped]:
    """The peers of these names, or why they cannot be had.

    Raises BuildFailed when one could be had but it or its driver does not build.
    """
    return take(Store(cache.resolve(), say), wanted)


def prepared(cache: pathlib.Path, wanted: Sequence[str]) -> dict[str, Peer | Skipped]:
    """The same, but only what an earlier `prepare` has made of the sources as they are now."""
    return take(Store(cache.resolve(), lambda _: None, makes=False), wanted)


def take(store: Store, wanted: Sequence[str]) -> dict[str, Peer | Skipped]:
    found: dict[str, Peer | Skipped] = {}
    for name in wanted:
        try:
            found[name] = PEERS[name](store)
        except CannotBeHad as missing:
            found[name] = Skipped(name, str(missing))
        except OSError as error:
            found[name] = Skipped(name, f"the cache {store.cache} cannot be used: {error}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/harness/peers.py", description=__doc__)
    parser.add_argument("--cache", type=pathlib.Path, metavar="DIR", default=default_cache())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PEERS)}")
    given = parser.parse_args()
    for name in given.names:
        if name not in PEERS:
            parser.error(f"there is no peer {name}, only {', '.join(PEERS)}")
    for name in given.names or PEERS:
        try:
            result = prepare(given.cache, [name], lambda text: print(text, file=sys.stderr))[name]
        except BuildFailed as failure:
            print(f"bench/harness/peers.py: {failure}", file=sys.stderr)
            return 1
        if isinstance(result, Skipped):
            print(f"{name}: skipped: {result.reason}", flush=True)
        else:
            print(f"{name} {result.version}: {', '.join(result.ways)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
