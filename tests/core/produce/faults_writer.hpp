// SPDX-License-Identifier: Apache-2.0
// FaultWriter: ProduceCore, and TransactionCore before it, against the brokers' core, driven as
// WriterImpl drives them: connections, metadata, producer ids and coordinators are all real.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/metadata.hpp"
#include "core/produce/faults_conn.hpp"
#include "core/produce/produce_core.hpp"
#include "core/produce/transaction_core.hpp"
#include "testing/sim_cluster.hpp"

namespace kafka::core::produce_faults {

/// What the writers of a run share.
struct World {
    explicit World(testing::SimulationOptions options, ClusterLimits limits = {})
        : random(options.seed ^ 0x5eed),
          simulation(std::move(options)),
          cluster(simulation, std::move(limits)) {}

    [[nodiscard]] Time now() const noexcept { return simulation.now(); }
    [[nodiscard]] std::size_t below(std::size_t bound) { return random.next() % bound; }
    [[nodiscard]] bool chance(unsigned percent) { return below(100) < percent; }
    /// The first fault that is found counts.
    void wrong(const std::string& what) {
        if (what_is_wrong.empty()) what_is_wrong = what;
    }

    testing::SeededRandom random;
    ByteFaults bytes;
    Simulation simulation;
    testing::SimCluster cluster;  // bootstrap, coordinators, producer ids, metadata requests
    std::string what_is_wrong;
};

struct FaultBatch : ProduceBatch {
    std::vector<std::size_t> records;  // their numbers in the journal
};

class FaultWriter final : public testing::SimulatedClient {
public:
    struct Options {
        ProduceLimits produce;
        std::optional<TransactionLimits> transaction = std::nullopt;
        milliseconds request_timeout{1'000};
        milliseconds connect_timeout{500};
    };
    using OnOver = std::function<void(const ProduceCore::Over&)>;
    using OnDone = std::function<void(const TransactionCore::Done&)>;

    /// Neither is called from inside of a call to this.
    FaultWriter(World& world, Options options, OnOver on_over, OnDone on_done = {});
    ~FaultWriter() override;

    /// A batch that was used before, where there is one.
    [[nodiscard]] std::unique_ptr<FaultBatch> new_batch();
    void submit(std::unique_ptr<FaultBatch> batch);
    /// After a call to transaction().
    void pump() { schedule(); }
    [[nodiscard]] TransactionCore& transaction() noexcept { return *transaction_; }
    [[nodiscard]] const ProduceCore& core() const noexcept { return core_; }
    /// Producer ids that were given to it.
    [[nodiscard]] std::size_t identities() const noexcept { return identities_; }
    /// Everything ends.
    void close();
    [[nodiscard]] bool idle() const;

    void on_connected(StreamId, const std::error_code&) override {}
    void on_bytes(StreamId, std::span<const std::uint8_t>) override {}
    void on_closed(StreamId, const std::error_code&) override {}
    void on_time() override;

private:
    enum class Purpose : std::uint8_t { produce, control };
    struct Out {
        ProduceCore::RequestId request;
        Time sent;
        const protocol::ProduceRequest* message;
        std::vector<std::uint32_t> checksums;  // of its batches' bytes
    };
    struct Link {
        std::unique_ptr<FaultConn> conn;
        unsigned generation = 0;
        bool late = false;
        std::deque<Out> out;
        std::vector<std::function<void(const Failure&)>> waiting;  // for it to be open
    };
    struct Sent {
        std::uint64_t id;
        TransactionCore::Request request;
        std::int16_t oldest, newest;
    };
    using Key = std::pair<std::int32_t, Purpose>;

    void schedule();
    void run();
    void event(std::function<void()> what);
    void act(ProduceCore::Action& action);
    void act(TransactionCore::Action& action);

    void open(const Key& key, std::function<void(const Failure&)> told);
    void lost(const Key& key, unsigned generation, const Failure& failure);
    void look_after_links();
    void send(const ProduceCore::SendProduce& action);
    void take_answer(std::int32_t broker, ProduceCore::RequestId request, Failure failure,
                     bool sent, const protocol::ProduceResponse& response);
    void take_hints(const protocol::ProduceResponse& response);
    void ask_metadata();
    void take_metadata();
    void ask_producer_id();

    void send(std::shared_ptr<Sent> sent);
    void send_to(std::int32_t coordinator, const std::shared_ptr<Sent>& sent);
    void forget_coordinator(const Sent& sent);

    World& world_;
    const Options options_;
    const OnOver on_over_;
    const OnDone on_done_;
    std::unique_ptr<TransactionCore> transaction_;
    ProduceCore core_;
    Metadata metadata_;
    std::map<Key, Link> links_;
    std::vector<std::unique_ptr<FaultConn>> old_;  // closed
    std::map<std::string, std::int32_t> coordinators_;
    std::vector<std::unique_ptr<FaultBatch>> pool_;
    std::deque<std::function<void()>> events_;
    std::size_t identities_ = 0;
    bool scheduled_ = false;
    bool closed_ = false;
    Time last_run_{};
    unsigned runs_ = 0;  // at one time
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace kafka::core::produce_faults
