// SPDX-License-Identifier: Apache-2.0
#include "auth/sigv4.hpp"

#include "auth/crypto.hpp"

namespace kafka::auth {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string digits(int value, std::size_t count) {
    auto text = std::to_string(value);
    return text.size() < count ? std::string(count - text.size(), '0') + text : text;
}

std::string signed_headers(const AwsRequest& request) {
    std::string names;
    for (const auto& [name, value] : request.headers)
        names.append(names.empty() ? "" : ";").append(name);
    return names;
}

std::string encoded_query(const std::map<std::string, std::string>& query) {
    // Sorted by the encoded names, which a map of the plain ones is not.
    std::map<std::string, std::string> encoded;
    for (const auto& [name, value] : query)
        encoded.emplace(aws_encoded(name), aws_encoded(value));
    std::string text;
    for (const auto& [name, value] : encoded)
        text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
    return text;
}

// Blanks at the ends go, those inside become one.
std::string trimmed(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c != ' ' || (!text.empty() && text.back() != ' ')) text += c;
    }
    if (text.ends_with(' ')) text.pop_back();
    return text;
}

std::string scope_text(const AwsScope& scope) {
    return aws_timestamp(scope.time).substr(0, 8) + "/" + scope.region + "/" + scope.service +
           "/aws4_request";
}

}  // namespace

std::string aws_timestamp(sasl::Time time) {
    // gmtime would be a global of the C library; the calendar is C++20's.
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
    return digits(static_cast<int>(date.year()), 4) +
           digits(static_cast<int>(static_cast<unsigned>(date.month())), 2) +
           digits(static_cast<int>(static_cast<unsigned>(date.day())), 2) + "T" +
           digits(static_cast<int>(clock.hours().count()), 2) +
           digits(static_cast<int>(clock.minutes().count()), 2) +
           digits(static_cast<int>(clock.seconds().count()), 2) + "Z";
}

std::string aws_encoded(std::string_view text, bool path) {
    constexpr std::string_view hex_digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' ||
                           (path && c == '/');
        if (plain)
            out += c;
        else
            out.append("%").append({hex_digits[byte >> 4], hex_digits[byte & 15]});
    }
    return out;
}

Result<std::string> aws_signature(const AwsRequest& request, const AwsScope& scope,
                                  const Secret& secret_access_key) {
    std::string canonical = request.method + "\n" + aws_encoded(request.path, true) + "\n" +
                            encoded_query(request.query) + "\n";
    for (const auto& [name, value] : request.headers)
        canonical.append(name).append(":").append(trimmed(value)).append("\n");
    canonical.append("\n").append(signed_headers(request)).append("\n");
    canonical += request.payload_hash;

    const auto canonical_hash = digest(Hash::sha256, as_bytes(canonical));
    wipe(canonical.data(), canonical.size());  // a session token may be in it
    if (!canonical_hash) return Failure(canonical_hash.failure());
    const auto time = aws_timestamp(scope.time);
    const auto to_sign = std::string(algorithm) + "\n" + time + "\n" + scope_text(scope) + "\n" +
                         hex(canonical_hash->reveal());

    Secret key(std::string_view("AWS4"));
    key.append(secret_access_key.reveal());
    const auto date = time.substr(0, 8);
    for (const std::string_view part :
         {std::string_view(date), std::string_view(scope.region), std::string_view(scope.service),
          std::string_view("aws4_request"), std::string_view(to_sign)}) {
        auto next = hmac(Hash::sha256, key.reveal(), as_bytes(part));
        if (!next) return next.take_failure();
        key = *std::move(next);
    }
    return hex(key.reveal());
}

Result<std::map<std::string, std::string>> aws_presigned(AwsRequest request, const AwsScope& scope,
                                                         const sasl::AwsCredentials& credentials,
                                                         std::chrono::seconds life) {
    auto& query = request.query;
    query["X-Amz-Algorithm"] = algorithm;
    query["X-Amz-Credential"] = credentials.access_key_id + "/" + scope_text(scope);
    query["X-Amz-Date"] = aws_timestamp(scope.time);
    query["X-Amz-Expires"] = std::to_string(life.count());
    query["X-Amz-SignedHeaders"] = signed_headers(request);
    if (!credentials.session_token.empty())
        query["X-Amz-Security-Token"] = credentials.session_token.reveal_text();
    auto signature = aws_signature(request, scope, credentials.secret_access_key);
    if (!signature) return signature.take_failure();
    query["X-Amz-Signature"] = *std::move(signature);
    return std::move(query);
}

}  // namespace kafka::auth
