// SPDX-License-Identifier: Apache-2.0
// What a development broker was asked, and what it answered.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::testing {

/// A request and its answer. A plain value; copies share the bytes.
struct RecordedCall {
    std::uint64_t number = 0;  ///< of the request, from 1 on, over all brokers
    std::uint64_t connection = 0;
    std::int32_t broker = 0;
    std::int16_t api_key = 0;
    std::int16_t version = 0;
    std::int32_t correlation_id = 0;
    std::string api;  ///< "Produce"
    std::string client_id;
    std::string principal;  ///< "User:alice"
    /// Since the broker began: when it took the request up, and when it had the answer ready.
    std::chrono::nanoseconds received{}, answered{};
    bool was_answered = false;
    /// Requests of this connection that had arrived and were not answered, this one included.
    std::size_t in_flight = 0;
    Slice request_body;   ///< without its header
    Slice response_body;  ///< the same; null without an answer

    template <protocol::Request R>
    [[nodiscard]] bool is() const noexcept {
        return api_key == R::info.api_key;
    }
    /// Errors: invalid_argument if it is another API's, malformed_message.
    template <protocol::Request R>
    [[nodiscard]] Result<R> request() const {
        R message;
        if (auto failure = decode_as(R::info, &message, request_body)) return failure;
        return message;
    }
    /// The response as it was before rules changed its bytes.
    template <protocol::Request R>
    [[nodiscard]] Result<typename R::response_type> response() const {
        typename R::response_type message;
        if (auto failure = decode_as(R::response_type::info, &message, response_body)) {
            return failure;
        }
        return message;
    }

private:
    [[nodiscard]] KAFKA_API Failure decode_as(const protocol::MessageInfo& info, void* message,
                                              const Slice& body) const;
};

}  // namespace kafka::testing
