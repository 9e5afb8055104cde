// SPDX-License-Identifier: Apache-2.0

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Record batches both ways: C++ reads what Java writes, and Java what C++ writes of it.
 *
 * RecordBytes PEER SEED HIGHEST_ZSTD_LEVEL
 */
public final class RecordBytes {
    private static final int NO_LEVEL = Integer.MIN_VALUE;

    private final Peer peer;
    private final Report report = new Report();

    private RecordBytes(Peer peer) {
        this.peer = peer;
    }

    public static void main(String[] args) throws Exception {
        try (Peer peer = new Peer(args[0])) {
            RecordBytes test = new RecordBytes(peer);
            List<Batches.Codec> codecs = Batches.codecs(Integer.parseInt(args[2]));
            Batches batches = new Batches(Long.parseLong(args[1]));
            test.allKinds(batches, codecs);
            test.special(batches);
            test.levels(batches, codecs);
            System.exit(test.report.finish(peer.finish()));
        }
    }

    private void allKinds(Batches batches, List<Batches.Codec> codecs) throws Exception {
        List<MemoryRecords> mixed = new ArrayList<>();
        for (Batches.Codec codec : codecs) {
            for (int magic = codec.type() == CompressionType.ZSTD ? 2 : 0; magic <= 2; ++magic) {
                for (TimestampType type : typesOf(magic)) {
                    for (Batches.Shape shape : Batches.Shape.values()) {
                        boolean idempotent = shape != Batches.Shape.ONE_EMPTY;
                        boolean transactional = shape == Batches.Shape.FEW;
                        MemoryRecords records =
                                batches.batch(magic, codec, type, shape, idempotent, transactional);
                        String what = "magic " + magic + " " + codec + " " + type + " " + shape;
                        read(records, what, "batches of magic " + magic + " written by Java");
                        if (magic == 2) {
                            rewrite(records, what, type);
                        } else if (codec.type() != CompressionType.NONE) {
                            // As librdkafka sends it: brokers set the outer offset.
                            byte[] bytes = Batches.bytesOf(records);
                            ByteBuffer unset = ByteBuffer.wrap(bytes).putLong(0, 0);
                            read(MemoryRecords.readableRecords(unset), what + " without offset",
                                    "compressed messages whose own offset was not set");
                        }
                        if (codec.level() == null && shape == Batches.Shape.FEW) {
                            mixed.add(records);
                        }
                    }
                }
            }
        }
        read(Batches.join(mixed), "all formats in one", "mixtures of all formats and codecs");
    }

    private static List<TimestampType> typesOf(int magic) {
        return magic == 0 ? List.of(TimestampType.NO_TIMESTAMP_TYPE)
                : List.of(TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME);
    }

    private void special(Batches batches) throws Exception {
        for (MemoryRecords records : batches.special()) {
            String what = Batches.describe(records);
            read(records, what, "control batches and empty ones");
            if (records.batches().iterator().next().iterator().hasNext()) {
                rewrite(records, what, TimestampType.CREATE_TIME);
            }
        }
        for (CompressionType type : CompressionType.values()) {
            read(batches.withDeleteHorizon(new Batches.Codec(type, null)), "horizon " + type.name,
                    "batches with a delete horizon");
        }
    }

    /** What C++ compresses, at every level. */
    private void levels(Batches batches, List<Batches.Codec> codecs) throws Exception {
        for (Batches.Shape shape : Batches.Shape.values()) {
            MemoryRecords records = batches.batch(2, codecs.get(0), TimestampType.CREATE_TIME,
                    shape, true, false);
            for (Batches.Codec codec : codecs) {
                byte[] ours = write(records, codec, "written with " + codec);
                if (ours != null) {
                    same(records, ours, codec, "C++ " + codec + " " + shape);
                    report.count("batches compressed by C++ and read by Java");
                }
            }
        }
    }

    /** C++ sees in Java's batches what Java sees. */
    private void read(MemoryRecords records, String what, String kind) throws Exception {
        Peer.Answer ours = peer.ask('B', "", 0, Batches.bytesOf(records));
        report.count(kind);
        if (ours.failure() != null) {
            report.fail(what + ": " + ours.failure());
        } else {
            compare(Batches.describe(records), ours.text(), what);
        }
    }

    /** C++ writes a batch's records without compression, as Java does: the same bytes. */
    private void rewrite(MemoryRecords records, String what, TimestampType type) throws Exception {
        Batches.Codec none = new Batches.Codec(CompressionType.NONE, null);
        byte[] ours = write(records, none, what);
        if (ours == null) {
            return;
        }
        report.count("batches written again by C++ and read by Java");
        RecordBatch batch = records.batches().iterator().next();
        // With log append time Java keeps the producer's times below it, which no reader sees.
        if (!batch.isCompressed() && type == TimestampType.CREATE_TIME) {
            byte[] theirs = Batches.bytesOf(records);
            report.count("of them to Java's bytes");
            if (!Arrays.equals(theirs, ours)) {
                report.fail(what + " rewritten: " + Report.difference(theirs, ours));
            }
        }
        same(records, ours, none, what + " rewritten");
    }

    private byte[] write(MemoryRecords records, Batches.Codec codec, String what) throws Exception {
        byte[] theirs = Batches.bytesOf(records);
        ByteBuffer question = ByteBuffer.allocate(5 + theirs.length).put(codec.type().id)
                .putInt(codec.level() == null ? NO_LEVEL : codec.level()).put(theirs);
        Peer.Answer ours = peer.ask('W', "", 0, question.array());
        if (ours.failure() != null) {
            report.fail(what + ": " + ours.failure());
        }
        return ours.bytes();
    }

    /** Java sees in C++'s batch what is in its own, but for the codec. */
    private void same(MemoryRecords theirs, byte[] ours, Batches.Codec codec, String what) {
        String expected = Batches.describe(theirs)
                .replaceFirst(" codec=\\w+", " codec=" + codec.type().name);
        try {
            compare(expected,
                    Batches.describe(MemoryRecords.readableRecords(ByteBuffer.wrap(ours))), what);
        } catch (RuntimeException e) {
            report.fail(what + ": Java cannot read it: " + e);
        }
    }

    private void compare(String theirs, String ours, String what) {
        if (theirs.equals(ours)) {
            return;
        }
        String[] expected = theirs.split("\n");
        String[] found = ours.split("\n");
        int at = Arrays.mismatch(expected, found);
        report.fail(what + ": line " + at + " differs"
                + "\n    Java " + (at < expected.length ? expected[at] : "-")
                + "\n    C++  " + (at < found.length ? found[at] : "-"));
    }
}
