// SPDX-License-Identifier: Apache-2.0
#include "testing/message_tree.hpp"

#include <algorithm>

#include <kafka/error.hpp>

#include "protocol/walk.hpp"
#include "testing/cluster.hpp"

namespace kafka::testing {
namespace {

using namespace protocol;

bool is_plain(const Field& field, FieldKind kind) {
    return !field.type->array && field.type->kind == kind;
}
bool has_entity(const Field& field, std::string_view entity) {
    return field.spec.entity_type && field.spec.entity_type == entity;
}
bool is_struct_array(const Field& field) {
    return field.type->array && field.type->kind == FieldKind::structure;
}
bool is_topic_name(const Field& field) {
    return has_entity(field, "topicName") && is_plain(field, FieldKind::string);
}
bool is_topic_id(const Field& field) {
    return is_plain(field, FieldKind::uuid) && std::string_view(field.name) == "topicId";
}
bool is_partition(const Field& field) {
    const std::string_view name = field.name;
    return is_plain(field, FieldKind::int32) && (name == "partition" || name == "partitionIndex" ||
                                                 name == "index" || name == "partitionId");
}
bool is_partition_list(const Field& field) {
    const std::string_view name = field.name;
    return field.type->array && field.type->kind == FieldKind::int32 &&
           (name == "partitions" || name == "partitionIndexes");
}
bool is_error_code(const Field& field) {
    const std::string_view name = field.name;
    return is_plain(field, FieldKind::int16) &&
           (name == "errorCode" || name == "partitionErrorCode");
}

template <class Is>
const Field* find_row(const StructTable& table, int version, Is&& is) {
    for (const auto& row : table.rows()) {
        if (row.spec.in(version) && is(row)) return &row;
    }
    return nullptr;
}

std::string text_of(const void* object, const Field& row) {
    const auto* value = value_of(*row.type, member(object, row));
    return value ? as<std::string>(value) : std::string();
}

// The context of a struct: what it is about itself, or what encloses it is.
Item about(const StructTable& table, const void* object, int version, const Cluster& cluster,
           Item item) {
    if (const auto* row = find_row(table, version, is_topic_name)) {
        if (auto name = text_of(object, *row); !name.empty()) item.topic = std::move(name);
    }
    if (const auto* row = find_row(table, version, is_topic_id)) {
        item.topic_id = as<Uuid>(member(object, *row));
        if (item.topic.empty() && !item.topic_id.is_zero()) {
            const auto* topic = cluster.find(item.topic_id);
            item.topic = topic ? topic->name : to_string(item.topic_id);
        }
    }
    if (!item.topic.empty()) {
        if (const auto* row = find_row(table, version, is_partition)) {
            item.partition = as<std::int32_t>(member(object, *row));
        }
    }
    const auto* row = find_row(table, version, [](const Field& field) {
        return has_entity(field, "groupId") && is_plain(field, FieldKind::string);
    });
    if (row) item.group = text_of(object, *row);
    return item;
}

const Item& add_once(std::vector<Item>& items, const Item& item) {
    const auto at = std::find(items.begin(), items.end(), item);
    return at == items.end() ? items.emplace_back(item) : *at;
}
void add_once(std::vector<std::string>& texts, std::string text) {
    if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) {
        texts.push_back(std::move(text));
    }
}

class SubjectWalk {
public:
    SubjectWalk(int version, const Cluster& cluster, Subjects& subjects)
        : version_(version), cluster_(cluster), subjects_(subjects) {}

