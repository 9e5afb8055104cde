# SPDX-License-Identifier: Apache-2.0
"""Which tests the command line's names mean."""

from collections.abc import Sequence


class Selection:
    def __init__(self, names: Sequence[str], programs: Sequence[str]) -> None:
        self._names = names
        self._programs = {
            name for name in names if any(is_program(name, program) for program in programs)
        }
        self._used: set[str] = set(self._programs)

    def cases(self, program: str, listed: Sequence[str]) -> list[str]:
        """The chosen ones of a program's cases. Without names: all.

        A name that is a program's is that program; else it is looked for in the tests' names.
        """
        if not self._names:
            return list(listed)
        chosen: set[int] = set()
        for name in self._names:
            if name in self._programs:
                hits = set(range(len(listed))) if is_program(name, program) else set()
            else:
                hits = {i for i, case in enumerate(listed) if fits(name, program, case)}
            if hits:
                self._used.add(name)
            chosen |= hits
        return [case for i, case in enumerate(listed) if i in chosen]

    def unused(self) -> list[str]:
        return [name for name in self._names if name not in self._used]


def is_program(name: str, program: str) -> bool:
    """`test_x` is also `tools/test_x`; `base` is also `test-base` and `tsan: base`."""
    aliases = {program, program.rpartition(": ")[2]}
    aliases |= {alias.rpartition("/")[2] for alias in aliases}
    aliases |= {f"test-{alias}" for alias in aliases}
    aliases |= {f"{alias}.py" for alias in aliases}
    return name in aliases or name.removeprefix("tests/") in aliases


def fits(name: str, program: str, case: str) -> bool:
    wanted = name.casefold()
    stem = program.rpartition("/")[2]
    return any(wanted in text.casefold() for text in (f"{program}: {case}", f"{stem}.{case}"))
