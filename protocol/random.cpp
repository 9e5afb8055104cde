// SPDX-License-Identifier: Apache-2.0
#include "protocol/random.hpp"

#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

class Randomizer {
public:
    Randomizer(int version, bool flexible, const RandomOptions& options)
        : version_(version), flexible_(flexible), options_(options), state_(options.seed) {}

    void fill_struct(const StructTable& table, void* object);

private:
    // splitmix64: equal on every platform, which <random>'s distributions are not.
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
    std::size_t few() { return below(options_.most_elements + 1); }
    Bytes some_bytes(std::size_t most) {
        Bytes bytes(below(most + 1));
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t>(next());
        return bytes;
    }
    // Numbers of every magnitude, edges included.
    std::uint64_t number() {
        const auto value = next();
        switch (value >> 60) {
            case 0:
                return 0;
            case 1:
                return ~std::uint64_t{0};
            case 2:
                return std::uint64_t{1} << (value & 63);
            default:
                return value >> ((value >> 54) & 63);
        }
    }

    void fill_member(const Field& field, void* member_at);
    void fill_one(const Field& field, void* value);

    const int version_;
    const bool flexible_;
    const RandomOptions& options_;
    std::uint64_t state_;
};

void Randomizer::fill_one(const Field& field, void* value) {
    if (field.type->kind == FieldKind::structure) return fill_struct(*field.type->inner, value);
    with_type(field.type->kind, [&](auto* tag) {
        using T = std::remove_pointer_t<decltype(tag)>;
        if constexpr (std::is_same_v<T, bool>) {
            as<T>(value) = next() & 1;
        } else if constexpr (std::is_integral_v<T>) {
            as<T>(value) = static_cast<T>(number());
        } else if constexpr (std::is_same_v<T, double>) {
            as<T>(value) = static_cast<double>(static_cast<std::int64_t>(number())) / 8;
        } else if constexpr (std::is_same_v<T, Uuid>) {
            for (auto& byte : as<T>(value).bytes)
                byte = static_cast<std::uint8_t>(next());
        } else if constexpr (std::is_same_v<T, std::string>) {
            auto& text = as<T>(value);
            text.assign(below(20), ' ');
            for (auto& c : text)
                c = static_cast<char>('!' + below(94));
        } else if constexpr (std::is_same_v<T, Bytes>) {
            as<T>(value) = some_bytes(40);
        } else if constexpr (std::is_same_v<T, Secret>) {
            as<T>(value) = Secret(some_bytes(40));
        } else {
            as<T>(value) = Slice::copy_of(some_bytes(200));
        }
    });
}

void Randomizer::fill_member(const Field& field, void* member_at) {
    const auto& type = *field.type;
    const bool null = field.spec.null_in(version_) && below(4) == 0;
    if (type.optional) {
        if (null) return type.reset(member_at);
        member_at = type.emplace(member_at);
    } else if (null && type.kind == FieldKind::records) {
        as<Slice>(member_at) = Slice();
        return;
    }
    if (!type.array) return fill_one(field, member_at);
    const auto count = few();
    type.assign(member_at, count);
    auto* element = static_cast<std::byte*>(type.data(member_at));
    for (std::size_t i = 0; i < count; ++i, element += type.size)
        fill_one(field, element);
}

void Randomizer::fill_struct(const StructTable& table, void* object) {
    std::uint32_t tag = 0;
    for (const auto& field : table.rows()) {
        if (!field.spec.in(version_)) continue;
        if (field.spec.tag_no >= 0) tag = static_cast<std::uint32_t>(field.spec.tag_no);
        fill_member(field, member(object, field));
    }
    if (!options_.unknown_tags || !flexible_ || table.unknown_tags < 0) return;
    for (std::size_t n = below(8) == 0 ? few() : 0; n > 0; --n) {
        // Far above the known ones, so that a test of a later release's tag never meets a real one.
        tag += 1000 + static_cast<std::uint32_t>(below(100'000));
        unknown_tags_of(table, object).add(tag, some_bytes(10));
    }
}

}  // namespace

void randomize(const MessageInfo& info, void* message, int version, const RandomOptions& options) {
    Randomizer(version, info.flexible(version), options).fill_struct(*info.table, message);
}

}  // namespace kafka::protocol
