// SPDX-License-Identifier: Apache-2.0
// What a Fetch asks for: all that it names, or in a session (KIP-227) what earlier ones have named.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <kafka/protocol/fetch.hpp>
#include <kafka/uuid.hpp>

#include "log.hpp"

namespace yardstick {

/// One partition of a Fetch, and what is answered of it.
struct Wanted {
    std::size_t topic = 0;  // index into Fetching::topics
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int32_t max_bytes = 0;
    bool forgotten = false;
    // The answer.
    std::int16_t error = 0;
    Log::Cursor from;
    int batches = 0;
    std::size_t bytes = 0;
    std::int64_t told = -1;  // the high watermark that the client was told last; -1: none yet
};

/// The partitions of one Fetch, or of a session.
class Fetching {
public:
    struct Topic {
        std::string name;
        kafka::Uuid id;
    };

    /// What `request` names, and nothing else.
    void replace(const kafka::protocol::FetchRequest& request);
    /// An incremental request: adds or changes what it names, forgets what it wants forgotten.
    void change(const kafka::protocol::FetchRequest& request);

    [[nodiscard]] const Topic& topic(const Wanted& row) const { return topics_[row.topic]; }
    [[nodiscard]] std::vector<Wanted>& rows() { return rows_; }

    // Of a session.
    std::int32_t id = 0;  // 0: none is open
    std::int32_t next_epoch = 1;
    std::size_t first = 0;  // the row that is read first, so that all get their turn

private:
    std::size_t index(const std::string& name, const kafka::Uuid& uuid);
    void add(std::size_t topic, const kafka::protocol::FetchRequest::Partition& asked);

    std::vector<Topic> topics_;
    std::vector<Wanted> rows_;
    std::map<std::pair<std::size_t, std::int32_t>, std::size_t> places_;  // sessions only
};

}  // namespace yardstick
