// SPDX-License-Identifier: Apache-2.0
// Blobs inside messages: subscriptions and assignments of consumer groups, keys and values of
// control records. Each begins with its version.
#include <kafka/protocol/consumer_protocol.hpp>
#include <kafka/protocol/control_record_values.hpp>
#include <kafka/protocol/control_records.hpp>
#include <kafka/protocol/versioned.hpp>

#include "fuzz/messages.hpp"
#include "protocol/bytes.hpp"

namespace kafka::fuzz {
namespace {

const std::vector<Choice>& blobs() {
    static const auto all = [] {
        std::vector<Choice> choices;
        for (const auto& choice : all_messages())
            if (choice.info->kind == protocol::MessageKind::data) choices.push_back(choice);
        return choices;
    }();
    return all;
}

void read_blob(const Choice& choice, Input bytes) {
    const auto& info = *choice.info;
    const auto exact = test::ExactBytes::of(bytes);
    auto message = choice.make();
    auto version = protocol::decode_versioned(info, message.get(), exact.bytes());
    if (!version) {
        const auto& failure = version.failure();
        check(failure.code == errc::malformed_message || failure.code == errc::limit_exceeded ||
                  failure.code == errc::unsupported_version,
              "a blob's reader fails with one of its documented errors");
        check(!failure.detail.empty(), "a failure has words");
        return;
    }
    // Newer versions are read as the newest known one.
    const auto known = std::min(*version, info.versions.max);
    check(info.versions.contains(known), "a blob has a version");
    check(protocol::print(info, message.get(), known).size() >= 2, "a blob has text");
    const auto written = protocol::encode_versioned(info, message.get(), known);
    check(static_cast<bool>(written), "what was read can be written");
    auto copy = choice.make();
    const auto again = protocol::decode_versioned(info, copy.get(), *written);
    check(again && *again == known, "what was written can be read");
    check(protocol::equal(info, message.get(), copy.get()), "and is the same");
}

void run(Input input) {
    Script script(input);
    const auto key_size = script.byte();
    const auto bytes = script.rest();
    const Choice* previous = nullptr;
    for (const auto& choice : blobs()) {
        if (!previous || previous->info != choice.info) read_blob(choice, bytes);
        previous = &choice;
    }
    // As a control record: the first bytes are its key.
    const auto key =
        test::ExactBytes::of(bytes.first(std::min<std::size_t>(key_size % 8, bytes.size())));
    const auto value = test::ExactBytes::of(bytes.subspan(key.size()));
    const auto type = protocol::control_record_type(key.bytes());
    if (type) check(!protocol::to_string(*type).empty(), "each type has a name");
    const auto end = protocol::read_transaction_end(key.bytes(), value.bytes());
    if (!end) {
        check(end.failure().code == errc::malformed_records, "a bad marker is malformed");
        return;
    }
    check(type && *type == (end->commit ? protocol::ControlRecordType::commit
                                        : protocol::ControlRecordType::abort),
          "a marker's type is in its key");
    const auto again = protocol::read_transaction_end(
        std::span<const std::uint8_t>(protocol::transaction_end_key(end->commit)),
        std::span<const std::uint8_t>(protocol::transaction_end_value(end->coordinator_epoch)));
    check(
        again && again->commit == end->commit && again->coordinator_epoch == end->coordinator_epoch,
        "a marker reads back");
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (std::size_t i = 0; i < blobs().size(); ++i) {
        const auto& choice = blobs()[i];
        const auto message = random_message(choice, i);
        const auto blob = protocol::encode_versioned(*choice.info, message.get(), choice.version);
        check(static_cast<bool>(blob), "a random blob can be encoded");
        Bytes seed{0};
        put(seed, *blob);
        seeds.push_back(seed);
        seed[1] = 0x7f;  // of a version to come
        seeds.push_back(std::move(seed));
    }
    seeds.push_back({4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 7});  // a commit marker
    seeds.push_back({4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
    seeds.push_back({6, 0, 1, 0, 2, 0, 0, 0, 0, 0, 7});
    return seeds;
}

const Registration registration({"blob", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
