#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the includes of the tree and fails on one that points up or sideways.

    tools/check_layers.py [ROOT]

The layers and their arrows are those of lib/DESIGN.md. Each finding is a line
`file:line: core may not include io (io/session.hpp)`; the exit code is 1 if there is one.
"""

import argparse
import dataclasses
import pathlib
import re
import sys
from collections.abc import Iterator

# A layer, and the layers whose headers it may include besides its own.
LAYERS: dict[str, set[str]] = {
    "base": set(),
    "protocol": {"base"},
    # The JSON form of messages, a library of its own.
    "json": {"base", "protocol"},
    "codec": {"base"},
    "auth": {"base"},
    "core": {"base", "protocol"},
    "io": {"base", "protocol", "codec", "auth", "core"},
    "client": {"base", "protocol", "codec", "auth", "core", "io"},
    # Flow is written as a user would write it: over clients, without the cores.
    "flow": {"base", "protocol", "io", "client"},
    "testing": {"base", "protocol", "codec", "auth", "io"},
}

# Where a layer's files are. The longest folder wins.
FOLDERS: dict[str, str] = {
    "protocol": "protocol",
    "protocol/json": "json",
    "lib/base": "base",
    "lib/codec": "codec",
    "lib/auth": "auth",
    "lib/core": "core",
    "lib/io": "io",
    "lib/client": "client",
    "lib/flow": "flow",
    "lib/testing": "testing",
    "include/kafka/protocol": "protocol",
    "include/kafka/testing": "testing",
    "include/kafka/blocking": "client",
    "include/kafka/flow": "flow",
    "include/kafka/detail": "io",
}

# The public headers directly in include/kafka. A new one is added here, so that its layer is a
# decision and no accident.
PUBLIC_HEADERS: dict[str, str] = {
    **dict.fromkeys(
        ["broker_errc", "compression", "error", "export", "log", "result", "secret", "slice",
         "uuid", "version"],
        "base",
    ),
    "codec": "codec",
    **dict.fromkeys(["sasl", "sasl_aws", "sasl_kerberos", "sasl_oauth"], "auth"),
    # Plain settings that reach down to the cores and the transport.
    **dict.fromkeys(["client_config", "conn_config", "tls"], "io"),
    **dict.fromkeys(["client_call", "client_metadata", "client_stats", "hooks"], "core"),
    # Plain data that records are made of.
    "message": "protocol",
    **dict.fromkeys(["balancer", "group_offsets", "new_topic", "partition"], "core"),
    # What connections are told and give.
    **dict.fromkeys(["dialer_config"], "io"),
    **dict.fromkeys(
        [
            "batch", "blocking", "client", "conn", "dialer", "partition_conn",
            "partition_options", "properties", "writer", "writer_config", "writer_stats",
        ],
        "client",
    ),
}  # fmt: skip

# Folders outside the layers. They may include everything, except where they stand for a user.
FREE_FOLDERS = ("tools", "tests", "bench", "examples")
USER_FOLDERS = ("tools", "examples", "tests/examples")

# The development broker's core has no sockets and no clock, like the cores of the client.
BROKER_CORE = re.compile(r"lib/testing/(?:.*/)?broker_core[^/]*$")

SOURCES = {".hpp", ".cpp", ".h", ".cc", ".ipp", ".inc"}


@dataclasses.dataclass(frozen=True)
class Foreign:
    """Headers of somebody else, and who may include them."""

    name: str
    pattern: re.Pattern[str]
    layers: frozenset[str]
    public: bool = False  # also from a public header
    free: bool = True  # also from tools, tests, bench


def foreign(name: str, pattern: str, *layers: str, **rest: bool) -> Foreign:
    return Foreign(name, re.compile(pattern), frozenset(layers), **rest)


# The first that matches decides. "testing" here means its shell, not its core.
FOREIGN = [
    foreign("Boost", r"boost/", free=False),
    foreign("OpenSSL", r"openssl/|asio/ssl(?:/|\.hpp$)", "auth", "io", "testing"),
    foreign("<asio.hpp>", r"asio\.hpp$", "io", "client", "flow", "testing"),
    foreign("Asio", r"asio/", "io", "client", "flow", "testing", public=True),
    foreign("a JSON parser", r"nlohmann/", "json"),
    foreign("Cyrus SASL", r"sasl/", "auth"),
    foreign("Kerberos", r"gssapi(?:/|\.h$)|krb5", "auth"),
    foreign("an HTTP client", r"curl/", "auth"),
    foreign(
        "a codec library",
        r"(?:zlib|zconf|libdeflate|snappy[\w-]*|lz4\w*|zstd\w*|zdict)\.h$",
        "codec",
    ),
    foreign(
        "sockets",
        r"(?:sys/(?:socket|select|epoll|un|uio)|netinet/.*|arpa/inet|netdb|poll|net/if)\.h$",
        "io",
        "testing",
    ),
]

# What state machines without I/O must be given instead of taking it themselves.
TIMELESS = {"protocol", "core", "broker core"}
CORES = {"core", "broker core"}
NOW = re.compile(r"::\s*now\s*\(|\b(?:gettimeofday|clock_gettime)\s*\(|\bstd::time\s*\(")
RANDOM = re.compile(r"\brandom_device\b|\bstd::rand\s*\(")
THREADS = re.compile(
    r"(?:thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier)$"
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*(?:include|import)[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
TOKEN = re.compile(
    r"""
      (?P<raw>R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
    | (?P<line>//(?:\\\n|[^\n])*)
    | (?P<block>/\*.*?(?:\*/|\Z))
    | (?P<directive>^[ \t]*\#[ \t]*(?:include|import)[^\n]*?(?=//|/\*|$))
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<number>\b\d[\w.']*)
    | (?P<character>'(?:\\.|[^'\\\n])*')
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def code_of(text: str) -> str:
    """The text with comments and literals blanked out; lines stay where they were."""

    def blank(match: re.Match[str]) -> str:
        if match.lastgroup in ("directive", "number"):
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())

    return TOKEN.sub(blank, text)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a file stands."""

    layer: str | None  # one of LAYERS; None outside the layers
    public: bool = False
    user: bool = False  # may use public headers and its own only
    core_of_testing: bool = False
    problem: str | None = None  # the file is where no layer is

    @property
    def name(self) -> str:
        return "broker core" if self.core_of_testing else (self.layer or "")


def under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def place_of(path: str) -> Place:
    """The place of a file by its path from the root."""
    public = under(path, "include")
    for folder in sorted(FOLDERS, key=len, reverse=True):
        if under(path, folder):
            core = FOLDERS[folder] == "testing" and BROKER_CORE.match(path) is not None
            return Place(FOLDERS[folder], public=public, core_of_testing=core)
    if public:
        parent, _, name = path.rpartition("/")
        layer = PUBLIC_HEADERS.get(name.removesuffix(".hpp"))
        if parent == "include/kafka" and layer and name.endswith(".hpp"):
            return Place(layer, public=True)
        table = "PUBLIC_HEADERS" if parent == "include/kafka" else "FOLDERS"
        what = name if parent == "include/kafka" else parent
        return Place(
            None,
            public=True,
            problem=f"unknown public header: add {what} to {table} in tools/check_layers.py",
        )
    for folder in USER_FOLDERS:
        if under(path, folder):
            return Place(None, user=True)
    for folder in FREE_FOLDERS:
        if under(path, folder):
            return Place(None)
    folder = path.rpartition("/")[0] or "."
    return Place(None, problem=f"no layer is in {folder}: add it to tools/check_layers.py")


def normal(path: str) -> str | None:
    """Resolves `.` and `..` in a path from the root; None when it leaves the root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


class Tree:
    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.paths = sorted(
            path.relative_to(root).as_posix()
            for folder in ("include", "lib", "protocol", *FREE_FOLDERS)
            for path in (root / folder).rglob("*")
            if path.suffix in SOURCES and path.is_file()
        )
        self.known = set(self.paths)

    def resolve(self, includer: str, quote: str, target: str) -> str | None:
        """The included file's path from the root; None for somebody else's header."""
        bases = [includer.rpartition("/")[0]] if quote == '"' else []
        for base in [*bases, "include", "lib", ""]:
            path = normal(f"{base}/{target}")
            if path is not None and path in self.known:
                return path
        # A header that is not there (yet) still says where it would be.
        if target.startswith("kafka/"):
            return f"include/{target}"
        first = target.partition("/")[0]
        if quote == '"' and first in LAYERS:
            return target if first == "protocol" else f"lib/{target}"
        return None

    def findings(self) -> Iterator[str]:
        for path in self.paths:
            place = place_of(path)
            if place.problem:
                yield f"{path}:1: {place.problem}"
                continue
            text = (self.root / path).read_text(encoding="utf-8", errors="replace")
            found = sorted(self.findings_in(path, place, code_of(text)))
            yield from (f"{path}:{line}: {message}" for line, message in found)

    def findings_in(self, path: str, place: Place, code: str) -> Iterator[tuple[int, str]]:
        def line_at(position: int) -> int:
            return code.count("\n", 0, position) + 1

        for number, match in enumerate(INCLUDE.finditer(code)):
            quote, target = match.group(1), match.group(2).strip()
            resolved = self.resolve(path, quote, target)
            if resolved is None:
                message = check_foreign(place, target)
            else:
                message = check_own(path, place, resolved, target)
            if not message and number == 0 and target.startswith("asio"):
                message = (
                    f"a standard header must come before Asio's ({target}): without it Asio chooses "
                    "another way to free memory than in other sources"
                )
            if message:
                yield line_at(match.start(1)), message
        if place.name in TIMELESS:
            for match in NOW.finditer(code):
                yield line_at(match.start()), (
                    f"{place.name} may not read a clock ({match.group().strip(': (')}): "
                    "time comes in as an argument"
                )
        if place.name in CORES:
            for match in RANDOM.finditer(code):
                yield line_at(match.start()), (
                    f"{place.name} may not use global randomness: it comes in as an argument"
                )


def check_own(path: str, place: Place, resolved: str, target: str) -> str | None:
    """What is wrong with including a file of this tree, if anything."""
    included = place_of(resolved)
    if included.problem:
        # Reported once, at the file itself, when it is there.
        return None
    if place.public and not included.public:
        return f"a public header may not include an internal one ({target})"
    if place.user:
        own = next(folder for folder in USER_FOLDERS if under(path, folder))
        if included.public or under(resolved, own):
            return None
        return f"{own} may include public headers only ({target})"
    if place.layer is None:
        return None
    if included.layer is None:
        outside = resolved.partition("/")[0]
        return f"{place.layer} may not include {outside} ({target})"
    if place.core_of_testing and included.layer == "io":
        return f"broker core may not include io ({target})"
    if included.layer == place.layer or included.layer in LAYERS[place.layer]:
        return None
    return f"{place.layer} may not include {included.layer} ({target})"


def check_foreign(place: Place, target: str) -> str | None:
    """What is wrong with including somebody else's header, if anything."""
    if place.name in CORES and THREADS.match(target):
        return f"{place.name} may not use threads or locks (<{target}>)"
    for kind in FOREIGN:
        if not kind.pattern.match(target):
            continue
        if place.layer is None:
            return None if kind.free else f"nothing here may include {kind.name} ({target})"
        if place.public and not kind.public:
            return f"a public header may not include {kind.name} ({target})"
        if place.name not in kind.layers:
            return f"{place.name} may not include {kind.name} ({target})"
        return None
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks that includes follow the layers.")
    parser.add_argument(
        "root",
        nargs="?",
        type=pathlib.Path,
        default=pathlib.Path(__file__).resolve().parent.parent,
        help="the tree to check (default: the one this program is in)",
    )
    tree = Tree(parser.parse_args().root)
    if not tree.paths:
        print(f"check_layers: {tree.root} holds no sources", file=sys.stderr)
        return 2
    findings = list(tree.findings())
    for finding in findings:
        print(finding)
    if findings:
        print(f"check_layers: {len(findings)} findings in {len(tree.paths)} files", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