    void walk(const StructTable& table, const void* object, const Item& around) {
        const auto item = about(table, object, version_, cluster_, around);
        const auto before = subjects_.items.size();
        for (const auto& row : table.rows()) {
            if (row.spec.in(version_)) walk(row, object, item);
        }
        // Named by itself, and by nothing inside.
        const bool named = !item.topic.empty() && item != around;
        if (named && subjects_.items.size() == before) add_once(subjects_.items, item);
    }

private:
    void walk(const Field& row, const void* object, const Item& item) {
        const auto& type = *row.type;
        const auto* value = value_of(type, member(object, row));
        if (!value) return;
        const auto count = type.array ? type.count(value) : 1;
        const auto* at =
            type.array ? elements_of(type, value) : static_cast<const std::byte*>(value);
        for (std::size_t i = 0; i < count; ++i, at += type.size) {
            if (type.kind == FieldKind::structure) {
                walk(*type.inner, at, item);
            } else if (type.kind == FieldKind::string) {
                text(row, as<std::string>(at), item);
            } else if (is_partition_list(row) && !item.topic.empty()) {
                auto part = item;
                part.partition = as<std::int32_t>(at);
                add_once(subjects_.items, part);
            }
        }
    }

    void text(const Field& row, const std::string& text, const Item& item) {
        if (has_entity(row, "groupId")) add_once(subjects_.groups, text);
        if (has_entity(row, "transactionalId")) add_once(subjects_.transactional_ids, text);
        if (row.type->array && has_entity(row, "topicName") && !text.empty()) {
            auto topic = item;
            topic.topic = text;
            add_once(subjects_.items, topic);
        }
    }

    int version_;
    const Cluster& cluster_;
    Subjects& subjects_;
};

// ---- Copies. The tables can make fresh arrays, but not change the length of one, so that a
// change of what an array holds is a copy of the whole message.

class Copier {
public:
    Copier(int version, const Cluster& cluster) : version_(version), cluster_(cluster) {}
    virtual ~Copier() = default;

    void copy(const StructTable& table, const void* from, void* to, const Item& around) {
        const auto item = about(table, from, version_, cluster_, around);
        for (const auto& row : table.rows())
            copy(row, member(from, row), member(to, row), item);
        if (table.unknown_tags >= 0) unknown_tags_of(table, to) = unknown_tags_of(table, from);
    }

protected:
    /// How many times this element of an array is to be in the copy.
    virtual int times(const Field& row, const void* element, const Item& around) = 0;
    /// What to add fresh elements for at the end of an array; fill() then gets each of them.
    virtual std::vector<Item> more(const Field&, const void*, std::size_t, const Item&) {
        return {};
    }
    virtual void fill(const Field&, void*, const Item&, const Item&) {}

    int version_;
    const Cluster& cluster_;

private:
    void copy(const Field& row, const void* from, void* to, const Item& item) {
        const auto& type = *row.type;
        if (type.optional) {
            from = type.get(const_cast<void*>(from));
            if (!from) return type.reset(to);
            to = type.emplace(to);
        }
        if (!type.array) return copy_one(type, from, to, item);
        const auto count = type.count(from);
        const auto* old = elements_of(type, from);
        std::vector<const std::byte*> kept;
        for (std::size_t i = 0; i < count; ++i) {
            const auto* element = old + i * type.size;
            kept.insert(kept.end(), static_cast<std::size_t>(times(row, element, item)), element);
        }
        const auto added =
            row.spec.in(version_) ? more(row, old, count, item) : std::vector<Item>();
        type.assign(to, kept.size() + added.size());
        auto* at = static_cast<std::byte*>(type.data(to));
        for (const auto* element : kept) {
            copy_one(type, element, at, item);
            at += type.size;
        }
        for (const auto& one : added) {
            fill(row, at, one, item);
            at += type.size;
        }
    }

