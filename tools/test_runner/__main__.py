# SPDX-License-Identifier: Apache-2.0
"""tools/test: installs, builds with sanitizers, runs the tests, counts them."""

import argparse
import contextlib
import ctypes
import os
import pathlib
import signal
import sys

import process
from session import Options, Session

DESCRIPTION = """\
Installs what is missing, builds in build/check with ASan and UBSan and warnings as errors, and runs
the tests. Tests against a real Apache Kafka cluster, which is started for them, are skipped where
Java or the Java package repository cannot be had; with CI=true in the environment that is a
failure. The last line is `N passed, N failed, N skipped`; the exit code is 0 if none failed.
"""
EPILOG = """\
A NAME is the name of a test program (base, test_check_layers), or a part of the name of a test as
--list prints it, whatever its case. One that fits nothing is an error (exit code 2).

examples:
  tools/test                      everything that a change must pass
  tools/test protocol             one program
  tools/test "leader epoch"       the tests with this in their names
  tools/test --long               also TSan, g++ with sanitizers, fuzzing, aarch64
"""


def parse() -> Options:
    parser = argparse.ArgumentParser(
        prog="tools/test",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="run these only")
    parser.add_argument("--long", action="store_true", help="add what takes longer")
    parser.add_argument("--list", action="store_true", help="build, print the tests, run none")
    parser.add_argument("--no-install", action="store_true", help="install no packages")
    parser.add_argument("--verbose", "-v", action="store_true", help="show each test")
    parser.add_argument(
        "--jobs",
        "-j",
        type=int,
        default=len(os.sched_getaffinity(0)),
        metavar="N",
        help="compile and test N at a time (default: the processors, here %(default)s)",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="S",
        help="seconds that a test program may take (default: 300, or what the build says if that "
        "is more; a multiple of it where --long runs things slowly)",
    )
    parser.add_argument(
        "--root",
        type=pathlib.Path,
        default=pathlib.Path(__file__).resolve().parent.parent.parent,
        help=argparse.SUPPRESS,
    )
    given = parser.parse_args()
    if given.jobs < 1:
        parser.error("--jobs must be 1 or more")
    if given.timeout is not None and given.timeout <= 0:
        parser.error("--timeout must be more than 0")
    return Options(
        root=given.root.resolve(),
        names=tuple(given.names),
        long=given.long,
        list=given.list,
        install=not given.no_install,
        verbose=given.verbose,
        jobs=given.jobs,
        timeout=given.timeout,
        ci=os.environ.get("CI") == "true",
    )


def keep_addresses_in_place() -> None:
    """Turns address randomisation off for all children.

    Kernels that randomise 32 bits place a program where the sanitizers of clang 14 have their
    shadow memory: it then dies at its start, now and then.
    """
    addr_no_randomize = 0x0040000
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).personality(addr_no_randomize)


def interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(number)


def main() -> int:
    options = parse()
    keep_addresses_in_place()
    # A shell starts what runs in the background with Ctrl-C ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    session = Session(options)
    try:
        return session.run()
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    finally:
        # A second Ctrl-C must not leave a cluster behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        process.stop_all()
        session.clean_up()


if __name__ == "__main__":
    sys.exit(main())
