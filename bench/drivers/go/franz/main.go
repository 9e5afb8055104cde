// SPDX-License-Identifier: Apache-2.0

// The driver of franz-go.
package main

import (
	"context"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"

	"kafka-asio/bench/drivers/bench"
)

func main() {
	produces := []bench.Mode{bench.Produce, bench.Latency, bench.Start}
	consumes := []bench.Mode{bench.Consume}
	bench.Drive("franz-go "+bench.ModuleVersion("github.com/twmb/franz-go"), []bench.Way{
		{Name: "franz-produce", What: "Produce with a promise a record", Modes: produces, Run: produce},
		{Name: "franz-produce-pooled", What: "the same, Records taken from a sync.Pool", Modes: produces,
			Run: producePooled},
		{Name: "franz-poll", What: "PollFetches, walking each partition's slice of records",
			Modes: consumes, Run: poll},
		{Name: "franz-poll-pooled", What: "the same with pools for records and decompressed bytes",
			Modes: consumes, Run: pollPooled},
		{Name: "franz-iterate", What: "PollFetches, one record at a time through RecordIter",
			Modes: consumes, Run: iterate},
	})
}

// common are the options of both sides.
func common(run *bench.Run) []kgo.Opt {
	options := []kgo.Opt{kgo.SeedBrokers(run.Bootstrap...), kgo.DisableClientMetrics()}
	run.Setting("DisableClientMetrics", true)
	if config := run.TLS(); config != nil {
		options = append(options, kgo.DialTLSConfig(config))
		run.Setting("DialTLSConfig", "RootCAs of "+run.CA)
	}
	return options
}

func connect(options []kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(options...)
	if err != nil {
		bench.Refuse("franz-go refuses: %v", err)
	}
	return client
}

func codec(run *bench.Run) kgo.CompressionCodec {
	level := 0
	if run.CodecLevel != nil {
		level = *run.CodecLevel
	}
	switch run.Codec {
	case "gzip":
		if run.CodecLevel != nil {
			return kgo.GzipCompression().WithLevel(level)
		}
		return kgo.GzipCompression()
	case "lz4":
		if level > 0 { // lz4.Level1 is 1 << 9
			return kgo.Lz4Compression().WithLevel(1 << (8 + level))
		}
		return kgo.Lz4Compression()
	case "zstd":
		if run.CodecLevel != nil {
			return kgo.ZstdCompression().WithLevel(int(zstd.EncoderLevelFromZstd(level)))
		}
		return kgo.ZstdCompression()
	case "snappy":
		run.NoLevel("franz-go")
		return kgo.SnappyCompression()
	}
	run.NoLevel("franz-go")
	return kgo.NoCompression()
}

func producer(run *bench.Run) *kgo.Client {
	options := append(common(run), kgo.DefaultProduceTopic(run.Topic),
		kgo.ProducerBatchCompression(codec(run)))
	run.Setting("ProducerBatchCompression", run.Codec)
	if run.CodecLevel != nil {
		run.Setting("WithLevel", *run.CodecLevel)
	}
	if run.Idempotent {
		if run.Acks != -1 {
			bench.Refuse("franz-go is idempotent with acks=all only")
		}
		if run.Tuned && run.InFlight != 5 {
			bench.Refuse("franz-go has 5 requests in flight when it is idempotent, not %d", run.InFlight)
		}
	} else {
		options = append(options, kgo.DisableIdempotentWrite())
		run.Setting("DisableIdempotentWrite", true)
	}
	acks := map[int]kgo.Acks{-1: kgo.AllISRAcks(), 1: kgo.LeaderAck(), 0: kgo.NoAck()}[run.Acks]
	options = append(options, kgo.RequiredAcks(acks))
	run.Setting("RequiredAcks", run.Acks)
	if run.Tuned {
		options = append(options, kgo.ProducerBatchMaxBytes(int32(run.Batch)))
		run.Setting("ProducerBatchMaxBytes", run.Batch)
		if run.Linger != nil {
			options = append(options, kgo.ProducerLinger(*run.Linger))
			run.Setting("ProducerLinger", *run.Linger)
		}
		if !run.Idempotent {
			options = append(options, kgo.MaxProduceRequestsInflightPerBroker(run.InFlight))
			run.Setting("MaxProduceRequestsInflightPerBroker", run.InFlight)
		}
		options = append(options, kgo.MaxBufferedRecords(buffered(run)))
		run.Setting("MaxBufferedRecords", buffered(run))
	}
	return connect(options)
}

