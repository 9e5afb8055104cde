// SPDX-License-Identifier: Apache-2.0
// Every API by its key. Whatever uses this links all messages: applications that call single APIs
// do not need it.
#pragma once

#include <memory>
#include <span>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

/// An owned message of a type that is known at run time only.
using AnyMessage = std::unique_ptr<void, void (*)(void*)>;

struct ApiEntry {
    const MessageInfo* request;
    const MessageInfo* response;
    AnyMessage (*make_request)();   ///< in its default state
    AnyMessage (*make_response)();  ///< in its default state
};

/// Headers and messages inside others: no API of their own.
struct PartEntry {
    const MessageInfo* info;
    AnyMessage (*make)();
};

/// All APIs, ascending by key.
[[nodiscard]] KAFKA_API std::span<const ApiEntry> apis() noexcept;
/// The API with that key, or null.
[[nodiscard]] KAFKA_API const ApiEntry* find_api(std::int16_t key) noexcept;
/// The API with that name ("Fetch"; upper and lower case alike), or null.
[[nodiscard]] KAFKA_API const ApiEntry* find_api(std::string_view name) noexcept;
[[nodiscard]] KAFKA_API std::span<const PartEntry> parts() noexcept;

}  // namespace kafka::protocol
