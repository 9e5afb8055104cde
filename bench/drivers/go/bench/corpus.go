// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/binary"
	"os"
	"syscall"
)

// HeaderKey is the key of a record's header, where it has one.
const HeaderKey = "trace"

const (
	fileHeader   = 16
	recordHeader = 12
	stride       = 1024 // every so many records the corpus keeps a place
)

// Corpus is the file of records, mapped and touched.
type Corpus struct {
	data   []byte
	places []int
	Count  int64
	Keyed  bool
}

// Cursor walks over records in order, from the start again after the last.
type Cursor struct {
	data []byte
	at   int
}

// OpenCorpus ends the program when the file cannot be read or is damaged.
func OpenCorpus(path string) *Corpus {
	file, err := os.Open(path)
	if err != nil {
		Refuse("%v", err)
	}
	defer file.Close()
	status, err := file.Stat()
	if err != nil {
		Refuse("%v", err)
	}
	if status.Size() < fileHeader {
		Refuse("%s: too short for a corpus", path)
	}
	data, err := syscall.Mmap(int(file.Fd()), 0, int(status.Size()), syscall.PROT_READ,
		syscall.MAP_SHARED|syscall.MAP_POPULATE)
	if err != nil {
		Refuse("%s: %v", path, err)
	}
	c := &Corpus{data: data, Count: int64(binary.LittleEndian.Uint32(data[8:]))}
	if string(data[:8]) != "KABC0001" || c.Count == 0 {
		Refuse("%s: not a corpus of this version", path)
	}
	c.Keyed = binary.LittleEndian.Uint32(data[12:])&1 != 0
	place := fileHeader
	for i := int64(0); i < c.Count; i++ {
		if i%stride == 0 {
			c.places = append(c.places, place)
		}
		if len(data)-place < recordHeader {
			Refuse("%s: ends within record %d", path, i)
		}
		key, value, header := sizes(data[place:])
		if len(data)-place-recordHeader < key+value+header {
			Refuse("%s: ends within record %d", path, i)
		}
		place += recordHeader + key + value + header
	}
	if place != len(data) {
		Refuse("%s: bytes after the last record", path)
	}
	return c
}

func sizes(data []byte) (key, value, header int) {
	return int(binary.LittleEndian.Uint32(data)), int(binary.LittleEndian.Uint32(data[4:])),
		int(binary.LittleEndian.Uint32(data[8:]))
}

// Size is that of the file in bytes.
func (c *Corpus) Size() int { return len(c.data) }

// Cursor begins at record `index` of the run, that is `index` modulo the count.
func (c *Corpus) Cursor(index int64) Cursor {
	wanted := index % c.Count
	cursor := Cursor{c.data, c.places[wanted/stride]}
	for i := int64(0); i < wanted%stride; i++ {
		cursor.Next()
	}
	return cursor
}

// Next gives the next record; key and header value are nil where there is none.
func (c *Cursor) Next() (key, value, header []byte) {
	at := c.at + recordHeader
	keySize, valueSize, headerSize := sizes(c.data[c.at:])
	if keySize > 0 {
		key = c.data[at : at+keySize : at+keySize]
	}
	at += keySize
	value = c.data[at : at+valueSize : at+valueSize]
	at += valueSize
	if headerSize > 0 {
		header = c.data[at : at+headerSize : at+headerSize]
	}
	c.at = at + headerSize
	if c.at == len(c.data) {
		c.at = fileHeader
	}
	return key, value, header
}
