// SPDX-License-Identifier: Apache-2.0
#include "io/tls_store.hpp"

#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <sys/stat.h>

#include "base/escape.hpp"
#include "io/tls_transport.hpp"

namespace kafka::io {
namespace {

using Certificates =
    std::unique_ptr<STACK_OF(X509),
                    decltype([](STACK_OF(X509) * all) { sk_X509_pop_free(all, X509_free); })>;

Failure wrong(std::string what) {
    return {errc::invalid_argument, "TLS: " + std::move(what)};
}
std::string quoted(const std::string& file) {
    return "'" + escaped(file, 200) + "'";
}

// A change of any of these is a change of the file: rotation replaces it or writes it anew.
struct Stamp {
    dev_t device = 0;
    ino_t node = 0;
    off_t size = 0;
    timespec written{};
    bool there = false;

    static Stamp of(const std::string& file) {
        struct stat found {};
        if (::stat(file.c_str(), &found) != 0) return {};
        return {found.st_dev, found.st_ino, found.st_size, found.st_mtim, true};
    }
    friend bool operator==(const Stamp& a, const Stamp& b) {
        return a.device == b.device && a.node == b.node && a.size == b.size &&
               a.written.tv_sec == b.written.tv_sec && a.written.tv_nsec == b.written.tv_nsec &&
               a.there == b.there;
    }
};
std::vector<Stamp> stamps_of(const TlsConfig& config) {
    std::vector<Stamp> stamps;
    for (const auto* file : {&config.ca_file, &config.ca_directory, &config.certificate_file,
                             &config.key_file, &config.pkcs12_file})
        if (!file->empty()) stamps.push_back(Stamp::of(*file));
    return stamps;
}

// The password of a key. `asked` tells an encrypted key from a broken one.
struct Password {
    std::string_view text;
    bool asked = false;
};
int give_password(char* buffer, int size, int, void* of) {
    auto& password = *static_cast<Password*>(of);
    password.asked = true;
    if (password.text.empty() || password.text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(buffer, password.text.data(), password.text.size());
    return static_cast<int>(password.text.size());
}

// OpenSSL's news of a session that may be resumed; 1: it is ours now.
int on_session(SSL* ssl, SSL_SESSION* session) {
    const auto* peer = static_cast<SessionPeer*>(SSL_get_ex_data(ssl, session_peer_index()));
    if (!peer) return 0;
    SslSessionPtr owner(session);
    try {
        peer->loaded->keep_session(peer->name, std::move(owner));
    } catch (const std::exception&) {  // no memory: no session
        if (owner) return (void)owner.release(), 0;
    }
    return 1;
}

class Loader {
public:
    Loader(const TlsConfig& config, std::vector<std::string>& warnings)
        : config_(config), warnings_(warnings), context_(SSL_CTX_new(TLS_client_method())) {}

    Result<std::shared_ptr<LoadedTls>> load() {
        ERR_clear_error();
        if (!context_) return wrong(take_openssl_error());
        for (auto part : {&Loader::set_up, &Loader::trust, &Loader::identify})
            if (auto failure = (this->*part)()) return failure;
        auto* context = context_.get();
        auto loaded = std::make_shared<LoadedTls>(config_, std::move(context_), context);
        loaded->set_own_certificate(std::move(own_certificate_));
        return loaded;
    }

private:
    Failure set_up() {
        auto* context = context_.get();
        SSL_CTX_set_min_proto_version(
            context, config_.min_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
        if (config_.resume_sessions) {
            SSL_CTX_set_session_cache_mode(context,
                                           SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
            SSL_CTX_sess_set_new_cb(context, on_session);
        }
        if (!config_.ciphers.empty() &&
            SSL_CTX_set_cipher_list(context, config_.ciphers.c_str()) != 1)
            return wrong("ciphers: " + take_openssl_error());
        if (!config_.cipher_suites.empty() &&
            SSL_CTX_set_ciphersuites(context, config_.cipher_suites.c_str()) != 1)
            return wrong("cipher_suites: " + take_openssl_error());
        if (!config_.verify_peer)
            warnings_.emplace_back("verify_peer is off: the connection can be read and changed");
        return {};
    }

    // The authorities.
    Failure trust() {
        if (!config_.verify_peer) return {};
        auto* context = context_.get();
        const bool own =
            !config_.ca_file.empty() || !config_.ca_directory.empty() || !config_.ca_pem.empty();
        if (!own || config_.system_authorities) {
            if (SSL_CTX_set_default_verify_paths(context) != 1)
                return wrong("the system's authorities: " + take_openssl_error());
            ERR_clear_error();  // it may have none
        }
        if (!config_.ca_file.empty()) {
            if (auto failure = readable(config_.ca_file, "ca_file")) return failure;
            if (SSL_CTX_load_verify_file(context, config_.ca_file.c_str()) != 1)
                return wrong("ca_file " + quoted(config_.ca_file) +
                             " holds no certificates in PEM: " + take_openssl_error());
        }
        if (!config_.ca_directory.empty()) {
            if (auto failure = readable(config_.ca_directory, "ca_directory")) return failure;
            if (SSL_CTX_load_verify_dir(context, config_.ca_directory.c_str()) != 1)
                return wrong("ca_directory " + quoted(config_.ca_directory) + ": " +
                             take_openssl_error());
        }
        if (config_.ca_pem.empty()) return {};
        const auto bio = memory(config_.ca_pem);
        auto* store = SSL_CTX_get_cert_store(context);
        int count = 0;
        while (X509Ptr one{PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)}) {
            X509_STORE_add_cert(store, one.get());
            ++count;
        }
        if (count == 0)
            return wrong("ca_pem holds no certificates in PEM: " + take_openssl_error());
        ERR_clear_error();  // the end of the text counts as one
        return {};
    }

    // Our certificate and key.
    Failure identify() {
        if (!config_.pkcs12_file.empty()) return identify_pkcs12();
        const bool from_file = !config_.certificate_file.empty();
        if (!from_file && config_.certificate_pem.empty()) {
            if (!config_.key_file.empty() || !config_.key_pem.empty())
                return wrong("there is a key and no certificate");
            return {};
        }
        BioPtr bio;
        const auto name = from_file ? "certificate_file " + quoted(config_.certificate_file)
                                    : std::string("certificate_pem");
        if (from_file) {
            if (auto failure = readable(config_.certificate_file, "certificate_file"))
                return failure;
            bio.reset(BIO_new_file(config_.certificate_file.c_str(), "r"));
        } else {
            bio = memory(config_.certificate_pem);
        }
        X509Ptr first(bio ? PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr) : nullptr);
        if (!first) return wrong(name + " holds no certificate in PEM: " + take_openssl_error());
        Certificates chain(sk_X509_new_null());
        while (X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
            if (sk_X509_push(chain.get(), next.get()) > 0) (void)next.release();
        ERR_clear_error();
        auto key = read_key(from_file);
        if (!key) return key.take_failure();
        return use(*first, **key, chain.get(), name);
    }

    Result<KeyPtr> read_key(bool certificate_from_file) {
        const auto& file = !config_.key_file.empty()  ? config_.key_file
                           : !config_.key_pem.empty() ? none_
                           : certificate_from_file    ? config_.certificate_file
                                                      : none_;
        std::string name;
        BioPtr bio;
        if (!file.empty()) {
            name = (config_.key_file.empty() ? "certificate_file " : "key_file ") + quoted(file);
            if (auto failure = readable(file, name.substr(0, name.find(' ')).c_str()))
                return failure;
            warn_if_open(file);
            bio.reset(BIO_new_file(file.c_str(), "r"));
        } else if (!config_.key_pem.empty()) {
            name = "key_pem";
            bio = memory(config_.key_pem.reveal_text());
        } else {
            name = "certificate_pem";
            bio = memory(config_.certificate_pem);
        }
        Password password{config_.password.reveal_text()};
        KeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, give_password, &password)
                       : nullptr);
        if (key) return key;
        if (password.asked) {
            ERR_clear_error();
            return wrong("the key in " + name +
                         (password.text.empty() ? " is encrypted and there is no password"
                                                : " does not open with the password"));
        }
        return wrong(name + " holds no private key in PEM: " + take_openssl_error());
    }

    Failure identify_pkcs12() {
        const auto& file = config_.pkcs12_file;
        const auto name = "pkcs12_file " + quoted(file);
        if (auto failure = readable(file, "pkcs12_file")) return failure;
        warn_if_open(file);
        const BioPtr bio(BIO_new_file(file.c_str(), "rb"));
        const std::unique_ptr<PKCS12, Freeing<PKCS12_free>> sealed(
            bio ? d2i_PKCS12_bio(bio.get(), nullptr) : nullptr);
        if (!sealed) return wrong(name + " is no PKCS#12: " + take_openssl_error());
        const Secret password = Secret(config_.password).append('\0');
        const char* text = password.reveal_text().data();
        if (PKCS12_verify_mac(sealed.get(), text, -1) != 1 &&
            !(config_.password.empty() && PKCS12_verify_mac(sealed.get(), nullptr, 0) == 1)) {
            ERR_clear_error();
            return wrong(name + " does not open with the password");
        }
        EVP_PKEY* key = nullptr;
        X509* certificate = nullptr;
        STACK_OF(X509)* others = nullptr;
        if (PKCS12_parse(sealed.get(), text, &key, &certificate, &others) != 1)
            return wrong(name + " cannot be read: " + take_openssl_error());
        const KeyPtr key_owner(key);
        const X509Ptr certificate_owner(certificate);
        const Certificates others_owner(others);
        if (!key || !certificate) return wrong(name + " lacks a certificate with its key");
        return use(*certificate, *key, others, name);
    }

    Failure use(X509& certificate, EVP_PKEY& key, STACK_OF(X509) * chain, const std::string& name) {
        if (SSL_CTX_use_certificate(context_.get(), &certificate) != 1)
            return wrong(name + ": " + take_openssl_error());
        if (X509_check_private_key(&certificate, &key) != 1) {
            ERR_clear_error();
            return wrong("the key does not belong to the certificate in " + name);
        }
        if (SSL_CTX_use_PrivateKey(context_.get(), &key) != 1 ||
            (chain && sk_X509_num(chain) > 0 && SSL_CTX_set1_chain(context_.get(), chain) != 1))
            return wrong(name + ": " + take_openssl_error());
        own_certificate_ = to_string(describe(certificate));
        return {};
    }

    static Failure readable(const std::string& file, const char* what) {
        const BioPtr bio(BIO_new_file(file.c_str(), "r"));
        const int error = errno;
        ERR_clear_error();
        if (bio) return {};
        return wrong(std::string(what) + ' ' + quoted(file) + ": " +
                     std::generic_category().message(error));
    }
    void warn_if_open(const std::string& file) {
        struct stat found {};
        if (::stat(file.c_str(), &found) == 0 && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
            warnings_.push_back("the key in " + quoted(file) + " can be read by others");
    }
    static BioPtr memory(std::string_view text) {
        return BioPtr(BIO_new_mem_buf(
            text.data(), static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX))));
    }

