// SPDX-License-Identifier: Apache-2.0
#include "core/request_frame.hpp"

#include <cstring>
#include <limits>

#include <kafka/protocol/headers.hpp>

#include "base/big_endian.hpp"
#include "protocol/table.hpp"

namespace kafka::core {
namespace {

// length (4), API key (2), version (2), correlation id (4)
constexpr std::size_t correlation_at = 8;

}  // namespace

std::string api_name(const protocol::MessageInfo& info, int version) {
    return std::string(info.api) + " v" + std::to_string(version);
}

// Written by hand, not over the table: it stands before every request.
Failure encode_frame(const protocol::MessageInfo& info, const void* request, int version,
                     const std::optional<std::string>& client_id, protocol::Gather& out) {
    constexpr auto longest = static_cast<std::size_t>(std::numeric_limits<std::int16_t>::max());
    if (client_id && client_id->size() > longest)
        return {errc::invalid_argument, "a client id of " + std::to_string(client_id->size()) +
                                            " bytes is too long for the format"};
    const auto name_size = client_id ? client_id->size() : 0;
    const bool tags = protocol::request_header_version(info, version) >= 2;
    const auto header_size = correlation_at + 4 + 2 + name_size + (tags ? 1 : 0);
    auto& own = out.own();
    own.reserve(header_size + 256);
    auto* at = own.grow(header_size);
    store_big(at, std::int32_t{0});  // the frame's length, once it is known
    store_big(at + 4, info.api_key);
    store_big(at + 6, static_cast<std::int16_t>(version));
    store_big(at + correlation_at, std::int32_t{0});
    // Never compact, not even in header 2.
    at += correlation_at + 4;
    store_big(at, static_cast<std::int16_t>(client_id ? static_cast<int>(name_size) : -1));
    if (client_id) std::memcpy(at + 2, client_id->data(), name_size);
    if (tags) at[2 + name_size] = 0;
    if (auto failure = protocol::encode(info, request, version, out)) return failure;
    const auto size = out.size() - 4;
    if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        return {errc::invalid_argument,
                "a request of " + std::to_string(size) + " bytes is too long for the format"};
    store_big(out.own().data(), static_cast<std::int32_t>(size));
    return {};
}

void set_correlation(protocol::Gather& frame, std::int32_t id) noexcept {
    store_big(frame.own().data() + correlation_at, id);
}

Failure response_header_size(const protocol::MessageInfo& info, int version, const Slice& frame,
                             std::size_t& size) {
    const auto header_version = protocol::response_header_version(info, version);
    size = 4;
    if (header_version == 0) return {};
    if (frame.size() > 4 && frame.data()[4] == 0) {  // no tags: so far, always
        size = 5;
        return {};
    }
    protocol::ResponseHeader header;
    auto failure =
        protocol::decode(protocol::ResponseHeader::info, &header, header_version, frame, {}, size);
    if (failure) failure.detail += ", before " + api_name(info, version);
    return failure;
}

bool holds_records(const protocol::MessageInfo& request) noexcept {
    switch (request.api_key) {
        case 1:   // Fetch
        case 59:  // FetchSnapshot
        case 78:  // ShareFetch
            return true;
        default:
            return false;
    }
}

std::int32_t throttle_time_of(const protocol::MessageInfo& info, const void* response) {
    const auto offset = info.table->throttle_time;
    if (offset < 0) return 0;
    std::int32_t value = 0;
    std::memcpy(&value, static_cast<const char*>(response) + offset, sizeof value);
    return value;
}

}  // namespace kafka::core
