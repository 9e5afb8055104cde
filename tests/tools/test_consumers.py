# SPDX-License-Identifier: Apache-2.0
"""Programs that use the installed libraries, through pkg-config, CMake and Meson.

With KAFKA_ASIO_LONG: both compilers, both standards, static and shared.
"""

import re
import shutil
import unittest

from library_build import (
    CONSUMERS,
    DEFAULT,
    LONG,
    ROOT,
    Combination,
    alone,
    copy_of,
    installed,
    libdir,
    run,
    subproject,
)

COMBINATIONS = [DEFAULT]
if LONG:
    COMBINATIONS += [
        Combination(compiler, standard, library)
        for compiler in ("g++", "clang++")
        for standard in ("20", "23")
        for library in ("static", "shared")
    ]

README = (ROOT / "README.md").read_text()
SAID = "orders 6\n"


class Consumers(unittest.TestCase):
    def each_combination(self, check):
        for combination in COMBINATIONS:
            with self.subTest(str(combination)):
                prefix = installed(combination)
                with alone(combination.folder):
                    self.check_kind(combination, check(combination, prefix))

    def check_kind(self, combination, app):
        """That a program is linked as the combination says."""
        needed = re.findall(r"NEEDED.*\[(libkafka.*)\]", run(["readelf", "-d", app]))
        if combination.library == "static":
            self.assertEqual(needed, [])
        else:
            self.assertEqual(len(needed), 2, needed)

    def test_a_program_built_with_pkg_config_runs(self):
        def check(combination, prefix):
            folder = copy_of("pkgconfig", combination.folder / "pkgconfig")
            build = (folder / "build.sh").read_text()
            said = f"{combination.compiler} -std={combination.cpp_std}"
            # Where a folder's name has a space, pkg-config quotes it for a shell that reads it again.
            command = build.replace("g++ -std=c++20", said).splitlines()[-1]
            (folder / "build.sh").write_text(f'eval "{command}"\n')
            path = libdir(prefix) / "pkgconfig"
            run(["sh", "-e", "build.sh"], cwd=folder, PKG_CONFIG_PATH=path)
            # A prefix of one's own is not where the loader looks.
            self.assertEqual(run([folder / "app"], LD_LIBRARY_PATH=libdir(prefix)), SAID)
            return folder / "app"

        self.each_combination(check)

    def test_a_program_built_with_cmake_runs_where_it_was_built(self):
        def check(combination, prefix):
            source = copy_of("cmake", combination.folder / "cmake")
            folder = source / "build"
            command = ["cmake", "-G", "Ninja", "-S", source, "-B", folder]
            command += [f"-DCMAKE_PREFIX_PATH={prefix}"]
            command += [f"-DCMAKE_CXX_COMPILER={combination.compiler}"]
            if combination.standard != "20":  # which the target asks for itself
                command += [f"-DCMAKE_CXX_STANDARD={combination.standard}"]
            run(command)
            run(["cmake", "--build", folder])
            self.assertEqual(run([folder / "app"]), SAID)
            return folder / "app"

        self.each_combination(check)

    def test_cmake_finds_the_files_where_they_have_been_moved_to(self):
        moved = DEFAULT.folder / "moved"
        prefix = installed(DEFAULT)
        with alone(DEFAULT.folder):
            shutil.rmtree(moved, ignore_errors=True)
            shutil.copytree(prefix, moved, symlinks=True)
            source = copy_of("cmake", DEFAULT.folder / "cmake-moved")
            run(["cmake", "-G", "Ninja", "-S", source, "-B", source / "build"]
                + [f"-DCMAKE_PREFIX_PATH={moved}", "-DCMAKE_CXX_COMPILER=clang++"])  # fmt: skip
            links = run(["ninja", "-C", source / "build", "-t", "commands", "app"])
        self.assertIn(f"{libdir(moved)}/libkafka-asio.so", links)
        self.assertNotIn(f"{libdir(prefix)}/libkafka-asio.so", links)

    def test_a_program_built_with_meson_around_this_tree_runs(self):
        for combination in COMBINATIONS:
            with self.subTest(str(combination)), alone(combination.folder):
                folder = subproject(combination)
                self.assertEqual(run([folder / "app"]), SAID)
                self.check_kind(combination, folder / "app")

    def test_as_a_subproject_there_are_the_libraries_alone(self):
        with alone(DEFAULT.folder):
            listed = run(["ninja", "-C", subproject(DEFAULT), "-t", "targets", "all"])
        programs = re.findall(r"^(\S+): cpp_LINKER", listed, re.MULTILINE)
        libraries = [p for p in programs if re.search(r"libkafka-asio(-testing)?\.so", p)]
        self.assertEqual(len(libraries), 2, programs)
        self.assertEqual(sorted(programs), sorted([*libraries, "app"]))


class Readme(unittest.TestCase):
    def test_it_quotes_the_consumers_build_files_as_they_are(self):
        quoted = [block.strip() for block in re.findall(r"```\w+\n(.*?)```", README, re.DOTALL)]
        for path in ("pkgconfig/build.sh", "cmake/CMakeLists.txt", "meson/meson.build"):
            with self.subTest(path):
                source = (CONSUMERS / path).read_text().split("\n", 1)[1].strip()
                self.assertIn(source, quoted)


if __name__ == "__main__":
    unittest.main()
