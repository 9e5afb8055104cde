// SPDX-License-Identifier: Apache-2.0

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** KafkaConsumer.poll on assigned partitions, without a group. */
final class Consuming {
    private static int first; // of the values' first bytes, so that they are read

    private Consuming() {}

    private static Properties configuration(Options options) {
        Properties set = Driver.common(options);
        set.put("enable.auto.commit", "false");
        set.put("check.crcs", "true");
        set.put("auto.offset.reset", "none");
        if (options.tuned) {
            set.put("max.partition.fetch.bytes", options.fetch);
            set.put("fetch.max.bytes", Math.max(52_428_800, options.fetch));
            set.put("max.poll.records", 50_000);
        }
        return set;
    }

    static void poll(Run run) {
        Options options = run.options;
        Properties properties = configuration(options);
        run.settings(properties);
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < options.partitions; i++) {
            partitions.add(new TopicPartition(options.topic, i));
        }
        long total = options.warmup + options.messages;
        long seen = 0;
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.seek(partition, 0));
            if (options.warmup == 0) {
                run.begin();
            }
            while (seen < total) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    byte[] value = record.value();
                    if (value != null && value.length > 0) {
                        first ^= value[0];
                    }
                    seen++;
                    if (seen == options.warmup) {
                        run.begin();
                    } else if (seen == total) {
                        run.end();
                        break;
                    }
                }
                run.done.set(seen);
            }
        }
    }
}
