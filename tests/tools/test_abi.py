# SPDX-License-Identifier: Apache-2.0
"""A shared library shows what the headers mark with KAFKA_API, and its name follows the version."""

import re
import unittest

from library_build import DEFAULT, LONG, ROOT, Combination, installed, libdir, run

VERSION = re.search(r"version: '([\d.]+)'", (ROOT / "meson.build").read_text())[1]

# Of Asio only what must be one in a process; lib/exports.map says why.
ASIO = re.compile(
    r"(guard variable for )?asio::.*(category\(\)::instance|::top_|::id)"
    r"|asio::detail::keyword_tss_ptr<.*>::value_"
    r"|typeinfo (name )?for asio::"
    r"(detail::typeid_wrapper<.*|io_context::basic_executor_type<.*|strand<.*)"
)
# Marked in headers of the inside, for the libraries beside kafka-asio: testing and json.
FOR_SIBLINGS = {
    "kafka::crc32c",
    "kafka::protocol::same_value",
    "kafka::auth::make_plain_server",
    "kafka::auth::make_scram_credential",
    "kafka::auth::make_scram_server",
    "kafka::auth::make_oauth_server",
}


class Declarations:
    """What the public headers declare, by qualified name. Enough C++ for this project's headers."""

    def __init__(self):
        self.marked = {}  # functions and variables with KAFKA_API: their header
        self.classes = set()  # classes with KAFKA_API
        self.members = set()  # functions of these classes, not of classes inside of them
        for path in sorted((ROOT / "include" / "kafka").rglob("*.hpp")):
            self._header = str(path.relative_to(ROOT / "include"))
            self._read(path.read_text())

    def _read(self, text):
        text = re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
        text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
        text = re.sub(r"'(?:\\.|[^'\\\n])'", "0", text)
        text = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.MULTILINE)
        scopes = []  # (name, is a class with KAFKA_API)
        statement, parentheses, at = "", 0, 0
        while at < len(text):
            c = text[at]
            at += 1
            parentheses += {"(": 1, ")": -1}.get(c, 0)
            if c == "{":
                opened = self._scope(statement) if parentheses == 0 else None
                if opened is None:
                    at = self._end_of_body(text, at)
                    if parentheses > 0:
                        continue
                    self._declare(scopes, statement)
                else:
                    scopes.append(opened)
                    name = "::".join(name for name, _ in scopes)
                    if opened[1]:
                        self.classes.add(name)
                statement = ""
            elif c == "}":
                scopes.pop()
                statement = ""
            elif c == ";" and parentheses == 0:
                self._declare(scopes, statement)
                statement = ""
            else:
                statement += c
        assert not scopes, self._header

    @staticmethod
    def _end_of_body(text, at):
        depth = 1
        while depth > 0:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        return at

    @staticmethod
    def _scope(statement):
        """The scope that a `{` after this opens, or None for a body or a value."""
        statement = re.sub(r"^\s*((public|private|protected)\s*:\s*)*", "", statement)
        found = re.match(r"(?:inline\s+)?namespace\s+([\w:]+)\s*$", statement)
        if found:
            return found[1], False
        statement = re.sub(r"^template\s*<.*?>\s*(requires .*?)?(?=struct|class)", "", statement,
                           flags=re.DOTALL)  # fmt: skip
        found = re.match(r"(?:class|struct)\s+(KAFKA_API\s+)?(?:KAFKA_LOCAL\s+)?(\w+)[^=(]*$",
                         statement)  # fmt: skip
        if found:
            return found[2], found[1] is not None
        return None

    def _declare(self, scopes, statement):
        name = self._name(statement)
        if name is None:
            return
        if re.search(r"\bfriend\b", statement):  # of the namespace, not of the class
            scopes = scopes[:-1]
        inside = "::".join(scope for scope, _ in scopes)
        if re.search(r"\bKAFKA_API\b", statement):
            self.marked[f"{inside}::{name}"] = self._header
        if scopes and scopes[-1][1]:
            self.members.add(f"{inside}::{name}")

    @staticmethod
    def _name(statement):
        found = re.search(r"(operator\s*(?:new|delete|\(\)|[^\s\w(]+)|~?\w+)\s*\(", statement)
        if found:
            return re.sub(r"\s", "", found[1])
        found = re.search(r"(\w+)\s*(?:=[^=]*)?$", statement)
        return found[1] if found else None


