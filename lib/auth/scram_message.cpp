// SPDX-License-Identifier: Apache-2.0
#include "auth/scram_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "auth/base64.hpp"
#include "auth/text.hpp"

namespace kafka::auth {
namespace {

Failure wrong(std::string_view which, std::string_view what) {
    return bad_challenge("SCRAM", std::string(which).append(": ").append(what));
}

/// Reads "x=value" after "x=value", which commas separate. Values have no commas.
class Attributes {
public:
    explicit Attributes(std::string_view text) : left_(text) {}

    /// The value of the next attribute, if it has that name.
    std::optional<std::string_view> take(char name) {
        if (done_ || left_.size() < 2 || left_[0] != name || left_[1] != '=') return std::nullopt;
        const auto comma = left_.find(',');
        const auto value = left_.substr(2, comma == left_.npos ? comma : comma - 2);
        advance(comma);
        return value;
    }
    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] bool at(char name) const noexcept {
        return !done_ && left_.size() >= 2 && left_[0] == name && left_[1] == '=';
    }

    /// Skips extensions up to the end. False for what is none, or repeats one of `known`.
    bool skip_extensions(std::string_view known) {
        while (!done_) {
            const bool letter = !left_.empty() && ((left_[0] >= 'a' && left_[0] <= 'z') ||
                                                   (left_[0] >= 'A' && left_[0] <= 'Z'));
            if (!letter || left_.size() < 2 || left_[1] != '=' ||
                known.find(left_[0]) != known.npos)
                return false;
            advance(left_.find(','));
        }
        return true;
    }
    [[nodiscard]] std::string_view left() const noexcept { return left_; }

private:
    void advance(std::size_t comma) {
        done_ = comma == left_.npos;
        left_ = done_ ? std::string_view() : left_.substr(comma + 1);
    }

    std::string_view left_;
    bool done_ = false;
};

bool is_nonce(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return c > ' ' && c < 0x7f && c != ','; });
}

bool is_message(std::string_view text) {
    return text.size() <= max_scram_message && is_sasl_text(text);
}

constexpr std::string_view not_text = "it is above 4 KiB, not UTF-8, or holds a NUL";
constexpr std::string_view mandatory = "it asks for an extension (m=) that this side does not have";

// RFC 5802, section 7: server-error-value.
std::string_view meaning_of(std::string_view error) {
    static constexpr std::array<std::array<std::string_view, 2>, 10> rows{{
        {"invalid-encoding", "our message is not well encoded"},
        {"extensions-not-supported", "it does not have an extension that we asked for"},
        {"invalid-proof", "the password is wrong"},
        {"channel-bindings-dont-match", "the channel bindings do not match"},
        {"server-does-support-channel-binding", "it has channel binding"},
        {"channel-binding-not-supported", "it has no channel binding"},
        {"unsupported-channel-binding-type", "it does not have this channel binding"},
        {"unknown-user", "it does not know the user"},
        {"invalid-username-encoding", "the user's name is not well encoded"},
        {"no-resources", "it has no resources left"},
    }};
    for (const auto& row : rows) {
        if (row[0] == error) return row[1];
    }
    return {};
}

}  // namespace

std::string_view scram_name(Hash hash) noexcept {
    return hash == Hash::sha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";
}

std::string escape_scram_name(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c == ',')
            text += "=2C";
        else if (c == '=')
            text += "=3D";
        else
            text += c;
    }
    return text;
}

std::optional<std::string> unescape_scram_name(std::string_view text) {
    std::string name;
    while (!text.empty()) {
        std::size_t taken = 1;
        if (text[0] != '=') {
            name += text[0];
        } else {
            taken = 3;
            if (text.starts_with("=2C"))
                name += ',';
            else if (text.starts_with("=3D"))
                name += '=';
            else
                return std::nullopt;
        }
        text.remove_prefix(taken);
    }
    return name;
}

