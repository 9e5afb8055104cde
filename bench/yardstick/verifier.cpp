// SPDX-License-Identifier: Apache-2.0
#include "verifier.hpp"

#include <charconv>
#include <string_view>

#include <kafka/codec.hpp>

#include "base/crc32c.hpp"

namespace yardstick {
namespace {

constexpr std::size_t prefix_size = 35;  // {"seq":"%08x","crc":"%08x",

bool read_hex(std::string_view text, std::uint32_t& number) {
    return std::from_chars(text.data(), text.data() + text.size(), number, 16).ptr ==
           text.data() + text.size();
}

}  // namespace

Verifier::Verifier(const kafka_bench::Corpus& corpus) : seen_(corpus.count()) {
    expected_.reserve(corpus.count());
    auto cursor = corpus.cursor(0);
    for (std::uint32_t i = 0; i < corpus.count(); ++i)
        expected_.push_back(cursor.next());
}

bool Verifier::matches(const kafka::protocol::RecordView& record) {
    const auto value = record.value.text();
    std::uint32_t sequence = 0, checksum = 0;
    if (value.size() < prefix_size || !read_hex(value.substr(8, 8), sequence) ||
        !read_hex(value.substr(25, 8), checksum) || sequence >= expected_.size()) {
        return false;
    }
    if (kafka::crc32c(record.value.bytes().subspan(prefix_size)) != checksum) return false;
    const auto& wanted = expected_[sequence];
    if (value != wanted.value) return false;
    if (record.key.null() != (wanted.key.data() == nullptr) || record.key.text() != wanted.key) {
        return false;
    }
    if (wanted.header_value.data()) {
        const auto header = record.headers.last(kafka_bench::Corpus::header_key);
        if (!header || header->text() != wanted.header_value) return false;
    }
    seen_[sequence].fetch_add(1, std::memory_order_relaxed);
    return true;
}

bool Verifier::take(const kafka::Slice& batch, std::string& why) {
    thread_local kafka::ByteBuffer scratch;
    // Not check_produced(), which asks for more than a broker does: franz-go without idempotence
    // sends sequence numbers without a producer id.
    const kafka::protocol::ReadOptions options{.decompress = kafka::codec::decompress,
                                               .scratch = &scratch};
    std::int32_t announced = 0, count = 0;
    kafka::protocol::RecordReader reader(batch, options);
    if (const auto* const header = reader.next_batch()) {
        announced = header->count;
        while (const auto* const record = reader.next_in_batch()) {
            ++count;
            if (!matches(*record)) ++bad_;
        }
    }
    if (reader.failure()) {
        why = reader.failure().message();
    } else if (count != announced) {
        why = "a batch of " + std::to_string(count) + " records says that it has " +
              std::to_string(announced);
    } else {
        return true;
    }
    bad_ += announced > count ? static_cast<std::uint64_t>(announced - count) : 1;
    return false;
}

Verifier::Summary Verifier::summary() const {
    Summary result;
    result.bad = bad_;
    std::uint64_t good = 0;
    for (const auto& count : seen_)
        good += count;
    result.records = good + result.bad;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const auto expected =
            result.records / seen_.size() + (i < result.records % seen_.size() ? 1 : 0);
        const std::uint64_t seen = seen_[i];
        (seen < expected ? result.missing : result.repeated) +=
            seen < expected ? expected - seen : seen - expected;
    }
    return result;
}

}  // namespace yardstick
