// SPDX-License-Identifier: Apache-2.0
// The first question of a connection: asks for the broker's versions, with a newest version that it
// may not have (KIP-35, KIP-511).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <kafka/error.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::core {

/// Says what to send next, takes the answer: start(), then resume() until the step is `done` or
/// `failed`. Ends after at most one question for each version of ApiVersions: each question's
/// version is lower than the one before, whatever the broker says; but once it may go up, where a
/// lost connection had brought it down for nothing.
class Handshake {
public:
    enum class Step : std::uint8_t {
        send,    ///< request() at version(); then resume() with the answer's body
        done,    ///< take_response()
        failed,  ///< failure()
    };

    /// Both names go to the broker (KIP-511); see valid_software_name().
    Handshake(std::string software_name, std::string software_version);

    /// KIP-1242: the broker refuses (REBOOTSTRAP_REQUIRED) if it is another one. From v5.
    void expect(std::string cluster_id, std::int32_t node_id) {
        request_.cluster_id = std::move(cluster_id);
        request_.node_id = node_id;
    }

    Step start();
    Step resume(const Slice& body);
    /// The peer closed the connection instead of answering, as some do at a version that they do
    /// not know (Azure Event Hubs). `send`: on a new connection, with a lower version. `failed`
    /// (without a failure of its own): it was no matter of the version.
    Step lost();

    [[nodiscard]] const protocol::ApiVersionsRequest& request() const noexcept { return request_; }
    [[nodiscard]] std::int16_t version() const noexcept { return version_; }
    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
    [[nodiscard]] protocol::ApiVersionsResponse take_response() { return std::move(response_); }

private:
    Step fail(Failure failure);
    Step lower(const Slice& body);

    protocol::ApiVersionsRequest request_;
    protocol::ApiVersionsResponse response_;
    std::int16_t version_ = 0;
    bool lowered_by_loss_ = false, raised_ = false;
    Failure failure_;
};

/// KIP-511: letters, digits, '-' and '.', with a letter or digit at both ends. A broker refuses
/// others.
[[nodiscard]] bool valid_software_name(std::string_view name) noexcept;

}  // namespace kafka::core
