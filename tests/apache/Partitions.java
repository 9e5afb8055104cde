// SPDX-License-Identifier: Apache-2.0

package org.apache.kafka.clients.producer.internals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.utils.internals.LogContext;

/**
 * How Java's producer chooses partitions; see test_balancers.py. In its package, where the random
 * numbers of its partitioner can be given.
 *
 * Partitions keys|turns|picks|switches {QUESTIONS ANSWERS}: files of big-endian numbers. The
 * questions are those of peer_balancers.cpp.
 */
public final class Partitions {
    private static final String TOPIC = "topic";
    private static final String RACK = "here";

    private final DataInputStream in;
    private final DataOutputStream out;

    private Partitions(DataInputStream in, DataOutputStream out) {
        this.in = in;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        for (int i = 1; i + 1 < args.length; i += 2) {
            answer(args[0], Path.of(args[i]), Path.of(args[i + 1]));
        }
    }

    private static void answer(String what, Path questions, Path answers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataInputStream in = new DataInputStream(
                new ByteArrayInputStream(Files.readAllBytes(questions)))) {
            Partitions partitions = new Partitions(in, new DataOutputStream(bytes));
            switch (what) {
                case "keys" -> partitions.keys();
                case "turns" -> partitions.turns();
                case "picks" -> partitions.picks();
                case "switches" -> partitions.switches();
                default -> throw new IllegalArgumentException(what);
            }
        }
        Files.write(answers, bytes.toByteArray());
        System.out.println(bytes.size() / 4 + " answers: " + what);
    }

    private void keys() throws IOException {
        int count = in.readInt();
        in.skipNBytes(4L * in.readInt());
        while (more()) {
            byte[] key = bytes();
            in.readInt();
            // KafkaProducer asks for the partition of a key that is not null.
            out.writeInt(key == null ? -1 : BuiltInPartitioner.partitionForKey(key, count));
        }
    }

    private void turns() throws IOException {
        int count = in.readInt();
        Integer[] queues = new Integer[count];
        for (int left = in.readInt(); left > 0; --left) {
            queues[in.readInt()] = 0;
        }
        Cluster cluster = cluster(queues, new boolean[count]);
        try (RoundRobinPartitioner partitioner = new RoundRobinPartitioner()) {
            while (more()) {
                byte[] key = bytes();
                in.readInt();
                out.writeInt(partitioner.partition(TOPIC, key, key, null, null, cluster));
            }
        }
    }

    /** What RecordAccumulator.partitionReady does with the queues of a topic's partitions. */
    private void picks() throws IOException {
        while (more()) {
            int random = in.readInt();
            int count = in.readInt();
            boolean adaptive = in.readInt() != 0;
            boolean rackAware = in.readInt() != 0;
            Integer[] queues = new Integer[count];
            boolean[] inRack = new boolean[count];
            int[] sizes = new int[count];
            int[] partitions = new int[count];
            String[] racks = new String[count];
            int ready = 0;
            for (int left = in.readInt(); left > 0; --left) {
                int partition = in.readInt();
                queues[partition] = in.readInt();
                boolean lagging = in.readInt() != 0;
                inRack[partition] = in.readInt() != 0;
                if (!lagging) {
                    sizes[ready] = queues[partition];
                    partitions[ready] = partition;
                    racks[ready++] = inRack[partition] ? RACK : "elsewhere";
                }
            }
            BuiltInPartitioner partitioner = new Fixed(1000, rackAware, random);
            partitioner.updatePartitionLoadStats(adaptive ? sizes : null, partitions, racks, ready);
            Cluster cluster = cluster(queues, inRack);
            out.writeInt(partitioner.peekCurrentPartitionInfo(cluster).partition());
        }
    }

    private void switches() throws IOException {
        BuiltInPartitioner partitioner = new Fixed(in.readInt(), false, 0);
        Cluster cluster = cluster(new Integer[] {0, 0, 0}, new boolean[3]);
        while (more()) {
            int bytes = in.readInt();
            boolean full = in.readInt() != 0;
            BuiltInPartitioner.StickyPartitionInfo at = partitioner.peekCurrentPartitionInfo(cluster);
            partitioner.updatePartitionInfo(at, bytes, cluster, full);
            out.writeInt(partitioner.isPartitionChanged(at) ? 1 : 0);
        }
    }

    /** A partition without queue has no leader. */
    private static Cluster cluster(Integer[] queues, boolean[] inRack) {
        Node here = new Node(1, "localhost", 9092, RACK);
        Node elsewhere = new Node(2, "localhost", 9093, "elsewhere");
        Node[] nodes = {here, elsewhere};
        List<PartitionInfo> partitions = new ArrayList<>();
        for (int i = 0; i < queues.length; ++i) {
            Node leader = queues[i] == null ? null : inRack[i] ? here : elsewhere;
            partitions.add(new PartitionInfo(TOPIC, i, leader, nodes, nodes));
        }
        return new Cluster("cluster", Arrays.asList(nodes), partitions, Set.of(), Set.of());
    }

    private byte[] bytes() throws IOException {
        int size = in.readInt();
        if (size < 0) {
            return null;
        }
        byte[] bytes = new byte[size];
        in.readFully(bytes);
        return bytes;
    }

    private boolean more() throws IOException {
        return in.available() > 0;
    }

    /** Java's partitioner with a random number of ours. */
    private static final class Fixed extends BuiltInPartitioner {
        private final int random;

        Fixed(int stickyBatchSize, boolean rackAware, int random) {
            super(new LogContext(), TOPIC, stickyBatchSize, rackAware, RACK);
            this.random = random;
        }

        @Override
        int randomPartition() {
            return random;
        }
    }
}
