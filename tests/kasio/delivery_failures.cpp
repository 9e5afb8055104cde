// SPDX-License-Identifier: Apache-2.0
#include "delivery_failures.hpp"

#include <doctest/doctest.h>

#include <kafka/error.hpp>

using namespace kasio;
using kafka::broker_errc;
using kafka::errc;

namespace {

const std::error_code late = errc::delivery_timed_out;
const std::error_code large = broker_errc::message_too_large;

std::string sentence_of(const DeliveryFailures& failures, const std::string& broker = {},
                        const DeliveryFailures::Place& place = {}) {
    REQUIRE(failures.groups().size() == 1);
    return problem_of(failures.groups().front(), "t", broker, place).sentence;
}

}  // namespace

TEST_CASE("one record is named by its number and size") {
    DeliveryFailures failures;
    CHECK(failures.empty());
    failures.add(2, 7, 4, late, "the last try: refused");
    CHECK(failures.count() == 1);
    CHECK(sentence_of(failures) ==
          "topic t partition 2: record 7 (4 bytes) could not be delivered: " + late.message() +
              ": the last try: refused");
}

TEST_CASE("records with one reason share a sentence, which says which they are") {
    DeliveryFailures failures;
    for (const unsigned number : {4U, 3U, 5U})
        failures.add(0, number, 1, late, "");
    CHECK(sentence_of(failures).starts_with("topic t partition 0: records 3 to 5 could not"));
    failures.add(0, 9, 1, late, "");
    CHECK(sentence_of(failures).starts_with(
        "topic t partition 0: 4 records between numbers 3 and 9 could not"));
}

TEST_CASE("where a record stood is told as well") {
    const auto place = [](std::uint64_t number) {
        return "line " + std::to_string(number) + " of f";
    };
    DeliveryFailures failures;
    failures.add(-1, 7, 4, late, "");
    CHECK(sentence_of(failures, "", place)
              .starts_with("topic t: record 7 (line 7 of f, 4 bytes) could not"));
    failures.add(-1, 8, 4, late, "");
    CHECK(sentence_of(failures, "", place)
              .starts_with("topic t: records 7 to 8 (from line 7 of f on) could not"));
}

TEST_CASE("records without numbers are counted") {
    DeliveryFailures failures;
    failures.add(0, 0, 4, late, "");
    CHECK(sentence_of(failures).starts_with("topic t partition 0: a record (4 bytes) could not"));
    failures.add(0, 0, 4, late, "");
    CHECK(sentence_of(failures).starts_with("topic t partition 0: 2 records could not"));
}

TEST_CASE("a broker's word has the broker's name, and the status of a refusal") {
    DeliveryFailures failures;
    failures.add(0, 2, 9, large, "above 5");
    const auto problem = problem_of(failures.groups().front(), "t", "broker 1 (h:9)");
    CHECK(problem.status == Exit::refused);
    CHECK(problem.sentence.ends_with(large.message() + ": broker 1 (h:9), above 5"));
}

TEST_CASE("what is late, or whose end is not known, has the status of what cannot be reached") {
    for (const std::error_code error :
         {late, make_error_code(errc::outcome_unknown), make_error_code(errc::buffer_full)}) {
        DeliveryFailures failures;
        failures.add(0, 1, 1, error, "");
        CHECK(problem_of(failures.groups().front(), "t").status == Exit::unreachable);
    }
    DeliveryFailures failures;
    failures.add(0, 1, 1, errc::outcome_unknown, "");
    CHECK(sentence_of(failures).find("could not be delivered for certain") != std::string::npos);
}

TEST_CASE("what was given up at the end is not blamed on a connection") {
    DeliveryFailures failures;
    failures.add(0, 1, 1, errc::connection_closed, "close() gave up");
    CHECK(sentence_of(failures) ==
          "topic t partition 0: record 1 (1 bytes) could not be delivered: it was given up when "
          "the command ended");
}

TEST_CASE("there are no more reasons than can be read, and no record is left uncounted") {
    DeliveryFailures failures;
    for (int i = 0; i < 100; ++i)
        failures.add(i, 1, 1, late, "");
    CHECK(failures.groups().size() == DeliveryFailures::most_groups);
    CHECK(failures.further() == 100 - DeliveryFailures::most_groups);
    CHECK(failures.count() == 100);
    failures.add(0, 2, 1, late, "");
    CHECK(failures.groups().front().count == 2);
}
