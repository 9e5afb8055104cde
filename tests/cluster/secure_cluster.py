# SPDX-License-Identifier: Apache-2.0
"""A secured cluster of three nodes for the tests of this folder, and every way into it.

tools/test starts one for all of them and names it in the environment. A file that is run by itself
gets one of its own, which ends with it. Without Java (or the jars) the tests are skipped, and fail
where CI=true.
"""

import atexit
import dataclasses
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("KAFKA_ASIO_ROOT", pathlib.Path(__file__).parents[2]))
PROGRAM = ROOT / "tools" / "kafka-cluster"
UNAVAILABLE = (3, 4)  # how tools/kafka-cluster says that something cannot be had
REAUTH_MS = 4000
TIMEOUT = 300


def need(condition, reason):
    """Skips without what a test needs; in CI its absence is a failure."""
    if not condition:
        if os.environ.get("CI") == "true":
            raise AssertionError(f"needed in CI: {reason}")
        raise unittest.SkipTest(reason)


def run_program(*arguments, **options):
    """Runs tools/kafka-cluster; the finished process with its output as text."""
    return subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, **options,
    )  # fmt: skip


def parse(text):
    """What a shell makes of NAME=value lines."""
    return dict(word.split("=", 1) for word in shlex.split(text))


class SecureCluster:
    """The cluster of one folder. Whoever harms it calls restore() when done."""

    def __init__(self, folder):
        self.folder = folder

    def control(self, *arguments):
        """A command of tools/kafka-cluster on this cluster, which must succeed; its output."""
        command, *rest = arguments
        done = run_program(command, "--dir", self.folder, *rest)
        if done.returncode != 0:
            raise AssertionError(f"kafka-cluster {command}: {done.returncode}: {done.stderr}")
        return done.stdout

    def env(self):
        """The addresses of now, and the files: NAME to value."""
        return parse(self.control("env"))

    def states(self):
        """{node: running, paused or stopped}."""
        done = run_program("status", "--json", "--dir", self.folder)  # 1 if one does not run
        return {entry["node"]: entry["state"] for entry in json.loads(done.stdout)["nodes"]}

    def kill(self, *nodes):
        """SIGKILL."""
        self.control("kill", *nodes)

    def pause(self, *nodes):
        """SIGSTOP."""
        self.control("pause", *nodes)

    def resume(self, *nodes):
        """SIGCONT."""
        self.control("resume", *nodes)

    def stop(self, *nodes):
        """A controlled shutdown."""
        self.control("stop", *nodes)

    def start(self, *nodes):
        """Returns when they serve."""
        self.control("start", *nodes)

    def restart(self, *nodes):
        """A controlled shutdown if they run, and a start."""
        self.control("restart", *nodes)

    def move_leader(self, topic, partition, node):
        """Returns when every running node says so."""
        self.control("move-leader", topic, partition, node)

    def readdress(self):
        """All nodes at once come back at other ports; the new environment."""
        return parse(self.control("readdress"))

    def restore(self):
        """Every node runs and serves again."""
        states = self.states()
        paused = [node for node, state in states.items() if state == "paused"]
        stopped = [node for node, state in states.items() if state == "stopped"]
        if paused:
            self.resume(*paused)
        if stopped:
            self.start(*stopped)

    def token(self, *arguments):
        """A signed token; see `kafka-cluster token --help`."""
        return self.control("token", *arguments).strip()


@functools.lru_cache(maxsize=None)
def shared():
    """The one secured cluster of this run, started by whoever asks first."""
    given = os.environ.get("KAFKA_CLUSTER_DIR")
    if given and os.environ.get("KAFKA_BROKERS_MTLS"):
        return SecureCluster(given)
    place = tempfile.mkdtemp(prefix="kafka secure ")
    folder = os.path.join(place, "cluster")

    def take_down():
        run_program("down", "--dir", folder)
        shutil.rmtree(place, ignore_errors=True)

    atexit.register(take_down)  # should we be killed, --owner does it
    up = run_program("up", "--secure", "--quick", "--reauth-ms", REAUTH_MS, "--dir", folder,
                     "--owner", os.getpid())  # fmt: skip
    need(up.returncode not in UNAVAILABLE, up.stderr.strip())
    if up.returncode != 0:
        raise AssertionError(up.stderr)
    return SecureCluster(folder)


@functools.lru_cache(maxsize=None)
def token_files(cluster):
    """NAME to URL of files with tokens that a broker refuses, as the table below names them."""
    place = tempfile.mkdtemp(prefix="kafka-tokens-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    made = {
        "TOKEN_EXPIRED": ["--lifetime", "-60"],
        "TOKEN_AUDIENCE": ["--audience", "somebody else"],
        "TOKEN_KEY": ["--key", "other"],
    }
    urls = {}
    for name, arguments in made.items():
        file = pathlib.Path(place, name)
        file.write_text(cluster.token(*arguments), "ascii")
        urls[name] = file.as_uri()
    return urls


