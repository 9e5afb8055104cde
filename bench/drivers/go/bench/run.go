// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// The monotonic clock of when the program was started, as bench-launch noted it; without it when
// package variables were set, just before main.
var startedNS = func() int64 {
	now := monotonic()
	noted, err := strconv.ParseInt(os.Getenv("KAFKA_ASIO_BENCH_EXEC_NS"), 10, 64)
	if err != nil || noted <= 0 || noted > now {
		return now
	}
	return noted
}()

// monotonic reads CLOCK_MONOTONIC: that of package time begins anywhere.
func monotonic() int64 {
	const clockMonotonic = 1
	var at syscall.Timespec
	if _, _, failed := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic,
		uintptr(unsafe.Pointer(&at)), 0); failed != 0 {
		Fail("clock_gettime: %v", failed)
	}
	return at.Nano()
}

// Patience is how long a run may go without a record before it has failed.
const Patience = 120 * time.Second

// Way is one use of the client. Run does it all, warm-up included.
type Way struct {
	Name, What string
	Modes      []Mode
	Run        func(*Run)
}

// Run is what one run costs. A way calls Begin after its warm-up and End at the last
// acknowledgement or record.
type Run struct {
	*Options
	Latency  Histogram
	done     atomic.Int64 // acknowledged or read records, warm-up included
	awaited  atomic.Int64 // how many of them someone waits for
	reached  chan struct{}
	settings map[string]string
	trouble  string
	mutex    sync.Mutex // of settings and trouble

	begun, ended              clocks
	idleRSS, peakRSS, rssFile int64
	threads                   int
}

type clocks struct {
	at                   time.Time
	monotonic            int64
	user, system         float64
	mallocs, mallocBytes uint64
}

// now reads the clocks, but not what was allocated: that takes longer.
func now() clocks {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		Fail("getrusage: %v", err)
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return clocks{at: time.Now(), monotonic: monotonic(), user: seconds(usage.Utime), system: seconds(usage.Stime)}
}

// Setting notes something that was set, by the client's own name.
func (r *Run) Setting(name string, value any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.settings[name] = fmt.Sprint(value)
}

// Trouble notes what a client complains of while it tries again: the watch ends with it.
func (r *Run) Trouble(text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.trouble = ", " + text
}

// Begin starts the measured part.
func (r *Run) Begin() {
	r.idleRSS = memory("VmRSS")
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	r.begun = now()
	r.begun.mallocs, r.begun.mallocBytes = heap.Mallocs, heap.TotalAlloc
}

// End ends the measured part.
func (r *Run) End() {
	r.ended = now()
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	r.ended.mallocs, r.ended.mallocBytes = heap.Mallocs, heap.TotalAlloc
	r.peakRSS, r.rssFile = memory("VmHWM"), memory("RssFile")
	if tasks, err := os.ReadDir("/proc/self/task"); err == nil {
		r.threads = len(tasks)
	}
}

// memory gives a line of /proc/self/status in bytes; 0 where it is not there.
func memory(name string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name+":"); found {
			kilobytes, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes * 1024
		}
	}
	return 0
}

func round(value float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(value*scale) / scale
}

func (r *Run) line(client string) string {
	wall, messages := r.ended.at.Sub(r.begun.at).Seconds(), r.Messages
	if r.Mode == Start {
		wall, messages = float64(r.ended.monotonic-startedNS)/1e9, 1
	}
	line := map[string]any{
		"client": client, "way": r.Way, "messages": messages,
		"wall_s": round(wall, 6),
		"user_s": round(r.ended.user-r.begun.user, 6), "system_s": round(r.ended.system-r.begun.system, 6),
		"threads": r.threads, "peak_rss": r.peakRSS, "idle_rss": r.idleRSS, "rss_file": r.rssFile,
		"allocations":     r.ended.mallocs - r.begun.mallocs,
		"allocated_bytes": r.ended.mallocBytes - r.begun.mallocBytes,
		"settings":        r.settings,
	}
	if r.Mode == Latency {
		figures := r.Latency.figures()
		for name, value := range figures {
			figures[name] = round(value, 1)
		}
		line["latency_us"] = figures
	}
	text, err := json.Marshal(line)
	if err != nil {
		Fail("the line: %v", err)
	}
	return string(text)
}

