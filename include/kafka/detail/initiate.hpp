// SPDX-License-Identifier: Apache-2.0
// Initiate: what async_initiate calls to start an operation that is a member function
// `void (Object::*)(Args..., any_handler<Signature>)`.
#pragma once

#include <utility>

#include <kafka/detail/any_handler.hpp>

namespace kafka::detail {

// Named, with an executor, and no lambda: cancel_after and deferred ask for one. A class that uses
// it for private members makes it a friend.
template <class Object, auto Start, class Signature>
struct Initiate {
    using executor_type = typename Object::executor_type;
    [[nodiscard]] executor_type get_executor() const noexcept { return self->get_executor(); }

    template <class Handler, class... Args>
    void operator()(Handler&& handler, Args&&... args) const {
        (self->*Start)(
            std::forward<Args>(args)...,
            any_handler<Signature>(std::forward<Handler>(handler), self->get_executor()));
    }

    Object* self;
};

}  // namespace kafka::detail
