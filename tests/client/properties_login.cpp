// SPDX-License-Identifier: Apache-2.0
// Connections from nothing but properties, and what they leave in logs and errors.
#include <mutex>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include <kafka/blocking/conn.hpp>
#include <kafka/properties.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/testing/broker.hpp>

using kafka::Properties;

namespace {

const std::string right = "r1ght-c4n4ry";
const std::string wrong = "wr0ng-c4n4ry";

// All that can be seen of a connection.
class Seen {
public:
    kafka::LogSink sink() {
        return [this](const kafka::LogRecord& record) {
            const std::lock_guard lock(mutex_);
            text_ += kafka::to_string(record) + '\n';
        };
    }
    void add(const std::string& text) {
        const std::lock_guard lock(mutex_);
        text_ += text + '\n';
    }
    void check_clean() {
        const std::lock_guard lock(mutex_);
        CHECK_FALSE(text_.empty());
        for (const auto& canary : {right, wrong}) {
            INFO(text_);
            CHECK(text_.find(canary) == std::string::npos);
            // Nor within the bytes of PLAIN or a token.
            CHECK(text_.find(canary.substr(3)) == std::string::npos);
        }
    }

private:
    std::mutex mutex_;
    std::string text_;
};

kafka::testing::BrokerOptions guarded() {
    kafka::testing::BrokerSasl sasl;
    sasl.users = {{"alice", right}};
    return {.brokers = 1, .topics = {}, .sasl = sasl};
}

// How it ended.
std::error_code log_in(const Properties& properties, const std::string& address, Seen& seen) {
    auto config = kafka::conn_config(properties);
    REQUIRE_MESSAGE(config.has_value(), config.failure().detail);
    config->log = seen.sink();
    seen.add(kafka::to_string(*config));
    for (const auto& property : properties)
        seen.add(kafka::to_string(property));
    kafka::Diagnostics diagnostics;
    try {
        kafka::blocking::Conn conn(*config);
        conn.connect(address, {.diagnostics = &diagnostics});
        CHECK(conn.call(kafka::protocol::MetadataRequest()).brokers.size() == 1);
        return {};
    } catch (const kafka::Error& error) {
        seen.add(error.what());
        seen.add(diagnostics.detail);
        return error.code();
    }
}

void check_both_passwords(const std::string& mechanism, const std::string& module) {
    CAPTURE(mechanism);
    kafka::testing::Broker broker(guarded());
    Seen seen;
    for (const bool jaas : {false, true}) {
        for (const auto& password : {right, wrong}) {
            Properties properties{{"security.protocol", "SASL_PLAINTEXT"},
                                  {"sasl.mechanism", mechanism}};
            if (jaas) {
                properties.push_back(
                    {"sasl.jaas.config", "org.apache.kafka.common.security." + module +
                                             "LoginModule required username=\"alice\" password=\"" +
                                             password + "\";"});
            } else {
                properties.push_back({"sasl.username", "alice"});
                properties.push_back({"sasl.password", password});
            }
            const auto ended = log_in(properties, broker.bootstrap(), seen);
            if (password == right) {
                CHECK_FALSE(ended);
            } else {
                CHECK(ended == kafka::errc::sasl_authentication_failed);
            }
        }
    }
    seen.check_clean();
}

}  // namespace

TEST_CASE("properties alone log in with a password, which nothing then shows") {
    check_both_passwords("PLAIN", "plain.Plain");
}

TEST_CASE("properties alone log in with SCRAM, and nothing shows the password") {
    const kafka::ConnConfig probe = *kafka::conn_config(Properties{
        {"security.protocol", "SASL_PLAINTEXT"},
        {"sasl.mechanism", "SCRAM-SHA-256"},
        {"sasl.username", "a"},
        {"sasl.password", "b"},
    });
    if (const auto made = probe.sasl->start({"broker", 9092}); !made) {
        // Without OpenSSL.
        CHECK(made.failure().code == kafka::errc::sasl_mechanism_unsupported);
        return;
    }
    check_both_passwords("SCRAM-SHA-256", "scram.Scram");
    check_both_passwords("SCRAM-SHA-512", "scram.Scram");
}

TEST_CASE("properties alone log in with a token that they make") {
    kafka::testing::Broker broker(guarded());
    Seen seen;
    CHECK_FALSE(log_in({{"security.protocol", "SASL_PLAINTEXT"},
                        {"sasl.mechanism", "OAUTHBEARER"},
                        {"enable.sasl.oauthbearer.unsecure.jwt", "true"},
                        {"sasl.oauthbearer.config", "principal=alice"}},
                       broker.bootstrap(), seen));
    CHECK_FALSE(log_in({{"security.protocol", "SASL_PLAINTEXT"},
                        {"sasl.mechanism", "OAUTHBEARER"},
                        {"sasl.jaas.config",
                         "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule "
                         "required unsecuredLoginStringClaim_sub=\"alice\";"}},
                       broker.bootstrap(), seen));
}