@dataclasses.dataclass(frozen=True)
class Way:
    """One way to connect, in the names of Kafka's and librdkafka's settings.

    `$NAME` in a setting stands for a line of `kafka-cluster env`, or of token_files().
    """

    name: str
    listener: str  # of KAFKA_BROKERS_LISTENER; empty for KAFKA_BROKERS
    settings: dict = dataclasses.field(hash=False)
    # What any client's sentence must say where it is refused; empty where it serves.
    refused: str = ""
    # Whether the words come from the broker, so that every client must repeat them.
    from_broker: bool = False
    # What librdkafka says instead, where its words are its own.
    kcat_says: str = ""
    # Why another client cannot go this way, or does not say why it failed.
    kcat_cannot: str = ""
    java_cannot: str = ""

    def brokers(self, env):
        """The addresses."""
        return env["KAFKA_BROKERS" + (f"_{self.listener}" if self.listener else "")]

    def resolved(self, env):
        """The settings with every name replaced."""
        return {
            key: re.sub(r"\$([A-Z][A-Z0-9_]*)", lambda found: env[found.group(1)], value)
            for key, value in self.settings.items()
        }

    def options(self, env):
        """The arguments of kcat, and of kasio: -X key=value."""
        pairs = self.resolved(env).items()
        return [word for key, value in pairs for word in ("-X", f"{key}={value}")]


_CA = {"ssl.ca.location": "$KAFKA_SSL_CA"}
_TLS = {"security.protocol": "SSL", **_CA}
_CERTIFICATE = {
    "ssl.certificate.location": "$KAFKA_SSL_CERTIFICATE",
    "ssl.key.location": "$KAFKA_SSL_KEY",
}
_NO_SCRAM = "Debian's librdkafka 2.0.2 fails SCRAM since the fix of CVE-2024-56128"
_NO_OIDC = "Debian's librdkafka is built without libcurl"
_NO_REASON = "Java's client only says that its time is over"
_UNVERIFIED = "certificate could not be verified"
_NOBODY = {"sasl.username": "nobody", "sasl.password": "$KAFKA_SASL_PASSWORD"}
_WRONG = {"sasl.username": "$KAFKA_SASL_USERNAME", "sasl.password": "wrong"}
_UNSIGNED = {
    "enable.sasl.oauthbearer.unsecure.jwt": "true",
    "sasl.oauthbearer.config": "principal=alice",
}
_OIDC = {
    "sasl.oauthbearer.method": "oidc",
    "sasl.oauthbearer.client.id": "$KAFKA_OAUTH_CLIENT_ID",
    "sasl.oauthbearer.client.secret": "$KAFKA_OAUTH_CLIENT_SECRET",
    "sasl.oauthbearer.scope": "$KAFKA_OAUTH_SCOPE",
    "sasl.oauthbearer.token.endpoint.url": "$KAFKA_OAUTH_TOKEN_URL",
}


def _client(name):
    """A certificate and its key, of KAFKA_SECURITY_DIR."""
    return {
        "ssl.certificate.location": f"$KAFKA_SECURITY_DIR/{name}.crt",
        "ssl.key.location": f"$KAFKA_SECURITY_DIR/{name}.key",
    }


def _sasl(listener, mechanism, settings, **more):
    """A way in over SASL."""
    own = "SASL_PLAINTEXT" if listener == "SASL_PLAINTEXT" else "SASL_SSL"
    name = f"{more.pop('name', mechanism)} at {listener}"
    tls = _CA if own == "SASL_SSL" else {}
    given = {"security.protocol": own, "sasl.mechanism": mechanism, **tls, **settings}
    return Way(name, listener, given, **more)


def _sasl_ways(listener):
    user = {"sasl.username": "$KAFKA_SASL_USERNAME", "sasl.password": "$KAFKA_SASL_PASSWORD"}
    yield _sasl(listener, "PLAIN", user)
    for name, wrong in (("a wrong password", _WRONG), ("an unknown user", _NOBODY)):
        yield _sasl(listener, "PLAIN", wrong, name=f"PLAIN with {name}", from_broker=True,
                    refused="Authentication failed: Invalid username or password")  # fmt: skip
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        yield _sasl(listener, mechanism, user, kcat_cannot=_NO_SCRAM)
        for name, wrong in (("a wrong password", _WRONG), ("an unknown user", _NOBODY)):
            yield _sasl(
                listener, mechanism, wrong, name=f"{mechanism} with {name}", from_broker=True,
                refused="Authentication failed during authentication due to invalid credentials "
                f"with SASL mechanism {mechanism}", kcat_cannot=_NO_SCRAM,
            )  # fmt: skip
    yield _sasl(listener, "OAUTHBEARER", _UNSIGNED)
    yield _sasl(listener, "GSSAPI", {"sasl.kerberos.service.name": "$KAFKA_KRB5_SERVICE"})
    yield _sasl(listener, "GSSAPI", {"sasl.kerberos.service.name": "nosuch"},
                name="GSSAPI for an unknown service", refused="not found in Kerberos database",
                java_cannot=_NO_REASON)  # fmt: skip


