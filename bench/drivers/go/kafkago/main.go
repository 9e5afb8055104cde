// SPDX-License-Identifier: Apache-2.0

// The driver of kafka-go.
package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"

	"kafka-asio/bench/drivers/bench"
)

func main() {
	bench.Drive("kafka-go "+bench.ModuleVersion("github.com/segmentio/kafka-go"), []bench.Way{
		{Name: "kafkago-writer", What: "Writer, asynchronous, 1000 messages a call, Completion counts",
			Modes: []bench.Mode{bench.Produce, bench.Latency, bench.Start}, Run: write},
		{Name: "kafkago-read", What: "a Reader and a goroutine a partition, ReadMessage",
			Modes: []bench.Mode{bench.Consume}, Run: read},
	})
}

const (
	call        = 1000    // messages in one WriteMessages
	outstanding = 200_000 // messages that are not acknowledged yet
)

func codec(run *bench.Run) kafka.Compression {
	codecs := map[string]kafka.Compression{
		"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
	}
	if run.CodecLevel != nil {
		// A Writer knows no level; its codecs are global.
		switch run.Codec {
		case "gzip":
			compress.GzipCodec.Level = *run.CodecLevel
		case "zstd":
			compress.ZstdCodec.Level = *run.CodecLevel
		default:
			run.NoLevel("kafka-go")
		}
		run.Setting("compress.Codec.Level", *run.CodecLevel)
	}
	run.Setting("Compression", run.Codec)
	return codecs[run.Codec]
}

func newWriter(run *bench.Run, corpus *bench.Corpus, completion func([]kafka.Message, error)) *kafka.Writer {
	if run.Idempotent {
		bench.Refuse("kafka-go has no idempotence")
	}
	transport := &kafka.Transport{TLS: run.TLS()}
	if run.CA != "" {
		run.Setting("TLS", "RootCAs of "+run.CA)
	}
	writer := &kafka.Writer{
		Addr: kafka.TCP(run.Bootstrap...), Topic: run.Topic, Async: true, Completion: completion,
		RequiredAcks: kafka.RequiredAcks(run.Acks), Compression: codec(run), Transport: transport,
		ErrorLogger: kafka.LoggerFunc(func(format string, arguments ...any) {
			run.Trouble(fmt.Sprintf(format, arguments...))
		}),
	}
	run.Setting("Async", true)
	run.Setting("RequiredAcks", run.Acks)
	if corpus.Keyed { // its default ignores keys
		writer.Balancer = kafka.Murmur2Balancer{}
		run.Setting("Balancer", "Murmur2Balancer")
	}
	if !run.Tuned {
		return writer
	}
	writer.BatchBytes = int64(run.Batch)
	run.Setting("BatchBytes", run.Batch)
	if run.Linger != nil {
		writer.BatchTimeout = max(*run.Linger, time.Millisecond) // zero means the default, less sends singles
		run.Setting("BatchTimeout", writer.BatchTimeout)
	}
	if run.Mode == bench.Produce {
		// Each batch is allocated for so many messages: no more than fill its bytes, or than can be
		// outstanding.
		writer.BatchSize = max(100, min(run.Batch/max(1, corpus.Size()/int(corpus.Count)),
			outstanding/run.Partitions))
		run.Setting("BatchSize", writer.BatchSize)
	} else if run.Linger != nil {
		writer.BatchSize = max(100, int(float64(run.Rate)*run.Linger.Seconds()))
		run.Setting("BatchSize", writer.BatchSize)
	}
	return writer
}

// window holds producers back: an asynchronous Writer takes any number of messages.
type window struct {
	mutex sync.Mutex
	space *sync.Cond
	left  int
}

func newWindow(size int) *window {
	w := &window{left: size}
	w.space = sync.NewCond(&w.mutex)
	return w
}

func (w *window) take(messages int) {
	w.mutex.Lock()
	for w.left < messages {
		w.space.Wait()
	}
	w.left -= messages
	w.mutex.Unlock()
}

func (w *window) give(messages int) {
	w.mutex.Lock()
	w.left += messages
	w.mutex.Unlock()
	w.space.Broadcast()
}

func check(err error) {
	if err != nil {
		bench.Fail("kafka-go: a delivery failed: %v", err)
	}
}

