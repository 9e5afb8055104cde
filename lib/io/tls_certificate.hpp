// SPDX-License-Identifier: Apache-2.0
// Certificates and OpenSSL's errors, in words.
#pragma once

#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <kafka/tls.hpp>

namespace kafka::io {

template <auto Free>
struct Freeing {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using BioPtr = std::unique_ptr<BIO, Freeing<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freeing<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using SslPtr = std::unique_ptr<SSL, Freeing<SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Freeing<SSL_CTX_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, Freeing<SSL_SESSION_free>>;

/// All but `der`.
[[nodiscard]] TlsCertificate describe(const X509& certificate);
/// "'CN = broker1' (issued by 'CN = authority', valid 2026-01-01 00:00:00 UTC to ...)".
[[nodiscard]] std::string to_string(const TlsCertificate& certificate);

/// What is the matter with a certificate of the chain of `host`, as one sentence: X509_V_ERR_...
[[nodiscard]] std::string complaint(const TlsCertificate& certificate, int depth, int error,
                                    const std::string& host, const std::string& trusted);

/// The oldest error of this thread's queue, in OpenSSL's words; empties the queue.
[[nodiscard]] std::string take_openssl_error();

}  // namespace kafka::io