    const TlsConfig& config_;
    std::vector<std::string>& warnings_;
    SslContextPtr context_;
    std::string own_certificate_;
    const std::string none_;
};

}  // namespace

int session_peer_index() {
    static const int own = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return own;
}

std::string LoadedTls::trusted() const {
    if (config_.context) return "those of the given SSL_CTX";
    std::string list;
    const auto add = [&list](const std::string& what) {
        list += (list.empty() ? "" : " and ") + what;
    };
    if (!config_.ca_file.empty()) add(quoted(config_.ca_file));
    if (!config_.ca_directory.empty()) add(quoted(config_.ca_directory));
    if (!config_.ca_pem.empty()) add("ca_pem");
    if (list.empty() || config_.system_authorities) add("the system's");
    return list;
}

void LoadedTls::keep_session(const std::string& peer, SslSessionPtr&& session) {
    constexpr std::size_t most = 256;
    const std::lock_guard lock(mutex_);
    sessions_.remove_if([&peer](const Session& kept) { return kept.peer == peer; });
    sessions_.push_front({peer, std::move(session)});
    if (sessions_.size() > most) sessions_.pop_back();
}

SslSessionPtr LoadedTls::take_session(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
        if (at->peer != peer) continue;
        // One of TLS 1.2 serves again and again, and OpenSSL tells of it only once.
        if (SSL_SESSION_get_protocol_version(at->session.get()) < TLS1_3_VERSION &&
            SSL_SESSION_up_ref(at->session.get()) == 1)
            return SslSessionPtr(at->session.get());
        auto session = std::move(at->session);
        sessions_.erase(at);
        return session;
    }
    return nullptr;
}

