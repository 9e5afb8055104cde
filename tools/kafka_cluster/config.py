# SPDX-License-Identifier: Apache-2.0
"""What a node's configuration file says. Pure text: nothing here touches the machine.

Paths are relative to the node's folder, which is its working directory: so no folder name, with
spaces, commas or quotes, can break a property or a JAAS line.
"""

import re

from .faults import USAGE, Fault

CLIENT_LISTENERS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
LISTENERS = CLIENT_LISTENERS + ("CONTROLLER",)
USERNAME = "alice"
PASSWORD = "alice-secret"
BROKER_PRINCIPAL = "kafka/localhost"
REALM = "KAFKA-ASIO.TEST"

_SECURITY = "org.apache.kafka.common.security"
_UNSECURED = f"{_SECURITY}.oauthbearer.internals.unsecured.OAuthBearerUnsecured"


def advertised_host(listener):
    """Certificates and the Kerberos principal name localhost; PLAINTEXT needs no name at all."""
    return "127.0.0.1" if listener in ("PLAINTEXT", "CONTROLLER") else "localhost"


def check_extra(pairs):
    """Refuse --config values that are not one key=value line."""
    for pair in pairs:
        if not re.fullmatch(r"[A-Za-z0-9._-]+=([^\r\n]*[^\r\n\\])?", pair):
            raise Fault(USAGE, f"--config wants key=value on one line, not {pair!r}")


def _addresses(listeners, ports, host_of):
    return ",".join(f"{name}://{host_of(name)}:{ports[name]}" for name in listeners)


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


def node_config(node, ports, kerberos, extra):
    """The properties of one node. `ports` is {node: {listener: port}} of the whole cluster."""
    own = ports[node]
    replicas = min(3, len(ports))
    in_sync = min(2, replicas)
    voters = ",".join(f"{n}@127.0.0.1:{p['CONTROLLER']}" for n, p in sorted(ports.items()))
    mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
    if kerberos:
        mechanisms.append("GSSAPI")
    protocols = [f"{name}:{name}" for name in CLIENT_LISTENERS] + ["CONTROLLER:PLAINTEXT"]
    lines = [
        f"node.id={node}",
        "process.roles=broker,controller",
        f"controller.quorum.voters={voters}",
        "controller.listener.names=CONTROLLER",
        "inter.broker.listener.name=PLAINTEXT",
        f"listeners={_addresses(LISTENERS, own, lambda _: '127.0.0.1')}",
        f"advertised.listeners={_addresses(CLIENT_LISTENERS, own, advertised_host)}",
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
    if extra:
        lines += ["# from --config; of two lines with one key the last counts", *extra]
    return "\n".join(lines) + "\n"


def environment(directory, ports, kerberos):
    """The (name, value) pairs that `up` and `env` print."""

    def brokers(listener):
        host = advertised_host(listener)
        return ",".join(f"{host}:{p[listener]}" for _, p in sorted(ports.items()))

    pairs = [
        ("KAFKA_CLUSTER_DIR", directory),
        ("KAFKA_BROKERS", brokers("PLAINTEXT")),
        ("KAFKA_BROKERS_SSL", brokers("SSL")),
        ("KAFKA_BROKERS_SASL_PLAINTEXT", brokers("SASL_PLAINTEXT")),
        ("KAFKA_BROKERS_SASL_SSL", brokers("SASL_SSL")),
        ("KAFKA_SSL_CA", f"{directory}/tls/ca.pem"),
        ("KAFKA_SSL_CERTIFICATE", f"{directory}/tls/client.crt"),
        ("KAFKA_SSL_KEY", f"{directory}/tls/client.key"),
        ("KAFKA_SASL_USERNAME", USERNAME),
        ("KAFKA_SASL_PASSWORD", PASSWORD),
    ]
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