    void copy_one(const FieldType& type, const void* from, void* to, const Item& item) {
        if (type.kind == FieldKind::structure) return copy(*type.inner, from, to, item);
        with_type(type.kind, [&](auto* tag) {
            using T = std::remove_pointer_t<decltype(tag)>;
            as<T>(to) = as<T>(from);
        });
    }
};

class RepeatingCopier : public Copier {
public:
    RepeatingCopier(int version, const Cluster& cluster, const Selects& selected, int repeats)
        : Copier(version, cluster), selected_(selected), repeats_(repeats) {}

protected:
    int times(const Field& row, const void* element, const Item& around) override {
        if (!row.spec.in(version_)) return 1;
        auto item = around;
        if (row.type->kind == FieldKind::structure) {
            item = about(*row.type->inner, element, version_, cluster_, around);
            if (item == around || item.topic.empty()) return 1;
            // A topic whose partitions are named is meant through these.
            Subjects inside;
            SubjectWalk(version_, cluster_, inside).walk(*row.type->inner, element, around);
            const bool by_partitions =
                !item.partition &&
                std::any_of(inside.items.begin(), inside.items.end(),
                            [](const Item& named) { return named.partition.has_value(); });
            if (by_partitions) {
                const bool all = std::all_of(inside.items.begin(), inside.items.end(), selected_);
                return all && repeats_ == 0 ? 0 : 1;
            }
        } else if (row.type->kind == FieldKind::string && has_entity(row, "topicName")) {
            item.topic = as<std::string>(element);
        } else if (is_partition_list(row) && !around.topic.empty()) {
            item.partition = as<std::int32_t>(element);
        } else {
            return 1;
        }
        return selected_(item) ? repeats_ : 1;
    }

private:
    const Selects& selected_;
    int repeats_;
};

void set_code(const StructTable& table, void* object, int version, broker_errc error) {
    for (const auto& row : table.rows()) {
        if (!row.spec.in(version)) continue;
        const std::string_view name = row.name;
        if (is_error_code(row)) as<std::int16_t>(member(object, row)) = code(error);
        if (error == broker_errc::none) continue;
        if (is_plain(row, FieldKind::string) && name == "errorMessage") {
            const std::string meaning(broker_error_meaning(code(error)));
            auto* at = member(object, row);
            as<std::string>(row.type->optional ? row.type->emplace(at) : at) = meaning;
        }
        // What Kafka puts beside an error.
        static constexpr std::uint8_t nothing = 0;
        if (row.type->kind == FieldKind::records && !row.type->array) {
            as<Slice>(member(object, row)) = Slice(&nothing, 0);
        }
        if (is_plain(row, FieldKind::int64) && (name == "baseOffset" || name == "highWatermark")) {
            as<std::int64_t>(member(object, row)) = -1;
        }
        if (is_plain(row, FieldKind::int32) && name == "leaderEpoch") {
            as<std::int32_t>(member(object, row)) = -1;
        }
    }
}

class RefusingCopier : public Copier {
public:
    RefusingCopier(int version, const Cluster& cluster, const std::vector<Item>& items,
                   broker_errc error)
        : Copier(version, cluster), items_(items), error_(error) {}

protected:
    int times(const Field&, const void*, const Item&) override { return 1; }

    // Elements are added for what no element is about yet; what is inside of them is added when
    // they are filled.
    std::vector<Item> more(const Field& row, const void* elements, std::size_t count,
                           const Item& around) override {
        std::vector<Item> added;
        if (!is_struct_array(row)) return added;
        const auto& table = *row.type->inner;
        std::vector<Item> known;
        for (std::size_t i = 0; i < count; ++i) {
            const auto* at = static_cast<const std::byte*>(elements) + i * row.type->size;
            known.push_back(about(table, at, version_, cluster_, around));
        }
        for (const auto& item : items_) {
            const auto entry = entry_for(table, item, around);
            if (!entry) continue;
            if (std::find_if(known.begin(), known.end(),
                             [&](const Item& one) { return same(one, *entry); }) != known.end()) {
                continue;
            }
            known.push_back(*entry);
            added.push_back(*entry);
        }
        return added;
    }

