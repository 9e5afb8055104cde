# SPDX-License-Identifier: Apache-2.0
"""The commands: what each does to the cluster of one folder."""

import base64
import contextlib
import fcntl
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import uuid

from . import certificates, config, jars, kerberos, ports, supervisor, wire
from . import folder as folder_
from .faults import FAILED, USAGE, WRONG_STATE, Fault
from .process import run_all, signal_exactly, start_time, wait_gone

STOP_SECONDS = 30.0
LOG_LINES = 25
# Commands of Java run inside a node's folder, and the class path is a link in the folder above:
# a colon in the cache's path would split it.
_CLASS_PATH = ("-cp", "../jars/*")
_NODE = ("-Xmx512m", "-Xms256m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError",
         "-XX:-UsePerfData", "-Djava.awt.headless=true",
         "-Dorg.slf4j.simpleLogger.showDateTime=true",
         "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
         "-Djava.security.krb5.conf=../kerberos/krb5.conf")
# Without the second compiler a node starts with half of the processor time (4.5 s for 8.4 s).
_QUICK = "-XX:TieredStopAtLevel=1"
_BRIEF = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:-UsePerfData", _QUICK)


class Spec:
    """What a cluster is: kept in cluster.json, so that later commands know it."""

    def __init__(self, folder, version, node_ports, java, quick, extra, kdc):
        self.folder = folder
        self.version = version
        self.ports = node_ports  # {node: {listener: port}}
        self.java = java
        self.quick = quick
        self.extra = extra
        self.kdc = kdc  # {"port": ..., "argv": [...]} or None

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
                       data["java"], data.get("quick", False), data["extra"], data["kdc"])
        except KeyError as error:  # the sources have changed under a running cluster
            raise Fault(WRONG_STATE, f"{folder}/{folder_.CLUSTER_FILE} lacks {error}: another "
                        "version of this script started that cluster; it can only end it (`down`)"
                        ) from None

    def save(self):
        """Write cluster.json and every node's configuration."""
        for node in self.ports:
            text = config.node_config(node, self.ports, self.kdc is not None, self.extra)
            with open(os.path.join(self.node_folder(node), "server.properties"), "w",
                      encoding="utf-8") as file:
                file.write(text)
        folder_.write_json(self.folder, folder_.CLUSTER_FILE, {
            "version": self.version, "ports": self.ports, "java": self.java,
            "quick": self.quick, "extra": self.extra, "kdc": self.kdc})

    def node_folder(self, node):
        """A node's working directory."""
        return os.path.join(self.folder, f"node-{node}")

    def environment(self):
        """NAME=value lines that a shell can evaluate."""
        pairs = config.environment(self.folder, self.ports, self.kdc is not None)
        return "".join(f"{name}={shlex.quote(value)}\n" for name, value in pairs)

    def start(self, node):
        """Ask the supervisor to start a node."""
        folder_.ask(self.folder, op="start", name=str(node), cwd=f"node-{node}", env={},
                    log=f"node-{node}/kafka.log",
                    argv=[self.java, *_NODE, *([_QUICK] if self.quick else []), *_CLASS_PATH,
                          "kafka.Kafka", "server.properties"])

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


def _wait_kdc(port):
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise Fault(FAILED, f"the KDC does not listen on port {port}: {error}") from error
            time.sleep(0.02)


def _prepare(folder, options, java, openssl, class_path, taken):
    """Write everything that the nodes read. `taken` are the free ports, used up in order."""
    os.symlink(class_path, os.path.join(folder, "jars"))
    certificates.make(openssl, os.path.join(folder, "tls"), config.USERNAME)
    programs = kerberos.find_programs()
    kdc = None
    taken = iter(taken)
    node_ports = {node: {listener: next(taken) for listener in config.LISTENERS}
                  for node in range(1, options.nodes + 1)}
    if programs:
        kdc = {"port": next(taken), "argv": kerberos.kdc_command(programs)}
        kerberos.make(programs, os.path.join(folder, "kerberos"), kdc["port"])
    spec = Spec(folder, options.version, node_ports, java, options.quick, options.config,
                kdc)
    for node in node_ports:
        os.mkdir(spec.node_folder(node))
    spec.save()
    _format(spec)
    return spec


def _format(spec):
    """Give every node its empty log folder, with the SCRAM users in the first metadata."""
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [spec.java, *_BRIEF, *_CLASS_PATH, "kafka.tools.StorageTool", "format",
               "-t", cluster_id, "-c", "server.properties"]
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        user = f"{mechanism}=[name={config.USERNAME},password={config.PASSWORD}]"
        command += ["--add-scram", user]
    run_all([(command, {"cwd": spec.node_folder(node)}) for node in spec.ports],
            "formatting the nodes' storage", 120)


