// SPDX-License-Identifier: Apache-2.0
// TLS over a connected socket, without OpenSSL's types: the rest of the library compiles alike
// with and without it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/result.hpp>
#include <kafka/tls.hpp>

#include "io/executor.hpp"
#include "io/transport.hpp"

namespace kafka::io {

class LoadedTls;

/// A TlsConfig and, once prepared, what was loaded from it. Thread-safe.
class TlsStore {
public:
    explicit TlsStore(TlsConfig config);
    ~TlsStore();

    [[nodiscard]] const TlsConfig& config() const noexcept { return config_; }

    struct Prepared {
        std::shared_ptr<LoadedTls> loaded;
        std::vector<std::string> warnings;  ///< worth a line in the log
    };
    /// Loads the files, or looks whether they have changed. Blocks. Errors: invalid_argument for
    /// what cannot be read or does not fit, tls_unsupported without OpenSSL.
    [[nodiscard]] Result<Prepared> prepare();

private:
    struct State;
    const TlsConfig config_;
    const std::unique_ptr<State> state_;
};

class TlsTransport : public Transport {
public:
    /// Once, before anything else. The handler keeps this object alive.
    virtual void handshake(std::function<void(const std::error_code&)> handler) = 0;
    /// The peer has sent something.
    [[nodiscard]] virtual bool heard() const noexcept = 0;
    /// After the handshake.
    [[nodiscard]] virtual TlsInfo info() const = 0;
};

/// `host` is the peer's as it was asked for, `port` tells sessions apart.
[[nodiscard]] Result<std::unique_ptr<TlsTransport>> make_tls_transport(
    const Strand& strand, Socket socket, std::shared_ptr<LoadedTls> loaded, const std::string& host,
    std::uint16_t port);

}  // namespace kafka::io