std::string ScramClientFirst::bare() const {
    std::string text = "n=" + escape_scram_name(user) + ",r=" + nonce;
    if (delegation_token) text += ",tokenauth=true";
    return text;
}

Result<ScramClientFirst> read_client_first(std::string_view text) {
    constexpr std::string_view which = "the client's first message";
    if (!is_message(text)) return wrong(which, not_text);
    ScramClientFirst message;
    // Kafka's brokers take no channel binding, not even the remark that the client would (y).
    if (!text.starts_with("n,")) return wrong(which, "it does not begin with \"n,\"");
    auto rest = text.substr(2);
    const auto comma = rest.find(',');
    if (comma == rest.npos) return wrong(which, "its header has no end");
    if (const auto id = rest.substr(0, comma); !id.empty()) {
        const auto name = id.starts_with("a=") ? unescape_scram_name(id.substr(2)) : std::nullopt;
        if (!name || name->empty()) return wrong(which, "the authorization id is malformed");
        message.authorization_id = *name;
    }
    message.header = text.substr(0, 2 + comma + 1);
    rest.remove_prefix(comma + 1);
    if (rest.starts_with("m=")) return wrong(which, mandatory);

    Attributes attributes(rest);
    const auto user = attributes.take('n');
    const auto name = user ? unescape_scram_name(*user) : std::nullopt;
    if (!name || name->empty()) return wrong(which, "the user (n=) is missing or malformed");
    message.user = *name;
    const auto nonce = attributes.take('r');
    if (!nonce || !is_nonce(*nonce)) return wrong(which, "the nonce (r=) is missing or malformed");
    message.nonce = *nonce;
    // Kafka's only extension; its name is longer than RFC 5802 allows (KIP-48).
    if (!attributes.done()) {
        if (attributes.left() != "tokenauth=true") return wrong(which, "an unknown extension");
        message.delegation_token = true;
    }
    return message;
}

std::string ScramServerFirst::text() const {
    return "r=" + nonce + ",s=" + base64(salt.reveal()) + ",i=" + std::to_string(iterations);
}

Result<ScramServerFirst> read_server_first(std::string_view text, std::string_view client_nonce,
                                           std::int32_t max_iterations) {
    constexpr std::string_view which = "the broker's first message";
    if (!is_message(text)) return wrong(which, not_text);
    Attributes attributes(text);
    if (attributes.at('m')) return wrong(which, mandatory);
    ScramServerFirst message;

    const auto nonce = attributes.take('r');
    if (!nonce || !is_nonce(*nonce)) return wrong(which, "the nonce (r=) is missing or malformed");
    if (!nonce->starts_with(client_nonce))
        return wrong(which, "the nonce does not begin with ours: another exchange is replayed");
    if (nonce->size() == client_nonce.size())
        return wrong(which, "the broker added nothing to our nonce");
    message.nonce = *nonce;

    const auto salt_text = attributes.take('s');
    if (!salt_text) return wrong(which, "the salt (s=) is missing");
    auto salt = read_base64(*salt_text);
    if (!salt || salt->empty()) return wrong(which, "the salt is empty or no base64");
    if (salt->size() > max_scram_salt) return wrong(which, "the salt is above 1024 bytes");
    message.salt = std::move(*salt);

    const auto count = attributes.take('i');
    if (!count) return wrong(which, "the iterations (i=) are missing");
    // Digits alone: from_chars would take a minus.
    const auto* const end = count->data() + count->size();
    const auto read = std::from_chars(count->data(), end, message.iterations);
    if (count->empty() || count->front() < '0' || count->front() > '9' || read.ptr != end ||
        read.ec == std::errc::invalid_argument)
        return wrong(which, "the iterations are no number");
    // RFC 5802, posit-number. The proof covers the text as it came, so there is one form alone.
    if (count->size() > 1 && count->front() == '0')
        return wrong(which, "the iterations begin with a zero");
    if (read.ec != std::errc() || message.iterations > max_iterations)
        return wrong(which, "it asks for more iterations than the limit of " +
                                std::to_string(max_iterations));
    if (message.iterations < min_scram_iterations)
        return wrong(which, "it asks for " + std::to_string(message.iterations) +
                                " iterations, fewer than 4096 do not protect the password");
    if (!attributes.skip_extensions("rsim"))
        return wrong(which, "an attribute is repeated or malformed");
    return message;
}

