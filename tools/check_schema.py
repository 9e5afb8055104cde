#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares this library's messages with the definitions inside Apache's own kafka-clients jar.

Every message and field of theirs is looked for in ours and the other way round: name, type, order
on the wire, versions, nullable versions, tag, default, ignorable, map key, entity type; of a
message its kind, key, versions, first flexible version, listeners and whether its newest version is
unstable. Each finding is a line; the exit code is 1 if there is one, 2 if nothing was compared.

Moving to a new release of Kafka:
  1. tools/check_schema.py --release X.Y.Z    lists what is to be written, in the notation of
     describe() (include/kafka/protocol/message.hpp).
  2. Change the rows and the Api constants in protocol/ and the structs in include/kafka/protocol/.
     A new API also goes into protocol/registry.cpp and protocol/meson.build.
  3. Repeat until there are no differences; set DEFAULT_VERSION in tools/kafka_cluster/jars.py, and
     run tools/test apache, which compares the bytes as well.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = "common/message/"
PROGRAM = "tests/apache/schema-dump"
FOREVER = 32767
KINDS = ("request", "response", "header", "data")
# What stands in Apache's files. A key that is not here may mean something on the wire: a finding.
MESSAGE_KEYS = {
    "apiKey", "type", "listeners", "name", "validVersions", "flexibleVersions", "fields",
    "commonStructs", "latestVersionUnstable", "about",
}  # fmt: skip
FIELD_KEYS = {
    "name", "type", "versions", "nullableVersions", "taggedVersions", "tag", "flexibleVersions",
    "default", "ignorable", "mapKey", "entityType", "fields", "about",
    "zeroCopy",  # how Java holds bytes in memory
}  # fmt: skip
INTEGERS = {"int8", "int16", "uint16", "int32", "uint32", "int64"}
PRIMITIVES = INTEGERS | {"bool", "float64", "uuid", "string", "bytes", "records"}
NOTHING = "none"


class Unreadable(Exception):
    """What was to be compared is not there, or is not what it should be."""


# --- the model that both sides are brought to ---


@dataclasses.dataclass
class Field:
    name: str
    type: str
    facts: dict[str, str]  # in the order and the notation of describe()
    fields: list["Field"]

    def lines(self, depth: int = 1) -> Iterator[str]:
        words = [self.name, self.type]
        words += [word for word in map(fact_text, self.facts.items()) if word]
        yield "  " * depth + " ".join(words)
        for field in self.fields:
            yield from field.lines(depth + 1)


@dataclasses.dataclass
class Message:
    name: str
    facts: dict[str, str]
    fields: list[Field]
    oddities: list[str] = dataclasses.field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield " ".join([self.name, *filter(None, map(fact_text, self.facts.items()))])
        for field in self.fields:
            yield from field.lines()

    @property
    def unstable(self) -> bool:
        return self.facts["unstable"] == "yes"


# What describe() prints as a bare word, or not at all.
FLAGS = ("ignorable", "mapKey", "unstable")
# What it leaves out instead of saying "none".
SILENT = ("key", "tag", "entity", "listeners", "always flexible")


def fact_text(fact: tuple[str, str]) -> str:
    name, value = fact
    if name in FLAGS:
        return name if value == "yes" else ""
    if name in SILENT and value == NOTHING:
        return ""
    if name == "always flexible":
        return "flexible=none" if value == "no" else ""
    return f"{name}={value}"


def read_range(text: str) -> tuple[int, int] | None:
    """Both ends of "0+", "3-5" or "7"; None for "none"."""
    if text in ("", NOTHING):
        return None
    found = re.fullmatch(r"(\d+)(\+|-(\d+))?", text)
    if not found:
        raise Unreadable(f"{text!r} is no range of versions")
    first = int(found.group(1))
    if found.group(2) is None:
        return first, first
    return first, int(found.group(3) or FOREVER)


def normal(text: str) -> str:
    """The one way to write a range: "7", not "7-7"."""
    versions = read_range(text)
    if versions is None:
        return NOTHING
    first, last = versions
    if last >= FOREVER:
        return f"{first}+"
    return str(first) if first == last else f"{first}-{last}"


# --- theirs ---


