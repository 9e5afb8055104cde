# SPDX-License-Identifier: Apache-2.0
"""Building for aarch64 and running it under qemu, without touching the machine's packages.

The foreign libraries are fetched by apt into a folder of their own (with its own lists and an empty
status, so that it resolves all dependencies) and unpacked there. Clang and lld link against it.
"""

import pathlib
import shutil
import subprocess

from build import WERROR, Recipe

TRIPLE = "aarch64-linux-gnu"
PACKAGES = [
    "libstdc++-12-dev",
    "libc6-dev",
    "libssl-dev",
    "zlib1g-dev",
    "libsnappy-dev",
    "liblz4-dev",
    "libzstd-dev",
    "libdeflate-dev",
]


class Unavailable(Exception):
    """Something cannot be had; the text says what."""


def sysroot(build: pathlib.Path) -> pathlib.Path:
    """The folder with the foreign libraries, filled when it is not."""
    folder = build / "aarch64-sysroot"
    root = folder / "root"
    done = folder / "complete"
    if done.exists() and done.read_text() == "\n".join(PACKAGES):
        return root
    if not shutil.which("apt-get"):
        raise Unavailable("there is no apt-get to fetch the libraries with")
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("state/lists/partial", "cache/archives/partial", "root"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    options = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "",
        "Acquire::Retries": "3",
        "Acquire::Languages": "none",
        "Debug::NoLocking": "true",
        "Dir::State": f"{folder}/state",
        "Dir::State::status": f"{folder}/status",
        "Dir::Cache": f"{folder}/cache",
    }
    apt = ["apt-get", "-q", "-y"] + [f"-o{key}={value}" for key, value in options.items()]
    # Sources without arm64 give errors that do not matter; what is missing shows in the next step.
    _quiet([*apt, "update"])
    ended = _quiet([*apt, "--download-only", "--no-install-recommends", "install", *PACKAGES])
    if ended.returncode != 0:
        lines = ended.stdout.strip().splitlines()
        raise Unavailable(f"apt-get cannot fetch the arm64 libraries: {lines[-1] if lines else ''}")
    for package in sorted((folder / "cache" / "archives").glob("*.deb")):
        if _quiet(["dpkg-deb", "-x", str(package), str(root)]).returncode != 0:
            raise Unavailable(f"{package.name} cannot be unpacked")
    # An absolute link, or a linker script, in the foreign tree would lead to the machine's own.
    for link in (path for path in root.rglob("*") if path.is_symlink()):
        target = link.readlink()
        if target.is_absolute():
            link.unlink()
            link.symlink_to(root / target.relative_to("/"))
    shutil.rmtree(folder / "cache")
    shutil.rmtree(folder / "state")
    done.write_text("\n".join(PACKAGES))
    return root


def _quiet(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def without_paths(text: str) -> str:
    """A pkg-config file without its folders: the compiler knows those of its sysroot, and
    pkg-config's own rewriting of them breaks at a space in a path.
    """
    lines = []
    for line in text.splitlines():
        if line.startswith(("Libs", "Cflags")):
            words = line.split()
            line = " ".join(word for word in words if not word.startswith(("-L", "-I")))
        lines.append(line)
    return "\n".join(lines) + "\n"


def recipe(build: pathlib.Path) -> Recipe:
    """How to configure the cross build. Writes Meson's cross file."""
    for program, package in (
        ("clang++", "clang"),
        ("ld.lld", "lld"),
        ("qemu-aarch64", "qemu-user"),
        ("pkg-config", "pkg-config"),
    ):
        if not shutil.which(program):
            raise Unavailable(f"{program} is missing (Debian package {package})")
    root = sysroot(build)
    # Headers without machine code have no arm64 package to come from.
    headers = build / "aarch64-sysroot" / "headers"
    headers.mkdir(exist_ok=True)
    for name in ("asio", "asio.hpp", "doctest", "nlohmann"):
        ours, theirs = pathlib.Path("/usr/include") / name, headers / name
        if ours.exists() and not theirs.is_symlink():
            theirs.symlink_to(ours)
    pkgconfig = build / "aarch64-sysroot" / "pkgconfig"
    pkgconfig.mkdir(exist_ok=True)
    for name, header, version in (
        ("doctest", "doctest", "2.4.9"),
        ("nlohmann_json", "nlohmann", "3.11.2"),
    ):
        if (headers / header).exists():
            text = f"Name: {name}\nDescription: headers\nVersion: {version}\n"
            (pkgconfig / f"{name}.pc").write_text(text)
    for file in (root / "usr/lib" / TRIPLE / "pkgconfig").glob("*.pc"):
        (pkgconfig / file.name).write_text(without_paths(file.read_text()))
    target = [f"--target={TRIPLE}", f"--sysroot={root}"]
    cross = build / "aarch64-sysroot" / "cross.ini"
    cross.write_text(
        "[binaries]\n"
        f"cpp = {['clang++', *target]}\n"
        f"c = {['clang', *target]}\n"
        "ar = 'llvm-ar'\nstrip = 'llvm-strip'\npkgconfig = 'pkg-config'\n"
        f"exe_wrapper = {['qemu-aarch64', '-L', str(root)]}\n"
        "[built-in options]\n"
        f"cpp_args = {['-isystem', str(headers)]}\n"
        "cpp_link_args = ['-fuse-ld=lld']\nc_link_args = ['-fuse-ld=lld']\n"
        "[properties]\n"
        f"pkg_config_libdir = {str(pkgconfig)!r}\n"
        "[host_machine]\n"
        "system = 'linux'\ncpu_family = 'aarch64'\ncpu = 'aarch64'\nendian = 'little'\n"
    )
    return Recipe((f"--cross-file={cross}", "--buildtype=release", "-Dtools=disabled", WERROR))


def wrapper(build: pathlib.Path) -> tuple[str, ...]:
    return ("qemu-aarch64", "-L", str(build / "aarch64-sysroot" / "root"))
