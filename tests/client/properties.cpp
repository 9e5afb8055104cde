// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>
#include <set>

#include <doctest/doctest.h>

#include <kafka/properties.hpp>

using kafka::Properties;
using kafka::Property;
using std::chrono::milliseconds;

namespace {

kafka::ClientConfig read(const Properties& properties) {
    auto config = kafka::client_config(properties);
    INFO(config.failure().detail);
    REQUIRE(config.has_value());
    return *config;
}

// What the refusal says.
std::string refused(const Properties& properties) {
    const auto config = kafka::client_config(properties);
    REQUIRE_FALSE(config.has_value());
    CHECK(config.failure().code == kafka::errc::invalid_argument);
    return config.failure().detail;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("nothing given leaves the defaults") {
    kafka::ClientConfig defaults;
    defaults.bootstrap = "one:1";
    defaults.conn.client_id = "mine";
    const auto config = kafka::client_config({}, defaults);
    REQUIRE(config.has_value());
    CHECK(config->bootstrap == "one:1");
    CHECK(config->conn.client_id == "mine");
    CHECK_FALSE(config->conn.tls);
    CHECK(config->conn.sasl == nullptr);
}

TEST_CASE("every property of a connection or client that has a field of its own sets it") {
    const auto config = read({{"client.id", " me "},
                              {"client.software.name", "app"},
                              {"client.software.version", "9"},
                              {"socket.connection.setup.timeout.ms", "1001"},
                              {"socket.connection.setup.timeout.max.ms", "1002"},
                              {"request.timeout.ms", "1003"},
                              {"receive.message.max.bytes", "1004"},
                              {"send.buffer.bytes", "1005"},
                              {"receive.buffer.bytes", "-1"},
                              {"socket.keepalive.enable", "false"},
                              {"socket.nagle.disable", "FALSE"},
                              {"bootstrap.servers", "a:1,b:2"},
                              {"client.dns.lookup", "resolve_canonical_bootstrap_servers_only"},
                              {"reconnect.backoff.ms", "1006"},
                              {"reconnect.backoff.max.ms", "1007"},
                              {"retry.backoff.ms", "1008"},
                              {"retry.backoff.max.ms", "1009"},
                              {"connections.max.idle.ms", "1010"},
                              {"metadata.max.age.ms", "1011"},
                              {"metadata.max.idle.ms", "5012"},
                              {"allow.auto.create.topics", "true"},
                              {"metadata.recovery.strategy", "NONE"},
                              {"metadata.recovery.rebootstrap.trigger.ms", "1013"},
                              {"metadata.cluster.check.enable", "false"}});
    CHECK(config.conn.client_id == "me");
    CHECK(config.conn.client_software_name == "app");
    CHECK(config.conn.client_software_version == "9");
    CHECK(config.conn.connect_timeout == milliseconds(1001));
    CHECK(config.connect_timeout_max == milliseconds(1002));
    CHECK(config.conn.request_timeout == milliseconds(1003));
    CHECK(config.conn.max_frame_size == 1004);
    CHECK(config.conn.socket.send_buffer == 1005);
    CHECK(config.conn.socket.receive_buffer == 0);
    CHECK_FALSE(config.conn.socket.keep_alive);
    CHECK_FALSE(config.conn.socket.no_delay);
    CHECK(config.bootstrap == "a:1,b:2");
    CHECK(config.dns_lookup == kafka::DnsLookup::resolve_canonical_bootstrap_servers_only);
    CHECK(config.reconnect_backoff == milliseconds(1006));
    CHECK(config.reconnect_backoff_max == milliseconds(1007));
    CHECK(config.retry_backoff == milliseconds(1008));
    CHECK(config.retry_backoff_max == milliseconds(1009));
    CHECK(config.max_idle == milliseconds(1010));
    CHECK(config.metadata_max_age == milliseconds(1011));
    CHECK(config.metadata_max_idle == milliseconds(5012));
    CHECK(config.auto_create_topics);
    CHECK(config.metadata_recovery == kafka::MetadataRecovery::none);
    CHECK(config.rebootstrap_trigger == milliseconds(1013));
    CHECK_FALSE(config.cluster_check);
}

TEST_CASE("librdkafka's spellings mean the same as Java's") {
    const auto config = read({{"metadata.broker.list", "a:1"},
                              {"socket.timeout.ms", "7"},
                              {"socket.send.buffer.bytes", "8"},
                              {"topic.metadata.refresh.interval.ms", "-1"},
                              {"connections.max.idle.ms", "0"}});
    CHECK(config.bootstrap == "a:1");
    CHECK(config.conn.request_timeout == milliseconds(7));
    CHECK(config.conn.socket.send_buffer == 8);
    CHECK(config.metadata_max_age == milliseconds::max());
    CHECK(config.max_idle == milliseconds::max());
}

TEST_CASE("an empty client id sends none") {
    CHECK_FALSE(read({{"client.id", ""}}).conn.client_id.has_value());
}

TEST_CASE("an unknown property is refused with the nearest known name, without its value") {
    const auto text = refused({{"sasl.pasword", "hunter2", "client.properties:3"}});
    CHECK(text ==
          "client.properties:3: there is no property 'sasl.pasword'; did you mean "
          "'sasl.password'?");
    CHECK(has(refused({{"SECURITY_PROTOCOL", "SSL"}}), "did you mean 'security.protocol'?"));
    CHECK(has(refused({{"boostrap.server", ""}}), "did you mean 'bootstrap.servers'?"));
    CHECK(has(refused({{"lingre.ms", ""}}), "did you mean 'linger.ms'?"));
    CHECK(refused({{"completely.different.thing.altogether", ""}}) ==
          "there is no property 'completely.different.thing.altogether'");
    CHECK(has(refused({{std::string(100'000, 'x'), ""}}), "its name is not shown"));
    CHECK(has(refused({{"", ""}}), "there is no property ''"));
}

TEST_CASE("a value outside of its range is refused with the range") {
    CHECK(refused({{"request.timeout.ms", "5s", "-X"}}) ==
          "-X: request.timeout.ms='5s': expected a number of milliseconds from 1");
    CHECK(has(refused({{"request.timeout.ms", "0"}}), "from 1"));
    CHECK(has(refused({{"request.timeout.ms", "99999999999999999999"}}), "from 1"));
    CHECK(has(refused({{"request.timeout.ms", ""}}), "from 1"));
    CHECK(has(refused({{"connections.max.idle.ms", "-2"}}), "or -1 for no limit"));
    CHECK(has(refused({{"socket.keepalive.enable", "yes"}}), "expected true or false"));
    CHECK(has(refused({{"security.protocol", "TLS"}}),
              "expected PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"));
    CHECK(has(refused({{"client.id", std::string("a\0b", 3)}}), "NUL"));
}

TEST_CASE("of one name given twice the last counts, and two spellings must agree") {
    CHECK(read({{"client.id", "a"}, {"client.id", "b"}}).conn.client_id == "b");
    CHECK(read({{"bootstrap.servers", "a"}, {"metadata.broker.list", "a "}}).bootstrap == "a");
    CHECK(refused({{"bootstrap.servers", "a", "f:1"}, {"metadata.broker.list", "b", "f:2"}}) ==
          "f:2: metadata.broker.list and f:1: bootstrap.servers are one property, with different "
          "values: leave out one");
}

TEST_CASE("settings of producers and consumers are named as such, or left out and listed") {
    const Properties properties{{"batch.size", "1"}, {"group.id", "g"}, {"client.id", "c"}};
    CHECK(refused(properties) ==
          "batch.size: this is a setting of a producer, and this is the configuration of a client");
    std::vector<std::string> unused;
    const auto config = kafka::client_config(properties, {}, &unused);
    REQUIRE(config.has_value());
    CHECK(config->conn.client_id == "c");
    CHECK(unused == std::vector<std::string>{"batch.size", "group.id"});
}

TEST_CASE("a connection takes no settings of a client") {
    const Properties properties{{"bootstrap.servers", "a"}, {"request.timeout.ms", "9"}};
    const auto refusal = kafka::conn_config(properties);
    REQUIRE_FALSE(refusal.has_value());
    CHECK(has(refusal.failure().detail,
              "this is a setting of a client, and this is the "
              "configuration of a connection"));
    std::vector<std::string> unused;
    const auto config = kafka::conn_config(properties, {}, &unused);
    REQUIRE(config.has_value());
    CHECK(config->request_timeout == milliseconds(9));
    CHECK(unused == std::vector<std::string>{"bootstrap.servers"});
}

TEST_CASE("what another client has and this one does not is refused with the reason") {
    CHECK(has(refused({{"key.serializer", "org.x"}}), "names a Java class"));
    CHECK(has(refused({{"debug", "all"}}), "ConnConfig::log"));
    CHECK(has(refused({{"ssl.crl.location", "x"}}), "TlsConfig::context"));
    CHECK(read({{"client.id", "a"}, {"debug", "all", "KAFKA_DEBUG", true}}).conn.client_id == "a");
}

TEST_CASE("stronger properties replace weaker ones in any spelling") {
    const Properties weaker{{"bootstrap.servers", "a"}, {"client.id", "x"}, {"nonsense", "1"}};
    const auto all = kafka::merged(weaker, {{"metadata.broker.list", "b"}, {"nonsense", "2"}});
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "client.id");
    CHECK(all[1].value == "b");
    CHECK(all[2].value == "2");
}

TEST_CASE("stronger properties replace another way to say the same") {
    const auto names = [](const Properties& weaker, const Properties& stronger) {
        std::string list;
        for (const auto& each : kafka::merged(weaker, stronger))
            list += each.name + ' ';
        return list;
    };
    const Properties jaas{{"sasl.jaas.config", "x"}, {"sasl.mechanism", "PLAIN"}};
    CHECK(names(jaas, {{"sasl.username", "a"}}) == "sasl.mechanism sasl.username ");
    CHECK(names({{"sasl.username", "a"}, {"sasl.password", "b"}}, jaas) ==
          "sasl.jaas.config sasl.mechanism ");
    CHECK(names({{"ssl.truststore.location", "a"}, {"ssl.truststore.type", "PEM"}},
                {{"ssl.ca.location", "b"}}) == "ssl.ca.location ");
    CHECK(names({{"ssl.certificate.location", "a"}, {"ssl.key.pem", "b"}},
                {{"ssl.keystore.location", "c"}}) == "ssl.keystore.location ");
    CHECK(names({{"ssl.certificate.location", "a"}}, {{"ssl.key.location", "c"}}) ==
          "ssl.certificate.location ssl.key.location ");
}

TEST_CASE("what weaker properties have for another way to connect counts no more") {
    const Properties weaker{{"security.protocol", "SASL_SSL"},
                            {"sasl.mechanism", "PLAIN"},
                            {"sasl.username", "alice"},
                            {"sasl.password", "x"},
                            {"ssl.ca.location", "ca.pem"}};
    auto config = read(kafka::merged(weaker, {{"security.protocol", "PLAINTEXT"}}));
    CHECK_FALSE(config.conn.tls);
    CHECK(config.conn.sasl == nullptr);
    config = read(kafka::merged(weaker, {{"sasl.mechanism", "GSSAPI"}}));
    CHECK(config.conn.sasl->name() == "GSSAPI");
    config = read(kafka::merged(weaker, {{"sasl.password", "y"}}));
    CHECK(config.conn.sasl->name() == "PLAIN");
    // What is given with the stronger ones still must have an effect.
    CHECK(has(refused(kafka::merged(
                  weaker, {{"security.protocol", "PLAINTEXT"}, {"ssl.ca.location", "b"}})),
              "ssl.ca.location: this has no effect"));
}

TEST_CASE("all names are different, lower case, and described") {
    std::set<std::string_view> names;
    for (const auto& info : kafka::known_properties()) {
        CAPTURE(info.name);
        CHECK(names.insert(info.name).second);
        for (const auto alias : info.aliases)
            CHECK(names.insert(alias).second);
        CHECK_FALSE(info.meaning.empty());
        CHECK(std::none_of(info.name.begin(), info.name.end(),
                           [](char c) { return c >= 'A' && c <= 'Z'; }));
        // Of those of producers some are not there (yet).
        if (info.scope == kafka::PropertyScope::producer) continue;
        const bool ours = info.scope == kafka::PropertyScope::connection ||
                          info.scope == kafka::PropertyScope::client;
        CHECK(info.values.empty() != ours);
    }
    CHECK(names.size() > 150);
}

TEST_CASE("no secret shows, whatever is printed") {
    const std::string canary = "c4n4ry";
    const auto clean = [&](const std::string& text) { CHECK_FALSE(has(text, canary)); };
    for (const auto& info : kafka::known_properties()) {
        if (info.secret) clean(kafka::to_string(Property{std::string(info.name), canary}));
    }
    clean(kafka::to_string(Property{"sasl.pasword", canary}));
    clean(kafka::to_string(Property{canary + "/+", "x"}));
    clean(kafka::to_string(
        Property{"ssl.keystore.certificate.chain", "-----BEGIN PRIVATE KEY-----\n" + canary}));
    const Property address{"sasl.oauthbearer.token.endpoint.url",
                           "https://me:" + canary + "@idp.example/token"};
    CHECK(kafka::to_string(address) ==
          "sasl.oauthbearer.token.endpoint.url=https://****@idp.example/token");
    // A key whose lines are not continued: each line then is a name.
    const std::string line(64 - canary.size(), 'M');
    const auto broken = kafka::parse_properties("ssl.keystore.key=-----BEGIN\n" + canary + line +
                                                "\n" + canary + "/+==\n");
    REQUIRE(broken.has_value());
    clean(refused(*broken));
    CHECK(kafka::to_string(Property{"sasl.username", "alice"}) == "sasl.username=alice");

    const auto config = read({{"security.protocol", "SASL_SSL"},
                              {"ssl.certificate.location", "client.pem"},
                              {"ssl.key.password", canary},
                              {"sasl.mechanism", "PLAIN"},
                              {"sasl.username", "alice"},
                              {"sasl.password", canary}});
    const auto text = kafka::to_string(config);
    clean(text);
    CHECK(has(text, "password=****"));
    CHECK(has(text, "alice"));
    CHECK(has(text, "client_id=kafka-asio"));

    // Refusals of what holds a secret.
    const std::string module = "org.apache.kafka.common.security.plain.PlainLoginModule required ";
    for (const auto& jaas :
         {module + "username=\"a\" password=\"" + canary, module + "username=\"a\" " + canary,
          module + "password=\"" + canary + "\";", canary, module + canary + "=\"x\" ",
          module + "username=a password=" + canary + "; " + canary,
          module + "username=a password=b " + canary + "=;",
          module + "username=a password=b " + canary + "=x;"})
        clean(refused({{"security.protocol", "SASL_SSL"},
                       {"sasl.mechanism", "PLAIN"},
                       {"sasl.jaas.config", jaas}}));
    clean(refused({{"sasl.password", canary}}));
    clean(refused({{"security.protocol", "SASL_SSL"},
                   {"sasl.mechanism", "PLAIN"},
                   {"sasl.username", "a"},
                   {"sasl.password", std::string(canary + '\0')},
                   {"ssl.key.password", canary}}));
    clean(refused({{"ssl.keystore.key", canary}, {"security.protocol", "SSL"}}));
}
