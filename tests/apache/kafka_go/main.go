// SPDX-License-Identifier: Apache-2.0

// How kafka-go chooses partitions; see test_balancers.py.
//
//	partitions BALANCER CHUNK QUESTIONS ANSWERS
//
// Questions and answers are those of peer_balancers.cpp: big-endian numbers.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"

	"github.com/segmentio/kafka-go"
)

func balancer(name string, chunk int) (kafka.Balancer, error) {
	switch name {
	case "murmur2":
		return kafka.Murmur2Balancer{}, nil
	case "murmur2 consistent":
		return kafka.Murmur2Balancer{Consistent: true}, nil
	case "crc32":
		return kafka.CRC32Balancer{}, nil
	case "crc32 consistent":
		return kafka.CRC32Balancer{Consistent: true}, nil
	case "hash":
		return &kafka.Hash{}, nil
	case "reference hash":
		return &kafka.ReferenceHash{}, nil
	case "least bytes":
		return &kafka.LeastBytes{}, nil
	case "round robin":
		return &kafka.RoundRobin{ChunkSize: chunk}, nil
	}
	return nil, fmt.Errorf("no balancer %q", name)
}

func run(name, chunk, questions, answers string) error {
	size, err := strconv.Atoi(chunk)
	if err != nil {
		return err
	}
	chooses, err := balancer(name, size)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(questions)
	if err != nil {
		return err
	}
	number := func() int32 {
		value := int32(binary.BigEndian.Uint32(content))
		content = content[4:]
		return value
	}
	partitions := make([]int, number())
	for i := range partitions {
		partitions[i] = i
	}
	content = content[4*number():]
	var out bytes.Buffer
	value := make([]byte, 1<<16)
	for len(content) > 0 {
		var message kafka.Message
		if length := number(); length >= 0 {
			message.Key = content[:length:length]
			content = content[length:]
		}
		message.Value = value[:number()]
		chosen := chooses.Balance(message, partitions...)
		if err := binary.Write(&out, binary.BigEndian, int32(chosen)); err != nil {
			return err
		}
	}
	return os.WriteFile(answers, out.Bytes(), 0o600)
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: partitions BALANCER CHUNK QUESTIONS ANSWERS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
