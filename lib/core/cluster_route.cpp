// SPDX-License-Identifier: Apache-2.0
// ClusterCore: where the pieces of requests go, and sending them there.
#include <algorithm>
#include <charconv>
#include <functional>

#include <kafka/protocol/metadata.hpp>

#include "core/cluster_state.hpp"
#include "core/request_frame.hpp"

namespace kafka::core {
namespace {

constexpr std::int16_t metadata_key = 3;
constexpr std::int16_t init_producer_id_key = 22;
// Metadata takes topics by their ids alone from here.
constexpr std::int16_t metadata_with_ids = 12;

// How long an own request may be unanswered, the first time in a row.
constexpr milliseconds own_patience{3'000};

constexpr auto no_leader = static_cast<std::int16_t>(broker_errc::leader_not_available);
constexpr auto unknown_topic = static_cast<std::int16_t>(broker_errc::unknown_topic_or_partition);
constexpr auto unknown_id = static_cast<std::int16_t>(broker_errc::unknown_topic_id);
constexpr auto no_broker = static_cast<std::int16_t>(broker_errc::broker_not_available);

}  // namespace

struct ClusterCore::Router final : Placer {
    Router(ClusterCore& core, Piece& piece, Time now) : core_(core), piece_(piece), now_(now) {}

    // Not known, or said to be wrong. What was answered before the request began counts for
    // nothing; "unknown" must be said a few times.
    Place doubtful(std::int16_t code, std::optional<Time> answered) {
        const bool fresh = answered && *answered >= piece_.born;
        const bool retriable = is_retriable(broker_error(code));
        if (fresh && (!retriable || !piece_.call->call.retry)) return {unknown, code};
        if (fresh && is_unknown_topic(code)) {
            if (*answered > piece_.unknown_seen || piece_.unknown_tries == 0) {
                piece_.unknown_seen = *answered;
                ++piece_.unknown_tries;
            }
            if (piece_.unknown_tries >= core_.limits_.unknown_topic_tries) return {unknown, code};
        }
        if (fresh) piece_.last = {broker_error(code), ""};
        if (!core_.metadata_.asking()) core_.metadata_.stale();
        piece_.waits_for_metadata = true;
        return {};
    }

    Place partition(std::string_view name, const Uuid& id, std::int32_t number) override {
        auto& metadata = core_.metadata_;
        const auto* topic = name.empty() ? metadata.topic(id) : metadata.topic(name);
        if (name.empty())
            metadata.want(id, now_);
        else
            metadata.want(name, now_);
        if (!topic || !topic->data) {
            if (!topic && name.empty())
                if (const auto said = metadata.unknown_id(id)) return doubtful(unknown_id, said);
            piece_.waits_for_metadata = true;
            if (topic && topic->asked && !metadata.asking()) metadata.stale();
            return {};
        }
        const auto& data = *topic->data;
        if (data.error != 0) return doubtful(data.error, topic->answered);
        if (number < 0 || static_cast<std::size_t>(number) >= data.partitions.size())
            return doubtful(unknown_topic, topic->answered);
        const auto& partition = data.partitions[static_cast<std::size_t>(number)];
        // A leader that no list of brokers has is as good as none (BI-44).
        if (partition.leader < 0 || !metadata.broker(partition.leader))
            return doubtful(no_leader, topic->answered);
        piece_.leader_epoch = std::max(piece_.leader_epoch, partition.leader_epoch);
        return {partition.leader, 0, data.name, data.id};
    }

    Place coordinator(std::string_view key) override {
        const auto type = CoordinatorCache::type_of(piece_.call->route.to);
        const auto& entry = core_.coordinators_.find(type, key, now_);
        if (entry.broker >= 0) {
            if (core_.metadata_.broker(entry.broker)) return {entry.broker};
            core_.coordinators_.forget(type, key, now_, core_.random_.fraction());
            (void)core_.coordinators_.find(type, key, now_);
        } else if (entry.error != 0 && entry.answered >= piece_.born) {
            return {unknown, entry.error};
        }
        piece_.waits_for_coordinator = true;
        return {};
    }

    Place broker(std::string_view id) override {
        std::int32_t number = -1;
        const auto* end = id.data() + id.size();
        const auto [at, error] = std::from_chars(id.data(), end, number);
        if (error != std::errc() || at != end || !core_.metadata_.broker(number))
            return {unknown, no_broker};
        return {number};
    }

