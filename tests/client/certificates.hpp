// SPDX-License-Identifier: Apache-2.0
// Authorities, certificates and keys, made by the tests themselves, and a folder for their files.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace kafka::testing {

/// A certificate with its key.
struct Identity {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;

    [[nodiscard]] std::string certificate_pem() const {
        return pem([this](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
    }
    /// Encrypted where there is a password.
    [[nodiscard]] std::string key_pem(const std::string& password = "") const {
        return pem([&](BIO* out) {
            PEM_write_bio_PKCS8PrivateKey(
                out, key.get(), password.empty() ? nullptr : EVP_aes_128_cbc(), password.data(),
                static_cast<int>(password.size()), nullptr, nullptr);
        });
    }
    [[nodiscard]] std::string pkcs12(const std::string& password) const {
        const std::unique_ptr<PKCS12, void (*)(PKCS12*)> sealed(
            PKCS12_create(password.c_str(), "test", key.get(), certificate.get(), nullptr, 0, 0, 0,
                          0, 0),
            PKCS12_free);
        return pem([&](BIO* out) { i2d_PKCS12_bio(out, sealed.get()); });
    }

private:
    template <class Write>
    static std::string pem(Write write) {
        const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
        write(out.get());
        char* data = nullptr;
        const auto size = BIO_get_mem_data(out.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

struct CertificatePlan {
    std::string name;                                         ///< CN
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";  ///< SANs; "": none
    long starts_in = -3600;                                   ///< seconds from now
    long ends_in = 3600;
    bool authority = false;
};

/// Signed by `issuer`; by itself, where there is none.
inline Identity make_identity(const CertificatePlan& plan, const Identity* issuer = nullptr) {
    static long serial = 1000;
    Identity made;
    made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    made.certificate.reset(X509_new(), X509_free);
    auto* x509 = made.certificate.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x509), plan.starts_in);
    X509_gmtime_adj(X509_getm_notAfter(x509), plan.ends_in);
    X509_set_pubkey(x509, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(plan.name.c_str()), -1, -1,
                               0);
    const auto& signer = issuer ? *issuer : made;
    X509_set_issuer_name(x509, X509_get_subject_name(signer.certificate.get()));
    const auto extend = [&](int nid, const std::string& value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, signer.certificate.get(), x509, nullptr, nullptr, 0);
        const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
            X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
        if (!extension) throw std::runtime_error("extension " + value);
        X509_add_ext(x509, extension.get(), -1);
    };
    extend(NID_basic_constraints, plan.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!plan.authority && !plan.names.empty()) extend(NID_subject_alt_name, plan.names);
    if (X509_sign(x509, signer.key.get(), EVP_sha256()) == 0) throw std::runtime_error("sign");
    return made;
}

inline Identity make_authority(const std::string& name = "Test Authority") {
    return make_identity({.name = name, .authority = true});
}

/// A folder that goes with the object.
class Folder {
public:
    Folder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "kafka-asio-test-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    /// Writes a file, in place of an older one, and gives its path.
    std::string put(const std::string& name, const std::string& content) const {
        const auto file = path_ / name;
        const auto fresh = path_ / (name + ".new");
        std::ofstream(fresh, std::ios::binary) << content;
        std::filesystem::permissions(
            fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        std::filesystem::rename(fresh, file);
        return file.string();
    }
    [[nodiscard]] std::string path(const std::string& name) const {
        return (path_ / name).string();
    }

private:
    std::filesystem::path path_;
};

}  // namespace kafka::testing
