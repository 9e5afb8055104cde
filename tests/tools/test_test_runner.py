# SPDX-License-Identifier: Apache-2.0
"""tools/test counts what really happened: run on a small tree of programs that crash, hang, leak."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import textwrap
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

MESON = """\
project('small', 'cpp', default_options: ['cpp_std=c++20'])
main = static_library('test-main', 'main.cpp', override_options: ['b_sanitize=none', 'optimization=0'])
foreach name : ['good', 'bad']
  test(name, executable('test-' + name, name + '.cpp', link_with: main), suite: 'unit')
endforeach
test('real', executable('test-real', 'real.cpp', link_with: main), suite: 'cluster')
foreach name : ['fine', 'wrong', 'skips', 'hangs']
  test(name, find_program('plain.sh'), args: [name], suite: 'examples')
endforeach
test('endless', find_program('plain.sh'), args: ['endless'], suite: 'fuzz')
"""

MAIN = "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n"

GOOD = """\
#include <doctest/doctest.h>
TEST_CASE("a comma, a \\"quote\\" and a \\\\ are part of a name") { CHECK(true); }
TEST_CASE("plain") { CHECK(true); }
TEST_CASE("plain enough") { CHECK(true); }
TEST_CASE("finds out that it cannot run") { MESSAGE("skipped: no Kerberos here"); }
TEST_CASE("never runs" * doctest::skip()) { CHECK(false); }
"""

# What goes wrong is chosen by the environment, so that one build serves all tests.
BAD = """\
#include <doctest/doctest.h>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <string>
#include <thread>
static bool mode(const char* name) {
    const char* mode = std::getenv("BAD_MODE");
    return mode != nullptr && std::string(mode) == name;
}
int* volatile lost;
TEST_CASE("first") { CHECK(true); }
TEST_CASE("middle") {
    int one = mode("check") ? 2 : 1;
    SUBCASE("in a subcase") { CHECK(one == 1); }
    if (mode("overrun")) {
        volatile int at = 4;
        int* four = new int[4]();
        int read = four[at];
        delete[] four;
        CHECK(read != 42);
    }
    if (mode("overflow")) {
        volatile int most = INT_MAX;
        CHECK(most + 1 != 42);
    }
    if (mode("exit")) std::_Exit(7);
    if (mode("hang")) std::this_thread::sleep_for(std::chrono::hours(1));
    if (mode("leak")) lost = new int[100];
    lost = nullptr;
}
TEST_CASE("last") { CHECK(true); }
"""

REAL = """\
#include <doctest/doctest.h>
#include <cstdlib>
#include <string>
TEST_CASE("sees the brokers") {
    const char* brokers = std::getenv("KAFKA_BROKERS");
    CHECK(std::string(brokers ? brokers : "") == "localhost:1,localhost:2");
}
"""

PLAIN = """\
#!/bin/sh
case $1 in
wrong) echo this is what went wrong; exit 3 ;;
skips) echo no camera; exit 77 ;;
hangs) if [ -n "$HANG" ]; then echo $$ >"$HANG"; sleep 3600; fi ;;
esac
"""

CLUSTER = """\
#!/bin/sh
case "$1 $CLUSTER_MODE" in
"up missing") echo "kafka-cluster: no Java here" >&2; exit 3 ;;
"up broken") echo "kafka-cluster: node 2 died" >&2; exit 1 ;;
"up "*) echo "KAFKA_BROKERS='localhost:1,localhost:2'"; echo "$@" >"$CLUSTER_LOG" ;;
"env "*) if [ -n "$CLUSTER_MOVED" ]; then echo "KAFKA_BROKERS='localhost:8,localhost:9'"; fi ;;
"down "*) echo "$@" >>"$CLUSTER_LOG" ;;
"jars missing") echo "kafka-cluster: no Maven here" >&2; exit 3 ;;
"jars broken") echo "kafka-cluster: no space left" >&2; exit 1 ;;
"jars "*) echo "kafka-cluster: fetching" >&2; echo /the/jars ;;
esac
"""

PYTHON = """\
import os, sys, unittest
class First(unittest.TestCase):
    def test_passes(self): pass
    def test_fails(self): self.assertEqual(1, 1 + ("fail" in os.environ.get("PY_MODE", "")))
    @unittest.skip("not today")
    def test_skips(self): pass
    def test_exits(self):
        if "exit" in os.environ.get("PY_MODE", ""): os._exit(5)
    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i): self.assertTrue("fail" not in os.environ.get("PY_MODE", ""))
