"""Emulated networks: regions with latency, jitter, loss and bandwidth behind one interface."""
