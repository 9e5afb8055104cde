// SPDX-License-Identifier: Apache-2.0
// What each code on a batch means: whether it is tried again, and whether it may be stored.
#include "core/produce/error_policy.hpp"

#include <initializer_list>

#include "core/produce/produce_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;
using Verdict = ProduceVerdict;

TEST_CASE("no code of any number is taken for an acknowledgement, but a repeated sequence") {
    for (int code = -32768; code <= 32767; ++code) {
        const auto row = refused(0, static_cast<broker_errc>(code));
        const auto judgement = judge(row);
        if (code == 46)
            CHECK(judgement.verdict == Verdict::duplicate);
        else
            CHECK(judgement.verdict != Verdict::stored);
    }
    CHECK(judge(stored(0, 0)).verdict == Verdict::stored);
}

TEST_CASE("codes that nobody knows leave open whether the records are stored") {
    for (const int code : {-1, -2, 137, 999, 32767}) {
        const auto judgement = judge(refused(0, static_cast<broker_errc>(code)));
        CHECK(judgement.maybe_stored);
        CHECK(judgement.verdict == Verdict::refused);
    }
}

TEST_CASE("codes of storage and time leave it open too, and are tried again") {
    for (const auto code :
         {broker_errc::request_timed_out, broker_errc::not_enough_replicas_after_append,
          broker_errc::kafka_storage_error, broker_errc::network_exception}) {
        const auto judgement = judge(refused(0, code));
        CHECK(judgement.maybe_stored);
        CHECK((judgement.verdict == Verdict::again || judgement.verdict == Verdict::elsewhere));
    }
}

TEST_CASE("C18: what a broker checks before it writes is not stored") {
    struct Case {
        broker_errc code;
        Verdict verdict;
    };
    for (const auto& one : std::initializer_list<Case>{
             {broker_errc::not_enough_replicas, Verdict::again},
             {broker_errc::corrupt_message, Verdict::again},
             {broker_errc::not_leader_or_follower, Verdict::elsewhere},
             {broker_errc::fenced_leader_epoch, Verdict::elsewhere},
             {broker_errc::unknown_leader_epoch, Verdict::elsewhere},
             {broker_errc::unknown_topic_or_partition, Verdict::elsewhere},
             {broker_errc::unknown_topic_id, Verdict::elsewhere},
             {broker_errc::message_too_large, Verdict::too_large},
             {broker_errc::record_list_too_large, Verdict::too_large},
             {broker_errc::invalid_record, Verdict::refused},
             {broker_errc::invalid_timestamp, Verdict::refused},
             {broker_errc::topic_authorization_failed, Verdict::refused},
             {broker_errc::unsupported_version, Verdict::refused},
             {broker_errc::unsupported_for_message_format, Verdict::refused},
             {broker_errc::unsupported_compression_type, Verdict::refused},
             {broker_errc::invalid_required_acks, Verdict::refused},
             {broker_errc::out_of_order_sequence_number, Verdict::sequence},
             {broker_errc::unknown_producer_id, Verdict::sequence},
             {broker_errc::invalid_producer_epoch, Verdict::sequence},
             {broker_errc::producer_fenced, Verdict::fatal},
             {broker_errc::cluster_authorization_failed, Verdict::fatal},
         }) {
        CAPTURE(static_cast<int>(one.code));
        const auto judgement = judge(refused(0, one.code));
        CHECK(judgement.verdict == one.verdict);
        CHECK_FALSE(judgement.maybe_stored);
    }
}

TEST_CASE("C18: a refusal ends the batch with the broker's words, made printable") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"x"});
    auto row = refused(0, broker_errc::unsupported_compression_type);
    row.error_message = "no\nzstd";
    s.answer(s.next(), {row});
    CHECK(s.ending(1).kind == Kind::failed);
    CHECK(s.ending(1).code == broker_errc::unsupported_compression_type);
    CHECK(s.ending(1).detail == "no\\x0azstd");
}

TEST_CASE("a bound on attempts ends a batch with its last error") {
    ProduceLimits limits;
    limits.max_attempts = 2;
    Script s(limits);
    s.ready({1});
    s.submit(1, 0, {"x"});
    s.answer(s.next(), {refused(0, broker_errc::not_enough_replicas)});
    s.run_for(1s);
    s.answer(s.next(), {refused(0, broker_errc::not_enough_replicas)});
    CHECK(s.ending(1).kind == Kind::failed);
    CHECK(s.ending(1).code == broker_errc::not_enough_replicas);
}
