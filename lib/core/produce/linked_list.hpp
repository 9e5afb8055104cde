// SPDX-License-Identifier: Apache-2.0
// LinkedList: a list through its elements, which takes no memory and gives up any of them at once.
#pragma once

namespace kafka::core {

template <class T>
struct Link {
    T* before = nullptr;
    T* behind = nullptr;
};

/// Owns nothing. An element is in at most one list of the same link.
template <class T, Link<T> T::*link>
class LinkedList {
public:
    [[nodiscard]] T* front() const noexcept { return first_; }
    [[nodiscard]] T* back() const noexcept { return last_; }
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    [[nodiscard]] static T* after(const T& element) noexcept { return (element.*link).behind; }

    void push_back(T& element) noexcept {
        (element.*link) = {last_, nullptr};
        (last_ ? (last_->*link).behind : first_) = &element;
        last_ = &element;
    }
    void erase(T& element) noexcept {
        const auto [before, behind] = element.*link;
        (before ? (before->*link).behind : first_) = behind;
        (behind ? (behind->*link).before : last_) = before;
        (element.*link) = {};
    }

private:
    T* first_ = nullptr;
    T* last_ = nullptr;
};

}  // namespace kafka::core
