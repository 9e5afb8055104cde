// SPDX-License-Identifier: Apache-2.0

// Reads a topic with kafka-go; see tests/cluster/test_writer.py.
//
//	read BROKER TOPIC PARTITIONS OUT
//
// OUT gets a line for each record with partition, offset, time, key, headers and value, with tabs
// between them.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

const limit = 120 * time.Second

func write(out *bufio.Writer, message kafka.Message) {
	fmt.Fprintf(out, "%d\t%d\t%d\t%s\t", message.Partition, message.Offset,
		message.Time.UnixMilli(), message.Key)
	for i, header := range message.Headers {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(out, "%s=%s", header.Key, header.Value)
	}
	out.WriteByte('\t')
	out.Write(message.Value)
	out.WriteByte('\n')
}

func readPartition(ctx context.Context, broker, topic string, partition int, out *bufio.Writer) error {
	conn, err := kafka.DialLeader(ctx, "tcp", broker, topic, partition)
	if err != nil {
		return err
	}
	end, err := conn.ReadLastOffset()
	conn.Close()
	if err != nil {
		return err
	}
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{broker}, Topic: topic, Partition: partition, MaxBytes: 10 << 20,
		// It reads ahead, and closing it waits for that: ten seconds by default.
		MaxWait: 100 * time.Millisecond,
	})
	defer reader.Close()
	for reader.Offset() < end {
		message, err := reader.ReadMessage(ctx)
		if err != nil {
			return fmt.Errorf("partition %d, offset %d: %w", partition, reader.Offset(), err)
		}
		write(out, message)
	}
	return nil
}

func run(broker, topic, partitions, path string) error {
	count, err := strconv.Atoi(partitions)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	for partition := 0; partition < count; partition++ {
		if err := readPartition(ctx, broker, topic, partition, out); err != nil {
			return err
		}
	}
	return out.Flush()
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: read BROKER TOPIC PARTITIONS OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