class _Starting:
    """A supervisor that ends everything unless it hears `commit`."""

    def __init__(self, script, folder, held, owner, claims):
        self.link, other = socket.socketpair()
        with other, open(os.path.join(folder, "supervisor.log"), "wb") as log:
            fds = [other.fileno(), held, *(claim.fileno() for claim in claims)]
            # The link's other end goes with us, so the supervisor notices whatever ends us.
            self.process = subprocess.Popen(
                [sys.executable, script, "_supervise", folder, str(fds[0]),
                 f"{owner[0]}:{owner[1]}" if owner else "", *map(str, fds[2:])],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", pass_fds=fds,
                start_new_session=True)
        self.link.settimeout(30)

    def expect(self, line):
        """Wait for a word of the supervisor."""
        try:
            if self.link.recv(64) == line:
                return
        except OSError:
            pass
        raise self.ended()

    @staticmethod
    def ended():
        """What to say when it was not us who ended it."""
        return Fault(FAILED, "the cluster was ended while it started (by a `down`, or its owner is "
                     "gone)")

    def was_ended(self):
        """Whether the supervisor has said that it ends."""
        self.link.setblocking(False)
        try:
            return self.link.recv(64) in (supervisor.ENDING, b"")
        except OSError:
            return False

    def commit(self):
        """From now on the cluster lives without us."""
        self.link.sendall(supervisor.COMMIT)
        self.expect(supervisor.COMMITTED)
        self.link.close()

    def abandon(self, failed):
        """End everything, and wait for that. After a failure the logs stay."""
        with contextlib.suppress(OSError):
            if failed:
                self.link.sendall(supervisor.FAILED)
            self.link.shutdown(socket.SHUT_WR)
        try:
            self.process.wait(supervisor.POLITE_SECONDS + 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _owner(pid):
    if pid is None:
        return None
    start = start_time(pid) if pid > 0 else None
    if start is None:
        raise Fault(USAGE, f"--owner: no process {pid} runs")
    return pid, start


def up(options, script):
    """Start a cluster, wait until it serves, print its environment."""
    config.check_extra(options.config)
    owner = _owner(options.owner)
    java, _ = jars.find_java()
    openssl = jars.need("openssl", "openssl")
    class_path = jars.broker_jars(options.version)
    os.umask(0o077)  # keys, keytabs and the control socket are nobody else's
    held = folder_.occupy(options.dir)
    starting = None
    try:
        taken, claims = ports.take(options.nodes * len(config.LISTENERS) + 1)
        spec = _prepare(options.dir, options, java, openssl, class_path, taken)
        starting = _Starting(script, options.dir, held, owner, claims)
        starting.expect(supervisor.SERVING)
        if spec.kdc:
            folder_.ask(options.dir, op="start", name="kdc", cwd="kerberos",
                        log="kerberos/kdc.out", env=kerberos.settings(), argv=spec.kdc["argv"])
            _wait_kdc(spec.kdc["port"])
        for node in spec.ports:
            spec.start(node)
        wait_ready(spec, list(spec.ports), options.timeout)
        sys.stdout.write(spec.environment())
        sys.stdout.flush()
        starting.commit()
    except BaseException as error:
        failed = isinstance(error, Exception)
        if starting:
            was_ended = failed and starting.was_ended()
            starting.abandon(failed)
            if was_ended:
                raise starting.ended() from None
        elif not failed:
            folder_.clean(options.dir)
        raise
    return 0


def down(options):
    """End the cluster of the folder; nothing to do is no error."""
    folder = options.dir
    if not folder_.is_running(folder):
        print(f"kafka-cluster: no cluster runs in {folder}", file=sys.stderr)
    else:
        everyone = folder_.read_json(folder, folder_.SUPERVISOR_FILE)
        if not everyone:
            raise Fault(WRONG_STATE, f"the cluster in {folder} is only being prepared by an `up`: "
                        "interrupt that")
        parent = everyone[0]
        try:
            folder_.ask(folder, op="down", keep=options.keep)
            wait_gone(parent["pid"], parent["start"], supervisor.POLITE_SECONDS + 10)
        except Fault:
            pass  # stuck or ending already: by force, then
        for process in folder_.read_json(folder, folder_.SUPERVISOR_FILE) or everyone:
            signal_exactly(process["pid"], process["start"], signal.SIGKILL)
            if not wait_gone(process["pid"], process["start"], 10):
                raise Fault(FAILED, f"process {process['pid']} does not end")
    if not options.keep and os.path.exists(os.path.join(folder, folder_.LOCK_FILE)):
        held = folder_.occupy(folder)
        folder_.clean(folder)
        os.close(held)
    return 0


@contextlib.contextmanager
def _one_command(folder):
    """Commands that change the cluster take turns."""
    with open(os.path.join(folder, folder_.COMMAND_LOCK_FILE), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _nodes(spec, wanted):
    for node in wanted:
        if node not in spec.ports:
            raise Fault(USAGE, f"there is no node {node}: they are 1 to {len(spec.ports)}")
    return sorted(set(wanted))


def _wait_state(spec, nodes, state, seconds):
    """Nodes that are not in that state after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        states = spec.states()
        left = [n for n in nodes if states.get(n, {"state": "stopped"})["state"] != state]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


def signal_nodes(options, name, state):
    """`kill`, `pause`, `resume`: signal running nodes and wait until the kernel has done it."""
    spec = Spec.load(options.dir)
    nodes = _nodes(spec, options.node)
    with _one_command(options.dir):
        for node in nodes:
            if not spec.signal(node, name):
                raise Fault(WRONG_STATE, f"node {node} does not run")
        left = _wait_state(spec, nodes, state, 10)
        if left:
            raise Fault(FAILED, f"node {left[0]} is not {state} after 10 s")
    return 0


def restart(options):
    """End nodes that run, start them again, wait until they serve."""
    spec = Spec.load(options.dir)
    nodes = _nodes(spec, options.node)
    with _one_command(options.dir):
        for node in nodes:
            if spec.signal(node, "term"):
                spec.signal(node, "cont")
        for node in _wait_state(spec, nodes, "stopped", STOP_SECONDS):
            spec.signal(node, "kill")
        if _wait_state(spec, nodes, "stopped", 10):
            raise Fault(FAILED, "a node does not end")
        if options.new_port:
            for node in nodes:
                # The controller's port is in every node's list of voters: it stays.
                fresh = folder_.ask(options.dir, op="ports", count=len(config.CLIENT_LISTENERS))
                spec.ports[node].update(zip(config.CLIENT_LISTENERS, fresh["ports"]))
            spec.save()
        for node in nodes:
            spec.start(node)
        running = spec.running()
        if len(running) > len(spec.ports) // 2:
            wait_ready(spec, running, options.timeout)
        else:
            print(f"kafka-cluster: only {len(running)} of {len(spec.ports)} nodes run, too few to "
                  "elect a controller: not waiting for them to serve", file=sys.stderr)
    if options.new_port:
        sys.stdout.write(spec.environment())
    return 0


def environment(options):
    """Print what `up` printed, with the addresses of now."""
    sys.stdout.write(Spec.load(options.dir).environment())
    return 0


def status(options):
    """One line a node; 0 if all of them run."""
    spec = Spec.load(options.dir)
    found = spec.states()
    nodes = []
    for node, own in sorted(spec.ports.items()):
        state = found.get(node, {"pid": None, "state": "stopped", "exit": None})
        nodes.append({"node": node, **state, "ports": own})
    if options.json:
        print(json.dumps({"dir": spec.folder, "version": spec.version, "nodes": nodes,
                          "kerberos": spec.kdc is not None}))
    else:
        for entry in nodes:
            own = " ".join(f"{name}={port}" for name, port in entry["ports"].items())
            print(f"{entry['node']} pid={entry['pid'] or '-'} state={entry['state']} {own}")
    return 0 if all(entry["state"] == "running" for entry in nodes) else FAILED


def check(options):
    """Whether `up` could work here: programs present, jars present or fetched now."""
    java, version = jars.find_java()
    jars.need("openssl", "openssl")
    folders = [jars.broker_jars(options.version)] + ([jars.tools_jars()] if options.tools else [])
    print(f"java {version}: {java}")
    for folder in folders:
        print(f"jars: {folder}")
    print("kerberos: " + ("yes" if kerberos.find_programs() else f"no ({kerberos.PACKAGES})"))
    return 0


def jar_folder(options):
    """Print the folder of jars, fetched if need be."""
    print(jars.tools_jars() if options.tools else jars.broker_jars(options.version))
    return 0


def tool(options):
    """Become one of Kafka's command-line tools."""
    java, _ = jars.find_java()
    folder = jars.broker_jars(options.version) if options.version else jars.tools_jars()
    extra = shlex.split(os.environ.get("KAFKA_OPTS", ""))  # as Kafka's own scripts do
    sys.stdout.flush()
    os.execv(java, [java, "-Xmx256m", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", *extra,
                    "-cp", os.path.join(folder, "*"), options.main_class, *options.arguments])
