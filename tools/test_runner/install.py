# SPDX-License-Identifier: Apache-2.0
"""Packages, through tools/install-deps."""

import pathlib
import subprocess
import threading
from collections.abc import Sequence

# The cluster and the jars are made ready side by side; apt does one thing at a time.
_one_at_a_time = threading.Lock()


def install(root: pathlib.Path, groups: Sequence[str], quiet: bool = False) -> str | None:
    """Installs what the groups lack. Returns what went wrong, in its last line."""
    with _one_at_a_time:
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