func message(key, value, header []byte) kafka.Message {
	made := kafka.Message{Key: key, Value: value}
	if header != nil {
		made.Headers = []kafka.Header{{Key: bench.HeaderKey, Value: header}}
	}
	return made
}

func write(run *bench.Run) {
	corpus := bench.OpenCorpus(run.Corpus)
	room := newWindow(max(outstanding, call*run.Threads))
	run.Setting("(driver) messages outstanding", max(outstanding, call*run.Threads))
	var latency sync.Mutex // partitions complete at once
	completion := func(messages []kafka.Message, err error) {
		check(err)
		if run.Mode == bench.Latency && messages[0].WriterData != nil {
			latency.Lock()
			now := time.Now()
			for i := range messages {
				run.Latency.Record(now.Sub(*messages[i].WriterData.(*time.Time)))
			}
			latency.Unlock()
		} else {
			room.give(len(messages))
		}
		run.Count(int64(len(messages)))
	}
	var writers []*kafka.Writer
	for range run.Clients {
		writers = append(writers, newWriter(run, corpus, completion))
	}
	writer := writers[0]
	ctx := context.Background()
	if run.Mode == bench.Start {
		run.Begin()
		cursor := corpus.Cursor(0)
		_, value, _ := cursor.Next()
		check(writer.WriteMessages(ctx, message(nil, value, nil)))
		run.WaitFor(1)
		run.End()
		return
	}
	send := func(first, after int64) {
		cursor := corpus.Cursor(first)
		var messages [call]kafka.Message // a Writer copies them
		for at := first; at < after; {
			count := int(min(call, after-at))
			for i := range count {
				messages[i] = message(cursor.Next())
			}
			room.take(count)
			next := writers[(at-first)/call%int64(len(writers))]
			check(next.WriteMessages(ctx, messages[:count]...))
			at += int64(count)
		}
	}
	send(0, run.Warmup)
	run.WaitFor(run.Warmup)
	total := run.Warmup + run.Messages
	dues := make([]time.Time, 0)
	if run.Mode == bench.Latency {
		dues = make([]time.Time, run.Messages)
	}
	run.Begin()
	if run.Mode == bench.Latency {
		cursor := corpus.Cursor(run.Warmup)
		run.Pace(run.Messages, func(i int64, due time.Time) {
			dues[i] = due
			made := message(cursor.Next())
			made.WriterData = &dues[i]
			check(writer.WriteMessages(ctx, made))
		})
	} else {
		run.Split(run.Warmup, total, send)
	}
	run.WaitFor(total)
	run.End()
}

func read(run *bench.Run) {
	config := kafka.ReaderConfig{Brokers: run.Bootstrap, Topic: run.Topic, OffsetOutOfRangeError: true}
	if authority := run.TLS(); authority != nil {
		config.Dialer = &kafka.Dialer{TLS: authority, Timeout: 10 * time.Second, DualStack: true}
		run.Setting("Dialer.TLS", "RootCAs of "+run.CA)
	}
	if run.Tuned {
		config.MaxBytes = run.Fetch
		config.QueueCapacity = 10_000
		run.Setting("MaxBytes", config.MaxBytes)
		run.Setting("QueueCapacity", config.QueueCapacity)
	}
	config.ErrorLogger = kafka.LoggerFunc(func(format string, arguments ...any) {
		run.Trouble(fmt.Sprintf(format, arguments...)) // it tries again for ever
	})
	total := run.Warmup + run.Messages
	if run.Warmup == 0 {
		run.Begin()
	}
	finished := make(chan struct{})
	ctx := context.Background()
	for partition := range run.Partitions {
		own := config
		own.Partition = partition
		go func() {
			reader := kafka.NewReader(own)
			var sum byte // so that values are read
			for {
				got, err := reader.ReadMessage(ctx)
				if err != nil {
					bench.Fail("kafka-go: %v", err)
				}
				if len(got.Value) > 0 {
					sum += got.Value[0]
				}
				switch run.Count(1) {
				case total:
					run.End()
					close(finished)
				case run.Warmup:
					run.Begin()
				}
				_ = sum
			}
		}()
	}
	<-finished
}
