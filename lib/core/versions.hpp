// SPDX-License-Identifier: Apache-2.0
// Which version of an API to speak: the newest that both sides have (KIP-35, KIP-896).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/result.hpp>

namespace kafka::core {

/// The versions a broker has, by API key. A plain value.
class VersionTable {
public:
    VersionTable() = default;
    /// Rows whose maximum is below their minimum are left out; of two rows for one key the first
    /// counts.
    explicit VersionTable(const protocol::ApiVersionsResponse& response);

    /// Empty if the broker lacks the API.
    [[nodiscard]] protocol::VersionRange find(std::int16_t api_key) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

private:
    struct Row {
        std::int16_t key;
        protocol::VersionRange range;
    };
    std::vector<Row> rows_;  // ascending by key
};

/// How a caller narrows the choice.
struct VersionWish {
    std::optional<std::int16_t> pinned =
        std::nullopt;       ///< this one or none; also one that is not final
    bool unstable = false;  ///< a newest version that is not final will do
    /// Those that mean what is wanted, where versions differ in more than their fields.
    protocol::VersionRange allowed{0, std::numeric_limits<std::int16_t>::max()};
};

/// The newest version of `request` that both sides have. Errors: unsupported_api,
/// unsupported_version; the detail names both ranges.
[[nodiscard]] Result<std::int16_t> choose_version(const protocol::MessageInfo& request,
                                                  const VersionTable& broker,
                                                  VersionWish wish = {});

}  // namespace kafka::core
