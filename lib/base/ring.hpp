// SPDX-License-Identifier: Apache-2.0
// Ring: a queue that keeps its memory. A std::deque gives a block back for each few elements that
// pass through it, and takes another one: an allocation every few requests, for nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <utility>

namespace kafka {

/// First in, first out; elements may also be taken out of the middle. Grows and never shrinks.
/// push_back() ends all references; otherwise those to other elements hold. T moves without
/// throwing. Not copyable; not thread-safe.
template <class T>
class Ring {
public:
    template <class Owner, class Element>
    class Iterator {
    public:
        using difference_type = std::ptrdiff_t;
        using value_type = T;
        using pointer = Element*;
        using reference = Element&;
        using iterator_category = std::forward_iterator_tag;

        Iterator() = default;
        Iterator(Owner* owner, std::size_t index) noexcept : owner_(owner), index_(index) {}
        reference operator*() const noexcept { return (*owner_)[index_]; }
        pointer operator->() const noexcept { return &(*owner_)[index_]; }
        Iterator& operator++() noexcept {
            ++index_;
            return *this;
        }
        Iterator operator++(int) noexcept { return {owner_, index_++}; }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
            return a.index_ == b.index_;
        }

    private:
        friend class Ring;
        Owner* owner_ = nullptr;
        std::size_t index_ = 0;
    };
    using iterator = Iterator<Ring, T>;
    using const_iterator = Iterator<const Ring, const T>;

    Ring() = default;
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring() {
        clear();
        release();
    }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    T& operator[](std::size_t i) noexcept { return slots_[slot(i)]; }
    const T& operator[](std::size_t i) const noexcept { return slots_[slot(i)]; }
    T& front() noexcept { return (*this)[0]; }
    const T& front() const noexcept { return (*this)[0]; }
    T& back() noexcept { return (*this)[size_ - 1]; }
    iterator begin() noexcept { return {this, 0}; }
    iterator end() noexcept { return {this, size_}; }
    const_iterator begin() const noexcept { return {this, 0}; }
    const_iterator end() const noexcept { return {this, size_}; }

    /// Throws std::bad_alloc, with nothing changed.
    void push_back(T&& element) { emplace_back(std::move(element)); }
    void push_back(const T& element) { emplace_back(T(element)); }
    /// `arguments` must not be in this queue.
    template <class... Arguments>
    void emplace_back(Arguments&&... arguments) {
        if (size_ == capacity_) grow();
        ::new (static_cast<void*>(slots_ + slot(size_))) T{std::forward<Arguments>(arguments)...};
        ++size_;
    }
    void pop_front() noexcept {
        std::destroy_at(&front());
        first_ = slot(1);
        --size_;
    }
    void clear() noexcept {
        while (!empty())
            pop_front();
    }
    /// Moves what follows one place forward, and returns where the next element is now.
    iterator erase(iterator at) noexcept {
        for (auto i = at.index_; i + 1 < size_; ++i)
            (*this)[i] = std::move((*this)[i + 1]);
        std::destroy_at(&back());
        --size_;
        return at;
    }
    template <class Predicate>
    void erase_if(Predicate&& wrong) {
        const auto left = std::remove_if(begin(), end(), wrong);
        while (end() != left) {
            std::destroy_at(&back());
            --size_;
        }
    }

private:
    // The capacity is a power of two.
    [[nodiscard]] std::size_t slot(std::size_t i) const noexcept {
        return (first_ + i) & (capacity_ - 1);
    }
    void release() noexcept {
        if (slots_) std::allocator<T>().deallocate(slots_, capacity_);
    }
    void grow() {
        const auto larger = std::max<std::size_t>(capacity_ * 2, 8);
        auto* slots = std::allocator<T>().allocate(larger);
        for (std::size_t i = 0; i < size_; ++i) {
            ::new (static_cast<void*>(slots + i)) T(std::move((*this)[i]));
            std::destroy_at(&(*this)[i]);
        }
        release();
        slots_ = slots;
        capacity_ = larger;
        first_ = 0;
    }

    T* slots_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace kafka
