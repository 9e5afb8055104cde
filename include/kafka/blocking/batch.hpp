// SPDX-License-Identifier: Apache-2.0
// blocking::Batch: kafka::Batch with exceptions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <kafka/batch.hpp>
#include <kafka/blocking/error.hpp>
#include <kafka/export.hpp>
#include <kafka/message.hpp>

namespace kafka::blocking {

/// The messages that one read brought; see kafka::Batch. It waits for nothing: what is in it has
/// arrived. What is wrong with records is thrown as Error, with the errors of Batch::failure(),
/// when their turn comes. Move-only; not thread-safe, but apart from its connection.
class KAFKA_API Batch {
public:
    Batch() noexcept;
    explicit Batch(kafka::Batch batch) noexcept;
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;
    ~Batch();

    /// The next message; nothing at the end. Throws Error.
    std::optional<Message> read_message();
    /// The next message in place, valid until the next call; null at the end. Throws Error.
    const protocol::RecordView* next();
    /// As in kafka::Batch. Throws Error.
    std::optional<std::size_t> read(std::span<std::uint8_t> buffer);

    /// As in kafka::Batch.
    [[nodiscard]] bool empty() const noexcept { return batch_.empty(); }
    [[nodiscard]] const std::string& topic() const noexcept { return batch_.topic(); }
    [[nodiscard]] std::int32_t partition() const noexcept { return batch_.partition(); }
    [[nodiscard]] std::int64_t offset() const noexcept { return batch_.offset(); }
    [[nodiscard]] std::int64_t high_watermark() const noexcept { return batch_.high_watermark(); }
    [[nodiscard]] std::int64_t last_stable_offset() const noexcept {
        return batch_.last_stable_offset();
    }
    [[nodiscard]] std::int64_t log_start_offset() const noexcept {
        return batch_.log_start_offset();
    }
    [[nodiscard]] std::chrono::milliseconds throttle() const noexcept { return batch_.throttle(); }
    [[nodiscard]] std::size_t size() const noexcept { return batch_.size(); }
    void close() noexcept { batch_.close(); }

private:
    void check() const;

    kafka::Batch batch_;
};

}  // namespace kafka::blocking
