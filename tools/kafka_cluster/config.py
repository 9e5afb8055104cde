# SPDX-License-Identifier: Apache-2.0
"""What a node's configuration file says. Pure text: nothing here touches the machine.

Paths are relative to the node's folder, which is its working directory: so no folder name, with
spaces, commas or quotes, can break a property or a JAAS line.
"""

import re

from . import oauth as oauth_
from .certificates import KEY_PASSWORD
from .faults import USAGE, Fault

# Each listener and its protocol. The second group comes with `up --secure`: a client must present
# a certificate; the server's certificate is one that a client must refuse; tokens are signed.
_BASIC = {"PLAINTEXT": "PLAINTEXT", "SSL": "SSL", "SASL_PLAINTEXT": "SASL_PLAINTEXT",
          "SASL_SSL": "SASL_SSL"}
_SECURE = {"MTLS": "SSL", "SSL_EXPIRED": "SSL", "SSL_WRONG_HOST": "SSL", "SSL_UNTRUSTED": "SSL",
           "SASL_OIDC": "SASL_SSL"}
PROTOCOLS = {**_BASIC, **_SECURE, "CONTROLLER": "PLAINTEXT"}
REFUSED_CERTIFICATES = {"SSL_EXPIRED": "server-expired", "SSL_WRONG_HOST": "server-wrong-host",
                        "SSL_UNTRUSTED": "server-untrusted"}
USERNAME = "alice"
PASSWORD = "alice-secret"
BROKER_PRINCIPAL = "kafka/localhost"
REALM = "KAFKA-ASIO.TEST"
REAUTH = "connections.max.reauth.ms"

_SECURITY = "org.apache.kafka.common.security"
_UNSECURED = f"{_SECURITY}.oauthbearer.internals.unsecured.OAuthBearerUnsecured"


def listeners(secure):
    """The names of a node's listeners."""
    return (*_BASIC, *(_SECURE if secure else ()), "CONTROLLER")


def client_listeners(own):
    """Those of a node's listeners (a dictionary by name) that clients may use."""
    return [name for name in own if name != "CONTROLLER"]


def advertised_host(listener):
    """Certificates and the Kerberos principal name localhost; PLAINTEXT needs no name at all."""
    return "127.0.0.1" if listener in ("PLAINTEXT", "CONTROLLER") else "localhost"


def check_extra(pairs):
    """Refuse --config values that are not one key=value line."""
    for pair in pairs:
        if not re.fullmatch(r"[A-Za-z0-9._-]+=([^\r\n]*[^\r\n\\])?", pair):
            raise Fault(USAGE, f"--config wants key=value on one line, not {pair!r}")


def _addresses(names, ports, host_of):
    return ",".join(f"{name}://{host_of(name)}:{ports[name]}" for name in names)


def jwks_url(port):
    """Where the brokers get the keys that tokens are signed with."""
    return f"http://127.0.0.1:{port}/jwks"


def _secure(names, oauth_port):
    """What the listeners of `--secure` add."""
    lines = [f"listener.name.{name.lower()}.num.network.threads=1"
             for name in names if name in _SECURE]
    for name, certificate in REFUSED_CERTIFICATES.items():
        if name in names:
            lines.append(f"listener.name.{name.lower()}.ssl.keystore.location="
                         f"../tls/{certificate}.pem")
    if "MTLS" in names:
        lines.append("listener.name.mtls.ssl.client.auth=required")
    if "SASL_OIDC" in names:
        prefix = "listener.name.sasl_oidc"
        oauth = f"{prefix}.oauthbearer.sasl"
        lines += [
            f"{prefix}.sasl.enabled.mechanisms=OAUTHBEARER",
            f"{oauth}.jaas.config={_SECURITY}.oauthbearer.OAuthBearerLoginModule required "
            'unsecuredLoginStringClaim_sub="broker";',
            # For the broker's own login, which nothing uses: it makes no connection here.
            f"{oauth}.login.callback.handler.class={_UNSECURED}LoginCallbackHandler",
            f"{oauth}.server.callback.handler.class="
            f"{_SECURITY}.oauthbearer.OAuthBearerValidatorCallbackHandler",
            f"{oauth}.oauthbearer.jwks.endpoint.url={jwks_url(oauth_port)}",
            f"{oauth}.oauthbearer.expected.audience={oauth_.AUDIENCE}",
            f"{oauth}.oauthbearer.expected.issuer={oauth_.ISSUER}",
            # The default of 30 s would let a token pass that has just expired.
            f"{oauth}.oauthbearer.clock.skew.seconds=0",
        ]
    return lines


def _sasl(listener, kerberos):
    """The mechanisms of one SASL listener."""
    prefix = f"listener.name.{listener.lower()}"
    jaas = "sasl.jaas.config"
    lines = [
        f"{prefix}.plain.{jaas}={_SECURITY}.plain.PlainLoginModule required "
        f'user_{USERNAME}="{PASSWORD}";',
        f"{prefix}.scram-sha-256.{jaas}={_SECURITY}.scram.ScramLoginModule required;",
        f"{prefix}.scram-sha-512.{jaas}={_SECURITY}.scram.ScramLoginModule required;",
        # Unsigned tokens: enough to test a client's side of KIP-255.
        f"{prefix}.oauthbearer.{jaas}={_SECURITY}.oauthbearer.OAuthBearerLoginModule required "
        'unsecuredLoginStringClaim_sub="broker";',
        f"{prefix}.oauthbearer.sasl.server.callback.handler.class="
        f"{_UNSECURED}ValidatorCallbackHandler",
        f"{prefix}.oauthbearer.sasl.login.callback.handler.class="
        f"{_UNSECURED}LoginCallbackHandler",
    ]
    if kerberos:
        lines.append(
            f"{prefix}.gssapi.{jaas}=com.sun.security.auth.module.Krb5LoginModule required "
            'useKeyTab=true storeKey=true keyTab="../kerberos/broker.keytab" '
            f'principal="{BROKER_PRINCIPAL}@{REALM}";'
        )
    return lines


