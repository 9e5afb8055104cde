// SPDX-License-Identifier: Apache-2.0
// What to do about each error: a sentence for those who meet it.
#include <kafka/error.hpp>

namespace kafka {
namespace {

std::string_view advice_on(errc e) noexcept {
    switch (e) {
        case errc::connection_closed:
            return "make a new object, if this one was not meant to be closed yet";
        case errc::connection_lost:
            return "try again; if it happens at once each time, look into the broker's log, and "
                   "whether the port expects TLS";
        case errc::connect_timed_out:
            return "check that host and port are reachable from here (firewall, security group, "
                   "VPN), or allow more time";
        case errc::request_timed_out:
            return "allow more time, or look at the load of the broker; a write may have taken "
                   "effect, so look before it is repeated";
        case errc::resolve_failed:
            return "check the spelling of the host name, and that this machine's resolver knows it";
        case errc::not_connected:
            return "connect first, and wait until that has succeeded";
        case errc::already_connected:
            return "use the connection that is open, or make another object for another broker";
        case errc::too_many_in_flight:
            return "wait for answers before sending more, or raise the bound in the configuration";
        case errc::frame_too_large:
            return "ask for less at once (max_bytes of a fetch), or raise the frame limit of the "
                   "configuration";
        case errc::malformed_frame:
            return "check that the address is a Kafka listener and that TLS is configured on both "
                   "sides alike";
        case errc::not_kafka:
            return "check the port: it must be a Kafka listener, with the security.protocol that "
                   "is configured here";
        case errc::unexpected_correlation:
            return "look for a proxy between client and broker that mixes up answers";
        case errc::malformed_message:
            return "report it, with the detail and the broker's version: client and broker "
                   "disagree about the protocol";
        case errc::malformed_records:
            return "find out who wrote the batch; to go on, seek behind it";
        case errc::corrupt_records:
            return "read again, from another replica if there is one; if it stays, the broker's "
                   "disk or memory is damaged";
        case errc::decompression_failed:
            return "find out who wrote the batch; to go on, seek behind it";
        case errc::limit_exceeded:
            return "ask for less at once, or raise the limit that the detail names";
        case errc::unsupported_codec:
            return "build the library with this codec, or have the data written with another one";
        case errc::unsupported_api:
            return "do without it, or use a newer broker";
        case errc::unsupported_version:
            return "use a broker and a client whose ranges meet; the detail has both ranges";
        case errc::not_in_version:
            return "leave the field out, or use a broker that knows a newer version of the request";
        case errc::invalid_argument:
            return "correct the argument that the detail names";
        case errc::compression_failed:
            return "choose another codec or level; the detail has the codec's own words";
        case errc::blocking_misuse:
            return "call from another thread, or use the asynchronous form";
        case errc::sasl_authentication_failed:
            return "check user name, password, token or ticket, and that the broker has this user "
                   "for this mechanism";
        case errc::sasl_mechanism_unsupported:
            return "choose one of the mechanisms that the detail lists, or build the library with "
                   "this one";
        case errc::tls_failed:
            return "check that the port speaks TLS, and which versions and ciphers both sides "
                   "accept";
        case errc::certificate_rejected:
            return "give the authority that signed the broker's certificate (ssl.ca.location), and "
                   "use a host name that stands in it";
        case errc::client_certificate_rejected:
            return "give a certificate and key that an authority of the broker's trust store has "
                   "signed, and that are valid today";
        case errc::tls_unsupported:
            return "build the library with OpenSSL, or use a plaintext listener";
        case errc::delivery_timed_out:
            return "write it again, or allow more time (delivery_timeout); the detail says what "
                   "went wrong last";
        case errc::outcome_unknown:
            return "look at what is stored before it is done again, or make sure that readers "
                   "take it twice without harm";
        case errc::buffer_full:
            return "write less, wait for room (async_write), or raise buffer_memory";
        case errc::topic_not_ready:
            return "use async_write, which waits for them, or ask for the topic's metadata first";
        case errc::no_transaction:
            return "begin a transaction first; a writer with a transactional id writes in no other "
                   "way";
        case errc::transaction_failed:
            return "abort the transaction, and do all of it again in a new one";
        case errc::wrong_state:
            return "do first what the detail names";
    }
    return "report it: the library does not know this code of its own";
}

std::string_view advice_on(broker_errc e) noexcept {
    switch (e) {
        case broker_errc::none:
            return "nothing needs to be done";

        // The cluster is changing: time mends it.
        case broker_errc::leader_not_available:
        case broker_errc::not_leader_or_follower:
        case broker_errc::replica_not_available:
        case broker_errc::fenced_leader_epoch:
        case broker_errc::unknown_leader_epoch:
        case broker_errc::offset_not_available:
        case broker_errc::new_leader_elected:
            return "ask for the topic's metadata and try again at its leader; a client does so by "
                   "itself";
        case broker_errc::coordinator_load_in_progress:
        case broker_errc::coordinator_not_available:
        case broker_errc::not_coordinator:
            return "look up the coordinator and try again after a pause; if it lasts, see whether "
                   "the internal topics have live leaders";
        case broker_errc::not_controller:
            return "ask for metadata and try again at the controller";
        case broker_errc::request_timed_out:
            return "try again, with more time; if it lasts, see whether replicas keep up";
        case broker_errc::network_exception:
            return "try again; if it lasts, look into the broker's log";
        case broker_errc::broker_not_available:
        case broker_errc::broker_id_not_registered:
            return "see whether the broker runs and whether its id is the one that was meant";
        case broker_errc::not_enough_replicas:
        case broker_errc::not_enough_replicas_after_append:
            return "bring the missing brokers back, or lower min.insync.replicas of the topic";
        case broker_errc::kafka_storage_error:
            return "replace the disk of the broker, or move the partition; a client goes on with "
                   "the next leader";
        case broker_errc::preferred_leader_not_available:
        case broker_errc::eligible_leaders_not_available:
            return "bring a replica of the partition back first";
        case broker_errc::election_not_needed:
            return "nothing needs to be done, the leader is the wanted one";
        case broker_errc::listener_not_found:
            return "give every broker a listener of that name, or connect through one that all "
                   "have";
        case broker_errc::throttling_quota_exceeded:
            return "wait for as long as the answer says, or raise the quota of this principal";
        case broker_errc::concurrent_transactions:
            return "try again after a short pause";

        // Topics and partitions.
        case broker_errc::unknown_topic_or_partition:
            return "create the topic, correct its name, or grant DESCRIBE on it";
        case broker_errc::unknown_topic_id:
        case broker_errc::inconsistent_topic_id:
            return "ask for metadata: the topic was deleted, or deleted and created anew";
        case broker_errc::invalid_topic_exception:
            return "use at most 249 of the characters a-z A-Z 0-9 . _ - in a topic's name, and "
                   "leave internal topics alone";
        case broker_errc::topic_already_exists:
            return "use the topic that is there, or choose another name";
        case broker_errc::topic_deletion_disabled:
            return "set delete.topic.enable on the brokers";
        case broker_errc::invalid_partitions:
            return "ask for at least one partition, and for more than there are when adding some";
        case broker_errc::invalid_replication_factor:
            return "ask for no more replicas than there are brokers";
        case broker_errc::invalid_replica_assignment:
            return "name registered brokers, each once in a partition, the same number for every "
                   "partition";
        case broker_errc::reassignment_in_progress:
            return "wait until the replicas have moved, or cancel the reassignment";
        case broker_errc::no_reassignment_in_progress:
            return "nothing needs to be cancelled";
        case broker_errc::ineligible_replica:
            return "wait until the replica's broker is up and not fenced";
        case broker_errc::invalid_config:
        case broker_errc::policy_violation:
            return "correct what the broker's message names";

        // Records.
        case broker_errc::offset_out_of_range:
            return "start from the first or the last offset of the partition, as auto.offset.reset "
                   "says";
        case broker_errc::offset_moved_to_tiered_storage:
            return "read the offset through a client that fetches from tiered storage, or from a "
                   "later offset";
        case broker_errc::corrupt_message:
            return "send it again; if the topic is compacted, give each record a key";
        case broker_errc::message_too_large:
        case broker_errc::record_list_too_large:
            return "send smaller batches, or raise max.message.bytes (segment.bytes) of the topic";
        case broker_errc::invalid_timestamp:
            return "correct the record's timestamp or this machine's clock, or raise "
                   "message.timestamp.before.max.ms or after.max.ms of the topic";
        case broker_errc::invalid_record:
            return "correct the record that the answer names; compacted topics want a key";
        case broker_errc::invalid_required_acks:
            return "set acks to 0, 1 or all";
        case broker_errc::invalid_fetch_size:
            return "ask for at least one byte";
        case broker_errc::unsupported_compression_type:
            return "use a newer client or broker for zstd, or another codec";
        case broker_errc::unsupported_for_message_format:
            return "have the topic stored in a newer message format";
        case broker_errc::fetch_session_id_not_found:
        case broker_errc::invalid_fetch_session_epoch:
        case broker_errc::fetch_session_topic_id_error:
            return "begin a new fetch session; a client does so by itself";

        // Groups.
        case broker_errc::illegal_generation:
        case broker_errc::unknown_member_id:
        case broker_errc::rebalance_in_progress:
        case broker_errc::member_id_required:
        case broker_errc::fenced_member_epoch:
        case broker_errc::stale_member_epoch:
            return "join the group again, and commit offsets with the new generation; if it "
                   "recurs, processing takes longer than max.poll.interval.ms";
        case broker_errc::fenced_instance_id:
        case broker_errc::unreleased_instance_id:
            return "give each member a group.instance.id of its own, and end the other holder";
        case broker_errc::inconsistent_group_protocol:
            return "give all members of the group an assignor in common and the same kind of "
                   "protocol";
        case broker_errc::unsupported_assignor:
            return "choose one of the assignors that the brokers have (group.consumer.assignors)";
        case broker_errc::invalid_group_id:
            return "set group.id to a name that is not empty";
        case broker_errc::group_id_not_found:
            return "check the name; an empty group is removed when its offsets expire";
        case broker_errc::non_empty_group:
            return "stop all members of the group first";
        case broker_errc::group_max_size_reached:
            return "start fewer members, or raise group.max.size on the brokers";
        case broker_errc::group_subscribed_to_topic:
            return "stop the members that subscribe to the topic first";
        case broker_errc::group_deletion_failed:
            return "follow the answer's message";
        case broker_errc::invalid_session_timeout:
            return "choose session.timeout.ms between group.min.session.timeout.ms and "
                   "group.max.session.timeout.ms of the brokers";
        case broker_errc::offset_metadata_too_large:
        case broker_errc::invalid_commit_offset_size:
            return "commit shorter metadata, or raise offset.metadata.max.bytes on the brokers";
        case broker_errc::unstable_offset_commit:
            return "try again when the transaction is over; it ends at its time-out at the latest";
        case broker_errc::invalid_regular_expression:
            return "correct the expression; brokers use the syntax of RE2";

        // Producers and transactions.
        case broker_errc::out_of_order_sequence_number:
        case broker_errc::duplicate_sequence_number:
            return "let only one producer use this producer id; a batch before this one may be "
                   "lost, so look before sending it again";
        case broker_errc::unknown_producer_id:
            return "get a new producer id or epoch and go on";
        case broker_errc::invalid_producer_epoch:
        case broker_errc::producer_fenced:
            return "end this producer: another one with the same transactional id has taken over";
        case broker_errc::invalid_producer_id_mapping:
        case broker_errc::transactional_id_not_found:
            return "initialise the producer anew; ids that are not used expire "
                   "(transactional.id.expiration.ms)";
        case broker_errc::invalid_txn_state:
            return "begin, commit and abort in order; abort the transaction or make the producer "
                   "anew";
        case broker_errc::transaction_abortable:
            return "abort the transaction and do its work again";
        case broker_errc::invalid_transaction_timeout:
            return "lower transaction.timeout.ms, or raise transaction.max.timeout.ms on the "
                   "brokers";
        case broker_errc::transaction_coordinator_fenced:
            return "nothing needs to be done here: the new coordinator finishes the transaction";

        // Permissions.
        case broker_errc::topic_authorization_failed:
            return "grant this principal READ, WRITE, DESCRIBE or what is asked for on the topic";
        case broker_errc::group_authorization_failed:
            return "grant this principal READ (or DESCRIBE) on the group";
        case broker_errc::cluster_authorization_failed:
            return "grant this principal the operation on the cluster resource (ALTER, CREATE, "
                   "IDEMPOTENT_WRITE on old brokers)";
        case broker_errc::transactional_id_authorization_failed:
            return "grant this principal WRITE (or DESCRIBE) on the transactional id";
        case broker_errc::delegation_token_authorization_failed:
            return "grant this principal DESCRIBE on the token, or ask its owner";
        case broker_errc::security_disabled:
            return "set authorizer.class.name on the brokers";
        case broker_errc::sasl_authentication_failed:
            return "check the credentials, and that the broker has this user for this mechanism";
        case broker_errc::unsupported_sasl_mechanism:
            return "choose a mechanism of the listener (sasl.enabled.mechanisms)";
        case broker_errc::illegal_sasl_state:
            return "check that the listener's security protocol is the one configured here";
        case broker_errc::delegation_token_auth_disabled:
            return "set delegation.token.secret.key on all brokers";
        case broker_errc::delegation_token_not_found:
        case broker_errc::delegation_token_expired:
            return "have a new token made";
        case broker_errc::delegation_token_owner_mismatch:
            return "ask the owner or a renewer of the token";
        case broker_errc::delegation_token_request_not_allowed:
            return "connect with SASL or a client certificate, and not with a token";
        case broker_errc::invalid_principal_type:
            return "write principals as User:NAME";
        case broker_errc::unacceptable_credential:
            return "choose at least 4096 and at most 16384 iterations and a user name that is not "
                   "empty";
        case broker_errc::principal_deserialization_failure:
            return "give all brokers and controllers the same principal builder";

        // Requests.
        case broker_errc::unknown_server_error:
            return "look into the broker's log";
        case broker_errc::unsupported_version:
            return "use a newer broker, or do without what the request asks for";
        case broker_errc::invalid_request:
            return "correct what the broker's message names; if it names nothing, its log does";
        case broker_errc::operation_not_attempted:
            return "mend the item that failed and send all of them again";
        case broker_errc::duplicate_resource:
            return "name each resource once";
        case broker_errc::resource_not_found:
            return "check the names in the request";
        case broker_errc::log_dir_not_found:
            return "name a path from log.dirs of that broker";
        case broker_errc::rebootstrap_required:
            return "start from the bootstrap servers; a client does so by itself";
        case broker_errc::telemetry_too_large:
            return "send less, as telemetry.max.bytes says";
        case broker_errc::unknown_subscription_id:
            return "ask for the telemetry subscription again";

        // Share groups.
        case broker_errc::invalid_record_state:
            return "acknowledge each record once, within the time of its lock";
        case broker_errc::share_session_not_found:
        case broker_errc::invalid_share_session_epoch:
            return "begin a new share session; what was not acknowledged is delivered again";
        case broker_errc::share_session_limit_reached:
            return "try again later, or raise group.share.max.share.sessions on the brokers";
        case broker_errc::fenced_state_epoch:
            return "read the share state again; another coordinator has written it";

        // Streams groups.
        case broker_errc::streams_invalid_topology:
        case broker_errc::streams_invalid_topology_epoch:
        case broker_errc::streams_topology_fenced:
        case broker_errc::streams_topology_description_update_failed:
            return "start all instances of the application with the same topology";

        // The cluster's own affairs.
        case broker_errc::inconsistent_cluster_id:
            return "correct the address: it belongs to another cluster";
        case broker_errc::mismatched_endpoint_type:
        case broker_errc::unsupported_endpoint_type:
            return "ask a broker for what brokers answer, and a controller for the rest "
                   "(bootstrap.servers, bootstrap.controllers)";
        case broker_errc::unknown_controller_id:
        case broker_errc::controller_id_not_registered:
            return "see whether the controller runs and whether its id is the one that was meant";
        case broker_errc::invalid_update_version:
        case broker_errc::feature_update_failed:
            return "see which levels all brokers and controllers support, and upgrade those that "
                   "do not";
        case broker_errc::inconsistent_voter_set:
        case broker_errc::invalid_voter_key:
        case broker_errc::duplicate_voter:
        case broker_errc::voter_not_found:
            return "describe the quorum, and name voters by id and directory id as it shows them";
        case broker_errc::snapshot_not_found:
        case broker_errc::position_out_of_range:
            return "begin with the newest snapshot";
        case broker_errc::stale_controller_epoch:
        case broker_errc::stale_broker_epoch:
        case broker_errc::duplicate_broker_registration:
        case broker_errc::invalid_registration:
            return "look into the logs of broker and controller: two nodes may share an id";
    }
    return "update this client: the code is newer than it is";
}

}  // namespace

std::string_view error_advice(const std::error_code& ec) noexcept {
    if (ec.category() == broker_category())
        return advice_on(static_cast<broker_errc>(static_cast<std::int16_t>(ec.value())));
    if (!ec) return advice_on(broker_errc::none);
    if (ec.category() == client_category()) return advice_on(static_cast<errc>(ec.value()));
    if (ec == error_kind::retriable)
        return "try again; if it lasts, see whether the broker runs and is reachable from here";
    return "see what the operating system or the library that is named says of it";
}

}  // namespace kafka
