// SPDX-License-Identifier: Apache-2.0
// What rules do to messages of any API: find out which topics, partitions and groups a message
// names, copy it with changes, set errors and fields. All of it walks over the protocol's tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/broker_errc.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/result.hpp>
#include <kafka/testing/rule.hpp>
#include <kafka/uuid.hpp>

namespace kafka::testing {

class Cluster;

/// Something that a request names. A partition has a topic; a topic need not have partitions.
struct Item {
    std::string group;
    std::string topic;
    Uuid topic_id;
    std::optional<std::int32_t> partition;

    friend bool operator==(const Item&, const Item&) = default;
};

/// Everything that a request names.
struct Subjects {
    std::vector<Item> items;
    std::vector<std::string> groups;
    std::vector<std::string> transactional_ids;
};

/// One message of a kind, together with what is needed to read it.
struct MessageView {
    const protocol::MessageInfo& info;
    void* message;
    int version;
    const Cluster& cluster;  // knows the names of topic ids
};

[[nodiscard]] Subjects subjects_of(const MessageView& view);

/// Whether a rule means an item.
using Selects = std::function<bool(const Item&)>;

/// Copies the message into `to`, a fresh one of the same kind, without the items that are
/// selected; a topic that has no partition left goes as well.
void copy_without(const MessageView& from, void* to, const Selects& selected);
/// The same, with every selected topic or partition `times` times.
void copy_repeated(const MessageView& from, void* to, const Selects& selected, int times);
/// Copies a response into `to`, with an entry for each of the items, which carries the error.
void copy_with_refusals(const MessageView& from, void* to, const std::vector<Item>& items,
                        broker_errc error);

/// Puts the error where the level says: into the entries of selected items, or at the top. Returns
/// how many fields were set.
std::size_t set_error(const MessageView& response, ErrorLevel level, const Selects& selected,
                      broker_errc error);
/// The level that an error for a request has by itself: that at which the request names things.
[[nodiscard]] ErrorLevel natural_level(const Subjects& subjects);

/// Sets the fields that a path means: names as Apache spells them, in lower camel case, separated
/// by dots. An array's name means all of its elements; "[2]" one of them, "[nodeId=1]" those with
/// that value. Fields that the version lacks are left alone. Errors: invalid_argument.
[[nodiscard]] Failure set_field(const MessageView& view, std::string_view path,
                                const FieldValue& value);
/// Whether the message has such a path in any version.
[[nodiscard]] Failure check_path(const protocol::MessageInfo& info, std::string_view path);

/// A plain number of the message's top level, such as Produce's "acks".
[[nodiscard]] std::optional<std::int64_t> number_at_top(const MessageView& view,
                                                        std::string_view name);

}  // namespace kafka::testing
