// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <kafka/protocol/varint.hpp>

#include "base/big_endian.hpp"
#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

// The first failure sticks: everything after it reads nothing. While the walk unwinds, each level
// adds its name to the path, so that a success pays nothing for it.
class Decoder {
public:
    Decoder(const MessageInfo& info, int version, const Slice& in, const DecodeLimits& limits)
        : version_(version),
          flexible_(info.flexible(version)),
          limits_(limits),
          in_(in),
          at_(in.data()),
          end_(in.data() + in.size()),
          memory_left_(limits.max_memory ? limits.max_memory : default_memory(in.size())) {}

    void get_struct(const StructTable& table, void* object);

    [[nodiscard]] bool failed() const { return code_ != errc{}; }
    [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(at_ - in_.data()); }
    [[nodiscard]] Failure failure(const MessageInfo& info) const;

private:
    static std::size_t default_memory(std::size_t input) {
        constexpr std::size_t mebi = 1024 * 1024;
        return std::min(16 * input + mebi, 256 * mebi);
    }
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    void fail(errc code, std::string cause) {
        if (failed()) return;
        code_ = code;
        cause_ = std::move(cause);
        failed_at_ = offset();
        at_ = end_;  // nothing more is read
    }
    void malformed(std::string cause) { fail(errc::malformed_message, std::move(cause)); }

    // What the decoded message takes: objects, and blocks of their own with what an allocator adds
    // to each, which counts where blocks are small.
    bool spend_memory(std::size_t bytes) {
        if (bytes <= memory_left_) {
            memory_left_ -= bytes;
            return true;
        }
        fail(errc::limit_exceeded, "the message would take more memory than its budget");
        return false;
    }
    bool spend_block(std::size_t bytes) {
        constexpr std::size_t allocator = 32;
        return bytes == 0 || spend_memory(bytes + allocator);
    }
    const std::uint8_t* take(std::size_t n) {
        if (n > left()) {
            malformed(std::to_string(n) + " bytes announced, " + std::to_string(left()) + " left");
            return nullptr;
        }
        return std::exchange(at_, at_ + n);
    }
    template <class T>
    T integer() {
        if (left() < sizeof(T)) {
            malformed("the input ends inside a number");
            return {};
        }
        return load_big<T>(std::exchange(at_, at_ + sizeof(T)));
    }
    std::uint32_t uvarint();
    // The length of a string (is_short), of bytes or of an array; -1 is null.
    std::int64_t length(bool is_short, bool rigid);
    // As length(), but null is a failure unless it is allowed, and the bytes are there.
    bool sized(const Field& field, bool is_short, std::span<const std::uint8_t>& out, bool& null);

    void get_field(const Field& field, void* member_at);
    void get_array(const Field& field, void* member_at);
    void get_blob(const Field& field, void* member_at);
    void get_one(const Field& field, void* value);
    void get_tags(const StructTable& table, void* object);
    void get_known_tag(const Field& field, void* object, std::size_t size);
    [[nodiscard]] std::size_t least_size(const FieldType& type) const;

    const int version_;
    const bool flexible_;
    const DecodeLimits& limits_;
    const Slice& in_;
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    std::size_t memory_left_;
    errc code_{};
    std::string cause_;
    FieldPath path_;
    std::size_t failed_at_ = 0;
};

std::uint32_t Decoder::uvarint() {
    std::uint32_t value = 0;
    if (read_varint(at_, end_, value)) return value;
    const auto rest = std::span(at_, end_).first(std::min(left(), std::size_t{5}));
    const bool cut = rest.size() < 5 && std::ranges::all_of(rest, [](auto b) { return b >= 0x80; });
    malformed(cut ? "the input ends inside a varint" : "a varint of more than 32 bits");
    return 0;
}

std::int64_t Decoder::length(bool is_short, bool rigid) {
    std::int64_t n = 0;
    if (flexible_ && !rigid)
        n = std::int64_t{uvarint()} - 1;
    else if (is_short)
        n = integer<std::int16_t>();
    else
        n = integer<std::int32_t>();
    // A compact string could announce more than the longest string there is, in any version.
    if (n < -1 || (is_short && n > std::numeric_limits<std::int16_t>::max()))
        malformed("length " + std::to_string(n));
    return failed() ? -1 : n;
}

bool Decoder::sized(const Field& field, bool is_short, std::span<const std::uint8_t>& out,
                    bool& null) {
    const auto n = length(is_short, field.spec.is_rigid);
    if (failed()) return false;
    null = n < 0;
    if (null) {
        if (!field.spec.null_in(version_)) malformed("null is not allowed");
        return !failed();
    }
    const auto* bytes = take(static_cast<std::size_t>(n));
    if (!bytes) return false;
    out = {bytes, static_cast<std::size_t>(n)};
    return true;
}