def without_comments(text: str) -> str:
    """Apache's files are JSON with // comments; a string may hold two slashes as well."""
    return re.sub(
        r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda found: found.group(1) or "", text
    )


def read_jar(path: pathlib.Path) -> list[Message]:
    """The messages that are in use: one whose validVersions are "none" was removed."""
    try:
        with zipfile.ZipFile(path) as jar:
            texts = {
                name: jar.read(name).decode()
                for name in jar.namelist()
                if name.startswith(FOLDER) and name.endswith(".json")
            }
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError) as e:
        raise Unreadable(f"{path}: {e}") from e
    if not texts:
        raise Unreadable(f"{path} has no {FOLDER}*.json: is it kafka-clients?")
    messages = []
    for name, text in sorted(texts.items()):
        try:
            definition = json.loads(without_comments(text))
            if definition["validVersions"] != NOTHING:
                messages.append(their_message(definition))
        except (ValueError, KeyError, TypeError) as e:
            raise Unreadable(f"{path}: {name}: {e!r}") from e
    return messages


def their_message(definition: dict) -> Message:
    oddities = [f"the key {key!r} is new here" for key in sorted(definition.keys() - MESSAGE_KEYS)]
    structs = {struct["name"]: struct for struct in definition.get("commonStructs", [])}
    kind = definition["type"]
    if kind not in KINDS:
        oddities.append(f"the kind {kind!r} is new here")
    is_request = kind == "request"
    listeners = ",".join(sorted(definition.get("listeners", []))) if is_request else ""
    facts = {
        "kind": kind,
        "key": str(definition.get("apiKey", NOTHING)),
        "versions": normal(definition["validVersions"]),
        "flexible": normal(definition["flexibleVersions"]),
        "listeners": listeners or NOTHING,
        "unstable": "yes" if definition.get("latestVersionUnstable") else "no",
    }
    fields = their_fields(definition["fields"], structs, oddities, "")
    return Message(definition["name"], facts, fields, oddities)


def their_fields(
    definitions: list[dict], structs: dict[str, dict], oddities: list[str], path: str
) -> list[Field]:
    fields = []
    for definition in definitions:
        name = definition["name"][0].lower() + definition["name"][1:]
        here = f"{path}{name}"
        for key in sorted(definition.keys() - FIELD_KEYS):
            oddities.append(f"{here}: the key {key!r} is new here")
        tagged = definition.get("taggedVersions", NOTHING)
        if tagged not in (NOTHING, definition["versions"]):
            oddities.append(f"{here}: tagged in {tagged} only, which our rows cannot say")
        flexible = definition.get("flexibleVersions")
        if flexible not in (None, NOTHING):
            oddities.append(f"{here}: flexible in {flexible}, which our rows cannot say")
        array = definition["type"].startswith("[]")
        kind = definition["type"].removeprefix("[]")
        inner = definition.get("fields")
        if inner is None and kind in structs:
            inner = structs[kind]["fields"]
        if inner is None and kind not in PRIMITIVES:
            oddities.append(f"{here}: the type {kind!r} is new here")
        facts = {
            "versions": normal(definition["versions"]),
            "nullable": normal(definition.get("nullableVersions", NOTHING)),
            "tag": str(definition["tag"]) if tagged != NOTHING else NOTHING,
            "default": their_default(definition, kind, array, inner is not None),
            "ignorable": yes_or_no(definition.get("ignorable", False)),
            "mapKey": yes_or_no(definition.get("mapKey", False)),
            "always flexible": "no" if flexible is not None else NOTHING,
            "entity": definition.get("entityType", NOTHING),
        }
        inner_fields = their_fields(inner, structs, oddities, here + ".") if inner else []
        fields.append(Field(name, ("[]" if array else "") + kind, facts, inner_fields))
    return fields


def yes_or_no(value: object) -> str:
    return "yes" if value in (True, "true") else "no"


def their_default(definition: dict, kind: str, array: bool, struct: bool) -> str:
    """What Apache's generator makes of a default that is there, or is not."""
    given = definition.get("default")
    text = "" if given is None else str(given)
    if text == "null":
        return "null"
    if array or struct or kind == "bytes":
        return text or "empty"
    if kind == "records":
        return "null"
    if kind == "string":
        return f'"{text}"'
    if kind == "bool":
        return text.lower() or "false"
    if kind == "uuid":
        return text or "A" * 22
    if kind == "float64":
        return repr(float(text or 0))
    return str(int(text or "0", 0)) if kind in INTEGERS else text


