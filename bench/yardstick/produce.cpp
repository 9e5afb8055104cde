// SPDX-License-Identifier: Apache-2.0
// Produce: the fields are taken one by one, the records themselves are dropped in the kernel.
#include <algorithm>
#include <string>

#include <kafka/protocol/record_batch.hpp>

#include "base/big_endian.hpp"
#include "connection.hpp"
#include "output.hpp"

namespace yardstick {
namespace {

namespace layout = kafka::protocol::batch_layout;

constexpr std::int16_t corrupt_message = 2, unknown_topic_or_partition = 3,
                       not_leader_or_follower = 6, unknown_topic_id = 100;

}  // namespace

Connection::Taken Connection::take_batches(std::size_t size) {
    Taken taken;
    auto& stats = broker_.stats;
    stats.bytes.fetch_add(size, std::memory_order_relaxed);
    while (size >= layout::records) {
        const auto header = input_.peek(layout::records);
        const auto length = kafka::load_big<std::uint32_t>(header.data() + layout::length);
        const auto count = kafka::load_big<std::int32_t>(header.data() + layout::count);
        const auto total = std::size_t{length} + layout::leader_epoch;
        if (header[layout::magic] != 2 || total < layout::records || total > size || count < 0) {
            stats.error("Produce: what should be a record batch is none");
            taken.error = corrupt_message;
            break;
        }
        taken.records += count;
        stats.batches.fetch_add(1, std::memory_order_relaxed);
        if (broker_.verifier) {
            kafka::ByteBuffer batch;
            auto* const at = batch.grow(total);
            input_.take({at, total});
            std::string why;
            if (!broker_.verifier->take(std::move(batch).release(), why)) {
                stats.error("Produce: " + why);
                taken.error = corrupt_message;
            }
        } else {
            input_.skip(total);
        }
        size -= total;
    }
    if (size > 0) {
        if (taken.error == 0) stats.error("Produce: bytes that are no record batch");
        taken.error = corrupt_message;
        input_.skip(size);
    }
    stats.records.fetch_add(static_cast<std::uint64_t>(taken.records), std::memory_order_relaxed);
    return taken;
}

void Connection::produce(const Request& request) {
    constexpr int first_with_start_offset = 5, first_with_errors = 8, first_with_ids = 13;
    const bool flexible = request.flexible, by_id = request.version >= first_with_ids;
    if (const auto length = input_.string_length(flexible); length > 0) {
        input_.skip(static_cast<std::size_t>(length));  // transactional id
    }
    const auto acks = input_.i16();
    input_.i32();  // timeout
    auto frame = start_answer(request);
    Output out(frame, flexible);
    const auto topics = input_.length(flexible);
    out.length(topics);
    for (std::int32_t t = 0; t < topics; ++t) {
        std::vector<std::uint8_t> name(topic_id.bytes.size());
        if (!by_id) {
            const auto length = input_.string_length(flexible);
            name.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
            out.string_length(static_cast<std::int32_t>(name.size()));
        }
        input_.take(name);
        out.raw(name);
        const bool known = by_id ? std::equal(name.begin(), name.end(), topic_id.bytes.begin())
                                 : kafka::as_text(name) == topic_name;
        const auto partitions = input_.length(flexible);
        out.length(partitions);
        for (std::int32_t p = 0; p < partitions; ++p) {
            const auto partition = input_.i32();
            const auto size = input_.length(flexible);
            broker_.stats.hot_request();
            Taken taken;
            if (known && broker_.has(partition) && broker_.leader(partition) == node_) {
                taken = take_batches(size > 0 ? static_cast<std::size_t>(size) : 0);
            } else {
                taken.error = !known ? by_id ? unknown_topic_id : unknown_topic_or_partition
                              : !broker_.has(partition) ? unknown_topic_or_partition
                                                        : not_leader_or_follower;
                broker_.stats.error("Produce: partition " + std::to_string(partition) +
                                    " of another topic or broker");
                if (size > 0) input_.skip(static_cast<std::size_t>(size));
            }
            if (flexible) input_.skip_tags();
            out.i32(partition);
            out.i16(taken.error);
            out.i64(taken.error
                        ? -1
                        : broker_.next_offsets[static_cast<std::size_t>(partition)].fetch_add(
                              taken.records));
            out.i64(-1);  // no log append time
            if (request.version >= first_with_start_offset) out.i64(0);
            if (request.version >= first_with_errors) {
                out.length(0);          // errors of single records
                out.string_length(-1);  // message
            }
            out.no_tags();
        }
        if (flexible) input_.skip_tags();
        out.no_tags();
    }
    if (flexible) input_.skip_tags();
    if (input_.left() > 0) throw Gone{"Produce: bytes behind the last field"};
    if (acks == 0) return;
    out.i32(0);  // throttle time
    out.no_tags();
    set_frame_length(frame, frame.size());
    answers_.send(std::move(frame), true);
}

}  // namespace yardstick
