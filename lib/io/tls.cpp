// SPDX-License-Identifier: Apache-2.0
#include <kafka/tls.hpp>

#include "base/escape.hpp"
#include "io/tls_transport.hpp"

namespace kafka {

Tls::Tls(TlsConfig config) : store_(std::make_shared<io::TlsStore>(std::move(config))) {}

const TlsConfig& Tls::config() const noexcept {
    return store_->config();
}

std::string to_string(const TlsConfig& config) {
    std::string text = "TLS(";
    const auto add = [&text](const char* name, const std::string& value) {
        if (value.empty()) return;
        text += (text.back() == '(' ? "" : ", ") + std::string(name) + '=' + escaped(value);
    };
    const auto mention = [&](const char* name, bool there) { add(name, there ? "****" : ""); };
    add("ca_file", config.ca_file);
    add("ca_directory", config.ca_directory);
    mention("ca_pem", !config.ca_pem.empty());
    add("system_authorities", config.system_authorities ? "true" : "");
    add("certificate_file", config.certificate_file);
    mention("certificate_pem", !config.certificate_pem.empty());
    add("key_file", config.key_file);
    mention("key_pem", !config.key_pem.empty());
    add("pkcs12_file", config.pkcs12_file);
    mention("password", !config.password.empty());
    add("verify_peer", config.verify_peer ? "true" : "false");
    add("verify_host", config.verify_host ? "true" : "false");
    add("server_name", config.server_name);
    add("min_version", config.min_version == TlsVersion::tls_1_3 ? "TLSv1.3" : "TLSv1.2");
    add("ciphers", config.ciphers);
    add("cipher_suites", config.cipher_suites);
    add("resume_sessions", config.resume_sessions ? "true" : "false");
    add("verify", config.verify ? "set" : "");
    add("context", config.context ? "set" : "");
    return text + ')';
}

}  // namespace kafka