    void fill(const Field& row, void* element, const Item& item, const Item& around) override {
        const auto& table = *row.type->inner;
        identify(table, element, item);
        const bool whole = std::find_if(items_.begin(), items_.end(), [&](const Item& wanted) {
                               return same(wanted, item);
                           }) != items_.end();
        if (whole) {
            set_code(table, element, version_, error_);
        } else {
            // Partitions, or topics of a group, are inside.
            for (const auto& inner : table.rows())
                add_inside(inner, element, about(table, element, version_, cluster_, around));
        }
    }

private:
    static bool same(const Item& a, const Item& b) {
        // Old versions say the group in the request only.
        const bool group = a.group == b.group || a.group.empty() || b.group.empty();
        return group && a.topic == b.topic && a.partition == b.partition;
    }

    // What an element of this table, inside of `around`, would have to be about to hold the item.
    std::optional<Item> entry_for(const StructTable& table, const Item& item, const Item& around) {
        if (!around.group.empty() && around.group != item.group) return std::nullopt;
        const bool names_topic =
            find_row(table, version_, is_topic_name) || find_row(table, version_, is_topic_id);
        if (around.topic.empty() && names_topic) {
            Item entry{around.group, item.topic, item.topic_id, std::nullopt};
            // Some have topic and partition side by side.
            if (find_row(table, version_, is_partition)) entry.partition = item.partition;
            return entry;
        }
        if (!around.topic.empty() && around.topic == item.topic && item.partition &&
            find_row(table, version_, is_partition)) {
            return Item{around.group, item.topic, around.topic_id, item.partition};
        }
        if (around.group.empty() && !item.group.empty() && around.topic.empty()) {
            const auto* row = find_row(table, version_, [](const Field& field) {
                return has_entity(field, "groupId") && is_plain(field, FieldKind::string);
            });
            if (row) return Item{item.group, {}, {}, std::nullopt};
        }
        return std::nullopt;
    }

    void identify(const StructTable& table, void* element, const Item& item) {
        for (const auto& row : table.rows()) {
            if (!row.spec.in(version_)) continue;
            auto* at = member(element, row);
            if (is_topic_name(row)) {
                as<std::string>(row.type->optional ? row.type->emplace(at) : at) = item.topic;
            } else if (is_topic_id(row)) {
                auto id = item.topic_id;
                const auto* topic = cluster_.find(std::string_view(item.topic));
                if (id.is_zero() && topic) id = topic->id;
                as<Uuid>(at) = id;
            } else if (is_partition(row) && item.partition) {
                as<std::int32_t>(at) = *item.partition;
            } else if (has_entity(row, "groupId") && is_plain(row, FieldKind::string)) {
                as<std::string>(at) = item.group;
            }
        }
    }

    void add_inside(const Field& row, void* object, const Item& item) {
        if (!row.spec.in(version_) || !is_struct_array(row) || row.type->optional) return;
        const auto added = more(row, nullptr, 0, item);
        if (added.empty()) return;
        auto* array = member(object, row);
        row.type->assign(array, added.size());
        auto* at = static_cast<std::byte*>(row.type->data(array));
        for (const auto& one : added) {
            fill(row, at, one, item);
            at += row.type->size;
        }
    }

    const std::vector<Item>& items_;
    broker_errc error_;
};

// Every struct inside a message, parents first.
template <class Visit>
void each_struct(const StructTable& table, void* object, int version, const Cluster& cluster,
                 const Item& around, int depth, Visit&& visit) {
    const auto item = about(table, object, version, cluster, around);
    visit(table, object, item, depth);
    for (const auto& row : table.rows()) {
        const auto& type = *row.type;
        if (!row.spec.in(version) || type.kind != FieldKind::structure) continue;
        auto* value = const_cast<void*>(value_of(type, member(object, row)));
        if (!value) continue;
        const auto count = type.array ? type.count(value) : 1;
        auto* at = static_cast<std::byte*>(type.array ? type.data(value) : value);
        for (std::size_t i = 0; i < count; ++i, at += type.size) {
            each_struct(*type.inner, at, version, cluster, item, depth + 1, visit);
        }
    }
}

ErrorLevel level_of(const Item& item, int depth) {
    if (item.partition) return ErrorLevel::partition;
    if (!item.topic.empty()) return ErrorLevel::topic;
    return depth == 0 ? ErrorLevel::top : ErrorLevel::entry;
}

}  // namespace

