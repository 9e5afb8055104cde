// SPDX-License-Identifier: Apache-2.0
// Requests that span brokers: cut into one request a broker, and their answers made one again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/client_metadata.hpp>
#include <kafka/uuid.hpp>

#include "core/routing.hpp"

namespace kafka::core {

using Request = std::shared_ptr<const void>;

/// Says where an item of a request goes.
class Placer {
public:
    static constexpr std::int32_t anywhere = -1;
    static constexpr std::int32_t unknown = -2;  ///< not yet: split again later
    struct Place {
        std::int32_t broker = unknown;
        std::int16_t error = 0;   ///< the item goes nowhere: this is its result
        std::string_view name{};  ///< of the topic, both ways of naming it
        Uuid id{};
    };

    virtual ~Placer() = default;
    virtual Place partition(std::string_view topic, const Uuid& id, std::int32_t number) = 0;
    virtual Place coordinator(std::string_view key) = 0;
    virtual Place broker(std::string_view id) = 0;
};

struct Cut {
    struct Part {
        std::int32_t broker;
        Request request;
    };
    bool wait = false;  ///< a place is not known yet; nothing else is set
    std::vector<Part> parts;
    bool refused = false;    ///< some items went into the answer with their errors
    std::int16_t error = 0;  ///< of what is never cut: it goes nowhere
};

/// KIP-951: what an answer says of new leaders.
struct LeaderHint {
    std::string_view topic;
    Uuid id;
    std::int32_t partition;
    std::int32_t leader;
    std::int32_t epoch;
};

/// One API's way to be split. `request` and `response` point to objects of its types.
struct Splitter {
    std::int16_t api_key;
    /// False: its parts belong together, as in a session; all must go to one broker. Null: never.
    bool (*separable)(const void* request);
    /// Items that go nowhere are put into `response`.
    Cut (*cut)(const Request& request, Placer& placer, void* response);
    /// Adds the items of one answer to another.
    void (*merge)(void* into, void* from);
    /// Takes the items with a code that is_wrong_place() out of the answer: the request for these
    /// alone, or null. `code`: the first one's.
    Request (*take_failed)(Destination to, const void* request, void* response, std::int16_t& code);
    /// Puts all items of the request into the answer with that code.
    void (*refuse)(const void* request, void* response, std::int16_t code);

    // These may be null.
    /// The newest version that can carry the request as it is.
    std::int16_t (*newest)(const void* request) = nullptr;
    /// The requests to send instead at that version; empty: it can stay as it is.
    std::vector<Request> (*fit)(const void* request, std::int16_t version) = nullptr;
    /// What the answer leaves out, from the request that was sent at that version.
    void (*complete)(const void* request, void* response, std::int16_t version) = nullptr;
    void (*hints)(const void* response, std::vector<LeaderHint>& hints,
                  std::vector<BrokerMetadata>& endpoints) = nullptr;
};

/// Null: requests of this API are never split.
[[nodiscard]] const Splitter* find_splitter(std::int16_t api_key) noexcept;

/// The newest version that can carry the request as it is: of its splitter, or of the API.
[[nodiscard]] std::int16_t newest_version(std::int16_t api_key, const void* request) noexcept;

// One group of them a source.
[[nodiscard]] std::span<const Splitter> partition_splitters() noexcept;
[[nodiscard]] std::span<const Splitter> key_splitters() noexcept;
[[nodiscard]] std::span<const Splitter> list_splitters() noexcept;
[[nodiscard]] std::span<const Splitter> share_state_splitters() noexcept;

}  // namespace kafka::core