def _token_ways():
    yield _sasl("SASL_OIDC", "OAUTHBEARER", _OIDC, kcat_cannot=_NO_OIDC)
    over_tls = {**_OIDC, "sasl.oauthbearer.token.endpoint.url": "$KAFKA_OAUTH_TOKEN_URL_TLS"}
    yield _sasl("SASL_OIDC", "OAUTHBEARER", over_tls, name="OAUTHBEARER with a token over HTTPS",
                kcat_cannot=_NO_OIDC)  # fmt: skip
    yield _sasl("SASL_OIDC", "OAUTHBEARER", {**_OIDC, "sasl.oauthbearer.client.secret": "wrong"},
                name="OAUTHBEARER with a wrong client secret", kcat_cannot=_NO_OIDC,
                refused="401|invalid_client")  # fmt: skip
    for token, what in (
        ("TOKEN_EXPIRED", "an expired token"),
        ("TOKEN_AUDIENCE", "a token for somebody else"),
        ("TOKEN_KEY", "a token signed by an unknown key"),
    ):
        given = {**_OIDC, "sasl.oauthbearer.token.endpoint.url": f"${token}"}
        yield _sasl("SASL_OIDC", "OAUTHBEARER", given, name=f"OAUTHBEARER with {what}",
                    from_broker=True, refused="invalid_token", kcat_cannot=_NO_OIDC)  # fmt: skip
    yield _sasl("SASL_OIDC", "OAUTHBEARER", _UNSIGNED, name="OAUTHBEARER with an unsigned token",
                from_broker=True, refused="invalid_token")  # fmt: skip
    yield _sasl(
        "SASL_OIDC", "PLAIN", _WRONG, name="PLAIN where it is not enabled", from_broker=True,
        refused=r"mechanism 'PLAIN' not enabled in the server, enabled mechanisms are "
        r"\[OAUTHBEARER\]", kcat_cannot="librdkafka says it in words of its own",
    )  # fmt: skip


def _tls_ways():
    yield Way("TLS", "SSL", _TLS)
    yield Way("TLS with a certificate", "SSL", {**_TLS, **_CERTIFICATE})
    yield Way("mutual TLS", "MTLS", {**_TLS, **_CERTIFICATE})
    encrypted = {
        "ssl.certificate.location": "$KAFKA_SSL_CERTIFICATE",
        "ssl.key.location": "$KAFKA_SECURITY_DIR/client-encrypted.key",
        "ssl.key.password": "$KAFKA_SSL_KEY_PASSWORD",
    }
    yield Way("mutual TLS with an encrypted key", "MTLS", {**_TLS, **encrypted},
              java_cannot="Kafka's reader of PEM knows no PBES2, openssl's default")  # fmt: skip
    store = {"ssl.keystore.location": "$KAFKA_SECURITY_DIR/client.p12",
             "ssl.keystore.password": "$KAFKA_SSL_KEY_PASSWORD"}  # fmt: skip
    yield Way("mutual TLS with PKCS #12", "MTLS", {**_TLS, **store})
    anyone = {"ssl.endpoint.identification.algorithm": "none"}
    yield Way("TLS to another host without a check of its name", "SSL_WRONG_HOST",
              {**_TLS, **anyone})  # fmt: skip
    yield Way("TLS to the other authority's server", "SSL_UNTRUSTED",
              {**_TLS, "ssl.ca.location": "$KAFKA_SECURITY_DIR/other-ca.pem"})  # fmt: skip

    checked = {**_TLS, "ssl.endpoint.identification.algorithm": "https"}
    yield Way("an expired server certificate", "SSL_EXPIRED", checked, "expired|NotAfter",
              kcat_says=_UNVERIFIED)  # fmt: skip
    yield Way("a server certificate for another host", "SSL_WRONG_HOST", checked,
              "no subject alternative (DNS )?name|host ?name mismatch",
              kcat_says=_UNVERIFIED)  # fmt: skip
    unknown = "unable to find valid certification path|unable to get local issuer"
    yield Way("a server certificate of an unknown authority", "SSL_UNTRUSTED", checked, unknown,
              kcat_says=_UNVERIFIED)  # fmt: skip
    yield Way("a server where another authority is trusted", "SSL",
              {**checked, "ssl.ca.location": "$KAFKA_SECURITY_DIR/other-ca.pem"}, unknown,
              kcat_says=_UNVERIFIED)  # fmt: skip
    yield Way("no client certificate", "MTLS", _TLS, "certificate.required|bad.certificate")
    yield Way("an expired client certificate", "MTLS", {**_TLS, **_client("client-expired")},
              "certificate.(expired|unknown)|bad.certificate")  # fmt: skip
    yield Way("a client certificate of an unknown authority", "MTLS",
              {**_TLS, **_client("client-untrusted")},
              "certificate.(required|unknown)|unknown.ca|bad.certificate")  # fmt: skip
    yield Way("TLS at a plaintext listener", "", _TLS, "TLS|SSL",
              kcat_says="disconnected|SSL", java_cannot=_NO_REASON)  # fmt: skip


WAYS = [
    Way("plaintext", "", {"security.protocol": "PLAINTEXT"}),
    *_tls_ways(),
    *_sasl_ways("SASL_PLAINTEXT"),
    *_sasl_ways("SASL_SSL"),
    *_token_ways(),
]
