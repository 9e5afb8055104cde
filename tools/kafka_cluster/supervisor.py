# SPDX-License-Identifier: Apache-2.0
"""The one parent of a cluster's processes.

`up` leaves it behind, in a session of its own. It starts and signals nodes on request (control
socket, one JSON line each way), and ends them all when asked to, when the owner ends, or when the
`up` that started it ends before it committed. Only the parent signals a node, and only before it
has reaped it, so a recycled pid is never hit. Should it be killed, the kernel kills the nodes
(process.die_with_parent). It holds the folder's lock and the claims on the ports.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import time

from . import folder as folder_
from . import ports as ports_
from .process import is_alive, spawn, start_time, stat_of

TICK = 0.2
SLOW_TICK = 1.0
SERVING, COMMIT, COMMITTED, FAILED, ENDING = (
    word + b"\n" for word in (b"serving", b"commit", b"committed", b"failed", b"ending"))
POLITE_SECONDS = 3.0
JVM_VARIABLES = ("_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")
SIGNALS = {"term": signal.SIGTERM, "kill": signal.SIGKILL, "stop": signal.SIGSTOP,
           "cont": signal.SIGCONT}


class Supervisor:
    """Runs in its own process, single-threaded: its main thread is every child's parent."""

    def __init__(self, folder, link, owner):
        self.folder = folder
        self.link = link  # to `up`, until it commits
        self.owner = owner  # (pid, start time) or None
        self.children = {}
        self.claims = []
        self.keep = False
        self.ending = None
        # The JVM's own variables could lift the limit on the heap.
        self.environment = {k: v for k, v in os.environ.items() if k not in JVM_VARIABLES}

    def run(self):
        """Serve until something says that the cluster must end; then end it."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _: self.end(f"signal {number}"))
        # Wakes select when a child ends.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        with folder_.listen(self.folder) as listener:
            self.link.sendall(SERVING)
            while not self.ending:
                self.step(listener, wake_read)
            if self.link:  # before the listener closes: `up` then knows why nobody answers
                with contextlib.suppress(OSError):
                    self.link.sendall(ENDING)
        print("ending:", self.ending, flush=True)
        self.stop_all()
        if not self.keep:
            folder_.clean(self.folder)

    def record(self):
        """Write down who we all are, for a `down` that finds this process stuck."""
        everyone = [os.getpid()] + [c.pid for c in self.children.values() if c.poll() is None]
        folder_.write_json(self.folder, folder_.SUPERVISOR_FILE,
                           [{"pid": pid, "start": start_time(pid)} for pid in everyone])

    def end(self, why):
        """Leave the loop; the first reason is the one that is logged."""
        self.ending = self.ending or why

    def step(self, listener, wake):
        """Wait for one event, or a tick, and handle it."""
        waiting = [listener, wake] + ([self.link] if self.link else [])
        readable, _, _ = select.select(waiting, [], [], TICK if self.owner else SLOW_TICK)
        if wake in readable:
            os.read(wake, 4096)
        for child in self.children.values():
            child.poll()
        if self.owner and not is_alive(*self.owner):
            self.end(f"owner {self.owner[0]} is gone")
        elif not os.path.exists(os.path.join(self.folder, folder_.LOCK_FILE)):
            self.end("the folder was removed")  # nobody could reach us any more
        elif self.link in readable:
            self.hear_up()
        elif listener in readable:
            self.serve_one(listener)

    def hear_up(self):
        """`up` commits, or it has ended."""
        said = self.link.recv(64)
        if said == COMMIT:
            self.link.sendall(COMMITTED)
            self.link.close()
            self.link = None
        else:
            self.keep = said == FAILED  # its logs are wanted; after an interrupt nothing is
            self.end("`up` ended before the cluster was ready")

    def serve_one(self, listener):
        """One request from one of our own commands; a bad one must not end the cluster."""
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(2.0)
            try:
                request = json.loads(folder_.receive_line(connection))
                answer = self.answer(request)
            except Exception as error:  # whatever was wrong with it, the sender is told
                answer = {"error": f"{type(error).__name__}: {error}"}
            try:
                folder_.send_line(connection, answer)
            except OSError:
                pass

    def answer(self, request):
        """What a request does; each returns at once."""
        operation = request["op"]
        if operation == "status":
            return {name: self.state(child) for name, child in self.children.items()}
        if operation == "start":
            return self.start(request)
        if operation == "signal":
            child = self.children.get(request["name"])
            if child is None or child.poll() is not None:
                return {"running": False}
            child.send_signal(SIGNALS[request["signal"]])
            return {"running": True}
        if operation == "ports":
            ports, holders = ports_.take(request["count"])
            self.claims += holders  # the old ones stay ours: nobody may answer there
            return {"ports": ports}
        if operation == "down":
            self.keep = request["keep"]
            self.end("`down` was asked for")
            return {}
        raise ValueError(f"unknown operation {operation!r}")

    def start(self, request):
        """Start a named process unless it runs."""
        name = request["name"]
        child = self.children.get(name)
        if child is None or child.poll() is not None:
            with open(os.path.join(self.folder, request["log"]), "ab") as log:
                self.children[name] = spawn(
                    request["argv"],
                    cwd=os.path.join(self.folder, request["cwd"]),
                    env={**self.environment, **request["env"]},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            self.record()
        return {"pid": self.children[name].pid}

    @staticmethod
    def state(child):
        """pid, state and, once it has ended, its exit status."""
        if child.poll() is not None:
            return {"pid": None, "state": "stopped", "exit": child.returncode}
        found = stat_of(child.pid)
        state = "paused" if found and found[0] in "Tt" else "running"
        return {"pid": child.pid, "state": state, "exit": None}

    def stop_all(self):
        """SIGTERM to all at once, a few seconds, SIGKILL to who is left; reap everyone."""
        running = [c for c in self.children.values() if c.poll() is None]
        for child in running:
            child.terminate()
            child.send_signal(signal.SIGCONT)  # a stopped process would not hear it
        deadline = time.monotonic() + POLITE_SECONDS
        while time.monotonic() < deadline and any(c.poll() is None for c in running):
            time.sleep(0.02)
        for child in running:
            if child.poll() is None:
                child.kill()
        for child in running:
            child.wait()


def main(argv):
    """Entry of the hidden command: FOLDER LINK-FD OWNER CLAIM-FD..."""
    folder, link_fd, owner_text, *claim_fds = argv
    owner = tuple(int(part) for part in owner_text.split(":")) if owner_text else None
    supervisor = Supervisor(folder, socket.socket(fileno=int(link_fd)), owner)
    supervisor.claims = [socket.socket(fileno=int(fd)) for fd in claim_fds]
    supervisor.record()
    supervisor.run()
    return 0