// Strings, bytes, secrets and records, null or not.
void Decoder::get_blob(const Field& field, void* member_at) {
    const auto& type = *field.type;
    std::span<const std::uint8_t> bytes;
    bool null = false;
    if (!sized(field, type.kind == FieldKind::string, bytes, null)) return;
    if (type.kind == FieldKind::records) {
        if (!null)
            as<Slice>(member_at) =
                in_.part(static_cast<std::size_t>(bytes.data() - in_.data()), bytes.size());
        else
            as<Slice>(member_at) = Slice();
        return;
    }
    if (null) return type.optional ? type.reset(member_at) : malformed("null is not allowed");
    if (!spend_block(bytes.size())) return;
    void* value = type.optional ? type.emplace(member_at) : member_at;
    if (type.kind == FieldKind::string)
        as<std::string>(value).assign(as_text(bytes));
    else if (type.kind == FieldKind::bytes)
        as<Bytes>(value).assign(bytes.begin(), bytes.end());
    else
        as<Secret>(value) = Secret(bytes);
}

// One element: never null, except records.
void Decoder::get_one(const Field& field, void* value) {
    switch (field.type->kind) {
        case FieldKind::boolean:
            as<bool>(value) = integer<std::uint8_t>() != 0;
            return;
        case FieldKind::int8:
            as<std::uint8_t>(value) = integer<std::uint8_t>();
            return;
        case FieldKind::int16:
        case FieldKind::uint16:
            as<std::uint16_t>(value) = integer<std::uint16_t>();
            return;
        case FieldKind::int32:
            as<std::uint32_t>(value) = integer<std::uint32_t>();
            return;
        case FieldKind::int64:
            as<std::uint64_t>(value) = integer<std::uint64_t>();
            return;
        case FieldKind::float64:
            as<double>(value) = std::bit_cast<double>(integer<std::uint64_t>());
            return;
        case FieldKind::uuid:
            if (const auto* bytes = take(16)) std::memcpy(as<Uuid>(value).bytes.data(), bytes, 16);
            return;
        case FieldKind::string:
        case FieldKind::bytes:
        case FieldKind::secret:
        case FieldKind::records: {
            static constexpr FieldType plain[] = {type_of<std::string>, type_of<Bytes>,
                                                  type_of<Secret>, type_of<Slice>};
            const auto index = static_cast<std::size_t>(field.type->kind) -
                               static_cast<std::size_t>(FieldKind::string);
            Spec spec;
            spec.is_rigid = field.spec.is_rigid;
            return get_blob(Field{field.name, &plain[index], spec, 0}, value);
        }
        case FieldKind::structure:
            return get_struct(*field.type->inner, value);
    }
}

// The fewest bytes that an element can have in this version: a bound on honest counts.
std::size_t Decoder::least_size(const FieldType& type) const {
    switch (type.kind) {
        case FieldKind::boolean:
        case FieldKind::int8:
            return 1;
        case FieldKind::int16:
        case FieldKind::uint16:
            return 2;
        case FieldKind::int32:
            return 4;
        case FieldKind::int64:
        case FieldKind::float64:
            return 8;
        case FieldKind::uuid:
            return 16;
        case FieldKind::string:
            return flexible_ ? 1 : 2;
        case FieldKind::bytes:
        case FieldKind::secret:
        case FieldKind::records:
            return flexible_ ? 1 : 4;
        case FieldKind::structure:
            break;
    }
    std::size_t size = flexible_ && type.inner->unknown_tags >= 0 ? 1 : 0;
    for (const auto& field : type.inner->rows()) {
        if (!field.spec.in(version_) || field.spec.tagged()) continue;
        if (field.type->array)
            size += flexible_ ? 1 : 4;
        else if (field.type->optional && field.type->kind == FieldKind::structure)
            size += 1;
        else
            size += least_size(*field.type);
    }
    return size;
}

void Decoder::get_array(const Field& field, void* member_at) {
    const auto& type = *field.type;
    const auto n = length(false, field.spec.is_rigid);
    if (failed()) return;
    if (n < 0) {
        if (!field.spec.null_in(version_)) return malformed("null is not allowed");
        return type.reset(member_at);
    }
    const auto count = static_cast<std::size_t>(n);
    if (count > limits_.max_elements)
        return fail(errc::limit_exceeded, std::to_string(count) + " elements, the limit is " +
                                              std::to_string(limits_.max_elements));
    // Small counts are cheaper to try than to check.
    if (count > left() || (count > 16 && count * least_size(type) > left()))
        return malformed(std::to_string(count) + " elements announced, " + std::to_string(left()) +
                         " bytes left");
    if (!spend_block(count * type.size)) return;
    void* array = type.optional ? type.emplace(member_at) : member_at;
    type.assign(array, count);
    auto* element = static_cast<std::byte*>(type.data(array));
    for (std::size_t i = 0; i < count; ++i, element += type.size) {
        get_one(field, element);
        if (failed()) return path_.enclose_in(i);
    }
}

