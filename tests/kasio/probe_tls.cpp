// SPDX-License-Identifier: Apache-2.0
#include <kafka/error.hpp>

#include "probe_run.hpp"

using namespace kasio;
using kafka::testing::Broker;
using kafka::testing::BrokerTls;
using kafka::testing::Certificate;
using kafka::testing::CertificateAuthority;
using kafka::testing::CertificateOptions;
using kafka::testing::ClientAuth;

namespace {

// What a client that trusts `ca_pem` finds at a broker with this certificate.
ProbeReport probe_with(const Certificate& certificate, kafka::TlsConfig config) {
    Broker broker({.brokers = 1, .tls = tls_of(certificate)});
    auto options = options_for(first_of(broker));
    options.conn.tls = kafka::Tls(std::move(config));
    return run_probe(std::move(options));
}

kafka::TlsConfig trusting(const CertificateAuthority& authority) {
    kafka::TlsConfig config;
    config.ca_pem = authority.pem();
    return config;
}

}  // namespace

TEST_CASE("a TLS handshake that succeeds shows version, cipher and the whole chain") {
    const CertificateAuthority root("Root");
    const CertificateAuthority between("Between", root);
    const auto report = probe_with(between.issue(), trusting(root));
    INFO(text_of(report));
    CHECK(first_fault(report) == "");
    const auto& path = report.bootstrap[0].paths.front();
    CHECK(path.tls_version == "TLSv1.3");
    CHECK_HAS(path.tls_cipher, "TLS_");
    REQUIRE(path.chain.size() == 3);
    CHECK(path.chain[0].certificate.subject == "CN = localhost");
    CHECK(path.chain[0].certificate.names.size() == 3);
    CHECK(path.chain[0].days_left.value_or(0) >= 363);
    CHECK(path.chain[1].certificate.subject == "CN = Between");
    CHECK(path.chain[2].self_signed());
    const auto tls = step_of(report.bootstrap[0], Stage::tls);
    CHECK(tls.verdict == Verdict::ok);
    CHECK(tls.took.value_or(0us) > 0us);
}

TEST_CASE("the chain of a server that is not trusted is shown, and the authority to be added") {
    const CertificateAuthority root("Root"), between("Between", root), other("Other");
    const auto report = probe_with(between.issue(), trusting(other));
    INFO(text_of(report));
    CHECK_HAS(first_fault(report), "tls ");
    CHECK_HAS(first_fault(report), "the chain ends at 'CN = Root'");
    CHECK_HAS(first_fault(report), "-> set ssl.ca.location to a PEM file");
    const auto& chain = report.bootstrap[0].paths.front().chain;
    REQUIRE(chain.size() == 2);
    CHECK(chain[0].certificate.issuer == "CN = Between");
    CHECK_FALSE(chain[1].errors.empty());
    CHECK(step_of(report.bootstrap[0], Stage::versions).verdict == Verdict::skipped);
    CHECK(exit_of(report) == Exit::refused);
}

TEST_CASE("a certificate signed by itself has itself to be trusted") {
    const CertificateAuthority authority;
    CertificateOptions options;
    options.self_signed = true;
    const auto report = probe_with(authority.issue(options), trusting(authority));
    CHECK_HAS(first_fault(report), "the broker's certificate is signed by itself");
    CHECK_HAS(first_fault(report), "with this very certificate");
}

TEST_CASE("a certificate for other hosts is said, with the hosts") {
    const CertificateAuthority authority;
    CertificateOptions options;
    options.dns_names = {"kafka.example.com", "*.example.org"};
    options.ip_addresses = {};
    const auto report = probe_with(authority.issue(options), trusting(authority));
    CHECK_HAS(first_fault(report),
              "the broker's certificate is not for '127.0.0.1', but for kafka.example.com and "
              "*.example.org");
    auto lenient = trusting(authority);
    lenient.verify_host = false;
    CHECK(first_fault(probe_with(authority.issue(options), lenient)) == "");
    auto renamed = trusting(authority);
    renamed.server_name = "kafka.example.com";
    CHECK(first_fault(probe_with(authority.issue(options), renamed)) == "");
}

