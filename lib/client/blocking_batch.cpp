// SPDX-License-Identifier: Apache-2.0
#include <kafka/blocking/batch.hpp>

namespace kafka::blocking {

Batch::Batch() noexcept = default;
Batch::Batch(kafka::Batch batch) noexcept : batch_(std::move(batch)) {}
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

void Batch::check() const {
    if (const auto& failure = batch_.failure())
        throw Error(failure.code, {{},
                                   {},
                                   batch_.topic() + " partition " +
                                       std::to_string(batch_.partition()) + ": " + failure.detail});
}

std::optional<Message> Batch::read_message() {
    auto message = batch_.read_message();
    if (!message) check();
    return message;
}
const protocol::RecordView* Batch::next() {
    const auto* record = batch_.next();
    if (!record) check();
    return record;
}
std::optional<std::size_t> Batch::read(std::span<std::uint8_t> buffer) {
    const auto size = batch_.read(buffer);
    if (!size) check();
    return size;
}

}  // namespace kafka::blocking
