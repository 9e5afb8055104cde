// SPDX-License-Identifier: Apache-2.0
// The rows of connections and clients.
#include <algorithm>

#include "client/property_table.hpp"

namespace kafka::properties {
namespace {

using enum PropertyScope;
using Config = ClientConfig;

int buffer_size(const Value& value) noexcept {
    return static_cast<int>(std::max<std::int64_t>(value.number, 0));
}

constexpr Row rows[] = {
    {"client.id", connection, text, "names the application in the brokers' logs and quotas",
     [](Config& c, const Value& v) {
         c.conn.client_id.reset();
         if (!v.text.empty()) c.conn.client_id = v.text;
     }},
    {"client.software.name", connection, text, "what the brokers count client software by",
     [](Config& c, const Value& v) { c.conn.client_software_name = v.text; }},
    {"client.software.version", connection, text, "its version",
     [](Config& c, const Value& v) { c.conn.client_software_version = v.text; }},
    {"socket.connection.setup.timeout.ms", connection, millis(1),
     "for the name, TCP, TLS and login together",
     [](Config& c, const Value& v) { c.conn.connect_timeout = v.time; }},
    {"request.timeout.ms socket.timeout.ms", connection, millis(1), "for one call",
     [](Config& c, const Value& v) { c.conn.request_timeout = v.time; },
     [](WriterDraft& w, const Value& v) { w.config.request_timeout = v.time; }},
    {"receive.message.max.bytes", connection, number(1000), "a larger response ends the connection",
     [](Config& c, const Value& v) { c.conn.max_frame_size = static_cast<std::size_t>(v.number); }},
    {"send.buffer.bytes socket.send.buffer.bytes", connection, number(-1),
     "SO_SNDBUF; -1 or 0 leaves the system's",
     [](Config& c, const Value& v) { c.conn.socket.send_buffer = buffer_size(v); }},
    {"receive.buffer.bytes socket.receive.buffer.bytes", connection, number(-1),
     "SO_RCVBUF; -1 or 0 leaves the system's",
     [](Config& c, const Value& v) { c.conn.socket.receive_buffer = buffer_size(v); }},
    {"socket.keepalive.enable", connection, boolean, "let the system look after idle connections",
     [](Config& c, const Value& v) { c.conn.socket.keep_alive = v.flag; }},
    {"socket.nagle.disable", connection, boolean, "send small requests at once",
     [](Config& c, const Value& v) { c.conn.socket.no_delay = v.flag; }},

    {"bootstrap.servers metadata.broker.list", client, text, "HOST:PORT,... to begin with",
     [](Config& c, const Value& v) { c.bootstrap = v.text; }},
    {"client.dns.lookup", client,
     one_of("use_all_dns_ips resolve_canonical_bootstrap_servers_only"),
     "how bootstrap names become addresses",
     [](Config& c, const Value& v) {
         c.dns_lookup = v.text == "use_all_dns_ips"
                            ? DnsLookup::use_all_dns_ips
                            : DnsLookup::resolve_canonical_bootstrap_servers_only;
     }},
    {"socket.connection.setup.timeout.max.ms", client, millis(1),
     "the set-up time-out doubles with each failure up to this",
     [](Config& c, const Value& v) { c.connect_timeout_max = v.time; }},
    {"reconnect.backoff.ms", client, millis(), "the pause before a broker is connected to again",
     [](Config& c, const Value& v) { c.reconnect_backoff = v.time; }},
    {"reconnect.backoff.max.ms", client, millis(), "it doubles with each failure up to this",
     [](Config& c, const Value& v) { c.reconnect_backoff_max = v.time; }},
    {"retry.backoff.ms", client, millis(), "the pause before a request is tried again",
     [](Config& c, const Value& v) { c.retry_backoff = v.time; },
     [](WriterDraft& w, const Value& v) { w.config.retry_backoff = v.time; }},
    {"retry.backoff.max.ms", client, millis(), "it doubles with each failure up to this",
     [](Config& c, const Value& v) { c.retry_backoff_max = v.time; },
     [](WriterDraft& w, const Value& v) { w.config.retry_backoff_max = v.time; }},
    {"connections.max.idle.ms", client, millis_or_never(),
     "a connection that nobody used for so long is closed",
     [](Config& c, const Value& v) {
         // librdkafka's 0 is Java's -1.
         c.max_idle = v.number == 0 ? std::chrono::milliseconds::max() : v.time;
     }},
    {"metadata.max.age.ms topic.metadata.refresh.interval.ms", client, millis_or_never(1),
     "metadata is refreshed after this time",
     [](Config& c, const Value& v) { c.metadata_max_age = v.time; }},
    {"metadata.max.idle.ms", client, millis(5000), "a topic that nobody used is forgotten after it",
     [](Config& c, const Value& v) { c.metadata_max_idle = v.time; }},
    {"allow.auto.create.topics", client, boolean, "let brokers create topics that are asked for",
     [](Config& c, const Value& v) { c.auto_create_topics = v.flag; }},
    {"metadata.recovery.strategy", client, one_of("none rebootstrap"),
     "what to do when no known broker can be reached",
     [](Config& c, const Value& v) {
         c.metadata_recovery =
             v.text == "none" ? MetadataRecovery::none : MetadataRecovery::rebootstrap;
     }},
    {"metadata.recovery.rebootstrap.trigger.ms", client, millis(),
     "begin again from the bootstrap addresses when no metadata came for so long",
     [](Config& c, const Value& v) { c.rebootstrap_trigger = v.time; }},
    {"metadata.cluster.check.enable", client, boolean,
     "tell brokers which cluster and node they are taken for",
     [](Config& c, const Value& v) { c.cluster_check = v.flag; }},
};

// Taken by properties_security.cpp, properties_tls.cpp and properties_sasl.cpp.
constexpr Row security[] = {
    {"security.protocol", connection, one_of("PLAINTEXT SSL SASL_PLAINTEXT SASL_SSL"),
     "whether to use TLS and SASL"},
    {"allow.plaintext.credentials", connection, boolean,
     "kafka-asio's own: let PLAIN and OAUTHBEARER show the secret to the network without TLS"},

    {"ssl.ca.location", connection, text, "authorities to trust: a PEM file or a folder"},
    {"ssl.truststore.location", connection, text, "the same; of type PEM"},
    {"ssl.truststore.type", connection, one_of("PEM PKCS12 JKS"), "its type"},
    {"ssl.truststore.password", connection, secret, "its password, which PEM has not"},
    {"ssl.truststore.certificates ssl.ca.pem", connection, text, "the same as text in PEM"},
    {"ssl.certificate.location", connection, text, "our certificate: a PEM file"},
    {"ssl.keystore.certificate.chain ssl.certificate.pem", connection, text,
     "the same as text in PEM"},
    {"ssl.key.location", connection, text, "its key: a PEM file"},
    {"ssl.keystore.key ssl.key.pem", connection, secret, "the same as text in PEM"},
    {"ssl.key.password", connection, secret, "of the key, where it is encrypted"},
    {"ssl.keystore.location", connection, text, "certificate and key in one PEM or PKCS12 file"},
    {"ssl.keystore.type", connection, one_of("PEM PKCS12 JKS"), "its type"},
    {"ssl.keystore.password", connection, secret, "of a PKCS12 file"},
    {"enable.ssl.certificate.verification", connection, boolean,
     "check that the broker's certificate can be trusted"},
    {"ssl.endpoint.identification.algorithm", connection, text,
     "https: check that it is for the host; none, or nothing: do not"},
    {"ssl.server.name", connection, text,
     "kafka-asio's own: the name to ask for and to check, instead of the host"},
    {"ssl.protocol", connection, text, "TLS or TLSv1.3"},
    {"ssl.enabled.protocols", connection, text, "TLSv1.2,TLSv1.3 or TLSv1.3"},
    {"ssl.cipher.suites", connection, text, "in OpenSSL's names"},

    {"sasl.mechanism sasl.mechanisms", connection,
     one_of("PLAIN SCRAM-SHA-256 SCRAM-SHA-512 GSSAPI OAUTHBEARER AWS_MSK_IAM"), "how to log in"},
    {"sasl.jaas.config", connection, secret,
     "credentials in Java's way: MODULE required NAME=VALUE;"},
    {"sasl.username", connection, text, "of PLAIN and SCRAM"},
    {"sasl.password", connection, secret, "of PLAIN and SCRAM"},
    {"sasl.kerberos.service.name", connection, text, "the brokers' service; default kafka"},
    {"sasl.kerberos.principal", connection, text, "whom to log in as"},
    {"sasl.kerberos.keytab", connection, text, "file with the client's key"},
    {"sasl.oauthbearer.method", connection, one_of("default oidc"), "where tokens come from"},
    {"sasl.oauthbearer.token.endpoint.url", connection, text,
     "the identity provider (https), or file:///PATH with a token"},
    {"sasl.oauthbearer.client.id sasl.oauthbearer.client.credentials.client.id", connection, text,
     "who we are at the identity provider"},
    {"sasl.oauthbearer.client.secret sasl.oauthbearer.client.credentials.client.secret", connection,
     secret, "and the secret that proves it"},
    {"sasl.oauthbearer.scope", connection, text, "of the tokens"},
    {"sasl.oauthbearer.extensions", connection, text, "NAME=VALUE,... to send with the token"},
    {"sasl.oauthbearer.header.urlencode", connection, boolean,
     "percent-encode id and secret in the Authorization header"},
    {"sasl.oauthbearer.grant.type", connection,
     one_of("client_credentials urn:ietf:params:oauth:grant-type:jwt-bearer"),
     "how to ask for a token"},
    {"sasl.oauthbearer.jwt.retriever.class", connection, text, "the same in Java's way"},
    {"sasl.oauthbearer.assertion.algorithm", connection, one_of("RS256 ES256"), "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.private.key.file", connection, text, "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.private.key.pem", connection, secret, "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.private.key.passphrase", connection, secret, "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.claim.iss", connection, text, "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.claim.sub", connection, text, "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.claim.aud", connection, text, "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.claim.exp.seconds", connection, number(1, 86'400),
     "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.claim.nbf.seconds", connection, number(0, 3'600), "of jwt-bearer"},
    {"sasl.oauthbearer.assertion.claim.jti.include", connection, boolean, "of jwt-bearer"},
    {"enable.sasl.oauthbearer.unsecure.jwt", connection, boolean,
     "make unsigned tokens, for development"},
    {"sasl.oauthbearer.config", connection, text, "principal=NAME ... of unsigned tokens"},
    {"sasl.login.callback.handler.class", connection, text,
     "where tokens come from, in Java's way"},
    {"sasl.client.callback.handler.class", connection, text, "of AWS_MSK_IAM"},
    {"sasl.login.refresh.window.factor", connection, text,
     "the part of a token's life after which a new one is fetched: 0.5 to 1"},
    {"https.ca.location", connection, text,
     "authorities to trust at the identity provider: a file"},
    {"https.ca.pem", connection, text, "the same as text in PEM"},
};

}  // namespace

std::span<const Row> client_rows() noexcept {
    return rows;
}

std::span<const Row> security_rows() noexcept {
    return security;
}

}  // namespace kafka::properties
