# SPDX-License-Identifier: Apache-2.0
"""The commands that begin and end a cluster or tell of one; nodes.py has those on its nodes."""

import base64
import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import uuid

from . import certificates, config, jars, kerberos, oauth, ports, supervisor
from . import folder as folder_
from .faults import FAILED, USAGE, WRONG_STATE, Fault
from .process import run_all, signal_exactly, start_time, wait_gone
from .spec import BRIEF, CLASS_PATH, Spec, wait_ready


def _wait_listening(port, what):
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise Fault(FAILED, f"{what} does not listen on port {port}: {error}") from error
            time.sleep(0.02)


def _prepare(folder, options, java, openssl, script, class_path, taken):
    """Write everything that the nodes read. `taken` are the free ports, used up in order."""
    os.symlink(class_path, os.path.join(folder, "jars"))
    certificates.make(openssl, os.path.join(folder, "tls"), config.USERNAME, options.secure)
    taken = iter(taken)
    node_ports = {node: {listener: next(taken) for listener in config.listeners(options.secure)}
                  for node in range(1, options.nodes + 1)}
    programs, kdc, provider = kerberos.find_programs(), None, None
    if programs:
        kdc = {"port": next(taken), "argv": kerberos.kdc_command(programs)}
        kerberos.make(programs, os.path.join(folder, "kerberos"), kdc["port"])
    if options.secure:
        own = [next(taken), next(taken)]
        provider = {"ports": own,
                    "argv": [sys.executable, script, "_provide", openssl, *map(str, own)]}
        oauth.make(openssl, os.path.join(folder, "oauth"))
    extra = options.config
    if options.reauth_ms is not None:  # before the lines of --config, so that those win
        extra = [f"{config.REAUTH}={options.reauth_ms}", *extra]
    spec = Spec(folder, options.version, node_ports, java, options.quick, extra, kdc, provider)
    for node in node_ports:
        os.mkdir(spec.node_folder(node))
    spec.save()
    _format(spec)
    return spec


def _start_services(spec):
    """The processes beside the nodes, which nodes and clients ask."""
    if spec.kdc:
        folder_.ask(spec.folder, op="start", name="kdc", cwd="kerberos", log="kerberos/kdc.out",
                    env=kerberos.settings(), argv=spec.kdc["argv"])
    if spec.oauth:
        folder_.ask(spec.folder, op="start", name="oauth", cwd="oauth", log="oauth/provider.log",
                    env={}, argv=spec.oauth["argv"])
    if spec.kdc:
        _wait_listening(spec.kdc["port"], "the KDC")
    if spec.oauth:
        _wait_listening(spec.oauth["ports"][0], "the OAuth provider")


def cluster_id(make=uuid.uuid4):
    """A random id in Kafka's form. One that begins with a dash would be taken for an option."""
    while True:
        text = base64.urlsafe_b64encode(make().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _format(spec):
    """Give every node its empty log folder, with the SCRAM users in the first metadata."""
    own = cluster_id()  # the same for every node
    command = [spec.java, *BRIEF, *CLASS_PATH, "kafka.tools.StorageTool", "format",
               "-t", own, "-c", "server.properties"]
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
        # Three for what runs beside the nodes.
        taken, claims = ports.take(options.nodes * len(config.listeners(options.secure)) + 3)
        spec = _prepare(options.dir, options, java, openssl, script, class_path, taken)
        starting = _Starting(script, options.dir, held, owner, claims)
        starting.expect(supervisor.SERVING)
        _start_services(spec)
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
                          "kerberos": spec.kdc is not None, "secure": spec.oauth is not None}))
    else:
        for entry in nodes:
            own = " ".join(f"{name}={port}" for name, port in entry["ports"].items())
            print(f"{entry['node']} pid={entry['pid'] or '-'} state={entry['state']} {own}")
    return 0 if all(entry["state"] == "running" for entry in nodes) else FAILED


def token(options):
    """Print a token that the provider's key has signed, or one that must be refused."""
    spec = Spec.load(options.dir)
    if not spec.oauth:
        raise Fault(WRONG_STATE, f"the cluster in {spec.folder} was started without --secure")
    print(oauth.token(jars.need("openssl", "openssl"), os.path.join(spec.folder, "oauth"),
                      options.subject, options.lifetime, options.audience, options.key))
    return 0


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
