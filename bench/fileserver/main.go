// Command fileserver is what the bench measures against, and its upstream: net/http's own file server,
// as plain as it can be. With -rate it sends each answer at so many bytes a second.
package main

import (
	"flag"
	"log"
	"net/http"
	"time"
)

// A quantum is short enough that a reader sees an even flow, and long enough to sleep through.
const quantum = 2 * time.Millisecond

type paced struct {
	http.ResponseWriter
	rate  float64
	start time.Time
	sent  float64
}

func (p *paced) Write(data []byte) (int, error) {
	if p.start.IsZero() {
		p.start = time.Now()
	}
	piece := int(p.rate * quantum.Seconds())
	written := 0
	for written < len(data) {
		end := min(written+piece, len(data))
		n, err := p.ResponseWriter.Write(data[written:end])
		written += n
		if err != nil {
			return written, err
		}
		p.sent += float64(n)
		due := p.start.Add(time.Duration(p.sent / p.rate * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			if flusher, ok := p.ResponseWriter.(http.Flusher); ok {
				flusher.Flush()
			}
			time.Sleep(wait)
		}
	}
	return written, nil
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	root := flag.String("root", ".", "directory")
	rate := flag.Float64("rate", 0, "bytes a second for each answer; 0 for no limit")
	flag.Parse()
	handler := http.FileServer(http.Dir(*root))
	if *rate > 0 {
		plain := handler
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			plain.ServeHTTP(&paced{ResponseWriter: w, rate: *rate}, r)
		})
	}
	log.Fatal(http.ListenAndServe(*listen, handler))
}