// buffered is the default for one partition, which a batch of 1 MB after the other needs of 100-byte
// records. More partitions at once need more; for one, more only costs memory.
func buffered(run *bench.Run) int { return 50_000 * min(run.Partitions, 20) }

// handOver gives a function that sends the records from `first` until before `after`.
type handOver func(client *kgo.Client) func(first, after int64)

func promise(run *bench.Run) func(*kgo.Record, error) {
	return func(_ *kgo.Record, err error) {
		check(err)
		run.Count(1)
	}
}

func check(err error) {
	if err != nil {
		bench.Fail("franz-go: a delivery failed: %v", err)
	}
}

func headers(value []byte) []kgo.RecordHeader {
	if value == nil {
		return nil
	}
	return []kgo.RecordHeader{{Key: bench.HeaderKey, Value: value}}
}

func produce(run *bench.Run) {
	corpus := bench.OpenCorpus(run.Corpus)
	ctx, done := context.Background(), promise(run)
	perform(run, corpus, func(client *kgo.Client) func(first, after int64) {
		return func(first, after int64) {
			cursor := corpus.Cursor(first)
			for range after - first {
				key, value, header := cursor.Next()
				client.Produce(ctx, &kgo.Record{Key: key, Value: value, Headers: headers(header)}, done)
			}
		}
	})
}

func producePooled(run *bench.Run) {
	corpus := bench.OpenCorpus(run.Corpus)
	ctx := context.Background()
	pool := newRecordPool()
	done := func(record *kgo.Record, err error) {
		check(err)
		pool.put(record)
		run.Count(1)
	}
	perform(run, corpus, func(client *kgo.Client) func(first, after int64) {
		return func(first, after int64) {
			cursor := corpus.Cursor(first)
			for range after - first {
				record := pool.get()
				key, value, header := cursor.Next()
				record.Key, record.Value = key, value
				if header != nil {
					record.Headers = append(record.Headers,
						kgo.RecordHeader{Key: bench.HeaderKey, Value: header})
				}
				client.Produce(ctx, record, done)
			}
		}
	})
}

// perform is the run of both ways; only bulk sending differs between them.
func perform(run *bench.Run, corpus *bench.Corpus, hand handOver) {
	ctx := context.Background()
	var clients []*kgo.Client
	var sends []func(first, after int64)
	for range run.Clients {
		client := producer(run)
		clients, sends = append(clients, client), append(sends, hand(client))
	}
	client, send := clients[0], bench.InTurns(sends)
	if run.Clients == 1 {
		send = sends[0]
	}
	flush := func() {
		for _, each := range clients {
			check(each.Flush(ctx))
		}
	}
	if run.Mode == bench.Start {
		run.Begin()
		_, value, _ := first(corpus)
		check(client.ProduceSync(ctx, &kgo.Record{Value: value}).FirstErr())
		run.End()
		return
	}
	if run.Warmup > 0 {
		send(0, run.Warmup)
		flush()
		run.WaitFor(run.Warmup)
	}
	total := run.Warmup + run.Messages
	run.Begin()
	if run.Mode == bench.Latency {
		cursor := corpus.Cursor(run.Warmup)
		run.Pace(run.Messages, func(_ int64, due time.Time) {
			key, value, header := cursor.Next()
			client.Produce(ctx, &kgo.Record{Key: key, Value: value, Headers: headers(header)},
				func(_ *kgo.Record, err error) { // promises are called one after the other
					check(err)
					run.Latency.Record(time.Since(due))
					run.Count(1)
				})
		})
	} else {
		run.Split(run.Warmup, total, send)
		flush()
	}
	run.WaitFor(total)
	run.End()
}

func first(corpus *bench.Corpus) (key, value, header []byte) {
	cursor := corpus.Cursor(0)
	return cursor.Next()
}