class Second(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if "group" in os.environ.get("PY_MODE", ""): raise RuntimeError("the class is broken")
        if "away" in os.environ.get("PY_MODE", ""): raise unittest.SkipTest("the class is away")
    def test_one(self): pass
    def test_two(self): pass
"""

APACHE = """\
import os, unittest
class Java(unittest.TestCase):
    def test_has_jars(self): self.assertEqual(os.environ["KAFKA_ASIO_JARS"], "/the/jars")
"""


def running_in_group(group):
    """The processes of a group, but those that only wait for their parent to notice their end."""
    found = []
    for file in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, pgrp = file.read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state != "Z":
                found.append(file.parent.name)
    return found


@unittest.skipUnless(
    shutil.which("clang++") and shutil.which("meson"), "clang and Meson are not installed"
)
class TestRunner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="test runner ")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name)
        cls.log = cls.root / "cluster.log"
        files = {
            "meson.build": MESON,
            "meson_options.txt": "option('bench', type: 'feature')\n",
            "main.cpp": MAIN,
            "good.cpp": GOOD,
            "bad.cpp": BAD,
            "real.cpp": REAL,
            "plain.sh": PLAIN,
            "tools/kafka-cluster": CLUSTER,
            "tests/tools/test_py.py": PYTHON,
            "tests/apache/test_java.py": APACHE,
        }
        for path, text in files.items():
            file = cls.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            if text.startswith("#!"):
                file.chmod(0o755)
        ended = cls.run_tests("--list")
        if ended.returncode != 0:
            raise RuntimeError(ended.stdout)
        cls.listed = ended.stdout.splitlines()

    @classmethod
    def environment(cls, **env):
        base = {key: value for key, value in os.environ.items() if key != "CI"}
        return {**base, "CLUSTER_LOG": str(cls.log), **env}

    @classmethod
    def command(cls, *arguments):
        return [ROOT / "tools" / "test", "--no-install", "--root", cls.root, *arguments]

    @classmethod
    def run_tests(cls, *arguments, **env):
        return subprocess.run(
            cls.command(*arguments),
            cwd=os.sep,
            env=cls.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def assert_counts(self, ended, passed, failed, skipped, code=None):
        last = ended.stdout.splitlines()[-1]
        self.assertEqual(
            last, f"{passed} passed, {failed} failed, {skipped} skipped", ended.stdout
        )
        self.assertEqual(ended.returncode, (1 if failed else 0) if code is None else code)

    # --- doctest programs ---

    def test_each_case_of_a_doctest_program_counts(self):
        ended = self.run_tests("good", "bad")
        self.assert_counts(ended, 6, 0, 2)
        self.assertIn("skipped: no Kerberos here\n    good: finds out that it cannot run", ended.stdout)

    def test_a_failed_check_is_one_failure_with_its_place_and_values(self):
        ended = self.run_tests("bad", BAD_MODE="check")
        self.assert_counts(ended, 2, 1, 0)
        self.assertRegex(ended.stdout, r"=== FAILED bad: middle\nin 'in a subcase':\n.*bad\.cpp:15: ")
        self.assertIn("CHECK(one == 1)\n      is: 2 == 1", textwrap.dedent(ended.stdout))

    def test_a_memory_error_fails_its_case_and_those_it_kept_from_running(self):
        ended = self.run_tests("bad", BAD_MODE="overrun")
        self.assert_counts(ended, 1, 2, 0)
        self.assertIn("heap-buffer-overflow", ended.stdout)
        self.assertRegex(ended.stdout, r"FAILED bad: last\ndid not run: bad ended with exit code 99")

    def test_undefined_behaviour_is_a_failure_with_a_stack(self):
        ended = self.run_tests("bad", BAD_MODE="overflow")
        self.assert_counts(ended, 1, 2, 0)
        self.assertIn("signed integer overflow", ended.stdout)
        self.assertRegex(ended.stdout, r"#0 .* in .*bad\.cpp:")

    def test_a_leak_is_a_failure_though_every_check_passed(self):
        ended = self.run_tests("bad", BAD_MODE="leak")
        self.assert_counts(ended, 3, 1, 0)
        self.assertIn("detected memory leaks", ended.stdout)

    def test_an_early_exit_is_a_failure(self):
        ended = self.run_tests("bad", BAD_MODE="exit")
        self.assert_counts(ended, 1, 2, 0)

    def test_a_program_that_hangs_is_killed_and_fails(self):
        ended = self.run_tests("bad", "--timeout", "2", BAD_MODE="hang")
        self.assert_counts(ended, 1, 2, 0)
        self.assertIn("killed after 2 s without an end", ended.stdout)

    # --- plain programs ---

    def test_an_exit_code_decides_over_a_plain_program(self):
        ended = self.run_tests("fine", "wrong", "skips")
        self.assert_counts(ended, 1, 1, 1)
        self.assertIn("=== FAILED wrong\nended with exit code 3\nthis is what went wrong", ended.stdout)
        # The last line of it stands where it failed, too.
        self.assertIn("    failed   wrong\n        this is what went wrong\n", ended.stdout)
        self.assertIn("skipped: no camera\n    skips", ended.stdout)

    def test_a_plain_program_that_hangs_is_killed_with_its_children(self):
        pid_file = self.root / "hang.pid"
        ended = self.run_tests("hangs", "--timeout", "2", HANG=str(pid_file))
        self.assert_counts(ended, 0, 1, 0)
        self.assertEqual(running_in_group(int(pid_file.read_text())), [])

    # --- Python tests ---

    def test_each_method_of_a_python_test_counts(self):
        ended = self.run_tests("test_py")
        self.assert_counts(ended, 6, 0, 1)
        self.assertIn("skipped: not today\n    tools/test_py: First.test_skips", ended.stdout)

    def test_a_python_test_with_failing_subtests_fails_once(self):
        ended = self.run_tests("test_py", PY_MODE="fail")
        self.assert_counts(ended, 4, 2, 1)

    def test_a_python_test_that_ends_its_process_fails_the_rest(self):
        ended = self.run_tests("test_py", PY_MODE="exit")
        self.assert_counts(ended, 0, 7, 0)
        self.assertIn("FAILED tools/test_py: First.test_exits\nended with exit code 5", ended.stdout)

    def test_a_broken_class_fails_and_an_absent_one_skips_each_of_its_tests(self):
        ended = self.run_tests("test_py", PY_MODE="group")
        self.assert_counts(ended, 4, 2, 1)
        self.assertIn("the class is broken", ended.stdout)
        ended = self.run_tests("test_py", PY_MODE="away")
        self.assert_counts(ended, 4, 0, 3)

    def test_a_python_file_that_cannot_be_loaded_is_a_failure(self):
        file = self.root / "tests" / "tools" / "test_torn.py"
        file.write_text("import nothing_of_this_name\n")
        self.addCleanup(file.unlink)
        ended = self.run_tests("test_torn")
        self.assert_counts(ended, 0, 1, 0)
        self.assertIn("nothing_of_this_name", ended.stdout)

    # --- the cluster ---

    def test_cluster_tests_get_the_brokers_and_the_cluster_is_taken_down(self):
        ended = self.run_tests("real")
        self.assert_counts(ended, 1, 0, 0)
        up, down = self.log.read_text().splitlines()
        folder = self.root / "build" / "check" / "kafka-cluster"
        self.assertRegex(up, rf"^up --secure --quick --reauth-ms \d+ --owner \d+ --dir {re.escape(str(folder))}$")
        self.assertEqual(down, f"down --dir {folder}")

    def test_cluster_tests_get_the_addresses_of_now(self):
        ended = self.run_tests("real", CLUSTER_MOVED="1")
        self.assert_counts(ended, 0, 1, 0)  # it wants the first ones
        self.assertIn("localhost:8,localhost:9", ended.stdout)

    def test_without_a_cluster_its_tests_are_skipped_with_the_reason(self):
        ended = self.run_tests("real", "fine", CLUSTER_MODE="missing")
        self.assert_counts(ended, 1, 0, 1)
        self.assertIn("skipped: no real cluster: kafka-cluster: no Java here", ended.stdout)

    def test_without_a_cluster_its_tests_fail_in_ci(self):
        ended = self.run_tests("real", "fine", CLUSTER_MODE="missing", CI="true")
        self.assert_counts(ended, 1, 1, 0)

    def test_a_cluster_that_breaks_is_a_failure(self):
        ended = self.run_tests("real", CLUSTER_MODE="broken")
        self.assert_counts(ended, 0, 1, 0)
        self.assertIn("node 2 died", ended.stdout)

    def test_an_interrupted_run_kills_its_programs_and_takes_the_cluster_down(self):
        pid_file = self.root / "interrupt.pid"
        child = subprocess.Popen(
            self.command("hangs", "real"),
            env=self.environment(HANG=str(pid_file)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.addCleanup(child.stdout.close)
        with contextlib.ExitStack() as stack:
            stack.callback(child.wait)
            stack.callback(child.kill)
            for _ in range(300):
                if pid_file.exists() and pid_file.read_text().strip() and self.is_up():
                    break
                time.sleep(0.1)
            self.assertTrue(pid_file.exists())
            child.send_signal(signal.SIGTERM)
            output, _ = child.communicate(timeout=60)
            stack.pop_all()
        self.assertEqual(child.returncode, 130, output)
        self.assertIn("interrupted", output)
        self.assertTrue(self.log.read_text().splitlines()[-1].startswith("down "))
        self.assertEqual(running_in_group(int(pid_file.read_text())), [])

    def is_up(self):
        return self.log.exists() and self.log.read_text().startswith("up ")

    # --- Apache's jars ---

    @unittest.skipUnless(shutil.which("javac"), "javac is not installed")
    def test_tests_against_apaches_code_get_its_jars(self):
        self.assert_counts(self.run_tests("test_java"), 1, 0, 0)

    def test_without_the_jars_those_tests_are_skipped_with_the_reason(self):
        ended = self.run_tests("test_java", "fine", CLUSTER_MODE="missing")
        self.assert_counts(ended, 1, 0, 1)
        self.assertIn("skipped: no jars of Apache's: kafka-cluster: no Maven here", ended.stdout)

    def test_without_the_jars_those_tests_fail_in_ci(self):
        ended = self.run_tests("test_java", "fine", CLUSTER_MODE="missing", CI="true")
        self.assert_counts(ended, 1, 1, 0)

    def test_jars_that_cannot_be_fetched_for_another_reason_are_a_failure(self):
        ended = self.run_tests("test_java", CLUSTER_MODE="broken")
        self.assert_counts(ended, 0, 1, 0)
        self.assertIn("no space left", ended.stdout)

    # --- choosing ---

    def test_the_list_names_every_test_that_a_default_run_has(self):
        self.assertEqual(
            sorted(self.listed),
            sorted(
                [
                    'good: a comma, a "quote" and a \\ are part of a name',
                    "good: plain",
                    "good: plain enough",
                    "good: finds out that it cannot run",
                    "bad: first",
                    "bad: middle",
                    "bad: last",
                    "real: sees the brokers",
                    *["fine", "wrong", "skips", "hangs"],
                    *[f"tools/test_py: First.test_{x}" for x in "passes fails skips exits".split()],
                    "tools/test_py: First.test_subtests",
                    "tools/test_py: Second.test_one",
                    "tools/test_py: Second.test_two",
                    "apache/test_java: Java.test_has_jars",
                ]
            ),
        )

    def test_a_part_of_a_name_chooses_whatever_its_case(self):
        self.assert_counts(self.run_tests("PLAIN enough"), 1, 0, 0)
        self.assert_counts(self.run_tests("TEST_PASSES"), 1, 0, 0)
        self.assert_counts(self.run_tests("good: plain"), 2, 0, 0)
        self.assert_counts(self.run_tests('comma, a "quote" and a \\'), 1, 0, 0)
        self.assert_counts(self.run_tests("test_py.Second.test_one"), 1, 0, 0)
        self.assert_counts(self.run_tests("tests/tools/test_py.py", "Second"), 6, 0, 1)

    def test_a_name_that_fits_nothing_is_an_error(self):
        ended = self.run_tests("good", "no such test")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("no test fits 'no such test'", ended.stdout)

    def test_a_bad_option_is_an_error(self):
        self.assertEqual(self.run_tests("--jobs", "0").returncode, 2)
        self.assertEqual(self.run_tests("--nonsense").returncode, 2)

    # --- the build ---

    def test_a_build_that_fails_is_a_failed_test(self):
        file = self.root / "real.cpp"
        file.write_text(REAL + "int unused_result = missing_name;\n")
        self.addCleanup(file.write_text, REAL)
        ended = self.run_tests("good")
        self.assert_counts(ended, 0, 1, 0)
        self.assertIn("missing_name", ended.stdout)

    def test_a_warning_is_a_failed_build(self):
        file = self.root / "real.cpp"
        file.write_text(REAL + "static int unused() { return 1; }\n")
        self.addCleanup(file.write_text, REAL)
        ended = self.run_tests("good")
        self.assert_counts(ended, 0, 1, 0)
        self.assertIn("-Wunused-function", ended.stdout)


if __name__ == "__main__":
    unittest.main()
