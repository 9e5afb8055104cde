// SPDX-License-Identifier: Apache-2.0
#include "core/handshake.hpp"

#include <algorithm>

#include "base/big_endian.hpp"
#include "core/versions.hpp"

namespace kafka::core {
namespace {

constexpr auto unsupported_version = static_cast<std::int16_t>(broker_errc::unsupported_version);

bool letter_or_digit(char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9');
}

}  // namespace

bool valid_software_name(std::string_view name) noexcept {
    if (name.empty() || !letter_or_digit(name.front()) || !letter_or_digit(name.back()))
        return false;
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return letter_or_digit(c) || c == '-' || c == '.'; });
}

Handshake::Handshake(std::string software_name, std::string software_version) {
    request_.client_software_name = std::move(software_name);
    request_.client_software_version = std::move(software_version);
}

Handshake::Step Handshake::fail(Failure failure) {
    failure_ = std::move(failure);
    return Step::failed;
}

Handshake::Step Handshake::start() {
    version_ = protocol::ApiVersionsRequest::info.stable().max;
    return Step::send;
}

Handshake::Step Handshake::resume(const Slice& body) {
    // The error code comes first in all versions. A version that the broker lacks is answered in
    // the form of version 0, with the versions that it has.
    if (body.size() >= 2 && load_big<std::int16_t>(body.data()) == unsupported_version &&
        version_ > 0)
        return lower(body);
    std::size_t used = 0;
    protocol::ApiVersionsResponse response;
    if (auto failure = protocol::decode(protocol::ApiVersionsResponse::info, &response, version_,
                                        body, {}, used))
        return fail(std::move(failure));
    if (response.error_code != 0)
        return fail({broker_error(response.error_code),
                     "the broker's answer to ApiVersions v" + std::to_string(version_)});
    const VersionTable table(response);
    if (table.size() == 0)
        return fail({errc::malformed_message,
                     "the answer to ApiVersions v" + std::to_string(version_) + " offers no API"});
    // A broker that was restarting, not one that resets what it does not know: its features, which
    // old versions do not show, matter (KIP-890).
    if (const auto best = std::min(table.find(protocol::ApiVersionsRequest::info.api_key).max,
                                   protocol::ApiVersionsRequest::info.stable().max);
        lowered_by_loss_ && !raised_ && best > version_) {
        raised_ = true;
        version_ = best;
        return Step::send;
    }
    response_ = std::move(response);
    return Step::done;
}

Handshake::Step Handshake::lost() {
    // Version 3, of 2019, is the first with features. Whoever lacks it gets what everybody has.
    constexpr std::int16_t with_features = 3;
    if (version_ == 0) return Step::failed;
    version_ = version_ > with_features && !raised_ ? with_features : std::int16_t{0};
    lowered_by_loss_ = true;
    return Step::send;
}

Handshake::Step Handshake::lower(const Slice& body) {
    const auto sent = version_;
    protocol::ApiVersionsResponse hint;
    std::size_t used = 0;
    const bool readable =
        !protocol::decode(protocol::ApiVersionsResponse::info, &hint, 0, body, {}, used);
    const auto& info = protocol::ApiVersionsRequest::info;
    const auto theirs = readable ? VersionTable(hint).find(info.api_key) : protocol::VersionRange{};
    // No hint: version 0 is what every broker has. A hint that is not lower is taken as "lower".
    version_ = theirs.empty() ? std::int16_t{0}
                              : std::min(theirs.max, static_cast<std::int16_t>(sent - 1));
    if (version_ < info.versions.min || version_ < theirs.min)
        return fail({errc::unsupported_version,
                     "the broker refuses ApiVersions v" + std::to_string(sent) + " and offers v" +
                         std::to_string(theirs.min) + "-v" + std::to_string(theirs.max)});
    return Step::send;
}

}  // namespace kafka::core
