# SPDX-License-Identifier: Apache-2.0
"""Each public header compiles alone, and all of them together in a time that is stated.

With KAFKA_ASIO_LONG: both compilers, both standards.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import tempfile
import unittest

from library_build import JOBS, LONG, ROOT

INCLUDE = ROOT / "include"
HEADERS = sorted(str(p.relative_to(INCLUDE)) for p in (INCLUDE / "kafka").rglob("*.hpp"))
COMPILERS = ("clang++", "g++") if LONG else ("clang++",)
STANDARDS = ("c++20", "c++2b") if LONG else ("c++20",)
FLAGS = ["-DASIO_STANDALONE", "-DASIO_HAS_CO_AWAIT=1", "-I", str(INCLUDE)]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
# What the README states: of the time that <asio.hpp> takes, so that it holds on any machine.
LIMIT = 1.6


def includes(*headers):
    return "".join(f"#include <{header}>\n" for header in headers)


# Nearly all headers of messages begin with this one, which takes longer than they do.
MESSAGE = "kafka/protocol/message.hpp"


class Alone(unittest.TestCase):
    def compiles(self, compiler, standard, header, *options):
        command = [compiler, f"-std={standard}", *FLAGS, *WARNINGS, "-fsyntax-only", *options]
        return subprocess.run(
            [*command, "-x", "c++", "-"],
            input=includes(header, header),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def test_each_header_compiles_alone_and_twice_without_a_warning(self):
        self.assertGreater(len(HEADERS), 100)
        with (
            tempfile.TemporaryDirectory() as folder,
            concurrent.futures.ThreadPoolExecutor(JOBS) as pool,
        ):
            begun = {} if LONG else self.begin(pathlib.Path(folder, "message.pch"))
            jobs = [
                (compiler, standard, header, *begun.get(header, ()))
                for compiler in COMPILERS
                for standard in STANDARDS
                for header in HEADERS
            ]
            for job, ended in zip(jobs, pool.map(lambda job: self.compiles(*job), jobs)):
                with self.subTest(" ".join(job)):
                    self.assertEqual((ended.returncode, ended.stdout), (0, ""))

    def begin(self, compiled):
        """Options for each header that includes MESSAGE, which is then compiled only once.

        They compile as alone: what MESSAGE declares is there anyway. KAFKA_ASIO_LONG goes without.
        """
        subprocess.run(
            ["clang++", "-std=c++20", *FLAGS, *WARNINGS, "-x", "c++-header", INCLUDE / MESSAGE]
            + ["-Wno-pragma-once-outside-header", "-o", compiled],
            check=True,
        )
        include = f"#include <{MESSAGE}>\n"
        return {
            header: ("-include-pch", str(compiled))
            for header in HEADERS
            if include in (INCLUDE / header).read_text()
        }


class Together(unittest.TestCase):
    def seconds(self, compiler, folder, text):
        """What a compilation takes of a processor."""
        source = pathlib.Path(folder, "all.cpp")
        source.write_text(text + "int main() {}\n")
        child = subprocess.Popen(
            [compiler, "-std=c++20", *FLAGS, "-c", source, "-o", os.devnull]
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(child.returncode, 0)
        return usage.ru_utime + usage.ru_stime

    def test_all_headers_cost_little_more_than_asio_again(self):
        for compiler in ("clang++", "g++"):
            with self.subTest(compiler), tempfile.TemporaryDirectory() as folder:
                # The best of some: other tests share the processors and their caches.
                asio = both = float("inf")
                for _ in range(10):
                    asio = min(asio, self.seconds(compiler, folder, includes("asio.hpp")))
                    all_of_them = includes("asio.hpp", *HEADERS)
                    both = min(both, self.seconds(compiler, folder, all_of_them))
                    if both - asio <= LIMIT * asio:
                        break
                self.assertLessEqual(
                    both - asio, LIMIT * asio, f"{both:.1f} s, <asio.hpp> alone {asio:.1f} s"
                )


if __name__ == "__main__":
    unittest.main()