# --- ours ---

WORD = re.compile(r'([\w]+)=("[^"]*"|\S*)|(\S+)')


def read_dump(text: str) -> list[Message]:
    """What schema-dump printed: describe() of every message."""
    messages: list[Message] = []
    levels: list[list[Field]] = []
    for number, line in enumerate(text.splitlines(), 1):
        depth = (len(line) - len(line.lstrip(" "))) // 2
        bare = [found.group(3) for found in WORD.finditer(line) if found.group(3)]
        given = {f[1]: f[2] for f in WORD.finditer(line) if f[1]}
        try:
            if depth == 0:
                messages.append(our_message(bare, given))
                levels = [messages[-1].fields]
                continue
            field = our_field(bare, given)
            del levels[depth:]
            levels[depth - 1].append(field)
            levels.append(field.fields)
        except (IndexError, KeyError, ValueError) as e:
            raise Unreadable(f"line {number} of our dump cannot be read: {line!r} ({e!r})") from e
    if not messages:
        raise Unreadable("our dump is empty")
    return messages


def our_message(bare: list[str], given: dict[str, str]) -> Message:
    facts = {
        "kind": given["kind"],
        "key": given.get("key", NOTHING),
        "versions": given["versions"],
        "flexible": given["flexible"],
        "listeners": given.get("listeners", NOTHING),
        "unstable": yes_or_no("unstable" in bare),
    }
    return Message(bare[0], facts, [])


def our_field(bare: list[str], given: dict[str, str]) -> Field:
    name, kind, *flags = bare
    default = given["default"]
    if kind == "float64":
        default = repr(float(default))
    facts = {
        "versions": given["versions"],
        "nullable": given["nullable"],
        "tag": given.get("tag", NOTHING),
        "default": default,
        "ignorable": yes_or_no("ignorable" in flags),
        "mapKey": yes_or_no("mapKey" in flags),
        "always flexible": "no" if "flexible" in given else NOTHING,
        "entity": given.get("entity", NOTHING),
    }
    unknown = set(flags) - set(FLAGS)
    if unknown:
        raise ValueError(f"unknown words {sorted(unknown)}")
    return Field(name, kind, facts, [])


# --- the comparison ---


def differences(theirs: list[Message], ours: list[Message]) -> list[str]:
    """A line a difference; what is to be written follows indented."""
    found: list[str] = []
    own = {message.name: message for message in ours}
    if len(own) != len(ours):
        found.append("our dump names a message twice")
    for message in theirs:
        found += [f"{message.name}: {oddity}" for oddity in message.oddities]
        mine = own.pop(message.name, None)
        if mine is None:
            found.append(f"{message.name}: missing in ours; to be written:")
            found += ["    " + line for line in message.lines()]
            continue
        found += compare_facts(message.name, message.facts, mine.facts)
        found += compare_fields(message.name, message.fields, mine.fields)
    found += [f"{name}: not in theirs" for name in own]
    return found


def span_of(message: Message) -> tuple[int, int]:
    return read_range(message.facts["versions"]) or (0, FOREVER)


def compare_facts(path: str, theirs: dict[str, str], ours: dict[str, str]) -> list[str]:
    return [
        f"{path}: {name} is {value} in theirs, {ours[name]} in ours"
        for name, value in theirs.items()
        if value != ours[name]
    ]


def compare_fields(path: str, theirs: list[Field], ours: list[Field]) -> list[str]:
    found: list[str] = []
    # A name may come twice, with versions that do not meet.
    own: dict[tuple[str, int], Field] = {}
    for key, field in numbered(ours):
        own[key] = field
    for key, field in numbered(theirs):
        here = f"{path}.{field.name}"
        mine = own.pop(key, None)
        if mine is None:
            found.append(f"{here}: missing in ours; to be written:")
            found += ["    " + line for line in field.lines(0)]
            continue
        if field.type != mine.type:
            found.append(f"{here}: type is {field.type} in theirs, {mine.type} in ours")
        found += compare_facts(here, field.facts, mine.facts)
        found += compare_fields(here, field.fields, mine.fields)
    found += [f"{path}.{name}: not in theirs" for name, _ in own]
    if not found and wire_order(theirs) != wire_order(ours):
        found.append(
            f"{path}: the order is {' '.join(wire_order(theirs))} in theirs, "
            f"{' '.join(wire_order(ours))} in ours"
        )
    return found