Result<ScramClientFinal> read_client_final(std::string_view text) {
    constexpr std::string_view which = "the client's final message";
    if (!is_message(text)) return wrong(which, not_text);
    Attributes attributes(text);
    ScramClientFinal message;
    const auto binding_text = attributes.take('c');
    const auto binding = binding_text ? read_base64(*binding_text) : std::nullopt;
    if (!binding) return wrong(which, "the channel binding (c=) is missing or no base64");
    message.channel_binding = binding->reveal_text();
    const auto nonce = attributes.take('r');
    if (!nonce || !is_nonce(*nonce)) return wrong(which, "the nonce (r=) is missing or malformed");
    message.nonce = *nonce;
    // The proof is last, and what stands before it is signed.
    message.without_proof = text.substr(0, text.size() - attributes.left().size() - 1);
    const auto proof_text = attributes.take('p');
    auto proof = proof_text ? read_base64(*proof_text) : std::nullopt;
    if (!proof || !attributes.done()) return wrong(which, "the proof (p=) is missing or malformed");
    message.proof = std::move(*proof);
    return message;
}

Result<Secret> read_server_final(std::string_view text) {
    constexpr std::string_view which = "the broker's final message";
    if (!is_message(text)) return wrong(which, not_text);
    Attributes attributes(text);
    if (const auto error = attributes.take('e')) {
        std::string detail = "SCRAM: the broker refused: " + quotable(*error);
        if (const auto meaning = meaning_of(*error); !meaning.empty())
            detail.append(" (").append(meaning).append(")");
        return authentication_failed(std::move(detail));
    }
    const auto value = attributes.take('v');
    if (!value) return wrong(which, "the broker's signature (v=) is missing");
    auto signature = read_base64(*value);
    if (!signature || signature->empty())
        return wrong(which, "the broker's signature is empty or no base64");
    if (!attributes.skip_extensions("ve"))
        return wrong(which, "an attribute is repeated or malformed");
    return std::move(*signature);
}

Result<ScramKeys> derive_scram_keys(Hash hash, const Secret& password, const Secret& salt,
                                    std::int32_t iterations) {
    auto salted =
        pbkdf2(hash, password.reveal(), salt.reveal(), static_cast<std::uint32_t>(iterations));
    if (!salted) return salted.take_failure();
    return scram_keys_from_salted(hash, *salted);
}

Result<ScramKeys> scram_keys_from_salted(Hash hash, const Secret& salted_password) {
    auto client_key = hmac(hash, salted_password.reveal(), as_bytes("Client Key"));
    if (!client_key) return client_key.take_failure();
    auto stored_key = digest(hash, client_key->reveal());
    if (!stored_key) return stored_key.take_failure();
    auto server_key = hmac(hash, salted_password.reveal(), as_bytes("Server Key"));
    if (!server_key) return server_key.take_failure();
    return ScramKeys{*std::move(client_key), *std::move(stored_key), *std::move(server_key)};
}

Result<Secret> xor_with_signature(Hash hash, const Secret& stored_key,
                                  std::string_view auth_message, const Secret& with) {
    const auto signature = hmac(hash, stored_key.reveal(), as_bytes(auth_message));
    if (!signature) return Failure(signature.failure());
    const auto a = signature->reveal();
    const auto b = with.reveal();
    Secret out;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        out.append(static_cast<char>(a[i] ^ b[i]));
    return out;
}

}  // namespace kafka::auth
