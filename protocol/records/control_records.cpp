// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <kafka/error.hpp>
#include <kafka/protocol/control_records.hpp>

#include "base/big_endian.hpp"

namespace kafka::protocol {
namespace {

Failure bad(const std::string& what) {
    return {errc::malformed_records, "control record: " + what};
}

}  // namespace

std::string_view to_string(ControlRecordType type) noexcept {
    switch (type) {
        case ControlRecordType::abort:
            return "abort";
        case ControlRecordType::commit:
            return "commit";
        case ControlRecordType::leader_change:
            return "leader_change";
        case ControlRecordType::snapshot_header:
            return "snapshot_header";
        case ControlRecordType::snapshot_footer:
            return "snapshot_footer";
        case ControlRecordType::kraft_version:
            return "kraft_version";
        case ControlRecordType::kraft_voters:
            return "kraft_voters";
        case ControlRecordType::unknown:
            break;
    }
    return "unknown";
}

Result<ControlRecordType> control_record_type(const BytesView& key) {
    if (key.null()) return bad("a null key");
    if (key.size() < 4) return bad("a key of " + std::to_string(key.size()) + " bytes");
    const auto version = load_big<std::int16_t>(key.data());
    if (version < 0) return bad("key version " + std::to_string(version));
    const auto type = load_big<std::int16_t>(key.data() + 2);
    if (type < 0 || type > static_cast<std::int16_t>(ControlRecordType::kraft_voters)) {
        return ControlRecordType::unknown;
    }
    return static_cast<ControlRecordType>(type);
}

Result<TransactionEnd> read_transaction_end(const BytesView& key, const BytesView& value) {
    const auto type = control_record_type(key);
    if (!type) return type.failure();
    if (*type != ControlRecordType::abort && *type != ControlRecordType::commit) {
        return bad("type " + std::string(to_string(*type)) + " does not end a transaction");
    }
    if (value.null()) return bad("a null value");
    if (value.size() < 6) return bad("a value of " + std::to_string(value.size()) + " bytes");
    const auto version = load_big<std::int16_t>(value.data());
    if (version < 0) return bad("value version " + std::to_string(version));
    return TransactionEnd{.commit = *type == ControlRecordType::commit,
                          .coordinator_epoch = load_big<std::int32_t>(value.data() + 2)};
}

std::array<std::uint8_t, 4> transaction_end_key(bool commit) noexcept {
    std::array<std::uint8_t, 4> key{};
    key[3] = commit ? 1 : 0;
    return key;
}

std::array<std::uint8_t, 6> transaction_end_value(std::int32_t coordinator_epoch) noexcept {
    std::array<std::uint8_t, 6> value{};
    store_big(value.data() + 2, coordinator_epoch);
    return value;
}

}  // namespace kafka::protocol
