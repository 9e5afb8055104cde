// SPDX-License-Identifier: Apache-2.0
// Properties that are known and are not those of a connection, client or writer: of consumers and
// administrators, and of other clients alone.
#include "client/property_table.hpp"

namespace kafka::properties {
namespace {

using enum PropertyScope;

constexpr std::string_view java_class =
    "this names a Java class, which cannot be loaded here: leave it out";
constexpr std::string_view jmx = "this is for the metrics of Java's client: leave it out";
constexpr std::string_view jsse =
    "this is for Java's TLS; here it is OpenSSL's, which needs no such choice: leave it out";
constexpr std::string_view openssl_only =
    "this library does not have this setting of librdkafka's "
    "TLS: build an SSL_CTX and give it as TlsConfig::context";
constexpr std::string_view kinit =
    "nothing runs kinit here: with a keytab the library fetches and renews tickets itself, without "
    "one it uses those that are there; leave it out";
constexpr std::string_view relogin =
    "logins are renewed here when their time has come, without settings for it: leave it out";
constexpr std::string_view rdkafka_inside =
    "this is for librdkafka's threads and callbacks, which do not exist here: leave it out";
constexpr std::string_view not_here = "this library does not have this setting: leave it out";
constexpr std::string_view versions =
    "brokers are always asked for their versions (all have answered since Kafka 0.10): leave it "
    "out";
constexpr std::string_view assertion =
    "assertions are made and signed here, not taken from a file: give "
    "sasl.oauthbearer.assertion.private.key.file and the claims";
constexpr std::string_view key_id =
    "tokens are not checked by clients, but by brokers: leave it out";

constexpr Row rows[] = {
    {"key.serializer", none, text, java_class},
    {"value.serializer", none, text, java_class},

    {"auto.commit.interval.ms", consumer, text, "how often offsets are committed"},
    {"auto.offset.reset", consumer, text, "where to begin without an offset"},
    {"check.crcs", consumer, text, "check records for damage"},
    {"client.rack", consumer, text, "where this consumer is, to fetch from nearby replicas"},
    {"default.api.timeout.ms", consumer, text, "for calls without a time-out of their own"},
    {"enable.auto.commit", consumer, text, "commit offsets by itself"},
    {"enable.auto.offset.store", consumer, text, "store offsets by itself"},
    {"enable.partition.eof", consumer, text, "tell the end of a partition"},
    {"exclude.internal.topics", consumer, text, "leave internal topics out of patterns"},
    {"fetch.error.backoff.ms", consumer, text, "the pause after a failed fetch"},
    {"fetch.max.bytes", consumer, text, "bytes of a fetch"},
    {"fetch.max.wait.ms fetch.wait.max.ms", consumer, text, "how long a fetch waits for records"},
    {"fetch.min.bytes", consumer, text, "bytes that a fetch waits for"},
    {"fetch.queue.backoff.ms", consumer, text, "the pause while enough has been fetched"},
    {"group.id", consumer, text, "the consumer group"},
    {"group.instance.id", consumer, text, "makes a member static"},
    {"group.protocol", consumer, text, "classic or consumer"},
    {"group.protocol.type", consumer, text, "of a classic group"},
    {"group.remote.assignor", consumer, text, "the brokers' assignor"},
    {"heartbeat.interval.ms", consumer, text, "of a classic group"},
    {"isolation.level", consumer, text, "read_uncommitted or read_committed"},
    {"max.partition.fetch.bytes fetch.message.max.bytes", consumer, text, "bytes of a partition"},
    {"max.poll.interval.ms", consumer, text, "a member that is silent for longer is dropped"},
    {"max.poll.records", consumer, text, "records handed over at once"},
    {"partition.assignment.strategy", consumer, text, "of a classic group"},
    {"queued.max.messages.kbytes", consumer, text, "memory for records that were fetched"},
    {"queued.min.messages", consumer, text, "records fetched in advance"},
    {"session.timeout.ms", consumer, text, "a member that is silent for longer is dropped"},
    {"share.acknowledgement.mode", consumer, text, "of a share group"},
    {"share.acquire.mode", consumer, text, "of a share group"},
    {"coordinator.query.interval.ms", consumer, text, "how often a coordinator is looked for"},
    {"topic.blacklist", consumer, text, "topics that patterns leave out"},
    {"consume.callback.max.messages", none, text, rdkafka_inside},
    {"offset.store.method", none, text, not_here},
    {"key.deserializer", none, text, java_class},
    {"value.deserializer", none, text, java_class},

    {"bootstrap.controllers", admin, text, "controllers to begin with, instead of brokers"},

    {"interceptor.classes", none, text, java_class},
    {"security.providers", none, text, java_class},
    {"sasl.login.class", none, text, java_class},
    {"ssl.engine.factory.class", none, text, java_class},
    {"config.providers", none, text,
     "values are not looked up elsewhere here: write them out, or read them in your program"},
    {"metric.reporters", none, text, java_class},
    {"metrics.num.samples", none, text, jmx},
    {"metrics.recording.level", none, text, jmx},
    {"metrics.sample.window.ms", none, text, jmx},
    {"auto.include.jmx.reporter", none, text, jmx},
    {"enable.metrics.push", none, text, not_here},

    {"ssl.provider", none, text, jsse},
    {"ssl.keymanager.algorithm", none, text, jsse},
    {"ssl.trustmanager.algorithm", none, text, jsse},
    {"ssl.secure.random.implementation", none, text, jsse},
    {"ssl.crl.location", none, text, openssl_only},
    {"ssl.curves.list", none, text, openssl_only},
    {"ssl.sigalgs.list", none, text, openssl_only},
    {"ssl.engine.location", none, text, openssl_only},
    {"ssl.engine.id", none, text, openssl_only},
    {"ssl.providers", none, text, openssl_only},
    {"ssl.ca.certificate.stores", none, text, openssl_only},

    {"sasl.kerberos.kinit.cmd", none, text, kinit},
    {"sasl.kerberos.min.time.before.relogin", none, text, kinit},
    {"sasl.kerberos.ticket.renew.jitter", none, text, kinit},
    {"sasl.kerberos.ticket.renew.window.factor", none, text, kinit},
    {"sasl.login.connect.timeout.ms", none, text, not_here},
    {"sasl.login.read.timeout.ms", none, text, not_here},
    {"sasl.login.retry.backoff.ms", none, text, relogin},
    {"sasl.login.retry.backoff.max.ms", none, text, relogin},
    {"sasl.login.refresh.buffer.seconds", none, text, relogin},
    {"sasl.login.refresh.min.period.seconds", none, text, relogin},
    {"sasl.login.refresh.window.jitter", none, text, relogin},
    {"sasl.oauthbearer.assertion.file", none, text, assertion},
    {"sasl.oauthbearer.assertion.template.file sasl.oauthbearer.assertion.jwt.template.file", none,
     text, assertion},
    {"sasl.oauthbearer.jwt.validator.class", none, text, key_id},
    {"sasl.oauthbearer.jwks.endpoint.url", none, text, key_id},
    {"sasl.oauthbearer.expected.audience", none, text, key_id},
    {"sasl.oauthbearer.expected.issuer", none, text, key_id},
    {"sasl.oauthbearer.scope.claim.name", none, text, not_here},
    {"sasl.oauthbearer.sub.claim.name", none, text, not_here},

    {"api.version.request", none, text, versions},
    {"api.version.request.timeout.ms", none, text, versions},
    {"api.version.fallback.ms", none, text, versions},
    {"broker.version.fallback", none, text, versions},
    {"broker.address.family", none, text,
     "IPv6 and IPv4 are tried in turns: leave it out, or set ConnConfig::local_address"},
    {"broker.address.ttl", none, text, "names are resolved at each connect: leave it out"},
    {"builtin.features", none, text, rdkafka_inside},
    {"background_event_cb", none, text, rdkafka_inside},
    {"debug", none, text, "logging is up to the application: see ConnConfig::log"},
    {"log_level", none, text, "logging is up to the application: see ConnConfig::log"},
    {"log.connection.close", none, text, "logging is up to the application: see ConnConfig::log"},
    {"log.queue", none, text, rdkafka_inside},
    {"log.thread.name", none, text, rdkafka_inside},
    {"enable.random.seed", none, text, rdkafka_inside},
    {"enabled_events", none, text, rdkafka_inside},
    {"internal.termination.signal", none, text, rdkafka_inside},
    {"plugin.library.paths", none, text, rdkafka_inside},
    {"statistics.interval.ms", none, text, "statistics are asked for, not sent: leave it out"},
    {"socket.blocking.max.ms", none, text, rdkafka_inside},
    {"socket.max.fails", none, text, rdkafka_inside},
    {"topic.metadata.propagation.max.ms", none, text, not_here},
    {"topic.metadata.refresh.fast.interval.ms", none, text, not_here},
    {"topic.metadata.refresh.sparse", none, text, not_here},
};

}  // namespace

std::span<const Row> other_rows() noexcept {
    return rows;
}

}  // namespace kafka::properties
