// SPDX-License-Identifier: Apache-2.0
// Fetch sessions (KIP-227): a broker remembers which partitions a client fetches, so that requests
// name only what changed and answers only what is new.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include <kafka/broker_errc.hpp>
#include <kafka/protocol/fetch.hpp>

#include "testing/now.hpp"
#include "testing/seeded_random.hpp"

namespace kafka::testing {

/// A partition that a client fetches.
struct FetchedPartition {
    std::string topic;  // up to v12
    Uuid topic_id;      // from v13 on
    protocol::FetchRequest::Partition wanted;
    // What the client was told last.
    std::int64_t high_watermark = -1;
    std::int64_t log_start_offset = -1;
};

struct FetchSession {
    std::int32_t id = 0;
    std::int32_t epoch = 1;
    bool by_ids = false;
    Time used;
    /// In the order in which they are read: who got data goes to the end, so that all have a turn.
    std::list<FetchedPartition> partitions;

    using Key = std::tuple<std::string_view, Uuid, std::int32_t>;
    /// Into `partitions`; the keys' views belong to their elements.
    std::map<Key, std::list<FetchedPartition>::iterator> index;

    /// Puts in, changes and forgets what the request says.
    void update(const protocol::FetchRequest& request);
    void move_to_end(std::list<FetchedPartition>::iterator at);
};

/// The sessions of one broker.
class FetchSessions {
public:
    FetchSessions(std::size_t most, std::uint64_t seed) : most_(most), random_(seed) {}

    struct Found {
        broker_errc error = broker_errc::none;
        std::shared_ptr<FetchSession> session;  // null on errors; without a session its id is 0
        bool incremental = false;
    };
    /// The session that the request means, brought up to date: a new one, a known one, or none.
    [[nodiscard]] Found find(const protocol::FetchRequest& request, int version, Now now);
    /// The session with that id, or null.
    [[nodiscard]] std::shared_ptr<FetchSession> peek(std::int32_t id) const {
        const auto at = sessions_.find(id);
        return at == sessions_.end() ? nullptr : at->second;
    }
    [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }

private:
    [[nodiscard]] bool make_room(Now now);

    std::size_t most_;
    SeededRandom random_;
    std::map<std::int32_t, std::shared_ptr<FetchSession>> sessions_;
};

}  // namespace kafka::testing
