# SPDX-License-Identifier: Apache-2.0
"""The machine that a run happens on: what it is, which cores are used, and who else uses them."""

import dataclasses
import os
import pathlib
import platform
import shutil
import subprocess
import time

CONGESTION = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control")
INSIDE = "KAFKA_ASIO_BENCH_NAMESPACE"


def inside_namespace() -> bool:
    return INSIDE in os.environ


def enter_namespace(arguments: list[str]) -> str | None:
    """Starts the program again in a network namespace of its own. Returns why not, if it cannot.

    There nobody else's packets pass, and the congestion control can be chosen: BBR, the default on
    some machines, doubles what sending costs over loopback.
    """
    if inside_namespace():
        return None
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "unshare or ip is not installed"
    command = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    tried = subprocess.run([*command, "true"], stderr=subprocess.PIPE, text=True)
    if tried.returncode != 0:
        return tried.stderr.strip() or "unshare is not permitted"
    os.environ[INSIDE] = "1"
    os.execvp(command[0], [*command, *arguments])


def set_up_namespace() -> str:
    """Inside: brings loopback up and chooses Reno. Returns the congestion control in use."""
    if inside_namespace():
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        try:
            CONGESTION.write_text("reno")
        except OSError:
            pass  # what is in use is stated with the table
    return CONGESTION.read_text().strip()


def model() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def features() -> str:
    wanted = ("sse4_2", "pclmulqdq", "avx2", "vpclmulqdq", "avx512f", "crc32", "pmull")
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            present = set(value.split())
            return ", ".join(flag for flag in wanted if flag in present)
    return ""


@dataclasses.dataclass(frozen=True)
class Cores:
    """Which processors the broker and the client run on."""

    broker: int
    client: tuple[int, ...]

    def for_client(self, count: int) -> list[int]:
        return list(self.client[:count])


def choose_cores() -> Cores:
    """The last processor for the broker, the first for one client, more for its threads."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise SystemExit("bench/run: two processors are needed: one for the client, one for the broker")
    return Cores(broker=usable[-1], client=tuple(usable[:-1]))


def busy_seconds(cores: list[int]) -> float:
    """How long these processors have done something since the machine started, for anybody."""
    names = {f"cpu{core}" for core in cores}
    ticks = 0
    for line in pathlib.Path("/proc/stat").read_text().splitlines():
        fields = line.split()
        if fields and fields[0] in names:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[1:9])
            ticks += user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


class ForeignShare:
    """What others took of some processors during a `with` block, as a share of their time."""

    def __init__(self, cores: list[int]):
        self._cores = cores
        self.share = 0.0

    def __enter__(self) -> "ForeignShare":
        self._began = time.monotonic()
        self._busy = busy_seconds(self._cores)
        self._own = own_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        took = time.monotonic() - self._began
        foreign = busy_seconds(self._cores) - self._busy - (own_seconds() - self._own)
        self.share = max(0.0, foreign / (took * len(self._cores)))


def own_seconds() -> float:
    """CPU time of the children that have ended."""
    times = os.times()
    return times.children_user + times.children_system