struct TlsStore::State {
    std::mutex mutex;
    std::shared_ptr<LoadedTls> loaded;
    std::vector<Stamp> stamps;
};

TlsStore::TlsStore(TlsConfig config)
    : config_(std::move(config)), state_(std::make_unique<State>()) {}
TlsStore::~TlsStore() = default;

Result<TlsStore::Prepared> TlsStore::prepare() {
    const std::lock_guard lock(state_->mutex);
    Prepared prepared;
    if (config_.context) {
        if (!state_->loaded)
            state_->loaded =
                std::make_shared<LoadedTls>(config_, SslContextPtr(), config_.context.get());
        prepared.loaded = state_->loaded;
        return prepared;
    }
    // Before the files are read: what changes meanwhile is read again the next time.
    auto stamps = stamps_of(config_);
    if (!state_->loaded || stamps != state_->stamps) {
        auto loaded = Loader(config_, prepared.warnings).load();
        if (loaded) {
            state_->loaded = *std::move(loaded);
            state_->stamps = std::move(stamps);
        } else if (state_->loaded) {
            // Half of a rotation, perhaps: the rest will come.
            prepared.warnings = {loaded.failure().detail + "; what was loaded before stays in use"};
        } else {
            return loaded.take_failure();
        }
    }
    prepared.loaded = state_->loaded;
    return prepared;
}

}  // namespace kafka::io
