// SPDX-License-Identifier: Apache-2.0
// What Java asks of the C++ side, a function an operation. Each has a message's name, a version
// and bytes of its own, and answers with bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <kafka/protocol/registry.hpp>

namespace peer {

struct Question {
    char operation;
    std::string_view name;
    std::int16_t version;
    kafka::Slice payload;  // a block of exactly its size, so that ASan sees a read past its end
};
using Answer = kafka::Result<kafka::ByteBuffer>;

/// A message's type and a fresh object of it.
struct Fresh {
    const kafka::protocol::MessageInfo* info;
    kafka::protocol::AnyMessage object;
};
/// By Apache's name, "FetchRequest"; null info if there is none.
[[nodiscard]] Fresh make_message(std::string_view name);
[[nodiscard]] kafka::Failure unknown(const Question& question);

/// 'R': decodes and encodes again; the same bytes must come out. 'D': encodes a fresh object.
/// 'F': encodes one that is filled by the seed in the payload (8 bytes). 'H': the versions of the
/// headers before a request and a response of an API, a byte each.
[[nodiscard]] Answer answer_message(const Question& question);
/// 'B': reads record batches and describes them, a line a batch and a line a record. 'W': writes
/// the records of one batch anew with another codec and level.
[[nodiscard]] Answer answer_records(const Question& question);
/// How balancers choose, an int32 an answer. 'K': the partitions of keyed records, by a balancer's
/// name; -1 where the key does not decide. 'A': what the adaptive policy picks of partitions with
/// queues. 'S': 1 where a record makes the sticky policy go on. See test_balancers.py.
[[nodiscard]] Answer answer_balancer(const Question& question);
/// 'J': decodes and writes JSON. 'P': reads JSON and encodes. 'L': reads a line of a request log
/// and encodes the request, and the response behind it. Without the JSON form in the build: no
/// answer.
[[nodiscard]] Answer answer_json(const Question& question);

}  // namespace peer
