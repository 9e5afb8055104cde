// SPDX-License-Identifier: Apache-2.0
// A Fetch that is being answered: at once, or when enough has come or its time is over.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include <kafka/protocol/fetch.hpp>

#include "testing/broker_core.hpp"
#include "testing/fetch_session.hpp"

namespace kafka::testing {

struct Call;

struct ParkedFetch {
    int version = 0;
    std::int32_t correlation_id = 0;
    std::int32_t replica_id = -1;
    std::int64_t max_bytes = 0;
    std::int64_t min_bytes = 0;
    bool committed_only = false;
    bool incremental = false;
    Time deadline = never;
    std::shared_ptr<FetchSession> session;  // never null

    /// Those whose records it waits for.
    [[nodiscard]] std::vector<Partition*> partitions(Cluster& cluster) const;
    /// Answers if there is enough to say, or if the time is over; true if it did.
    bool complete(BrokerCore& core, Connection& connection, Now now);

private:
    struct Read {
        std::list<FetchedPartition>::iterator from;
        protocol::FetchResponse::PartitionData data;
    };
    struct Sum {
        std::int64_t bytes = 0;
        std::size_t readable = 0;  // partitions that are there
        bool urgent = false;       // something that does not wait
    };

    Sum read_all(Call& call, std::vector<Read>& reads, protocol::FetchResponse& response);
    void read_one(Call& call, const Topic& topic, Partition& partition,
                  const protocol::FetchRequest::Partition& wanted, Sum& sum,
                  protocol::FetchResponse::PartitionData& data);
    [[nodiscard]] broker_errc check(const Call& call, const Partition& partition,
                                    const protocol::FetchRequest::Partition& wanted) const;
    [[nodiscard]] Topic* find(Cluster& cluster, const FetchedPartition& fetched) const;
    [[nodiscard]] bool worth_telling(Read& read);

    std::size_t readable_before_ = SIZE_MAX;
};

}  // namespace kafka::testing