void Decoder::get_field(const Field& field, void* member_at) {
    const auto& type = *field.type;
    if (type.array) {
        get_array(field, member_at);
    } else if (type.kind >= FieldKind::string && type.kind <= FieldKind::records) {
        get_blob(field, member_at);
    } else if (type.optional) {  // a structure with a byte before it
        if (integer<std::int8_t>() >= 0) {
            if (!failed() && spend_memory(type.size)) get_one(field, type.emplace(member_at));
        } else if (field.spec.null_in(version_)) {
            type.reset(member_at);
        } else {
            malformed("null is not allowed");
        }
    } else {
        get_one(field, member_at);
    }
    if (failed()) path_.enclose_in(field.name);
}

// A known tag is decoded from exactly the bytes that it announces.
void Decoder::get_known_tag(const Field& field, void* object, std::size_t size) {
    const auto* outer_end = std::exchange(end_, at_ + size);
    get_field(field, member(object, field));
    if (!failed() && at_ != end_) {
        malformed(std::to_string(left()) + " bytes left over in a tagged field");
        path_.enclose_in(field.name);
    }
    end_ = outer_end;
    if (failed()) at_ = end_;
}

void Decoder::get_tags(const StructTable& table, void* object) {
    const auto wrong = [this](errc code, std::string cause) {
        fail(code, std::move(cause));
        path_.enclose_in("tags");
    };
    const auto count = uvarint();
    if (failed()) return path_.enclose_in("tags");
    if (count > limits_.max_tags)
        return wrong(errc::limit_exceeded, std::to_string(count) + " tagged fields, the limit is " +
                                               std::to_string(limits_.max_tags));
    if (count > left() / 2)  // each has a number and a size
        return wrong(errc::malformed_message, std::to_string(count) + " tagged fields announced, " +
                                                  std::to_string(left()) + " bytes left");
    std::int64_t previous = -1;
    for (std::uint32_t i = 0; i < count && !failed(); ++i) {
        const auto tag = uvarint();
        const auto size = uvarint();
        if (failed()) return path_.enclose_in("tags");
        if (std::int64_t{tag} <= previous)
            return wrong(errc::malformed_message,
                         "tag " + std::to_string(tag) + " after tag " + std::to_string(previous));
        previous = tag;
        if (size > left())
            return wrong(errc::malformed_message, "tag " + std::to_string(tag) + " announces " +
                                                      std::to_string(size) + " bytes, " +
                                                      std::to_string(left()) + " left");
        const Field* known = nullptr;
        for (const auto& field : table.rows())
            if (field.spec.tagged() && field.spec.tag_no == std::int64_t{tag}) known = &field;
        if (known && !known->spec.in(version_)) {
            // Apache's decoder refuses it as well: the number is taken, so it cannot be unknown.
            malformed("tag " + std::to_string(tag) + " is not in this version");
            path_.enclose_in(known->name);
        } else if (known) {
            get_known_tag(*known, object, size);
        } else {
            auto& unknown = unknown_tags_of(table, object);
            // All that may come at once: growing step by step would take up to three times that.
            const std::size_t most = count - i;
            if (unknown.empty()) {
                if (!spend_block(most * sizeof(RawTag) + sizeof(std::vector<RawTag>)))
                    return path_.enclose_in("tags");
                unknown.reserve(most);
            }
            if (!spend_block(size)) return path_.enclose_in("tags");
            unknown.add(tag, {take(size), size});
        }
    }
}

void Decoder::get_struct(const StructTable& table, void* object) {
    for (const auto& field : table.rows()) {
        if (!field.spec.in(version_) || field.spec.tagged()) continue;
        get_field(field, member(object, field));
        if (failed()) return;
    }
    if (flexible_ && table.unknown_tags >= 0) get_tags(table, object);
}

Failure Decoder::failure(const MessageInfo& info) const {
    return {code_, cause_ + " at " + (path_.text().empty() ? "the start" : path_.text()) + " @ " +
                       std::to_string(failed_at_) + '/' + std::to_string(in_.size()) + ", " +
                       info.name + " v" + std::to_string(version_)};
}

}  // namespace

Failure decode(const MessageInfo& info, void* message, int version, const Slice& in,
               const DecodeLimits& limits, std::size_t& used) {
    used = 0;
    if (!info.versions.contains(version))
        return {errc::unsupported_version, std::string(info.name) + " v" + std::to_string(version) +
                                               ", valid are " + std::to_string(info.versions.min) +
                                               " to " + std::to_string(info.versions.max)};
    Decoder decoder(info, version, in, limits);
    decoder.get_struct(*info.table, message);
    if (decoder.failed()) return decoder.failure(info);
    used = decoder.offset();
    return {};
}

Failure decode_all(const MessageInfo& info, void* message, int version, const Slice& in,
                   const DecodeLimits& limits) {
    std::size_t used = 0;
    if (auto failure = decode(info, message, version, in, limits, used)) return failure;
    if (used == in.size()) return {};
    return {errc::malformed_message, std::to_string(in.size() - used) + " bytes after the end @ " +
                                         std::to_string(used) + '/' + std::to_string(in.size()) +
                                         ", " + info.name + " v" + std::to_string(version)};
}

}  // namespace kafka::protocol
