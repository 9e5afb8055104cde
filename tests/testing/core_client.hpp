// SPDX-License-Identifier: Apache-2.0
// A client of the broker's core: no sockets, and time only as it is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "base/crc32c.hpp"
#include "testing/handlers.hpp"

namespace kafka::testing {

/// The cluster under test: three brokers, topic "t" with a partition on each.
struct CoreFixture {
    explicit CoreFixture(BrokerOptions options = {.topics = {}}) : core(options) {
        NewTopic topic{.name = "t", .partitions = 3};
        std::unique_ptr<Topic> unused;
        REQUIRE(!core.cluster().create(topic, false, unused, nullptr));
        for (std::int32_t id = 1; id <= 3; ++id)
            core.connected(static_cast<ConnectionId>(id), id);
        now.wall_ms = 1'700'000'000'000;
    }

    /// Sends a request to a broker; its connection has the broker's id.
    template <class R>
    void send(const R& request, int version, ConnectionId to = 1) {
        protocol::Gather frame;
        protocol::RequestHeader header;
        header.request_api_key = R::info.api_key;
        header.request_api_version = static_cast<std::int16_t>(version);
        header.correlation_id = ++correlation;
        REQUIRE(
            !protocol::encode(header, protocol::request_header_version(R::info, version), frame));
        const auto failure = protocol::encode(request, version, frame);
        REQUIRE_MESSAGE(!failure, failure.message());
        core.receive(to, frame.flat().release(), now);
        collect();
    }
    void send_raw(std::span<const std::uint8_t> frame, ConnectionId to = 1) {
        core.receive(to, Slice::copy_of(frame), now);
        collect();
    }
    void pass(std::chrono::milliseconds time) {
        now.time += time;
        now.wall_ms += time.count();
        core.on_time(now);
        collect();
    }

    [[nodiscard]] bool answered(ConnectionId from = 1) { return !frames[from].empty(); }
    [[nodiscard]] bool closed(ConnectionId from = 1) { return closings[from]; }

    /// The oldest answer; decoded to its last byte.
    template <class Response>
    Response take(int version, ConnectionId from = 1) {
        REQUIRE(answered(from));
        auto frame = Slice::copy_of(frames[from].front().bytes());
        frames[from].erase(frames[from].begin());
        std::uint32_t length = 0;
        for (std::size_t i = 0; i < 4; ++i)
            length = length << 8 | frame.data()[i];
        CHECK(length + 4 == frame.size());
        protocol::ResponseHeader header;
        std::size_t used = 0;
        REQUIRE(!protocol::decode(protocol::ResponseHeader::info, &header,
                                  protocol::response_header_version(Response::info, version),
                                  frame.part(4), {}, used));
        Response response;
        const auto failure = protocol::decode(response, version, frame.part(4 + used));
        REQUIRE_MESSAGE(!failure, failure.message());
        last_correlation = header.correlation_id;
        return response;
    }
    template <class R>
    typename R::response_type ask(const R& request, int version, ConnectionId to = 1) {
        send(request, version, to);
        return take<typename R::response_type>(version, to);
    }
    [[nodiscard]] Topic& topic(std::string_view name = "t") { return *core.cluster().find(name); }

    BrokerCore core;
    Now now;
    std::int32_t correlation = 0;
    std::int32_t last_correlation = 0;
    std::map<ConnectionId, std::vector<Slice>> frames;
    std::map<ConnectionId, bool> closings, resets, half_closings;
    std::map<ConnectionId, std::size_t> limits;

private:
    void collect() {
        for (auto& action : core.take_actions()) {
            using Kind = Action::Kind;
            auto& name = action.connection;
            if (action.kind == Kind::send) {
                frames[name].push_back(action.frame.flat().release());
            } else {
                closings[name] |= action.kind == Kind::close || action.kind == Kind::reset;
                resets[name] |= action.kind == Kind::reset;
                half_closings[name] |= action.kind == Kind::half_close;
                limits[name] += action.kind == Kind::limit_reads ? action.count : 0;
            }
        }
    }
};

/// A batch of `count` records "value" with timestamps from 1,700,000,000,000 on.
inline std::vector<std::uint8_t> make_batch(int count, const protocol::BatchFields& fields = {},
                                            Compression codec = Compression::none) {
    protocol::RecordBatchBuilder builder;
    for (int i = 0; i < count; ++i) {
        const protocol::RecordRef record{
            .key = "key", .value = "value", .headers = {}, .timestamp = 1'700'000'000'000 + i};
        REQUIRE(builder.append(record));
    }
    if (codec == Compression::none) {
        const auto sealed = builder.seal(fields);
        return {sealed.begin(), sealed.end()};
    }
    ByteBuffer out;
    REQUIRE(builder.seal_into(out, fields, codec, codec::compress));
    return {out.bytes().begin(), out.bytes().end()};
}

template <class T>
void put(std::vector<std::uint8_t>& batch, std::size_t at, T value) {
    for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8)) {
        batch[at + i] = static_cast<std::uint8_t>(value);
    }
}
/// Makes the checksum fit again.
inline std::vector<std::uint8_t> sealed(std::vector<std::uint8_t> batch) {
    namespace at = protocol::batch_layout;
    put(batch, at::crc, crc32c(std::span<const std::uint8_t>(batch).subspan(at::attributes)));
    return batch;
}

inline protocol::ProduceRequest produce_request(std::span<const std::uint8_t> records,
                                                std::int32_t partition = 0,
                                                std::string topic = "t") {
    protocol::ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 1000;
    auto& data = request.topic_data.emplace_back();
    data.name = std::move(topic);
    auto& part = data.partition_data.emplace_back();
    part.index = partition;
    part.records = Slice::copy_of(records);
    return request;
}

inline protocol::FetchRequest fetch_request(std::int64_t offset, std::int32_t partition = 0,
                                            std::string topic = "t") {
    protocol::FetchRequest request;
    request.max_bytes = 1 << 20;
    request.min_bytes = 1;
    request.max_wait_ms = 500;
    auto& wanted = request.topics.emplace_back();
    wanted.topic = std::move(topic);
    auto& part = wanted.partitions.emplace_back();
    part.partition = partition;
    part.fetch_offset = offset;
    part.partition_max_bytes = 1 << 20;
    return request;
}

}  // namespace kafka::testing