// Count adds records that were acknowledged or read and gives their number so far.
func (r *Run) Count(records int64) int64 {
	done := r.done.Add(records)
	if awaited := r.awaited.Load(); done >= awaited && done-records < awaited {
		select {
		case r.reached <- struct{}{}:
		default:
		}
	}
	return done
}

// WaitFor blocks until so many records are done.
func (r *Run) WaitFor(records int64) {
	r.awaited.Store(records)
	for r.done.Load() < records {
		<-r.reached
	}
}

// Done is how many records are acknowledged or read.
func (r *Run) Done() int64 { return r.done.Load() }

// watch ends a program that has come to a standstill.
func (r *Run) watch() {
	last, since := int64(-1), time.Now()
	for {
		time.Sleep(time.Second)
		done := r.done.Load()
		if done != last {
			last, since = done, time.Now()
		} else if time.Since(since) > Patience {
			r.mutex.Lock()
			Fail("no progress for %v: %d records are done%s", Patience, done, r.trouble)
		}
	}
}

// Split calls produce(first, after) on each of the options' threads; together they cover the
// records from `first` until before `after`. It returns when all have.
func (r *Run) Split(first, after int64, produce func(first, after int64)) {
	if r.Threads == 1 {
		produce(first, after)
		return
	}
	var group sync.WaitGroup
	count, threads := after-first, int64(r.Threads)
	for i := range threads {
		group.Go(func() { produce(first+count*i/threads, first+count*(i+1)/threads) })
	}
	group.Wait()
}

// Pace calls send(i, due) for each of `count` records when it is due, on a thread of its own: the
// scheduler's own sleep wakes up to a millisecond late.
func (r *Run) Pace(count int64, send func(i int64, due time.Time)) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const shortest = 50 * time.Microsecond
	start, gap := time.Now(), 1e9/float64(r.Rate)
	for i := range count {
		due := start.Add(time.Duration(gap * float64(i)))
		for left := time.Until(due); left > 0; left = time.Until(due) {
			pause := syscall.NsecToTimespec(int64(max(left, shortest)))
			_ = syscall.Nanosleep(&pause, nil)
		}
		send(i, due)
	}
}

// InTurns makes one function of several for Split: each gets a thousand records, then the next.
func InTurns(produce []func(first, after int64)) func(first, after int64) {
	const turn = 1000
	return func(first, after int64) {
		for at := first; at < after; at += turn {
			produce[(at-first)/turn%int64(len(produce))](at, min(at+turn, after))
		}
	}
}

// TLS is the configuration for the authority of the options, nil without one.
func (r *Run) TLS() *tls.Config {
	if r.CA == "" {
		return nil
	}
	text, err := os.ReadFile(r.CA)
	if err != nil {
		Refuse("ca=%s: %v", r.CA, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		Refuse("ca=%s: no certificate in it", r.CA)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// ModuleVersion is that of a module which this program is built from, without the v.
func ModuleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == path {
				return strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return "(unknown)"
}

// Drive is the whole main of a driver.
func Drive(client string, ways []Way) {
	if len(os.Args) == 2 && os.Args[1] == "ways" {
		for _, way := range ways {
			fmt.Printf("%s\t%s\n", way.Name, way.What)
		}
		return
	}
	run := &Run{Options: ParseOptions(os.Args[1:]), settings: map[string]string{}, reached: make(chan struct{}, 1)}
	for _, way := range ways {
		if way.Name != run.Way {
			continue
		}
		for _, mode := range way.Modes {
			if mode == run.Mode {
				go run.watch()
				run.Setting("GOMAXPROCS", runtime.GOMAXPROCS(0))
				way.Run(run)
				fmt.Println(run.line(client))
				return
			}
		}
		Refuse("%s has no mode %s", way.Name, run.Mode)
	}
	Refuse("there is no way %s; the only argument `ways` lists them", run.Way)
}
