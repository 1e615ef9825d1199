"""The client that measures: one request at a time, every phase timed, every failure a class."""