def numbered(fields: list[Field]) -> Iterator[tuple[tuple[str, int], Field]]:
    seen: dict[str, int] = {}
    for field in fields:
        seen[field.name] = seen.get(field.name, 0) + 1
        yield (field.name, seen[field.name]), field


def wire_order(fields: list[Field]) -> list[str]:
    """Tagged fields follow the others, ascending, wherever they stand."""
    plain = [field for field in fields if field.facts["tag"] == NOTHING]
    tagged = [field for field in fields if field.facts["tag"] != NOTHING]
    tagged.sort(key=lambda field: int(field.facts["tag"]))
    return [field.name for field in plain + tagged]


def count_fields(fields: Iterable[Field]) -> int:
    return sum(1 + count_fields(field.fields) for field in fields)


def count_versions(messages: list[Message]) -> int:
    return sum(last - first + 1 for first, last in map(span_of, messages))


# --- the command ---


def find_jar(release: str | None) -> pathlib.Path:
    command = [sys.executable, str(ROOT / "tools" / "kafka-cluster"), "jars"]
    command += ["--version", release] if release else []
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if ended.returncode != 0:
        raise Unreadable("the jar could not be had; see above, or give its path")
    folder = pathlib.Path(ended.stdout.strip())
    found = sorted(folder.glob("kafka-clients-*.jar"))
    if not found:
        raise Unreadable(f"{folder} has no kafka-clients jar")
    return found[0]


def run_program(path: pathlib.Path | None) -> str:
    if path is None:
        build = pathlib.Path(os.environ.get("KAFKA_ASIO_BUILD") or ROOT / "build" / "check")
        path = build / PROGRAM
        if (build / "build.ninja").exists() and "KAFKA_ASIO_BUILD" not in os.environ:
            built = subprocess.run(["ninja", "-C", build, "--quiet", PROGRAM])
            if built.returncode != 0:
                raise Unreadable(f"{path} could not be built")
        if not path.exists():
            raise Unreadable(
                f"{path} is not there: build it with `meson setup build/check && "
                f"ninja -C build/check {PROGRAM}`, or name it with --program"
            )
    try:
        return subprocess.run([path], stdout=subprocess.PIPE, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as e:
        raise Unreadable(f"our dump: {e}") from e


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="check_schema.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "jar",
        nargs="?",
        type=pathlib.Path,
        help="kafka-clients-X.jar (default: fetched by tools/kafka-cluster jars)",
    )
    parser.add_argument("--release", metavar="X", help="the release to fetch (default: pinned)")
    ours = parser.add_mutually_exclusive_group()
    ours.add_argument("--dump", type=pathlib.Path, metavar="FILE", help="our dump as a file")
    ours.add_argument(
        "--program",
        type=pathlib.Path,
        metavar="PATH",
        help=f"the program that prints our dump (default: build/check/{PROGRAM}, which is built)",
    )
    given = parser.parse_args()
    if given.jar and given.release:
        parser.error("either a jar or a release")
    try:
        theirs = read_jar(given.jar or find_jar(given.release))
        try:
            text = given.dump.read_text() if given.dump else run_program(given.program)
        except OSError as e:
            raise Unreadable(f"our dump: {e}") from e
        mine = read_dump(text)
        found = differences(theirs, mine)
    except Unreadable as e:
        print(f"check_schema.py: {e}", file=sys.stderr)
        return 2
    for line in found:
        print(line)
    for message in theirs:
        if message.unstable:
            newest = span_of(message)[1]
            print(f"unstable: {message.name} v{newest} is not final (latestVersionUnstable)")
    count = sum(not line.startswith(" ") for line in found)
    print(
        f"{len(theirs)} messages, {count_versions(theirs)} versions, "
        f"{sum(count_fields(message.fields) for message in theirs)} fields compared: "
        f"{count} difference{'s' if count != 1 else ''}"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
