// SPDX-License-Identifier: Apache-2.0
// TLS without OpenSSL: says that it is not there.
#include "io/tls_transport.hpp"

namespace kafka::io {
namespace {

Failure unsupported() {
    return {errc::tls_unsupported, "this build has no TLS: it was made without OpenSSL"};
}

}  // namespace

class LoadedTls {};
struct TlsStore::State {};

TlsStore::TlsStore(TlsConfig config) : config_(std::move(config)) {}
TlsStore::~TlsStore() = default;

Result<TlsStore::Prepared> TlsStore::prepare() {
    return unsupported();
}

Result<std::unique_ptr<TlsTransport>> make_tls_transport(const Strand&, Socket,
                                                         std::shared_ptr<LoadedTls>,
                                                         const std::string&, std::uint16_t) {
    return unsupported();
}

}  // namespace kafka::io
