// SPDX-License-Identifier: Apache-2.0

// Package bench is what every driver in Go needs; nothing in here knows a Kafka client. What it
// does is described in bench/drivers/README.md.
package bench

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// Mode is what a run does.
type Mode string

// The modes.
const (
	Produce Mode = "produce"
	Consume Mode = "consume"
	Latency Mode = "latency"
	Start   Mode = "start"
)

// Options are those of bench/drivers/README.md, checked.
type Options struct {
	Way        string
	Mode       Mode
	Bootstrap  []string
	Topic      string
	Partitions int
	Corpus     string
	Messages   int64
	Warmup     int64
	Acks       int // -1: all
	Codec      string
	CodecLevel *int // nil: the client's default
	Batch      int
	Linger     *time.Duration // nil: the client's default
	InFlight   int
	Idempotent bool
	Threads    int
	Clients    int
	Tuned      bool
	Fetch      int
	Rate       int64
	CA         string
}

// Refuse ends the program: an option is bad, or this client or way cannot honour it.
func Refuse(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(2)
}

// Fail ends the program: the run failed.
func Fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

const many = 1_000_000_000_000

func number(name, text string, least, most int64) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < least || value > most {
		Refuse("%s=%s: a number from %d to %d is needed", name, text, least, most)
	}
	return value
}

func oneOf(name, text string, allowed ...string) string {
	for _, value := range allowed {
		if text == value {
			return text
		}
	}
	Refuse("%s=%s: one of %s is needed", name, text, strings.Join(allowed, ", "))
	return ""
}

func (o *Options) set(name, text string) bool {
	switch name {
	case "way":
		o.Way = text
	case "mode":
		o.Mode = Mode(oneOf(name, text, "produce", "consume", "latency", "start"))
	case "bootstrap":
		o.Bootstrap = strings.Split(text, ",")
	case "topic":
		o.Topic = text
	case "partitions":
		o.Partitions = int(number(name, text, 1, 100_000))
	case "corpus":
		o.Corpus = text
	case "messages":
		o.Messages = number(name, text, 1, many)
	case "warmup":
		o.Warmup = number(name, text, 0, many)
	case "acks":
		o.Acks = map[string]int{"all": -1, "-1": -1, "1": 1, "0": 0}[oneOf(name, text, "all", "-1", "1", "0")]
	case "codec":
		codec, level, hasLevel := strings.Cut(text, ":")
		o.Codec = oneOf(name, codec, "none", "gzip", "snappy", "lz4", "zstd")
		if hasLevel {
			value := int(number(name, level, -131_072, 22))
			o.CodecLevel = &value
		}
	case "batch":
		o.Batch = int(number(name, text, 1, 1_000_000_000))
	case "linger_us":
		if text == "default" {
			o.Linger = nil
		} else {
			value := time.Duration(number(name, text, 0, 60_000_000)) * time.Microsecond
			o.Linger = &value
		}
	case "in_flight":
		o.InFlight = int(number(name, text, 1, 1_000_000))
	case "idempotent":
		o.Idempotent = number(name, text, 0, 1) == 1
	case "threads":
		o.Threads = int(number(name, text, 1, 1024))
	case "clients":
		o.Clients = int(number(name, text, 1, 1024))
	case "settings":
		o.Tuned = oneOf(name, text, "tuned", "defaults") == "tuned"
	case "fetch":
		o.Fetch = int(number(name, text, 1, 1_000_000_000))
	case "rate":
		o.Rate = number(name, text, 1, 100_000_000)
	case "ca":
		o.CA = text
	default:
		return false
	}
	return true
}

// ParseOptions ends the program on anything that is wrong in itself.
func ParseOptions(arguments []string) *Options {
	linger := 5 * time.Millisecond
	o := &Options{
		Mode: Produce, Topic: "bench", Partitions: 1, Messages: 1_000_000, Warmup: 10_000, Acks: -1,
		Codec: "none", Batch: 1_000_000, Linger: &linger, InFlight: 5, Threads: 1, Clients: 1, Tuned: true,
		Fetch: 1 << 20, Rate: 1000,
	}
	seen := map[string]bool{}
	for _, argument := range arguments {
		name, text, found := strings.Cut(argument, "=")
		if !found {
			Refuse("%s: options have the form NAME=VALUE", argument)
		}
		if seen[name] {
			Refuse("%s is given twice", name)
		}
		seen[name] = true
		if !o.set(name, text) {
			Refuse("there is no option %s", name)
		}
	}
	if o.Way == "" {
		Refuse("way= is needed; the only argument `ways` lists them")
	}
	if len(o.Bootstrap) == 0 || o.Bootstrap[0] == "" {
		Refuse("bootstrap= is needed")
	}
	if o.Clients > 1 && (o.Mode != Produce || o.Threads > 1) {
		Refuse("clients= is for mode=produce with one thread")
	}
	if o.Mode != Consume && o.Corpus == "" {
		Refuse("corpus= is needed to produce")
	}
	if o.Warmup > math.MaxInt64-o.Messages {
		Refuse("warmup=%d: too many", o.Warmup)
	}
	return o
}

// NoLevel refuses a level for a codec whose implementation here has none.
func (o *Options) NoLevel(client string) {
	if o.CodecLevel != nil {
		Refuse("%s has no levels of %s", client, o.Codec)
	}
}
