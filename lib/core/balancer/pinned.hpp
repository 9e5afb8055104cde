// SPDX-License-Identifier: Apache-2.0
// Pinned: a value that many threads read while one replaces it, without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace kafka::core {

/// Readers pin the current value; the publisher fills a spare one and makes it current. A value is
/// filled again when nobody has it pinned, and freed with the whole: a late reader may still touch
/// its count. There are as many values as were ever pinned at once, and two more.
template <class T>
class Pinned {
    struct Node {
        T value{};
        std::atomic<std::uint32_t> readers{0};
    };

public:
    /// Keeps a value from being filled again. To be held for the moment of a choice.
    class Pin {
    public:
        Pin(const Pin&) = delete;
        Pin& operator=(const Pin&) = delete;
        ~Pin() { node_->readers.fetch_sub(1, std::memory_order_release); }

        T& operator*() const noexcept { return node_->value; }
        T* operator->() const noexcept { return &node_->value; }

    private:
        friend class Pinned;
        explicit Pin(Node* node) noexcept : node_(node) {}

        Node* node_;
    };

    /// With a value as T's constructor makes it.
    Pinned() {
        nodes_.push_back(std::make_unique<Node>());
        current_.store(nodes_.back().get());
    }

    /// Thread-safe. What threads change through it must be atomic.
    [[nodiscard]] Pin pin() const noexcept {
        for (;;) {
            auto* const node = current_.load();
            // First the count, then another look: all in one order with the publisher's, which
            // first replaces and then looks at the count. One of the two sees the other.
            node->readers.fetch_add(1);
            if (current_.load() == node) return Pin(node);
            node->readers.fetch_sub(1, std::memory_order_release);
        }
    }

    // The publisher, one at a time.
    [[nodiscard]] const T& current() const noexcept { return current_.load()->value; }
    /// One that nobody reads, with what it held before; the same one until it is published.
    /// Throws std::bad_alloc.
    [[nodiscard]] T& spare() {
        if (spare_) return spare_->value;
        auto* const now = current_.load();
        for (const auto& node : nodes_) {
            if (node.get() != now && node->readers.load() == 0) {
                spare_ = node.get();
                return spare_->value;
            }
        }
        nodes_.push_back(std::make_unique<Node>());
        spare_ = nodes_.back().get();
        return spare_->value;
    }
    /// Makes the spare one current.
    void publish() noexcept {
        if (spare_) current_.store(std::exchange(spare_, nullptr));
    }
    /// How many values there are.
    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

private:
    std::atomic<Node*> current_{nullptr};
    Node* spare_ = nullptr;
    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace kafka::core
