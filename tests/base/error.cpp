// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdint>
#include <ostream>  // doctest prints error codes with it
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include <asio/error.hpp>
#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/result.hpp>

#include "base/broker_errors.hpp"

using kafka::broker_errc;
using kafka::errc;
using kafka::is_retriable;
using kafka::is_stale_metadata;

namespace {

constexpr int last_client_error = static_cast<int>(errc::wrong_state);

}  // namespace

TEST_CASE("each of the client's own errors has a message of its own") {
    std::set<std::string> messages;
    for (int value = 1; value <= last_client_error; ++value) {
        const auto message = kafka::client_category().message(value);
        CAPTURE(value);
        CHECK(message.find("unknown") == std::string::npos);
        CHECK(messages.insert(message).second);
    }
    CHECK(kafka::client_category().message(last_client_error + 1) ==
          "unknown error " + std::to_string(last_client_error + 1));
    CHECK(kafka::client_category().message(-1) == "unknown error -1");
}

TEST_CASE("errors convert to std::error_code by themselves, each in its category") {
    const std::error_code own = errc::connection_lost;
    CHECK(std::string_view(own.category().name()) == "kafka");
    const std::error_code theirs = broker_errc::not_leader_or_follower;
    CHECK(std::string_view(theirs.category().name()) == "kafka.broker");
    CHECK(theirs.value() == 6);
    CHECK(theirs == broker_errc::not_leader_or_follower);
    CHECK(theirs != errc::connect_timed_out);
    CHECK(kafka::broker_error(6) == theirs);
    CHECK_FALSE(kafka::broker_error(0));
}

TEST_CASE("every code of Kafka 4.4 has a name, a meaning and a message") {
    CHECK(kafka::broker_errors().size() == 138);
    std::set<std::string_view> names;
    std::set<std::string_view> meanings;
    for (std::int16_t code = -1; code <= 136; ++code) {
        CAPTURE(code);
        const auto name = kafka::broker_error_name(code);
        const auto meaning = kafka::broker_error_meaning(code);
        CHECK(names.insert(name).second);
        CHECK(meanings.insert(meaning).second);
        CHECK_FALSE(name.empty());
        REQUIRE_FALSE(meaning.empty());
        CHECK(meaning.back() != '.');
        if (code != 0) {
            CHECK(kafka::broker_error(code).message() ==
                  std::string(name) + " (" + std::string(meaning) + ")");
        }
    }
    CHECK(kafka::broker_error_name(-1) == "UNKNOWN_SERVER_ERROR");
    CHECK(kafka::broker_error_name(136) == "CONTROLLER_ID_NOT_REGISTERED");
}

TEST_CASE("the code of a newer broker keeps its number and has no name") {
    for (const int code : {-32768, -2, 137, 999, 32767}) {
        CAPTURE(code);
        const auto number = static_cast<std::int16_t>(code);
        CHECK(kafka::broker_error_name(number).empty());
        CHECK(kafka::broker_error_meaning(number).empty());
        const auto error = kafka::broker_error(number);
        CHECK(error.value() == code);
        CHECK(error.message().find(std::to_string(code)) != std::string::npos);
        CHECK_FALSE(is_retriable(error));
        CHECK_FALSE(is_stale_metadata(error));
    }
}

TEST_CASE("the enumerators are Kafka's names in lower case") {
    // Both lists are long; this checks that neither has slipped against the other.
    CHECK(kafka::broker_error_name(static_cast<std::int16_t>(broker_errc::offset_out_of_range)) ==
          "OFFSET_OUT_OF_RANGE");
    CHECK(kafka::broker_error_name(static_cast<std::int16_t>(broker_errc::kafka_storage_error)) ==
          "KAFKA_STORAGE_ERROR");
    CHECK(kafka::broker_error_name(static_cast<std::int16_t>(broker_errc::unknown_topic_id)) ==
          "UNKNOWN_TOPIC_ID");
    CHECK(static_cast<int>(broker_errc::rebootstrap_required) == 129);
    CHECK(static_cast<int>(broker_errc::controller_id_not_registered) == 136);
}

