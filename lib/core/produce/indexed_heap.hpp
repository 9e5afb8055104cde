// SPDX-License-Identifier: Apache-2.0
// IndexedHeap: the first of many elements at hand, whatever order they come in, and gives up any of
// them.
#pragma once

#include <cstddef>
#include <vector>

namespace kafka::core {

/// Owns nothing; takes memory only while it grows. An element is in at most one heap of the same
/// `place`, and its order does not change while it is there.
template <class T, std::size_t T::*place, class Before>
class IndexedHeap {
public:
    /// Null: it is empty.
    [[nodiscard]] T* front() const noexcept { return heap_.empty() ? nullptr : heap_.front(); }

    /// O(log n); O(1) behind all others.
    void push(T& element) {
        heap_.push_back(&element);
        rise(element, heap_.size() - 1);
    }
    /// O(log n).
    void erase(T& element) noexcept {
        const auto at = element.*place;
        auto& last = *heap_.back();
        heap_.pop_back();
        if (&last == &element) return;
        if (at > 0 && Before()(last, *heap_[(at - 1) / 2]))
            rise(last, at);
        else
            sink(last, at);
    }

private:
    void put(T& element, std::size_t at) noexcept {
        heap_[at] = &element;
        element.*place = at;
    }
    void rise(T& element, std::size_t at) noexcept {
        for (; at > 0 && Before()(element, *heap_[(at - 1) / 2]); at = (at - 1) / 2)
            put(*heap_[(at - 1) / 2], at);
        put(element, at);
    }
    void sink(T& element, std::size_t at) noexcept {
        for (auto child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
            if (child + 1 < heap_.size() && Before()(*heap_[child + 1], *heap_[child])) ++child;
            if (!Before()(*heap_[child], element)) break;
            put(*heap_[child], at);
            at = child;
        }
        put(element, at);
    }

    std::vector<T*> heap_;
};

}  // namespace kafka::core
