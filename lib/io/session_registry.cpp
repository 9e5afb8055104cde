// SPDX-License-Identifier: Apache-2.0
#include "io/session_registry.hpp"

#include "io/session.hpp"

namespace kafka::io {

asio::execution_context::id SessionRegistry::id;

void SessionRegistry::add(Session& session) {
    const std::lock_guard lock(mutex_);
    session.older_ = newest_;
    if (newest_) newest_->newer_ = &session;
    newest_ = &session;
}

void SessionRegistry::remove(Session& session) noexcept {
    const std::lock_guard lock(mutex_);
    if (session.older_) session.older_->newer_ = session.newer_;
    (session.newer_ ? session.newer_->older_ : newest_) = session.older_;
}

// No thread runs the context any more: it is being destroyed. Destroying handlers may destroy
// sessions, this one too, and so change the list.
void SessionRegistry::shutdown() {
    while (newest_) {
        auto& session = *newest_;
        // A session on its last reference (in its destructor on no thread) cannot be here: the
        // destructor removes it first.
        const auto keep = session.shared_from_this();
        remove(session);
        session.registry_ = nullptr;
        session.abandon();
    }
}

}  // namespace kafka::io