TEST_CASE("an expired certificate, one of tomorrow and one that soon ends are told apart") {
    const CertificateAuthority authority;
    CertificateOptions expired;
    expired.not_before = -std::chrono::hours(48);
    expired.not_after = -std::chrono::hours(24);
    CHECK_HAS(first_fault(probe_with(authority.issue(expired), trusting(authority))),
              "the broker's certificate expired on ");
    CertificateOptions tomorrow;
    tomorrow.not_before = std::chrono::hours(24);
    CHECK_HAS(first_fault(probe_with(authority.issue(tomorrow), trusting(authority))),
              "the broker's certificate is not valid before ");
    CertificateOptions soon;
    soon.not_after = std::chrono::hours(24 * 3 + 1);
    const auto report = probe_with(authority.issue(soon), trusting(authority));
    CHECK(exit_of(report) == Exit::ok);
    CHECK_HAS(step_of(report.bootstrap[0], Stage::tls).problem, "expires in 3 days");
}

TEST_CASE("all that is wrong with a certificate is said at once") {
    const CertificateAuthority authority, other("Other");
    CertificateOptions options;
    options.dns_names = {"elsewhere"};
    options.ip_addresses = {};
    options.not_before = -std::chrono::hours(48);
    options.not_after = -std::chrono::hours(24);
    const auto fault = first_fault(probe_with(authority.issue(options), trusting(other)));
    CHECK_HAS(fault, "not among the authorities trusted here");
    CHECK_HAS(fault, "but for elsewhere");
    CHECK_HAS(fault, "expired on");
}

TEST_CASE("without a check of certificates what is wrong with them is a warning") {
    const CertificateAuthority authority;
    kafka::TlsConfig config;
    config.verify_peer = false;
    const auto report = probe_with(authority.issue(), config);
    INFO(text_of(report));
    CHECK(exit_of(report) == Exit::ok);
    CHECK(step_of(report.bootstrap[0], Stage::tls).verdict == Verdict::warning);
    CHECK_HAS(step_of(report.bootstrap[0], Stage::tls).problem, "is not checked, as configured");
}

TEST_CASE("the program's own check of certificates has its say") {
    const CertificateAuthority authority;
    auto strict = trusting(authority);
    strict.verify = [](const kafka::TlsVerification&) { return false; };
    CHECK_HAS(first_fault(probe_with(authority.issue(), strict)), "TlsConfig::verify refuses");
    kafka::TlsConfig lenient;
    lenient.verify = [](const kafka::TlsVerification&) { return true; };
    CHECK(first_fault(probe_with(authority.issue(), lenient)) == "");
}

TEST_CASE("TLS at a plaintext listener is said, and plaintext at a TLS listener") {
    const CertificateAuthority authority;
    Broker in_the_clear({.brokers = 1});
    auto options = options_for(first_of(in_the_clear));
    options.conn.tls = kafka::Tls(trusting(authority));
    CHECK_HAS(first_fault(run_probe(std::move(options))),
              "this is a plaintext listener, and this client is set to TLS");
    Broker encrypted({.brokers = 1, .tls = tls_of(authority.issue())});
    CHECK_HAS(first_fault(run_probe(options_for(first_of(encrypted)))),
              "this is a TLS listener, and this client is set to plaintext");
}