TEST_CASE("what is retriable and what says that metadata is stale agrees with Kafka") {
    // From Errors.exception() of kafka-clients 4.4.0: instances of RetriableException, and of
    // InvalidMetadataException among them.
    const std::set<int> retriable = {2,  3,  5,  6,  7,   9,   13,  14,  15,  16, 19,
                                     20, 41, 51, 56, 70,  71,  72,  74,  75,  78, 80,
                                     83, 84, 88, 89, 100, 103, 106, 122, 123, 133};
    const std::set<int> stale = {3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103};
    for (std::int16_t code = -1; code <= 136; ++code) {
        CAPTURE(code);
        CHECK(is_retriable(kafka::broker_error(code)) == retriable.contains(code));
        CHECK(is_stale_metadata(kafka::broker_error(code)) == stale.contains(code));
    }
}

TEST_CASE("conditions ask of any error what the functions ask") {
    using kafka::error_kind;
    const std::set<int> fatal = {31, 33, 34, 47, 49, 53, 58, 82, 90, 104};
    for (std::int16_t code = -1; code <= 137; ++code) {
        CAPTURE(code);
        const auto ec = kafka::broker_error(code);
        CHECK((ec == error_kind::retriable) == is_retriable(ec));
        CHECK((ec == error_kind::fatal) == fatal.contains(code));
        CHECK((ec == error_kind::authentication) == (code == 33 || code == 34 || code == 58));
    }
    for (int value = 1; value <= last_client_error; ++value) {
        CAPTURE(value);
        const std::error_code ec(value, kafka::client_category());
        CHECK((ec == error_kind::retriable) == is_retriable(ec));
        CHECK((ec == error_kind::authentication) == kafka::is_authentication_error(ec));
        CHECK_FALSE((ec == error_kind::retriable && ec == error_kind::fatal));
    }
    CHECK(std::error_code(errc::certificate_rejected) == error_kind::fatal);
    CHECK(std::error_code(errc::not_kafka) == error_kind::fatal);
    CHECK(std::error_code(errc::request_timed_out) != error_kind::fatal);
    CHECK(make_error_code(std::errc::connection_refused) == error_kind::retriable);
    CHECK(std::error_code() != error_kind::retriable);
    const std::error_condition condition = error_kind::fatal;
    CHECK(std::string_view(condition.category().name()) == "kafka.kind");
    CHECK(condition.message() == "nothing can go on before the cause is repaired");
}

TEST_CASE("every error says what to do about it") {
    const auto check = [](const std::error_code& ec) {
        const auto advice = kafka::error_advice(ec);
        CAPTURE(ec.message());
        REQUIRE(advice.size() > 10);
        CHECK(advice.back() != '.');
        CHECK(ec.message().find(advice) == std::string::npos);
        return advice;
    };
    for (std::int16_t code = -1; code <= 136; ++code)
        CHECK(check(kafka::broker_error(code)).find("newer than") == std::string_view::npos);
    CHECK(check(kafka::broker_error(137)).find("update this client") == 0);
    for (int value = 1; value <= last_client_error; ++value)
        CHECK(check({value, kafka::client_category()}).find("report it: the library") ==
              std::string_view::npos);
    check(make_error_code(std::errc::connection_refused));
    check(make_error_code(std::errc::permission_denied));
}

TEST_CASE("of the client's own errors, lost connections and time-outs are retriable") {
    const std::set<int> retriable = {
        static_cast<int>(errc::connection_lost), static_cast<int>(errc::connect_timed_out),
        static_cast<int>(errc::request_timed_out), static_cast<int>(errc::resolve_failed)};
    for (int value = 1; value <= last_client_error; ++value) {
        CAPTURE(value);
        const auto error = make_error_code(static_cast<errc>(value));
        CHECK(is_retriable(error) == retriable.contains(value));
        CHECK_FALSE(is_stale_metadata(error));
    }
}

TEST_CASE("errors of authentication are told from others on both sides' word") {
    using kafka::is_authentication_error;
    CHECK(is_authentication_error(errc::sasl_authentication_failed));
    CHECK(is_authentication_error(errc::sasl_mechanism_unsupported));
    CHECK(is_authentication_error(errc::certificate_rejected));
    CHECK(is_authentication_error(errc::client_certificate_rejected));
    CHECK(is_authentication_error(broker_errc::sasl_authentication_failed));
    CHECK(is_authentication_error(broker_errc::unsupported_sasl_mechanism));
    CHECK(is_authentication_error(broker_errc::illegal_sasl_state));
    CHECK_FALSE(is_authentication_error({}));
    CHECK_FALSE(is_authentication_error(errc::connection_lost));
    CHECK_FALSE(is_authentication_error(errc::tls_failed));
    CHECK_FALSE(is_authentication_error(broker_errc::topic_authorization_failed));
}

