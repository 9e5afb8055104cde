// SPDX-License-Identifier: Apache-2.0
// Plays a peer to ConnCore, in no real time: requests go in, bytes come out and go back.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/metadata.hpp>

#include "base/big_endian.hpp"
#include "core/conn_core.hpp"
#include "core/request_frame.hpp"

namespace kafka::core {

using namespace std::chrono_literals;

/// What became of a request.
struct Outcome {
    std::error_code code;
    std::string detail;
    std::string body;
    bool sent = false;
};

class ConnScript {
public:
    explicit ConnScript(ConnLimits limits = {}) : core(limits) { core.set_open(); }

    /// A request whose version decides the response's header: Metadata v0 (no tags) or v12.
    void submit(std::uint64_t id, Time deadline = never, bool answered = true,
                std::size_t client_id_size = 4, int version = 0) {
        core.submit(request(id, deadline, answered, client_id_size, version));
    }
    void submit_first(std::uint64_t id, Time deadline = never) {
        core.submit_first(request(id, deadline, true, 4, 0));
    }
    static Outgoing request(std::uint64_t id, Time deadline, bool answered,
                            std::size_t client_id_size, int version) {
        Outgoing out;
        out.id = id;
        out.info = &protocol::MetadataRequest::info;
        out.version = static_cast<std::int16_t>(version);
        out.answered = answered;
        out.deadline = deadline;
        protocol::MetadataRequest body;
        REQUIRE(
            !encode_frame(*out.info, &body, version, std::string(client_id_size, 'c'), out.frame));
        return out;
    }
    /// Writes what may be written, and says how many requests that was.
    std::size_t write() {
        if (!core.stage(now)) return 0;
        std::string bytes;
        for (auto piece : core.pieces())
            bytes += as_text(piece);
        const auto before = correlations.size();
        for (std::size_t at = 0; at < bytes.size();) {
            const auto* p = reinterpret_cast<const std::uint8_t*>(bytes.data()) + at;
            correlations.push_back(load_big<std::int32_t>(p + 8));
            at += 4 + static_cast<std::size_t>(load_big<std::int32_t>(p));
        }
        core.on_written(now);
        return correlations.size() - before;
    }
    /// Feeds bytes as reads of at most `step` bytes.
    void read(std::string_view bytes, std::size_t step = SIZE_MAX) {
        while (!bytes.empty() && !core.failed()) {
            const auto space = core.read_space();
            const auto n = std::min({bytes.size(), step, space.size()});
            std::memcpy(space.data(), bytes.data(), n);
            core.on_read(n, now);
            bytes.remove_prefix(n);
        }
    }
    /// Everything that is done since the last call, by id.
    std::vector<std::pair<std::uint64_t, Outcome>> done() {
        std::vector<std::pair<std::uint64_t, Outcome>> all;
        while (const auto c = core.take())
            all.emplace_back(c->id, Outcome{c->failure.code, c->failure.detail,
                                            std::string(as_text(c->body.bytes())), c->sent});
        return all;
    }

    ConnCore core;
    Time now = Time{} + 1h;
    std::vector<std::int32_t> correlations;
};

inline std::string big32(std::int32_t value) {
    std::string out(4, '\0');
    store_big(reinterpret_cast<std::uint8_t*>(out.data()), value);
    return out;
}
/// An answer as it stands on the wire: length, correlation id, `rest`.
inline std::string answer(std::int32_t correlation, std::string_view rest) {
    return big32(static_cast<std::int32_t>(4 + rest.size())) + big32(correlation) +
           std::string(rest);
}

}  // namespace kafka::core
