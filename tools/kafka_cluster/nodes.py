# SPDX-License-Identifier: Apache-2.0
"""The commands that change the nodes of a cluster that runs."""

import contextlib
import fcntl
import os
import sys
import time

from . import config, leader
from . import folder as folder_
from .faults import FAILED, USAGE, WRONG_STATE, Fault
from .spec import Spec, wait_ready

STOP_SECONDS = 30.0


@contextlib.contextmanager
def _one_command(folder):
    """Commands that change the cluster take turns; the cluster as the last one left it."""
    Spec.load(folder)  # before anything is written there: it may be nobody's
    with open(os.path.join(folder, folder_.COMMAND_LOCK_FILE), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Spec.load(folder)


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
    with _one_command(options.dir) as spec:
        nodes = _nodes(spec, options.node)
        for node in nodes:
            if not spec.signal(node, name):
                raise Fault(WRONG_STATE, f"node {node} does not run")
        left = _wait_state(spec, nodes, state, 10)
        if left:
            raise Fault(FAILED, f"node {left[0]} is not {state} after 10 s")
    return 0


def _end(spec, nodes):
    """End nodes that run: politely, then by force."""
    for node in nodes:
        if spec.signal(node, "term"):
            spec.signal(node, "cont")
    for node in _wait_state(spec, nodes, "stopped", STOP_SECONDS):
        spec.signal(node, "kill")
    if _wait_state(spec, nodes, "stopped", 10):
        raise Fault(FAILED, "a node does not end")


def _begin(spec, nodes, timeout):
    """Start nodes and wait until all that run serve."""
    for node in nodes:
        spec.start(node)
    running = spec.running()
    if len(running) > len(spec.ports) // 2:
        wait_ready(spec, running, timeout)
    else:
        print(f"kafka-cluster: only {len(running)} of {len(spec.ports)} nodes run, too few to "
              "elect a controller: not waiting for them to serve", file=sys.stderr)


def _move(spec, nodes):
    """Other ports for nodes that do not run."""
    for node in nodes:
        # The controller's port is in every node's list of voters: it stays.
        names = config.client_listeners(spec.ports[node])
        fresh = folder_.ask(spec.folder, op="ports", count=len(names))
        spec.ports[node].update(zip(names, fresh["ports"]))
    spec.save()


def stop(options):
    """End nodes as an operator would, and leave them so."""
    with _one_command(options.dir) as spec:
        nodes = _nodes(spec, options.node)
        states = spec.states()
        for node in nodes:
            if states.get(node, {"state": "stopped"})["state"] == "stopped":
                raise Fault(WRONG_STATE, f"node {node} does not run")
        _end(spec, nodes)
    return 0


def start(options):
    """Start nodes that do not run, wait until they serve."""
    with _one_command(options.dir) as spec:
        nodes = _nodes(spec, options.node)
        states = spec.states()
        for node in nodes:
            if states.get(node, {"state": "stopped"})["state"] != "stopped":
                raise Fault(WRONG_STATE, f"node {node} is {states[node]['state']} already")
        _begin(spec, nodes, options.timeout)
    return 0


def restart(options):
    """End nodes that run, start them again, wait until they serve."""
    with _one_command(options.dir) as spec:
        nodes = _nodes(spec, options.node)
        _end(spec, nodes)
        if options.new_port:
            _move(spec, nodes)
        _begin(spec, nodes, options.timeout)
        if options.new_port:
            sys.stdout.write(spec.environment())
    return 0


def readdress(options):
    """Restart all nodes at once at other ports."""
    with _one_command(options.dir) as spec:
        nodes = sorted(spec.ports)
        _end(spec, nodes)
        _move(spec, nodes)
        _begin(spec, nodes, options.timeout)
        sys.stdout.write(spec.environment())
    return 0


def move_leader(options):
    """Make a node the leader of a partition."""
    with _one_command(options.dir) as spec:
        _nodes(spec, [options.node])
        leader.Mover(spec, options.topic, options.partition, options.node, options.timeout).run()
    return 0
