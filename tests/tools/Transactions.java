// SPDX-License-Identifier: Apache-2.0
// Java's transactional producer and its consumers of committed data: what each of them sees.
//
//   java -cp DIR/* Transactions.java BOOTSTRAP TOPIC PARTITIONS

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Transactions {
    private static final int TRANSACTIONS = 12;
    private static final int RECORDS = 20;
    private static final String GROUP = "copied";

    private static KafkaProducer<String, String> producer(String bootstrap) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("transactional.id", "java");
        settings.put("linger.ms", "0");
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap, String isolation) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("isolation.level", isolation);
        settings.put("group.id", GROUP);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static void print(String what, Object value) {
        System.out.println(what + "=" + value);
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < count; ++i) all.add(new TopicPartition(topic, i));
        return all;
    }

    private static Set<String> read(String bootstrap, List<TopicPartition> partitions,
                                    String isolation) {
        Set<String> values = new TreeSet<>();
        try (var consumer = consumer(bootstrap, isolation)) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long until = System.currentTimeMillis() + 30_000;
            while (System.currentTimeMillis() < until && partitions.stream().anyMatch(
                       one -> consumer.position(one) < ends.get(one))) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    if (!values.add(record.value())) print("twice", record.value());
                }
            }
        }
        return values;
    }

    public static void main(String[] arguments) {
        String bootstrap = arguments[0];
        String topic = arguments[1];
        List<TopicPartition> partitions = partitions(topic, Integer.parseInt(arguments[2]));

        var first = producer(bootstrap);
        first.initTransactions();
        for (int i = 0; i < TRANSACTIONS; ++i) {
            boolean commits = i % 3 != 2;
            first.beginTransaction();
            for (int j = 0; j < RECORDS; ++j) {
                int partition = (i + j % 2) % partitions.size();
                String value = (commits ? "committed-" : "aborted-") + i + "-" + j;
                first.send(new ProducerRecord<>(topic, partition, null, value));
            }
            first.sendOffsetsToTransaction(
                Map.of(partitions.get(0), new OffsetAndMetadata(100 + i)),
                new ConsumerGroupMetadata(GROUP));
            first.flush();  // or an abort leaves out what was not sent yet
            if (commits) first.commitTransaction();
            else first.abortTransaction();
        }
        // One more that stays open while another producer takes over.
        first.beginTransaction();
        first.send(new ProducerRecord<>(topic, 0, null, "fenced"));
        first.flush();
        print("before", read(bootstrap, partitions, "read_committed").contains("fenced"));
        var second = producer(bootstrap);
        second.initTransactions();
        try {
            first.commitTransaction();
            print("fenced", "none");
        } catch (KafkaException error) {
            print("fenced", error.getClass().getSimpleName());
        }
        first.close(Duration.ZERO);
        second.beginTransaction();
        second.send(new ProducerRecord<>(topic, 0, null, "committed-second"));
        second.commitTransaction();
        second.close();

        print("committed", String.join(",", read(bootstrap, partitions, "read_committed")));
        print("all", read(bootstrap, partitions, "read_uncommitted").size());
        try (var consumer = consumer(bootstrap, "read_committed")) {
            print("offset", consumer.committed(Set.copyOf(partitions)).get(partitions.get(0)).offset());
        }
    }
}
