# SPDX-License-Identifier: Apache-2.0
"""What a cluster is, and whether its nodes serve."""

import os
import shlex
import time

from . import config, wire
from . import folder as folder_
from .faults import FAILED, WRONG_STATE, Fault

LOG_LINES = 25
# Commands of Java run inside a node's folder, and the class path is a link in the folder above:
# a colon in the cache's path would split it.
CLASS_PATH = ("-cp", "../jars/*")
_NODE = ("-Xmx512m", "-Xms256m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError",
         "-XX:-UsePerfData", "-Djava.awt.headless=true",
         "-Dorg.slf4j.simpleLogger.showDateTime=true",
         "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
         "-Djava.security.krb5.conf=../kerberos/krb5.conf")
# Without the second compiler a node starts with half of the processor time (4.5 s for 8.4 s).
_QUICK = "-XX:TieredStopAtLevel=1"
BRIEF = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:-UsePerfData", _QUICK)


class Spec:
    """What a cluster is: kept in cluster.json, so that later commands know it."""

    def __init__(self, folder, version, node_ports, java, quick, extra, kdc, oauth):
        self.folder = folder
        self.version = version
        self.ports = node_ports  # {node: {listener: port}}
        self.java = java
        self.quick = quick
        self.extra = extra
        self.kdc = kdc  # {"port": ..., "argv": [...]} or None
        self.oauth = oauth  # {"ports": [HTTP's, HTTPS's], "argv": [...]} or None

    @classmethod
    def load(cls, folder):
        """The cluster that runs in a folder; exit status 5 if none does."""
        if not folder_.is_running(folder):
            raise Fault(WRONG_STATE, f"no cluster runs in {folder}")
        data = folder_.read_json(folder, folder_.CLUSTER_FILE)
        if data is None:
            raise Fault(WRONG_STATE, f"the cluster in {folder} is only being prepared by an `up`")
        try:
            return cls(folder, data["version"], {int(n): own for n, own in data["ports"].items()},
                       data["java"], data.get("quick", False), data["extra"], data["kdc"],
                       data["oauth"])
        except KeyError as error:  # the sources have changed under a running cluster
            raise Fault(WRONG_STATE, f"{folder}/{folder_.CLUSTER_FILE} lacks {error}: another "
                        "version of this script started that cluster; it can only end it (`down`)"
                        ) from None

    def save(self):
        """Write cluster.json and every node's configuration."""
        for node in self.ports:
            text = config.node_config(node, self.ports, self.kdc is not None, self.extra,
                                      self.oauth and self.oauth["ports"][0])
            with open(os.path.join(self.node_folder(node), "server.properties"), "w",
                      encoding="utf-8") as file:
                file.write(text)
        folder_.write_json(self.folder, folder_.CLUSTER_FILE, {
            "version": self.version, "ports": self.ports, "java": self.java,
            "quick": self.quick, "extra": self.extra, "kdc": self.kdc,
            "oauth": self.oauth})

    def node_folder(self, node):
        """A node's working directory."""
        return os.path.join(self.folder, f"node-{node}")

    def environment(self):
        """NAME=value lines that a shell can evaluate."""
        reauth = dict(line.split("=", 1) for line in self.extra).get(config.REAUTH)
        pairs = config.environment(self.folder, self.ports, self.kdc is not None,
                                   self.oauth and self.oauth["ports"], reauth)
        return "".join(f"{name}={shlex.quote(value)}\n" for name, value in pairs)

    def start(self, node):
        """Ask the supervisor to start a node."""
        options = [*_NODE, *([_QUICK] if self.quick else [])]
        if self.oauth:
            # Without it a broker refuses every address of keys (CVE-2025-27817).
            url = config.jwks_url(self.oauth["ports"][0])
            options.append(f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={url}")
        folder_.ask(self.folder, op="start", name=str(node), cwd=f"node-{node}", env={},
                    log=f"node-{node}/kafka.log",
                    argv=[self.java, *options, *CLASS_PATH, "kafka.Kafka", "server.properties"])

    def states(self):
        """{node: {"pid", "state", "exit"}} of nodes that were ever started."""
        answer = folder_.ask(self.folder, op="status")
        return {int(name): state for name, state in answer.items() if name.isdigit()}

    def running(self):
        """Nodes that are neither stopped nor paused."""
        return sorted(n for n, state in self.states().items() if state["state"] == "running")

    def signal(self, node, name):
        """Signal a node through its parent; whether it ran."""
        return folder_.ask(self.folder, op="signal", name=str(node), signal=name)["running"]

    def log_tail(self, node):
        """The end of a node's log, for a message."""
        try:
            with open(os.path.join(self.node_folder(node), "kafka.log"), encoding="utf-8",
                      errors="replace") as file:
                return "".join(file.readlines()[-LOG_LINES:])
        except OSError:
            return ""


def _not_ready(spec, nodes):
    """(node, why) for the first node that does not know all of them at their ports, or None."""
    for node in nodes:
        try:
            known = wire.brokers_known_to(spec.ports[node]["PLAINTEXT"])
        except (OSError, ValueError) as error:
            return node, f"does not answer ({error})"
        for other in nodes:
            if known.get(other, (None, None))[1] != spec.ports[other]["PLAINTEXT"]:
                return node, f"does not know node {other} yet"
    return None


def wait_ready(spec, nodes, timeout):
    """Return when each of the nodes serves and knows all of them; Fault after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        for node, state in spec.states().items():
            if node in nodes and state["state"] == "stopped":
                raise Fault(FAILED, f"node {node} ended with status {state['exit']}: see "
                            f"{spec.node_folder(node)}/kafka.log", spec.log_tail(node))
        found = _not_ready(spec, nodes)
        if found is None:
            return
        if time.monotonic() > deadline:
            node, why = found
            raise Fault(FAILED, f"node {node} {why} after {timeout:g} s: see "
                        f"{spec.node_folder(node)}/kafka.log", spec.log_tail(node))
        time.sleep(0.1)


