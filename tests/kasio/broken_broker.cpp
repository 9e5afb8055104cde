// SPDX-License-Identifier: Apache-2.0
// A development broker that is set up wrongly, for the tests of `kasio probe`:
//
//     broken-broker SET-UP FOLDER
//
// puts the files that a client needs into FOLDER, prints BROKERS=HOST:PORT and serves until its
// standard input is closed.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <kafka/testing/broker.hpp>
#include <kafka/testing/certificates.hpp>

using kafka::testing::Broker;
using kafka::testing::BrokerOptions;
using kafka::testing::BrokerSasl;
using kafka::testing::BrokerTls;
using kafka::testing::Certificate;
using kafka::testing::CertificateAuthority;
using kafka::testing::CertificateOptions;

namespace {

const CertificateAuthority& authority() {
    static const CertificateAuthority made("Example CA");
    return made;
}

BrokerOptions one_broker() {
    BrokerOptions options;
    options.brokers = 1;
    options.cluster_id = "5L6g3nShT-eMCtK--X86sw";
    return options;
}

BrokerTls tls_of(const Certificate& certificate) {
    BrokerTls tls;
    tls.certificate_pem = certificate.pem;
    tls.key_pem = certificate.key_pem;
    return tls;
}

CertificateOptions good_certificate() {
    CertificateOptions options;
    options.common_name = "kafka-1.example.com";
    options.dns_names = {"kafka-1.example.com", "localhost"};
    options.ip_addresses = {"127.0.0.1"};
    return options;
}

BrokerOptions tls_broker(const CertificateOptions& certificate) {
    auto options = one_broker();
    options.tls = tls_of(authority().issue(certificate));
    return options;
}

BrokerOptions login_broker() {
    auto options = tls_broker(good_certificate());
    BrokerSasl sasl;
    sasl.mechanisms = {"SCRAM-SHA-256", "SCRAM-SHA-512"};
    sasl.users = {{"alice", "alice-secret"}};
    options.sasl = sasl;
    return options;
}

BrokerOptions mutual_tls_broker() {
    auto options = tls_broker(good_certificate());
    options.tls->client_ca_pem = authority().pem();
    options.tls->client_auth = kafka::testing::ClientAuth::required;
    return options;
}

const std::map<std::string, std::function<BrokerOptions()>> set_ups = {
    {"well", one_broker},
    {"advertised",
     [] {
         auto options = one_broker();
         options.brokers = 2;
         return options;
     }},
    {"tls", [] { return tls_broker(good_certificate()); }},
    {"wrong-host",
     [] {
         auto certificate = good_certificate();
         certificate.dns_names = {"kafka-1.example.com"};
         certificate.ip_addresses = {};
         return tls_broker(certificate);
     }},
    {"expired",
     [] {
         auto certificate = good_certificate();
         certificate.not_before = -std::chrono::hours(24 * 365);
         certificate.not_after = -std::chrono::hours(24 * 2);
         return tls_broker(certificate);
     }},
    {"client-certificate", mutual_tls_broker},
    {"login", login_broker},
};

void write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) throw std::runtime_error("cannot write " + file.string());
}

int serve(const std::string& set_up, const std::filesystem::path& folder) {
    const auto found = set_ups.find(set_up);
    if (found == set_ups.end()) {
        std::cerr << "broken-broker: no set-up " << set_up << '\n';
        return 2;
    }
    const auto client = authority().issue({.common_name = "client"});
    write(folder / "ca.pem", authority().pem());
    write(folder / "other-ca.pem", CertificateAuthority("Another CA").pem());
    write(folder / "client.pem", client.pem);
    write(folder / "client.key", client.key_pem);
    Broker broker(found->second());
    const auto ports = broker.ports();
    if (set_up == "advertised" && broker.advertise(2, "kafka-2", ports.back())) return 1;
    std::cout << "BROKERS=127.0.0.1:" << ports.front() << std::endl;
    while (std::getchar() != EOF) {
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::cerr << "usage: broken-broker SET-UP FOLDER\n";
        return 2;
    }
    return serve(argv[1], argv[2]);
} catch (const std::exception& error) {
    std::cerr << "broken-broker: " << error.what() << '\n';
    return 1;
}