def shown(library):
    """The symbols that a shared library defines for others, as C++ writes them."""
    lines = run(["nm", "-D", "--defined-only", "-C", library]).splitlines()
    return sorted({line.split(" ", 2)[2] for line in lines})


def name_of(symbol):
    """The qualified name: without parameters."""
    name = re.sub(r"\[abi:\w+\]", "", re.sub(r"(?<!operator)\(.*", "", symbol))
    return re.sub(r"\boperator\s+", "operator", name)


class Abi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.declared = Declarations()
        cls.builds = [DEFAULT]
        if LONG:
            cls.builds += [Combination("g++", "20", "shared"), Combination("clang++", "23", "shared")]

    def libraries(self):
        """Each library's combination, its path and its symbols."""
        for build in self.builds:
            folder = libdir(installed(build))
            paths = sorted(folder.glob("libkafka-asio*.so"))
            self.assertGreaterEqual(len(paths), 2)
            for path in paths:
                yield build, path, shown(path)

    def reason(self, symbol):
        """Why a symbol may be shown; None if it may not."""
        if ASIO.fullmatch(symbol):
            return "Asio's"
        table = re.fullmatch(r"(?:typeinfo|typeinfo name|vtable) for (.*)", symbol)
        if table:
            return "a class's" if table[1] in self.declared.classes else None
        name = name_of(symbol)
        if name in self.declared.marked:
            return "marked"
        if name in FOR_SIBLINGS:
            return "for siblings"
        return "member" if name in self.declared.members else None

    def test_a_shared_library_shows_what_the_headers_mark_and_nothing_else(self):
        for build, path, symbols in self.libraries():
            with self.subTest(f"{build} {path.name}"):
                self.assertEqual([s for s in symbols if self.reason(s) is None], [])

    def test_what_the_headers_mark_is_in_a_library(self):
        names = {}
        for build, _, symbols in self.libraries():
            names.setdefault(build, set()).update(map(name_of, symbols))
        for build, of_build in names.items():
            with self.subTest(build):
                json = any("protocol::to_json" in name for name in of_build)
                missing = [
                    name
                    for name, header in self.declared.marked.items()
                    if name not in of_build and (json or header != "kafka/protocol/json.hpp")
                ]
                self.assertEqual(missing, [])

    def test_the_rule_is_not_empty(self):
        self.assertEqual(self.reason("kafka::version()"), "marked")
        self.assertEqual(self.reason("kafka::protocol::MetadataRequest::info"), "marked")
        self.assertEqual(self.reason("kafka::Conn::close()"), "member")
        self.assertEqual(self.reason("typeinfo for kafka::Error"), "a class's")
        self.assertEqual(self.reason("asio::system_category()::instance"), "Asio's")
        for symbol in (
            "std::piecewise_construct",
            "asio::execution_context::service* asio::detail::service_registry::create<x>(void*)",
            "kafka::testing::Broker::Shell::start()",
            "kafka::io::Session::start()",
            "typeinfo for kafka::testing::Broker::Shell",
        ):
            self.assertIsNone(self.reason(symbol), symbol)

    def test_the_name_that_programs_ask_for_follows_the_version(self):
        major, minor, _ = VERSION.split(".")
        # Before 1.0 a minor version may change interfaces.
        series = f"{major}.{minor}" if major == "0" else major
        for build, path, _ in self.libraries():
            with self.subTest(f"{build} {path.name}"):
                soname = re.search(r"SONAME.*\[(.*)\]", run(["readelf", "-d", path]))[1]
                self.assertEqual(soname, f"{path.name}.{series}")
                self.assertEqual(path.resolve().name, f"{path.name}.{VERSION}")
                self.assertTrue((path.parent / soname).exists())


if __name__ == "__main__":
    unittest.main()
