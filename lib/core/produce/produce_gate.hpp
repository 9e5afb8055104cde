// SPDX-License-Identifier: Apache-2.0
// ProduceGate: what a transactional producer's batches have to ask.
#pragma once

#include <cstdint>

#include <kafka/result.hpp>

#include "core/produce/produce_batch.hpp"
#include "core/produce/sequence_state.hpp"

namespace kafka::core {

class ProduceGate {
public:
    /// In whose name batches are numbered; none: not now.
    [[nodiscard]] virtual ProducerId producer() const noexcept = 0;
    /// May a batch of that partition go now? "No" may make the gate see to it; when the answer has
    /// changed ProduceCore::on_gate() is called.
    [[nodiscard]] virtual bool may_send(TopicIndex topic, std::int32_t partition) = 0;
    /// False: what comes back without success ends, since its transaction will not be committed.
    [[nodiscard]] virtual bool may_retry() const noexcept = 0;
    /// The newest version of Produce that does what is needed.
    [[nodiscard]] virtual std::int16_t newest_version() const noexcept = 0;
    /// Records were not stored, or nobody knows: the transaction cannot be committed. `fatal`: nor
    /// can any other of this producer.
    virtual void on_batch_failed(const Failure& failure, bool fatal) = 0;

protected:
    ~ProduceGate() = default;
};

}  // namespace kafka::core
