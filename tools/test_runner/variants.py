# SPDX-License-Identifier: Apache-2.0
"""The other ways to build the unit tests, which `tools/test --long` adds."""

import dataclasses

from build import WERROR, Recipe


@dataclasses.dataclass(frozen=True)
class Variant:
    name: str  # shown in front of its programs
    folder: str  # in build/
    recipe: Recipe
    slower: float = 1  # what its time limits are multiplied by
    suites: frozenset[str] = frozenset({"unit", "examples"})
    wrapper: tuple[str, ...] = ()


GCC = ("gcc", "g++")

VARIANTS = [
    Variant(
        "tsan",
        "tsan",
        Recipe(
            (
                "-Doptimization=1",
                "-Ddebug=true",
                "-Db_sanitize=thread",
                "-Db_lundef=false",
                WERROR,
            )
        ),
        slower=4,
    ),
    Variant(
        "g++ sanitized",
        "check-gcc",
        Recipe(
            (
                "-Doptimization=1",
                "-Ddebug=true",
                "-Db_sanitize=address,undefined",
                # These three checks make g++ take three times as long; clang's build has them.
                # The warning is a false one in Asio's use_future.hpp at this optimisation.
                "-Dcpp_args=-fno-sanitize=null,alignment,object-size -Wno-maybe-uninitialized",
                WERROR,
            ),
            GCC,
        ),
        slower=3,
    ),
    Variant("g++ release", "release-gcc", Recipe(("--buildtype=release", WERROR), GCC)),
]
