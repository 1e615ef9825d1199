"""modmirror: a Go module mirror that measures."""
