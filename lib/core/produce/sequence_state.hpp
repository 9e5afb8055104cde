// SPDX-License-Identifier: Apache-2.0
// Sequences: what numbers a partition's batches get (KIP-98), and what is known of those that ended
// without an acknowledgement (KIP-360).
#pragma once

#include <cstdint>

namespace kafka::core {

/// A producer's id and epoch, given by the cluster; id -1: none.
struct ProducerId {
    std::int64_t id = -1;
    std::int16_t epoch = -1;

    [[nodiscard]] bool known() const noexcept { return id >= 0; }
    friend bool operator==(const ProducerId&, const ProducerId&) = default;
};

/// Sequence numbers go round after 2^31 - 1.
[[nodiscard]] constexpr std::int32_t sequence_after(std::int32_t first,
                                                    std::int32_t count) noexcept {
    return static_cast<std::int32_t>(
        (static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(count)) & 0x7fffffffU);
}
/// True if `a` comes before `b`, which is less than 2^30 away.
[[nodiscard]] constexpr bool sequence_before(std::int32_t a, std::int32_t b) noexcept {
    const auto distance =
        (static_cast<std::uint32_t>(b) - static_cast<std::uint32_t>(a)) & 0x7fffffffU;
    return distance != 0 && distance < 0x40000000U;
}

/// Of one partition. A batch that ends without being stored leaves its numbers unused, and the
/// broker takes nothing that comes behind a gap. What to do depends on what is known: certainly
/// not stored: those behind it are numbered anew. Not known: those that were sent keep their
/// numbers, since they may be stored as well, and the broker's word on them settles it; those
/// without a number wait for a new epoch, in which numbers begin at 0.
class Sequences {
public:
    [[nodiscard]] const ProducerId& producer() const noexcept { return producer_; }
    [[nodiscard]] std::int32_t next() const noexcept { return next_; }
    /// No new number can be given before a new epoch has begun.
    [[nodiscard]] bool needs_epoch() const noexcept { return reset_ || hole_; }
    [[nodiscard]] bool needs_numbering() const noexcept { return renumber_; }
    [[nodiscard]] bool disputed() const noexcept { return reset_; }
    /// The broker knows this producer here: it refuses what comes out of order. One that does not
    /// takes any number as the first, so until then one batch is in flight at a time.
    [[nodiscard]] bool proven() const noexcept { return proven_; }
    void doubt() noexcept { proven_ = false; }

    /// Numbers begin at 0. Everything before is over.
    void begin(ProducerId producer) noexcept {
        const bool known = proven_ && producer.id == producer_.id;
        *this = {};
        producer_ = producer;
        proven_ = known;
    }
    /// The first number of the next batch, of `count` records.
    std::int32_t take(std::int32_t count) noexcept {
        const auto first = next_;
        next_ = sequence_after(next_, count);
        return first;
    }
    void stored(std::int32_t first, std::int32_t count) noexcept {
        const auto end = sequence_after(first, count);
        if (sequence_before(floor_, end)) floor_ = end;
        // The broker took what comes behind the gap: there is none.
        if (hole_ && sequence_before(hole_at_, end)) hole_ = false;
        proven_ = true;
    }
    /// What had these numbers is certainly not stored.
    void unused() noexcept { renumber_ = true; }
    /// What had these numbers may be stored or not, and will not be sent again.
    void lost(std::int32_t first) noexcept {
        if (!hole_ || sequence_before(hole_at_, first)) hole_at_ = first;
        hole_ = true;
    }
    /// The broker expects other numbers.
    void dispute() noexcept { reset_ = true; }
    /// Behind the last one known to be stored.
    [[nodiscard]] std::int32_t floor() const noexcept { return floor_; }
    /// Goes on from there.
    void renumbered(std::int32_t next) noexcept {
        next_ = next;
        renumber_ = false;
    }

private:
    ProducerId producer_;
    std::int32_t next_ = 0;
    std::int32_t floor_ = 0;
    std::int32_t hole_at_ = 0;
    bool proven_ = false;
    bool hole_ = false;
    bool renumber_ = false;
    bool reset_ = false;
};

}  // namespace kafka::core