Subjects subjects_of(const MessageView& view) {
    Subjects subjects;
    SubjectWalk(view.version, view.cluster, subjects).walk(*view.info.table, view.message, {});
    // FindCoordinator names things by their kind.
    constexpr std::int16_t find_coordinator_key = 10;
    if (view.info.api_key == find_coordinator_key && view.info.kind == MessageKind::request) {
        const auto kind = number_at_top(view, "keyType").value_or(0);
        auto& names = kind == 1 ? subjects.transactional_ids : subjects.groups;
        for (const auto& row : view.info.table->rows()) {
            if (!row.spec.in(view.version) || row.type->kind != FieldKind::string) continue;
            const auto* at = member(view.message, row);
            const auto count = row.type->array ? row.type->count(at) : 1;
            const auto* element =
                row.type->array ? elements_of(*row.type, at) : static_cast<const std::byte*>(at);
            for (std::size_t i = 0; i < count; ++i, element += row.type->size)
                add_once(names, as<std::string>(element));
        }
    }
    return subjects;
}

void copy_without(const MessageView& from, void* to, const Selects& selected) {
    copy_repeated(from, to, selected, 0);
}

void copy_repeated(const MessageView& from, void* to, const Selects& selected, int times) {
    RepeatingCopier(from.version, from.cluster, selected, times)
        .copy(*from.info.table, from.message, to, {});
}

void copy_with_refusals(const MessageView& from, void* to, const std::vector<Item>& items,
                        broker_errc error) {
    RefusingCopier(from.version, from.cluster, items, error)
        .copy(*from.info.table, from.message, to, {});
}

std::size_t set_error(const MessageView& response, ErrorLevel level, const Selects& selected,
                      broker_errc error) {
    std::size_t set = 0;
    const auto has_code = [&](const StructTable& table) {
        return find_row(table, response.version, is_error_code) != nullptr;
    };
    // An API without a code at that level has it further in.
    for (auto at = static_cast<int>(level);
         set == 0 && at <= static_cast<int>(ErrorLevel::partition); ++at) {
        each_struct(*response.info.table, response.message, response.version, response.cluster, {},
                    0, [&](const StructTable& table, void* object, const Item& item, int depth) {
                        if (level_of(item, depth) != static_cast<ErrorLevel>(at)) return;
                        if (!has_code(table)) return;
                        if (!item.topic.empty() && !selected(item)) return;
                        set_code(table, object, response.version, error);
                        ++set;
                    });
    }
    return set;
}

ErrorLevel natural_level(const Subjects& subjects) {
    if (subjects.items.empty()) return ErrorLevel::top;
    const bool partitions =
        std::any_of(subjects.items.begin(), subjects.items.end(),
                    [](const Item& item) { return item.partition.has_value(); });
    return partitions ? ErrorLevel::partition : ErrorLevel::topic;
}

std::optional<std::int64_t> number_at_top(const MessageView& view, std::string_view name) {
    for (const auto& row : view.info.table->rows()) {
        if (!row.spec.in(view.version) || row.name != name || row.type->array) continue;
        const auto* at = value_of(*row.type, member(view.message, row));
        if (!at) return std::nullopt;
        if (row.type->kind == FieldKind::int8) return as<std::int8_t>(at);
        if (row.type->kind == FieldKind::int16) return as<std::int16_t>(at);
        if (row.type->kind == FieldKind::int32) return as<std::int32_t>(at);
        if (row.type->kind == FieldKind::int64) return as<std::int64_t>(at);
    }
    return std::nullopt;
}

}  // namespace kafka::testing
