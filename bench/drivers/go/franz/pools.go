// SPDX-License-Identifier: Apache-2.0

package main

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// recordPool gives Records to a producer and takes them back from its promises.
type recordPool struct{ records sync.Pool }

func newRecordPool() *recordPool {
	return &recordPool{sync.Pool{New: func() any { return new(kgo.Record) }}}
}

func (p *recordPool) get() *kgo.Record { return p.records.Get().(*kgo.Record) }

func (p *recordPool) put(record *kgo.Record) {
	*record = kgo.Record{Headers: record.Headers[:0]}
	p.records.Put(record)
}

// fetchPool gives a consumer the slices that it decodes into.
type fetchPool struct {
	records sync.Pool // *[]kgo.Record
	bytes   sync.Pool // *[]byte
}

func newFetchPool() *fetchPool { return new(fetchPool) }

// GetRecords implements kgo.PoolRecords.
func (p *fetchPool) GetRecords(n int) []kgo.Record {
	if slice, ok := p.records.Get().(*[]kgo.Record); ok && cap(*slice) >= n {
		return (*slice)[:0]
	}
	return make([]kgo.Record, 0, n)
}

// PutRecords implements kgo.PoolRecords.
func (p *fetchPool) PutRecords(records []kgo.Record) {
	records = records[:0]
	p.records.Put(&records)
}

// GetDecompressBytes implements kgo.PoolDecompressBytes.
func (p *fetchPool) GetDecompressBytes(compressed []byte, _ kgo.CompressionCodecType) []byte {
	if slice, ok := p.bytes.Get().(*[]byte); ok {
		return (*slice)[:0]
	}
	return make([]byte, 0, 4*len(compressed))
}

// PutDecompressBytes implements kgo.PoolDecompressBytes.
func (p *fetchPool) PutDecompressBytes(bytes []byte) {
	bytes = bytes[:0]
	p.bytes.Put(&bytes)
}
