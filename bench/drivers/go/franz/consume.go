// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"kafka-asio/bench/drivers/bench"
)

func consumer(run *bench.Run, pools ...kgo.Pool) *kgo.Client {
	offsets := map[int32]kgo.Offset{}
	for partition := range int32(run.Partitions) {
		offsets[partition] = kgo.NewOffset().At(0)
	}
	options := append(common(run),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{run.Topic: offsets}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	if run.Tuned {
		options = append(options, kgo.FetchMaxPartitionBytes(int32(run.Fetch)))
		run.Setting("FetchMaxPartitionBytes", run.Fetch)
		if most := int32(run.Fetch); most > 50<<20 {
			options = append(options, kgo.FetchMaxBytes(most))
			run.Setting("FetchMaxBytes", most)
		}
	}
	if len(pools) > 0 {
		options = append(options, kgo.WithPools(pools...))
		run.Setting("WithPools", "PoolRecords, PoolDecompressBytes")
	}
	return connect(options)
}

// tally counts records in one goroutine and knows where the measured part begins and ends.
type tally struct {
	run   *bench.Run
	first byte // the sum of all values' first bytes, so that they are read
	seen  int64
	begun bool
}

func newTally(run *bench.Run) *tally {
	t := &tally{run: run}
	t.look()
	return t
}

func (t *tally) touch(record *kgo.Record) {
	if len(record.Value) > 0 {
		t.first += record.Value[0]
	}
	t.seen++
	if t.seen == t.run.Warmup || t.seen == t.run.Warmup+t.run.Messages {
		t.look()
	}
}

func (t *tally) look() {
	if !t.begun && t.seen >= t.run.Warmup {
		t.begun = true
		t.run.Begin()
	} else if t.done() {
		t.run.End()
	}
}

func (t *tally) done() bool { return t.seen >= t.run.Warmup+t.run.Messages }

// fetch polls, ends the program on errors, and tells the watch.
func (t *tally) fetch(client *kgo.Client) kgo.Fetches {
	before := t.seen
	t.run.Count(before - t.run.Done())
	fetches := client.PollFetches(context.Background())
	for _, failed := range fetches.Errors() {
		bench.Fail("franz-go: %s/%d: %v", failed.Topic, failed.Partition, failed.Err)
	}
	return fetches
}

func poll(run *bench.Run) {
	client := consumer(run)
	tally := newTally(run)
	for !tally.done() {
		tally.fetch(client).EachPartition(func(partition kgo.FetchTopicPartition) {
			for _, record := range partition.Records {
				tally.touch(record)
			}
		})
	}
}

func pollPooled(run *bench.Run) {
	client := consumer(run, newFetchPool())
	tally := newTally(run)
	for !tally.done() {
		tally.fetch(client).EachPartition(func(partition kgo.FetchTopicPartition) {
			for _, record := range partition.Records {
				tally.touch(record)
				record.Recycle()
			}
		})
	}
}

func iterate(run *bench.Run) {
	client := consumer(run)
	tally := newTally(run)
	for !tally.done() {
		for records := tally.fetch(client).RecordIter(); !records.Done(); {
			tally.touch(records.Next())
		}
	}
}
