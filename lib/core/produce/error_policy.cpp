// SPDX-License-Identifier: Apache-2.0
#include "core/produce/error_policy.hpp"

#include <kafka/error.hpp>

namespace kafka::core {
namespace {

/// Brokers say these before they write. Every other code, those of newer brokers included, leaves
/// open whether the records are in the log.
bool said_before_writing(broker_errc code) noexcept {
    switch (code) {
        case broker_errc::corrupt_message:
        case broker_errc::unknown_topic_or_partition:
        case broker_errc::leader_not_available:
        case broker_errc::not_leader_or_follower:  // see judge()
        case broker_errc::message_too_large:
        case broker_errc::record_list_too_large:
        case broker_errc::not_enough_replicas:
        case broker_errc::invalid_required_acks:
        case broker_errc::invalid_topic_exception:
        case broker_errc::topic_authorization_failed:
        case broker_errc::cluster_authorization_failed:
        case broker_errc::transactional_id_authorization_failed:
        case broker_errc::invalid_timestamp:
        case broker_errc::unsupported_version:
        case broker_errc::invalid_request:
        case broker_errc::unsupported_for_message_format:
        case broker_errc::unsupported_compression_type:
        case broker_errc::policy_violation:
        case broker_errc::out_of_order_sequence_number:
        case broker_errc::unknown_producer_id:
        case broker_errc::invalid_producer_epoch:
        case broker_errc::producer_fenced:
        case broker_errc::invalid_producer_id_mapping:
        case broker_errc::invalid_txn_state:
        case broker_errc::concurrent_transactions:
        case broker_errc::transaction_abortable:
        case broker_errc::coordinator_load_in_progress:
        case broker_errc::coordinator_not_available:
        case broker_errc::not_coordinator:
        case broker_errc::fenced_leader_epoch:
        case broker_errc::unknown_leader_epoch:
        case broker_errc::invalid_record:
        case broker_errc::unknown_topic_id:
        case broker_errc::inconsistent_topic_id:
        case broker_errc::throttling_quota_exceeded:
            return true;
        default:
            return false;
    }
}

}  // namespace

ProduceJudgement judge(const protocol::ProduceResponse::PartitionProduceResponse& row) noexcept {
    using Verdict = ProduceVerdict;
    const auto error = broker_error(row.error_code);
    if (!error) {
        // No error and no offset is no acknowledgement: the same batch is asked about again.
        if (row.base_offset < 0) return {Verdict::again, true};
        return {Verdict::stored, true};
    }
    const auto code = static_cast<broker_errc>(row.error_code);
    bool maybe = !said_before_writing(code);
    // With an offset it says: written here, and I was deposed before the others had it.
    if (code == broker_errc::not_leader_or_follower && row.base_offset >= 0) maybe = true;
    switch (code) {
        case broker_errc::duplicate_sequence_number:
            return {Verdict::duplicate, true};
        case broker_errc::message_too_large:
        case broker_errc::record_list_too_large:
            return {Verdict::too_large, maybe};
        case broker_errc::invalid_record:
        case broker_errc::invalid_timestamp:
            return {row.record_errors.empty() ? Verdict::refused : Verdict::records, maybe};
        case broker_errc::out_of_order_sequence_number:
        case broker_errc::unknown_producer_id:
        case broker_errc::invalid_producer_epoch:
            return {Verdict::sequence, maybe};
        case broker_errc::unknown_leader_epoch:
            return {Verdict::elsewhere, maybe};
        default:
            break;
    }
    if (is_fatal(error)) return {Verdict::fatal, maybe};
    if (is_stale_metadata(error)) return {Verdict::elsewhere, maybe};
    return {is_retriable(error) ? Verdict::again : Verdict::refused, maybe};
}

}  // namespace kafka::core
