// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "client.hpp"

namespace kafka_bench {
namespace {

class Consumer {
public:
    explicit Consumer(Run& run) : run_{run} {
        const Options& options = run.options();
        if (options.mode != Mode::consume) {
            refuse("way=" + options.way + " can only consume");
        }
        Settings settings{run};
        // Assigning partitions needs a group's name, though it joins none and commits nothing.
        settings.set("group.id", "kafka-asio-bench");
        settings.set("enable.auto.commit", "false");
        settings.set("check.crcs", "true");
        settings.set("auto.offset.reset", "error");
        if (options.tuned) {
            settings.set("fetch.message.max.bytes", options.fetch);
            settings.set("fetch.max.bytes",
                         std::max<std::int64_t>(std::int64_t{options.fetch}, 52'428'800));
            if (options.fetch > 100'000'000 - 512) {
                settings.set("receive.message.max.bytes", std::int64_t{options.fetch} + 1'000'000);
            }
            settings.set("queued.min.messages", 1'000'000);
            // Beyond the thresholds it would stop fetching for a second.
            settings.set("fetch.queue.backoff.ms", 0);
        }
        client_ = settings.create(RD_KAFKA_CONSUMER);
        rd_kafka_poll_set_consumer(client_);
        rd_kafka_topic_partition_list_t* const list =
            rd_kafka_topic_partition_list_new(options.partitions);
        for (std::int32_t i = 0; i < options.partitions; ++i) {
            rd_kafka_topic_partition_list_add(list, options.topic.c_str(), i)->offset = 0;
        }
        const rd_kafka_resp_err_t error = rd_kafka_assign(client_, list);
        rd_kafka_topic_partition_list_destroy(list);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fail("librdkafka: " + std::string{rd_kafka_err2str(error)});
        }
        queue_ = rd_kafka_queue_get_consumer(client_);
        if (options.warmup == 0) {
            run.begin();
        }
    }

    ~Consumer() {
        rd_kafka_queue_destroy(queue_);
        rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    [[nodiscard]] rd_kafka_t* client() const { return client_; }
    [[nodiscard]] rd_kafka_queue_t* queue() const { return queue_; }
    [[nodiscard]] bool done() const {
        return seen_ >= run_.options().warmup + run_.options().messages;
    }

    void take(const rd_kafka_message_t& message) {
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fail("librdkafka: " + std::string{rd_kafka_message_errstr(&message)});
        }
        if (message.len > 0) {
            first_ = *static_cast<const volatile char*>(message.payload);
        }
        ++seen_;
        if (seen_ == run_.options().warmup) {
            run_.begin();
        }
        if (done()) {
            run_.end();
        }
    }

    /// A poll came back without a message.
    void idle() { watch_.check(seen_); }

private:
    Run& run_;
    rd_kafka_t* client_ = nullptr;
    rd_kafka_queue_t* queue_ = nullptr;
    std::uint64_t seen_ = 0;
    char first_ = 0;
    Watch watch_;
};

}  // namespace

void consume_one_by_one(const Options&, Run& run) {
    Consumer consumer{run};
    while (!consumer.done()) {
        rd_kafka_message_t* const message = rd_kafka_consumer_poll(consumer.client(), 100);
        if (message == nullptr) {
            consumer.idle();
            continue;
        }
        consumer.take(*message);
        rd_kafka_message_destroy(message);
    }
}

void consume_batches(const Options&, Run& run) {
    Consumer consumer{run};
    std::array<rd_kafka_message_t*, 10'000> messages{};
    while (!consumer.done()) {
        const ssize_t count =
            rd_kafka_consume_batch_queue(consumer.queue(), 100, messages.data(), messages.size());
        if (count <= 0) {
            consumer.idle();
        }
        for (ssize_t i = 0; i < count; ++i) {
            rd_kafka_message_t* const message = messages[static_cast<std::size_t>(i)];
            if (!consumer.done()) {
                consumer.take(*message);
            }
            rd_kafka_message_destroy(message);
        }
    }
}

}  // namespace kafka_bench
