// SPDX-License-Identifier: Apache-2.0
#include "probe.hpp"

#include <asio/ip/tcp.hpp>

#include <kafka/error.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>

#include "probe_run.hpp"

using namespace kasio;
using kafka::testing::Broker;
using kafka::testing::BrokerSasl;
using kafka::testing::CertificateAuthority;
using kafka::testing::Rule;

namespace {

// A port of loopback at which nobody listens, for as long as this lives.
class ClosedPort {
public:
    ClosedPort() : acceptor_(io_) {
        acceptor_.open(asio::ip::tcp::v4());
        acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
};

// Resolves every name to these numbers.
kafka::Resolver to(std::vector<std::string> numbers) {
    return [numbers](const std::string&, std::uint16_t, kafka::ResolveHandler done) {
        done({}, numbers);
    };
}

BrokerSasl alice(std::vector<std::string> mechanisms = {"PLAIN", "SCRAM-SHA-512"}) {
    BrokerSasl sasl;
    sasl.mechanisms = std::move(mechanisms);
    sasl.users = {{"alice", "secret"}};
    return sasl;
}

kafka::sasl::MechanismPtr plain(const char* password = "secret") {
    return kafka::sasl::make_mechanism(
        kafka::sasl::Plain{.user = "alice", .password = kafka::Secret(std::string_view(password))});
}
kafka::sasl::MechanismPtr scram(const char* password = "secret") {
    return kafka::sasl::make_mechanism(
        kafka::sasl::Scram{.user = "alice", .password = kafka::Secret(std::string_view(password))});
}

}  // namespace

TEST_CASE("a cluster that is well gives status 0, and each step says what it found") {
    Broker broker({.brokers = 2, .cluster_id = "c-1"});
    const auto report = run_probe(options_for(broker.bootstrap()));
    INFO(text_of(report));
    CHECK(first_fault(report) == "");
    CHECK(exit_of(report) == Exit::ok);
    REQUIRE(report.bootstrap.size() == 2);
    for (const auto& target : report.bootstrap) {
        for (const auto stage : {Stage::name, Stage::connect, Stage::versions, Stage::metadata})
            CHECK(step_of(target, stage).verdict == Verdict::ok);
    }
    CHECK_HAS(step_of(report.bootstrap[0], Stage::versions).found, "Kafka 4.4");
    CHECK(step_of(report.bootstrap[0], Stage::connect).took.has_value());
    CHECK(report.cluster.found == "c-1, brokers 1 and 2, controller 1");
    REQUIRE(report.listeners.size() == 2);
    CHECK(report.listeners[0].same_as == 0u);
    CHECK(report.listeners[1].same_as == 1u);
    CHECK(conclusion_of(report) ==
          "All is well: 2 brokers answer at the address that clients are told");
}

TEST_CASE("a closed port is refused, and what follows is skipped") {
    const ClosedPort port;
    const auto address = "127.0.0.1:" + std::to_string(port.port());
    const auto report = run_probe(options_for(address));
    CHECK_HAS(first_fault(report), "connect " + address + ": nobody listens at " + address);
    CHECK_HAS(first_fault(report), "listeners");
    CHECK(step_of(report.bootstrap[0], Stage::metadata).verdict == Verdict::skipped);
    CHECK(report.cluster.verdict == Verdict::skipped);
    CHECK(exit_of(report) == Exit::unreachable);
}

TEST_CASE("a name that nobody knows breaks at the name") {
    auto options = options_for("kafka-1.invalid:9092");
    options.conn.resolver = [](const std::string&, std::uint16_t, kafka::ResolveHandler done) {
        done(make_error_code(kafka::errc::resolve_failed), {});
    };
    const auto report = run_probe(std::move(options));
    CHECK_HAS(first_fault(report), "name kafka-1.invalid:9092: this machine knows no address of");
    CHECK_HAS(first_fault(report), "getaddrinfo: ");
    CHECK(report.bootstrap[0].paths.empty());
    CHECK(exit_of(report) == Exit::unreachable);
}

TEST_CASE("a look-up without an end is given up when the step's time is over") {
    auto options = options_for("kafka-1.invalid:9092");
    options.timeout = 50ms;
    std::vector<kafka::ResolveHandler> asked;  // and never answered
    options.conn.resolver = [&](const std::string&, std::uint16_t, kafka::ResolveHandler done) {
        asked.push_back(std::move(done));
    };
    const auto report = run_probe(std::move(options));
    CHECK(report.bootstrap[0].name.verdict == Verdict::failed);
    CHECK(asked.size() == 1);
}

TEST_CASE("each address of a name is tried, and one that is away is a warning only") {
    Broker broker({.brokers = 1});
    const auto port = broker.ports().front();
    auto options = options_for("kafka.test:" + std::to_string(port));
    options.conn.resolver = to({"127.0.0.2", "127.0.0.1"});
    const auto report = run_probe(std::move(options));
    INFO(text_of(report));
    REQUIRE(report.bootstrap[0].paths.size() == 2);
    CHECK(report.bootstrap[0].name.found == "127.0.0.2 (A), 127.0.0.1 (A)");
    CHECK(report.bootstrap[0].paths[0].steps.front().verdict == Verdict::warning);
    CHECK(report.bootstrap[0].paths[1].ok());
    CHECK(exit_of(report) == Exit::ok);
    CHECK_HAS(conclusion_of(report), "one thing deserves a look");
}

TEST_CASE("a broker that is stopped in its tracks answers nothing, and the time is limited") {
    Broker broker({.brokers = 1});
    REQUIRE_FALSE(broker.pause_broker(1));
    auto options = options_for(broker.bootstrap());
    options.timeout = 300ms;
    const auto report = run_probe(std::move(options));
    CHECK_HAS(first_fault(report), "the port is open, but nobody answers");
    CHECK(exit_of(report) == Exit::unreachable);
}

TEST_CASE("a listener that is not Kafka's is said to be that") {
    Broker broker({.brokers = 1});
    const std::string http = "HTTP/1.1 400 Bad Request\r\n\r\n";
    broker.add(Rule::on_connect().raw(std::string_view(http)));
    const auto report = run_probe(options_for(broker.bootstrap()));
    CHECK_HAS(first_fault(report), "versions ");
    CHECK_HAS(first_fault(report), "see that this is the port of a Kafka broker");
}

TEST_CASE("a listener of controllers is no bootstrap address") {
    Broker broker({.brokers = 1});
    broker.add(
        Rule::on<kafka::protocol::ApiVersionsRequest>().edit<kafka::protocol::ApiVersionsResponse>(
            [](auto& response) {
                std::erase_if(response.api_keys, [](const auto& api) { return api.api_key == 3; });
            }));
    const auto report = run_probe(options_for(broker.bootstrap()));
    CHECK_HAS(first_fault(report), "it has no Metadata (a controller's?)");
}

TEST_CASE("bootstrap addresses of two clusters are seen") {
    Broker one({.brokers = 1, .cluster_id = "one"});
    Broker two({.brokers = 1, .cluster_id = "two"});
    const auto report = run_probe(options_for(one.bootstrap() + "," + two.bootstrap()));
    CHECK_HAS(first_fault(report),
              "cluster the cluster: the bootstrap addresses lead to different clusters: one (" +
                  one.bootstrap() + ") and two (" + two.bootstrap() + ")");
    CHECK(exit_of(report) == Exit::refused);
}

TEST_CASE("a login that works tells the mechanism, those on offer and how long it is good for") {
    auto sasl = alice();
    sasl.max_session = 1h;
    Broker broker({.brokers = 1, .sasl = sasl});
    for (const auto& mechanism : {plain(), scram()}) {
        auto options = options_for(broker.bootstrap());
        options.conn.sasl = mechanism;
        const auto report = run_probe(std::move(options));
        INFO(text_of(report));
        CHECK(first_fault(report) == "");
        const auto login = step_of(report.bootstrap[0], Stage::login);
        CHECK_HAS(login.found,
                  std::string(mechanism->name()) + "; offered: PLAIN and SCRAM-SHA-512; ");
        CHECK_HAS(login.found, "good for ");
        CHECK(login.found.find("life of the connection") == std::string::npos);
    }
}

TEST_CASE("wrong credentials are the broker's word, and the password is not shown") {
    Broker broker({.brokers = 1, .sasl = alice()});
    for (const auto& mechanism : {plain("hunter2"), scram("hunter2")}) {
        auto options = options_for(broker.bootstrap());
        options.conn.sasl = mechanism;
        const auto report = run_probe(std::move(options));
        CHECK_HAS(first_fault(report), "login ");
        CHECK_HAS(first_fault(report), "Authentication failed");
        CHECK_HAS(first_fault(report), "sasl.password");
        CHECK(text_of(report).find("hunter2") == std::string::npos);
        CHECK(exit_of(report) == Exit::refused);
        CHECK(step_of(report.bootstrap[0], Stage::metadata).verdict == Verdict::skipped);
    }
}

TEST_CASE("a mechanism that is not offered is said together with those that are") {
    Broker broker({.brokers = 1, .sasl = alice({"SCRAM-SHA-256", "SCRAM-SHA-512"})});
    auto options = options_for(broker.bootstrap());
    options.conn.sasl = plain();
    const auto report = run_probe(std::move(options));
    CHECK_HAS(first_fault(report),
              "this listener does not offer PLAIN, but SCRAM-SHA-256 and SCRAM-SHA-512");
    CHECK(exit_of(report) == Exit::refused);
}

TEST_CASE("a login that is wanted and not configured is found out, with the mechanisms") {
    Broker broker({.brokers = 1, .sasl = alice()});
    const auto report = run_probe(options_for(broker.bootstrap()));
    CHECK_HAS(first_fault(report),
              "this listener wants a login and none is configured; it offers PLAIN and "
              "SCRAM-SHA-512 -> set security.protocol to SASL_PLAINTEXT");
    CHECK(exit_of(report) == Exit::refused);
    CHECK(step_of(report.bootstrap[0], Stage::versions).verdict == Verdict::ok);
    CHECK(step_of(report.bootstrap[0], Stage::metadata).verdict == Verdict::skipped);
}

TEST_CASE("a login that is configured and not taken is said") {
    Broker broker({.brokers = 1});
    auto options = options_for(broker.bootstrap());
    options.conn.sasl = scram();
    const auto report = run_probe(std::move(options));
    CHECK_HAS(first_fault(report), "this listener takes no login, and one is configured");
}

TEST_CASE("a broker that hangs up during the login breaks at the login") {
    Broker broker({.brokers = 1, .sasl = alice()});
    broker.add(Rule::on<kafka::protocol::SaslAuthenticateRequest>().disconnect());
    auto options = options_for(broker.bootstrap());
    options.conn.sasl = plain();
    const auto report = run_probe(std::move(options));
    CHECK_HAS(first_fault(report), "login ");
}

TEST_CASE("an advertised name that is not known here is the broker's to set right") {
    Broker broker({.brokers = 2});
    const auto ports = broker.ports();
    REQUIRE_FALSE(broker.advertise(2, "kafka-2", ports[1]));
    auto options = options_for("127.0.0.1:" + std::to_string(ports[0]));
    options.conn.resolver = [](const std::string&, std::uint16_t, kafka::ResolveHandler done) {
        done(make_error_code(kafka::errc::resolve_failed), {});
    };
    const auto report = run_probe(std::move(options));
    INFO(text_of(report));
    REQUIRE(report.listeners.size() == 2);
    CHECK(report.listeners[0].same_as == 0u);
    CHECK_HAS(first_fault(report), "broker 2 sends clients to kafka-2:" + std::to_string(ports[1]));
    CHECK_HAS(first_fault(report), "-> set advertised.listeners of broker 2");
    CHECK(exit_of(report) == Exit::unreachable);
}

TEST_CASE("an advertised port where nobody listens is the broker's to set right") {
    Broker broker({.brokers = 1});
    const ClosedPort closed;
    const auto bootstrap = first_of(broker);
    REQUIRE_FALSE(broker.advertise(1, "127.0.0.1", closed.port()));
    const auto report = run_probe(options_for(bootstrap));
    const auto there = "127.0.0.1:" + std::to_string(closed.port());
    CHECK_HAS(first_fault(report), "connect " + there + ": broker 1 sends clients to " + there +
                                       ": nobody listens at " + there);
}

TEST_CASE("an advertised address where another cluster answers is found out") {
    Broker one({.brokers = 1, .cluster_id = "one"});
    Broker two({.brokers = 1, .cluster_id = "two"});
    const auto bootstrap = first_of(one);
    REQUIRE_FALSE(one.advertise(1, "127.0.0.1", two.ports().front()));
    const auto report = run_probe(options_for(bootstrap));
    CHECK_HAS(first_fault(report), "where another cluster answers: two and not one");
}

TEST_CASE("an advertised port of another protocol is found out") {
    const CertificateAuthority authority;
    Broker plain_broker({.brokers = 1, .cluster_id = "c"});
    Broker tls_broker({.brokers = 1, .tls = tls_of(authority.issue()), .cluster_id = "c"});
    const auto bootstrap = first_of(plain_broker);
    REQUIRE_FALSE(plain_broker.advertise(1, "127.0.0.1", tls_broker.ports().front()));
    const auto report = run_probe(options_for(bootstrap));
    CHECK_HAS(first_fault(report), "this is a TLS listener, and this client is set to plaintext");
    CHECK_HAS(first_fault(report), "set advertised.listeners of broker 1 to the port");
}

TEST_CASE("an advertised address that is none is said") {
    Broker broker({.brokers = 1});
    broker.add(Rule::on<kafka::protocol::MetadataRequest>().edit<kafka::protocol::MetadataResponse>(
        [](auto& response) { response.brokers.front().port = -1; }));
    const auto report = run_probe(options_for(broker.bootstrap()));
    CHECK_HAS(first_fault(report), "broker 1 advertises '127.0.0.1:-1', which is no address");
}

TEST_CASE("a broker that refuses metadata breaks there") {
    Broker broker({.brokers = 1});
    broker.add(Rule::on<kafka::protocol::MetadataRequest>().disconnect());
    const auto report = run_probe(options_for(broker.bootstrap()));
    CHECK_HAS(first_fault(report), "metadata ");
    CHECK_HAS(first_fault(report), "the broker gives no metadata");
}
