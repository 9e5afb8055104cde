// SPDX-License-Identifier: Apache-2.0
// What stands around a message on the wire: the frame's length and the headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <kafka/error.hpp>
#include <kafka/protocol/gather.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::core {

/// "Fetch v12", for people.
[[nodiscard]] std::string api_name(const protocol::MessageInfo& info, int version);

/// Appends a request to `out`, which must be empty: length, header with correlation id 0, body.
/// Errors as protocol::encode, and invalid_argument for a client id or a frame beyond the format.
[[nodiscard]] Failure encode_frame(const protocol::MessageInfo& info, const void* request,
                                   int version, const std::optional<std::string>& client_id,
                                   protocol::Gather& out);
/// Puts the correlation id into such a frame.
void set_correlation(protocol::Gather& frame, std::int32_t id) noexcept;

/// The size of the header at the start of the response (without the length) to a request of
/// `info` and `version`. Error: malformed_message.
[[nodiscard]] Failure response_header_size(const protocol::MessageInfo& info, int version,
                                           const Slice& frame, std::size_t& size);

/// The response to such a request, decoded, may share the memory that it was decoded from.
[[nodiscard]] bool holds_records(const protocol::MessageInfo& request) noexcept;

/// The throttleTimeMs of a decoded response; 0 if it has none.
[[nodiscard]] std::int32_t throttle_time_of(const protocol::MessageInfo& info,
                                            const void* response);

}  // namespace kafka::core
