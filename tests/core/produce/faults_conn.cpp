// SPDX-License-Identifier: Apache-2.0
#include "core/produce/faults_conn.hpp"

#include <algorithm>

#include <kafka/protocol/produce.hpp>

#include "base/big_endian.hpp"

namespace kafka::core::produce_faults {
namespace {

constexpr std::size_t length_size = 4;

}  // namespace

FaultConn::FaultConn(Simulation& simulation, const ByteFaults& faults, const std::string& host,
                     std::uint16_t port, milliseconds timeout, Told on_open, Told on_end)
    : simulation_(simulation),
      faults_(faults),
      core_(ConnLimits{.silence = milliseconds(2000)}),
      on_open_(std::move(on_open)),
      on_end_(std::move(on_end)),
      stream_(simulation.connect(*this, host, port)) {
    later(timeout, &FaultConn::connect_timed_out);
}

FaultConn::~FaultConn() {
    simulation_.close(stream_);
    simulation_.forget(*this);
}

void FaultConn::later(milliseconds time, void (FaultConn::*what)()) {
    simulation_.after(time, [this, what, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) (this->*what)();
    });
}

Failure FaultConn::submit(const protocol::MessageInfo& info, const void* request,
                          std::int16_t version, Time deadline, bool answered, Done done) {
    Outgoing out;
    out.id = ++last_id_;
    out.info = &info;
    out.version = version;
    out.deadline = deadline;
    out.answered = answered;
    if (auto failure = encode_frame(info, request, version, "sim", out.frame)) return failure;
    done_[out.id] = std::move(done);
    core_.submit(std::move(out));
    pump();
    return {};
}

void FaultConn::close(Failure why) {
    end(std::move(why));
}

void FaultConn::on_connected(StreamId, const std::error_code& error) {
    if (error) return opened({error, "connect"});
    static_cast<void>(handshake_.start());
    ask();
}

void FaultConn::ask() {
    const auto failure = submit(protocol::ApiVersionsRequest::info, &handshake_.request(),
                                handshake_.version(), never, true, [this](const Completion& over) {
                                    if (over.failure) return opened(over.failure);
                                    switch (handshake_.resume(over.body)) {
                                        case Handshake::Step::send:
                                            return ask();
                                        case Handshake::Step::failed:
                                            return opened(handshake_.failure());
                                        case Handshake::Step::done:
                                            break;
                                    }
                                    versions_ = VersionTable(handshake_.take_response());
                                    core_.set_open();
                                    open_ = true;
                                    opened({});
                                });
    if (failure) opened(failure);
}

void FaultConn::opened(const Failure& failure) {
    if (const auto told = std::exchange(on_open_, nullptr)) told(failure);
}

void FaultConn::connect_timed_out() {
    if (!on_open_) return;
    opened({errc::connect_timed_out, "in the simulation"});
    end({errc::connect_timed_out, "in the simulation"});
}

void FaultConn::on_bytes(StreamId, std::span<const std::uint8_t> bytes) {
    if (!faults_.response) {
        feed(bytes);
    } else {
        unread_.insert(unread_.end(), bytes.begin(), bytes.end());
        take_frames();
    }
    pump();
}

void FaultConn::take_frames() {
    while (unread_.size() >= length_size && !core_.failed()) {
        const auto size = length_size + load_big<std::uint32_t>(unread_.data());
        if (unread_.size() < size || expected_.empty()) return;
        const auto api = expected_.front();
        expected_.pop_front();
        const auto frame = std::vector<std::uint8_t>(
            unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(size));
        unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(size));
        const auto cut = faults_.on ? faults_.response(api, size) : std::nullopt;
        if (!cut) {
            feed(frame);
            continue;
        }
        feed(std::span(frame).first(std::min(cut->bytes, size)));
        simulation_.close(stream_);
        if (cut->reset)
            core_.fail({std::make_error_code(std::errc::connection_reset), "within an answer"});
        else
            core_.on_eof();
    }
}

void FaultConn::feed(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty() && !core_.failed()) {
        const auto space = core_.read_space();
        auto count = std::min(space.size(), bytes.size());
        if (faults_.read_piece > 0) count = std::min(count, faults_.read_piece);
        std::copy_n(bytes.begin(), count, space.begin());
        bytes = bytes.subspan(count);
        core_.on_read(count, simulation_.now());
    }
}

void FaultConn::on_closed(StreamId, const std::error_code& error) {
    if (error)
        core_.fail({error, "the connection broke"});
    else
        core_.on_eof();
    pump();
}

void FaultConn::on_time() {
    core_.on_time(simulation_.now());
    pump();
}

void FaultConn::pump() {
    if (std::exchange(pumping_, true)) return;
    for (;;) {
        if (!writing_ && !closed_ && core_.stage(simulation_.now())) {
            writing_ = true;
            const auto delay =
                faults_.on && faults_.write_delay ? faults_.write_delay() : milliseconds(0);
            if (delay.count() > 0)
                later(delay, &FaultConn::transmit);
            else
                transmit();
            continue;
        }
        const auto completion = core_.take();
        if (!completion) break;
        const auto at = done_.find(completion->id);
        const auto done = std::move(at->second);
        done_.erase(at);
        done(*completion);
    }
    pumping_ = false;
    simulation_.wake_at(*this, core_.next_deadline());
    if (!core_.failed() || std::exchange(closed_, true)) return;
    simulation_.close(stream_);
    opened(core_.failure());
    if (const auto told = std::exchange(on_end_, nullptr); told && open_) told(core_.failure());
}

// The bytes are read now, and not when they were given.
void FaultConn::transmit() {
    if (closed_ || core_.failed()) return;
    std::vector<std::uint8_t> bytes;
    for (const auto piece : core_.pieces())
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    for (std::size_t at = 0; at < bytes.size();) {
        const auto size = length_size + load_big<std::uint32_t>(bytes.data() + at);
        const auto api =
            static_cast<std::int16_t>(load_big<std::uint16_t>(bytes.data() + at + length_size));
        const auto frame = std::span<const std::uint8_t>(bytes).subspan(at, size);
        at += size;
        const auto cut = faults_.on && faults_.request ? faults_.request(api, size) : std::nullopt;
        if (cut) {
            // The peer has got that much; this side hears of the end a little later.
            send(frame.first(std::min(cut->bytes, size)));
            simulation_.close(stream_);
            return later(milliseconds(1), &FaultConn::broken);
        }
        send(frame);
        if (faults_.on && faults_.twice && faults_.twice(api)) send(frame);
        if (!faults_.acks_zero || api != protocol::ProduceRequest::info.api_key)
            expected_.push_back(api);
    }
    writing_ = false;
    core_.on_written(simulation_.now());
    pump();
}

void FaultConn::send(std::span<const std::uint8_t> bytes) {
    const auto most = faults_.write_piece > 0 ? faults_.write_piece : bytes.size();
    while (!bytes.empty()) {
        const auto count = std::min(most, bytes.size());
        simulation_.send(stream_, bytes.first(count));
        bytes = bytes.subspan(count);
    }
}

void FaultConn::broken() {
    end({std::make_error_code(std::errc::connection_reset), "within a request"});
}

void FaultConn::end(Failure why) {
    core_.fail(std::move(why));
    pump();
}

}  // namespace kafka::core::produce_faults
