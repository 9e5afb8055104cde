// SPDX-License-Identifier: Apache-2.0

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Record batches of every kind as Java's MemoryRecords writes them, and what Java reads there. */
final class Batches {
    /** A codec with a level; null for the codec's own. */
    record Codec(CompressionType type, Integer level) {
        Compression compression() {
            return switch (type) {
                case GZIP -> level == null ? Compression.gzip().build()
                        : Compression.gzip().level(level).build();
                case LZ4 -> level == null ? Compression.lz4().build()
                        : Compression.lz4().level(level).build();
                case ZSTD -> level == null ? Compression.zstd().build()
                        : Compression.zstd().level(level).build();
                default -> Compression.of(type).build();
            };
        }

        @Override
        public String toString() {
            return type.name + (level == null ? "" : " level " + level);
        }
    }

    /** How records are to look. */
    enum Shape { ONE_EMPTY, FEW, GAPS, LARGE }

    private static final long NOW = 1_700_000_000_000L;

    private final Random random;

    Batches(long seed) {
        random = new Random(seed);
    }

    /** Every codec at every level; of zstd's negative ones some. The highest take 1 GB in Java. */
    static List<Codec> codecs(int highestZstd) {
        List<Codec> codecs = new ArrayList<>();
        for (CompressionType type : CompressionType.values()) {
            codecs.add(new Codec(type, null));
        }
        for (int level = 1; level <= 9; ++level) {
            codecs.add(new Codec(CompressionType.GZIP, level));
        }
        for (int level = 1; level <= 17; ++level) {
            codecs.add(new Codec(CompressionType.LZ4, level));
        }
        for (int level : new int[] {-131072, -1000, -7, -1, 0}) {
            codecs.add(new Codec(CompressionType.ZSTD, level));
        }
        for (int level = 1; level <= highestZstd; ++level) {
            codecs.add(new Codec(CompressionType.ZSTD, level));
        }
        return codecs;
    }

