// Command containers is what the containers of the node tests run: the pause that holds a pod together, and the hello
// of the story. No registry is asked for an image, so they are built here, without a library.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM, syscall.SIGINT)
	if len(os.Args) > 1 && os.Args[1] == "hello" {
		go serve()
	} else {
		go reap()
	}
	<-ending
}

func serve() {
	host, _ := os.Hostname()
	err := http.ListenAndServe(":8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "hello from %s\n", host)
	}))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Pods that share their processes make pause the parent of every orphan.
func reap() {
	died := make(chan os.Signal, 16)
	signal.Notify(died, syscall.SIGCHLD)
	for range died {
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != nil || pid <= 0 {
				break
			}
		}
	}
}
