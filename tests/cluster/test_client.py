#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our client on a real cluster: every way in, and calls that go on while brokers die and move.

The rule for all of it: no call outlives its deadline, connections come back with pauses, nothing
acknowledged is lost or doubled, and after the end the process is as it was.
"""

import collections
import concurrent.futures
import contextlib
import functools
import os
import shutil
import sys
import time
import unittest

from client_peer import (
    DEADLINE_MS,
    PROGRAM,
    TSAN_PROGRAM,
    Stream,
    Topic,
    now_ms,
    restoring,
    run_with,
    way_settings,
)
from forwarder import Forwarder
from secure_cluster import WAYS, Way, need, shared, token_files

LONG = os.environ.get("KAFKA_ASIO_LONG") == "1"
long_only = unittest.skipUnless(LONG, "takes minutes: KAFKA_ASIO_LONG=1")
NODES = 3
# What a call may outlive its deadline by: a second, and five while nodes are killed on a machine
# that is as busy as that makes it.
LATE_MS = 1000
LATE_UNDER_KILLS_MS = 5000
# A leader is elected when a node was silent for broker.session.timeout.ms (9 s).
SESSION_MS = 9000
# reconnect.backoff.max.ms is a second, with 20 % of jitter: no more attempts than this in a second
# to one address, once the pauses have grown (50, 100, 200, 400, 800 ms).
ATTEMPTS_A_SECOND = 1.5
FIRST_ATTEMPTS = 7
HEAP_BYTES = 256 * 1024
# Of one processor, for some hundred calls a second with sanitizers.
CPU_SHARE = 0.35

# What this program says, where it is not what every client says.
OWN_WORDS = {
    "TLS at a plaintext listener": r"is this a plaintext listener\?",
    "an expired server certificate": "certificate of localhost, .* expired",
    "a server certificate for another host": "is not for this host but for elsewhere.invalid",
    "a server certificate of an unknown authority": "comes from nobody among the trusted",
    "a server where another authority is trusted": "comes from nobody among the trusted",
    "OAUTHBEARER with an expired token at SASL_OIDC": r"the token expired \d+ s ago",
    "PLAIN where it is not enabled at SASL_OIDC": "the broker offers OAUTHBEARER and not PLAIN",
}
PLAIN_AT_TLS = Way("plaintext at a TLS listener", "SSL", {"security.protocol": "PLAINTEXT"},
                   r"is this a TLS listener\?")  # fmt: skip
# The broker, or whoever reads the network, may be at fault and not the settings: tried again.
TRIED_AGAIN = {"TLS at a plaintext listener"}


class Security(unittest.TestCase):
    """Each mechanism and kind of TLS, with right and wrong credentials."""

    @classmethod
    def setUpClass(cls):
        need(PROGRAM.exists(), f"{PROGRAM} is not there")
        cls.cluster = shared()
        env = cls.cluster.env()
        need("KRB5_CONFIG" in env, "no KDC (Debian packages krb5-kdc, krb5-admin-server)")
        cls.env = {**env, **token_files(cls.cluster)}
        cls.secrets = [env[name] for name in ("KAFKA_SASL_PASSWORD", "KAFKA_SSL_KEY_PASSWORD",
                                              "KAFKA_OAUTH_CLIENT_SECRET")]  # fmt: skip

    @classmethod
    @functools.lru_cache(maxsize=None)
    def said(cls, via):
        """{way: what the program said}."""

        def login(way):
            given = {"via": via, "request.timeout.ms": 8000, **way_settings(way, cls.env)}
            return run_with("login", given, cls.env)

        ways = [*WAYS, PLAIN_AT_TLS]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return dict(zip(ways, pool.map(login, ways)))

    def judge(self, way, said):
        if not way.refused:
            self.assertTrue(said["ok"], said)
            self.assertEqual(said["brokers"], NODES, said)
            return
        self.assertFalse(said["ok"], said)
        words = OWN_WORDS.get(way.name, way.refused)
        self.assertRegex(said["text"], f"(?i){words}")
        for secret in self.secrets:
            self.assertNotIn(secret, said["text"])
        self.assertNotRegex(said["text"], "eyJ")  # a token

    def test_a_conn_gets_in_or_is_told_why_not(self):
        for way, said in self.said("conn").items():
            with self.subTest(way.name):
                self.judge(way, said)
                self.assertEqual("tls" in said, "SSL" in way.settings["security.protocol"]
                                 and not way.refused)  # fmt: skip

    def test_a_client_gets_in_or_is_told_why_not(self):
        for way, said in self.said("client").items():
            with self.subTest(way.name):
                self.judge(way, said)

    def test_what_another_try_cannot_mend_is_not_tried_again(self):
        for way, said in self.said("client").items():
            with self.subTest(way.name):
                if way.refused and way.name not in TRIED_AGAIN:
                    # Credentials once; what one address may have wrong, once at each address.
                    self.assertLessEqual(said["connect_failures"], NODES, said)
                    if said["authentication"]:
                        self.assertEqual(said["connect_failures"], 1, said)
                    self.assertEqual(said["connects"], 0, said)
                    self.assertLess(said["took"], 6000, said)
                    self.assertFalse(said["retriable"], said)
                elif not way.refused:
                    self.assertEqual(said["connect_failures"], 0, said)
                    self.assertEqual(said["connects"], 1, said)

    def test_wrong_credentials_are_an_authentication_error_of_either_side(self):
        for way, said in self.said("conn").items():
            if way.refused and way.name not in TRIED_AGAIN and way is not PLAIN_AT_TLS:
                with self.subTest(way.name):
                    self.assertTrue(said["authentication"], said)

    def test_connections_log_in_again_and_no_call_notices(self):
        """connections.max.reauth.ms, under pipelined calls, by every mechanism."""
        ways = [way for way in WAYS
                if not way.refused and way.settings["security.protocol"].startswith("SASL_")]  # fmt: skip
        self.assertGreaterEqual(len(ways), 11)
        reauth = int(self.env["KAFKA_SASL_REAUTH_MS"])
        seconds = 15

        def stay(way):
            given = {"seconds": seconds, "pause": 20, **way_settings(way, self.env)}
            return run_with("stay", given, self.env)

        with concurrent.futures.ThreadPoolExecutor(len(ways)) as pool:
            results = list(pool.map(stay, ways))
        for way, said in zip(ways, results):
            with self.subTest(way.name):
                self.assertTrue(said["ok"], said)
                self.assertEqual(said["failures"], 0, said)
                self.assertGreaterEqual(said["logins"], seconds * 1000 // reauth - 1, said)
                self.assertGreater(said["calls"], 16 * seconds, said)
                self.assertGreater(said["most_in_flight"], 8, said)
        # Calls were made while a login was under way, and waited for it.
        self.assertGreater(max(said["most_waiting"] for said in results), 0)


class StreamCase(unittest.TestCase):
    """What must hold of every stream of calls."""

    program = PROGRAM

    @classmethod
    def setUpClass(cls):
        need(cls.program.exists(), f"{cls.program} is not there")
        need(shutil.which("kcat"), "kcat is not installed")
        cls.cluster = shared()
        cls.env = cls.cluster.env()

    def setUp(self):
        self.brokers = self.cluster.env()["KAFKA_BROKERS"]  # other tests move them

    def topic(self, name, partitions=6):
        topic = Topic(self.brokers, name, partitions)
        self.addCleanup(self.remove, topic)
        return topic

    def remove(self, topic):
        with contextlib.suppress(AssertionError):
            topic.delete(self.cluster.env()["KAFKA_BROKERS"])

    def stream(self, topic, brokers=None, **settings):
        return Stream(brokers or self.brokers, topic, program=self.program, **settings)

    def tell(self, stream):
        print(f"{self.id()}: {stream.summary()}", file=sys.stderr, flush=True)

    def judge(self, stream, topic, brokers=None, late=LATE_MS):
        """Deadlines, records, and the end."""
        self.tell(stream)
        worst = max(stream.calls(), key=lambda call: call["late"])
        self.assertLess(worst["late"], late, worst)
        self.assertTrue(stream.end["ended"], stream.end)
        stats = stream.end["stats"]
        self.assertEqual(stats["calls"], stats["succeeded"] + stats["failed"], stats)
        self.assertEqual(stats["connections"], 0, stats)
        self.judge_records(stream, topic, brokers or self.brokers)
        self.judge_baseline(stream)

    def judge_records(self, stream, topic, brokers):
        """Each acknowledged record is there once, where it was said to be; no other is twice."""
        found = topic.read(brokers)
        for call in stream.calls(kind="produce"):
            places = found.get(call["value"], [])
            if call["ok"]:
                self.assertEqual(places, [(call["partition"], call["offset"])], call)
            else:
                self.assertLessEqual(len(places), 1, call)

    def judge_baseline(self, stream):
        before, after = stream.over["before"], stream.over["after"]
        self.assertEqual(after["descriptors"], before["descriptors"], stream.over)
        self.assertEqual(after["threads"], before["threads"], stream.over)
        self.assertLess(after["heap"], before["heap"] + HEAP_BYTES, stream.over)
        # An event loop that spins shows in nothing else.
        wall = stream.over["at"] - stream.begin["at"]
        self.assertLess(after["cpu"] - before["cpu"], wall * CPU_SHARE, stream.over)
        # And while it ran there was more.
        during = stream.end["during"]
        self.assertGreater(during["threads"], before["threads"])

    def judge_attempts(self, stream, since, until):
        """To each address: few, and with pauses."""
        attempts = collections.Counter(
            event["port"] for event in stream.connects(since, until) if "failure" in event
        )
        seconds = (until - since) / 1000
        for port, count in attempts.items():
            self.assertLessEqual(count, FIRST_ATTEMPTS + ATTEMPTS_A_SECOND * seconds, port)

    def judge_recovery(self, stream, moment, limit):
        took = stream.recovered_after(moment)
        print(f"{self.id()}: recovered after {took} ms", file=sys.stderr, flush=True)
        self.assertIsNotNone(took, "calls still fail at the end")
        self.assertLess(took, limit, [c for c in stream.calls(since=moment) if not c["ok"]][-3:])

    def judge_quiet(self, stream, until):
        """Before any harm nothing fails."""
        self.judge_failures(stream, 0, until)

    def judge_failures(self, stream, since=0, until=1 << 62):
        """None, but for records that a leader wrote before it lost its place."""
        self.assertEqual([
            call for call in stream.calls(since, until)
            if not call["ok"]
            and (call["kind"], call["code"]) != ("produce", "NOT_LEADER_OR_FOLLOWER")
        ], [])  # fmt: skip

    def harm(self, name, harm, heal, seconds, limit, late=LATE_UNDER_KILLS_MS, **settings):
        """A stream over a harm that is healed after some seconds."""
        topic = self.topic(name)
        with restoring(self.cluster), self.stream(topic, **settings) as stream:
            time.sleep(2)
            harmed = now_ms()
            harm()
            time.sleep(seconds)
            heal(topic)
            healed = now_ms()
            time.sleep(4)
            stream.finish()
        self.judge_quiet(stream, harmed - stream.deadline)
        self.judge(stream, topic, late=late)
        self.judge_attempts(stream, harmed, healed)
        self.judge_recovery(stream, harmed, limit)
        return stream, harmed, healed


class Streaming(StreamCase):
    """Calls of all kinds from several callers while the cluster is harmed."""

    def test_a_stream_leaves_nothing_behind(self):
        topic = self.topic("calm")
        with self.stream(topic) as stream:
            time.sleep(3)
            stream.finish()
        self.judge_quiet(stream, 1 << 62)
        self.judge(stream, topic)
        self.assertEqual({call["kind"] for call in stream.calls()},
                         {"produce", "fetch", "list_offsets", "metadata", "commit", "find"})  # fmt: skip
        self.assertEqual(stream.end["stats"]["connect_failures"], 0)
        # All three brokers, and for each purpose a connection: control, produce, fetch.
        self.assertLessEqual(stream.end["stats"]["connects"], 3 * NODES)

    # --- nodes ---

    def test_calls_go_on_when_a_node_is_killed(self):

        def heal(topic):
            self.cluster.start(2)
            self.cluster.move_leader(topic.name, 0, 2)

        stream, harmed, healed = self.harm(
            "killed", lambda: self.cluster.kill(2), heal, seconds=14, limit=SESSION_MS + 6000
        )
        # Its return harms nobody, and it is used again.
        self.judge_failures(stream, healed)
        self.assertIn(2, {e["broker"] for e in stream.connects(harmed) if "failure" not in e})

    def test_calls_go_on_when_a_node_is_stopped(self):
        """SIGSTOP: its connections stay and nothing is answered."""
        stream, _, healed = self.harm(
            "stopped", lambda: self.cluster.pause(3), lambda _: self.cluster.resume(3),
            seconds=14, limit=SESSION_MS + 6000,
            # Nothing that asks for metadata by itself.
            kinds="produce,list_offsets,fetch,commit",
        )  # fmt: skip
        self.judge_failures(stream, healed)

    def test_calls_go_on_when_a_node_is_restarted(self):
        """A controlled shutdown: leaders move before it goes."""
        stream, harmed, _ = self.harm(
            "restarted", lambda: self.cluster.restart(1), lambda _: None, seconds=1, limit=8000
        )
        self.judge_failures(stream, harmed)

    @long_only
    def test_calls_go_on_while_all_nodes_are_restarted_in_turn(self):
        def rolling():
            for node in range(1, NODES + 1):
                self.cluster.restart(node)
                time.sleep(3)

        self.harm("rolling", rolling, lambda _: None, seconds=1, limit=60_000)

    @long_only
    def test_calls_go_on_after_all_nodes_were_killed(self):
        def massacre():
            self.cluster.kill(1, 2, 3)
            time.sleep(5)
            self.cluster.start(1, 2, 3)

        self.harm("all-killed", massacre, lambda _: None, seconds=10, limit=60_000)

    @long_only
    def test_calls_go_on_after_all_nodes_were_stopped(self):
        def freeze():
            self.cluster.pause(1, 2, 3)
            time.sleep(20)
            self.cluster.resume(1, 2, 3)

        self.harm("all-stopped", freeze, lambda _: None, seconds=10, limit=60_000)

    @long_only
    def test_calls_go_on_over_tls_and_sasl_when_a_node_is_killed(self):
        way = next(way for way in WAYS if way.name == "SCRAM-SHA-512 at SASL_SSL")
        given = {**way_settings(way, {**self.env, **self.cluster.env()})}
        given.pop("bootstrap.servers")
        self.brokers, plain = way.brokers(self.cluster.env()), self.brokers
        topic = Topic(plain, "killed-secured")
        self.addCleanup(self.remove, topic)
        named = {name.replace(".", "_"): value for name, value in given.items()}
        with restoring(self.cluster), self.stream(topic, **named) as stream:
            time.sleep(3)
            harmed = now_ms()
            self.cluster.kill(1)
            time.sleep(16)
            self.cluster.start(1)
            time.sleep(4)
            stream.finish()
        self.judge(stream, topic, brokers=plain, late=LATE_UNDER_KILLS_MS)
        self.judge_recovery(stream, harmed, SESSION_MS + 8000)

    def test_closing_amid_a_kill_ends_every_call_and_leaves_nothing(self):
        topic = self.topic("closed")
        with restoring(self.cluster), self.stream(topic, callers=24) as stream:
            time.sleep(1)
            self.cluster.kill(3)
            time.sleep(1.5)
            stream.finish(amid_calls=True)
            self.cluster.start(3)
        self.assertGreater(stream.end["under_way"], 0)
        self.assertLess(stream.end["end_took"], 1000, stream.end)
        self.judge(stream, topic, late=LATE_UNDER_KILLS_MS)

    # --- leaders, addresses, topics ---

    def test_calls_follow_a_leader_that_moves(self):
        topic = self.topic("moved", partitions=3)
        moves = [(partition, node) for partition in range(3) for node in (1, 2, 3)]
        spans = {partition: [] for partition in range(3)}
        with self.stream(topic, kinds="produce,list_offsets", deadline=20_000) as stream:
            time.sleep(1)
            before = stream.state()["stats"]
            began = now_ms()
            for partition, node in moves:
                start = now_ms()
                self.cluster.move_leader(topic.name, partition, node)
                spans[partition].append((start, now_ms()))
            time.sleep(1)
            after = stream.state()["stats"]
            stream.finish()
        self.judge(stream, topic)
        self.judge_failures(stream, began)
        # As long as brokers take for a move, which on a busy machine is seconds, no client can do
        # better; beyond that a call is over in the time that the other tests allow.
        for call in stream.calls():
            end = call["at"] + call["took"]
            moving = sum(max(0, min(end, to) - max(call["at"], start))
                         for start, to in spans[call["partition"]])  # fmt: skip
            self.assertLess(call["took"] - moving, DEADLINE_MS, call)
        asked = after["metadata_requests"] - before["metadata_requests"]
        # A move is at most: told of by an answer, asked for, asked again until all agree.
        self.assertLessEqual(asked, 8 * len(moves), after)
        self.assertGreater(asked + after["retries"] - before["retries"], 0, after)
        self.assertEqual(after["connect_failures"], 0)

    def test_a_topic_that_is_created_again_is_used_under_its_new_id(self):
        topic = self.topic("again", partitions=3)
        old = topic.id
        with self.stream(topic, kinds="produce,fetch,list_offsets") as stream:
            time.sleep(1)
            topic.delete(self.brokers)
            time.sleep(0.5)
            topic.create(self.brokers)
            again = now_ms()
            time.sleep(4)
            stream.finish()
        self.tell(stream)
        self.assertNotEqual(topic.id, old)
        self.judge_baseline(stream)
        self.judge_recovery(stream, again, 3000)
        late = max(call["late"] for call in stream.calls())
        self.assertLess(late, LATE_MS)
        # What was acknowledged since is in the new one.
        found = topic.read(self.brokers)
        since = [c for c in stream.calls(since=again, kind="produce") if c["ok"]]
        self.assertGreater(len(since), 10)
        for call in since:
            self.assertEqual(found[call["value"]], [(call["partition"], call["offset"])], call)

    def test_a_cluster_that_moved_house_is_found_again(self):
        """Every broker's address changes at once; one bootstrap address leads to the new ones."""
        topic = self.topic("readdressed")
        # What a name server would do: an address that stays, in front of one that moves.
        with Forwarder(self.brokers.split(",")[0]) as door:
            with self.stream(topic, f"{door.address},{self.brokers}") as stream:
                time.sleep(2)
                env = self.cluster.readdress()
                self.brokers = env["KAFKA_BROKERS"]
                moved = now_ms()
                door.forward_to(self.brokers.split(",")[0])
                time.sleep(12)
                stream.finish()
        self.judge(stream, topic, late=LATE_UNDER_KILLS_MS)
        self.judge_recovery(stream, moved, 11_000)
        self.assertGreaterEqual(stream.end["stats"]["rebootstraps"], 1)
        ports = {int(address.rpartition(":")[2]) for address in self.brokers.split(",")}
        used = {e["port"] for e in stream.connects(moved)
                if "failure" not in e and e["broker"] >= 0}  # fmt: skip
        self.assertTrue(used <= ports and used, (used, ports))
        self.judge_attempts(stream, 0, stream.over["at"])


@long_only
class UnderTsan(StreamCase):
    """Some of them with the thread sanitizer, which ends the program where it finds something."""

    program = TSAN_PROGRAM

    test_a_stream_leaves_nothing_behind = Streaming.test_a_stream_leaves_nothing_behind
    test_calls_go_on_when_a_node_is_killed = Streaming.test_calls_go_on_when_a_node_is_killed
    test_calls_go_on_when_a_node_is_stopped = Streaming.test_calls_go_on_when_a_node_is_stopped
    test_calls_go_on_over_tls_and_sasl_when_a_node_is_killed = (
        Streaming.test_calls_go_on_over_tls_and_sasl_when_a_node_is_killed
    )
    test_closing_amid_a_kill_ends_every_call_and_leaves_nothing = (
        Streaming.test_closing_amid_a_kill_ends_every_call_and_leaves_nothing
    )


if __name__ == "__main__":
    unittest.main()
