// SPDX-License-Identifier: Apache-2.0
// From `ssl.*` to TlsConfig.
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/escape.hpp"
#include "client/property_table.hpp"

namespace kafka::properties {
namespace {

using Given = Settings::Given;

enum class Store : std::uint8_t { pem, pkcs12, jks };

bool has_ending(std::string_view file, std::initializer_list<std::string_view> endings) noexcept {
    for (const auto ending : endings)
        if (file.ends_with(ending)) return true;
    return false;
}

// A file's kind as it is said, as its first bytes say, or as its name says.
Store kind_of(const std::string& file, const Given* type) {
    if (type) {
        if (type->value.text == "PEM") return Store::pem;
        return type->value.text == "JKS" ? Store::jks : Store::pkcs12;
    }
    struct Close {
        void operator()(std::FILE* open) const noexcept { std::fclose(open); }
    };
    std::array<unsigned char, 4> first{};
    const std::unique_ptr<std::FILE, Close> open(std::fopen(file.c_str(), "rbe"));
    if (open && std::fread(first.data(), 1, first.size(), open.get()) == first.size()) {
        constexpr std::array<unsigned char, 4> jks{0xFE, 0xED, 0xFE, 0xED};
        constexpr std::array<unsigned char, 4> jceks{0xCE, 0xCE, 0xCE, 0xCE};
        if (first == jks || first == jceks) return Store::jks;
        return first[0] == 0x30 ? Store::pkcs12 : Store::pem;  // 0x30: a DER sequence
    }
    if (has_ending(file, {".jks", ".keystore", ".truststore"})) return Store::jks;
    return has_ending(file, {".p12", ".pfx", ".pkcs12"}) ? Store::pkcs12 : Store::pem;
}

std::string shown(const std::string& file) {
    return escaped(file, 200);
}

Failure one_way_only(const Given& a, const Given& b) {
    return refuse(place_of(*a.property) + " and " + place_of(*b.property) +
                  " say the same in two ways: leave out one");
}

class Reader {
public:
    explicit Reader(Settings& settings) : settings_(settings) {}

    Result<TlsConfig> read() {
        for (auto part : {&Reader::trust, &Reader::identify, &Reader::check, &Reader::restrict_to})
            if (auto failure = (this->*part)()) return failure;
        return std::move(config_);
    }

private:
    Failure trust() {
        const auto* location = settings_.take("ssl.ca.location");
        const auto* store = settings_.take("ssl.truststore.location");
        if (location && store) return one_way_only(*location, *store);
        config_.ca_pem = settings_.take_text("ssl.truststore.certificates");
        if (store) {
            const auto* type = settings_.take("ssl.truststore.type");
            const std::string file(store->value.text);
            const auto kind = kind_of(file, type);
            if (kind == Store::jks)
                return refuse(place_of(*store->property) + ": " + shown(file) +
                              " is a Java keystore (JKS), which is not read here; make it PEM with "
                              "`keytool -list -rfc -keystore " +
                              shown(file) +
                              " >ca.pem` and set ssl.truststore.location=ca.pem and "
                              "ssl.truststore.type=PEM");
            if (kind == Store::pkcs12)
                return refuse(place_of(*store->property) + ": " + shown(file) +
                              " is PKCS12, which is not read here for authorities; make it PEM "
                              "with `openssl pkcs12 -in " +
                              shown(file) +
                              " -nokeys -out ca.pem` and set ssl.truststore.location=ca.pem and "
                              "ssl.truststore.type=PEM");
            config_.ca_file = file;
        } else if (!config_.ca_pem.empty()) {
            if (const auto* type = settings_.take("ssl.truststore.type"))
                if (type->value.text != "PEM")
                    return refuse(place_of(*type->property) +
                                  ": ssl.truststore.certificates is always PEM");
        }
        if (location &&
            location->value.text != "probe") {  // which is: look where the system has it
            const std::string file(location->value.text);
            std::error_code ignored;
            (std::filesystem::is_directory(file, ignored) ? config_.ca_directory
                                                          : config_.ca_file) = file;
        }
        return {};
    }

    Failure identify() {
        const auto* store = settings_.take("ssl.keystore.location");
        const auto* location = settings_.take("ssl.certificate.location");
        const auto* chain = settings_.take("ssl.keystore.certificate.chain");
        const auto* key_location = settings_.take("ssl.key.location");
        const auto* key = settings_.take("ssl.keystore.key");
        if (store)
            for (const auto* other : {location, chain, key_location, key})
                if (other) return one_way_only(*store, *other);
        if (location && chain) return one_way_only(*location, *chain);
        if (key_location && key) return one_way_only(*key_location, *key);
        if ((key_location || key) && !location && !chain)
            return refuse(place_of(*(key_location ? key_location : key)->property) +
                          ": a key alone is no use: set ssl.certificate.location too");
        if (location) config_.certificate_file = location->value.text;
        if (chain) config_.certificate_pem = chain->value.text;
        if (key_location) config_.key_file = key_location->value.text;
        if (key) config_.key_pem = Secret(key->value.text);
        if (chain && !key && !key_location &&
            chain->value.text.find("PRIVATE KEY-----") == std::string_view::npos)
            return refuse(place_of(*chain->property) +
                          ": the key is missing: set ssl.keystore.key (or ssl.key.location)");
        if (store) return take_store(*store);
        if (location || chain) {
            config_.password = settings_.take_secret("ssl.key.password");
            if (const auto* type = settings_.find("ssl.keystore.type");
                type && chain && type->value.text == "PEM")
                settings_.take("ssl.keystore.type");
        }
        return {};
    }

