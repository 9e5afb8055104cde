// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** KafkaProducer.send with a callback. */
final class Producing {
    private static final long SHORTEST_SLEEP_NS = 50_000;
    private static final long RECORDS_A_TURN = 1000; // with clients=

    private final Run run;
    private final Options options;
    private final Corpus corpus;
    private final List<KafkaProducer<byte[], byte[]>> producers = new ArrayList<>();
    private final KafkaProducer<byte[], byte[]> producer; // the first

    private Producing(Run run) {
        this.run = run;
        options = run.options;
        Properties properties = configuration(options);
        corpus = new Corpus(options.corpus);
        run.settings(properties);
        for (int i = 0; i < options.clients; i++) {
            producers.add(new KafkaProducer<>(properties, new ByteArraySerializer(),
                    new ByteArraySerializer()));
        }
        producer = producers.get(0);
    }

    private static Properties configuration(Options options) {
        Properties set = Driver.common(options);
        set.put("acks", options.acks);
        set.put("enable.idempotence", String.valueOf(options.idempotent));
        set.put("compression.type", options.codec);
        if (options.codecLevel != null) {
            if (options.codec.equals("none") || options.codec.equals("snappy")) {
                throw new Refusal("the Java client has no levels of " + options.codec);
            }
            set.put("compression." + options.codec + ".level", options.codecLevel.toString());
        }
        if (!options.tuned) {
            return set;
        }
        set.put("batch.size", options.batch);
        set.put("max.in.flight.requests.per.connection", options.inFlight);
        if (options.lingerUs != null) {
            if (options.lingerUs % 1000 != 0) {
                throw new Refusal("linger_us=" + options.lingerUs
                        + ": the Java client waits for whole milliseconds");
            }
            set.put("linger.ms", options.lingerUs / 1000);
        }
        // Room for a full batch, and for those in flight to several brokers beside the open ones.
        set.put("max.request.size", Math.max(1_048_576, options.batch + 1000));
        set.put("buffer.memory", Math.max(134_217_728L, 16L * options.batch));
        return set;
    }

    private static void check(Exception failure) {
        if (failure != null) {
            Run.fail("Java: a delivery failed: " + failure);
        }
    }

    private ProducerRecord<byte[], byte[]> record(int index) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(options.topic,
                corpus.keys == null ? null : corpus.keys[index], corpus.values[index]);
        if (corpus.headers != null && corpus.headers[index] != null) {
            record.headers().add(Corpus.HEADER_KEY, corpus.headers[index]);
        }
        return record;
    }

    private void send(long first, long after) {
        Callback counting = (metadata, failure) -> {
            check(failure);
            run.done.incrementAndGet();
        };
        int at = (int) (first % corpus.count());
        int turn = 0;
        for (long i = first; i < after; turn++) {
            KafkaProducer<byte[], byte[]> next = producers.get(turn % producers.size());
            long until = producers.size() == 1 ? after : Math.min(after, i + RECORDS_A_TURN);
            for (; i < until; i++) {
                next.send(record(at), counting);
                at = at + 1 == corpus.count() ? 0 : at + 1;
            }
        }
    }

    private void waitFor(long count) {
        producers.forEach(KafkaProducer::flush);
        while (run.done.get() < count) { // with acks=0 as well
            LockSupport.parkNanos(SHORTEST_SLEEP_NS);
        }
    }

    private void bulk() throws InterruptedException {
        List<Thread> others = new ArrayList<>();
        for (long thread = 1; thread < options.threads; thread++) {
            long first = from(thread);
            long after = from(thread + 1);
            Thread other = new Thread(() -> send(first, after), "send-" + thread);
            other.start();
            others.add(other);
        }
        send(from(0), from(1));
        for (Thread other : others) {
            other.join();
        }
        waitFor(options.warmup + options.messages);
    }

    private long from(long thread) {
        return options.warmup + options.messages * thread / options.threads;
    }

    /** Callbacks come from one thread. */
    private void pace() {
        double gap = 1e9 / options.rate;
        long start = System.nanoTime();
        for (long i = 0; i < options.messages; i++) {
            long due = start + (long) (gap * i);
            for (long left; (left = due - System.nanoTime()) > 0; ) {
                LockSupport.parkNanos(Math.max(left, SHORTEST_SLEEP_NS));
            }
            producer.send(record((int) ((options.warmup + i) % corpus.count())),
                    (metadata, failure) -> {
                        check(failure);
                        run.latency.record(System.nanoTime() - due);
                        run.done.incrementAndGet();
                    });
        }
        while (run.done.get() < options.warmup + options.messages) {
            LockSupport.parkNanos(SHORTEST_SLEEP_NS);
        }
    }

    private void start() throws Exception {
        run.begin();
        producer.send(new ProducerRecord<>(options.topic, corpus.values[0])).get();
        run.end();
    }

    static void send(Run run) throws Exception {
        Producing it = new Producing(run);
        if (run.options.mode == Options.Mode.START) {
            it.start();
        } else {
            it.send(0, run.options.warmup);
            it.waitFor(run.options.warmup);
            run.begin();
            if (run.options.mode == Options.Mode.LATENCY) {
                it.pace();
            } else {
                it.bulk();
            }
            run.end();
        }
        it.producers.forEach(KafkaProducer::close);
    }
}
