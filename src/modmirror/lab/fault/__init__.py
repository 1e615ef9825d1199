"""Rehearses faults between a mirror and its upstream, and measures what a client notices."""