    Failure take_store(const Given& store) {
        const std::string file(store.value.text);
        const auto kind = kind_of(file, settings_.take("ssl.keystore.type"));
        if (kind == Store::jks)
            return refuse(place_of(*store.property) + ": " + shown(file) +
                          " is a Java keystore (JKS), which is not read here; make it PKCS12 with "
                          "`keytool -importkeystore -srckeystore " +
                          shown(file) +
                          " -destkeystore client.p12 -deststoretype PKCS12` and set "
                          "ssl.keystore.location=client.p12 and ssl.keystore.type=PKCS12");
        if (kind == Store::pem) {
            config_.certificate_file = file;
            config_.password = settings_.take_secret("ssl.key.password");
            return {};
        }
        config_.pkcs12_file = file;
        const auto* of_store = settings_.take("ssl.keystore.password");
        const auto* of_key = settings_.take("ssl.key.password");
        if (of_store && of_key && of_store->value.text != of_key->value.text) {
            if (!of_key->property->optional)
                return refuse(place_of(*of_key->property) +
                              ": a PKCS12 file has one password: leave this out, or make it that "
                              "of ssl.keystore.password");
            of_key = nullptr;
        }
        if (const auto* password = of_store ? of_store : of_key)
            config_.password = Secret(password->value.text);
        return {};
    }

    Failure check() {
        config_.verify_peer = settings_.take_flag("enable.ssl.certificate.verification", true);
        config_.server_name = settings_.take_text("ssl.server.name");
        const auto* identification = settings_.take("ssl.endpoint.identification.algorithm");
        // Without verification there is nothing that a name could be compared with.
        config_.verify_host = config_.verify_peer;
        if (!identification) return {};
        const auto name = identification->value.text;
        if (name == "https" || name == "HTTPS") {
            if (!config_.verify_peer)
                return refuse(place_of(*identification->property) +
                              "=https: this has no effect with "
                              "enable.ssl.certificate.verification=false: leave one of them out");
            return {};
        }
        if (!name.empty() && name != "none")
            return refuse(place_of(*identification->property) + "='" + escaped(name, 80) +
                          "': expected https or none");
        config_.verify_host = false;
        return {};
    }

    Failure restrict_to() {
        if (const auto* protocol = settings_.take("ssl.protocol"))
            if (auto failure = versions(*protocol)) return failure;
        if (const auto* enabled = settings_.take("ssl.enabled.protocols"))
            if (auto failure = versions(*enabled)) return failure;
        const auto* suites = settings_.take("ssl.cipher.suites");
        if (!suites) return {};
        return each(suites->value.text, ",: ", [&](std::string_view name) -> Failure {
            auto* list = &config_.ciphers;
            if (name.starts_with("TLS_")) {
                if (name.find("_WITH_") != name.npos)
                    return refuse(place_of(*suites->property) + ": '" + escaped(name, 80) +
                                  "' is Java's name: give OpenSSL's, which `openssl ciphers "
                                  "-stdname` shows beside it");
                list = &config_.cipher_suites;
            }
            *list += (list->empty() ? "" : ":") + std::string(name);
            return {};
        });
    }

    // Old versions cannot be had, and the newest cannot be ruled out.
    Failure versions(const Given& given) {
        bool any = false, oldest = false, newest = false;
        auto failure = each(given.value.text, ", ", [&](std::string_view name) -> Failure {
            any = true;
            oldest = oldest || name == "TLSv1.2" || name == "TLS";
            newest = newest || name == "TLSv1.3" || name == "TLS";
            if (name == "TLSv1.2" || name == "TLSv1.3" || name == "TLS") return {};
            return refuse(place_of(*given.property) + ": '" + escaped(name, 80) +
                          "' cannot be had: expected TLSv1.2 and TLSv1.3, or TLSv1.3");
        });
        if (failure) return failure;
        if (!any || !newest)
            return refuse(place_of(*given.property) +
                          ": TLSv1.3 cannot be ruled out here: add it, or leave this out");
        if (!oldest) config_.min_version = TlsVersion::tls_1_3;
        return {};
    }

    template <class Use>
    static Failure each(std::string_view list, const char* separators, Use use) {
        while (!list.empty()) {
            const auto end = std::min(list.find_first_of(separators), list.size());
            if (end > 0)
                if (auto failure = use(list.substr(0, end))) return failure;
            list.remove_prefix(std::min(end + 1, list.size()));
        }
        return {};
    }

    Settings& settings_;
    TlsConfig config_;
};

}  // namespace

Result<TlsConfig> tls_from(Settings& settings) {
    return Reader(settings).read();
}

}  // namespace kafka::properties
