# SPDX-License-Identifier: Apache-2.0
"""`kasio probe` against set-ups that are broken on purpose, those of the README among them."""

import json
import re
import shlex
import socket
import subprocess
import tempfile
import unittest

from test_kasio import BUILD, ENV, ROOT, TIMEOUT, Broker, run

BROKEN_BROKER = BUILD / "tests" / "kasio" / "broken-broker"
README = (ROOT / "README.md").read_text()
# The README's outputs, in its order, and the set-ups that give them.
SHOWN = ["advertised", "tls", "tls", "wrong-host", "login"]
UNREACHABLE, REFUSED = 3, 4


class BrokenBroker:
    """A set-up of tests/kasio/broken_broker.cpp, with the files that its clients need."""

    def __init__(self, set_up):
        self.folder = tempfile.TemporaryDirectory(prefix="kasio probe ")
        self.process = subprocess.Popen(
            [BROKEN_BROKER, set_up, self.folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line.startswith("BROKERS="):
            self.stop()
            raise RuntimeError(f"broken-broker printed {line!r}")
        self.address = line.strip().removeprefix("BROKERS=")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()
        self.folder.cleanup()

    def probe(self, *settings, options=()):
        """The report as JSON, and the status."""
        words = [word for setting in settings for word in ("-X", setting)]
        done = self.run("probe", "-b", self.address, "--json", *options, *words)
        return json.loads(done.stdout), done.returncode

    def run(self, *args):
        env = {**ENV, "XDG_CONFIG_HOME": self.folder.name}
        return run(*args, env=env, cwd=self.folder.name)


def failures(report):
    """(step, problem, advice) of each."""
    found = []

    def walk(value):
        if isinstance(value, dict):
            if value.get("status") == "failed":
                found.append((value["step"], value["problem"], value["advice"]))
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                walk(each)

    walk(report)
    return found


def without_chance(text):
    """A report without what differs between two runs, nor its line breaks."""
    for pattern, word in (
        (r"\d+\.\d ms", "TIME"),
        (r"(127\.0\.0\.1|kafka-2):\d+", r"\1:PORT"),
        (r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d UTC)?", "DATE"),
        (r"\s+", " "),
    ):
        text = re.sub(pattern, word, text)
    return text.strip()


class ProbeTest(unittest.TestCase):
    def breaks(self, outcome, status, step, problem, advice="."):
        report, returned = outcome
        self.assertEqual(returned, status, report)
        self.assertFalse(report["ok"])
        first = failures(report)[0]
        self.assertEqual(first[0], step, first)
        self.assertRegex(first[1], problem)
        self.assertRegex(first[2], advice)
        self.assertIn(first[1], report["conclusion"])


class Probe(ProbeTest):
    def test_a_cluster_that_is_well_gives_status_0(self):
        broker = Broker("--brokers", "3")
        self.addCleanup(broker.stop)
        done = broker.run("probe")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[0], "Probing with PLAINTEXT")
        self.assertEqual(
            lines[-1], "All is well: 3 brokers answer at the address that clients are told."
        )
        steps = [line for line in lines if line.startswith("  ")]
        self.assertEqual(len(steps), 3 * 4 + 1)
        for line in steps:
            self.assertRegex(line, r"^  ok    [a-z]+ +(\d+\.\d ms)?  ")
            self.assertNotIn(line[27:29].strip(), ("m", "s", "ms"))  # the column of what was found
        report = json.loads(broker.run("probe", "--json").stdout)
        self.assertTrue(report["ok"])
        self.assertEqual([b["id"] for b in report["cluster"]["brokers"]], [1, 2, 3])
        self.assertEqual([one["same_as_bootstrap"] for one in report["listeners"]], [0, 1, 2])
        for target in report["bootstrap"]:
            for step in target["addresses"][0]["steps"]:
                self.assertEqual(step["status"], "ok")
                self.assertGreaterEqual(step["milliseconds"], 0)

    def test_quiet_gives_the_conclusion_and_what_to_do(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % closed.getsockname()[1]
            done = run("probe", "-q", "-b", address)
            self.assertEqual(done.returncode, UNREACHABLE)
            self.assertRegex(
                done.stdout.decode(),
                rf"\AIt breaks at the step 'connect' of {address}: nobody listens at {address}.*\n"
                r"To do: .*\n\Z",
            )

    def test_a_broker_that_does_not_answer_costs_one_time_out(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = "127.0.0.1:%d" % silent.getsockname()[1]
            done = run("probe", "-b", address, "--timeout", "0.3")
            self.assertEqual(done.returncode, UNREACHABLE)
            self.assertIn(b"the port is open, but nobody answers", done.stdout)

    def test_without_brokers_it_is_a_mistake_of_usage(self):
        done = run("probe")
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertRegex(done.stderr, rb"\Akasio: probe: no brokers: .*\n\Z")

    def test_an_advertised_name_that_is_unknown_here(self):
        with BrokenBroker("advertised") as broker:
            self.breaks(
                broker.probe(), UNREACHABLE, "name", "broker 2 sends clients to kafka-2:",
                "advertised.listeners of broker 2",
            )  # fmt: skip

    def test_plaintext_at_a_tls_listener(self):
        with BrokenBroker("tls") as broker:
            self.breaks(broker.probe(), UNREACHABLE, "versions", "this is a TLS listener",
                        "security.protocol to SSL")  # fmt: skip


class ProbeWithSettings(ProbeTest):
    TLS = ("security.protocol=SSL", "ssl.ca.location=ca.pem")
    LOGIN = ("security.protocol=SASL_SSL", "ssl.ca.location=ca.pem", "sasl.username=alice")

    def test_tls_at_a_plaintext_listener(self):
        with BrokenBroker("well") as broker:
            self.breaks(broker.probe(*self.TLS), UNREACHABLE, "tls", "this is a plaintext listener",
                        "PLAINTEXT")  # fmt: skip

    def test_an_authority_that_is_not_trusted(self):
        with BrokenBroker("tls") as broker:
            outcome = broker.probe("security.protocol=SSL", "ssl.ca.location=other-ca.pem")
            self.breaks(outcome, REFUSED, "tls", "ends at 'CN = Example CA'", "ssl.ca.location")
            steps = outcome[0]["bootstrap"][0]["addresses"][0]["steps"]
            tls = next(step for step in steps if step["step"] == "tls")
            self.assertEqual(tls["certificates"][0]["subject"], "CN = kafka-1.example.com")
            self.assertIn("127.0.0.1", tls["certificates"][0]["names"])
            self.assertTrue(tls["certificates"][0]["errors"])

    def test_a_certificate_for_another_host(self):
        with BrokenBroker("wrong-host") as broker:
            self.breaks(broker.probe(*self.TLS), REFUSED, "tls",
                        "not for '127.0.0.1', but for kafka-1.example.com")  # fmt: skip

    def test_an_expired_certificate(self):
        with BrokenBroker("expired") as broker:
            self.breaks(broker.probe(*self.TLS), REFUSED, "tls", r"expired on \d{4}-", "renewed")

    def test_a_client_certificate_that_is_wanted(self):
        with BrokenBroker("client-certificate") as broker:
            self.breaks(broker.probe(*self.TLS), REFUSED, "tls", "demands a certificate",
                        "ssl.certificate.location")  # fmt: skip
            own = ("ssl.certificate.location=client.pem", "ssl.key.location=client.key")
            report, status = broker.probe(*self.TLS, *own)
            self.assertEqual(status, 0, report)

    def test_a_login_that_is_wanted_and_not_configured(self):
        with BrokenBroker("login") as broker:
            self.breaks(broker.probe(*self.TLS), REFUSED, "login", "offers SCRAM-SHA-256 and SCRAM",
                        "SASL_SSL")  # fmt: skip

    def test_a_mechanism_that_is_not_offered(self):
        with BrokenBroker("login") as broker:
            outcome = broker.probe(*self.LOGIN, "sasl.mechanism=PLAIN", "sasl.password=x")
            self.breaks(outcome, REFUSED, "login", "does not offer PLAIN", "sasl.mechanism")

    def test_a_wrong_password_and_the_right_one(self):
        with BrokenBroker("login") as broker:
            login = (*self.LOGIN, "sasl.mechanism=SCRAM-SHA-512")
            outcome = broker.probe(*login, "sasl.password=hunter2")
            self.breaks(outcome, REFUSED, "login", "Authentication failed", "sasl.password")
            self.assertNotIn("hunter2", json.dumps(outcome[0]))
            report, status = broker.probe(*login, "sasl.password=alice-secret")
            self.assertEqual(status, 0, report)

    def test_the_readme_shows_what_the_program_prints(self):
        shown = re.findall(r"```console\n\$ kasio (probe .*?[^\\])\n(.*?)```", README, re.DOTALL)
        self.assertEqual(len(shown), len(SHOWN))
        for set_up, (command, output) in zip(SHOWN, shown):
            with self.subTest(command), BrokenBroker(set_up) as broker:
                command = command.replace("127.0.0.1:9092", broker.address)
                args = shlex.split(command.replace("\\\n", " "))
                done = broker.run(*args)
                printed = done.stdout.decode()
                if "could not be looked up" in printed:
                    self.skipTest("there is no DNS here to say that a name does not exist")
                self.assertEqual(without_chance(printed), without_chance(output))
                self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
