// SPDX-License-Identifier: Apache-2.0
// WriterImpl: the ways in, and those who wait for their turn.
#include <utility>

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <kafka/error.hpp>

#include "client/writer/writer_impl.hpp"
#include "client/writer/writer_transactions.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;

bool has_to_wait(const std::error_code& ec, OnFull on_full) noexcept {
    return ec == errc::topic_not_ready || (ec == errc::buffer_full && on_full == OnFull::wait);
}

}  // namespace

void WriterImpl::write(const Record& record, std::uint64_t cookie, Handler handler) {
    if (waiters_.load(std::memory_order_acquire) == 0) {
        const auto ec = try_write(record, cookie, false);
        if (!has_to_wait(ec, config_.on_full)) {
            if (ec && transactions_) transactions_->on_refused(ec, "of async_write()");
            return std::move(handler).post(ec);
        }
    }
    const auto slot = handler.get_cancellation_slot();
    auto call = std::make_shared<WriteCall>(std::move(handler));
    call->thread = thread_number();
    assign_slot(call, slot);
    auto& message = call->rest.emplace_back();
    message.topic = record.topic;
    message.partition = record.partition;
    if (!record.key.null()) message.key = Bytes(record.key.text());
    if (record.owner)
        message.value = Slice(record.owner, record.value.data(), record.value.size());
    else if (!record.value.null())
        message.value = Bytes(record.value.text());
    for (const auto& header : record.headers) {
        auto& own = message.headers.emplace_back();
        own.key = header.key;
        if (!header.value.null()) own.value = Bytes(header.value.text());
    }
    if (record.timestamp != -1)
        message.timestamp = Timestamp(std::chrono::milliseconds(record.timestamp));
    call->cookie = cookie;
    wait_for_turn(std::move(call));
}

void WriterImpl::write_messages(std::span<const Message> messages, MessagesHandler handler) {
    if (messages.empty()) return std::move(handler).post({}, {});
    const auto slot = handler.get_cancellation_slot();
    auto call = std::make_shared<WriteCall>(messages.size(), std::move(handler));
    call->thread = thread_number();
    assign_slot(call, slot);
    std::size_t at = 0;
    const bool waits =
        waiters_.load(std::memory_order_acquire) > 0 || advance(call, messages, at, 0, false);
    if (at > 0) wake();
    if (!waits) return;
    call->rest.assign(messages.begin() + static_cast<std::ptrdiff_t>(at), messages.end());
    call->rest_place = at;
    wait_for_turn(std::move(call));
}

bool WriterImpl::advance(const std::shared_ptr<WriteCall>& call, bool from_queue) {
    return advance(call, call->rest, call->rest_at, call->rest_place, from_queue);
}

bool WriterImpl::advance(const std::shared_ptr<WriteCall>& call, std::span<const Message> messages,
                         std::size_t& at, std::size_t first_place, bool from_queue) {
    std::string detail;
    if (call->whole) {
        const auto ec = place_whole(call, from_queue, detail);
        if (has_to_wait(ec, config_.on_full)) {
            call->wait_for(ec, find_topic(call->whole->topic));
            return true;
        }
        if (ec && transactions_) transactions_->on_refused(ec, detail);
        if (ec)
            call->fail_rest(ec, detail);
        else
            call->taken.store(true, std::memory_order_relaxed);
        return false;
    }
    std::vector<protocol::RecordHeaderView> headers;
    for (; at < messages.size(); ++at) {
        const auto& message = messages[at];
        const auto place = first_place + at;
        auto* topic = find_topic(message.topic);
        std::error_code ec;
        std::int32_t chosen = -1;
        if (!topic) {
            ec = errc::invalid_argument;
            detail = "message " + std::to_string(place) + " names no topic, nor does the Writer";
        } else {
            headers.clear();
            for (const auto& header : message.headers)
                headers.push_back({header.key, header.value.view()});
            Origin origin;
            origin.thread = call->thread;
            origin.partition = message.partition;
            origin.owner = message.value.owner();
            origin.from_queue = from_queue;
            origin.chosen = &chosen;
            origin.detail = &detail;
            if (call->single()) {
                origin.cookie = call->cookie;
            } else {
                origin.cookie = place;
                origin.call = &call;
                origin.more = true;  // whoever calls this wakes the strand afterwards
                origin.urgent = true;
            }
            detail.clear();
            protocol::RecordRef record{
                message.key.view(), message.value.view(), headers,
                message.timestamp ? message.timestamp->time_since_epoch().count() : -1};
            ec = append(*topic, record, origin);
            if (has_to_wait(ec, config_.on_full)) {
                call->wait_for(ec, topic);
                return true;
            }
        }
        if (!ec) call->taken.store(true, std::memory_order_relaxed);
        if (ec && transactions_) transactions_->on_refused(ec, detail);
        if (ec || call->single()) call->set(place, {ec, chosen, -1}, detail);
    }
    return false;
}

void WriterImpl::wait_for_turn(std::shared_ptr<WriteCall> call) {
    waiters_.fetch_add(1, std::memory_order_acq_rel);
    asio::post(strand_, [self = shared_from_this(), call = std::move(call)]() mutable {
        call->deadline = core::after(Clock::now(), self->config_.max_block);
        call->wait_for({}, nullptr);  // its topic may have come meanwhile
        self->waiting_.push_back(std::move(call));
        if (self->state_.load() == State::closed)
            return self->fail_waiters(errc::connection_closed);
        // Those that came before a commit have their turn in it.
        if (const auto& last = self->waiting_.back();
            self->state_.load() == State::refusing && !self->advance(last, false)) {
            self->waiting_.pop_back();
            self->waiters_.fetch_sub(1, std::memory_order_acq_rel);
        }
        self->wake();  // once for many that come together
    });
}

// Before anything can end the call.
void WriterImpl::assign_slot(const std::shared_ptr<WriteCall>& call, asio::cancellation_slot slot) {
    if (!slot.is_connected()) return;
    slot.assign(
        [weak = weak_from_this(), weak_call = std::weak_ptr(call)](asio::cancellation_type type) {
            using enum asio::cancellation_type;
            const bool only_untaken = (type & (terminal | partial)) == none;
            const auto self = weak.lock();
            auto own = weak_call.lock();
            if (!self || !own) return;
            asio::post(self->strand_, [self, own = std::move(own), only_untaken] {
                if (only_untaken && own->taken.load(std::memory_order_relaxed)) return;
                own->end(asio::error::operation_aborted);
                self->try_all_waiting_ = true;
                self->wake();
            });
        });
}

}  // namespace kafka::client