TEST_CASE("the system's network errors are retriable in each category they come in") {
    for (const int value : {ECONNRESET, ECONNREFUSED, ECONNABORTED, EPIPE, ENETUNREACH,
                            EHOSTUNREACH, ETIMEDOUT, ENETDOWN}) {
        CAPTURE(value);
        CHECK(is_retriable({value, std::system_category()}));
        CHECK(is_retriable({value, std::generic_category()}));
        CHECK(is_retriable({value, asio::error::get_system_category()}));
    }
    for (const int value : {EACCES, ENOENT, EINVAL, ECANCELED, ENOMEM}) {
        CAPTURE(value);
        CHECK_FALSE(is_retriable({value, std::system_category()}));
        CHECK_FALSE(is_retriable({value, asio::error::get_system_category()}));
    }
}

TEST_CASE("Asio's own errors are known although this layer does not include Asio") {
    CHECK(is_retriable(asio::error::eof));
    CHECK(is_retriable(asio::error::host_not_found));
    CHECK(is_retriable(asio::error::host_not_found_try_again));
    CHECK_FALSE(is_retriable(asio::error::already_open));
    CHECK_FALSE(is_retriable(asio::error::not_found));
    CHECK_FALSE(is_retriable(asio::error::no_recovery));
    CHECK_FALSE(is_retriable(asio::error::operation_aborted));
}

TEST_CASE("no error is neither retriable nor stale") {
    CHECK_FALSE(is_retriable({}));
    CHECK_FALSE(is_retriable(kafka::broker_error(0)));
    CHECK_FALSE(is_stale_metadata({}));
}

TEST_CASE("diagnostics join what is known into one sentence") {
    const std::error_code lost = errc::connection_lost;
    kafka::Diagnostics known;
    CHECK(known.to_string(lost) == "the connection was lost");
    known.detail = "end of file after 3 bytes";
    CHECK(known.to_string(lost) == "the connection was lost: end of file after 3 bytes");
    known.peer = "broker1:9092 (10.0.0.1)";
    CHECK(known.to_string(lost) ==
          "broker1:9092 (10.0.0.1): the connection was lost: end of file after 3 bytes");
    known.api = "Fetch v12";
    CHECK(known.to_string(lost) ==
          "Fetch v12 to broker1:9092 (10.0.0.1): the connection was lost: "
          "end of file after 3 bytes");
    known.clear();
    CHECK(known.to_string(lost) == "the connection was lost");
    known.api = "Fetch v12";
    CHECK(known.to_string(lost) == "Fetch v12: the connection was lost");
}

TEST_CASE("diagnostics stay one printable line whatever a broker put into them") {
    kafka::Diagnostics hostile;
    hostile.peer = "evil\nhost:9092";
    hostile.detail = "\x1b[2J\xff";
    const auto text = hostile.to_string(errc::connection_lost);
    CHECK(text == "evil\\x0ahost:9092: the connection was lost: \\x1b[2J\\xff");
}

TEST_CASE("a failure tells its code and its detail") {
    CHECK_FALSE(kafka::Failure());
    const kafka::Failure bare(errc::not_kafka);
    CHECK(bare);
    CHECK(bare.message() == "the peer does not speak Kafka's protocol");
    const kafka::Failure full(errc::not_kafka, "it sent a TLS alert");
    CHECK(full.message() == "the peer does not speak Kafka's protocol: it sent a TLS alert");
}

TEST_CASE("a result holds a value or a failure") {
    kafka::Result<std::string> good(std::string("value"));
    REQUIRE(good);
    CHECK(*good == "value");
    CHECK(good->size() == 5);
    kafka::Result<std::string> bad(kafka::Failure(errc::limit_exceeded, "too long"));
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.failure().code == errc::limit_exceeded);
    CHECK(bad.take_failure().detail == "too long");
}
