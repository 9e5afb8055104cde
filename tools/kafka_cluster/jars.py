# SPDX-License-Identifier: Apache-2.0
"""Java, and Kafka's own jars: through the ordinary Maven client, kept in the user's cache.

Where Maven gets them is Maven's affair (its settings name repositories, mirrors and proxies).
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile

from .faults import FAILED, JARS_UNAVAILABLE, PROGRAM_MISSING, USAGE, Fault
from .process import run, spawn

DEFAULT_VERSION = "4.4.0"
TRIED_VERSIONS = ("4.4.0", "4.3.1", "3.9.1")
TOOLS_VERSION = "4.3.1"  # kafka-tools 4.4.0 is not published
LOGGER_VERSION = "1.7.36"  # the slf4j that Kafka 3.9 to 4.4 are built with
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
JAVA_FLOOR = 17
FETCH_SECONDS = 900
JAVA_PACKAGE = "openjdk-17-jre-headless"

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kafka-asio</groupId><artifactId>kafka-cluster</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>{artifact}</artifactId>
      <version>{version}</version>
{exclusions}    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId>
      <version>{logger}</version>
    </dependency>
  </dependencies>
</project>
"""

# Kafka 4.4.0 asks for it, and it is not published. The tools of TOOLS_VERSION need theirs.
_NO_TOOLS_API = """      <exclusions><exclusion>
        <groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId>
      </exclusion></exclusions>
"""


def check_version(version):
    """Refuse what is no version: it becomes part of a path and of a pom."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise Fault(USAGE, f"--version wants a release such as {DEFAULT_VERSION}, not {version!r}")
    return version


def pom(artifact, version):
    """The project that Maven resolves."""
    exclusions = "" if artifact == "kafka-tools" else _NO_TOOLS_API
    return _POM.format(
        artifact=artifact, version=version, exclusions=exclusions, logger=LOGGER_VERSION
    )


def cache_root():
    """${XDG_CACHE_HOME:-~/.cache}/kafka-asio; the standard ignores a relative XDG_CACHE_HOME."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "kafka-asio")


def need(program, package, also_in=()):
    """The path of a program, or exit status 3 with the package that brings it."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *also_in])
    found = shutil.which(program, path=path)
    if not found:
        raise Fault(
            PROGRAM_MISSING, f"{program} is missing: install Debian's package {package}"
        )
    return found


def java_version(text):
    """The feature release from the output of `java -version`, or None ("1.8.0" is 8)."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', text)
    if not found:
        return None
    first = int(found.group(1))
    return int(found.group(2) or 0) if first == 1 else first


def find_java():
    """The java to use (JAVA_HOME's, else the PATH's) and its feature release."""
    home = os.environ.get("JAVA_HOME", "")
    java = shutil.which(os.path.join(home, "bin", "java")) if home else None
    java = java or need("java", JAVA_PACKAGE)
    try:
        version = java_version(run([java, "-version"], f"{java} -version"))
    except (Fault, OSError):
        version = None
    if version is None or version < JAVA_FLOOR:
        what = f"is Java {version}" if version else "does not say its version"
        raise Fault(
            PROGRAM_MISSING,
            f"{java} {what}, and Kafka needs Java {JAVA_FLOOR}: "
            f"install Debian's package {JAVA_PACKAGE}",
        )
    return java, version


@contextlib.contextmanager
def _locked(path):
    """One process at a time; the lock goes with its holder, whatever happens to it."""
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _reason(output):
    """The first error Maven names, as one line."""
    for line in output.splitlines():
        if line.startswith("[ERROR]"):
            text = re.sub(r"\x1b\[[0-9;]*m", "", line[7:]).strip()
            text = re.sub(r"^Failed to execute goal .*? on project \S+: ", "", text)
            return text.split(" -> [Help")[0][:600]
    return "Maven did not say why"


def _maven(mvn, folder):
    argv = [mvn, "--batch-mode", "--strict-checksums", "-Dstyle.color=never", PLUGIN,
            "-DoutputDirectory=jars"]
    child = spawn(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                  errors="replace")
    try:
        output, _ = child.communicate(timeout=FETCH_SECONDS)
        return child.returncode, output
    except subprocess.TimeoutExpired:
        return 1, f"[ERROR] nothing came within {FETCH_SECONDS} s"
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def _fetch(artifact, version, target):
    mvn = need("mvn", "maven")
    print(f"kafka-cluster: fetching {artifact} {version} through Maven", file=sys.stderr)
    root, name = os.path.split(target)
    prefix = f"fetch-{name}-"
    for stale in os.listdir(root):  # of one that was killed; we hold the lock
        if stale.startswith(prefix):
            shutil.rmtree(os.path.join(root, stale), ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=prefix) as folder:
        with open(os.path.join(folder, "pom.xml"), "w", encoding="utf-8") as file:
            file.write(pom(artifact, version))
        status, output = _maven(mvn, folder)
        if status != 0:
            wanted = f"org.apache.kafka:{artifact}:jar:{version}"
            absent = re.search(rf"(?i)could not find artifact {re.escape(wanted)}\b", output)
            # A repository without the ones that do exist is a repository that we do not have.
            if absent and version not in TRIED_VERSIONS:
                raise Fault(USAGE, f"{artifact} {version} is not published: {_reason(output)}")
            raise Fault(
                JARS_UNAVAILABLE,
                f"{artifact} {version} could not be had through Maven: {_reason(output)}",
            )
        jars = os.path.join(folder, "jars")
        if not os.path.exists(os.path.join(jars, f"{artifact}-{version}.jar")):
            raise Fault(FAILED, f"Maven succeeded but brought no {artifact}-{version}.jar")
        os.rename(jars, target)


def _ensure(artifact, version, name):
    root = cache_root()
    target = os.path.join(root, name)
    # Complete or absent: it arrives by one rename.
    if not os.path.isdir(target):
        try:
            os.makedirs(root, exist_ok=True)
            with _locked(os.path.join(root, f"{name}.lock")):
                if not os.path.isdir(target):
                    _fetch(artifact, version, target)
        except OSError as error:
            raise Fault(FAILED, f"the cache {root} cannot be written: {error}") from error
    return target


def broker_jars(version):
    """The folder with a broker's class path, fetched if it is not in the cache."""
    return _ensure("kafka_2.13", version, f"kafka-{version}")


def tools_jars():
    """The folder with the class path of Kafka's command-line tools."""
    return _ensure("kafka-tools", TOOLS_VERSION, f"tools-{TOOLS_VERSION}")
