// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

namespace {

namespace fs = std::filesystem;

using namespace std::chrono_literals;
using std::chrono::milliseconds;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

// The environment of a process, and a home with the user's own files.
class Place {
public:
    Place() {
        std::string name = (fs::temp_directory_path() / "kasio-settings-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        set("HOME", folder_.string());
    }
    ~Place() { fs::remove_all(folder_); }

    void set(const std::string& name, const std::string& value) {
        lines_.push_back(name + '=' + value);
    }
    std::string write(const std::string& name, const std::string& text) const {
        const auto file = folder_ / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file.string();
    }
    [[nodiscard]] const char* const* environment() {
        pointers_.clear();
        for (const auto& line : lines_)
            pointers_.push_back(line.c_str());
        pointers_.push_back(nullptr);
        return pointers_.data();
    }

    kafka::ClientConfig config(const kasio::GivenSettings& given = {}) {
        const auto all = kasio::all_settings(given, environment());
        REQUIRE_MESSAGE(all.has_value(), all.failure().detail);
        const auto made = kasio::configuration(*all);
        REQUIRE_MESSAGE(made.has_value(), made.failure().detail);
        return *made;
    }
    std::string refusal(const kasio::GivenSettings& given = {}) {
        const auto all = kasio::all_settings(given, environment());
        if (!all) return all.failure().detail;
        const auto made = kasio::configuration(*all);
        REQUIRE_FALSE(made.has_value());
        CHECK((made.failure().code == kafka::errc::invalid_argument));
        return made.failure().detail;
    }
    std::string client_id(const kasio::GivenSettings& given = {}) {
        return config(given).conn.client_id.value_or("");
    }

private:
    fs::path folder_;
    std::vector<std::string> lines_;
    std::vector<const char*> pointers_;
};

}  // namespace

TEST_CASE("without settings there are kasio's defaults and no brokers") {
    Place place;
    const auto config = place.config();
    CHECK(config.bootstrap.empty());
    CHECK(config.conn.client_id == "kasio");
    CHECK(config.conn.connect_timeout == std::chrono::seconds(5));
    CHECK_FALSE(config.conn.tls);
}

TEST_CASE("what is nearer to the command line counts") {
    Place place;
    place.write(".config/kasio/kasio.properties", "client.id=user\n");
    CHECK(place.client_id() == "user");
    const auto file = place.write("a.properties", "client.id=file\n");
    place.set("KASIO_CONFIG", file);
    CHECK(place.client_id() == "file");
    const auto given = place.write("b.properties", "client.id=given file\n");
    CHECK(place.client_id({.config_file = given}) == "given file");
    place.set("KASIO_CLIENT_ID", "environment");
    CHECK(place.client_id({.config_file = given}) == "environment");
    CHECK(place.client_id({.given = {"client.id=-X"}, .config_file = given}) == "-X");
    CHECK(place.client_id({.given = {"client.id=a", "client.id=b"}}) == "b");
    CHECK(place.client_id({.given = {"client.id=-X"}, .client_id = "option"}) == "option");
}

TEST_CASE("one property counts once in all its spellings and places") {
    Place place;
    place.set("KAFKA_BROKERS", "weak:1");
    CHECK(place.config().bootstrap == "weak:1");
    place.set("KASIO_METADATA_BROKER_LIST", "strong:1");
    CHECK(place.config().bootstrap == "strong:1");
    CHECK(place.config({.given = {"bootstrap.servers=x:1"}}).bootstrap == "x:1");
    CHECK(place.config({.given = {"bootstrap.servers=x:1"}, .brokers = "y:1"}).bootstrap == "y:1");
}

TEST_CASE("the user's file is found as XDG says") {
    Place place;
    CHECK(*kasio::user_config_file(place.environment()) == "");
    const auto file = place.write(".config/kasio/kasio.toml", "");
    CHECK(*kasio::user_config_file(place.environment()) == file);
    const auto other = place.write("xdg/kasio/kasio.properties", "");
    place.set("XDG_CONFIG_HOME", fs::path(other).parent_path().parent_path().string());
    CHECK(*kasio::user_config_file(place.environment()) == other);
    place.write("xdg/kasio/kasio.toml", "");
    const auto both = kasio::user_config_file(place.environment());
    REQUIRE_FALSE(both.has_value());
    CHECK(has(both.failure().detail, "keep one"));
    const char* nothing[] = {nullptr};
    CHECK(*kasio::user_config_file(nothing) == "");
    const char* relative[] = {"XDG_CONFIG_HOME=here", nullptr};
    CHECK(*kasio::user_config_file(relative) == "");
}

TEST_CASE("a variable that no property has is refused with the nearest one") {
    Place place;
    place.set("KASIO_SASL_PASWORD", "c4n4ry");
    CHECK(place.refusal() ==
          "KASIO_SASL_PASWORD: there is no property 'sasl.pasword'; did you mean "
          "'sasl.password'?");
}

TEST_CASE("variables of which no use can be made, and empty ones, are left out") {
    Place place;
    place.set("KASIO_SASL_USERNAME", "alice");
    place.set("KASIO_SASL_PASSWORD", "secret");
    place.set("KASIO_SECURITY_PROTOCOL", "");
    place.set("KASIO_LINGER_MS", "5");
    CHECK(place.config().conn.sasl == nullptr);
    const auto config =
        place.config({.given = {"security.protocol=SASL_SSL", "sasl.mechanism=PLAIN"}});
    CHECK(config.conn.sasl->name() == "PLAIN");
}

TEST_CASE("settings of producers and consumers are left out of files, and refused with -X") {
    Place place;
    const auto file = place.write(
        "java.properties",
        "client.id=x\nlinger.ms=5\ngroup.id=g\nkey.deserializer=org.example.X\ndebug=all\n"
        "sasl.login.retry.backoff.ms=100\n");
    CHECK(place.client_id({.config_file = file}) == "x");
    CHECK(has(place.refusal({.given = {"linger.ms=5"}}), "a setting of a producer"));
    CHECK(has(place.refusal({.given = {"debug=all"}}), "-X: debug: logging is up to"));
    // What is about security is never left out.
    const auto crl = place.write("crl.properties", "security.protocol=SSL\nssl.crl.location=x\n");
    CHECK(has(place.refusal({.config_file = crl}), "crl.properties:2: ssl.crl.location:"));
    const auto login = place.write("login.properties", "sasl.login.class=org.example.X\n");
    CHECK(has(place.refusal({.config_file = login}), "names a Java class"));
    const auto unused = place.write("unused.properties", "ssl.ca.location=x\n");
    CHECK(has(place.refusal({.config_file = unused}), "this has no effect"));
    const auto unknown = place.write("unknown.properties", "\nsasl.mecanism=PLAIN\n");
    CHECK(has(place.refusal({.config_file = unknown}),
              "unknown.properties:2: there is no property 'sasl.mecanism'; did you mean "
              "'sasl.mechanism'?"));
}

TEST_CASE("a command that produces takes settings of producers, from files as with -X") {
    Place place;
    const auto file = place.write("java.properties",
                                  "client.id=x\nlinger.ms=7\ngroup.id=g\nbatch.size=1000\n"
                                  "transactional.id=left out\n");
    place.set("KASIO_ACKS", "1");
    const kasio::GivenSettings given{.given = {"batch.size=2000"}, .config_file = file};
    const auto all = kasio::all_settings(given, place.environment());
    REQUIRE(all.has_value());
    CHECK(has(kasio::configuration(*all).failure().detail, "a setting of a producer"));
    const auto client = kasio::configuration(*all, true);
    REQUIRE(client.has_value());
    CHECK(client->conn.client_id == "x");
    const auto writer = kasio::writer_configuration(*all, 60s);
    REQUIRE_MESSAGE(writer.has_value(), writer.failure().detail);
    CHECK(writer->linger == 7ms);
    CHECK(writer->batch_size == 2000);
    CHECK((writer->acks == kafka::RequiredAcks::leader));
    CHECK_FALSE(writer->enable_idempotence);
    const auto dump = kasio::dump_of_settings(*all, *client, &*writer);
    CHECK(has(dump, "batch.size=2000    # -X\n"));
    CHECK(has(dump, "linger.ms=7    # " + file + ":2\n"));
    CHECK(has(dump, "WriterConfig(topic=, balancer=murmur2, acks=leader"));
    CHECK_FALSE(has(dump, "left out"));
    CHECK(has(dump, "transactional_id=, "));
}

TEST_CASE("what a command that produces cannot use is refused with -X") {
    Place place;
    const auto refused = [&place](const std::string& setting) {
        const auto all = kasio::all_settings({.given = {setting}}, place.environment());
        REQUIRE(all.has_value());
        const auto writer = kasio::writer_configuration(*all, 60s);
        return writer ? "" : writer.failure().detail;
    };
    CHECK(has(refused("group.id=g"), "-X: group.id: this is a setting of a consumer"));
    CHECK(refused("transactional.id=x") == "transactional.id: kasio writes no transactions");
    CHECK(has(refused("message.copy.max.bytes=1"), "does not have this setting"));
    CHECK(has(refused("linger.ms=soon"), "-X: linger.ms='soon': expected a number of mill"));
    CHECK(has(refused("max.in.flight.requests.per.connection=0"), "from 1"));
    CHECK(has(refused("delivery.timeout.ms=1"), "delivery_timeout (1 ms) is below linger"));
    CHECK(refused("acks=0") == "");
}

TEST_CASE("patience is the time for a record, and other settings give way to it or stretch it") {
    Place place;
    const auto of = [&place](std::vector<std::string> settings, milliseconds patience) {
        const auto all = kasio::all_settings({.given = std::move(settings)}, place.environment());
        REQUIRE(all.has_value());
        const auto writer = kasio::writer_configuration(*all, patience);
        REQUIRE_MESSAGE(writer.has_value(), writer.failure().detail);
        return *writer;
    };
    auto writer = of({}, 60s);
    CHECK(writer.delivery_timeout == 60s);
    CHECK(writer.request_timeout == 30s);
    CHECK(writer.max_block > writer.delivery_timeout);
    writer = of({}, 2s);
    CHECK(writer.delivery_timeout == 2s);
    CHECK(writer.request_timeout == 1'995ms);
    CHECK(of({}, 0s).delivery_timeout == 1s);
    writer = of({"request.timeout.ms=5000"}, 2s);
    CHECK(writer.request_timeout == 5s);
    CHECK(writer.delivery_timeout == 5'005ms);
    writer = of({"message.timeout.ms=9000"}, 60s);
    CHECK(writer.delivery_timeout == 9s);
    CHECK(writer.request_timeout == 8'995ms);
    CHECK(of({"linger.ms=3000"}, 2s).delivery_timeout == 6s);
}

TEST_CASE("buffers hold two batches, and a record may be as large as they are") {
    Place place;
    const auto of = [&place](std::vector<std::string> settings) {
        const auto all = kasio::all_settings({.given = std::move(settings)}, place.environment());
        const auto writer = kasio::writer_configuration(*all, 60s);
        REQUIRE_MESSAGE(writer.has_value(), writer.failure().detail);
        return *writer;
    };
    CHECK(of({}).max_request_size == of({}).buffer_memory - 65'536);
    const auto large = of({"batch.size=104857600"});
    CHECK(large.buffer_memory == 209'715'200);
    CHECK(large.max_request_size == 104'857'600);
    CHECK(of({"buffer.memory=1000000"}).max_request_size == 1'048'576);
    CHECK(of({"max.request.size=300000"}).max_request_size == 300'000);
}

TEST_CASE("a file's way to log in gives way to that of the command line") {
    Place place;
    const auto file = place.write("a.properties",
                                  "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
                                  "sasl.jaas.config=org.apache.kafka.common.security.plain."
                                  "PlainLoginModule required username=\"a\" password=\"b\";\n"
                                  "ssl.truststore.location=ca.pem\nssl.truststore.type=PEM\n");
    CHECK(place.config({.config_file = file}).conn.sasl->to_string() ==
          "PLAIN user=a password=****");
    auto config = place.config(
        {.given = {"sasl.username=bob", "sasl.password=x", "ssl.ca.location=other.pem"},
         .config_file = file});
    CHECK(config.conn.sasl->to_string() == "PLAIN user=bob password=****");
    CHECK(config.conn.tls->config().ca_file == "other.pem");
    config = place.config({.given = {"security.protocol=PLAINTEXT"}, .config_file = file});
    CHECK(config.conn.sasl == nullptr);
    CHECK_FALSE(config.conn.tls);
}

TEST_CASE("-X without a name or a value is refused, and not repeated") {
    for (const auto* text : {"c4n4ry", "=c4n4ry", ""}) {
        const auto setting = kasio::parse_setting(text);
        REQUIRE_FALSE(setting.has_value());
        CHECK(has(setting.failure().detail, "expected NAME=VALUE"));
        CHECK_FALSE(has(setting.failure().detail, "c4n4ry"));
    }
    CHECK(kasio::parse_setting("a=b=c")->value == "b=c");
    CHECK(kasio::parse_setting("a=")->value == "");
}

TEST_CASE("a file that is not there is the system's failure") {
    Place place;
    const auto all = kasio::all_settings({.config_file = "/not/there"}, place.environment());
    REQUIRE_FALSE(all.has_value());
    CHECK((all.failure().code == std::errc::no_such_file_or_directory));
}

TEST_CASE("the list has every property with its meaning") {
    const auto list = kasio::list_of_settings();
    for (const auto& info : kafka::known_properties()) {
        CAPTURE(info.name);
        CHECK(has(list, '\n' + std::string(info.name)));
        CHECK(has(list, info.meaning));
    }
    CHECK(has(list, "sasl.mechanism, sasl.mechanisms\n"));
}

TEST_CASE("the dump shows what is given and where, and no secret") {
    Place place;
    place.set("KASIO_SASL_PASSWORD", "c4n4ry");
    const auto file = place.write("a.properties", "linger.ms=1\nclient.id=me\n");
    const auto all =
        kasio::all_settings({.given = {"security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-512",
                                       "sasl.username=alice", "ssl.key.pem=c4n4ry",
                                       "ssl.certificate.pem=x", "ssl.key.password=c4n4ry"},
                             .config_file = file},
                            place.environment());
    REQUIRE(all.has_value());
    const auto config = kasio::configuration(*all);
    REQUIRE_MESSAGE(config.has_value(), config.failure().detail);
    const auto dump = kasio::dump_of_settings(*all, *config);
    CHECK_FALSE(has(dump, "c4n4ry"));
    CHECK(has(dump, "sasl.password=****    # KASIO_SASL_PASSWORD\n"));
    CHECK(has(dump, "client.id=me    # " + file + ":2\n"));
    CHECK(has(dump, "SCRAM-SHA-512 user=alice"));
    CHECK_FALSE(has(dump, "linger"));
}
