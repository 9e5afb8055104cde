// SPDX-License-Identifier: Apache-2.0
// In place of tls_server.cpp and certificates.cpp where there is no OpenSSL.
#include <system_error>

#include <kafka/error.hpp>
#include <kafka/testing/certificates.hpp>

#include "testing/tls_server.hpp"

namespace kafka::testing {
namespace {

[[noreturn]] void refuse() {
    throw std::system_error(std::make_error_code(std::errc::not_supported),
                            "this library was built without OpenSSL");
}

}  // namespace

struct AuthorityState {};

CertificateAuthority::CertificateAuthority(std::string) {
    refuse();
}
CertificateAuthority::CertificateAuthority(std::string, const CertificateAuthority&) {
    refuse();
}
std::string CertificateAuthority::pem() const {
    refuse();
}
Certificate CertificateAuthority::issue(const CertificateOptions&) const {
    refuse();
}

std::shared_ptr<TlsServer> TlsServer::make(const BrokerTls&) {
    refuse();
}

}  // namespace kafka::testing
