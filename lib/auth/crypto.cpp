// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto.hpp"

#include <kafka/error.hpp>

#include "auth/text.hpp"

#if KAFKA_HAVE_OPENSSL
#include <memory>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#endif

namespace kafka::auth {

std::string hex(Bytes bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

bool equal_in_constant_time(Bytes a, Bytes b) noexcept {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

#if KAFKA_HAVE_OPENSSL

namespace {

const EVP_MD* method(Hash hash) {
    return hash == Hash::sha256 ? EVP_sha256() : EVP_sha512();
}

// OpenSSL's errors are left in a queue of the thread: the next user must not find ours.
Failure failed(std::string_view what) {
    ERR_clear_error();
    return authentication_failed(std::string("OpenSSL: ").append(what));
}

int length(Bytes bytes) {
    return static_cast<int>(bytes.size());
}

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

// What the signature of ECDSA is in a token: both numbers in 32 bytes, not ASN.1.
Result<Secret> plain_ecdsa(Bytes encoded) {
    constexpr int number_size = 32;
    const auto* at = encoded.data();
    const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(encoded.size())));
    std::uint8_t plain[2 * number_size];
    if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), plain, number_size) != number_size ||
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), plain + number_size, number_size) != number_size)
        return failed("a signature of an unexpected form");
    return Secret(Bytes(plain));
}

// Called for an encrypted key. Without it OpenSSL would ask at the terminal.
int give_passphrase(char* room, int size, int, void* user) {
    const auto given = static_cast<const Secret*>(user)->reveal();
    if (given.empty() || given.size() > static_cast<std::size_t>(size)) return -1;
    std::copy(given.begin(), given.end(), room);
    return length(given);
}

}  // namespace

bool crypto_available() noexcept {
    return true;
}

Result<Secret> digest(Hash hash, Bytes message) {
    std::uint8_t out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(message.data(), message.size(), out, &size, method(hash), nullptr) != 1)
        return failed("no digest");
    return Secret(Bytes(out, size));
}

Result<Secret> hmac(Hash hash, Bytes key, Bytes message) {
    std::uint8_t out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    // A null key would mean "the last one".
    const std::uint8_t none = 0;
    const bool done = HMAC(method(hash), key.empty() ? &none : key.data(), length(key),
                           message.data(), message.size(), out, &size) != nullptr;
    if (!done) return failed("no HMAC");
    Secret result{Bytes(out, size)};
    wipe(out, sizeof out);
    return result;
}

Result<Secret> pbkdf2(Hash hash, Bytes password, Bytes salt, std::uint32_t iterations) {
    std::uint8_t out[EVP_MAX_MD_SIZE];
    const auto size = size_of(hash);
    const auto text = as_text(password);
    const bool done = PKCS5_PBKDF2_HMAC(text.data(), length(password), salt.data(), length(salt),
                                        static_cast<int>(iterations), method(hash),
                                        static_cast<int>(size), out) == 1;
    if (!done) return failed("no PBKDF2");
    Secret result{Bytes(out, size)};
    wipe(out, sizeof out);
    return result;
}

Result<Secret> random_bytes(std::size_t count) {
    std::uint8_t out[64];
    if (count > sizeof out || RAND_bytes(out, static_cast<int>(count)) != 1)
        return failed("no random bytes");
    Secret result{Bytes(out, count)};
    wipe(out, sizeof out);
    return result;
}

Result<Secret> sign(Signature kind, const Secret& pem, const Secret& passphrase, Bytes message) {
    if (pem.empty()) return failed("there is no private key");
    const Owned<BIO, BIO_free> source(BIO_new_mem_buf(pem.reveal().data(), length(pem.reveal())));
    if (!source) return failed("no memory for the key");
    auto* user = const_cast<Secret*>(&passphrase);  // NOLINT: it is only read
    const Owned<EVP_PKEY, EVP_PKEY_free> key(
        PEM_read_bio_PrivateKey(source.get(), nullptr, give_passphrase, user));
    if (!key)
        return failed(passphrase.empty() ? "the private key is no PEM, or is encrypted"
                                         : "the private key is no PEM, or its passphrase is wrong");
    if (kind == Signature::rs256) {
        if (!EVP_PKEY_is_a(key.get(), "RSA")) return failed("RS256 needs an RSA key");
        if (EVP_PKEY_get_bits(key.get()) < 2048)
            return failed("RS256 needs an RSA key of at least 2048 bits");
    } else {
        char group[64] = "";
        if (!EVP_PKEY_is_a(key.get(), "EC") ||
            EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) != 1 ||
            std::string_view(group) != "prime256v1")
            return failed("ES256 needs a key on the curve P-256");
    }
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (!context ||
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) != 1)
        return failed("no signature");
    std::string out(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<std::uint8_t*>(out.data()), &size,
                       message.data(), message.size()) != 1)
        return failed("no signature");
    out.resize(size);
    return kind == Signature::rs256 ? Secret(out) : plain_ecdsa(as_bytes(out));
}

#else

namespace {
Failure missing() {
    return not_compiled_in("cryptography", "OpenSSL");
}
}  // namespace

bool crypto_available() noexcept {
    return false;
}
Result<Secret> digest(Hash, Bytes) {
    return missing();
}
Result<Secret> hmac(Hash, Bytes, Bytes) {
    return missing();
}
Result<Secret> pbkdf2(Hash, Bytes, Bytes, std::uint32_t) {
    return missing();
}
Result<Secret> random_bytes(std::size_t) {
    return missing();
}
Result<Secret> sign(Signature, const Secret&, const Secret&, Bytes) {
    return missing();
}

#endif

}  // namespace kafka::auth
