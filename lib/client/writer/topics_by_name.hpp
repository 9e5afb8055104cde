// SPDX-License-Identifier: Apache-2.0
// TopicsByName: topics, for threads that write.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "client/writer/write_partition.hpp"

namespace kafka::client {

/// A hash table that only grows, so that nobody who reads it takes a lock: a lock shared by many
/// threads costs more than the look-up. One thread at a time may insert.
class TopicsByName {
public:
    TopicsByName() { grow(16); }

    /// Null: it is not there, or came just now.
    [[nodiscard]] WriteTopic* find(std::string_view name) const noexcept {
        const auto& table = *newest_.load(std::memory_order_acquire);
        for (auto at = place(name, table);; at = (at + 1) & (table.size() - 1)) {
            auto* topic = table[at].load(std::memory_order_acquire);
            if (!topic || topic->name == name) return topic;
        }
    }
    /// For one more. Throws std::bad_alloc.
    void make_room() {
        // At least half is empty, so that each search ends soon.
        if (2 * (count_ + 1) > tables_.back()->size()) grow(2 * tables_.back()->size());
    }
    /// Which is not there. After make_room().
    void insert(WriteTopic& topic) noexcept {
        put(topic, *tables_.back());
        ++count_;
    }

private:
    using Table = std::vector<std::atomic<WriteTopic*>>;  // its size: a power of two

    static std::size_t place(std::string_view name, const Table& table) noexcept {
        return std::hash<std::string_view>()(name) & (table.size() - 1);
    }
    static void put(WriteTopic& topic, Table& table) noexcept {
        auto at = place(topic.name, table);
        while (table[at].load(std::memory_order_relaxed))
            at = (at + 1) & (table.size() - 1);
        table[at].store(&topic, std::memory_order_release);
    }
    void grow(std::size_t size) {
        auto table = std::make_unique<Table>(size);
        if (!tables_.empty())
            for (const auto& slot : *tables_.back())
                if (auto* topic = slot.load(std::memory_order_relaxed)) put(*topic, *table);
        tables_.push_back(std::move(table));
        newest_.store(tables_.back().get(), std::memory_order_release);
    }

    std::vector<std::unique_ptr<Table>> tables_;  // older ones may still be read
    std::atomic<const Table*> newest_{nullptr};
    std::size_t count_ = 0;
};

}  // namespace kafka::client
