// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <system_error>
#include <utility>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <kafka/error.hpp>
#include <kafka/testing/certificates.hpp>

namespace kafka::testing {
namespace {

template <class T, void (*free)(T*)>
struct Freer {
    void operator()(T* object) const noexcept { free(object); }
};
struct BioFreer {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, &EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freer<X509, &X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION, &X509_EXTENSION_free>>;
using Bio = std::unique_ptr<BIO, BioFreer>;

void check(bool good, const std::string& what) {
    if (!good) {
        throw std::system_error(make_error_code(errc::invalid_argument), "certificate: " + what);
    }
}

Key make_key(KeyKind kind) {
    Key key;
    switch (kind) {
        case KeyKind::ec_p256:
            key.reset(EVP_EC_gen("P-256"));
            break;
        case KeyKind::rsa_2048:
            key.reset(EVP_RSA_gen(2048));
            break;
        case KeyKind::rsa_1024:
            key.reset(EVP_RSA_gen(1024));
            break;
    }
    check(key != nullptr, "no key could be made");
    return key;
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    check(extension != nullptr, value);
    check(X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

// Everything but names, extensions and signature.
Cert blank(const std::string& common_name, EVP_PKEY* key, std::chrono::seconds not_before,
           std::chrono::seconds not_after) {
    Cert certificate(X509_new());
    check(certificate != nullptr, "out of memory");
    X509_set_version(certificate.get(), X509_VERSION_3);
    std::uint64_t serial = 0;
    check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "serial");
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), static_cast<long>(not_before.count()));
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(not_after.count()));
    X509_set_pubkey(certificate.get(), key);
    auto* name = X509_get_subject_name(certificate.get());
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.c_str()),
                                     -1, -1, 0) == 1,
          "common name " + common_name);
    return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    check(X509_sign(certificate, key, EVP_sha256()) > 0, "it cannot be signed");
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}
std::string pem_of(X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    check(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM");
    return text_of(bio.get());
}
std::string pem_of(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    check(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                                               nullptr) == 1,
          "PEM");
    return text_of(bio.get());
}

std::string alternative_names(const CertificateOptions& options) {
    std::string names;
    const auto add = [&](const char* kind, const std::string& name) {
        check(name.find(',') == std::string::npos, "name " + name);
        names += (names.empty() ? "" : ",") + std::string(kind) + name;
    };
    for (const auto& name : options.dns_names)
        add("DNS:", name);
    for (const auto& address : options.ip_addresses)
        add("IP:", address);
    return names;
}

}  // namespace

struct AuthorityState {
    Key key;
    Cert certificate;
    std::string chain;  // what stands behind an issued certificate
};

CertificateAuthority::CertificateAuthority(std::string common_name) {
    auto state = std::make_shared<AuthorityState>();
    state->key = make_key(KeyKind::ec_p256);
    state->certificate = blank(common_name, state->key.get(), -std::chrono::hours(24),
                               std::chrono::hours(24 * 3650));
    auto* own = state->certificate.get();
    X509_set_issuer_name(own, X509_get_subject_name(own));
    add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(own, own, NID_subject_key_identifier, "hash");
    sign(own, own, state->key.get());
    state_ = std::move(state);
}

CertificateAuthority::CertificateAuthority(std::string common_name,
                                           const CertificateAuthority& issuer) {
    auto state = std::make_shared<AuthorityState>();
    state->key = make_key(KeyKind::ec_p256);
    state->certificate = blank(common_name, state->key.get(), -std::chrono::hours(24),
                               std::chrono::hours(24 * 3650));
    auto* own = state->certificate.get();
    auto* above = issuer.state_->certificate.get();
    add_extension(own, above, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, above, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(own, above, NID_subject_key_identifier, "hash");
    add_extension(own, above, NID_authority_key_identifier, "keyid:always");
    sign(own, above, issuer.state_->key.get());
    state->chain = pem_of(own) + issuer.state_->chain;
    state_ = std::move(state);
}

std::string CertificateAuthority::pem() const {
    return pem_of(state_->certificate.get());
}

Certificate CertificateAuthority::issue(const CertificateOptions& options) const {
    const auto key = make_key(options.key);
    const auto certificate =
        blank(options.common_name, key.get(), options.not_before, options.not_after);
    auto* own = certificate.get();
    auto* issuer = options.self_signed ? own : state_->certificate.get();
    add_extension(own, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(own, issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment");
    add_extension(own, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    add_extension(own, issuer, NID_subject_key_identifier, "hash");
    if (!options.self_signed) {
        add_extension(own, issuer, NID_authority_key_identifier, "keyid:always");
    }
    if (const auto names = alternative_names(options); !names.empty()) {
        add_extension(own, issuer, NID_subject_alt_name, names);
    }
    sign(own, issuer, options.self_signed ? key.get() : state_->key.get());
    return {pem_of(own) + (options.self_signed ? "" : state_->chain), pem_of(key.get())};
}

}  // namespace kafka::testing
