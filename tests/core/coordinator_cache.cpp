// SPDX-License-Identifier: Apache-2.0
#include "core/coordinator_cache.hpp"

#include "core/cluster_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::testing;
using protocol::FindCoordinatorResponse;
using Type = CoordinatorCache::Type;

namespace {

FindCoordinatorResponse::Coordinator row(std::string key, std::int32_t node, std::string host = "b",
                                         std::int32_t port = 9092, std::int16_t code = 0) {
    return {.key = std::move(key),
            .node_id = node,
            .host = std::move(host),
            .port = port,
            .error_code = code};
}

struct Fixture {
    CoordinatorCache cache{Backoff{}};
    Metadata metadata{{}};
    Time now = at(0ms);

    const CoordinatorCache::Entry& look_up(const std::string& key,
                                           std::vector<FindCoordinatorResponse::Coordinator> rows) {
        (void)cache.find(Type::group, key, now);
        now = std::max(now, cache.due());
        const auto keys = cache.take_wanted(Type::group, now);
        FindCoordinatorResponse answer;
        answer.coordinators = std::move(rows);
        cache.update(Type::group, keys, answer, metadata, now, 0.5);
        return cache.find(Type::group, key, now);
    }
};

}  // namespace

TEST_CASE("a coordinator is looked up once and then known, with its address") {
    Fixture f;
    CHECK(f.look_up("g", {row("g", 4, "b4")}).broker == 4);
    CHECK(f.metadata.broker(4)->host == "b4");
    CHECK(f.cache.take_wanted(Type::group, f.now).empty());
}

TEST_CASE("groups and transactional ids of one name have coordinators of their own") {
    Fixture f;
    f.look_up("x", {row("x", 4)});
    CHECK(f.cache.find(Type::transaction, "x", f.now).broker == -1);
    CHECK(f.cache.take_wanted(Type::transaction, f.now) == std::vector<std::string>{"x"});
}

TEST_CASE("all keys that are wanted are looked up together") {
    Fixture f;
    (void)f.cache.find(Type::group, "a", f.now);
    (void)f.cache.find(Type::group, "b", f.now);
    CHECK(f.cache.take_wanted(Type::group, f.now).size() == 2);
    CHECK(f.cache.take_wanted(Type::group, f.now).empty());  // under way
}

TEST_CASE("BI-50: an answer for another key, or for none, counts for nothing and is asked again") {
    Fixture f;
    CHECK(f.look_up("g", {row("other", 4)}).broker == -1);
    CHECK(f.cache.due() > f.now);
    CHECK(f.look_up("g", {}).broker == -1);
    CHECK(f.metadata.brokers().empty());
    CHECK(f.look_up("g", {row("g", 2)}).broker == 2);
}

TEST_CASE("BI-50: a coordinator -1 without an error, or one without an address, is none") {
    Fixture f;
    CHECK(f.look_up("g", {row("g", -1)}).broker == -1);
    CHECK(f.look_up("g", {row("g", 3, "")}).broker == -1);
    CHECK(f.look_up("g", {row("g", 3, "b", 0)}).broker == -1);
    CHECK(f.look_up("g", {row("g", 3, "b", 70'000)}).broker == -1);
    CHECK(f.cache.find(Type::group, "g", f.now).failures == 4);
    CHECK(f.cache.due() >= f.now + 640ms);
}

TEST_CASE("an error that another try will not mend is kept for those who wait, others are not") {
    Fixture f;
    CHECK(f.look_up("g", {row("g", -1, "", -1, 30)}).error == 30);
    CHECK(f.look_up("h", {row("h", -1, "", -1, 15)}).error == 0);
}

TEST_CASE("a coordinator that is forgotten is looked up again after a pause") {
    Fixture f;
    f.look_up("g", {row("g", 4)});
    f.cache.forget(Type::group, "g", f.now, 0.5);
    CHECK(f.cache.find(Type::group, "g", f.now).broker == -1);
    CHECK(f.cache.take_wanted(Type::group, f.now).empty());
    CHECK(f.cache.due() > f.now);
    CHECK(f.cache.take_wanted(Type::group, f.cache.due()).size() == 1);
}

TEST_CASE("with many thousand names the ones longest unused go") {
    Fixture f;
    for (int i = 0; i < 30'000; ++i) {
        f.now += 1ms;
        f.look_up("g" + std::to_string(i), {row("g" + std::to_string(i), 1)});
    }
    CHECK(f.cache.find(Type::group, "g29999", f.now).broker == 1);
    CHECK(f.cache.find(Type::group, "g0", f.now).broker == -1);
}
