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
# What the README states, in seconds of one processor.
LIMIT = 3.0


def includes(*headers):
    return "".join(f"#include <{header}>\n" for header in headers)


class Alone(unittest.TestCase):
    def test_each_header_compiles_alone_and_twice_without_a_warning(self):
        def compile_one(job):
            compiler, standard, header = job
            command = [compiler, f"-std={standard}", *FLAGS, *WARNINGS, "-fsyntax-only"]
            return subprocess.run(
                [*command, "-x", "c++", "-"],
                input=includes(header, header),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

        jobs = [(c, s, header) for c in COMPILERS for s in STANDARDS for header in HEADERS]
        self.assertGreater(len(HEADERS), 100)
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            for job, ended in zip(jobs, pool.map(compile_one, jobs)):
                with self.subTest(" ".join(job)):
                    self.assertEqual((ended.returncode, ended.stdout), (0, ""))


class Together(unittest.TestCase):
    def seconds(self, compiler, text):
        """What a compilation takes of a processor. The best of three: others run beside it."""
        best = float("inf")
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "all.cpp")
            source.write_text(text + "int main() {}\n")
            for _ in range(3):
                child = subprocess.Popen(
                    [compiler, "-std=c++20", *FLAGS, "-O2", "-c", source, "-o", os.devnull]
                )
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
                self.assertEqual(child.returncode, 0)
                best = min(best, usage.ru_utime + usage.ru_stime)
        return best

    def test_all_headers_cost_at_most_three_seconds_beyond_asio(self):
        for compiler in ("clang++", "g++"):
            with self.subTest(compiler):
                asio = self.seconds(compiler, includes("asio.hpp"))
                both = self.seconds(compiler, includes("asio.hpp", *HEADERS))
                self.assertGreater(both, asio)
                self.assertLess(both - asio, LIMIT, f"{both:.1f} s, <asio.hpp> alone {asio:.1f} s")


if __name__ == "__main__":
    unittest.main()