def node_config(node, ports, kerberos, extra, oauth_port=None):
    """The properties of one node. `ports` is {node: {listener: port}} of the whole cluster."""
    own = ports[node]
    clients = client_listeners(own)
    replicas = min(3, len(ports))
    in_sync = min(2, replicas)
    voters = ",".join(f"{n}@127.0.0.1:{p['CONTROLLER']}" for n, p in sorted(ports.items()))
    mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
    if kerberos:
        mechanisms.append("GSSAPI")
    protocols = [f"{name}:{PROTOCOLS[name]}" for name in own]
    lines = [
        f"node.id={node}",
        "process.roles=broker,controller",
        f"controller.quorum.voters={voters}",
        "controller.listener.names=CONTROLLER",
        "inter.broker.listener.name=PLAINTEXT",
        f"listeners={_addresses(own, own, lambda _: '127.0.0.1')}",
        f"advertised.listeners={_addresses(clients, own, advertised_host)}",
        f"listener.security.protocol.map={','.join(protocols)}",
        "log.dirs=data",
        # The coordinators' topics: small, so that they are created quickly.
        "offsets.topic.num.partitions=5",
        f"offsets.topic.replication.factor={replicas}",
        "transaction.state.log.num.partitions=5",
        f"transaction.state.log.replication.factor={replicas}",
        f"transaction.state.log.min.isr={in_sync}",
        "share.coordinator.state.topic.num.partitions=5",
        f"share.coordinator.state.topic.replication.factor={replicas}",
        f"share.coordinator.state.topic.min.isr={in_sync}",
        "group.initial.rebalance.delay.ms=0",
        # The default of 128 MiB would be a quarter of the heap, allocated at once.
        "log.cleaner.dedupe.buffer.size=16777216",
        "log.cleaner.threads=1",
        "ssl.keystore.type=PEM",
        "ssl.keystore.location=../tls/server.pem",
        "ssl.truststore.type=PEM",
        "ssl.truststore.location=../tls/ca.pem",
        "ssl.client.auth=requested",
        f"sasl.enabled.mechanisms={','.join(mechanisms)}",
        "sasl.kerberos.service.name=kafka",
    ]
    for listener in ("SASL_PLAINTEXT", "SASL_SSL"):
        lines += _sasl(listener, kerberos)
    lines += _secure(clients, oauth_port)
    if extra:
        lines += ["# from --config; of two lines with one key the last counts", *extra]
    return "\n".join(lines) + "\n"


def environment(directory, ports, kerberos, oauth_ports=None, reauth_ms=None):
    """The (name, value) pairs that `up` and `env` print."""

    def brokers(listener):
        host = advertised_host(listener)
        return ",".join(f"{host}:{p[listener]}" for _, p in sorted(ports.items()))

    pairs = [("KAFKA_CLUSTER_DIR", directory), ("KAFKA_BROKERS", brokers("PLAINTEXT"))]
    pairs += [(f"KAFKA_BROKERS_{name}", brokers(name))
              for name in client_listeners(next(iter(ports.values()))) if name != "PLAINTEXT"]
    pairs += [
        ("KAFKA_SSL_CA", f"{directory}/tls/ca.pem"),
        ("KAFKA_SSL_CERTIFICATE", f"{directory}/tls/client.crt"),
        ("KAFKA_SSL_KEY", f"{directory}/tls/client.key"),
        ("KAFKA_SASL_USERNAME", USERNAME),
        ("KAFKA_SASL_PASSWORD", PASSWORD),
    ]
    if oauth_ports:
        pairs += [
            ("KAFKA_SECURITY_DIR", f"{directory}/tls"),
            ("KAFKA_SSL_KEY_PASSWORD", KEY_PASSWORD),
            ("KAFKA_OAUTH_TOKEN_URL", f"http://127.0.0.1:{oauth_ports[0]}/token"),
            ("KAFKA_OAUTH_TOKEN_URL_TLS", f"https://localhost:{oauth_ports[1]}/token"),
            ("KAFKA_OAUTH_CLIENT_ID", oauth_.CLIENT_ID),
            ("KAFKA_OAUTH_CLIENT_SECRET", oauth_.CLIENT_SECRET),
            ("KAFKA_OAUTH_SCOPE", oauth_.SCOPE),
        ]
    if reauth_ms:
        pairs.append(("KAFKA_SASL_REAUTH_MS", reauth_ms))
    if kerberos:
        pairs += [
            ("KRB5_CONFIG", f"{directory}/kerberos/krb5.conf"),
            # With these two the library fetches alice's ticket itself, into a cache of our own.
            ("KRB5_CLIENT_KTNAME", f"FILE:{directory}/kerberos/client.keytab"),
            ("KRB5CCNAME", f"FILE:{directory}/kerberos/client.ccache"),
            ("KAFKA_KRB5_KEYTAB", f"{directory}/kerberos/client.keytab"),
            ("KAFKA_KRB5_PRINCIPAL", f"{USERNAME}@{REALM}"),
            ("KAFKA_KRB5_SERVICE", "kafka"),
        ]
    return pairs