    /** One batch; of the old formats one compressed message, or several that are not. */
    MemoryRecords batch(int magic, Codec codec, TimestampType type, Shape shape,
            boolean idempotent, boolean transactional) {
        boolean producer = magic == 2 && idempotent;
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
                new ByteBufferOutputStream(1024), (byte) magic, codec.compression(), type,
                1000 + random.nextInt(1000),
                type == TimestampType.LOG_APPEND_TIME ? NOW + 77 : RecordBatch.NO_TIMESTAMP,
                producer ? Math.abs(random.nextLong()) : RecordBatch.NO_PRODUCER_ID,
                producer ? (short) random.nextInt(1000) : RecordBatch.NO_PRODUCER_EPOCH,
                producer ? random.nextInt(1000) : RecordBatch.NO_SEQUENCE,
                producer && transactional, false, magic == 2 ? random.nextInt(50) - 1 : -1,
                Integer.MAX_VALUE);
        int count = switch (shape) {
            case ONE_EMPTY -> 1;
            case FEW, GAPS -> 1 + random.nextInt(20);
            case LARGE -> 300;
        };
        long offset = 2000;
        for (int i = 0; i < count; ++i) {
            offset += shape == Shape.GAPS ? 1 + random.nextInt(5) : 1;
            builder.appendWithOffset(offset, record(magic, shape));
        }
        if (shape == Shape.GAPS && magic == 2) {
            builder.overrideLastOffset(offset + 3);
        }
        return builder.build();
    }

    private SimpleRecord record(int magic, Shape shape) {
        if (shape == Shape.ONE_EMPTY) {
            return new SimpleRecord(magic == 0 ? RecordBatch.NO_TIMESTAMP : NOW, (byte[]) null,
                    null);
        }
        long time = magic == 0 ? RecordBatch.NO_TIMESTAMP : NOW + random.nextInt(2000) - 1000;
        Header[] headers = new Header[magic < 2 || random.nextInt(2) == 0 ? 0 : random.nextInt(5)];
        for (int i = 0; i < headers.length; ++i) {
            String key = random.nextInt(4) == 0 ? "" : "k\u00e9y" + random.nextInt(3);
            headers[i] = new RecordHeader(key, bytes(30));
        }
        return new SimpleRecord(time, bytes(40), bytes(shape == Shape.LARGE ? 1000 : 100), headers);
    }

    /** Null, empty, random (which no codec makes smaller) or words. */
    private byte[] bytes(int most) {
        int size = random.nextInt(most + 1);
        switch (random.nextInt(6)) {
            case 0:
                return null;
            case 1:
                return new byte[0];
            case 2:
                byte[] noise = new byte[size];
                random.nextBytes(noise);
                return noise;
            default:
                StringBuilder words = new StringBuilder();
                while (words.length() < size) {
                    words.append("word").append(random.nextInt(100)).append(' ');
                }
                return words.toString().getBytes(StandardCharsets.UTF_8);
        }
    }

    /** What brokers and the quorum's controllers write among the records. */
    List<MemoryRecords> special() {
        List<MemoryRecords> made = new ArrayList<>();
        for (ControlRecordType end : List.of(ControlRecordType.ABORT, ControlRecordType.COMMIT)) {
            for (int epoch : new int[] {0, 7, Integer.MAX_VALUE}) {
                made.add(MemoryRecords.withEndTransactionMarker(
                        5, NOW, 3, 9000, (short) 2, new EndTransactionMarker(end, epoch)));
            }
        }
        made.add(MemoryRecords.withLeaderChangeMessage(8, NOW, 3, ByteBuffer.allocate(512),
                new LeaderChangeMessage().setLeaderId(2).setVoters(
                        List.of(new LeaderChangeMessage.Voter().setVoterId(1)))));
        made.add(MemoryRecords.withSnapshotHeaderRecord(0, NOW, 3, ByteBuffer.allocate(512),
                new SnapshotHeaderRecord().setLastContainedLogTimestamp(NOW)));
        made.add(MemoryRecords.withSnapshotFooterRecord(9, NOW, 3, ByteBuffer.allocate(512),
                new SnapshotFooterRecord()));
        made.add(MemoryRecords.withKRaftVersionRecord(1, NOW, 3, ByteBuffer.allocate(512),
                new KRaftVersionRecord().setKRaftVersion((short) 1)));
        made.add(MemoryRecords.withVotersRecord(1, NOW, 3, ByteBuffer.allocate(512),
                new VotersRecord().setVoters(List.of(new VotersRecord.Voter().setVoterId(1)))));
        for (boolean control : new boolean[] {false, true}) {
            // What compaction leaves of a producer's last batch.
            ByteBuffer header = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
            DefaultRecordBatch.writeEmptyHeader(header, (byte) 2, 9000, (short) 2, 40, 100, 140, 3,
                    TimestampType.CREATE_TIME, NOW, true, control);
            header.flip();
            made.add(MemoryRecords.readableRecords(header));
        }
        return made;
    }

    /** A batch whose base timestamp says when its tombstones may go (KIP-534). */
    MemoryRecords withDeleteHorizon(Codec codec) {
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
                new ByteBufferOutputStream(1024), (byte) 2, codec.compression(),
                TimestampType.CREATE_TIME, 10, RecordBatch.NO_TIMESTAMP, -1, (short) -1, -1, false,
                false, 4, Integer.MAX_VALUE, NOW + 86_400_000);
        builder.append(NOW, "key".getBytes(StandardCharsets.UTF_8), null);
        builder.append(NOW + 5, null, "value".getBytes(StandardCharsets.UTF_8));
        return builder.build();
    }

    static byte[] bytesOf(MemoryRecords records) {
        byte[] bytes = new byte[records.sizeInBytes()];
        records.buffer().duplicate().get(bytes);
        return bytes;
    }

    static MemoryRecords join(List<MemoryRecords> parts) {
        int size = parts.stream().mapToInt(MemoryRecords::sizeInBytes).sum();
        ByteBuffer all = ByteBuffer.allocate(size);
        parts.forEach(part -> all.put(bytesOf(part)));
        all.flip();
        return MemoryRecords.readableRecords(all);
    }

    /** What Java reads: the same text as peer_records.cpp's, a line a batch, a line a record. */
    static String describe(MemoryRecords records) {
        StringBuilder text = new StringBuilder();
        for (MutableRecordBatch batch : records.batches()) {
            batch.ensureValid();
            text.append(line(batch));
            for (Record record : batch) {
                record.ensureValid();
                text.append(line(record, batch.isControlBatch()));
            }
        }
        return text.toString();
    }

    private static String line(MutableRecordBatch batch) {
        String type = switch (batch.timestampType()) {
            case NO_TIMESTAMP_TYPE -> "none";
            case CREATE_TIME -> "create";
            case LOG_APPEND_TIME -> "append";
        };
        String text = "batch magic=" + batch.magic() + " last=" + batch.lastOffset() + " codec="
                + batch.compressionType().name + " type=" + type;
        if (batch.magic() < 2) {
            return text + "\n";
        }
        text += " base=" + batch.baseOffset() + " count=" + batch.countOrNull() + " max="
                + batch.maxTimestamp() + " leader=" + batch.partitionLeaderEpoch() + " producer="
                + batch.producerId() + "/" + batch.producerEpoch() + "/" + batch.baseSequence();
        return text + (batch.isTransactional() ? " transactional" : "")
                + (batch.isControlBatch() ? " control" : "")
                + (batch.deleteHorizonMs().isPresent()
                        ? " horizon=" + batch.deleteHorizonMs().getAsLong() : "") + "\n";
    }

    private static String line(Record record, boolean control) {
        StringBuilder text = new StringBuilder("  " + record.offset() + " " + record.timestamp()
                + " " + hex(record.key()) + " " + hex(record.value()));
        for (Header header : record.headers()) {
            text.append(' ')
                    .append(hex(ByteBuffer.wrap(header.key().getBytes(StandardCharsets.UTF_8))))
                    .append('=')
                    .append(hex(header.value() == null ? null : ByteBuffer.wrap(header.value())));
        }
        if (control) {
            ControlRecordType type = ControlRecordType.parse(record.key());
            text.append(' ').append(type.name().toLowerCase(java.util.Locale.ROOT));
            if (type == ControlRecordType.ABORT || type == ControlRecordType.COMMIT) {
                text.append(" epoch=")
                        .append(EndTransactionMarker.deserialize(record).coordinatorEpoch());
            }
        }
        return text.append('\n').toString();
    }

    private static String hex(ByteBuffer bytes) {
        if (bytes == null) {
            return "null";
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return "'" + HexFormat.of().formatHex(copy);
    }
}