    ClusterCore& core_;
    Piece& piece_;
    const Time now_;
};

/// Looks, and asks for nothing: whether all of a refused piece has other leaders by now.
struct ClusterCore::NewLeaders final : Placer {
    NewLeaders(const Metadata& metadata, const Piece& piece) : metadata_(metadata), piece_(piece) {}

    Place partition(std::string_view name, const Uuid& id, std::int32_t number) override {
        const auto* topic = name.empty() ? metadata_.topic(id) : metadata_.topic(name);
        if (topic && topic->data && number >= 0 &&
            static_cast<std::size_t>(number) < topic->data->partitions.size()) {
            const auto& one = topic->data->partitions[static_cast<std::size_t>(number)];
            // Without epochs nobody knows which of two brokers' words is the later one.
            if (one.leader_epoch >= 0 && metadata_.broker(one.leader) &&
                (one.leader != piece_.refused_by || one.leader_epoch > piece_.leader_epoch))
                return {one.leader, 0, topic->data->name, topic->data->id};
        }
        all_ = false;
        return {};
    }
    Place coordinator(std::string_view) override { return {}; }
    Place broker(std::string_view) override { return {}; }

    const Metadata& metadata_;
    const Piece& piece_;
    bool all_ = true;
};

// Kafka's clients do not wait any more once the leader is known to be another one (KIP-951).
bool ClusterCore::has_new_leaders(Piece& piece) {
    if (piece.refused_by < 0 || !piece.call->splitter || bootstrapping_ ||
        piece.round > rounds_done_ || piece.looked_at == metadata_.version())
        return false;
    piece.looked_at = metadata_.version();
    NewLeaders leaders(metadata_, piece);
    const auto refused = piece.call->call.type->make_response();
    const auto cut = piece.call->splitter->cut(piece.request, leaders, refused.get());
    return leaders.all_ && !cut.wait && cut.error == 0;
}

// Everything that may go on goes on. The core's own requests may begin meanwhile, and answers of
// theirs make others go on: until nothing changes.
void ClusterCore::pump(Time now) {
    if (closed_ || std::exchange(pumping_, true)) return;
    for (;;) {
        sync_brokers(now);
        if (std::exchange(dirty_, false)) {
            wake_ = never;
            std::vector<std::uint64_t> ids;
            for (const auto& [id, piece] : waiting_)
                ids.push_back(id);
            for (const auto id : ids)
                if (const auto at = waiting_.find(id); at != waiting_.end())
                    advance(*at->second, now);
        }
        look_up_coordinators(now);
        refresh(now);
        find_seeds(now);
        if (!dirty_ && metadata_.version() == synced_) break;
    }
    BrokerPool::Attempt attempt;
    while (pool_.take(attempt)) {
        const auto& conn = *pool_.find(attempt.conn);
        const bool check = limits_.cluster_check && limits_.rebootstrap && conn.key.broker >= 0;
        push(Connect{conn.id, conn.key, conn.address, attempt.timeout,
                     check ? metadata_.cluster_id() : std::nullopt});
    }
    pumping_ = false;
}

void ClusterCore::advance(Piece& piece, Time now) {
    if (piece.state == Piece::State::sent) return;
    if (now < piece.not_before && !has_new_leaders(piece)) return wake_at(piece.not_before);
    if (piece.state == Piece::State::unrouted && !route(piece, now)) return;
    if (piece.any)
        place_any(piece, now);
    else
        place_on(piece, piece.broker, now);
}

// True: the piece is placed. False: it waits, or it is gone.
bool ClusterCore::route(Piece& piece, Time now) {
    auto& call = *piece.call;
    piece.waits_for_metadata = piece.waits_for_coordinator = false;
    const auto place = [&](std::int32_t broker) {
        piece.state = Piece::State::placed;
        piece.any = broker == Placer::anywhere;
        piece.broker = broker;
        return true;
    };
    const auto refuse = [&](std::string why) {
        fail_piece(piece, {errc::invalid_argument, std::move(why)}, now);
        return false;
    };
    if (call.own == Own::metadata) return place(Placer::anywhere);
    if (bootstrapping_) {
        piece.waits_for_metadata = true;
        if (!refreshing_ && !metadata_.is_stale()) metadata_.stale();
        return false;
    }
    if (piece.round > rounds_done_) {
        piece.waits_for_metadata = true;
        if (!refreshing_) metadata_.stale();
        return false;
    }
    if (call.call.kind == Kind::metadata) {
        if (rounds_done_ >= call.round) {
            piece_done(piece, nullptr, now);
        } else {
            piece.waits_for_metadata = true;
            if (!refreshing_ && !metadata_.is_lacking()) metadata_.stale();
        }
        return false;
    }
    if (call.call.kind == Kind::connection || call.own == Own::warming)
        return place(call.call.key.broker);
    if (call.call.broker) return place(*call.call.broker);
    const std::string api = call.call.type->request->api;
    switch (call.route.to) {
        case Destination::any:
            return place(Placer::anywhere);
        case Destination::broker:
            return refuse(api + " is for one broker: name it in the call's options");
        case Destination::refused:
            return refuse(api + " belongs to the opening of a connection");
        case Destination::controller:
            if (metadata_.controller() >= 0) return place(metadata_.controller());
            piece.waits_for_metadata = true;
            if (!metadata_.asking()) metadata_.stale();
            return false;
        case Destination::every:
            if (piece.broker >= 0) return place(piece.broker);
            break;
        default:
            break;
    }
    if (call.splitter) return route_cut(piece, now);
    const auto key = coordinator_key(call.route, *call.call.type->request, piece.request.get());
    if (key.empty() && call.route.api_key == init_producer_id_key)
        return place(Placer::anywhere);  // idempotence without transactions
    if (key.empty()) return refuse(api + " does not say for which group or transactional id it is");
    const auto found = Router(*this, piece, now).coordinator(key);
    if (found.error != 0) {
        fail_piece(piece, {broker_error(found.error), "looking for the coordinator"}, now);
        return false;
    }
    return found.broker != Placer::unknown && place(found.broker);
}

bool ClusterCore::route_cut(Piece& piece, Time now) {
    auto& call = *piece.call;
    Cut cut;
    if (call.route.to == Destination::every) {
        for (const auto& broker : metadata_.brokers())
            cut.parts.push_back({broker.id, piece.request});
    } else {
        auto refused = call.call.type->make_response();
        Router router(*this, piece, now);
        cut = call.splitter->cut(piece.request, router, refused.get());
        if (cut.wait) return false;
        if (cut.error != 0) {
            fail_piece(piece, {broker_error(cut.error), "looking for where it goes"}, now);
            return false;
        }
        if (!call.apart && cut.parts.size() > 1) {
            fail_piece(piece,
                       {errc::invalid_argument,
                        std::string(call.call.type->request->api) +
                            " cannot be cut, and what it names is on several brokers"},
                       now);
            return false;
        }
        if (cut.refused) merge_result(call, std::move(refused));
    }
    if (cut.parts.empty()) {
        piece_done(piece, nullptr, now);
        return false;
    }
    call.spans = call.spans || cut.parts.size() > 1 || cut.refused;
    for (std::size_t i = 0; i < cut.parts.size(); ++i) {
        auto& part = i == 0 ? piece : add_piece(call, nullptr);
        part.request = std::move(cut.parts[i].request);
        part.state = Piece::State::placed;
        part.broker = cut.parts[i].broker;
        part.any = part.broker == Placer::anywhere;
        part.born = piece.born;
        part.tries = piece.tries;
        part.refused_code = piece.refused_code;
        part.leader_epoch = piece.leader_epoch;
        part.unknown_tries = piece.unknown_tries;
        part.last = piece.last;
    }
    if (cut.parts.size() > 1) dirty_ = true;
    return true;
}

void ClusterCore::place_any(Piece& piece, Time now) {
    Time wait = never;
    const auto id = pool_.pick(bootstrapping_, piece.not_these, now, wait);
    if (id == -1 && wait == never) {
        if (!piece.not_these.empty()) fail_piece(piece, Failure(piece.last), now);
        return;  // otherwise the bootstrap addresses are being looked for
    }
    if (id == -1 && !bootstrapping_ && limits_.rebootstrap && pool_.all_unavailable(now)) {
        if (next_restart_ <= now) return rebootstrap("no known broker can be reached", now);
        wake_at(next_restart_);
    }
    wake_at(wait);
    if (id == -1) return;
    piece.broker = id;
    place_on(piece, id, now);
}

void ClusterCore::place_on(Piece& piece, std::int32_t broker, Time now) {
    auto& call = *piece.call;
    BrokerPool::Key key{broker, call.route.purpose, 0};
    if (call.call.kind == Kind::connection || call.own == Own::warming) key = call.call.key;
    // Members of different groups must not wait for each other.
    if (key.purpose == ConnPurpose::group && call.call.kind == Kind::request &&
        call.own == Own::none)
        key.lane = static_cast<std::uint32_t>(std::hash<std::string_view>()(
            coordinator_key(call.route, *call.call.type->request, piece.request.get())));
    Time wait = never;
    auto* conn = pool_.want(key, now, wait);
    if (!conn) {
        if (wait != never) {
            piece.last = pool_.last_failure(broker);
            return wake_at(wait);
        }
        // Not in the metadata, or not any more.
        const bool named = call.call.broker || call.call.kind == Kind::connection ||
                           call.route.to == Destination::every;
        if (!named) {
            piece.state = Piece::State::unrouted;
            piece.waits_for_metadata = true;
            if (!metadata_.asking()) metadata_.stale();
        } else if (bootstrapping_ || rounds_done_ == 0 || call.own == Own::warming) {
            piece.state = Piece::State::unrouted;
        } else {
            fail_piece(piece,
                       {broker_error(no_broker),
                        "broker " + std::to_string(broker) + " is not in the cluster's metadata"},
                       now);
        }
        return;
    }
    if (!conn->open) {
        if (const auto hangs = after(conn->since, BrokerPool::patience); piece.any && hangs > now)
            wake_at(hangs);
        return;
    }
    if (call.call.kind == Kind::connection) {
        ++conn->leases;
        call.conn = conn->id;
        call.peer = conn->peer;
        return piece_done(piece, nullptr, now);
    }
    send(piece, *conn, now);
}

void ClusterCore::send(Piece& piece, BrokerPool::Conn& conn, Time now) {
    auto& call = *piece.call;
    const auto& info = *call.call.type->request;
    call.peer = conn.peer;
    auto version = choose_version(info, conn.versions,
                                  {call.call.version, call.call.unstable, call.call.allowed});
    if (!version) return fail_piece(piece, version.take_failure(), now);
    const auto* splitter = call.splitter;
    if (!call.call.version) {
        const auto newest = newest_version(info.api_key, piece.request.get());
        if (newest < *version) {
            if (conn.versions.find(info.api_key).min > newest)
                return fail_piece(piece,
                                  {errc::unsupported_version,
                                   std::string(info.api) +
                                       " of this broker needs topic ids, and has not given them"},
                                  now);
            version = newest;
        }
    }
    if (splitter && splitter->fit) {
        auto fitting = splitter->fit(piece.request.get(), *version);
        for (std::size_t i = 1; i < fitting.size(); ++i) {
            auto& more = add_piece(call, std::move(fitting[i]));
            more.state = Piece::State::placed;
            more.any = piece.any;
            more.broker = piece.broker;
            more.born = piece.born;
            more.refused_code = piece.refused_code;
            call.spans = dirty_ = true;
        }
        if (!fitting.empty()) piece.request = std::move(fitting.front());
    }
    if (call.own == Own::metadata && *version < metadata_with_ids && info.api_key == metadata_key) {
        auto named = std::make_shared<protocol::MetadataRequest>(
            *static_cast<const protocol::MetadataRequest*>(piece.request.get()));
        std::erase_if(*named->topics, [](const auto& topic) { return !topic.name; });
        if (*version < 4) named->allow_auto_topic_creation = true;  // the default, not carried
        piece.request = std::move(named);
    }
    // Everybody waits for these, and another broker may answer where this one does not.
    if (call.own == Own::metadata || call.own == Own::coordinators) {
        const Backoff growth{own_patience, std::max(own_patience, limits_.request_timeout)};
        const auto patience = growth.delay(own_timeouts_ + 1, 0.5);
        call.call.deadline =
            std::min(call.call.deadline, now + std::chrono::duration_cast<milliseconds>(patience));
        earliest_ = std::min(earliest_, call.call.deadline);
    }
    piece.refused_by = -1;
    piece.version = call.version = *version;
    piece.conn = conn.id;
    piece.response = call.call.type->make_response();
    piece.state = Piece::State::sent;
    if (!call.route.read_only) {
        // Whatever was said before: from now on it may take effect.
        piece.refused.reset();
        piece.refused_code = 0;
    }
    call.api = api_name(info, *version);
    call.sent = true;
    BrokerPool::on_sent(conn, now);
    waiting_.erase(piece.id);
    sent_.emplace(piece.id, &piece);
    const auto left = call.call.deadline == never
                          ? milliseconds::max()
                          : std::chrono::ceil<milliseconds>(call.call.deadline - now);
    push(Send{piece.id, conn.id, call.call.type, piece.request, piece.response, *version, left});
}

}  // namespace kafka::core
