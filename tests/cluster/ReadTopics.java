// SPDX-License-Identifier: Apache-2.0

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics to their ends, read_committed, each into a file of its name in a folder: a line for
 * each record with partition, offset, time, key, headers and value, with tabs between them.
 *
 * <p>ReadTopics BROKERS FOLDER TOPIC...
 */
public final class ReadTopics {
    private static final Duration WAIT = Duration.ofMillis(200);
    private static final long LIMIT_MS = 120_000;

    private ReadTopics() {}

    private static void number(ByteArrayOutputStream line, long value) {
        line.writeBytes(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
        line.write('\t');
    }

    private static void bytes(ByteArrayOutputStream line, byte[] value) {
        if (value != null) {
            line.writeBytes(value);
        }
    }

    private static void write(OutputStream out, ByteArrayOutputStream line,
                              ConsumerRecord<byte[], byte[]> record) throws IOException {
        line.reset();
        number(line, record.partition());
        number(line, record.offset());
        number(line, record.timestamp());
        bytes(line, record.key());
        line.write('\t');
        boolean first = true;
        for (Header header : record.headers()) {
            line.writeBytes(((first ? "" : ",") + header.key() + "=")
                    .getBytes(StandardCharsets.UTF_8));
            bytes(line, header.value());
            first = false;
        }
        line.write('\t');
        bytes(line, record.value());
        line.write('\n');
        line.writeTo(out);
    }

    private static boolean ended(KafkaConsumer<byte[], byte[]> consumer,
                                 Map<TopicPartition, Long> ends) {
        for (var end : ends.entrySet()) {
            if (consumer.position(end.getKey()) < end.getValue()) {
                return false;
            }
        }
        return true;
    }

    /** Where committed data ends once no transaction is open; ends of them are written late. */
    private static Map<TopicPartition, Long> ends(
            KafkaConsumer<byte[], byte[]> consumer, KafkaConsumer<byte[], byte[]> all,
            List<TopicPartition> partitions, long limit) throws IOException {
        while (true) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            if (ends.equals(all.endOffsets(partitions))) {
                return ends;
            }
            if (System.currentTimeMillis() > limit) {
                throw new IOException("a transaction stays open in " + partitions);
            }
        }
    }

    private static void read(KafkaConsumer<byte[], byte[]> consumer,
                             KafkaConsumer<byte[], byte[]> all, String topic, Path file)
            throws IOException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (var info : consumer.partitionsFor(topic)) {
            partitions.add(new TopicPartition(topic, info.partition()));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        long limit = System.currentTimeMillis() + LIMIT_MS;
        Map<TopicPartition, Long> ends = ends(consumer, all, partitions, limit);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            while (!ended(consumer, ends)) {
                for (var record : consumer.poll(WAIT)) {
                    write(out, line, record);
                }
                if (System.currentTimeMillis() > limit) {
                    throw new IOException(topic + " was not read to its end in time");
                }
            }
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String brokers, String isolation) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", brokers);
        settings.put("key.deserializer", ByteArrayDeserializer.class);
        settings.put("value.deserializer", ByteArrayDeserializer.class);
        settings.put("isolation.level", isolation);
        settings.put("auto.offset.reset", "none");
        settings.put("max.poll.records", "5000");
        settings.put("check.crcs", "true");
        return new KafkaConsumer<>(settings);
    }

    public static void main(String[] args) throws IOException {
        try (var consumer = consumer(args[0], "read_committed");
             var all = consumer(args[0], "read_uncommitted")) {
            for (int i = 2; i < args.length; ++i) {
                read(consumer, all, args[i], Path.of(args[1], args[i]));
            }
        }
    }
}
