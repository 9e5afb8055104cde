# SPDX-License-Identifier: Apache-2.0
"""Packages, through tools/install-deps."""

import pathlib
import subprocess
from collections.abc import Sequence


def install(root: pathlib.Path, groups: Sequence[str], quiet: bool = False) -> str | None:
    """Installs what the groups lack. Returns what went wrong, in its last line."""
    ended = subprocess.run(
        [str(root / "tools" / "install-deps"), *groups],
        stdin=subprocess.DEVNULL if quiet else None,
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    said = ended.stderr.strip()
    if ended.returncode == 0:
        if said:
            print(said)
        return None
    if not quiet:
        print(said)
    return said.splitlines()[-1] if said else f"install-deps ended with {ended.returncode}"