TEST_CASE("a broker that demands a certificate of the client is understood") {
    const CertificateAuthority authority, other("Other");
    for (const auto version :
         {kafka::testing::TlsVersion::tls1_2, kafka::testing::TlsVersion::tls1_3}) {
        auto tls = tls_of(authority.issue());
        tls.client_ca_pem = authority.pem();
        tls.client_auth = ClientAuth::required;
        tls.max_version = version;
        Broker broker({.brokers = 1, .tls = tls});
        auto options = options_for(first_of(broker));
        options.conn.tls = kafka::Tls(trusting(authority));
        const auto report = run_probe(options);
        INFO(text_of(report));
        CHECK_HAS(first_fault(report), "the broker demands a certificate of this client");
        CHECK_HAS(first_fault(report), "ssl.certificate.location");
        CHECK(report.bootstrap[0].paths.front().chain.size() == 2);
        CHECK(exit_of(report) == Exit::refused);

        auto config = trusting(authority);
        const auto wrong = other.issue({.common_name = "client"});
        config.certificate_pem = wrong.pem;
        config.key_pem = kafka::Secret(wrong.key_pem);
        options.conn.tls = kafka::Tls(config);
        CHECK_HAS(first_fault(run_probe(options)),
                  "the broker does not accept this client's certificate");

        const auto right = authority.issue({.common_name = "client"});
        config.certificate_pem = right.pem;
        config.key_pem = kafka::Secret(right.key_pem);
        options.conn.tls = kafka::Tls(config);
        CHECK(first_fault(run_probe(options)) == "");
    }
}

TEST_CASE("versions of TLS that do not meet are said") {
    const CertificateAuthority authority;
    auto tls = tls_of(authority.issue());
    tls.max_version = kafka::testing::TlsVersion::tls1_2;
    Broker broker({.brokers = 1, .tls = tls});
    auto config = trusting(authority);
    config.min_version = kafka::TlsVersion::tls_1_3;
    auto options = options_for(first_of(broker));
    options.conn.tls = kafka::Tls(config);
    const auto fault = first_fault(run_probe(std::move(options)));
    CHECK_HAS(fault, "tls ");
    CHECK_HAS(fault, "ssl.enabled.protocols");
}

TEST_CASE("a file of authorities that cannot be read breaks at TLS, and is named") {
    const CertificateAuthority authority;
    kafka::TlsConfig config;
    config.ca_file = "/nosuch/ca.pem";
    const auto fault = first_fault(probe_with(authority.issue(), config));
    CHECK_HAS(fault, "tls ");
    CHECK_HAS(fault, "/nosuch/ca.pem");
}

TEST_CASE("an advertised name that the certificate lacks is the broker's to set right") {
    const CertificateAuthority authority;
    Broker broker({.brokers = 1, .tls = tls_of(authority.issue())});
    const auto port = broker.ports().front();
    REQUIRE_FALSE(broker.advertise(1, "kafka-1.test", port));
    auto options = options_for(first_of(broker));
    options.conn.tls = kafka::Tls(trusting(authority));
    options.conn.resolver = [](const std::string&, std::uint16_t, kafka::ResolveHandler done) {
        done({}, {"127.0.0.1"});
    };
    const auto report = run_probe(std::move(options));
    INFO(text_of(report));
    CHECK_HAS(first_fault(report), "broker 1 sends clients to kafka-1.test:");
    CHECK_HAS(first_fault(report), "is not for 'kafka-1.test', but for localhost, 127.0.0.1 and");
    CHECK_HAS(first_fault(report), "-> set advertised.listeners of broker 1 to a name that");
}

TEST_CASE("no secret is sent to a broker whose certificate is not accepted") {
    const CertificateAuthority authority, other("Other");
    kafka::testing::BrokerSasl sasl;
    sasl.users = {{"alice", "secret"}};
    Broker broker({.brokers = 1, .tls = tls_of(authority.issue()), .sasl = sasl});
    auto options = options_for(first_of(broker));
    options.conn.tls = kafka::Tls(trusting(other));
    options.conn.sasl = kafka::sasl::make_mechanism(
        kafka::sasl::Plain{.user = "alice", .password = kafka::Secret(std::string_view("secret"))});
    CHECK_HAS(first_fault(run_probe(options)), "tls ");
    CHECK(broker.count(17) == 0);  // SaslHandshake
    CHECK(broker.count(36) == 0);  // SaslAuthenticate
    options.conn.tls = kafka::Tls(trusting(authority));
    CHECK(first_fault(run_probe(options)) == "");
    CHECK(broker.count(36) > 0);
}
