# SPDX-License-Identifier: Apache-2.0
"""Moving a partition's leader: put it first among the replicas, then have the first one elected."""

import time

from . import wire
from .faults import FAILED, USAGE, WRONG_STATE, Fault

# What the controller says while it is not ready for it; see Kafka's list of error codes.
_NOT_CONTROLLER = 41
_TIMED_OUT = 7
_REASSIGNMENT_IN_PROGRESS = 60
_PREFERRED_LEADER_NOT_AVAILABLE = 80
_ELECTION_NOT_NEEDED = 84
_AGAIN = (_TIMED_OUT, _NOT_CONTROLLER, _REASSIGNMENT_IN_PROGRESS, _PREFERRED_LEADER_NOT_AVAILABLE)
_REQUEST_MS = 5000
_PAUSE = 0.05


def order_of(replicas, node):
    """The replicas with that node first. Where it was none, it takes the last one's place."""
    others = [one for one in replicas if one != node]
    return [node] + others[: max(0, len(replicas) - 1)]


class Mover:
    """Moves one partition's leader, through any of the running nodes."""

    def __init__(self, spec, topic, partition, node, seconds):
        self.spec = spec
        self.topic = topic
        self.partition = partition
        self.node = node
        self.deadline = time.monotonic() + seconds
        self.nodes = spec.running()

    def run(self):
        """Return when every running node says that the leader has moved."""
        if self.node not in self.nodes:
            raise Fault(WRONG_STATE, f"node {self.node} does not run")
        _, replicas, _ = self.described(self.nodes[0])
        wanted = order_of(replicas, self.node)
        if wanted != replicas:
            self.insist(wire.parse_reassign, lambda ms: wire.reassign_request(
                wire.CORRELATION_ID, self.topic, self.partition, wanted, ms))
            self.wait(lambda found: found[1] == wanted and self.node in found[2],
                      f"is not replicated to node {self.node}")
        self.insist(wire.parse_elect, lambda ms: wire.elect_request(
            wire.CORRELATION_ID, self.topic, self.partition, ms))
        self.wait(lambda found: found[0] == self.node, f"is not led by node {self.node}")

    def ask(self, node, request, seconds):
        """One request to one node; OSError or ValueError if it does not answer."""
        return wire.exchange(self.spec.ports[node]["PLAINTEXT"], request, seconds)

    def described(self, node):
        """(leader, replicas, in-sync replicas) as a node says."""
        while True:
            found = self.found(node)
            if found:
                return found
            # A node that is behind has yet to hear of what the others have.
            if not any(self.found(other) for other in self.nodes if other != node):
                raise Fault(USAGE,
                            f"there is no partition {self.partition} of topic {self.topic!r}")
            self.again(f"node {node} has not heard of {self.topic}-{self.partition} yet")

    def found(self, node):
        """What described() returns, or None if the node knows of no such partition."""
        request = wire.metadata_request(wire.CORRELATION_ID, [self.topic])
        while True:
            try:
                topics = wire.parse_partitions(self.ask(node, request, 2.0), wire.CORRELATION_ID)
                return topics.get(self.topic, {}).get(self.partition)
            except (OSError, ValueError) as error:
                self.again(f"node {node} does not answer: {error}")

    def insist(self, parse, request):
        """Ask node after node until one says that it is done."""
        attempt = 0
        while True:
            node = self.nodes[attempt % len(self.nodes)]
            attempt += 1
            try:
                answer = self.ask(node, request(_REQUEST_MS), _REQUEST_MS / 1000 + 2)
                code, message = parse(answer, wire.CORRELATION_ID)
            except (OSError, ValueError) as error:
                self.again(f"node {node} does not answer: {error}")
                continue
            if code in (0, _ELECTION_NOT_NEEDED):
                return
            said = f"node {node} answered with error {code}" + (f": {message}" if message else "")
            if code not in _AGAIN:
                raise Fault(FAILED, said)
            self.again(said)

    def wait(self, is_so, what):
        """Until each running node describes it so."""
        for node in self.nodes:
            while not is_so(self.described(node)):
                self.again(f"{self.topic}-{self.partition} {what} yet, says node {node}")

    def again(self, why):
        """A short pause, or the end of the time."""
        if time.monotonic() > self.deadline:
            raise Fault(FAILED, f"the leader was not moved in time: {why}")
        time.sleep(_PAUSE)
